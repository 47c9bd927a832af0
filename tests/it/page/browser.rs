//! The page in real browsers. `check.mjs` drives Chromium and `firefox.mjs` Firefox; they say what is wrong.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Serialize;

use super::observed::{hostile_log, kept_log, log_page};
use super::{Case, FOUR, hostile, huge, page, pair_page, root, samples};

/// What `check.mjs` is to look at.
#[derive(Serialize)]
struct Order {
    /// The browser's program.
    browser: String,
    /// Where screenshots go.
    folder: String,
    pages: Vec<Page>,
}

#[derive(Serialize)]
struct Page {
    /// The file of the page, and the beginning of the names of its screenshots.
    file: String,
    name: String,
    /// The Dockerfiles that it shows, to compare texts with.
    dockerfiles: Vec<String>,
    /// `sample`, `nodes`, `comparison`, `hostile`, `huge` or `observed`.
    kind: &'static str,
}

#[test]
#[ignore = "needs Node.js and Chromium, which `.ci/run tools` installs"]
fn chromium_shows_the_pages() {
    shown_by("XSIM_BROWSER", "chromium", "check.mjs");
}

#[test]
#[ignore = "needs Node.js and Firefox, which `.ci/run tools` installs"]
fn firefox_shows_the_pages() {
    shown_by("XSIM_FIREFOX", "firefox", "firefox.mjs");
}

/// Opens pages of every kind in the browser that a variable names, as a script does.
fn shown_by(variable: &str, name: &str, script: &str) {
    let browser = std::env::var(variable).unwrap_or_else(|_| panic!("{variable} names no browser"));
    let folder = root().join("target/pages").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let samples = samples();
    let named = |end: &str| samples.iter().find(|case| case.name.ends_with(end)).expect("a sample");
    let four = Case { targets: FOUR, ..named("all-emulated/Dockerfile").clone() };
    let (hostile, huge) = (hostile(), huge());
    let mut cases: Vec<(String, &'static str, Vec<&Case>)> = vec![
        ("four-platforms".to_owned(), "sample", vec![&four]),
        ("hostile".to_owned(), "hostile", vec![&hostile]),
        ("huge".to_owned(), "huge", vec![&huge]),
        (
            "comparison".to_owned(),
            "comparison",
            vec![
                named("before.Dockerfile"),
                named("foreign-tool/after.Dockerfile"),
                named("early-arg/Dockerfile"),
            ],
        ),
        ("hostile-comparison".to_owned(), "hostile", vec![&hostile, &hostile]),
    ];
    for sample in &samples {
        let name = sample.name.replace("samples/", "").replace("/Dockerfile", "").replace('/', "-");
        cases.push((name, "sample", vec![sample]));
    }
    let pages = cases.into_iter().map(|(name, kind, cases)| {
        let path = folder.join(format!("{name}.html"));
        std::fs::write(&path, page(&cases)).expect("a file");
        let dockerfiles = cases.iter().map(|case| case.dockerfile.clone()).collect();
        Page { file: path.to_string_lossy().into_owned(), name, dockerfiles, kind }
    });
    let pair = named("before.Dockerfile");
    let path = folder.join("two-nodes.html");
    std::fs::write(&path, pair_page(pair)).expect("a file");
    let pair = Page {
        file: path.to_string_lossy().into_owned(),
        name: "two-nodes".to_owned(),
        dockerfiles: vec![pair.dockerfile.clone()],
        kind: "nodes",
    };
    let logs = [
        ("observed", kept_log("github-raw.txt")),
        ("observed-terminal", kept_log("terminal-platforms.log")),
        ("observed-failed", kept_log("terminal-stopped.log")),
        ("observed-hostile", hostile_log()),
    ];
    let logs = logs.map(|(name, log)| {
        let path = folder.join(format!("{name}.html"));
        std::fs::write(&path, log_page(name, &log)).expect("a file");
        let file = path.to_string_lossy().into_owned();
        Page { file, name: name.to_owned(), dockerfiles: Vec::new(), kind: "observed" }
    });
    let pages: Vec<Page> = pages.chain([pair]).chain(logs).collect();
    let order = Order { browser, folder: folder.to_string_lossy().into_owned(), pages };
    let input = serde_json::to_vec(&order).expect("JSON");
    let script = root().join("tests/it/page").join(script);
    let mut child = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node");
    child.stdin.take().expect("a pipe").write_all(&input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
