//! Comments in a Dockerfile or a workflow, and what they exempt from rules.
//!
//! `# xsim: ignore=RULE[,RULE…] reason` covers the instruction below it; `all` is every rule. `# check=skip=NAME[,NAME…]`
//! turns off what BuildKit's checks of those names find, above an instruction for that one, at the top of the file for all
//! of it, as the build argument `BUILDKIT_DOCKERFILE_CHECK` does. What stops a build is never exempt. In a workflow the comment for
//! xsim stands above a line or above the step that holds it.

use foldhash::HashMap;

use crate::diagnostic::{Diagnostic, Rule, Suppression};
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{CheckOptions, Dockerfile, check_options, check_value};
use crate::model::inputs::Inputs;
use crate::source::{Line, Span};

/// The build argument that takes the place of the directive `# check=`.
const BUILD_ARG: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// What exempts lines of a file from rules.
#[derive(Debug, Default)]
pub(super) struct Suppressions<'f> {
    /// For all of the file.
    checks: CheckOptions<'f>,
    /// By the first line of an instruction.
    of_line: HashMap<Line, Exempt<'f>>,
}

/// What an instruction is exempt from.
#[derive(Debug, Default)]
struct Exempt<'f> {
    /// Names of rules, each with the reason that is given.
    rules: Vec<(&'f str, &'f str)>,
    checks: CheckOptions<'f>,
}

impl<'f> Suppressions<'f> {
    /// Reads the comments of a file. Linear in its text.
    pub(super) fn of(file: &Dockerfile<'f>, inputs: &'f Inputs) -> Self {
        let given = inputs.build_args.get(BUILD_ARG).map(String::as_str);
        let written = file.directive(DirectiveKind::Check).map(|directive| check_value(directive.value.text));
        let checks = check_options(given.or(written).unwrap_or_default()).unwrap_or_default();
        let mut suppressions = Self { checks, of_line: HashMap::default() };
        if !file.text.contains("xsim:") && !file.text.contains("check") {
            return suppressions;
        }
        let top = file.directives.last().map_or(0, |directive| directive.value.span.end);
        let mut checks = Checks::default();
        for comment in comments_of(file).into_iter().filter(|comment| comment.span.start >= top) {
            let Some(below) = comment.below else { break };
            if let Some(options) = checks.read(comment.text, below) {
                suppressions.of_line.entry(below).or_default().checks = options;
            }
            if let Some(Told::Ignore { rules, reason }) = told(comment.text) {
                let rules = rules.split(',').filter(|rule| !rule.is_empty()).map(|rule| (rule, reason));
                suppressions.of_line.entry(below).or_default().rules.extend(rules);
            }
        }
        suppressions
    }

    /// Marks a diagnostic that is exempt, and says of a check of BuildKit's own where it fails the build.
    pub(super) fn apply(&self, diagnostic: &mut Diagnostic) {
        diagnostic.suppressed = self.why(diagnostic);
        if self.checks.fails && diagnostic.counts() && diagnostic.rule.is_build_check() {
            let help = diagnostic.help.take().unwrap_or_default();
            let help = help.trim_end_matches('.');
            diagnostic.help = Some(format!("{help}; the build fails here because of `check=error=true`"));
        }
    }

    fn why(&self, diagnostic: &Diagnostic) -> Option<Suppression> {
        let rule = diagnostic.rule;
        if rule.stops_build() {
            return None;
        }
        let here = diagnostic.line.and_then(|line| self.of_line.get(&line));
        let named =
            here.and_then(|here| here.rules.iter().find(|(name, _)| *name == "all" || rule.is_called(name)));
        if let Some((_, reason)) = named {
            return Some(Suppression::Comment((*reason).into()));
        }
        let skips = |options: &CheckOptions<'_>, rule: &Rule| {
            rule.build_check.is_some_and(|check| options.skips(check))
        };
        let above = here.filter(|_| !rule.is_of_file);
        (skips(&self.checks, rule) || above.is_some_and(|here| skips(&here.checks, rule)))
            .then_some(Suppression::Check)
    }
}

/// The comments `# check=` above an instruction, as BuildKit reads them: the first behind the last empty comment counts.
#[derive(Default)]
struct Checks {
    below: Option<Line>,
    is_read: bool,
}

impl Checks {
    /// The options that hold from this comment on, where it changes them.
    fn read<'f>(&mut self, comment: &'f str, below: Line) -> Option<CheckOptions<'f>> {
        if self.below != Some(below) {
            *self = Self { below: Some(below), is_read: false };
        }
        let text = comment.strip_prefix('#')?.trim();
        if text.is_empty() {
            self.is_read = false;
            return Some(CheckOptions::default());
        }
        let (key, value) = text.split_once('=')?;
        if self.is_read || !key.trim().eq_ignore_ascii_case("check") {
            return None;
        }
        let options = check_options(check_value(value.trim())).ok()?;
        self.is_read = true;
        Some(options)
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

/// Why a rule says nothing of a line of a file that defines builds, if a comment exempts it: one above the line, or above the item of
/// the list that holds it.
pub(super) fn in_definition(text: &str, line: Line, rule: &Rule) -> Option<Suppression> {
    let lines: Vec<&str> = text.lines().collect();
    let own = (line.0 as usize).checked_sub(1)?;
    let indent = |at: usize| lines.get(at).map_or(0, |line| line.len() - line.trim_start().len());
    let is_item = |at: usize| lines.get(at).is_some_and(|line| line.trim_start().starts_with('-'));
    let depth = indent(own);
    let item = (0..=own).rev().find(|at| is_item(*at) && (*at == own || indent(*at) < depth));
    let above =
        |at: usize| lines[..at].iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with('#'));
    let mut comments = above(own).chain(item.into_iter().flat_map(above));
    comments.find_map(|comment| match told(comment) {
        Some(Told::Ignore { rules, reason }) => {
            let is_named = rules.split(',').any(|name| name == "all" || rule.is_called(name));
            is_named.then(|| Suppression::Comment(reason.into()))
        }
        _ => None,
    })
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
