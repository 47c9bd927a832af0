//! Diagnostics for people: what, where in the file, and what to write instead.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Style;
use super::escape::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

/// The diagnostics as text, each with the lines it is about.
pub fn write_diagnostics(source: &Source, diagnostics: &[&Diagnostic], style: Style) -> String {
    // An excerpt costs a pass over the file, so a file with thousands of problems shows the first.
    const MOST: usize = 50;
    let shown: Vec<String> =
        diagnostics.iter().take(MOST).map(|diagnostic| one(source, diagnostic, style)).collect();
    let mut text = shown.join("\n");
    if diagnostics.len() > MOST {
        text.push_str(&format!("\n… and {} more\n", diagnostics.len() - MOST));
    }
    text
}

fn one(source: &Source, diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = visible(&diagnostic.message);
    let title = level.primary_title(&*message).id(diagnostic.code.as_str());
    let name = visible(source.name());
    let span = diagnostic.span.or_else(|| {
        let line = diagnostic.line?;
        source.lines().span(line, source)
    });
    let mut group = Group::with_title(title);
    let labels: Vec<_> = diagnostic.labels.iter().map(|label| (label.span, visible(&label.text))).collect();
    if let Some(span) = span.filter(|span| span.range().end <= source.text().len()) {
        let mut snippet = Snippet::source(source.text())
            .path(&*name)
            .fold(true)
            .annotation(AnnotationKind::Primary.span(first_lines(source, span.range())));
        for (span, text) in &labels {
            snippet = snippet.annotation(AnnotationKind::Context.span(span.range()).label(&**text));
        }
        group = group.element(snippet);
    }
    let help = diagnostic.help.as_deref().map(visible);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(&**help));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.columns());
    format!("{}\n", renderer.render(&[group]))
}

/// A range that spans many lines is shown by its first.
fn first_lines(source: &Source, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = source.text().get(range.clone()).unwrap_or_default();
    match text.find('\n') {
        Some(end) => range.start..range.start + end,
        None => range,
    }
}
