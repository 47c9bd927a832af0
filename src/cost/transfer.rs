//! From steps that were measured to steps that were not: the use of a [`Profile`].

use crate::units::Nanos;

use super::class::Class;
use super::estimate::{Basis, Estimate, Execution};
use super::profile::{Profile, RunEntry};
use super::signature::Signature;
use super::slowdown::{Factor, slowdown};

/// Steps at least this alike, of one class, are taken to do the same amount of work.
const ALIKE: f64 = 0.6;

/// How far the work of steps that are only alike may differ, as the standard deviation of the logarithm.
const ALIKE_SIGMA: f64 = 0.4;

impl Profile {
    /// The estimate of a `RUN`, from the best that was measured, else `default` with what was learnt of slow-downs.
    pub fn run(&self, signature: &Signature, execution: Execution<'_>, default: &Estimate) -> Estimate {
        let exact = self.nearest(execution, |run| run.does == signature.text());
        if let Some(run) = exact {
            return self.converted(run, execution, default, Basis::Converted);
        }
        let alike = |run: &RunEntry| {
            (run.class == signature.class())
                .then(|| signature.similarity(&run.does))
                .filter(|&alike| alike >= ALIKE)
        };
        let best = self.runs.iter().filter_map(alike).fold(0.0, f64::max);
        match self.nearest(execution, |run| alike(run).is_some_and(|alike| alike >= best)) {
            Some(run) if best > 0.0 => {
                let estimate = self.converted(run, execution, default, Basis::Similar);
                Estimate { sigma: estimate.sigma.hypot(ALIKE_SIGMA), basis: Basis::Similar, ..estimate }
            }
            _ => self.with_learnt_slowdown(execution, default),
        }
    }

    /// How long a file step takes, if it was measured.
    pub fn file(&self, instruction: &str) -> Option<Nanos> {
        self.files.iter().find(|file| file.does == instruction).map(|file| Nanos::from_secs_f64(file.seconds))
    }

    /// How long an image takes to get and unpack, if it was measured: for this platform, else for any.
    pub fn pull(&self, image: &str, platform: &str) -> Option<Nanos> {
        let of_image = || self.pulls.iter().filter(|pull| pull.image == image);
        let pull = of_image().find(|pull| pull.platform == platform).or_else(|| of_image().next())?;
        Some(Nanos::from_secs_f64(pull.seconds))
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
        let wanted = emulated(execution);
        let distance = |run: &&RunEntry| match (run.emulated.as_deref(), wanted) {
            (ours, theirs) if ours == theirs => 0,
            (None, Some(_)) => 1,
            (Some(_), Some(_)) => 2,
            (Some(_), None) => 3,
            (None, None) => 0,
        };
        self.runs.iter().filter(|run| fit(run)).min_by_key(distance)
    }

    /// The estimate of a step that did the same as `run`, executed another way.
    fn converted(
        &self,
        run: &RunEntry,
        execution: Execution<'_>,
        default: &Estimate,
        other: Basis,
    ) -> Estimate {
        let wanted = emulated(execution);
        let host = host(execution, &self.host);
        let factor =
            |guest: Option<&str>| guest.map_or(Factor::ONE, |guest| self.slowdown(run.class, guest, host));
        let same = run.emulated.as_deref() == wanted && !matches!(execution, Execution::Mixed { .. });
        let measured = factor(run.emulated.as_deref());
        let factor = match execution {
            Execution::Mixed { .. } => default.slowdown,
            _ => factor(wanted),
        };
        let conversion = if same { 0.0 } else { measured.sigma.hypot(factor.sigma) };
        Estimate {
            cpu: Nanos::from_secs_f64(run.cpu_s / measured.median),
            slowdown: Factor { median: factor.median, sigma: conversion },
            serial: run.serial,
            latency: Nanos::from_secs_f64(run.latency_s),
            network: crate::units::Bytes(0),
            sigma: run.sigma,
            basis: if same { Basis::Measured } else { other },
            class: run.class,
            ..default.clone()
        }
    }

    /// The default with the slow-down that was learnt for its class.
    fn with_learnt_slowdown(&self, execution: Execution<'_>, default: &Estimate) -> Estimate {
        match execution {
            Execution::Emulated { guest, host } if default.class != Class::Builtin => {
                Estimate { slowdown: self.slowdown(default.class, guest, host), ..default.clone() }
            }
            _ => default.clone(),
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

const fn host<'a>(execution: Execution<'a>, otherwise: &'a str) -> &'a str {
    match execution {
        Execution::Emulated { host, .. } | Execution::Mixed { host, .. } => host,
        Execution::Native => otherwise,
    }
}
