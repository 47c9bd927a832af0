//! What a rule is, apart from how it is detected: its names, how bad it is, and its page.

use super::Severity;

/// A kind of diagnostic.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The stable name that reports show, and that comments and settings use.
    pub code: &'static str,
    /// Names that comments and settings take as well: those it had before.
    pub aliases: &'static [&'static str],
    /// How bad it is, unless a project says otherwise.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// The build check of BuildKit that it is, or is a part of: `# check=skip=` turns it off.
    pub build_check: Option<&'static str>,
    /// Whether BuildKit makes the check on the whole file, where no comment above an instruction counts.
    pub is_of_file: bool,
    /// Whether it is about time alone, so that what saves none is not said.
    pub is_about_time: bool,
    /// Its page; `None` for what stops a build, which has its section in `docs/diagnostics.md`.
    pub doc: Option<Doc>,
}

impl Rule {
    /// What most rules are besides their name: a warning that no check of BuildKit gives.
    pub const PLAIN: Self = Self {
        code: "",
        aliases: &[],
        severity: Severity::Warning,
        summary: "",
        build_check: None,
        is_of_file: false,
        is_about_time: false,
        doc: None,
    };

    /// Whether it stops a build: BuildKit refuses the file, whatever a project thinks of it.
    pub const fn stops_build(&self) -> bool {
        self.doc.is_none()
    }

    /// Whether it is a check of BuildKit's own, not a part of one.
    pub fn is_build_check(&self) -> bool {
        self.build_check.is_some_and(|check| is_kebab(self.code, check))
    }

    /// Whether comments and settings may call the rule so: by its name, one it had before, or that of BuildKit's check in
    /// small letters with dashes.
    pub fn is_called(&self, name: &str) -> bool {
        self.code == name
            || self.aliases.contains(&name)
            || self.build_check.is_some_and(|check| is_kebab(name, check))
    }
}

/// Whether `name` is a check's name in small letters with dashes.
fn is_kebab(name: &str, check: &str) -> bool {
    let mut rest = name;
    let is_same = check.bytes().enumerate().all(|(at, byte)| {
        if at > 0 && byte.is_ascii_uppercase() {
            let Some(next) = rest.strip_prefix('-') else { return false };
            rest = next;
        }
        let is_next = rest.as_bytes().first() == Some(&byte.to_ascii_lowercase());
        rest = rest.get(1..).unwrap_or_default();
        is_next
    });
    is_same && rest.is_empty()
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// The page of a rule. The examples are run by the tests: the rule finds something in `before` and nothing in `after`,
/// and its fix, where it has one, makes `after` of `before`.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// What the rule does.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// A Dockerfile in which it finds something.
    pub before: &'static str,
    /// The same, as it should be.
    pub after: &'static str,
    /// When it stays silent although the file looks alike.
    pub silent: &'static str,
    /// Why nothing is changed, for a rule that has no fix.
    pub no_fix: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_called_by_its_names() {
        let rule =
            Rule { code: "own", aliases: &["old"], build_check: Some("UndefinedArgInFrom"), ..Rule::PLAIN };
        for name in ["own", "old", "undefined-arg-in-from"] {
            assert!(rule.is_called(name), "{name}");
        }
        for name in [
            "",
            "undefined",
            "UndefinedArgInFrom",
            "undefined-arg-in-from-",
            "undefinedarg-in-from",
            "undefined-argé",
        ] {
            assert!(!rule.is_called(name), "{name}");
        }
    }
}
