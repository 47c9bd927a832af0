//! What was made of scripts lately: pricing, rules and every file that a fix is tried on ask for the same ones, for each platform.

use std::cell::RefCell;
use std::rc::Rc;

use foldhash::HashMap;

use super::syntax::{Script, parse};
use crate::budget::{Part, spend};

/// What a thread remembers of scripts, up to so many bytes of their text.
pub(super) struct Memo<V> {
    known: HashMap<Box<str>, V>,
    bytes: usize,
    most: usize,
}

impl<V: Clone> Memo<V> {
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashMap::default(), bytes: 0, most }
    }

    pub(super) fn get(&self, script: &str) -> Option<V> {
        self.known.get(script).cloned()
    }

    /// Remembers what was made of a script that is not known; forgets all others where that is too much.
    pub(super) fn keep(&mut self, script: &str, made: &V) {
        if self.bytes + script.len() > self.most {
            *self = Self::new(self.most);
        }
        if script.len() <= self.most {
            self.bytes += script.len();
            self.known.insert(script.into(), made.clone());
        }
    }
}

/// Bytes of script whose trees a thread remembers: a tree takes some forty times the memory of its text.
const MOST: usize = 1 << 17;

/// The work of reading a byte of a script.
const BYTE: u64 = 170;

thread_local! {
    static TREES: RefCell<Memo<Rc<Script>>> = RefCell::new(Memo::new(MOST));
}

/// The tree of a script, which is parsed unless this thread did so lately; `None` where the budget does not cover that.
pub(super) fn known_tree(script: &str) -> Option<Rc<Script>> {
    if let Some(known) = TREES.with_borrow(|memo| memo.get(script)) {
        return Some(known);
    }
    let tree = spend(Part::Shell, BYTE * script.len() as u64).then(|| Rc::new(parse(script)))?;
    TREES.with_borrow_mut(|memo| memo.keep(script, &tree));
    Some(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_limited() {
        let mut memo = Memo::new(50_000);
        for at in 0..300 {
            memo.keep(&format!("echo {at} {}", "x".repeat(1_000)), &at);
            assert!(memo.bytes <= 50_000);
            assert_eq!(memo.bytes, memo.known.keys().map(|script| script.len()).sum::<usize>());
        }
        assert_eq!(memo.get(&format!("echo 299 {}", "x".repeat(1_000))), Some(299));
        memo.keep(&"x".repeat(50_001), &0);
        assert!(memo.known.is_empty());
    }
}
