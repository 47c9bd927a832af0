//! The time of a build, for people: how long, which steps cost most, the critical path, what the numbers rest on.

use std::fmt::Write as _;

use super::Subject;
use super::brief;
use super::costliest::{Costly, costliest};
use super::escape::{count, cut, visible, width, wrap};
use super::places::Places;
use super::style::{Paint, Style};
use super::table::{Align, GAP, table};
use crate::analysis::{Analysis, NodeAnalysis};
use crate::cost::Basis;
use crate::graph::vertex::{Op, Source, Vertex};
use crate::ids::{TargetSet, VertexIx};
use crate::model::reference::familiar;
use crate::pricing::{NOT_INCLUDED, Slowdowns, Terms, Timing};
use crate::sim::{Cause, Machine, Quantiles, TaskIx};
use crate::units::Nanos;

/// Columns below which a table shows the least it can.
const NARROW: usize = 60;

/// Rows of the table of costliest steps.
pub(super) const COSTLIEST: usize = 5;

/// Ends that are named; of more the first and the last.
const MOST_FINISHES: usize = 4;

/// Steps of the critical path that are named.
const MOST_OF_PATH: usize = 6;

/// Columns that the platforms of a step may take in the table.
const MOST_PLATFORM_COLUMNS: usize = 24;

/// Columns that the name of a program may take in a sentence.
const PROGRAM_COLUMNS: usize = 40;

/// Sizes of a project that are named.
const MOST_SIZES: usize = 4;

const INDENT: &str = "  ";

/// How long the build takes and each platform of it, in a sentence.
pub(super) fn headline(subject: &Subject<'_>, timing: &Timing<'_>, style: Style) -> Vec<String> {
    let steps = Steps { subject, timing, style };
    let cache = steps.cache();
    let mut text =
        format!("takes {} on {}{cache}", range(timing.total, style), machine(&timing.terms.machine));
    let each = finishes(subject.analysis, timing);
    let after = |(name, end): &(String, Nanos)| format!("{} after {end}", visible(name));
    match each.as_slice() {
        [] | [_] => {}
        [first, .., last] if each.len() > MOST_FINISHES => {
            let said =
                |(name, end): &(String, Nanos), which| format!("{} {which}, after {end}", visible(name));
            let _ = write!(text, "; {}, {}", said(first, "first"), said(last, "last"));
        }
        each => {
            let _ = write!(text, "; {}", each.iter().map(after).collect::<Vec<_>>().join(", "));
        }
    }
    if subject.analysis.nodes.iter().any(|node| node.summary().unsupported > 0) {
        text.push_str("; commands that cannot run here count as native");
    }
    if let Some(task) = timing.not_understood() {
        let has_log = timing.terms.profile.is_some();
        let has_files = !timing.terms.contexts.is_empty();
        let learn = if has_log { "" } else { "`xsim calibrate` learns it from a log" };
        let read = if has_files { "" } else { "`--context` shows the files that it runs" };
        let help = [learn, read].into_iter().filter(|help| !help.is_empty()).collect::<Vec<_>>().join(", ");
        let place = steps.place(task);
        let what = match &*timing.estimates[task.index()].unknown.program {
            "" => "what it runs".to_owned(),
            program => format!("`{}`, which it runs", visible(&cut(program, PROGRAM_COLUMNS, "…"))),
        };
        let _ = write!(text, "; {place} decides that, and nothing is known of {what}");
        if !help.is_empty() {
            let _ = write!(text, ": {help}");
        }
    }
    let lines = wrap(&text, style.columns().saturating_sub(4));
    let indent = |(row, line): (usize, String)| {
        let paint = if row == 0 { Paint::Strong } else { Paint::Plain };
        format!("  {}{}", if row == 0 { "" } else { "  " }, style.paint(paint, line))
    };
    lines.into_iter().enumerate().map(indent).collect()
}

/// When what is built is done, in the median, the first first. What is done at the same time stands together.
pub(super) fn finishes(analysis: &Analysis, timing: &Timing<'_>) -> Vec<(String, Nanos)> {
    let ends = timing.finish.iter().map(|finish| finish.p50);
    let [node] = analysis.nodes.as_slice() else {
        let mut each: Vec<_> = analysis.outputs().zip(ends).collect();
        each.sort_by_key(|(_, end)| *end);
        return each;
    };
    let mut known: Vec<(Nanos, TargetSet)> = Vec::new();
    for (target, end) in node.graph.all_targets().iter().zip(ends) {
        let own = TargetSet::one(target);
        // What reads the same is the same for a reader.
        match known.iter_mut().find(|(other, _)| other.to_string() == end.to_string()) {
            Some((_, targets)) => *targets = targets.union(own),
            None => known.push((end, own)),
        }
    }
    known.sort_unstable();
    known.into_iter().map(|(end, targets)| (node.graph.outputs(targets), end)).collect()
}

/// All that is to be said of the time of a build on several nodes.
pub(super) fn of_nodes(subject: &Subject<'_>, timing: &Timing<'_>, style: Style) -> Vec<String> {
    let name = visible(subject.build.name());
    let names: Vec<_> =
        subject.analysis.nodes.iter().filter_map(|node| node.name.as_deref().map(visible)).collect();
    let mut lines = vec![style.paint(Paint::Strong, format!("{name} on the nodes {}", names.join(", ")))];
    lines.extend(headline(subject, timing, style));
    lines.push(String::new());
    lines.extend(section(subject, timing, style));
    lines.push(String::new());
    lines
}

/// A range in words: its median, then its tenths.
pub(super) fn range(range: Quantiles, style: Style) -> String {
    let dash = style.either("–", "-");
    format!("about {} (P10{dash}P90: {} {dash} {})", range.p50, range.p10, range.p90)
}

fn machine(machine: &Machine) -> String {
    let cores: f64 = machine.nodes.iter().map(|node| node.cores).sum();
    let nodes = match machine.nodes.len() {
        1 => String::new(),
        nodes => format!(" on {nodes} nodes"),
    };
    format!("{} ({cores} cores{nodes})", visible(&machine.name))
}

/// The costliest steps, the critical path and what the numbers rest on.
pub(super) fn section(subject: &Subject<'_>, timing: &Timing<'_>, style: Style) -> Vec<String> {
    let steps = Steps { subject, timing, style };
    let mut lines = steps.reruns();
    lines.extend(steps.costliest());
    lines.extend(steps.paragraph("critical path", &steps.critical_path()));
    lines.extend(steps.nodes());
    lines.extend(steps.paragraph("rests on", &steps.basis()));
    lines
}

/// Where numbers come from: defaults, or the logs of a profile, and slow-downs set by hand. Not safe to show yet.
pub(super) fn source_of_numbers(terms: &Terms) -> String {
    let measured = terms.profile.as_ref().map_or_else(
        || "defaults, no build was measured".to_owned(),
        |profile| {
            let logs: Vec<&str> = profile.learnt_from.iter().map(|learnt| learnt.log.as_str()).collect();
            if logs.is_empty() { "a profile".to_owned() } else { format!("a profile of {}", logs.join(", ")) }
        },
    );
    let Slowdowns { all, by_architecture } = &terms.slowdowns;
    let own = by_architecture.iter().map(|(name, factor)| format!("{factor} for {name}"));
    let factors: Vec<String> = own.chain(all.map(|factor| factor.to_string())).collect();
    if factors.is_empty() { measured } else { format!("{measured}; slow-down set to {}", factors.join(", ")) }
}

/// What no number holds, in words.
pub(super) fn not_included() -> String {
    let [first, second, third] = NOT_INCLUDED;
    format!("{first}, {second} and {third} are not included")
}

/// Commands that rest on a basis, in words.
pub(super) fn counted(basis: Basis, count: usize) -> String {
    let words = match basis {
        Basis::Measured => "measured",
        Basis::Converted => "measured on another platform",
        Basis::Similar => "like measured ones",
        Basis::Sized => "by the size of the project",
        Basis::Default => "by default",
        Basis::Unknown => "unknown",
    };
    format!("{count} {words}")
}

pub(super) struct Steps<'s> {
    pub(super) subject: &'s Subject<'s>,
    pub(super) timing: &'s Timing<'s>,
    pub(super) style: Style,
}

impl<'s> Steps<'s> {
    pub(super) const fn places(&self) -> Places<'s> {
        Places::of(self.subject.build)
    }

    fn costliest(&self) -> Vec<String> {
        let steps = costliest(self.subject.analysis, self.timing, self.places(), COSTLIEST);
        let emulated = steps.iter().any(|step| self.timing.emulation(step.task) > Nanos::ZERO);
        let mut head = vec![
            ("line", Align::Right),
            ("costliest steps", Align::Left),
            ("for", Align::Left),
            ("takes", Align::Right),
            ("core time", Align::Right),
        ];
        head.extend(emulated.then_some(("by emulation", Align::Right)));
        let mut rows: Vec<Vec<String>> = steps.iter().map(|step| self.row(step, emulated)).collect();
        // A narrow terminal has no room for what the time is made of.
        if self.style.columns() < NARROW {
            head.truncate(4);
            for row in &mut rows {
                row.truncate(4);
            }
        }
        if rows.is_empty() {
            return Vec::new();
        }
        let ellipsis = self.style.either("…", "~");
        shrink(&mut rows, 2, MOST_PLATFORM_COLUMNS, ellipsis);
        let others: usize =
            (0..head.len()).filter(|column| *column != 1).map(|column| widest(&head, &rows, column)).sum();
        let room = self.style.columns().saturating_sub(others + GAP * head.len() + INDENT.len());
        shrink(&mut rows, 1, room.max(8), ellipsis);
        let paint = |(at, line): (usize, String)| {
            let slow =
                at.checked_sub(1).is_some_and(|at| self.timing.emulation(steps[at].task) > Nanos::ZERO);
            let paint = if at == 0 {
                Paint::Strong
            } else if slow {
                Paint::Bad
            } else {
                Paint::Plain
            };
            format!("{INDENT}{}", self.style.paint(paint, line))
        };
        table(&head, &rows).into_iter().enumerate().map(paint).collect()
    }

    fn row(&self, step: &Costly, emulated: bool) -> Vec<String> {
        let cost = |time: Nanos| if time == Nanos::ZERO { String::new() } else { self.time(time) };
        let mut row = vec![
            step.place.clone(),
            step.text.clone(),
            visible(&step.platforms(self.subject.analysis)).into_owned(),
            self.time(self.timing.trace.span(step.task).duration()),
            cost(self.timing.core_time(step.task)),
        ];
        row.extend(emulated.then(|| cost(self.timing.emulation(step.task))));
        row
    }

    fn time(&self, time: Nanos) -> String {
        let text = time.to_string();
        if self.style.unicode { text } else { text.replace('µ', "u") }
    }

    /// The steps that made the build as long as it is, each with what it took: the longest, in their order. A platform is
    /// named where it is another than before.
    fn critical_path(&self) -> String {
        let path = self.timing.trace.critical_path();
        let least = self.timing.trace.makespan() * 0.01;
        let arrow = self.style.either(" → ", " > ");
        let took = |at: usize| path[at].to - path[at].from;
        let mut longest: Vec<usize> = (0..path.len()).filter(|at| took(*at) > least).collect();
        longest.sort_by_key(|at| std::cmp::Reverse(took(*at)));
        longest.truncate(MOST_OF_PATH);
        longest.sort_unstable();
        if path.is_empty() {
            return "nothing runs".to_owned();
        }
        if longest.is_empty() {
            return format!("{} steps, none of which takes a hundredth of the build", path.len());
        }
        let mut parts: Vec<String> = Vec::new();
        let (mut next, mut said) = (longest[0], String::new());
        for at in longest {
            if at > next {
                parts.push(self.style.either("…", "..").to_owned());
            }
            next = at + 1;
            let step = &path[at];
            let wait = match step.cause {
                Cause::Slot(_) => ", after a wait for a slot",
                Cause::Lock(_) => ", after a wait for a locked cache",
                Cause::Start | Cause::Release | Cause::Input(_) => "",
            };
            let platform = self.platform(step.task);
            let place = if platform == said { self.line_of(step.task) } else { self.place(step.task) };
            said = platform;
            parts.push(format!("{place} ({}{wait})", self.time(took(at))));
        }
        parts.join(arrow)
    }

    /// What is done on more than one node.
    fn nodes(&self) -> Vec<String> {
        if self.subject.analysis.nodes.len() < 2 {
            return Vec::new();
        }
        let twice = self.timing.repeated_on_nodes(self.subject.analysis);
        let text = if twice.is_empty() {
            "nothing; the nodes share no steps, and one node would share no command either".to_owned()
        } else {
            let time = twice.iter().map(|task| self.timing.core_time(*task)).sum();
            format!(
                "{} of {} commands, which one node would run once for all platforms ({}): core time {}",
                twice.len(),
                self.timing.commands.len(),
                self.lines_of(&twice),
                self.time(time)
            )
        };
        self.paragraph("done twice", &text)
    }

    fn basis(&self) -> String {
        let timing = self.timing;
        let words = |(basis, count): (Basis, usize)| match basis {
            Basis::Unknown => {
                let lines = self.lines_of(&timing.of_basis(Basis::Unknown).collect::<Vec<_>>());
                format!("{}, which widens the range ({lines})", counted(basis, count))
            }
            Basis::Sized => {
                let mut found: Vec<&str> = timing
                    .of_basis(Basis::Sized)
                    .map(|task| &*timing.estimates[task.index()].rests_on)
                    .collect();
                found.sort_unstable();
                // Of what begins alike, what says more.
                let all = found.clone();
                let is_part =
                    |said: &&str| all.iter().any(|more| more.len() > said.len() && more.starts_with(*said));
                found.retain(|said| !is_part(said));
                found.dedup();
                let more = if found.len() > MOST_SIZES { "; …" } else { "" };
                found.truncate(MOST_SIZES);
                format!("{} ({}{more})", counted(basis, count), found.join("; "))
            }
            _ => counted(basis, count),
        };
        let commands: Vec<String> = timing.bases().into_iter().map(words).collect();
        let from = visible(&source_of_numbers(timing.terms)).into_owned();
        let commands =
            if commands.is_empty() { String::new() } else { format!("; commands: {}", commands.join(", ")) };
        let context = self.timing.terms.contexts.held().map_or_else(String::new, |held| {
            let more = if held.is_cut { "more than " } else { "" };
            format!("; a context of {more}{}, {}", count(held.files, "file"), held.bytes)
        });
        let mounts = if self.timing.terms.cache.mounts_are_full { "; full cache mounts" } else { "" };
        let run = "; steps as in the build of median time";
        format!("{from}{commands}{context}{mounts}{run}; {}", not_included())
    }

    pub(super) fn paragraph(&self, name: &str, text: &str) -> Vec<String> {
        let indent = 4;
        let lines = wrap(&format!("{name}: {text}"), self.style.columns().saturating_sub(indent));
        let line = |(row, line): (usize, String)| match line.strip_prefix(name) {
            Some(rest) if row == 0 => format!("  {}{rest}", self.style.paint(Paint::Strong, name)),
            _ => format!("{}{line}", " ".repeat(indent)),
        };
        lines.into_iter().enumerate().map(line).collect()
    }

    pub(super) fn vertex(&self, task: TaskIx) -> (&NodeAnalysis, &Vertex, VertexIx) {
        let (node, vertex) = self.timing.vertex(task);
        let node = self.subject.analysis.node(node);
        (node, node.graph.vertex(vertex), vertex)
    }

    /// Where a step is, in short: its line, with its platform where the line makes several steps.
    fn place(&self, task: TaskIx) -> String {
        let (line, platform) = (self.line_of(task), self.platform(task));
        let is_outside = self.vertex(task).1.places.is_empty();
        if platform.is_empty() || is_outside { line } else { format!("{line} {platform}") }
    }

    /// The line of a step, or what it is that no line brings in.
    fn line_of(&self, task: TaskIx) -> String {
        let (node, vertex, _) = self.vertex(task);
        vertex.places.first().map_or_else(|| outside(node, vertex), |place| self.places().line(*place))
    }

    /// The platforms that a step is for, where it is not for all.
    fn platform(&self, task: TaskIx) -> String {
        let (node, vertex, _) = self.vertex(task);
        brief::targets(self.subject.analysis, &node.graph, vertex)
    }
}

/// Cuts what is too wide in a column.
fn shrink(rows: &mut [Vec<String>], column: usize, columns: usize, ellipsis: &str) {
    for row in rows {
        row[column] = cut(&row[column], columns, ellipsis).into_owned();
    }
}

/// The columns that a column of a table takes.
fn widest(head: &[(&str, Align)], rows: &[Vec<String>], column: usize) -> usize {
    rows.iter().map(|row| width(&row[column])).fold(width(head[column].0), usize::max)
}

/// What a vertex is that no instruction owns.
fn outside(node: &NodeAnalysis, vertex: &Vertex) -> String {
    let text = |symbol| visible(node.graph.text(symbol)).into_owned();
    match &vertex.op {
        Op::Source(Source::Image { reference, .. } | Source::OciLayout { reference, .. }) => {
            familiar(&text(*reference)).to_owned()
        }
        Op::Source(Source::Local(_)) => "build context".to_owned(),
        Op::Source(Source::Git(_)) => "repository".to_owned(),
        Op::Source(Source::Http { url, .. }) => text(*url),
        Op::Exec(_) | Op::File(_) | Op::Merge { .. } => "files".to_owned(),
    }
}
