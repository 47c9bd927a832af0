//! The page in a real browser. `check.mjs` drives it and says what is wrong.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Serialize;

use super::{Case, FOUR, hostile, huge, page, root, samples};

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
    /// The Dockerfile that it shows, to compare texts with.
    dockerfile: String,
    /// `sample`, `hostile` or `huge`.
    kind: &'static str,
}

#[test]
fn a_browser_shows_the_pages() {
    let Some(browser) = std::env::var("XSIM_BROWSER").ok().filter(|name| !name.is_empty()) else {
        eprintln!("skipped: XSIM_BROWSER names no browser; `.ci/run page` installs one");
        return;
    };
    let folder = root().join("target/pages");
    std::fs::create_dir_all(&folder).expect("a folder");
    let cases = samples().into_iter().map(|case| ("sample", case));
    let four = Case { name: "four-platforms".to_owned(), targets: FOUR, ..samples().remove(0) };
    let cases = cases.chain([("sample", four), ("hostile", hostile()), ("huge", huge())]);
    let pages = cases.enumerate().map(|(at, (kind, case))| {
        let name = match kind {
            "sample" => case.name.replace("samples/", "").replace("/Dockerfile", "").replace('/', "-"),
            _ => kind.to_owned(),
        };
        let path = folder.join(format!("{at}-{name}.html"));
        std::fs::write(&path, page(&case)).expect("a file");
        Page { file: path.to_string_lossy().into_owned(), name, dockerfile: case.dockerfile, kind }
    });
    let order = Order { browser, folder: folder.to_string_lossy().into_owned(), pages: pages.collect() };
    let input = serde_json::to_vec(&order).expect("JSON");
    let script = root().join("tests/page/check.mjs");
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
