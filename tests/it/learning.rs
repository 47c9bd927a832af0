//! Calibration that cannot mislead: every way in which a log once taught something wrong without a word.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs xsim in a folder.
fn xsim(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.args(arguments).current_dir(folder).output().expect("xsim runs")
}

/// All that a run said.
fn said(output: &Output) -> String {
    [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat()
}

fn timing(file: &str) -> String {
    format!("{}/tests/data/timing/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// A step of a log with instants, from a second to another.
fn step(number: usize, name: &str, from: u32, to: u32) -> String {
    let at = |second: u32| format!("2026-08-01T12:{:02}:{:02}Z", second / 60, second % 60);
    format!("{} #{number} {name}\n{} #{number} DONE {}.0s\n", at(from), at(to), to - from)
}

#[test]
fn the_machine_is_that_of_the_log_and_another_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let log = "2026-08-01T11:59:59Z Image: ubuntu-24.04-arm\n".to_owned() + &step(1, "[1/1] RUN make", 0, 20);
    fs::write(folder.path().join("log"), log).unwrap();
    let learnt = xsim(folder.path(), &["calibrate", "--log", "log", "-o", "arm.toml"]);
    assert!(said(&learnt).contains("GitHub's runner ubuntu-24.04-arm"), "{}", said(&learnt));
    // Of a log that says nothing the machine is that of `analyze`, and it is said that nothing is known.
    fs::write(folder.path().join("log"), step(1, "[1/1] RUN make", 0, 20)).unwrap();
    let learnt = xsim(folder.path(), &["calibrate", "--log", "log", "-o", "four.toml"]);
    assert!(said(&learnt).contains("the default of analyze, too: the logs do not say"), "{}", said(&learnt));
    fs::write(folder.path().join("Dockerfile"), "FROM gcc\nRUN make\n").unwrap();
    let same = xsim(folder.path(), &["analyze", "Dockerfile", "--profile", "four.toml"]);
    assert!(!said(&same).contains("was learnt on"), "{}", said(&same));
    let counted = xsim(
        folder.path(),
        &[
            "calibrate",
            "--log",
            &timing("diamond/cold.rawjson.gz"),
            "--metadata",
            &timing("diamond/cold.metadata.json.gz"),
            "-o",
            "two.toml",
        ],
    );
    assert!(said(&counted).contains("2 cores that the builder counts"), "{}", said(&counted));
    let other = xsim(
        folder.path(),
        &["analyze", "Dockerfile", "--profile", "two.toml", "--machine", "ubuntu-latest"],
    );
    assert!(said(&other).contains("was learnt on 2 cores, and ubuntu-latest has 4"), "{}", said(&other));
}

#[test]
fn a_replay_that_misses_names_the_steps() {
    let folder = tempfile::tempdir().unwrap();
    let log = step(1, "[a 1/1] RUN make a", 0, 10)
        + &step(2, "[b 1/1] RUN make b", 20, 80)
        + &step(3, "[c 1/1] RUN make c", 20, 100);
    fs::write(folder.path().join("log"), log).unwrap();
    let output = xsim(folder.path(), &["calibrate", "--log", "log", "-o", "p.toml"]);
    let said = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("warning: replayed") && said.contains("RUN make c (1 m 20 s)"), "{said}");
}

#[test]
fn what_is_of_another_build_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let log = timing("diamond/cold.rawjson.gz");
    let metadata = timing("chain8/cold.metadata.json.gz");
    let output = xsim(folder.path(), &["calibrate", "--log", &log, "--metadata", &metadata, "-o", "p.toml"]);
    assert!(
        output.status.success() && said(&output).contains("most of its steps are in none of the logs"),
        "{}",
        said(&output)
    );
    let dockerfile = timing("chain8/Dockerfile");
    let output =
        xsim(folder.path(), &["calibrate", "--log", &log, "--dockerfile", &dockerfile, "-o", "p.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("none of the logs is of"), "{}", said(&output));
    let output =
        xsim(folder.path(), &["observe", &log, "--dockerfile", &dockerfile, "--fail-on", "disagreement"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn a_log_of_cached_steps_teaches_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let log = "#0 building with \"default\" instance using docker driver\n#1 [1/2] FROM docker.io/library/x:1\n\
               #1 DONE 0.0s\n#2 [2/2] RUN make\n#2 CACHED\n";
    fs::write(folder.path().join("log"), log).unwrap();
    let output = xsim(folder.path(), &["calibrate", "--log", "log", "-o", "p.toml"]);
    let said = said(&output);
    assert!(!fs::read_to_string(folder.path().join("p.toml")).unwrap().contains("[[pull]]"), "no free pull");
    assert!(
        said.contains("cached") && !said.contains("never started") && !said.contains("unfinished"),
        "{said}"
    );
}

#[test]
fn a_slow_down_that_a_log_shows_wins() {
    let folder = tempfile::tempdir().unwrap();
    let log = step(1, "[linux/amd64 b 2/2] RUN make -j1", 0, 10)
        + &step(2, "[linux/arm64 b 2/2] RUN make -j1", 20, 78);
    fs::write(folder.path().join("log"), log).unwrap();
    let output = xsim(folder.path(), &["calibrate", "--log", "log", "-o", "p.toml"]);
    let profile = fs::read_to_string(folder.path().join("p.toml")).unwrap();
    let factor = profile.lines().find_map(|line| line.strip_prefix("factor = ")).expect("a factor");
    let factor: f64 = factor.trim().parse().unwrap();
    assert!((5.3..6.8).contains(&factor), "the log shows 5.8: {factor} {}", said(&output));
}

#[test]
fn a_profile_grows_and_says_what_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    for (seconds, old) in [(10, None), (40, Some("p.toml"))] {
        fs::write(folder.path().join("log"), step(1, "[2/2] RUN make all", 0, seconds)).unwrap();
        let update = old.map_or_else(Vec::new, |old| vec!["--update", old]);
        let output =
            xsim(folder.path(), &[&["calibrate", "--log", "log", "-o", "p.toml"], &update[..]].concat());
        assert!(output.status.success(), "{}", said(&output));
    }
    fs::write(folder.path().join("Dockerfile"), "FROM gcc\nRUN make all\nRUN make other\n").unwrap();
    let output = xsim(folder.path(), &["profile", "show", "p.toml", "--dockerfile", "Dockerfile"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for wanted in ["from 2 logs", "make all", "of the 2 commands of the Dockerfile 1 are measured"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let row = text.lines().find(|line| line.contains("make all")).expect("a row");
    assert!(row.trim_end().ends_with('2'), "seen twice: {row}");
}
