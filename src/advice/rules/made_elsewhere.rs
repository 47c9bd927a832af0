//! Packages of a language that were installed on another platform than that of the image they get into.

use std::rc::Rc;

use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::advice::facts::origin::{bases, copies_of, fits};
use crate::advice::facts::ownership::Maker;
use crate::advice::facts::packages::Packages;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::graph::emulate::exec_of;
use crate::ids::VertexIx;
use crate::model::path::clean;
use crate::model::platform::Platform;
use crate::shell::interpret::Call;

/// The rule.
pub const RULE: Rule = Rule {
    code: "packages-of-another-platform",
    summary: "packages were installed on another platform than that of the image, and may hold programs for it",
    doc: Some(Doc {
        what: "Finds `node_modules`, virtual environments, wheels, gems, environments of conda, releases of Elixir, runtimes of Java \
               and programs that pack a runtime, which one platform's package manager chose or made, and that are copied into an \
               image, installed in one, or used in a stage, of another.",
        why: "Package managers take programs and native add-ons for the machine they run on, or compile them there. On another \
              they fail when they are loaded.",
        before: "FROM --platform=$BUILDPLATFORM python:3.13 AS build\nRUN pip install --target=/deps numpy\n\
                 FROM python:3.13-slim\nCOPY --from=build /deps /deps\n",
        after: "FROM python:3.13 AS build\nRUN pip install --target=/deps numpy\n\
                FROM python:3.13-slim\nCOPY --from=build /deps /deps\n",
        silent: "A package manager that is told the platform; packages of which nothing says that they hold native code: for \
                 those there is a note.",
        no_fix: Some(
            "an unpinned stage is right and slow, one that is told the target is fast: the author decides.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    if !context.may_install() {
        return;
    }
    for arrival in context.arrivals() {
        let Some((packages, own)) = installed(context, arrival.source, &arrival.path) else { continue };
        let mut targets = arrival.targets.iter().map(|target| &graph.targets()[target.index()]);
        let Some(target) = targets.find(|target| !fits(target, own)) else { continue };
        let place = format!("into the image for {} by line {}", target.short(), arrival.line.0);
        report(context, &packages, own, &place, packages.is_native, found);
    }
    // A stage of the machine's own that runs what another platform's package manager chose.
    for stage in context.needed() {
        for instruction in stage.body {
            for (vertex, _) in context.vertices(stage.index, instruction.line) {
                let runs =
                    context.sight(vertex).is_some_and(|sight| sight.outcome.calls.iter().any(starts_node));
                let Some(platform) = context.node.nature(vertex).filter(|_| runs) else { continue };
                let copies = bases(graph, vertex).flat_map(|at| copies_of(graph, at));
                let copied = copies.filter_map(|copy| Some((copy.source?, copy.from)));
                let mounts = exec_of(graph.vertex(vertex)).into_iter().flat_map(|exec| &exec.mounts);
                let mounted = mounts.filter_map(|mount| Some((mount.input?, mount.selector)));
                let brought = copied.chain(mounted).find_map(|(source, path)| {
                    let (packages, own) = installed(context, source, &clean(graph.text(path)))?;
                    (!fits(platform, own) && packages.manager == "npm").then_some((packages, own))
                });
                if let Some((packages, own)) = brought {
                    let line = instruction.line.0;
                    let place = format!(
                        "into a stage that runs on {}, where line {line} uses them",
                        platform.short()
                    );
                    report(context, &packages, own, &place, true, found);
                }
            }
        }
    }
}

/// The packages at a path of a vertex, and the platform for which they were chosen.
fn installed<'c>(
    context: &Context<'c>,
    vertex: VertexIx,
    path: &str,
) -> Option<(Rc<Packages>, &'c Platform)> {
    let owners = context.owners(vertex, path);
    let (vertex, packages) = owners.iter().find_map(|owner| match &owner.maker {
        Maker::Packages(packages) => Some((owner.vertex, packages)),
        _ => None,
    })?;
    Some((Rc::clone(packages), context.node.nature(vertex)?))
}

fn starts_node(call: &Call) -> bool {
    let first = made::plain(call).next();
    match call.program() {
        "node" | "npx" | "vite" | "ng" | "webpack" => true,
        "npm" | "pnpm" | "bun" => matches!(first, Some("run" | "run-script" | "test" | "build" | "exec")),
        "yarn" => first.is_some_and(|word| !matches!(word, "install" | "add" | "config" | "cache" | "set")),
        _ => false,
    }
}

fn report(
    context: &Context<'_>,
    packages: &Packages,
    own: &Platform,
    place: &str,
    is_native: bool,
    found: &mut Vec<Diagnostic>,
) {
    let Some(instruction) = context.instruction_at(packages.line) else { return };
    if found.iter().any(|known| known.rule == &RULE && known.line == Some(packages.line)) {
        return;
    }
    let what = match packages.manager {
        "npm" => "node_modules were chosen",
        "pip" => "Python packages were installed",
        "java" => "a Java runtime or program was made",
        "program" => "a program was made",
        "php" => "PHP's extensions were compiled",
        "conda" => "an environment of conda was made",
        "r" => "packages of R were installed",
        "perl" => "modules of Perl were installed",
        "lua" => "modules of Lua were installed",
        "mix" => "a release was assembled, with the runtime of Erlang that made it,",
        _ => "gems were installed",
    };
    let message = format!("{what} for {} and copied {place}", own.short());
    let help = "Install them in a stage of the platform that uses them (`FROM` without `--platform`), or tell the package manager \
                the target where it can be told; pinning only one of two stages mixes platforms.";
    let diagnostic = context.diagnostic(&RULE, None, instruction, message, help);
    let severity = if is_native { Severity::Warning } else { Severity::Note };
    found.push(Diagnostic { severity, ..diagnostic });
}
