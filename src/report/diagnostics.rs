//! Diagnostics for people: what, where in the file, and what to write instead.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Style;
use super::escape::{visible, wrap};
use super::fix::saving_text;
use crate::advice::When;
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::Notice;
use crate::source::{LineTable, Source, Span};

/// The diagnostics as text, each with the lines it is about.
pub fn write_diagnostics(source: &Source, diagnostics: &[&Diagnostic], style: Style) -> String {
    let notices: Vec<_> =
        diagnostics.iter().map(|&problem| (Notice::from(problem), problem.severity)).collect();
    write_notices(source, &notices, style)
}

/// What is wrong at a place in a file that is no Dockerfile, as text.
pub fn write_error(source: &Source, kind: &str, message: &str, span: Span, style: Style) -> String {
    let notice = Notice {
        rule: kind,
        check: None,
        severity: Severity::Error,
        message,
        help: None,
        line: None,
        span: Some(span),
        labels: &[],
        recipe: &[],
        fix: None,
        saving: None,
    };
    write_notices(source, &[(notice, Severity::Error)], style)
}

/// Notices as text, each as bad as it is said to be and with the lines it is about.
pub(super) fn write_notices(source: &Source, notices: &[(Notice<'_>, Severity)], style: Style) -> String {
    // More than a person reads.
    const MOST: usize = 50;
    let table = source.lines();
    let shown: Vec<String> = notices
        .iter()
        .take(MOST)
        .map(|(notice, severity)| one(source, &table, notice, *severity, style))
        .collect();
    let mut text = shown.join("\n");
    if notices.len() > MOST {
        let _ = writeln!(text, "\n… and {} more", notices.len() - MOST);
    }
    text
}

fn one(source: &Source, table: &LineTable, notice: &Notice<'_>, severity: Severity, style: Style) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // The renderer wraps nothing.
    let wrapped = |text: &str, used: usize| {
        wrap(&visible(text), style.columns().saturating_sub(used).max(30)).join("\n")
    };
    let message = wrapped(notice.message, severity.as_str().len() + notice.rule.len() + "[]: ".len());
    let title = level.primary_title(&*message).id(notice.rule);
    let name = visible(source.name());
    let span = notice.span.or_else(|| table.span(notice.line?, source));
    let excerpt = span.and_then(|span| Excerpt::new(source, span));
    let labels: Vec<_> = notice.labels.iter().map(|label| (label.span, visible(&label.text))).collect();
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
    let help = notice.help.map(|help| wrapped(help, used));
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(&**help));
    }
    let cure = cure(notice).map(|cure| wrapped(&cure, used));
    if let Some(cure) = &cure {
        group = group.element(Level::NOTE.message(&**cure));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.columns());
    let mut text = format!("{}\n", renderer.render(&[group]));
    for line in notice.recipe.iter().flat_map(|lines| lines.lines()) {
        let _ = writeln!(text, "      {}", visible(line));
    }
    text
}

/// What makes the change, and what it saves.
fn cure(notice: &Notice<'_>) -> Option<String> {
    let saving = notice.saving.as_ref().and_then(saving_text);
    let by = notice.fix.map(|fix| match fix.when {
        When::Always => "`xsim fix` does it".to_owned(),
        When::OnRequest => format!("`xsim fix --only {}` does it", notice.rule),
    });
    match (by, saving) {
        (Some(by), Some(saving)) => Some(format!("{by}, and {saving}")),
        (Some(by), None) => Some(by),
        (None, Some(saving)) => Some(format!("the change {saving}")),
        (None, None) => None,
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
