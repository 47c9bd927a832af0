//! Fixed scripts under a real shell: what they call, with which arguments and which environment, stays but for what the rule may
//! change. `tests/agreement/fixes.py` runs them, with programs that only record how they are called.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::de::IgnoredAny;
use serde_json::json;
use xsim::advice::{fix, rules};
use xsim::analysis::NodeInputs;
use xsim::diagnostic::{Allowed, Rule};

use super::{both, built, findings, pricer, source};
use crate::cases::cases;

/// Dockerfiles whose scripts are fixed: the fixtures of all rules, and the conformance cases for two platforms of one machine.
fn files() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/advice");
    let mut files = Vec::new();
    for rule in rules::lints() {
        for entry in std::fs::read_dir(root.join(rule.code)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "Dockerfile") {
                let text = std::fs::read(&path).unwrap();
                files.push((path.display().to_string(), String::from_utf8_lossy(&text).into_owned()));
            }
        }
    }
    files.extend(cases::<IgnoredAny>().into_iter().map(|case| (case.id, case.dockerfile)));
    files
}

/// The variables that a fix may give, take or change.
fn may(licence: &[Allowed]) -> Vec<String> {
    let mut names: Vec<String> =
        ["GOOS", "GOARCH", "GOARM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETPLATFORM"]
            .map(str::to_owned)
            .into();
    for allowed in licence {
        match allowed {
            Allowed::Loses(name) | Allowed::Gains(name) | Allowed::Value(name) => names.push(name.clone()),
            _ => {}
        }
    }
    names
}

/// What a shell says of pairs of files, a JSON object a line.
fn compare(pairs: &str) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/fixes.py");
    let mut run = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs the comparison");
    run.stdin.take().unwrap().write_all(pairs.as_bytes()).unwrap();
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

fn pair(id: &str, before: &str, after: &str, may: &[String], recipe: bool) -> String {
    let args = ["--platform", "linux/amd64,linux/arm64", "--build-platform", "linux/amd64"];
    let pair =
        json!({"id": id, "before": before, "after": after, "args": args, "may": may, "recipe": recipe});
    format!("{pair}\n")
}

#[test]
fn fixed_scripts_call_what_they_called() {
    let nodes = both();
    let mut pairs = String::new();
    for (id, before) in files() {
        // The rules that change scripts are about Go.
        if !before.contains("go build") || source(&before).text() != before {
            continue;
        }
        let fixed = fix::fix(built(&before, &nodes), &fix::Wanted::default(), &pricer());
        let licence: Vec<Allowed> =
            fixed.applied.iter().flat_map(|applied| applied.licence.clone()).collect();
        let is_of_script = |allowed: &Allowed| matches!(allowed, Allowed::Inserts(_) | Allowed::Repair);
        if licence.iter().any(is_of_script) {
            pairs.push_str(&pair(&id, &before, fixed.text(), &may(&licence), false));
        }
        for rule in ["target-not-passed", "one-binary-for-all-platforms"] {
            let after = super::fixed(&before, rule, &nodes).text().to_owned();
            if after != before {
                pairs.push_str(&pair(&id, &before, &after, &may(&[]), false));
            }
        }
    }
    assert!(pairs.lines().count() >= 10, "only {} files", pairs.lines().count());
    compare(&pairs);
}

/// Every rule that has recipes as patches, on its own fixtures: what is written builds, no longer has the finding, and is a script that
/// a shell can read.
#[test]
fn recipes_parse_and_mend_their_finding() {
    let nodes = both();
    let (mut pairs, mut scripts) = (String::new(), String::new());
    for (id, before) in files().into_iter().filter(|(id, _)| id.contains("tests/data/advice")) {
        let found = findings(&before, &nodes);
        let has_patch = |rule: &&Rule| {
            found.iter().any(|f| f.rule == *rule && f.recipe.as_ref().is_some_and(|r| r.patch.is_some()))
        };
        for rule in rules::lints().filter(has_patch) {
            let after = written(&before, rule, &nodes);
            assert_ne!(after, before, "{id}: {} writes nothing", rule.code);
            let left = findings(&after, &nodes).into_iter().filter(|f| f.rule == rule).count();
            assert!(left < found.iter().filter(|f| f.rule == rule).count(), "{id}: {}", rule.code);
            writeln!(scripts, "{after}").unwrap();
            pairs.push_str(&pair(&id, &before, &after, &[], true));
        }
    }
    assert!(pairs.lines().count() >= 4, "only {} recipes", pairs.lines().count());
    assert!(!scripts.contains("; &&") && !scripts.contains("&& &&"), "{scripts}");
    compare(&pairs);
}

fn written(text: &str, rule: &'static Rule, nodes: &[NodeInputs]) -> String {
    let wanted = fix::Wanted { recipes: vec![rule], ..fix::Wanted::default() };
    fix::fix(built(text, nodes), &wanted, &pricer()).text().to_owned()
}
