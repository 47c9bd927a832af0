//! The files that the build sees, with their sizes.

use std::cmp::Ordering;

use crate::budget::{Part, spend};
use crate::units::Bytes;

use super::patterns::below;
use super::selection::Selection;

/// Files beyond this many are not counted: a folder this full is a home, not a build context.
pub const MAX_FILES: usize = 200_000;

/// The work of asking whether a copy takes a file, without its patterns.
const FILE: u64 = 30;

/// The files of a context that `.dockerignore` leaves in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// Sorted by their parts, so that a folder's files follow each other.
    paths: Vec<Box<str>>,
    /// The size of all files before each, and of all.
    before: Vec<u64>,
    is_cut: bool,
}

impl Files {
    /// Of paths and sizes in any order. `is_cut` says that there are more.
    pub fn new(mut files: Vec<(Box<str>, Bytes)>, is_cut: bool) -> Self {
        files.sort_unstable_by(|(a, _), (b, _)| order(a, b));
        files.dedup_by(|(a, _), (b, _)| a == b);
        let mut before = Vec::with_capacity(files.len() + 1);
        before.push(0);
        let mut sum = 0_u64;
        for (_, size) in &files {
            sum = sum.saturating_add(size.0);
            before.push(sum);
        }
        Self { paths: files.into_iter().map(|(path, _)| path).collect(), before, is_cut }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether there are more than were counted.
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether there is such a file, or any below such a folder.
    pub fn has(&self, path: &str) -> bool {
        !self.range(path).is_empty()
    }

    /// Whether there is such a file.
    pub fn is_file(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| order(known, path)).is_ok()
    }

    /// The size of all.
    pub fn size(&self) -> Bytes {
        Bytes(self.before.last().copied().unwrap_or(0))
    }

    /// The size of what a selection takes.
    pub fn size_of(&self, selection: &Selection) -> Bytes {
        let Some(range) = selection.folder().map(|folder| self.range(folder)) else { return Bytes(0) };
        if selection.is_whole() {
            return Bytes(self.before.get(range.end).map_or(0, |end| end - self.before[range.start]));
        }
        let mut taker = selection.taker();
        if !spend(Part::Patterns, FILE * range.len() as u64) {
            return Bytes(0);
        }
        Bytes(range.filter(|at| taker.takes(&self.paths[*at])).map(|at| self.size_at(at).0).sum())
    }

    /// All files with their sizes, sorted by their parts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Bytes)> {
        self.paths.iter().enumerate().map(|(at, path)| (&**path, self.size_at(at)))
    }

    /// The places of the files that a selection takes, in their order.
    pub fn places<'f>(&'f self, selection: &'f Selection) -> impl Iterator<Item = usize> + 'f {
        let range = selection.folder().map_or(0..0, |folder| self.range(folder));
        let whole = selection.is_whole();
        let range = if whole || spend(Part::Patterns, FILE * range.len() as u64) { range } else { 0..0 };
        let mut taker = selection.taker();
        range.filter(move |at| whole || taker.takes(&self.paths[*at]))
    }

    fn size_at(&self, at: usize) -> Bytes {
        Bytes(self.before[at + 1] - self.before[at])
    }

    /// The places of the files below a folder.
    fn range(&self, folder: &str) -> std::ops::Range<usize> {
        if folder.is_empty() {
            return 0..self.paths.len();
        }
        let start = self.paths.partition_point(|path| order(path, folder).is_lt());
        let length = self.paths[start..].partition_point(|path| below(path, folder));
        start..start + length
    }
}

/// The order of paths by their parts: `a/b` comes before `a.c`.
fn order(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    // What ends a part comes before what goes on with it.
    let next = |path: &[u8]| path.get(same).map(|byte| (*byte != b'/', *byte));
    next(a).cmp(&next(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_in_the_order_of_their_parts() {
        let mut paths = ["a.c", "a/b/c", "a", "a/b", "b", "a-b/c", "a/b.c", "", "é/a", "é"];
        let mut expected = paths;
        expected.sort_by_key(|path| path.split('/').collect::<Vec<_>>());
        paths.sort_by(|a, b| order(a, b));
        assert_eq!(paths, expected);
    }

    #[test]
    fn sizes_add_up_by_folder_and_by_pattern() {
        let file = |path: &str, size| (Box::from(path), Bytes(size));
        let all = ["src/a.c", "src.c", "src/deep/b.c", "README.md", "src-old/a.c"];
        let files =
            Files::new(all.iter().zip([1, 10, 100, 1000, 10_000]).map(|(p, s)| file(p, s)).collect(), false);
        for (source, size) in [
            ("/", 11_111),
            ("/src", 101),
            ("/src.c", 10),
            ("/*.c", 10),
            ("/src/*", 101),
            ("/none", 0),
            ("/s*", 10_111),
        ] {
            assert_eq!(files.size_of(&Selection::source(source)), Bytes(size), "{source}");
        }
        assert!(files.has("src") && files.has("src.c") && !files.has("sr"));
        assert!(files.is_file("src/deep/b.c") && !files.is_file("src") && !files.is_file("src/a"));
        assert_eq!((files.size(), files.len()), (Bytes(11_111), 5));
        assert_eq!(Files::default().size_of(&Selection::source("/")), Bytes(0));
    }
}
