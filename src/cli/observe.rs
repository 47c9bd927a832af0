//! `xsim observe`

use std::path::{Path, PathBuf};

use super::args::{BuildArgs, Compare, CompareFormat, Disagreements, Observe, ObserveFormat};
use super::exit::{Exit, Failure};
use super::logs::Told;
use super::project::Project;
use super::refusal::{analysed, within_limit};
use super::{context, definition, limit, load, locate, logs, output, setup, terms};
use crate::analysis::Build;
use crate::budget::{self, Part};
use crate::dockerfile::ast::Kind;
use crate::dockerfile::{Arena, parse};
use crate::ingest::ObservedBuild;
use crate::observe::{
    Agreement, Belief, Forecast, Matching, Observation, agreement, believed, difference, forecast, matching,
    observe, targets,
};
use crate::pricing::{needs_context, price};
use crate::report::escape::visible;
use crate::report::picture::timeline_svg;
use crate::report::{
    Beside, DifferenceSubject, ObserveSubject, difference_json, difference_markdown, difference_text,
    observe_html, observe_json, observe_markdown, observe_text, observed_view,
};
use crate::sim::Machine;
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

/// The Dockerfile of a build, or the targets of a definition.
struct Known {
    planned: Build,
    is_found: bool,
    matching: Matching,
    agreement: Agreement,
    forecast: Forecast,
}

pub(super) fn run(args: &Observe) -> Result<Exit, Failure> {
    let paths: Vec<PathBuf> = args.logs.iter().chain(&args.metadata).cloned().collect();
    load::one_standard_input(&paths)?;
    let limit = limit::of(&args.given.timeout, None)?;
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
        let build = see(args, name, build)?;
        if let Some(refusal) = limit::refusal() {
            return Err(load::said_refused(Path::new(&build.name), &refusal, args.show.color));
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
        let (file, count) = (known.planned.name(), known.agreement.disagreements().count());
        if known.matching.is_foreign() {
            output::error(&format!("{}: not a log of {file}", build.name));
            exit = Exit::Gate;
        } else if count > 0 {
            output::error(&format!("{}: {count} steps differ from the graph of {file}", build.name));
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
fn see(args: &Observe, name: String, build: ObservedBuild) -> Result<Seen, Failure> {
    let given = args.dockerfile.as_deref().map(locate::dockerfile).transpose()?;
    let is_said = given.is_some() || args.bake.is_some();
    let found = if is_said { None } else { named_file(&build) };
    let is_found = found.is_some();
    let path = args.bake.clone().or(given).or(found);
    let project = Project::find(path.as_deref().unwrap_or(Path::new(".")), &args.given.project)?;
    let (inputs, time) = project.complete(&args.given)?;
    let _run = match project.timeout() {
        Some(written) => Some(budget::start(limit::of(&args.given.timeout, Some(written))?)),
        None => None,
    };
    let host = match &inputs.node {
        Some(text) => load::platform(text, &load::host_platform())?,
        None => load::host_platform(),
    };
    let belief = match terms::machine(&time).map_err(|failure| project.discreet(failure))? {
        Some(machine) => Belief { machine, because: Some("as it was said".to_owned()) },
        None => believed(&build, &host),
    };
    let alone = |name, build, belief: Belief| {
        let observation = observe(&build, &belief.machine, None);
        Seen { name, build, observation, belief, beside: None }
    };
    let Some(path) = path else { return Ok(alone(name, build, belief)) };
    let planned = planned(args, &path, inputs, &build, &belief.machine)?;
    if is_found && planned.outcome().is_err() {
        return Ok(alone(name, build, belief));
    }
    let analysis = analysed(&planned, args.show.color)?;
    let matching = matching(&build, &planned, analysis);
    if is_found && matching.is_foreign() {
        // A Dockerfile that happens to lie here.
        return Ok(alone(name, build, belief));
    }
    let terms = terms::terms(&time, Some(belief.machine.clone()), &[]);
    let mut terms = terms.map_err(|failure| project.discreet(failure))?;
    if needs_context(analysis) {
        terms.contexts = context::read(time.context.as_deref(), &path, &planned)?;
    }
    let matched = (!matching.is_foreign()).then_some((analysis, &matching));
    let observation = observe(&build, &belief.machine, matched);
    let timing = price(analysis, &terms).map_err(|error| Failure::Usage(error.to_string()))?;
    let agreement = agreement(&build, analysis, &matching);
    let forecast = forecast(&observation, &timing);
    within_limit(planned.source(), args.show.color)?;
    let known = Known { planned, is_found, matching, agreement, forecast };
    Ok(Seen { name, build, observation, belief, beside: Some(known) })
}

/// What was built: a Dockerfile, for the platforms that the log shows where none are said, or the targets of a definition.
fn planned(
    args: &Observe,
    path: &Path,
    mut inputs: BuildArgs,
    build: &ObservedBuild,
    machine: &Machine,
) -> Result<Build, Failure> {
    if let Some((file, target)) = args.bake.as_deref().and_then(definition::parts) {
        let color = args.show.color;
        return setup::defined(file, target, &inputs, Some(machine), color)?.or_said(color);
    }
    let source = load::source(path)?.or_said(args.show.color)?;
    if inputs.platform.is_empty() {
        let last = inputs.target.clone().or_else(|| last_stage(&source));
        inputs.platform = targets(build, last.as_deref());
    }
    Ok(Build::new(source, load::nodes(&inputs, Some(machine))?))
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
            build: &known.planned,
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
