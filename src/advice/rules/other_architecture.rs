//! A file whose name says another architecture than the image's.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::origin::{self, sound_targets};
use crate::advice::facts::tools;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::vertex::{Action, Op, Source};
use crate::ids::VertexIx;
use crate::model::platform::Platform;
use crate::shell::interpret::Call;

/// The rule.
pub const RULE: Rule = Rule {
    code: "other-architecture",
    summary: "a file for one architecture, by its name, gets into the image for another",
    doc: Some(Doc {
        what: "Finds downloads, `ADD`s of URLs and copies into an image whose names say one architecture, such as \
               `tool-linux-amd64.tar.gz`, where the image is for another.",
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

/// A name that says an architecture.
struct Said<'t> {
    name: &'t str,
    architecture: &'static str,
}

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    let sound = sound_targets(context);
    for stage in context.needed() {
        let is_image = context.is_in_image(stage.index);
        for instruction in stage.body {
            let steps = context.vertices(stage.index, instruction.line);
            let wrong = steps.into_iter().find_map(|(vertex, targets)| {
                let mut targets = targets
                    .iter()
                    .filter(|target| sound.contains(*target))
                    .map(|target| &graph.targets()[target.index()]);
                targets.find_map(|target| {
                    let said = said(context, stage, instruction, vertex, target, is_image)?;
                    Some((said.name.to_owned(), said.architecture, target))
                })
            });
            let Some((name, architecture, target)) = wrong else { continue };
            let message = format!(
                "{name} is for {architecture} by its name, and gets into the image for {}",
                target.short()
            );
            let help = "Declare `ARG TARGETARCH` in the stage and write the name with it, or choose the name in a `case` where the \
                        project spells architectures in another way.";
            found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
}

/// The name in a step that says another architecture than the target's.
fn said<'k>(
    context: &'k Context<'_>,
    stage: &StageView<'_>,
    instruction: &Instruction<'_>,
    vertex: VertexIx,
    target: &Platform,
    is_image: bool,
) -> Option<Said<'k>> {
    let graph = &context.node.graph;
    match (&instruction.kind, &graph.vertex(vertex).op) {
        (Kind::Run(_), Op::Exec(_)) => {
            let raw = context.raw(instruction);
            if !raw.contains("curl") && !raw.contains("wget") && !raw.contains("aria2c") {
                return None;
            }
            let sight = context.sight(vertex)?;
            let unpacks = sight.outcome.calls.iter().any(|call| {
                matches!(call.program(), "tar" | "unzip" | "dpkg" | "rpm" | "apt-get" | "apt" | "apk")
            });
            sight.outcome.calls.iter().filter(|call| call.is_certain).find_map(|call| {
                let (urls, place) = made::fetched(call)?;
                let said = urls.iter().find_map(|url| foreign(url, target))?;
                let unpacked = sight.outcome.calls.iter().filter_map(unpacked_to);
                let places: Vec<made::Place> = place.clone().into_iter().chain(unpacked).collect();
                let stays = is_image || escapes(context, stage, vertex, &places);
                // What is unpacked as it comes is somewhere, too; what another program reads may be a sum or a list.
                (stays && (place.is_some() || unpacks)).then_some(said)
            })
        }
        (Kind::Copy(_) | Kind::Add(_), op) if is_image => {
            let copier = match op {
                Op::Merge { upper, .. } => *upper,
                _ => vertex,
            };
            let Op::File(file) = &graph.vertex(copier).op else { return None };
            // A collection of files for several platforms is one of its own.
            let names: Vec<&str> = file
                .actions
                .iter()
                .filter_map(
                    |action| if let Action::Copy(copy) = action { Some(graph.text(copy.from)) } else { None },
                )
                .collect();
            if tools::architectures(&names.join(" ")) > 1 {
                return None;
            }
            file.actions.iter().find_map(|action| {
                let Action::Copy(copy) = action else { return None };
                let name = match &graph.vertex(copy.source?).op {
                    Op::Source(Source::Http { url, .. }) => graph.text(*url),
                    Op::Source(Source::Local(_)) => graph.text(copy.from),
                    _ => return None,
                };
                let said = foreign(name, target)?;
                let to = graph.text(copy.to);
                let keeps_name = to.ends_with('/');
                (keeps_name || tools::architectures(to) == 0).then_some(said)
            })
        }
        _ => None,
    }
}

/// Where a call unpacks an archive.
fn unpacked_to(call: &Call) -> Option<made::Place> {
    let folder = match call.program() {
        "tar" => made::option(call, &["-C", "--directory"]),
        "unzip" => made::option(call, &["-d"]),
        _ => return None,
    };
    made::path_of(call, folder.unwrap_or(".")).map(made::Place::At)
}

/// Whether something that a step put somewhere is copied into an image.
fn escapes(context: &Context<'_>, stage: &StageView<'_>, vertex: VertexIx, places: &[made::Place]) -> bool {
    let graph = &context.node.graph;
    // What is unpacked into the root may be anything.
    let is_told = |place: &&made::Place| matches!(place, made::Place::At(place) if place != "/");
    let places: Vec<&made::Place> = places.iter().filter(is_told).collect();
    origin::arrivals(context).iter().any(|arrival| {
        let is_own = origin::bases(graph, arrival.source).any(|at| at == vertex);
        is_own
            && arrival.path != "/"
            && !stage.reachable.is_empty()
            && places.iter().any(|place| place.may_be(&arrival.path))
    })
}

/// What a name says, where that is one architecture, and another than the target's.
fn foreign<'t>(name: &'t str, target: &Platform) -> Option<Said<'t>> {
    const ALL: [&str; 7] = ["amd64", "arm64", "arm", "386", "riscv64", "ppc64le", "s390x"];
    const OTHERS: [&str; 12] = [
        "noarch", "all", "any", "windows", "darwin", "macos", "sha256", "sha512", "asc", "sig", "sum", "wasm",
    ];
    // The host of a URL says nothing of the file.
    let path =
        name.split_once("://").map_or(name, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    if path.contains('\0') && path.split('\0').any(str::is_empty) && tools::architectures(path) != 1 {
        return None;
    }
    let is_other = |word: &str| OTHERS.contains(&word);
    if path.split(|c: char| !c.is_ascii_alphanumeric()).any(is_other) || tools::architectures(path) != 1 {
        return None;
    }
    let architecture = ALL.into_iter().find(|one| tools::is_named(path, one))?;
    // 64-bit machines run programs of their 32-bit kind.
    let runs = architecture == &*target.architecture
        || matches!((&*target.architecture, architecture), ("amd64", "386") | ("arm64", "arm"));
    (!runs).then_some(Said {
        name: path.rsplit('/').find(|part| tools::is_named(part, architecture)).unwrap_or(path),
        architecture,
    })
}
