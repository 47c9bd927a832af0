//! Telling Go its target: without cgo it compiles for every platform by itself.

use crate::advice::edits::pinning::{is_portable, runs};
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::sight::{Sight, Told, go_name};
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools::{self, Compiler};
use crate::diagnostic::{Allowed, Edit};
use crate::dockerfile::ast::{CommandLine, Instruction, Kind};
use crate::ids::{StageIx, VertexIx};
use crate::model::platform::Platform;
use crate::shell::interpret::Call;

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
    if !is_plain_go(context, stages) {
        return None;
    }
    let arm = context.node.graph.targets().iter().any(|target| &*target.architecture == "arm");
    let mut told = Telling { edits: Vec::new(), licence: Vec::new() };
    let mut first: Option<(StageIx, &Instruction<'_>)> = None;
    let mut hears = None;
    for (stage, instruction) in all_runs(stages) {
        for (vertex, _, targets) in context.execs(stage, instruction.line) {
            let sight = context.sight(vertex).filter(|sight| sight.outcome.is_complete)?;
            let builds = sight.outcome.calls.iter().filter(|call| made::compiler(call) == Some(Compiler::Go));
            for call in builds {
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
        insert(context, instruction, vertex, arm, &mut told)?;
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
    vertex: VertexIx,
    arm: bool,
    told: &mut Telling,
) -> Option<()> {
    let sight = context.sight(vertex)?;
    let builds = sight.outcome.calls.iter().filter(|call| made::compiler(call) == Some(Compiler::Go));
    let mut known = Vec::new();
    for call in builds {
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

/// What a compile hears of a target; `None` where that is not known, or something else.
fn heard(sight: &Sight, call: &Call, target: &Platform) -> Option<Hears> {
    let wanted = go_name(target)?;
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

/// Whether stages compile Go, with cgo switched off, and do nothing else that depends on the platform.
fn is_plain_go<'c>(context: &Context<'c>, stages: &[&StageView<'c>]) -> bool {
    let mut builds = 0;
    let known = all_runs(stages).all(|(stage, instruction)| {
        let raw = context.raw(instruction);
        if raw.contains("-race") || raw.contains("linkmode") || raw.contains("buildmode=c") {
            return false;
        }
        let others = context.commands(instruction).iter().all(|command| {
            let is_build = tools::compiler(command) == Some(Compiler::Go);
            let go = command.base_name() == "go"
                && command
                    .args
                    .first()
                    .is_some_and(|arg| matches!(&**arg, "mod" | "version" | "vet" | "env" | "test" | "fmt"));
            let tells = matches!(
                command.base_name(),
                "uname" | "printf" | "test" | "cat" | "ls" | "date" | "pwd" | "export" | "git" | "nproc"
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
                    let tests = call.program() == "go" && made::plain(call).next() == Some("test");
                    !(names_machine || tests)
                })
            })
    });
    known && builds > 0
}
