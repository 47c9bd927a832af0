//! Files that are written, files among others, and settings that somebody else wrote.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{PLATFORMS, command, folder, text, xsim};

/// A file in which there is something to fix.
const FIXABLE: &str = "FROM --platform=$TARGETPLATFORM alpine\nRUN x\n";

/// Writes a Dockerfile that can be fixed and gives the arguments that fix it.
fn fixable(folder: &Path) -> Vec<&'static str> {
    std::fs::write(folder.join("Dockerfile"), FIXABLE).unwrap();
    ["fix", "Dockerfile", "--write"].into_iter().chain(PLATFORMS).collect()
}

/// Nothing but what was there before stands in a folder.
#[track_caller]
fn holds_only(folder: &Path, names: &[&str]) {
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, names);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_result_goes_where_its_name_leads() {
        let folder = folder("output");
        std::fs::write(folder.join("Dockerfile"), FIXABLE).unwrap();
        let write = |name: &str| xsim(&folder, &["analyze", "Dockerfile", "--output", name]);
        let expected = xsim(&folder, &["analyze", "Dockerfile"]).stdout;
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        // A link stays one, also one that leads to what is not there yet.
        std::fs::write(folder.join("target"), "old").unwrap();
        set_mode(&folder.join("target"), 0o600);
        symlink("target", folder.join("link")).unwrap();
        symlink("new", folder.join("dangling")).unwrap();
        for (link, target) in [("link", "target"), ("dangling", "new")] {
            assert_eq!(write(link).status.code(), Some(0));
            assert!(folder.join(link).is_symlink());
            assert_eq!(read(target), expected);
        }
        assert_eq!(mode(&folder.join("target")), 0o600, "permissions stay");
        // What is read-only, or has another name, stays as it is.
        set_mode(&folder.join("target"), 0o444);
        std::fs::write(folder.join("one"), "old").unwrap();
        std::fs::hard_link(folder.join("one"), folder.join("other")).unwrap();
        for (name, said) in [("target", "read-only"), ("one", "hard links")] {
            let before = read(name);
            let output = write(name);
            assert_eq!(output.status.code(), Some(4), "{name}");
            assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
            assert_eq!(read(name), before);
        }
        assert_eq!(std::fs::metadata(folder.join("one")).unwrap().nlink(), 2);
        // A loop of links is an error, a folder too.
        symlink("loop", folder.join("loop")).unwrap();
        assert_eq!(write("loop").status.code(), Some(4));
        assert_eq!(write(".").status.code(), Some(4));
        holds_only(&folder, &["Dockerfile", "dangling", "link", "loop", "new", "one", "other", "target"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn standard_output_by_name_is_standard_output() {
        let folder = folder("stdout");
        std::fs::write(folder.join("Dockerfile"), FIXABLE).unwrap();
        let expected = xsim(&folder, &["analyze", "Dockerfile"]).stdout;
        for name in ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"] {
            assert_eq!(xsim(&folder, &["analyze", "Dockerfile", "--output", name]).stdout, expected);
            let file = std::fs::File::create(folder.join("log")).unwrap();
            let status =
                command(&folder, &["analyze", "Dockerfile", "--output", name]).stdout(file).status().unwrap();
            assert_eq!(status.code(), Some(0));
            assert_eq!(std::fs::read(folder.join("log")).unwrap(), expected, "{name}");
        }
        let status = xsim(&folder, &["analyze", "Dockerfile", "--output", "/dev/null"]).status;
        assert_eq!(status.code(), Some(0));
        assert!(!Path::new("/dev/null").is_file());
    }

    #[test]
    fn a_fix_keeps_what_a_file_has() {
        let folder = folder("fix");
        let args = fixable(&folder);
        let path = folder.join("Dockerfile");
        set_mode(&path, 0o640);
        // Where attributes cannot be set, there are none to keep.
        let set = Command::new("setfattr").args(["-n", "user.mark", "-v", "kept"]).arg(&path).status();
        let has_attribute = set.is_ok_and(|status| status.success());
        let owner = std::fs::metadata(&path).unwrap().uid();
        // As somebody else's file, where that can be had.
        let given = std::os::unix::fs::chown(&path, Some(12_345), Some(12_345)).is_ok();
        assert_eq!(xsim(&folder, &args).status.code(), Some(0));
        let after = std::fs::metadata(&path).unwrap();
        assert_ne!(std::fs::read_to_string(&path).unwrap(), FIXABLE);
        assert_eq!(mode(&path), 0o640);
        assert_eq!(after.uid(), if given { 12_345 } else { owner });
        if has_attribute {
            let shown = Command::new("getfattr").args(["-n", "user.mark"]).arg(&path).output().unwrap();
            assert!(text(&shown.stdout).contains("kept"));
        }
        holds_only(&folder, &["Dockerfile"]);
    }

    #[test]
    fn a_fix_refuses_what_it_would_harm() {
        let folder = folder("refused");
        let args = fixable(&folder);
        let path = folder.join("Dockerfile");
        std::fs::hard_link(&path, folder.join("twin")).unwrap();
        let output = xsim(&folder, &args);
        assert_eq!(output.status.code(), Some(4));
        assert!(text(&output.stderr).contains("hard links"), "{}", text(&output.stderr));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), FIXABLE);
        std::fs::remove_file(folder.join("twin")).unwrap();
        // A pipe that nobody writes to would be waited for without end.
        std::fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let output = xsim(&folder, &args);
        assert_eq!(output.status.code(), Some(4));
        assert!(text(&output.stderr).contains("no plain file"), "{}", text(&output.stderr));
        holds_only(&folder, &["Dockerfile"]);
    }

    /// A pipe that nobody writes to is no file of a folder, whatever it is called.
    #[test]
    fn pipes_are_waited_for_nowhere() {
        let folder = folder("pipes");
        let names = [
            "docker-bake.hcl",
            "Makefile",
            "package.json",
            ".dockerignore",
            ".gitlab-ci.yml",
            "other/Dockerfile",
        ];
        std::fs::create_dir_all(folder.join("other")).unwrap();
        std::fs::write(folder.join("Dockerfile"), "FROM node\nCOPY . .\nRUN npm run build && make\n")
            .unwrap();
        for name in names {
            assert!(Command::new("mkfifo").arg(folder.join(name)).status().unwrap().success());
        }
        symlink("../package.json", folder.join("other/package.json")).unwrap();
        for args in [&["builds"][..], &["check", "."], &["scan", "."], &["analyze", "."]] {
            assert_eq!(xsim(&folder, args).status.code(), Some(0), "{args:?}");
        }
        assert_eq!(xsim(&folder, &["analyze", "other"]).status.code(), Some(4));
    }

    /// A file that may not grow stands for a full disk: the signal for it ends nothing, and nothing is left.
    #[test]
    fn a_full_disk_leaves_the_old_file() {
        let folder = folder("full");
        let mut file = FIXABLE.to_owned();
        file.push_str(&"# a comment that makes the file larger than a block\n".repeat(100));
        let args = fixable(&folder);
        std::fs::write(folder.join("Dockerfile"), &file).unwrap();
        std::fs::write(folder.join("report"), "old").unwrap();
        for args in [&args[..], &["analyze", "Dockerfile", "--format", "json", "--output", "report"]] {
            let mut shell = Command::new("sh");
            shell.args(["-c", "ulimit -f 1 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_xsim")]).args(args);
            let output = shell.current_dir(&folder).stdin(Stdio::null()).output().unwrap();
            assert_eq!(output.status.code(), Some(4), "{args:?}: {}", text(&output.stderr));
        }
        assert_eq!(std::fs::read_to_string(folder.join("Dockerfile")).unwrap(), file);
        assert_eq!(std::fs::read_to_string(folder.join("report")).unwrap(), "old");
        holds_only(&folder, &["Dockerfile", "report"]);
    }

    /// Whenever a signal comes, the file is the old one or the new one, and it stands alone unless nothing could be cleaned up.
    #[test]
    fn a_signal_leaves_the_old_file_or_the_new_one() {
        let folder = folder("signal");
        let fix = fixable(&folder);
        let analyze = ["analyze", "Dockerfile", "--format", "html", "--output", "Dockerfile"];
        let path = folder.join("Dockerfile");
        for args in [&fix[..], &analyze] {
            std::fs::write(&path, FIXABLE).unwrap();
            assert_eq!(xsim(&folder, args).status.code(), Some(0));
            let new = std::fs::read_to_string(&path).unwrap();
            for wait in 0..40_u64 {
                std::fs::write(&path, FIXABLE).unwrap();
                let mut child =
                    command(&folder, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                std::thread::sleep(std::time::Duration::from_millis(wait / 4 * 3));
                let signal = ["-TERM", "-INT", "-HUP", "-KILL"][wait as usize % 4];
                let child_id = child.id().to_string();
                let _ = Command::new("kill").args([signal, &child_id]).stderr(Stdio::null()).status();
                child.wait().unwrap();
                let now = std::fs::read_to_string(&path).unwrap();
                assert!(now == FIXABLE || now == new, "{now}");
                if signal == "-KILL" {
                    let left = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
                    left.filter(|left| *left != path).for_each(|left| std::fs::remove_file(left).unwrap());
                }
                holds_only(&folder, &["Dockerfile"]);
            }
        }
    }

    #[test]
    fn a_link_out_of_the_repository_shows_nothing() {
        let folder = repository("link");
        let repo = folder.join("repo");
        std::fs::write(repo.join("own"), FIXABLE).unwrap();
        std::fs::write(repo.join("other"), FIXABLE).unwrap();
        let path = repo.join("sub/Dockerfile");
        for (target, leads_out) in [("../../secret.toml", true), ("../.git/config", true), ("../own", false)]
        {
            std::fs::remove_file(&path).unwrap();
            symlink(target, &path).unwrap();
            for args in [
                &["analyze", "sub"][..],
                &["check", "sub", "other"],
                &["fix", "sub"],
                &["fix", "sub", "--write"],
                &["graph", "sub"],
                &["explain", "sub/Dockerfile:1"],
                &["compare", "sub", "other"],
            ] {
                let output = xsim(&repo, args);
                let shown = text(&output.stderr) + &text(&output.stdout);
                assert!(!shown.contains("secret-"), "{args:?}: {shown}");
                assert_eq!(output.status.code() == Some(4), leads_out, "{args:?}: {shown}");
                assert_eq!(shown.contains("leads out of the repository"), leads_out, "{args:?}: {shown}");
                assert!(args[0] != "check" || shown.contains("other"), "{shown}");
            }
        }
        std::fs::remove_file(&path).unwrap();
        symlink("../../secret.toml", repo.join("docker-bake.hcl")).unwrap();
        symlink("../secret.toml", repo.join(".env")).unwrap();
        std::fs::write(repo.join("compose.yaml"), "services:\n  a: {build: ., env_file: ../secret.toml}\n")
            .unwrap();
        for args in
            [&["bake"][..], &["bake", "--file", "docker-bake.hcl"], &["bake", "--file", "compose.yaml", "a"]]
        {
            let shown = text(&xsim(&repo, args).stderr);
            assert!(!shown.contains("secret-"), "{args:?}: {shown}");
        }
    }
}

/// Several files of which one is wrong in some way.
fn several(name: &str) -> PathBuf {
    let folder = folder(name);
    for file in ["good", "settings", "platform", "bytes", "later"] {
        std::fs::create_dir_all(folder.join(file)).unwrap();
        std::fs::write(folder.join(file).join("Dockerfile"), FIXABLE).unwrap();
    }
    std::fs::write(folder.join("settings/xsim.toml"), "platforms = [\n").unwrap();
    std::fs::write(folder.join("platform/xsim.toml"), "platforms = ['a b']\n").unwrap();
    std::fs::write(folder.join("bytes/Dockerfile"), b"FROM --platform=$TARGETPLATFORM alpine\n# \xff\n")
        .unwrap();
    folder
}

const ALL: [&str; 6] = ["good", "settings", "platform", "missing", "bytes", "later"];

#[test]
fn one_bad_file_takes_nothing_from_the_others() {
    let folder = several("several");
    let output = xsim(&folder, &[&["check"], &ALL[..]].concat());
    assert_eq!(output.status.code(), Some(4));
    let (found, said) = (text(&output.stdout), text(&output.stderr));
    for file in ["good", "later"] {
        assert!(found.contains(&format!("{file}/Dockerfile")), "{found}");
    }
    for file in ["settings/xsim.toml", "missing"] {
        assert!(said.contains(file), "{said}");
    }
    let output = xsim(&folder, &[&["check", "--format", "sarif"], &ALL[..]].concat());
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 3, "{invocation}");
    assert!(!log["runs"][0]["results"].as_array().unwrap().is_empty());
    let output = xsim(&folder, &[&["check", "--format", "github"], &ALL[..]].concat());
    let found = text(&output.stdout);
    assert!(found.contains("::error file=settings/Dockerfile,title=xsim::"), "{found}");
    let triggers = "ONBUILD RUN x\n".repeat(100);
    let stages = "FROM b\n".repeat(100);
    let copies: String = (1..=100).fold(String::new(), |text, n| text + &format!("COPY --from={n} /a /b\n"));
    let much = format!("FROM alpine AS b\n{triggers}{stages}FROM alpine\n{copies}");
    std::fs::write(folder.join("missing"), much).unwrap();
    let output = xsim(&folder, &["check", "--format", "sarif", "--timeout", "1ms", "missing"]);
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "limit-exceeded");
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let output = xsim(&folder, &["check", "--format", "sarif", "good", "later"]);
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn a_fix_goes_on_behind_a_bad_file() {
    let folder = several("several-fix");
    let output = xsim(&folder, &[&["fix", "--write"], &ALL[..]].concat());
    assert_eq!(output.status.code(), Some(4));
    for (file, is_fixed) in [("good", true), ("settings", false), ("bytes", false), ("later", true)] {
        let text = std::fs::read(folder.join(file).join("Dockerfile")).unwrap();
        assert_eq!(!text.starts_with(b"FROM --platform"), is_fixed, "{file}");
    }
    assert!(text(&output.stderr).contains("not UTF-8"), "{}", text(&output.stderr));
}

#[test]
fn what_is_wrong_with_the_arguments_is_said_once() {
    let folder = several("usage");
    let output = xsim(&folder, &["check", "good", "later", "--platform", "a b", "--output", "report"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).matches("error:").count(), 1, "{}", text(&output.stderr));
    assert!(!folder.join("report").exists());
}

/// A gate that breaks is seen by who closes the pipe early.
#[cfg(unix)]
#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let folder = folder("pipe");
    let many = "RUN echo $U\nCOPY a$W b\n".repeat(2_000);
    std::fs::write(folder.join("Dockerfile"), format!("FROM alpine\n{many}")).unwrap();
    std::fs::write(folder.join("Refused"), format!("FROM alpine\n{}", "RUM 0\n".repeat(3_000))).unwrap();
    for (args, code) in [
        (&["check", "Dockerfile", "--fail-on", "undefined-var"][..], 1),
        (&["check", "Dockerfile", "--fail-on", "undefined-var", "--format", "sarif"], 1),
        (&["analyze", "Dockerfile", "--fail-on", "undefined-var"], 1),
        (&["analyze", "Refused", "--format", "json"], 3),
        (&["check", "Refused", "--format", "sarif"], 3),
        (&["graph", "Dockerfile"], 0),
        (&["--help"], 0),
    ] {
        let mut child = command(&folder, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{args:?}");
    }
}

/// A repository with settings that its neighbours do not concern.
fn repository(name: &str) -> PathBuf {
    let folder = folder(name);
    std::fs::create_dir_all(folder.join("repo/.git")).unwrap();
    std::fs::create_dir_all(folder.join("repo/sub")).unwrap();
    std::fs::write(folder.join("repo/.git/config"), "[secret-core]\n").unwrap();
    std::fs::write(folder.join("repo/sub/Dockerfile"), FIXABLE).unwrap();
    std::fs::write(folder.join("repo/own.toml"), "secret-key = 1\n").unwrap();
    std::fs::write(folder.join("secret.toml"), "secret-key = 1\n").unwrap();
    folder
}

#[test]
fn settings_stay_inside_the_repository_and_show_nothing() {
    let folder = repository("leak");
    let repo = folder.join("repo");
    for (settings, said) in [
        ("profile = \"../../secret.toml\"", "leads out of the repository"),
        ("profile = \"/etc/passwd\"", "leads out of the repository"),
        ("machine = \"../../secret.toml\"", "leads out of the repository"),
        ("baseline = \"../../secret.toml\"", "leads out of the repository"),
        ("context = \"../..\"", "leads out of the repository"),
        ("profile = \"../.git/config\"", "leads out of the repository"),
        ("profile = \"../own.toml\"", "at line 1, column 1"),
        ("machine = \"../own.toml\"", "at line 1, column 1"),
        ("baseline = \"../own.toml\"", "at line 1, column 1"),
    ] {
        std::fs::write(repo.join("sub/xsim.toml"), settings).unwrap();
        for command in ["analyze", "check"] {
            let output = xsim(&repo, &[command, "sub"]);
            let shown = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{settings}: {shown}");
            assert!(shown.contains(said) && !shown.contains("secret-"), "{settings}: {shown}");
        }
    }
    std::fs::write(repo.join("sub/xsim.toml"), "context = \"..\"\n").unwrap();
    assert_eq!(xsim(&repo, &["analyze", "sub"]).status.code(), Some(0));
    #[cfg(unix)]
    for (target, said) in [("../../secret.toml", "leads out"), ("../own.toml", "at line 1, column 1")] {
        let _ = std::fs::remove_file(repo.join("sub/xsim.toml"));
        std::os::unix::fs::symlink(target, repo.join("sub/xsim.toml")).unwrap();
        let output = xsim(&repo, &["check", "sub"]);
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{target}: {shown}");
        assert!(shown.contains(said) && !shown.contains("secret-"), "{target}: {shown}");
    }
}

#[test]
fn trusted_settings_are_the_only_ones() {
    let folder = repository("trusted");
    let repo = folder.join("repo");
    std::fs::write(repo.join("sub/Dockerfile"), "FROM alpine\nRUN echo $UNSET\nCOPY a$UNSET b\n").unwrap();
    std::fs::write(repo.join("xsim.toml"), "[rules]\nundefined-var = \"off\"\n").unwrap();
    std::fs::create_dir_all(folder.join("base")).unwrap();
    std::fs::write(folder.join("base/xsim.toml"), "[gates]\nfail-on = [\"undefined-var\"]\n").unwrap();
    assert_eq!(xsim(&repo, &["check", "sub"]).status.code(), Some(0), "a change may switch rules off");
    let trusted = |file: &str| xsim(&repo, &["check", "sub", "--trusted-config", file]);
    let output = trusted("../base/xsim.toml");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let output = trusted("../base/missing.toml");
    assert_eq!(output.status.code(), Some(0), "none are settings, too: {}", text(&output.stderr));
    assert!(text(&output.stdout).contains("undefined-var"), "and the project's own are not read");
    assert_eq!(trusted("../nowhere/xsim.toml").status.code(), Some(4));
    let both =
        xsim(&repo, &["check", "sub", "--trusted-config", "../base/xsim.toml", "--config", "xsim.toml"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn a_profile_that_is_written_is_read() {
    let folder = folder("profile");
    std::fs::write(folder.join("Dockerfile"), FIXABLE).unwrap();
    let vertex = |digest: &str, name: &str, from: &str, to: &str| {
        format!(
            "{{\"digest\":\"sha256:{digest}\",\"name\":\"{name}\",\"started\":\"{from}Z\",\"completed\":\"{to}Z\"}}"
        )
    };
    let log = [
        vertex("a", "[1/2] RUN gcc x", "1970-01-01T00:00:00", "2261-12-31T23:59:59"),
        vertex("b", "[2/2] RUN gcc y", "2261-12-31T23:59:59", "2262-12-31T23:59:59"),
        vertex("c", "[a 1/1] FROM docker.io/library/alpine", "1970-01-01T00:00:00", "2200-01-01T00:00:00"),
    ];
    std::fs::write(folder.join("log"), format!("{{\"vertexes\":[{}]}}\n", log.join(","))).unwrap();
    let output = xsim(&folder, &["calibrate", "--log", "log", "--output", "profile.toml"]);
    if output.status.code() == Some(0) {
        let output = xsim(&folder, &["analyze", "Dockerfile", "--profile", "profile.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    } else {
        assert!(!folder.join("profile.toml").exists());
    }
}
