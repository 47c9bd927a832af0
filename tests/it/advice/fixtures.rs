//! Files in which a rule finds something, and files in which it must not although they look alike.
//!
//! `tests/data/advice/RULE/fires-*.Dockerfile` has `.findings` beside it, and `.fixed` where the rule has a fix;
//! `silent-*.Dockerfile` has nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use xsim::advice::rules;

use super::{findings, fixed, nodes_for};
use crate::golden;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/advice")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "Dockerfile"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_rule_has_fixtures_of_both_kinds() {
    for rule in rules::lints() {
        let names: Vec<String> = files(&root().join(rule.code))
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        for kind in ["fires-", "silent-"] {
            assert!(names.iter().any(|name| name.starts_with(kind)), "{} has no {kind} fixture", rule.code);
        }
    }
}

#[test]
fn fixtures_are_as_their_golden_files_say() {
    for rule in rules::lints() {
        for path in files(&root().join(rule.code)) {
            fixture(rule.code, &path);
        }
    }
}

fn fixture(rule: &str, path: &Path) {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).replace("\r\n", "\n");
    let name = path.file_stem().unwrap().to_string_lossy();
    let platforms: &[&str] = match () {
        () if name.contains("arm-v7") => &["linux/amd64", "linux/arm64", "linux/arm/v7"],
        () if name.contains("386") => &["linux/386", "linux/amd64"],
        () => &["linux/amd64", "linux/arm64"],
    };
    let nodes = nodes_for(rule, platforms);
    let mut list = String::new();
    for finding in findings(&text, &nodes).iter().filter(|finding| finding.rule.code == rule) {
        let line = finding.line.map_or_else(|| "file".to_owned(), |line| line.to_string());
        let (severity, message) = (finding.severity, &finding.message);
        writeln!(list, "{line}: {severity}: {message}").unwrap();
        writeln!(list, "    {}", finding.help.as_deref().unwrap_or_default()).unwrap();
        if let Some(saving) = finding.saving.as_deref().filter(|saving| saving.after < saving.before) {
            let time = saving.time().unwrap_or_default();
            let commands = (saving.before.commands, saving.after.commands);
            writeln!(list, "    saves {time}; {} commands, then {}", commands.0, commands.1).unwrap();
        }
        for line in finding.recipe_lines() {
            writeln!(list, "    | {line}").unwrap();
        }
    }
    if name.starts_with("silent-") {
        assert_eq!(list, "", "{}", path.display());
        return;
    }
    assert_ne!(list, "", "{} finds nothing", path.display());
    golden::check(path.with_extension("findings"), &list);
    let result = fixed(&text, rule, &nodes);
    let golden_fix = path.with_extension("fixed");
    if result.text() == text {
        assert!(!golden_fix.exists(), "{}: not fixed: {:?}", path.display(), result.rejected);
    } else {
        golden::check(&golden_fix, result.text());
        let again = fixed(result.text(), rule, &nodes);
        assert_eq!(again.text(), result.text(), "{}: fixed twice", path.display());
    }
}
