//! The forgotten `./` behind a list of files: one file gets the other's name.

use std::fmt::Write as _;

use crate::advice::facts::context::Written;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Copy, Instruction, Keyword, Kind};
use crate::model::path;

/// The rule.
pub const RULE: Rule = Rule {
    code: "copy-file-onto-file",
    severity: Severity::Warning,
    summary: "the last of several files is taken for the destination",
    doc: Some(Doc {
        what: "Finds `COPY go.mod go.sum`, where the folder behind the files was forgotten.",
        why: "The last word of a COPY is the destination. go.mod is copied *as* go.sum; what fails for it is some later \
              step, if any.",
        before: "FROM golang:1.25\nWORKDIR /src\nCOPY go.mod go.sum\nRUN go mod download\n",
        after: "FROM golang:1.25\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n",
        silent: "A file that is renamed on purpose, such as `COPY config.example.json config.json`.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

/// Files that stand side by side: none is ever meant to become another.
const COMPANIONS: &[&[&str]] = &[
    &["go.mod", "go.sum", "go.work", "go.work.sum"],
    &[
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "bun.lock",
        "bun.lockb",
    ],
    &["Cargo.toml", "Cargo.lock"],
    &["pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock"],
    &["Pipfile", "Pipfile.lock"],
    &["Gemfile", "Gemfile.lock"],
    &["composer.json", "composer.lock"],
    &["mix.exs", "mix.lock"],
    &["pubspec.yaml", "pubspec.lock"],
    &["Package.swift", "Package.resolved"],
    &["deno.json", "deno.lock"],
    &["flake.nix", "flake.lock"],
    &["stack.yaml", "stack.yaml.lock"],
];

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    for stage in &written.stages {
        for instruction in stage.body {
            let (copy, keyword) = match &instruction.kind {
                Kind::Copy(copy) => (copy, Keyword::Copy),
                Kind::Add(copy) => (copy, Keyword::Add),
                _ => continue,
            };
            if forgotten(copy) {
                let diagnostic = diagnostic(instruction, copy, keyword);
                found.push(Diagnostic { stage: Some(stage.index), ..diagnostic });
            }
        }
    }
}

fn diagnostic(instruction: &Instruction<'_>, copy: &Copy<'_>, keyword: Keyword) -> Diagnostic {
    let destination = copy.destination.text;
    let message = if let [source] = copy.sources[..] {
        format!("{} is copied as {destination}: the folder behind the files is missing", source.text)
    } else {
        format!("all files are copied as {destination}: the folder behind them is missing")
    };
    let folder = if is_list(instruction, copy) { ", \"./\"" } else { " ./" };
    let fix = Fix {
        description: "copy the files into the working directory".to_owned(),
        edits: vec![Edit::insert(end(instruction, copy), folder)],
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    };
    Diagnostic::new(&RULE, message)
        .at(instruction.line)
        .span(copy.destination.span)
        .help(format!("Write `{keyword} {}`.", with_folder(instruction, copy)))
        .fixed(Some(fix))
}

/// Where the destination ends, in JSON form with its quote.
fn end(instruction: &Instruction<'_>, copy: &Copy<'_>) -> u32 {
    copy.destination.span.end + u32::from(is_list(instruction, copy))
}

/// What follows the last dot of a file's name, and whether anything stands before it.
fn extension(path: &str) -> Option<(bool, &str)> {
    path::base(path).rsplit_once('.').map(|(stem, end)| (!stem.is_empty(), end))
}

/// Whether the destination is the name of a file that belongs to the sources.
fn forgotten(copy: &Copy<'_>) -> bool {
    let destination = copy.destination.text;
    if destination.ends_with('/') || destination.contains('$') || !copy.documents.is_empty() {
        return false;
    }
    let name = path::base(destination);
    let mut sources = copy.sources.iter().map(|source| source.text).filter(|source| !source.ends_with('/'));
    let companions = COMPANIONS.iter().find(|group| group.contains(&name));
    let of_group = |source: &str, group: &[&str]| {
        let source = path::base(source);
        source != name && group.iter().any(|other| *other == source || is_glob_of(source, other))
    };
    if companions.is_some_and(|group| sources.clone().any(|source| of_group(source, group))) {
        return true;
    }
    // Several files and a name like theirs in the working directory.
    let Some((true, own)) = extension(destination) else { return false };
    let is_alike = |source: &str| extension(source).is_some_and(|(named, end)| named && end == own);
    copy.sources.len() > 1 && !destination.contains('/') && sources.all(is_alike)
}

/// Whether a pattern such as `package*.json` finds a name, as far as its first star goes.
fn is_glob_of(pattern: &str, name: &str) -> bool {
    pattern.split_once('*').is_some_and(|(start, _)| !start.is_empty() && name.starts_with(start))
}

/// The instruction behind its keyword, with the folder that was forgotten.
fn with_folder(instruction: &Instruction<'_>, copy: &Copy<'_>) -> String {
    let mut text = String::new();
    for flag in instruction.flags {
        let value = flag.value.map_or_else(String::new, |value| format!("={value}"));
        let _ = write!(text, "--{}{value} ", flag.name);
    }
    let files: Vec<&str> =
        copy.sources.iter().chain([&copy.destination]).map(|word| word.text).chain(["./"]).collect();
    if is_list(instruction, copy) {
        let _ =
            write!(text, "[{}]", files.iter().map(|file| format!("{file:?}")).collect::<Vec<_>>().join(", "));
    } else {
        text.push_str(&files.join(" "));
    }
    text
}

/// Whether the instruction is in JSON form, whose words stand in quotes: `COPY ["go.mod", "go.sum"]`.
fn is_list(instruction: &Instruction<'_>, copy: &Copy<'_>) -> bool {
    let starts = |text: &str| text.trim_start().starts_with('[');
    starts(instruction.arguments.text) && !copy.sources.first().is_some_and(|source| starts(source.text))
}
