//! A step for a platform whose programs the machine cannot run.

use crate::advice::facts::context::Context;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::Kind;
use crate::graph::emulate::Execution;

/// The rule.
pub const RULE: Rule = Rule {
    code: "cannot-run",
    summary: "a RUN for a platform that the machine can neither run nor emulate",
    doc: Some(Doc {
        what: "Finds the first `RUN` of each stage whose platform has no emulator on the machine that builds.",
        why: "The kernel refuses its shell: `exec format error`. Everything before it is built in vain.",
        before: "FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN echo hi\n",
        after: "FROM --platform=linux/amd64 alpine:3.22\nRUN echo hi\n",
        silent: "Machines whose emulators are not described: they are taken to have every one that QEMU has.",
        no_fix: Some(
            "an emulator, a native node, or a stage of the machine's own platform: the author decides.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    for stage in context.needed() {
        let runs = stage.body.iter().filter(|i| matches!(i.kind, Kind::Run(_)));
        let refused = runs.into_iter().find_map(|instruction| {
            let execs = context.execs(stage.index, instruction.line);
            let (vertex, exec, _) = execs
                .into_iter()
                .find(|(vertex, ..)| context.node.execution(*vertex) == Some(Execution::Unsupported))?;
            let platform = context.node.nature(vertex).unwrap_or_else(|| graph.platform(exec.platform));
            Some((instruction, platform.clone()))
        });
        let Some((instruction, platform)) = refused else { continue };
        let message =
            format!("nothing here runs programs for {}: there is no emulator for it", platform.short());
        let help = "Install emulators (`docker run --privileged --rm tonistiigi/binfmt --install all`, `docker/setup-qemu-action` in a \
                    workflow), build on a node of that platform, or pin the stage with `--platform=$BUILDPLATFORM` where it only \
                    makes files.";
        found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
    }
}
