//! Equal operations become one vertex; each place where one was asked for stays apart.
//!
//! BuildKit's source map belongs to the place, not to the operation: a place that the result does not need adds no line to
//! a vertex that another place shares. So lines are collected over reachable [`Place`]s.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::vertex::Op;
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::source::Line;

/// The number of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PlaceIx(pub(super) u32);

/// Where an operation was asked for.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) vertex: VertexIx,
    /// Who owns it: a stage and the first line of its instruction.
    pub(super) owner: Option<(StageIx, Line)>,
    inputs: (u32, u32),
}

/// Operations and places.
#[derive(Debug)]
pub(super) struct Interner {
    pub(super) ops: Vec<Op>,
    table: HashTable<u32>,
    hasher: FixedState,
    pub(super) places: Vec<Place>,
    inputs: Vec<PlaceIx>,
}

impl Interner {
    /// An interner for about so many steps.
    pub(super) fn with_capacity(steps: usize) -> Self {
        Self {
            ops: Vec::with_capacity(steps),
            table: HashTable::with_capacity(steps),
            hasher: FixedState::default(),
            places: Vec::with_capacity(steps),
            inputs: Vec::with_capacity(steps * 2),
        }
    }

    /// The vertex of a place.
    pub(super) fn vertex(&self, place: PlaceIx) -> VertexIx {
        self.places[place.0 as usize].vertex
    }

    /// A new place for `op`, whose inputs were asked for at `inputs`.
    pub(super) fn place(
        &mut self,
        op: Op,
        inputs: impl IntoIterator<Item = PlaceIx>,
        owner: Option<(StageIx, Line)>,
    ) -> PlaceIx {
        let vertex = self.intern(op);
        let start = self.inputs.len() as u32;
        self.inputs.extend(inputs);
        self.places.push(Place { vertex, owner, inputs: (start, self.inputs.len() as u32) });
        PlaceIx(self.places.len() as u32 - 1)
    }

    fn intern(&mut self, op: Op) -> VertexIx {
        let hash = self.hasher.hash_one(&op);
        if let Some(&found) = self.table.find(hash, |&index| self.ops[index as usize] == op) {
            return VertexIx(found);
        }
        let index = self.ops.len() as u32;
        self.ops.push(op);
        let (ops, hasher) = (&self.ops, &self.hasher);
        self.table.insert_unique(hash, index, |&index| hasher.hash_one(&ops[index as usize]));
        VertexIx(index)
    }

    /// For each place the targets that need it, given those that need each root.
    ///
    /// Inputs come before what uses them, so one pass from the end suffices.
    pub(super) fn needed(&self, roots: impl IntoIterator<Item = (PlaceIx, TargetSet)>) -> Vec<TargetSet> {
        let mut needed = vec![TargetSet::EMPTY; self.places.len()];
        for (root, targets) in roots {
            let entry = &mut needed[root.0 as usize];
            *entry = entry.union(targets);
        }
        for (at, place) in self.places.iter().enumerate().rev() {
            let targets = needed[at];
            if !targets.is_empty() {
                for input in &self.inputs[place.inputs.0 as usize..place.inputs.1 as usize] {
                    let entry = &mut needed[input.0 as usize];
                    *entry = entry.union(targets);
                }
            }
        }
        needed
    }
}
