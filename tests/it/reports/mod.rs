//! Reports of every sample, as they are shown, and the JSON contract.

mod comparison;
mod explanations;
#[cfg(feature = "cli")]
mod scenarios;
mod summaries;

use std::path::{Path, PathBuf};

use crate::golden;
use xsim::advice::{Pricer, evaluate, lint};
use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::diagnostic::Diagnostic;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::{Terms, price};
use xsim::report::{Style, Subject, analysis_json, analysis_text};
use xsim::sim::default_machine;
use xsim::source::Source;

fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

fn node(platforms: &str) -> NodeInputs {
    let targets: Vec<Platform> = platforms.split(',').map(platform).collect();
    let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
    NodeInputs::new(inputs)
}

fn build(source: &Source, platforms: &str) -> Build {
    Build::new(source.clone(), vec![node(platforms)])
}

fn analysis(source: &Source, platforms: &str) -> Analysis {
    Build::new(source.clone(), vec![node(platforms)])
        .into_outcome()
        .unwrap_or_else(|refused| panic!("{:?}", refused.refusal))
}

/// The same on every computer.
fn terms() -> Terms {
    Terms::new(default_machine(&platform("linux/amd64")))
}

/// What is found, with savings of the run that is shown.
fn findings(source: &Source, platforms: &str) -> Vec<Diagnostic> {
    let build = Build::new(source.clone(), vec![node(platforms)]);
    let terms = terms();
    let timing = price(build.outcome().unwrap(), &terms).unwrap();
    evaluate(&build, &Pricer::as_shown(&timing))
}

fn text(source: &Source, platforms: &str, style: Style) -> String {
    let (build, terms) = (build(source, platforms), terms());
    let analysis = build.outcome().unwrap();
    let timing = price(analysis, &terms).unwrap();
    let findings = findings(source, platforms);
    analysis_text(
        &Subject { build: &build, analysis, timing: Some(&timing), findings: &findings, sharing: &[] },
        style,
    )
}

fn report(source: &Source, platforms: &str) -> Vec<u8> {
    let (build, terms) = (build(source, platforms), terms());
    let analysis = build.outcome().unwrap();
    let timing = price(analysis, &terms).unwrap();
    let mut bytes = Vec::new();
    let findings = findings(source, platforms);
    let subject =
        Subject { build: &build, analysis, timing: Some(&timing), findings: &findings, sharing: &[] };
    analysis_json(&subject, &mut bytes).unwrap();
    bytes
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Dockerfile of the samples, with its name in reports.
fn samples() -> Vec<(PathBuf, Source)> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root().join("samples")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            if name.ends_with("Dockerfile") {
                let source = Source::new(name, std::fs::read(&file).unwrap()).unwrap();
                found.push((file, source));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= 7, "the samples are gone");
    found
}

#[test]
fn every_sample_has_its_report() {
    for (path, source) in samples() {
        analysis(&source, "linux/amd64,linux/arm64").nodes[0].graph.verify();
        let style = Style { width: Some(100), ..Style::PLAIN };
        let text = text(&source, "linux/amd64,linux/arm64", style);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{}:\n{text}", path.display());
        let name = path.file_name().unwrap().to_str().unwrap();
        golden::check(path.with_file_name(format!("{name}.report.txt")), &text);
    }
}

#[test]
fn the_readme_shows_a_real_report() {
    let report =
        std::fs::read_to_string(root().join("samples/foreign-bundler/before.Dockerfile.report.txt")).unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&report), "the report in README.md is not that of the sample");
    let fixed = std::process::Command::new(env!("CARGO_BIN_EXE_xsim"))
        .current_dir(root().join("samples/foreign-bundler"))
        .args(["fix", "before.Dockerfile", "--platform", "linux/amd64,linux/arm64"])
        .output()
        .unwrap();
    let said = String::from_utf8(fixed.stderr).unwrap();
    assert!(readme.contains(&said), "README.md does not say what `xsim fix` says: {said}");
}

/// The page on the project's own Dockerfile shows its report, and nothing of it is emulated or found fault with.
#[test]
fn the_own_dockerfile_is_as_the_docs_say() {
    let source = Source::new("Dockerfile", std::fs::read(root().join("Dockerfile")).unwrap()).unwrap();
    let platforms = "linux/amd64,linux/arm64";
    assert_eq!(analysis(&source, platforms).nodes[0].summary().emulated, 0);
    assert!(findings(&source, platforms).is_empty());
    let report = text(&source, platforms, Style { width: Some(100), ..Style::PLAIN });
    let page = root().join("docs/own-build.md");
    let written = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = written.split_once("```text\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    golden::check(&page, &format!("{before}```text\n{report}```\n{after}"));
}

#[test]
fn reports_fit_eighty_columns_and_ascii() {
    for (path, source) in samples() {
        let style = Style { width: Some(80), color: false, unicode: false };
        let text = text(&source, "linux/amd64,linux/arm64,linux/arm/v7", style);
        for line in text.lines() {
            assert!(line.len() <= 80, "{}: {line}", path.display());
            assert!(line.is_ascii(), "{}: {line}", path.display());
        }
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    for (_, source) in samples() {
        let platforms = "linux/amd64,linux/arm64";
        let style = Style { width: Some(100), ..Style::PLAIN };
        let plain = text(&source, platforms, style);
        let colored = text(&source, platforms, Style { color: true, ..style });
        assert!(colored.contains("\x1b["));
        let mut stripped = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\x1b') {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        let trim = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(trim(&stripped), trim(&plain));
    }
}

#[test]
fn json_is_the_same_every_time() {
    for (_, source) in samples() {
        let json = || report(&source, "linux/amd64,linux/arm64");
        assert_eq!(json(), json());
    }
}

#[cfg(feature = "schema")]
mod schema {
    use super::*;
    use xsim::report::{json, refusal_json};

    #[test]
    fn the_documented_schema_is_current() {
        let text = serde_json::to_string_pretty(&json::schema()).unwrap();
        golden::check(root().join("docs/schema/analysis.json"), &format!("{text}\n"));
    }

    #[test]
    fn every_report_fits_the_schema() {
        let validator = jsonschema::validator_for(&json::schema()).unwrap();
        let fits = |bytes: &[u8], what: &str| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let problems: Vec<String> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{what}: {problems:?}");
        };
        for (path, source) in samples() {
            fits(&report(&source, "linux/amd64,linux/arm64,linux/386"), &path.display().to_string());
        }
        for text in
            ["", "FROM a\nRUNN x\n", "FROM a\nCOPY --from=$X a b\n", "FROM $NOPE\n", "# escape=x\nFROM a\n"]
        {
            let source = Source::new("Dockerfile", text.into()).unwrap();
            let node = node("linux/amd64,linux/arm64");
            let build = Build::new(source, vec![node.clone()]);
            let (refused, found) = (build.outcome().unwrap_err(), lint(&build));
            let mut bytes = Vec::new();
            refusal_json(build.source(), &refused.refusal, &found, node.inputs.targets(), &mut bytes)
                .unwrap();
            fits(&bytes, text);
        }
        assert!(!validator.is_valid(&serde_json::json!({ "schema": "xsim.analysis/2", "vertices": 3 })));
    }
}
