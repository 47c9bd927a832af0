//! What is read from logs of every form that public reports and repositories hold: `tests/data/logs`, which were written anew
//! after what was found, with other names.

use std::collections::BTreeMap;
use std::fs;

use xsim::ingest::{Outcome, Record, read};
use xsim::units::Nanos;

/// Of each log: builds, steps, cached, failed and stopped ones, and the seconds of all that came to an end.
const EXPECTED: &[(&str, [usize; 5], f64)] = &[
    ("act.log", [1, 4, 1, 0, 0], 7.9),
    ("bake-group.log", [1, 27, 0, 0, 0], 166.9),
    ("bake-shared.log", [1, 11, 1, 0, 0], 45.3),
    ("buildkite.log", [1, 2, 0, 0, 0], 20.1),
    ("cloud-build.log", [1, 4, 0, 1, 0], 3.4),
    ("cut-in-the-middle.log", [1, 3, 0, 0, 0], 54.1),
    ("excerpt.log", [1, 2, 0, 0, 0], 0.4),
    ("failed-then-again.log", [2, 6, 1, 1, 0], 5.0),
    ("gh-run-view.log", [2, 4, 0, 1, 0], 69.0),
    ("github-raw.txt", [1, 7, 0, 0, 0], 38.3),
    ("gitlab.log", [1, 4, 0, 0, 0], 34.2),
    ("heredocs.log", [1, 4, 1, 0, 0], 3.4),
    ("jenkins.log", [1, 2, 0, 0, 0], 30.0),
    ("named-again.log", [1, 8, 2, 0, 0], 85.2),
    ("other-numbers.log", [1, 2, 0, 0, 0], 1.5),
    ("powershell-utf16.log", [1, 5, 1, 1, 0], 1.0),
    ("rate-limited.log", [1, 2, 0, 1, 0], 0.0),
    ("terminal-compose.log", [1, 5, 0, 0, 0], 0.0),
    ("terminal-narrow.log", [1, 5, 1, 1, 1], 0.1),
    ("terminal-platforms.log", [1, 13, 2, 0, 0], 110.4),
    ("terminal-recorded.log", [1, 4, 0, 0, 0], 8.2),
    ("terminal-stopped.log", [1, 5, 1, 1, 1], 1.7),
    ("terminal-two.log", [2, 8, 2, 0, 0], 2.9),
    ("two-builds.log", [2, 10, 1, 0, 0], 2.7),
    ("windows-container.log", [1, 4, 0, 0, 1], 42.0),
];

/// Reads a log. One is kept as text, so that it can be read, and is in UTF-16 where PowerShell writes it.
fn kept(name: &str) -> Record {
    let path = format!("{}/tests/data/logs/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut bytes = fs::read(path).unwrap();
    if name.contains("utf16") {
        let text = String::from_utf8(bytes).unwrap();
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        bytes = units.flat_map(u16::to_le_bytes).collect();
    }
    read(bytes.as_slice()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn logs_of_every_form_lose_no_step() {
    let folder = format!("{}/tests/data/logs", env!("CARGO_MANIFEST_DIR"));
    let logs = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut logs: Vec<String> = logs.map(|name| name.to_string_lossy().into_owned()).collect();
    logs.sort();
    assert_eq!(logs, EXPECTED.iter().map(|(name, ..)| (*name).to_owned()).collect::<Vec<_>>());
    let mut wrong = BTreeMap::new();
    for (name, counts, seconds) in EXPECTED {
        let builds = kept(name).builds;
        let steps: Vec<_> = builds.iter().flat_map(|build| &build.steps).collect();
        let count = |outcome| steps.iter().filter(|step| step.outcome == outcome).count();
        let found = [
            builds.len(),
            steps.len(),
            count(Outcome::Cached),
            count(Outcome::Failed),
            count(Outcome::Canceled),
        ];
        let took: f64 = steps.iter().filter_map(|step| step.duration).map(Nanos::as_secs_f64).sum();
        if found != *counts || (took - seconds).abs() > 0.01 {
            let names: Vec<_> = steps.iter().map(|step| (step.outcome, &*step.name)).collect();
            wrong.insert(*name, format!("{found:?} {took:.1} {names:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_that_a_window_broke_are_whole() {
    let build = &kept("powershell-utf16.log").builds[0];
    let names: Vec<&str> = build.steps.iter().skip(2).map(|step| &*step.name).collect();
    assert_eq!(
        names,
        [
            "[pack 1/3] FROM docker.io/library/maven:3.9@sha256:47e924fde4f9e2f8307b5bc00d470f16e4",
            "[pack 2/3] COPY pom.xml gateway.jar /work/app/",
            "[pack 3/3] RUN mvn --batch-mode install:install-file -Dfile=gateway.jar",
        ]
    );
    let error = build.steps[4].error.as_deref().unwrap();
    assert!(error.ends_with("did not complete successfully: exit code: 1"), "{error}");
    let build = &kept("terminal-narrow.log").builds[0];
    assert_eq!(&*build.steps[4].name, "[backend deps 4/4] RUN bun install --frozen-lockfile");
}

#[test]
fn platforms_and_instants_are_those_of_the_log() {
    let build = &kept("github-raw.txt").builds[0];
    let platforms: Vec<_> = build.steps.iter().filter_map(|step| step.label().platform).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/amd64", "linux/arm64", "linux/arm64"]);
    assert!(build.tells_instants() && build.origin.runner.as_deref() == Some("ubuntu-24.04"));
    let recorded = &kept("terminal-recorded.log").builds[0];
    let make = recorded.steps[2].start().map(Nanos::as_secs_f64);
    assert!(make.is_some_and(|start| (start - 3.0).abs() < 0.6), "{make:?}");
}
