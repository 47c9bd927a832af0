//! More steps at once than the machine has memory for.

use crate::advice::facts::context::{BuildRun, Context};
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::pricing::price;
use crate::sim::TaskIx;
use crate::units::{Bytes, Nanos};

/// The rule.
pub const RULE: Rule = Rule {
    code: "too-parallel",
    severity: Severity::Warning,
    summary: "the steps that run at once need more memory than the machine has",
    doc: Some(Doc {
        what: "Simulates the build, and finds that the steps which run at once need more memory than a node has.",
        why: "BuildKit starts every step whose inputs are ready, on all platforms at once. Applicability memory runs out the kernel \
              kills a compiler, and the build fails with an error that names no cause. `max-parallelism` in buildkitd.toml \
              limits the steps at once.",
        before: BEFORE,
        after: AFTER,
        silent: "A build that fits; a machine whose max-parallelism is low enough already.",
        no_fix: Some("the limit is a setting of the builder, not of the file."),
    }),
    ..Rule::PLAIN
};

const BEFORE: &str = "FROM rust:1.90 AS a\nRUN cargo install ripgrep\nFROM rust:1.90 AS b\nRUN cargo install fd-find\n\
    FROM rust:1.90 AS c\nRUN cargo install bat\nFROM rust:1.90 AS d\nRUN cargo install hyperfine\n\
    FROM rust:1.90 AS e\nRUN cargo install tokei\nFROM rust:1.90 AS f\nRUN cargo install xh\nFROM debian:trixie-slim\nCOPY --from=a /usr/local/cargo/bin/ /usr/bin/\n\
    COPY --from=b /usr/local/cargo/bin/ /usr/bin/\nCOPY --from=c /usr/local/cargo/bin/ /usr/bin/\n\
    COPY --from=d /usr/local/cargo/bin/ /usr/bin/\nCOPY --from=e /usr/local/cargo/bin/ /usr/bin/\n\
    COPY --from=f /usr/local/cargo/bin/ /usr/bin/\n";
const AFTER: &str = "FROM rust:1.90 AS a\nRUN cargo install ripgrep\nRUN cargo install fd-find\nRUN cargo install bat\n\
    RUN cargo install hyperfine\nRUN cargo install tokei\nFROM debian:trixie-slim\n\
    COPY --from=a /usr/local/cargo/bin/ /usr/bin/\n";

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(run) = context.run else { return };
    if !run.timing.peaks.out_of_memory {
        return;
    }
    let Some((stage, instruction)) = hungriest(context, run) else { return };
    let most = run.timing.terms.machine.nodes.iter().map(|node| node.memory).max().unwrap_or(Bytes(0));
    let message = format!(
        "the steps that run at once need about {} of memory, and {} has {most}",
        run.timing.peaks.memory, run.timing.terms.machine.name
    );
    let help = match limit(run) {
        Some((steps, time)) => format!(
            "Set `max-parallelism = {steps}` under `[worker.oci]` in buildkitd.toml: the build then takes {time} instead of \
             {}, and fits. This step needs most.",
            run.timing.trace.makespan()
        ),
        None => "One step alone needs more; build with fewer jobs in it, or on a larger machine.".to_owned(),
    };
    findings.push(context.diagnostic(&RULE, Some(stage), instruction, message, help));
}

/// The instruction whose step needs most memory.
fn hungriest<'c>(
    context: &Context<'c>,
    run: BuildRun<'c>,
) -> Option<(crate::ids::StageIx, &'c crate::dockerfile::ast::Instruction<'c>)> {
    let memory = |task: &TaskIx| run.timing.plan.task(*task).work.memory;
    let task =
        run.timing.commands.iter().copied().max_by_key(|task| (memory(task), std::cmp::Reverse(*task)))?;
    let (node, vertex) = run.timing.vertex(task);
    let owner = run.analysis.nodes.get(node.index())?.graph.vertex(vertex);
    let (stage, line) = (*owner.stages.first()?, owner.line()?);
    let body = context.stages.get(stage.index())?.body;
    let instruction = body.iter().find(|i| i.line == line && matches!(i.kind, Kind::Run(_)))?;
    Some((stage, instruction))
}

/// How many steps at once fit, and how long the build takes then.
fn limit(run: BuildRun<'_>) -> Option<(u32, Nanos)> {
    let most = u32::try_from(run.timing.peaks.tasks).unwrap_or(u32::MAX).min(64);
    (1..most).rev().find_map(|steps| {
        let mut terms = run.timing.terms.clone().without_range();
        terms.machine.nodes.iter_mut().for_each(|node| node.max_parallelism = Some(steps));
        let timing = price(run.analysis, &terms).ok()?;
        (!timing.peaks.out_of_memory).then(|| (steps, timing.trace.makespan()))
    })
}
