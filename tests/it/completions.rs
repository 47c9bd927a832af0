//! What a shell is answered while a command is typed, asked as the script of `xsim completions` asks.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What is offered for the last of `words`, in a folder.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut asked = Command::new(env!("CARGO_BIN_EXE_xsim"));
    asked
        .env("XSIM_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n");
    let output = asked.current_dir(folder).args(["--", "xsim"]).args(words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn names_of_xsim_are_offered() {
    let folder = tempfile::tempdir().unwrap();
    let offered = |words: &[&str]| offered(folder.path(), words);
    assert!(offered(&["ana"]).contains(&"analyze".to_owned()));
    assert!(offered(&["analyze", "--machine", "native"]).contains(&"native-pair".to_owned()));
    assert_eq!(offered(&["analyze", "--platform", "linux/arm6"]), ["linux/arm64"]);
    assert_eq!(offered(&["analyze", "--platform", "linux/amd64,linux/arm6"]), ["linux/amd64,linux/arm64"]);
    assert_eq!(offered(&["fix", "--only", "foreign-i"]), ["foreign-image-copy"]);
}

#[test]
fn stages_of_the_file_on_the_line_are_offered() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("Dockerfile", "FROM alpine AS Base\nFROM base AS app\nFROM app\n");
    write("other", "FROM alpine AS elsewhere\nFROM alpine AS $(x)\nFROM alpine AS a;b\n");
    let stages = |words: &[&str]| offered(folder.path(), words);
    assert_eq!(stages(&["analyze", "--target", ""]), ["base", "app"]);
    assert_eq!(stages(&["analyze", "--target", "a"]), ["app"]);
    assert_eq!(stages(&["graph", "other", "--target", ""]), ["elsewhere"], "no name that a shell could run");
    assert_eq!(stages(&["fix", "-f", "other", ".", "--target", ""]), ["elsewhere"]);
    assert_eq!(stages(&["check", "--file=other", ".", "--target", ""]), ["elsewhere"]);
    assert_eq!(stages(&["analyze", "none", "-f", "missing", "--target", ""]), [""; 0]);
}

#[test]
fn targets_of_the_definition_on_the_line_are_offered() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "docker-bake.hcl",
        "group \"all\" { targets = [\"app\", \"web\"] }\ntarget \"app\" {}\ntarget \"web\" {}\n",
    );
    write("other.hcl", "target \"only\" {}\n");
    let targets = |words: &[&str]| offered(folder.path(), words);
    assert_eq!(targets(&["bake", ""])[..3], ["all", "app", "web"]);
    assert_eq!(targets(&["bake", "-f", "other.hcl", ""])[..2], ["only", "--file"]);
    assert_eq!(targets(&["analyze", "docker-bake.hcl#w"]), ["docker-bake.hcl#web"]);
    assert!(targets(&["analyze", "docker-b"]).contains(&"docker-bake.hcl".to_owned()));
}
