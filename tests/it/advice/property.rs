//! What fixes may not do to any file: break it, change an image beyond their licence, make it slower, or never end.
//!
//! Further files of cases: see `tests/cases`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::de::IgnoredAny;
use xsim::advice::fix::equivalence::{self, Licence};
use xsim::advice::{fix, rules};
use xsim::analysis::NodeInputs;
use xsim::diagnostic::Severity;

use super::{built, findings, pricer};
use crate::cases::{Case, cases};

/// The conformance cases and all samples.
fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = cases();
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
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
                contexts: Vec::new(),
                images: BTreeMap::new(),
                expect: IgnoredAny,
            });
        }
    }
    cases
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
    for case in all() {
        check(&case, &mut counts);
    }
    let Counts { files, built, changed, .. } = counts;
    println!("{files} files, {built} build, {changed} changed by fixes");
    for rule in rules::lints() {
        let of = |map: &BTreeMap<&str, usize>| map.get(rule.code).copied().unwrap_or(0);
        let (found, applied, rejected) = (of(&counts.findings), of(&counts.fixes), of(&counts.rejected));
        println!("{:32} {found:6} found {applied:6} fixed {rejected:6} fixes rejected", rule.code);
    }
    assert!(files >= 3_000, "only {files} files");
    assert!(changed >= 50, "only {changed} files were changed");
}

fn check(case: &Case, counts: &mut Counts) {
    let nodes = case.nodes();
    let found = findings(&case.dockerfile, &nodes);
    counts.files += 1;
    for finding in &found {
        *counts.findings.entry(finding.rule.code).or_default() += 1;
    }
    let fixed = fix::fix(built(&case.dockerfile, &nodes), &fix::Wanted::default(), &pricer());
    for applied in &fixed.applied {
        *counts.fixes.entry(applied.rule.code).or_default() += 1;
    }
    for rejected in &fixed.rejected {
        *counts.rejected.entry(rejected.rule.code).or_default() += 1;
    }
    let id = &case.id;
    let warned =
        |finding: &xsim::diagnostic::Diagnostic| finding.counts() && finding.severity > Severity::Note;
    assert!(!found.iter().any(warned) || !fixed.is_nothing(), "{id}: nothing is said of what is left");
    let original = built(&case.dockerfile, &nodes);
    let Ok(before) = original.outcome() else { return };
    counts.built += 1;
    for rule in fixed.on_request().map(|finding| finding.rule.code).collect::<BTreeSet<_>>() {
        asked(case, fixed.text(), rule, &nodes, counts);
    }
    if fixed.applied.is_empty() {
        assert_eq!(fixed.text(), case.dockerfile, "{id}");
        return;
    }
    counts.changed += 1;
    let after = fixed.build.outcome().unwrap_or_else(|refused| panic!("{id}: {refused:?}"));
    for applied in &fixed.applied {
        let (before, after) =
            (applied.saving.before.makespan.unwrap(), applied.saving.after.makespan.unwrap());
        assert!(after <= before, "{id}: {} makes it slower", applied.rule.code);
    }
    let (was, is) = (errors(&case.dockerfile, &nodes), errors(fixed.text(), &nodes));
    assert!(is <= was, "{id}: a fix brought an error");
    let allowed: Vec<_> = fixed.applied.iter().flat_map(|applied| applied.licence.clone()).collect();
    let licence = Licence::new(&allowed, original.file());
    for change in equivalence::changes(&before.nodes[0].graph, &after.nodes[0].graph) {
        assert!(licence.allows(&change), "{id}: {change} by {licence:?}");
    }
    let again = fix::fix(built(fixed.text(), &nodes), &fix::Wanted::default(), &pricer());
    assert_eq!(again.text(), fixed.text(), "{id}: fixed twice");
}

/// What makes another image, and so is applied only where it is asked for, leaves a file that builds and is no worse.
fn asked(case: &Case, text: &str, rule: &'static str, nodes: &[NodeInputs], counts: &mut Counts) {
    let wanted = fix::Wanted { only: vec![super::rule(rule)], ..fix::Wanted::default() };
    let fixed = fix::fix(built(text, nodes), &wanted, &pricer());
    *counts.fixes.entry(rule).or_default() += fixed.applied.len();
    let id = &case.id;
    assert!(fixed.build.outcome().is_ok(), "{id}: {rule} breaks the file");
    assert!(errors(fixed.text(), nodes) <= errors(text, nodes), "{id}: {rule} brought an error");
    let again = fix::fix(built(fixed.text(), nodes), &wanted, &pricer());
    assert_eq!(again.text(), fixed.text(), "{id}: {rule} fixed twice");
}

fn errors(text: &str, nodes: &[NodeInputs]) -> usize {
    findings(text, nodes).iter().filter(|finding| finding.severity == Severity::Error).count()
}
