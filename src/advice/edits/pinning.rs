//! Whether a stage may be pinned to the machine that builds: if nothing else is built on it, and if what others take of it is
//! what its steps made, whatever the platform.

use crate::advice::facts::context::{Context, StageView, is_on_image};
use crate::advice::facts::flow;
use crate::advice::facts::made;
use crate::advice::facts::origin::root_image;
use crate::advice::facts::origin::{is_below, is_for_one_architecture, is_system};
use crate::advice::facts::tools;
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::model::path::{base, clean};
use crate::model::reference::normalize;
use crate::shell::SimpleCommand;

/// The edit that pins a stage, where it stands alone.
pub(in crate::advice) fn pin(context: &Context<'_>, stage: &StageView<'_>, description: &str) -> Option<Fix> {
    stands_alone(context, stage).then(|| Fix {
        description: description.to_owned(),
        edits: vec![Edit::insert(stage.instruction.keyword.span.end, " --platform=$BUILDPLATFORM")],
        applicability: Applicability::Always,
        licence: platforms(context, stage),
    })
}

/// A stage of its own on an image, which can be pinned without changing others.
pub(in crate::advice) fn stands_alone(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    let base = stage.from.base.text;
    stage.parent.is_none()
        && stage.from.platform.is_none()
        && base != "scratch"
        && !base.contains("$TARGET")
        && !base.contains("${TARGET")
        && !is_for_one_architecture(base)
        && context.children(stage.index).next().is_none()
        && !may_be_chosen(context, stage)
}

/// Whether a base that a variable chooses may be this stage.
fn may_be_chosen(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    let Some(name) = stage.name else { return false };
    // What others copy from is there for that.
    if !flow::taken(context, &[stage.index]).is_empty() {
        return false;
    }
    let chosen = context.needed().filter(|other| other.parent.is_none() && !is_on_image(other, context.node));
    chosen
        .map(|other| other.from.base.text)
        .any(|base| base.split_once('$').is_some_and(|(prefix, _)| name.starts_with(&*prefix.to_lowercase())))
}

/// The licence to change the platform of a stage's image, whatever it expands to.
fn platforms(context: &Context<'_>, stage: &StageView<'_>) -> Vec<Allowed> {
    let graph = &context.node.graph;
    let vertices = context.vertices(stage.index, stage.instruction.line);
    let mut licence: Vec<Allowed> =
        vertices.filter_map(|(vertex, _)| root_image(graph, Some(vertex))).map(Allowed::Platform).collect();
    licence.extend(normalize(stage.from.base.text).ok().map(Allowed::Platform));
    licence.dedup();
    licence
}

/// The `RUN`s of a stage.
pub(in crate::advice) fn runs<'c>(stage: &StageView<'c>) -> impl Iterator<Item = &'c Instruction<'c>> {
    stage.body.iter().filter(|instruction| matches!(instruction.kind, Kind::Run(_)))
}

/// Whether what a command leaves behind outside of the distribution's own folders is the same on every platform: it fetches,
/// unpacks and moves files other than programs of its image, or installs packages where its platform has them.
pub(in crate::advice) fn is_portable(command: &SimpleCommand<'_>) -> bool {
    const ELSEWHERE: [&str; 8] =
        ["--root", "--installroot", "--prefix", "-p", "-x", "--extract", "download", "--download-only"];
    if tools::is_package_manager(command) {
        return !command
            .args
            .iter()
            .any(|arg| ELSEWHERE.iter().any(|word| arg == word || arg.starts_with(&format!("{word}="))));
    }
    tools::is_transfer(command) && !sources(command).iter().any(|arg| is_of_image(arg))
}

/// The files that a command reads and puts elsewhere.
fn sources<'s>(command: &'s SimpleCommand<'_>) -> &'s [std::borrow::Cow<'s, str>] {
    let args = &command.args[..];
    match command.base_name() {
        "cp" | "mv" | "ln" => args.split_last().map_or(&[], |(_, sources)| sources),
        "tar" if !args.iter().take(2).any(|arg| arg.contains('x')) => args,
        _ => &[],
    }
}

/// Whether a word names a file that comes with an image, or may.
fn is_of_image(word: &str) -> bool {
    let path = clean(word);
    let is_near = is_below(&path, "/usr/local") || is_system(&path) && !is_data(&path);
    word.contains(['$', '`']) && word.contains(['(', '`']) || word.starts_with('/') && is_near
}

/// Files of a distribution that are the same on every platform.
pub(in crate::advice) fn is_data(path: &str) -> bool {
    const DATA: [&str; 8] = [
        "/etc/ssl",
        "/usr/share/ca-certificates",
        "/usr/share/zoneinfo",
        "/etc/passwd",
        "/etc/group",
        "/etc/nsswitch.conf",
        "/etc/apt",
        "/etc/pki",
    ];
    DATA.iter().any(|folder| is_below(path, folder))
}

/// Whether all that others take of a stage is data of its distribution, or made by steps of its own.
pub(in crate::advice) fn gives_only_what_it_makes<'c>(context: &Context<'c>, stage: &StageView<'c>) -> bool {
    let out = flow::taken(context, &[stage.index]);
    let is_known = is_official(stage.from.base.text);
    let is_made = |path: &String| {
        // A folder may have held something before, unless the image is one of which that is known.
        let is_file = || base(path).contains('.') && !path.ends_with('/');
        !is_system(path)
            && makes(context, stage, path)
            && (is_known || is_file() || compiles_to(context, stage, path))
    };
    !out.is_empty()
        && out.iter().all(|path| is_data(path) || is_made(path) || is_compiled(context, stage, path))
}

/// Whether an image is one of Docker's official ones, or of a maker of toolchains: outside of the distribution's folders they hold
/// nothing of a project's.
fn is_official(image: &str) -> bool {
    const MAKERS: [&str; 3] = ["mcr.microsoft.com/", "public.ecr.aws/docker/library/", "gcr.io/distroless/"];
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    !short.contains(['/', '$']) || MAKERS.iter().any(|maker| image.starts_with(maker))
}

/// Whether a compiler is told to put its program at a path.
fn is_compiled<'c>(context: &Context<'c>, stage: &StageView<'c>, path: &str) -> bool {
    let vertices = runs(stage).flat_map(|instruction| context.execs(stage.index, instruction.line));
    let sights = vertices.filter_map(|(vertex, ..)| context.sight(vertex));
    let mut calls =
        sights.flat_map(|sight| &sight.outcome.calls).filter(|call| made::compiler(call).is_some());
    calls.any(|call| {
        made::option(call, &["-o"]).is_some()
            && made::outputs(call).contains(&made::Place::At(path.to_owned()))
    })
}

/// Whether a compiler puts its program at a path, or below it.
fn compiles_to<'c>(context: &Context<'c>, stage: &StageView<'c>, path: &str) -> bool {
    let vertices = runs(stage).flat_map(|instruction| context.execs(stage.index, instruction.line));
    let sights = vertices.filter_map(|(vertex, ..)| context.sight(vertex));
    let mut calls =
        sights.flat_map(|sight| &sight.outcome.calls).filter(|call| made::compiler(call).is_some());
    calls.any(|call| {
        made::outputs(call).iter().any(
            |place| matches!(place, made::Place::At(place) if is_below(path, place) || is_below(place, path)),
        )
    })
}

/// Whether a step of a stage says that it puts something at a path.
fn makes<'c>(context: &Context<'c>, stage: &StageView<'c>, path: &str) -> bool {
    // Of a pattern, the folder counts.
    let end = path.find(['*', '?', '[', '$']);
    let path = end.map_or(path, |end| path[..end].rfind('/').map_or("", |slash| &path[..slash]));
    let name = base(path);
    if name.is_empty() || path == "/usr/local" {
        return false;
    }
    stage.body.iter().any(|instruction| match &instruction.kind {
        Kind::Copy(copy) | Kind::Add(copy) => {
            let to = copy.destination.text.trim_matches('"');
            to.starts_with('/') && to != "/" && is_below(path, &clean(to)) || base(&clean(to)) == name
        }
        Kind::Run(_) => writes(context, stage, instruction, path, name),
        _ => false,
    })
}

/// Whether a `RUN` writes to a path: an argument of what writes files names it or a folder around it, or the step works in such
/// a folder.
fn writes<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    instruction: &'c Instruction<'c>,
    path: &str,
    name: &str,
) -> bool {
    const SHARED: [&str; 6] = ["/opt", "/srv", "/var", "/root", "/home", "/usr/local"];
    let is_own = |folder: &str| {
        folder.starts_with('/') && folder != "/" && !is_system(folder) && !is_below(folder, "/usr/local")
    };
    let commands = context.commands(instruction);
    let mut writers = commands.iter().filter(|command| is_writer(command)).peekable();
    if writers.peek().is_none() {
        return false;
    }
    let graph = &context.node.graph;
    // An archive that is unpacked in the root brings folders that no image has.
    let unpacks = commands.iter().any(|command| matches!(command.base_name(), "tar" | "unzip"))
        && !SHARED.iter().any(|folder| is_below(path, folder));
    let works_around = context
        .execs(stage.index, instruction.line)
        .iter()
        .map(|(_, exec, _)| graph.text(exec.dir))
        .any(|dir| (is_own(dir) || unpacks && dir == "/") && is_below(path, dir));
    let named = writers.any(|command| {
        command.args.iter().any(|arg| {
            let arg = arg.rsplit('=').next().unwrap_or(arg);
            let clean = clean(arg);
            clean == path
                || base(&clean) == name
                || is_own(&clean) && is_below(path, &clean)
                // A folder that is copied as a whole, and into which the command puts something.
                || is_own(path) && !SHARED.contains(&path) && is_below(&clean, path)
        })
    });
    let redirected = context.raw(instruction).split('>').skip(1).any(|rest| {
        let word = rest.split_whitespace().next().unwrap_or_default();
        base(word.trim_matches(['"', ';'])) == name
    });
    works_around || named || redirected
}

/// Whether a command puts files somewhere, or goes where those after it do.
fn is_writer(command: &SimpleCommand<'_>) -> bool {
    let moves = matches!(
        command.base_name(),
        "curl" | "wget" | "tar" | "unzip" | "mv" | "cp" | "ln" | "git" | "gunzip" | "touch" | "echo" | "cd"
    );
    moves || tools::compiler(command).is_some()
}
