//! From a text and how it is built to a row.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest as _, Sha256};

use super::{Found, Row};
use crate::advice::{Pricer, evaluate_timed};
use crate::analysis::{Analysis, Build, NodeInputs, nodes_of};
use crate::budget::{self, Limit};
use crate::cost::{Basis, Profile};
use crate::diagnostic::{Diagnostic, Severity};
use crate::graph::Refusal;
use crate::graph::emulate::Host;
use crate::model::inputs::{Inputs, NamedContext};
use crate::model::platform::Platform;
use crate::pricing::{Terms, Timing, price};
use crate::sim::{Machine, MonteCarlo, built_in, default_machine};
use crate::source::Source;
use crate::units::Nanos;

/// What a row says of a rule's words, in characters, at most.
const MAX_MESSAGE: usize = 400;

/// What holds for all builds of a scan.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The platforms of what no pipeline builds, as typed.
    pub platforms: Vec<String>,
    /// The platform of the node that builds; without one that of the machine that a pipeline names, else `linux/amd64`, so that
    /// a scan says the same on every computer.
    pub build_platform: Option<Platform>,
    /// The machine; without one that which a pipeline names, else the runner of the build platform.
    pub machine: Option<Machine>,
    /// What was learnt from real builds.
    pub profile: Option<Profile>,
    /// What the work on one build may take.
    pub limit: Limit,
}

impl Default for Settings {
    fn default() -> Self {
        let limit = Limit::Work(budget::WORK);
        Self { platforms: Vec::new(), build_platform: None, machine: None, profile: None, limit }
    }
}

/// How one text is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Target platforms; none is the build platform.
    pub platforms: Vec<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments.
    pub arguments: Vec<(String, String)>,
    /// Named contexts.
    pub contexts: Vec<(String, String)>,
    /// The platform of the machine that the pipeline names.
    pub build_platform: Option<String>,
    /// A built-in machine that the pipeline names.
    pub machine: Option<String>,
}

/// A build that is to become a row.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// See [`Row::repository`].
    pub repository: String,
    /// See [`Row::file`].
    pub file: String,
    /// See [`Row::place`].
    pub place: String,
    /// The Dockerfile; `None` where which it is is unknown.
    pub text: Option<Vec<u8>>,
    /// How it is built.
    pub asked: Asked,
    /// See [`Row::unknown`].
    pub unknown: Vec<String>,
    /// Why there is no text to build.
    pub error: Option<String>,
}

impl Job {
    /// A text that no pipeline builds.
    pub fn of_text(repository: &str, key: &str, place: &str, text: Vec<u8>, settings: &Settings) -> Self {
        Self {
            repository: repository.to_owned(),
            file: key.to_owned(),
            place: place.to_owned(),
            text: Some(text),
            asked: Asked { platforms: settings.platforms.clone(), ..Asked::default() },
            ..Self::default()
        }
    }

    /// What the row depends on besides the names in it: the program, the settings, how the text is built and the text.
    pub fn key(&self, settings: &Settings) -> [u8; 32] {
        let mut hash = Sha256::new();
        let how = format!(
            "{} {settings:?} {:?} {:?} {:?}",
            env!("CARGO_PKG_VERSION"),
            self.asked,
            self.unknown,
            self.error
        );
        hash.update((how.len() as u64).to_le_bytes());
        hash.update(how);
        hash.update(self.text.as_deref().unwrap_or_default());
        hash.finalize().into()
    }

    /// The same row under the names of this job.
    pub fn named(&self, row: Row) -> Row {
        Row { repository: self.repository.clone(), file: self.file.clone(), place: self.place.clone(), ..row }
    }
}

/// What is known of a build. Never fails: what cannot be read or built is a row with its error.
pub fn analyze(job: Job, settings: &Settings) -> Row {
    let mut row = job.named(Row {
        target: job.asked.target.clone(),
        platforms: job.asked.platforms.clone(),
        unknown: job.unknown.clone(),
        error: job.error.clone(),
        ..Row::default()
    });
    let Some(text) = job.text.filter(|_| row.error.is_none()) else { return row };
    row.hash = hex(&Sha256::digest(&text));
    let known = row.clone();
    let _run = budget::start(settings.limit);
    // A panic is a bug of xsim, and no reason to lose the rows of other files; where a panic ends the program, it does.
    let measured = catch_unwind(AssertUnwindSafe(|| measure(&mut row, text, &job.asked, settings)));
    let error = match measured {
        Ok(Ok(())) => budget::exceeded().map(|exceeded| exceeded.to_string()),
        Ok(Err(why)) => Some(why),
        Err(_) => Some("xsim stopped at a bug of its own; please report the file".to_owned()),
    };
    // Numbers of which a part is missing are none.
    match error {
        None => row,
        // What is not known may be what makes the file one that can be built.
        Some(error) if !known.unknown.is_empty() => {
            let unknown = known.unknown.iter().cloned().chain([format!("whether it can be built: {error}")]);
            Row { unknown: unknown.collect(), ..known }
        }
        Some(error) => Row { error: Some(error), ..known },
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn measure(row: &mut Row, text: Vec<u8>, asked: &Asked, settings: &Settings) -> Result<(), String> {
    let source = Source::new(row.file.as_str(), text).map_err(|error| error.to_string())?;
    let (build, terms) = build(source, asked, settings)?;
    let nodes = build.nodes().iter().flat_map(|node| &node.builds);
    row.platforms = nodes.flat_map(|build| build.inputs.targets()).map(ToString::to_string).collect();
    let analysis = build.outcome().map_err(|refused| refusal(&refused.refusal))?;
    let timing = price(analysis, &terms).map_err(|error| error.to_string())?;
    count(row, analysis);
    time(row, &timing);
    for found in evaluate_timed(&build, &Pricer::as_shown(&timing), &timing) {
        if found.counts() {
            row.wrong_images += u32::from(found.severity == Severity::Error && !found.rule.stops_build());
            row.findings.push(said(&found));
        }
    }
    Ok(())
}

/// A text as it is built, and what it is priced with, in one thread.
///
/// # Errors
/// Where the text is asked for in a way that means nothing.
pub fn build(source: Source, asked: &Asked, settings: &Settings) -> Result<(Build, Terms), String> {
    let (nodes, machine) = nodes(asked, settings)?;
    let mut terms = Terms::new(machine);
    terms.profile.clone_from(&settings.profile);
    terms.monte_carlo = MonteCarlo { threads: Some(std::num::NonZero::<usize>::MIN), ..terms.monte_carlo };
    Ok((Build::new(source, nodes), terms))
}

fn refusal(refusal: &Refusal) -> String {
    let error = &refusal.error;
    match error.line {
        Some(line) => format!("line {line}: {}", error.message),
        None => error.message.clone(),
    }
}

/// The nodes of the builder, and the machine they are of.
fn nodes(asked: &Asked, settings: &Settings) -> Result<(Vec<NodeInputs>, Machine), String> {
    let machine = settings.machine.clone().or_else(|| match settings.build_platform {
        Some(_) => None,
        None => built_in(asked.machine.as_deref()?),
    });
    let default = Platform::linux("amd64");
    let native = machine.as_ref().and_then(|machine| machine.nodes.first()?.native.first());
    let parse = |text: &str, host: &Platform| Platform::parse(text, host).map_err(|error| error.to_string());
    let host = match (&settings.build_platform, native, &asked.build_platform) {
        (Some(platform), _, _) => platform.clone(),
        (_, Some(native), _) => native.clone(),
        (_, _, Some(text)) => parse(text, &default)?,
        _ => default,
    };
    let targets: Vec<Platform> =
        asked.platforms.iter().map(|text| parse(text.trim(), &host)).collect::<Result<_, _>>()?;
    let inputs = |native: &Platform, own: &[Platform]| inputs(asked, native, own);
    if let Some(machine) = machine {
        return Ok((nodes_of(&machine, &host, &targets, inputs)?, machine));
    }
    let machine = default_machine(&host);
    Ok((vec![NodeInputs { name: None, inputs: inputs(&host, &targets)?, host: Host::new(host) }], machine))
}

fn inputs(asked: &Asked, native: &Platform, targets: &[Platform]) -> Result<Inputs, String> {
    let mut inputs = Inputs::new(native.clone(), targets).map_err(|error| error.to_string())?;
    inputs.stage.clone_from(&asked.target);
    inputs.build_args = asked.arguments.iter().cloned().collect();
    for (name, value) in &asked.contexts {
        inputs.contexts.push(NamedContext::of(name, value).map_err(|error| error.to_string())?);
    }
    Ok(inputs)
}

fn count(row: &mut Row, analysis: &Analysis) {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    for node in &analysis.nodes {
        let summary = node.summary();
        row.steps += number(summary.vertices);
        row.runs += number(summary.commands);
        row.emulated += number(summary.emulated + summary.mixed);
    }
}

fn time(row: &mut Row, timing: &Timing<'_>) {
    let total = timing.total;
    (row.p10_s, row.p50_s, row.p90_s) =
        (Some(seconds(total.p10)), Some(seconds(total.p50)), Some(seconds(total.p90)));
    row.emulation_s = seconds(timing.losses.emulation);
    row.repeated_s = seconds(timing.losses.repeated);
    let lost = timing.plan.indices().map(|task| {
        let repeats = timing.plan.task(task).repeats.is_some();
        if repeats { timing.core_time(task) } else { timing.emulation(task) }
    });
    row.lost_s = seconds(lost.sum());
    let guessed = timing.of_basis(Basis::Unknown).count();
    if guessed > 0 {
        row.unknown.push(format!("what {guessed} commands do"));
    }
}

fn said(found: &Diagnostic) -> Found {
    Found {
        rule: found.rule.code.to_owned(),
        severity: found.severity.as_str().to_owned(),
        line: found.line.map(|line| line.0),
        message: found.message.chars().take(MAX_MESSAGE).collect(),
        saving_s: found.saving.as_ref().and_then(|saving| saving.time()).map(seconds),
        is_fixable: found.fix.is_some(),
    }
}

fn seconds(time: Nanos) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}
