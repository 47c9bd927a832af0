//! A file whose name says another architecture than the image's.

use crate::advice::edits::script::scripts;
use crate::advice::edits::written::Plan;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::origin::{self, sound_targets};
use crate::advice::facts::tools;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::vertex::{Action, Op, Source};
use crate::ids::VertexIx;
use crate::model::path::clean;
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
            let steps = match instruction.kind {
                // It becomes no vertex: what it says holds for every target.
                Kind::Env(_) => context.vertices(stage.index, stage.instruction.line).collect::<Vec<_>>(),
                _ => context.vertices(stage.index, instruction.line).collect(),
            };
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
            let message =
                format!("{name} is for {architecture}, and gets into the image for {}", target.short());
            let help = "Declare `ARG TARGETARCH` in the stage and write the name with it, or choose the name in a `case` where the \
                        project spells architectures in another way.";
            let finding = context.diagnostic(&RULE, Some(stage.index), instruction, message, help);
            let plan = by_target(context, stage, instruction, &name, architecture);
            let root = context.root(stage.index);
            let lines = plan.as_ref().map_or_else(Vec::new, |plan| plan.lines(context, root, true));
            let patch = plan.and_then(|plan| plan.patch(context, root, instruction, true));
            found.push(finding.with_recipe(lines).with_patch(patch));
        }
    }
}

/// The step with the target's architecture in place of the one that is written out, where that is Docker's own word for it.
fn by_target<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    instruction: &Instruction<'_>,
    name: &str,
    architecture: &'static str,
) -> Option<Plan<'c>> {
    let is_spelt = matches!(architecture, "amd64" | "arm64") && name.contains(architecture);
    let all = scripts(context, stage.index).into_iter();
    let mut script = all.filter(|_| is_spelt).find(|script| script.line() == instruction.line)?;
    script.spell(architecture, "${TARGETARCH}");
    let to_check =
        "whether there is one for every platform under Docker's name for it, and a checksum for each";
    script.is_changed().then(|| Plan {
        with_xx: false,
        to_check,
        args: "TARGETARCH",
        setup: Vec::new(),
        scripts: vec![script],
    })
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
            if is_image && raw.contains("-linux-") {
                let calls = context.sight(vertex)?.outcome.calls.iter().filter(|call| call.is_certain);
                let mut links = calls.filter(|call| matches!(call.program(), "ln" | "cp"));
                let said = links.find_map(|call| call.arguments().find_map(|word| library(word, target)));
                if said.is_some() {
                    return said;
                }
            }
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
        (Kind::Env(_), _) if is_image => library(context.raw(instruction), target),
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
                    _ => return library(graph.text(copy.from), target),
                };
                if let Some(said) = by_head(context, &graph.vertex(copy.source?).op, name, target) {
                    return Some(said);
                }
                let said = foreign(name, target)?;
                let to = graph.text(copy.to);
                let keeps_name = to.ends_with('/');
                (keeps_name || tools::architectures(to) == 0).then_some(said)
            })
        }
        _ => None,
    }
}

/// What the head of a program in the build context says, where that is another architecture than the target's.
fn by_head<'t>(context: &Context<'_>, source: &Op, name: &'t str, target: &Platform) -> Option<Said<'t>> {
    let is_local = matches!(source, Op::Source(Source::Local(_)));
    let files = context.files.filter(|_| is_local)?;
    let architecture = files.scripts.program(clean(name).trim_start_matches('/'))?;
    (!runs(target, architecture)).then_some(Said { name, architecture })
}

/// Whether a machine of the target's runs programs of an architecture: 64-bit ones run those of their 32-bit kind.
fn runs(target: &Platform, architecture: &str) -> bool {
    architecture == &*target.architecture
        || matches!((&*target.architecture, architecture), ("amd64", "386") | ("arm64", "arm"))
}

/// What the name of a distribution's folder of libraries, or of a loader, says in a text, where that is another architecture
/// than the target's.
fn library<'t>(text: &'t str, target: &Platform) -> Option<Said<'t>> {
    let is_library = |part: &str| {
        part.ends_with("-linux-gnu")
            || part.ends_with("-linux-musl")
            || part.ends_with("-linux-gnueabihf")
            || part.starts_with("ld-linux-")
            || part.starts_with("ld-musl-")
    };
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | '=' | '"' | '\''));
    let mut named = parts.filter(|part| is_library(part) && tools::architectures(part) == 1);
    let first = foreign(named.next()?, target)?;
    // Where there is one for each, the one that is not there is let be.
    named.all(|other| foreign(other, target).is_some()).then_some(first)
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
    (!runs(target, architecture)).then_some(Said {
        name: path.rsplit('/').find(|part| tools::is_named(part, architecture)).unwrap_or(path),
        architecture,
    })
}
