//! `xsim check`

use std::path::Path;

use super::args::{Check, CheckFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::setup::{Setup, appraised, priced};
use super::{output, verdict};
use crate::policy::{Baseline, Breach, Judged, notices, rules};
use crate::report::{Sarif, github, notices_text};
use crate::source::Source;

pub(super) fn run(args: &Check) -> Result<Exit, Failure> {
    let mut run = Run {
        args,
        exit: Exit::Done,
        text: String::new(),
        sarif: Sarif::default(),
        baseline: Baseline::default(),
    };
    load::one_standard_input(args.input.files())?;
    for file in args.input.files() {
        run.exit = run.exit.max(output::or_unread(run.check(file))?);
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
}

impl Run<'_> {
    fn check(&mut self, path: &Path) -> Result<Exit, Failure> {
        let setup = Setup::in_context(path, self.args.input.context(), &self.args.given)?;
        let (policy, gates) = setup.project.policy(&self.args.gates)?;
        let source = match load::source(path)? {
            Loaded::Source(source) => source,
            Loaded::TooLarge(source, refusal) => {
                self.show(&source, &verdict::refused(&policy, None, &refusal, &[]), &[]);
                return Ok(Exit::Refused);
            }
        };
        let build = setup.build(source);
        let (source, file) = (build.source(), build.file());
        let analysis = match build.outcome() {
            Ok(analysis) => analysis,
            Err(refused) => {
                let judged = verdict::refused(&policy, Some(file), &refused.refusal, &refused.warnings);
                self.show(source, &judged, &[]);
                return Ok(Exit::Refused);
            }
        };
        let terms = setup.terms(path, analysis)?;
        // The range costs most of the time, and only gates look at it.
        let terms = if gates.need_times() { terms } else { terms.without_range() };
        let timing = priced(analysis, &terms)?;
        let findings = appraised(&build, &timing);
        let notices = notices(&analysis.warnings, &findings);
        if self.args.gates.write_baseline {
            self.baseline.accept(file, notices);
            return Ok(Exit::Done);
        }
        let judged = policy.judge(file, notices);
        let breaches = verdict::breaches(&gates, analysis, &timing, &judged)?;
        self.show(source, &judged, &breaches);
        Ok(if breaches.is_empty() { Exit::Done } else { Exit::Gate })
    }

    fn show(&mut self, source: &Source, judged: &[Judged<'_>], breaches: &[Breach]) {
        match self.args.format {
            CheckFormat::Text => {
                let text = notices_text(source, judged, output::style(&self.args.show));
                if !text.is_empty() && !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.text.push_str(&text);
                output::breaches(source.name(), breaches);
            }
            CheckFormat::Github => self.text.push_str(&github(source, judged, breaches)),
            CheckFormat::Sarif => self.sarif.add(source, judged, breaches),
        }
    }

    fn finish(self) -> Result<Exit, Failure> {
        // A baseline without what a file that was not read holds would not be one.
        if self.exit != Exit::Io {
            verdict::write_baseline(&self.args.gates, &self.baseline)?;
        }
        let mut bytes = self.text.into_bytes();
        if self.args.format == CheckFormat::Sarif {
            self.sarif.write(rules::all(), &mut bytes).map_err(Failure::Stream)?;
        }
        output::write(&self.args.show, &bytes)?;
        Ok(self.exit)
    }
}
