//! What runs again with a cache, and why, for people.

use super::escape::visible;
use super::time::Steps;
use crate::pricing::{Reruns, Why};
use crate::sim::TaskIx;
use crate::source::FileLine;

/// How many lines are named before the rest is counted.
const MOST_LINES: usize = 12;

impl Steps<'_> {
    /// What is in the cache, in a few words for the headline.
    pub(super) fn cache(&self) -> String {
        let Some(reruns) = &self.timing.reruns else { return String::new() };
        let steps = |runs: bool| {
            let all = self.timing.plan.indices().filter(|task| !self.vertex(*task).1.places.is_empty());
            all.filter(|task| !runs || self.timing.runs(*task)).count()
        };
        let cache = &self.timing.terms.cache;
        let state = if cache.is_warm {
            "everything else cached".to_owned()
        } else {
            let names: Vec<String> = cache.platforms.iter().map(ToString::to_string).collect();
            format!("{} cached", names.join(", "))
        };
        let paths: Vec<_> = reruns.changes.iter().map(|change| visible(&change.path)).collect();
        let changes = match paths.len() {
            0 if cache.is_warm => "nothing changed and ".to_owned(),
            0 => String::new(),
            1..=3 => format!("{} changed and ", paths.join(", ")),
            count => format!("{count} paths changed and "),
        };
        format!(", with {changes}{state}: {} of {} vertices run", steps(true), steps(false))
    }

    /// Which steps run again because of which change, and what follows from them.
    pub(super) fn reruns(&self) -> Vec<String> {
        let Some(reruns) = &self.timing.reruns else { return Vec::new() };
        let mut lines = Vec::new();
        for change in &reruns.changes {
            let text = if change.is_ignored {
                "not in the context, so nothing runs again".to_owned()
            } else if change.readers.is_empty() {
                "no step that is built reads it".to_owned()
            } else {
                format!("read by {}", self.lines_of(&change.readers))
            };
            let name =
                if change.path.is_empty() { "the whole context".into() } else { visible(&change.path) };
            lines.extend(self.paragraph(&format!("changed {name}"), &text));
        }
        let because = |wanted: fn(&Why) -> bool| {
            let tasks = reruns.why.iter().enumerate();
            let wanted = tasks.filter(|(_, why)| why.as_ref().is_some_and(wanted));
            wanted.map(|(at, _)| TaskIx::new(at)).collect::<Vec<_>>()
        };
        let missing = because(|why| matches!(why, Why::NotCached));
        let needed = because(|why| matches!(why, Why::Needed));
        if !needed.is_empty() {
            lines.extend(self.paragraph("not kept but needed", &self.lines_of(&needed)));
        }
        if !missing.is_empty() {
            lines.extend(self.paragraph("not cached", &self.lines_of(&missing)));
        }
        let following = because(|why| matches!(why, Why::Input(_)));
        if !following.is_empty() {
            lines.extend(self.paragraph("follow from these", &self.lines_of(&following)));
        }
        lines
    }

    /// The lines of steps, each once.
    pub(super) fn lines_of(&self, tasks: &[TaskIx]) -> String {
        let mut lines: Vec<FileLine> =
            tasks.iter().flat_map(|task| self.vertex(*task).1.places.iter().copied()).collect();
        lines.sort_unstable();
        lines.dedup();
        let shown = self.places().lines(&lines[..lines.len().min(MOST_LINES)]);
        match lines.len() {
            0 => "what no instruction owns".to_owned(),
            count if count > MOST_LINES => format!("{shown} and {} more", count - MOST_LINES),
            _ => shown,
        }
    }
}

/// Names of what is in [`Reruns`], for JSON.
pub(super) fn why_name(reruns: &Reruns, task: TaskIx) -> Option<&'static str> {
    reruns.why[task.index()].map(|why| match why {
        Why::Changed(_) => "changed",
        Why::Input(_) => "input",
        Why::NotCached => "not-cached",
        Why::Needed => "needed",
        Why::Always => "always",
    })
}
