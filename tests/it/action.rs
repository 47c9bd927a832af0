//! The scripts that the GitHub Action runs, with GitHub's client played by a script.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of the action with these variables and nothing else of the environment but a path.
fn run(script: &str, path: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("bash");
    command.arg(root().join("packaging/action").join(script)).env_clear().env("PATH", path);
    command.envs(variables.iter().copied()).output().expect("bash runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A log of `tests/data/timing` and its Dockerfile.
fn timing(file: &str) -> String {
    root().join("tests/data/timing").join(file).to_string_lossy().into_owned()
}

/// Compares a log with its forecast and learns from it; returns the report.
fn learn(folder: &Path, log: &str, dockerfile: &str) -> String {
    let (profile, report) = (folder.join("kept/profile.toml"), folder.join("report.md"));
    let output = run(
        "learn.sh",
        &std::env::var("PATH").unwrap(),
        &[
            ("XSIM", env!("CARGO_BIN_EXE_xsim")),
            ("LOG", log),
            ("METADATA", ""),
            ("DOCKERFILE", dockerfile),
            ("PROFILE", &profile.to_string_lossy()),
            ("REPORT", &report.to_string_lossy()),
        ],
    );
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    fs::read_to_string(report).unwrap()
}

#[test]
fn a_profile_grows_and_the_forecast_is_that_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("kept/profile.toml");
    let logs = timing("diamond/cold.rawjson.gz");
    let dockerfile = timing("diamond/Dockerfile");
    let first = learn(folder.path(), &logs, &dockerfile);
    let learnt = fs::read_to_string(&profile).unwrap();
    // A log of another file teaches this one nothing and fails nothing.
    let other = learn(folder.path(), &timing("chain8/cold.rawjson.gz"), &dockerfile);
    assert!(other.contains("not one of"), "{other}");
    assert_eq!(fs::read_to_string(&profile).unwrap(), learnt);
    let second = learn(folder.path(), &format!("{logs}\n"), &dockerfile);
    assert_ne!(first, second, "the second forecast knows the first build");
    assert!(fs::read_to_string(&profile).unwrap().matches("[[learnt_from]]").count() > 1);
    assert!(!folder.path().join("kept/profile.toml.new").exists());
}

/// A folder with a `gh` that keeps what is sent, and answers that the comments in `known` are there.
fn with_client(known: &str, fails: bool) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let client = folder.path().join("gh");
    let sent = folder.path().join("sent");
    let exit = if fails { "exit 1" } else { "exit 0" };
    fs::write(
        &client,
        format!(
            "#!/bin/bash\ncase \"$*\" in *--jq*) printf '{known}'; exit 0;; esac\n\
             echo \"$*\" >>'{0}'\nfor word; do case $word in body=@*) cat \"${{word#body=@}}\" >>'{0}';; esac; done\n{exit}\n",
            sent.display()
        ),
    )
    .unwrap();
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    (folder, path)
}

fn comment(path: &str, report: &Path) -> Output {
    run(
        "comment.sh",
        path,
        &[("REPORT", &report.to_string_lossy()), ("REPOSITORY", "some/project"), ("NUMBER", "7")],
    )
}

fn written(folder: &Path, text: &str) -> PathBuf {
    let report = folder.join("report.md");
    fs::write(&report, text).unwrap();
    report
}

#[test]
fn there_is_one_comment_which_is_updated() {
    let cases = [
        ("", "--method POST repos/some/project/issues/7/comments "),
        ("11\\n12\\n", "--method PATCH repos/some/project/issues/comments/11 "),
    ];
    for (known, wanted) in cases {
        let (folder, path) = with_client(known, false);
        let output = comment(&path, &written(folder.path(), "took **3 s**\n"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let sent = fs::read_to_string(folder.path().join("sent")).unwrap();
        assert!(sent.contains(wanted), "{sent}");
        assert!(sent.ends_with("<!-- xsim: forecast and truth -->\ntook **3 s**\n"), "{sent}");
    }
}

#[test]
fn a_comment_that_may_not_be_written_fails_nothing_and_one_too_long_is_cut() {
    let (folder, path) = with_client("", true);
    let output = comment(&path, &written(folder.path(), &"x".repeat(100_000)));
    assert!(output.status.success() && text(&output.stderr).contains("could not be written"));
    assert!(fs::read(folder.path().join("sent")).unwrap().len() < 65_000);
}

#[test]
fn the_action_gives_its_scripts_what_they_read() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    for script in ["learn.sh", "comment.sh"] {
        assert!(action.contains(&format!("packaging/action/{script}")), "{script}");
        let text = fs::read_to_string(root().join("packaging/action").join(script)).unwrap();
        let about = text.lines().skip(2).take_while(|line| line.starts_with('#'));
        let variables =
            about.filter_map(|line| line.strip_prefix("# ")?.split_once("  ").map(|(name, _)| name));
        let mut count = 0;
        for variable in
            variables.filter(|name| name.chars().all(|char| char.is_ascii_uppercase() || char == '_'))
        {
            count += 1;
            assert!(
                action.contains(&format!("{variable}: $")) || action.contains(&format!("{variable}=")),
                "{script}: {variable}"
            );
        }
        assert!(count >= 4, "{script}: {count}");
    }
}
