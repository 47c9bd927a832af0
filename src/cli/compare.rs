//! `xsim compare`

use std::path::PathBuf;
use std::rc::Rc;

use super::args::{Compare, CompareFormat};
use super::exit::{Exit, Failure};
use super::refusal::{self, Json};
use super::setup::{Setup, Subject, priced};
use super::{limit, load, observe, output, page, select};
use crate::analysis::{Analysis, Build};
use crate::budget;
use crate::compare::{Candidate, compare};
use crate::graph::Refusal;
use crate::pricing::Timing;
use crate::report::picture::{ComparedView, TimelineView, compared_svg};
use crate::report::{
    ComparisonSubject, comparison_json, comparison_markdown, comparison_refusal_json, comparison_text,
};
use crate::source::Source;
use crate::timeline::Timeline;

/// The work of a comparison for each vertex, by its memory: what 256 MB hold is covered.
const WORK: u64 = 20_000;

pub(super) fn run(args: &Compare) -> Result<Exit, Failure> {
    load::one_standard_input(&args.files)?;
    if let Some(exit) = observe::compare_logs(args)? {
        return Ok(exit);
    }
    let (files, setups) = setups(args)?;
    let setup = setups[0].as_ref();
    let _run = budget::start(setup.limit);
    let nodes = &setup.nodes;
    let mut built: Vec<Build> = Vec::new();
    for (file, own) in files.iter().zip(&setups) {
        let build = match own.read(file, args.show.color)? {
            Subject::Build(build) => build,
            Subject::TooLarge(source, refusal) => return refuse(args, setup, &source, &refusal),
            Subject::Refused(exit) => return Ok(exit),
        };
        let refusal = match build.outcome() {
            Ok(analysis) => limit::on_report(analysis, WORK),
            Err(refused) => {
                let source = build.text(refused.file).unwrap_or_else(|| build.source());
                return refuse(args, setup, source, &refused.refusal);
            }
        };
        if let Some(refusal) = refusal {
            return refuse(args, setup, build.source(), &refusal);
        }
        built.push(build);
    }
    let analysed: Vec<(&Build, &Analysis)> =
        built.iter().filter_map(|build| Some((build, build.outcome().ok()?))).collect();
    // Each file has a context of its own, unless one was named for all.
    let own = files.iter().zip(&setups).zip(&analysed);
    let own = own.map(|((file, own), (build, analysis))| own.terms(file, build, analysis));
    let own = own.collect::<Result<Vec<_>, _>>()?;
    let timings: Vec<Timing<'_>> = analysed
        .iter()
        .zip(&own)
        .map(|((_, analysis), terms)| priced(analysis, terms))
        .collect::<Result<_, _>>()?;
    let builds: Vec<Candidate<'_>> = analysed
        .iter()
        .zip(&timings)
        .map(|(&(build, analysis), timing)| Candidate { build, analysis, timing })
        .collect();
    let comparison = compare(&builds);
    let build_platform = nodes.first().map(|node| node.host.platform.to_string()).unwrap_or_default();
    let subject =
        ComparisonSubject { comparison: &comparison, terms: &own[0], build_platform: &build_platform };
    let mut bytes = Vec::new();
    match args.format {
        CompareFormat::Text => bytes = output::text(&comparison_text(&subject, output::style(&args.show))),
        CompareFormat::Markdown => bytes = comparison_markdown(&subject).into_bytes(),
        CompareFormat::Json => comparison_json(&subject, &mut bytes).map_err(Failure::Stream)?,
        CompareFormat::Svg => {
            let view = ComparedView::new(&comparison, builds.iter().map(timeline).collect());
            let svg = compared_svg(&view, args.picture.width);
            bytes = svg.map_err(|error| Failure::Stream(std::io::Error::other(error)))?.into_bytes();
        }
        CompareFormat::Html => bytes = page::comparison(&subject, &builds)?,
    }
    if let (Some(refusal), Some((build, _))) = (limit::refusal(), analysed.last()) {
        return refuse(args, setup, build.source(), &refusal);
    }
    output::write(&args.show, &bytes)?;
    Ok(Exit::Done)
}

/// The Dockerfiles with what each is built with. They have to be for the same platforms, so the first one's project, or its
/// definition, speaks for all; what else a build is given its own definition says.
fn setups(args: &Compare) -> Result<(Vec<PathBuf>, Vec<Rc<Setup>>), Failure> {
    let mut common = args.given.clone();
    let (mut files, mut setups): (Vec<PathBuf>, Vec<Rc<Setup>>) = (Vec::new(), Vec::new());
    for typed in &args.files {
        let mut given = common.clone();
        let meant = select::meant(typed, &mut given)?;
        let path = meant.as_ref().map_or(typed, |meant| &meant.dockerfile);
        let context = meant.as_ref().and_then(|meant| meant.context.as_deref());
        let setup = match setups.first() {
            Some(first) if meant.is_none() => Rc::clone(first),
            _ => Rc::new(Setup::in_context(path, context, &given)?),
        };
        if setups.is_empty() {
            let targets = setup.nodes.iter().flat_map(|node| node.inputs.targets());
            common.build.platform = targets.map(ToString::to_string).collect();
            common.build.node.clone_from(&given.build.node);
            common.time.machine.clone_from(&given.time.machine);
        }
        files.push(path.clone());
        setups.push(setup);
    }
    Ok((files, setups))
}

/// What a picture shows of one build.
fn timeline(candidate: &Candidate<'_>) -> TimelineView {
    let Candidate { build, analysis, timing } = *candidate;
    let timeline = Timeline::new(analysis, timing);
    TimelineView::new(build, analysis, timing, &timeline)
}

fn refuse(args: &Compare, setup: &Setup, source: &Source, refusal: &Refusal) -> Result<Exit, Failure> {
    let json: Json =
        |source, refusal, _, targets, out| comparison_refusal_json(source, refusal, targets, out);
    let json = (args.format == CompareFormat::Json).then_some(json);
    refusal::refuse(json, args.show.color, source, refusal, &[], &setup.nodes)
}
