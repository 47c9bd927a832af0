//! A file whose name says another architecture than the image's.

mod packages;

use std::cell::OnceCell;

use foldhash::HashMap;

use crate::advice::edits::pinning::is_data;
use crate::advice::edits::spelling::by_target;
use crate::advice::facts::context::{Context, Pin, StageView};
use crate::advice::facts::made;
use crate::advice::facts::naming::{self, Said, foreign, library, runs};
use crate::advice::facts::origin::{self, is_system};
use crate::advice::facts::publishers;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::vertex::{Action, Op, Source};
use crate::ids::{StageIx, VertexIx};
use crate::model::path::clean;
use crate::model::platform::Platform;
use crate::model::reference::platform_of;

/// The rule.
pub const RULE: Rule = Rule {
    code: "other-architecture",
    summary: "a file for one architecture, by its name, gets into the image for another",
    doc: Some(Doc {
        what: "Finds downloads, `ADD`s of URLs, copies into an image, and files that a step moves or unpacks, whose names say one \
               architecture, such as `tool-linux-amd64.tar.gz`, where the image is for another. Likewise packages by name or by the \
               list they come from (`arch=amd64`), wheels, runtimes that a packer is told, and folders of libraries.",
        why: "An architecture that is written out, or an argument of the project's own whose default is one, is the same for \
              every platform that is built: the program starts on one of them only.",
        before: "FROM debian:trixie\nRUN apt-get update && apt-get install -y curl\n\
                 RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool-linux-amd64\n",
        after: "FROM debian:trixie\nRUN apt-get update && apt-get install -y curl\nARG TARGETARCH\n\
                RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool-linux-$TARGETARCH\n",
        silent: "A name with several architectures or with one that is not known; a download that perhaps does not run; a stage \
                 whose files do not get into the image; a destination that names the architecture, too.",
        no_fix: Some("how the other files are called, the file does not say."),
    }),
    ..Rule::PLAIN
};

/// What the text of a `RUN` holds, without which nothing has to be looked at closely.
struct Hints {
    /// Folders of libraries or of Java.
    libraries: bool,
    packages: packages::PackageHints,
    downloads: bool,
    moves: bool,
}

impl Hints {
    fn of(raw: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| raw.contains(word));
        Self {
            libraries: has(&["-linux-", "-openjdk-"]),
            packages: packages::PackageHints::of(raw),
            downloads: has(&["://", "curl", "wget"]),
            moves: has(&["mv ", "cp ", "install ", "tar ", "unzip "]),
        }
    }
}

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    let sound = context.sound_targets();
    let started = OnceCell::new();
    for stage in context.needed() {
        let is_image = context.is_in_image(stage.index);
        for instruction in stage.body {
            let line = match instruction.kind {
                // It becomes no vertex: what it says holds for every target.
                Kind::Env(_) => stage.instruction.line,
                _ => instruction.line,
            };
            let hints = OnceCell::new();
            let wrong = context.vertices(stage.index, line).find_map(|(vertex, targets)| {
                let mut targets = targets
                    .iter()
                    .filter(|target| sound.contains(*target))
                    .map(|target| &graph.targets()[target.index()]);
                targets.find_map(|target| {
                    let said = said(context, &started, stage, (instruction, &hints), vertex, target)?;
                    Some((said.name.to_owned(), said.architecture, target))
                })
            });
            let Some((name, architecture, target)) = wrong else { continue };
            let how = if is_image { "gets into the image" } else { "is used" };
            let is_list = name.starts_with("arch=");
            let is_package = publishers::OF_AMD64_ONLY.contains(&&*name);
            let message = if is_package {
                format!("there is {name} for amd64 alone: for {} apt finds no such package", target.short())
            } else if is_list {
                format!("a list of packages says {name}: for {} apt finds none of them", target.short())
            } else {
                format!("{name} is for {architecture}, and {how} for {}", target.short())
            };
            let help = if is_package {
                "Install it where `dpkg --print-architecture` says amd64, or leave it out."
            } else if is_list {
                "Leave `arch=` out, or write `arch=$(dpkg --print-architecture)`."
            } else {
                "Declare `ARG TARGETARCH` in the stage and write the name with it, or choose the name in a `case` where the \
                 project spells architectures in another way."
            };
            let finding = context.diagnostic(&RULE, Some(stage.index), instruction, message, help);
            let (lines, patch) = by_target(context, stage, instruction, &name);
            found.push(finding.with_recipe(lines).with_patch(patch));
        }
    }
}

/// The name in a step that says another architecture than the target's.
fn said<'k>(
    context: &'k Context<'_>,
    started: &OnceCell<Started<'k>>,
    stage: &StageView<'_>,
    (instruction, hints): (&Instruction<'_>, &OnceCell<Hints>),
    vertex: VertexIx,
    target: &Platform,
) -> Option<Said<'k>> {
    let is_image = context.is_in_image(stage.index);
    let graph = &context.node.graph;
    match (&instruction.kind, &graph.vertex(vertex).op) {
        (Kind::Run(_), Op::Exec(_)) => {
            let hints = hints.get_or_init(|| Hints::of(context.raw(instruction)));
            let is_near = is_image || stage.pin == Pin::Target;
            if is_near && hints.libraries {
                let calls = context.sight(vertex)?.outcome.calls.iter().filter(|call| call.is_certain);
                let mut links =
                    calls.filter(|call| matches!(call.program(), "ln" | "cp" | "update-alternatives"));
                let said = links.find_map(|call| call.arguments().find_map(|word| library(word, target)));
                if said.is_some() {
                    return said;
                }
            }
            let of_packages = || packages::of_packages(context, stage, &hints.packages, vertex, target);
            let of_download = || of_download(context, started, stage, vertex, target);
            let of_moved = || of_moved(context, stage, vertex, target);
            let said = if hints.packages.has_any() { of_packages() } else { None };
            let said = said.or_else(|| if hints.downloads { of_download() } else { None });
            said.or_else(|| if hints.moves { of_moved() } else { None })
        }
        (Kind::Env(_), _) if is_image => library(context.raw(instruction), target),
        (Kind::Copy(_) | Kind::Add(_), op) => {
            let copier = match op {
                Op::Merge { upper, .. } => *upper,
                _ => vertex,
            };
            let Op::File(file) = &graph.vertex(copier).op else { return None };
            let escapes =
                |to: &str| escapes(context, stage, vertex, &[made::Place::At(clean(to).into_owned())]);
            // A collection of files for several platforms is one of its own.
            let names: Vec<&str> = file
                .actions
                .iter()
                .filter_map(
                    |action| if let Action::Copy(copy) = action { Some(graph.text(copy.from)) } else { None },
                )
                .collect();
            let several = match &names[..] {
                [name] => naming::architectures(name),
                names => naming::architectures(&names.join(" ")),
            };
            if several > 1 {
                return None;
            }
            file.actions.iter().find_map(|action| {
                let Action::Copy(copy) = action else { return None };
                if !is_image && !escapes(graph.text(copy.to)) {
                    return None;
                }
                let name = match &graph.vertex(copy.source?).op {
                    Op::Source(Source::Image { reference, .. }) => {
                        let name = graph.text(*reference);
                        let own = platform_of(name).map(|named| runs(target, &named.architecture));
                        let said = || library(graph.text(copy.from), target);
                        let is_code = !is_data(&clean(graph.text(copy.from)));
                        return match own {
                            Some(false) if is_image && is_code => of_reference(name),
                            _ if is_image => said(),
                            _ => None,
                        };
                    }
                    Op::Source(Source::Http { url, .. }) => graph.text(*url),
                    Op::Source(Source::Local(_)) => graph.text(copy.from),
                    _ if !is_image => return None,
                    _ => match library(graph.text(copy.from), target) {
                        None if !is_system(graph.text(copy.from)) => graph.text(copy.from),
                        said => return said,
                    },
                };
                if let Some(said) = by_head(context, &graph.vertex(copy.source?).op, name, target) {
                    return Some(said);
                }
                let said = foreign(name, target)?;
                let to = graph.text(copy.to);
                let keeps_name = to.ends_with('/');
                (keeps_name || naming::architectures(to) == 0).then_some(said)
            })
        }
        _ => None,
    }
}

/// What the name of an image says, which is for one architecture.
fn of_reference(name: &str) -> Option<Said<'_>> {
    // An emulator is for one architecture and runs on another.
    let architecture = naming::architecture(name).filter(|_| !name.contains("qemu"))?;
    Some(Said { name, architecture })
}

/// What the URLs that a step fetches say.
fn of_download<'k>(
    context: &'k Context<'_>,
    started: &OnceCell<Started<'k>>,
    stage: &StageView<'_>,
    vertex: VertexIx,
    target: &Platform,
) -> Option<Said<'k>> {
    let sight = context.sight(vertex)?;
    let unpacks =
        sight.outcome.calls.iter().any(|call| {
            matches!(call.program(), "tar" | "unzip" | "dpkg" | "rpm" | "apt-get" | "apt" | "apk")
        });
    let certain = || sight.outcome.calls.iter().filter(|call| call.is_certain);
    // A step that fetches files for several architectures collects them.
    let all: Vec<&str> = certain()
        .filter_map(made::fetched)
        .flat_map(|(urls, _)| urls)
        .filter(|url| foreign(url, target).is_some() || naming::is_named(url, &target.architecture))
        .collect();
    if naming::architectures(&all.join(" ")) > 1 {
        return None;
    }
    certain().find_map(|call| {
        let (urls, place) = made::fetched(call)?;
        let said = urls.iter().find_map(|url| foreign(url, target))?;
        let unpacked = sight.outcome.calls.iter().filter_map(made::unpacked_to);
        let places: Vec<made::Place> = place.clone().into_iter().chain(unpacked).collect();
        let stays = context.is_in_image(stage.index)
            || escapes(context, stage, vertex, &places)
            || starts(context, started.get_or_init(|| self::started(context)), vertex, &said);
        // What is unpacked as it comes is somewhere, too; what another program reads may be a sum or a list.
        (stays && (place.is_some() || unpacks)).then_some(said)
    })
}

/// What the files that a step moves or unpacks say by their names, where it moves those of one architecture only.
fn of_moved<'k>(
    context: &'k Context<'_>,
    stage: &StageView<'_>,
    vertex: VertexIx,
    target: &Platform,
) -> Option<Said<'k>> {
    let calls = context.sight(vertex)?.outcome.calls.iter().filter(|call| call.is_certain);
    let moved: Vec<(Vec<&str>, made::Place)> = calls.filter_map(made::moved).collect();
    let names: Vec<&str> = moved.iter().flat_map(|(names, _)| names).copied().collect();
    if naming::architectures(&names.join(" ")) != 1 {
        return None;
    }
    moved.into_iter().find_map(|(names, place)| {
        // Libraries of the distribution lie in a folder for each machine; and a place that says whose it is may hold that.
        let is_own = |name: &&str| !is_system(name);
        let is_named = matches!(&place, made::Place::At(to) if naming::architectures(to) > 0);
        let said = names.into_iter().filter(is_own).find_map(|name| foreign(name, target))?;
        let stays = context.is_in_image(stage.index) || escapes(context, stage, vertex, &[place]);
        (stays && !is_named).then_some(said)
    })
}

/// What the head of a program in the build context says, where that is another architecture than the target's.
fn by_head<'t>(context: &Context<'_>, source: &Op, name: &'t str, target: &Platform) -> Option<Said<'t>> {
    let is_local = matches!(source, Op::Source(Source::Local(_)));
    let files = context.files.filter(|_| is_local)?;
    let architecture = files.scripts.program(clean(name).trim_start_matches('/'))?;
    (!runs(target, architecture)).then_some(Said { name, architecture })
}

/// Whether something that a step put somewhere is copied into an image.
fn escapes(context: &Context<'_>, stage: &StageView<'_>, vertex: VertexIx, places: &[made::Place]) -> bool {
    let graph = &context.node.graph;
    // What is unpacked into the root may be anything.
    let is_told = |place: &&made::Place| matches!(place, made::Place::At(place) if place != "/");
    let places: Vec<&made::Place> = places.iter().filter(is_told).collect();
    context.arrivals().iter().any(|arrival| {
        arrival.path != "/"
            && !stage.reachable.is_empty()
            && places.iter().any(|place| place.may_be(&arrival.path))
            && origin::bases(graph, arrival.source).any(|at| at == vertex)
    })
}

/// The last step of each stage that starts a program, by the stage and the program's name.
type Started<'k> = HashMap<(StageIx, &'k str), VertexIx>;

fn started<'k>(context: &'k Context<'_>) -> Started<'k> {
    let graph = &context.node.graph;
    let mut started = Started::default();
    for (vertex, owner) in graph.vertices() {
        let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
        for call in calls.iter().filter(|call| call.is_certain) {
            started.extend(owner.stages.iter().map(|stage| ((*stage, call.program()), vertex)));
        }
    }
    started
}

/// Whether a stage that cannot run programs of an architecture starts one of the file's name later: `go` of
/// `go1.25.linux-amd64.tar.gz`.
fn starts(context: &Context<'_>, started: &Started<'_>, vertex: VertexIx, said: &Said<'_>) -> bool {
    let stem = said.name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_foreign = context.node.nature(vertex).is_some_and(|own| !runs(own, said.architecture));
    let stages = &context.node.graph.vertex(vertex).stages;
    is_foreign && stages.iter().any(|stage| started.get(&(*stage, stem)).is_some_and(|last| *last >= vertex))
}
