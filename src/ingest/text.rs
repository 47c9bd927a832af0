//! Logs of lines: rawjson, plain, the terminal's own output, and each of them inside the log of a CI service.
//!
//! A log may hold several builds: one after another, or those of several jobs whose lines are mixed.

use std::collections::HashMap;
use std::io::{self, BufRead};

use super::build::ObservedBuild;
use super::display::Display;
use super::line::{Lines, strip_escapes};
use super::origin::Origin;
use super::plain::Printer;
use super::prefix;
use super::problems::Problems;
use super::rawjson::{self, RawJson};

/// Jobs of a log that are told apart; the lines of further ones are put together.
const MAX_PLACES: usize = 256;

/// The heading of a terminal's display.
const HEADING: &str = "[+] Building ";

/// Where a heading stands behind something that was printed without an end of its line.
fn heading(line: &str) -> Option<usize> {
    if prefix::may_hold_builds(line) { line.find(HEADING).filter(|at| *at > 0) } else { None }
}

/// Reads a log.
pub(super) fn read(reader: impl BufRead) -> io::Result<Vec<ObservedBuild>> {
    let mut log = TextLog::default();
    let mut lines = Lines::new(reader);
    let mut problems = Problems::default();
    while let Some(line) = lines.next(&mut problems)? {
        log.line(line);
    }
    Ok(log.finish(problems))
}

/// A log read so far.
#[derive(Default)]
struct TextLog {
    places: Vec<Place>,
    by_name: HashMap<Box<str>, usize>,
    nameless: Option<usize>,
}

/// The lines of one job.
#[derive(Default)]
struct Place {
    name: Box<str>,
    origin: Origin,
    raw: Option<RawJson>,
    plain: Printer,
    display: Display,
    /// The last time of day and the days before it.
    clock: (i64, i64),
}

impl TextLog {
    fn line(&mut self, bytes: &[u8]) {
        if bytes.first() == Some(&b'{') && self.places.len() <= 1 {
            self.place("").raw.get_or_insert_default().line(bytes);
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        let line = prefix::split(&text);
        if !text.contains('\u{1b}') {
            self.prefixed(line);
            return;
        }
        let mut bare = text.clone().into_owned();
        strip_escapes(&mut bare);
        let instant = line.instant;
        let line = prefix::split(&bare);
        self.prefixed(prefix::Prefixed { instant: line.instant.or(instant), ..line });
    }

    fn prefixed(&mut self, line: prefix::Prefixed<'_>) {
        let place = self.place(line.place.unwrap_or_default());
        let instant = line.instant.map(|instant| place.instant(instant));
        if rawjson::begins(line.rest.as_bytes()) {
            place.raw.get_or_insert_default().line(line.rest.as_bytes());
        } else if prefix::is_display(line.rest) {
            place.display.line(line.rest);
        } else if let Some(at) = heading(line.rest) {
            place.display.line(&line.rest[at..]);
        } else if place.display.is_telling() {
            // Older versions number the last lines of a step that failed as in plain logs.
            place.display.other(line.rest);
        } else if !place.plain.line(line.rest, instant) && !place.display.other(line.rest) {
            place.origin.line(line.rest);
        }
        if let Some(driver) = place.plain.builder.take() {
            place.origin.builder(&driver);
        }
    }

    /// The lines of the job with a name. That of most logs has none, which is asked for once a line: two empty texts are not compared,
    /// as that takes longer than reading the line (a masked load from where nothing lies).
    fn place(&mut self, name: &str) -> &mut Place {
        let known = if name.is_empty() { self.nameless } else { self.by_name.get(name).copied() };
        let at = known.unwrap_or_else(|| self.add(name));
        &mut self.places[at]
    }

    fn add(&mut self, name: &str) -> usize {
        if self.places.len() >= MAX_PLACES {
            return MAX_PLACES - 1;
        }
        let at = self.places.len();
        self.places.push(Place { name: name.into(), ..Place::default() });
        if name.is_empty() {
            self.nameless = Some(at);
        } else {
            self.by_name.insert(name.into(), at);
        }
        at
    }

    /// The builds. What is wrong with the lines is told of the first.
    fn finish(self, lines: Problems) -> Vec<ObservedBuild> {
        let mut builds: Vec<ObservedBuild> = Vec::new();
        for Place { name, mut origin, raw, plain, display, .. } in self.places {
            origin.complete(&display.origin);
            // Where the last line of a plain log has no end, nothing is missing.
            let cut_short = lines.cut_short && raw.is_some();
            let mut own = raw.map(|raw| raw.finish(&origin)).unwrap_or_default();
            let printed = plain.finish().into_iter().chain(display.finish());
            own.extend(printed.map(|build| ObservedBuild { origin: origin.clone(), ..build }));
            own.retain(|build| !build.steps.is_empty());
            if let Some(last) = own.last_mut() {
                last.problems.cut_short |= cut_short;
            }
            builds.extend(own.into_iter().map(|build| ObservedBuild { place: name.clone(), ..build }));
        }
        if let Some(first) = builds.first_mut() {
            first.problems.add(Problems { cut_short: false, ..lines });
        }
        builds
    }
}

impl Place {
    /// An instant that is later than those before it, also where only the time of day is told.
    const fn instant(&mut self, instant: i64) -> i64 {
        const DAY: i64 = 86_400_000_000_000;
        if instant >= DAY {
            return instant;
        }
        let (last, days) = self.clock;
        // Lines may be a little out of order; a whole night is midnight.
        let days = if instant < last - DAY / 2 { days + 1 } else { days };
        self.clock = (instant, days);
        instant + days * DAY
    }
}
