//! A scan for people: the repositories that lose most, the rules that would save most.

use super::words::{count, headline, owners, time, whole};
use crate::report::escape::{cut, visible, wrap};
use crate::report::style::{Paint, Style};
use crate::report::table::{Align, table};
use crate::scan::{OfRepository, OfRule, Summary};

/// Rows of a table.
const MOST: usize = 20;

/// Columns that a name may take.
const NAME: usize = 60;

/// The summary of a scan.
pub fn scan_text(summary: &Summary, style: Style) -> String {
    let mut lines = wrap(&headline(summary), style.columns());
    let all = summary.all;
    let lost = format!(
        "Each once, from an empty cache, they take {} in the median, added up, and lose {} of core-time: {} that emulation adds, \
         {} of work done again for another platform, some of it both.",
        time(all.p50_s),
        time(all.lost_s),
        time(all.emulation_s),
        time(all.repeated_s),
    );
    lines.extend(wrap(&lost, style.columns()));
    let [one, many] = owners(summary);
    let head = [
        (&*format!("{many} that lose most"), Align::Left),
        ("builds", Align::Right),
        ("lost", Align::Right),
        ("by emulation", Align::Right),
        ("by repetition", Align::Right),
        ("a change saves", Align::Right),
    ];
    let rows: Vec<Vec<String>> = summary.losing(MOST).into_iter().map(|of| repository(of, style)).collect();
    section(&mut lines, &head, &rows, style);
    let head = [
        ("rules that would save most", Align::Left),
        ("builds", Align::Right),
        ("findings", Align::Right),
        ("saving", Align::Right),
    ];
    let rows: Vec<Vec<String>> = summary.saving(MOST).into_iter().map(rule).collect();
    section(&mut lines, &head, &rows, style);
    if summary.forgotten > 0 {
        lines.push(String::new());
        let forgotten = count(summary.forgotten, one, many);
        lines.push(format!("{forgotten} that lost least were not kept apart."));
    }
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, head: &[(&str, Align)], rows: &[Vec<String>], style: Style) {
    if rows.is_empty() {
        return;
    }
    lines.push(String::new());
    for (at, line) in table(head, rows).into_iter().enumerate() {
        lines.push(style.paint(if at == 0 { Paint::Strong } else { Paint::Plain }, line));
    }
}

fn repository((name, of): (&str, OfRepository), style: Style) -> Vec<String> {
    vec![
        cut(&visible(name), NAME, style.either("…", "~")).into_owned(),
        whole(of.rows as f64),
        time(of.lost_s),
        time(of.emulation_s),
        time(of.repeated_s),
        time(of.saving_s),
    ]
}

fn rule((name, of): (&str, OfRule)) -> Vec<String> {
    vec![visible(name).into_owned(), whole(of.rows as f64), whole(of.findings as f64), time(of.saving_s)]
}
