//! Small Dockerfiles, each after a public report or a fault seen, of which it is known what is true: `tests/data/judgements`.
//!
//! The judge is a script, since it runs fixed scripts under a real shell with programs that only record how they are called.

use std::path::Path;
use std::process::Command;

/// Cases that are not right yet, each with the reason.
const KNOWN: &[&str] = &[
    // What its requirements.txt names is not known, and half of such lists are done in a quarter of the time.
    "time-apt-pip",
];

#[test]
fn every_case_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/judgements");
    let judge = Command::new("python3")
        .arg(folder.join("check.py"))
        .arg(env!("CARGO_BIN_EXE_xsim"))
        .args(
            ["cases.jsonl", "public.jsonl", "further.jsonl", "unseen.jsonl"].map(|cases| folder.join(cases)),
        )
        .output()
        .expect("python3 runs the judge");
    let said = String::from_utf8_lossy(&judge.stdout);
    let totals = said.lines().last().unwrap_or_default();
    assert!(totals.starts_with("judged: "), "{said}{}", String::from_utf8_lossy(&judge.stderr));
    let is_id = |word: &&str| {
        *word != "judged" && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let wrong: Vec<&str> =
        said.lines().filter_map(|line| line.split_once(": ")).map(|(id, _)| id).filter(is_id).collect();
    let new: Vec<&&str> = wrong.iter().filter(|id| !KNOWN.contains(id)).collect();
    assert!(new.is_empty(), "{new:?}\n{said}");
}
