//! The builds of a repository, for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::words;
use crate::advice::InWorkflows;
use crate::builds::{Builds, Definition, Platforms, Push, Text};
use crate::diagnostic::Diagnostic;
use crate::report::escape::visible;
use crate::report::fix::saving_text;

/// Writes the list: a paragraph for each build, builds that are the same in all that is shown counted.
///
/// # Errors
///
/// Those of the writer.
pub fn write_text(builds: &Builds, findings: &InWorkflows, out: &mut dyn Write) -> io::Result<()> {
    let mut paragraphs: Vec<(String, usize)> = Vec::new();
    for definition in &builds.definitions {
        let paragraph = paragraph(definition);
        match paragraphs
            .iter_mut()
            .rev()
            .take_while(|(own, _)| own.lines().next() == paragraph.lines().next())
            .find(|(own, _)| *own == paragraph)
        {
            Some((_, times)) => *times += 1,
            None => paragraphs.push((paragraph, 1)),
        }
    }
    match builds.definitions.len() {
        0 => writeln!(out, "No image builds were found.")?,
        1 => writeln!(out, "1 image build")?,
        count => writeln!(out, "{count} image builds")?,
    }
    for (paragraph, times) in paragraphs {
        writeln!(out)?;
        if times == 1 {
            out.write_all(paragraph.as_bytes())?;
        } else {
            let (first, rest) = paragraph.split_once('\n').unwrap_or((&paragraph, ""));
            write!(out, "{first} ({times} times)\n{rest}")?;
        }
    }
    let counting: Vec<&Diagnostic> = findings.found.iter().filter(|found| found.counts()).collect();
    if !counting.is_empty() {
        writeln!(out, "\nFound in the workflows; `xsim check` shows each at its line:")?;
    }
    for found in counting {
        let name = findings.sources.get(found.file.index()).map_or("", |source| source.name());
        let line = found.line.map_or(0, |line| line.0);
        let saving = found.saving.as_deref().and_then(saving_text);
        let saving = saving.map_or_else(String::new, |saving| format!("  {saving}"));
        writeln!(out, "  {}:{line}  {}{saving}", visible(name), found.rule.code)?;
        writeln!(out, "    {}", visible(&found.message))?;
    }
    if !builds.problems.is_empty() {
        writeln!(out, "\nNot read:")?;
        for problem in &builds.problems {
            writeln!(out, "  {}", visible(problem))?;
        }
    }
    Ok(())
}

/// A value, or what stands in its place in the definition.
fn said(text: &Text) -> String {
    match text.value() {
        Some(value) => visible(value).into_owned(),
        None => format!("unknown: {}", visible(&text.readable())),
    }
}

fn paragraph(definition: &Definition) -> String {
    let mut text = format!("{}  {}\n", visible(&definition.place.to_string()), definition.tool.as_str());
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<11} {value}");
    };
    if !definition.via.is_empty() {
        let via: Vec<String> =
            definition.via.iter().map(|place| visible(&place.to_string()).into_owned()).collect();
        row("called by", &via.join(" > "));
    }
    if let Some(target) = &definition.bake_target {
        row("bake target", &visible(target));
    }
    row("dockerfile", &said(&definition.dockerfile));
    row("context", &said(&definition.context));
    if let Some(target) = &definition.target {
        row("target", &said(target));
    }
    match &definition.platforms {
        Platforms::Known(list) if list.is_empty() => row("platforms", "that of the builder"),
        Platforms::Known(list) => row("platforms", &visible(&list.join(", "))),
        Platforms::Unknown(why, values) if values.is_empty() => row("platforms", &said(why)),
        Platforms::Unknown(why, values) => {
            row("platforms", &format!("{}, one of: {}", said(why), visible(&values.join(" or "))));
        }
    }
    for (name, value) in &definition.args {
        row("argument", &format!("{}={}", visible(name), said(value)));
    }
    if definition.more_args {
        row("argument", "others that are not known");
    }
    for (name, value) in &definition.build_contexts {
        row("context", &format!("{}={}", visible(name), said(value)));
    }
    if let Some(runner) = &definition.runner {
        row("runner", &said(runner));
    }
    row("builder", words::builder(definition.builder, definition.qemu));
    for cache in &definition.cache_from {
        row("cache from", &said(cache));
    }
    for cache in &definition.cache_to {
        row("cache to", &said(cache));
    }
    row("legs", definition.legs.as_str());
    let push = match definition.push {
        Push::Yes => "yes",
        Push::No => "no",
        Push::Unknown => "depends on the run",
    };
    row("push", push);
    text
}
