//! From steps that were measured to steps that were not: the use of a [`Profile`].

use crate::shell::SimpleCommand;
use crate::units::{Bytes, Nanos};

use super::class::Class;
use super::estimate::{Basis, Estimate, Execution, Unknown};
use super::known::Known;
use super::priors::prior;
use super::profile::{FileEntry, Profile, RunEntry};
use super::run::estimate_run;
use super::signature::Signature;
use super::slowdown::{Factor, slowdown};

/// Steps at least this alike, of one class, are taken to do the same amount of work.
const ALIKE: f64 = 0.6;

/// How far the work of steps that are only alike may differ, as the standard deviation of the logarithm.
const ALIKE_SIGMA: f64 = 0.4;

impl Profile {
    /// The estimate of a `RUN`: from the best that was measured, else from what was learnt of its classes, else from their
    /// defaults.
    pub fn run(
        &self,
        signature: &Signature,
        commands: &[SimpleCommand<'_>],
        execution: Execution<'_>,
        known: &Known<'_>,
    ) -> Estimate {
        let known = &Known { profile: Some(self), ..*known };
        let default = estimate_run(commands, execution, known);
        let exact = self.nearest(execution, |run| run.does == signature.text());
        if let Some(run) = exact {
            return self.converted(run, commands, execution, &default);
        }
        let alike = |run: &RunEntry| {
            (run.class == signature.class())
                .then(|| signature.similarity(&run.does))
                .filter(|&alike| alike >= ALIKE)
        };
        let best = self.runs.iter().filter_map(alike).fold(0.0, f64::max);
        match self.nearest(execution, |run| alike(run).is_some_and(|alike| alike >= best)) {
            Some(run) if best > 0.0 => {
                let estimate = self.converted(run, commands, execution, &default);
                Estimate {
                    sigma: libm::hypot(estimate.sigma, ALIKE_SIGMA),
                    basis: Basis::Similar,
                    ..estimate
                }
            }
            _ => default,
        }
    }

    /// A file step that was measured.
    pub fn file(&self, does: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.does == does)
    }

    /// How long an image takes to get and unpack, if it was measured: for this platform, else for any.
    pub fn pull(&self, image: &str, platform: &str) -> Option<Nanos> {
        let of_image = || self.pulls.iter().filter(|pull| pull.image == image);
        let pull = of_image().find(|pull| pull.platform == platform).or_else(|| of_image().next())?;
        Some(Nanos::from_secs_f64(pull.seconds))
    }

    /// The work of a class as a multiple of its default, and the spread of its logarithm.
    pub fn class(&self, class: Class) -> (f64, f64) {
        let default = prior(class).sigma;
        match self.classes.iter().find(|entry| entry.class == class) {
            Some(entry) => (entry.work, entry.sigma),
            None if class.grows_with_project() => (self.size, default),
            None => (1.0, default),
        }
    }

    /// Whether the work of a class was seen.
    pub fn has_learnt(&self, class: Class) -> bool {
        self.classes.iter().any(|entry| entry.class == class)
    }

    /// The slow-down of a class: learnt, else the default.
    pub fn slowdown(&self, class: Class, guest: &str, host: &str) -> Factor {
        let learnt = self.slowdowns.iter().find(|entry| entry.class == class && entry.guest == guest);
        match learnt {
            Some(entry) if self.host == host => Factor { median: entry.factor.max(1.0), sigma: entry.sigma },
            _ => slowdown(class, guest, host),
        }
    }

    /// Of the entries that `fit`, the one executed most like `execution`.
    fn nearest(&self, execution: Execution<'_>, fit: impl Fn(&RunEntry) -> bool) -> Option<&RunEntry> {
        let (wanted, foreign) = (emulated(execution), foreign(execution));
        let distance = |run: &&RunEntry| match (run.emulated.as_deref(), wanted) {
            (None, None) if run.foreign.as_deref() == foreign => 0,
            (None, None) if run.foreign.is_none() => 1,
            (None, None) => 2,
            (ours, theirs) if ours == theirs => 0,
            (None, Some(_)) => 1 + u8::from(run.foreign.is_some()),
            (Some(_), Some(_)) => 3,
            (Some(_), None) => 4,
        };
        self.runs.iter().filter(|run| fit(run)).min_by_key(distance)
    }

    /// The estimate of a step that did the same as `run`, perhaps executed another way.
    fn converted(
        &self,
        run: &RunEntry,
        commands: &[SimpleCommand<'_>],
        execution: Execution<'_>,
        default: &Estimate,
    ) -> Estimate {
        let same =
            run.emulated.as_deref() == emulated(execution) && run.foreign.as_deref() == foreign(execution);
        let host = host(execution, &self.host);
        let measured = match &run.emulated {
            _ if same => default.slowdown,
            Some(guest) => {
                estimate_run(commands, Execution::Emulated { guest, host }, &Known::of_profile(Some(self)))
                    .slowdown
            }
            None => Factor::ONE,
        };
        let conversion = if same { 0.0 } else { libm::hypot(measured.sigma, default.slowdown.sigma) };
        Estimate {
            cpu: Nanos::from_secs_f64(run.cpu_s / measured.median.max(1.0)),
            slowdown: Factor { median: default.slowdown.median, sigma: conversion },
            serial: run.serial,
            latency: Nanos::from_secs_f64(run.latency_s + run.wait_s),
            network: Bytes(0),
            sigma: run.sigma,
            basis: if same { Basis::Measured } else { Basis::Converted },
            class: run.class,
            rests_on: String::new(),
            unknown: Unknown::default(),
            ..default.clone()
        }
    }
}

/// The architecture that the whole step is emulated for.
const fn emulated(execution: Execution<'_>) -> Option<&str> {
    match execution {
        Execution::Emulated { guest, .. } => Some(guest),
        Execution::Native | Execution::Mixed { .. } => None,
    }
}

/// The architecture of the foreign programs in a native step.
const fn foreign(execution: Execution<'_>) -> Option<&str> {
    match execution {
        Execution::Mixed { guest, .. } => Some(guest),
        Execution::Native | Execution::Emulated { .. } => None,
    }
}

const fn host<'a>(execution: Execution<'a>, otherwise: &'a str) -> &'a str {
    match execution {
        Execution::Emulated { host, .. } | Execution::Mixed { host, .. } => host,
        Execution::Native => otherwise,
    }
}
