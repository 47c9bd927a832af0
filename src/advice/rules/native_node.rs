//! What a native node for each architecture would save.

use std::cmp::Reverse;

use super::emulated_compile;
use crate::advice::facts::context::{BuildRun, Context};
use crate::advice::facts::origin::is_for_one_architecture;
use crate::analysis::NodeInputs;
use crate::diagnostic::{Diagnostic, Doc, Price, Rule, Saving, Severity};
use crate::graph::emulate::{Execution, Host};
use crate::ids::{NodeIx, StageIx, VertexIx};
use crate::model::platform::Platform;
use crate::pricing::{Terms, price};
use crate::sim::{Machine, Node};
use crate::units::Nanos;

/// The rule.
pub const RULE: Rule = Rule {
    code: "native-node-would-win",
    severity: Severity::Note,
    summary: "a native node for each architecture would make the build much faster",
    doc: Some(Doc {
        what: "Simulates the build with a node of the same size for each architecture, and finds that it takes less than \
               three quarters of the time, and half a minute less.",
        why: "Steps of the image itself, such as `apt-get install`, cannot be pinned: they run on the target's platform. A \
              builder with a native node for each runs them without emulation. Nodes share nothing, so what was one step \
              for all platforms then runs once on each.",
        before: "FROM python:3.13\nRUN apt-get update && apt-get install -y build-essential libpq-dev\nCOPY requirements.txt .\n\
                 RUN pip install --no-binary :all: -r requirements.txt\n\
                 CMD [\"python\", \"-m\", \"app\"]\n",
        after: "FROM python:3.13\nCOPY app /app\nCMD [\"python\", \"-m\", \"app\"]\n",
        silent: "A build with little emulation; a builder of several nodes; a build that changes of its file make nearly as fast, \
                 as emulated-compile says; an image for one architecture by name.",
        no_fix: Some("nodes are a setting of the builder, not of the file."),
    }),
    ..Rule::PLAIN
};

/// A builder with more nodes has to take less than this part of the time to be worth a word.
const WORTH: f64 = 0.75;

/// Nobody sets up a node to save less.
const LEAST: Nanos = Nanos(30_000_000_000);

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(run) = context.run.filter(|run| run.nodes.len() == 1) else { return };
    let now = run.timing.trace.makespan();
    if now < LEAST {
        return;
    }
    let graph = &context.node.graph;
    // What can be moved to the machine's own platform needs no other machine.
    let movable = |stage: &StageIx| {
        findings.iter().any(|f| f.rule == &emulated_compile::RULE && f.stage == Some(*stage))
    };
    let emulated = graph.vertices().filter(|(vertex, owner)| {
        context.node.execution(*vertex) == Some(Execution::Emulated) && !owner.stages.iter().all(movable)
    });
    let time = |vertex: VertexIx| run.timing.trace.span(run.timing.task(NodeIx(0), vertex)).duration();
    let costliest = emulated.max_by_key(|(vertex, _)| (time(*vertex), Reverse(*vertex)));
    let one_architecture = is_for_one_architecture(context.root(graph.target_stage()).from.base.text);
    let Some((_, vertex)) = costliest.filter(|_| !one_architecture) else { return };
    let owner = vertex.stages.first().zip(vertex.line());
    let instruction = owner
        .and_then(|(stage, line)| context.instruction(*stage, line).map(|instruction| (*stage, instruction)));
    let (Some((stage, instruction)), Some(native)) = (instruction, natively(context, run)) else { return };
    if native.time >= now * WORTH || now.saturating_sub(native.time) < LEAST {
        return;
    }
    let message = format!(
        "on native nodes the build would take {} instead of {now}: one for each of {}",
        native.time,
        native.names.join(", ")
    );
    let shared = context.node.summary().commands;
    let more = if native.commands > shared {
        format!("Nodes share no steps: there would be {} commands instead of {shared}. ", native.commands)
    } else {
        String::new()
    };
    let help = format!(
        "Add a node with `docker buildx create --append`. {more}This step takes longest under emulation."
    );
    let price = |makespan, commands| Price { makespan: Some(makespan), commands, ..Price::default() };
    let saving = Saving { before: price(now, shared), after: price(native.time, native.commands) };
    let diagnostic = context.diagnostic(&RULE, Some(stage), instruction, message, help);
    findings.push(Diagnostic { saving: Some(Box::new(saving)), ..diagnostic });
}

/// A build on native nodes.
struct Native {
    time: Nanos,
    commands: usize,
    names: Vec<String>,
}

fn natively(context: &Context<'_>, run: BuildRun<'_>) -> Option<Native> {
    let own = &run.nodes[0];
    let mut groups: Vec<(Platform, Vec<Platform>)> = vec![(own.host.platform.clone(), Vec::new())];
    for target in context.inputs.targets() {
        match groups.iter_mut().find(|(host, _)| host.runs(target)) {
            Some((_, targets)) => targets.push(target.clone()),
            None => groups.push((target.clone(), vec![target.clone()])),
        }
    }
    groups.retain(|(_, targets)| !targets.is_empty());
    let first = run.timing.terms.machine.nodes.first()?;
    let mut native = Native { time: Nanos::ZERO, commands: 0, names: Vec::new() };
    for (host, targets) in groups {
        let mut inputs = context.inputs.for_targets(&targets).ok()?;
        inputs.build_platform = host.normalized();
        let node = NodeInputs { name: None, host: Host::new(host.clone()), inputs };
        let build = context.build.for_nodes(vec![node]);
        let analysis = build.outcome().ok()?;
        let machine =
            Machine { name: host.short(), nodes: vec![Node { native: vec![host.clone()], ..first.clone() }] };
        let terms = Terms { machine, ..run.timing.terms.clone() }.without_range();
        native.time = native.time.max(price(analysis, &terms).ok()?.trace.makespan());
        native.commands += analysis.nodes.iter().map(|node| node.summary().commands).sum::<usize>();
        native.names.push(host.short());
    }
    Some(native)
}
