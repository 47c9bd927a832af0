//! Where a tree keeps what its file does not hold as such.

use bumpalo::Bump;

/// Holds the lists of the tree, and the strings that are not in the file as such: joined lines, words without their
/// quotes.
///
/// The tree borrows from it, so it must live as long.
#[derive(Debug)]
pub struct Arena(Bump);

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl Arena {
    /// An empty arena.
    pub fn new() -> Self {
        // What most files need.
        Self(Bump::with_capacity(4000))
    }

    /// An empty arena that takes no room before something is kept in it.
    pub(crate) fn small() -> Self {
        Self(Bump::new())
    }

    /// The allocator.
    pub(crate) fn bump(&self) -> &Bump {
        &self.0
    }

    /// Keeps a copy of `text`.
    pub(crate) fn keep(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }

    /// Keeps a copy of `list`.
    pub(crate) fn list<T: Copy>(&self, list: &[T]) -> &[T] {
        if list.is_empty() { &[] } else { self.0.alloc_slice_copy(list) }
    }

    /// Keeps one part of the tree.
    pub(super) fn node<T>(&self, node: T) -> &T {
        self.0.alloc(node)
    }
}
