//! `xsim analyze`

use std::io;

use super::args::{Analyze, Color, Format};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::{context, output, page, terms};
use crate::advice::{Comments, Pricer, appraise};
use crate::analysis::{NodeInputs, analyze_file};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Arena, parse};
use crate::graph::Refusal;
use crate::pricing::price;
use crate::report::picture::{GraphView, TimelineView, timeline_svg};
use crate::report::{
    Drawings, Subject, analysis_json, analysis_markdown, analysis_text_with, refusal_json, write_diagnostics,
};
use crate::source::Source;
use crate::timeline::Timeline;

pub(super) fn run(args: &Analyze) -> Result<Exit, Failure> {
    let machine = terms::machine(&args.time)?;
    let nodes = load::nodes(&args.build, machine.as_ref())?;
    let source = match load::source(&args.file)? {
        Loaded::Source(source) => source,
        Loaded::TooLarge(source, refusal) => return refuse(args, &source, &refusal, &[], &nodes),
    };
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let analysis = match analyze_file(&file, &nodes, &arena) {
        Ok(analysis) => analysis,
        Err(refused) => return refuse(args, &source, &refused.refusal, &refused.warnings, &nodes),
    };
    let terms = terms::terms(&args.time, machine, &nodes)?;
    let terms = context::with_context(terms, args.time.context.as_deref(), &args.file, &analysis)?;
    let timing = price(&analysis, &terms).map_err(|error| Failure::Usage(error.to_string()))?;
    let mut findings = appraise(&source, &file, &nodes, &analysis, &Pricer::new(terms.clone()));
    let comments = Comments::of(&file);
    findings.retain(|finding| !comments.covers(finding));
    let subject =
        Subject { source: &source, analysis: &analysis, timing: Some(&timing), findings: &findings };
    let mut bytes = Vec::new();
    match args.format {
        Format::Text => {
            let style = output::style(&args.show);
            let timeline = args.timeline.is_wanted(style.width).then(|| Timeline::new(&analysis, &timing));
            let tree = args.tree.is_wanted(style.width);
            let drawings = Drawings { timeline: timeline.as_ref(), tree };
            bytes = analysis_text_with(&subject, style, drawings).into_bytes();
        }
        Format::Markdown => {
            let view = GraphView::of(source.name(), &file, &analysis, Some(&timing));
            bytes = analysis_markdown(&subject, view.as_ref()).into_bytes();
        }
        Format::Json => analysis_json(&subject, &mut bytes).map_err(Failure::Stream)?,
        Format::Html => bytes = page::analysis(&subject, &file, &timing)?,
        Format::Svg => {
            let timeline = Timeline::new(&analysis, &timing);
            let view = TimelineView::new(source.name(), &file, &analysis, &timing, &timeline);
            let svg = timeline_svg(&view, args.width);
            bytes = svg.map_err(|error| Failure::Stream(io::Error::other(error)))?.into_bytes();
        }
    }
    output::write(&args.show, &bytes)?;
    Ok(Exit::Done)
}

/// A file that cannot be built: JSON goes to standard output, since a program asked for it; text to standard error. No
/// output file is made.
fn refuse(
    args: &Analyze,
    source: &Source,
    refusal: &Refusal,
    warnings: &[Diagnostic],
    nodes: &[NodeInputs],
) -> Result<Exit, Failure> {
    match args.format {
        Format::Json => {
            let mut bytes = Vec::new();
            let targets = nodes.first().map_or(&[][..], |node| node.inputs.targets());
            refusal_json(source, refusal, warnings, targets, &mut bytes).map_err(Failure::Stream)?;
            output::print(&bytes)?;
        }
        Format::Text | Format::Html | Format::Svg | Format::Markdown => {
            say_refusal(source, refusal, warnings, args.show.color);
        }
    }
    Ok(Exit::Refused)
}

/// Says on standard error why a file cannot be built.
pub(super) fn say_refusal(source: &Source, refusal: &Refusal, warnings: &[Diagnostic], color: Color) {
    let all: Vec<&Diagnostic> =
        std::iter::once(&refusal.error).chain(&refusal.others).chain(warnings).collect();
    output::warn_raw(&write_diagnostics(source, &all, output::error_style(color)));
}
