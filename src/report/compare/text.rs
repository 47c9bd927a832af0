//! A comparison for people at a terminal.

use super::ComparisonSubject;
use super::view::{COLUMNS, Cells, Group, LEGEND, PairView, StepLine, View};
use crate::compare::{Change, Standing};
use crate::report::escape::{cut, visible, width, wrap};
use crate::report::style::{Paint, Style};
use crate::report::table::{Align, GAP, table};

const INDENT: &str = "  ";

/// The text report of a comparison.
pub fn comparison_text(subject: &ComparisonSubject<'_>, style: Style) -> String {
    let view = View::new(subject, style);
    let mut writer = Writer { style, out: String::new() };
    writer.head(&view);
    let standing = subject.comparison.verdict.as_ref().map(|verdict| verdict.standing);
    if let Some(verdict) = &view.verdict {
        let paint = match standing {
            Some(Standing::Faster) => Paint::Good,
            Some(Standing::Slower) => Paint::Warn,
            _ => Paint::Notice,
        };
        writer.line("");
        writer.paragraph(verdict, INDENT, paint);
    }
    writer.cells(&view.totals);
    writer.cells(&view.finish);
    for pair in &view.pairs {
        writer.pair(pair);
    }
    if view.pairs.iter().any(|pair| !pair.groups.is_empty()) {
        writer.line("");
        writer.paragraph(LEGEND, INDENT, Paint::Dim);
    }
    writer.line("");
    writer.paragraph(&view.basis, INDENT, Paint::Dim);
    writer.out
}

struct Writer {
    style: Style,
    out: String,
}

impl Writer {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn paragraph(&mut self, text: &str, indent: &str, paint: Paint) {
        for line in wrap(&visible(text), self.style.columns().saturating_sub(indent.len())) {
            let line = format!("{indent}{}", self.style.paint(paint, line));
            self.line(&line);
        }
    }

    /// The names of the builds, and for what and on what they are built.
    fn head(&mut self, view: &View) {
        for (letter, name) in &view.builds {
            let room = self.style.columns().saturating_sub(letter.len() + 2);
            let name = visible(name).into_owned();
            let name = cut(&name, room, self.style.either("…", "~")).into_owned();
            let line = format!("{}  {name}", self.style.paint(Paint::Strong, letter));
            self.line(&line);
        }
        self.paragraph(&format!("{}, by {}", view.platforms, view.machine), "", Paint::Plain);
    }

    /// A table of numbers, its first column a name.
    fn cells(&mut self, cells: &Cells) {
        if cells.rows.is_empty() {
            return;
        }
        let aligned =
            |(at, name): (usize, &String)| (name.clone(), if at == 0 { Align::Left } else { Align::Right });
        let head: Vec<(String, Align)> = cells.head.iter().enumerate().map(aligned).collect();
        let head: Vec<(&str, Align)> = head.iter().map(|(name, align)| (name.as_str(), *align)).collect();
        self.line("");
        // Where the terminal is too narrow, the last columns are left out.
        let room = self.style.columns().saturating_sub(INDENT.len());
        let of = |columns: usize| {
            let rows: Vec<Vec<String>> =
                cells.rows.iter().map(|row| row.iter().take(columns).cloned().collect()).collect();
            table(&head[..columns], &rows)
        };
        let fits = |lines: &Vec<String>| lines.iter().all(|line| width(line) <= room);
        let lines = (1..=head.len()).rev().map(of).find(fits).unwrap_or_else(|| of(head.len()));
        for (at, line) in lines.into_iter().enumerate() {
            let paint = if at == 0 { Paint::Dim } else { Paint::Plain };
            let line = format!("{INDENT}{}", self.style.paint(paint, line));
            self.line(&line);
        }
    }

    fn pair(&mut self, pair: &PairView) {
        self.line("");
        self.paragraph(&format!("{}: {}", pair.title, pair.counts), "", Paint::Strong);
        let style = self.style;
        let mut head = vec![("", Align::Left)];
        head.extend(COLUMNS.map(|name| (name, Align::Right)));
        let all = || pair.groups.iter().flat_map(|group| &group.lines);
        let widest =
            |at: usize| all().map(|line| width(&line.cells[at])).fold(width(COLUMNS[at]), usize::max);
        let others: usize = (0..COLUMNS.len()).map(|at| widest(at) + GAP).sum();
        let room = style.columns().saturating_sub(others + INDENT.len()).max(16);
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut paints = vec![Paint::Dim];
        for group in &pair.groups {
            rows.push(Self::row(group.change.as_str().to_owned(), &Default::default()));
            paints.push(paint(group.change));
            for line in &group.lines {
                rows.push(Self::row(self.text(line, room), &line.cells));
                paints.push(Paint::Plain);
                if let Some(was) = &line.was {
                    rows.push(Self::row(
                        self.cut(&format!("    was {}", visible(was)), room),
                        &Default::default(),
                    ));
                    paints.push(Paint::Dim);
                }
            }
            if let Some(more) = more(group) {
                rows.push(Self::row(format!("{INDENT}{more}"), &Default::default()));
                paints.push(Paint::Dim);
            }
        }
        if !rows.is_empty() {
            for (line, paint) in table(&head, &rows).into_iter().zip(paints) {
                let line = format!("{INDENT}{}", style.paint(paint, line));
                self.line(&line);
            }
        }
        if let Some(kept) = &pair.kept {
            self.paragraph(&format!("{}: {kept}", Change::Kept.as_str()), INDENT, Paint::Plain);
        }
    }

    fn row(text: String, cells: &[String; 5]) -> Vec<String> {
        std::iter::once(text).chain(cells.iter().cloned()).collect()
    }

    /// A step in its column, with what else became of it, which is never cut.
    fn text(&self, line: &StepLine, room: usize) -> String {
        let also: Vec<&str> = line.also.iter().map(|change| change.as_str()).collect();
        let also = if also.is_empty() { String::new() } else { format!(" ({})", also.join(", ")) };
        let text = self.cut(&format!("{INDENT}{}", visible(&line.text)), room.saturating_sub(width(&also)));
        format!("{text}{also}")
    }

    fn cut(&self, text: &str, room: usize) -> String {
        cut(text, room, self.style.either("…", "~")).into_owned()
    }
}

fn more(group: &Group) -> Option<String> {
    (group.more > 0).then(|| format!("and {} more", group.more))
}

const fn paint(change: Change) -> Paint {
    match change {
        Change::NowNative | Change::NowShared => Paint::Good,
        Change::NowEmulated => Paint::Bad,
        Change::NowSplit => Paint::Warn,
        Change::New | Change::Gone | Change::Changed | Change::Moved => Paint::Notice,
        Change::Kept => Paint::Plain,
    }
}
