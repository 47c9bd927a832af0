//! Every code is documented by an example that gives it, and no warning says what BuildKit's own checks would not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xsim::advice::lint;
use xsim::analysis::Build;
use xsim::diagnostic::{Code, Diagnostic};
use xsim::dockerfile::{Arena, parse};
use xsim::source::Source;

/// A section of docs/diagnostics.md.
struct Section {
    code: String,
    text: String,
}

impl Section {
    /// The text of its first block in a language.
    fn block(&self, language: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(&format!("```{language}\n"))?;
        rest.split_once("```").map(|(block, _)| block)
    }
}

/// The sections of codes; other headings are not in backticks.
fn sections() -> Vec<Section> {
    let page = include_str!("../../docs/diagnostics.md");
    let parts = page.split("\n## `").skip(1);
    parts
        .map(|part| {
            let (code, text) = part.split_once("`\n").unwrap();
            let text = text.split("\n## ").next().unwrap().to_owned();
            Section { code: code.to_owned(), text }
        })
        .collect()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnostics").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The rules in a JSON report.
fn codes(report: &[u8], what: &str) -> BTreeSet<String> {
    let report: serde_json::Value =
        serde_json::from_slice(report).unwrap_or_else(|error| panic!("{what}: {error}"));
    let lists = ["errors", "findings"].into_iter().filter_map(|list| report[list].as_array()).flatten();
    let all = lists.chain(report.get("error")).map(|one| &one["rule"]);
    all.map(|rule| rule.as_str().unwrap().to_owned()).collect()
}

fn run(folder: &Path, args: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.current_dir(folder).args(args).args(["--format", "json"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    codes(&output.stdout, &format!("{args:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

const PLATFORMS: [&str; 2] = ["--platform", "linux/amd64,linux/arm64"];

/// What is written and what the help says.
const FLAGS: &[(&str, &str)] = &[
    ("FROM --from=${BUILDPLATFORM} image", "write `--platform=${BUILDPLATFORM}`"),
    ("FROM --platfrom=linux/amd64 image", "write `--platform=linux/amd64`"),
    ("FROM --from=x image", "FROM has --platform; --from is a flag of COPY"),
    (
        "RUN --chown=x true",
        "RUN has --mount, --network, --security, --device; --chown is a flag of ADD and COPY",
    ),
    ("COPY --form=build a b", "write `--from=build`"),
    ("COPY --mode=755 a b", "write `--chmod=755`"),
    ("COPY --owner=app a b", "write `--chown=app`"),
    ("ADD --keep_git_dir a b", "write `--keep-git-dir`"),
    ("HEALTHCHECK --retires=3 CMD true", "write `--retries=3`"),
    ("ENV --global a=b", "ENV has no flags"),
];

#[test]
fn an_unknown_flag_says_which_one_is_meant() {
    let arena = Arena::new();
    for (line, help) in FLAGS {
        let source = Source::new("Dockerfile", format!("FROM alpine\n{line}\n").into_bytes()).unwrap();
        let file = parse(&source, &arena);
        let diagnostic = &file.problems[0].diagnostic;
        assert!(diagnostic.is(Code::UnknownFlag), "{line}");
        assert_eq!(diagnostic.help.as_deref(), Some(*help), "{line}");
    }
}

#[test]
fn every_code_has_its_section_and_no_section_lacks_a_code() {
    let documented: Vec<String> = sections().into_iter().map(|section| section.code).collect();
    let codes: Vec<&str> = Code::VALUES.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, codes, "docs/diagnostics.md and Code::VALUES differ, or their order does");
}

#[test]
fn every_example_gives_its_code() {
    for section in sections() {
        let folder = folder(&section.code);
        if let Some(example) = section.block("dockerfile") {
            std::fs::write(folder.join("Dockerfile"), example).unwrap();
        }
        // What the shell commands of a section make.
        let made: Option<Vec<u8>> = match section.code.as_str() {
            "line-too-long" => Some(format!("FROM alpine\nRUN {}", "0".repeat(70_000)).into_bytes()),
            _ => None,
        };
        if let Some(made) = made {
            std::fs::write(folder.join("Dockerfile"), made).unwrap();
        }
        let command = section.block("sh").and_then(|block| block.lines().last());
        let options =
            command.and_then(|line| line.split_once("xsim analyze Dockerfile ")).map_or("", |(_, rest)| rest);
        let args: Vec<&str> = ["analyze", "Dockerfile"]
            .into_iter()
            .chain(options.split_whitespace())
            .chain(PLATFORMS)
            .collect();
        let found = run(&folder, &args);
        assert!(found.contains(&section.code), "{}: {found:?}", section.code);
    }
}

#[test]
fn the_page_shows_a_diagnostic_as_it_is() {
    let folder = folder("page");
    std::fs::write(folder.join("Dockerfile"), "FROM golang\nCOPY go.mod go.sum\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xsim"))
        .current_dir(&folder)
        .args(["analyze", "Dockerfile", "--source"])
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let page = include_str!("../../docs/diagnostics.md");
    let (_, shown) = page.split_once("```text\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(text.contains(shown), "{text}");
}

/// Codes of a file for two platforms.
fn of(name: &str, text: &str, options: &[&str]) -> Vec<String> {
    let folder = folder(name);
    std::fs::write(folder.join("Dockerfile"), text).unwrap();
    let args: Vec<&str> =
        ["analyze", "Dockerfile"].iter().chain(options).chain(&PLATFORMS).copied().collect();
    run(&folder, &args).into_iter().collect()
}

#[test]
fn ordinary_files_give_no_warning() {
    let files = [
        "FROM alpine\nCOPY app.conf nginx.conf\nCOPY requirements-dev.txt requirements.txt\n",
        "FROM alpine\nCOPY go.mod go.sum ./\nCOPY package*.json ./\nCOPY a.js b.js /srv\nCOPY a b.d\n",
        "FROM alpine\nCOPY package.json /app/\nCOPY --from=busybox /bin/sh sh\nADD . .\n",
        "FROM --platform=$BUILDPLATFORM alpine AS base\nFROM --platform=$BUILDPLATFORM base\nRUN ls\n",
        "FROM --platform=linux/amd64 alpine AS tools-amd64\n",
        "FROM alpine\nRUN --mount=type=tmpfs,target=/t,from=0 ls\nRUN --mount=target=/s,from=s0 ls\n",
        "FROM alpine AS s0\nFROM alpine\nCOPY --from=0 /a /b\n",
        "ARG V\nFROM alpine:3${V}\n",
        "FROM alpine\nARG V\nLABEL v=$V\nRUN echo $UNSEEN\n",
        "FROM alpine\nWORKDIR /a\nWORKDIR b\n",
        "FROM alpine AS a\nWORKDIR /a\nFROM a\nWORKDIR b\n",
        "# syntax=docker/dockerfile:1\nFROM alpine\nCOPY --link --parents --exclude=x a /b\nRUN <<E\nE\n",
        "# syntax=docker/dockerfile:1.4\nFROM alpine\nCOPY --link a /b\nRUN <<E\nE\n",
        "# syntax=docker/dockerfile:1-labs\nFROM alpine\nRUN --device=x ls\n",
        "# syntax=docker/dockerfile:1.7-labs\nFROM alpine\nCOPY --parents --exclude=x a /b\n",
        "# syntax=docker/dockerfile-upstream:master\nFROM alpine\nRUN --device=x ls\n",
    ];
    for (at, file) in files.iter().enumerate() {
        assert_eq!(of(&format!("ordinary-{at}"), file, &[]), [""; 0], "{file}");
    }
}

#[test]
fn what_an_image_may_set_is_no_mistake() {
    for (text, said) in [
        (
            "FROM golang:1.25\nWORKDIR $GOPATH/src\n",
            "note[undefined-var]: GOPATH is set by the base image, if at all",
        ),
        ("FROM scratch\nWORKDIR /$GOPATH\n", "warning[undefined-var]: nothing here defines GOPATH"),
        ("FROM golang:1.25\nARG APPNAME\nLABEL v=$APPNAMES\n", "help: Did you mean `$APPNAME`?"),
    ] {
        let folder = folder("image-may-set");
        std::fs::write(folder.join("Dockerfile"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
        let output = command
            .current_dir(folder)
            .args(["analyze", "Dockerfile", "--source", "--platform", "linux/amd64"])
            .output();
        let report = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(report.contains(said), "{text}{report}");
    }
}

#[test]
fn old_frontends_lack_what_they_lack() {
    for (at, (syntax, body, lacks)) in [
        ("1.3", "RUN <<E\nE\n", true),
        ("1.3-labs", "RUN <<E\nE\n", false),
        ("1.19", "COPY --parents a /b\n", true),
        ("1.19-labs", "COPY --parents a /b\n", false),
        ("1.1-experimental", "RUN --mount=target=/x true\n", false),
        ("1.1", "RUN --mount=target=/x true\n", true),
        ("1.6", "ARG A=b\nLABEL a=${A#b}\n", true),
        ("1.6", "RUN echo ${A#b}\n", false),
        ("1.13", "COPY --chmod=u+x a /b\n", true),
        ("1.13", "COPY --chmod=0755 a /b\n", false),
        ("1.9", "RUN --mount=type=secret,id=a,env=A x\n", true),
        ("1.9", "RUN --mount=type=secret,id=a x\n", false),
        ("1.10", "ONBUILD COPY --from=alpine /a /b\n", true),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("# syntax=docker/dockerfile:{syntax}\nFROM alpine\n{body}");
        let expected: &[&str] = if lacks { &["foreign-frontend"] } else { &[] };
        assert_eq!(of(&format!("frontend-{at}"), &text, &[]), expected, "{text}");
    }
    let device = "# syntax=docker/dockerfile:1\nFROM alpine\nRUN --device=x true\n";
    assert_eq!(of("frontend-device", device, &[]), ["bad-flag", "foreign-frontend"], "refused, and why");
    let file = "# syntax=docker/dockerfile:1.2\nFROM alpine\nCOPY --link . /src\n";
    let given = ["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1"];
    assert_eq!(of("frontend-given", file, &given), [""; 0], "the build argument beats the directive");
    let foreign = ["--build-arg", "BUILDKIT_SYNTAX=example/frontend"];
    assert_eq!(of("frontend-foreign", "FROM alpine\n", &foreign), ["foreign-frontend"]);
}

#[test]
fn checks_can_be_turned_off() {
    let body = "FROM alpine AS A\nWORKDIR b\n";
    let both = ["stage-name-casing", "workdir-relative-path"];
    let one = ["workdir-relative-path"];
    let none: [&str; 0] = [];
    let build_arg = ["--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all"];
    assert_eq!(of("skip-0", body, &[]), both);
    assert_eq!(of("skip-1", &format!("# check=skip=StageNameCasing\n{body}"), &[]), one);
    assert_eq!(of("skip-2", &format!("# check=skip=all\n{body}"), &[]), none);
    assert_eq!(of("skip-3", &format!("# check=error=true;skip=X\n{body}"), &[]), both);
    assert_eq!(of("skip-4", &format!("# a comment\n# check=skip=StageNameCasing\n\n{body}"), &[]), one);
    assert_eq!(of("skip-5", &format!("# a comment\n# check=skip=StageNameCasing\n#\n{body}"), &[]), both);
    assert_eq!(of("skip-6", body, &build_arg), none);
    let above = "FROM alpine AS A\n# check=skip=WorkdirRelativePath\nWORKDIR b\n";
    assert_eq!(of("skip-7", above, &[]), ["stage-name-casing"]);
    let own = "# check=skip=all\nFROM golang\nCOPY go.mod go.sum\n";
    assert_eq!(of("skip-8", own, &[]), ["copy-file-onto-file"], "BuildKit has no such check");
}

/// The checks agree with BuildKit's, name and line, on every conformance case that builds: each that BuildKit gives is given
/// by one rule that is the check or a part of it, and a rule that is a check gives no other.
#[test]
fn build_checks_are_those_of_buildkit() {
    #[derive(serde::Deserialize)]
    struct Checks {
        id: String,
        checks: BTreeSet<String>,
    }
    let checks = include_str!("../data/conformance/checks.jsonl").lines();
    let expected: BTreeMap<String, BTreeSet<String>> =
        checks.map(|line| serde_json::from_str::<Checks>(line).unwrap()).map(|c| (c.id, c.checks)).collect();
    let (mut count, mut said) = (0, BTreeSet::new());
    for case in crate::cases::own::<serde::de::IgnoredAny>() {
        let source = Source::new("Dockerfile", case.dockerfile.clone().into()).unwrap();
        let build = Build::new(source, case.nodes());
        if build.outcome().is_err() {
            continue;
        }
        let found: Vec<Diagnostic> = lint(&build).into_iter().filter(Diagnostic::counts).collect();
        let of = |one: &Diagnostic| Some(format!("{}:{}", one.rule.build_check?, one.line.unwrap().0));
        let all: BTreeSet<String> = found.iter().filter_map(of).collect();
        let exact: BTreeSet<String> =
            // The labels take every image to exist for every platform, whatever its name says.
            found
                .iter()
                .filter(|one| one.rule.is_build_check() && one.rule.code != "invalid-base-image-platform")
                .filter_map(of)
                .collect();
        let none = BTreeSet::new();
        let expected = expected.get(&case.id).unwrap_or(&none);
        assert!(expected.is_subset(&all), "{}: BuildKit gives {expected:?}, found is {all:?}", case.id);
        assert!(exact.is_subset(expected), "{}: BuildKit gives {expected:?}, found is {exact:?}", case.id);
        said.extend(exact.iter().map(|check| check.split(':').next().unwrap().to_owned()));
        count += 1;
    }
    assert!(count > 2_000, "{count} cases");
    assert!(said.len() >= 8, "{said:?}");
}

/// What fails in a trigger fails at the `FROM` that fires it, and no place in the trigger's own text is taken for one in
/// the file.
#[test]
fn triggers_fail_where_they_fire() {
    let triggers = [
        "COPY --from=9 /x /y",
        "COPY --from=$X /x /y",
        "COPY --from=A:B: /x /y",
        "RUN --mount=type=${WHAT:-what} true",
        "ENV A=${B",
        "WORKDIR ${",
        "USER ${A:?missing}",
    ];
    for (at, trigger) in triggers.into_iter().enumerate() {
        let text = format!("FROM alpine AS parent\nONBUILD {trigger}\nFROM parent\n");
        let folder = folder(&format!("trigger-{at}"));
        std::fs::write(folder.join("Dockerfile"), &text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_xsim"))
            .current_dir(&folder)
            .args(["analyze", "Dockerfile", "--format", "json"])
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = &report["error"];
        assert_eq!(error["line"], 3, "{trigger}: {report}");
        assert!(error["span"].is_null(), "{trigger}: {error}");
    }
}
