//! Programs in the images, and the compilers that made them.

use foldhash::HashMap;

use crate::advice::facts::configured;
use crate::advice::facts::context::{Context, StageView, starts};
use crate::advice::facts::flow;
use crate::advice::facts::made;
use crate::advice::facts::naming;
use crate::advice::facts::origin::{self, Arrival, Waypoint, is_below};
use crate::advice::facts::ownership::Maker;
use crate::advice::facts::tools::{self, Compiler, Reads};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::emulate::exec_of;
use crate::graph::vertex::Exec;
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::model::path::{base, clean};
use crate::shell::interpret::{Call, Seen};
use crate::shell::{Commands, SimpleCommand};
use crate::source::Line;

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
    /// Whether a build system runs it, as it was configured, for all that is seen on its own machine.
    pub(in crate::advice) is_configured: bool,
    /// Which of the calls of its script make it: those of the compiler, or of `make`. None where its script is not followed.
    pub(in crate::advice) calls: Vec<usize>,
    /// The images its output gets into.
    pub(in crate::advice) targets: TargetSet,
    /// How it gets there.
    pub(in crate::advice) arrival: Arrival,
}

/// Words without which no `RUN` of a file compiles: looked for before any shell is parsed.
const WORDS: [&str; 17] = [
    "go ", "dotnet", "cargo", "rustc", "gcc", "g++", "clang", "cc ", "build", "ghc", "c++", "make", "cabal",
    "stack", "nim", "ldc2", "crystal",
];

/// Whether a file may compile at all.
pub(in crate::advice) fn may_compile(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// See [`Context::compiles`].
pub(in crate::advice) fn compiles<'c>(context: &Context<'c>) -> Vec<Compile<'c>> {
    let mut found: Vec<Compile<'c>> = Vec::new();
    let mut places: HashMap<(VertexIx, Line, &str), usize> = HashMap::default();
    let graph = &context.node.graph;
    for arrival in context.arrivals() {
        let owners = context.owners(arrival.source, &arrival.path);
        let made = owners.iter().find_map(|owner| match &owner.maker {
            Maker::Compiler(step, calls) => Some((owner.vertex, step, calls)),
            _ => None,
        });
        let Some((vertex, step, calls)) = made else { continue };
        let place = (vertex, arrival.line, &*arrival.path);
        if let Some(&known) = places.get(&place) {
            let known = &mut found[known];
            known.targets = known.targets.union(arrival.targets);
            continue;
        }
        let Some(exec) = exec_of(graph.vertex(vertex)) else { continue };
        if says_its_platform(context, arrival) || step.by_make && gives_several(context, step.stage) {
            continue;
        }
        places.insert(place, found.len());
        found.push(Compile {
            stage: step.stage,
            instruction: step.instruction,
            vertex,
            exec,
            compiler: step.compiler,
            by_make: step.by_make,
            is_configured: step.is_configured,
            calls: calls.clone(),
            targets: arrival.targets,
            arrival: arrival.clone(),
        });
    }
    found
}

/// A step that compiles.
#[derive(Debug)]
pub(in crate::advice) struct CompileStep<'c> {
    stage: StageIx,
    instruction: &'c Instruction<'c>,
    compiler: Compiler,
    by_make: bool,
    is_configured: bool,
    /// Whether it is configured, and its own calls name no machine.
    may_be_told: bool,
    commands: Commands,
}

impl CompileStep<'_> {
    /// Whether it is configured for a machine that something else on the way to the vertex names.
    pub(in crate::advice) fn is_told(&self, context: &Context<'_>, vertex: VertexIx) -> bool {
        self.may_be_told && configured::is_told(context, vertex)
    }
}

/// The `RUN` that a vertex is, if it is one, with its stage.
pub(in crate::advice) fn run_at<'c>(
    context: &Context<'c>,
    vertex: VertexIx,
) -> Option<(StageIx, &'c Instruction<'c>)> {
    let owner = context.node.graph.vertex(vertex);
    let (line, stage) = (owner.line()?, *owner.stages.first()?);
    let instruction = context.instruction(stage, line)?;
    matches!(instruction.kind, Kind::Run(_)).then_some((stage, instruction))
}

/// The compile that a `RUN` is, if it is one, by what a vertex of it calls.
pub(in crate::advice) fn compile_at<'c>(
    context: &Context<'c>,
    stage: StageIx,
    instruction: &'c Instruction<'c>,
    vertex: VertexIx,
) -> Option<CompileStep<'c>> {
    let raw = context.raw(instruction);
    let by_calls = || {
        let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
        calls.iter().find_map(|call| compiler_of(context, call))
    };
    if !WORDS.iter().any(|word| raw.contains(word)) && by_calls().is_none() {
        return None;
    }
    let commands = context.commands(instruction);
    let called = commands.iter().find_map(tools::compiler).or_else(by_calls);
    let compiler = called.or_else(|| made_by_make(context, stage, vertex, &commands))?;
    let by_name =
        |command: &SimpleCommand<'_>| tools::compiler(command) == Some(Compiler::C) && !builds(command);
    let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let is_direct = calls.iter().any(|call| {
        made::compiler(call) == Some(Compiler::C) && !configured::configures(call.program(), call.arguments())
    });
    let is_configured =
        compiler == Compiler::C && called.is_some() && !is_direct && !commands.iter().any(by_name);
    let is_bazel = compiler == Compiler::Other && calls.iter().any(|call| made::is_bazel(call.program()));
    let names_machine = |call: &Call| {
        configured::configures(call.program(), call.arguments()) && made::c_told(call).is_some()
    };
    let may_be_told = is_configured && !calls.iter().any(names_machine);
    let (by_make, is_configured) = (called.is_none(), is_configured || is_bazel);
    Some(CompileStep { stage, instruction, compiler, by_make, is_configured, may_be_told, commands })
}

/// Which compiler a call is; .NET's, where the image starts the launcher that it lays beside its libraries.
fn compiler_of(context: &Context<'_>, call: &Call) -> Option<Compiler> {
    let launches = || made::has_launcher(call) && starts_launcher(context, call);
    made::compiler(call).or_else(|| launches().then_some(Compiler::Dotnet))
}

/// Whether a container of the image starts the launcher of what a call publishes: it is called as the project is.
fn starts_launcher(context: &Context<'_>, call: &Call) -> bool {
    let mut starts = starts(context);
    let project = made::plain(call).nth(1).map(|path| base(path.trim_end_matches('/')));
    let project = project.map(|name| name.trim_end_matches(".csproj").trim_end_matches(".fsproj"));
    starts.any(|first| first.contains('/') && !origin::is_system(first) && project == Some(base(first)))
}

fn builds(command: &SimpleCommand<'_>) -> bool {
    configured::builds(command.base_name(), command.args.iter().map(|arg| &**arg))
}

/// The calls of a compile that can have made what stands on the way of a file; `None` where none can.
pub(in crate::advice) fn product(
    context: &Context<'_>,
    step: &CompileStep<'_>,
    way: &Waypoint<'_>,
) -> Option<Vec<usize>> {
    let &Waypoint { end, vertex, path, .. } = way;
    let near = is_near(context, vertex, path);
    let graph = &context.node.graph;
    let own = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    if step.by_make {
        let calls = own.iter().enumerate().filter(|(_, call)| is_builder(call)).map(|(at, _)| at);
        let installs = || installs(own, path);
        let is_told = || own.iter().any(|call| is_builder(call) && made::c_told(call).is_some());
        let may_be = looks_like_a_program(path) && (near || installs()) || is_told() && installs();
        return may_be.then(|| calls.collect());
    }
    let mut above: Vec<VertexIx> = origin::bases(graph, end).take_while(|at| *at != vertex).collect();
    above.reverse();
    let mut of_product = Vec::new();
    let mut is_compile = false;
    for (at, call) in own.iter().enumerate() {
        if compiler_of(context, call) != Some(step.compiler) {
            continue;
        }
        is_compile = true;
        // What is for another system is there to be handed out.
        if context.sight(vertex).is_some_and(|sight| made::other_system(call, sight)) {
            continue;
        }
        let sights = above.iter().filter_map(|at| context.sight(*at));
        let later = own[at + 1..].iter().chain(sights.flat_map(|sight| &sight.outcome.calls));
        let own_places = made::outputs(call);
        let is_shown = |place: &made::Place| !matches!(place, made::Place::At(place) if way.hides(place) && place != path);
        let shown = own_places.iter().filter(|place| is_shown(place)).cloned().collect();
        let installed = step.is_configured && later.clone().any(|call| installs_to(call, path));
        let reached = installed || made::reaches(shown, later.clone(), path);
        // What a script writes itself, no compiler does; and what was made may run, but moves nothing.
        let written = || context.sight(vertex).is_some_and(|sight| sight.outcome.files.contains_key(path));
        let is_own = |call: &Call| {
            let path = call.words.first().and_then(|word| made::path_of(call, word.text.with_gaps()));
            path.is_some_and(|path| own_places.contains(&made::Place::At(path)))
        };
        let hidden = || !written() && later.clone().any(|call| is_hidden(call) && !is_own(call));
        let is_foreign = made::installed_tool(call).is_some();
        let reached = reached || is_elsewhere(context, step.stage, call, &own_places, path);
        if reached || !is_foreign && near && hidden() {
            of_product.push(at);
        }
    }
    if is_compile {
        return (!of_product.is_empty()).then_some(of_product);
    }
    // Other compilers, and scripts that are not followed.
    let exec = exec_of(graph.vertex(vertex))?;
    let text = exec.args.last().map_or("", |arg| graph.text(*arg));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let names_folder = folder.len() > 1 && !origin::is_system(folder) && text.contains(folder);
    let is_one = |call: &Call| {
        step.compiler == Compiler::Other && tools::compiler(&call.command()) == Some(Compiler::Other)
    };
    let calls: Vec<usize> =
        own.iter().enumerate().filter(|(_, call)| is_one(call)).map(|(at, _)| at).collect();
    let reached = || {
        let moves = |call: &&Call| matches!(call.program(), "cp" | "mv" | "install");
        let first = calls.first().and_then(|at| own.get(*at));
        let output = first.and_then(|call| made::path_of(call, "."));
        let rest = own.iter().skip(calls.first().map_or(0, |at| at + 1)).filter(moves);
        output.is_some_and(|output| output != "/" && made::reaches(vec![made::Place::At(output)], rest, path))
    };
    // `--prefix /out`, and what is taken lies somewhere below.
    let is_told_folder = |call: &Call| {
        call.arguments().any(|word| {
            let value = clean(word.rsplit('=').next().unwrap_or(word));
            value.starts_with('/') && value != "/" && !origin::is_system(&value) && is_below(path, &value)
        })
    };
    let told = || calls.iter().filter_map(|at| own.get(*at)).any(is_told_folder);
    let is_product = (near || names_folder || told() || reached())
        && !writes_elsewhere(&step.commands, graph.text(exec.dir), path);
    is_product.then_some(calls)
}

/// Whether a path is what a call makes, seen from a working directory that the base image of somebody else sets, and the file does not
/// show.
fn is_elsewhere(
    context: &Context<'_>,
    stage: StageIx,
    call: &Call,
    places: &[made::Place],
    path: &str,
) -> bool {
    let is_told = |stage: &StageView<'_>| stage.body.iter().any(|own| matches!(own.kind, Kind::Workdir(_)));
    let is_relative = made::option(call, &["-o"]).is_some_and(|to| !to.starts_with('/'));
    is_relative
        && context.root(stage).from.base.text.contains('/')
        && places
            .iter()
            .any(|place| matches!(place, made::Place::At(at) if at != "/" && path.ends_with(at.as_str())))
        && !context.chain(stage).any(is_told)
}

/// Whether the look of a path speaks for a command: it works in the folder of it, or names it.
fn is_near(context: &Context<'_>, vertex: VertexIx, path: &str) -> bool {
    let graph = &context.node.graph;
    let Some(exec) = exec_of(graph.vertex(vertex)) else { return false };
    let text = exec.args.last().map_or("", |arg| graph.text(*arg));
    let inside = is_below(path, graph.text(exec.dir)) && !origin::is_system(path);
    inside || text.contains(path) || text.contains(base(path)) && base(path).len() > 1
}

/// Whether a call runs a compiler out of sight.
fn is_builder(call: &Call) -> bool {
    let is_script = || {
        let path = call.words.first().map_or("", |word| word.text.with_gaps());
        path.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh")
    };
    matches!(call.program(), "make" | "gmake" | "just" | "task" | "mage") || is_script()
}

/// Whether `make` is told to install what stands at a path, or what is around it.
fn installs(calls: &[Call], path: &str) -> bool {
    calls.iter().filter(|call| is_builder(call)).any(|call| {
        let to = made::option(call, &["DESTDIR", "PREFIX", "prefix", "INSTALL_ROOT"]);
        let place = to.and_then(|to| made::path_of(call, to));
        place.is_some_and(|place| place != "/" && made::Place::At(place).may_be(path) && path != "/")
    })
}

/// Whether a call of a build system installs what stands at a path, or what is around it: by where it is told to.
fn installs_to(call: &Call, path: &str) -> bool {
    let is_install = match call.program() {
        "make" | "gmake" | "ninja" | "samu" | "meson" => {
            call.arguments().any(|word| word.starts_with("install"))
        }
        "cmake" => call.arguments().any(|word| word == "--install"),
        _ => false,
    };
    let by_variable = || call.environment.get("DESTDIR").known().map(str::to_owned);
    let told = made::option(call, &["DESTDIR", "prefix", "--prefix", "--destdir"]).map(str::to_owned);
    let place = told.or_else(by_variable).filter(|_| is_install).and_then(|to| made::path_of(call, &to));
    path != "/" && place.is_some_and(|place| place != "/" && made::Place::At(place).may_be(path))
}

/// Whether a call may move files about out of sight.
fn is_hidden(call: &Call) -> bool {
    const BUILDERS: [&str; 12] =
        ["", "make", "gmake", "ninja", "samu", "meson", "just", "task", "sh", "bash", "python", "python3"];
    BUILDERS.contains(&call.program())
        || call.program() == "cmake" && call.arguments().any(|word| word == "--install")
        || call.words.first().is_some_and(|word| word.text.with_gaps().contains('/'))
}

/// What `make` most likely calls, by what it is told, or by the image it runs in.
fn made_by_make(
    context: &Context<'_>,
    stage: StageIx,
    vertex: VertexIx,
    commands: &[SimpleCommand<'_>],
) -> Option<Compiler> {
    let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let told = calls.iter().filter(|call| is_builder(call)).any(|call| {
        made::make_told(call, "GOARCH").is_some()
            || call.environment.hidden("GOARCH").is_some()
            || matches!(call.environment.get("GOARCH"), Seen::Is(_))
    });
    let is_make = |command: &SimpleCommand<'_>| matches!(command.base_name(), "make" | "gmake");
    if told {
        return Some(Compiler::Go);
    }
    if calls.iter().any(|call| is_builder(call) && made::c_told(call).is_some()) {
        return Some(Compiler::C);
    }
    commands.iter().any(is_make).then(|| tools::of_image(context.root(stage).from.base.text)).flatten()
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
    naming::architectures(to) > 0 || ["darwin", "windows"].iter().any(|system| to.contains(system))
}

/// Whether files of several platforms are taken of a stage by their names: what `make` has made there is for all of them.
fn gives_several(context: &Context<'_>, stage: StageIx) -> bool {
    let taken = flow::taken(context, &[stage]);
    naming::architectures(&taken.join(" ")) > 1
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
                !is_below(&output, path) && !is_below(path, &output)
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
