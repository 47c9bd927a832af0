//! `xsim compare`

use std::path::Path;

use super::analyze::say_refusal;
use super::args::{Compare, CompareFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::{context, output, page, terms};
use crate::analysis::{Analysis, NodeInputs, analyze};
use crate::compare::{Build, compare};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Arena, parse};
use crate::graph::Refusal;
use crate::pricing::{Terms, Timing, price};
use crate::report::picture::{ComparedView, TimelineView, compared_svg};
use crate::report::{
    ComparisonSubject, comparison_json, comparison_markdown, comparison_refusal_json, comparison_text,
};
use crate::source::Source;
use crate::timeline::Timeline;

pub(super) fn run(args: &Compare) -> Result<Exit, Failure> {
    let standard_input = args.files.iter().filter(|file| *file == Path::new("-")).count();
    if standard_input > 1 {
        return Err(Failure::Usage("standard input (-) can be only one of the files".to_owned()));
    }
    let machine = terms::machine(&args.time)?;
    let nodes = load::nodes(&args.build, machine.as_ref())?;
    let mut analysed: Vec<(Source, Analysis)> = Vec::new();
    for file in &args.files {
        let source = match load::source(file)? {
            Loaded::Source(source) => source,
            Loaded::TooLarge(source, refusal) => return refuse(args, &source, &refusal, &[], &nodes),
        };
        match analyze(&source, &nodes) {
            Ok(analysis) => analysed.push((source, analysis)),
            Err(refused) => return refuse(args, &source, &refused.refusal, &refused.warnings, &nodes),
        }
    }
    let terms = terms::terms(&args.time, machine, &nodes)?;
    // Each file has a context of its own, unless one was named for all.
    let context = args.time.context.as_deref();
    let own = args.files.iter().zip(&analysed);
    let own = own.map(|(file, (_, analysis))| context::with_context(terms.clone(), context, file, analysis));
    let own: Vec<Terms> = own.collect::<Result<_, _>>()?;
    let timings: Vec<Timing<'_>> = analysed
        .iter()
        .zip(&own)
        .map(|((_, analysis), terms)| price(analysis, terms))
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let builds: Vec<Build<'_>> = analysed
        .iter()
        .zip(&timings)
        .map(|((source, analysis), timing)| Build { source, analysis, timing })
        .collect();
    let comparison = compare(&builds);
    let build_platform = nodes.first().map(|node| node.host.platform.to_string()).unwrap_or_default();
    let subject =
        ComparisonSubject { comparison: &comparison, terms: &terms, build_platform: &build_platform };
    let mut bytes = Vec::new();
    match args.format {
        CompareFormat::Text => bytes = comparison_text(&subject, output::style(&args.show)).into_bytes(),
        CompareFormat::Markdown => bytes = comparison_markdown(&subject).into_bytes(),
        CompareFormat::Json => comparison_json(&subject, &mut bytes).map_err(Failure::Stream)?,
        CompareFormat::Svg => {
            let view = ComparedView::new(&comparison, builds.iter().map(timeline).collect());
            let svg = compared_svg(&view, args.width);
            bytes = svg.map_err(|error| Failure::Stream(std::io::Error::other(error)))?.into_bytes();
        }
        CompareFormat::Html => bytes = page::comparison(&subject, &builds)?,
    }
    output::write(&args.show, &bytes)?;
    Ok(Exit::Done)
}

/// What a picture shows of one build.
fn timeline(build: &Build<'_>) -> TimelineView {
    let arena = Arena::new();
    let file = parse(build.source, &arena);
    let timeline = Timeline::new(build.analysis, build.timing);
    TimelineView::new(build.source.name(), &file, build.analysis, build.timing, &timeline)
}

/// A file that cannot be built: JSON goes to standard output, since a program asked for it; all else to standard error.
fn refuse(
    args: &Compare,
    source: &Source,
    refusal: &Refusal,
    warnings: &[Diagnostic],
    nodes: &[NodeInputs],
) -> Result<Exit, Failure> {
    match args.format {
        CompareFormat::Json => {
            let mut bytes = Vec::new();
            let targets = nodes.first().map_or(&[][..], |node| node.inputs.targets());
            comparison_refusal_json(source, refusal, warnings, targets, &mut bytes)
                .map_err(Failure::Stream)?;
            output::print(&bytes)?;
        }
        CompareFormat::Text | CompareFormat::Markdown | CompareFormat::Html | CompareFormat::Svg => {
            say_refusal(source, refusal, warnings, args.show.color);
        }
    }
    Ok(Exit::Refused)
}
