//! What a build costs, before and after a change: simulated time, or counts where nothing is simulated.

use crate::analysis::Analysis;
use crate::pricing::{Cache, Terms, Timing, price};
use crate::units::Nanos;

/// What a change saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saving {
    /// Before.
    pub before: Price,
    /// After.
    pub after: Price,
}

impl Saving {
    /// The time saved; `None` where nothing was simulated.
    pub fn time(&self) -> Option<Nanos> {
        Some(self.before.makespan?.saturating_sub(self.after.makespan?))
    }
}

/// What a build costs. Ordered by time, then by counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Price {
    /// The simulated time from an empty cache, the median of everything; `None` where nothing was simulated.
    pub makespan: Option<Nanos>,
    /// Commands that run under emulation, wholly or in part.
    pub emulated: usize,
    /// Commands.
    pub commands: usize,
    /// Vertices.
    pub vertices: usize,
}

impl Price {
    /// Counts an analysis, and takes the time of all of it.
    pub fn of(analysis: &Analysis, timing: Option<&Timing<'_>>) -> Self {
        let mut price = Self { makespan: timing.map(|timing| timing.trace.makespan()), ..Self::default() };
        for node in &analysis.nodes {
            let summary = node.summary();
            price.emulated += summary.emulated + summary.mixed;
            price.commands += summary.commands;
            price.vertices += summary.vertices;
        }
        price
    }

    /// Whether `self` takes longer than `before`; without a simulation, whether more is emulated or there are more vertices.
    pub fn exceeds(&self, before: &Self) -> bool {
        match (self.makespan, before.makespan) {
            (Some(after), Some(before)) => after > before,
            _ => self.emulated > before.emulated || self.vertices > before.vertices,
        }
    }
}

/// On what builds are priced. By default nothing is simulated, and prices are counts.
#[derive(Debug, Clone, Default)]
pub struct Pricer {
    terms: Option<Terms>,
}

impl Pricer {
    /// Simulates each build once, from an empty cache; what the terms say of sampling does not matter.
    pub fn new(terms: Terms) -> Self {
        Self { terms: Some(Terms { cache: Cache::default(), ..terms }.without_range()) }
    }

    /// How a build runs; `None` where nothing can be simulated, or a number of the terms is out of range.
    pub fn timing(&self, analysis: &Analysis) -> Option<Timing<'_>> {
        price(analysis, self.terms.as_ref()?).ok()
    }
}
