//! A Dockerfile full of markup shows as text in every format.

use xsim::report::picture::{Options, dot, json, mermaid, svg};

use super::Build;

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
