//! Gates: conditions a project sets on its build, and which of them it breaks.

use std::fmt;

use crate::advice::rules;
use crate::analysis::{Analysis, NodeAnalysis};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::dockerfile::parse_duration;
use crate::graph::BuildGraph;
use crate::graph::emulate::Execution;
use crate::pricing::Timing;
use crate::source::Line;
use crate::units::Nanos;

/// The conditions. Without any, nothing fails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gates {
    /// Diagnostics that fail.
    pub fail_on: Vec<FailOn>,
    /// The longest that the build may take, by its P50.
    pub max_time: Option<Nanos>,
    /// The longest that steps may run under emulation, added up.
    pub max_emulated: Option<Nanos>,
    /// Where platforms may not have parted yet.
    pub no_split_before: Vec<Place>,
    /// Whether places that a file does not have are passed over, since the gates hold for many files.
    pub may_miss_places: bool,
}

impl Gates {
    /// Whether nothing can break them.
    pub fn are_open(&self) -> bool {
        // By name, so that no gate that is added can be forgotten here.
        let Self { fail_on, max_time, max_emulated, no_split_before, may_miss_places: _ } = self;
        fail_on.is_empty() && max_time.is_none() && max_emulated.is_none() && no_split_before.is_empty()
    }
}

/// Diagnostics that fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailOn {
    /// At least this bad.
    Severity(Severity),
    /// Of this rule, however bad.
    Rule(&'static Rule),
}

/// A place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The stage that holds this line may not be split above it.
    Line(Line),
    /// No stage above this one may be split.
    Stage(String),
}

/// How long a build takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// P50 of the whole build.
    pub total: Nanos,
    /// Durations of the steps under emulation, wholly or in part, added up.
    pub emulated: Nanos,
}

impl Times {
    /// The times of a priced build.
    pub fn of(analysis: &Analysis, timing: &Timing<'_>) -> Self {
        let emulated = |node: &NodeAnalysis, vertex| {
            matches!(node.execution(vertex), Some(Execution::Emulated | Execution::Mixed))
        };
        let nodes = analysis.each_node();
        let steps = nodes.flat_map(|(at, node)| {
            let vertices = node.graph.vertices().map(|(vertex, _)| vertex);
            vertices
                .filter(|&vertex| emulated(node, vertex))
                .map(move |vertex| timing.trace.span(timing.task(at, vertex)).duration())
        });
        Self { total: timing.total.p50, emulated: steps.sum() }
    }
}

/// A gate that the build breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The option that sets it, such as `--max-time`.
    pub gate: &'static str,
    /// What is asked for and what is there instead.
    pub message: String,
}

/// A gate that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateError(String);

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GateError {}

impl FailOn {
    /// Reads a severity or a rule.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        if let Some(severity) = Severity::VALUES.into_iter().find(|severity| severity.as_str() == text) {
            return Ok(Self::Severity(severity));
        }
        if let Some(rule) = rules::find(text) {
            return Ok(Self::Rule(rule));
        }
        let words = rules::all().map(|rule| rule.code).chain(Severity::VALUES.map(Severity::as_str));
        let hint = crate::diagnostic::nearest(text, words);
        let hint = hint.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        Err(GateError(format!("{text:?} is no rule and no severity{hint}")))
    }

    fn takes(&self, diagnostic: &Diagnostic) -> bool {
        match self {
            Self::Severity(severity) => diagnostic.severity >= *severity,
            Self::Rule(rule) => diagnostic.rule == *rule,
        }
    }
}

impl Place {
    /// Reads a line number or a stage's name.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Stage(text.to_lowercase()), |line| Self::Line(Line(line)))
    }
}

/// Reads a limit such as `20m` or `1h30m`.
pub fn limit(text: &str) -> Result<Nanos, GateError> {
    let nanos = parse_duration(text).and_then(|nanos| u64::try_from(nanos).ok());
    nanos.map(Nanos).ok_or_else(|| GateError(format!("{text:?} is no duration such as 90s, 20m or 1h30m")))
}

impl Gates {
    /// The gates that a workflow breaks, by its time from nothing and what was found in it.
    pub fn check_workflow(&self, total: Nanos, found: &[Diagnostic]) -> Vec<Breach> {
        let mut breaches = self.check_findings(found);
        if let Some(limit) = self.max_time.filter(|limit| total > *limit) {
            let message = format!("the workflow takes {total}, more than {limit}");
            breaches.push(Breach { gate: "--max-time", message });
        }
        breaches
    }

    /// The gates that what was found breaks.
    pub fn check_findings(&self, found: &[Diagnostic]) -> Vec<Breach> {
        self.fail_on.iter().filter_map(|gate| breach(gate, found)).collect()
    }

    /// The gates that a build breaks. Fails where a gate names a stage or line that has to be there and is not.
    pub fn check(
        &self,
        analysis: &Analysis,
        times: Option<Times>,
        found: &[Diagnostic],
    ) -> Result<Vec<Breach>, GateError> {
        let mut breaches = self.check_findings(found);
        if let Some(times) = times {
            let limits = [
                ("--max-time", "the build takes", times.total, self.max_time),
                ("--max-emulated", "steps under emulation take", times.emulated, self.max_emulated),
            ];
            for (gate, what, time, limit) in limits {
                if let Some(limit) = limit.filter(|limit| time > *limit) {
                    breaches.push(Breach { gate, message: format!("{what} {time}, more than {limit}") });
                }
            }
        }
        for place in &self.no_split_before {
            for node in &analysis.nodes {
                let (within, before) = match place.region(&node.graph) {
                    Ok(region) => region,
                    Err(_) if self.may_miss_places => continue,
                    Err(error) => return Err(error),
                };
                let split = node
                    .splits
                    .iter()
                    .filter(|split| within.contains(&split.stage.index()))
                    .find(|split| split.line < before);
                breaches.extend(split.map(|split| Breach {
                    gate: "--no-split-before",
                    message: format!("line {} is split: {}", split.line, split.reason.text()),
                }));
            }
        }
        Ok(breaches)
    }
}

/// The breach of a gate on diagnostics, which says how many and names the first.
fn breach(gate: &FailOn, found: &[Diagnostic]) -> Option<Breach> {
    let mut counting = found.iter().filter(|diagnostic| diagnostic.counts() && gate.takes(diagnostic));
    let first = counting.next()?;
    let at = first.line.map_or_else(String::new, |line| format!(" in line {line}"));
    let more = match counting.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("{}{at}{more}: {}", first.rule.code, first.message);
    Some(Breach { gate: "--fail-on", message })
}

impl Place {
    /// The stages, by index, and the line before which they may not be split.
    fn region(&self, graph: &BuildGraph) -> Result<(std::ops::Range<usize>, Line), GateError> {
        let stages = graph.stages();
        match self {
            Self::Line(line) => {
                let after = stages.partition_point(|stage| stage.line <= *line);
                let missing = || GateError(format!("line {line} is in no stage"));
                let stage = after.checked_sub(1).ok_or_else(missing)?;
                Ok((stage..after, *line))
            }
            Self::Stage(name) => {
                let index = stages.iter().rposition(|stage| stage.name.as_deref() == Some(name));
                let names = stages.iter().filter_map(|stage| stage.name.as_deref());
                let missing = || {
                    let near = crate::diagnostic::nearest(name, names);
                    let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
                    GateError(format!("no stage is called {name:?}{near}"))
                };
                let index = index.ok_or_else(missing)?;
                Ok((0..index, stages[index].line))
            }
        }
    }
}
