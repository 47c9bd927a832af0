//! Stages, lanes and boxes.

use super::super::layout::geometry::{BAND, KEYWORD, LABEL, Point, Rect, SMALL, STAGE, TEXT_PAD};
use super::super::layout::{PlacedBox, PlacedLane, PlacedStage, PlacedTag, head_words};
use super::super::view::{BoxKind, BoxView, CostView, GraphView, Mode, OutsideKind, StageView};
use super::super::xml::{Xml, number};
use super::{centered, rect, text, title};

/// The frame of a stage with its head and the ground of its lanes.
pub(super) fn frame(xml: &mut Xml, stage: &StageView, placed: &PlacedStage) {
    let class = if stage.is_target { "group target" } else { "group" };
    rect(xml, placed.rect, class, 8.0);
    let head = placed.head;
    let y = head.y + 22.0;
    let (name, note) = head_words(stage, head.width);
    text(xml, Point { x: head.x, y }, "name", STAGE, &name);
    text(xml, Point { x: head.right() - SMALL.width(&note), y }, "small", SMALL, &note);
    xml.line();
    for lane in &placed.lanes {
        rect(xml, lane.area, "lane", 6.0);
    }
}

/// The platforms of a lane.
pub(super) fn lane_name(xml: &mut Xml, lane: &PlacedLane) {
    xml.open("g");
    title(xml, &lane.whole);
    rect(xml, lane.rect, "platform", 9.0);
    centered(xml, lane.rect.center().x, lane.rect.y + 13.0, "small on", SMALL, &lane.text);
    xml.close().line();
}

/// A box with what it takes from outside.
pub(super) fn draw(xml: &mut Xml, view: &GraphView, placed: &PlacedBox, inline: Option<usize>) {
    let shown = view.get(placed.index);
    placed.tags.iter().for_each(|tag| outside(xml, tag, placed.rect));
    let mut class = shown.mode.map_or(shown.kind.as_str(), Mode::as_str).to_owned();
    if shown.is_critical {
        class.push_str(" critical");
    }
    if shown.cost.is_some_and(|cost| cost.is_cached) {
        class.push_str(" cached");
    }
    xml.open("g").attr("class", class);
    if inline.is_some() {
        xml.attr("data-box", placed.index.0);
    }
    title(xml, &hover(view, shown));
    let radius = match shown.kind {
        BoxKind::Source | BoxKind::Result => placed.rect.height / 2.0,
        BoxKind::Files => 0.0,
        BoxKind::Command | BoxKind::Stage => 6.0,
    };
    rect(xml, placed.rect, "box", radius);
    if shown.kind != BoxKind::Result {
        band(xml, placed.rect, radius, shown, inline);
    }
    words(xml, placed.rect, shown, inline.is_some());
    xml.close().line();
}

/// What shows when the pointer rests on a box.
fn hover(view: &GraphView, shown: &BoxView) -> String {
    let mut lines = vec![shown.whole.clone(), shown.note.clone()];
    if view.targets.len() > 1 && shown.line.is_some() {
        lines.push(format!("for {}", view.platforms(shown.targets)));
    }
    lines.extend(shown.outside.iter().map(|outside| format!("{}: {}", outside.edge.as_str(), outside.whole)));
    lines.extend(shown.cost.map(CostView::text));
    lines.extend(shown.is_critical.then(|| "on the critical path".to_owned()));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The room for what a step costs where the cost is written anew for other settings.
const COST_ROOM: f64 = 92.0;

fn words(xml: &mut Xml, rect: Rect, shown: &BoxView, is_inline: bool) {
    let left = if shown.kind == BoxKind::Result { 18.0 } else { BAND + TEXT_PAD };
    let end = if matches!(shown.kind, BoxKind::Source | BoxKind::Result) { 14.0 } else { TEXT_PAD };
    let (x, room) = (rect.x + left, rect.width - left - end);
    let keyword = KEYWORD.fit(&shown.keyword, room);
    text(xml, Point { x, y: rect.y + 17.0 }, "keyword", KEYWORD, &keyword);
    let indent = if keyword.is_empty() { 0.0 } else { KEYWORD.width(&keyword) + 5.0 };
    let label = LABEL.fit(&shown.label, room - indent);
    text(xml, Point { x: x + indent, y: rect.y + 17.0 }, "label", LABEL, &label);
    let cost = shown.cost.map_or_else(String::new, CostView::text);
    let width = SMALL.width(&cost);
    let cost_width = if is_inline && !cost.is_empty() { width.max(COST_ROOM) } else { width };
    let note = SMALL.fit(&shown.note, room - cost_width - if cost.is_empty() { 0.0 } else { 8.0 });
    let y = rect.y + 33.0;
    text(xml, Point { x, y }, "small", SMALL, &note);
    if is_inline && !cost.is_empty() {
        xml.open("text").length("x", rect.right() - end).length("y", y);
        xml.attr("class", "small cost").attr("text-anchor", "end").text(&cost).close();
    } else {
        text(xml, Point { x: rect.right() - end - width, y }, "small", SMALL, &cost);
    }
}

/// The band at the left of a box: colour, pattern and sign say the same.
fn band(xml: &mut Xml, rect: Rect, radius: f64, shown: &BoxView, inline: Option<usize>) {
    let (x, y, bottom, r) = (number(rect.x), number(rect.y), number(rect.bottom()), number(radius));
    let right = number(rect.x + BAND);
    let path = if radius > 0.0 {
        format!(
            "M{right} {y}V{bottom}H{}A{r} {r} 0 0 1 {x} {}V{}A{r} {r} 0 0 1 {} {y}Z",
            number(rect.x + radius.min(BAND)),
            number(rect.bottom() - radius),
            number(rect.y + radius),
            number(rect.x + radius.min(BAND)),
        )
    } else {
        format!("M{x} {y}H{right}V{bottom}H{x}Z")
    };
    xml.open("path").attr("class", "band").attr("d", &path).close();
    if shown.mode == Some(Mode::Emulated) {
        let fill = format!("url(#{})", super::hatch(inline));
        xml.open("path").attr("fill", fill).attr("d", &path).close();
    }
    let middle = Point { x: rect.x + BAND / 2.0 + 1.0, y: rect.center().y };
    mark(xml, shown.kind, shown.mode, middle);
}

/// The sign of a step.
pub(super) fn mark(xml: &mut Xml, kind: BoxKind, mode: Option<Mode>, middle: Point) {
    match mode {
        Some(mode) => mode_mark(xml, mode, middle),
        None => kind_mark(xml, kind, middle),
    }
}

/// The sign of a way to run: a different shape for each.
pub(in super::super) fn mode_mark(xml: &mut Xml, mode: Mode, Point { x, y }: Point) {
    let n = number;
    let (path, class) = match mode {
        // A solid disc.
        Mode::Native => (format!("M{} {}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", n(x - 5.0), n(y)), "solid"),
        // An arrow to the right.
        Mode::Cross => (format!("M{} {}h12m-5 -5l5 5l-5 5", n(x - 6.0), n(y)), "mark"),
        // A disc, half of it solid.
        Mode::Mixed => (
            format!(
                "M{} {}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M{x1} {y1}v12M{x2} {y2}v8M{x3} {y3}v5",
                n(x - 6.0),
                n(y),
                x1 = n(x),
                y1 = n(y - 6.0),
                x2 = n(x + 2.0),
                y2 = n(y - 4.0),
                x3 = n(x + 3.8),
                y3 = n(y - 2.5),
            ),
            "mark",
        ),
        // A warning triangle.
        Mode::Emulated => {
            (format!("M{} {}l7 13h-14ZM{} {}v4m0 2.6v.2", n(x), n(y - 8.0), n(x), n(y - 3.0)), "mark")
        }
        // A cross.
        Mode::Unsupported => (format!("M{} {}l10 10m0 -10l-10 10", n(x - 5.0), n(y - 5.0)), "mark"),
    };
    xml.open("path").attr("class", class).attr("d", path).close();
}

/// The sign of a step that runs no program.
pub(in super::super) fn kind_mark(xml: &mut Xml, kind: BoxKind, Point { x, y }: Point) {
    let n = number;
    let path = match kind {
        // An arrow down to a line: a pull.
        BoxKind::Source => {
            format!("M{} {}v9m-4 -4l4 4l4 -4M{} {}h10", n(x), n(y - 7.0), n(x - 5.0), n(y + 6.0))
        }
        // Two sheets: a copy.
        _ => format!("M{} {}h8v10h-8ZM{} {}v-3h8v10h-3", n(x - 5.0), n(y - 3.0), n(x - 2.0), n(y - 3.0)),
    };
    xml.open("path").attr("class", "mark").attr("d", path).close();
}

/// What a box takes from outside, with a short line to it.
fn outside(xml: &mut Xml, tag: &PlacedTag, target: Rect) {
    let is_context = tag.outside.kind == OutsideKind::Context;
    let kind = if is_context { "context" } else { tag.outside.edge.as_str() };
    let y = tag.rect.center().y.clamp(target.y + 4.0, target.bottom() - 4.0);
    let path = format!("M{} {}H{}", number(tag.rect.right()), number(y), number(target.x - 6.0));
    xml.open("path").attr("class", format!("line {kind}")).attr("d", path).close();
    super::lines::tip(xml, Point { x: target.x - 7.0, y }, Point { x: target.x, y }, "tip");
    xml.open("g");
    title(xml, &tag.outside.whole);
    let radius = if is_context { 2.0 } else { 9.0 };
    rect(xml, tag.rect, "tag", radius);
    centered(xml, tag.rect.center().x, tag.rect.y + 13.0, "small", SMALL, &tag.text);
    xml.close().line();
}
