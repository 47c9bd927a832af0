//! A target triple or library folder made of Docker's name for an architecture, which is none of the toolchain's.

use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::advice::facts::origin;
use crate::advice::facts::publishers;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::vertex::{Op, Source};
use crate::ids::VertexIx;
use crate::shell::interpret::Call;

/// The rule.
pub const RULE: Rule = Rule {
    code: "no-such-triple",
    summary: "a target triple with Docker's name for the architecture: toolchains have none of that name",
    doc: Some(Doc {
        what: "Finds triples such as `amd64-unknown-linux-musl` given to Rust or as the prefix of a compiler, library folders such \
               as `/usr/lib/amd64-linux-gnu`, and downloads whose publishers are known to spell architectures in another way, such as Node.js (`x64`), or, \
               where `uname` is asked, Kubernetes (`amd64`).",
        why: "Docker calls architectures amd64 and arm64. In triples they are x86_64 and aarch64, so there is no such target, \
              compiler or folder.",
        before: "FROM --platform=$BUILDPLATFORM rust:1.90 AS build\nARG TARGETARCH\nCOPY . .\n\
                 RUN cargo build --target ${TARGETARCH}-unknown-linux-musl\nFROM scratch\nCOPY --from=build /out /out\n",
        after: "FROM --platform=$BUILDPLATFORM rust:1.90 AS build\nARG TARGETARCH\nCOPY . .\n\
                RUN case $TARGETARCH in amd64) arch=x86_64 ;; arm64) arch=aarch64 ;; esac && \
                cargo build --target $arch-unknown-linux-musl\nFROM scratch\nCOPY --from=build /out /out\n",
        silent: "Names in URLs of publishers that are not known, and of files of the project's own.",
        no_fix: Some(
            "the table from one spelling to the other is for the author to write: `xsim translate` prints it.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if !["linux-", "://"].iter().any(|word| context.text().contains(word)) {
        return;
    }
    for stage in context.needed() {
        for instruction in stage.body {
            let vertices: Vec<VertexIx> =
                context.vertices(stage.index, instruction.line).map(|(vertex, _)| vertex).collect();
            let wrong = match &instruction.kind {
                Kind::Env(_) => of_env(context, instruction),
                Kind::Run(_) => {
                    let mut sights = context.sights_of(stage.index, instruction.line);
                    sights.find_map(|sight| sight.outcome.calls.iter().find_map(of_call))
                }
                _ => vertices.iter().find_map(|vertex| wrong(context, instruction, *vertex)),
            };
            let Some(triple) = wrong else { continue };
            let message = if let Some((wrong, right)) = publishers::misspelt(&triple) {
                let at = triple.find(wrong).unwrap_or_default();
                let name = &triple[triple[..at].rfind('/').map_or(0, |slash| slash + 1)..];
                format!("there is no {name}: its publisher calls {wrong} {right}")
            } else {
                let right = triple.replacen("amd64", "x86_64", 1).replacen("arm64", "aarch64", 1);
                format!(
                    "there is no {triple}: in triples the architecture of this target is spelt as in {right}"
                )
            };
            let help = "Map TARGETARCH to the toolchain's own names in a `case`; `xsim translate` prints them for each platform.";
            found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
}

fn wrong(context: &Context<'_>, instruction: &Instruction<'_>, vertex: VertexIx) -> Option<String> {
    let graph = &context.node.graph;
    match &instruction.kind {
        Kind::Copy(_) => origin::copies_of(graph, vertex).find_map(|copy| library(graph.text(copy.from))),
        Kind::Add(_) => {
            origin::copies_of(graph, vertex).find_map(|copy| match &graph.vertex(copy.source?).op {
                Op::Source(Source::Http { url, .. }) => Some(graph.text(*url))
                    .filter(|url| publishers::misspelt(url).is_some())
                    .map(str::to_owned),
                _ => None,
            })
        }
        _ => None,
    }
}

/// A triple that a variable of the image is made of: an `ENV` becomes no vertex, so it is read as it is written.
fn of_env(context: &Context<'_>, instruction: &Instruction<'_>) -> Option<String> {
    let raw = context.raw(instruction);
    ["$TARGETARCH-linux-", "${TARGETARCH}-linux-"].iter().find_map(|start| {
        let rest = &raw[raw.find(start)? + start.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let libraries = &rest[..end];
        matches!(libraries, "gnu" | "musl" | "gnueabihf").then(|| format!("arm64-linux-{libraries}"))
    })
}

fn of_call(call: &Call) -> Option<String> {
    let takes_triples = matches!(call.program(), "cargo" | "rustup" | "rustc" | "clang" | "zig");
    if let Some((urls, _)) = made::fetched(call) {
        let wrong = urls.iter().find(|url| publishers::misspelt(url).is_some())?;
        return Some((*wrong).to_owned());
    }
    let by_argument = call.arguments().find_map(|word| {
        let word = word.rsplit('=').next().unwrap_or(word);
        if takes_triples { triple(word) } else { library(word) }
    });
    let by_variable = || {
        let mut named = call.environment.visible().filter(|(name, _)| {
            matches!(*name, "CC" | "CXX" | "AR" | "LD")
                || name.starts_with("CARGO_TARGET_") && name.ends_with("_LINKER")
        });
        named.find_map(|(_, value)| triple(value.known()?))
    };
    by_argument.or_else(|| triple(call.program())).or_else(by_variable)
}

/// A word that begins as a triple does, with Docker's name for the architecture.
fn triple(word: &str) -> Option<String> {
    let rest = word.strip_prefix("amd64-").or_else(|| word.strip_prefix("arm64-"))?;
    let is_triple =
        rest.starts_with("unknown-linux") || rest.starts_with("linux-gnu") || rest.starts_with("linux-musl");
    is_triple.then(|| word.to_owned())
}

/// The library folder of a path.
fn library(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/usr")?.strip_prefix("/lib/").or_else(|| path.strip_prefix("/lib/"))?;
    triple(rest.split('/').next()?)
}
