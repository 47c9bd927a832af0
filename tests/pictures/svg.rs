//! What any SVG picture must be: well-formed, static, with texts that stay inside and apart.

use roxmltree::{Document, Node};
use xsim::report::picture::layout::geometry::Rect;

use super::with_all;
use xsim::report::picture::{Options, svg};

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

#[test]
fn graphs_are_good_pictures() {
    let options = Options { legend: true, ..Options::default() };
    with_all(|build| build.with_time(None, |view, _, _| check(build.name, &svg(view, options))));
}
