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
        assert!(sent.ends_with("<!-- xsim -->\ntook **3 s**\n"), "{sent}");
    }
}

#[test]
fn a_comment_that_may_not_be_written_fails_nothing_and_one_too_long_is_cut() {
    let (folder, path) = with_client("", true);
    let output = comment(&path, &written(folder.path(), &"x".repeat(100_000)));
    assert!(output.status.success() && text(&output.stderr).contains("could not be written"));
    assert!(fs::read(folder.path().join("sent")).unwrap().len() < 65_000);
}

/// A program of the name that runs `script`.
fn play(folder: &Path, name: &str, script: &str) {
    fs::write(folder.join(name), format!("#!/bin/bash\n{script}\n")).unwrap();
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Installs the action's program at `reference`, from a server that holds the archive with such sums.
fn install(reference: &str, sums: &str, tagged: &str) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let (bin, released) = (folder.path().join("bin"), folder.path().join("released"));
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&released).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("xsim-{version}-x86_64-unknown-linux-musl");
    fs::create_dir(released.join(&name)).unwrap();
    play(&released.join(&name), "xsim", "echo downloaded");
    let packed = format!("{name}.tar.gz");
    let script = format!("cd '{0}' && tar -czf {packed} {name} && {sums} >SHA256SUMS", released.display());
    let packing = Command::new("bash").args(["-c", &script.replace("ARCHIVE", &packed)]).status().unwrap();
    assert!(packing.success());
    // The last arguments are where to put the file, and where it lies.
    let curl = format!(
        "case ${{@: -1}} in https://forge/some/xsim/releases/download/v{version}/*) ;; *) exit 22 ;; esac\n\
         cp '{}'/\"$(basename \"${{@: -1}}\")\" \"${{@: -2:1}}\" || exit 22",
        released.display()
    );
    play(&bin, "curl", &curl);
    play(&bin, "git", &format!("printf '{tagged}'"));
    play(
        &bin,
        "cargo",
        "mkdir -p \"${@: -1}/bin\"; printf '#!/bin/bash\\necho compiled\\n' >\"${@: -1}/bin/xsim\"; chmod +x \"${@: -1}/bin/xsim\"",
    );
    let into = folder.path().join("into");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = run(
        "install.sh",
        &path,
        &[
            ("SOURCE", &root().to_string_lossy()),
            ("INTO", &into.to_string_lossy()),
            ("SERVER", "https://forge"),
            ("REPOSITORY", "some/xsim"),
            ("REF", reference),
            ("RUNNER_OS", "Linux"),
            ("RUNNER_ARCH", "X64"),
        ],
    );
    let said = Command::new(into.join("bin/xsim"))
        .output()
        .map_or_else(|_| String::new(), |said| text(&said.stdout));
    (output, said.trim().to_owned())
}

#[test]
fn the_program_is_downloaded_where_it_was_released_and_else_compiled() {
    let version = env!("CARGO_PKG_VERSION");
    let tag = format!("v{version}");
    let major = format!("v{}", version.split('.').next().unwrap());
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tagged = format!("{commit}\\trefs/tags/{tag}\\n");
    let good = "sha256sum ARCHIVE";
    for (reference, sums, tagged, expected) in [
        (tag.as_str(), good, "", "downloaded"),
        (&major, good, "", "downloaded"),
        (commit, good, &tagged, "downloaded"),
        // Another commit, a branch, and a release without sums.
        ("abcdef", good, &tagged, "compiled"),
        ("main", good, &tagged, "compiled"),
        (&tag, "false; rm -f ARCHIVE; true", "", "compiled"),
    ] {
        let (output, said) = install(reference, sums, tagged);
        assert!(output.status.success(), "{reference}: {}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(said, expected, "{reference}, {sums}: {}", text(&output.stdout));
    }
    let (output, said) = install(&tag, "echo \"$(printf 0%.0s {1..64})  ARCHIVE\"", "");
    assert!(!output.status.success() && said.is_empty(), "what is not what was released is not run");
    assert!(text(&output.stdout).contains("::error::"));
}

#[test]
fn files_are_reported_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("samples/foreign-bundler/before.Dockerfile");
    let (report, sarif) = (folder.path().join("report.md"), folder.path().join("x.sarif"));
    let variables = |fail_on| {
        [
            ("XSIM", env!("CARGO_BIN_EXE_xsim").to_owned()),
            ("FILES", file.to_string_lossy().into_owned()),
            ("PLATFORMS", "linux/amd64,linux/arm64".to_owned()),
            ("ARGS", String::new()),
            ("BASE", folder.path().join("none").to_string_lossy().into_owned()),
            ("CONFIG", "xsim.toml".to_owned()),
            ("PROFILE", String::new()),
            ("REPORT", report.to_string_lossy().into_owned()),
            ("SARIF", sarif.to_string_lossy().into_owned()),
            ("FAIL_ON", fail_on),
        ]
    };
    let of = |mode: &str, fail_on: &str| {
        let mut command = Command::new("bash");
        command.arg(root().join("packaging/action/run.sh")).arg(mode).current_dir(folder.path());
        command.env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.envs(variables(fail_on.to_owned())).output().unwrap()
    };
    let output = of("report", "error");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(fs::read_to_string(&report).unwrap().contains("foreign&#45;image&#45;copy"));
    assert!(fs::read_to_string(&sarif).unwrap().contains("foreign-image-copy"));
    assert!(of("check", "error").status.success());
    let failed = of("check", "warning");
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stdout).contains("::warning"), "{}", text(&failed.stdout));
}

#[test]
fn the_action_gives_its_scripts_what_they_read() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    for script in ["install.sh", "learn.sh", "run.sh", "comment.sh"] {
        assert!(action.contains(&format!("/{script}")), "{script}");
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
                action.contains(&format!("{variable}: $"))
                    || action.contains(&format!("{variable}="))
                    || variable.starts_with("RUNNER_"),
                "{script}: {variable}"
            );
        }
        assert!(count >= 4, "{script}: {count}");
    }
}
