//! The list of builds as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use super::words;
use crate::advice::InWorkflows;
use crate::builds::{Builds, Definition, Platforms, Push, Text};
use crate::diagnostic::Diagnostic;
use crate::report::json::{DiagnosticReport, diagnostic_report};
use crate::report::json_text::write_json_lines;
use crate::source::Source;

/// The version of this report.
const SCHEMA: &str = "xsim.builds/1";

/// The image builds that a repository defines.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Report {
    /// The version of this report: `xsim.builds/1`.
    schema: &'static str,
    /// The builds, by where they are declared; one for each leg of a matrix.
    builds: Vec<BuildReport>,
    /// What was found in the workflows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FoundReport>,
    /// Files that could not be read, and limits that were reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

/// What a rule found.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct FoundReport {
    /// The file and line.
    r#where: String,
    /// All that there is to say of it.
    #[serde(flatten)]
    diagnostic: DiagnosticReport,
}

/// A value, or why it is not known.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Known<T> {
    /// The value.
    Value(T),
    /// What decides it is not known before the build runs.
    Unknown {
        /// What the definition says in its place.
        unknown: String,
        /// The values between which the run decides, where these are known.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        one_of: Vec<T>,
    },
}

/// One image build.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct BuildReport {
    /// The file and line that declares it.
    r#where: String,
    /// Who calls it, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
    /// What does it.
    tool: &'static str,
    /// The Dockerfile, from the root of the repository; `-` for standard input.
    dockerfile: Known<String>,
    /// The context, from the root of the repository, or its URL; `-` for standard input.
    context: Known<String>,
    /// The stage that is built; null for the last.
    target: Option<Known<String>>,
    /// The platforms; none for that of the builder.
    platforms: Known<Vec<String>>,
    /// Build arguments by name.
    args: BTreeMap<String, Known<String>>,
    /// Whether there are arguments whose names are not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more_args: bool,
    /// Named contexts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    build_contexts: BTreeMap<String, Known<String>>,
    /// The target of a bake definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    bake_target: Option<String>,
    /// The label of the machine; null where nothing names one.
    runner: Option<Known<String>>,
    /// Where the work is done.
    builder: &'static str,
    /// Caches that are read, as given.
    cache_from: Vec<String>,
    /// Caches that are written, as given.
    cache_to: Vec<String>,
    /// How the platforms come together.
    legs: &'static str,
    /// Whether the image is pushed.
    push: Pushed,
    /// What is worth knowing beside.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

/// Whether an image is pushed: true, false, or `unknown`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Pushed {
    Known(bool),
    Unknown(&'static str),
}

fn known(text: &Text) -> Known<String> {
    match text.value() {
        Some(value) => Known::Value(value.to_owned()),
        None => Known::Unknown { unknown: text.readable(), one_of: Vec::new() },
    }
}

/// What counts of what was found in files.
pub(super) fn found(sources: &[Arc<Source>], found: &[Diagnostic]) -> Vec<FoundReport> {
    let tables: Vec<_> = sources.iter().map(|source| (source, source.lines())).collect();
    let one = |diagnostic: &Diagnostic| {
        let (source, lines) = tables.get(diagnostic.file.index())?;
        let line = diagnostic.line.map_or(0, |line| line.0);
        let diagnostic = DiagnosticReport::without_file(diagnostic_report(diagnostic, source, lines));
        Some(FoundReport { r#where: format!("{}:{line}", source.name()), diagnostic })
    };
    found.iter().filter(|diagnostic| diagnostic.counts()).filter_map(one).collect()
}

fn build(definition: &Definition) -> BuildReport {
    BuildReport {
        r#where: definition.place.to_string(),
        via: definition.via.iter().map(ToString::to_string).collect(),
        tool: definition.tool.as_str(),
        dockerfile: known(&definition.dockerfile),
        context: known(&definition.context),
        target: definition.target.as_ref().map(known),
        platforms: match &definition.platforms {
            Platforms::Known(list) => Known::Value(list.clone()),
            Platforms::Unknown(why, values) => Known::Unknown {
                unknown: why.readable(),
                one_of: values
                    .iter()
                    .map(|list| list.split(',').map(|item| item.trim().to_owned()).collect())
                    .collect(),
            },
        },
        args: definition.args.iter().map(|(name, value)| (name.clone(), known(value))).collect(),
        more_args: definition.more_args,
        build_contexts: definition
            .build_contexts
            .iter()
            .map(|(name, value)| (name.clone(), known(value)))
            .collect(),
        bake_target: definition.bake_target.clone(),
        runner: definition.runner.as_ref().map(known),
        builder: words::builder(definition.builder, definition.qemu),
        cache_from: definition.cache_from.iter().map(Text::readable).collect(),
        cache_to: definition.cache_to.iter().map(Text::readable).collect(),
        legs: definition.legs.as_str(),
        push: match definition.push {
            Push::Yes => Pushed::Known(true),
            Push::No => Pushed::Known(false),
            Push::Unknown => Pushed::Unknown("unknown"),
        },
        note: definition.note.clone(),
    }
}

/// Writes the list as JSON; its fields are described in `docs/builds.md`.
///
/// # Errors
///
/// Those of the writer.
pub fn write_json(builds: &Builds, findings: &InWorkflows, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        schema: SCHEMA,
        builds: builds.definitions.iter().map(build).collect(),
        findings: found(&findings.sources, &findings.found),
        problems: builds.problems.clone(),
    };
    write_json_lines(&report, out)
}

/// The JSON Schema of [`write_json`].
#[cfg(feature = "schema")]
pub fn builds_schema() -> serde_json::Value {
    // Of what is written: fields that may be left out are not required.
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Report>().to_value()
}
