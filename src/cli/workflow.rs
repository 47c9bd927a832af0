//! `xsim analyze` of a workflow.

use std::path::Path;

use super::args::{Analyze, Format};
use super::exit::{Exit, Failure};
use super::project::Project;
use super::repository::Disk;
use super::select::root_of;
use super::{limit, output, terms};
use crate::budget;
use crate::builds::list;
use crate::report::builds::{WorkflowSubject, workflow_json, workflow_text};
use crate::source::Source;
use crate::workflow::Pricer;

/// Whether a workflow is to be looked at as a whole: its file is named, without a line, and nothing that a single build is asked
/// for.
pub(super) fn is_meant(args: &Analyze) -> bool {
    let build = &args.given.build;
    let is_plain = build.platform.is_empty() && build.target.is_none() && build.arguments.is_empty();
    let is_report = matches!(args.format, Format::Text | Format::Json) && !args.no_time;
    is_plain && is_report && args.input.context().is_none() && is_workflow(args.input.file())
}

/// Whether a path is that of a workflow of GitHub's.
pub(super) fn is_workflow(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|end| end == "yml" || end == "yaml");
    let folder = path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    is_yaml && path.is_file() && folder.is_some_and(|folder| folder.ends_with(".github/workflows"))
}

pub(super) fn run(args: &Analyze) -> Result<Exit, Failure> {
    let typed = args.input.file();
    let project = Project::find(typed, &args.given.project)?;
    let (_, time) = project.complete(&args.given)?;
    let machine = terms::machine(&args.given.time)?;
    let terms = terms::terms(&time, machine.clone(), &[]).map_err(|failure| project.discreet(failure))?;
    let root = root_of(typed)?;
    let disk = Disk::open(if root.as_os_str().is_empty() { Path::new(".") } else { &root })?;
    let file = disk.inside(typed)?;
    let repo = disk.repo();
    let builds = {
        let _run = budget::start(limit::FINDING);
        list(&repo)
    };
    let text = repo.text(&file).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
    let source =
        Source::new(file.as_str(), text).map_err(|error| Failure::Text(format!("{file}: {error}")))?;
    let _run = budget::start(limit::of(args.given.timeout.as_deref(), project.timeout())?);
    let workflow = Pricer::new(&repo, terms, machine).workflow(&builds, &file);
    let subject = WorkflowSubject { workflow: &workflow, builds: &builds, source: &source, findings: &[] };
    let mut bytes = Vec::new();
    if args.format == Format::Json {
        workflow_json(&subject, &mut bytes).map_err(Failure::Stream)?;
    } else {
        bytes = output::text(&workflow_text(&subject, output::style(&args.show)));
    }
    output::write(&args.show, &bytes)?;
    Ok(Exit::Done)
}
