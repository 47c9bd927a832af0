//! What a command asks for of its project.

use crate::context::CargoBuild;
use crate::shell::SimpleCommand;

use super::cargo::Options;
use super::programs::{Scale, operands};

/// What a command whose work grows with its project asks for of it.
#[derive(Debug, Default)]
pub enum Asked<'c> {
    /// All that a usual one does.
    #[default]
    Usual,
    /// Packages, programs and features, of cargo.
    Cargo(Options<'c>),
    /// Programs by their packages, of Go; none for the one in its folder.
    Go(Vec<&'c str>),
}

impl<'c> Asked<'c> {
    /// Reads a command whose work grows with `scale`.
    pub(super) fn of(scale: Scale, command: &'c SimpleCommand<'_>) -> Self {
        let mut operands = operands(command);
        match (scale, command.base_name()) {
            (Scale::Rust, _) => Self::Cargo(Options::of(command)),
            (Scale::Go, "go" | "xx-go" | "goxx-go" | "tinygo") => match operands.next() {
                Some("build" | "install") => Self::Go(operands.collect()),
                // What stands behind it is for the program.
                Some("run") => Self::Go(operands.take(1).collect()),
                _ => Self::Usual,
            },
            _ => Self::Usual,
        }
    }

    /// What is asked of cargo in a folder.
    pub(super) fn cargo<'b>(&'b self, folder: &'b str) -> CargoBuild<'b> {
        match self {
            Self::Cargo(options) => options.build(folder),
            Self::Usual | Self::Go(_) => CargoBuild { folder, ..CargoBuild::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn packages_of_go_are_what_is_no_option() {
        for (script, expected) in [
            (
                "CGO_ENABLED=0 go build -ldflags \"-s -w\" -o /out/ ./cmd/a ./cmd/b",
                Some(vec!["./cmd/a", "./cmd/b"]),
            ),
            ("xx-go build -tags netgo -o=/x .", Some(vec!["."])),
            ("go -C sub install -trimpath", Some(vec![])),
            ("go run ./gen -x y", Some(vec!["./gen"])),
            ("go generate ./...", None),
            ("garble build ./cmd/a", None),
        ] {
            let commands = commands(script);
            let asked = Asked::of(Scale::Go, &commands[0]);
            let packages = if let Asked::Go(packages) = asked { Some(packages) } else { None };
            assert_eq!(packages, expected, "{script}");
        }
        let other = commands("cargo build -p x");
        assert!(Asked::of(Scale::Crates, &other[0]).cargo("").packages.is_empty());
        assert_eq!(Asked::of(Scale::Rust, &other[0]).cargo("").packages, ["x"]);
    }
}
