//! The report as Markdown, for a pull request or a job summary: what is shared, emulated and slow, and the graph as
//! Mermaid, which GitHub draws.
//!
//! Everything from a Dockerfile is written so that it is no Markdown, no markup, no link and no mention.

use std::fmt::Write as _;

use super::Subject;
use super::costliest::costliest;
use super::escape::{count, cut, references};
use super::picture::{Direction, GraphView, mermaid};
use super::places::Places;
use super::sharing::Words;
use crate::analysis::NodeAnalysis;
use crate::diagnostic::Price;
use crate::ids::{NodeIx, TargetSet};
use crate::pricing::Timing;
use crate::source::FileLine;
use crate::units::Nanos;

/// Rows of the table of costliest steps.
const COSTLIEST: usize = 8;
/// Rows of the table of splits.
const SPLITS: usize = 20;
/// Outputs, or groups of them, whose ends are named.
const FINISHES: usize = 20;
/// Rows of the tables of what targets share and repeat.
const SHARED: usize = 10;
/// Rows of the table of findings.
const FINDINGS: usize = 20;
/// Columns of an instruction in a table.
const MOST_TEXT: usize = 90;
/// What GitHub's Mermaid draws at most: characters, and lines between boxes.
const MERMAID: (usize, usize) = (48_000, 450);

/// The Markdown report of an analysis, with its graph.
pub fn analysis_markdown(subject: &Subject<'_>, view: Option<&GraphView>) -> String {
    let mut out = String::new();
    for (at, node) in subject.analysis.each_node() {
        let targets = platforms(node, node.graph.all_targets());
        let name = code(subject.build.name());
        let _ = writeln!(out, "### {name} for {targets}\n");
        if let Some(timing) = subject.timing.filter(|_| at == NodeIx(0)) {
            time(&mut out, subject, timing);
        }
        counts(&mut out, node);
        splits(&mut out, subject, node);
    }
    if let Some(timing) = subject.timing {
        costly(&mut out, subject, timing);
    }
    for words in Words::each(subject) {
        sharing(&mut out, &words);
    }
    findings(&mut out, subject);
    if let Some(view) = view {
        graph(&mut out, view);
    }
    out
}

fn time(out: &mut String, subject: &Subject<'_>, timing: &Timing<'_>) {
    let total = timing.total;
    let machine = code(&timing.terms.machine.name);
    let _ =
        write!(out, "**About {}** on {machine}, 8 of 10 builds {} to {}", total.p50, total.p10, total.p90);
    if timing.finish.len() > 1 {
        for (target, finish) in super::time::finishes(subject.analysis, timing).iter().take(FINISHES) {
            let _ = write!(out, "; {} after {finish}", code(target));
        }
    }
    let from = if timing.terms.profile.is_some() { "a profile of real builds" } else { "defaults" };
    let _ = writeln!(out, ". Times rest on {from}.\n");
}

fn counts(out: &mut String, node: &NodeAnalysis) {
    let summary = node.summary();
    let more = summary.instructions - summary.once;
    let _ = write!(out, "- {}", count(summary.instructions, "step"));
    if node.graph.targets().len() > 1 {
        let _ = write!(out, ": {} run once, {more} more than once", summary.once);
    }
    out.push('\n');
    for (number, what) in [
        (summary.emulated, "emulated"),
        (summary.mixed, "native, with a foreign program under emulation"),
        (summary.crossing, "native, building for another platform"),
        (summary.unsupported, "impossible here"),
    ] {
        if number > 0 {
            let _ = writeln!(out, "- {number} of {} {what}", count(summary.commands, "command run"));
        }
    }
    out.push('\n');
}

fn splits(out: &mut String, subject: &Subject<'_>, node: &NodeAnalysis) {
    let places = Places::of(subject.build);
    if node.splits.is_empty() {
        return;
    }
    out.push_str("| stage | splits at line | into | because |\n| --- | ---: | --- | --- |\n");
    for split in node.splits.iter().take(SPLITS) {
        let name = node.graph.stages()[split.stage.index()].name.as_deref();
        let name = name.map_or_else(|| format!("stage {}", split.stage.0), code);
        let groups: Vec<String> = split.groups.iter().map(|group| platforms(node, *group)).collect();
        let reason = text(&places.reason(&split.reason));
        let at = place(places, node.graph.place(split.stage, split.line));
        let _ = writeln!(out, "| {name} | {at} | {} | {reason} |", groups.join(" / "));
    }
    more(out, node.splits.len(), SPLITS);
    out.push('\n');
}

fn costly(out: &mut String, subject: &Subject<'_>, timing: &Timing<'_>) {
    let steps = costliest(subject.analysis, timing, Places::of(subject.build), COSTLIEST);
    if steps.is_empty() {
        return;
    }
    out.push_str(
        "| line | costliest steps | for | takes | by emulation |\n| ---: | --- | --- | ---: | ---: |\n",
    );
    for step in steps {
        let emulation = timing.emulation(step.task);
        let emulation = if emulation == Nanos::ZERO { String::new() } else { emulation.to_string() };
        let takes = timing.trace.span(step.task).duration();
        let line =
            if Places::of(subject.build).is_one_file() { step.place.clone() } else { code(&step.place) };
        let said = code(&cut(&step.text, MOST_TEXT, "…"));
        let platforms = step.platforms(subject.analysis);
        let is_named = !platforms.is_empty() && !platforms.ends_with(" platforms");
        let platforms = if is_named { code(&platforms) } else { text(&platforms) };
        let _ = writeln!(out, "| {line} | {said} | {platforms} | {takes} | {emulation} |");
    }
    out.push('\n');
}

/// What targets share, and what they repeat.
fn sharing(out: &mut String, words: &Words<'_>) {
    let _ = writeln!(out, "{}.\n", text(&words.summary()));
    if !words.shared().is_empty() {
        out.push_str("| line | run once | for |\n| ---: | --- | --- |\n");
        for vertex in words.shared().iter().take(SHARED) {
            let ((line, step), targets) = (words.step(*vertex), words.outputs_of(*vertex));
            let step = cut(&step, MOST_TEXT, "…");
            let _ = writeln!(out, "| {} | {} | {} |", code(&line), code(&step), code(&targets));
        }
        more(out, words.shared().len(), SHARED);
        out.push('\n');
    }
    if !words.repeated().is_empty() {
        out.push_str("| repeated | for each of | because | costs |\n| --- | --- | --- | --- |\n");
        for repeated in words.repeated().iter().take(SHARED) {
            let (what, groups) = (text(&words.what(repeated)), code(&words.groups(repeated)));
            let (reason, cost) = (text(&words.reason(repeated)), text(&Words::cost(repeated)));
            let _ = writeln!(out, "| {what} | {groups} | {reason} | {cost} |");
        }
        more(out, words.repeated().len(), SHARED);
        out.push('\n');
    }
    for uncertain in words.uncertain() {
        let _ = writeln!(out, "- without cache: {}\n", text(&uncertain));
    }
}

/// What could be better, and the whole build before and after each change that was simulated.
fn findings(out: &mut String, subject: &Subject<'_>) {
    let (places, findings) = (Places::of(subject.build), subject.findings);
    if findings.is_empty() {
        return;
    }
    out.push_str("| line | found | the build now | after the change |\n| ---: | --- | ---: | ---: |\n");
    for finding in findings.iter().take(FINDINGS) {
        let time = |price: Price| price.makespan.map_or_else(String::new, |time| time.to_string());
        let saving =
            finding.saving.as_deref().filter(|saving| saving.time().is_some_and(|time| time > Nanos::ZERO));
        let (before, after) = saving.map_or_else(Default::default, |s| (time(s.before), time(s.after)));
        let said = text(&finding.message);
        let rule = code(finding.rule.code);
        let line = finding.line.map(|line| FileLine { file: finding.file, line });
        let line = line.map_or_else(String::new, |line| place(places, line));
        let _ = writeln!(out, "| {} | {}: {rule}: {said} | {before} | {after} |", line, finding.severity);
    }
    more(out, findings.len(), FINDINGS);
    out.push('\n');
}

/// Says how many rows a table leaves out.
fn more(out: &mut String, all: usize, shown: usize) {
    if let Some(more) = all.checked_sub(shown).filter(|more| *more > 0) {
        let _ = writeln!(out, "\nand {more} more.");
    }
}

/// The graph, with one box for each stage where GitHub would not draw all of it; left out where even that is too much.
fn graph(out: &mut String, view: &GraphView) {
    let fits = |view: &GraphView| {
        let drawn = (view.edges.len() <= MERMAID.1).then(|| mermaid(view, Direction::Down));
        drawn.filter(|drawn| drawn.chars().count() <= MERMAID.0)
    };
    let Some(drawn) = fits(view).or_else(|| fits(&view.clone().collapsed())) else { return };
    let _ =
        writeln!(out, "<details><summary>The build graph</summary>\n\n```mermaid\n{drawn}```\n\n</details>");
}

fn platforms(node: &NodeAnalysis, targets: TargetSet) -> String {
    if node.graph.is_group() {
        return code(&node.graph.outputs(targets));
    }
    let names = targets.iter().map(|target| code(&node.graph.output(target)));
    names.collect::<Vec<_>>().join(", ")
}

/// A line, with its file where there are several.
fn place(places: Places<'_>, at: FileLine) -> String {
    if places.is_one_file() { at.line.to_string() } else { code(&places.short(at)) }
}

/// A text as code. GitHub looks for mentions and issue numbers in rendered text, but not in code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", in_one_line(text, "<!-- -->"))
}

/// A text in a sentence: a joiner keeps what looks like a mention, an issue number or a link from being one.
fn text(text: &str) -> String {
    in_one_line(text, "&#8288;")
}

/// A text in one line with a character reference for everything that Markdown or HTML could take for itself.
fn in_one_line(text: &str, joint: &str) -> String {
    references(&text.split_whitespace().collect::<Vec<_>>().join(" "), joint, |_| false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markdown() {
        let hostile = "</code><script>`|\n*a* [b](c) @all #1 ://x \u{1b}";
        assert_eq!(
            code(hostile),
            "<code>&#60;&#47;code&#62;&#60;script&#62;&#96;&#124; &#42;a&#42; &#91;b&#93;&#40;c&#41; &#64;<!-- -->all &#35;<!-- -->1 &#58;<!-- -->&#47;&#47;x ␛</code>"
        );
        assert_eq!(text("@all"), "&#64;&#8288;all");
    }
}
