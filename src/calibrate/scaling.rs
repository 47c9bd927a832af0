//! How far classes of work scale: learnt where the same steps ran under different contention.
//!
//! One log cannot tell a step with much work on two cores from one with half of it on one. Of two logs, in which the step ran
//! alone and in a crowd, only the right serial part finds the same work in both.

use std::collections::{BTreeMap, BTreeSet};

use crate::cost::{Class, Estimate, priors};
use crate::sim::Machine;

use super::deed::{Deed, Deeds};
use super::learn::Source;
use super::replay::remove_contention;

/// Serial parts that are tried.
const CANDIDATES: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Two sightings of the same work differ by this for other reasons, as the standard deviation of the logarithm.
///
/// Source: `tests/data/timing/README.md`, 1 to 3 % back to back and up to 20 % minutes apart.
const NOISE: f64 = 0.1;

/// How far the default may lie from the truth, as a standard deviation.
const DEFAULT_SIGMA: f64 = 0.25;

/// The serial parts of the classes of which some step was seen in several builds: the candidate that is likeliest, with the
/// default counting as one more observation. Classes for which nothing beats the default are left out.
///
/// # Complexity
///
/// Five removals of contention for each build and class.
pub(super) fn serial_parts(
    sources: &[(Source<'_>, Deeds)],
    machine: &Machine,
    estimate: impl Fn(&Deed) -> Estimate,
) -> BTreeMap<Class, f64> {
    let mut learnt = BTreeMap::new();
    for class in repeated_classes(sources) {
        let default = priors::prior(class).serial;
        let loss = |serial: f64| {
            let with = |deed: &Deed| {
                let estimate = estimate(deed);
                if estimate.class == class { Estimate { serial, ..estimate } } else { estimate }
            };
            disagreement(sources, machine, class, with) / NOISE.powi(2)
                + ((serial - default) / DEFAULT_SIGMA).powi(2)
        };
        let best =
            CANDIDATES.into_iter().map(|serial| (loss(serial), serial)).min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((least, serial)) = best
            && least < loss(default)
        {
            learnt.insert(class, serial);
        }
    }
    learnt
}

/// Classes that can use several cores and of which a step was seen in two builds.
fn repeated_classes(sources: &[(Source<'_>, Deeds)]) -> BTreeSet<Class> {
    let mut first_seen: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut repeated = BTreeSet::new();
    for (at, (source, deeds)) in sources.iter().enumerate() {
        for (step, deed) in source.build.steps.iter().zip(&deeds.0) {
            let Deed::Run { signature, emulated, .. } = deed else { continue };
            if !step.executed() || priors::prior(signature.class()).serial >= 1.0 {
                continue;
            }
            if *first_seen.entry((signature.text(), emulated.as_deref())).or_insert(at) != at {
                repeated.insert(signature.class());
            }
        }
    }
    repeated
}

/// Sum of the squares by which the logarithms of the work of steps of `class` differ from their mean, each step by itself.
fn disagreement(
    sources: &[(Source<'_>, Deeds)],
    machine: &Machine,
    class: Class,
    estimate: impl Fn(&Deed) -> Estimate,
) -> f64 {
    let mut sightings: BTreeMap<(&str, Option<&str>), Vec<f64>> = BTreeMap::new();
    for (source, deeds) in sources {
        for (step, work) in remove_contention(source.build, deeds, &estimate, machine) {
            let Deed::Run { signature, emulated, .. } = &deeds.0[step.index()] else { continue };
            if signature.class() == class {
                let key = (signature.text(), emulated.as_deref());
                sightings.entry(key).or_default().push(libm::log(work.cpu.as_secs_f64().max(1e-3)));
            }
        }
    }
    let of_step = |logs: &Vec<f64>| {
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>()
    };
    sightings.values().map(of_step).sum()
}

#[cfg(test)]
mod tests {
    use crate::calibrate::{Source, calibrate};
    use crate::ingest::{Interval, ObservedBuild, ObservedStep, Outcome};
    use crate::sim::built_in;
    use crate::units::Nanos;

    /// A build in which `go build` ran so often at once, for so many seconds.
    fn build(at_once: usize, seconds: u64) -> ObservedBuild {
        let end = Nanos(seconds * 1_000_000_000);
        let step = |at: usize| ObservedStep {
            name: format!("[linux/amd64 b{at} 2/2] RUN go build ./...").into(),
            intervals: vec![Interval { start: Nanos::ZERO, end }],
            duration: Some(end),
            outcome: Outcome::Done,
            ..ObservedStep::default()
        };
        ObservedBuild { steps: (0..at_once).map(step).collect(), ..ObservedBuild::default() }
    }

    fn serial(alone: u64, beside_another: u64) -> f64 {
        let (alone, beside) = (build(1, alone), build(2, beside_another));
        let sources = [Source { name: "a", build: &alone }, Source { name: "b", build: &beside }];
        calibrate(&sources, &built_in("small").unwrap()).runs[0].serial
    }

    #[test]
    fn steps_that_suffer_in_a_crowd_were_parallel() {
        assert!(serial(15, 30) <= 0.25, "twice as fast alone");
        assert!(serial(28, 30) >= 0.5, "one core is all they use, though the default says otherwise");
    }
}
