//! What CI services put before each line of a log: the job and step, an instant, the stream.
//!
//! Only known forms are taken off; a line with another beginning is none of a build's.

use super::time::{parse_clock, parse_rfc3339};

/// A line without what stood before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Prefixed<'l> {
    /// The job, where every line names it.
    pub(super) place: Option<&'l str>,
    /// When it was written, in nanoseconds since 1970, or since midnight where only the time of day is told.
    pub(super) instant: Option<i64>,
    /// The rest.
    pub(super) rest: &'l str,
}

/// Prefixes that may stand before each other.
const MOST: usize = 6;
/// The most letters of a name before a line.
const LONGEST_NAME: usize = 400;

/// Takes off what stands before a line.
pub(super) fn split(line: &str) -> Prefixed<'_> {
    let mut line = Prefixed { rest: line.trim_start_matches('\u{feff}'), ..Prefixed::default() };
    for _ in 0..MOST {
        if is_builds(line.rest) || !line.strip() {
            break;
        }
    }
    line
}

/// Whether a line is one that BuildKit prints for people.
pub(super) fn is_builds(line: &str) -> bool {
    let numbered = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    line.trim_start_matches([' ', '\t']).strip_prefix('#').is_some_and(numbered) || is_display(line)
}

/// Whether a line of a build may stand behind something else in a line: most lines of a log are told from them by their bytes.
pub(super) fn may_hold_builds(line: &str) -> bool {
    memchr::memchr3(b'#', b'>', b'+', line.as_bytes()).is_some()
}

/// Whether a line is one of the terminal's.
pub(super) fn is_display(line: &str) -> bool {
    let bare = line.trim_start_matches(' ');
    bare.starts_with("=> ") || bare.starts_with("[+] ")
}

impl Prefixed<'_> {
    /// Takes one thing off, if there is one.
    fn strip(&mut self) -> bool {
        self.marks() || self.time() || self.job() || self.name()
    }

    /// Marks of sections: of GitLab, `section_start:1700000000:build_script[collapsed=true]\r\x1b[0K`; of Buildkite,
    /// `\x1b_bk;t=1700000000000\x07`. Of the second the instant is told.
    fn marks(&mut self) -> bool {
        if let Some(rest) = self.rest.strip_prefix("\u{1b}_bk;t=")
            && let Some((millis, rest)) = rest.split_once('\u{7}')
        {
            self.instant = millis.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1_000_000));
            self.rest = rest;
            return true;
        }
        if self.rest.starts_with("section_")
            && let Some((_, rest)) = self.rest.split_once('\r')
        {
            self.rest = rest;
            return true;
        }
        for empty in ["\u{1b}[0K", "\u{1b}[0m", "\r"] {
            if let Some(rest) = self.rest.strip_prefix(empty) {
                self.rest = rest;
                return true;
            }
        }
        false
    }

    /// An instant, also in brackets, or a time of day.
    fn time(&mut self) -> bool {
        if let Some((instant, rest)) = spaced(self.rest) {
            (self.instant, self.rest) = (Some(instant), rest);
            return true;
        }
        let (first, rest) = match self.rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some(bracketed) => bracketed,
            None => match self.rest.split_once(' ') {
                Some((first, rest)) => (first, rest),
                None => return false,
            },
        };
        let Some(instant) = parse_rfc3339(first).or_else(|| parse_clock(first)) else { return false };
        self.instant = Some(instant);
        self.rest = stream(rest);
        true
    }

    /// `job⇥step⇥`, as `gh run view --log` has it.
    fn job(&mut self) -> bool {
        let Some((job, rest)) = self.rest.split_once('\t') else { return false };
        let Some((step, rest)) = rest.split_once('\t') else { return false };
        if self.place.is_some() || job.is_empty() || job.len() + step.len() > LONGEST_NAME {
            return false;
        }
        self.place = Some(job);
        self.rest = rest.trim_start_matches('\u{feff}');
        true
    }

    /// A name before the lines of one of several programs: `Step #1 - "build": `, `[build] `, `build  | `, `build: `,
    /// `[job/step]   | `. Only before a line of a build. PowerShell's `docker : ` stands before the first line alone.
    fn name(&mut self) -> bool {
        if !may_hold_builds(self.rest) {
            return false;
        }
        for separator in [" : ", ": ", "] ", "| "] {
            let Some((name, rest)) = self.rest.split_once(separator) else { continue };
            let opens = separator != "] " || name.starts_with('[');
            if opens && name.len() <= LONGEST_NAME && is_builds(rest) {
                let own = (separator != " : ").then(|| name.trim().trim_matches(['[', ']']));
                self.place = self.place.or(own);
                self.rest = rest;
                return true;
            }
        }
        false
    }
}

/// An instant in two words, with a colon behind it or none: `2026-08-01 12:00:01.118Z: `, and the rest.
fn spaced(line: &str) -> Option<(i64, &str)> {
    if line.as_bytes().get(10) != Some(&b' ') {
        return None;
    }
    let (clock, rest) = line.get(11..)?.split_once(' ').unwrap_or((line.get(11..)?, ""));
    let end = 11 + clock.trim_end_matches(':').len();
    Some((parse_rfc3339(line.get(..end)?)?, rest))
}

/// The text after GitLab's mark of the stream: `00O `, `01E+`.
fn stream(rest: &str) -> &str {
    match rest.as_bytes() {
        [a, b, b'O' | b'E', b' ' | b'+', ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => &rest[4..],
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_ci_services() {
        let noon = Some(1_785_585_601_000_000_000);
        let cases = [
            ("#1 x", None, None, "#1 x"),
            ("2026-08-01T12:00:01.0000000Z #1 x", None, noon, "#1 x"),
            (
                "build (amd64)\tBuild and push\t2026-08-01T12:00:01.0000000Z #1 x",
                Some("build (amd64)"),
                noon,
                "#1 x",
            ),
            ("build\tUNKNOWN STEP\t\u{feff}2026-08-01T12:00:01Z #1 x", Some("build"), noon, "#1 x"),
            ("2026-08-01T12:00:01.000000Z 00O #1 x", None, noon, "#1 x"),
            ("2026-08-01T12:00:01.000000Z 01E+#1 x", None, noon, "#1 x"),
            ("\u{1b}_bk;t=1785585601000\u{7}#1 x", None, noon, "#1 x"),
            ("section_start:1785585601:build_script\r\u{1b}[0K#1 x", None, None, "#1 x"),
            ("[2026-08-01T12:00:01.000Z] #1 x", None, noon, "#1 x"),
            ("2026-08-01 12:00:01.000Z: #1 x", None, noon, "#1 x"),
            ("00:00:01 #1 x", None, Some(1_000_000_000), "#1 x"),
            ("[01:00:00] [image] #1 x", Some("image"), Some(3_600_000_000_000), "#1 x"),
            ("Step #2 - \"build\": #1 x", Some("Step #2 - \"build\""), None, "#1 x"),
            ("web  | #1 x", Some("web"), None, "#1 x"),
            ("[CI/Build and push]   | #1 x", Some("CI/Build and push"), None, "#1 x"),
            ("docker : #1 x", None, None, "#1 x"),
            ("  #1 x", None, None, "  #1 x"),
            (" => [1/2] FROM x  0.1s", None, None, " => [1/2] FROM x  0.1s"),
            ("2026-08-01T12:00:01Z  => [1/2] FROM x", None, noon, " => [1/2] FROM x"),
            ("note: see issue #1 x", None, None, "note: see issue #1 x"),
            ("a: b", None, None, "a: b"),
            ("", None, None, ""),
        ];
        for (line, place, instant, rest) in cases {
            assert_eq!(split(line), Prefixed { place, instant, rest }, "{line:?}");
        }
    }
}
