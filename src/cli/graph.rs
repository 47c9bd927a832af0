//! `xsim graph`

use super::analyze::say_refusal;
use super::args::{Graph, GraphFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::{context, output, terms};
use crate::analysis::analyze_file;
use crate::dockerfile::{Arena, parse};
use crate::pricing::price;
use crate::report::picture::{Direction, GraphView, Options, dot, json, mermaid, svg};

pub(super) fn run(args: &Graph) -> Result<Exit, Failure> {
    let machine = terms::machine(&args.time)?;
    let nodes = load::nodes(&args.build, machine.as_ref())?;
    let source = match load::source(&args.file)? {
        Loaded::Source(source) => source,
        Loaded::TooLarge(source, refusal) => {
            say_refusal(&source, &refusal, &[], args.show.color);
            return Ok(Exit::Refused);
        }
    };
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let analysis = match analyze_file(&file, &nodes, &arena) {
        Ok(analysis) => analysis,
        Err(refused) => {
            say_refusal(&source, &refused.refusal, &refused.warnings, args.show.color);
            return Ok(Exit::Refused);
        }
    };
    let terms = terms::terms(&args.time, machine, &nodes)?;
    let terms = context::with_context(terms, args.time.context.as_deref(), &args.file, &analysis)?;
    let timing = if args.no_time {
        None
    } else {
        Some(price(&analysis, &terms).map_err(|error| Failure::Usage(error.to_string()))?)
    };
    let view = GraphView::of(source.name(), &file, &analysis, timing.as_ref());
    let Some(view) = view.map(|view| view.in_detail(args.detail.into())) else { return Ok(Exit::Done) };
    let direction = if args.left_right { Direction::Right } else { Direction::Down };
    let bytes = match args.format {
        GraphFormat::Svg => svg(&view, Options { direction, legend: args.legend, inline: None }),
        GraphFormat::Dot => dot(&view, direction),
        GraphFormat::Mermaid => mermaid(&view, direction),
        GraphFormat::Json => json(&view).map_err(|error| Failure::Stream(error.into()))?,
    };
    output::write(&args.show, bytes.as_bytes())?;
    Ok(Exit::Done)
}
