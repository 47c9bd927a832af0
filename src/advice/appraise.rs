//! Findings with what they cost: each fix is tried, and what does not help is not said.

use super::ask::{advise_on, is_same};
use super::attempt::{Built, Facts, Rejection, attempt_on};
use super::comments::Comments;
use super::edit;
use super::finding::{Finding, When};
use super::price::{Price, Pricer, Saving};
use crate::analysis::Build;
use crate::diagnostic::{Diagnostic, Severity};
use crate::pricing::{Cache, Timing};
use crate::source::Source;

/// Instructions that are analysed again to try changes, in all. A change beyond that is neither tried nor offered.
const MAX_TRIED: usize = 100_000;

/// The findings in a build, in the order of the lines of its file, each with what its change saves. In a file that cannot be
/// built, those that need nothing but its text.
///
/// A finding is left out where its change would make the build slower, or where it is only about time and saves none. A fix
/// that does not stand is taken off its finding. Findings that [comments](Comments) exempt are included.
pub fn appraise(build: &Build, pricer: &Pricer) -> Vec<Finding> {
    let timing = build.outcome().ok().and_then(|analysis| pricer.timing(analysis));
    appraise_on(build, pricer, timing.as_ref())
}

/// As [`appraise`], where the build was priced already. Prices it again only if that was not from an empty cache.
pub fn appraise_timed(build: &Build, pricer: &Pricer, timing: &Timing<'_>) -> Vec<Finding> {
    if timing.terms.cache == Cache::default() {
        appraise_on(build, pricer, Some(timing))
    } else {
        appraise(build, pricer)
    }
}

fn appraise_on(build: &Build, pricer: &Pricer, timing: Option<&Timing<'_>>) -> Vec<Finding> {
    let findings = advise_on(build, timing);
    let (file, Ok(analysis)) = (build.file(), build.outcome()) else { return findings };
    let price = Price::of(analysis, timing);
    let comments = Comments::of(file);
    let counted: Vec<Finding> =
        findings.iter().filter(|finding| !comments.covers(finding)).cloned().collect();
    let facts = Facts::of(file, &counted, Some(analysis), price);
    let before = Built { build, analysis, facts: &facts };
    let mut trials = MAX_TRIED / file.instructions.len().max(1);
    let valued = findings.into_iter().filter_map(|mut finding| {
        if trials == 0 {
            finding.fix = None;
            return Some(finding);
        }
        trials -= usize::from(finding.fix.is_some() || !finding.trial.is_empty());
        value(finding, &before, pricer)
    });
    valued.collect()
}

/// A finding with its saving; `None` where nothing is gained.
fn value(mut finding: Finding, before: &Built<'_>, pricer: &Pricer) -> Option<Finding> {
    let price = before.facts.price;
    if let Some(fix) = &finding.fix {
        match attempt_on(before, &finding, fix, pricer) {
            Ok(after) => finding.saving = Some(Saving { before: price, after: after.facts.price }),
            Err(Rejection::Slower) if finding.severity != Severity::Error => return None,
            Err(_) => finding.fix = None,
        }
        let is_repair = finding.fix.as_ref().is_some_and(|fix| fix.when == When::OnRequest);
        finding.saving = finding.saving.filter(|saving| !is_repair || saving.after <= price);
    } else if !finding.trial.is_empty() {
        finding.saving = edit::apply(before.build.source().text(), &finding.trial)
            .and_then(|text| tried(before.build, text, pricer))
            .map(|after| Saving { before: price, after });
    }
    let gains = finding.saving.is_none_or(|saving| saving.after < price);
    (gains || !finding.rule.is_about_time).then_some(finding)
}

/// What a text costs, if it can be built.
fn tried(build: &Build, text: String, pricer: &Pricer) -> Option<Price> {
    let source = Source::new(build.source().name(), text.into_bytes()).ok()?;
    let changed = build.with_text(source);
    let analysis = changed.outcome().ok()?;
    Some(Price::of(analysis, pricer.timing(analysis).as_ref()))
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
