//! What a definition may ask for. Definitions are untrusted: nothing in one may take memory or time without bound.

use std::cell::Cell;

use crate::budget::{Part, exceeded, spend};

/// The largest definition that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 4 << 20;
/// The deepest nesting of expressions, blocks and documents.
pub const MAX_DEPTH: usize = 100;
/// The most targets that the matrices of one definition make.
pub const MAX_MATRIX: usize = 10_000;
/// The largest value: strings and elements written out, in bytes.
pub const MAX_VALUE_SIZE: usize = 16 << 20;
/// The most steps of evaluation: expressions, elements and blocks of 64 bytes of text.
pub const MAX_WORK: u64 = 1_500_000;
/// The most files that compose files include and extend.
pub const MAX_INCLUDED: usize = 100;
/// The deepest calls of functions that a definition defines.
pub const MAX_CALLS: usize = 50;

/// The work of a step.
const STEP: u64 = 200;

/// Counts what evaluation does.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Cell::new(MAX_WORK) }
    }
}

impl Budget {
    /// Takes `amount` steps.
    pub(super) fn spend(&self, amount: usize) -> Result<(), String> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        if !spend(Part::Definitions, STEP.saturating_mul(amount)) {
            self.left.set(0);
            return Err(exceeded().map_or_else(String::new, |exceeded| exceeded.to_string()));
        }
        if let Some(left) = self.left.get().checked_sub(amount) {
            self.left.set(left);
            Ok(())
        } else {
            self.left.set(0);
            Err(format!("evaluating the definition takes more than {MAX_WORK} steps, which is the limit"))
        }
    }

    /// Whether all is spent. What failed for that reason is not tried again.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}
