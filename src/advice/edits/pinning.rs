//! Whether a stage may be pinned to the machine that builds: if nothing else is built on it, and if what others take of it is
//! what its steps made, whatever the platform.

use crate::advice::facts::context::{Context, StageView, is_on_image};
use crate::advice::facts::flow;
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::origin::{is_below, is_for_one_architecture, is_system, root_images};
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools;
use crate::advice::facts::variables::{PLATFORM_ARGS, variables};
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::StageIx;
use crate::model::path::{base, clean};
use crate::model::reference::normalize;
use crate::shell::SimpleCommand;
use crate::shell::interpret::Call;

/// The edit that pins the stage in which a stage's chain begins, where nothing but a [`family`] stands on it.
pub(in crate::advice) fn pin(context: &Context<'_>, stage: &StageView<'_>, description: &str) -> Option<Fix> {
    let root = context.root(stage.index);
    family(context, stage).map(|_| Fix {
        description: description.to_owned(),
        edits: vec![Edit::insert(root.instruction.keyword.span.end, " --platform=$BUILDPLATFORM")],
        applicability: Applicability::Always,
        licence: platforms(context, root),
    })
}

/// A pin as a recipe, with what a person has to look at beside it; and the lines that it writes.
pub(in crate::advice) fn to_check(
    context: &Context<'_>,
    stage: &StageView<'_>,
    pin: Fix,
    check: &str,
) -> (Vec<String>, Fix) {
    let root = context.root(stage.index).instruction;
    let check = format!("# To check: {check}.");
    let from = context.raw(root).trim_end().replacen(' ', " --platform=$BUILDPLATFORM ", 1);
    let at = text_ranges::line_start(context.text(), root.span.start);
    let mut edits = pin.edits;
    edits.push(Edit::insert(at, format!("{check}\n")));
    (vec![check, from], Fix { edits, applicability: Applicability::OnRequest, ..pin })
}

/// A stage of its own on an image, which can be pinned without changing others.
pub(in crate::advice) fn stands_alone(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    family(context, stage).is_some_and(|family| family.len() == 1)
}

/// All stages that stand on the one in which a stage's chain begins, that one first, where it can be pinned to the machine that
/// builds: it is on an image, says no platform, and no image is built on it.
pub(in crate::advice) fn family<'f, 'c>(
    context: &'f Context<'c>,
    stage: &StageView<'_>,
) -> Option<Vec<&'f StageView<'c>>> {
    let root = context.root(stage.index);
    let base = root.from.base.text;
    // A base that a variable chooses may be a stage for one target and an image for another.
    let is_shared = context
        .stages
        .iter()
        .filter(|other| other.root != root.index)
        .any(|other| other.parents.iter().any(|parent| context.stage(*parent).root == root.index));
    let is_free = !is_shared
        && root.parents.is_empty()
        && root.from.platform.is_none()
        && base != "scratch"
        && !base.contains("$TARGET")
        && !base.contains("${TARGET")
        && !is_for_one_architecture(base);
    let family = family_of(context, root.index);
    let builds_only = |member: &&StageView<'_>| {
        !context.is_in_image(member.index)
            && !is_assembled(context, member)
            && !may_be_chosen(context, member)
            // What this build does not need may be an image of another.
            && (!member.reachable.is_empty() || !starts_something(member))
    };
    (is_free && family.iter().all(builds_only)).then_some(family)
}

/// All stages whose chain begins where that of a stage does.
pub(in crate::advice) fn family_of<'f, 'c>(
    context: &'f Context<'c>,
    stage: StageIx,
) -> Vec<&'f StageView<'c>> {
    let root = context.root(stage).index;
    context.stages.iter().filter(|member| member.root == root).collect()
}

/// Whether a stage is put together as an image: it takes something from another stage, and says what a container of it starts.
pub(in crate::advice) fn is_assembled(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    let starts = |own: &Instruction<'_>| matches!(own.kind, Kind::Cmd(_) | Kind::Entrypoint(_));
    let takes = |own: &Instruction<'_>| {
        let Kind::Copy(copy) = &own.kind else { return false };
        copy.from.is_some_and(|from| context.stage_named(from).is_some())
    };
    stage.body.iter().any(starts) && stage.body.iter().any(takes)
}

/// Whether a stage says what a container of it starts or offers.
pub(in crate::advice) fn starts_something(stage: &StageView<'_>) -> bool {
    let starts = |instruction: &Instruction<'_>| {
        matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Expose(_))
    };
    stage.body.iter().any(starts)
}

/// Whether a base that a variable chooses may be this stage.
fn may_be_chosen(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    let Some(name) = stage.name else { return false };
    let chosen: Vec<&StageView<'_>> = context
        .needed()
        .filter(|other| other.index != stage.index)
        .filter(|other| variables(other.from.base.text).any(|name| !PLATFORM_ARGS.contains(&name)))
        .collect();
    // What stands around the variable is part of the names that it may make, such as `base-` of `base-$FLAVOUR`.
    let by_pattern = chosen.iter().any(|other| {
        let base = other.from.base.text.to_lowercase();
        let before = base.split('$').next().unwrap_or_default();
        let after = base.rsplit(['}', '$']).next().unwrap_or_default();
        let after = if base.ends_with(after) && base.contains('}') { after } else { "" };
        before.len() + after.len() > 0
            && !base.contains(['/', ':'])
            && name.starts_with(before)
            && name.ends_with(after)
    });
    // What others copy from is there for that.
    let is_source = !flow::taken(context, &[stage.index]).is_empty();
    by_pattern
        || !is_source
            && chosen.iter().any(|other| {
                other.parent.is_none()
                    && !is_on_image(other, context.node)
                    && other.from.base.text.starts_with('$')
            })
}

/// The licence to change the platform of a stage's image, whatever it expands to.
fn platforms(context: &Context<'_>, stage: &StageView<'_>) -> Vec<Allowed> {
    let graph = &context.node.graph;
    let images = root_images(graph);
    let vertices = context.vertices(stage.index, stage.instruction.line);
    let images = vertices.filter_map(|(vertex, _)| images[vertex.index()]);
    let mut licence: Vec<Allowed> =
        images.map(|image| Allowed::Platform(graph.text(image).to_owned())).collect();
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
    // Users and groups are lines of text.
    let is_user = matches!(command.base_name(), "adduser" | "addgroup" | "useradd" | "groupadd");
    (tools::is_transfer(command) || tools::is_filter(command) || is_user)
        && !sources(command).iter().any(|arg| is_of_image(arg))
}

/// The files that a command reads and puts elsewhere.
fn sources<'s>(command: &'s SimpleCommand<'_>) -> &'s [std::borrow::Cow<'s, str>] {
    let args = &command.args[..];
    match command.base_name() {
        "cp" | "mv" | "ln" => args.split_last().map_or(&[], |(_, sources)| sources),
        _ if tools::is_filter(command) => args,
        "tar" if !args.iter().take(2).any(|arg| arg.contains('x')) => args,
        _ => &[],
    }
}

/// Whether a word names a file that comes with an image, or may.
fn is_of_image(word: &str) -> bool {
    let path = clean(word);
    let is_null = path == "/dev/null";
    let is_near = is_below(&path, "/usr/local") || is_system(&path) && !is_data(&path) && !is_null;
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
pub(in crate::advice) fn gives_only_what_it_makes(context: &Context<'_>, stage: &StageView<'_>) -> bool {
    family_gives_only_what_it_makes(context, &[stage])
}

/// Whether all that others take of stages which are pinned together is such.
pub(in crate::advice) fn family_gives_only_what_it_makes(
    context: &Context<'_>,
    family: &[&StageView<'_>],
) -> bool {
    let own: Vec<StageIx> = family.iter().map(|member| member.index).collect();
    let given = |member: &&&StageView<'_>| !flow::taken_by_others(context, &[member.index], &own).is_empty();
    let mut givers = family.iter().filter(given).peekable();
    givers.peek().is_some() && givers.all(|member| gives_only(context, member, &own))
}

/// Whether all that stages but `own` take of a stage is data of its distribution, or made by steps of its chain.
fn gives_only(context: &Context<'_>, stage: &StageView<'_>, own: &[StageIx]) -> bool {
    let out = flow::taken_by_others(context, &[stage.index], own);
    let is_known = is_official(context.root(stage.index).from.base.text);
    let is_made = |path: &String| {
        // A folder may have held something before, unless the image is one of which that is known.
        let is_file = || base(path).contains('.') && !path.ends_with('/');
        !is_system(path)
            && makes(context, stage, path)
            && (is_known || is_file() || compiles_to(context, stage, path))
    };
    out.iter().all(|path| is_data(path) || is_made(path) || is_compiled(context, stage, path))
}

/// The steps of a stage and of those it stands on.
pub(super) fn chain_runs<'c>(
    context: &Context<'c>,
    stage: &StageView<'_>,
) -> impl Iterator<Item = (StageIx, &'c Instruction<'c>)> {
    context.chain(stage.index).flat_map(|view| runs(view).map(|instruction| (view.index, instruction)))
}

/// Whether an image is one of a distribution or a toolchain: outside of the distribution's folders they hold nothing of a
/// project's. A name that is not known may be anything, also the result of another build.
pub(in crate::advice) fn is_official(image: &str) -> bool {
    const MAKERS: [&str; 4] = [
        "mcr.microsoft.com/",
        "public.ecr.aws/docker/library/",
        "gcr.io/distroless/",
        "registry.access.redhat.com/",
    ];
    const NAMES: [&str; 41] = [
        "curlimages/curl",
        "alpine/curl",
        "alpine/git",
        "alpine",
        "debian",
        "ubuntu",
        "fedora",
        "centos",
        "rockylinux",
        "almalinux",
        "oraclelinux",
        "amazonlinux",
        "archlinux",
        "busybox",
        "buildpack-deps",
        "golang",
        "rust",
        "node",
        "python",
        "ruby",
        "php",
        "perl",
        "gcc",
        "swift",
        "haskell",
        "elixir",
        "erlang",
        "openjdk",
        "eclipse-temurin",
        "amazoncorretto",
        "ibmjava",
        "maven",
        "gradle",
        "composer",
        "julia",
        "r-base",
        "nginx",
        "httpd",
        "caddy",
        "oven/bun",
        "denoland/deno",
    ];
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    NAMES.contains(&short) || MAKERS.iter().any(|maker| image.starts_with(maker))
}

/// The calls of compilers in the steps of a stage and of those it stands on.
pub(super) fn compile_calls<'f>(
    context: &'f Context<'_>,
    stage: &StageView<'_>,
) -> impl Iterator<Item = &'f Call> {
    let calls = chain_runs(context, stage).flat_map(|(stage, step)| context.calls(stage, step.line));
    calls.filter(|call| made::compiler(call).is_some())
}

/// Whether a compiler is told to put its program at a path.
pub(in crate::advice) fn is_compiled(context: &Context<'_>, stage: &StageView<'_>, path: &str) -> bool {
    compile_calls(context, stage).any(|call| {
        made::option(call, &["-o"]).is_some() && made::outputs(call).contains(&Place::At(path.to_owned()))
    })
}

/// Whether a compiler puts its program at a path, or below it.
fn compiles_to(context: &Context<'_>, stage: &StageView<'_>, path: &str) -> bool {
    let is_there = |place: &Place| *place != Place::Anywhere && place.may_be(path);
    compile_calls(context, stage).any(|call| made::outputs(call).iter().any(is_there))
}

/// Whether a step of a stage says that it puts something at a path.
fn makes<'c>(context: &Context<'c>, stage: &StageView<'_>, path: &str) -> bool {
    // Of a pattern, the folder counts.
    let end = path.find(['*', '?', '[', '$']);
    let path = end.map_or(path, |end| path[..end].rfind('/').map_or("", |slash| &path[..slash]));
    let name = base(path);
    if name.is_empty() || path == "/usr/local" {
        return false;
    }
    let of_step = |stage: &StageView<'c>, instruction: &'c Instruction<'c>| match &instruction.kind {
        Kind::Copy(copy) | Kind::Add(copy) => {
            let to = copy.destination.text.trim_matches('"');
            to.starts_with('/') && to != "/" && is_below(path, &clean(to)) || base(&clean(to)) == name
        }
        Kind::Run(_) => writes(context, stage, instruction, path, name),
        _ => false,
    };
    context.chain(stage.index).any(|view| view.body.iter().any(|instruction| of_step(view, instruction)))
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
        let word = clean(word.trim_matches(['"', ';', '\'']));
        base(&word) == name || is_own(path) && !SHARED.contains(&path) && is_below(&word, path)
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
