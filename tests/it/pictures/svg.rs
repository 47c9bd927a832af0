//! What any SVG picture must be: well-formed, static, with texts that stay inside and apart.

use std::fmt::Write as _;

use roxmltree::{Document, Node};
use xsim::report::picture::layout::geometry::Rect;

use super::{Build, with_all};
use xsim::report::picture::{Detail, Direction, Options, svg};

/// The elements that pictures are made of: nothing that runs or loads anything.
const ELEMENTS: [&str; 10] =
    ["svg", "title", "desc", "style", "defs", "pattern", "path", "rect", "text", "g"];

/// A text as drawn.
pub(super) struct Text {
    pub(super) words: String,
    pub(super) class: String,
    pub(super) rect: Rect,
}

pub(super) fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|value| value.parse().ok()).unwrap_or_default()
}

pub(super) fn rect(node: Node<'_, '_>) -> Rect {
    let of = |name| number(node, name);
    Rect { x: of("x"), y: of("y"), width: of("width"), height: of("height") }
}

/// The drawn rectangles of a class.
pub(super) fn rects<'d>(document: &'d Document<'d>, class: &str) -> Vec<Rect> {
    let nodes = document.descendants().filter(|node| node.has_tag_name("rect"));
    nodes.filter(|node| node.attribute("class") == Some(class)).map(rect).collect()
}

/// All texts whose length is known.
pub(super) fn texts(document: &Document<'_>) -> Vec<Text> {
    let nodes = document.descendants().filter(|node| node.has_tag_name("text"));
    let measured = nodes.filter(|node| node.has_attribute("textLength"));
    measured
        .map(|node| {
            let class = node.attribute("class").unwrap_or_default().to_owned();
            let size = match class.as_str() {
                "title" => 16.0,
                "name" => 13.0,
                "subtitle" | "keyword" | "label" => 12.0,
                _ => 11.0,
            };
            let (x, y, width) = (number(node, "x"), number(node, "y"), number(node, "textLength"));
            // From the top of capitals to the baseline; tails may touch what stands below.
            let rect = Rect { x, y: y - 0.72 * size, width, height: 0.72 * size };
            Text { words: node.text().unwrap_or_default().to_owned(), class, rect }
        })
        .collect()
}

/// Fails where a picture is no static SVG, says nothing of itself, or has a text outside it or over another.
pub(super) fn check(name: &str, svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"), "{name}");
    for child in ["title", "desc"] {
        let node = root.children().find(|node| node.has_tag_name(child)).expect(child);
        assert!(node.text().is_some_and(|text| !text.is_empty()), "{name}: {child}");
    }
    for node in document.descendants().filter(Node::is_element) {
        assert!(ELEMENTS.contains(&node.tag_name().name()), "{name}: {:?}", node.tag_name());
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && attribute.name() != "href", "{name}");
        }
    }
    let page = Rect { x: 0.0, y: 0.0, width: number(root, "width"), height: number(root, "height") };
    let texts = texts(&document);
    for (at, one) in texts.iter().enumerate() {
        assert!(page.holds(one.rect), "{name}: {:?} leaves the picture", one.words);
        for other in &texts[..at] {
            assert!(!one.rect.overlaps(other.rect), "{name}: {:?} over {:?}", one.words, other.words);
        }
    }
    // What stands on a label is inside it.
    let labels = rects(&document, "platform");
    for text in texts.iter().filter(|text| text.class == "small on") {
        assert!(
            labels.iter().any(|label| label.holds(text.rect)),
            "{name}: {:?} leaves its label",
            text.words
        );
    }
}

/// The corners of a path made of straight lines and rounded corners.
fn corners(path: &str) -> Vec<[f64; 2]> {
    let mut corners: Vec<[f64; 2]> = Vec::new();
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|char: char| char.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
        let numbers: Vec<f64> =
            rest[1..end].split_whitespace().map(|text| text.parse().expect("a number")).collect();
        let last = corners.last().copied().unwrap_or_default();
        match command {
            'H' => corners.push([numbers[0], last[1]]),
            'V' => corners.push([last[0], numbers[0]]),
            _ => corners.extend(numbers.chunks(2).map(|pair| [pair[0], pair[1]])),
        }
        rest = &rest[end..];
    }
    corners
}

/// Whether a line from one point to another, which runs along an axis or nearly so, passes a rectangle.
fn passes(from: [f64; 2], to: [f64; 2], rect: Rect) -> bool {
    let (x, y) = (from[0].min(to[0]), from[1].min(to[1]));
    let (width, height) = ((from[0] - to[0]).abs(), (from[1] - to[1]).abs());
    let way = Rect { x: x - 0.1, y: y - 0.1, width: width + 0.2, height: height + 0.2 };
    way.overlaps(rect)
}

/// Fails where a line runs through a box, a label or a text.
pub(super) fn check_lines(name: &str, svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let mut solid: Vec<(String, Rect)> = Vec::new();
    for class in ["box", "tag", "platform", "reason"] {
        solid.extend(rects(&document, class).into_iter().map(|rect| (class.to_owned(), rect)));
    }
    // Lines end at the borders of boxes.
    for (_, Rect { x, y, width, height }) in &mut solid {
        (*x, *y, *width, *height) = (*x + 1.0, *y + 1.0, *width - 2.0, *height - 2.0);
    }
    solid.extend(texts(&document).into_iter().map(|text| (text.words, text.rect)));
    let is_line = |node: &Node<'_, '_>| {
        let class = node.attribute("class").unwrap_or_default();
        class.split(' ').any(|one| one == "line")
    };
    for line in document.descendants().filter(is_line) {
        let way = corners(line.attribute("d").expect("a way"));
        for pair in way.windows(2) {
            for (words, rect) in &solid {
                assert!(!passes(pair[0], pair[1], *rect), "{name}: a line runs through {words:?}");
            }
        }
    }
}

/// Fails where the tip of an arrow has no straight piece of its line behind it.
fn check_tips(name: &str, svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let is_line =
        |node: &Node<'_, '_>| node.attribute("class").unwrap_or_default().split(' ').any(|one| one == "line");
    for line in document.descendants().filter(is_line) {
        let way = corners(line.attribute("d").expect("a way"));
        let [.., before, end] = way[..] else { panic!("{name}: a way of one point") };
        let length = libm::hypot(end[0] - before[0], end[1] - before[1]);
        assert!(length >= 3.9, "{name}: a tip on a piece of {length}");
    }
}

#[test]
fn graphs_are_good_pictures() {
    let options = Options { legend: true, ..Options::default() };
    with_all(|build| {
        build.with_time(None, |view, _, _| {
            check(build.name, &svg(view, options));
            for direction in [Direction::Down, Direction::Right] {
                let plain = svg(view, Options { direction, ..Options::default() });
                check_lines(build.name, &plain);
                check_tips(build.name, &plain);
            }
        })
    });
}

/// Many stages that need nothing of each other are stacked in rows, and lines find their way between them.
#[test]
fn many_stages_make_no_ribbon() {
    let mut dockerfile = String::new();
    for stage in 0..16 {
        let _ = write!(dockerfile, "FROM golang AS s{stage}\nCOPY . .\nRUN go build ./{stage}\n");
    }
    dockerfile += "FROM alpine\n";
    for stage in 0..16 {
        let _ = writeln!(dockerfile, "COPY --from=s{stage} /out /{stage}");
    }
    let targets = ["linux/amd64", "linux/arm64"];
    let built = Build::new("many", &dockerfile, &targets).with_time(None, |view, _, _| {
        for detail in [Detail::Step, Detail::Stage] {
            let view = view.clone().in_detail(detail);
            let drawn = svg(&view, Options::default());
            check("many", &drawn);
            check_lines("many", &drawn);
            check_tips("many", &drawn);
            let document = Document::parse(&drawn).expect("well-formed");
            let width = number(document.root_element(), "width");
            assert!(width < 4_500.0, "{width} pixels wide");
        }
    });
    assert!(built);
}
