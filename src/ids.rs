//! Index newtypes. A number that points into one table cannot be used with another.

/// Declares an index into a table of the project's own.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The index of entry `at` of its table.
            pub const fn new(at: usize) -> Self {
                Self(at as u32)
            }

            /// The entry's position in its table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
pub(crate) use index;

index!(
    /// A stage, by its position in the file.
    StageIx
);
index!(
    /// A vertex of a build graph.
    VertexIx
);
index!(
    /// A node of a builder, by its position among those that build something.
    NodeIx
);
index!(
    /// A build, by its position among those that a node runs together.
    BuildIx
);
index!(
    /// A target: a platform that a build is for, by its position in the list that was asked for. Where a daemon runs several
    /// builds together, those of the second follow those of the first, and so on.
    TargetIx
);
index!(
    /// A Dockerfile, by its position among those of a request.
    FileIx
);

/// A set of targets, as a bit for each position in the list that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TargetSet([u64; WORDS]);

/// Words of a set. Sets are small enough to be copied, since they are what is handed on most.
const WORDS: usize = 4;

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

impl TargetSet {
    /// How many targets the builds that one daemon runs together may have.
    pub const MAX_TARGETS: usize = WORDS * BITS;
    /// No target.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// The first `count` targets.
    pub const fn first(count: usize) -> Self {
        let mut words = [0; WORDS];
        let mut at = 0;
        while at < WORDS {
            let here = count.saturating_sub(at * BITS);
            words[at] = if here >= BITS { u64::MAX } else { (1 << here) - 1 };
            at += 1;
        }
        Self(words)
    }

    /// One target.
    pub const fn one(target: TargetIx) -> Self {
        let mut words = [0; WORDS];
        words[target.index() / BITS % WORDS] = 1 << (target.index() % BITS);
        Self(words)
    }

    /// Whether no target is in the set.
    pub const fn is_empty(self) -> bool {
        let Self([a, b, c, d]) = self;
        a | b | c | d == 0
    }

    /// How many targets are in the set.
    pub const fn len(self) -> usize {
        let Self([a, b, c, d]) = self;
        (a.count_ones() + b.count_ones() + c.count_ones() + d.count_ones()) as usize
    }

    /// Whether `target` is in the set.
    pub const fn contains(self, target: TargetIx) -> bool {
        let at = target.index();
        at < Self::MAX_TARGETS && self.0[at / BITS] & (1 << (at % BITS)) != 0
    }

    /// Targets in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// Targets in both sets.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// Targets in this set but not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// The targets, in the order asked for.
    pub fn iter(self) -> impl Iterator<Item = TargetIx> {
        self.0.into_iter().enumerate().flat_map(|(at, word)| {
            let bits = std::iter::successors(Some(word), |left| Some(left & left.wrapping_sub(1)));
            bits.take_while(|left| *left != 0)
                .map(move |left| TargetIx::new(at * BITS + left.trailing_zeros() as usize))
        })
    }

    /// The set with every target so many positions later, without those that get behind the last.
    #[must_use]
    pub fn later(self, by: usize) -> Self {
        let (words, bits) = (by / BITS, by % BITS);
        let word = |at: usize| at.checked_sub(words).map_or(0, |at| self.0[at]);
        Self(std::array::from_fn(|at| match at.checked_sub(1) {
            // What the word below hands on is shifted twice: no number can be shifted by all of its bits at once.
            Some(below) => word(at) << bits | word(below) >> 1 >> (BITS - 1 - bits),
            None => word(at) << bits,
        }))
    }
}

impl FromIterator<TargetIx> for TargetSet {
    fn from_iter<I: IntoIterator<Item = TargetIx>>(iter: I) -> Self {
        let known = iter.into_iter().filter(|target| target.index() < Self::MAX_TARGETS);
        known.fold(Self::EMPTY, |set, target| set.union(Self::one(target)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets_beyond_a_word() {
        let all = [0, 1, 63, 64, 130, 255];
        let set: TargetSet = all.iter().map(|at| TargetIx::new(*at)).collect();
        assert_eq!(set.iter().map(TargetIx::index).collect::<Vec<_>>(), all);
        assert_eq!(set.len(), all.len());
        assert!(all.iter().all(|at| set.contains(TargetIx::new(*at))));
        assert!(!set.contains(TargetIx(2)) && !set.contains(TargetIx(256)) && !set.contains(TargetIx(4000)));
        assert_eq!(TargetSet::first(130).len(), 130);
        assert_eq!(TargetSet::first(9999).len(), TargetSet::MAX_TARGETS);
        assert_eq!(set.without(TargetSet::first(64)).intersection(set), set.without(TargetSet::first(64)));
        assert_eq!(set.without(set).union(TargetSet::one(TargetIx(7))), TargetSet::one(TargetIx(7)));
        assert_eq!(TargetSet::first(2).later(63).iter().map(TargetIx::index).collect::<Vec<_>>(), [63, 64]);
        assert!(TargetSet::first(1).later(256).is_empty());
        for by in [0, 1, 63, 64, 65, 127, 200, 255] {
            let later: TargetSet = all.iter().map(|at| TargetIx::new(at + by)).collect();
            assert_eq!(set.later(by), later, "{by}");
        }
    }
}
