//! The forgotten `./` behind a list of files.

use super::super::context::Context;
use super::super::edit::Edit;
use super::super::finding::{Allowed, Finding, Fix, When};
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::ast::{Copy, Instruction, Keyword, Kind};
use crate::ids::StageIx;
use crate::model::checks::{is_list, with_folder};
use crate::model::path::base;

/// The rule.
pub const RULE: Rule = Rule {
    code: "copy-file-onto-file",
    severity: Severity::Warning,
    summary: "the last of several files is taken for the destination",
    build_check: None,
    is_about_time: false,
    doc: Doc {
        what: "Finds `COPY go.mod go.sum`, where the folder behind the files was forgotten.",
        why: "The last word of a COPY is the destination. go.mod is copied *as* go.sum; what fails for it is some later \
              step, if any.",
        before: "FROM golang:1.25\nWORKDIR /src\nCOPY go.mod go.sum\nRUN go mod download\n",
        after: "FROM golang:1.25\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n",
        silent: "A file that is renamed on purpose, such as `COPY config.example.json config.json`.",
        no_fix: None,
    },
    detect,
};

/// Files that come in pairs: nobody copies one as the other.
const PAIRS: [(&str, &str); 14] = [
    ("go.mod", "go.sum"),
    ("package.json", "package-lock.json"),
    ("package.json", "yarn.lock"),
    ("package.json", "pnpm-lock.yaml"),
    ("package*.json", "yarn.lock"),
    ("package*.json", "pnpm-lock.yaml"),
    ("package.json", "bun.lockb"),
    ("Cargo.toml", "Cargo.lock"),
    ("Gemfile", "Gemfile.lock"),
    ("composer.json", "composer.lock"),
    ("pyproject.toml", "poetry.lock"),
    ("pyproject.toml", "uv.lock"),
    ("Pipfile", "Pipfile.lock"),
    ("mix.exs", "mix.lock"),
];

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let stages: Vec<StageIx> = context.stages.iter().map(|stage| stage.index).collect();
    for stage in stages {
        for instruction in context.stage(stage).body {
            let (copy, keyword) = match &instruction.kind {
                Kind::Copy(copy) => (copy, Keyword::Copy),
                Kind::Add(copy) => (copy, Keyword::Add),
                _ => continue,
            };
            if copy.from.is_some() || !is_pair(copy) {
                continue;
            }
            let (first, last) = (copy.sources[0].text, copy.destination.text);
            let message = format!("{first} is copied as {last}: the folder behind the files is missing");
            let help = format!("Write `{keyword} {}`.", with_folder(instruction, copy));
            let folder = if is_list(instruction, copy) { ", \"./\"" } else { " ./" };
            let fix = Fix {
                description: "copy both files into the working directory".to_owned(),
                edits: vec![Edit::insert(end(instruction, copy), folder)],
                when: When::OnRequest,
                licence: vec![Allowed::Repair],
            };
            let finding = context.finding(&RULE, Some(stage), instruction, message, help);
            findings.push(finding.at(copy.destination.span).fixed(Some(fix)));
        }
    }
}

/// Where the destination ends, in JSON form with its quote.
fn end(instruction: &Instruction<'_>, copy: &Copy<'_>) -> u32 {
    copy.destination.span.end + u32::from(is_list(instruction, copy))
}

fn is_pair(copy: &Copy<'_>) -> bool {
    let [source] = copy.sources[..] else { return false };
    let (a, b) = (base(source.text), base(copy.destination.text));
    PAIRS.iter().any(|pair| *pair == (a, b) || *pair == (b, a))
}
