//! A comparison for a pull request: GitHub's Markdown, with the steps folded away.

use std::fmt::Write as _;

use super::ComparisonSubject;
use super::view::{COLUMNS, Cells, LEGEND, PairView, View};
use crate::compare::Change;
use crate::report::escape::{markdown as escape, markdown_code as code};
use crate::report::style::Style;

/// The Markdown report of a comparison.
pub fn comparison_markdown(subject: &ComparisonSubject<'_>) -> String {
    let view = View::new(subject, Style::PLAIN);
    let mut out = String::new();
    if let Some(verdict) = &view.verdict {
        let _ = writeln!(out, "**{}**\n", escape(verdict));
    }
    for (letter, name) in &view.builds {
        let _ = writeln!(out, "- {}: {}", escape(letter), code(name));
    }
    let _ = writeln!(out, "\n{}, by {}", escape(&view.platforms), code(&view.machine));
    cells(&view.totals, &mut out);
    cells(&view.finish, &mut out);
    for pair in &view.pairs {
        steps(pair, &mut out);
    }
    let _ = writeln!(out, "\n{}", escape(&view.basis));
    out
}

fn cells(cells: &Cells, out: &mut String) {
    if cells.rows.is_empty() {
        return;
    }
    out.push('\n');
    row(cells.head.iter().map(|cell| escape(cell)), out);
    row((0..cells.head.len()).map(|at| if at == 0 { "---" } else { "---:" }.to_owned()), out);
    for cells in &cells.rows {
        row(cells.iter().map(|cell| escape(cell)), out);
    }
}

fn row(cells: impl Iterator<Item = String>, out: &mut String) {
    out.push('|');
    for cell in cells {
        let _ = write!(out, " {cell} |");
    }
    out.push('\n');
}

fn steps(pair: &PairView, out: &mut String) {
    let _ = writeln!(
        out,
        "\n<details><summary>Steps, {}: {}</summary>\n",
        escape(&pair.title),
        escape(&pair.counts)
    );
    if !pair.groups.is_empty() {
        let head = ["", "step"].into_iter().chain(COLUMNS);
        row(head.map(str::to_owned), out);
        row((0..COLUMNS.len() + 2).map(|at| if at < 2 { "---" } else { "---:" }.to_owned()), out);
        for group in &pair.groups {
            for line in &group.lines {
                let changes: Vec<&str> = std::iter::once(group.change)
                    .chain(line.also.iter().copied())
                    .map(Change::as_str)
                    .collect();
                let was = line.was.as_ref().map_or_else(String::new, |was| format!("<br>was {}", code(was)));
                let cells = line.cells.iter().map(|cell| escape(cell));
                let first = [changes.join(", "), format!("{}{was}", code(&line.text))];
                row(first.into_iter().chain(cells), out);
            }
            if group.more > 0 {
                let _ = writeln!(out, "| {} | and {} more |", group.change.as_str(), group.more);
            }
        }
        let _ = writeln!(out, "\n{}", escape(LEGEND));
    }
    if let Some(kept) = &pair.kept {
        let _ = writeln!(out, "\n{}: {}", Change::Kept.as_str(), escape(kept));
    }
    out.push_str("\n</details>\n");
}
