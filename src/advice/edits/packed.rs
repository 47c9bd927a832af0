//! What Java and .NET pack in the stage of an image, so that it can be packed elsewhere: archives and folders that every platform runs.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::tools::{self, Compiler};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::model::path::{base, clean, is_below, join};
use crate::shell::SimpleCommand;
use crate::shell::interpret::Call;

/// Folders that Maven and Gradle pack to, in that of a project.
const OUTPUTS: [&str; 2] = ["target", "build/libs"];

/// The archives or folders of a step that packs what every platform runs, where it does nothing else that an image keeps; `None` where
/// that is not known.
pub(super) fn archives(
    context: &Context<'_>,
    stage: &StageView<'_>,
    step: &Instruction<'_>,
) -> Option<Vec<String>> {
    let (vertex, exec, _) = context.execs(stage.index, step.line).into_iter().next()?;
    let sight = context.sight(vertex).filter(|sight| sight.outcome.is_complete)?;
    let dir = context.node.graph.text(exec.dir);
    let mut packer = None;
    let mut moved: Vec<String> = Vec::new();
    for call in &sight.outcome.calls {
        let command = call.command();
        match (tools::portable_compiler(&command), call.program()) {
            (Some(compiler), _) => packer = Some((compiler, call)),
            (None, "cp" | "mv" | "install") => {
                let Some((_, Place::At(to))) = made::moved(call) else { return None };
                moved.push(to);
            }
            _ if keeps_nothing(&command) => {}
            _ => return None,
        }
    }
    let product = match packer? {
        (Compiler::Dotnet, call) => published(stage, call)?,
        _ => match moved.as_slice() {
            [] => packed(context, stage, step, dir)?,
            [to] if is_archive(to) => to.clone(),
            _ => return None,
        },
    };
    let is_plain = product != "/" && product != dir && !product.contains([' ', '"', '$', '*']);
    is_plain.then(|| vec![product])
}

/// The steps above that only fetch what is packed.
pub(super) fn idle<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    step: &Instruction<'_>,
) -> impl Iterator<Item = &'c Instruction<'c>> {
    let above = stage.body.iter().take_while(|instruction| instruction.line < step.line);
    above.filter(|instruction| {
        let commands = context.commands(instruction);
        let packs = |command: &SimpleCommand<'_>| {
            tools::portable_compiler(command) == Some(Compiler::Java) || is_java(command)
        };
        matches!(instruction.kind, Kind::Run(_))
            && commands.iter().any(packs)
            && commands.iter().all(|command| packs(command) || keeps_nothing(command))
    })
}

fn is_java(command: &SimpleCommand<'_>) -> bool {
    matches!(command.base_name(), "mvn" | "mvnw" | "gradle" | "gradlew")
}

/// Whether a command leaves nothing behind that an image needs besides what is packed.
fn keeps_nothing(command: &SimpleCommand<'_>) -> bool {
    let of_wrapper = |word: &str| {
        matches!(base(word), "mvnw" | "gradlew") || word.starts_with(['+', '-']) || word.len() == 3
    };
    match command.base_name() {
        "chmod" => command.args.iter().all(|word| of_wrapper(word)),
        "dotnet" => {
            tools::fetch(command).is_some() || command.args.first().is_some_and(|verb| verb == "restore")
        }
        "cd" | "mkdir" | "set" | "rm" | "echo" | "ls" | "true" | "export" => true,
        _ => is_java(command),
    }
}

fn is_archive(path: &str) -> bool {
    [".jar", ".war", ".ear"].iter().any(|end| path.ends_with(end))
}

/// What Maven or Gradle packed: the archive that a container starts, or the folder that a later step takes it from.
fn packed(context: &Context<'_>, stage: &StageView<'_>, step: &Instruction<'_>, dir: &str) -> Option<String> {
    let is_output = |path: &str| OUTPUTS.iter().any(|output| path.contains(&format!("/{output}/")));
    let started =
        started_by(stage, "-jar").filter(|path| is_archive(path)).map(|path| at_end(stage, step, dir, &path));
    if let Some(path) = started.flatten().filter(|path| is_below(path, dir) && is_output(path)) {
        return Some(path);
    }
    let later = stage.body.iter().filter(|own| own.line > step.line && matches!(own.kind, Kind::Run(_)));
    let named = |output: &&&str| later.clone().any(|own| context.raw(own).contains(&format!("{output}/")));
    OUTPUTS.iter().find(named).map(|output| join(&[dir, output]))
}

/// The folder that .NET publishes to, where a container starts a library in it by `dotnet`.
fn published(stage: &StageView<'_>, call: &Call) -> Option<String> {
    let to = made::option(call, &["-o", "--output"])?;
    let folder = made::path_of(call, to)?;
    let library = started_by(stage, "dotnet")?;
    let is_library = library.rsplit_once('.').is_some_and(|(_, ending)| ending == "dll");
    let is_there = !library.starts_with('/') || is_below(&clean(&library), &folder);
    (is_library && is_there).then_some(folder)
}

/// A path that a container is started with, from the root; `None` where the folder it starts in is another than that of the step.
fn at_end(stage: &StageView<'_>, step: &Instruction<'_>, dir: &str, path: &str) -> Option<String> {
    let moves = stage.body.iter().any(|own| own.line > step.line && matches!(own.kind, Kind::Workdir(_)));
    if path.starts_with('/') {
        return Some(clean(path).into_owned());
    }
    (!moves).then(|| join(&[dir, path]))
}

/// What starts a container of an image that is a stage: the last `ENTRYPOINT`, then the last `CMD`.
pub(super) fn starts<'c>(stage: &StageView<'c>) -> impl Iterator<Item = &'c Instruction<'c>> {
    let body = stage.body;
    let last = move |wanted: fn(&Kind<'_>) -> bool| body.iter().rfind(|own| wanted(&own.kind));
    let both = [last(|kind| matches!(kind, Kind::Entrypoint(_))), last(|kind| matches!(kind, Kind::Cmd(_)))];
    both.into_iter().flatten()
}

/// The word after another one in what a container of the image starts.
fn started_by(stage: &StageView<'_>, word: &str) -> Option<String> {
    starts(stage).find_map(|start| {
        let words =
            start.arguments.text.split(['[', ']', '"', '\'', ' ', ',']).filter(|word| !word.is_empty());
        let mut rest = words.skip_while(|own| *own != word).skip(1);
        rest.next().filter(|path| !path.contains('$')).map(str::to_owned)
    })
}
