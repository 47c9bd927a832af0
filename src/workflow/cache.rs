//! What a build finds of earlier runs: which cache it reads, and who wrote that last.

use foldhash::{HashMap, HashMapExt};

use super::overlap::Overlap;
use crate::builds::{Builds, Definition, Platforms, Text};
use crate::pricing::Exported;

/// What a build finds of the run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it reads no cache, and its machine is a new one.
    Nothing,
    /// All that it made: its builder keeps that itself.
    Here,
    /// What its cache keeps of what it made.
    Kept(Exported),
    /// Nothing of its own: another build, by its position, writes the same cache after it.
    Overwritten(usize),
    /// That is not known; why.
    Unknown(String),
}

/// The scope of GitHub's cache where none is named (BuildKit `cache/remotecache/gha/gha.go`).
const DEFAULT_SCOPE: &str = "buildkit";

/// The value of an attribute of a cache.
pub fn attribute<'c>(cache: &'c str, name: &str) -> Option<&'c str> {
    cache.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Where a cache is kept: two that are equal overwrite each other. `None` if that is not known, or it lies with the image.
pub fn place(cache: &Text) -> Option<String> {
    let text = cache.value()?.trim();
    let kind = attribute(text, "type").or_else(|| (!text.contains('=')).then_some("registry"))?;
    let of = |name: &str| attribute(text, name).map(|value| format!("{kind} {value}"));
    match kind {
        "gha" => Some(format!("gha {}", attribute(text, "scope").unwrap_or(DEFAULT_SCOPE))),
        "registry" => of("ref").or_else(|| (!text.contains('=')).then(|| format!("registry {text}"))),
        "s3" | "azblob" => of("name"),
        _ => None,
    }
}

/// What is kept by a cache that is written.
pub fn mode(cache: &Text) -> Exported {
    let text = cache.value().unwrap_or_default();
    if attribute(text, "mode").is_some_and(|mode| mode.eq_ignore_ascii_case("max")) {
        Exported::Max
    } else {
        Exported::Min
    }
}

/// Whether one build makes all that another makes.
pub fn covers(whole: &Definition, part: &Definition) -> bool {
    let platforms = match (&whole.platforms, &part.platforms) {
        (Platforms::Known(whole), Platforms::Known(part)) => {
            whole == part || !part.is_empty() && part.iter().all(|platform| whole.contains(platform))
        }
        (whole, part) => whole == part,
    };
    platforms
        && whole.dockerfile == part.dockerfile
        && whole.context == part.context
        && whole.target == part.target
        && whole.args == part.args
}

/// The workflow that runs a build.
pub fn workflow_of<'b>(builds: &'b Builds, definition: &Definition) -> Option<&'b str> {
    let leg = builds.legs.get(definition.leg?.index())?;
    Some(&builds.jobs.get(leg.job.index())?.workflow)
}

/// Who writes which cache.
pub(super) struct Caches<'b> {
    builds: &'b Builds,
    /// By the place of the cache: the builds that write it, and what it keeps of them.
    writers: HashMap<String, Vec<(usize, Exported)>>,
    /// How much of what the second build runs the first one runs as well.
    overlap: &'b dyn Fn(usize, usize) -> Overlap,
}

/// Builds that write one cache; of more it is not known what is left of each. A cache of so many is of no use.
const MAX_WRITERS: usize = 64;

impl<'b> Caches<'b> {
    pub(super) fn new(builds: &'b Builds, overlap: &'b dyn Fn(usize, usize) -> Overlap) -> Self {
        let mut writers: HashMap<String, Vec<(usize, Exported)>> = HashMap::new();
        for (at, definition) in builds.definitions.iter().enumerate() {
            for cache in &definition.cache_to {
                if let Some(place) = place(cache) {
                    writers.entry(place).or_default().push((at, mode(cache)));
                }
            }
        }
        Self { builds, writers, overlap }
    }

    /// What build `at` finds on a machine that is new, where `is_later` tells whether one build ends after another.
    pub(super) fn found(&self, at: usize, is_later: impl Fn(usize, usize) -> bool) -> Found {
        let Some(own) = self.builds.definitions.get(at) else { return Found::Nothing };
        let found = own.cache_from.iter().map(|cache| match place(cache) {
            Some(place) => self.of_place(at, own, &place, &is_later),
            None => Found::Unknown(cache.readable()),
        });
        found.fold(Found::Nothing, better)
    }

    fn of_place(
        &self,
        own: usize,
        definition: &Definition,
        place: &str,
        is_later: &impl Fn(usize, usize) -> bool,
    ) -> Found {
        let unknown = || Found::Unknown(format!("what the cache {place} holds"));
        let Some(writers) = self.writers.get(place) else { return unknown() };
        let workflow = workflow_of(self.builds, definition);
        let is_here = |at: usize| workflow_of(self.builds, &self.builds.definitions[at]) == workflow;
        // Writers of other workflows count where this one has none: when they run is not known.
        let here: Vec<&(usize, Exported)> = writers.iter().filter(|(at, _)| is_here(*at)).collect();
        let counting = if here.is_empty() { writers.iter().collect() } else { here };
        if counting.len() > MAX_WRITERS {
            return unknown();
        }
        let overlap = |at: usize| (self.overlap)(at, own);
        let mut last: Option<(usize, Exported)> = None;
        for &&(at, mode) in &counting {
            if overlap(at) == Overlap::All && last.is_none_or(|(last, _)| is_later(at, last)) {
                last = Some((at, mode));
            }
        }
        let Some((last, mode)) = last else { return unknown() };
        let later = counting.iter().map(|(at, _)| *at).filter(|at| is_here(*at) && is_later(*at, last));
        let mut later = later.filter(|at| overlap(*at) != Overlap::All).peekable();
        match later.peek().copied() {
            None => Found::Kept(mode),
            Some(first) if later.all(|at| overlap(at) == Overlap::Nothing) => Found::Overwritten(first),
            Some(_) => Found::Unknown(format!("what another build leaves of the cache {place}")),
        }
    }
}

/// The one of two of which a build has more.
fn better(a: Found, b: Found) -> Found {
    if b.worth() > a.worth() { b } else { a }
}

impl Found {
    /// More for what a build has more of.
    pub(super) const fn worth(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Overwritten(_) => 1,
            Self::Unknown(_) => 2,
            Self::Kept(Exported::Min) => 3,
            Self::Kept(Exported::Max) => 4,
            Self::Here => 5,
        }
    }
}
