//! `xsim calibrate`

use std::path::{Path, PathBuf};

use super::args::{self, Calibrate};
use super::exit::{Exit, Failure};
use super::logs::Told;
use super::refusal::{analysed, said};
use super::{limit, load, output, terms};
use crate::analysis::Build;
use crate::budget;
use crate::calibrate::{Match, Source, calibrate, matches, merge};
use crate::cost::Profile;
use crate::ingest::ObservedBuild;
use crate::observe::{Belief, believed, matching, prepared, targets};
use crate::pricing::{Terms, price};
use crate::report::escape::toml_visible;
use crate::report::{LogSubject, calibration_text, profile_text};
use crate::source::Source as File;

pub(super) fn run(args: &Calibrate) -> Result<Exit, Failure> {
    let paths: Vec<PathBuf> = args.log.iter().chain(&args.metadata).cloned().collect();
    load::one_standard_input(&paths)?;
    let old = args.update.as_deref().map(terms::profile).transpose()?;
    let limit = limit::of(&args.timeout, None)?;
    let mut told = Told::read(&paths, limit, args.show.color)?;
    if told.builds.is_empty() {
        return Ok(told.exit);
    }
    let _run = budget::start(limit);
    for name in &told.unused {
        output::warn(&format!("{name}: most of its steps are in none of the logs"));
    }
    let Belief { machine, because } = machine(args, &told)?;
    let source =
        args.dockerfile.as_deref().map(|path| load::source(path)?.or_said(args.show.color)).transpose()?;
    let mut exit = Exit::Done;
    let planned = if let Some(source) = source {
        let (planned, fits) = beside(args, source, &machine, &mut told)?;
        exit = if fits { Exit::Done } else { Exit::Gate };
        Some(planned)
    } else {
        told.builds.iter_mut().for_each(|(_, build)| *build = prepared(build, None));
        None
    };
    let sources: Vec<Source<'_>> = told.builds.iter().map(|(name, build)| Source { name, build }).collect();
    let mut profile = calibrate(&sources, &machine);
    let found: Vec<Vec<Match>> = told.builds.iter().map(|(_, build)| matches(build, &machine)).collect();
    let logs: Vec<LogSubject<'_>> =
        told.builds.iter().zip(&found).map(|((_, build), matches)| LogSubject { build, matches }).collect();
    let new = profile.learnt_from.len();
    if let Some(old) = old {
        profile = merge(old, profile);
    }
    profile = profile.within_limits();
    let terms = Terms { profile: Some(profile.clone()), ..Terms::new(machine.clone()) };
    let analysis = planned.as_ref().and_then(|planned| planned.outcome().ok());
    let timing = analysis.map(|analysis| price(analysis, &terms)).transpose();
    let timing = timing.map_err(|error| Failure::Usage(error.to_string()))?;
    if let Some(refusal) = limit::refusal() {
        let log = || paths.first().map_or(Path::new("-"), PathBuf::as_path);
        return Err(match &planned {
            Some(planned) => said(planned.source(), &refusal, args.show.color),
            None => load::said_refused(log(), &refusal, args.show.color),
        });
    }
    let ran_on = match &because {
        Some(because) => format!("{} ({because})", machine.name),
        None => format!("{}, the default of analyze, too: the logs do not say; --machine does", machine.name),
    };
    let first = profile.learnt_from.len().saturating_sub(new);
    let recent = Profile { learnt_from: profile.learnt_from.split_off(first), ..profile.clone() };
    profile.learnt_from.extend(recent.learnt_from.iter().cloned());
    write(args, &profile, &|style| calibration_text(&recent, &logs, timing.as_ref(), &ran_on, style))?;
    Ok(exit.max(told.exit))
}

/// The machine that was named, else the one that the logs tell of. They have to agree.
fn machine(args: &Calibrate, told: &Told) -> Result<Belief, Failure> {
    if let Some(name) = &args.machine {
        let machine = terms::named_machine(name, args.max_parallelism)?;
        return Ok(Belief { machine, because: Some("as it was said".to_owned()) });
    }
    let host = load::host_platform();
    let mut beliefs = told.builds.iter().map(|(name, build)| (name, believed(build, &host)));
    let Some((first, mut belief)) = beliefs.next() else {
        return Err(Failure::Usage("no log tells the times of a build".to_owned()));
    };
    let cores = |belief: &Belief| belief.machine.nodes.first().map_or(0.0, |node| node.cores);
    for (name, other) in beliefs {
        if other.because.is_some() && belief.because.is_none() {
            belief = other;
        } else if other.because.is_some() && (cores(&other) - cores(&belief)).abs() > 0.1 {
            output::warn(&format!(
                "{name} was made on {} cores and {first} on {}: learn from them one by one, with --machine",
                cores(&other),
                cores(&belief)
            ));
        }
    }
    for node in &mut belief.machine.nodes {
        node.max_parallelism = args.max_parallelism.or(node.max_parallelism);
    }
    Ok(belief)
}

/// The build of the Dockerfile, and whether the logs are of it, whose steps are told what they ran. `None` where it cannot
/// be built, which was said.
fn beside(
    args: &Calibrate,
    source: File,
    machine: &crate::sim::Machine,
    told: &mut Told,
) -> Result<(Build, bool), Failure> {
    let mut inputs = args.build.clone();
    if inputs.platform.is_empty() {
        let of_logs = told.builds.iter().map(|(_, build)| targets(build, None));
        inputs.platform = of_logs.max_by_key(Vec::len).unwrap_or_default();
    }
    let nodes = load::nodes(&inputs, Some(machine))?;
    let planned = Build::new(source, nodes);
    let source = planned.source();
    let analysis = analysed(&planned, args.show.color)?;
    let mut fits = false;
    for (name, build) in &mut told.builds {
        let matching = matching(build, &planned, analysis);
        if matching.is_foreign() {
            output::warn(&format!("{name}: not a log of {}", source.name()));
            *build = prepared(build, None);
        } else {
            fits = true;
            *build = prepared(build, Some((analysis, &matching)));
        }
    }
    if !fits {
        output::error(&format!("none of the logs is of {}", source.name()));
    }
    Ok((planned, fits))
}

/// The profile goes to its file and the report to standard output; without a file the profile goes to standard output and
/// the report to standard error.
fn write(
    args: &Calibrate,
    profile: &Profile,
    report: &dyn Fn(crate::report::Style) -> String,
) -> Result<(), Failure> {
    let text = toml_visible(&profile.to_toml());
    if text.len() as u64 > terms::MAX_PROFILE {
        let message =
            format!("the profile exceeds the limit of {} bytes; learn from fewer logs", terms::MAX_PROFILE);
        return Err(Failure::Stream(std::io::Error::other(message)));
    }
    output::write(&args.show, text.as_bytes())?;
    if args.show.output.is_some() {
        let (style, _) = output::stdout_style(args.show.color);
        output::print_text(&report(style))
    } else {
        output::warn_raw(&report(output::error_style(args.show.color)));
        Ok(())
    }
}

/// `xsim profile`
pub(super) fn profile(args: &args::Profile) -> Result<Exit, Failure> {
    let args::ProfileCommand::Show(show) = &args.command;
    let profile = terms::profile(&show.file)?;
    let (style, _) = output::stdout_style(show.color);
    let Some(path) = show.dockerfile.as_deref() else {
        output::print_text(&profile_text(&profile, None, style))?;
        return Ok(Exit::Done);
    };
    let source = load::source(path)?.or_said(show.color)?;
    let machine = believed(&ObservedBuild::default(), &load::host_platform()).machine;
    let build = Build::new(source, load::nodes(&show.build, Some(&machine))?);
    let analysis = analysed(&build, show.color)?;
    let terms = Terms { profile: Some(profile.clone()), ..Terms::new(machine) };
    let timing = price(analysis, &terms).map_err(|error| Failure::Usage(error.to_string()))?;
    output::print_text(&profile_text(&profile, Some(&timing), style))?;
    Ok(Exit::Done)
}
