//! Diagnostics for people: what, where in the file, and what to write instead.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Style;
use super::escape::{visible, wrap};
use super::fix::saving_text;
use crate::diagnostic::{Applicability, Diagnostic, Severity};
use crate::source::{LineTable, Source, Span};

/// The diagnostics as text, each with the lines it is about.
pub fn write_diagnostics(source: &Source, diagnostics: &[&Diagnostic], style: Style) -> String {
    // More than a person reads.
    const MOST: usize = 50;
    let table = source.lines();
    let shown: Vec<String> =
        diagnostics.iter().take(MOST).map(|diagnostic| one(source, &table, diagnostic, style)).collect();
    let mut text = shown.join("\n");
    if diagnostics.len() > MOST {
        let _ = writeln!(text, "\n… and {} more", diagnostics.len() - MOST);
    }
    text
}

fn one(source: &Source, table: &LineTable, diagnostic: &Diagnostic, style: Style) -> String {
    let (rule, severity) = (diagnostic.rule.code, diagnostic.severity);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // The renderer wraps nothing.
    let wrapped = |text: &str, used: usize| {
        wrap(&visible(text), style.columns().saturating_sub(used).max(30)).join("\n")
    };
    let message = wrapped(&diagnostic.message, severity.as_str().len() + rule.len() + "[]: ".len());
    let title = level.primary_title(&*message).id(rule);
    let name = visible(source.name());
    let span = diagnostic.span.or_else(|| table.span(diagnostic.line?, source));
    let excerpt = span.and_then(|span| Excerpt::new(source, span));
    let labels: Vec<_> = diagnostic.labels.iter().map(|label| (label.span, visible(&label.text))).collect();
    let mut group = Group::with_title(title);
    if let Some(excerpt) = &excerpt {
        let line = table.line(excerpt.start as u32).0 as usize;
        let mut snippet = Snippet::source(&*excerpt.text)
            .path(&*name)
            .line_start(line)
            .annotation(AnnotationKind::Primary.span(excerpt.range.clone()));
        for (span, text) in &labels {
            if let Some(range) = excerpt.range_of(*span) {
                snippet = snippet.annotation(AnnotationKind::Context.span(range).label(&**text));
            }
        }
        group = group.element(snippet);
    } else {
        group = group.element(Origin::path(&*name));
    }
    let used = "     = help: ".len() + 2;
    let help = diagnostic.help.as_ref().map(|help| wrapped(help, used));
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(&**help));
    }
    let cure = cure(diagnostic).map(|cure| wrapped(&cure, used));
    if let Some(cure) = &cure {
        group = group.element(Level::NOTE.message(&**cure));
    }
    let also = also(diagnostic).map(|also| wrapped(&also, used));
    if let Some(also) = &also {
        group = group.element(Level::NOTE.message(&**also));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.columns());
    let mut text = format!("{}\n", renderer.render(&[group]));
    for line in diagnostic.recipe_lines().iter().flat_map(|lines| lines.lines()) {
        let _ = writeln!(text, "      {}", visible(line));
    }
    text
}

/// What makes the change, and what it saves.
fn cure(diagnostic: &Diagnostic) -> Option<String> {
    let saving = diagnostic.saving.as_deref().and_then(saving_text);
    let by = diagnostic.fix.as_ref().map(|fix| match fix.applicability {
        Applicability::Always => "`xsim fix` does it".to_owned(),
        Applicability::OnRequest => format!("`xsim fix --only {}` does it", diagnostic.rule.code),
    });
    match (by, saving) {
        (Some(by), Some(saving)) => Some(format!("{by}, and {saving}")),
        (Some(by), None) => Some(by),
        (None, Some(saving)) => {
            let why = diagnostic.unfixed.as_ref().map_or_else(String::new, |why| format!("; no fix: {why}"));
            Some(format!("the change {saving}{why}"))
        }
        (None, None) => diagnostic.unfixed.as_ref().map(|why| format!("no fix: {why}")),
    }
}

/// The other lines on which the very same was found.
pub(super) fn also(diagnostic: &Diagnostic) -> Option<String> {
    let lines: Vec<String> =
        diagnostic.also.iter().filter_map(|place| Some(place.line?.to_string())).collect();
    match &lines[..] {
        [] => None,
        [line] => Some(format!("the same on line {line}")),
        [lines @ .., last] => Some(format!("the same on lines {} and {last}", lines.join(", "))),
    }
}

/// The line of the file that a diagnostic is about; only it is given to the renderer, however large the file is.
struct Excerpt {
    text: String,
    start: usize,
    range: Range<usize>,
}

impl Excerpt {
    fn new(source: &Source, span: Span) -> Option<Self> {
        let all = source.text();
        let Range { start: from, end } = span.range();
        let written = all.get(from..end)?;
        let start = all[..from].rfind('\n').map_or(0, |at| at + 1);
        let stop = all[from..].find('\n').map_or(all.len(), |at| from + at);
        // A span of many lines is shown by its first.
        let to = from + written.find('\n').unwrap_or(written.len());
        let text = all[start..stop].replace(is_two_byte_control, "\u{b7}");
        let text = text.replace(['\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'], "\u{fffd}");
        Some(Self { text, start, range: from - start..to - start })
    }

    fn range_of(&self, span: Span) -> Option<Range<usize>> {
        let Range { start, end } = span.range();
        let inside = start >= self.start && end <= self.start + self.text.len();
        inside.then(|| start - self.start..end - self.start)
    }
}

/// Control characters that the renderer leaves as they are: C1 and a mark of direction. Each is two bytes long, as is what
/// replaces it; the other marks are three bytes long.
fn is_two_byte_control(char: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&char) || char == '\u{61c}'
}
