//! Index newtypes. A number that points into one table cannot be used with another.

/// Declares an index into a table of the project's own.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
    /// A target platform, by its position in the list that was asked for.
    TargetIx
);

/// A set of target platforms, as a bit for each position in the list that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TargetSet(u64);

impl TargetSet {
    /// How many target platforms one build may have.
    pub const MAX_TARGETS: usize = 64;
    /// No target.
    pub const EMPTY: Self = Self(0);

    /// The first `count` targets.
    pub const fn first(count: usize) -> Self {
        if count >= Self::MAX_TARGETS { Self(u64::MAX) } else { Self((1 << count) - 1) }
    }

    /// One target.
    pub const fn one(target: TargetIx) -> Self {
        Self(1 << target.0)
    }

    /// Whether no target is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many targets are in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether `target` is in the set.
    pub const fn contains(self, target: TargetIx) -> bool {
        self.0 & (1 << target.0) != 0
    }

    /// Targets in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Targets in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Targets in this set but not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The targets, in the order asked for.
    pub fn iter(self) -> impl Iterator<Item = TargetIx> {
        (0..Self::MAX_TARGETS as u32).map(TargetIx).filter(move |&target| self.contains(target))
    }
}

impl FromIterator<TargetIx> for TargetSet {
    fn from_iter<I: IntoIterator<Item = TargetIx>>(iter: I) -> Self {
        iter.into_iter().fold(Self::EMPTY, |set, target| set.union(Self::one(target)))
    }
}
