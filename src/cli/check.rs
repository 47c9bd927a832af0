//! `xsim check`

use std::path::Path;

use super::args::{Check, CheckFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::select::{self, Task};
use super::setup::{Setup, evaluated, priced};
use super::{limit, output, verdict};
use crate::advice::{lint, rules};
use crate::analysis::Build;
use crate::budget;
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::policy::{Baseline, Breach};
use crate::report::workflow::defused;
use crate::report::{Sarif, Totals, github, github_failure, notices_text};
use crate::source::Source;

pub(super) fn run(args: &Check) -> Result<Exit, Failure> {
    let mut run = Run {
        args,
        exit: Exit::Done,
        text: String::new(),
        sarif: Sarif::default(),
        baseline: Baseline::default(),
        totals: Totals::default(),
        is_whole: true,
    };
    load::one_standard_input(args.input.files())?;
    let tasks = select::tasks(args.input.files(), args.input.context(), &args.given)?;
    for tasks in tasks.chunk_by(|a, b| a.file == b.file) {
        match run.check(tasks) {
            Ok(()) => {}
            // One file that cannot be checked leaves the others their reports.
            Err(failure) if failure.is_of_a_file() => run.fail(&tasks[0].file, &failure),
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
}

/// What was found in one build of a file.
struct Checked {
    build: Option<Build>,
    /// The file, where it was not even read.
    source: Option<Source>,
    found: Vec<Diagnostic>,
    breaches: Vec<Breach>,
    exit: Exit,
    /// Why the work on it came to its end too soon, if it did.
    stopped: Option<Refusal>,
}

impl Default for Checked {
    fn default() -> Self {
        let exit = Exit::Done;
        Self { build: None, source: None, found: Vec::new(), breaches: Vec::new(), exit, stopped: None }
    }
}

impl Run<'_> {
    /// Checks all builds of a file, and says once what several of them have.
    fn check(&mut self, tasks: &[Task]) -> Result<(), Failure> {
        let mut whole: Option<Checked> = None;
        for task in tasks {
            let checked = self.checked(task)?;
            self.exit = self.exit.max(checked.exit);
            match &mut whole {
                None => whole = Some(checked),
                Some(whole) => {
                    let known = |own: &Diagnostic, other: &Diagnostic| {
                        own.rule.code == other.rule.code && (own.line, own.span) == (other.line, other.span)
                    };
                    for finding in checked.found {
                        if !whole.found.iter().any(|own| known(own, &finding)) {
                            whole.found.push(finding);
                        }
                    }
                    whole.breaches.extend(checked.breaches);
                    whole.exit = whole.exit.max(checked.exit);
                    whole.stopped = whole.stopped.take().or(checked.stopped);
                }
            }
        }
        if let Some(Checked { build, source, found, breaches, exit, stopped }) = whole {
            let source = source.as_ref().or(build.as_ref().map(Build::source));
            if let (true, Some(build), true) = (self.args.gates.write_baseline, &build, exit != Exit::Refused)
            {
                self.baseline.accept(build.file(), &found);
            } else if let Some(source) = source {
                self.show(source, &found, &breaches);
                if let Some(refusal) = stopped {
                    self.stopped(source, &refusal);
                }
            }
        }
        Ok(())
    }

    fn checked(&self, task: &Task) -> Result<Checked, Failure> {
        let setup = Setup::in_context(&task.file, task.context.as_deref(), &task.given)?;
        let (policy, gates) = setup.project.policy(&self.args.gates, &["error"])?;
        let _run = budget::start(setup.limit);
        let refused = |source, found| Checked { source, found, exit: Exit::Refused, ..Checked::default() };
        let source = match load::source(&task.file)? {
            Loaded::Source(source) => source,
            Loaded::TooLarge(source, refusal) => {
                return Ok(refused(Some(source), verdict::with_errors(&refusal, Vec::new())));
            }
        };
        let build = setup.build(source);
        let analysis = match build.outcome() {
            Ok(analysis) => analysis,
            Err(error) => {
                let found = policy.judge(build.file(), lint(&build));
                let found = verdict::with_errors(&error.refusal, found);
                let stopped = limit::refusal();
                return Ok(Checked { build: Some(build), stopped, ..refused(None, found) });
            }
        };
        let terms = setup.terms(&task.file, analysis)?;
        // The range costs most of the time, and only gates look at it.
        let terms = if gates.need_times() { terms } else { terms.without_range() };
        let timing = priced(analysis, &terms)?;
        let found = evaluated(&setup, &build, &timing);
        if let Some(refusal) = limit::refusal() {
            let found = verdict::with_errors(&refusal, Vec::new());
            return Ok(Checked { build: Some(build), stopped: Some(refusal), ..refused(None, found) });
        }
        if self.args.gates.write_baseline {
            return Ok(Checked { build: Some(build), found, ..Checked::default() });
        }
        let found = policy.judge(build.file(), found);
        let breaches = verdict::breaches(&gates, analysis, &timing, &found)?;
        let exit = if breaches.is_empty() { Exit::Done } else { Exit::Gate };
        Ok(Checked { build: Some(build), found, breaches, exit, ..Checked::default() })
    }

    fn show(&mut self, source: &Source, found: &[Diagnostic], breaches: &[Breach]) {
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
