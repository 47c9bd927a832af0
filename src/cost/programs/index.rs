//! Names of programs by a hash that the compiler works out: a script of a megabyte names more programs than a chain of comparisons
//! has time for.

use super::Program;

/// A row of the table: the names of a program, and what it does.
pub(super) type Row = (&'static [&'static str], Program);

/// How many slots there are: a power of two, more than twice the number of names.
const SLOTS: usize = 2048;

/// Where each name stands.
pub(super) struct Index {
    slots: [Option<(u16, u16)>; SLOTS],
    /// The bytes of the longest name.
    longest: usize,
}

impl Index {
    /// The index of a table, which has to be far from filling it.
    #[allow(clippy::cast_possible_truncation, reason = "the table has a few hundred rows")]
    pub(super) const fn of(rows: &[Row]) -> Self {
        let mut slots = [None; SLOTS];
        let (mut row, mut names, mut longest) = (0, 0, 0);
        while row < rows.len() {
            let mut name = 0;
            while name < rows[row].0.len() {
                if rows[row].0[name].len() > longest {
                    longest = rows[row].0[name].len();
                }
                let mut slot = hash(rows[row].0[name]);
                while slots[slot].is_some() {
                    slot = (slot + 1) % SLOTS;
                }
                slots[slot] = Some((row as u16, name as u16));
                (name, names) = (name + 1, names + 1);
            }
            row += 1;
        }
        assert!(names * 2 < SLOTS, "the index is too small for the table");
        Self { slots, longest }
    }

    /// The row that has a name.
    pub(super) fn find<'r>(&self, rows: &'r [Row], wanted: &str) -> Option<&'r Program> {
        if wanted.len() > self.longest {
            return None;
        }
        let mut slot = hash(wanted);
        while let Some((row, name)) = self.slots[slot] {
            let (names, program) = &rows[usize::from(row)];
            if names[usize::from(name)] == wanted {
                return Some(program);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

/// FNV-1a, of 32 bits, as a slot.
const fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ hash >> 16) as usize % SLOTS
}
