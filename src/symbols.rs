//! Strings as small numbers: two are equal exactly when their symbols are.
//!
//! Knows nothing of what the strings mean.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A string in a [`Symbols`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Symbol(u32);

impl Symbol {
    /// The empty string, in every table.
    pub const EMPTY: Self = Self(0);

    /// The symbol's position in its table.
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// A table of distinct strings.
#[derive(Debug)]
pub struct Symbols {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl Default for Symbols {
    /// A table that holds the empty string only, without room for more.
    fn default() -> Self {
        let (text, table) = (String::new(), HashTable::new());
        Self { text, ends: vec![0], table, hasher: FixedState::default() }
    }
}

impl Clone for Symbols {
    /// A copy with room for more.
    fn clone(&self) -> Self {
        let mut text = String::with_capacity(self.text.len() + 4096);
        text.push_str(&self.text);
        let mut ends = Vec::with_capacity(self.ends.len() + 128);
        ends.extend_from_slice(&self.ends);
        Self { text, ends, table: self.table.clone(), hasher: self.hasher.clone() }
    }
}

impl Symbols {
    /// A table that holds the empty string only.
    pub fn new() -> Self {
        // The empty string is known without being looked up.
        let mut ends = Vec::with_capacity(128);
        ends.push(0);
        Self {
            text: String::with_capacity(4096),
            ends,
            table: HashTable::with_capacity(128),
            hasher: FixedState::default(),
        }
    }

    /// The symbol of `text`, entering it where it is new.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if text.is_empty() {
            return Symbol::EMPTY;
        }
        let hash = hash_of(&self.hasher, text);
        if let Some(&found) = self.table.find(hash, |&index| self.is(index, text)) {
            return Symbol(found);
        }
        let index = self.ends.len() as u32;
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        let (all, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.table.insert_unique(hash, index, |&index| hash_of(hasher, slice(all, ends, index)));
        Symbol(index)
    }

    /// The symbol of `text`, if it is in the table.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        if text.is_empty() {
            return Some(Symbol::EMPTY);
        }
        let hash = hash_of(&self.hasher, text);
        self.table.find(hash, |&index| self.is(index, text)).map(|&index| Symbol(index))
    }

    /// The string of `symbol`.
    pub fn text(&self, symbol: Symbol) -> &str {
        slice(&self.text, &self.ends, symbol.0)
    }

    /// Whether the string at `index` is `text`. Told by bytes, since finding a string again is what is done most.
    fn is(&self, index: u32, text: &str) -> bool {
        self.text.as_bytes()[range(&self.ends, index)] == *text.as_bytes()
    }

    /// How many bytes all strings take together.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl std::ops::Index<Symbol> for Symbols {
    type Output = str;

    fn index(&self, symbol: Symbol) -> &str {
        self.text(symbol)
    }
}

/// The hash of the bytes alone: what the standard library adds to those of a string tells nothing apart here.
fn hash_of(hasher: &FixedState, text: &str) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn slice<'a>(text: &'a str, ends: &[u32], index: u32) -> &'a str {
    &text[range(ends, index)]
}

/// Where a string stands among all.
fn range(ends: &[u32], index: u32) -> Range<usize> {
    let index = index as usize;
    let start = if index == 0 { 0 } else { ends[index - 1] as usize };
    start..ends[index] as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_are_one_symbol() {
        let mut symbols = Symbols::new();
        let words: Vec<String> = (0..1000).map(|n| format!("word-{n}")).collect();
        let first: Vec<Symbol> = words.iter().map(|word| symbols.intern(word)).collect();
        let again: Vec<Symbol> = words.iter().map(|word| symbols.intern(word)).collect();
        assert_eq!(first, again);
        assert_eq!(symbols.text(first[17]), "word-17");
        assert_eq!(symbols.find("word-999"), Some(first[999]));
        assert_eq!(symbols.find("other"), None);
        assert_eq!(symbols.intern(""), Symbol::EMPTY);
    }
}
