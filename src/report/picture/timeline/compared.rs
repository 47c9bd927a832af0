//! Several builds over one axis of time, and what each step gained.

use std::fmt::Write as _;

use plotters::drawing::IntoDrawingArea as _;

use super::axis::TimeAxis;
use super::canvas::Canvas;
use super::chart::Chart;
use super::frame::{Flag, LANE, RIGHT, TICKS, flags, ticks};
use super::likelihood;
use super::view::TimelineView;
use super::{DrawingError, STYLE, WIDTHS, patterns, words};
use crate::compare::Comparison;
use crate::report::escape::capitalized;
use crate::report::picture::arrange::words::clean;
use crate::report::picture::layout::geometry::{
    LABEL, LINE, MARGIN, Point, Rect, SMALL, STAGE, SUBTITLE, TITLE,
};
use crate::report::picture::svg;
use crate::report::picture::xml::{Xml, number};
use crate::units::NanosChange;

/// Left of the bars: room for the words at the axis of cores.
const LEFT: f64 = 40.0;
/// The height of the chart of busy cores.
const LOAD: f64 = 36.0;
/// The height of a row of gains.
const ROW: f64 = 24.0;
/// The height of the chart of how likely which time is.
const LIKELY: f64 = 120.0;
/// The chart ends where so many percent of the builds are done, in each of those that are compared.
const MOST_DONE: f64 = 95.0;
/// What the bars are.
const BARS: &str = "The bars are a build that takes the median; the range says when whole builds end.";
/// The most rows of gains of one build.
const MOST: usize = 12;

/// Builds side by side as a picture shows them.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedView {
    /// What it comes to, in a sentence.
    pub verdict: String,
    /// The builds, in the order given.
    pub builds: Vec<TimelineView>,
    /// What each step of each later build gained beside the first.
    pub gains: Vec<GainsView>,
}

/// What the steps of one build gained.
#[derive(Debug, Clone, PartialEq)]
pub struct GainsView {
    /// The build, by its place.
    pub build: usize,
    /// The steps, the largest change first.
    pub steps: Vec<GainView>,
}

/// What a step gained.
#[derive(Debug, Clone, PartialEq)]
pub struct GainView {
    /// The step.
    pub label: String,
    /// What became of it.
    pub what: String,
    /// The change in its part of the critical path.
    pub change: NanosChange,
}

impl ComparedView {
    /// What is shown of a comparison, with the timelines of its builds in their order.
    pub fn new(comparison: &Comparison, builds: Vec<TimelineView>) -> Self {
        let name = |at: usize| comparison.builds.get(at).map_or_else(String::new, |build| build.name.clone());
        let verdict = comparison.verdict.as_ref();
        let sentence = verdict.map_or_else(String::new, |verdict| verdict.sentence(|at| name(at.index())));
        let gains = comparison.pairs.iter().map(|pair| {
            let changed = pair.rows.iter().filter(|row| row.path() != NanosChange::default());
            let mut steps: Vec<GainView> = changed
                .map(|row| GainView {
                    label: clean(row.step().map_or("", |step| &step.text)),
                    what: row.change().as_str().to_owned(),
                    change: row.path(),
                })
                .collect();
            steps.sort_by_key(|step| std::cmp::Reverse(step.change.size()));
            GainsView { build: pair.after.index(), steps }
        });
        // A sentence that begins with the name of a file keeps it as it is.
        let is_name = comparison.builds.iter().any(|build| sentence.starts_with(&build.name));
        let sentence = if is_name { sentence } else { capitalized(&sentence) };
        Self { verdict: clean(&sentence), gains: gains.collect(), builds }
    }
}

/// A build's place.
struct Panel {
    name: Point,
    flags: Vec<Flag>,
    chart: Chart,
    load: Rect,
}

/// Draws builds side by side, `width` pixels wide or as wide as [`WIDTHS`] allow.
pub fn compared_svg(view: &ComparedView, width: u32) -> Result<String, DrawingError> {
    let width = f64::from(width.clamp(*WIDTHS.start(), *WIDTHS.end()));
    let inner = width - 2.0 * MARGIN;
    let names: Vec<&str> = view.builds.iter().map(|build| build.title.as_str()).collect();
    let title = names.join(" and ");
    let mut y = MARGIN + 14.0;
    let mut heading = vec![(Point { x: MARGIN, y }, TITLE.fit(&title, inner).into_owned())];
    let lines = SUBTITLE.wrap(&view.verdict, inner, 4).into_iter().chain(SUBTITLE.wrap(BARS, inner, 2));
    for line in lines {
        y += LINE + 4.0;
        heading.push((Point { x: MARGIN, y }, line));
    }
    let (panels, mut y) = panels(view, width, y);
    let legend_top = y;
    y += words::legend_height(&view.builds, width) + 16.0;
    let likely = likely(view, width, y);
    if let Some((rect, ..)) = likely {
        y = rect.bottom() + TICKS + 8.0;
    }
    let gains_top = y;
    for gains in &view.gains {
        y += 34.0 + ROW * shown(gains).len() as f64;
    }
    let size = Point { x: width, y: (y + MARGIN).round() };
    let mut xml = Xml::default();
    let style = format!("{}{STYLE}", svg::STYLE);
    svg::begin(&mut xml, &format!("Comparison of {title}"), &description(view), &style, size);
    patterns(&mut xml);
    for (at, (place, line)) in heading.iter().enumerate() {
        let (class, font) = if at == 0 { ("title", TITLE) } else { ("subtitle", SUBTITLE) };
        svg::text(&mut xml, *place, class, font, line);
    }
    xml.line();
    for (build, panel) in view.builds.iter().zip(&panels) {
        panel.chart.range(&mut xml, build, panel.load.bottom());
        words::flag_lines(&mut xml, &panel.flags, panel.load.bottom());
    }
    let pixels = ((size.x as i32).unsigned_abs(), (size.y as i32).unsigned_abs());
    let area = Canvas { xml: &mut xml, size: pixels }.into_drawing_area();
    for (build, panel) in view.builds.iter().zip(&panels) {
        panel.chart.bars(&area, build)?;
        panel.chart.cores(&area, build, panel.load)?;
    }
    if let Some((rect, axis, ticks)) = likely {
        let curves: Vec<&[_]> = view.builds.iter().map(|build| &*build.likely).collect();
        likelihood::draw(&area, &curves, rect, (axis, ticks))?;
    }
    drop(area);
    let short = short_names(&names);
    for ((build, panel), name) in view.builds.iter().zip(&panels).zip(&short) {
        let name = STAGE.fit(name, inner * 0.5);
        svg::text(&mut xml, panel.name, "name", STAGE, &name);
        let x = panel.name.x + STAGE.width(&name) + 12.0;
        let summary = SMALL.fit(&build.brief, width - MARGIN - x);
        svg::text(&mut xml, Point { x, ..panel.name }, "small", SMALL, &summary);
        xml.line();
        words::flags(&mut xml, &panel.flags);
    }
    words::legend(&mut xml, &view.builds, Point { x: MARGIN, y: legend_top }, width);
    if let Some((rect, ..)) = likely {
        let title = format!("Builds that are done by when, of {} (dashed) and the others", short[0]);
        let title = if short.len() == 2 {
            format!("Builds that are done by when: {} dashed, {} solid", short[0], short[1])
        } else {
            title
        };
        let at = Point { x: MARGIN, y: rect.y - 12.0 };
        svg::text(&mut xml, at, "name", STAGE, &STAGE.fit(&title, inner));
        xml.line();
    }
    let mut y = gains_top;
    for gains in &view.gains {
        let name = |at: usize| short.get(at).map_or("", String::as_str);
        y = draw_gains(&mut xml, gains, (name(gains.build), name(0)), y, width);
    }
    Ok(xml.finish())
}

/// The places of all builds, and where what follows begins.
fn panels(view: &ComparedView, width: f64, top: f64) -> (Vec<Panel>, f64) {
    let end = view.builds.iter().map(|build| build.end).max().unwrap_or_default();
    let axis = TimeAxis { end };
    let left = MARGIN + LEFT;
    let chart_width = (width - RIGHT - left).round();
    let mut y = top;
    let mut panels = Vec::new();
    for build in &view.builds {
        y = (y + 34.0).round();
        let name = Point { x: MARGIN, y };
        let down = Point { x: 0.0, y: y + 10.0 };
        let flags: Vec<Flag> = flags(build, axis, (left, chart_width))
            .into_iter()
            .map(|flag| Flag { rect: flag.rect.moved(down), ..flag })
            .collect();
        let under = flags.iter().map(|flag| flag.rect.bottom()).fold(y + 10.0, f64::max);
        let height = LANE * build.lanes.max(1) as f64;
        let rect = Rect { x: left, y: (under + 6.0).round(), width: chart_width, height };
        let chart = Chart { rect, axis, ticks: ticks(axis, chart_width), row: LANE, has_rows: false };
        let load = Rect { y: rect.bottom() + 10.0, height: LOAD, ..rect };
        y = load.bottom() + TICKS;
        panels.push(Panel { name, flags, chart, load });
    }
    (panels, y + 8.0)
}

/// The place of the curves of all builds below `top`, their axis, and how many ticks have room. `None` where a build has none.
fn likely(view: &ComparedView, width: f64, top: f64) -> Option<(Rect, TimeAxis, usize)> {
    // The last few builds of hundreds may take many times as long as the others.
    let most = |build: &TimelineView| Some(build.likely.iter().find(|(_, part)| *part >= MOST_DONE)?.0);
    let ends = view.builds.iter().map(most);
    let axis = TimeAxis { end: ends.collect::<Option<Vec<_>>>()?.into_iter().max()? };
    let left = MARGIN + LEFT;
    let rect = Rect { x: left, y: top + 34.0, width: (width - RIGHT - left).round(), height: LIKELY };
    Some((rect, axis, ticks(axis, rect.width)))
}

/// Names of files without the folders that all have in common.
fn short_names(names: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = names.iter().map(|name| name.split('/').collect()).collect();
    let least = parts.iter().map(Vec::len).min().unwrap_or(0);
    let is_same = |at: &usize| parts.iter().all(|part| part[*at] == parts[0][*at]);
    let common = (0..least.saturating_sub(1)).take_while(is_same).count();
    parts.iter().map(|part| part[common..].join("/")).collect()
}

/// The steps that are shown.
fn shown(gains: &GainsView) -> &[GainView] {
    &gains.steps[..gains.steps.len().min(MOST)]
}

/// What the steps of a build gained: a bar to the left for what became shorter, to the right for what became longer.
fn draw_gains(xml: &mut Xml, gains: &GainsView, (name, first): (&str, &str), top: f64, width: f64) -> f64 {
    let title = format!("What each step gained: {name} beside {first}");
    svg::text(
        xml,
        Point { x: MARGIN, y: top + 14.0 },
        "name",
        STAGE,
        &STAGE.fit(&title, width - 2.0 * MARGIN),
    );
    xml.line();
    let steps = shown(gains);
    let text = |step: &GainView| step.change.to_string();
    let numbers = steps.iter().map(|step| SMALL.width(&text(step))).fold(0.0, f64::max) + 10.0;
    let half = ((width * 0.36 - 2.0 * numbers) / 2.0).max(24.0);
    let zero = width - MARGIN - numbers - half;
    let most = steps.iter().map(|step| step.change.size()).max().unwrap_or_default();
    let labels = zero - half - numbers - 12.0;
    let whats = steps.iter().map(|step| SMALL.width(&step.what)).fold(0.0, f64::max).min(labels * 0.4);
    for (at, step) in steps.iter().enumerate() {
        let y = top + 26.0 + at as f64 * ROW;
        let base = y + ROW / 2.0 + 4.0;
        let part = step.change.size() / most;
        let length = if part.is_finite() { (part * half).max(1.0) } else { 1.0 };
        let (class, x) = if step.change.is_shorter() { ("less", zero - length) } else { ("more", zero) };
        xml.open("g").attr("class", class);
        svg::title(xml, &format!("{}\n{}\n{}", step.label, step.what, text(step)));
        let what = SMALL.fit(&step.what, whats);
        svg::text(xml, Point { x: MARGIN, y: base }, "small", SMALL, &what);
        let label = LABEL.fit(&step.label, labels - MARGIN - whats - 10.0);
        svg::text(xml, Point { x: MARGIN + whats + 10.0, y: base }, "label", LABEL, &label);
        let bar = Rect { x, y: y + 4.0, width: length, height: ROW - 8.0 };
        svg::rect(xml, bar, "bar", 0.0);
        let change = text(step);
        let end = if step.change.is_shorter() { x - 6.0 - SMALL.width(&change) } else { x + length + 6.0 };
        svg::text(xml, Point { x: end, y: base }, "small", SMALL, &change);
        xml.close().line();
    }
    let bottom = top + 26.0 + ROW * steps.len() as f64;
    let line = format!("M{} {}V{}", number(zero), number(top + 26.0), number(bottom));
    xml.open("path").attr("class", "axis").attr("d", line).close().line();
    top + 34.0 + ROW * steps.len() as f64
}

/// The picture in words, for those who cannot see it.
fn description(view: &ComparedView) -> String {
    let mut text = format!("{}.", view.verdict);
    for build in &view.builds {
        let _ = write!(text, " {}: {}", build.title, build.summary);
    }
    for gain in view.gains.iter().flat_map(shown) {
        let _ = write!(text, " {} ({}): {}.", gain.label, gain.what, gain.change);
    }
    text
}
