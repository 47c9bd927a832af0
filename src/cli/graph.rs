//! `xsim graph`

use super::args::{Graph, GraphDetail, GraphFormat};
use super::exit::{Exit, Failure};
use super::output;
use super::refusal::{analysed, within_limit};
use super::setup::{Setup, priced};
use crate::budget;
use crate::report::picture::{Detail, Direction, GraphView, Options, dot, json, mermaid, svg};

pub(super) fn run(args: &Graph) -> Result<Exit, Failure> {
    if args.format == GraphFormat::Svg && output::is_terminal(&args.show) {
        let message = "an SVG picture is nothing to read in a terminal: write it to a file with \
                       `--output graph.svg`, or to the terminal all the same with `--output -`";
        return Err(Failure::Usage(message.to_owned()));
    }
    let path = args.input.file();
    let setup = Setup::in_context(path, args.input.context(), &args.given)?;
    let _run = budget::start(setup.limit);
    let build = setup.read_build(path, args.show.color)?;
    let analysis = analysed(&build, args.show.color)?;
    let terms = if args.no_time { None } else { Some(setup.terms(path, &build, analysis)?) };
    let timing = terms.as_ref().map(|terms| priced(analysis, terms)).transpose()?;
    let view = GraphView::of(&build, analysis, timing.as_ref());
    within_limit(build.source(), args.show.color)?;
    // A program reads every step.
    let detail = match (args.detail, args.format) {
        (GraphDetail::Auto, GraphFormat::Json) => Detail::Step,
        (detail, _) => detail.into(),
    };
    let Some(view) = view.map(|view| view.in_detail(detail)) else { return Ok(Exit::Done) };
    let direction = if args.left_right { Direction::Right } else { Direction::Down };
    let bytes = match args.format {
        GraphFormat::Svg => svg(&view, Options { direction, legend: args.legend, inline: None }),
        GraphFormat::Dot => dot(&view, direction),
        GraphFormat::Mermaid => mermaid(&view, direction),
        GraphFormat::Json => json(&view).map_err(|error| Failure::Stream(error.into()))?,
    };
    within_limit(build.source(), args.show.color)?;
    output::write(&args.show, bytes.as_bytes())?;
    Ok(Exit::Done)
}
