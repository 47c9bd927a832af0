//! Small Dockerfiles, each after a public report or a fault seen, of which it is known what is true: `tests/data/judgements`.
//!
//! The judge is a script, since it runs fixed scripts under a real shell with programs that only record how they are called.

use std::path::Path;
use std::process::Command;

#[test]
fn every_case_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/judgements");
    let judge = Command::new("python3")
        .arg(folder.join("check.py"))
        .arg(env!("CARGO_BIN_EXE_xsim"))
        .arg(folder.join("cases.jsonl"))
        .output()
        .expect("python3 runs the judge");
    let said = String::from_utf8_lossy(&judge.stdout);
    let totals = said.lines().last().unwrap_or_default();
    assert!(totals.starts_with("judged: "), "{said}{}", String::from_utf8_lossy(&judge.stderr));
    let is_case = |line: &&str| !line.starts_with([' ', 'j']) && line.contains(": ");
    let wrong = said.lines().filter(is_case).filter_map(|line| line.split(": ").next());
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0], "{said}");
}
