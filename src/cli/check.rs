//! `xsim check`

use std::path::Path;

use super::args::{Check, CheckFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::output;
use super::project::Project;
use crate::advice::{Pricer, appraise};
use crate::analysis::analyze_file;
use crate::dockerfile::{Arena, parse};
use crate::policy::gates::Times;
use crate::policy::{Baseline, Breach, Judged, Notice, notices, rules};
use crate::pricing::{Terms, price};
use crate::report::{Sarif, github, notices_text};
use crate::sim::default_machine;
use crate::source::Source;

pub(super) fn run(args: &Check) -> Result<Exit, Failure> {
    let mut run = Run {
        args,
        exit: Exit::Done,
        text: String::new(),
        sarif: Sarif::default(),
        baseline: Baseline::default(),
    };
    for file in &args.files {
        run.check(file)?;
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
    fn check(&mut self, path: &Path) -> Result<(), Failure> {
        let project = Project::find(path, &self.args.project)?;
        let (policy, gates) = project.policy(&self.args.gates)?;
        let nodes = load::nodes(&project.build(&self.args.build), None)?;
        let source = match load::source(path)? {
            Loaded::Source(source) => source,
            Loaded::TooLarge(source, refusal) => {
                let judged = [Judged::unweighed(Notice::from(&refusal.error))];
                self.exit = Exit::Refused;
                self.show(&source, &judged, &[]);
                return Ok(());
            }
        };
        let arena = Arena::new();
        let file = parse(&source, &arena);
        match analyze_file(&file, &nodes, &arena) {
            Ok(analysis) => {
                let host = nodes.first().map_or_else(load::host_platform, |node| node.host.platform.clone());
                let terms = Terms::new(default_machine(&host));
                let pricer = Pricer::new(terms.clone());
                let findings = appraise(&source, &file, &nodes, &analysis, &pricer);
                let notices = notices(&analysis.warnings, &findings);
                if self.args.gates.write_baseline {
                    self.baseline.accept(&file, notices);
                    return Ok(());
                }
                let judged = policy.judge(&file, notices);
                let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
                let times = if gates.need_times() {
                    let timing = price(&analysis, &terms).map_err(|error| usage(&error))?;
                    Some(Times::of(&analysis, &timing))
                } else {
                    None
                };
                let breaches = gates.check(&analysis, times, &judged).map_err(|error| usage(&error))?;
                if !breaches.is_empty() && self.exit == Exit::Done {
                    self.exit = Exit::Gate;
                }
                self.show(&source, &judged, &breaches);
            }
            Err(refused) => {
                let refusal = &refused.refusal;
                let problems = std::iter::once(&refusal.error).chain(&refusal.others);
                let mut judged: Vec<_> =
                    problems.map(|problem| Judged::unweighed(Notice::from(problem))).collect();
                judged.extend(policy.judge(&file, refused.warnings.iter().map(Notice::from)));
                self.exit = Exit::Refused;
                self.show(&source, &judged, &[]);
            }
        }
        Ok(())
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
        let show = &self.args.show;
        if let (true, Some(path)) = (self.args.gates.write_baseline, &self.args.gates.baseline) {
            let text = self.baseline.to_toml().map_err(|error| Failure::Usage(error.to_string()))?;
            output::write_file(path, text.as_bytes()).map_err(|error| Failure::File(path.clone(), error))?;
        }
        let mut bytes = self.text.into_bytes();
        if self.args.format == CheckFormat::Sarif {
            self.sarif.write(rules::all(), &mut bytes).map_err(Failure::Stream)?;
        }
        output::write(show, &bytes)?;
        Ok(self.exit)
    }
}
