//! Telling Go its target: without cgo it compiles for every platform by itself.

use crate::advice::edits::pinning::{is_portable, runs};
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::sight::{self, Sight, Told};
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools::{self as programs, Compiler};
use crate::diagnostic::{Allowed, Edit};
use crate::dockerfile::ast::{CommandLine, Instruction, Kind};
use crate::ids::StageIx;
use crate::model::platform::Platform;
use crate::shell::interpret::Call;
use crate::translate::go_architecture;

/// How every Go compile of a stage is told its target.
pub(in crate::advice) struct Telling {
    /// None where each is told already.
    pub(in crate::advice) edits: Vec<Edit>,
    /// What the edits change of what the images are made of.
    pub(in crate::advice) licence: Vec<Allowed>,
}

/// What a compile hears of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    /// Nothing.
    Nothing,
    /// The target it is for, whatever it is.
    Target,
}

/// The edits that hand the target to every Go compile of some stages that stand on each other; none where each is told already.
/// `None` where one needs cgo, is told something else, or does other work that depends on the platform.
pub(in crate::advice) fn tell<'c>(context: &Context<'c>, stages: &[&StageView<'c>]) -> Option<Telling> {
    let tools = sight::tools(context);
    if !is_plain_go(context, stages, &tools) {
        return None;
    }
    let arm = context.node.graph.targets().iter().any(|target| &*target.architecture == "arm");
    let mut told = Telling { edits: Vec::new(), licence: Vec::new() };
    let mut first: Option<(StageIx, &Instruction<'_>)> = None;
    let mut hears = None;
    for (stage, instruction) in all_runs(stages) {
        for (vertex, _, targets) in context.execs(stage, instruction.line) {
            let sight = context.sight(vertex).filter(|sight| sight.outcome.is_complete)?;
            for call in products(sight, &tools) {
                if made::is_xx(call) {
                    return None;
                }
                let mut all = targets.iter().map(|target| &context.node.graph.targets()[target.index()]);
                let heard = heard(sight, call, all.next()?)?;
                let same = all.all(|target| self::heard(sight, call, target) == Some(heard));
                if !same || *hears.get_or_insert(heard) != heard {
                    return None;
                }
                // What is declared in one stage another does not see.
                if first.get_or_insert((stage, instruction)).0 != stage && heard == Hears::Nothing {
                    return None;
                }
            }
        }
    }
    if hears? == Hears::Target {
        return Some(told);
    }
    for (stage, instruction) in all_runs(stages) {
        let Some((vertex, ..)) = context.execs(stage, instruction.line).into_iter().next() else {
            continue;
        };
        insert(context, instruction, context.sight(vertex)?, &tools, arm, &mut told)?;
    }
    let names = if arm { "TARGETOS TARGETARCH TARGETVARIANT" } else { "TARGETOS TARGETARCH" };
    told.edits.push(Edit::insert(text_ranges::before(context.text(), first?.1), format!("ARG {names}\n")));
    told.licence.extend(names.split(' ').map(|name| Allowed::Gains(name.to_owned())));
    (told.edits.len() > 1).then_some(told)
}

/// Puts the target's variables before each compile of a `RUN`.
fn insert<'c>(
    context: &Context<'c>,
    instruction: &'c Instruction<'c>,
    sight: &Sight,
    tools: &[String],
    arm: bool,
    told: &mut Telling,
) -> Option<()> {
    let mut known = Vec::new();
    for call in products(sight, tools) {
        let Kind::Run(run) = &instruction.kind else { return None };
        let CommandLine::Shell(word) = &run.command else { return None };
        let program = call.words.first()?.span.clone()?;
        // A compile in a loop or function is one place, and what another program runs is none of the shell's.
        if call.is_inner || !instruction.heredocs.is_empty() {
            return None;
        }
        if known.contains(&program.start) {
            continue;
        }
        known.push(program.start);
        let os = if call.environment.get("GOOS").known() == Some("linux") { "" } else { "GOOS=$TARGETOS " };
        let level = if arm { "GOARM=${TARGETVARIANT#v} " } else { "" };
        let inserted = format!("{os}GOARCH=$TARGETARCH {level}");
        told.edits
            .push(Edit::insert(text_ranges::in_file(context.text(), word, program.start)?, inserted.clone()));
        told.licence.push(Allowed::Inserts(inserted));
    }
    Some(())
}

/// The compiles of a script that make what the images get, and no tool of the build.
fn products<'s>(sight: &'s Sight, tools: &'s [String]) -> impl Iterator<Item = &'s Call> {
    let is_compile = |call: &&Call| made::compiler(call) == Some(Compiler::Go);
    sight.outcome.calls.iter().filter(is_compile).filter(|call| !is_tool(call, tools))
}

/// Whether a call installs a program that the build itself runs.
fn is_tool(call: &Call, tools: &[String]) -> bool {
    made::installed_tool(call).is_some_and(|tool| tools.contains(&tool))
}

/// Whether a step has `make` compile Go for the target that it is told, whatever that is.
pub(in crate::advice) fn makes_told(
    context: &Context<'_>,
    stage: &StageView<'_>,
    step: &Instruction<'_>,
) -> bool {
    if !context.text().contains("GOARCH") || !context.raw(step).contains("make") {
        return false;
    }
    let mut execs = context.execs(stage.index, step.line).into_iter().peekable();
    let hears = |call: &Call, sight: &Sight, target: &Platform| {
        matches!(call.program(), "make" | "gmake")
            && call.is_certain
            && sight.go_told(call, "GOARCH").value().is_some_and(|told| go_architecture(target) == Some(told))
    };
    let targets = context.node.graph.targets();
    execs.peek().is_some()
        && execs.all(|(vertex, _, own)| {
            let sight = context.sight(vertex).filter(|sight| sight.outcome.is_complete);
            sight.is_some_and(|sight| {
                own.iter().all(|target| {
                    sight.outcome.calls.iter().any(|call| hears(call, sight, &targets[target.index()]))
                })
            })
        })
}

/// What a compile hears of a target; `None` where that is not known, or something else.
fn heard(sight: &Sight, call: &Call, target: &Platform) -> Option<Hears> {
    let wanted = go_architecture(target)?;
    let [told, system, level] = ["GOARCH", "GOOS", "GOARM"].map(|name| sight.go_told(call, name));
    if [&told, &system, &level].contains(&&Told::Unknown) {
        return None;
    }
    let is_arm = &*target.architecture == "arm";
    let wanted_level = target.variant.trim_start_matches('v');
    match told.value() {
        None => {
            let is_plain = system.value().is_none_or(|system| system == "linux") && level == Told::Nothing;
            is_plain.then_some(Hears::Nothing)
        }
        Some(told) if told == wanted && system.value().is_none_or(|system| *system == *target.os) => {
            let own_level = level.value().unwrap_or("7");
            (!is_arm || own_level == wanted_level).then_some(Hears::Target)
        }
        _ => None,
    }
}

/// The steps of some stages that are needed.
fn all_runs<'s, 'c>(
    stages: &'s [&StageView<'c>],
) -> impl Iterator<Item = (StageIx, &'c Instruction<'c>)> + use<'s, 'c> {
    let needed = stages.iter().filter(|stage| !stage.reachable.is_empty());
    needed.flat_map(|stage| runs(stage).map(|instruction| (stage.index, instruction)))
}

/// What `go` does beside compiling that is the same on every machine.
const PLAIN: [&str; 10] =
    ["mod", "work", "list", "clean", "version", "vet", "env", "test", "fmt", "generate"];

/// Words of a script that make something else than a plain program of Go's.
const OTHERS: [&str; 3] = ["-race", "linkmode", "buildmode=c"];

/// Generators that run a C compiler may write what is of the machine, as those for BPF do.
const GENERATED: [&str; 4] = ["clang", "llvm", "gcc", "bpf"];

/// Whether stages compile Go, with cgo switched off, and do nothing else that depends on the platform.
fn is_plain_go<'c>(context: &Context<'c>, stages: &[&StageView<'c>], tools: &[String]) -> bool {
    let (mut builds, mut compiles_c, mut generates) = (0, false, false);
    let known = all_runs(stages).all(|(stage, instruction)| {
        let raw = context.raw(instruction);
        let has = |words: &[&str]| words.iter().any(|word| raw.contains(word));
        compiles_c |= has(&GENERATED);
        generates |= raw.contains("go generate");
        if has(&OTHERS) {
            return false;
        }
        let others = context.commands(instruction).iter().all(|command| {
            let is_build = programs::compiler(command) == Some(Compiler::Go);
            let go = command.base_name() == "go"
                && command.args.first().is_some_and(|arg| PLAIN.contains(&&**arg));
            let tells = matches!(
                command.base_name(),
                "uname"
                    | "printf"
                    | "test"
                    | "cat"
                    | "ls"
                    | "date"
                    | "pwd"
                    | "export"
                    | "git"
                    | "nproc"
                    | "chown"
            );
            is_build || go || tells || is_portable(command) || command.base_name() == "update-ca-certificates"
        });
        let execs = context.execs(stage, instruction.line);
        others
            && execs.iter().all(|(vertex, ..)| {
                let Some(sight) = context.sight(*vertex).filter(|sight| sight.outcome.is_complete) else {
                    return false;
                };
                sight.outcome.calls.iter().all(|call| {
                    let is_build = made::compiler(call) == Some(Compiler::Go);
                    // Told a target, it would be put elsewhere, and not run.
                    if is_build && is_tool(call, tools) {
                        return sight.go_told(call, "GOARCH") == Told::Nothing;
                    }
                    if is_build {
                        builds += 1;
                        let off = call.environment.get("CGO_ENABLED").known() == Some("0");
                        return off && made::plain(call).next() == Some("build");
                    }
                    // What names the machine may say what is made, and what Go tests runs.
                    let names_machine = matches!(call.program(), "uname" | "arch" | "dpkg") && call.is_read
                        || call.program() == "go"
                            && made::plain(call).next() == Some("env")
                            && call.arguments().any(|word| word.starts_with("GO"));
                    let go = |verb| call.program() == "go" && made::plain(call).next() == Some(verb);
                    // A generator is compiled for what the environment says, and run.
                    let is_told = go("generate") && sight.go_told(call, "GOARCH") != Told::Nothing;
                    !(names_machine || go("test") || is_told)
                })
            })
    });
    known && builds > 0 && !(generates && compiles_c)
}
