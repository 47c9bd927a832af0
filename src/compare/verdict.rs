//! What a comparison comes to, in one sentence.

use super::align::align;
use super::change::{Change, Row, rows};
use super::odds::{NEGLIGIBLE, Odds};
use super::step::Step;
use super::{BuildIx, Totals};
use crate::sim::Quantiles;
use crate::source::Line;
use crate::units::Nanos;

/// The share of simulated builds in which one must be the faster, or must not be slower by more than [`NEGLIGIBLE`], to be
/// called faster.
pub const SURE: f64 = 0.9;

/// The part of a difference that what nothing is known of may take, in one build of ten, without making it unsure.
const LITTLE: f64 = 0.5;

/// How one build stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Every step is kept, and so is the time.
    Same,
    /// They differ by less than repeats of one build do.
    Alike,
    /// Which is faster is not sure.
    Unsure,
    /// The later one is faster.
    Faster,
    /// The later one is slower.
    Slower,
}

impl Standing {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Alike => "alike",
            Self::Unsure => "unsure",
            Self::Faster => "faster",
            Self::Slower => "slower",
        }
    }
}

/// What a comparison comes to: of two builds the later beside the earlier, of more the fastest beside the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// How `after` stands to `before`.
    pub standing: Standing,
    /// The build it is measured by.
    pub before: BuildIx,
    /// The build it is about.
    pub after: BuildIx,
    /// How surely.
    pub odds: Odds,
    /// How many builds were compared.
    pub builds: usize,
    /// The median times of `before` and `after`.
    pub times: [Nanos; 2],
    /// The first line of a step that only one of them has, of which nothing is known, and which may turn the verdict round.
    pub not_understood: Option<(BuildIx, Line)>,
}

pub(super) fn verdict(totals: &[Totals], steps: &[Vec<Step>], samples: &[Vec<Nanos>]) -> Option<Verdict> {
    let (before, after) = match totals.len() {
        0 | 1 => return None,
        2 => (0, 1),
        builds => {
            let mut order: Vec<usize> = (0..builds).collect();
            order.sort_by_key(|&at| (totals[at].total.p50, at));
            (order[1], order[0])
        }
    };
    let odds = Odds::of(&samples[before], &samples[after]);
    let rows = || rows(&steps[before], &steps[after], &align(&steps[before], &steps[after]));
    let same = || rows().iter().all(|row| row.changes == [Change::Kept]);
    let found = standing(&odds, totals[before].total, totals[after].total, same);
    // What only the later build runs can make it slower than it seems, what only the earlier ran, faster. Where both have
    // such a step, the odds hold what is not known of it; so they do where that is small beside what is said to be saved.
    let deciding = match found {
        Standing::Faster => Some((Change::New, Change::Gone, BuildIx::new(after))),
        Standing::Slower => Some((Change::Gone, Change::New, BuildIx::new(before))),
        Standing::Same | Standing::Alike | Standing::Unsure => None,
    };
    let [earlier, later] = [before, after].map(|build| totals[build].total.p50);
    let little = earlier.max(later).saturating_sub(earlier.min(later)) * LITTLE;
    let not_understood = deciding.and_then(|(own, other, build)| {
        let rows = rows();
        let unknown = |change| {
            let of_one =
                || rows.iter().filter(move |row| row.changes.contains(&change)).filter_map(Row::step);
            let all: Nanos = of_one().map(|step| step.unknown).sum();
            let most = of_one().max_by_key(|step| step.unknown)?;
            if all > little { most.lines.first().copied() } else { None }
        };
        let line = unknown(own)?;
        unknown(other).is_none().then_some((build, line))
    });
    Some(Verdict {
        standing: if not_understood.is_some() { Standing::Unsure } else { found },
        not_understood,
        before: BuildIx::new(before),
        after: BuildIx::new(after),
        odds,
        builds: totals.len(),
        times: [totals[before].total.p50, totals[after].total.p50],
    })
}

fn standing(odds: &Odds, before: Quantiles, after: Quantiles, same: impl Fn() -> bool) -> Standing {
    if before == after && same() {
        return Standing::Same;
    }
    let [_, median, _] = odds.ratio;
    if (median - 1.0).abs() < NEGLIGIBLE && (median.recip() - 1.0).abs() < NEGLIGIBLE {
        return Standing::Alike;
    }
    // A change that often gains and hardly ever loses is one to make, also where it gains nothing in every fifth build.
    if (odds.faster >= SURE || (median > 1.0 && odds.clearly_slower <= 1.0 - SURE)) && before.p50 > after.p50
    {
        Standing::Faster
    } else if (odds.slower >= SURE || (median < 1.0 && odds.clearly_faster <= 1.0 - SURE))
        && before.p50 < after.p50
    {
        Standing::Slower
    } else {
        Standing::Unsure
    }
}

impl Verdict {
    /// The verdict in one sentence, with the builds called by `names`.
    pub fn sentence(&self, name: impl Fn(BuildIx) -> String) -> String {
        let (before, after) = (name(self.before), name(self.after));
        let [time_before, time_after] = self.times;
        let [low, median, high] = self.odds.ratio;
        let of = if self.builds > 2 { format!(" of {}", self.builds) } else { String::new() };
        match self.standing {
            Standing::Same => {
                let fastest = if of.is_empty() { String::new() } else { format!(", the fastest{of}") };
                format!(
                    "{before} and {after}{fastest} are the same build: every step is kept, and both take {time_after}"
                )
            }
            Standing::Alike => {
                let fastest = if of.is_empty() { String::new() } else { format!(", the fastest{of},") };
                format!(
                    "{before} and {after}{fastest} take about the same time, {time_before} and {time_after}: they differ by less than the {:.0} % by which repeats of one build differ",
                    NEGLIGIBLE * 100.0
                )
            }
            Standing::Unsure => {
                let what = if of.is_empty() {
                    "the difference".to_owned()
                } else {
                    format!("{after} and {before} are the fastest{of}, and the difference between them")
                };
                let unknown = self.not_understood.map_or_else(String::new, |(build, line)| {
                    format!(
                        "; nothing is known of what line {line} of {} runs, which decides it: `xsim calibrate` learns it from a log",
                        name(build)
                    )
                });
                format!(
                    "{what} is within the uncertainty: {before} takes about {time_before} and {after} {time_after}, and {after} is the faster one in {} of the simulated builds, and slower by more than {} in {}{unknown}",
                    percent(self.odds.faster),
                    percent(NEGLIGIBLE),
                    percent(self.odds.clearly_slower)
                )
            }
            Standing::Faster => {
                let what = if of.is_empty() { "is faster".to_owned() } else { format!("is the fastest{of}") };
                let instead = if of.is_empty() {
                    format!("instead of {time_before}")
                } else {
                    format!("against {time_before} of {before}, the next")
                };
                format!(
                    "{after} {what}: about {time_after} {instead}; build by build {} times as fast (P10 to P90: {} to {}), and the faster one in {} of the simulated builds{}",
                    times(median),
                    times(low),
                    times(high),
                    percent(self.odds.faster),
                    except("slower", self.odds.faster, self.odds.clearly_slower)
                )
            }
            Standing::Slower => format!(
                "{after} is slower: about {time_after} instead of {time_before}; build by build {} times as long (P10 to P90: {} to {}), and the slower one in {} of the simulated builds{}",
                times(median.recip()),
                times(high.recip()),
                times(low.recip()),
                percent(self.odds.slower),
                except("faster", self.odds.slower, self.odds.clearly_faster)
            ),
        }
    }
}

/// How often it is noticeably the other way round, where that is not already plain.
fn except(way: &str, share: f64, clearly_other: f64) -> String {
    if share >= SURE {
        return String::new();
    }
    format!(", {way} by more than {} in {}", percent(NEGLIGIBLE), percent(clearly_other))
}

/// A ratio; one near 1 with another decimal.
fn times(ratio: f64) -> String {
    if ratio < 1.995 { format!("{ratio:.2}") } else { format!("{ratio:.1}") }
}

/// A share in whole percent; neither 0 nor 100 unless it is exactly that.
pub fn percent(share: f64) -> String {
    let whole = (share * 100.0).round();
    let whole = if share > 0.0 && share < 1.0 { whole.clamp(1.0, 99.0) } else { whole };
    format!("{whole:.0} %")
}
