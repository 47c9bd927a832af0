//! A compile for a platform that nobody tells the compiler.

use super::super::binary::{self, Compile};
use super::super::context::Context;
use super::super::finding::Finding;
use super::super::origin::fits;
use super::super::rule::{Doc, Rule};
use super::super::tools::{self, Compiler};
use super::one_binary::{knows_platforms, recipe};
use crate::diagnostic::Severity;
use crate::model::platform::Platform;
use crate::translate::{Toolchain, translate};

/// The rule.
pub const RULE: Rule = Rule {
    code: "target-not-passed",
    severity: Severity::Error,
    summary: "a program for one platform is compiled for another: nothing hands the target to the compiler",
    build_check: None,
    doc: Doc {
        what: "Finds a compile whose output gets into the image of a platform, but which is told another architecture or \
               none: GOARCH written out, a shell variable that is not exported, no `--target`.",
        why: "A pinned stage with `ARG TARGETARCH` in it runs once per platform and looks like a cross-compile. Unless \
              the toolchain hears of it, each run makes the same program for the machine that builds.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                 RUN GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                RUN export GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\n\
                COPY --from=build /app /app\n",
        silent: "A script that may do it out of sight: one that is sourced, a Makefile, a wrapper such as `xx-go`.",
    },
    detect,
};

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for compile in binary::compiles(context) {
        // What several platforms share is the finding of one-binary-for-all-platforms.
        let vertex = context.node.graph.vertex(compile.vertex);
        if shared(context, &compile) || knows_platforms(context, &compile) {
            continue;
        }
        let Some(target) = vertex.targets.iter().next().map(|t| &context.node.graph.targets()[t.index()])
        else {
            continue;
        };
        let own = context.node.graph.platform(compile.exec.platform);
        let told = match compile.compiler {
            Compiler::Go if compile.by_make => told_make(context, &compile, own, target),
            Compiler::Go => told_go(context, &compile, own, target),
            Compiler::Rust if !compile.by_make => told_rust(context, &compile, own, target),
            _ => None,
        };
        let Some(told) = told else { continue };
        let message = format!("the program for {} is {told}", target.short());
        let known = findings.iter().any(|f| f.rule == &RULE && f.line == compile.instruction.line);
        if !known {
            let help = recipe(compile.compiler);
            findings.push(context.finding(&RULE, Some(compile.stage), compile.instruction, message, help));
        }
    }
}

fn shared(context: &Context<'_>, compile: &Compile<'_>) -> bool {
    let mut platforms = compile.targets.iter().map(|target| &context.node.graph.targets()[target.index()]);
    let targets = context.node.graph.vertex(compile.vertex).targets;
    let first = platforms.next();
    targets.len() > 1 && platforms.any(|other| first.is_some_and(|first| !fits(other, first)))
}

/// Words in a script that may hand on what cannot be seen.
const UNSEEN: [&str; 8] = ["source ", ". ./", ". /", "eval", "xx-", "go env -w", "set -a", "xcputranslate"];

/// What is wrong with a Go compile for `target`.
fn told_go(
    context: &Context<'_>,
    compile: &Compile<'_>,
    own: &Platform,
    target: &Platform,
) -> Option<String> {
    let raw = context.raw(compile.instruction);
    if UNSEEN.iter().any(|word| raw.contains(word)) {
        return None;
    }
    let words = translate(target, Toolchain::Golang).ok()?;
    let wanted = words.field("GOARCH").ok()?;
    let builds = compile.commands.iter().filter(|command| tools::compiler(command) == Some(Compiler::Go));
    let assigned = builds.flat_map(|command| command.assignments.iter()).find(|(name, _)| name == "GOARCH");
    let in_env = binary::variable(context, compile.exec, "GOARCH");
    let exported = raw.contains("export") && raw.contains("GOARCH");
    let value = match (assigned, &in_env) {
        (Some((_, value)), _) => value.to_string(),
        _ if exported => return None,
        // Setting a variable that is in the environment changes what the compiler sees.
        (None, Some(_)) if raw.contains("GOARCH=") => return None,
        (None, Some(value)) => value.clone(),
        (None, None) => {
            let runs = translate(own, Toolchain::Golang).ok()?;
            let native = runs.field("GOARCH").ok()?;
            if native == wanted || fits(target, own) {
                return None;
            }
            let why =
                if raw.contains("GOARCH=") { "GOARCH is set but not exported" } else { "GOARCH is not set" };
            return Some(format!("compiled for {native}, as {why}"));
        }
    };
    let literal = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric());
    let wrong = literal && value != wanted && value != "wasm" && !(value == "386" && wanted == "amd64");
    wrong.then(|| format!("compiled for {value}, as GOARCH says"))
}

/// What is wrong with a Go compile that `make` runs: the script sets GOARCH, and `make` does not hear of it.
fn told_make(
    context: &Context<'_>,
    compile: &Compile<'_>,
    own: &Platform,
    target: &Platform,
) -> Option<String> {
    let raw = context.raw(compile.instruction);
    let in_env = binary::variable(context, compile.exec, "GOARCH").is_some();
    let set = assignments(raw).any(|name| name == "GOARCH");
    let told = raw.contains("export")
        || UNSEEN.iter().any(|word| raw.contains(word))
        || compile.commands.iter().any(|command| {
            command.base_name() == "make"
                && (command.args.iter().any(|arg| arg.contains('$') || arg.contains("ARCH"))
                    || command.assignments.iter().any(|(name, _)| name == "GOARCH"))
        });
    let wrong = set && !in_env && !told && !fits(target, own);
    wrong.then(|| format!("compiled for {}, as GOARCH is set but not exported to make", own.short()))
}

/// The names that a script sets for itself, by statements that do nothing else.
fn assignments(script: &str) -> impl Iterator<Item = &str> {
    let statements = script.split([';', '\n', '&', '|']).map(|text| text.trim().trim_start_matches("RUN "));
    statements.filter_map(|text| {
        let (name, value) = text.trim_end_matches('\\').trim().split_once('=')?;
        let plain = !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
        (plain && (!value.contains(' ') || value.starts_with(['"', '$', '\'']))).then_some(name)
    })
}

/// What is wrong with a Rust compile for `target`.
fn told_rust(
    context: &Context<'_>,
    compile: &Compile<'_>,
    own: &Platform,
    target: &Platform,
) -> Option<String> {
    let raw = context.raw(compile.instruction);
    let hidden =
        UNSEEN.iter().any(|word| raw.contains(word)) || raw.contains("CARGO") || raw.contains("TARGET");
    if fits(target, own) || hidden || binary::variable(context, compile.exec, "CARGO_BUILD_TARGET").is_some()
    {
        return None;
    }
    let mut builds =
        compile.commands.iter().filter(|command| tools::compiler(command) == Some(Compiler::Rust));
    let plain = builds
        .all(|command| !command.args.iter().any(|arg| arg.starts_with("--target") || arg.contains('$')));
    plain.then(|| format!("compiled for {}, as cargo gets no --target", own.short()))
}
