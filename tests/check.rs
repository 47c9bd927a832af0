//! `xsim check` and the project's settings, through the program.

#![allow(clippy::unwrap_used)] // a helper that fails is a test that fails

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SPLIT: &str = "\
FROM --platform=$BUILDPLATFORM golang AS build
ARG TARGETARCH
RUN go build $MISSPELT
FROM alpine AS runtime
COPY --from=build /app /app
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).arg("check").args(args).args(["--build-platform", "linux/amd64"]);
    command.output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn without_gates_nothing_fails() {
    let folder = folder(&[("Dockerfile", SPLIT)]);
    let output = check(folder.path(), &["--platform", "linux/amd64,linux/arm64"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

#[test]
fn settings_are_found_upwards_and_the_command_line_beats_them() {
    let settings =
        "platforms = [\"linux/amd64\", \"linux/arm64\"]\n[gates]\nno-split-before = [\"runtime\"]\n";
    let folder = folder(&[("xsim.toml", settings), ("app/image/Dockerfile", SPLIT)]);
    let output = check(folder.path(), &["app/image"]);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("--no-split-before: line 3 is split: ARG TARGETARCH"),
        "{}",
        stderr(&output)
    );
    let alone = check(folder.path(), &["app/image", "--platform", "linux/amd64"]);
    assert_eq!(code(&alone), 0, "one platform never splits: {}", stderr(&alone));
    let without = check(folder.path(), &["app/image", "--no-config"]);
    assert_eq!(code(&without), 0);
    let from_stage = check(folder.path(), &["app/image", "--no-split-before", "2"]);
    assert_eq!(code(&from_stage), 0);
}

#[test]
fn mistakes_in_settings_are_usage_errors_that_name_the_file() {
    for (settings, word) in [
        ("platform = []\n", "platform"),
        ("[rules]\nundefined-vars = \"off\"\n", "did you mean undefined-var?"),
        ("[gates]\nmax-time = \"soon\"\n", "soon"),
    ] {
        let folder = folder(&[("xsim.toml", settings), ("Dockerfile", SPLIT)]);
        let output = check(folder.path(), &[]);
        assert_eq!(code(&output), 2, "{settings}");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn a_baseline_lets_a_project_start_with_what_it_has() {
    let bad = "FROM scratch\nCOPY $NOPE/a /a\n";
    let folder = folder(&[("Dockerfile", bad), ("good/Dockerfile", "FROM alpine\n")]);
    let args = ["Dockerfile", "--fail-on", "warning", "--baseline", "accepted.toml"];
    assert_eq!(code(&check(folder.path(), &args)), 4, "the baseline does not exist yet");
    let written = check(folder.path(), &[&args[..], &["--write-baseline"]].concat());
    assert_eq!(code(&written), 0, "{}", stderr(&written));
    let accepted = check(folder.path(), &args);
    assert_eq!(code(&accepted), 0, "{}", stderr(&accepted));
    fs::write(folder.path().join("Dockerfile"), format!("{bad}RUN echo a\nCOPY $NOPE/b /b\n")).unwrap();
    let output = check(folder.path(), &args);
    assert_eq!(code(&output), 1, "{}", stdout(&output));
    assert!(stderr(&output).contains("--fail-on: undefined-var in line 4"), "{}", stderr(&output));
}

#[test]
fn several_files_are_one_report() {
    let folder = folder(&[("a/Dockerfile", "FROM alpine\nRUN --foo x\n"), ("b/Dockerfile", SPLIT)]);
    let args = ["a", "b", "--format", "sarif", "--output", "out.sarif"];
    let output = check(folder.path(), &args);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let log: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("out.sarif")).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results[0]["ruleId"], "unknown-flag");
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a/Dockerfile");
    let github = check(folder.path(), &["a", "--format", "github"]);
    assert!(
        stdout(&github).starts_with("::error file=a/Dockerfile,line=2,endLine=2,col="),
        "{}",
        stdout(&github)
    );
}

#[test]
fn times_are_gates() {
    let file = "FROM debian\nRUN apt-get update && apt-get install -y gcc && make\n";
    let folder = folder(&[("Dockerfile", file)]);
    let platforms = ["--platform", "linux/amd64,linux/arm64"];
    let with = |more: &[&str]| check(folder.path(), &[&platforms[..], more].concat());
    assert_eq!(code(&with(&["--max-time", "10h", "--max-emulated", "10h"])), 0);
    let late = with(&["--max-time", "1s"]);
    assert_eq!(code(&late), 1);
    assert!(stderr(&late).contains("--max-time: the build takes "), "{}", stderr(&late));
    assert_eq!(code(&with(&["--max-emulated", "100ms"])), 1);
    let native = check(folder.path(), &["--platform", "linux/amd64", "--max-emulated", "0s"]);
    assert_eq!(code(&native), 0, "nothing is emulated");
}
