//! Comments in a Dockerfile that exempt it from rules.
//!
//! `# xsim: ignore=RULE[,RULE…] reason` covers the instruction below it; `all` is every rule. `# check=skip=NAME[,NAME…]`
//! covers, in the whole file, the rules that share their meaning with BuildKit's check of that name.

use foldhash::HashMap;

use super::finding::Finding;
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{CheckOptions, Dockerfile, check_options, check_value};
use crate::source::Line;

/// Why a rule does not hold for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exemption<'f> {
    /// A comment says so, with this reason, which may be empty.
    Comment(&'f str),
    /// `# check=skip=` names the BuildKit check of the same meaning.
    Check,
}

/// What the comments of a file exempt.
#[derive(Debug, Default)]
pub struct Comments<'f> {
    /// By the first line of an instruction, the rules it is exempt from and why.
    exempt: HashMap<Line, Vec<(&'f str, &'f str)>>,
    checks: CheckOptions<'f>,
}

impl<'f> Comments<'f> {
    /// Reads the comments of a file. Linear in its text.
    pub fn of(file: &Dockerfile<'f>) -> Self {
        let mut comments = Self { exempt: HashMap::default(), checks: skipped(file) };
        if memchr::memmem::find(file.text.as_bytes(), b"xsim:").is_none() {
            return comments;
        }
        let mut instructions = file.instructions.iter().peekable();
        for (number, text) in (1..).map(Line).zip(file.text.lines()) {
            while instructions.next_if(|instruction| instruction.last_line < number).is_some() {}
            let Some(below) = instructions.peek() else { break };
            let Some((rules, reason)) = ignore(text).filter(|_| number < below.line) else { continue };
            for rule in rules.split(',').filter(|rule| !rule.is_empty()) {
                comments.exempt.entry(below.line).or_default().push((rule, reason));
            }
        }
        comments
    }

    /// Why a rule does not hold for the instruction in a line, if a comment says so. `check` is BuildKit's name of the rule.
    pub fn exempt(&self, line: Option<Line>, rule: &str, check: Option<&str>) -> Option<Exemption<'f>> {
        let mut here = line.and_then(|line| self.exempt.get(&line)).into_iter().flatten();
        if let Some((_, reason)) = here.find(|(name, _)| *name == rule || *name == "all") {
            return Some(Exemption::Comment(reason));
        }
        self.checks.skips(check?).then_some(Exemption::Check)
    }

    /// Whether a finding is exempt.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.exempt(Some(finding.line), finding.rule.code, finding.rule.build_check).is_some()
    }
}

/// The rules and the reason of an ignore comment.
fn ignore(line: &str) -> Option<(&str, &str)> {
    let comment = line.trim_start().strip_prefix('#')?.trim_start();
    let rest = comment.strip_prefix("xsim:")?.trim_start().strip_prefix("ignore=")?;
    let (rules, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some((rules, reason.trim()))
}

/// What `# check=` turns off; nothing where BuildKit refuses it.
fn skipped<'f>(file: &Dockerfile<'f>) -> CheckOptions<'f> {
    let written = file.directive(DirectiveKind::Check).map_or("", |directive| directive.value.text);
    check_options(check_value(written)).unwrap_or_default()
}
