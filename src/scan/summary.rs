//! All rows of a scan in a few numbers, within a memory that does not grow with them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::Row;

/// Rows that are kept, those that lose most.
pub const MAX_ROWS: usize = 5_000;

/// Repositories that are counted at once; beyond that those that lost least are forgotten.
pub const MAX_REPOSITORIES: usize = 100_000;

/// The upper bounds of the classes of median times, in minutes; a last one is open.
pub const CLASSES: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0];

/// What a rule found in all rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OfRule {
    /// Findings.
    pub findings: u64,
    /// Rows with one.
    pub rows: u64,
    /// What the best change of each row saves, added up, in seconds.
    pub saving_s: f64,
}

/// What the rows of a repository come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OfRepository {
    /// Rows.
    pub rows: u64,
    /// The sum of [`Row::p50_s`].
    pub p50_s: f64,
    /// The sum of [`Row::emulation_s`].
    pub emulation_s: f64,
    /// The sum of [`Row::repeated_s`].
    pub repeated_s: f64,
    /// The sum of [`Row::lost_s`].
    pub lost_s: f64,
    /// The sum of [`Row::best_saving_s`].
    pub saving_s: f64,
}

/// The rows of a scan, counted.
#[derive(Debug, Default)]
pub struct Summary {
    /// All rows as one repository.
    pub all: OfRepository,
    /// Whether of any row the repository is known.
    pub has_repositories: bool,
    /// Rows with an error.
    pub errors: u64,
    /// Rows of which something is unknown.
    pub unknown: u64,
    /// Rows for several platforms.
    pub several: u64,
    /// Rows with commands under emulation.
    pub emulating: u64,
    /// Rows of which an image comes out wrong.
    pub wrong: u64,
    /// Rows by median time, in the classes of [`CLASSES`].
    pub classes: [u64; CLASSES.len() + 1],
    /// What each rule found.
    pub rules: BTreeMap<String, OfRule>,
    repositories: HashMap<String, OfRepository>,
    /// Repositories that were forgotten.
    pub forgotten: u64,
    rows: BinaryHeap<Reverse<Kept>>,
}

/// A row that is kept: what loses most is greatest, and of those that lose the same the first.
#[derive(Debug)]
struct Kept {
    rank: (u64, u64, Reverse<u64>),
    row: Box<Row>,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

/// Seconds as a number that has an order.
fn millis(seconds: f64) -> u64 {
    // Not negative, and rounded to milliseconds where it was made.
    #[allow(clippy::cast_sign_loss)]
    {
        (seconds * 1e3).round() as u64
    }
}

impl Summary {
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        self.all.add(row);
        self.has_repositories |= !row.repository.is_empty();
        self.errors += u64::from(row.error.is_some());
        self.unknown += u64::from(!row.unknown.is_empty());
        self.several += u64::from(row.platforms.len() > 1);
        self.emulating += u64::from(row.emulated > 0);
        self.wrong += u64::from(row.wrong_images > 0);
        if let Some(p50) = row.p50_s {
            let class = CLASSES.iter().position(|bound| p50 / 60.0 < *bound).unwrap_or(CLASSES.len());
            self.classes[class] += 1;
        }
        self.count_rules(row);
        self.repositories.entry(row.owner().to_owned()).or_default().add(row);
        if self.repositories.len() > 2 * MAX_REPOSITORIES {
            self.forget();
        }
        let rank = (millis(row.lost_s), millis(row.p50_s.unwrap_or_default()), Reverse(self.all.rows));
        if self.rows.len() < MAX_ROWS {
            self.rows.push(Reverse(Kept { rank, row: Box::new(row.clone()) }));
        } else if self.rows.peek().is_some_and(|least| rank > least.0.rank) {
            self.rows.pop();
            self.rows.push(Reverse(Kept { rank, row: Box::new(row.clone()) }));
        }
    }

    fn count_rules(&mut self, row: &Row) {
        let mut own: BTreeMap<&str, f64> = BTreeMap::new();
        for found in &row.findings {
            let best = own.entry(&found.rule).or_default();
            *best = best.max(found.saving_s.unwrap_or_default());
            if !self.rules.contains_key(&found.rule) {
                self.rules.insert(found.rule.clone(), OfRule::default());
            }
            if let Some(rule) = self.rules.get_mut(&found.rule) {
                rule.findings += 1;
            }
        }
        for (rule, saving) in own {
            if let Some(known) = self.rules.get_mut(rule) {
                known.rows += 1;
                known.saving_s += saving;
            }
        }
    }

    /// Keeps the repositories that lost most.
    fn forget(&mut self) {
        let mut all: Vec<(String, OfRepository)> = self.repositories.drain().collect();
        all.sort_by(by_loss);
        self.forgotten += all.split_off(MAX_REPOSITORIES).len() as u64;
        self.repositories.extend(all);
    }

    /// How many repositories there are.
    pub fn repositories(&self) -> u64 {
        self.repositories.len() as u64 + self.forgotten
    }

    /// The repositories that lose most, with something to lose.
    pub fn losing(&self, most: usize) -> Vec<(&str, OfRepository)> {
        let mut all: Vec<(&str, OfRepository)> =
            self.repositories.iter().map(|(name, of)| (name.as_str(), *of)).collect();
        all.retain(|(_, of)| of.lost_s > 0.0);
        all.sort_by(by_loss);
        all.truncate(most);
        all
    }

    /// The rules that would save most, with something to save.
    pub fn saving(&self, most: usize) -> Vec<(&str, OfRule)> {
        let mut all: Vec<(&str, OfRule)> = self.rules.iter().map(|(name, of)| (name.as_str(), *of)).collect();
        all.retain(|(_, of)| of.saving_s > 0.0);
        all.sort_by(|a, b| b.1.saving_s.total_cmp(&a.1.saving_s).then_with(|| a.0.cmp(b.0)));
        all.truncate(most);
        all
    }

    /// The rows that lose most, at most [`MAX_ROWS`].
    pub fn rows(&self) -> Vec<&Row> {
        let mut kept: Vec<&Kept> = self.rows.iter().map(|kept| &kept.0).collect();
        kept.sort_by_key(|kept| Reverse(kept.rank));
        kept.into_iter().map(|kept| &*kept.row).collect()
    }
}

impl OfRepository {
    fn add(&mut self, row: &Row) {
        self.rows += 1;
        self.p50_s += row.p50_s.unwrap_or_default();
        self.emulation_s += row.emulation_s;
        self.repeated_s += row.repeated_s;
        self.lost_s += row.lost_s;
        self.saving_s += row.best_saving_s();
    }
}

/// What lost most first, then by name.
fn by_loss<N: Ord>(a: &(N, OfRepository), b: &(N, OfRepository)) -> std::cmp::Ordering {
    b.1.lost_s.total_cmp(&a.1.lost_s).then_with(|| a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Found;

    fn row(repository: &str, lost_s: f64, found: &[(&str, f64)]) -> Row {
        let found = found.iter().map(|(rule, saving)| Found {
            rule: (*rule).to_owned(),
            saving_s: Some(*saving),
            ..Found::default()
        });
        Row {
            repository: repository.to_owned(),
            lost_s,
            p50_s: Some(60.0),
            findings: found.collect(),
            ..Row::default()
        }
    }

    #[test]
    fn rows_are_counted() {
        let mut summary = Summary::default();
        summary.add(&row("a", 1.0, &[("x", 3.0), ("x", 2.0), ("y", 1.0)]));
        summary.add(&row("b", 5.0, &[("y", 7.0)]));
        summary.add(&row("a", 1.5, &[]));
        let names: Vec<&str> = summary.losing(9).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["b", "a"]);
        let saving = summary.saving(9);
        assert_eq!(saving[0], ("y", OfRule { findings: 2, rows: 2, saving_s: 8.0 }));
        assert_eq!(saving[1], ("x", OfRule { findings: 2, rows: 1, saving_s: 3.0 }));
        assert_eq!(summary.classes, [0, 0, 0, 3, 0, 0, 0, 0, 0, 0]);
        assert_eq!(summary.rows().iter().map(|row| row.lost_s).collect::<Vec<_>>(), [5.0, 1.5, 1.0]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut summary = Summary::default();
        for number in 0..=2 * MAX_REPOSITORIES {
            summary.add(&row(&number.to_string(), (number % 7919) as f64, &[]));
        }
        assert_eq!(summary.repositories(), 2 * MAX_REPOSITORIES as u64 + 1);
        assert_eq!(summary.forgotten, MAX_REPOSITORIES as u64 + 1);
        let rows = summary.rows();
        assert_eq!((rows.len(), rows[0].lost_s), (MAX_ROWS, 7918.0));
        assert_eq!(summary.losing(1)[0].0, "102946", "the first by name of those that lose most");
    }
}
