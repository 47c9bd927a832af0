//! The time of a workflow: of every build, of every leg, and of the whole.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::cache::{Caches, Found};
use super::chain::Chain;
use super::known::Known;
use super::machine::Runner;
use super::overlap::Overlap;
use super::{condition, request, step};
use crate::analysis::Analysis;
use crate::budget;
use crate::builds::{Builder, Builds, Definition, LegIx, Repo, Step};
use crate::context::Context;
use crate::diagnostic::Price;
use crate::model::inputs::LocalContext;
use crate::pricing::{Cache, Contexts, Exported, Terms, price};
use crate::sim::{Machine, Quantiles};
use crate::units::Nanos;

/// Builds that are simulated; more are not known. The largest public workflow that was seen has some 150.
pub const MAX_PRICED: usize = 200;

/// Simulated runs times legs.
const MOST_LEG_RUNS: usize = 400_000;

/// Times in each of many runs; run `n` of two has the same luck.
pub(super) type Samples = Rc<[Nanos]>;

/// How long something takes.
#[derive(Debug, Clone)]
pub struct Times {
    /// From nothing.
    pub cold: Quantiles,
    /// After a change of the sources, with what caches keep; where that is not known, why.
    pub again: Result<Quantiles, String>,
}

/// What one call of a builder costs.
#[derive(Debug)]
pub struct BuildCost {
    /// The builds, by their positions in [`Builds::definitions`]; several where bake builds them together.
    pub definitions: Vec<usize>,
    /// Its time; or what is not known of it.
    pub time: Result<BuildTime, String>,
}

/// How long a call of a builder takes.
#[derive(Debug, Clone)]
pub struct BuildTime {
    /// On what.
    pub runner: Runner,
    /// How long.
    pub times: Times,
    /// What it costs from nothing.
    pub price: Price,
    /// What it finds of the run before.
    pub found: Found,
    /// Arguments of which the value is not known, left at their defaults.
    pub doubts: Vec<String>,
    pub(super) cold: Samples,
    pub(super) again: Samples,
}

/// How long a leg takes.
#[derive(Debug)]
pub struct LegTime {
    /// The leg.
    pub leg: LegIx,
    /// Its set-up, with the start of the job, and its merges, in the median.
    pub setup: Nanos,
    /// What it builds, in order.
    pub builds: Vec<BuildCost>,
    /// Steps that are in no number.
    pub others: usize,
    /// The whole of it, as far as that is known.
    pub times: Times,
    cold: Samples,
    again: Samples,
}

/// How long a workflow takes.
#[derive(Debug)]
pub struct Workflow {
    /// Its file.
    pub file: String,
    /// The legs that build or merge images.
    pub legs: Vec<LegTime>,
    /// Those that do neither.
    pub outside: Vec<LegIx>,
    /// The whole, until the last leg is done.
    pub times: Times,
    /// The legs that make it as long as it is, in order, from nothing.
    pub chain: Vec<LegIx>,
    /// The time of all machines together, from nothing, in the median.
    pub machines: Nanos,
    /// Whether anything of it is not known, so that all this is a least.
    pub is_least: bool,
    /// Its jobs need each other in a circle.
    pub is_circle: bool,
}

/// Tells what is in the folder of a context.
type Look<'r> = Box<dyn Fn(&LocalContext) -> Option<Context> + 'r>;

/// Prices workflows of a repository.
pub struct Pricer<'r> {
    pub(super) repo: &'r Repo<'r>,
    /// What builds are priced with, but for their machines.
    terms: Terms,
    /// The machine on which everything runs, where one was named.
    pub(super) machine: Option<Machine>,
    /// What is in the folder of a context.
    pub(super) look: Look<'r>,
    pub(super) folders: RefCell<HashMap<LocalContext, Option<Arc<Context>>>>,
    known: RefCell<HashMap<String, Rc<Result<Known, String>>>>,
    /// Commands of builds that a builder runs together.
    pub(super) counted: RefCell<HashMap<String, Option<usize>>>,
    factors: Vec<f64>,
}

impl<'r> Pricer<'r> {
    /// Prices with `terms`, each build on the machine of its runner; all of them on `machine`, if one is given. `look` tells
    /// what is in the folder of a context, as far as it is at hand.
    pub fn new(
        repo: &'r Repo<'r>,
        terms: Terms,
        machine: Option<Machine>,
        look: impl Fn(&LocalContext) -> Option<Context> + 'r,
    ) -> Self {
        let factors = step::factors(terms.monte_carlo, &terms.machine);
        Self {
            repo,
            terms,
            machine,
            look: Box::new(look),
            folders: RefCell::default(),
            known: RefCell::default(),
            counted: RefCell::default(),
            factors,
        }
    }

    /// The time of a workflow, by its file.
    ///
    /// # Complexity
    /// As that of pricing each of its distinct builds twice, [`MAX_PRICED`] of them at most, and linear in its legs.
    pub fn workflow(&self, builds: &Builds, file: &str) -> Workflow {
        let is_own = |leg: LegIx| {
            let job = builds.legs.get(leg.index()).and_then(|leg| builds.jobs.get(leg.job.index()));
            job.is_some_and(|job| job.workflow == file)
        };
        let mut by_leg: HashMap<LegIx, Vec<usize>> = HashMap::new();
        for (at, definition) in builds.definitions.iter().enumerate() {
            if let Some(leg) = definition.leg.filter(|leg| is_own(*leg)) {
                by_leg.entry(leg).or_default().push(at);
            }
        }
        // The time from nothing comes first: it says who writes a cache last.
        let mut calls: Vec<(LegIx, Vec<Call>)> = Vec::new();
        let mut outside = Vec::new();
        let mut ends: HashMap<usize, (LegIx, Nanos)> = HashMap::new();
        for at in (0..builds.legs.len()).map(LegIx::new).filter(|leg| is_own(*leg)) {
            let leg = &builds.legs[at.index()];
            let own = by_leg.remove(&at).unwrap_or_default();
            if own.is_empty() && !leg.steps.contains(&Step::Merge) {
                outside.push(at);
                continue;
            }
            let mut end = Nanos::ZERO;
            let mut of_leg = Vec::new();
            for group in request::together(&builds.definitions, own.into_iter()) {
                let known = self.call(builds, &group);
                let is_repeated = self.is_repeated(builds, &of_leg, &group);
                if !is_repeated {
                    end += (*known).as_ref().map_or(Nanos::ZERO, |known| median(&known.cold));
                }
                ends.extend(group.iter().map(|at| (*at, (leg_of(builds, *at).unwrap_or_default(), end))));
                of_leg.push(Call { group, known, is_repeated });
            }
            calls.push((at, of_leg));
        }
        let overlap =
            |whole: usize, part: usize| self.overlap(&builds.definitions[whole], &builds.definitions[part]);
        let caches = Caches::new(builds, &overlap);
        let is_later = |a: usize, b: usize| {
            let end = |at: usize| ends.get(&at).map(|(_, end)| (*end, at));
            end(a) > end(b)
        };
        let mut memo: HashMap<(String, u8), Samples> = HashMap::new();
        let legs = calls.into_iter().map(|(at, calls)| {
            let builds_of_leg = calls.into_iter().map(|Call { group, known, is_repeated }| {
                let time = match &*known {
                    Ok(known) if is_repeated => Ok(known.repeated()),
                    Ok(known) => Ok(self.time(builds, &group, known, &caches, &is_later, &mut memo)),
                    Err(why) => Err(why.clone()),
                };
                BuildCost { definitions: group, time }
            });
            let builds_of_leg = builds_of_leg.collect();
            self.leg(builds, at, builds_of_leg)
        });
        let legs: Vec<LegTime> = legs.collect();
        self.whole(builds, file, legs, outside)
    }

    /// A call of a builder, by the positions of its builds, simulated from nothing; or what is not known of it.
    pub fn call(&self, builds: &Builds, group: &[usize]) -> Rc<Result<Known, String>> {
        let definitions: Vec<&Definition> = group.iter().map(|at| &builds.definitions[*at]).collect();
        let key = identity(&definitions);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let known = if self.known.borrow().len() >= MAX_PRICED || budget::exceeded().is_some() {
            Err("there is more to simulate than the limit allows".to_owned())
        } else {
            self.simulated(&definitions)
        };
        let known = Rc::new(known);
        self.known.borrow_mut().insert(key, known.clone());
        known
    }

    /// Whether calls of the same builder have run before all that a call runs, under whatever condition that does not exclude it.
    fn is_repeated(&self, builds: &Builds, before: &[Call], group: &[usize]) -> bool {
        let earlier: Vec<&Definition> =
            before.iter().flat_map(|call| &call.group).map(|at| &builds.definitions[*at]).collect();
        group.iter().map(|at| &builds.definitions[*at]).all(|own| {
            earlier.iter().any(|other| {
                let conditions = (own.condition.as_deref(), other.condition.as_deref());
                let excludes = matches!(conditions, (Some(a), Some(b)) if condition::exclude(a, b));
                let is_same = (own.builder, &own.runner) == (other.builder, &other.runner);
                is_same && !excludes && self.overlap(other, own) == Overlap::All
            })
        })
    }

    /// How long each of many runs takes.
    pub(super) fn run(
        &self,
        analysis: &Analysis,
        machine: &Machine,
        cache: Cache,
        contexts: &Contexts,
    ) -> Result<Samples, String> {
        let (machine, contexts) = (machine.clone(), contexts.clone());
        let terms = Terms { machine, cache, contexts, ..self.terms.clone() };
        let timing = price(analysis, &terms).map_err(|error| error.to_string())?;
        Ok(timing.samples.into())
    }

    /// The time of a call of a builder, with what it finds of the run before.
    fn time(
        &self,
        builds: &Builds,
        group: &[usize],
        known: &Known,
        caches: &Caches<'_>,
        is_later: &impl Fn(usize, usize) -> bool,
        memo: &mut HashMap<(String, u8), Samples>,
    ) -> BuildTime {
        let definitions: Vec<&Definition> = group.iter().map(|at| &builds.definitions[*at]).collect();
        let found = if known.runner.is_new {
            // Of several that are built together the one counts that finds the least.
            let each = group.iter().map(|at| caches.found(*at, is_later));
            each.min_by_key(Found::worth).unwrap_or(Found::Nothing)
        } else if definitions.iter().any(|definition| definition.builder != Builder::Cloud) {
            Found::Unknown("what the machine keeps of earlier builds".to_owned())
        } else {
            Found::Here
        };
        let (kind, cache) = match &found {
            Found::Nothing | Found::Overwritten(_) | Found::Unknown(_) => (0, None),
            Found::Here => (1, Some(known.warm(None))),
            Found::Kept(mode) => (if *mode == Exported::Max { 2 } else { 3 }, Some(known.warm(Some(*mode)))),
        };
        let key = (identity(&definitions), kind);
        let again = memo
            .entry(key)
            .or_insert_with(|| {
                let of_cache = cache.and_then(|cache| {
                    let analysis = known.build().outcome().ok()?;
                    self.run(analysis, &known.runner.machine, cache, &known.contexts).ok()
                });
                of_cache.unwrap_or_else(|| known.cold.clone())
            })
            .clone();
        let why = match &found {
            Found::Unknown(why) => Some(why.clone()),
            _ => None,
        };
        BuildTime {
            runner: known.runner.clone(),
            times: times(&known.cold, &again, why),
            price: known.price,
            found,
            doubts: known.doubts.clone(),
            cold: known.cold.clone(),
            again,
        }
    }

    /// How long a call of a builder takes after a change of sources with a cache that keeps so much.
    pub fn again(&self, known: &Known, kept: Exported) -> Option<Nanos> {
        let analysis = known.build().outcome().ok()?;
        let warm = known.warm(Some(kept));
        Some(median(&self.run(analysis, &known.runner.machine, warm, &known.contexts).ok()?))
    }

    fn leg(&self, builds: &Builds, at: LegIx, calls: Vec<BuildCost>) -> LegTime {
        let steps = builds.legs.get(at.index()).map(|leg| leg.steps.as_slice()).unwrap_or_default();
        let seconds: f64 = steps.iter().filter_map(|step| step::seconds_of(*step)).sum();
        let usual = Nanos::from_secs_f64(seconds + step::JOB_START_S);
        let others = steps.iter().filter(|step| step::seconds_of(**step).is_none()).count();
        // Of builds that exclude each other the longest counts.
        let mut slots: Vec<Vec<&BuildCost>> = Vec::new();
        let condition = |cost: &BuildCost| {
            let first = cost.definitions.first().and_then(|at| builds.definitions.get(*at));
            first.and_then(|definition| definition.condition.as_deref())
        };
        for cost in &calls {
            let excludes = |other: &&BuildCost| match (condition(cost), condition(other)) {
                (Some(own), Some(other)) => condition::exclude(own, other),
                _ => false,
            };
            match slots.iter_mut().find(|slot| slot.iter().all(excludes)) {
                Some(slot) => slot.push(cost),
                None => slots.push(vec![cost]),
            }
        }
        let total = |of: fn(&BuildTime) -> &Samples| -> Samples {
            let runs = self.factors.len().max(1);
            let in_run = |run: usize| {
                let factor = self.factors.get(run).copied().unwrap_or(1.0);
                let own = slots.iter().map(|slot| {
                    let known = slot.iter().filter_map(|cost| cost.time.as_ref().ok());
                    known.map(|time| sample(of(time), run)).max().unwrap_or_default()
                });
                usual * factor + own.sum()
            };
            (0..runs).map(in_run).collect()
        };
        let setup: Samples = self.factors.iter().map(|factor| usual * *factor).collect();
        let (cold, again) = (total(|time| &time.cold), total(|time| &time.again));
        let why = calls.iter().filter_map(|cost| cost.time.as_ref().ok()?.times.again.as_ref().err());
        let times = times(&cold, &again, why.into_iter().next().cloned());
        LegTime { leg: at, setup: median(&setup), others, times, cold, again, builds: calls }
    }

    fn whole(&self, builds: &Builds, file: &str, legs: Vec<LegTime>, outside: Vec<LegIx>) -> Workflow {
        let by_leg: HashMap<LegIx, usize> = legs.iter().enumerate().map(|(at, leg)| (leg.leg, at)).collect();
        let chain = Chain::new(file, &builds.jobs, &builds.legs);
        let runs = self.factors.len().min(MOST_LEG_RUNS / legs.len().max(1)).max(1);
        let in_run = |of: fn(&LegTime) -> &Samples, run: usize| {
            let duration =
                |leg: LegIx| by_leg.get(&leg).map_or(Nanos::ZERO, |at| sample(of(&legs[*at]), run));
            chain.as_ref().map_or(Nanos::ZERO, |chain| chain.longest(duration).0)
        };
        let cold: Samples = (0..runs).map(|run| in_run(|leg| &leg.cold, run)).collect();
        let again: Samples = (0..runs).map(|run| in_run(|leg| &leg.again, run)).collect();
        let typical = |leg: LegIx| by_leg.get(&leg).map_or(Nanos::ZERO, |at| legs[*at].times.cold.p50);
        let longest = chain.as_ref().map(|chain| chain.longest(typical).1).unwrap_or_default();
        let why = legs.iter().find_map(|leg| leg.times.again.as_ref().err().cloned());
        let is_least = legs.iter().any(|leg| {
            let own = &builds.legs[leg.leg.index()];
            let is_open = builds.jobs.get(own.job.index()).is_some_and(|job| job.open.is_some());
            is_open || own.elsewhere.is_some() || leg.builds.iter().any(|cost| cost.time.is_err())
        });
        Workflow {
            file: file.to_owned(),
            times: times(&cold, &again, why),
            chain: longest,
            machines: legs.iter().map(|leg| leg.times.cold.p50).sum(),
            is_least,
            is_circle: chain.is_none(),
            legs,
            outside,
        }
    }
}

/// Builds that one call of a builder builds.
struct Call {
    group: Vec<usize>,
    known: Rc<Result<Known, String>>,
    /// Whether one before it in its leg has run all that it runs, on the same builder.
    is_repeated: bool,
}

fn leg_of(builds: &Builds, at: usize) -> Option<LegIx> {
    builds.definitions.get(at)?.leg
}

pub(super) fn times(cold: &Samples, again: &Samples, why: Option<String>) -> Times {
    let of = |samples: &Samples| Quantiles::of(&mut samples.to_vec());
    Times { cold: of(cold), again: why.map_or_else(|| Ok(of(again)), Err) }
}

pub(super) fn median(samples: &Samples) -> Nanos {
    Quantiles::of(&mut samples.to_vec()).p50
}

/// What a run took; of fewer runs each stands for several.
fn sample(samples: &Samples, run: usize) -> Nanos {
    samples.get(run % samples.len().max(1)).copied().unwrap_or_default()
}

/// What two calls of a builder have in common that cost the same.
pub(super) fn identity(definitions: &[&Definition]) -> String {
    let of = |definition: &&Definition| {
        let Definition { dockerfile, context, target, platforms, args, build_contexts, .. } = definition;
        let on = (&definition.runner, definition.tool, definition.builder, definition.qemu);
        let what = (dockerfile, context, target, platforms, args, build_contexts);
        format!("{what:?} {on:?} {:?}\n", definition.bake_target)
    };
    definitions.iter().map(of).collect()
}
