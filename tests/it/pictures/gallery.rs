//! The pictures of the samples in `docs/gallery`, and the page that shows them, are what the code draws.
//!
//! `just docs` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::golden;
use xsim::report::picture::{Options, compared_svg, svg, timeline_svg};

use super::compared::with_compared;
use super::{Build, samples};

/// The target platforms of all samples, except those that tell a story of three.
const TARGETS: [&str; 2] = ["linux/amd64", "linux/arm64"];
const THREE: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

/// The page and its pictures, each under its name below `docs`.
fn drawn() -> Vec<(String, String)> {
    let mut page = String::from(
        "# Gallery\n\nWhat `xsim graph --legend` and `xsim analyze --format svg` draw of every sample, built on\n\
         `ubuntu-latest`. `just docs` draws them anew, and a test fails when they are not what the code draws.\n",
    );
    let mut files = Vec::new();
    let all = samples();
    for (name, dockerfile) in all.clone() {
        let story = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let targets = if story == "per-arch-stage" { &THREE[..] } else { &TARGETS[..] };
        let file = name.replace("/Dockerfile", "").replace(".Dockerfile", "").replace('/', "-");
        let build = Build::new(&name, &dockerfile, targets);
        let options = Options { legend: true, ..Options::default() };
        let mut add = |kind: &str, svg: String| files.push((format!("gallery/{file}{kind}.svg"), svg));
        let built = build.with_time(None, |graph, timeline, _| {
            add("", svg(graph, options));
            add("-timeline", timeline_svg(timeline, 960).expect("a picture"));
        });
        assert!(built, "{name}");
        if let Some(after) =
            name.strip_suffix("before.Dockerfile").map(|start| format!("{start}after.Dockerfile"))
        {
            let later = all.iter().find(|(known, _)| *known == after).expect("what it became");
            with_compared(&[(&name, &dockerfile), (&after, &later.1)], |view| {
                add("-compared", compared_svg(view, 960).expect("a picture"));
            });
        }
        let _ = write!(
            page,
            "\n## {name}\n\n[The sample](../samples/{story}/)\n\n![The build graph of {name}](gallery/{file}.svg)\n\n\
             ![The timeline of {name}](gallery/{file}-timeline.svg)\n"
        );
    }
    page.push_str("\n## Before and after\n");
    for (name, _) in files.iter().filter(|(name, _)| name.ends_with("-compared.svg")) {
        let _ = write!(page, "\n![Two builds over one axis of time, and what each step gained]({name})\n");
    }
    page.push_str(
        "\n## To explore\n\n`xsim analyze --format html` and `xsim compare --format html` put file, graph and timeline on one \
         page, linked,\nwith sliders that re-time the build: see [the page](cli.md#the-page).\n",
    );
    files.push(("gallery.md".to_owned(), page));
    let own =
        fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Dockerfile")).expect("a file");
    Build::new("Dockerfile", &own, &TARGETS).with_time(None, |_, timeline, _| {
        files.push(("own-build.svg".to_owned(), timeline_svg(timeline, 960).expect("a picture")));
    });
    files
}

#[test]
fn the_gallery_is_current() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = drawn();
    for (name, text) in &files {
        golden::check(docs.join(name), text);
    }
    let pictures = fs::read_dir(docs.join("gallery")).expect("pictures").count();
    assert_eq!(pictures + 2, files.len(), "docs/gallery holds pictures of no sample");
}
