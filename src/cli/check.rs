//! `xsim check`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Check, CheckFormat};
use super::counter::Counter;
use super::exit::{Exit, Failure};
use super::project::Project;
use super::select::Task;
use super::setup::{Setup, Subject, evaluated, linted, priced};
use super::verdict::{accept, judged, judged_in};
use super::{limit, load, output, select, verdict, workflow};
use crate::advice::rules;
use crate::budget;
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::policy::{Baseline, Breach};
use crate::report::workflow::defused;
use crate::report::{Sarif, Totals, github, github_failure, notices_text};
use crate::source::Source;

/// Checks Dockerfiles as the repository builds them, and the workflows that were typed or are those of a folder.
pub(super) fn run(args: &Check, workflows: &[PathBuf]) -> Result<Exit, Failure> {
    let mut run = Run {
        args,
        exit: Exit::Done,
        text: String::new(),
        sarif: Sarif::default(),
        baseline: Baseline::default(),
        totals: Totals::default(),
        is_whole: true,
        said: BTreeSet::new(),
    };
    load::one_standard_input(args.input.files())?;
    let mut checked = Counter::new("files checked");
    for task in &select::tasks(args.input.files(), args.input.context(), &args.given)? {
        checked.add(1);
        match run.check(task) {
            Ok(exit) => run.exit = run.exit.max(exit),
            // One file that cannot be checked leaves the others their reports.
            Err(failure) if failure.is_of_a_file() => run.fail(&task.file, &failure),
            Err(failure) => return Err(failure),
        }
    }
    drop(checked);
    let folders = args.input.files().iter().filter(|path| select::has_pipelines(path));
    for path in folders.chain(workflows) {
        match run.check_workflows(path) {
            Ok(exit) => run.exit = run.exit.max(exit),
            Err(failure) if failure.is_of_a_file() => run.fail(path, &failure),
            Err(failure) => return Err(failure),
        }
    }
    run.finish()
}

/// All files of a run.
struct Run<'a> {
    args: &'a Check,
    exit: Exit,
    text: String,
    sarif: Sarif,
    baseline: Baseline,
    totals: Totals,
    /// Whether every file could be checked.
    is_whole: bool,
    said: BTreeSet<Said>,
}

/// What was said of a file: its name, the rule, the line and the bytes.
type Said = (String, &'static str, Option<u32>, Option<(u32, u32)>);

impl Run<'_> {
    fn check(&mut self, task: &Task) -> Result<Exit, Failure> {
        let path = task.file.as_path();
        let setup = Setup::in_context(path, task.context.as_deref(), &task.given)?;
        let (policy, gates) = setup.project.policy(&self.args.gates, &["error"])?;
        let _run = budget::start(setup.limit);
        let build = match setup.read(path, self.args.show.color)? {
            Subject::Build(build) => build,
            Subject::TooLarge(source, refusal) => {
                self.show(&source, &verdict::with_errors(&refusal, Vec::new()), &[]);
                return Ok(Exit::Refused);
            }
            Subject::Refused(exit) => return Ok(exit),
        };
        let analysis = match build.outcome() {
            Ok(analysis) => analysis,
            Err(refused) => {
                let found = judged(&policy, &build, linted(&build));
                let source = build.text(refused.file).unwrap_or_else(|| build.source());
                self.show(source, &verdict::with_errors(&refused.refusal, found), &[]);
                if let Some(refusal) = limit::refusal() {
                    self.stopped(source, &refusal);
                }
                return Ok(Exit::Refused);
            }
        };
        let terms = setup.terms(path, &build, analysis)?;
        let timing = priced(analysis, &terms)?;
        let found = evaluated(&setup, &build, &timing);
        if let Some(refusal) = limit::refusal() {
            self.show(build.source(), &verdict::with_errors(&refusal, Vec::new()), &[]);
            self.stopped(build.source(), &refusal);
            return Ok(Exit::Refused);
        }
        if self.args.gates.write_baseline {
            accept(&mut self.baseline, &build, &found);
            return Ok(Exit::Done);
        }
        let found = judged(&policy, &build, found);
        let breaches = verdict::breaches(&gates, analysis, &timing, &found)?;
        for (at, source) in build.request().files().iter().enumerate() {
            let own: Vec<Diagnostic> = found.iter().filter(|one| one.file.index() == at).cloned().collect();
            // What gates say is of the whole, and stands with the first file.
            self.show(source, &own, if at == 0 { &breaches } else { &[] });
        }
        Ok(if breaches.is_empty() { Exit::Done } else { Exit::Gate })
    }

    /// Checks the workflows of a folder, or one that is named.
    fn check_workflows(&mut self, path: &Path) -> Result<Exit, Failure> {
        let project = Project::find(path, &self.args.given.project)?;
        let (policy, gates) = project.policy(&self.args.gates, &["error"])?;
        let _run = budget::start(limit::of(&self.args.given.timeout, project.timeout())?);
        let found = workflow::found(path, &project, &self.args.given)?;
        if self.args.gates.write_baseline {
            for (at, source) in found.sources.iter().enumerate() {
                let own = found.found.iter().filter(|one| one.file.index() == at);
                self.baseline.accept(&**source, &own.cloned().collect::<Vec<_>>());
            }
            return Ok(Exit::Done);
        }
        let judged = judged_in(&policy, &found);
        let breaches = gates.check_findings(&judged);
        for (at, source) in found.sources.iter().enumerate() {
            let own: Vec<Diagnostic> = judged.iter().filter(|one| one.file.index() == at).cloned().collect();
            self.show(source, &own, if at == 0 { &breaches } else { &[] });
        }
        Ok(if breaches.is_empty() { Exit::Done } else { Exit::Gate })
    }

    fn show(&mut self, source: &Source, found: &[Diagnostic], breaches: &[Breach]) {
        // What several builds of a file have is said once.
        let mut first = |found: &&Diagnostic| {
            let place = (found.line.map(|line| line.0), found.span.map(|span| (span.start, span.end)));
            self.said.insert((source.name().to_owned(), found.rule.code, place.0, place.1))
        };
        let found: &[Diagnostic] = &found.iter().filter(&mut first).cloned().collect::<Vec<_>>();
        self.totals.add(found);
        match self.args.format {
            CheckFormat::Text => {
                let text = notices_text(source, found, output::style(&self.args.show));
                let text = defused(&text);
                if !text.is_empty() && !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.text.push_str(&text);
                output::breaches(source.name(), breaches);
            }
            CheckFormat::Github => self.text.push_str(&github(source, found, breaches)),
            CheckFormat::Sarif => self.sarif.add(source, found, breaches),
        }
    }

    /// Notes that not all was looked for that there may be to find in a file.
    fn stopped(&mut self, source: &Source, refusal: &Refusal) {
        self.sarif.fail(source.name(), &refusal.error.message);
        self.is_whole = false;
    }

    /// Says of a file that it could not be checked.
    fn fail(&mut self, path: &Path, failure: &Failure) {
        output::failure(failure);
        let (name, words) = (path.to_string_lossy(), failure.to_string());
        match self.args.format {
            CheckFormat::Text => {}
            CheckFormat::Github => self.text.push_str(&github_failure(&name, &words)),
            CheckFormat::Sarif => self.sarif.fail(&name, &words),
        }
        self.exit = self.exit.max(failure.exit());
        self.is_whole = false;
    }

    fn finish(mut self) -> Result<Exit, Failure> {
        // A baseline without what a file that was not checked holds would not be one.
        if self.is_whole {
            verdict::write_baseline(&self.args.gates, &self.baseline)?;
        }
        if self.args.format == CheckFormat::Text && !self.args.gates.write_baseline {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(&self.totals.line());
        }
        let mut bytes = self.text.into_bytes();
        if self.args.format == CheckFormat::Sarif {
            self.sarif.write(rules::all(), &mut bytes).map_err(Failure::Stream)?;
        }
        output::write(&self.args.show, &bytes)?;
        Ok(self.exit)
    }
}
