//! The HTML page: its size, what it escapes, and how it behaves in a real browser.
//!
//! `.ci/run tools` installs a browser and runs what `cargo test` ignores.

mod browser;
mod observed;

use std::fs;
use std::path::{Path, PathBuf};

use xsim::advice::lint;
use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::compare::{Candidate, compare};
use xsim::diagnostic::Diagnostic;
use xsim::explore::{Exploration, Grid, MAX_INTERVALS, explore};
use xsim::graph::emulate::Host;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, Timing, price};
use xsim::report::{ComparisonSubject, Explored, analysis_html, comparison_html};
use xsim::sim::built_in;
use xsim::source::Source;

/// A Dockerfile and its target platforms.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    dockerfile: String,
    targets: &'static [&'static str],
}

const TWO: &[&str] = &["linux/amd64", "linux/arm64"];
const FOUR: &[&str] = &["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x"];

/// A node of a platform that builds for some targets.
fn node(name: Option<&str>, own: &str, targets: &[&str]) -> NodeInputs {
    let amd64 = Platform::linux("amd64");
    let platform = |text: &str| Platform::parse(text, &amd64).expect("a platform");
    let targets: Vec<Platform> = targets.iter().map(|target| platform(target)).collect();
    let inputs = Inputs::new(platform(own), &targets).expect("few targets");
    NodeInputs { name: name.map(str::to_owned), host: Host::new(platform(own)), inputs }
}

/// The page of a case, or of several beside each other, on four amd64 cores.
fn page(cases: &[&Case]) -> String {
    page_on("ubuntu-latest", &[node(None, "linux/amd64", cases[0].targets)], cases)
}

/// The page of a case on two nodes, each for its own platform.
fn pair_page(case: &Case) -> String {
    let own = |name, platform| node(Some(name), platform, &[platform]);
    page_on("native-pair", &[own("amd64", "linux/amd64"), own("arm64", "linux/arm64")], &[case])
}

fn page_on(machine: &str, nodes: &[NodeInputs], cases: &[&Case]) -> String {
    let source = |case: &&Case| {
        Source::new(case.name.as_str(), case.dockerfile.clone().into_bytes()).expect("a small file")
    };
    let built: Vec<Build> = cases.iter().map(|case| Build::new(source(case), nodes.to_vec())).collect();
    let analyses: Vec<&Analysis> = built.iter().map(|build| build.outcome().expect("a good file")).collect();
    let terms = Terms::new(built_in(machine).expect("a machine"));
    let timings: Vec<Timing<'_>> =
        analyses.iter().map(|analysis| price(analysis, &terms).expect("good numbers")).collect();
    let grid = Grid::new(&timings.iter().collect::<Vec<_>>(), MAX_INTERVALS);
    let candidates: Vec<Candidate<'_>> = built
        .iter()
        .zip(analyses.iter().zip(&timings))
        .map(|(build, (analysis, timing))| Candidate { build, analysis, timing })
        .collect();
    let found: Vec<(Exploration, Vec<Diagnostic>)> = candidates
        .iter()
        .map(|&Candidate { build, analysis, timing }| (explore(analysis, timing, &grid), lint(build)))
        .collect();
    let explored: Vec<Explored<'_>> = candidates
        .iter()
        .zip(&found)
        .map(|(&Candidate { build, analysis, timing }, (found, findings))| Explored {
            build,
            analysis,
            timing,
            found,
            findings,
        })
        .collect();
    if let [explored] = &explored[..] {
        return analysis_html(explored).expect("a page");
    }
    let comparison = compare(&candidates);
    let subject = ComparisonSubject { comparison: &comparison, terms: &terms, build_platform: "linux/amd64" };
    comparison_html(&subject, &explored).expect("a page")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in fs::read_dir(root().join("samples")).expect("samples") {
        let Ok(files) = fs::read_dir(folder.expect("an entry").path()) else { continue };
        for file in files {
            let path = file.expect("an entry").path();
            if path.is_file() && path.to_string_lossy().ends_with("Dockerfile") {
                cases.push(case(&path, TWO));
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() > 5);
    cases
}

fn case(path: &Path, targets: &'static [&'static str]) -> Case {
    let name = path.strip_prefix(root()).expect("in the project").to_string_lossy().replace('\\', "/");
    Case { name, dockerfile: fs::read_to_string(path).expect("UTF-8"), targets }
}

/// What would leave every context of a page if it were not escaped.
const ATTACK: &str = concat!(
    "]]></title></style></textarea></script><script>pwned=1</script><img src=x onerror=pwned=2>",
    "<!--<script>\\\"'`${pwned=3}{{pwned=4}}{%pwned%}<svg onload=pwned=5>&lt;&#60;javascript:pwned=6//"
);

/// A Dockerfile with [`ATTACK`] in every field that lets it in.
fn hostile() -> Case {
    let name = format!("{}.Dockerfile", ATTACK.replace('/', "∕"));
    // Neither quotes nor expansions, where a word ends with them.
    let word = ATTACK.replace(['$', ' ', '"', '\'', '\\'], "_");
    let dockerfile = format!(
        "# {ATTACK}\n\
         FROM --platform=$BUILDPLATFORM alpine:3 AS first\n\
         ARG TARGETARCH\n\
         ARG {0}=\"{word}\"\n\
         ENV A='{1}'\n\
         LABEL x='{1}'\n\
         WORKDIR /{word}\n\
         RUN <<'EOF'\n{ATTACK}\nEOF\n\
         RUN echo $TARGETARCH '{1}'\n\
         COPY {word} /{word}\n\
         ADD https://example.com/{2} /x\n\
         FROM alpine:3\n\
         COPY --from=first /{word} /\n\
         RUN --mount=type=cache,target=/c,id={3} echo '{1}' \\\n  # {ATTACK}\n  && true\n\
         SHELL [\"/bin/sh\", \"{3}\"]\n\
         RUN true\n\
         HEALTHCHECK CMD echo '{1}'\n\
         CMD [\"<script>pwned=7</script>\"]\n",
        "B",
        ATTACK.replace(['\'', '\\'], ""),
        "%3Cscript%3Epwned=8%3C/script%3E?<script>pwned=9</script>",
        "</script><script>pwned=10</script>",
    );
    Case { name, dockerfile, targets: TWO }
}

/// A file of so many instructions that lists and grids must leave some out.
fn huge() -> Case {
    let commands: String =
        (0..4_000).map(|at| ["RUN make part-", &at.to_string(), "\n\n"].concat()).collect();
    let dockerfile = format!("FROM alpine\n{commands}");
    Case { name: "huge/Dockerfile".to_owned(), dockerfile, targets: FOUR }
}

#[test]
fn pages_are_small() {
    for sample in samples() {
        let size = page(&[&sample]).len();
        assert!(size < 500_000, "{}: {size} bytes", sample.name);
        let four = Case { targets: FOUR, ..sample };
        let size = page(&[&four]).len();
        assert!(size < 500_000, "{} for four platforms: {size} bytes", four.name);
    }
    let size = page(&[&huge()]).len();
    assert!(size < 3_000_000, "{size} bytes");
    let mut long = String::from("FROM alpine\nRUN ");
    long.push_str(&"x".repeat(60_000));
    let size = page(&[&Case { name: "long".to_owned(), dockerfile: long, targets: TWO }]).len();
    assert!(size < 500_000, "{size} bytes");
}

#[test]
fn the_same_build_makes_the_same_page() {
    let all = samples();
    assert_eq!(page(&[&all[0]]), page(&[&all[0]]));
}

/// Only the template and its own files may hold these; a browser sees the same in `browser`.
#[test]
fn nothing_of_a_file_is_markup() {
    let hostile = hostile();
    for (cases, builds) in [(&[&hostile][..], 1), (&[&hostile, &hostile][..], 2)] {
        let text = page(cases);
        assert_eq!(text.matches("<script").count(), builds + 1, "the data and the script");
        assert_eq!(text.matches("</script>").count(), builds + 1);
        assert_eq!(text.matches("<style").count(), 1);
        assert_eq!(text.matches("<img").count() + text.matches("<!--").count(), 0);
        assert!(!text.contains("<svg onload"));
        assert!(text.contains("&#60;script") || text.contains("&lt;script"));
    }
}

#[test]
fn a_page_fetches_nothing() {
    let text = page(&[&samples()[0]]);
    // Signs are drawn once and referred to.
    let text = text.replace("<use href=\"#xsim-", "");
    for word in [" src=", " href=", "@import", "url(http", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains("content=\"default-src &#39;none&#39;;"));
}

/// The page's own colours that pictures also have are the same there, so that both look like one.
#[test]
fn page_and_pictures_share_their_colours() {
    let page = include_str!("../../../src/report/page/base.css");
    let picture = include_str!("../../../src/report/picture/svg/style.css");
    let shared = ["ground", "raised", "text", "quiet", "amber", "amber-text", "amber-edge", "path", "bad"];
    for name in shared {
        let values: Vec<&str> = page
            .lines()
            .filter_map(|line| line.trim().strip_prefix(&format!("--{name}: "))?.strip_suffix(';'))
            .collect();
        assert_eq!(values.len(), 2, "{name} in light and dark");
        for value in values {
            assert!(picture.contains(&format!(":{value}")), "--{name}: {value} is no colour of the pictures");
        }
    }
}
