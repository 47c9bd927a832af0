//! `xsim scan`

mod known;
mod progress;
mod sink;
mod source;

use std::num::NonZero;
use std::thread::available_parallelism;

use self::known::Known;
use self::progress::Progress;
use self::sink::Sink;
use self::source::{Unit, units};
use super::args::Scan;
use super::exit::{Exit, Failure};
use super::{limit, load, terms};
use crate::model::platform::Platform;
use crate::scan::{Columns, Job, Row, Settings, analyze, ordered};

pub(super) fn run(args: &Scan) -> Result<Exit, Failure> {
    let settings = settings(args)?;
    let columns =
        Columns { text: args.column.clone(), key: args.key.clone(), repository: args.repository.clone() };
    let known = args.resume.as_deref().map(|path| Known::open(path, &settings)).transpose()?;
    let units = units(&args.paths, &columns)?;
    let mut sink = Sink::new(args)?;
    let mut progress = Progress::new();
    let threads = args.threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
    let work = |unit: Unit| {
        let done = unit.done;
        let row = |job: Job| row_of(job, &settings, known.as_ref());
        let rows: Vec<Result<Row, Failure>> = unit.jobs(&columns, &settings).into_iter().map(row).collect();
        (rows, done)
    };
    let result = ordered(units, threads, work, |(rows, done)| {
        progress.add(rows.len(), done);
        rows.into_iter().try_for_each(|row| sink.add(&row?))
    });
    progress.end();
    if let Err(failure) = result {
        return sink::or_read_enough(failure);
    }
    sink.finish()
}

/// The row of a job: as it is remembered, else as it is worked out.
fn row_of(job: Job, settings: &Settings, known: Option<&Known>) -> Result<Row, Failure> {
    let Some(known) = known else { return Ok(analyze(job, settings)) };
    let key = job.key(&known.settings);
    if let Some(row) = known.row(&key) {
        return Ok(job.named(row));
    }
    let row = analyze(job, settings);
    known.add(&key, &row)?;
    Ok(row)
}

fn settings(args: &Scan) -> Result<Settings, Failure> {
    let host = Platform::linux("amd64");
    let build_platform =
        args.build_platform.as_deref().map(|text| load::platform(text, &host)).transpose()?;
    let platforms: Vec<String> =
        args.platform.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
    for text in &platforms {
        load::platform(text, build_platform.as_ref().unwrap_or(&host))?;
    }
    Ok(Settings {
        platforms,
        build_platform,
        machine: args.machine.as_deref().map(|name| terms::named_machine(name, None)).transpose()?,
        profile: args.profile.as_deref().map(terms::profile).transpose()?,
        limit: limit::of(&args.timeout, None)?,
    })
}
