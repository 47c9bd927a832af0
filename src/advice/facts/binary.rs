//! Programs in the images, and the compilers that made them.

use foldhash::HashMap;

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::{self, Arrival, Origin, Reach};
use crate::advice::facts::tools::{self, Compiler, Reads};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::emulate::exec_of;
use crate::graph::vertex::Exec;
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::model::path::{base, clean};
use crate::shell::{Commands, SimpleCommand};

/// A compile whose output gets into images.
#[derive(Debug, Clone)]
pub(in crate::advice) struct Compile<'c> {
    /// The stage and instruction.
    pub(in crate::advice) stage: StageIx,
    /// The `RUN`.
    pub(in crate::advice) instruction: &'c Instruction<'c>,
    /// Its vertex.
    pub(in crate::advice) vertex: VertexIx,
    /// What it is.
    pub(in crate::advice) exec: &'c Exec,
    /// The compiler.
    pub(in crate::advice) compiler: Compiler,
    /// Whether `make` runs it, out of sight.
    pub(in crate::advice) by_make: bool,
    /// What it runs.
    pub(in crate::advice) commands: Commands,
    /// The images its output gets into.
    pub(in crate::advice) targets: TargetSet,
    /// How it gets there.
    pub(in crate::advice) arrival: Arrival,
}

/// Words without which no `RUN` of a file compiles: looked for before any shell is parsed.
const WORDS: [&str; 11] =
    ["go ", "cargo", "rustc", "gcc", "g++", "clang", "cc ", "build", "ghc", "c++", "make"];

/// See [`Context::compiles`].
pub(in crate::advice) fn compiles<'c>(context: &Context<'c>) -> Vec<Compile<'c>> {
    let mut found: Vec<Compile<'c>> = Vec::new();
    if !WORDS.iter().any(|word| context.text().contains(word)) {
        return found;
    }
    let graph = &context.node.graph;
    let mut steps: HashMap<VertexIx, Option<Found<'c>>> = HashMap::default();
    for arrival in origin::arrivals(context) {
        let mut makes = |vertex| steps.entry(vertex).or_insert_with(|| compile_at(context, vertex)).is_some();
        let Origin::Exec(vertex) =
            origin::origin(graph, arrival.source, &arrival.path, Reach::Named, &mut makes)
        else {
            continue;
        };
        let known = found.iter_mut().find(|c| c.vertex == vertex && c.arrival.line == arrival.line);
        if let Some(known) = known {
            known.targets = known.targets.union(arrival.targets);
            continue;
        }
        let Some(Found { stage, instruction, compiler, by_make, commands }) =
            steps.get(&vertex).cloned().flatten()
        else {
            continue;
        };
        let Some(exec) = exec_of(graph.vertex(vertex)) else { continue };
        let elsewhere = if by_make {
            !looks_like_a_program(&arrival.path)
        } else {
            writes_elsewhere(&commands, graph.text(exec.dir), &arrival.path)
        };
        if elsewhere || says_its_platform(context, &arrival) {
            continue;
        }
        let targets = arrival.targets;
        found.push(Compile {
            stage,
            instruction,
            vertex,
            exec,
            compiler,
            by_make,
            commands,
            targets,
            arrival,
        });
    }
    found
}

#[derive(Clone)]
struct Found<'c> {
    stage: StageIx,
    instruction: &'c Instruction<'c>,
    compiler: Compiler,
    by_make: bool,
    commands: Commands,
}

/// The compile that a vertex is, if it is one.
fn compile_at<'c>(context: &Context<'c>, vertex: VertexIx) -> Option<Found<'c>> {
    let owner = context.node.graph.vertex(vertex);
    let (line, stage) = (*owner.lines.first()?, *owner.stages.first()?);
    let instruction = context.instruction(stage, line)?;
    if !matches!(instruction.kind, Kind::Run(_)) {
        return None;
    }
    let raw = context.raw(instruction);
    if !WORDS.iter().any(|word| raw.contains(word)) {
        return None;
    }
    let commands = context.commands(instruction);
    let called = commands.iter().find_map(tools::compiler);
    let compiler = called.or_else(|| made(context, stage, &commands))?;
    Some(Found { stage, instruction, compiler, by_make: called.is_none(), commands })
}

/// What `make` most likely calls, by the image it runs in.
fn made(context: &Context<'_>, stage: StageIx, commands: &[SimpleCommand<'_>]) -> Option<Compiler> {
    commands.iter().any(|command| matches!(command.base_name(), "make" | "gmake")).then_some(())?;
    tools::of_image(context.root(stage).from.base.text)
}

/// Whether a path that `make` may have made names a program: nothing with an ending, and no folder of other things.
fn looks_like_a_program(path: &str) -> bool {
    const OTHERS: [&str; 16] = [
        "",
        "dist",
        "build",
        "out",
        "public",
        "www",
        "static",
        "html",
        "docs",
        "share",
        "etc",
        "assets",
        "data",
        "config",
        "templates",
        "web",
    ];
    let name = base(path);
    !name.contains(['.', '*', '?']) && !OTHERS.contains(&name)
}

/// Whether the copy that brings a file says whose it is, as `COPY --from=build /app /app-linux-amd64` does: such an image
/// collects files for many platforms.
fn says_its_platform(context: &Context<'_>, arrival: &Arrival) -> bool {
    let instruction = context.instruction_at(arrival.line);
    let Some(Kind::Copy(copy) | Kind::Add(copy)) = instruction.map(|instruction| &instruction.kind) else {
        return false;
    };
    let to = copy.destination.text;
    tools::architectures(to) > 0 || ["darwin", "windows"].iter().any(|system| to.contains(system))
}

/// Whether every compile of a script says where its output goes, and that is not at `path`. Unknown where the script moves
/// files or changes folders.
fn writes_elsewhere(commands: &[SimpleCommand<'_>], dir: &str, path: &str) -> bool {
    let moves = ["cp", "mv", "install", "ln", "cd", "pushd", "tar", "upx", "rsync"];
    let mut compiles = commands.iter().filter(|command| tools::compiler(command).is_some());
    !commands.iter().any(|command| moves.contains(&command.base_name()))
        && compiles.all(|command| {
            let at = command.args.iter().position(|arg| arg == "-o");
            let output = at.and_then(|at| command.args.get(at + 1)).filter(|output| !output.contains('$'));
            output.is_some_and(|output| {
                let output = clean(&format!("{}/{output}", if output.starts_with('/') { "" } else { dir }))
                    .into_owned();
                !origin::is_below(&output, path) && !origin::is_below(path, &output)
            })
        })
}

/// Whether a `RUN` may look at a variable of the build that its text does not name.
pub(in crate::advice) fn may_read<'c>(
    context: &Context<'c>,
    stage: StageIx,
    instruction: &'c Instruction<'c>,
    name: &str,
) -> bool {
    if !matches!(instruction.kind, Kind::Run(_)) {
        return false;
    }
    let graph = &context.node.graph;
    let overlaid = || {
        context.execs(stage, instruction.line).iter().any(|(vertex, ..)| origin::is_overlaid(graph, *vertex))
    };
    let commands = context.commands(instruction);
    commands.iter().any(|command| tools::reads(command, name) == Reads::Perhaps)
        || commands.iter().any(tools::may_be_wrapped) && overlaid()
}

/// The value that a command's environment has for a variable, whoever set it.
pub(in crate::advice) fn variable(context: &Context<'_>, exec: &Exec, name: &str) -> Option<String> {
    let graph = &context.node.graph;
    let variables = graph.variables(exec.env);
    let found = variables.iter().find(|assignment| graph.text(assignment.key) == name)?;
    Some(graph.text(found.value).to_owned())
}
