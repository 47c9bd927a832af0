//! A scan as a page to sort and filter: one file that fetches nothing.

use askama::Template;

use super::words::{classes, count, headline, time, whole};
use crate::report::escape::visible;
use crate::report::page::{BASE_STYLE, policy};
use crate::report::workflow::in_markup;
use crate::scan::{Row, Summary};
use crate::source::shortened;

/// What this page adds to the style sheet of all pages.
const STYLE: &str = include_str!("scan.css");
const SCRIPT: &str = include_str!("scan.js");

/// Rules and repositories that have a bar.
const MOST_BARS: usize = 15;
/// Findings and unknown things of a row that are named.
const MOST_NAMED: usize = 6;
/// Characters of a text of a row.
const MAX_TEXT: usize = 160;
/// The length of the longest bar, in units of its picture.
const BAR: f64 = 100.0;

#[derive(Template)]
#[template(path = "scan.html", config = "src/report/scan/askama.toml")]
struct Page {
    title: String,
    policy: String,
    style: String,
    script: &'static str,
    headline: String,
    facts: Vec<(&'static str, String)>,
    charts: Vec<Chart>,
    rows: Vec<RowView>,
    rules: Vec<String>,
    /// How many builds have no row.
    left: u64,
}

/// Bars below each other.
struct Chart {
    title: &'static str,
    about: &'static str,
    bars: Vec<Bar>,
}

struct Bar {
    name: String,
    /// From 0 to [`BAR`].
    length: String,
    value: String,
}

/// Cells: what is shown, and the number by which it is sorted.
struct RowView {
    repository: String,
    file: String,
    place: String,
    platforms: String,
    numbers: Vec<(String, String)>,
    findings: Vec<String>,
    /// Names of all rules, between spaces.
    rules: String,
    notes: Vec<String>,
    error: String,
    is_wrong: bool,
}

/// The page of a scan.
///
/// # Errors
/// None in practice: only where memory refuses to be written to.
pub fn scan_html(summary: &Summary) -> Result<String, askama::Error> {
    let style = [BASE_STYLE, STYLE].concat();
    let policy = policy(&style, SCRIPT);
    let all = summary.all;
    let rows: Vec<RowView> = summary.rows().into_iter().map(RowView::new).collect();
    let page = Page {
        title: "Scan".to_owned(),
        policy,
        style,
        script: SCRIPT,
        headline: headline(summary),
        facts: vec![
            ("median times, added up", time(all.p50_s)),
            ("lost, of core-time", time(all.lost_s)),
            ("added by emulation", time(all.emulation_s)),
            ("done again for another platform", time(all.repeated_s)),
        ],
        charts: charts(summary),
        left: all.rows - rows.len() as u64,
        rules: summary.rules.keys().map(|rule| visible(rule).into_owned()).collect(),
        rows,
    };
    Ok(in_markup(&page.render()?).into_owned())
}

fn charts(summary: &Summary) -> Vec<Chart> {
    let classes = classes(summary);
    let times = classes
        .iter()
        .map(|(name, builds)| (name.clone(), *builds as f64, count(*builds, "build", "builds")));
    let saving = summary.saving(MOST_BARS);
    let rules = saving.iter().map(|(rule, of)| {
        let value = format!("{} in {}", time(of.saving_s), count(of.rows, "build", "builds"));
        (visible(rule).into_owned(), of.saving_s, value)
    });
    let losing = summary.losing(MOST_BARS);
    let repositories = losing.iter().map(|(name, of)| {
        let value = format!("{} in {}", time(of.lost_s), count(of.rows, "build", "builds"));
        (short(name), of.lost_s, value)
    });
    vec![
        Chart::new("Median time", "builds by how long they take from an empty cache", times),
        Chart::new("Saving by rule", "the best change of each build, added up", rules),
        Chart::new("What loses most", "core-time by emulation and repetition", repositories),
    ]
}

impl Chart {
    fn new(
        title: &'static str,
        about: &'static str,
        bars: impl Iterator<Item = (String, f64, String)> + Clone,
    ) -> Self {
        let most = bars.clone().map(|(_, value, _)| value).fold(f64::MIN_POSITIVE, f64::max);
        let bar = |(name, number, value)| Bar { name, length: format!("{:.1}", number / most * BAR), value };
        Self { title, about, bars: bars.map(bar).collect() }
    }
}

impl RowView {
    fn new(row: &Row) -> Self {
        let number = |value: f64| (value.to_string(), whole(value));
        let times = |value: f64| (value.to_string(), if value > 0.0 { time(value) } else { String::new() });
        let range = match (row.p10_s, row.p90_s) {
            (Some(from), Some(to)) => format!("{} – {}", time(from), time(to)),
            _ => String::new(),
        };
        let mut rules: Vec<&str> = row.findings.iter().map(|found| found.rule.as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        let findings = row.findings.iter().take(MOST_NAMED).map(|found| {
            let line = found.line.map(|line| format!("{line}: ")).unwrap_or_default();
            let saving = found.saving_s.map(|saving| format!(" (−{})", time(saving))).unwrap_or_default();
            format!("{line}{}{saving}", short(&found.rule))
        });
        let more = row.findings.len().saturating_sub(MOST_NAMED);
        let more = (more > 0).then(|| format!("{more} more"));
        Self {
            repository: short(&row.repository),
            file: short(&row.file),
            place: if row.place == row.file { String::new() } else { short(&row.place) },
            platforms: short(&row.platforms.join(", ")),
            numbers: vec![
                number(f64::from(row.steps)),
                number(f64::from(row.runs)),
                number(f64::from(row.emulated)),
                times(row.p50_s.unwrap_or_default()),
                (row.p90_s.unwrap_or_default().to_string(), range),
                times(row.lost_s),
                times(row.emulation_s),
                times(row.repeated_s),
                times(row.best_saving_s()),
            ],
            findings: findings.chain(more).collect(),
            rules: visible(&rules.join(" ")).into_owned(),
            notes: row.unknown.iter().take(MOST_NAMED).map(|note| short(note)).collect(),
            error: row.error.as_deref().map(short).unwrap_or_default(),
            is_wrong: row.wrong_images > 0,
        }
    }
}

/// A text of a row, made safe to show, and cut.
fn short(text: &str) -> String {
    visible(&shortened(text, MAX_TEXT)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Found;

    #[test]
    fn nothing_of_a_file_is_markup() {
        let evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}[31m\u{202e}\"' ##[add-mask]x";
        let row = Row {
            repository: evil.to_owned(),
            file: evil.to_owned(),
            place: "p".to_owned() + evil,
            platforms: vec![evil.to_owned()],
            findings: vec![Found { rule: evil.to_owned(), saving_s: Some(1.0), ..Found::default() }],
            unknown: vec![evil.to_owned()],
            error: Some(evil.to_owned()),
            lost_s: 1.0,
            ..Row::default()
        };
        let mut summary = Summary::default();
        summary.add(&row);
        let page = scan_html(&summary).unwrap();
        assert_eq!(page.matches("<script").count(), 1);
        for sign in ["<img", "\u{1b}", "\u{202e}", "##[", "alert(1)\""] {
            assert!(!page.contains(sign), "{sign:?}");
        }
    }
}
