//! `xsim scan` through the program: repositories and tables, in order, remembered, and whatever they hold.

#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use xsim::scan::Row;

use crate::written::folder;

const WORKFLOW: &str = "\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          file: docker/Dockerfile
          platforms: linux/amd64,linux/arm64
          build-args: A=1
      - uses: docker/build-push-action@v6
        with:
          file: gone/Dockerfile
          platforms: ${{ vars.PLATFORMS }}
      - uses: docker/build-push-action@v6
        with:
          file: ${{ vars.FILE }}
      - uses: docker/build-push-action@v6
        with:
          file: docker/Based
          build-args: |
            BASE=${{ vars.BASE }}
          build-contexts: |
            ${{ vars.NAME }}=docker-image://alpine
";

const SLOW: &str = "FROM debian\nARG A=0\nRUN make $A\n";

fn scan(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).arg("scan").args(args).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn rows(folder: &Path, args: &[&str]) -> Vec<Row> {
    let output = scan(folder, &[args, &["--format", "jsonl"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A table of Dockerfiles that are all different, some of them broken.
fn table(count: usize) -> String {
    let line = |at: usize| match at % 7 {
        6 => "no object\n".to_owned(),
        5 => format!("{{\"content\":\"FROM\\nNONSENSE {at}\",\"id\":{at}}}\n"),
        _ => {
            format!("{{\"content\":\"FROM debian\\nRUN make step{at}\\nRUN apt-get update\",\"id\":{at}}}\n")
        }
    };
    (0..count).map(line).collect()
}

#[test]
fn a_repository_has_a_row_for_each_build_of_its_pipelines_else_for_each_dockerfile() {
    let folder = folder(&[
        ("all/acme/api/.github/workflows/ci.yml", WORKFLOW),
        ("all/acme/api/docker/Dockerfile", SLOW),
        ("all/acme/api/docker/Based", "ARG BASE\nFROM $BASE\n"),
        ("all/acme/api/Dockerfile", "FROM nobody-builds-this\n"),
        ("all/acme/web/Dockerfile", SLOW),
        ("all/acme/web/vendor/x/Dockerfile", SLOW),
        ("all/acme/web/README", ""),
        ("all/other/empty/README", ""),
    ]);
    let rows = rows(folder.path(), &["all", "--platform", "linux/arm64"]);
    let said: Vec<_> = rows.iter().map(|row| (&*row.repository, &*row.file, &*row.place)).collect();
    let expected = [
        ("acme/api", "docker/Dockerfile", ".github/workflows/ci.yml:6"),
        ("acme/api", "gone/Dockerfile", ".github/workflows/ci.yml:11"),
        ("acme/api", "${{ vars.FILE }}", ".github/workflows/ci.yml:15"),
        ("acme/api", "docker/Based", ".github/workflows/ci.yml:18"),
        ("acme/web", "Dockerfile", "Dockerfile"),
    ];
    assert_eq!(said, expected);
    assert_eq!(rows[0].platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!((rows[0].runs, rows[0].emulated), (2, 1));
    assert!(rows[0].lost_s > 0.0 && rows[0].p10_s < rows[0].p90_s, "{:?}", rows[0]);
    assert_eq!(rows[1].error.as_deref(), Some("gone/Dockerfile is not in the repository"));
    assert_eq!(rows[1].unknown, ["platforms: ${{ vars.PLATFORMS }}"]);
    assert_eq!((&rows[2].error, rows[2].unknown.len(), rows[2].p50_s), (&None, 1, None));
    let unknown = ["argument BASE: ${{ vars.BASE }}", "context ${{ vars.NAME }}: docker-image://alpine"];
    assert_eq!((&rows[3].error, &rows[3].unknown[..2]), (&None, &unknown.map(str::to_owned)[..]));
    assert!(rows[3].unknown[2].starts_with("whether it can be built: line 2: "), "{:?}", rows[3].unknown);
    assert_eq!(rows[4].platforms, ["linux/arm64"], "what nothing builds is built as was asked for");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder(&[("t.jsonl", &table(500))]);
    let of =
        |threads| scan(folder.path(), &["t.jsonl", "--key", "id", "--format", "jsonl", "--threads", threads]);
    let one = of("1");
    assert_eq!(String::from_utf8(one.stdout.clone()).unwrap().lines().count(), 500);
    for threads in ["2", "5"] {
        assert!(of(threads).stdout == one.stdout, "{threads} threads");
    }
    for format in ["text", "html", "sarif"] {
        let of = |threads| scan(folder.path(), &["t.jsonl", "--format", format, "--threads", threads]).stdout;
        assert!(of("1") == of("3"), "{format}");
    }
}

#[test]
fn a_scan_goes_on_where_it_was_stopped() {
    let folder = folder(&[("t.jsonl", &table(300))]);
    let whole = rows(folder.path(), &["t.jsonl", "--key", "id"]);
    let args = ["t.jsonl", "--key", "id", "--resume", "rows"];
    assert_eq!(rows(folder.path(), &args), whole);
    // A scan that was stopped has left some lines, the last one cut off.
    let remembered = fs::read(folder.path().join("rows")).unwrap();
    fs::write(folder.path().join("rows"), &remembered[..remembered.len() / 2]).unwrap();
    assert_eq!(rows(folder.path(), &args), whole);
    let now = fs::read(folder.path().join("rows")).unwrap();
    assert!(now.len() < remembered.len() + 4096, "only what was missing is worked out");
    // What is remembered is taken: a row that somebody changed stays changed, unless the settings are others.
    let text = String::from_utf8(now).unwrap().replace("\"runs\":2", "\"runs\":77");
    fs::write(folder.path().join("rows"), text).unwrap();
    assert_eq!(rows(folder.path(), &args)[0].runs, 77);
    let others = [&args[..], &["--platform", "linux/arm64"]].concat();
    assert_ne!(rows(folder.path(), &others)[0].runs, 77);
}

#[test]
fn what_cannot_be_read_is_a_row() {
    let binary = "{\"content\":\"\\u0000\\u001b[31m::error::\\u202e\"}\n{\"content\":\"\"}\n";
    let folder = folder(&[("t.jsonl", binary), ("Dockerfile", "RUN before FROM\n")]);
    let rows = rows(folder.path(), &["t.jsonl", "Dockerfile"]);
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.error.is_some() && row.p50_s.is_none()), "{rows:?}");
    assert_eq!(rows[2].file, "Dockerfile");
    assert_eq!(scan(folder.path(), &["no/such/path"]).status.code(), Some(4));
    assert_eq!(scan(folder.path(), &["t.jsonl", "--platform", "x/y/z/w"]).status.code(), Some(2));
}

#[test]
fn a_log_of_a_table_that_is_none_stays_small() {
    let folder = folder(&[("t.jsonl", &"no JSON\n".repeat(1_200))]);
    let output = scan(folder.path(), &["t.jsonl", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 1_000);
    assert_eq!(invocation["executionSuccessful"], false);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("what is said of 200 builds had no room in the log"), "{said}");
}

#[test]
fn texts_of_files_steer_nothing() {
    let evil = "\\u001b[31m</script><img src=x>\\n::error::x ##[add-mask]y\\u202e";
    let line =
        format!("{{\"content\":\"FROM debian\\nRUN make {evil}\",\"id\":\"{evil}\",\"r\":\"{evil}\"}}\n");
    let folder = folder(&[("t.jsonl", &line)]);
    for format in ["text", "jsonl", "html", "sarif"] {
        let args =
            ["t.jsonl", "--key", "id", "--repository", "r", "--platform", "linux/arm64", "--format", format];
        let output = scan(folder.path(), &args);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!text.is_empty());
        for sign in ["\x1b", "\u{202e}", "##[", "\n::"] {
            assert!(!text.contains(sign), "{format}: {sign:?} in {text}");
        }
        assert!(format != "html" || !text.contains("<img"), "{text}");
    }
}

#[test]
fn a_result_goes_to_a_file() {
    let folder = folder(&[("t.jsonl", &table(20)), ("out", "old")]);
    let output = scan(folder.path(), &["t.jsonl", "--format", "jsonl", "--output", "out"]);
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap().lines().count(), 20);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
}

#[cfg(feature = "parquet")]
#[test]
fn tables_in_parquet_are_read_and_written() {
    let folder = folder(&[("t.jsonl", &table(100)), ("broken.parquet", "PAR1 no more")]);
    let output =
        scan(folder.path(), &["t.jsonl", "--key", "id", "--format", "parquet", "--output", "rows.parquet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // A table of rows has texts, too, of which none is a Dockerfile.
    let again =
        rows(folder.path(), &["rows.parquet", "--column", "place", "--key", "file", "--repository", "hash"]);
    let first = rows(folder.path(), &["t.jsonl", "--key", "id"]);
    assert_eq!(again.len(), 100);
    for (at, (again, first)) in again.iter().zip(&first).enumerate() {
        assert_eq!((&again.file, &again.repository), (&first.file, &first.hash));
        assert_eq!(again.place, format!("rows.parquet:{}", at + 1));
        assert!(again.error.is_some());
    }
    let output = scan(folder.path(), &["rows.parquet", "--column", "nothing"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("it has repository, file, place"));
    assert_eq!(scan(folder.path(), &["broken.parquet"]).status.code(), Some(4));
}
