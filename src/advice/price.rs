//! What a build costs, before and after a change: simulated time, or counts where nothing is simulated.

use crate::analysis::Analysis;
use crate::context::Context;
use crate::diagnostic::{Price, Saving};
use crate::pricing::{Cache, Terms, Timing, price};
use crate::units::Nanos;

/// Counts an analysis, and takes the time of all of it.
pub(super) fn price_of(analysis: &Analysis, timing: Option<&Timing<'_>>) -> Price {
    let unknown = timing.and_then(|timing| Some(timing.vertex(timing.not_understood()?)));
    let mut price = Price {
        makespan: timing.map(|timing| timing.trace.makespan()),
        not_understood: unknown
            .and_then(|(node, at)| analysis.nodes.get(node.index())?.graph.vertex(at).line()),
        ..Price::default()
    };
    for node in &analysis.nodes {
        let summary = node.summary();
        price.emulated += summary.emulated + summary.mixed;
        price.commands += summary.commands;
        price.vertices += summary.vertices;
    }
    price
}

/// What a saving of time has to come to before a person would care for it: both of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// The least time.
    pub time: Nanos,
    /// The least part of the whole build, from 0 to 1.
    pub part: f64,
}

impl Default for Worth {
    fn default() -> Self {
        Self { time: Nanos(2_000_000_000), part: 0.02 }
    }
}

impl Worth {
    /// Whether a saving counts. One that was not simulated does if it saves anything, and one after which nothing is emulated any
    /// more whatever it saves: the build needs no emulator then.
    pub fn takes(&self, saving: &Saving) -> bool {
        let ends_emulation = saving.before.emulated > 0 && saving.after.emulated == 0;
        (self.takes_time(saving) || ends_emulation) && saving.after < saving.before
    }

    /// Whether the time alone counts.
    pub fn takes_time(&self, saving: &Saving) -> bool {
        match (saving.time(), saving.before.makespan) {
            (Some(time), Some(all)) => time >= self.time && time >= all * self.part,
            _ => true,
        }
    }
}

/// On what builds are priced. By default nothing is simulated, and prices are counts.
#[derive(Debug, Clone, Default)]
pub struct Pricer {
    terms: Option<Terms>,
    pub(super) worth: Worth,
}

impl Pricer {
    /// Simulates each build once, from an empty cache; what the terms say of sampling does not matter.
    pub fn new(terms: Terms) -> Self {
        let terms = Terms { cache: Cache::default(), ..terms }.without_range();
        Self { terms: Some(terms), worth: Worth::default() }
    }

    /// As the run of a build that is shown, so that what changes save adds up with it.
    pub fn as_shown(timing: &Timing<'_>) -> Self {
        Self::new(Terms { deviate: Some(timing.deviate), ..timing.terms.clone() })
    }

    /// With another measure of what savings count.
    #[must_use]
    pub const fn worth(mut self, worth: Worth) -> Self {
        self.worth = worth;
        self
    }

    /// The files of the build context, where somebody named it: one that is only guessed shows no file to be missing.
    pub(super) fn files(&self) -> Option<&Context> {
        self.terms.as_ref()?.contexts.named()
    }

    /// How a build runs; `None` where nothing can be simulated, or a number of the terms is out of range.
    pub fn timing(&self, analysis: &Analysis) -> Option<Timing<'_>> {
        price(analysis, self.terms.as_ref()?).ok()
    }
}
