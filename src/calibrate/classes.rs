//! From steps that were seen to classes of work: how much work they are, and how much slower under emulation.
//!
//! Both are estimates of a logarithm: the default with its spread counts as one more observation, so that one odd step does
//! not make a rule, and many make one that the default no longer matters to.

use std::collections::BTreeMap;

use crate::cost::{Class, ClassEntry, SlowdownEntry, priors, slowdown};

use super::statistics::{mean, rounded};

/// What a step taught, executed one way.
pub(super) struct Sighting {
    /// Its commands.
    pub(super) does: String,
    pub(super) class: Class,
    /// The architecture it was emulated for.
    pub(super) emulated: Option<String>,
    /// Core-seconds as executed.
    pub(super) cpu: f64,
    /// Core-seconds natively by the defaults.
    pub(super) default_cpu: f64,
    /// Its slow-down by the defaults, as executed.
    pub(super) default_slowdown: f64,
    pub(super) seen: usize,
}

/// Native core-seconds below which a step tells more of the container's start than of its work.
const LEAST_NATIVE: f64 = 0.1;

/// Spread of the slow-down between steps of one class, as the standard deviation of its logarithm.
///
/// Source: `tests/data/timing`, C compilers: 9.4 for one large file, 11.5 to 15 for four small ones, 16.6 to 22.3 in
/// `slowdown.tsv`.
const STEP_SIGMA: f64 = 0.3;

/// How much less the default of a slow-down counts where the same commands were seen both ways: a log that shows the
/// slow-down is the truth of its project.
const SHOWN: f64 = 3.0;

/// Spread of the size of projects, as the standard deviation of its logarithm.
///
/// Source: `tests/data/projects`, of one class the smallest and the largest tenth are a factor of 10 and more apart.
const PROJECT_SIGMA: f64 = 1.0;

/// How far the work of a class lies from what the other classes of a project tell, as the standard deviation of the logarithm:
/// the half of a usual default's variance.
const CLASS_SIGMA: f64 = 0.65;

/// Spread between the steps of one class in one project, as the standard deviation of the logarithm.
///
/// Source: builds of one project under `make` with other targets, which differ by a factor of 1.5 for each target.
const WITHIN_SIGMA: f64 = 0.4;

/// Classes that say so little of what runs that one step tells nothing of another.
const fn is_specific(class: Class) -> bool {
    !matches!(class, Class::Unknown | Class::Script | Class::Builtin | Class::Sleep)
}

/// Slow-downs of classes of which some step ran both ways.
///
/// A ratio counts less where the step hardly computes. A step of several commands is compared with what the defaults say
/// of just these commands, and the difference is put down to the class that has most of the work.
pub(super) fn slowdown_entries(sightings: &[Sighting], host: &str) -> Vec<SlowdownEntry> {
    let native: BTreeMap<&str, f64> = sightings
        .iter()
        .filter(|seen| seen.emulated.is_none())
        .map(|seen| (seen.does.as_str(), seen.cpu))
        .collect();
    let mut pairs: BTreeMap<(Class, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for seen in sightings.iter().filter(|seen| is_specific(seen.class)) {
        let (Some(guest), Some(&native)) = (&seen.emulated, native.get(seen.does.as_str())) else { continue };
        if native >= LEAST_NATIVE && seen.cpu > native {
            let weight = native / (native + LEAST_NATIVE) / STEP_SIGMA.powi(2);
            let ratio = libm::log(seen.cpu / native / seen.default_slowdown);
            pairs.entry((seen.class, guest)).or_default().push((weight, ratio));
        }
    }
    let entry = |((class, guest), pairs): ((Class, &str), Vec<(f64, f64)>)| {
        let default = slowdown(class, guest, host);
        let (center, sigma) = combined(default.sigma * SHOWN, &pairs);
        SlowdownEntry {
            class,
            guest: guest.to_owned(),
            factor: rounded((default.median * libm::exp(center)).max(1.0)),
            sigma: rounded(libm::hypot(sigma, STEP_SIGMA)),
            pairs: pairs.len(),
        }
    };
    pairs.into_iter().map(entry).collect()
}

/// Of a step: whether it was emulated, the logarithm of its work as a multiple of the default, and how often it was seen.
type Ratio = (bool, f64, usize);

/// How the work of steps of each class compares with the defaults, by their commands.
pub(super) fn ratios<'s>(
    sightings: &'s [Sighting],
    slowdowns: &[SlowdownEntry],
    host: &str,
) -> BTreeMap<Class, BTreeMap<&'s str, Ratio>> {
    let mut ratios: BTreeMap<Class, BTreeMap<&str, Ratio>> = BTreeMap::new();
    for seen in sightings.iter().filter(|seen| is_specific(seen.class) && seen.default_cpu > 0.0) {
        let learnt = seen.emulated.as_deref().map_or(1.0, |guest| {
            let entry = slowdowns.iter().find(|entry| entry.class == seen.class && entry.guest == guest);
            entry.map_or(1.0, |entry| entry.factor / slowdown(seen.class, guest, host).median)
        });
        let native = seen.cpu / (seen.default_slowdown * learnt).max(1.0);
        if native < LEAST_NATIVE {
            continue;
        }
        // A step that ran natively is not counted again as emulated.
        let ratio = (seen.emulated.is_some(), libm::log(native / seen.default_cpu), seen.seen);
        let of_class = ratios.entry(seen.class).or_default();
        let known = of_class.entry(&seen.does).or_insert(ratio);
        if !ratio.0 {
            *known = ratio;
        }
    }
    ratios
}

/// The work of the classes that were seen, as multiples of the defaults.
///
/// Most of a default's variance is the project's, which all its steps share; a step differs from others by
/// [`WITHIN_SIGMA`]. So one step moves its class nearly all the way.
pub(super) fn class_entries(ratios: &BTreeMap<Class, BTreeMap<&str, Ratio>>) -> Vec<ClassEntry> {
    let entry = |(&class, steps): (&Class, &BTreeMap<&str, Ratio>)| {
        let default = priors::prior(class).sigma;
        let step = f64::min(WITHIN_SIGMA, default / f64::sqrt(2.0)).max(0.01);
        let project = f64::max(default.powi(2) - step.powi(2), 0.0).sqrt();
        let ratios: Vec<(f64, f64)> = steps.values().map(|&(_, ratio, _)| (step.powi(-2), ratio)).collect();
        let (center, sigma) = combined(project, &ratios);
        ClassEntry {
            class,
            work: rounded(libm::exp(center).max(0.001)),
            sigma: rounded(libm::hypot(sigma, step)),
            seen: steps.values().map(|&(_, _, seen)| seen).sum(),
        }
    };
    ratios.iter().map(entry).collect()
}

/// How much work the project makes, as a multiple of a usual one's, by the classes that grow with it.
///
/// The mean of the steps of each class is one observation.
pub(super) fn project_size(ratios: &BTreeMap<Class, BTreeMap<&str, Ratio>>) -> f64 {
    let grows = ratios.iter().filter(|(class, _)| class.grows_with_project());
    let means = grows.map(|(_, steps)| mean(&steps.values().map(|&(_, ratio, _)| ratio).collect::<Vec<_>>()));
    let observed: Vec<(f64, f64)> = means.map(|mean| (CLASS_SIGMA.powi(-2), mean)).collect();
    libm::exp(combined(PROJECT_SIGMA, &observed).0).max(0.001)
}

/// The mean of a normal distribution around zero with the deviation `sigma`, once observations with their precisions are
/// known, and its deviation.
fn combined(sigma: f64, observations: &[(f64, f64)]) -> (f64, f64) {
    let prior = 1.0 / sigma.max(0.01).powi(2);
    let precision = prior + observations.iter().map(|(weight, _)| weight).sum::<f64>();
    let center = observations.iter().map(|(weight, value)| weight * value).sum::<f64>() / precision;
    (center, precision.sqrt().recip())
}
