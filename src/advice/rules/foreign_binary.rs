//! Programs of another platform's image, copied into an image.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::{fits, is_below, is_system};
use crate::advice::facts::ownership::Maker;
use crate::advice::facts::text_ranges::flag_with_space;
use crate::advice::facts::tools;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::BuildGraph;
use crate::graph::vertex::{Op, Source};
use crate::ids::{StageIx, VertexIx};
use crate::model::path::base;
use crate::model::reference::normalize;

/// The rule.
pub const RULE: Rule = Rule {
    code: "foreign-binary-in-image",
    severity: Severity::Error,
    summary: "a program of another platform's image or package is copied into an image",
    doc: Some(Doc {
        what: "Finds a copy of a program or library that came with the base image of a stage of another platform, or \
               that the package manager of such a stage installed.",
        why: "A pinned stage has the programs of the machine that builds. Copied into the image of another platform they \
              do not start there.",
        before: "FROM --platform=$BUILDPLATFORM alpine:3.22 AS tools\nRUN apk add --no-cache curl\nFROM alpine:3.22\n\
                 COPY --from=tools /usr/bin/curl /usr/bin/curl\n",
        after: "FROM alpine:3.22 AS tools\nRUN apk add --no-cache curl\nFROM alpine:3.22\n\
                COPY --from=tools /usr/bin/curl /usr/bin/curl\n",
        silent: "What is the same everywhere: certificates, time zones, scripts, fonts; a file that the stage may have \
                 cross-compiled; QEMU's own emulators, which are meant to be foreign.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    for arrival in context.arrivals() {
        let is_of_distribution = is_program(&arrival.path);
        if !is_of_distribution && !is_added_program(&arrival.path) {
            continue;
        }
        let owners = context.owners(arrival.source, &arrival.path);
        let made = owners.iter().find(|owner| match owner.maker {
            Maker::Image | Maker::Outside => true,
            Maker::Compiler(..) | Maker::Packages(_) | Maker::Command => {
                !installs_only(context, owner.vertex)
            }
        });
        let Some(owner) = made.filter(|owner| matches!(owner.maker, Maker::Image)) else { continue };
        // What an interpreter's own image has there is mostly scripts.
        if !is_of_distribution && is_interpreters(graph, owner.vertex) {
            continue;
        }
        let Some(platform) = context.node.nature(owner.vertex) else { continue };
        let target = arrival
            .targets
            .iter()
            .map(|t| &graph.targets()[t.index()])
            .find(|target| !fits(target, platform));
        let Some(target) = target else { continue };
        let Some((stage, instruction)) = instruction_at(context, arrival.line) else { continue };
        let message = format!(
            "{} is a file for {}, copied into the image for {}",
            arrival.path,
            platform.short(),
            target.short()
        );
        let help = "Take it from a stage without `--platform`, which has the target's own, or install it in the final \
                    stage.";
        let known = findings.iter().any(|f| f.rule == &RULE && f.line == Some(instruction.line));
        if !known {
            let fix = unpin(context, instruction);
            let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help).fixed(fix);
            let severity = if is_of_distribution { RULE.severity } else { Severity::Warning };
            findings.push(Diagnostic { severity, ..finding });
        }
    }
}

/// Whether an image is that of an interpreter.
fn is_interpreters(graph: &BuildGraph, image: VertexIx) -> bool {
    let Op::Source(Source::Image { reference, .. }) = &graph.vertex(image).op else { return true };
    let reference = graph.text(*reference);
    ["python", "ruby", "perl", "node", "php"].iter().any(|language| reference.contains(language))
}

/// Takes the flag off the stage that is copied from, where that only installs packages: then it has the target's own.
fn unpin(context: &Context<'_>, copy: &Instruction<'_>) -> Option<Fix> {
    let (Kind::Copy(from) | Kind::Add(from)) = &copy.kind else { return None };
    let stage = context.stage(context.stage_named(from.from?)?);
    let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform")?;
    let steps = stage.body.iter().filter(|i| matches!(i.kind, Kind::Run(_)));
    let mut vertices = steps.flat_map(|i| context.vertices(stage.index, i.line));
    if stage.parent.is_some() || !vertices.all(|(vertex, _)| installs_only(context, vertex)) {
        return None;
    }
    let reference = normalize(stage.from.base.text).ok()?;
    Some(Fix {
        description: "take the flag off the stage, so that it has the target's own programs".to_owned(),
        edits: vec![Edit::delete(flag_with_space(context.text(), flag.span))],
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Platform(reference), Allowed::Repair],
    })
}

/// Whether a path names a program or library of a distribution.
fn is_program(path: &str) -> bool {
    const FOLDERS: [&str; 8] =
        ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/lib", "/lib64", "/usr/lib", "/usr/lib64"];
    const PORTABLE: [&str; 12] =
        [".sh", ".py", ".js", ".mjs", ".jar", ".phar", ".pl", ".rb", ".json", ".conf", ".php", ".txt"];
    const SCRIPTS: [&str; 8] = [
        "composer",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "update-ca-certificates",
        "install-php-extensions",
        "corepack",
    ];
    let name = base(path);
    let portable = PORTABLE.iter().any(|end| name.ends_with(end)) || SCRIPTS.contains(&name);
    let data = [
        "node_modules",
        "/python",
        "/jvm",
        "/locale",
        "/fonts",
        "/firmware",
        "/os-release",
        "/tmpfiles",
        "/systemd",
    ]
    .iter()
    .any(|part| path.contains(part));
    let plain = !path.contains(['*', '?']) && !FOLDERS.contains(&path);
    let in_folder = FOLDERS.iter().any(|folder| is_below(path, folder));
    is_system(path) && in_folder && plain && !portable && !data && !name.starts_with("qemu-")
}

/// Whether a path names what an image has beside its distribution's programs, most likely a program.
fn is_added_program(path: &str) -> bool {
    const SCRIPTS: [&str; 6] = ["composer", "npm", "npx", "yarn", "pnpm", "corepack"];
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    matches!(folder, "/usr/local/bin" | "/usr/local/sbin" | "/opt/bin")
        && !name.contains(['.', '*', '?'])
        && !name.contains("entrypoint")
        && !name.starts_with("docker-")
        && !SCRIPTS.contains(&name)
}

/// Whether a command does nothing but install packages for its own platform and move files about, none of which it names
/// as a destination in the distribution's folders.
fn installs_only(context: &Context<'_>, vertex: VertexIx) -> bool {
    let owner = context.node.graph.vertex(vertex);
    let (Some(line), Some(&stage)) = (owner.line(), owner.stages.first()) else { return false };
    let Some(instruction) = context.instruction(stage, line) else {
        return false;
    };
    let raw = context.raw(instruction);
    let foreign = [
        "--add-architecture",
        "--root",
        "xx-",
        ":arm64",
        ":amd64",
        "--arch",
        "--forcearch",
        "$TARGET",
        "${TARGET",
    ];
    if foreign.iter().any(|word| raw.contains(word)) {
        return false;
    }
    context.commands(instruction).iter().all(|command| {
        tools::is_package_manager(command)
            || matches!(
                command.base_name(),
                "rm" | "mkdir" | "set" | "true" | "update-ca-certificates" | "echo" | "adduser" | "useradd"
            )
    })
}

fn instruction_at<'c>(
    context: &Context<'c>,
    line: crate::source::Line,
) -> Option<(StageIx, &'c Instruction<'c>)> {
    context.stages.iter().find_map(|stage| {
        let found = context
            .instruction(stage.index, line)
            .filter(|i| matches!(i.kind, Kind::Copy(_) | Kind::Add(_)))?;
        Some((stage.index, found))
    })
}
