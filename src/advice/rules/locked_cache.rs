//! Caches that the platforms of one build share although they should not.

use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind, Mount};
use crate::graph::BuildGraph;
use crate::graph::emulate::exec_of;
use crate::graph::vertex::Backing;
use crate::ids::{StageIx, VertexIx};
use crate::model::mount::Sharing;

/// The rule.
pub const RULE: Rule = Rule {
    code: "locked-cache-serialises",
    severity: Severity::Warning,
    summary: "platforms wait for each other at a cache, or write into the same one",
    doc: Some(Doc {
        what: "Finds a cache mount of a step that runs once per platform, where the cache is locked, or shared although \
               its users cannot share it: apt's, and a compiler's output folder.",
        why: "A cache has a name, and no platform. With `sharing=locked` the platforms take turns, and the build takes \
              as long as all of them together. Shared, apt fails at its own lock, and one platform's objects end in \
              another's program.",
        before: "FROM debian:trixie\n\
                 RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y git\n",
        after: "FROM debian:trixie\nARG TARGETPLATFORM\n\
                RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=/var/cache/apt-$TARGETPLATFORM \
                apt-get update && apt-get install -y git\n",
        silent: "A cache whose name holds the platform; a step that all platforms share; caches that are made for many \
                 users at once, such as those of Go, npm and pip.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

/// Folders whose users cannot share them.
const UNSHARED: [&str; 4] =
    ["/var/cache/apt", "/var/lib/apt", "/var/cache/apt/archives", "/var/lib/apt/lists"];

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    if !context.text().contains("type=cache") {
        return;
    }
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages {
        for instruction in context.stage(stage).body {
            let Kind::Run(run) = &instruction.kind else { continue };
            let execs = context.execs(stage, instruction.line);
            if execs.len() < 2 || run.mounts.is_empty() {
                continue;
            }
            let vertices: Vec<VertexIx> = execs.iter().map(|(vertex, ..)| *vertex).collect();
            let edits = contended(context, instruction, &vertices);
            findings.extend(found(context, stage, instruction, &edits));
        }
    }
}

/// A cache that several platforms' steps want at once.
struct Contended<'c, 'm> {
    mount: &'m Mount<'c>,
    target: String,
    id: Option<&'c str>,
    locked: bool,
}

fn contended<'c, 'm>(
    context: &Context<'c>,
    instruction: &'m Instruction<'c>,
    vertices: &[VertexIx],
) -> Vec<Contended<'c, 'm>> {
    let Kind::Run(run) = &instruction.kind else { return Vec::new() };
    let graph = &context.node.graph;
    let mut found = Vec::new();
    for mount in run.mounts {
        let value = |keys: &[&str]| {
            mount.options.iter().find(|option| keys.contains(&option.key)).and_then(|option| option.value)
        };
        let is_cache = value(&["type"]) == Some("cache");
        let Some(target) = value(&["target", "dst", "destination"]).filter(|_| is_cache) else { continue };
        let Some(sharing) = common_cache(graph, vertices, target, value(&["id"])) else { continue };
        let compiled =
            target.trim_end_matches('/').ends_with("/target") && context.raw(instruction).contains("cargo");
        let unshared = UNSHARED.contains(&target.trim_end_matches('/')) || compiled;
        let locked = sharing == Sharing::Locked;
        if locked || unshared && sharing == Sharing::Shared {
            found.push(Contended {
                mount,
                target: target.trim_end_matches('/').to_owned(),
                id: value(&["id"]),
                locked,
            });
        }
    }
    found
}

/// How a cache is shared, where all of the vertices use the same one.
fn common_cache(
    graph: &BuildGraph,
    vertices: &[VertexIx],
    target: &str,
    id: Option<&str>,
) -> Option<Sharing> {
    let wanted = id.unwrap_or(target).trim_end_matches('/');
    let mut sharing = None;
    for vertex in vertices {
        let exec = exec_of(graph.vertex(*vertex))?;
        let cache = exec.mounts.iter().find_map(|mount| match mount.backing {
            Backing::Cache { id, sharing } if graph.text(id).trim_end_matches('/').ends_with(wanted) => {
                Some(sharing)
            }
            _ => None,
        });
        sharing = Some(cache?);
    }
    sharing
}

fn found(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    caches: &[Contended<'_, '_>],
) -> Option<Diagnostic> {
    let first = caches.first()?;
    let names: Vec<&str> = caches.iter().map(|cache| &*cache.target).collect();
    let message = if first.locked {
        format!("the platforms wait for each other at the cache {}", names.join(", "))
    } else if caches.iter().all(|cache| UNSHARED.contains(&&*cache.target)) {
        format!(
            "the platforms use the same cache {} at once: which of them finds its lock taken fails",
            names.join(", ")
        )
    } else {
        format!("the platforms write into the same cache {} at once", names.join(", "))
    };
    let help = "Give each platform a cache of its own: `ARG TARGETPLATFORM` above the step, and \
                `id=NAME-$TARGETPLATFORM` in the mount.";
    let fix = fix(context, stage, instruction, caches);
    let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
    Some(finding.span(first.mount.span).fixed(fix))
}

fn fix(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    caches: &[Contended<'_, '_>],
) -> Option<Fix> {
    let text = context.text();
    let mut edits = Vec::new();
    for cache in caches {
        if let Some(id) = cache.id {
            let span = text_ranges::find_once(text, cache.mount.span, &format!("id={id}"))?;
            edits.push(Edit::insert(span.end, "-$TARGETPLATFORM"));
        } else {
            let raw = text.get(cache.mount.span.range())?;
            let end = cache.mount.span.start + raw.trim_end_matches(['"', '\'', ' ', '\n']).len() as u32;
            edits.push(Edit::insert(end, format!(",id={}-$TARGETPLATFORM", cache.target)));
        }
    }
    let declared = context.chain(stage).any(|view| {
        let before = view.body.iter().filter(|i| view.index != stage || i.line < instruction.line);
        before.into_iter().any(
            |i| matches!(&i.kind, Kind::Arg(args) if args.iter().any(|a| a.name.text == "TARGETPLATFORM")),
        )
    });
    if !declared {
        let at = text_ranges::before(text, instruction);
        edits.push(Edit::insert(at, "ARG TARGETPLATFORM\n"));
    }
    Some(Fix {
        description: "give each platform a cache of its own".to_owned(),
        edits,
        applicability: Applicability::Always,
        licence: vec![Allowed::CacheName, Allowed::Gains("TARGETPLATFORM".to_owned())],
    })
}
