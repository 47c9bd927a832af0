//! `xsim explain`

use std::path::Path;

use super::args::Explain;
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::refusal::say_refusal;
use super::setup::{Setup, priced};
use super::{limit, output, select};
use crate::budget;
use crate::report::escape::count;
use crate::report::{Subject, explain};
use crate::source::Line;

pub(super) fn run(args: &mut Explain) -> Result<Exit, Failure> {
    let usage = || Failure::Usage(format!("{:?} is not of the form DOCKERFILE:LINE", args.place));
    let (typed, line) = args.place.rsplit_once(':').filter(|(path, _)| !path.is_empty()).ok_or_else(usage)?;
    let line = line.parse().ok().filter(|line| *line > 0).map(Line).ok_or_else(usage)?;
    let meant = select::meant(Path::new(typed), &mut args.given)?;
    let path = meant.as_ref().map_or(Path::new(typed), |meant| meant.dockerfile.as_path());
    let context = meant.as_ref().and_then(|meant| meant.context.as_deref());
    let setup = Setup::in_context(path, context, &args.given)?;
    let _run = budget::start(setup.limit);
    let (source, refused) = match load::source(path)? {
        Loaded::Source(source) => (source, None),
        Loaded::TooLarge(source, refusal) => (source, Some(refusal)),
    };
    if let Some(refusal) = refused {
        say_refusal(&source, &refusal, &[], args.show.color);
        return Ok(Exit::Refused);
    }
    let build = setup.build(source);
    let (source, file) = (build.source(), build.file());
    let analysis = match build.outcome() {
        Ok(analysis) => analysis,
        Err(refused) => {
            say_refusal(source, &refused.refusal, &[], args.show.color);
            return Ok(Exit::Refused);
        }
    };
    let terms = setup.terms(path, analysis)?;
    let timing = priced(analysis, &terms)?;
    let subject = Subject { source, analysis, timing: Some(&timing), findings: &[] };
    let Some(text) = explain(&subject, file, line, output::style(&args.show)) else {
        let lines = count(source.lines().count() as usize, "line");
        return Err(Failure::Usage(format!("{} has {lines} only", path.display())));
    };
    if let Some(refusal) = limit::refusal() {
        say_refusal(build.source(), &refusal, &[], args.show.color);
        return Ok(Exit::Refused);
    }
    output::write(&args.show, &output::text(&text))?;
    Ok(Exit::Done)
}
