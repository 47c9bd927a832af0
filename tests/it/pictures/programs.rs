//! DOT and Mermaid as real programs read them. `.ci/run tools` installs them and runs what `cargo test` ignores.

use std::io::Write as _;
use std::process::{Command, Stdio};

use xsim::report::picture::{Direction, dot, mermaid};

use super::with_views;

/// Runs a program on an input: whether it was content, and what it said.
fn run(program: &str, arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
#[ignore = "needs Graphviz, which `.ci/run tools` installs"]
fn graphviz_accepts_the_dot() {
    let mut all = String::new();
    let collected = std::cell::RefCell::new(&mut all);
    with_views(|name, view, _| {
        if !name.starts_with("pub-") || name.ends_with('0') {
            collected.borrow_mut().push_str(&dot(view, Direction::Down));
        }
    });
    // Parsing and nothing more: the layout is Graphviz' own affair.
    let (success, complaints) = run("dot", &["-Tcanon"], &all);
    assert!(success && complaints.is_empty(), "{complaints}");
}

#[test]
#[ignore = "needs Node.js and Mermaid, which `.ci/run tools` installs"]
fn mermaid_accepts_the_mermaid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pictures/mermaid");
    let diagrams = std::cell::RefCell::new(Vec::new());
    with_views(|_, view, _| diagrams.borrow_mut().push(mermaid(view, Direction::Down)));
    let input = serde_json::to_string(&diagrams.into_inner()).expect("JSON");
    let (success, complaints) = run("node", &[&format!("{folder}/check.mjs")], &input);
    assert!(success, "{complaints}");
}
