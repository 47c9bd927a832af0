//! Steps of a log in words.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::ingest::{ObservedStep, Outcome, StepIx, Subject};
use crate::observe::{How, Observation, ObservedRun};
use crate::report::escape::visible;
use crate::report::picture::view::Mode;
use crate::units::Nanos;

/// Letters of a step that are enough for any place.
const ENOUGH: usize = 400;

/// What a step does, in one line that is safe to show.
pub(super) fn does(step: &ObservedStep) -> String {
    let label = step.label();
    let text = match label.subject {
        Subject::From => match label.text.split_once('@') {
            Some((image, _)) => Cow::Borrowed(image),
            None => Cow::Borrowed(label.text),
        },
        // What a command mounts is not what it does.
        Subject::Run => match label.text.strip_prefix("RUN ") {
            Some(script) => Cow::Owned(format!("RUN {}", without_flags(script))),
            None => Cow::Borrowed(label.text),
        },
        Subject::Internal => match label.platform {
            Some(platform) => Cow::Owned(format!("{} ({platform})", label.text)),
            None => Cow::Borrowed(label.text),
        },
        _ => Cow::Borrowed(label.text),
    };
    one_line(if text.is_empty() { "a step without a name" } else { &text })
}

/// The text of a `RUN` without its `--mount=…` and the like.
fn without_flags(mut script: &str) -> &str {
    while let Some((_, rest)) =
        script.strip_prefix("--").and_then(|flag| flag.split_once(char::is_whitespace))
    {
        script = rest.trim_start();
    }
    script
}

/// A text in one line that is safe to show, cut where it is very long.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(ENOUGH).collect();
    visible(&line).into_owned()
}

/// The platform that a step's name tells, short, with what it builds for.
pub(super) fn platform(step: &ObservedStep) -> String {
    let label = step.label();
    let short = |platform: &str| platform.strip_prefix("linux/").unwrap_or(platform).to_owned();
    let text = match (label.subject, label.platform, label.cross_to) {
        (Subject::Internal, ..) | (_, None, _) => String::new(),
        (_, Some(platform), None) => short(platform),
        (_, Some(platform), Some(target)) => format!("{} > {target}", short(platform)),
    };
    one_line(&text)
}

/// The stage that a step's name tells.
pub(super) fn stage(step: &ObservedStep) -> String {
    one_line(step.label().stage.unwrap_or_default())
}

/// How a run is drawn.
pub(super) fn mode(run: &ObservedRun) -> Option<Mode> {
    run.how.map(|how| match how {
        How::Native => Mode::Native,
        How::Cross => Mode::Cross,
        How::Mixed => Mode::Mixed,
        How::Emulated => Mode::Emulated,
    })
}

/// How long a step took, or what became of it.
pub(super) fn took(step: &ObservedStep, run: &ObservedRun) -> String {
    match step.outcome {
        Outcome::Cached => "cached".to_owned(),
        Outcome::Failed => format!("failed {}", run.duration),
        Outcome::Canceled => format!("stopped {}", run.duration),
        Outcome::Unfinished => "unfinished".to_owned(),
        Outcome::NeverStarted => "not begun".to_owned(),
        Outcome::Done => run.duration.to_string(),
    }
}

/// A part of a whole in percent.
pub(super) fn percent(part: Nanos, whole: Nanos) -> String {
    if whole == Nanos::ZERO { "0 %".to_owned() } else { format!("{:.0} %", part / whole * 100.0) }
}

/// How long each step was on the line of time.
pub(super) fn lengths(observation: &Observation) -> HashMap<StepIx, Nanos> {
    observation.runs.iter().map(|run| (run.step, run.end - run.start)).collect()
}
