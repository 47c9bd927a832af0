//! `xsim observe`

use std::path::{Path, PathBuf};

use super::args::{Compare, CompareFormat, Disagreements, Observe, ObserveFormat};
use super::exit::{Exit, Failure};
use super::load::{self, Loaded};
use super::logs::Told;
use super::project::Project;
use super::refusal::say_refusal;
use super::{context, limit, locate, logs, output, terms};
use crate::analysis::{Analysis, Build};
use crate::budget::{self, Part};
use crate::dockerfile::ast::Kind;
use crate::dockerfile::{Arena, parse};
use crate::ingest::ObservedBuild;
use crate::observe::{
    Agreement, Belief, Forecast, Matching, Observation, agreement, believed, difference, forecast, matching,
    observe, targets,
};
use crate::pricing::{Terms, needs_context, price};
use crate::report::escape::visible;
use crate::report::picture::timeline_svg;
use crate::report::{
    Beside, DifferenceSubject, ObserveSubject, difference_json, difference_markdown, difference_text,
    observe_html, observe_json, observe_markdown, observe_text, observed_view,
};
use crate::source::Source;

/// Compares two files that are logs; `None` where they are none.
pub(super) fn compare_logs(args: &Compare) -> Result<Option<Exit>, Failure> {
    let [old, new] = args.files.as_slice() else { return Ok(None) };
    let (Some(old), Some(new)) = (logs::build_in(old), logs::build_in(new)) else { return Ok(None) };
    let names = logs::names(&args.files);
    let difference = difference(&old, &new);
    let subject =
        DifferenceSubject { names: [&names[0], &names[1]], builds: [&old, &new], difference: &difference };
    let text = match args.format {
        CompareFormat::Text => difference_text(&subject, output::style(&args.show)),
        CompareFormat::Markdown => difference_markdown(&subject),
        CompareFormat::Json => difference_json(&subject).map_err(|error| Failure::Stream(error.into()))?,
        CompareFormat::Svg | CompareFormat::Html => {
            let message = "two logs are compared as text, markdown or json; observe draws each of them";
            return Err(Failure::Usage(message.to_owned()));
        }
    };
    output::write(&args.show, &output::text(&text))?;
    Ok(Some(Exit::Done))
}

/// What became of one build.
struct Seen {
    name: String,
    build: ObservedBuild,
    observation: Observation,
    belief: Belief,
    beside: Option<Known>,
}

/// The work of the report of a build, and of a step of it: what 256 MB hold is covered.
const BUILD: u64 = 200_000;
const STEP: u64 = 8_000;

/// The Dockerfile of a build.
struct Known {
    file: String,
    is_found: bool,
    matching: Matching,
    agreement: Agreement,
    forecast: Forecast,
}

pub(super) fn run(args: &Observe) -> Result<Exit, Failure> {
    let paths: Vec<PathBuf> = args.logs.iter().chain(&args.metadata).cloned().collect();
    load::one_standard_input(&paths)?;
    let limit = limit::of(args.given.timeout.as_deref(), None)?;
    let told = Told::read(&paths, limit, args.show.color)?;
    if told.builds.is_empty() {
        return Ok(told.exit);
    }
    for name in &told.unused {
        output::warn_raw(&format!("warning: {}: most of its steps are in none of the logs\n", visible(name)));
    }
    let _run = budget::start(limit);
    let steps: usize = told.builds.iter().map(|(_, build)| build.steps.len()).sum();
    budget::spend(Part::Report, BUILD * told.builds.len() as u64 + STEP * steps as u64);
    let mut seen = Vec::new();
    for (name, build) in told.builds {
        let Some(build) = see(args, name, build)? else { return Ok(Exit::Refused) };
        if let Some(refusal) = limit::refusal() {
            load::say_refused(Path::new(&build.name), &refusal, args.show.color)?;
            return Ok(Exit::Refused);
        }
        seen.push(build);
    }
    let subjects: Vec<ObserveSubject<'_>> = seen.iter().map(Seen::subject).collect();
    write(args, &subjects)?;
    Ok(verdict(args, &seen).max(told.exit))
}

/// Whether the log and the graph disagree where that was to make the run fail.
fn verdict(args: &Observe, seen: &[Seen]) -> Exit {
    let Some(Disagreements::Disagreement) = args.fail_on else { return Exit::Done };
    let mut exit = Exit::Done;
    for build in seen {
        let Some(known) = &build.beside else {
            output::error(&format!("{}: no Dockerfile to compare it with", build.name));
            exit = Exit::Gate;
            continue;
        };
        let count = known.agreement.disagreements().count();
        if known.matching.is_foreign() {
            output::error(&format!("{}: not a log of {}", build.name, known.file));
            exit = Exit::Gate;
        } else if count > 0 {
            output::error(&format!("{}: {count} steps differ from the graph of {}", build.name, known.file));
            exit = Exit::Gate;
        }
    }
    exit
}

fn write(args: &Observe, subjects: &[ObserveSubject<'_>]) -> Result<(), Failure> {
    let style = output::style(&args.show);
    let text = match args.format {
        ObserveFormat::Text => {
            let reports: Vec<String> = subjects.iter().map(|subject| observe_text(subject, style)).collect();
            reports.join("\n")
        }
        ObserveFormat::Json => observe_json(subjects).map_err(|error| Failure::Stream(error.into()))?,
        ObserveFormat::Markdown => observe_markdown(subjects),
        ObserveFormat::Html => observe_html(subjects).map_err(|error| Failure::Usage(error.to_string()))?,
        ObserveFormat::Svg => {
            let [one] = subjects else {
                let message = format!("--format svg draws one build, and the logs hold {}", subjects.len());
                return Err(Failure::Usage(message));
            };
            let svg = timeline_svg(&observed_view(one), args.picture.width);
            svg.map_err(|error| Failure::Usage(error.to_string()))?
        }
    };
    output::write(&args.show, &output::text(&text))
}

/// Sees what happened in a build; `None` where its Dockerfile cannot be built, which was said.
fn see(args: &Observe, name: String, build: ObservedBuild) -> Result<Option<Seen>, Failure> {
    let given = args.dockerfile.as_deref().map(locate::dockerfile).transpose()?;
    let found = given.is_none().then(|| named_file(&build)).flatten();
    let is_found = found.is_some();
    let path = given.or(found);
    let project = Project::find(path.as_deref().unwrap_or(Path::new(".")), &args.given.project)?;
    let (mut inputs, time) = project.complete(&args.given)?;
    let asked = project.timeout().filter(|_| args.given.timeout.is_none());
    let _run = asked.map(|time| limit::of(None, Some(time))).transpose()?.map(budget::start);
    let host = match &inputs.node {
        Some(text) => load::platform(text, &load::host_platform())?,
        None => load::host_platform(),
    };
    let belief = match terms::machine(&time).map_err(|failure| project.discreet(failure))? {
        Some(machine) => Belief { machine, because: Some("as it was said".to_owned()) },
        None => believed(&build, &host),
    };
    let Some(path) = path else {
        let observation = observe(&build, &belief.machine, None);
        return Ok(Some(Seen { name, build, observation, belief, beside: None }));
    };
    let source = match load::source(&path)? {
        Loaded::Source(source) => source,
        Loaded::TooLarge(source, refusal) => {
            say_refusal(&source, &refusal, &[], args.show.color);
            return Ok(None);
        }
    };
    if inputs.platform.is_empty() {
        let last = inputs.target.clone().or_else(|| last_stage(&source));
        inputs.platform = targets(&build, last.as_deref());
    }
    let nodes = load::nodes(&inputs, Some(&belief.machine))?;
    let planned = Build::new(source, nodes.clone());
    let source = planned.source();
    let analysis = match planned.outcome() {
        Ok(analysis) => analysis,
        Err(_) if is_found => {
            let observation = observe(&build, &belief.machine, None);
            return Ok(Some(Seen { name, build, observation, belief, beside: None }));
        }
        Err(refused) => {
            say_refusal(source, &refused.refusal, &[], args.show.color);
            return Ok(None);
        }
    };
    let matching = matching(&build, planned.file(), analysis);
    if is_found && matching.is_foreign() {
        // A Dockerfile that happens to lie here.
        let observation = observe(&build, &belief.machine, None);
        return Ok(Some(Seen { name, build, observation, belief, beside: None }));
    }
    let terms = terms::terms(&time, Some(belief.machine.clone()), &nodes);
    let mut terms = terms.map_err(|failure| project.discreet(failure))?;
    if needs_context(analysis) {
        terms.context = context::read(time.context.as_deref(), &path)?;
    }
    let matched = (!matching.is_foreign()).then_some((analysis, &matching));
    let observation = observe(&build, &belief.machine, matched);
    let known = known(source, is_found, &build, analysis, matching, &observation, &terms)?;
    if let Some(refusal) = limit::refusal() {
        say_refusal(source, &refusal, &[], args.show.color);
        return Ok(None);
    }
    Ok(Some(Seen { name, build, observation, belief, beside: Some(known) }))
}

/// The name that steps of the last stage bear in a log.
fn last_stage(source: &Source) -> Option<String> {
    let arena = Arena::new();
    let file = parse(source, &arena);
    let stages = file.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::From(from) => Some(from),
        _ => None,
    });
    let (at, last) = stages.enumerate().last()?;
    Some(last.name.as_ref().map_or_else(|| format!("stage-{at}"), |name| name.text.to_lowercase()))
}

/// What the Dockerfile of a build adds.
fn known(
    source: &Source,
    is_found: bool,
    build: &ObservedBuild,
    analysis: &Analysis,
    matching: Matching,
    observation: &Observation,
    terms: &Terms,
) -> Result<Known, Failure> {
    let timing = price(analysis, terms).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Known {
        file: source.name().to_owned(),
        is_found,
        agreement: agreement(build, analysis, &matching),
        forecast: forecast(observation, &timing),
        matching,
    })
}

/// The Dockerfile that a log names, if it lies below the working folder.
fn named_file(build: &ObservedBuild) -> Option<PathBuf> {
    let path = PathBuf::from(build.dockerfile()?);
    let is_below = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    (is_below && path.is_file()).then_some(path)
}

impl Seen {
    fn subject(&self) -> ObserveSubject<'_> {
        let beside = self.beside.as_ref().map(|known| Beside {
            file: &known.file,
            is_found: known.is_found,
            matching: &known.matching,
            agreement: &known.agreement,
            forecast: &known.forecast,
        });
        ObserveSubject {
            name: &self.name,
            build: &self.build,
            observation: &self.observation,
            belief: &self.belief,
            beside,
        }
    }
}
