//! A profile that grows: what is old counts less, what is new counts as it was seen.

use std::collections::BTreeMap;

use super::statistics::rounded;
use crate::cost::{ClassEntry, FileEntry, LearntFrom, Profile, PullEntry, RunEntry, SlowdownEntry};

/// How much an old sighting counts beside a new one.
const OLD: f64 = 0.5;
/// Logs that a profile remembers by name; of more the oldest are forgotten, not what they taught.
const MOST_LOGS: usize = 100;

/// A profile with what another taught since. Entries of both are weighed by how often they were seen, those of `old` half.
pub fn merge(old: Profile, new: Profile) -> Profile {
    let has_host = old.host == new.host || old.host.is_empty();
    let old = if has_host { old } else { Profile { slowdowns: Vec::new(), ..old } };
    let mut learnt_from: Vec<LearntFrom> = old.learnt_from;
    learnt_from.extend(new.learnt_from);
    let surplus = learnt_from.len().saturating_sub(MOST_LOGS);
    learnt_from.drain(..surplus);
    Profile {
        schema: new.schema,
        host: new.host,
        cores: new.cores,
        overhead_s: rounded(mean((old.overhead_s, OLD), (new.overhead_s, 1.0))),
        settling_s: rounded(mean((old.settling_s, OLD), (new.settling_s, 1.0))),
        size: rounded(geometric((old.size, OLD), (new.size, 1.0))),
        learnt_from,
        classes: merged(
            old.classes,
            new.classes,
            |entry| entry.class,
            |old, new| {
                let weights = (weight(old.seen), new.seen as f64);
                ClassEntry {
                    work: rounded(geometric((old.work, weights.0), (new.work, weights.1))),
                    sigma: old.sigma.max(new.sigma),
                    seen: old.seen + new.seen,
                    ..new
                }
            },
        ),
        slowdowns: merged(
            old.slowdowns,
            new.slowdowns,
            |entry| (entry.class, entry.guest.clone()),
            |old, new| {
                let weights = (weight(old.pairs), new.pairs as f64);
                SlowdownEntry {
                    factor: rounded(geometric((old.factor, weights.0), (new.factor, weights.1)).max(1.0)),
                    sigma: old.sigma.max(new.sigma),
                    pairs: old.pairs + new.pairs,
                    ..new
                }
            },
        ),
        runs: merged(
            old.runs,
            new.runs,
            |entry| (entry.does.clone(), entry.emulated.clone(), entry.foreign.clone()),
            |old, new| {
                let weights = (weight(old.seen), new.seen as f64);
                // What changed between the times it was seen is part of how unsure it is.
                let moved = libm::log(old.cpu_s.max(1e-6) / new.cpu_s.max(1e-6)).abs() / 2.0;
                RunEntry {
                    cpu_s: rounded(geometric((old.cpu_s, weights.0), (new.cpu_s, weights.1))),
                    latency_s: rounded(mean((old.latency_s, weights.0), (new.latency_s, weights.1))),
                    wait_s: rounded(mean((old.wait_s, weights.0), (new.wait_s, weights.1))),
                    sigma: rounded(old.sigma.min(new.sigma).max(moved)),
                    seen: old.seen + new.seen,
                    ..new
                }
            },
        ),
        files: merged(
            old.files,
            new.files,
            |entry| entry.does.clone(),
            |old, new| {
                let weights = (weight(old.seen), new.seen as f64);
                FileEntry {
                    seconds: rounded(mean((old.seconds, weights.0), (new.seconds, weights.1))),
                    wait_s: rounded(mean((old.wait_s, weights.0), (new.wait_s, weights.1))),
                    seen: old.seen + new.seen,
                    ..new
                }
            },
        ),
        pulls: merged(
            old.pulls,
            new.pulls,
            |entry| (entry.image.clone(), entry.platform.clone()),
            |old, new| {
                let weights = (weight(old.seen), new.seen as f64);
                PullEntry {
                    seconds: rounded(mean((old.seconds, weights.0), (new.seconds, weights.1))),
                    seen: old.seen + new.seen,
                    ..new
                }
            },
        ),
    }
}

/// How much what was seen so often counts once it is old.
fn weight(seen: usize) -> f64 {
    seen.max(1) as f64 * OLD
}

/// The entries of both, sorted by their keys.
fn merged<E, K: Ord>(old: Vec<E>, new: Vec<E>, key: impl Fn(&E) -> K, both: impl Fn(E, E) -> E) -> Vec<E> {
    let mut entries: BTreeMap<K, E> = old.into_iter().map(|entry| (key(&entry), entry)).collect();
    for entry in new {
        let at = key(&entry);
        let entry = match entries.remove(&at) {
            Some(old) => both(old, entry),
            None => entry,
        };
        entries.insert(at, entry);
    }
    entries.into_values().collect()
}

fn mean((old, before): (f64, f64), (new, since): (f64, f64)) -> f64 {
    (old * before + new * since) / (before + since)
}

/// Of positive values; zeroes count as a thousandth.
fn geometric((old, before): (f64, f64), (new, since): (f64, f64)) -> f64 {
    libm::exp(mean((libm::log(old.max(1e-3)), before), (libm::log(new.max(1e-3)), since)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Class, SCHEMA};

    fn profile(cpu_s: f64, seen: usize, does: &str) -> Profile {
        let run = RunEntry {
            does: does.into(),
            class: Class::Unknown,
            emulated: None,
            foreign: None,
            cpu_s,
            latency_s: 0.0,
            wait_s: 0.0,
            serial: 1.0,
            sigma: 0.1,
            seen,
        };
        Profile {
            schema: SCHEMA.into(),
            host: "amd64".into(),
            cores: 2.0,
            size: 1.0,
            runs: vec![run],
            ..Profile::default()
        }
    }

    #[test]
    fn what_is_old_counts_less() {
        let grown = merge(profile(10.0, 1, "make"), profile(20.0, 1, "make"));
        assert_eq!((grown.runs.len(), grown.runs[0].seen), (1, 2));
        assert!((15.0..20.0).contains(&grown.runs[0].cpu_s), "{}", grown.runs[0].cpu_s);
        assert!(grown.runs[0].sigma > 0.3, "it moved by a factor of two");
        let both = merge(profile(10.0, 1, "make"), profile(20.0, 1, "cmake"));
        assert_eq!(both.runs.iter().map(|run| &*run.does).collect::<Vec<_>>(), ["cmake", "make"]);
    }
}
