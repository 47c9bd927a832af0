//! Tables in text reports: columns apart by two spaces, no lines.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Columns between two columns.
pub(super) const GAP: usize = 2;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// The lines of a table with a head, each as wide as its content; the caller cuts cells that may be too wide.
pub(super) fn table(head: &[(&str, Align)], rows: &[Vec<String>]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.iter().map(|(name, _)| *name));
    table.add_rows(rows);
    for (column, (_, align)) in table.column_iter_mut().zip(head) {
        column.set_padding((0, GAP as u16));
        column.set_cell_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        });
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}
