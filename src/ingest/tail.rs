//! The last lines that a step printed: what a person looks for when it fails.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::line::strip_escapes;
use super::step::StepIx;

/// Lines that are kept of a step.
pub const MOST_LINES: usize = 10;
/// Characters that are kept of a line.
const MOST_LETTERS: usize = 400;
/// Bytes that are kept while a step runs; twice as many may lie there until they are cut.
const MOST_BYTES: usize = 4096;
/// Steps whose output is kept at once; a machine does not run more.
const MOST_STEPS: usize = 512;

/// The last output of the steps that run.
#[derive(Debug, Default)]
pub(super) struct Tails {
    by_step: HashMap<StepIx, Vec<u8>>,
}

impl Tails {
    /// Takes in what a step printed.
    pub(super) fn push(&mut self, step: StepIx, printed: &[u8]) {
        if self.by_step.len() >= MOST_STEPS && !self.by_step.contains_key(&step) {
            return;
        }
        let tail = self.by_step.entry(step).or_default();
        let printed = &printed[printed.len().saturating_sub(MOST_BYTES)..];
        if tail.len() + printed.len() > 2 * MOST_BYTES {
            tail.drain(..tail.len().saturating_sub(MOST_BYTES));
        }
        tail.extend_from_slice(printed);
    }

    /// The same, for one message in base64, which is decoded only if the step's output is wanted.
    pub(super) fn push_base64(&mut self, step: StepIx, message: &[u8]) {
        // Four letters are three bytes, whatever comes before.
        let start = message.len().saturating_sub(MOST_BYTES).next_multiple_of(4);
        self.push(step, message.get(start..).unwrap_or_default());
        self.push(step, b"\n");
    }

    /// Forgets a step that went well.
    pub(super) fn forget(&mut self, step: StepIx) {
        self.by_step.remove(&step);
    }

    /// The last lines of a step whose messages are in base64.
    pub(super) fn take_base64(&mut self, step: StepIx) -> Vec<Box<str>> {
        let Some(tail) = self.by_step.remove(&step) else { return Vec::new() };
        let decoded = tail.split(|byte| *byte == b'\n').filter_map(|message| STANDARD.decode(message).ok());
        last_lines(&String::from_utf8_lossy(&decoded.flatten().collect::<Vec<u8>>()))
    }

    /// The last lines of a step.
    pub(super) fn take(&mut self, step: StepIx) -> Vec<Box<str>> {
        self.by_step.remove(&step).map_or_else(Vec::new, |tail| last_lines(&String::from_utf8_lossy(&tail)))
    }
}

/// The last lines of a text that are not empty, freed of terminal escapes and of what was overwritten in them.
pub(super) fn last_lines(text: &str) -> Vec<Box<str>> {
    let mut lines: Vec<Box<str>> = Vec::new();
    for line in text.lines().rev() {
        let mut line = line.to_owned();
        strip_escapes(&mut line);
        let shown = line.trim_end().rsplit('\r').next().unwrap_or_default();
        if !shown.trim().is_empty() {
            lines.push(shown.chars().take(MOST_LETTERS).collect::<String>().into());
        }
        if lines.len() == MOST_LINES {
            break;
        }
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_no_more() {
        let mut tails = Tails::default();
        for at in 0..100_000 {
            tails.push(StepIx(1), format!("line {at}\n").as_bytes());
        }
        let lines = tails.take(StepIx(1));
        assert_eq!((lines.len(), &*lines[9]), (MOST_LINES, "line 99999"));
        for at in 0..100_000 {
            tails.push(StepIx(at), b"x");
        }
        assert_eq!(tails.by_step.len(), MOST_STEPS);
    }

    #[test]
    fn base64_is_decoded_from_its_end() {
        let mut tails = Tails::default();
        let text = format!("{}\nend of it", "x".repeat(90_000));
        tails.push_base64(StepIx(0), STANDARD.encode(&text).as_bytes());
        tails.push_base64(StepIx(0), STANDARD.encode(", and more\n").as_bytes());
        assert_eq!(tails.take_base64(StepIx(0)).last().unwrap().as_ref(), "end of it, and more");
    }

    #[test]
    fn what_was_overwritten_is_gone() {
        assert_eq!(last_lines("10 %\r90 %\r\u{1b}[31mfailed\u{1b}[0m\n\n"), ["failed".into()]);
    }
}
