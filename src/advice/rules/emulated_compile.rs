//! Work under emulation that the machine could do itself.

use std::cell::OnceCell;

use crate::advice::edits::bundling::{is_output, pin_beside_modules, pin_bundle};
use crate::advice::edits::cross::{Cross, cross};
use crate::advice::edits::golang;
use crate::advice::edits::pinning::{
    family, family_gives_only_what_it_makes, gives_only_what_it_makes, is_compiled, is_data, is_portable,
    pin, runs, stands_alone, starts_something, to_check,
};
use crate::advice::facts::configured;
use crate::advice::facts::context::{Context, Pin, StageView};
use crate::advice::facts::flow;
use crate::advice::facts::made;
use crate::advice::facts::origin::{is_below, is_for_one_architecture};
use crate::advice::facts::sight;
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools::{self, Compiler};
use crate::diagnostic::{Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::emulate::Execution;
use crate::ids::StageIx;
use crate::shell::SimpleCommand;

/// The rule.
pub const RULE: Rule = Rule {
    code: "emulated-compile",
    severity: Severity::Warning,
    summary: "a compile, bundle or download runs under emulation, and need not",
    is_about_time: true,
    doc: Some(Doc {
        what: "Finds steps below the images that compile, bundle, write pages or download, or install packages for their data \
               alone, and run under emulation for some platform.",
        why: "Compilers under emulation take four to ten times as long, bundlers up to sixty. What they make can be \
              made natively: a front end is the same everywhere, and compilers make programs for other machines.",
        before: "FROM golang:1.25 AS build\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\n\
                 RUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\n\
                COPY . .\nARG TARGETOS TARGETARCH\n\
                RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\n\
                COPY --from=build /app /app\n",
        silent: "Steps of the image itself, but for a compile that can move to a stage of its own (a recipe); compiles that are native for every platform that is built.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

/// What a stage does that need not be emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Compile(Compiler),
    /// `make` that hands Go the target.
    Make,
    Bundle,
    Download,
    /// Packages of which only data is taken.
    Data,
}

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let stages: Vec<_> = context.needed().map(|stage| stage.index).collect();
    let tools = OnceCell::new();
    for index in stages {
        let stage = context.stage(index);
        let root = context.root(index).from.base.text;
        // What is built on Windows no other system emulates.
        let is_windows = root.contains("/windows/") || root.contains("/windows:");
        if stage.pin != Pin::Target || is_for_one_architecture(root) || is_windows {
            continue;
        }
        if context.is_in_image(index) {
            findings.extend(in_image(context, stage));
            continue;
        }
        let found = stage.body.iter().filter(|i| is_emulated(context, stage, i)).find_map(|instruction| {
            let commands = context.commands(instruction);
            let compiler = |c| tools::compiler(c).or_else(|| tools::portable_compiler(c));
            let by_files = || context.files.and_then(|_| compiler_in_files(context, stage, instruction));
            let by_configure = || makes_configured(context, index, instruction).then_some(Compiler::C);
            let compiler = commands.iter().find_map(compiler).or_else(by_files).or_else(by_configure);
            let by_make = || golang::makes_told(context, stage, instruction).then_some(Work::Make);
            let work = compiler.map(Work::Compile).or_else(by_make);
            let is_tool = || {
                let tools = tools.get_or_init(|| sight::tools(context));
                !tools.is_empty() && installs_tools_only(context, stage, instruction, tools)
            };
            let work = work.filter(|_| !is_tool());
            let bundle = || bundles(context, stage, instruction).then_some(Work::Bundle);
            work.or_else(bundle).map(|work| (instruction, work))
        });
        let found = found.or_else(|| download(context, stage)).or_else(|| data(context, stage));
        let Some((instruction, work)) = found else { continue };
        let message = match work {
            Work::Compile(compiler) => {
                format!("a {} compile runs under emulation", compiler.as_str())
            }
            Work::Make => "make has Go compile for the target that it is told, under emulation".to_owned(),
            Work::Bundle => "a front end is bundled under emulation, once per platform".to_owned(),
            Work::Download if runs(stage).any(|step| context.raw(step).contains("TARGET")) => {
                "files are downloaded under emulation, those of each platform".to_owned()
            }
            Work::Download => {
                "files are downloaded under emulation, the same ones once per platform".to_owned()
            }
            Work::Data => {
                "packages are installed under emulation for files that are the same on every platform"
                    .to_owned()
            }
        };
        let Cross { help, lines, patch } = match work {
            Work::Compile(compiler) => cross(context, index, instruction, compiler),
            Work::Make => Cross::help(
                "Pin the stage with `--platform=$BUILDPLATFORM`, if what `make` compiles needs no cgo and no tool that it compiles for \
                 the target, too.",
            ),
            Work::Bundle => Cross::help(
                "Pin the stage with `--platform=$BUILDPLATFORM`, if only what the bundler makes is copied out of it.",
            ),
            Work::Download | Work::Data => Cross::help("Pin the stage with `--platform=$BUILDPLATFORM`."),
        };
        let fix = match work {
            Work::Compile(Compiler::Go) => cross_go(context, stage),
            Work::Compile(Compiler::Java) => pin_java(context, stage),
            Work::Compile(_) | Work::Make => None,
            Work::Bundle => pin_bundle(context, stage),
            Work::Download => pin(context, stage, "download on the machine's own platform"),
            Work::Data => pin(context, stage, "take them from the machine's own platform, once"),
        };
        let beside = match (&fix, work) {
            (None, Work::Bundle) => pin_beside_modules(context, stage),
            (None, Work::Make) => pin(context, stage, "compile natively, for each target").map(|pin| {
                to_check(context, stage, pin, "that make compiles without cgo, and nothing for itself")
            }),
            _ => None,
        };
        let (lines, patch) = beside.map_or((lines, patch), |(lines, patch)| (lines, Some(patch)));
        let (lines, trial) =
            if fix.is_some() { Default::default() } else { (lines, trial(context, stage, instruction)) };
        let finding = context.diagnostic(&RULE, Some(index), instruction, message, help);
        findings.push(finding.with_recipe(lines).with_patch(patch).tried_by(trial).fixed(fix));
    }
}

/// A compile in the stage of the image itself, where it can be moved to a stage of its own.
fn in_image<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<Diagnostic> {
    let of = |step: &'c Instruction<'c>, compiler: fn(&SimpleCommand<'_>) -> Option<Compiler>| {
        Some((step, context.commands(step).iter().find_map(compiler)?))
    };
    let steps = || runs(stage).filter(|step| is_emulated(context, stage, step));
    // What is packed last is what the image runs.
    let packed = || steps().filter_map(|step| of(step, tools::portable_compiler)).last();
    let Some((step, compiler)) = steps().find_map(|step| of(step, tools::compiler)).or_else(packed) else {
        return steps().find_map(|step| bundled_in_image(context, stage, step));
    };
    let Cross { help, lines, patch } = cross(context, stage.index, step, compiler);
    let patch = patch?;
    let message = format!("a {} compile runs under emulation, in the stage of the image", compiler.as_str());
    let trial = patch.edits.clone();
    let finding = context.diagnostic(&RULE, Some(stage.index), step, message, help);
    Some(finding.with_recipe(lines).with_patch(Some(patch)).tried_by(trial))
}

/// A bundle in the stage of an image that runs Node itself: what of it the image needs for its own platform, the author decides.
fn bundled_in_image<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    step: &'c Instruction<'c>,
) -> Option<Diagnostic> {
    if !context.commands(step).iter().any(tools::bundles) {
        return None;
    }
    let help = "Bundle in a stage of the machine's own platform (`FROM --platform=$BUILDPLATFORM`) and copy the output of it. What the \
                image runs with has to be installed in its own stage, as packages may hold native code (`npm ci --omit=dev`).";
    let message = "a front end is bundled under emulation, in the stage of the image";
    let finding = context.diagnostic(&RULE, Some(stage.index), step, message, help);
    Some(Diagnostic { severity: Severity::Note, ..finding })
}

/// The compiler that a step calls by way of files of the context.
fn compiler_in_files(
    context: &Context<'_>,
    stage: &StageView<'_>,
    step: &Instruction<'_>,
) -> Option<Compiler> {
    context.calls(stage.index, step.line).find_map(made::compiler)
}

/// Whether a step has `make` build what was configured in it or before.
fn makes_configured<'c>(context: &Context<'c>, stage: StageIx, step: &'c Instruction<'c>) -> bool {
    let configures = |instruction: &'c Instruction<'c>| {
        matches!(instruction.kind, Kind::Run(_))
            && context.commands(instruction).iter().any(|command| {
                configured::configures(command.base_name(), command.args.iter().map(|arg| &**arg))
            })
    };
    let makes = context.commands(step).iter().any(|command| matches!(command.base_name(), "make" | "gmake"));
    makes
        && context
            .chain(stage)
            .flat_map(|view| view.body)
            .any(|instruction| instruction.line <= step.line && configures(instruction))
}

/// Whether every compile of a step installs a program that the build itself runs.
fn installs_tools_only(
    context: &Context<'_>,
    stage: &StageView<'_>,
    step: &Instruction<'_>,
    tools: &[String],
) -> bool {
    let calls = context.calls(stage.index, step.line);
    let mut compiles = calls.filter(|call| made::compiler(call).is_some()).peekable();
    compiles.peek().is_some()
        && compiles.all(|call| made::installed_tool(call).is_some_and(|tool| tools.contains(&tool)))
}

/// A stage that installs packages of its distribution, and of which others take only what is the same everywhere.
fn data<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<(&'c Instruction<'c>, Work)> {
    if !stands_alone(context, stage) || starts_something(stage) {
        return None;
    }
    let installs = |i: &&'c Instruction<'c>| context.commands(i).iter().any(tools::is_package_manager);
    let first = runs(stage).filter(|i| is_emulated(context, stage, i)).find(installs)?;
    let plain = runs(stage).all(|i| {
        context
            .commands(i)
            .iter()
            .all(|command| is_portable(command) || command.base_name() == "update-ca-certificates")
    });
    let out = flow::taken(context, &[stage.index]);
    (plain && !out.is_empty() && out.iter().all(|path| is_data(path))).then_some((first, Work::Data))
}

fn is_emulated(context: &Context<'_>, stage: &StageView<'_>, instruction: &Instruction<'_>) -> bool {
    matches!(instruction.kind, Kind::Run(_))
        && context
            .execs(stage.index, instruction.line)
            .iter()
            .any(|(vertex, ..)| context.node.execution(*vertex) == Some(Execution::Emulated))
}

/// The stage pinned, and the step told its target: what a cross-compile costs, whatever it takes to write one.
fn trial(context: &Context<'_>, stage: &StageView<'_>, step: &Instruction<'_>) -> Vec<Edit> {
    let root = context.root(stage.index);
    if root.from.platform.is_some() {
        return Vec::new();
    }
    let at = text_ranges::before(context.text(), step);
    vec![
        Edit::insert(root.instruction.keyword.span.end, " --platform=$BUILDPLATFORM"),
        Edit::insert(at, "ARG TARGETPLATFORM\n"),
    ]
}

/// A stage of downloads whose URLs are the same for every platform, or say the target's.
fn download<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<(&'c Instruction<'c>, Work)> {
    if !stands_alone(context, stage) || starts_something(stage) {
        return None;
    }
    let fetches = |i: &'c Instruction<'c>| {
        context.commands(i).iter().any(|command| matches!(command.base_name(), "curl" | "wget"))
    };
    let first = runs(stage).find(|i| fetches(i) && is_emulated(context, stage, i))?;
    let depends =
        ["uname", "dpkg --print", "apk --print", "arch)", "getconf", "lscpu", "install.sh", "| sh", "| bash"];
    let fixed = runs(stage).all(|instruction| {
        let raw = context.raw(instruction);
        !depends.iter().any(|word| raw.contains(word))
            && context.commands(instruction).iter().all(is_portable)
    });
    (fixed && gives_only_what_it_makes(context, stage)).then_some((first, Work::Download))
}

/// Whether a step bundles a front end, and not everything around it is taken along, as with a server and its modules.
fn bundles<'c>(context: &Context<'c>, stage: &StageView<'c>, step: &'c Instruction<'c>) -> bool {
    let graph = &context.node.graph;
    let execs = context.execs(stage.index, step.line);
    let dir = execs.first().map_or("/", |(_, exec, _)| graph.text(exec.dir));
    let whole = |path: &String| path.contains("node_modules") || dir != "/" && is_below(dir, path);
    let by_calls = || context.calls(stage.index, step.line).any(|call| tools::bundles(&call.command()));
    let taken = flow::taken_here(context, stage.index);
    // `npm run generate` and `next build` write a site, where that is what is taken.
    let generates = || {
        let is_site = |path: &String| is_output(path) && !path.contains("/src/");
        !taken.is_empty() && taken.iter().all(is_site) && context.commands(step).iter().any(tools::generates)
    };
    (context.commands(step).iter().any(tools::bundles)
        || generates()
        || context.files.is_some() && by_calls())
        && !taken.iter().any(whole)
}

/// Pins a stage that builds Java, where nothing but archives of classes is copied out of it.
fn pin_java<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<Fix> {
    let family = family(context, stage)?;
    let steps =
        || family.iter().filter(|member| !member.reachable.is_empty()).flat_map(|member| runs(member));
    let known = steps().all(|instruction| {
        context.commands(instruction).iter().all(|command| {
            tools::portable_compiler(command).is_some()
                || matches!(command.base_name(), "mvn" | "mvnw" | "gradle" | "gradlew")
                || is_portable(command)
        })
    });
    let own: Vec<StageIx> = family.iter().map(|member| member.index).collect();
    let out = flow::taken_by_others(context, &own, &own);
    let archives = out.iter().all(|path| [".jar", ".war", ".ear"].iter().any(|end| path.ends_with(end)));
    let native = ["jlink", "native-image", "-Pnative", "nativeCompile"];
    let plain = !native.iter().any(|word| steps().any(|i| context.raw(i).contains(word)));
    (known && archives && plain && !out.is_empty())
        .then(|| pin(context, stage, "build on the machine's own platform, once"))
        .flatten()
}

/// Pins a stage that compiles Go without cgo, and hands the target to the compiler.
fn cross_go<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<Fix> {
    let family = family(context, stage)?;
    let told = golang::tell(context, &family)?;
    let own: Vec<StageIx> = family.iter().map(|member| member.index).collect();
    let out = flow::taken_by_others(context, &own, &own);
    // The modules and tools of Go's own folder are of the platform that fetched them.
    let is_own = |path: &str| family.iter().any(|member| is_compiled(context, member, path));
    let is_foreign = |path: &String| is_below(path, "/go") && !is_below(path, "/go/src") && !is_own(path);
    if out.iter().any(is_foreign) || !family_gives_only_what_it_makes(context, &family) {
        return None;
    }
    let mut fix = pin(context, stage, "compile natively, for each target")?;
    fix.edits.extend(told.edits);
    fix.licence.extend(told.licence);
    Some(fix)
}
