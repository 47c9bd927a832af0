//! Mistakes that everybody makes, and what the program says to type instead.

use crate::cli::{exits, folder, stderr, stdout};

const MANY: &str =
    "FROM --platform=$BUILDPLATFORM alpine AS build\nRUN true\nFROM alpine AS app\nCOPY --from=build /a /\n";

#[test]
fn the_file_and_the_context_as_in_buildx() {
    let folder = folder("as-in-buildx");
    std::fs::create_dir_all(folder.join("docker")).unwrap();
    std::fs::write(folder.join("docker/app.Dockerfile"), "FROM scratch\nCOPY big /\n").unwrap();
    std::fs::write(folder.join("big"), vec![0; 3_000_000]).unwrap();
    let (file, context) = (folder.join("docker/app.Dockerfile"), folder.display().to_string());
    let file = file.display().to_string();
    for command in ["analyze", "graph", "check", "fix"] {
        exits(&[command, "-f", &file, &context], "", 0);
        exits(&[command, "--file", &file, &context], "", 0);
    }
    let shown = stdout(&exits(&["analyze", "-f", &file, &context], "", 0));
    assert!(shown.contains("3.0 MB"), "the argument is the context: {shown}");
    let other = folder.join("docker").display().to_string();
    let shown = stdout(&exits(&["analyze", "-f", &file, &context, "--context", &other], "", 0));
    assert!(!shown.contains("3.0 MB"), "--context beats it: {shown}");
}

#[test]
fn a_folder_without_a_dockerfile() {
    let folder = folder("no-dockerfile");
    let path = folder.display().to_string();
    assert!(stderr(&exits(&["analyze", &path], "", 4)).contains("holds no Dockerfile"));
    std::fs::write(folder.join("Containerfile"), "FROM alpine\n").unwrap();
    assert!(stdout(&exits(&["analyze", &path], "", 0)).contains("Containerfile"));
    std::fs::write(folder.join("Dockerfile.debian"), "FROM debian\n").unwrap();
    let said = stderr(&exits(&["analyze", &path], "", 2));
    assert!(said.contains("Containerfile") && said.contains("Dockerfile.debian"), "{said}");
}

#[test]
fn names_that_do_not_exist() {
    let said = |args: &[&str], code| stderr(&exits(&[&["analyze", "-"], args].concat(), MANY, code));
    let doubted = said(&["--platform", "linux/amd46"], 0);
    assert!(doubted.contains("did you mean amd64?"), "{doubted}");
    assert!(said(&["--platform", "linux/amd64,linux/riscv64"], 0).is_empty());
    let stages = said(&["--target", "nope"], 3);
    assert!(stages.contains("the stages are `build`, `app`"), "{stages}");
    assert!(said(&["--target", "bu1ld"], 3).contains("did you mean `build`?"));
}

#[test]
fn a_file_for_several_platforms_looked_at_for_one() {
    let hint = |args: &[&str], file: &str| stderr(&exits(&[&["analyze", "-"], args].concat(), file, 0));
    let said = hint(&[], MANY);
    assert!(said.contains("BUILDPLATFORM") && said.contains("--platform linux/amd64,linux/arm64"), "{said}");
    assert!(hint(&["--platform", "linux/amd64"], MANY).is_empty(), "it was decided");
    assert!(hint(&["--format", "json"], MANY).is_empty(), "no person reads it");
    assert!(hint(&[], "FROM alpine\n").is_empty());
}

#[test]
fn every_command_shows_how_people_begin() {
    for command in
        ["analyze", "check", "compare", "graph", "explain", "fix", "calibrate", "observe", "translate"]
    {
        let help = stdout(&exits(&[command, "--help"], "", 0));
        let (_, examples) = help.split_once("Examples:").expect("examples");
        assert!(examples.contains(&format!("xsim {command} ")), "{examples}");
    }
}
