//! `xsim graph` and `xsim compare --format svg` as a user runs them: what the cache and the context change.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const FILE: &str = "FROM rust\nCOPY big /big\nCOPY small /small\nRUN --mount=type=cache,target=/target cargo build --release\n";
const MACHINE: [&str; 4] = ["--machine", "ubuntu-latest", "--platform", "linux/amd64,linux/arm64"];

/// A folder of the test's own with a Dockerfile, a large file and a small one.
fn folder(name: &str, bytes: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("Dockerfile"), FILE).expect("a file");
    std::fs::write(folder.join("small"), "x").expect("a file");
    let big = std::fs::File::create(folder.join("big")).expect("a file");
    big.set_len(bytes).expect("a size");
    folder
}

fn xsim(args: &[&str]) -> String {
    let all = [args, &MACHINE].concat();
    let output = Command::new(env!("CARGO_BIN_EXE_xsim")).args(&all).output().expect("it runs");
    assert!(output.status.success(), "{all:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The boxes of a graph that stand for a line.
fn boxes(folder: &Path, more: &[&str], line: u64) -> Vec<Value> {
    let path = folder.display().to_string();
    let graph = xsim(&[&["graph", &path, "--format", "json"], more].concat());
    let graph: Value = serde_json::from_str(&graph).expect("JSON");
    let all = graph["boxes"].as_array().expect("boxes");
    all.iter().filter(|shown| shown["line"] == line).cloned().collect()
}

fn seconds(folder: &Path, more: &[&str], line: u64) -> f64 {
    boxes(folder, more, line).iter().filter_map(|shown| shown["duration_s"].as_f64()).sum()
}

#[test]
fn graphs_know_the_context() {
    let (large, tiny) = (folder("graph-large", 800_000_000), folder("graph-tiny", 1));
    assert!(seconds(&large, &[], 2) > seconds(&tiny, &[], 2) + 0.5, "its own folder is the context");
    let other = tiny.display().to_string();
    let (named, own) = (seconds(&large, &["--context", &other], 2), seconds(&tiny, &[], 2));
    assert!((named - own).abs() < 1e-9, "{named} {own}");
}

#[test]
fn graphs_know_the_cache() {
    let folder = folder("graph-cache", 1);
    let cached = |more: &[&str], line| -> Vec<bool> {
        boxes(&folder, more, line).iter().filter_map(|shown| shown["is_cached"].as_bool()).collect()
    };
    assert_eq!(cached(&[], 4), [false, false]);
    assert_eq!(cached(&["--cache", "warm"], 4), [true, true]);
    let small = ["--changed", "small"];
    assert_eq!((cached(&small, 2), cached(&small, 3)), (vec![true, true], vec![false, false]));
    assert_eq!(cached(&["--cached-platform", "linux/amd64"], 4), [true, false]);
    let mounts = |state| seconds(&folder, &["--cache-mounts", state], 4);
    assert!(mounts("warm") < mounts("cold"), "{} {}", mounts("warm"), mounts("cold"));
    let path = folder.display().to_string();
    for format in ["svg", "dot", "mermaid"] {
        let shown = xsim(&["graph", &path, "--format", format, "--changed", "small"]);
        assert!(shown.contains("cached"), "{format}");
    }
    assert!(xsim(&["analyze", &path, "--format", "svg", "--changed", "small"]).contains(">cached<"));
}

/// Two builds beside each other: each with its own folder as context, unless one is named, and with what is cached.
#[test]
fn comparisons_know_context_and_cache() {
    let (large, tiny) = (folder("compare-large", 800_000_000), folder("compare-tiny", 1));
    let (large, tiny) = (large.display().to_string(), tiny.display().to_string());
    let compared = |more: &[&str]| xsim(&[&["compare", &large, &tiny], more].concat());
    let paths = |more: &[&str]| -> f64 {
        let report: Value =
            serde_json::from_str(&compared(&[more, &["--format", "json"]].concat())).expect("JSON");
        let steps = report["pairs"][0]["steps"].as_array().expect("steps").clone();
        steps.iter().filter_map(|step| step["path_change_s"].as_f64()).sum()
    };
    assert!(paths(&[]) < -0.5, "the tiny context is sent sooner: {}", paths(&[]));
    assert!(paths(&["--context", &tiny]).abs() < 1e-6, "one context for both");
    let drawn = |more: &[&str]| compared(&[more, &["--format", "svg"]].concat());
    let whole = drawn(&[]);
    for more in [
        &["--cache", "warm"][..],
        &["--changed", "small"],
        &["--cached-platform", "linux/amd64"],
        &["--cache-mounts", "warm"],
        &["--context", &tiny],
    ] {
        assert_ne!(drawn(more), whole, "{more:?}");
    }
}
