//! The part of the contract about diagnostics. Times are in seconds, rounded to milliseconds.

use serde::Serialize;

use super::shape::SpanReport;
use super::span_report;
use crate::diagnostic::{Applicability, Diagnostic, Fix, Label, Place, Price, Saving};
use crate::ids::FileIx;
use crate::source::{LineTable, Source};
use crate::units::Nanos;

/// Something to say of the file: what stops the build, or what a rule found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(in crate::report) struct DiagnosticReport {
    /// The rule; a heading in docs/findings.md, or in docs/diagnostics.md for what stops a build.
    rule: &'static str,
    /// The build check of BuildKit that says something similar; `# check=skip=` turns off both.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'static str>,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// What is wrong.
    message: String,
    /// Why, and what to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The first line of the instruction it is about.
    line: Option<u32>,
    /// Its Dockerfile, where there is a list of files and it is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<u32>,
    /// Where exactly.
    span: Option<SpanReport>,
    /// Further places.
    labels: Vec<LabelReport>,
    /// Where else the very same was found.
    also: Vec<PlaceReport>,
    /// The index of the stage, where it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<usize>,
    /// The lines to write, where that takes a person.
    recipe: Vec<String>,
    /// The change, where xsim can make it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixReport>,
    /// Why there is no change that xsim can make.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfixed: Option<String>,
    /// What the change saves, where that was simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    saving: Option<SavingReport>,
}

/// A further place.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct LabelReport {
    /// Where.
    span: SpanReport,
    /// What is there.
    text: String,
}

/// A place where the same was found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PlaceReport {
    /// The first line of the instruction.
    line: Option<u32>,
    /// Where exactly.
    span: Option<SpanReport>,
}

/// A change of the file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FixReport {
    /// What it does.
    description: String,
    /// Whether it is applied only when its rule is named, since it makes another image.
    on_request: bool,
    /// What changes; spans do not overlap.
    edits: Vec<EditReport>,
}

/// The text of a span becomes another.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct EditReport {
    /// What goes; where it begins is where it ends, text is inserted.
    span: SpanReport,
    /// What comes.
    text: String,
}

/// What a change saves, from an empty cache.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SavingReport {
    before: PriceReport,
    after: PriceReport,
}

/// What a build costs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct PriceReport {
    /// The median of the simulated time, in seconds; absent where nothing was simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_s: Option<f64>,
    /// Commands.
    commands: usize,
    /// Commands under emulation, wholly or in part.
    emulated: usize,
    /// Vertices.
    vertices: usize,
}

impl DiagnosticReport {
    /// The same where its file is said otherwise.
    pub(in crate::report) fn without_file(self) -> Self {
        Self { file: None, ..self }
    }
}

pub(in crate::report) fn diagnostic_report(
    diagnostic: &Diagnostic,
    source: &Source,
    lines: &LineTable,
) -> DiagnosticReport {
    let label = |label: &Label| LabelReport {
        span: span_report(label.span, source, lines),
        text: label.text.to_string(),
    };
    let place = |place: &Place| PlaceReport {
        line: place.line.map(|line| line.0),
        span: place.span.map(|span| span_report(span, source, lines)),
    };
    DiagnosticReport {
        rule: diagnostic.rule.code,
        check: diagnostic.rule.build_check,
        severity: diagnostic.severity.as_str(),
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        line: diagnostic.line.map(|line| line.0),
        file: (diagnostic.file != FileIx(0)).then_some(diagnostic.file.0),
        span: diagnostic.span.map(|span| span_report(span, source, lines)),
        labels: diagnostic.labels.iter().map(label).collect(),
        also: diagnostic.also.iter().map(place).collect(),
        stage: diagnostic.stage.map(crate::ids::StageIx::index),
        recipe: diagnostic.recipe_lines().to_vec(),
        unfixed: diagnostic.unfixed.as_deref().map(str::to_owned),
        fix: diagnostic.fix.as_ref().map(|fix| fix_report(fix, source, lines)),
        saving: diagnostic.saving.as_deref().map(saving_report),
    }
}

fn fix_report(fix: &Fix, source: &Source, lines: &LineTable) -> FixReport {
    let edits = fix
        .edits
        .iter()
        .map(|edit| EditReport { span: span_report(edit.span, source, lines), text: edit.text.clone() });
    FixReport {
        description: fix.description.clone(),
        on_request: fix.applicability == Applicability::OnRequest,
        edits: edits.collect(),
    }
}

fn saving_report(saving: &Saving) -> SavingReport {
    let price = |price: Price| PriceReport {
        time_s: price.makespan.map(seconds),
        commands: price.commands,
        emulated: price.emulated,
        vertices: price.vertices,
    };
    SavingReport { before: price(saving.before), after: price(saving.after) }
}

fn seconds(time: Nanos) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}
