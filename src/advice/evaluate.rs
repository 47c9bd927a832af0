//! Findings with what they cost: each fix is tried, and what does not help is not said.

use crate::advice::edits::apply::apply;
use crate::advice::fix::verify::{Built, Measured, Rejection, verify_on};
use crate::advice::fix::why_unfixed;
use crate::advice::lint::detect;
use crate::advice::price::{Pricer, price_of};
use crate::advice::rules::native_node;
use crate::analysis::Build;
use crate::budget;
use crate::diagnostic::{Applicability, Diagnostic, Price, Saving, Severity, by_worth};
use crate::pricing::{Cache, Timing};
use crate::source::Source;
use crate::units::Nanos;

/// Instructions, or vertices where there are more, that are analysed again to try changes, in all. A change beyond that is neither tried nor offered.
const MAX_TRIED: usize = 100_000;

/// The findings in a build, what is worth most first, each with what its change saves. In a file that cannot be
/// built, those that need nothing but its text.
///
/// A finding is left out where its change would make the build slower, or where it is only about time and saves less than counts ([`Worth`](super::Worth)). A fix
/// that does not stand is taken off its finding. What comments exempt is included, and marked.
pub fn evaluate(build: &Build, pricer: &Pricer) -> Vec<Diagnostic> {
    let timing = build.outcome().ok().and_then(|analysis| pricer.timing(analysis));
    evaluate_on(build, pricer, timing.as_ref())
}

/// As [`evaluate`], where the build was priced already. Prices it again only if that was not from an empty cache.
pub fn evaluate_timed(build: &Build, pricer: &Pricer, timing: &Timing<'_>) -> Vec<Diagnostic> {
    if timing.terms.cache == Cache::default() {
        evaluate_on(build, pricer, Some(timing))
    } else {
        evaluate(build, pricer)
    }
}

fn evaluate_on(build: &Build, pricer: &Pricer, timing: Option<&Timing<'_>>) -> Vec<Diagnostic> {
    let findings = detect(build, timing, pricer.files(), |_| true);
    let (file, Ok(analysis)) = (build.file(), build.outcome()) else { return findings };
    let price = price_of(analysis, timing);
    let measured = Measured::of(file, &findings, Some(analysis), price);
    let before = Built { build, analysis, measured: &measured };
    // Triggers and platforms make more of a file than it has instructions.
    let vertices: usize = analysis.nodes.iter().map(|node| node.graph.len()).sum();
    let run = budget::start_with_half();
    let mut trials = MAX_TRIED / file.instructions.len().max(vertices).max(1);
    let valued = findings.into_iter().filter_map(|mut finding| {
        if trials == 0 || budget::exceeded().is_some() {
            finding.fix = None;
            finding.unfixed = Some("the file is too long to try changes".into());
            return Some(finding);
        }
        trials -= usize::from(finding.fix.is_some() || !finding.trial().is_empty());
        value(finding, &before, pricer)
    });
    let mut valued: Vec<Diagnostic> = valued.collect();
    drop(run);
    without_dearer(&mut valued);
    by_worth(&mut valued);
    valued
}

/// Leaves out what asks for another builder where changes of the file bring most of what that would.
fn without_dearer(found: &mut Vec<Diagnostic>) {
    let time =
        |finding: &Diagnostic| finding.saving.as_ref().and_then(|saving| saving.time()).unwrap_or_default();
    let is_dearer = |finding: &Diagnostic| finding.rule == &native_node::RULE;
    let of_file: Nanos = found.iter().filter(|finding| !is_dearer(finding)).map(time).sum();
    found.retain(|finding| !is_dearer(finding) || of_file < time(finding) * 0.5);
}

/// A finding with its saving; `None` where nothing is gained.
fn value(mut finding: Diagnostic, before: &Built<'_>, pricer: &Pricer) -> Option<Diagnostic> {
    let price = before.measured.price;
    if let Some(fix) = &finding.fix {
        match verify_on(before, &finding, fix, pricer) {
            Ok(after) => {
                finding.saving = Some(Box::new(Saving { before: price, after: after.measured.price }));
            }
            Err(Rejection::Slower) if finding.severity != Severity::Error => return None,
            Err(why) => {
                finding.fix = None;
                finding.unfixed = Some(why.to_string().into());
            }
        }
        let is_repair = finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::OnRequest);
        finding.saving = finding.saving.filter(|saving| !is_repair || saving.after <= price);
    } else if !finding.trial().is_empty() {
        finding.saving = apply(before.build.source().text(), finding.trial())
            .and_then(|text| tried(before.build, text, pricer))
            .map(|after| Box::new(Saving { before: price, after }));
    }
    if finding.fix.is_none() && finding.unfixed.is_none() {
        finding.unfixed = Some(why_unfixed(&finding));
    }
    let counts = finding.saving.as_ref().is_none_or(|saving| pricer.worth.takes(saving));
    if !counts {
        finding.saving = None;
    }
    (counts || !finding.rule.is_about_time).then_some(finding)
}

/// What a text costs, if it can be built.
fn tried(build: &Build, text: String, pricer: &Pricer) -> Option<Price> {
    let source = Source::new(build.source().name(), text.into_bytes()).ok()?;
    let changed = build.with_text(source);
    let analysis = changed.outcome().ok()?;
    Some(price_of(analysis, pricer.timing(analysis).as_ref()))
}
