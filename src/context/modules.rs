//! What a `go.mod` says.

use std::collections::BTreeSet;

/// A module of Go's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// What its packages are imported by: `example.com/module`.
    pub name: Box<str>,
    /// The modules that its own packages import.
    pub direct: BTreeSet<Box<str>>,
    /// What those need besides.
    pub indirect: BTreeSet<Box<str>>,
    /// Both are all that a build may use, as they are since Go 1.17.
    pub is_whole: bool,
}

impl Module {
    /// Reads one; `None` for what has no name.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (mut name, mut minor) = (None, None);
        let (mut direct, mut indirect) = (BTreeSet::new(), BTreeSet::new());
        let mut block = "";
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let Some(first) = words.next() else { continue };
            if block.is_empty() && words.clone().next() == Some("(") {
                block = first;
                continue;
            }
            if first.starts_with(')') {
                block = "";
                continue;
            }
            let directive = if block.is_empty() { first } else { block };
            let operand = if block.is_empty() { words.next() } else { Some(first) };
            match (directive, operand) {
                ("module", Some(own)) => name = Some(own.trim_matches('"')),
                ("go", Some(version)) => {
                    minor = version.strip_prefix("1.").and_then(|rest| rest.split('.').next()?.parse().ok());
                }
                ("require", Some(module)) => {
                    let is_indirect =
                        line.rsplit_once("//").is_some_and(|(_, note)| note.trim() == "indirect");
                    (if is_indirect { &mut indirect } else { &mut direct })
                        .insert(module.trim_matches('"').into());
                }
                _ => {}
            }
        }
        let is_whole = minor.is_some_and(|minor: u32| minor >= 17);
        Some(Self { name: name?.into(), direct, indirect, is_whole })
    }

    /// Whether it asks for another.
    pub(super) fn asks_for(&self, module: &str) -> bool {
        self.direct.contains(module) || self.indirect.contains(module)
    }

    /// All that it asks for.
    pub(super) fn asked(&self) -> impl Iterator<Item = &str> {
        self.direct.iter().chain(&self.indirect).map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_told_from_what_that_needs() {
        let text = "// a comment\nmodule \"a.b/c\"\n\ngo 1.21.3\n\nrequire d.e/f v1\nrequire (\n\tg.h/i v2 // why\n\tj.k/l v3 // indirect\n)\nexclude m.n/o v1\nreplace (\n\tg.h/i v2 => ../i\n)\n";
        let module = Module::read(text).unwrap();
        assert_eq!(&*module.name, "a.b/c");
        assert!(module.is_whole);
        assert_eq!(module.direct.iter().map(|name| &**name).collect::<Vec<_>>(), ["d.e/f", "g.h/i"]);
        assert_eq!(module.indirect.iter().map(|name| &**name).collect::<Vec<_>>(), ["j.k/l"]);
        assert!(!Module::read("module x\ngo 1.16\n").unwrap().is_whole);
        assert_eq!(Module::read("go 1.21\n"), None);
    }
}
