//! Comments that were meant to direct BuildKit or xsim, and do not.

use crate::advice::facts::context::Written;
use crate::advice::facts::text_ranges;
use crate::advice::suppression::{Comment, Told, comments_of, told};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity, nearest};
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{Dockerfile, as_directive, check_options, check_value};
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "dead-directive",
    severity: Severity::Warning,
    summary: "a comment that is meant to direct BuildKit or xsim does nothing",
    doc: Some(Doc {
        what: "Finds `# syntax=`, `# escape=` and `# check=` below another comment or a blank line, and `# xsim:` comments that \
               name no rule there is or stand above no instruction.",
        why: "Parser directives stand at the top of the file: from the first line on that is none, be it a licence, a \
              blank line or a comment for xsim, BuildKit takes them for comments. The file is then read by another frontend, or with \
              another escape character, than it says; and what an `# xsim: ignore=` was to silence is still said.",
        before: "# xsim: ignore=undefined-var the base image sets it\n# syntax=docker/dockerfile:1\nFROM alpine:3.22\n\
                 RUN echo \"$APP_HOME\"\n",
        after: "# syntax=docker/dockerfile:1\n# xsim: ignore=undefined-var the base image sets it\nFROM alpine:3.22\n\
                RUN echo \"$APP_HOME\"\n",
        silent: "Words such as `# check = …` that no directive could have; comments among the lines of one instruction.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, findings: &mut Vec<Diagnostic>) {
    let file = written.file;
    // Most files have neither: a directive below the top, or a word for xsim.
    let first = file.instructions.first().map_or(file.text.len(), |first| first.span.start as usize);
    let header = file.text.get(..first).unwrap_or_default().lines().skip(at_top(file));
    let is_below = header.into_iter().any(|line| as_directive(line.trim_start()).is_some());
    if !is_below && !file.text.contains("xsim:") {
        return;
    }
    let comments = comments_of(file);
    directives(file, &comments, findings);
    for comment in &comments {
        match told(comment.text) {
            Some(Told::Ignore { rules, .. }) => ignored(comment, rules, findings),
            Some(Told::Unknown(words)) => {
                let message = format!("{words:?} tells xsim nothing");
                let help = "Write `# xsim: ignore=RULE reason` above the instruction that it is for.";
                findings.push(on(comment, comment.span, message, help));
            }
            None => {}
        }
    }
}

/// A diagnostic on a comment.
fn on(comment: &Comment<'_>, span: Span, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&RULE, message).at(comment.line).span(span).help(help)
}

/// How many lines at the top of the file are directives, those among them that the parser refuses for being given twice.
fn at_top(file: &Dockerfile<'_>) -> usize {
    let text = file.text.trim_start_matches('\u{feff}');
    text.lines().take_while(|line| as_directive(line.trim_start()).is_some()).count()
}

/// Directives above the first instruction, but below the line that ended them.
fn directives(file: &Dockerfile<'_>, comments: &[Comment<'_>], findings: &mut Vec<Diagnostic>) {
    let above = at_top(file);
    let first = file.instructions.first().map(|instruction| instruction.line);
    let header = comments.iter().filter(|comment| comment.below == first);
    for comment in header.filter(|comment| comment.line.0 as usize > above) {
        let Some((kind, value)) = as_directive(comment.text).filter(|(kind, value)| is_meant(*kind, value))
        else {
            continue;
        };
        let name = kind.as_str();
        let end = above + 1;
        let message =
            format!("`# {name}=` is only a comment here: line {end} is no directive, which ends them");
        let help = format!("Move it above line {end}: directives are the first lines of the file.");
        let at = text_ranges::nth_line(file.text, above);
        let whole = Span::new(
            text_ranges::line_start(file.text, comment.span.start),
            text_ranges::line_end(file.text, comment.span.start),
        );
        let fix = Fix {
            description: format!("move `# {name}=` to the top of the file"),
            edits: vec![Edit::insert(at, format!("# {name}={value}\n")), Edit::delete(whole)],
            applicability: Applicability::OnRequest,
            licence: vec![Allowed::Repair],
        };
        // A second one of its kind would be refused.
        let fix = file.directive(kind).is_none().then_some(fix);
        findings.push(on(comment, comment.span, message, help).fixed(fix));
    }
}

/// Whether a value is one that a directive can have: prose may look like a directive, too.
fn is_meant(kind: DirectiveKind, value: &str) -> bool {
    match kind {
        DirectiveKind::Syntax => !value.contains(char::is_whitespace) && value.contains(['/', ':']),
        DirectiveKind::Escape => matches!(value, "\\" | "`"),
        // What it skips it skips for the instruction below, wherever it stands.
        DirectiveKind::Check => check_options(check_value(value)).is_ok_and(|options| options.fails),
    }
}

/// The rules of an ignore comment that do not exist, and a comment above nothing.
fn ignored(comment: &Comment<'_>, rules: &str, findings: &mut Vec<Diagnostic>) {
    if comment.below.is_none() {
        let message = "the comment is for the instruction below it, and there is none";
        let help = "Put it above the instruction that it is for.";
        findings.push(on(comment, comment.span, message, help));
        return;
    }
    let mut from = 0;
    for rule in rules.split(',') {
        let at = comment.text[from..].find(rule).map_or(from, |at| from + at);
        from = at + rule.len();
        if rule == "all" || super::find(rule).is_some() {
            continue;
        }
        let names = super::lints().map(|rule| rule.code).chain(["all"]);
        let near = nearest(rule, names);
        let message = if rule.is_empty() {
            "the comment names no rule".to_owned()
        } else {
            format!("no rule is called {rule:?}, so the comment leaves nothing out")
        };
        let help = match near {
            Some(near) => format!("Write `{near}`, if that is what it means."),
            None => "Write the name that is reported with what it is to leave out, or `all`.".to_owned(),
        };
        let start = comment.span.start + at as u32;
        let span = Span::new(start, start + rule.len() as u32);
        let span = if rule.is_empty() { comment.span } else { span };
        findings.push(on(comment, span, message, help));
    }
}
