//! `xsim fix` as a user runs it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PLATFORMS: [&str; 4] = ["--platform", "linux/amd64,linux/arm64", "--build-platform", "linux/amd64"];

const BEFORE: &str = "FROM golang:1.25 AS base\n\
                      # Tools.\n\
                      FROM --platform=$BUILDPLATFORM base AS tools\n\
                      RUN go version\n\
                      FROM --platform=$TARGETPLATFORM alpine\n\
                      COPY --from=tools /x /x\n";

const AFTER: &str = "FROM golang:1.25 AS base\n\
                     # Tools.\n\
                     FROM base AS tools\n\
                     RUN go version\n\
                     FROM alpine\n\
                     COPY --from=tools /x /x\n";

#[track_caller]
fn run(args: &[&str], stdin: &str, code: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.arg("fix").args(args).args(PLATFORMS).env("LANG", "C.UTF-8");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(code), "{args:?}: {err}");
    (out, err)
}

fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fix");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_difference_is_what_patch_reads() {
    let (out, err) = run(&["-"], BEFORE, 0);
    assert!(out.starts_with("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,6 +1,6 @@\n"), "{out}");
    assert!(out.contains("\n-FROM --platform=$BUILDPLATFORM base AS tools\n+FROM base AS tools\n"), "{out}");
    assert!(err.contains("ignored-platform-flag") && err.contains("2 fixes"), "{err}");
    let (out, err) = run(&["-", "--diff", "--only", "redundant-target-platform"], BEFORE, 0);
    assert!(out.contains("+FROM alpine") && !out.contains("+FROM base"), "{out}");
    assert!(err.contains("1 fix"), "{err}");
    let (out, err) = run(&["-"], AFTER, 0);
    assert_eq!((&*out, &*err), ("", "nothing to fix\n"));
}

#[test]
fn the_story_says_what_it_saves() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/foreign-tool/before.Dockerfile");
    let (out, err) = run(&[sample], "", 0);
    assert!(
        out.contains("+FROM --platform=$BUILDPLATFORM qmcgaw/xcputranslate:v0.9.0 AS xcputranslate"),
        "{out}"
    );
    assert!(
        err.contains("foreign-image-copy") && err.contains(", saves ") && err.contains(" instead of "),
        "{err}"
    );
}

#[test]
fn writing_keeps_line_ends_mark_and_comments() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let path = file("windows.Dockerfile", &windows(BEFORE));
    let (out, _) = run(&[path.to_str().unwrap(), "--write"], "", 0);
    assert_eq!(out, "");
    assert_eq!(fs::read_to_string(&path).unwrap(), windows(AFTER));
}

#[cfg(unix)]
#[test]
fn writing_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let path = file("mode.Dockerfile", BEFORE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = path.with_file_name("link.Dockerfile");
    let _ = fs::remove_file(&link);
    symlink(&path, &link).unwrap();
    run(&[link.to_str().unwrap(), "--write"], "", 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), AFTER);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn answers_decide() {
    let path = file("asked.Dockerfile", BEFORE);
    let (out, err) = run(&[path.to_str().unwrap(), "--interactive"], "what\nn\ny\n", 0);
    assert_eq!(out, "");
    assert_eq!(err.matches("apply it?").count(), 3, "{err}");
    let half = BEFORE.replace("--platform=$TARGETPLATFORM ", "");
    assert_eq!(fs::read_to_string(&path).unwrap(), half);
    let (_, err) = run(&[path.to_str().unwrap(), "--interactive"], "", 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), half, "no answer is no");
    assert!(err.contains("nothing to fix") || err.contains("apply it?"), "{err}");
}

#[test]
fn what_is_wrong_is_said() {
    let (_, err) = run(&["-", "--only", "ignored-platform-flags"], BEFORE, 2);
    assert!(err.contains("did you mean ignored-platform-flag?"), "{err}");
    run(&["-", "--write"], BEFORE, 2);
    let (_, err) = run(&["-"], "FROM alpine\nFOO bar\n", 3);
    assert!(err.contains("error"), "{err}");
}

#[test]
fn a_file_that_cannot_be_built_may_be_cured() {
    let (out, err) = run(&["-"], "FROM alpine AS Base\nFROM Base\nRUN true\n", 0);
    assert!(out.contains("+FROM base\n"), "{out}{err}");
}

/// The words of a hook's `entry`, as pre-commit starts it with the files behind.
fn entry(hook: &str) -> Vec<String> {
    let hooks = include_str!("../../../.pre-commit-hooks.yaml");
    let own = hooks.split("- id: ").find(|text| text.lines().next() == Some(hook)).unwrap();
    let line = own.lines().find_map(|line| line.trim().strip_prefix("entry: xsim fix")).unwrap();
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_hook_writes_every_file_it_is_given() {
    let files =
        [file("one.Dockerfile", BEFORE), file("two.Dockerfile", BEFORE), file("ok.Dockerfile", AFTER)];
    let names: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    let entry = entry("xsim-fix");
    let words: Vec<&str> = entry.iter().map(String::as_str).chain(names.iter().copied()).collect();
    let (out, err) = run(&words, "", 0);
    assert_eq!(out, "");
    for path in &files {
        assert_eq!(fs::read_to_string(path).unwrap(), AFTER, "{}", path.display());
    }
    assert!(err.contains(names[0]) && err.contains(names[1]) && !err.contains(names[2]), "{err}");
    assert_eq!(run(&words, "", 0).1, "", "a second run has nothing to say");
    let broken = file("broken.Dockerfile", "FROM alpine\nFOO bar\n");
    let late = file("late.Dockerfile", BEFORE);
    run(&["--write", broken.to_str().unwrap(), late.to_str().unwrap()], "", 3);
    assert_eq!(fs::read_to_string(&late).unwrap(), AFTER, "one bad file keeps no other from being written");
    let (out, _) = run(&[names[0], "-"], BEFORE, 0);
    assert!(out.starts_with("--- a/Dockerfile\n"), "{out}");
}
