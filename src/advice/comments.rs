//! Comments in a Dockerfile that exempt it from rules.
//!
//! `# xsim: ignore=RULE[,RULE…] reason` covers the instruction below it; `all` is every rule. `# check=skip=NAME[,NAME…]`
//! covers, in the whole file, the rules that share their meaning with BuildKit's check of that name.

use foldhash::HashMap;

use super::finding::Finding;
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{CheckOptions, Dockerfile, check_options, check_value};
use crate::source::{Line, Span};

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
        if !file.text.contains("xsim:") {
            return comments;
        }
        for comment in comments_of(file) {
            let (Some(below), Some(Told::Ignore { rules, reason })) = (comment.below, told(comment.text))
            else {
                continue;
            };
            for rule in rules.split(',').filter(|rule| !rule.is_empty()) {
                comments.exempt.entry(below).or_default().push((rule, reason));
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

/// A comment between instructions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment<'f> {
    pub(super) line: Line,
    /// Where it stands, without the white space around it.
    pub(super) span: Span,
    /// Its text with the `#`.
    pub(super) text: &'f str,
    /// The first line of the instruction below it, if there is one.
    pub(super) below: Option<Line>,
}

/// The comments between the instructions of a file; those at its top may be parser directives. Linear in its text.
pub(super) fn comments_of<'f>(file: &Dockerfile<'f>) -> Vec<Comment<'f>> {
    let mut instructions = file.instructions.iter().peekable();
    let mut comments = Vec::new();
    let mut start = 0;
    for (number, whole) in (1..).map(Line).zip(file.text.split_inclusive('\n')) {
        let indent = whole.len() - whole.trim_start_matches('\u{feff}').trim_start().len();
        let at = start + indent as u32;
        start += whole.len() as u32;
        while instructions.next_if(|instruction| instruction.last_line < number).is_some() {}
        let below = instructions.peek().map(|instruction| instruction.line);
        let text = whole[indent..].trim_end();
        if text.starts_with('#') && below.is_none_or(|below| number < below) {
            comments.push(Comment { line: number, span: Span::new(at, at + text.len() as u32), text, below });
        }
    }
    comments
}

/// What a comment tells xsim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told<'f> {
    /// `ignore=RULE[,RULE…] reason`
    Ignore { rules: &'f str, reason: &'f str },
    /// Something else, which xsim does not know.
    Unknown(&'f str),
}

/// What a comment tells xsim, if it does.
pub(super) fn told(comment: &str) -> Option<Told<'_>> {
    let rest = comment.strip_prefix('#')?.trim_start().strip_prefix("xsim:")?.trim();
    let Some(rest) = rest.strip_prefix("ignore=") else { return Some(Told::Unknown(rest)) };
    let (rules, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some(Told::Ignore { rules, reason: reason.trim() })
}

/// What `# check=` turns off; nothing where BuildKit refuses it.
fn skipped<'f>(file: &Dockerfile<'f>) -> CheckOptions<'f> {
    let written = file.directive(DirectiveKind::Check).map_or("", |directive| directive.value.text);
    check_options(check_value(written)).unwrap_or_default()
}
