//! The rules, for people: a list of all, and the page of one.

use std::fmt::Write as _;

use super::escape::wrap;
use super::style::{Paint, Style};
use crate::diagnostic::{Doc, Rule, Severity};

/// What stops a build, by heading; each of [`Code`](crate::diagnostic::Code) has a section.
const REFUSALS: &str = include_str!("../../docs/diagnostics.md");

/// A list of rules: the name, how bad, and what it finds.
pub fn rules_text(rules: impl Iterator<Item = &'static Rule>, style: Style) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let width = rules.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
    let mut out = String::new();
    for stops in [false, true] {
        let heading =
            if stops { "What stops a build, and is an error always:" } else { "What is found in a build:" };
        let _ = writeln!(out, "{}{heading}", if stops { "\n" } else { "" });
        for rule in rules.iter().filter(|rule| rule.stops_build() == stops) {
            let severity = if stops {
                String::new()
            } else {
                style.paint(paint(rule.severity), format!("{:<9}", rule.severity.as_str()))
            };
            let used = width + 4 + if stops { 0 } else { 9 };
            let lines =
                wrap(rule.summary.trim_end_matches('.'), style.columns().saturating_sub(used).max(30));
            let name = style.paint(Paint::Strong, format!("{:<width$}", rule.code));
            for (at, line) in lines.iter().enumerate() {
                if at == 0 {
                    let _ = writeln!(out, "  {name}  {severity}{line}");
                } else {
                    let _ = writeln!(out, "{:used$}{line}", "");
                }
            }
        }
    }
    out.push_str("\n`xsim rules RULE` explains one.\n");
    out
}

/// What a rule finds, why that matters, an example before and after, and when it stays silent.
pub fn rule_text(rule: &Rule, style: Style) -> String {
    let mut out = String::new();
    let kind = if rule.stops_build() { "stops a build".to_owned() } else { rule.severity.to_string() };
    let _ = writeln!(out, "{} ({kind})\n", style.paint(Paint::Strong, rule.code));
    if let Some(doc) = &rule.doc {
        page(&mut out, rule, doc, style);
    } else {
        out.push_str(section(rule.code).trim_end());
        out.push('\n');
    }
    out
}

/// Where the page of a rule is published.
pub fn rule_uri(rule: &Rule) -> String {
    let page = if rule.stops_build() { "diagnostics" } else { "findings" };
    format!("{}/blob/main/docs/{page}.md#{}", env!("CARGO_PKG_REPOSITORY"), rule.code)
}

fn page(out: &mut String, rule: &Rule, doc: &Doc, style: Style) {
    paragraph(out, doc.what, style);
    paragraph(out, doc.why, style);
    example(out, doc.before);
    out.push_str("Instead:\n\n");
    example(out, doc.after);
    paragraph(out, &format!("Silent: {}", doc.silent), style);
    if let Some(why) = doc.no_fix {
        paragraph(out, &format!("No fix: {why}"), style);
    }
    if let Some(check) = rule.build_check {
        let is = if rule.is_build_check() { "is" } else { "is a part of" };
        paragraph(
            out,
            &format!("It {is} BuildKit's check {check}; `# check=skip={check}` turns it off."),
            style,
        );
    }
    paragraph(
        out,
        &format!(
            "`# xsim: ignore={0} reason` above an instruction leaves it out there, `{0} = \"off\"` under `[rules]` in \
                  xsim.toml everywhere.",
            rule.code
        ),
        style,
    );
    if !rule.aliases.is_empty() {
        paragraph(out, &format!("It was called {} before.", rule.aliases.join(", ")), style);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
}

fn paragraph(out: &mut String, text: &str, style: Style) {
    for line in wrap(text, style.columns()) {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
}

fn example(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "    {line}");
    }
    out.push('\n');
}

fn paint(severity: Severity) -> Paint {
    match severity {
        Severity::Error => Paint::Bad,
        Severity::Warning => Paint::Warn,
        Severity::Note => Paint::Plain,
    }
}

/// The section of what stops a build, without its heading.
fn section(code: &str) -> &'static str {
    let heading = format!("\n## `{code}`\n\n");
    let section = REFUSALS.split_once(&heading).map_or("", |(_, rest)| rest);
    let end = section.find("\n## ").unwrap_or(section.len());
    &section[..end]
}
