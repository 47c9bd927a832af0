//! What a build costs, before and after a change: simulated time, or counts where nothing is simulated.

use crate::analysis::Analysis;
use crate::diagnostic::Price;
use crate::pricing::{Cache, Terms, Timing, price};

/// Counts an analysis, and takes the time of all of it.
pub(super) fn price_of(analysis: &Analysis, timing: Option<&Timing<'_>>) -> Price {
    let mut price = Price { makespan: timing.map(|timing| timing.trace.makespan()), ..Price::default() };
    for node in &analysis.nodes {
        let summary = node.summary();
        price.emulated += summary.emulated + summary.mixed;
        price.commands += summary.commands;
        price.vertices += summary.vertices;
    }
    price
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
