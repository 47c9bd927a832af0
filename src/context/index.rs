//! Which patterns of a list a path may fit.
//!
//! Most patterns fit no path of a context. They are found by the plain text at their start or end, so that a list costs about
//! what fits, not what it holds.

use foldhash::HashMap;

use super::glob::Anchor;

/// Patterns by their plain texts, each by its place in the list.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    whole: HashMap<Box<str>, Vec<u32>>,
    starts: Texts,
    ends: Texts,
    /// Those that may fit anything.
    others: Vec<u32>,
}

/// Patterns by a text at one end of them.
#[derive(Debug, Clone, Default)]
struct Texts {
    by_text: HashMap<Box<str>, Vec<u32>>,
    /// The lengths of the texts, in bytes, each once.
    lengths: Vec<usize>,
}

impl Index {
    /// Adds the pattern at `place`.
    pub(super) fn add(&mut self, place: usize, anchor: Anchor<'_>) {
        let place = place as u32;
        match anchor {
            Anchor::Whole(text) => self.whole.entry(text.into()).or_default().push(place),
            Anchor::Start(text) if !text.is_empty() => self.starts.add(place, text),
            Anchor::End(text) if !text.is_empty() => self.ends.add(place, text),
            _ => self.others.push(place),
        }
    }

    /// The work of looking a path up.
    pub(super) fn work(&self, path: &str) -> u64 {
        let texts = self.starts.lengths.partition_point(|length| *length <= path.len())
            + self.ends.lengths.partition_point(|length| *length <= path.len());
        50 + 20 * texts as u64 + (texts * path.len()) as u64 / 8
    }

    /// Puts the patterns that a path may fit into `found`, in their order.
    pub(super) fn find(&self, path: &str, found: &mut Vec<u32>) {
        found.extend_from_slice(&self.others);
        let mut add = |places: Option<&Vec<u32>>| found.extend(places.into_iter().flatten());
        add(self.whole.get(path));
        self.starts.lengths.iter().for_each(|length| {
            add(path.get(..*length).and_then(|text| self.starts.by_text.get(text)));
        });
        self.ends.lengths.iter().for_each(|length| {
            let start = path.len().checked_sub(*length);
            add(start.and_then(|start| path.get(start..)).and_then(|text| self.ends.by_text.get(text)));
        });
        found.sort_unstable();
    }
}

impl Texts {
    fn add(&mut self, place: u32, text: &str) {
        self.by_text.entry(text.into()).or_default().push(place);
        if let Err(at) = self.lengths.binary_search(&text.len()) {
            self.lengths.insert(at, text.len());
        }
    }
}
