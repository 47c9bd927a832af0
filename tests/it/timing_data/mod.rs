//! The builds in `tests/data/timing`, and how one is predicted.

pub(crate) mod forecast;
pub(crate) mod table;

use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::bufread::GzDecoder;
use xsim::calibrate::{Deed, Deeds, Source, calibrate, dependency_plan};
use xsim::cost::priors::LEAST_PULL;
use xsim::cost::{Estimate, Profile, RunEntry};
use xsim::ingest::{ObservedBuild, Record, Subject, read};
use xsim::sim::{Machine, Work, built_in};
use xsim::units::Nanos;

/// One run of one build.
pub(crate) struct Run {
    pub(crate) build: String,
    pub(crate) label: String,
    /// Wall seconds.
    pub(crate) wall: f64,
    /// Target platforms, joined by commas.
    pub(crate) platforms: String,
    /// The file that changed before the run, if one did.
    changed: Option<String>,
    /// Seconds of all pulls, added up.
    base_pull: f64,
    observed: ObservedBuild,
}

impl Run {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.build, self.label)
    }

    /// The project, of which there may be several Dockerfiles.
    pub(crate) fn family(&self) -> &str {
        self.build.split('-').next().unwrap_or_default()
    }

    fn max_parallelism(&self) -> Option<u32> {
        self.label.strip_prefix("mp").and_then(|slots| slots.parse().ok())
    }
}

/// Names a folder with other builds.
const OTHER: &str = "XSIM_TIMING";

/// Whether the builds are not the project's own, for which alone bounds are asserted.
pub(crate) fn is_other_data() -> bool {
    env::var_os(OTHER).is_some()
}

fn data(name: &str) -> PathBuf {
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/timing");
    env::var_os(OTHER).map_or_else(own, PathBuf::from).join(name)
}

/// What a file tells, compressed or not.
fn evidence(name: &str) -> Option<Record> {
    let compressed = File::open(data(&format!("{name}.gz"))).map(|file| GzDecoder::new(BufReader::new(file)));
    let reader: Box<dyn BufRead> = match compressed {
        Ok(reader) => Box::new(BufReader::new(reader)),
        Err(_) => Box::new(BufReader::new(File::open(data(name)).ok()?)),
    };
    Some(read(reader).unwrap())
}

/// Every run in `builds.tsv` of which there is a log, provenance joined.
pub(crate) fn runs() -> Vec<Run> {
    let table = fs::read_to_string(data("builds.tsv")).unwrap();
    table.lines().skip(1).filter_map(run).collect()
}

fn run(line: &str) -> Option<Run> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (build, label) = (fields[0].to_owned(), fields[1].to_owned());
    let Some(mut record) = evidence(&format!("{build}/{label}.rawjson")) else {
        assert!(is_other_data(), "{build} {label} has no log");
        return None;
    };
    record.extend(evidence(&format!("{build}/{label}.metadata.json")).unwrap_or_default());
    record.join();
    let observed = record.builds.remove(0);
    Some(Run {
        build,
        label,
        wall: fields[3].parse().unwrap(),
        platforms: fields[2].to_owned(),
        changed: (!fields[6].is_empty()).then(|| fields[6].to_owned()),
        base_pull: fields[9].parse().unwrap(),
        observed,
    })
}

/// The machine on which the builds ran.
pub(crate) fn machine(max_parallelism: Option<u32>) -> Machine {
    let mut machine = built_in("small").unwrap();
    machine.nodes[0].max_parallelism = max_parallelism;
    machine
}

pub(crate) fn profile_of(sources: &[&Run]) -> Profile {
    let names: Vec<String> = sources.iter().map(|run| run.name()).collect();
    let sources: Vec<Source<'_>> =
        sources.iter().zip(&names).map(|(run, name)| Source { name, build: &run.observed }).collect();
    calibrate(&sources, &machine(None))
}

/// `profile`, learnt from another run of the same Dockerfile, at the pace that the machine had during `target`: by the core-time of
/// the steps that both ran.
pub(crate) fn at_the_pace_of(target: &Run, mut profile: Profile) -> Profile {
    let there = profile_of(&[target]);
    let same =
        |a: &RunEntry, b: &RunEntry| (&a.does, &a.emulated, &a.foreign) == (&b.does, &b.emulated, &b.foreign);
    let both = profile
        .runs
        .iter()
        .filter_map(|run| Some([run.cpu_s, there.runs.iter().find(|other| same(run, other))?.cpu_s]));
    let [then, now] = both.fold([0.0, 0.0], |sum, pair| [sum[0] + pair[0], sum[1] + pair[1]]);
    for run in &mut profile.runs {
        run.cpu_s *= if then > 0.0 { now / then } else { 1.0 };
    }
    profile
}

/// The makespan of a log's own graph and pulls, with all else from a profile.
pub(crate) fn replay(run: &Run, profile: &Profile) -> Nanos {
    let machine = machine(run.max_parallelism());
    let deeds = Deeds::of(&run.observed, &machine.nodes[0]);
    let replay = dependency_plan(&run.observed, |step| {
        let deed = &deeds.0[step.index()];
        if let Deed::Pull { .. } = deed {
            let duration = run.observed.step(step).duration.unwrap_or_default();
            let settling = if duration < LEAST_PULL { 0.0 } else { profile.settling_s };
            return Estimate::pull(duration + Nanos::from_secs_f64(settling), 0.0).work(2.0);
        }
        deed.estimate("amd64", Some(profile), Nanos(30_000_000)).work(2.0)
    });
    replay.makespan(&machine) + Nanos::from_secs_f64(profile.overhead_s)
}

/// Seconds of `target` by a simple model: each step takes one core for as long as it took in `source`, and steps share two
/// cores. The graph and the pulls are those of `target`'s own log.
pub(crate) fn baseline(source: &Run, target: &Run) -> Nanos {
    let known: HashMap<&str, Nanos> = source
        .observed
        .steps
        .iter()
        .filter(|step| step.executed())
        .filter_map(|step| Some((&*step.name, step.duration?)))
        .collect();
    let mut machine = machine(target.max_parallelism());
    machine.nodes[0].crowding = 0.0;
    let plan = dependency_plan(&target.observed, |step| {
        let step = target.observed.step(step);
        let own = step.duration.unwrap_or_default();
        match step.label().subject {
            Subject::From => Work::latency(own),
            _ => Work::cpu(known.get(&*step.name).copied().unwrap_or(own), 1.0),
        }
    });
    plan.makespan(&machine) + Nanos::from_secs_f64(0.1)
}

/// The least and the largest ratio of emulated to native seconds that repeats of some workloads allow.
pub(crate) fn controlled(workloads: &[&str]) -> (f64, f64) {
    let table = fs::read_to_string(data("slowdown.tsv")).unwrap();
    let rows = table.lines().filter(|line| workloads.iter().any(|workload| line.starts_with(workload)));
    rows.map(|row| {
        let number = |at: usize| row.split('\t').nth(at).unwrap().parse::<f64>().unwrap();
        (number(6) / number(4), number(8) / number(2))
    })
    .fold((f64::INFINITY, 0.0), |(least, most), (low, high)| (least.min(low), most.max(high)))
}
