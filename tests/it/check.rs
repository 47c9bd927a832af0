//! `xsim check` and the project's settings, through the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::written::folder;

const SPLIT: &str = "\
FROM --platform=$BUILDPLATFORM golang AS build
ARG TARGETARCH
RUN go build $MISSPELT
FROM alpine AS runtime
COPY --from=build /app /app
";

fn xsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).args(args).output().unwrap()
}

fn check(folder: &Path, args: &[&str]) -> Output {
    xsim(folder, &[&["check"], args, &["--build-platform", "linux/amd64"]].concat())
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
fn errors_fail_unless_somebody_says_otherwise() {
    let folder =
        folder(&[("Dockerfile", SPLIT), ("xsim.toml", "platforms = [\"linux/amd64\", \"linux/arm64\"]\n")]);
    let of = |args: &[&str]| code(&check(folder.path(), args));
    assert_eq!(of(&[]), 1, "an image gets a wrong program");
    assert_eq!(of(&["--fail-on", "never"]), 0);
    assert_eq!(of(&["--platform", "linux/amd64"]), 0, "a warning is no error");
    assert_eq!(code(&xsim(folder.path(), &["analyze"])), 0, "analyze has no gates of its own");
    fs::write(
        folder.path().join("xsim.toml"),
        "platforms = [\"linux/amd64\", \"linux/arm64\"]\n[gates]\nfail-on = []\n",
    )
    .unwrap();
    assert_eq!(of(&[]), 0, "the project says so");
}

#[test]
fn folders_are_searched_and_the_last_line_counts() {
    let bad = "FROM alpine AS A\nCOPY $NOPE /a\n";
    let folder = folder(&[
        ("Dockerfile", "FROM alpine\n"),
        ("api/Dockerfile.dev", bad),
        ("api/web/web.dockerfile", bad),
        ("api/Dockerfile.j2", "{{ base }}\n"),
        ("node_modules/x/Dockerfile", "BOGUS\n"),
    ]);
    let output = check(folder.path(), &["."]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let text = stdout(&output);
    assert!(
        text.contains("--> api/Dockerfile.dev:1") && text.contains("--> api/web/web.dockerfile:1"),
        "{text}"
    );
    assert!(text.ends_with("\n2 warnings, 2 notes in 3 files\n"), "{text}");
    let clean = check(folder.path(), &["Dockerfile"]);
    assert_eq!(stdout(&clean), "nothing found in 1 file\n");
    let none = tempfile::tempdir().unwrap();
    assert_eq!(code(&check(none.path(), &["."])), 4, "what is missing is named");
}

#[test]
fn a_context_that_is_made_before_the_build_is_not_missed() {
    let folder = folder(&[
        ("Dockerfile", "FROM alpine\nCOPY app /app\n"),
        ("Makefile", "image: build\n\tdocker build -f Dockerfile bin\nbuild:\n\tgo build -o bin/app\n"),
    ]);
    let output = check(folder.path(), &["."]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output), "nothing found in 1 file\n");
    let typed = check(folder.path(), &["Dockerfile", "--context", "bin"]);
    assert_eq!(code(&typed), 4, "what somebody names has to be there");
}

#[test]
fn one_bad_file_leaves_the_others_their_reports() {
    let folder = folder(&[
        ("a/Dockerfile", "FROM alpine\n"),
        ("a/xsim.toml", "platform = 3\n"),
        ("b/Dockerfile", "FROM alpine AS B\nRUN x\n"),
    ]);
    let output = check(folder.path(), &["a", "b"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("xsim.toml: "), "{}", stderr(&output));
    assert!(stdout(&output).contains("stage-name-casing"), "{}", stdout(&output));
    let sarif = check(folder.path(), &["a", "b", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(stdout(&sarif)).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
    fs::write(folder.path().join("a/xsim.toml"), "").unwrap();
    fs::write(folder.path().join("a/Dockerfile"), b"FROM alpine\n# \xff\n").unwrap();
    let fixed = xsim(folder.path(), &["fix", "a/Dockerfile", "b/Dockerfile"]);
    assert_eq!(code(&fixed), 2);
    assert!(stdout(&fixed).contains("+FROM alpine AS b"), "{}", stdout(&fixed));
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let of = |args: &[&str]| xsim(folder.path(), &[&["rules"], args].concat());
    let list = of(&[]);
    for rule in xsim::advice::rules::all() {
        assert!(stdout(&list).contains(rule.code), "{}", rule.code);
        let page = of(&[rule.code]);
        assert!(stdout(&page).starts_with(rule.code) && stdout(&page).lines().count() > 5, "{}", rule.code);
    }
    assert_eq!(stdout(&of(&["case-of-stage-name"])), stdout(&of(&["stage-name-casing"])));
    let unknown = of(&["unused-stages"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("did you mean unused-stage?"), "{}", stderr(&unknown));
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
    let from_stage = check(folder.path(), &["app/image", "--no-split-before", "2", "--fail-on", "never"]);
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
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let folder = folder(&[("Dockerfile", "FROM alpine\nRUN --foo x\n"), ("empty", "")]);
    let args = ["missing", "empty", "Dockerfile"];
    let output = check(folder.path(), &args);
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    assert!(stderr(&output).starts_with("error: missing: "), "{}", stderr(&output));
    let shown = stdout(&output);
    assert!(shown.contains("--> Dockerfile:2:5"), "{shown}");
    assert!(shown.contains("the Dockerfile is empty\n--> empty\n"), "what has no line has its file: {shown}");
    let written = check(folder.path(), &[&args[..], &["--baseline", "b.toml", "--write-baseline"]].concat());
    assert_eq!(code(&written), 4);
    assert!(!folder.path().join("b.toml").exists(), "a baseline of half the files is none");
    for command in ["check", "fix"] {
        let twice = xsim(folder.path(), &[command, "-", "-"]);
        assert_eq!(code(&twice), 2, "{}", stderr(&twice));
    }
}

#[test]
fn an_output_that_cannot_be_written_is_named_and_nothing_else() {
    let folder = folder(&[("Dockerfile", "FROM alpine\n")]);
    let output = xsim(folder.path(), &["analyze", "--output", "missing/report.txt"]);
    assert_eq!(code(&output), 4);
    let said = stderr(&output);
    assert!(said.starts_with("error: missing/report.txt: ") && !said.contains(".xsim-"), "{said}");
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

#[test]
fn gates_and_settings_hold_for_every_command() {
    let settings = "\
platforms = [\"linux/amd64\", \"linux/arm64\"]
machine = \"ci/one.toml\"
profile = \"ci/profile.toml\"
[rules]
undefined-var = \"off\"
dead-syntax = \"off\"
[gates]
fail-on = [\"undefined-var\"]
max-time = \"1s\"
no-split-before = [\"runtime\", \"elsewhere\", \"900\"]
";
    let machine =
        "name = 'one'\n[[node]]\ncores = 1\nnative = ['linux/amd64']\nemulators = ['linux/arm64']\n";
    let profile = "schema = 'xsim.profile/1'\nhost = 'amd64'\ncores = 2\noverhead_s = 0.2\n";
    let folder = folder(&[
        ("xsim.toml", settings),
        ("ci/one.toml", machine),
        ("ci/profile.toml", profile),
        ("app/Dockerfile", SPLIT),
        ("app/bare/Dockerfile", "FROM alpine\nARG TARGETARCH\nRUN apk add git\n"),
    ]);
    let run = |args: &[&str]| xsim(folder.path(), args);
    let analysis = run(&["analyze", "app", "--format", "json"]);
    assert_eq!(code(&analysis), 1, "{}", stderr(&analysis));
    let report: serde_json::Value = serde_json::from_str(stdout(&analysis)).unwrap();
    assert_eq!(report["target_platforms"], serde_json::json!(["linux/amd64", "linux/arm64"]));
    assert_eq!(report["timing"]["machine"]["name"], "one");
    assert!(!stdout(&analysis).contains("undefined-var"), "the rule is off: {}", stdout(&analysis));
    let said = stderr(&analysis);
    assert!(said.contains("--max-time: the build takes") && said.contains("--no-split-before"), "{said}");
    assert!(!said.contains("elsewhere") && !said.contains("--fail-on"), "{said}");

    let small = run(&["analyze", "app", "--format", "json", "--machine", "small", "--max-time", "90h"]);
    let report: serde_json::Value = serde_json::from_str(stdout(&small)).unwrap();
    assert_eq!(report["timing"]["machine"]["name"], "small", "the command line beats the file");
    assert!(!stderr(&small).contains("--max-time"), "{}", stderr(&small));
    let typed = run(&["analyze", "app", "--no-split-before", "elsewhere"]);
    assert_eq!(code(&typed), 2, "a stage that is typed has to be there: {}", stderr(&typed));

    let dot = run(&["graph", "app", "--format", "dot"]);
    assert!(stdout(&dot).contains("arm64"), "{}", stdout(&dot));
    let why = run(&["explain", "app/Dockerfile:3"]);
    assert!(stdout(&why).contains("arm64"), "{}", stdout(&why));
    let compared = run(&["compare", "app", "app/bare", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(stdout(&compared)).unwrap();
    assert_eq!(report["machine"], "one", "{}", stdout(&compared));
    let fixed = run(&["fix", "app/bare"]);
    assert_eq!(stdout(&fixed), "", "the rule is off");
    let asked = run(&["fix", "app/bare", "--only", "dead-syntax"]);
    assert!(stdout(&asked).contains("-ARG TARGETARCH"), "{}{}", stdout(&asked), stderr(&asked));
    let checked = run(&["check", "app", "app/bare"]);
    assert!(stderr(&checked).contains("app/bare/Dockerfile: --max-time"), "{}", stderr(&checked));
}

#[test]
fn analyze_lists_findings_as_check_does() {
    let folder = folder(&[("Dockerfile", "FROM scratch\nCOPY $NOPE/a /a\n"), ("bad", "FROM a\nBOGUS\n")]);
    let run = |args: &[&str]| xsim(folder.path(), args);
    for format in ["github", "sarif"] {
        for (file, expected) in [("Dockerfile", 1), ("bad", 3)] {
            let more = ["--format", format, "--fail-on", "undefined-var"];
            let analysis = run(&[&["analyze", file][..], &more].concat());
            let check = run(&[&["check", file][..], &more].concat());
            assert_eq!((code(&analysis), code(&check)), (expected, expected), "{format} {file}");
            assert_eq!(stdout(&analysis), stdout(&check), "{format} {file}");
            assert!(stdout(&check).contains("Dockerfile") || file == "bad", "{}", stdout(&check));
        }
    }
    let baseline = ["--baseline", "accepted.toml", "--fail-on", "warning"];
    let written = run(&[&["analyze"][..], &baseline, &["--write-baseline"]].concat());
    assert_eq!(code(&written), 0, "{}", stderr(&written));
    let accepted = run(&[&["analyze"][..], &baseline].concat());
    assert_eq!(code(&accepted), 0, "{}", stderr(&accepted));
    assert!(!stdout(&accepted).contains("undefined-var"), "{}", stdout(&accepted));
}

#[test]
fn times_are_those_of_the_machine_and_cache_that_are_named() {
    let file = "FROM debian\nRUN apt-get update && apt-get install -y gcc && make\n";
    let folder = folder(&[("Dockerfile", file)]);
    let slow = ["--platform", "linux/amd64,linux/arm64", "--max-emulated", "10s"];
    let with = |more: &[&str]| code(&check(folder.path(), &[&slow[..], more].concat()));
    assert_eq!(with(&[]), 1);
    assert_eq!(with(&["--cache", "warm"]), 0, "nothing runs");
    assert_eq!(with(&["--slowdown", "1000", "--max-emulated", "99h"]), 2, "an option is given once");
}
