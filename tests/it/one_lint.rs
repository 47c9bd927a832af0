//! One lint: each thing is said once, by one name and as severe, whatever the command, the format and the options.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::written::folder;

fn xsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).args(args);
    command.args(["--platform", "linux/amd64,linux/arm64", "--build-platform", "linux/amd64"]);
    command.output().unwrap()
}

/// Rule, line and severity of what a report has.
type Said = Vec<(String, u64, String)>;

fn listed(list: &serde_json::Value) -> Said {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let of = |one: &serde_json::Value| {
        let places = std::iter::once(one).chain(one["also"].as_array().unwrap());
        let lines: Vec<u64> = places.map(|place| place["line"].as_u64().unwrap_or(0)).collect();
        let (rule, severity) = (text(&one["rule"]), text(&one["severity"]));
        lines.into_iter().map(move |line| (rule.clone(), line, severity.clone())).collect::<Said>()
    };
    let mut said: Said = list.as_array().unwrap().iter().flat_map(of).collect();
    said.sort();
    said
}

/// What `analyze` says as JSON.
fn said(text: &str, more: &[&str]) -> Said {
    let folder = folder(&[("Dockerfile", text)]);
    let output = xsim(folder.path(), &[&["analyze", "--format", "json"], more].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    listed(&report["findings"])
}

/// A file in which two engines once said the same under different names, or disagreed.
const DOUBLE: &str = "\
FROM --platform=linux/amd64 alpine:3.22 AS Tools
RUN apk add git
FROM --platform=linux/amd64 scratch AS files
COPY deno.json deno.lock
FROM alpine:3.22
COPY app-$TARGETARCH /app
RUN --mount=from=0,target=/x cp /x/a /b
COPY --from=Tools /b /b
COPY --from=files /deno.json /
CMD [\"/app\"]
";

#[test]
fn each_thing_is_said_once() {
    let said = said(DOUBLE, &[]);
    let mut facts: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for (rule, line, _) in &said {
        *facts.entry((rule, *line)).or_default() += 1;
    }
    let expected = [
        ("copy-file-onto-file", 4),
        ("from-platform-flag-const-disallowed", 1),
        ("from-platform-flag-const-disallowed", 3),
        ("ignored-platform-flag", 3),
        ("mount-from-index", 7),
        ("stage-name-casing", 1),
        ("undeclared-platform-arg", 6),
    ];
    let found: Vec<_> = facts.keys().copied().filter(|(rule, _)| *rule != "link-would-share").collect();
    assert_eq!(found, expected, "{said:?}");
    assert!(facts.values().all(|count| *count == 1), "{said:?}");
}

#[test]
fn every_format_says_the_same() {
    let folder = folder(&[("Dockerfile", DOUBLE)]);
    let of = |args: &[&str]| String::from_utf8(xsim(folder.path(), args).stdout).unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&of(&["analyze", "Dockerfile", "--format", "json"])).unwrap();
    let expected = listed(&json["findings"]);
    assert!(expected.len() >= 7);

    let sarif: serde_json::Value =
        serde_json::from_str(&of(&["check", "Dockerfile", "--format", "sarif"])).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let mut rules: Vec<&str> = results.iter().map(|one| one["ruleId"].as_str().unwrap()).collect();
    rules.sort_unstable();
    assert_eq!(rules, expected.iter().map(|(rule, ..)| rule.as_str()).collect::<Vec<_>>());

    let github = of(&["check", "Dockerfile", "--format", "github"]);
    let text = of(&["check", "Dockerfile"]);
    let report = of(&["analyze", "Dockerfile"]);
    let page = of(&["analyze", "Dockerfile", "--format", "html"]);
    for (rule, ..) in &expected {
        let count = expected.iter().filter(|(known, ..)| known == rule).count();
        assert_eq!(github.matches(&format!("title=xsim {rule}::")).count(), count, "{rule}: {github}");
        assert_eq!(text.matches(&format!("[{rule}]")).count(), count, "{rule}: {text}");
        // The report counts what one rule found in a row.
        assert_eq!(report.matches(&format!("[{rule}]")).count(), 1, "{rule}: {report}");
        assert_eq!(page.matches(&format!("<code>{rule}</code>")).count(), count, "{rule} on the page");
    }
}

#[test]
fn leaving_times_out_changes_no_severity() {
    let (timed, untimed) = (said(DOUBLE, &[]), said(DOUBLE, &["--no-time"]));
    assert_eq!(timed, untimed);
    assert!(timed.contains(&("mount-from-index".to_owned(), 7, "error".to_owned())), "{timed:?}");
}

#[test]
fn a_rule_is_silenced_by_its_name_and_nothing_says_it_in_its_place() {
    let of = |text: &str, settings: &str| {
        let folder = folder(&[("Dockerfile", text), ("xsim.toml", settings)]);
        let output = xsim(folder.path(), &["analyze", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        listed(&report["findings"])
            .into_iter()
            .map(|(rule, line, _)| format!("{rule}:{line}"))
            .collect::<Vec<_>>()
    };
    let capitals = "FROM alpine:3.22 AS Tools\nRUN apk add git\n";
    assert_eq!(of(capitals, ""), ["stage-name-casing:1"]);
    for name in ["stage-name-casing", "case-of-stage-name"] {
        assert_eq!(of(capitals, &format!("[rules]\n{name} = \"off\"\n")), [""; 0], "{name}");
        assert_eq!(of(&format!("# xsim: ignore={name}\n{capitals}"), ""), [""; 0], "{name}");
    }
    let constant = "FROM --platform=linux/amd64 golang:1.25\nRUN go build\n";
    assert_eq!(of(constant, ""), ["from-platform-flag-const-disallowed:1"]);
    for name in ["from-platform-flag-const-disallowed", "constant-platform"] {
        assert_eq!(of(constant, &format!("[rules]\n{name} = \"off\"\n")), [""; 0], "{name}");
        assert_eq!(of(&format!("# xsim: ignore={name}\n{constant}"), ""), [""; 0], "{name}");
    }
    let missing = "FROM scratch\nCOPY app-$TARGETARCH /app\n";
    assert_eq!(of(missing, ""), ["undeclared-platform-arg:2"]);
    assert_eq!(of(missing, "[rules]\nundefined-var = \"off\"\n"), [""; 0]);
}

#[test]
fn what_warns_of_a_forgotten_folder_can_mend_it() {
    for (from, to) in [("deno.json", "deno.lock"), ("go.work", "go.work.sum"), ("a.txt b.txt", "c.txt")] {
        let text = format!("FROM alpine:3.22\nCOPY {from} {to}\n");
        assert_eq!(said(&text, &[]).len(), 1, "{text}");
        let folder = folder(&[("Dockerfile", &text)]);
        xsim(folder.path(), &["fix", "--write", "--only", "copy-file-onto-file"]);
        let fixed = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
        assert_eq!(fixed, format!("FROM alpine:3.22\nCOPY {from} {to} ./\n"));
    }
}

#[test]
fn a_flag_on_an_empty_stage_is_told_with_times_and_without() {
    let text = "FROM --platform=$BUILDPLATFORM scratch\nCOPY a /a\n";
    let expected = [("ignored-platform-flag".to_owned(), 1, "warning".to_owned())];
    assert_eq!(said(text, &[]), expected);
    assert_eq!(said(text, &["--no-time"]), expected);
}
