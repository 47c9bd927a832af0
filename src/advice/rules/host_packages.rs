//! Packages of the developer's own machine that a copy of the build context brings along.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::graph::vertex::{Op, Source};
use crate::model::path::clean;

/// The rule.
pub const RULE: Rule = Rule {
    code: "host-packages",
    severity: Severity::Note,
    summary: "a COPY brings the packages that the developer's machine installed for itself",
    doc: Some(Doc {
        what: "Finds `.venv`, `venv` and `node_modules` in the folder given with `--context` that a copy of a folder around them \
               takes into a stage.",
        why: "They hold programs and links for the machine they were made on. They take the place of what the image has \
              installed, and make the context larger.",
        before: "# context: .venv/pyvenv.cfg src/app.py\nFROM python:3.13\nWORKDIR /app\nCOPY . .\n",
        after: "# context: .venv/pyvenv.cfg src/app.py\nFROM python:3.13\nWORKDIR /app\nCOPY src src\n",
        silent: "Without `--context`; folders that `.dockerignore` leaves out.",
        no_fix: Some("the line belongs into .dockerignore."),
    }),
    ..Rule::PLAIN
};

const FOLDERS: [&str; 3] = [".venv", "venv/pyvenv.cfg", "node_modules"];

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(known) = context.files else { return };
    let graph = &context.node.graph;
    for stage in context.needed() {
        for instruction in stage.body.iter().filter(|i| matches!(i.kind, Kind::Copy(_) | Kind::Add(_))) {
            let brought = context.vertices(stage.index, instruction.line).find_map(|(vertex, _)| {
                origin::copies_of(graph, vertex).find_map(|copy| {
                    let Op::Source(Source::Local(name)) = &graph.vertex(copy.source?).op else { return None };
                    let from = clean(graph.text(copy.from)).trim_start_matches('/').to_owned();
                    if graph.text(*name).starts_with("context:") || copy.pattern.is_some() {
                        return None;
                    }
                    let excluded = |folder: &str| {
                        copy.exclude.iter().any(|pattern| graph.text(*pattern).contains(folder))
                    };
                    FOLDERS.iter().find_map(|folder| {
                        let path =
                            if from.is_empty() { (*folder).to_owned() } else { format!("{from}/{folder}") };
                        let name = folder.split('/').next().unwrap_or(folder);
                        (known.files.has(&path) && !excluded(name)).then_some(name)
                    })
                })
            });
            let Some(name) = brought else { continue };
            let message =
                format!("{name} of the machine that holds the build context is copied into the stage");
            let help = format!(
                "Add `{name}` to .dockerignore: what it holds was made for that machine, and replaces what the image has installed."
            );
            found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
}
