//! What fixes did, for people: the difference, and a line for each fix with what it saves.

use std::fmt::Write as _;

use super::escape::{count, visible};
use super::style::{Paint, Style};
use super::workflow::{defused, is_command};
use crate::advice::fix::why_unfixed;
use crate::advice::{Applied, Fixed, FixedWorkflow, NO_LINE_END, Patch, PatchKind};
use crate::diagnostic::Saving;
use crate::source::Line;

/// A difference in colours. Where it goes to no terminal it stays as it is, byte for byte, for `patch` to read, but for what a
/// workflow runner would obey: see [`is_applicable`]. On a terminal the file's text is made safe to show.
pub fn patch_text(patch: &Patch, style: Style, terminal: bool) -> String {
    if !terminal && !style.color {
        return defused(&plain(patch)).into_owned();
    }
    let mut out = String::new();
    for line in &patch.lines {
        let paint = match line.kind {
            PatchKind::Head => Paint::Strong,
            PatchKind::Same => Paint::Plain,
            PatchKind::Removed => Paint::Bad,
            PatchKind::Added => Paint::Good,
        };
        let text = visible(line.text.trim_end_matches(['\r', '\n']));
        let _ = writeln!(out, "{}", style.paint(paint, defused(&text)));
    }
    out
}

/// Whether the difference says what it should as [`patch_text`] writes it to a pipe: no line that it needs holds what a workflow
/// runner would obey wherever it stands.
pub fn is_applicable(patch: &Patch) -> bool {
    !is_command(&plain(patch))
}

/// The difference byte for byte, but that lines which stay, and would be commands behind their blank, go and come again.
fn plain(patch: &Patch) -> String {
    let mut out = String::new();
    for (at, line) in patch.lines.iter().enumerate() {
        match line.text.strip_prefix(' ').filter(|text| text.trim_start().starts_with("::")) {
            Some(text) if line.kind == PatchKind::Same => {
                let next = patch.lines.get(at + 1).filter(|next| next.kind == PatchKind::Head);
                let end = next.map_or("", |next| &next.text).strip_prefix('\\').map_or("", |_| NO_LINE_END);
                let _ = write!(out, "-{text}{end}+{text}");
            }
            _ => out.push_str(&line.text),
        }
    }
    out
}

/// What was applied, what not, and what can be asked for. `name` is the file where there are several, `machine` is what
/// times are for.
pub fn fix_summary(fixed: &Fixed, name: Option<&str>, machine: &str, style: Style) -> String {
    let mut out = String::new();
    if let Some(name) = name {
        let _ = writeln!(out, "{}", style.paint(Paint::Strong, visible(name)));
    }
    for applied in &fixed.applied {
        applied_line(&mut out, applied, style);
    }
    for rejected in &fixed.rejected {
        let why = rejected.why.to_string();
        let _ = writeln!(
            out,
            "{} {}: not applied: {}",
            place(rejected.line),
            style.paint(Paint::Strong, rejected.rule.code),
            visible(&why)
        );
    }
    for left in fixed.left() {
        let code = style.paint(Paint::Strong, left.rule.code);
        let _ = writeln!(out, "{} {code}: left as it is: {}", place(left.line), visible(&why_unfixed(left)));
    }
    let total = fixed.saving;
    let is_clean =
        fixed.rejected.is_empty() && fixed.left().next().is_none() && fixed.on_request().next().is_none();
    let _ = match (fixed.applied.len(), total.before.makespan, total.after.makespan) {
        (0, ..) if is_clean => writeln!(out, "nothing to fix"),
        (0, ..) => writeln!(out, "nothing was changed"),
        // As they are read, since what differs by less is told with each fix.
        (count, Some(before), Some(after)) if before.to_string() != after.to_string() => {
            let times = style.paint(Paint::Good, format!("{after} instead of {before}"));
            writeln!(
                out,
                "{}: the build takes {times}, from an empty cache on {}",
                count_of(count),
                visible(machine)
            )
        }
        (count, ..) => writeln!(out, "{}", count_of(count)),
    };
    asked_for(&mut out, fixed);
    out
}

/// One fix: where, what, and what it saves.
pub fn applied_line(out: &mut String, applied: &Applied, style: Style) {
    let _ = writeln!(
        out,
        "{} {}: {}{}",
        place(applied.line),
        style.paint(Paint::Strong, applied.rule.code),
        visible(&applied.description),
        style.paint(Paint::Good, saving_words(&applied.saving))
    );
}

/// A line, as wide as most; the file where it is about none.
fn place(line: Option<Line>) -> String {
    line.map_or_else(|| "the file ".to_owned(), |line| format!("line {line:<4}"))
}

/// What a change saves, behind a comma; empty where that is nothing.
fn saving_words(saving: &Saving) -> String {
    saving_text(saving).map_or_else(String::new, |text| format!(", {text}"))
}

/// What a change saves; `None` where that is nothing.
pub(super) fn saving_text(saving: &Saving) -> Option<String> {
    let (before, after) = (saving.before, saving.after);
    match (saving.time(), before.makespan) {
        (Some(time), Some(all)) if time.0 > 0 => {
            let share = (100.0 * time.as_secs_f64() / all.as_secs_f64()).round().max(1.0);
            let unless = saving.not_understood().map_or_else(String::new, |line| {
                format!(", as far as is known: nothing is of what line {line} runs")
            });
            Some(format!("saves {share} %, {time} of {all}{unless}"))
        }
        _ if after.commands < before.commands => {
            Some(format!("runs {} instead of {}", count(after.commands, "command"), before.commands))
        }
        _ => None,
    }
}

/// What was applied to a workflow, and what was found besides.
pub fn workflow_fix_summary(fixed: &FixedWorkflow, style: Style) -> String {
    let mut out = String::new();
    for applied in &fixed.applied {
        let line = applied.line.map_or_else(String::new, |line| format!("line {line}: "));
        let what = applied.fix.as_ref().map_or("", |fix| &fix.description);
        let saving = applied.saving.as_deref().and_then(saving_text);
        let saving = saving.map_or_else(String::new, |saving| format!("; {saving}"));
        let _ = writeln!(
            out,
            "{}  {line}{}{saving}",
            style.paint(Paint::Strong, applied.rule.code),
            visible(what)
        );
    }
    if fixed.applied.is_empty() {
        out.push_str("nothing to fix\n");
    }
    for left in fixed.left.iter().filter(|left| left.counts()) {
        let line = left.line.map_or_else(String::new, |line| format!(" on line {line}"));
        let why = left.unfixed.as_deref().map_or_else(String::new, |why| format!(": {}", visible(why)));
        let _ = writeln!(out, "left: {}{line}{why}", left.rule.code);
    }
    out
}

fn count_of(fixes: usize) -> String {
    if fixes == 1 { "1 fix".to_owned() } else { format!("{fixes} fixes") }
}

/// The rules whose fixes have to be asked for.
fn asked_for(out: &mut String, fixed: &Fixed) {
    let mut codes: Vec<&str> = fixed.on_request().map(|finding| finding.rule.code).collect();
    codes.sort_unstable();
    codes.dedup();
    if !codes.is_empty() {
        let _ = writeln!(out, "fixes that make another image are applied with --only {}", codes.join(","));
    }
}
