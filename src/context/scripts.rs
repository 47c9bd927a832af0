//! The texts of files that a step may run: makefiles, shell scripts, the scripts of a `package.json`, justfiles, Taskfiles.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Files beyond this many are not read: nearest to the root first.
pub const MAX_SCRIPTS: usize = 128;

/// Longer files are not read.
pub const MAX_SCRIPT_BYTES: u64 = 256 << 10;

/// Of all of them together, bytes beyond this many are not read.
pub const MAX_ALL_SCRIPT_BYTES: u64 = 4 << 20;

/// Of files that may be programs, so many are looked at: nearest to the root first.
pub const MAX_PROGRAMS: usize = 512;

/// Bytes of a file that tell whether it is a program, and for which architecture.
pub const ELF_HEAD: usize = 20;

/// Texts and programs by path, relative to the context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scripts {
    texts: BTreeMap<Box<str>, Arc<str>>,
    programs: BTreeMap<Box<str>, &'static str>,
}

impl Scripts {
    /// Whether a file is one that a step may run, by its name.
    pub fn takes(path: &str) -> bool {
        const NAMES: [&str; 11] = [
            "Makefile",
            "makefile",
            "GNUmakefile",
            "package.json",
            "justfile",
            "Justfile",
            ".justfile",
            "Taskfile.yml",
            "Taskfile.yaml",
            "taskfile.yml",
            "taskfile.yaml",
        ];
        let name = path.rsplit('/').next().unwrap_or(path);
        NAMES.contains(&name) || [".sh", ".bash", ".mk"].iter().any(|end| name.ends_with(end))
    }

    /// Keeps the text of a file.
    pub fn add(&mut self, path: &str, text: &str) {
        self.texts.insert(path.into(), text.into());
    }

    /// The text of a file; `None` where it was not read.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(|text| &**text)
    }

    /// Whether a file may be a program, by its name.
    pub fn may_be_program(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        !name.contains('.') || [".so", ".bin", ".elf"].iter().any(|end| name.ends_with(end))
    }

    /// Whether a file that begins so is read by a shell.
    pub fn is_of_shell(head: &[u8]) -> bool {
        let words = head.strip_prefix(b"#!").map(|rest| rest.split(|byte| b"/ \n".contains(byte)));
        words.into_iter().flatten().any(|word| matches!(word, b"sh" | b"bash" | b"dash" | b"ash"))
    }

    /// Keeps for which architecture a file is, where its first bytes are those of an ELF program.
    pub fn add_program(&mut self, path: &str, head: &[u8]) {
        if let Some(architecture) = architecture(head) {
            self.programs.insert(path.into(), architecture);
        }
    }

    /// The architecture of a program, in Docker's words.
    pub fn program(&self, path: &str) -> Option<&'static str> {
        self.programs.get(path).copied()
    }

    /// The paths of all texts.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(|path| &**path)
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Reads the text of a `package.json`.
pub(crate) fn package(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

/// The architecture in the head of an ELF file (`e_machine`; System V ABI, chapter 4).
fn architecture(head: &[u8]) -> Option<&'static str> {
    let [0x7f, b'E', b'L', b'F', _, order, ..] = head else { return None };
    let machine = head.get(18..ELF_HEAD)?.try_into().ok()?;
    let machine = if *order == 2 { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    Some(match machine {
        3 => "386",
        21 => "ppc64le",
        22 => "s390x",
        40 => "arm",
        62 => "amd64",
        183 => "arm64",
        243 => "riscv64",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_tell_architectures() {
        let head = |order: u8, machine: [u8; 2]| {
            let mut head = b"\x7fELF\x02".to_vec();
            head.push(order);
            head.resize(18, 0);
            head.extend(machine);
            head
        };
        assert_eq!(architecture(&head(1, [62, 0])), Some("amd64"));
        assert_eq!(architecture(&head(1, [183, 0])), Some("arm64"));
        assert_eq!(architecture(&head(2, [0, 22])), Some("s390x"));
        assert_eq!(architecture(&head(1, [183, 0])[..19]), None);
        assert_eq!(architecture(b"#!/bin/sh\nexec something\n"), None);
    }
}
