//! What a script can ask the machine that it runs on, and which variables are surely unset there.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::advice::facts::sight::{Told, told};
use crate::analysis::{Asked, View};
use crate::model::platform::Platform;
use crate::shell::interpret::{Call, Environment, Followed, Text, World};
use crate::translate::{Toolchain, go_architecture, translate};

/// The machine that a script runs on.
pub(super) struct Machine<'s> {
    pub(super) platform: &'s Platform,
    /// Whether a script was told something of the platform.
    pub(super) asked: Cell<bool>,
    /// Whether its programs are built on musl.
    pub(super) is_musl: bool,
    pub(super) go: &'s BTreeMap<SmolStr, Text>,
    pub(super) lost: &'s BTreeSet<SmolStr>,
    pub(super) declared: &'s BTreeSet<&'s str>,
    /// The script, on an official image: these bring no names that others would take.
    pub(super) script: &'s str,
    /// What it sets itself, somewhere.
    pub(super) assigned: OnceCell<BTreeSet<&'s str>>,
    pub(super) view: Option<&'s View<'s>>,
}

impl Machine<'_> {
    fn platform(&self) -> &Platform {
        self.asked.set(true);
        self.platform
    }
}

/// Node's name for an architecture.
fn node_name(platform: &Platform) -> Option<&str> {
    Some(match &*platform.architecture {
        "amd64" => "x64",
        "386" => "ia32",
        "ppc64le" => "ppc64",
        same @ ("arm64" | "arm" | "riscv64" | "s390x" | "loong64") => same,
        _ => return None,
    })
}

/// Whether a program of Node's prints its architecture and nothing else.
fn asks_node(code: &str) -> bool {
    let code = code.trim().trim_end_matches(';');
    let printed = code.strip_prefix("console.log(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(code);
    let printed = printed.replace('"', "'");
    matches!(&*printed, "process.arch" | "os.arch()" | "require('os').arch()" | "require('node:os').arch()")
}

/// Whether a program of Python's prints the architecture of the machine and nothing else.
fn asks_python(code: &str) -> bool {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(
        code.trim_end_matches(';'),
        "importplatform;print(platform.machine())"
            | "importos;print(os.uname().machine)"
            | "importos;print(os.uname()[4])"
    )
}

impl World for Machine<'_> {
    fn answer(&self, words: &[&str], environment: &Environment) -> Option<String> {
        let name = words.first()?.rsplit('/').next()?;
        let of = |toolchain, field: &str| {
            Some(translate(self.platform(), toolchain).ok()?.field(field).ok()?.to_owned())
        };
        let text = match (name, words.get(1..)?) {
            ("uname", ["-m" | "-p" | "--machine"])
            | ("arch", [])
            | ("rpm", ["--eval" | "-E", "%{_arch}" | "%_arch"]) => of(Toolchain::Uname, "machine")?,
            ("uname", ["-s"] | []) => "Linux".to_owned(),
            ("dpkg", ["--print-architecture"])
            | ("dpkg-architecture", ["-qDEB_BUILD_ARCH" | "-qDEB_HOST_ARCH"]) => {
                of(Toolchain::Debian, "arch")?
            }
            ("apk", ["--print-arch"]) => of(Toolchain::Alpine, "arch")?,
            ("gcc" | "cc", ["-dumpmachine"]) if !self.is_musl => of(Toolchain::Gnu, "triple")?,
            ("rustc", ["-vV" | "-Vv"]) => {
                let triple = of(Toolchain::Rust, if self.is_musl { "musl-target" } else { "target" })?;
                format!("rustc\nhost: {triple}")
            }
            ("go", ["env", name @ ("GOHOSTARCH" | "GOARCH")]) => {
                let told = if *name == "GOARCH" { told(environment, self.go, name) } else { Told::Nothing };
                match told {
                    Told::Value(value) => value,
                    Told::Nothing => go_architecture(self.platform())?.to_owned(),
                    Told::Unknown => return None,
                }
            }
            ("go", ["env", "GOOS" | "GOHOSTOS"]) => "linux".to_owned(),
            ("node" | "nodejs", [_, code]) if asks_node(code) => node_name(self.platform())?.to_owned(),
            ("python" | "python3", ["-c", code]) if asks_python(code) => of(Toolchain::Uname, "machine")?,
            _ => return None,
        };
        Some(text + "\n")
    }

    fn read(&self, path: &str) -> Option<String> {
        if path == "/etc/apk/arch" && self.is_musl {
            return Some(
                translate(self.platform(), Toolchain::Alpine).ok()?.field("arch").ok()?.to_owned() + "\n",
            );
        }
        self.view?.read(path).map(str::to_owned)
    }

    fn scripts(&self, call: &Call) -> Vec<Followed> {
        self.view.map_or_else(Vec::new, |view| view.scripts(&Asked::of(call)))
    }

    fn is_unset(&self, name: &str) -> bool {
        let of_platform = ["TARGET", "BUILD"].iter().any(|prefix| {
            // What nobody sets is what somebody meant, too: `TARGET_ARCH`.
            let rest = name.strip_prefix(prefix).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
            rest.is_some_and(|rest| matches!(rest, "PLATFORM" | "OS" | "ARCH" | "VARIANT"))
        });
        let of_go = matches!(
            name,
            "GOOS" | "GOARCH" | "GOARM" | "GOAMD64" | "CGO_ENABLED" | "GOFLAGS" | "CARGO_BUILD_TARGET"
        );
        of_platform
            || of_go
            || self.declared.contains(name)
            || self.lost.contains(name)
            || self.assigned.get_or_init(|| assigned(self.script)).contains(name)
    }
}

/// The names that a script gives a value, but for those that images bring: paths, versions and options.
fn assigned(script: &str) -> BTreeSet<&str> {
    let is_brought = |name: &str| {
        ["PATH", "HOME", "VERSION", "LANG", "OPTS", "FLAGS", "OPTIONS"].iter().any(|end| name.ends_with(end))
    };
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let places = script.match_indices('=').filter_map(|(at, _)| {
        let name = script[..at].rsplit(|c| !is_part(c)).next().filter(|name| !name.is_empty())?;
        let before = script[..at - name.len()].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | ')' | '(' | '{')).then_some(name)
    });
    places.filter(|name| !is_brought(name)).collect()
}
