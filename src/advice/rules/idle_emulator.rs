//! Emulators that nothing uses.

use std::collections::BTreeMap;

use crate::advice::facts::workflow::{WorkflowContext, span};
use crate::advice::workflows::without_step;
use crate::builds::{JobIx, Leg, Platforms, Step};
use crate::diagnostic::{Applicability, Diagnostic, Doc, Fix, Rule, Severity};
use crate::workflow::LegTime;

/// The rule.
pub const RULE: Rule = Rule {
    code: "idle-emulator",
    severity: Severity::Note,
    summary: "a job sets up QEMU, and nothing that it builds is emulated",
    doc: Some(Doc {
        what: "Finds `docker/setup-qemu-action` in a job of which no build runs a command for another platform than that of its machine.",
        why: "Setting up QEMU pulls an image and starts a privileged container in every job. Copying files, pulling base images and \
              exporting need no emulator for whatever platform; commands do.",
        before: "on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04-arm\n    steps:\n      - uses: docker/setup-qemu-action@v3\n      - uses: \
                 docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          platforms: linux/arm64\n",
        after: "on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04-arm\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: \
                docker/build-push-action@v6\n        with:\n          platforms: linux/arm64\n",
        silent: "A job with other steps that may run foreign programs; builds of which the Dockerfile, the platforms or the machine are not \
                 known.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &WorkflowContext<'_>, findings: &mut Vec<Diagnostic>) {
    let mut jobs: BTreeMap<JobIx, Vec<(&Leg, &LegTime)>> = BTreeMap::new();
    for time in &context.workflow.legs {
        if let Some(leg) = context.leg(time) {
            jobs.entry(leg.job).or_default().push((leg, time));
        }
    }
    for legs in jobs.into_values() {
        let Some(place) = legs.iter().find_map(|(leg, _)| leg.emulator.as_ref()) else { continue };
        if !legs.iter().all(|(leg, time)| is_idle(context, leg, time)) {
            continue;
        }
        let message = "QEMU is set up, and nothing that this job builds is emulated".to_owned();
        let mut diagnostic =
            context.diagnostic(&RULE, place, message, "The job starts sooner without.".to_owned());
        let after = context.tried(|builds| {
            let own = legs.iter().map(|(_, time)| time.leg.index());
            for leg in own {
                if let Some(leg) = builds.legs.get_mut(leg) {
                    leg.steps.retain(|step| *step != Step::Emulator);
                }
            }
        });
        diagnostic.saving = Some(Box::new(context.saving_from_nothing(&after)));
        // In an action or a workflow that others call, too, it may be needed by them.
        let is_own = legs.iter().all(|(leg, _)| {
            let job = context.builds.jobs.get(leg.job.index());
            job.is_some_and(|job| job.place.file == place.file && job.caller.is_none())
        });
        let step = context.step(place).filter(|_| is_own);
        diagnostic.span = step.as_ref().and_then(|(node, _)| Some(span(node.entry("uses")?.1.span.clone())));
        let edit = step.and_then(|(node, text)| {
            let is_named = node.str("id").is_some_and(|id| text.contains(&format!("steps.{id}")));
            if is_named { None } else { without_step(&node, &text, "qemu") }
        });
        diagnostic.fix = edit.map(|edit| {
            Box::new(Fix {
                description: "take the set-up of QEMU out".to_owned(),
                edits: vec![edit],
                applicability: Applicability::Always,
                licence: Vec::new(),
            })
        });
        if diagnostic.fix.is_none() {
            diagnostic.unfixed = Some("the step is not one of this job alone, or others refer to it".into());
        }
        findings.push(diagnostic);
    }
}

/// Whether nothing in a leg needs an emulator, as far as that can be known.
fn is_idle(context: &WorkflowContext<'_>, leg: &Leg, time: &LegTime) -> bool {
    let is_plain = !leg.steps.contains(&Step::Programs) && leg.elsewhere.is_none();
    is_plain
        && !time.builds.is_empty()
        && time.builds.iter().all(|cost| {
            let known = context.known(cost);
            let Ok(known) = &*known else { return false };
            let own = known.runner.machine.nodes.first();
            let is_native =
                cost.definitions.iter().filter_map(|at| context.definition(*at)).all(|definition| {
                    let Platforms::Known(list) = &definition.platforms else { return false };
                    list.iter().all(|platform| {
                        own.is_some_and(|node| {
                            node.native.iter().any(|native| native.to_string() == *platform)
                        })
                    })
                });
            // An argument that is not known may choose another image or stage.
            known.price.emulated == 0 && (is_native || known.doubts.is_empty())
        })
}
