//! `xsim explain`

use std::path::Path;

use super::args::Explain;
use super::exit::{Exit, Failure};
use super::refusal::{analysed, within_limit};
use super::setup::{Setup, priced};
use super::{output, select};
use crate::analysis::Build;
use crate::budget;
use crate::ids::FileIx;
use crate::report::escape::count;
use crate::report::{Subject, explain};
use crate::source::{FileLine, Line};

pub(super) fn run(args: &mut Explain) -> Result<Exit, Failure> {
    let usage = || Failure::Usage(format!("{:?} is not of the form DOCKERFILE:LINE", args.place));
    let (path, line) = args.place.rsplit_once(':').filter(|(path, _)| !path.is_empty()).ok_or_else(usage)?;
    let line = line.parse().ok().filter(|line| *line > 0).map(Line).ok_or_else(usage)?;
    let meant = select::meant(Path::new(path), &mut args.given)?;
    let dockerfile = meant.as_ref().map_or(Path::new(path), |meant| meant.dockerfile.as_path());
    let context = meant.as_ref().and_then(|meant| meant.context.as_deref());
    let setup = Setup::in_context(dockerfile, context, &args.given)?;
    let _run = budget::start(setup.limit);
    let build = setup.read_build(args.bake.as_deref().unwrap_or(dockerfile), args.show.color)?;
    let file = match &args.bake {
        Some(_) => file_called(&build, path)?,
        None => FileIx(0),
    };
    let analysis = analysed(&build, args.show.color)?;
    let terms = setup.terms(dockerfile, &build, analysis)?;
    let timing = priced(analysis, &terms)?;
    let subject = Subject { build: &build, analysis, timing: Some(&timing), findings: &[], sharing: &[] };
    let Some(text) = explain(&subject, FileLine { file, line }, output::style(&args.show)) else {
        let lines = build.text(file).map_or(0, |source| source.lines().count() as usize);
        let lines = count(lines, "line");
        return Err(Failure::Usage(format!("{path} has {lines} only")));
    };
    within_limit(build.source(), args.show.color)?;
    output::write(&args.show, &output::text(&text))?;
    Ok(Exit::Done)
}

/// The Dockerfile of that path among those of a definition's targets.
fn file_called(build: &Build, path: &str) -> Result<FileIx, Failure> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let files = build.request().files();
    files.iter().position(|source| source.name() == path).map(FileIx::new).ok_or_else(|| {
        let names: Vec<&str> = files.iter().map(|source| source.name()).collect();
        Failure::Usage(format!(
            "no target of {} is built from {path}, but from {}",
            build.name(),
            names.join(", ")
        ))
    })
}
