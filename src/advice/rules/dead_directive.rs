//! Comments that were meant to direct BuildKit or xsim, and do not.

use super::super::comments::{Comment, Told, comments_of, told};
use super::super::context::Context;
use super::super::edit::Edit;
use super::super::finding::{Allowed, Finding, Fix, When};
use super::super::place;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::{Code, Severity, nearest};
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{Dockerfile, as_directive, check_options, check_value};
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "dead-directive",
    severity: Severity::Warning,
    summary: "a comment that is meant to direct BuildKit or xsim does nothing",
    build_check: None,
    is_about_time: false,
    doc: Doc {
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
    },
    detect: |context: &Context<'_>, findings| in_file(context.file, findings),
};

/// The findings in a file, whether it can be built or not.
pub fn in_file(file: &Dockerfile<'_>, findings: &mut Vec<Finding>) {
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
                findings.push(Finding::new(&RULE, comment.line, comment.span, message, help));
            }
            None => {}
        }
    }
}

/// How many lines at the top of the file are directives, those among them that the parser refuses for being given twice.
fn at_top(file: &Dockerfile<'_>) -> usize {
    let text = file.text.trim_start_matches('\u{feff}');
    text.lines().take_while(|line| as_directive(line.trim_start()).is_some()).count()
}

/// Directives above the first instruction, but below the line that ended them.
fn directives(file: &Dockerfile<'_>, comments: &[Comment<'_>], findings: &mut Vec<Finding>) {
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
        let at = place::nth_line(file.text, above);
        let whole = Span::new(
            place::line_start(file.text, comment.span.start),
            place::line_end(file.text, comment.span.start),
        );
        let fix = Fix {
            description: format!("move `# {name}=` to the top of the file"),
            edits: vec![Edit::insert(at, format!("# {name}={value}\n")), Edit::delete(whole)],
            when: When::OnRequest,
            licence: vec![Allowed::Repair],
        };
        // A second one of its kind would be refused.
        let fix = file.directive(kind).is_none().then_some(fix);
        findings.push(Finding::new(&RULE, comment.line, comment.span, message, help).fixed(fix));
    }
}

/// Whether a value is one that a directive can have: prose may look like a directive, too.
fn is_meant(kind: DirectiveKind, value: &str) -> bool {
    match kind {
        DirectiveKind::Syntax => !value.contains(char::is_whitespace) && value.contains(['/', ':']),
        DirectiveKind::Escape => matches!(value, "\\" | "`"),
        DirectiveKind::Check => check_options(check_value(value)).is_ok(),
    }
}

/// The rules of an ignore comment that do not exist, and a comment above nothing.
fn ignored(comment: &Comment<'_>, rules: &str, findings: &mut Vec<Finding>) {
    if comment.below.is_none() {
        let message = "the comment is for the instruction below it, and there is none";
        let help = "Put it above the instruction that it is for.";
        findings.push(Finding::new(&RULE, comment.line, comment.span, message, help));
        return;
    }
    let names =
        || super::ALL.iter().map(|rule| rule.code).chain(Code::VALUES.iter().map(|code| code.as_str()));
    let mut from = 0;
    for rule in rules.split(',') {
        let at = comment.text[from..].find(rule).map_or(from, |at| from + at);
        from = at + rule.len();
        if rule == "all" || names().any(|name| name == rule) {
            continue;
        }
        let near = check_named(rule).or_else(|| nearest(rule, names().chain(["all"])));
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
        findings.push(Finding::new(&RULE, comment.line, span, message, help));
    }
}

/// The name here of a BuildKit build check, for who writes that one's.
fn check_named(name: &str) -> Option<&'static str> {
    let codes = Code::VALUES.iter().map(|code| (code.build_check(), code.as_str()));
    let rules = super::ALL.iter().map(|rule| (rule.build_check, rule.code));
    codes.chain(rules).find(|(check, _)| *check == Some(name)).map(|(_, own)| own)
}
