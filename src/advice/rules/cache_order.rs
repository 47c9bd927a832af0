//! Sources copied before dependencies are fetched.

use crate::advice::facts::context::Context;
use crate::advice::facts::tools;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::StageIx;

/// The rule.
pub const RULE: Rule = Rule {
    code: "cache-order",
    severity: Severity::Note,
    summary: "sources are copied before dependencies are fetched, so every edit fetches them again",
    doc: Some(Doc {
        what: "Finds a step that fetches a project's dependencies below a copy of the whole context.",
        why: "A step runs again whenever something above it changed. Below `COPY . .` the dependencies are fetched anew \
              after every edit of any file, and under emulation at that, once per platform.",
        before: "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \".\"]\n",
        after: "FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n\
                CMD [\"node\", \".\"]\n",
        silent: "A copy of the files that name the dependencies above it; a fetch into a cache mount, which keeps them.",
        no_fix: Some(
            "which files name the dependencies, and what else a build of them reads, is not in the Dockerfile.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages {
        let body = context.stage(stage).body;
        let Some(whole) = body.iter().position(is_whole_context) else { continue };
        for instruction in &body[whole + 1..] {
            let Kind::Run(run) = &instruction.kind else { continue };
            if !run.mounts.is_empty() || !may_fetch(context.raw(instruction)) {
                continue;
            }
            let commands = context.commands(instruction);
            let Some((command, files)) =
                commands.iter().find_map(|c| tools::fetch(c).map(|files| (c, files)))
            else {
                continue;
            };
            // Who fetches above the copy already only completes it here.
            let earlier = body[..whole].iter().filter(|i| matches!(i.kind, Kind::Run(_)));
            let fetched = earlier
                .into_iter()
                .any(|i| context.commands(i).iter().any(|c| tools::fetch(c) == Some(files)));
            if fetched {
                break;
            }
            let name = command.base_name();
            let message = format!(
                "every edit makes {name} fetch the dependencies again: line {} copies all sources first",
                body[whole].line
            );
            let help = format!("Copy what names them first, `COPY {files} ./`, then fetch, then `COPY . .`.");
            findings.push(context.diagnostic(&RULE, Some(stage), instruction, message, help));
            break;
        }
    }
}

fn may_fetch(raw: &str) -> bool {
    ["install", "ci", "yarn", "download", "fetch", "sync", "restore", "dependency:"]
        .iter()
        .any(|word| raw.contains(word))
}

fn is_whole_context(instruction: &Instruction<'_>) -> bool {
    let (Kind::Copy(copy) | Kind::Add(copy)) = &instruction.kind else { return false };
    copy.from.is_none()
        && copy.sources.iter().any(|source| matches!(source.text.trim_matches('"'), "." | "./" | "/"))
}
