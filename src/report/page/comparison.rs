//! What a page says of several builds: the verdict, their numbers, and what became of each step.

use super::build::{BuildView, MAX_STEPS};
use super::data::shorten;
use crate::compare::{Change, Pair, Row, Step};
use crate::report::ComparisonSubject;
use crate::report::compare::{Cells, View};
use crate::report::escape::{capitalized, visible};
use crate::report::style::Style;

/// A comparison in finished words.
pub(super) struct ComparisonView {
    pub(super) verdict: String,
    pub(super) about: String,
    pub(super) letters: Vec<String>,
    pub(super) tables: Vec<Cells>,
    pub(super) basis: String,
    pub(super) pairs: Vec<PairView>,
}

/// The steps of two builds.
pub(super) struct PairView {
    /// The letters of the two.
    pub(super) title: String,
    pub(super) counts: String,
    /// The number of the later build.
    pub(super) after: usize,
    pub(super) rows: Vec<ChangeView>,
    pub(super) left_out: usize,
}

/// What became of a step.
pub(super) struct ChangeView {
    pub(super) changes: String,
    pub(super) is_kept: bool,
    pub(super) text: String,
    /// What it was, where its text differs.
    pub(super) was: String,
    pub(super) lines: String,
    /// The numbers of its steps in the earlier and in the later build, separated by spaces.
    pub(super) before: String,
    pub(super) after: String,
    /// Both.
    pub(super) steps: String,
}

impl ComparisonView {
    /// The view of a comparison of the builds that the page shows.
    pub(super) fn new(subject: &ComparisonSubject<'_>, builds: &[BuildView]) -> Self {
        let words = View::new(subject, Style::PLAIN);
        let shown = |text: &String| visible(text).into_owned();
        let pairs = subject.comparison.pairs.iter().zip(&words.pairs);
        Self {
            verdict: words.verdict.as_ref().map_or_else(String::new, |text| capitalized(&shown(text))),
            about: visible(&format!("{}, by {}", words.platforms, words.machine)).into_owned(),
            letters: words.builds.iter().map(|(letter, _)| letter.clone()).collect(),
            pairs: pairs
                .map(|(pair, words)| PairView::new(pair, shown(&words.title), shown(&words.counts), builds))
                .collect(),
            basis: shown(&words.basis),
            tables: [words.totals, words.finish].into_iter().filter(|table| !table.rows.is_empty()).collect(),
        }
    }
}

impl PairView {
    fn new(pair: &Pair, title: String, counts: String, builds: &[BuildView]) -> Self {
        let after = pair.after.index();
        let mut rows: Vec<&Row> = pair.rows.iter().collect();
        rows.sort_by_key(|row| row.change());
        let row = |row: &&Row| ChangeView::new(row, &builds[0], &builds[after]);
        Self {
            title,
            counts,
            after,
            rows: rows.iter().take(MAX_STEPS).map(row).collect(),
            left_out: rows.len().saturating_sub(MAX_STEPS),
        }
    }
}

impl ChangeView {
    fn new(row: &Row, earlier: &BuildView, later: &BuildView) -> Self {
        let numbers = |step: &Option<Step>, build: &BuildView| {
            step.as_ref().map_or_else(String::new, |step| of_tasks(step, build))
        };
        let (before, after) = (numbers(&row.before, earlier), numbers(&row.after, later));
        let text = |step: &Option<Step>| step.as_ref().map(|step| shorten(&visible(&step.text)));
        let (old, new) = (text(&row.before), text(&row.after));
        let lines = |step: &Option<Step>| {
            let lines = step.iter().flat_map(|step| &step.lines).map(ToString::to_string);
            lines.collect::<Vec<_>>().join(", ")
        };
        let lines = match (lines(&row.before), lines(&row.after)) {
            (old, new) if old == new || new.is_empty() => old,
            (old, new) if old.is_empty() => new,
            (old, new) => format!("{old} → {new}"),
        };
        let words: Vec<&str> = row.changes.iter().map(|change| change.as_str()).collect();
        Self {
            changes: words.join(", "),
            is_kept: row.change() == Change::Kept,
            was: old.clone().filter(|old| new.as_ref().is_some_and(|new| new != old)).unwrap_or_default(),
            text: new.or(old).unwrap_or_default(),
            lines,
            steps: [&before, &after]
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| text.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            before,
            after,
        }
    }
}

/// The numbers of the page's steps that show the runs of a step.
fn of_tasks(step: &Step, build: &BuildView) -> String {
    let steps = step.tasks().iter().filter_map(|task| build.step_of.get(task.index()).copied().flatten());
    let mut steps: Vec<usize> = steps.collect();
    steps.sort_unstable();
    steps.dedup();
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
