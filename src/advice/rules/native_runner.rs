//! Emulation on a machine beside which there are native ones.

use crate::advice::facts::workflow::WorkflowContext;
use crate::builds::{Builds, Definition, Job, JobIx, Leg, LegIx, Platforms, Step, Text, Tool};
use crate::diagnostic::{Diagnostic, Doc, Rule};

/// The rule.
pub const RULE: Rule = Rule {
    code: "native-runner",
    summary: "commands for arm64 are emulated on a machine of GitHub's, which there are for arm64 at the same price",
    is_about_time: true,
    doc: Some(Doc {
        what: "Simulates the workflow with the platforms of arm on a machine of their own, and the images merged afterwards, and finds that it takes \
               less time.",
        why: "An emulated command takes several times as long. GitHub has machines of the same size for arm64 (`ubuntu-24.04-arm`), at no \
              higher price. A leg for each architecture runs at the same time as the others; `docker buildx imagetools create` puts \
              the images together. The Dockerfile may offer more: a stage that cross-compiles needs no other machine.",
        before: "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-qemu-action@v3\n      - uses: \
                 docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          platforms: linux/arm64\n",
        after: "on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04-arm\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: \
                docker/build-push-action@v6\n        with:\n          platforms: linux/arm64\n",
        silent: "A Dockerfile that emulates nothing; machines of other kinds, of which the price is not known; builds that makefiles and \
                 scripts start.",
        no_fix: Some("a job becomes two and a third, and where the images meet is for the project to say."),
    }),
    ..Rule::PLAIN
};

/// The machine of GitHub's that runs them.
const RUNNER: &str = "ubuntu-24.04-arm";

pub(super) fn detect(context: &WorkflowContext<'_>, findings: &mut Vec<Diagnostic>) {
    for (time, cost) in context.calls() {
        let Some(first) = cost.definitions.first().and_then(|at| context.definition(*at)) else { continue };
        let in_steps = matches!(first.tool, Tool::BuildPushAction | Tool::BakeAction | Tool::BuildxCli);
        let known = context.known(cost);
        let Ok(known) = &*known else { continue };
        let emulated = known.emulated("arm64");
        if !in_steps || !known.runner.is_standard || emulated == 0 {
            continue;
        }
        let after = context.tried(|builds| split(builds, time.leg, &cost.definitions));
        let s = if emulated == 1 { " is" } else { "s are" };
        let message =
            format!("{emulated} command{s} emulated for linux/arm64 on {}", known.runner.machine.name);
        let is_alone = cost.definitions.iter().filter_map(|at| context.definition(*at)).all(|definition| {
            matches!(&definition.platforms, Platforms::Known(list) if list.iter().all(|platform| is_of_arm(platform)))
        });
        let help = if is_alone {
            format!("{RUNNER} runs them natively at no higher price.")
        } else {
            format!(
                "A leg of its own on {RUNNER} runs them natively at no higher price; the images are merged afterwards."
            )
        };
        let mut diagnostic = context.diagnostic(&RULE, &first.place, message, help);
        if is_alone {
            diagnostic.unfixed = Some("where the job gets its machine is for the project to say".into());
        }
        diagnostic.saving = Some(Box::new(context.saving_from_nothing(&after)));
        findings.push(diagnostic);
    }
}

/// Whether a machine for arm64 runs programs of a platform.
fn is_of_arm(platform: &str) -> bool {
    platform == "linux/arm64" || platform == "linux/arm" || platform.starts_with("linux/arm/")
}

/// Puts the platforms of arm of some builds of a leg into a leg on a machine of their own, and a merge behind both.
fn split(builds: &mut Builds, leg: LegIx, definitions: &[usize]) {
    let Some(old) = builds.legs.get(leg.index()).cloned() else { return };
    let other = LegIx::new(builds.legs.len());
    let mut is_split = false;
    for at in definitions {
        let Some(definition) = builds.definitions.get_mut(*at) else { continue };
        let Platforms::Known(list) = &definition.platforms else { continue };
        let (own, rest): (Vec<String>, Vec<String>) =
            list.iter().cloned().partition(|platform| is_of_arm(platform));
        if own.is_empty() {
            continue;
        }
        let moved = Definition {
            platforms: Platforms::Known(own),
            runner: Some(Text::known(RUNNER)),
            leg: Some(other),
            ..definition.clone()
        };
        if rest.is_empty() {
            *definition = moved;
        } else {
            is_split = true;
            definition.platforms = Platforms::Known(rest);
            builds.definitions.push(moved);
        }
    }
    builds.legs.push(Leg { runner: Some(Text::known(RUNNER)), ..old.clone() });
    if is_split {
        merge(builds, old.job);
    }
}

/// Adds a job that merges what a job builds, for which all wait that wait for it.
fn merge(builds: &mut Builds, job: JobIx) {
    let Some(own) = builds.jobs.get(job.index()).cloned() else { return };
    let merge = JobIx::new(builds.jobs.len());
    for other in &mut builds.jobs {
        if other.needs.contains(&job) {
            other.needs.push(merge);
        }
    }
    builds.jobs.push(Job { needs: vec![job], max_parallel: None, open: None, ..own });
    let steps = vec![Step::Builder, Step::Login, Step::Metadata, Step::Artifact, Step::Merge];
    builds.legs.push(Leg {
        job: merge,
        name: String::new(),
        matrix: Vec::new(),
        runner: None,
        steps,
        emulator: None,
        elsewhere: None,
    });
}
