//! SARIF 2.1.0, the form that code scanning reads (OASIS, "Static Analysis Results Interchange Format", errata 01).

use std::borrow::Cow;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Region, place, words};
use crate::diagnostic::Severity;
use crate::policy::{Breach, Judged, Suppression};
use crate::report::escape::visible;
use crate::source::{LineTable, Source};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What stays as it is in a relative reference (RFC 3986, `path-noscheme`).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// A rule as reports name it.
#[derive(Debug, Clone, Copy)]
pub struct RuleText<'a> {
    /// Its stable name.
    pub name: &'a str,
    /// What it finds, in one line.
    pub summary: &'a str,
}

/// Everything found in one file, suppressed notices included and marked so.
///
/// # Errors
/// Only where the output refuses to be written.
pub fn sarif(
    source: &Source,
    judged: &[Judged<'_>],
    rules: &[RuleText<'_>],
    breaches: &[Breach],
    mut out: impl io::Write,
) -> io::Result<()> {
    let lines = source.lines();
    let uri = utf8_percent_encode(source.name(), PATH).to_string();
    let results: Vec<Found<'_>> = judged.iter().map(|judged| found(judged, &uri, source, &lines)).collect();
    let gates: Vec<Value> = breaches.iter().map(|breach| {
        json!({ "level": "error", "message": { "text": text(&breach.message) }, "associatedRule": { "id": breach.gate } })
    }).collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| json!({ "id": rule.name, "shortDescription": { "text": rule.summary } }))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "xsim", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": gates }],
            "results": results,
        }],
    });
    serde_json::to_writer(&mut out, &log)?;
    out.write_all(b"\n")
}

/// A result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule_id: &'a str,
    level: &'static str,
    message: Value,
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
}

fn found<'a>(judged: &Judged<'a>, uri: &str, source: &Source, lines: &LineTable) -> Found<'a> {
    let level = match judged.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let related = judged.notice.labels.iter().map(|label| {
        let mut location = location(uri, Some(&Region::new(label.span, source, lines)));
        location["message"] = json!({ "text": text(&label.text) });
        location
    });
    let suppression = judged.suppressed.map(|why| match why {
        Suppression::Comment(reason) if !reason.is_empty() => {
            json!({ "kind": "inSource", "justification": text(reason) })
        }
        Suppression::Comment(_) | Suppression::Check => json!({ "kind": "inSource" }),
        Suppression::Baseline => json!({ "kind": "external" }),
    });
    Found {
        rule_id: judged.notice.rule,
        level,
        message: json!({ "text": text(&words(judged)) }),
        locations: vec![location(uri, place(judged, source, lines).as_ref())],
        related_locations: related.collect(),
        suppressions: suppression.into_iter().collect(),
    }
}

fn location(uri: &str, region: Option<&Region>) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if let Some(region) = region {
        place["region"] = json!({
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        });
    }
    json!({ "physicalLocation": place })
}

/// Text that viewers show as it is; line ends stay.
fn text(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(visible).collect();
    lines.join("\n")
}
