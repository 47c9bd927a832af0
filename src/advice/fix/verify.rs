//! Trying a fix: the file after it is analysed again, and the change stands only if it does no harm.

use super::equivalence::{self, Licence};
use super::image_settings::{self, Setting};
use crate::advice::edits::apply::apply;
use crate::advice::lint::detect;
use crate::advice::price::{Pricer, price_of};
use crate::advice::rules;
use crate::analysis::{Analysis, Build, Refused};
use crate::diagnostic::{Applicability, Diagnostic, Fix, Price, Severity};
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
    /// It would save less than counts.
    Small,
    /// Its own finding would stay, or another one come.
    Findings,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edits => f.write_str("the change does not fit the text"),
            Self::Refused(message) => write!(f, "the result does not build: {message}"),
            Self::Image(what) => write!(f, "an image would be made of something else: {what}"),
            Self::Slower => f.write_str("the build would take longer"),
            Self::Small => f.write_str("it saves too little to count; `--only` applies it all the same"),
            Self::Findings => f.write_str("this would still be found afterwards, or something else instead"),
        }
    }
}

/// A text that can be built, as far as a fix is measured by it.
pub(in crate::advice) struct Built<'s> {
    pub(in crate::advice) build: &'s Build,
    pub(in crate::advice) analysis: &'s Analysis,
    pub(in crate::advice) measured: &'s Measured,
}

/// What is compared before and after a fix.
#[derive(Debug, Default)]
pub(in crate::advice) struct Measured {
    pub(in crate::advice) price: Price,
    /// Findings by rule.
    counts: Vec<usize>,
    errors: usize,
    /// What each node's images are told besides files.
    settings: Vec<Vec<Setting>>,
}

impl Measured {
    pub(in crate::advice) fn of(
        file: &Dockerfile<'_>,
        findings: &[Diagnostic],
        analysis: Option<&Analysis>,
        price: Price,
    ) -> Self {
        let nodes = analysis.map_or(&[][..], |analysis| &analysis.nodes);
        let settings = nodes.iter().map(|node| image_settings::of(file, node.graph.target_stage())).collect();
        let counting = findings.iter().filter(|finding| finding.counts());
        let errors = counting.filter(|finding| finding.severity == Severity::Error).count();
        Self { price, counts: rules::counts(findings), errors, settings }
    }
}

/// A text with what is known of it.
#[derive(Debug)]
pub(in crate::advice) struct State {
    pub(in crate::advice) build: Build,
    pub(in crate::advice) findings: Vec<Diagnostic>,
    pub(in crate::advice) measured: Measured,
}

impl State {
    /// What is found in a build, and what it costs.
    pub(in crate::advice) fn of(build: Build, pricer: &Pricer) -> Self {
        let findings = detect(&build, None, pricer.files(), |_| true);
        let analysis = build.outcome().ok();
        let price = analysis.map(|analysis| price_of(analysis, pricer.timing(analysis).as_ref()));
        let measured = Measured::of(build.file(), &findings, analysis, price.unwrap_or_default());
        Self { build, findings, measured }
    }

    /// Nothing, where a fix changes nothing of the images that its licence does not cover.
    pub(in crate::advice) fn keeps(&self, fix: &Fix) -> Result<(), Rejection> {
        let Some(before) = self.built() else { return Ok(()) };
        let next = edited(before.build, fix)?;
        unchanged(&before, next.outcome().map_err(refused)?, fix)
    }

    /// The text as something to measure by, if it can be built.
    pub(in crate::advice) fn built(&self) -> Option<Built<'_>> {
        let analysis = self.build.outcome().ok()?;
        Some(Built { build: &self.build, analysis, measured: &self.measured })
    }
}

/// The text after a fix, if the fix stands.
///
/// The final image of every platform is compared vertex by vertex with what the fix is licensed to change
/// ([`recipe`]), and what it is told besides files as written. A fix that is applied on request only may take longer:
/// it repairs an image. A recipe makes another image of what a person has to check: it has to build, and to mend its finding.
pub(in crate::advice) fn verify(
    state: &State,
    finding: &Diagnostic,
    fix: &Fix,
    is_recipe: bool,
    pricer: &Pricer,
) -> Result<State, Rejection> {
    if let Some(built) = state.built() {
        if !is_recipe {
            return verify_on(&built, finding, fix, pricer);
        }
        let next = State::of(edited(built.build, fix)?, pricer);
        next.build.outcome().map_err(refused)?;
        // Steps that it writes a second time are found a second time.
        let (old, new) = (built.measured, &next.measured);
        let is_mended = mended(old, new, finding) && !rules::is_more_wrong(&old.counts, &new.counts);
        return if is_mended { Ok(next) } else { Err(Rejection::Findings) };
    }
    let next = State::of(edited(&state.build, fix)?, pricer);
    next.build.outcome().map_err(refused)?;
    Ok(next)
}

/// As [`verify`], on a text that can be built.
pub(in crate::advice) fn verify_on(
    before: &Built<'_>,
    finding: &Diagnostic,
    fix: &Fix,
    pricer: &Pricer,
) -> Result<State, Rejection> {
    let next = State::of(edited(before.build, fix)?, pricer);
    let after = next.build.outcome().map_err(refused)?;
    unchanged(before, after, fix)?;
    let (old, new) = (before.measured, &next.measured);
    if fix.applicability == Applicability::Always {
        if old.settings != new.settings {
            return Err(Rejection::Image("its configuration".to_owned()));
        }
        if new.price.exceeds(&old.price) {
            return Err(Rejection::Slower);
        }
    }
    mends(old, next, finding)
}

/// Compares the final image of every platform vertex by vertex with what a fix is licensed to change.
fn unchanged(before: &Built<'_>, after: &Analysis, fix: &Fix) -> Result<(), Rejection> {
    let licence = Licence::new(&fix.licence, before.build.file());
    for (before, after) in before.analysis.nodes.iter().zip(&after.nodes) {
        let changes = equivalence::changes(&before.graph, &after.graph);
        if let Some(change) = changes.iter().find(|change| !licence.allows(change)) {
            return Err(Rejection::Image(change.to_string()));
        }
    }
    Ok(())
}

/// What came of a change, if its own finding is gone and no other has come in its place.
fn mends(old: &Measured, next: State, finding: &Diagnostic) -> Result<State, Rejection> {
    let new = &next.measured;
    let is_mended = new.counts < old.counts && mended(old, new, finding);
    if is_mended { Ok(next) } else { Err(Rejection::Findings) }
}

/// Whether a finding is gone, and no error has come.
fn mended(old: &Measured, new: &Measured, finding: &Diagnostic) -> bool {
    let own = rules::position(finding.rule);
    new.counts[own] < old.counts[own] && new.errors <= old.errors
}

fn edited(build: &Build, fix: &Fix) -> Result<Build, Rejection> {
    let (name, text) = (build.source().name(), build.source().text());
    let after = apply(text, &fix.edits).filter(|after| after != text).ok_or(Rejection::Edits)?;
    let source = Source::new(name, after.into_bytes()).map_err(|why| Rejection::Refused(why.to_string()))?;
    Ok(build.with_text(source))
}

fn refused(refused: &Refused) -> Rejection {
    Rejection::Refused(refused.refusal.error.message.clone())
}
