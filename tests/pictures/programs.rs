//! DOT and Mermaid as real programs read them. Where a program is not installed its check is left out, unless
//! `XSIM_PICTURE_TOOLS` is set, as `.ci/run` does after installing them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use xsim::report::picture::{Direction, dot, mermaid};

use super::with_views;

/// Runs a program on an input; `None` where it is not installed and need not be.
fn run(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("XSIM_PICTURE_TOOLS").is_none(), "{program}: {error}");
            return None;
        }
    };
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn graphviz_accepts_the_dot() {
    let mut all = String::new();
    let collected = std::cell::RefCell::new(&mut all);
    with_views(|name, view, _| {
        if !name.starts_with("pub-") || name.ends_with('0') {
            collected.borrow_mut().push_str(&dot(view, Direction::Down));
        }
    });
    // Parsing and nothing more: the layout is Graphviz' own affair.
    let Some((success, complaints)) = run("dot", &["-Tcanon"], &all) else { return };
    assert!(success && complaints.is_empty(), "{complaints}");
}

#[test]
fn mermaid_accepts_the_mermaid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures/mermaid");
    if !std::path::Path::new(folder).join("node_modules").is_dir() {
        let needed = std::env::var_os("XSIM_PICTURE_TOOLS").is_some();
        assert!(!needed, "run npm ci in {folder}");
        return;
    }
    let diagrams = std::cell::RefCell::new(Vec::new());
    with_views(|_, view, _| diagrams.borrow_mut().push(mermaid(view, Direction::Down)));
    let input = serde_json::to_string(&diagrams.into_inner()).expect("JSON");
    let Some((success, complaints)) = run("node", &[&format!("{folder}/check.mjs")], &input) else { return };
    assert!(success, "{complaints}");
}
