//! A build that was logged, as a picture shows it.

use std::fmt::Write as _;

use super::ObserveSubject;
use super::words::{does, mode, one_line, percent, platform, stage, took};
use crate::ids::{NodeIx, VertexIx};
use crate::ingest::{Outcome, Subject};
use crate::observe::ObservedRun;
use crate::report::escape::{count, visible};
use crate::report::picture::timeline::{BarView, TimelineView};
use crate::report::picture::view::BoxKind;
use crate::timeline::Stretch;
use crate::units::Nanos;

/// How far the axis goes beyond the build, for forecasts.
const MOST_BEYOND: f64 = 1.4;

/// The timeline of a build, with the forecast below each bar where the Dockerfile is known.
pub fn observed_view(subject: &ObserveSubject<'_>) -> TimelineView {
    let observation = subject.observation;
    let bars: Vec<BarView> = (0..observation.runs.len()).map(|at| bar(subject, at)).collect();
    let most = observation.at_once.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let last = bars.iter().map(|shown| shown.bar.finish).max().unwrap_or_default().max(observation.makespan);
    let expected = bars.iter().filter_map(|shown| Some(shown.bar.begun + shown.expected?)).max();
    TimelineView {
        title: one_line(subject.name),
        summary: summary(subject),
        brief: format!("took {}", observation.makespan),
        shorter: None,
        lanes: observation.lanes,
        finish: observation.finish.iter().map(|(at, name)| (*at, one_line(name))).collect(),
        range: None,
        likely: Vec::new(),
        load: observation.at_once.iter().map(|(at, count)| (*at, *count as f64)).collect(),
        cores: most as f64,
        end: last.max(expected.unwrap_or_default().min(last * MOST_BEYOND)).max(Nanos(1_000_000)),
        bars,
    }
}

/// The build in a sentence or two.
pub(super) fn summary(subject: &ObserveSubject<'_>) -> String {
    let (observation, summary) = (subject.observation, &subject.observation.summary);
    let least = if observation.is_timed || subject.build.stated.is_some() { "" } else { "at least " };
    let mut text = format!(
        "Took {least}{}: {} ran, {} cached",
        observation.makespan,
        count(summary.ran, "step"),
        summary.cached
    );
    if summary.failed > 0 {
        let _ = write!(text, ", {} failed", summary.failed);
    }
    if summary.commands > Nanos::ZERO {
        let share = percent(summary.emulated, summary.commands);
        let _ = write!(text, "; {share} of the time of commands under emulation");
    }
    text.push('.');
    if !observation.is_timed {
        text.push_str(" The log does not tell when steps ran: each stands as early as its order allows.");
    }
    visible(&text).into_owned()
}

fn bar(subject: &ObserveSubject<'_>, at: usize) -> BarView {
    let run = &subject.observation.runs[at];
    let step = subject.build.step(run.step);
    let text = does(step);
    let (keyword, label) = match run.subject {
        Subject::Run | Subject::File | Subject::From | Subject::Link => {
            text.split_once(' ').map_or((text.as_str(), ""), |(word, rest)| (word, rest))
        }
        _ => ("", text.as_str()),
    };
    let time = Stretch {
        ready: run.ready,
        start: run.start,
        begun: run.start,
        finish: run.end,
        is_critical: run.is_critical,
        is_cached: step.outcome == Outcome::Cached,
        lane: run.lane,
    };
    let expected = subject.beside.as_ref().and_then(|beside| beside.forecast.runs.get(at).copied().flatten());
    BarView {
        bar: time,
        of: run.vertex.map(|(node, vertex): (NodeIx, VertexIx)| (node, vertex)),
        took: took(step, run),
        expected: expected.filter(|_| step.outcome == Outcome::Done),
        kind: match run.subject {
            Subject::From => BoxKind::Source,
            // How a command ran is not always known; then it has the colour of what runs none.
            Subject::Run if mode(run).is_some() => BoxKind::Command,
            _ => BoxKind::Files,
        },
        mode: mode(run),
        line: run.at.map(|at| at.line),
        keyword: keyword.to_owned(),
        label: label.to_owned(),
        platforms: platform(step),
        whole: whole(subject, run, expected),
    }
}

/// Everything on a step.
fn whole(subject: &ObserveSubject<'_>, run: &ObservedRun, expected: Option<Nanos>) -> String {
    let step = subject.build.step(run.step);
    let stage = stage(step);
    let mut parts = vec![does(step)];
    parts.push(run.at.map_or_else(String::new, |at| subject.line(at)));
    parts.push(if stage.is_empty() { stage } else { format!("stage {stage}") });
    parts.push(mode(run).map_or_else(String::new, |mode| mode.meaning().to_owned()));
    parts.push(platform(step));
    parts.push(match step.outcome {
        Outcome::Cached => "cached".to_owned(),
        _ => format!("{} from {} to {}", took(step, run), run.start, run.end),
    });
    parts.push(expected.map_or_else(String::new, |expected| format!("forecast {expected}")));
    if run.wait() > Nanos::ZERO {
        parts.push(format!("waited {}", run.wait()));
    }
    if run.is_critical {
        parts.push("the end depends on it".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}
