//! What every format of a comparison shows: the same words and numbers as plain cells. Nothing here is safe to show yet.

use super::ComparisonSubject;
use crate::compare::{BuildIx, Change, Pair, Row, Step, Totals, percent};
use crate::pricing::Terms;
use crate::report::style::Style;
use crate::report::time::{counted, not_included, source_of_numbers};
use crate::source::Line;
use crate::units::{Nanos, NanosChange};

/// Rows of a kind of change that are shown; the rest is counted.
const MOST_ROWS: usize = 20;

/// A comparison as cells.
pub(in crate::report) struct View {
    /// The letter and file name of each build.
    pub(in crate::report) builds: Vec<(String, String)>,
    /// For what platforms, and on which.
    pub(in crate::report) platforms: String,
    /// On what machine.
    pub(in crate::report) machine: String,
    /// What it comes to.
    pub(in crate::report) verdict: Option<String>,
    /// Each build in numbers.
    pub(in crate::report) totals: Cells,
    /// When each platform is done.
    pub(in crate::report) finish: Cells,
    /// What the numbers rest on.
    pub(in crate::report) basis: String,
    /// Each build but the first beside the first.
    pub(in crate::report) pairs: Vec<PairView>,
}

/// A table.
pub(in crate::report) struct Cells {
    pub(in crate::report) head: Vec<String>,
    pub(in crate::report) rows: Vec<Vec<String>>,
}

/// The steps of two builds.
pub(in crate::report) struct PairView {
    /// The letters of the two, and of more than two the odds.
    pub(in crate::report) title: String,
    /// How many steps there are of each change, in words.
    pub(in crate::report) counts: String,
    /// Steps by what became of them, what is kept left out.
    pub(super) groups: Vec<Group>,
    /// What is kept, in words.
    pub(in crate::report) kept: Option<String>,
}

/// Steps of which the same became.
pub(super) struct Group {
    pub(super) change: Change,
    pub(super) lines: Vec<StepLine>,
    /// Steps that are not shown.
    pub(super) more: usize,
}

/// A step.
pub(super) struct StepLine {
    pub(super) text: String,
    /// What it was, where its text differs.
    pub(super) was: Option<String>,
    /// What else became of it.
    pub(super) also: Vec<Change>,
    /// As in [`COLUMNS`].
    pub(super) cells: [String; 5],
}

/// The columns of a step after its text.
pub(super) const COLUMNS: [&str; 5] = ["line", "runs", "takes", "core time", "of the build"];

/// What the columns mean.
pub(super) const LEGEND: &str = "takes: all runs of a step together; of the build: its part of the critical path, which \
    add up to the difference of the builds";

/// The letter of a build: A, B, … Z, then numbers.
pub(in crate::report) fn letter(build: BuildIx) -> String {
    match u8::try_from(build.index()) {
        Ok(at) if at < 26 => char::from(b'A' + at).to_string(),
        _ => format!("#{}", build.index() + 1),
    }
}

impl View {
    pub(in crate::report) fn new(subject: &ComparisonSubject<'_>, style: Style) -> Self {
        let comparison = subject.comparison;
        let builds = &comparison.builds;
        let name = |(at, build): (usize, &Totals)| (letter(BuildIx::new(at)), build.name.clone());
        let platforms = builds.first().map_or_else(String::new, |build| {
            build.finish.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        });
        let machine = &subject.terms.machine;
        let cores: f64 = machine.nodes.iter().map(|node| node.cores).sum();
        let nodes = if machine.nodes.len() > 1 {
            format!(" on {} nodes", machine.nodes.len())
        } else {
            String::new()
        };
        let verdict = comparison.verdict.as_ref();
        Self {
            builds: builds.iter().enumerate().map(name).collect(),
            platforms: format!("for {platforms}, built on {}", subject.build_platform),
            machine: format!("{} ({cores} cores{nodes})", machine.name),
            verdict: verdict.map(|verdict| format!("{}.", verdict.sentence(letter))),
            totals: totals(builds, style),
            finish: finish(builds),
            basis: basis(builds, subject.terms),
            pairs: comparison.pairs.iter().map(|pair| PairView::new(pair, builds.len() > 2, style)).collect(),
        }
    }
}

/// What the numbers rest on, once for all builds where they agree.
fn basis(builds: &[Totals], terms: &Terms) -> String {
    let words = |build: &Totals| {
        let counted: Vec<String> = build.bases.iter().map(|(basis, count)| counted(*basis, *count)).collect();
        if counted.is_empty() { "none".to_owned() } else { counted.join(", ") }
    };
    let each: Vec<String> = builds.iter().map(words).collect();
    let commands = if each.windows(2).all(|pair| pair[0] == pair[1]) {
        each.into_iter().next().unwrap_or_default()
    } else {
        let named = |(at, words)| format!("{} {words}", letter(BuildIx::new(at)));
        each.into_iter().enumerate().map(named).collect::<Vec<String>>().join("; ")
    };
    format!("rests on {}; commands: {commands}; {}", source_of_numbers(terms), not_included())
}

fn totals(builds: &[Totals], style: Style) -> Cells {
    let head = ["", "time", "P10 to P90", "core time", "emulation", "vertices", "at once", "memory"];
    let mut rows = Vec::new();
    for (at, build) in builds.iter().enumerate() {
        rows.push(vec![
            letter(BuildIx::new(at)),
            build.total.p50.to_string(),
            format!("{} {} {}", build.total.p10, style.either("–", "-"), build.total.p90),
            build.core_time.to_string(),
            build.emulation.to_string(),
            build.vertices.to_string(),
            build.peaks.tasks.to_string(),
            build.peaks.memory.to_string(),
        ]);
        if at > 0 {
            let first = &builds[0];
            rows.push(vec![
                String::new(),
                share(first.total.p50, build.total.p50),
                String::new(),
                share(first.core_time, build.core_time),
                share(first.emulation, build.emulation),
                count(first.vertices, build.vertices),
                count(first.peaks.tasks, build.peaks.tasks),
                share(Nanos(first.peaks.memory.0), Nanos(build.peaks.memory.0)),
            ]);
        }
    }
    Cells { head: head.map(str::to_owned).to_vec(), rows }
}

/// When each platform is done; nothing for a single one, which is the time of the build.
fn finish(builds: &[Totals]) -> Cells {
    let platforms: Vec<&str> =
        builds.first().map_or_else(Vec::new, |build| build.finish.iter().map(|(name, _)| &**name).collect());
    if platforms.len() < 2 {
        return Cells { head: Vec::new(), rows: Vec::new() };
    }
    let head = std::iter::once("done after").chain(platforms).map(str::to_owned).collect();
    let row = |(at, build): (usize, &Totals)| {
        let times = build.finish.iter().map(|(_, finish)| finish.p50.to_string());
        std::iter::once(letter(BuildIx::new(at))).chain(times).collect()
    };
    Cells { head, rows: builds.iter().enumerate().map(row).collect() }
}

/// A change in percent.
fn share(before: Nanos, after: Nanos) -> String {
    if before == after {
        return "=".to_owned();
    }
    if before == Nanos::ZERO {
        return String::new();
    }
    let percent = (after / before - 1.0) * 100.0;
    if percent > 999.0 { format!("x{:.0}", after / before) } else { format!("{percent:+.0} %") }
}

fn count(before: usize, after: usize) -> String {
    match before.cmp(&after) {
        std::cmp::Ordering::Equal => "=".to_owned(),
        std::cmp::Ordering::Less => format!("+{}", after - before),
        std::cmp::Ordering::Greater => format!("-{}", before - after),
    }
}

impl PairView {
    fn new(pair: &Pair, of_several: bool, style: Style) -> Self {
        let of = |change: Change| pair.rows.iter().filter(move |row| row.change() == change);
        let counted = Change::VALUES.iter().map(|change| (of(*change).count(), change.as_str()));
        let counts: Vec<String> =
            counted.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
        let changes = Change::VALUES.iter().filter(|change| **change != Change::Kept);
        let groups = changes.map(|change| group(*change, &of(*change).collect::<Vec<_>>(), style));
        let kept: Vec<&Row> = of(Change::Kept).collect();
        // Of two builds the verdict says it.
        let odds = if of_several {
            format!(", faster in {} of the simulated builds", percent(pair.odds.faster))
        } else {
            String::new()
        };
        Self {
            title: format!("{} {} {}{odds}", letter(BuildIx(0)), style.either("→", "->"), letter(pair.after)),
            counts: counts.join(", "),
            groups: groups.filter(|group| !group.lines.is_empty()).collect(),
            kept: (!kept.is_empty()).then(|| kept_text(&kept)),
        }
    }
}

fn kept_text(kept: &[&Row]) -> String {
    let sum = |number: fn(&Row) -> NanosChange| kept.iter().map(|row| number(row)).sum::<NanosChange>();
    let (time, path) = (sum(Row::time), sum(Row::path));
    let (steps, they) = if kept.len() == 1 { ("step", "it takes") } else { ("steps", "they take") };
    let same = time.size() < LEAST && path.size() < LEAST;
    let change = if same { "as long as before".to_owned() } else { format!("{time}, of the build {path}") };
    format!("{} {steps}; {they} {change}", kept.len())
}

/// The steps that changed most, in the order of the file.
fn group(change: Change, rows: &[&Row], style: Style) -> Group {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let weight = |row: &Row| row.path().size().max(row.time().size());
    order.sort_by_key(|&at| std::cmp::Reverse(weight(rows[at])));
    order.truncate(MOST_ROWS);
    order.sort_unstable();
    let lines: Vec<StepLine> = order.into_iter().map(|at| line(rows[at], style)).collect();
    Group { change, more: rows.len() - lines.len(), lines }
}

fn line(row: &Row, style: Style) -> StepLine {
    let (before, after) = (row.before.as_ref(), row.after.as_ref());
    let arrow = style.either("→", ">");
    let both = |of: &dyn Fn(&Step) -> String| {
        let parts: Vec<String> = before.into_iter().chain(after).map(of).collect();
        match parts.as_slice() {
            [one, other] if one == other => one.clone(),
            parts => parts.join(arrow),
        }
    };
    let text = row.step().map_or_else(String::new, |step| step.text.clone());
    let was = before.filter(|before| row.changes.contains(&Change::Changed) && before.text != text);
    StepLine {
        was: was.map(|before| before.text.clone()),
        text,
        also: row.changes.iter().skip(1).copied().collect(),
        cells: [
            both(&|step| step.lines.first().map_or_else(|| "-".to_owned(), Line::to_string)),
            both(&|step| step.runs.to_string()),
            change_text(row.time()),
            change_text(row.core_time()),
            change_text(row.path()),
        ],
    }
}

/// Changes of less are rounding, or nobody's concern.
const LEAST: Nanos = Nanos(1_000_000);

fn change_text(change: NanosChange) -> String {
    if change.size() < LEAST { "=".to_owned() } else { change.to_string() }
}
