//! What is read from logs of every form that public reports and repositories hold: `tests/data/logs`, each with the table of
//! its steps. They were written anew after what was found, with other names.

use std::fmt::Write as _;
use std::fs;

use xsim::ingest::{ObservedBuild, read};

use crate::golden::check;

/// The table of a build: each step with what became of it, how long it took and when it began, where the log tells.
fn table(build: &ObservedBuild) -> String {
    let mut text = String::new();
    for step in &build.steps {
        let label = step.label();
        let seconds = |time: Option<xsim::units::Nanos>| {
            time.map_or_else(|| "-".to_owned(), |time| format!("{:.1}", time.as_secs_f64()))
        };
        let (took, start) = (seconds(step.duration), seconds(step.start()));
        let platform = label.platform.unwrap_or("-");
        let _ = writeln!(text, "{:?}\t{took}\t{start}\t{platform}\t{}", step.outcome, step.name);
        if let Some(error) = &step.error {
            let _ = writeln!(text, "\terror: {error}");
        }
        for line in &step.output {
            let _ = writeln!(text, "\tprinted: {line}");
        }
    }
    text
}

#[test]
fn logs_of_every_form_lose_no_step() {
    let folder = format!("{}/tests/data/logs", env!("CARGO_MANIFEST_DIR"));
    let mut logs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    logs.retain(|path| path.extension().is_some_and(|extension| extension != "steps"));
    logs.sort();
    assert!(logs.len() >= 24, "{}", logs.len());
    for log in logs {
        let mut bytes = fs::read(&log).unwrap();
        let name = log.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains("utf16") {
            // Kept as text, so that it can be read; on a disk it is as PowerShell writes it.
            let text = String::from_utf8(bytes).unwrap();
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            bytes = units.flat_map(u16::to_le_bytes).collect();
        }
        let record = read(bytes.as_slice()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut text = String::new();
        for build in &record.builds {
            let place = if build.place.is_empty() { "-" } else { &build.place };
            let stated = build.stated.map_or_else(|| "-".to_owned(), |time| time.to_string());
            let _ = writeln!(text, "build\t{place}\tstated {stated}\t{:?}", build.origin.driver);
            text.push_str(&table(build));
        }
        check(format!("tests/data/logs/{name}.steps"), &text);
    }
}
