//! Reports of a bake definition: the sample as the program shows it, and what commands say of outputs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::golden;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bake-group")
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).args(args).env("COLUMNS", "100");
    command.output().unwrap()
}

/// What a command writes that succeeds.
fn shown(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const ON: [&str; 2] = ["--machine", "ubuntu-latest"];

#[test]
fn the_sample_in_every_form() {
    let forms: [(&str, &[&str]); 4] = [
        ("report.txt", &["analyze"]),
        ("report.md", &["analyze", "--format", "markdown"]),
        ("graph.svg", &["graph"]),
        ("timeline.svg", &["analyze", "--format", "svg"]),
    ];
    for (file, args) in forms {
        let args = [args, &["docker-bake.hcl"], &ON].concat();
        golden::check(sample().join(file), &shown(&sample(), &args));
    }
    let page = shown(&sample(), &[&["analyze", "docker-bake.hcl", "--format", "html"], &ON[..]].concat());
    assert!(page.contains("<h3>Containerfile</h3>") && page.contains("<h3>inline:docs</h3>"));
}

#[test]
fn programs_read_what_targets_share() {
    let text = shown(&sample(), &[&["analyze", "docker-bake.hcl", "--format", "json"], &ON[..]].concat());
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["files"], serde_json::json!(["Containerfile", "inline:docs"]));
    assert_eq!(report["target_platforms"][0], "api linux/amd64");
    let sharing = &report["sharing"][0];
    assert_eq!(sharing["repeated"][0]["reason"]["name"], "VERSION", "{sharing}");
    assert_eq!(sharing["repeated"][0]["places"][0], serde_json::json!({"file": 0, "line": 11}));
    assert!(sharing["repeated"][0]["saving_s"].as_f64().unwrap() > 0.0, "{sharing}");
    assert!(sharing["shared"].as_array().unwrap().len() > 3);
    let places = report["vertices"].as_array().unwrap().iter().map(|vertex| &vertex["places"]);
    assert!(places.filter_map(|list| list.as_array()).flatten().any(|place| place["file"] == 1));
}

#[test]
fn a_log_is_seen_beside_its_definition() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs/bake-group.log");
    let observe = |definition: &str, log: &Path, format: &str| {
        let fails = ["--fail-on", "disagreement", "--format", format];
        run(&sample(), &[&["observe", log.to_str().unwrap(), "--bake", definition], &fails[..]].concat())
    };
    let output = observe("docker-bake.hcl", &log, "json");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let build = &report["builds"][0];
    assert_eq!(build["dockerfile"]["agreed"], 21, "{build}");
    let steps = build["steps"].as_array().unwrap();
    let step =
        |name: &str| steps.iter().find(|step| step["name"].as_str().unwrap().starts_with(name)).unwrap();
    for (name, file, line) in [
        ("[docs linux/arm64 stage-0 1/3] RUN", "inline:docs", 2),
        ("[worker linux/amd64->arm64 build 6/6] RUN", "Containerfile", 11),
        ("[api linux/arm64 base 1/2] FROM", "Containerfile", 1),
    ] {
        let step = step(name);
        assert_eq!((&step["file"], &step["line"]), (&file.into(), &line.into()), "{name}");
        assert!(step["forecast"].as_f64().unwrap() > 0.0, "{name}");
    }
    let text = String::from_utf8(observe("docker-bake.hcl", &log, "text").stdout).unwrap();
    assert!(text.contains("inline:docs:2 RUN apk add"), "{text}");
    // One target alone is not what the log is of.
    let alone = observe("docker-bake.hcl#docs", &log, "text");
    assert_eq!(alone.status.code(), Some(1), "{}", String::from_utf8_lossy(&alone.stderr));
    // Where the definition is wrong, that is said.
    assert_eq!(observe("docker-bake.hcl#nobody", &log, "text").status.code(), Some(3));
}

#[test]
fn a_line_is_explained_for_all_targets() {
    let args = ["explain", "Containerfile:11", "--bake", "docker-bake.hcl"];
    let text = shown(&sample(), &[&args[..], &ON].concat());
    for words in ["runs 4 times", "api for linux/arm64", "ARG VERSION (Containerfile:8)", "dev-worker"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let other = run(&sample(), &["explain", "Dockerfile:1", "--bake", "docker-bake.hcl"]);
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(said.contains("but from Containerfile, inline:docs"), "{said}");
}

#[test]
fn a_group_is_checked_and_compared_with_another() {
    let text = shown(&sample(), &["check", "docker-bake.hcl", "--no-config"]);
    assert!(text.contains("2 files"), "{text}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("group");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["Containerfile", "docker-bake.hcl"] {
        std::fs::copy(sample().join(file), folder.join(file)).unwrap();
    }
    let aligned = std::fs::read_to_string(folder.join("docker-bake.hcl")).unwrap();
    let aligned = aligned.replace("item == \"api\" ? VERSION : \"${VERSION}-worker\"", "VERSION");
    std::fs::write(folder.join("aligned.hcl"), aligned).unwrap();
    let text = shown(&folder, &[&["compare", "docker-bake.hcl", "aligned.hcl"], &ON[..]].concat());
    assert!(text.contains("aligned.hcl") && text.contains("faster"), "{text}");
    let text = shown(&folder, &[&["analyze", "aligned.hcl"], &ON[..]].concat());
    assert!(!text.contains("repeated:"), "{text}");
}

#[test]
fn a_fix_stands_for_every_target_of_its_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("group-fix");
    std::fs::create_dir_all(&folder).unwrap();
    let dockerfile = "FROM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /out/ ./...\n\
                      FROM alpine AS a\nCOPY --from=build /out/a /\nFROM alpine AS b\nCOPY --from=build /out/b /\n";
    std::fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
    let text = "group \"default\" {\n targets = [\"a\", \"b\"]\n}\ntarget \"_c\" {\n platforms = [\"linux/amd64\", \"linux/arm64\"]\n}\n\
                target \"a\" {\n inherits = [\"_c\"]\n target = \"a\"\n}\ntarget \"b\" {\n inherits = [\"_c\"]\n target = \"b\"\n}\n";
    std::fs::write(folder.join("docker-bake.hcl"), text).unwrap();
    let text = shown(&folder, &[&["fix", "docker-bake.hcl"], &ON[..]].concat());
    assert!(text.contains("+FROM --platform=$BUILDPLATFORM golang:1.25 AS build"), "{text}");
    let text = shown(&folder, &[&["check", "docker-bake.hcl"], &ON[..]].concat());
    assert_eq!(text.matches("emulated-compile").count(), 1, "each fact once: {text}");
}

#[test]
fn targets_that_cannot_be_analysed_are_named() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("group-errors");
    std::fs::create_dir_all(&folder).unwrap();
    let cases = [
        ("target \"default\" {\n dockerfile = \"nope\"\n}\n", "target default: there is no file nope"),
        ("target \"default\" {\n context = \"https://github.com/a/b.git\"\n}\n", "is not on this machine"),
        ("target \"default\" {\n context = UNKNOWN\n}\n", "UNKNOWN"),
        ("target \"default\" {\n dockerfile-inline = \"FROM\"\n}\n", "FROM"),
    ];
    for (text, words) in cases {
        std::fs::write(folder.join("docker-bake.hcl"), text).unwrap();
        let output = run(&folder, &["analyze", "docker-bake.hcl"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_cache_that_some_targets_ignore_is_said() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("group-cache");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("Dockerfile"),
        "FROM alpine AS base\nRUN make\nFROM base AS a\nRUN a\nFROM base AS b\nRUN b\n",
    )
    .unwrap();
    let text = "group \"default\" {\n targets = [\"a\", \"b\"]\n}\ntarget \"a\" {\n target = \"a\"\n no-cache-filter = [\"base\"]\n}\n\
                target \"b\" {\n target = \"b\"\n}\n";
    std::fs::write(folder.join("docker-bake.hcl"), text).unwrap();
    let text = shown(&folder, &["analyze", "docker-bake.hcl", "--no-config"]);
    assert!(text.contains("without cache: from line 2 on, a ignores the cache and b does not"), "{text}");
}

#[test]
fn each_target_is_as_large_as_its_context() {
    let folder = tempfile::tempdir().unwrap();
    let dockerfile = "FROM rust\nCOPY . .\nRUN cargo build --release\n";
    let crates = |count: usize| -> String {
        let entry = |at| format!("[[package]]\nname = \"c{at}\"\nversion = \"1.0.0\"\n\n");
        (0..count).map(entry).collect::<Vec<_>>().concat()
    };
    let target = |name: &str| format!("target \"{name}\" {{ context = \"{name}\" }}\n");
    let definition = format!(
        "group \"default\" {{ targets = [\"small\", \"large\"] }}\n{}{}",
        target("small"),
        target("large")
    );
    for (path, text) in [
        ("docker-bake.hcl", definition.as_str()),
        ("small/Dockerfile", dockerfile),
        ("small/Cargo.lock", &crates(10)),
        ("large/Dockerfile", dockerfile),
        ("large/Cargo.lock", &crates(300)),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let report = |definition: &str| -> serde_json::Value {
        let args = ["analyze", definition, "--format", "json", ON[0], ON[1]];
        serde_json::from_str(&shown(folder.path(), &args)).unwrap()
    };
    let compiles = |report: &serde_json::Value| -> Vec<f64> {
        let vertices = report["vertices"].as_array().unwrap().iter();
        let compiles = vertices.filter(|vertex| vertex["time"]["class"] == "cargo-build");
        compiles.map(|vertex| vertex["time"]["core_s"].as_f64().unwrap()).collect()
    };
    let together = report("docker-bake.hcl");
    let times = compiles(&together);
    let (small, large) = (times[0].min(times[1]), times[0].max(times[1]));
    assert!(small * 4.0 < large, "{times:?}");
    let alone = compiles(&report("docker-bake.hcl#large"));
    assert!((alone[0] / large - 1.0).abs() < 0.2, "{alone:?} {times:?}");
    assert_eq!(together["timing"]["basis"]["context"]["files"], 4);
}
