//! Trying a fix: the file after it is analysed again, and the change stands only if it does no harm.

use super::ask::advise;
use super::comments::Comments;
use super::edit;
use super::finding::{Finding, Fix, When};
use super::metadata::{self, Setting};
use super::price::{Price, Pricer};
use super::recipe;
use super::rules;
use crate::analysis::{Analysis, Build, Refused};
use crate::diagnostic::Severity;
use crate::dockerfile::Dockerfile;
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

/// A text that can be built, as far as a fix is measured by it.
pub(super) struct Built<'s> {
    pub(super) build: &'s Build,
    pub(super) analysis: &'s Analysis,
    pub(super) facts: &'s Facts,
}

/// What is compared before and after a fix.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) price: Price,
    /// Findings by rule.
    counts: Vec<usize>,
    errors: usize,
    /// What each node's images are told besides files.
    settings: Vec<Vec<Setting>>,
}

impl Facts {
    pub(super) fn of(
        file: &Dockerfile<'_>,
        findings: &[Finding],
        analysis: Option<&Analysis>,
        price: Price,
    ) -> Self {
        let nodes = analysis.map_or(&[][..], |analysis| &analysis.nodes);
        let settings = nodes.iter().map(|node| metadata::of(file, node.graph.target_stage())).collect();
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        Self { price, counts: rules::counts(findings), errors, settings }
    }
}

/// A text with what is known of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) build: Build,
    pub(super) findings: Vec<Finding>,
    pub(super) facts: Facts,
}

impl State {
    /// What is found in a build, and what it costs.
    pub(super) fn of(build: Build, pricer: &Pricer) -> Self {
        let mut findings = advise(&build);
        let facts = match build.outcome() {
            Ok(analysis) => {
                let price = Price::of(analysis, pricer.timing(analysis).as_ref());
                let comments = Comments::of(build.file());
                findings.retain(|finding| !comments.covers(finding));
                Facts::of(build.file(), &findings, Some(analysis), price)
            }
            Err(_) => Facts::of(build.file(), &findings, None, Price::default()),
        };
        Self { build, findings, facts }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.build.source().text()
    }

    /// The text as something to measure by, if it can be built.
    pub(super) fn built(&self) -> Option<Built<'_>> {
        let analysis = self.build.outcome().ok()?;
        Some(Built { build: &self.build, analysis, facts: &self.facts })
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
    pricer: &Pricer,
) -> Result<State, Rejection> {
    if let Some(built) = state.built() {
        return attempt_on(&built, finding, fix, pricer);
    }
    let next = State::of(edited(&state.build, fix)?, pricer);
    next.build.outcome().map_err(refused)?;
    Ok(next)
}

/// As [`attempt`], on a text that can be built.
pub(super) fn attempt_on(
    before: &Built<'_>,
    finding: &Finding,
    fix: &Fix,
    pricer: &Pricer,
) -> Result<State, Rejection> {
    let next = State::of(edited(before.build, fix)?, pricer);
    let after = next.build.outcome().map_err(refused)?;
    for (before, after) in before.analysis.nodes.iter().zip(&after.nodes) {
        let changes = recipe::changes(&before.graph, &after.graph);
        if let Some(change) = changes.iter().find(|change| !recipe::allows(&fix.licence, change)) {
            return Err(Rejection::Image(change.to_string()));
        }
    }
    let (old, new) = (before.facts, &next.facts);
    if fix.when == When::Always {
        if old.settings != new.settings {
            return Err(Rejection::Image("its configuration".to_owned()));
        }
        if new.price.exceeds(&old.price) {
            return Err(Rejection::Slower);
        }
    }
    let own = rules::position(finding.rule);
    let progress = new.counts < old.counts && new.counts[own] < old.counts[own];
    if progress && new.errors <= old.errors { Ok(next) } else { Err(Rejection::Findings) }
}

fn edited(build: &Build, fix: &Fix) -> Result<Build, Rejection> {
    let (name, text) = (build.source().name(), build.source().text());
    let after = edit::apply(text, &fix.edits).filter(|after| after != text).ok_or(Rejection::Edits)?;
    let source = Source::new(name, after.into_bytes()).map_err(|why| Rejection::Refused(why.to_string()))?;
    Ok(build.with_text(source))
}

fn refused(refused: &Refused) -> Rejection {
    Rejection::Refused(refused.refusal.error.message.clone())
}
