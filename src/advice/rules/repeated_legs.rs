//! Legs that repeat what one build for all of them would share.

use std::collections::BTreeMap;

use crate::advice::facts::workflow::WorkflowContext;
use crate::builds::{Definition, JobIx, Place, Platforms};
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::units::Nanos;
use crate::workflow::{BuildCost, LegTime};

/// The rule.
pub const RULE: Rule = Rule {
    code: "repeated-legs",
    severity: Severity::Note,
    summary: "legs of a matrix repeat commands that one build for all of them would run once",
    doc: Some(Doc {
        what: "Finds legs of a job that build one Dockerfile for a platform, a target or arguments of their own, where a single build for \
               all of them, or one call of bake, runs fewer commands, the workflow takes hardly longer with it, and the machines \
               together are busy for less time.",
        why: "Stages that are pinned to the platform of the machine (`FROM --platform=$BUILDPLATFORM`) run once for all platforms of a \
              build, and once in each leg of a matrix: legs share nothing. Where stages cross-compile, legs buy little; they pay \
              where commands would be emulated.",
        before: "on: push\njobs:\n  image:\n    strategy:\n      matrix:\n        platform: [linux/amd64, linux/arm64]\n    runs-on: ubuntu-latest\n    \
                 steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          file: pinned.Dockerfile\n          \
                 platforms: ${{ matrix.platform }}\n",
        after: "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: \
                docker/build-push-action@v6\n        with:\n          file: pinned.Dockerfile\n          platforms: linux/amd64,linux/arm64\n",
        silent: "Legs on machines of their own platforms that a single build would have to emulate; legs of which anything is not known.",
        no_fix: Some("the matrix goes, and with it what merges its images: that is for the project to say."),
    }),
    ..Rule::PLAIN
};

/// The machines have to be busy for so much less.
const LEAST_PART: f64 = 0.1;

/// The workflow may take so many times as long: less than that nobody sees.
const MOST_LONGER: f64 = 1.05;

/// A leg with its one build.
type Repeated<'c> = (&'c LegTime, &'c BuildCost, &'c Definition);

pub(super) fn detect(context: &WorkflowContext<'_>, findings: &mut Vec<Diagnostic>) {
    let mut groups: BTreeMap<(JobIx, &Place), Vec<Repeated<'_>>> = BTreeMap::new();
    for (time, cost) in context.calls() {
        // A leg with more than the build is not its repetition.
        let ([at], true) = (cost.definitions.as_slice(), time.builds.len() == 1) else { continue };
        let (Some(definition), Some(leg)) = (context.definition(*at), context.leg(time)) else { continue };
        groups.entry((leg.job, &definition.place)).or_default().push((time, cost, definition));
    }
    for ((_, place), legs) in groups {
        if let Some(found) = repeated(context, place, &legs) {
            findings.push(found);
        }
    }
}

fn repeated(context: &WorkflowContext<'_>, place: &Place, legs: &[Repeated<'_>]) -> Option<Diagnostic> {
    let (_, _, first) = legs.first().filter(|_| legs.len() > 1)?;
    let mut commands = 0;
    for (_, cost, definition) in legs {
        if (&definition.dockerfile, &definition.context) != (&first.dockerfile, &first.context) {
            return None;
        }
        commands += cost.time.as_ref().ok()?.price.commands;
    }
    // On the machine of the leg that is native on the usual one.
    let (kept, _, _) = legs.iter().max_by_key(|(_, _, definition)| {
        matches!(&definition.platforms, Platforms::Known(own) if own.iter().any(|platform| platform == "linux/amd64"))
    })?;
    let one = One::of(legs)?;
    let positions: Vec<usize> =
        legs.iter().filter_map(|(_, cost, _)| cost.definitions.first().copied()).collect();
    let after = context.tried(|builds| {
        for (number, at) in positions.iter().enumerate() {
            let Some(definition) = builds.definitions.get_mut(*at) else { continue };
            // Another leg is none of the workflow any more.
            if definition.leg != Some(kept.leg)
                && let Some(leg) = definition.leg.and_then(|leg| builds.legs.get_mut(leg.index()))
            {
                leg.steps.clear();
            }
            match &one {
                One::Build(platforms) if definition.leg == Some(kept.leg) => {
                    definition.platforms = Platforms::Known(platforms.clone());
                }
                One::Build(_) => definition.leg = None,
                One::Bake => {
                    definition.leg = Some(kept.leg);
                    definition.bake_target = Some(format!("leg-{number}"));
                }
            }
        }
    });
    let whole = after.legs.iter().find(|leg| leg.leg == kept.leg)?.builds.first()?.time.as_ref().ok()?;
    let is_longer = after.times.cold.p50 > context.workflow.times.cold.p50 * MOST_LONGER;
    let busy: Nanos = context.workflow.machines.saturating_sub(after.machines);
    if is_longer || whole.price.commands >= commands || busy < context.workflow.machines * LEAST_PART {
        return None;
    }
    let repeated = commands - whole.price.commands;
    let (s, run) = if repeated == 1 { ("", "runs") } else { ("s", "run") };
    let (for_what, how) = match &one {
        One::Build(platforms) => {
            (" for a platform each", format!("build with platforms: {}", platforms.join(",")))
        }
        One::Bake => ("", "call of `docker buildx bake` with a target for each".to_owned()),
    };
    let message = format!(
        "{} legs build {}{for_what}, and {repeated} command{s} {run} again that one build for all of them would share",
        legs.len(),
        first.dockerfile.readable()
    );
    let help = format!("One {how} takes hardly longer, and machines are busy for {busy} less.");
    let mut diagnostic = context.diagnostic(&RULE, place, message, help);
    diagnostic.saving = Some(Box::new(context.saving_from_nothing(&after)));
    Some(diagnostic)
}

/// What does the work of several legs at once.
enum One {
    /// A build for the platforms of all of them.
    Build(Vec<String>),
    /// A call of bake: they differ in more than their platforms.
    Bake,
}

impl One {
    fn of(legs: &[Repeated<'_>]) -> Option<Self> {
        let (_, _, first) = legs.first()?;
        let mut platforms: Vec<String> = Vec::new();
        let mut is_same = true;
        let mut is_new = true;
        for (_, _, definition) in legs {
            let Platforms::Known(own) = &definition.platforms else { return None };
            is_same &= (&definition.target, &definition.args) == (&first.target, &first.args);
            is_new &= !own.is_empty() && own.iter().all(|platform| !platforms.contains(platform));
            platforms.extend(own.iter().cloned());
        }
        match (is_same, is_new) {
            (true, true) => Some(Self::Build(platforms)),
            // Legs that build the same for the same differ in something that is not known.
            (true, false) => None,
            (false, _) => Some(Self::Bake),
        }
    }
}
