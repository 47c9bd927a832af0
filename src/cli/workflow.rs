//! Workflows as the commands take them: `analyze` of one, and what `check`, `builds` and `fix` say of them.

use std::path::{Path, PathBuf};

use super::args::{Analyze, Fix, Format, Given};
use super::exit::{Exit, Failure};
use super::project::Project;
use super::repository::Disk;
use super::select::{root_of, under};
use super::verdict::judged_in;
use super::{context, limit, output, terms, write};
use crate::advice::{InWorkflows, Worth, evaluate_workflow, evaluate_workflows, fix_workflow};
use crate::budget;
use crate::builds::{Builds, Repo, list};
use crate::diagnostic::Rule;
use crate::model::inputs::LocalContext;
use crate::pricing::Terms;
use crate::report::builds::{WorkflowSubject, workflow_json, workflow_text};
use crate::report::{patch_text, workflow_fix_summary};
use crate::sim::{Machine, built_in};
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
    let folder = || path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    is_yaml && path.is_file() && folder().is_some_and(|folder| folder.ends_with(".github/workflows"))
}

/// The workflows among what was typed.
pub(super) fn among(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().filter(|path| is_workflow(path)).cloned().collect()
}

/// The repository that holds a file.
struct Place {
    root: PathBuf,
    disk: Disk,
    /// The file, from its root.
    file: String,
}

impl Place {
    fn of(file: &Path) -> Result<Self, Failure> {
        let root = root_of(file)?;
        let disk = Disk::open(if root.as_os_str().is_empty() { Path::new(".") } else { &root })?;
        let file = disk.inside(file)?;
        Ok(Self { root, disk, file })
    }
}

/// What a repository builds, within the limit for finding that out.
fn listed(repo: &Repo<'_>) -> Builds {
    let _run = budget::start(limit::FINDING);
    list(repo)
}

/// What workflows are priced with, by the arguments and the settings of their project.
fn terms_of(project: &Project, given: &Given) -> Result<(Terms, Option<Machine>), Failure> {
    let (_, time) = project.complete(given)?;
    let machine = terms::machine(&given.time)?;
    let terms = terms::terms(&time, machine.clone(), &[]).map_err(|failure| project.discreet(failure))?;
    Ok((terms, machine))
}

/// Prices what a repository on disk builds, by the size of its contexts.
fn pricer<'r>(repo: &'r Repo<'r>, disk: &'r Disk, terms: Terms, machine: Option<Machine>) -> Pricer<'r> {
    let look =
        |local: &LocalContext| Some(context::of_folder(&disk.folder(&local.folder)?, &local.ignored, false));
    Pricer::new(repo, terms, machine, look)
}

/// `xsim analyze` of a workflow.
pub(super) fn run(args: &Analyze) -> Result<Exit, Failure> {
    let typed = args.input.file();
    let project = Project::find(typed, &args.given.project)?;
    let (policy, gates) = project.policy(&args.gates, &[])?;
    let (terms, machine) = terms_of(&project, &args.given)?;
    let place = Place::of(typed)?;
    let repo = place.disk.repo();
    let builds = listed(&repo);
    let text = repo.text(&place.file).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
    let shown = |file: &str| under(&place.root, file).display().to_string();
    let name = shown(&place.file);
    let source =
        Source::new(name.as_str(), text).map_err(|error| Failure::Text(format!("{name}: {error}")))?;
    let _run = budget::start(limit::of(&args.given.timeout, project.timeout())?);
    let pricer = pricer(&repo, &place.disk, terms, machine);
    let workflow = pricer.workflow(&builds, &place.file);
    let found = evaluate_workflow(&repo, &builds, &workflow, &pricer, project.worth()?, &shown);
    let judged = judged_in(&policy, &found);
    let counting: Vec<_> = judged.iter().filter(|one| one.counts()).cloned().collect();
    let subject = WorkflowSubject {
        workflow: &workflow,
        builds: &builds,
        source: &source,
        sources: &found.sources,
        findings: &counting,
    };
    let mut bytes = Vec::new();
    if args.format == Format::Json {
        workflow_json(&subject, &mut bytes).map_err(Failure::Stream)?;
    } else {
        bytes = output::text(&workflow_text(&subject, output::style(&args.show)));
    }
    output::write(&args.show, &bytes)?;
    let breaches = gates.check_workflow(workflow.times.cold.p50, &judged);
    output::breaches(&name, &breaches);
    Ok(if breaches.is_empty() { Exit::Done } else { Exit::Gate })
}

/// What is found in the workflows of a folder, without settings.
pub(super) fn found_in(repo: &Repo<'_>, disk: &Disk, builds: &Builds) -> InWorkflows {
    let Some(machine) = built_in("ubuntu-latest") else { return InWorkflows::default() };
    let pricer = pricer(repo, disk, Terms::new(machine), None);
    evaluate_workflows(repo, builds, &pricer, Worth::default(), &str::to_owned)
}

/// What is found in the workflows of a folder, or in one that is named by its file.
pub(super) fn found(path: &Path, project: &Project, given: &Given) -> Result<InWorkflows, Failure> {
    let (terms, machine) = terms_of(project, given)?;
    let (root, disk, file) = if path.is_dir() {
        (path.to_owned(), Disk::open(path)?, None)
    } else {
        let place = Place::of(path)?;
        (place.root, place.disk, Some(place.file))
    };
    let repo = disk.repo();
    let builds = listed(&repo);
    let shown = |file: &str| under(&root, file).display().to_string();
    let pricer = pricer(&repo, &disk, terms, machine);
    let worth = project.worth()?;
    Ok(match file {
        None => evaluate_workflows(&repo, &builds, &pricer, worth, &shown),
        Some(file) => {
            let workflow = pricer.workflow(&builds, &file);
            evaluate_workflow(&repo, &builds, &workflow, &pricer, worth, &shown)
        }
    })
}

/// `xsim fix` of a workflow.
pub(super) fn fix(args: &Fix, path: &Path, only: &[&'static Rule]) -> Result<Exit, Failure> {
    if args.interactive || !args.recipe.is_empty() {
        let message = "--interactive and --recipe take a Dockerfile, not a workflow";
        return Err(Failure::Usage(message.to_owned()));
    }
    if args.write {
        write::is_plain(path).map_err(|error| Failure::File(path.to_owned(), error))?;
    }
    let project = Project::find(path, &args.given.project)?;
    let (terms, machine) = terms_of(&project, &args.given)?;
    let place = Place::of(path)?;
    let repo = place.disk.repo();
    let builds = listed(&repo);
    let _run = budget::start(limit::of(&args.given.timeout, project.timeout())?);
    let pricer = pricer(&repo, &place.disk, terms, machine);
    let off = project.off();
    let wanted = |rule: &Rule| !off.contains(&rule) && (only.is_empty() || only.contains(&rule));
    let fixed = fix_workflow(&repo, &builds, &place.file, &pricer, project.worth()?, &wanted);
    let failed = || Failure::Text(format!("{} cannot be read as text", path.display()));
    let fixed = fixed.ok_or_else(failed)?;
    if args.write {
        if fixed.after != *fixed.before {
            write::replace_file(path, fixed.before.as_bytes(), fixed.after.as_bytes())
                .map_err(|error| Failure::File(path.to_owned(), error))?;
        }
    } else {
        let (style, terminal) = output::stdout_style(args.color);
        output::print(patch_text(&fixed.patch(&path.display().to_string()), style, terminal).as_bytes())?;
    }
    output::warn_raw(&workflow_fix_summary(&fixed, output::error_style(args.color)));
    Ok(Exit::Done)
}
