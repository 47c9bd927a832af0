//! SARIF 2.1.0, the form that code scanning reads (OASIS, "Static Analysis Results Interchange Format", errata 01).

use std::borrow::Cow;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Region, place, words};
use crate::diagnostic::{Diagnostic, Rule, Severity, Suppression};
use crate::policy::Breach;
use crate::report::escape::visible;
use crate::report::json_text::write_json;
use crate::report::rules::rule_uri;
use crate::scan::Row;
use crate::source::{LineTable, Source};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What stays as it is in a relative reference (RFC 3986, `path-noscheme`).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Results that a log of a scan has at most: GitHub takes no more of one tool ("SARIF support for code scanning").
const MAX_RESULTS: usize = 25_000;

/// Files of a scan of which a log says that they could not be checked: of a table that is none every line is one.
const MAX_FAILED: usize = 1_000;

/// What was found in any number of files, in the making.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    notifications: Vec<Value>,
    has_failed: bool,
}

impl Sarif {
    /// Adds everything found in one file; what is suppressed is marked so.
    pub fn add(&mut self, source: &Source, found: &[Diagnostic], breaches: &[Breach]) {
        let lines = source.lines();
        let uri = utf8_percent_encode(source.name(), PATH).to_string();
        self.results.extend(found.iter().map(|diagnostic| result(diagnostic, &uri, source, &lines)));
        self.notifications.extend(breaches.iter().map(|breach| {
            json!({
                "descriptor": { "id": breach.gate },
                "level": "error",
                "message": { "text": text(&breach.message) },
                "locations": [location(&uri, None)],
            })
        }));
    }

    /// Adds what a row of a scan says of its file; whether that had room, of which a log has so much.
    pub fn add_row(&mut self, row: &Row) -> bool {
        let name = if row.repository.is_empty() {
            row.file.clone()
        } else {
            row.owner().to_owned() + "/" + &row.file
        };
        if let Some(error) = &row.error {
            self.has_failed = true;
            if self.notifications.len() >= MAX_FAILED {
                return false;
            }
            self.fail(&name, error);
        }
        let has_room = self.results.len() + row.findings.len() <= MAX_RESULTS;
        let uri = utf8_percent_encode(&name, PATH).to_string();
        let findings = row.findings.iter().filter(|_| has_room).map(|found| {
            let mut location = json!({ "artifactLocation": { "uri": uri } });
            if let Some(line) = found.line {
                location["region"] = json!({ "startLine": line });
            }
            json!({
                "ruleId": found.rule,
                "level": found.severity,
                "message": { "text": text(&found.message) },
                "locations": [{ "physicalLocation": location }],
            })
        });
        self.results.extend(findings);
        has_room
    }

    /// Says of a file that it could not be checked, and why.
    pub fn fail(&mut self, name: &str, why: &str) {
        let uri = utf8_percent_encode(name, PATH).to_string();
        self.has_failed = true;
        self.notifications.push(json!({
            "level": "error",
            "message": { "text": text(why) },
            "locations": [location(&uri, None)],
        }));
    }

    /// Writes the log. `rules` are all there are, whether they found something or not.
    ///
    /// # Errors
    /// Only where the output refuses to be written.
    pub fn write(self, rules: impl Iterator<Item = &'static Rule>, out: impl io::Write) -> io::Result<()> {
        let rules: Vec<Value> = rules
            .map(|rule| {
                let level = level(rule.severity);
                json!({
                    "id": rule.code,
                    "shortDescription": { "text": rule.summary },
                    "helpUri": rule_uri(rule),
                    "defaultConfiguration": { "level": level },
                })
            })
            .collect();
        let version = env!("CARGO_PKG_VERSION");
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": { "name": "xsim", "semanticVersion": version, "rules": rules } },
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": !self.has_failed,
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        });
        write_json(&log, out)
    }
}

fn result(diagnostic: &Diagnostic, uri: &str, source: &Source, lines: &LineTable) -> Value {
    let mut result = json!({
        "ruleId": diagnostic.rule.code,
        "level": level(diagnostic.severity),
        "message": { "text": text(&words(diagnostic)) },
        "locations": [location(uri, place(diagnostic, source, lines).as_ref())],
    });
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut location = location(uri, Some(&Region::new(label.span, source, lines)));
            location["message"] = json!({ "text": text(&label.text) });
            location
        })
        .collect();
    let same = diagnostic.also.iter().filter_map(|other| {
        let of_line = || lines.span(other.line?, source);
        let mut location = location(uri, Some(&Region::new(other.span.or_else(of_line)?, source, lines)));
        location["message"] = json!({ "text": "the same here" });
        Some(location)
    });
    let related: Vec<Value> = related.into_iter().chain(same).collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = &diagnostic.fix {
        let replacements = fix.edits.iter().map(|edit| {
            json!({
                "deletedRegion": region(&Region::new(edit.span, source, lines)),
                "insertedContent": { "text": edit.text },
            })
        });
        result["fixes"] = json!([{
            "description": { "text": text(&fix.description) },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri },
                "replacements": replacements.collect::<Vec<_>>(),
            }],
        }]);
    }
    if let Some(why) = &diagnostic.suppressed {
        let mut suppression =
            json!({ "kind": if *why == Suppression::Baseline { "external" } else { "inSource" } });
        if let Suppression::Comment(reason) = why
            && !reason.is_empty()
        {
            suppression["justification"] = json!(text(reason));
        }
        result["suppressions"] = json!([suppression]);
    }
    result
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn location(uri: &str, place: Option<&Region>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri } });
    if let Some(place) = place {
        location["region"] = region(place);
    }
    json!({ "physicalLocation": location })
}

fn region(place: &Region) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// Text that viewers show as it is; line ends stay.
fn text(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(visible).collect();
    lines.join("\n")
}
