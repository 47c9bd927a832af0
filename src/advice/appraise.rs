//! Findings with what they cost: each fix is tried, and what does not help is not said.

use super::ask::{advise_on, is_same};
use super::attempt::{Built, Facts, Rejection, attempt_on};
use super::comments::Comments;
use super::edit;
use super::finding::{Finding, When};
use super::price::{Price, Pricer, Saving};
use crate::analysis::{Analysis, NodeInputs, analyze_file};
use crate::diagnostic::{Diagnostic, Severity};
use crate::dockerfile::{Arena, Dockerfile, parse};
use crate::pricing::{Cache, Timing};
use crate::source::Source;

/// Instructions that are analysed again to try changes, in all. A change beyond that is neither tried nor offered.
const MAX_TRIED: usize = 100_000;

/// The findings in a file that can be built, in the order of its lines, each with what its change saves.
///
/// A finding is left out where its change would make the build slower, or where it is only about time and saves none. A fix
/// that does not stand is taken off its finding. Findings that [comments](Comments) exempt are included.
pub fn appraise(
    source: &Source,
    file: &Dockerfile<'_>,
    nodes: &[NodeInputs],
    analysis: &Analysis,
    pricer: &Pricer,
) -> Vec<Finding> {
    appraise_on(source, file, nodes, analysis, pricer, pricer.timing(analysis).as_ref())
}

/// As [`appraise`], where the build was priced already. Prices it again only if that was not from an empty cache.
pub fn appraise_timed(
    source: &Source,
    file: &Dockerfile<'_>,
    nodes: &[NodeInputs],
    analysis: &Analysis,
    pricer: &Pricer,
    timing: &Timing<'_>,
) -> Vec<Finding> {
    if timing.terms.cache == Cache::default() {
        appraise_on(source, file, nodes, analysis, pricer, Some(timing))
    } else {
        appraise(source, file, nodes, analysis, pricer)
    }
}

fn appraise_on(
    source: &Source,
    file: &Dockerfile<'_>,
    nodes: &[NodeInputs],
    analysis: &Analysis,
    pricer: &Pricer,
    timing: Option<&Timing<'_>>,
) -> Vec<Finding> {
    let price = Price::of(analysis, timing);
    let findings = advise_on(file, nodes, analysis, timing);
    let comments = Comments::of(file);
    let counted: Vec<Finding> =
        findings.iter().filter(|finding| !comments.covers(finding)).cloned().collect();
    let facts = Facts::of(file, &counted, Some(analysis), price);
    let before = Built { text: source.text(), analysis, facts: &facts };
    let mut trials = MAX_TRIED / file.instructions.len().max(1);
    let valued = findings.into_iter().filter_map(|mut finding| {
        if trials == 0 {
            finding.fix = None;
            return Some(finding);
        }
        trials -= usize::from(finding.fix.is_some() || !finding.trial.is_empty());
        value(finding, source.name(), &before, nodes, pricer)
    });
    valued.collect()
}

/// A finding with its saving; `None` where nothing is gained.
fn value(
    mut finding: Finding,
    name: &str,
    before: &Built<'_>,
    nodes: &[NodeInputs],
    pricer: &Pricer,
) -> Option<Finding> {
    let price = before.facts.price;
    if let Some(fix) = &finding.fix {
        match attempt_on(before, &finding, fix, name, nodes, pricer) {
            Ok(after) => finding.saving = Some(Saving { before: price, after: after.facts.price }),
            Err(Rejection::Slower) if finding.severity != Severity::Error => return None,
            Err(_) => finding.fix = None,
        }
        let is_repair = finding.fix.as_ref().is_some_and(|fix| fix.when == When::OnRequest);
        finding.saving = finding.saving.filter(|saving| !is_repair || saving.after <= price);
    } else if !finding.trial.is_empty() {
        finding.saving = edit::apply(before.text, &finding.trial)
            .and_then(|text| tried(name, text, nodes, pricer))
            .map(|after| Saving { before: price, after });
    }
    let gains = finding.saving.is_none_or(|saving| saving.after < price);
    (gains || !finding.rule.is_about_time).then_some(finding)
}

/// What a text costs, if it can be built.
fn tried(name: &str, text: String, nodes: &[NodeInputs], pricer: &Pricer) -> Option<Price> {
    let source = Source::new(name, text.into_bytes()).ok()?;
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let analysis = analyze_file(&file, nodes, &arena).ok()?;
    Some(Price::of(&analysis, pricer.timing(&analysis).as_ref()))
}

/// The diagnostics that no finding on the same line says as well.
pub fn without_repeats<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    findings: &[Finding],
) -> Vec<&'d Diagnostic> {
    let said = |diagnostic: &Diagnostic| {
        let here = findings.iter().filter(|finding| Some(finding.line) == diagnostic.line);
        here.into_iter().any(|finding| is_same(finding.rule, diagnostic.code))
    };
    diagnostics.into_iter().filter(|diagnostic| !said(diagnostic)).collect()
}
