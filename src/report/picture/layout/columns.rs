//! The lanes of a stage: which targets share a column, and which columns a box spans.
//!
//! Knows targets and rows. Knows no pixels.

use std::ops::Range;

use super::super::view::{BoxIx, GraphView, StageView};
use crate::ids::TargetSet;

/// A box and the columns it spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spanned {
    pub(super) index: BoxIx,
    pub(super) columns: Range<usize>,
}

/// The finest groups of targets in a stage, so ordered that those which part late stand beside each other.
pub(super) fn columns(view: &GraphView, stage: &StageView) -> Vec<TargetSet> {
    let mut columns = vec![stage.targets];
    for row in &stage.rows {
        let refine = |group: &TargetSet| {
            let mut rest = *group;
            let mut parts = Vec::new();
            for at in &row.boxes {
                let part = rest.intersection(view.get(*at).targets);
                if !part.is_empty() {
                    parts.push(part);
                    rest = rest.without(part);
                }
            }
            if !rest.is_empty() {
                parts.push(rest);
            }
            parts.sort_by_key(|part| part.iter().next());
            parts
        };
        columns = columns.iter().flat_map(refine).collect();
    }
    columns
}

/// The boxes of a row with their columns; a box whose columns do not stand beside each other comes several times.
pub(super) fn spans(view: &GraphView, boxes: &[BoxIx], columns: &[TargetSet]) -> Vec<Spanned> {
    let mut spans = Vec::new();
    for &index in boxes {
        let targets = view.get(index).targets;
        let mut open: Option<usize> = None;
        for at in 0..=columns.len() {
            let is_in = columns.get(at).is_some_and(|column| !column.intersection(targets).is_empty());
            match (open, is_in) {
                (None, true) => open = Some(at),
                (Some(start), false) => {
                    spans.push(Spanned { index, columns: start..at });
                    open = None;
                }
                _ => {}
            }
        }
    }
    spans.sort_by_key(|span| span.columns.start);
    spans
}

/// The columns of a group of targets, from its first to its last.
pub(super) fn range(targets: TargetSet, columns: &[TargetSet]) -> Range<usize> {
    let is_in = |column: &&TargetSet| !column.intersection(targets).is_empty();
    let first = columns.iter().position(|column| is_in(&column)).unwrap_or(0);
    let last = columns.iter().rposition(|column| is_in(&column)).unwrap_or(0);
    first..last + 1
}
