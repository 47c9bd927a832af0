//! A Dockerfile full of markup shows as text in every format.

use xsim::report::picture::{Options, compared_svg, dot, json, mermaid, svg, timeline_svg};

use super::Build;
use super::compared::with_compared;
use super::svg::check;

const HOSTILE: &str = "FROM --platform=$BUILDPLATFORM alpine AS a\n\
    ARG TARGETARCH=\"<script>alert(1)</script>]]>&amp;'\"\n\
    RUN echo \"</title></svg><script>alert('x')</script> ]]> & \\\"; #end\" \u{1b}[31m \u{202e}\n\
    RUN echo \"end\\\n  | } ] ) --> n1 %%{init: {'securityLevel': 'loose'}}%%\"\n\
    FROM scratch\n\
    COPY --from=a [\"/<img src=x onerror=alert(1)>\", \"/\"]\n";

#[test]
fn markup_is_text() {
    let targets = ["linux/amd64", "linux/arm64"];
    let name = "<b>\"x\"</b>.Dockerfile";
    let drawn = Build::new(name, HOSTILE, &targets).with_view(|view, _| {
        let svg = svg(view, Options { legend: true, ..Options::default() });
        for wrong in ["<script", "<img", "<b>", "]]>", "\u{1b}", "\u{202e}"] {
            assert!(!svg.contains(wrong), "{wrong:?} in the SVG");
        }
        assert!(svg.contains("&lt;script&gt;"));
        let document = roxmltree::Document::parse(&svg).expect("well-formed");
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            let known = ["svg", "title", "desc", "style", "defs", "pattern", "path", "rect", "text", "g"];
            assert!(known.contains(&node.tag_name().name()), "{:?}", node.tag_name());
        }
        let mermaid = mermaid(view, xsim::report::picture::Direction::Down);
        assert!(!mermaid.contains("<script") && !mermaid.contains("%%"), "{mermaid}");
        assert!(
            !mermaid
                .lines()
                .any(|line| line.contains("alert(1)") && line.contains('<') && !line.contains("<br/>"))
        );
        assert!(dot(view, xsim::report::picture::Direction::Down).contains("\\\""));
        let value: serde_json::Value = serde_json::from_str(&json(view).expect("JSON")).expect("JSON");
        assert_eq!(value["schema"], "xsim.graph/1");
    });
    assert!(drawn);
}

/// What would leave every context of a picture if it were not escaped.
const ATTACK: &str = "]]></title></desc></style></text></svg><script>pwned=1</script><image href=x onerror=pwned=2>\
                      <!--<![CDATA[&lt;&#60;\u{1}\u{1b}[31m\u{7}\u{202e}\u{fffe}\"'`javascript:pwned=3//";

/// A Dockerfile with [`ATTACK`] in every field that lets it in.
fn attacked() -> (String, String) {
    // Neither quotes nor expansions, where a word ends with them.
    let word = ATTACK.replace(['$', ' ', '"', '\'', '\\', '\n'], "_");
    let quoted = ATTACK.replace(['\'', '\\'], "");
    let file = format!(
        "# {ATTACK}\n\
         FROM --platform=$BUILDPLATFORM alpine:3 AS first\n\
         ARG TARGETARCH\n\
         ARG B=\"{word}\"\n\
         ENV A='{quoted}'\n\
         WORKDIR /{word}\n\
         RUN <<'EOF'\n{ATTACK}\nEOF\n\
         RUN echo $TARGETARCH '{quoted}'\n\
         COPY {word} /{word}\n\
         ADD https://example.com/%3Cscript%3E?<script>pwned=4</script> /x\n\
         FROM alpine:3\n\
         COPY --from=first /{word} /\n\
         RUN --mount=type=cache,target=/c,id=</script><script>pwned=5</script>,sharing=locked echo '{quoted}'\n\
         SHELL [\"/bin/sh\", \"</text><script>pwned=6</script>\"]\n\
         RUN true {quoted}\n"
    );
    (format!("{}.Dockerfile", ATTACK.replace('\u{0}', "")), file)
}

/// Fails where a picture is not well-formed, holds anything but its own elements, or loses what it is to show.
fn is_harmless(svg: &str) {
    check("attacked", svg);
    for wrong in
        ["<script", "<image", "<!--", "<![CDATA", "]]>", "\u{1}", "\u{7}", "\u{1b}", "\u{202e}", "\u{fffe}"]
    {
        assert!(!svg.contains(wrong), "{wrong:?}");
    }
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        for attribute in node.attributes() {
            assert!(!attribute.value().contains("javascript:"), "{}", attribute.name());
        }
    }
    assert!(
        document.descendants().any(|node| node.text().is_some_and(|text| text.contains("<script>pwned")))
    );
}

#[test]
fn timelines_show_markup_as_text() {
    let (name, file) = attacked();
    let targets = ["linux/amd64", "linux/arm64"];
    for slots in [None, Some(1)] {
        let built = Build::new(&name, &file, &targets).with_time(slots, |graph, timeline, _| {
            is_harmless(&svg(graph, Options { legend: true, ..Options::default() }));
            for width in [480, 1600] {
                is_harmless(&timeline_svg(timeline, width).expect("a picture"));
            }
        });
        assert!(built);
    }
    // So many steps that they share lanes and have their words in their bars.
    let many =
        file.clone() + &format!("RUN true {}\n", ATTACK.replace(['\'', '"', '`', '\\'], "")).repeat(70);
    let built = Build::new(&name, &many, &targets).with_timeline(None, |timeline, _| {
        is_harmless(&timeline_svg(timeline, 1600).expect("a picture"));
    });
    assert!(built);
}

#[test]
fn comparisons_show_markup_as_text() {
    let (name, file) = attacked();
    let later = file.replace("RUN true", "RUN make");
    with_compared(&[(&name, &file), (&format!("b/{name}"), &later)], |view| {
        for width in [480, 1600] {
            is_harmless(&compared_svg(view, width).expect("a picture"));
        }
    });
}
