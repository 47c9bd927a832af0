//! What a project accepted when it began, so that only what is new counts.
//!
//! An entry holds a rule and the first line of the instruction, not its number: it survives edits elsewhere in the file.

use std::fmt;

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};

use crate::advice::rules;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Dockerfile;
use crate::source::Source;

/// The version of the form. A baseline of another one is refused.
pub const SCHEMA: &str = "xsim.baseline/1";

/// Bytes of an instruction's text that are kept.
const MAX_TEXT: usize = 200;

/// Accepted diagnostics, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema: String,
    #[serde(default)]
    accepted: Vec<Accepted>,
}

/// One kind of diagnostic on one text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    rule: String,
    /// The first line of the instruction; empty for one without a line.
    text: String,
    /// How many there are.
    count: u32,
}

/// Why a text is no baseline, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineError(String);

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for BaselineError {}

impl Default for Baseline {
    fn default() -> Self {
        Self { schema: SCHEMA.into(), accepted: Vec::new() }
    }
}

impl Baseline {
    /// Reads a baseline from TOML.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let baseline: Self = toml::from_str(text).map_err(|error| BaselineError(error.to_string()))?;
        if baseline.schema == SCHEMA {
            return Ok(baseline);
        }
        Err(BaselineError(format!("its schema is {:?}, and {SCHEMA:?} is read", baseline.schema)))
    }

    /// Accepts what was found, but for what a comment exempts.
    pub fn accept(&mut self, file: &impl Quoted, found: &[Diagnostic]) {
        let mut counts: HashMap<(String, String), u32> = HashMap::new();
        for Accepted { rule, text, count } in self.accepted.drain(..) {
            counts.insert((rule, text), count);
        }
        for diagnostic in found.iter().filter(|diagnostic| diagnostic.counts()) {
            let text = text_of(file, diagnostic).to_owned();
            *counts.entry((diagnostic.rule.code.to_owned(), text)).or_default() += 1;
        }
        self.accepted =
            counts.into_iter().map(|((rule, text), count)| Accepted { rule, text, count }).collect();
        self.accepted.sort();
    }

    /// The baseline as TOML.
    pub fn to_toml(&self) -> Result<String, BaselineError> {
        toml::to_string(self).map_err(|error| BaselineError(error.to_string()))
    }

    /// The number of diagnostics accepted.
    pub fn len(&self) -> usize {
        self.accepted.iter().map(|accepted| accepted.count as usize).sum()
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    pub(super) fn count(&self) -> Remaining<'_> {
        let mut remaining = Remaining::default();
        for Accepted { rule, text, count } in &self.accepted {
            // It may have been written when the rule had another name.
            let rule = rules::find(rule).map_or(&**rule, |rule| rule.code);
            *remaining.0.entry(rule).or_default().entry(text).or_default() += count;
        }
        remaining
    }
}

/// What of a baseline is not used up, by rule and text.
#[derive(Default)]
pub(super) struct Remaining<'b>(HashMap<&'b str, HashMap<&'b str, u32>>);

impl Remaining<'_> {
    /// Whether a diagnostic is accepted; a second one of its kind needs a second place in the baseline.
    pub(super) fn take(&mut self, diagnostic: &Diagnostic, file: &impl Quoted) -> bool {
        let texts = self.0.get_mut(diagnostic.rule.code);
        let Some(left) = texts.and_then(|texts| texts.get_mut(text_of(file, diagnostic))) else {
            return false;
        };
        let accepted = *left > 0;
        *left = left.saturating_sub(1);
        accepted
    }
}

/// A file of which a line can be quoted.
pub trait Quoted {
    /// The line that a diagnostic is about; of an instruction its first. Empty for one without a line.
    fn quoted(&self, diagnostic: &Diagnostic) -> &str;
}

impl Quoted for Dockerfile<'_> {
    fn quoted(&self, diagnostic: &Diagnostic) -> &str {
        let instruction = diagnostic.line.and_then(|line| {
            let at = self.instructions.binary_search_by_key(&line, |instruction| instruction.line).ok()?;
            self.instructions.get(at)
        });
        let text = instruction.and_then(|instruction| self.text.get(instruction.span.range()));
        text.and_then(|text| text.lines().next()).unwrap_or_default()
    }
}

impl Quoted for Source {
    fn quoted(&self, diagnostic: &Diagnostic) -> &str {
        let line = diagnostic.line.and_then(|line| (line.0 as usize).checked_sub(1));
        line.and_then(|line| self.text().lines().nth(line)).unwrap_or_default().trim()
    }
}

/// The beginning of the line that a diagnostic is about.
fn text_of<'f>(file: &'f impl Quoted, diagnostic: &Diagnostic) -> &'f str {
    let line = file.quoted(diagnostic).trim_end();
    let end = (0..=MAX_TEXT.min(line.len())).rev().find(|&end| line.is_char_boundary(end));
    &line[..end.unwrap_or(0)]
}
