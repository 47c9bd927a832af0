//! The builds in `tests/data/timing`, and how one is predicted.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data should stop")]

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;

use flate2::bufread::GzDecoder;
use xsim::calibrate::{Deed, Deeds, Source, calibrate, dependency_plan};
use xsim::cost::Profile;
use xsim::ingest::{Evidence, ObservedBuild, read};
use xsim::sim::{Machine, built_in};
use xsim::units::Nanos;

/// One run of one build.
pub(crate) struct Run {
    pub(crate) build: String,
    pub(crate) label: String,
    /// Wall seconds.
    pub(crate) wall: f64,
    pub(crate) observed: ObservedBuild,
}

impl Run {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.build, self.label)
    }

    fn max_parallelism(&self) -> Option<u32> {
        self.label.strip_prefix("mp").and_then(|slots| slots.parse().ok())
    }
}

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/timing").join(name)
}

fn evidence(name: &str) -> Option<Evidence> {
    let file = File::open(data(name)).ok()?;
    let reader = BufReader::new(GzDecoder::new(BufReader::new(file)));
    Some(read(reader).unwrap())
}

/// Every run in `builds.tsv`, provenance joined.
pub(crate) fn runs() -> Vec<Run> {
    let table = fs::read_to_string(data("builds.tsv")).unwrap();
    table
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let (build, label) = (fields[0].to_owned(), fields[1].to_owned());
            let Some(Evidence::Build(mut observed)) = evidence(&format!("{build}/{label}.rawjson.gz")) else {
                panic!("{build} {label} has no log")
            };
            if let Some(Evidence::Provenance(provenance)) =
                evidence(&format!("{build}/{label}.metadata.json.gz"))
            {
                observed.join(&provenance);
            }
            Run { build, label, wall: fields[3].parse().unwrap(), observed }
        })
        .collect()
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

/// The makespan of `target`: its own graph and pulls, all else from `profile` or the defaults.
pub(crate) fn predict(target: &Run, profile: Option<&Profile>) -> Nanos {
    let machine = machine(target.max_parallelism());
    let deeds = Deeds::of(&target.observed, &machine.nodes[0]);
    let replay = dependency_plan(&target.observed, |step| {
        let deed = &deeds.0[step.index()];
        if let Deed::Pull { .. } = deed {
            return xsim::work::Work::latency(target.observed.step(step).duration.unwrap_or_default());
        }
        deed.estimate("amd64", profile, Nanos(30_000_000)).work(2.0)
    });
    let overhead = profile.map_or(0.1, |profile| profile.overhead_s);
    replay.makespan(&machine) + Nanos::from_secs_f64(overhead)
}
