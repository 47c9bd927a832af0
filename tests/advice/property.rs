//! What fixes may not do to any file: break it, change an image beyond their licence, make it slower, or never end.
//!
//! `XSIM_CASES` names further files of cases, separated by colons, as for the conformance tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use xsim::advice::{fix, recipe, rules};
use xsim::analysis::{NodeInputs, analyze};
use xsim::diagnostic::Severity;
use xsim::graph::emulate::Host;
use xsim::model::inputs::Inputs;

use crate::{findings, platform, pricer, source};

#[derive(Deserialize)]
struct Case {
    id: String,
    dockerfile: String,
    platforms: Vec<String>,
    build_platform: String,
    target: Option<String>,
    build_args: Option<BTreeMap<String, String>>,
}

fn cases() -> Vec<Case> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![
        own.join("tests/data/conformance/rules.jsonl"),
        own.join("tests/data/conformance/generated.jsonl"),
    ];
    files.extend(std::env::var("XSIM_CASES").iter().flat_map(|list| list.split(':')).map(PathBuf::from));
    let mut cases = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.extend(text.lines().map(|line| serde_json::from_str::<Case>(line).unwrap()));
    }
    for folder in std::fs::read_dir(own.join("samples")).unwrap() {
        let folder = folder.unwrap().path();
        for file in folder.is_dir().then(|| std::fs::read_dir(&folder).unwrap()).into_iter().flatten() {
            let path = file.unwrap().path();
            if !path.to_string_lossy().ends_with("Dockerfile") {
                continue;
            }
            cases.push(Case {
                id: path.display().to_string(),
                dockerfile: std::fs::read_to_string(&path).unwrap(),
                platforms: ["linux/amd64", "linux/arm64", "linux/arm/v7"].map(str::to_owned).to_vec(),
                build_platform: "linux/amd64".to_owned(),
                target: None,
                build_args: None,
            });
        }
    }
    cases
}

fn nodes(case: &Case) -> Vec<NodeInputs> {
    let targets: Vec<_> = case.platforms.iter().map(|text| platform(text)).collect();
    let mut inputs = Inputs::new(platform(&case.build_platform), &targets).unwrap();
    inputs.stage.clone_from(&case.target);
    inputs.build_args = case.build_args.clone().unwrap_or_default();
    vec![NodeInputs { name: None, host: Host::new(platform(&case.build_platform)), inputs }]
}

#[derive(Default)]
struct Counts {
    files: usize,
    built: usize,
    changed: usize,
    findings: BTreeMap<&'static str, usize>,
    fixes: BTreeMap<&'static str, usize>,
    rejected: BTreeMap<&'static str, usize>,
}

#[test]
fn no_fix_does_harm() {
    let mut counts = Counts::default();
    for case in cases() {
        check(&case, &mut counts);
    }
    let Counts { files, built, changed, .. } = counts;
    println!("{files} files, {built} build, {changed} changed by fixes");
    for rule in rules::ALL {
        let of = |map: &BTreeMap<&str, usize>| map.get(rule.code).copied().unwrap_or(0);
        let (found, applied, rejected) = (of(&counts.findings), of(&counts.fixes), of(&counts.rejected));
        println!("{:32} {found:6} found {applied:6} fixed {rejected:6} fixes rejected", rule.code);
    }
    assert!(files >= 3_000, "only {files} files");
    assert!(changed >= 50, "only {changed} files were changed");
}

fn check(case: &Case, counts: &mut Counts) {
    let nodes = nodes(case);
    let found = findings(&case.dockerfile, &nodes);
    counts.files += 1;
    for finding in &found {
        *counts.findings.entry(finding.rule.code).or_default() += 1;
    }
    let fixed = fix::fix(&source(&case.dockerfile), &nodes, &fix::Wanted::default(), &pricer());
    for applied in &fixed.applied {
        *counts.fixes.entry(applied.rule.code).or_default() += 1;
    }
    for rejected in &fixed.rejected {
        *counts.rejected.entry(rejected.rule.code).or_default() += 1;
    }
    let id = &case.id;
    let Ok(before) = analyze(&source(&case.dockerfile), &nodes) else { return };
    counts.built += 1;
    if fixed.applied.is_empty() {
        assert_eq!(fixed.text, case.dockerfile, "{id}");
        return;
    }
    counts.changed += 1;
    let after = analyze(&source(&fixed.text), &nodes).unwrap_or_else(|refused| panic!("{id}: {refused:?}"));
    for applied in &fixed.applied {
        let (before, after) =
            (applied.saving.before.makespan.unwrap(), applied.saving.after.makespan.unwrap());
        assert!(after <= before, "{id}: {} makes it slower", applied.rule.code);
    }
    let errors = |text: &str| findings(text, &nodes).iter().filter(|f| f.severity == Severity::Error).count();
    assert!(errors(&fixed.text) <= errors(&case.dockerfile), "{id}: a fix brought an error");
    let licence: Vec<_> = fixed.applied.iter().flat_map(|applied| applied.licence.clone()).collect();
    for change in recipe::changes(&before.nodes[0].graph, &after.nodes[0].graph) {
        assert!(recipe::allows(&licence, &change), "{id}: {change} by {licence:?}");
    }
    let again = fix::fix(&source(&fixed.text), &nodes, &fix::Wanted::default(), &pricer());
    assert_eq!(again.text, fixed.text, "{id}: fixed twice");
}
