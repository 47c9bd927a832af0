//! Parser directives: `# syntax=`, `# escape=`, `# check=` at the top of the file.

use super::ast::{DirectiveKind, Escape};

/// Reads directives until the first line that is none.
#[derive(Debug, Default)]
pub(super) struct Directives {
    seen: Vec<DirectiveKind>,
    done: bool,
}

/// What a line at the top of the file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// No directive; none may follow.
    Other,
    /// A directive with its value.
    Directive(DirectiveKind, &'a str),
    /// A directive that stood before.
    Repeated(DirectiveKind, &'a str),
}

impl Directives {
    /// No directive may follow.
    pub(super) fn end(&mut self) {
        self.done = true;
    }

    /// Looks at one line without its leading white space and line end.
    pub(super) fn read<'a>(&mut self, line: &'a str) -> Line<'a> {
        if self.done {
            return Line::Other;
        }
        let Some((kind, value)) = as_directive(line) else {
            self.done = true;
            return Line::Other;
        };
        if self.seen.contains(&kind) {
            return Line::Repeated(kind, value);
        }
        self.seen.push(kind);
        Line::Directive(kind, value)
    }
}

/// The directive that a line without its leading white space would be at the top of the file: `# name = value`, the name
/// one of the three that mean something.
pub(crate) fn as_directive(line: &str) -> Option<(DirectiveKind, &str)> {
    const SPACE: [char; 5] = [' ', '\t', '\n', '\x0c', '\r'];
    let (name, value) = line.strip_prefix('#')?.trim_start().split_once('=')?;
    let kind = match name.trim_end_matches(SPACE).to_ascii_lowercase().as_str() {
        "syntax" => DirectiveKind::Syntax,
        "escape" => DirectiveKind::Escape,
        "check" => DirectiveKind::Check,
        _ => return None,
    };
    let value = value.trim_matches(SPACE);
    (!value.is_empty()).then_some((kind, value))
}

/// The escape character that a directive's value names.
pub(super) fn escape(value: &str) -> Option<Escape> {
    match value {
        "\\" => Some(Escape::Backslash),
        "`" => Some(Escape::Backtick),
        _ => None,
    }
}

/// What `# check=` asks of the build checks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CheckOptions<'a> {
    skipped: Vec<&'a str>,
    /// A check that finds something fails the build.
    pub(crate) fails: bool,
}

impl CheckOptions<'_> {
    /// Whether a check is turned off.
    pub(crate) fn skips(&self, check: &str) -> bool {
        self.skipped == ["all"] || self.skipped.contains(&check)
    }
}

/// Reads the options of `# check=`, or says why BuildKit refuses them.
pub(crate) fn check_options(value: &str) -> Result<CheckOptions<'_>, String> {
    let mut options = CheckOptions::default();
    for option in value.splitn(3, ';').filter(|_| !value.trim().is_empty()) {
        let Some((key, value)) = option.split_once('=') else {
            return Err(format!("`{option}` is not of the form key=value"));
        };
        let value = value.trim();
        match key.trim() {
            "skip" => options.skipped = value.split(',').map(str::trim).collect(),
            "experimental" => {}
            "error" => {
                let fails =
                    parse_bool(value).ok_or_else(|| format!("`{value}` is neither true nor false"))?;
                options.fails = fails;
            }
            other => return Err(format!("`{other}` is none of skip, experimental and error")),
        }
    }
    Ok(options)
}

/// The part of a directive's value that holds the options.
pub(crate) fn check_value(value: &str) -> &str {
    value.split(' ').next().unwrap_or_default()
}

/// A truth value as Go's `strconv.ParseBool` takes it.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_stand_at_the_top() {
        let mut directives = Directives::default();
        assert_eq!(
            directives.read("# Syntax = docker/dockerfile:1 "),
            Line::Directive(DirectiveKind::Syntax, "docker/dockerfile:1")
        );
        assert_eq!(directives.read("#escape=`"), Line::Directive(DirectiveKind::Escape, "`"));
        assert_eq!(directives.read("# escape=\\"), Line::Repeated(DirectiveKind::Escape, "\\"));
        assert_eq!(directives.read("# a comment"), Line::Other);
        assert_eq!(directives.read("# check=skip=all"), Line::Other);
    }

    #[test]
    fn what_is_no_directive_ends_them() {
        for line in ["", "FROM a", "# other=1", "# syntax", "# syntax=", "# syn tax=1", "#"] {
            assert_eq!(Directives::default().read(line), Line::Other, "{line}");
        }
    }

    #[test]
    fn options_of_checks() {
        for fine in ["skip=all", "skip=A,B;error=true", "error=1;experimental=all", "skip=a b", ""] {
            assert!(check_options(fine).is_ok(), "{fine}");
        }
        for wrong in ["skip", "error=maybe", "other=1", "skip=a;;error=true"] {
            assert!(check_options(wrong).is_err(), "{wrong}");
        }
        let options = check_options("skip=A, B;error=true").unwrap();
        assert!(options.skips("B") && !options.skips("C") && options.fails);
        assert!(check_options("skip=all").unwrap().skips("C"));
        assert_eq!(check_value("skip=A and why"), "skip=A");
    }
}
