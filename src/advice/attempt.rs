//! Trying a fix: the file after it is analysed again, and the change stands only if it does no harm.

use super::ask::{advise, advise_refused};
use super::comments::Comments;
use super::edit;
use super::finding::{Finding, Fix, When};
use super::metadata::{self, Setting};
use super::price::{Price, Pricer};
use super::recipe;
use super::rules;
use crate::analysis::{Analysis, NodeInputs, analyze_file};
use crate::diagnostic::Severity;
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::source::Source;

/// Why a fix does not stand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// Its edits do not fit the text, or change nothing.
    Edits,
    /// The result does not build, for this reason. May quote the file.
    Refused(String),
    /// An image would be made of something else. May quote the file.
    Image(String),
    /// The build would take longer.
    Slower,
    /// Its own finding would stay, or another one come.
    Findings,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edits => f.write_str("its edits do not fit the text"),
            Self::Refused(message) => write!(f, "the result does not build: {message}"),
            Self::Image(what) => write!(f, "an image would be made of something else: {what}"),
            Self::Slower => f.write_str("the build would take longer"),
            Self::Findings => f.write_str("its own finding would stay, or another one come"),
        }
    }
}

/// A text with what is known of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) text: String,
    pub(super) findings: Vec<Finding>,
    pub(super) price: Price,
    /// `None` where the text cannot be built.
    pub(super) analysis: Option<Analysis>,
    /// Why it cannot.
    refusal: String,
    /// Findings by rule.
    counts: Vec<usize>,
    /// What each node's images are told besides files.
    settings: Vec<Vec<Setting>>,
}

impl State {
    /// Analyses a text.
    pub(super) fn of(name: &str, text: String, nodes: &[NodeInputs], pricer: &Pricer) -> Self {
        let Ok(source) = Source::new(name, text.clone().into_bytes()) else {
            return Self::unbuildable(text, Vec::new(), "it is too large");
        };
        let arena = Arena::new();
        let file = parse(&source, &arena);
        match analyze_file(&file, nodes, &arena) {
            Ok(analysis) => {
                let timing = pricer.timing(&analysis);
                let comments = Comments::of(&file);
                let mut findings = advise(&file, nodes, &analysis);
                findings.retain(|finding| !comments.covers(finding));
                let price = Price::of(&analysis, timing.as_ref());
                Self::known(text, &file, findings, analysis, price)
            }
            Err(refused) => Self::unbuildable(text, advise_refused(&file), &refused.refusal.error.message),
        }
    }

    /// A text that is analysed already.
    pub(super) fn known(
        text: String,
        file: &Dockerfile<'_>,
        findings: Vec<Finding>,
        analysis: Analysis,
        price: Price,
    ) -> Self {
        let settings =
            analysis.nodes.iter().map(|node| metadata::of(file, node.graph.target_stage())).collect();
        let counts = rules::counts(&findings);
        let refusal = String::new();
        Self { text, findings, price, analysis: Some(analysis), refusal, counts, settings }
    }

    fn unbuildable(text: String, findings: Vec<Finding>, why: &str) -> Self {
        let counts = rules::counts(&findings);
        let (price, settings) = (Price::default(), Vec::new());
        Self { text, findings, price, analysis: None, refusal: why.to_owned(), counts, settings }
    }

    fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
}

/// The text after a fix, if the fix stands.
///
/// The final image of every platform is compared vertex by vertex with what the fix is licensed to change
/// ([`recipe`]), and what it is told besides files as written. A fix that is applied on request only may take longer:
/// it repairs an image.
pub(super) fn attempt(
    state: &State,
    finding: &Finding,
    fix: &Fix,
    name: &str,
    nodes: &[NodeInputs],
    pricer: &Pricer,
) -> Result<State, Rejection> {
    let text = edit::apply(&state.text, &fix.edits).filter(|text| *text != state.text);
    let next = State::of(name, text.ok_or(Rejection::Edits)?, nodes, pricer);
    let Some(after) = &next.analysis else { return Err(Rejection::Refused(next.refusal)) };
    let Some(before) = &state.analysis else { return Ok(next) };
    for (before, after) in before.nodes.iter().zip(&after.nodes) {
        let changes = recipe::changes(&before.graph, &after.graph);
        if let Some(change) = changes.iter().find(|change| !recipe::allows(&fix.licence, change)) {
            return Err(Rejection::Image(change.to_string()));
        }
    }
    if fix.when == When::Always {
        if state.settings != next.settings {
            return Err(Rejection::Image("its configuration".to_owned()));
        }
        if next.price.exceeds(&state.price) {
            return Err(Rejection::Slower);
        }
    }
    let own = rules::position(finding.rule);
    let progress = next.counts < state.counts && next.counts[own] < state.counts[own];
    if progress && next.errors() <= state.errors() { Ok(next) } else { Err(Rejection::Findings) }
}
