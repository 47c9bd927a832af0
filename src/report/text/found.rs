//! What was found, a line each.

use std::fmt::Write as _;

use crate::diagnostic::{Applicability, Diagnostic, Severity};
use crate::report::brief::short_digests;
use crate::report::escape::{count, cut, visible, width, wrap};
use crate::report::places::Places;
use crate::report::style::{Paint, Style};
use crate::source::FileLine;

/// Diagnostics that are shown; the others are counted.
const MOST: usize = 8;

/// Columns of a message that have to be left for the name of its rule to be shown beside it.
const LEAST_MESSAGE: usize = 36;

/// Columns of a message that are shown at least, on however narrow a terminal.
const LEAST_ROOM: usize = 12;

/// How much was found, then a line for each, the one that is worth most first.
pub(super) fn found(found: &[Diagnostic], places: Places<'_>, style: Style) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![style.paint(Paint::Strong, format!("  {}", counted(found)))];
    let rows = alike(found);
    let shown = &rows[..rows.len().min(MOST)];
    let widest = shown.iter().map(|(one, _)| width(&place(one, places))).max().unwrap_or(0);
    lines.extend(shown.iter().map(|(one, all)| row(one, *all, &place(one, places), widest, style)));
    let mut text = String::new();
    let more: usize = rows[shown.len()..].iter().map(|(_, all)| all).sum();
    if more > 0 {
        let _ = write!(text, "and {more} more; ");
    }
    text.push_str(&what_to_do(found));
    lines
        .extend(wrap(&text, style.columns().saturating_sub(4)).into_iter().map(|line| format!("    {line}")));
    lines.push(String::new());
    lines
}

/// What one rule found and what would save no time stands in one row, with in how many places it was found.
fn alike(found: &[Diagnostic]) -> Vec<(&Diagnostic, usize)> {
    let is_timed = |one: &Diagnostic| {
        one.saving.as_ref().is_some_and(|saving| saving.time().is_some_and(|time| time.0 > 0))
    };
    let mut rows: Vec<(&Diagnostic, usize)> = Vec::new();
    for one in found {
        let places = one.also.len() + 1;
        let same = |(known, _): &&mut (&Diagnostic, usize)| {
            known.rule.code == one.rule.code && known.severity == one.severity && !is_timed(known)
        };
        match rows.iter_mut().find(same).filter(|_| !is_timed(one)) {
            Some((_, all)) => *all += places,
            None => rows.push((one, places)),
        }
    }
    rows
}

/// `1 error, 2 warnings`, by how bad they are.
fn counted(found: &[Diagnostic]) -> String {
    let kinds = Severity::VALUES.into_iter().rev().map(|severity| {
        let number = found.iter().filter(|one| one.severity == severity).count();
        (number, severity)
    });
    let counted: Vec<String> = kinds
        .filter(|(number, _)| *number > 0)
        .map(|(number, severity)| count(number, severity.as_str()))
        .collect();
    counted.join(", ")
}

fn place(one: &Diagnostic, places: Places<'_>) -> String {
    one.line.map_or_else(String::new, |line| places.line(FileLine { file: one.file, line }))
}

fn row(one: &Diagnostic, all: usize, place: &str, widest: usize, style: Style) -> String {
    let paint = match one.severity {
        Severity::Error => Paint::Bad,
        Severity::Warning => Paint::Warn,
        Severity::Note => Paint::Plain,
    };
    let severity = format!("{:<7}", one.severity.as_str());
    let place = format!("{place:<widest$}");
    let saving = one
        .saving
        .as_ref()
        .and_then(|saving| saving.time())
        .filter(|time| time.0 > 0)
        .map_or_else(String::new, |time| format!("  saves {time}"));
    let used = 4 + severity.len() + 2 + widest + 2 + width(&saving);
    let rule = format!("  [{}]", one.rule.code);
    let also = if all > 1 { format!(" (and {} more)", all - 1) } else { String::new() };
    let message = visible(&short_digests(&one.message)).into_owned();
    // On a narrow terminal what was found comes before what it is called.
    let has_room = style.columns() >= used + width(&rule) + LEAST_MESSAGE;
    let rule = if has_room { rule } else { String::new() };
    let room = style.columns().saturating_sub(used + width(&rule)).max(LEAST_ROOM);
    let ellipsis = style.either("…", "~");
    let message = cut(&message, room.saturating_sub(width(&also)), ellipsis).into_owned() + &also;
    format!(
        "    {}  {place}  {message}{saving}{}",
        style.paint(paint, severity),
        style.paint(Paint::Dim, rule)
    )
}

/// Which commands go on from here.
fn what_to_do(found: &[Diagnostic]) -> String {
    let mends = |when: Applicability| {
        let fixes = found.iter().filter_map(|one| one.fix.as_ref());
        fixes.filter(|fix| fix.applicability == when).count()
    };
    let mut parts = Vec::new();
    match mends(Applicability::Always) {
        0 => {}
        number => parts.push(format!("`xsim fix` mends {number}")),
    }
    match mends(Applicability::OnRequest) {
        0 => {}
        number => parts.push(format!("`xsim fix --only RULE` mends {number}, which makes another image")),
    }
    parts.push("`xsim check` shows each at its line".to_owned());
    parts.join("; ")
}
