//! A compile for a platform that nobody tells the compiler.

use super::one_binary::knows_platforms;
use crate::advice::edits::cross::{Cross, cross};
use crate::advice::facts::binary::{self, Compile};
use crate::advice::facts::context::Context;
use crate::advice::facts::origin::{fits, is_overlaid};
use crate::advice::facts::tools::{self, Compiler, Reads};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::model::platform::Platform;
use crate::shell::SimpleCommand;
use crate::translate::{Toolchain, translate};

/// The rule.
pub const RULE: Rule = Rule {
    code: "target-not-passed",
    severity: Severity::Error,
    summary: "a program for one platform is compiled for another: nothing hands the target to the compiler",
    doc: Some(Doc {
        what: "Finds a compile whose output gets into the image of a platform, but which is told another architecture or \
               none: GOARCH written out, a shell variable that is not exported, no `--target`.",
        why: "A pinned stage with `ARG TARGETARCH` in it runs once per platform and looks like a cross-compile. Unless \
              the toolchain hears of it, each run makes the same program for the machine that builds.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                 RUN GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                RUN export GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\n\
                COPY --from=build /app /app\n",
        silent: "A script that may do it out of sight: one that is sourced, a Makefile, a wrapper such as `xx-go`, also one \
                 that another image puts in the place of the compiler.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    for compile in context.compiles() {
        // What several platforms share is the finding of one-binary-for-all-platforms.
        let graph = &context.node.graph;
        let overlaid = || is_overlaid(graph, compile.vertex);
        if shared(context, compile) || knows_platforms(context, compile) || overlaid() {
            continue;
        }
        // Others may need the step, too; this is one whose image gets what it makes.
        let Some(target) = compile.targets.iter().next().map(|target| &graph.targets()[target.index()])
        else {
            continue;
        };
        let own = graph.platform(compile.exec.platform);
        let told = match compile.compiler {
            Compiler::Go => told_go(context, compile, own, target),
            Compiler::Rust if !compile.by_make => told_rust(context, compile, own, target),
            _ => None,
        };
        let Some(told) = told else { continue };
        let message = format!("the program for {} is {told}", target.short());
        let known = findings.iter().any(|f| f.rule == &RULE && f.line == Some(compile.instruction.line));
        if !known {
            let Cross { help, lines } = cross(context, compile.stage, compile.instruction, compile.compiler);
            let fix = if compile.compiler == Compiler::Go { export(context, compile) } else { None };
            let lines = if fix.is_some() { Vec::new() } else { lines };
            let finding = context.diagnostic(&RULE, Some(compile.stage), compile.instruction, message, help);
            findings.push(finding.with_recipe(lines).fixed(fix));
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
const UNSEEN: [&str; 7] = ["source ", ". ./", ". /", "eval", "xx-", "go env -w", "set -a"];

/// What is wrong with a Go compile for `target`, whether the script calls the compiler or has `make` do it.
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
    let word = |platform| Some(translate(platform, Toolchain::Golang).ok()?.field("GOARCH").ok()?.to_owned());
    let (wanted, native) = (word(target)?, word(own)?);
    let is_build = |command: &&SimpleCommand<'_>| {
        if compile.by_make {
            matches!(command.base_name(), "make" | "gmake")
        } else {
            tools::compiler(command) == Some(Compiler::Go)
        }
    };
    // A program that is told the target may tell the compiler, by `go env -w` or a file.
    let hands_on = compile.commands.iter().filter(|command| !is_build(command)).any(|command| {
        let told = command.args.iter().any(|arg| arg.contains("$TARGET") || arg.contains("${TARGET"));
        told && tools::reads(command, "TARGETPLATFORM") == Reads::Perhaps
    });
    if hands_on {
        return None;
    }
    let builds: Vec<&SimpleCommand<'_>> = compile.commands.iter().filter(is_build).collect();
    let mut assigned = builds.iter().flat_map(|command| &command.assignments);
    let assigned = assigned.find(|(name, _)| name == "GOARCH").map(|(_, value)| value.to_string());
    let in_env = binary::variable(context, compile.exec, "GOARCH");
    let exported = raw.contains("export") && (compile.by_make || raw.contains("GOARCH"));
    if compile.by_make {
        // What a Makefile does with what it is told cannot be seen, nor what it does when it is told nothing.
        let arguments = builds.iter().flat_map(|command| &command.args);
        let told = arguments.into_iter().any(|arg| arg.contains('$') || arg.contains("ARCH"));
        let set = assignments(raw).any(|assignment| assignment.sets("GOARCH"));
        if told || !set || assigned.is_some() || in_env.is_some() {
            return None;
        }
    }
    let value = match (assigned, in_env) {
        (Some(value), _) => value,
        _ if exported => return None,
        // Setting a variable that is in the environment changes what the compiler sees.
        (None, Some(_)) if raw.contains("GOARCH=") => return None,
        (None, Some(value)) => value,
        (None, None) if native == wanted || fits(target, own) => return None,
        (None, None) => {
            let why = match (raw.contains("GOARCH="), compile.by_make) {
                (true, true) => "GOARCH is set but not exported to make",
                (true, false) => "GOARCH is set but not exported",
                (false, _) => "GOARCH is not set",
            };
            return Some(format!("compiled for {native}, as {why}"));
        }
    };
    let literal = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric());
    let wrong = literal && value != wanted && value != "wasm" && !(value == "386" && wanted == "amd64");
    wrong.then(|| format!("compiled for {value}, as GOARCH says"))
}

/// A statement of a script that sets variables for the script itself, and does nothing else.
struct Assignment<'s> {
    text: &'s str,
    /// Where it stands in the script.
    at: usize,
}

impl Assignment<'_> {
    fn sets(&self, name: &str) -> bool {
        self.text.split_whitespace().any(|word| word.split_once('=').is_some_and(|(known, _)| known == name))
    }
}

fn assignments(script: &str) -> impl Iterator<Item = Assignment<'_>> {
    let statements = script.split([';', '\n', '&', '|']);
    statements.filter_map(move |text| {
        let text = text.trim_start();
        let text =
            text.strip_prefix("RUN").map_or(text, str::trim_start).trim_end_matches(['\\', ' ', '\t', '\r']);
        let is_set = |word: &str| {
            let name = word.split_once('=').map_or("", |(name, _)| name);
            !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
        };
        let plain = !text.is_empty() && text.split_whitespace().all(is_set);
        plain.then(|| Assignment { text, at: text.as_ptr() as usize - script.as_ptr() as usize })
    })
}

/// Exports what the script sets, where that is all that is missing.
fn export(context: &Context<'_>, compile: &Compile<'_>) -> Option<Fix> {
    const NAMES: [&str; 4] = ["GOOS", "GOARCH", "GOARM", "GOAMD64"];
    let raw = context.raw(compile.instruction);
    let own = assignments(raw).filter(|assignment| NAMES.iter().any(|name| assignment.sets(name)));
    let edits: Vec<Edit> = own
        .map(|assignment| Edit::insert(compile.instruction.span.start + assignment.at as u32, "export "))
        .collect();
    (!edits.is_empty()).then(|| Fix {
        description: "export what the script sets, so that the compiler hears of it".to_owned(),
        edits,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
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
