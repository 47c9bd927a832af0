//! `xsim analyze`

use std::io;
use std::sync::Arc;

use super::args::{Analyze, Format};
use super::exit::{Exit, Failure};
use super::refusal::{self, Json};
use super::setup::{self, Setup, evaluated, linted, priced};
use super::verdict::{accept, judged};
use super::{limit, output, page, verdict};
use crate::advice::rules;
use crate::analysis::Build;
use crate::budget;
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::ids::FileIx;
use crate::policy::{Baseline, Breach, Gates};
use crate::report::picture::{GraphView, TimelineView, timeline_svg};
use crate::report::{
    Drawings, Sarif, Subject, analysis_json, analysis_markdown, analysis_text_with, github, refusal_json,
};
use crate::sharing::Sharing;
use crate::source::Source;
use crate::timeline::Timeline;

pub(super) fn run(args: &Analyze) -> Result<Exit, Failure> {
    let path = args.input.file();
    let setup = Setup::in_context(path, args.input.context(), &args.given)?;
    let (policy, gates) = setup.project.policy(&args.gates, &[])?;
    let _run = budget::start(setup.limit);
    if args.no_time {
        needs_no_time(args.format, &gates)?;
    }
    let build = match setup.read(path, args.show.color)? {
        setup::Subject::Build(build) => build,
        setup::Subject::TooLarge(source, refusal) => {
            return refuse(args, &setup, &source, &refusal, Vec::new());
        }
        setup::Subject::Refused(exit) => return Ok(exit),
    };
    hint_at_platforms(args, &build);
    let source = build.source();
    let analysis = match build.outcome() {
        Ok(analysis) => analysis,
        Err(refused) => {
            let found = judged(&policy, &build, linted(&build));
            let source = build.text(refused.file).unwrap_or(source);
            return refuse(args, &setup, source, &refused.refusal, found);
        }
    };
    let stop = |refusal: &Refusal| refuse(args, &setup, source, refusal, Vec::new());
    if let Some(refusal) = limit::on_report(analysis, work(args.format)) {
        return stop(&refusal);
    }
    if args.no_time {
        let found = counting(judged(&policy, &build, linted(&build)));
        let sharing = Sharing::of(&build, analysis, None);
        let subject = Subject { build: &build, analysis, timing: None, findings: &found, sharing: &sharing };
        let bytes = report(args, &subject)?;
        return limit::refusal().map_or_else(
            || output::write(&args.show, &bytes).map(|()| Exit::Done),
            |refusal| stop(&refusal),
        );
    }
    let terms = setup.terms(path, &build, analysis)?;
    let timing = priced(analysis, &terms)?;
    let found = evaluated(&setup, &build, &timing);
    if let Some(refusal) = limit::refusal() {
        return stop(&refusal);
    }
    if args.gates.write_baseline {
        let mut baseline = Baseline::default();
        accept(&mut baseline, &build, &found);
        verdict::write_baseline(&args.gates, &baseline)?;
        return Ok(Exit::Done);
    }
    let found = judged(&policy, &build, found);
    let breaches = verdict::breaches(&gates, analysis, &timing, &found)?;
    let bytes = if let Some(bytes) = listed(args.format, build.request().files(), &found, &breaches)? {
        bytes
    } else {
        let found = counting(found);
        let sharing = Sharing::of(&build, analysis, Some(&timing));
        let subject =
            Subject { build: &build, analysis, timing: Some(&timing), findings: &found, sharing: &sharing };
        report(args, &subject)?
    };
    if let Some(refusal) = limit::refusal() {
        return stop(&refusal);
    }
    output::write(&args.show, &bytes)?;
    if args.format != Format::Github {
        output::breaches(build.name(), &breaches);
    }
    Ok(if breaches.is_empty() { Exit::Done } else { Exit::Gate })
}

/// The work of a report for each vertex of the graph, but for pictures, which count their boxes. Its memory counts more than its
/// time: what 256 MB hold is covered.
const fn work(format: Format) -> u64 {
    match format {
        Format::Html | Format::Svg => 18_000,
        Format::Json | Format::Text | Format::Markdown => 6_000,
        Format::Github | Format::Sarif => 0,
    }
}

/// Says that a file made for several platforms is looked at for one.
fn hint_at_platforms(args: &Analyze, build: &Build) {
    let builds = build.nodes().iter().flat_map(|node| &node.builds);
    let is_implicit = builds.clone().all(|build| build.inputs.implicit_target && build.name.is_empty());
    if args.format != Format::Text || !is_implicit {
        return;
    }
    let spoken_of = ["BUILDPLATFORM", "TARGETPLATFORM", "TARGETARCH"];
    let text = build.source().text();
    if let Some(name) = spoken_of.into_iter().find(|name| text.contains(name)) {
        output::hint(&format!(
            "the file speaks of {name}: with --platform linux/amd64,linux/arm64 you see what differs"
        ));
    }
}

/// What counts of what was found.
fn counting(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.into_iter().filter(Diagnostic::counts).collect()
}

/// The formats that list what was found and nothing else, as `check` has them.
fn listed(
    format: Format,
    sources: &[Arc<Source>],
    found: &[Diagnostic],
    breaches: &[Breach],
) -> Result<Option<Vec<u8>>, Failure> {
    let of = |at: usize| -> Vec<Diagnostic> {
        found.iter().filter(|one| one.file.index() == at).cloned().collect()
    };
    // What gates say is of the whole, and stands with the first file.
    let breaches = |at: usize| if at == 0 { breaches } else { &[] };
    Ok(match format {
        Format::Github => {
            let each = sources.iter().enumerate().map(|(at, source)| github(source, &of(at), breaches(at)));
            Some(each.collect::<String>().into_bytes())
        }
        Format::Sarif => {
            let (mut sarif, mut bytes) = (Sarif::default(), Vec::new());
            for (at, source) in sources.iter().enumerate() {
                sarif.add(source, &of(at), breaches(at));
            }
            sarif.write(rules::all(), &mut bytes).map_err(Failure::Stream)?;
            Some(bytes)
        }
        _ => None,
    })
}

/// Refuses what cannot be had without times.
fn needs_no_time(format: Format, gates: &Gates) -> Result<(), Failure> {
    if !matches!(format, Format::Text | Format::Json | Format::Markdown) {
        return Err(Failure::Usage("--no-time: this format has nothing to show without times".to_owned()));
    }
    if !gates.are_open() {
        return Err(Failure::Usage(
            "--no-time: gates look at times and findings; those of xsim.toml are left out with --no-config"
                .to_owned(),
        ));
    }
    Ok(())
}

fn report(args: &Analyze, subject: &Subject<'_>) -> Result<Vec<u8>, Failure> {
    let Subject { build, analysis, .. } = *subject;
    let mut bytes = Vec::new();
    match (args.format, subject.timing) {
        (Format::Markdown, timing) => {
            let view = GraphView::of(build, analysis, timing);
            bytes = analysis_markdown(subject, view.as_ref()).into_bytes();
        }
        (Format::Json, _) => analysis_json(subject, &mut bytes).map_err(Failure::Stream)?,
        (Format::Html, Some(timing)) => bytes = page::analysis(subject, timing)?,
        (Format::Svg, Some(timing)) => {
            let timeline = Timeline::new(analysis, timing);
            let view = TimelineView::new(build, analysis, timing, &timeline);
            let svg = timeline_svg(&view, args.picture.width);
            bytes = svg.map_err(|error| Failure::Stream(io::Error::other(error)))?.into_bytes();
        }
        // Pictures without times were refused before.
        (_, timing) => {
            let style = output::style(&args.show);
            let timing = timing.filter(|_| args.timeline.is_wanted(args.source, style.width));
            let timeline = timing.map(|timing| Timeline::new(analysis, timing));
            let drawings = Drawings {
                timeline: timeline.as_ref(),
                tree: args.tree.is_wanted(args.source, style.width),
                source: args.source,
            };
            bytes = output::text(&analysis_text_with(subject, style, drawings));
        }
    }
    Ok(bytes)
}

fn refuse(
    args: &Analyze,
    setup: &Setup,
    source: &Source,
    refusal: &Refusal,
    found: Vec<Diagnostic>,
) -> Result<Exit, Failure> {
    if matches!(args.format, Format::Github | Format::Sarif) {
        let all = verdict::with_errors(refusal, found);
        let all: Vec<_> = all.into_iter().map(|one| Diagnostic { file: FileIx(0), ..one }).collect();
        let source = Arc::new(source.clone());
        let bytes = listed(args.format, &[source], &all, &[])?.unwrap_or_default();
        output::write(&args.show, &bytes)?;
        return Ok(Exit::Refused);
    }
    let found = counting(found);
    let json: Json =
        |source, refusal, found, targets, out| refusal_json(source, refusal, found, targets, out);
    let json = (args.format == Format::Json).then_some(json);
    refusal::refuse(json, args.show.color, source, refusal, &found, &setup.nodes)
}
