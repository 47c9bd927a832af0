//! What one file told: builds, and provenance that belongs to some.

use super::build::ObservedBuild;
use super::provenance::Provenance;

/// What one file told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// The builds, in the order in which the file first names them.
    pub builds: Vec<ObservedBuild>,
    /// What the steps of a build were, without times; for each document one.
    pub provenance: Vec<Provenance>,
}

impl Record {
    /// Whether the file told of no build.
    pub fn is_empty(&self) -> bool {
        self.builds.is_empty() && self.provenance.is_empty()
    }

    /// Adds what another file told.
    pub fn extend(&mut self, other: Self) {
        self.builds.extend(other.builds);
        self.provenance.extend(other.provenance);
    }

    /// Joins each build with the provenance that knows most of its steps. Provenance of other builds is returned by its place:
    /// that of which most steps are in none, as images and settings that builds share are in both.
    pub fn join(&mut self) -> Vec<usize> {
        let mut used = vec![false; self.provenance.len()];
        for build in &mut self.builds {
            let known = |(at, provenance)| (build.known_to(provenance), at);
            let best = self.provenance.iter().enumerate().map(known);
            if let Some((count, at)) = best.max_by_key(|&(count, at)| (count, std::cmp::Reverse(at)))
                && count > 0
            {
                build.join(&self.provenance[at]);
                used[at] |= count * 2 > self.provenance[at].steps.len();
            }
        }
        (0..used.len()).filter(|at| !used[*at]).collect()
    }
}
