//! The list of builds as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::words;
use crate::builds::{Builds, Definition, Finding, Platforms, Push, Text};
use crate::report::escape::json_lines;

/// The version of this report.
const SCHEMA: u32 = 1;

/// A value, or why it is not known.
#[derive(Serialize)]
#[serde(untagged)]
enum Known<T> {
    Value(T),
    Unknown {
        unknown: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        one_of: Vec<Vec<String>>,
    },
}

#[derive(Serialize)]
struct Report {
    schema: u32,
    builds: Vec<Build>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    r#where: String,
    message: String,
}

#[derive(Serialize)]
struct Build {
    r#where: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
    tool: &'static str,
    dockerfile: Known<String>,
    context: Known<String>,
    target: Option<Known<String>>,
    platforms: Known<Vec<String>>,
    args: BTreeMap<String, Known<String>>,
    /// Whether there are arguments whose names are not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more_args: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(rename = "build_contexts")]
    contexts: BTreeMap<String, Known<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bake_target: Option<String>,
    runner: Option<Known<String>>,
    builder: &'static str,
    cache_from: Vec<String>,
    cache_to: Vec<String>,
    legs: &'static str,
    push: serde_json::Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

fn known(text: &Text) -> Known<String> {
    match text.value() {
        Some(value) => Known::Value(value.to_owned()),
        None => Known::Unknown { unknown: text.readable(), one_of: Vec::new() },
    }
}

fn found(finding: &Finding) -> Found {
    Found { code: finding.code, r#where: finding.place.to_string(), message: finding.message.clone() }
}

fn build(definition: &Definition) -> Build {
    Build {
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
        contexts: definition
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
            Push::Yes => true.into(),
            Push::No => false.into(),
            Push::Unknown => "unknown".into(),
        },
        note: definition.note.clone(),
    }
}

/// Writes the list as JSON; its fields are described in `docs/builds.md`.
///
/// # Errors
///
/// Those of the writer.
pub fn write_json(builds: &Builds, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        schema: SCHEMA,
        builds: builds.definitions.iter().map(build).collect(),
        findings: builds.findings.iter().map(found).collect(),
        problems: builds.problems.clone(),
    };
    out.write_all(json_lines(&report)?.as_bytes())
}
