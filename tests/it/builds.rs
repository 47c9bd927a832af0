//! What a repository builds: small repositories with the builds expected of them, and files made to hurt.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use xsim::advice::InWorkflows;
use xsim::builds::{Builds, Definition, Legs, Platforms, Push, Repo, Source, Text, list};

/// Files of a repository, by path.
struct Memory(BTreeMap<String, String>);

impl Source for Memory {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

fn builds(files: BTreeMap<String, String>) -> Builds {
    let paths: Vec<String> = files.keys().cloned().collect();
    let memory = Memory(files);
    list(&Repo::new(&memory, paths, Some("owner/name".to_owned())))
}

fn one(path: &str, text: &str) -> Builds {
    builds(BTreeMap::from([(path.to_owned(), text.to_owned())]))
}

/// The files of a case: each begins with a line `-- path`.
fn files(case: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut path = None;
    for line in case.lines() {
        if let Some(name) = line.strip_prefix("-- ") {
            path = Some(name.to_owned());
            files.insert(name.to_owned(), String::new());
        } else if let Some(path) = &path {
            let text = files.get_mut(path).unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

fn said(text: &Text) -> String {
    text.value().map_or_else(|| format!("?{}", text.readable()), str::to_owned)
}

/// A build on one line.
fn line(build: &Definition) -> String {
    let mut line = format!("{} {} [{}] ", build.place, said(&build.dockerfile), said(&build.context));
    line.push_str(&build.target.as_ref().map_or_else(|| "-".to_owned(), said));
    line.push(' ');
    match &build.platforms {
        Platforms::Known(list) if list.is_empty() => line.push('-'),
        Platforms::Known(list) => line.push_str(&list.join(",")),
        Platforms::Unknown(why, _) => line.push_str(&said(why)),
    }
    for (name, value) in &build.args {
        let _ = write!(line, " {name}={}", said(value));
    }
    if build.more_args {
        line.push_str(" and others");
    }
    let builder = serde_json::from_str::<serde_json::Value>(&json(build)).unwrap();
    let runner = build.runner.as_ref().map_or_else(|| "-".to_owned(), said);
    let push = match build.push {
        Push::Yes => "true",
        Push::No => "false",
        Push::Unknown => "unknown",
    };
    let builder = builder["builds"][0]["builder"].as_str().unwrap();
    let _ = write!(line, " on {runner} {builder}, {}, push {push}", build.legs.as_str());
    if !build.via.is_empty() {
        let via: Vec<String> = build.via.iter().map(ToString::to_string).collect();
        let _ = write!(line, ", via {}", via.join(" "));
    }
    line
}

fn json(build: &Definition) -> String {
    let builds = Builds { definitions: vec![build.clone()], ..Builds::default() };
    let mut out = Vec::new();
    xsim::report::builds::write_json(&builds, &InWorkflows::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// To add a case, write the files and read what this test prints for it.
#[test]
fn small_repositories_build_what_is_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/builds");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 6);
    let mut wrong = String::new();
    let validator = jsonschema::validator_for(&xsim::report::builds::builds_schema()).unwrap();
    for path in paths {
        let case = std::fs::read_to_string(&path).unwrap();
        let mut files = files(&case);
        let expected = files.remove("expected").unwrap();
        let builds = builds(files);
        let mut report = Vec::new();
        xsim::report::builds::write_json(&builds, &InWorkflows::default(), &mut report).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let unfit: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(unfit.is_empty(), "{}: {unfit:?}", path.display());
        assert!(builds.problems.is_empty(), "{}: {:?}", path.display(), builds.problems);
        let found: String = builds.definitions.iter().map(|build| line(build) + "\n").collect();
        if found != expected {
            let _ = writeln!(wrong, "{}\n{found}", path.display());
        }
    }
    assert!(wrong.is_empty(), "found instead:\n{wrong}");
}

const WORKFLOW: &str = ".github/workflows/a.yml";

fn step(run: &str) -> String {
    let run = run.replace('\n', "\n          ");
    format!(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {run}\n"
    )
}

#[test]
fn what_would_not_end_ends() {
    let workflow = |run: &str| (WORKFLOW.to_owned(), step(run));
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let circles: [(&str, Vec<(String, String)>); 8] = [
        ("a loop", vec![workflow("while true; do :; done\ndocker build .")]),
        ("a function", vec![workflow("f() { f; }\nf\ndocker build .")]),
        ("a script", vec![workflow("./a.sh\ndocker build ."), file("a.sh", "#!/bin/sh\n./a.sh; ./a.sh x\n")]),
        (
            "sourcing",
            vec![workflow(". ./a.sh\ndocker build ."), file("a.sh", "#!/bin/sh\n. ./a.sh; . ./a.sh\n")],
        ),
        (
            "make",
            vec![
                workflow("make\ndocker build ."),
                file("Makefile", "a:\n\t$(MAKE) X=$(X)x a; $(MAKE) X=$(X)y a\n"),
            ],
        ),
        (
            "includes",
            vec![
                workflow("make\ndocker build ."),
                file("Makefile", "include a.mk\na: b\nb: a\n"),
                file("a.mk", "include a.mk Makefile\n"),
            ],
        ),
        (
            "variables",
            vec![
                workflow("make\ndocker build ."),
                file("Makefile", "A = $(B)$(B)\nB = $(A)$(A)\nC = $(call C,$(1)x)\nall:\n\t$(A)$(call C)\n"),
            ],
        ),
        (
            "words",
            vec![workflow(
                "A=xx\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28; do A=\"$A$A\"; done\ndocker build .",
            )],
        ),
    ];
    for (name, files) in circles {
        let builds = builds(files.into_iter().collect());
        assert_eq!(builds.definitions.len(), 1, "{name}");
    }
    let twice = one(WORKFLOW, &step("f() { f; f; }\nf\ndocker build ."));
    assert!(twice.problems[0].contains("steps to follow"), "{:?}", twice.problems);
    let itself = format!(
        "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./{WORKFLOW}\n  b:\n    runs-on: x\n    steps:\n      - run: docker build .\n"
    );
    assert!(one(WORKFLOW, &itself).definitions.len() <= 11);
    let action = "runs:\n  using: composite\n  steps:\n    - uses: ./a\n    - uses: ./a\n    - run: docker build .\n      shell: bash\n";
    let uses = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./a\n";
    let files = BTreeMap::from([file(WORKFLOW, uses), file("a/action.yml", action)]);
    assert!(builds(files).definitions.len() < 5_000);
}

#[test]
fn what_is_too_much_is_refused() {
    let values: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let list = values.join(", ");
    let matrix = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        a: [{list}]\n        b: [{list}]\n    steps:\n      - run: docker build ${{{{ matrix.a }}}}\n"
    );
    let builds = one(WORKFLOW, &matrix);
    assert_eq!(builds.definitions.len(), 1);
    assert_eq!(builds.definitions[0].context.value(), None);

    let laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n";
    let builds = one(WORKFLOW, laughs);
    assert!(builds.definitions.is_empty() && builds.problems[0].contains("aliases"), "{:?}", builds.problems);

    let nested = format!("{}docker build .{}", "if true; then ".repeat(5_000), "; fi".repeat(5_000));
    one(WORKFLOW, &step(&nested));
    let nested = format!("echo {}{}", "$(echo ".repeat(5_000), ")".repeat(5_000));
    one(WORKFLOW, &step(&nested));
    let nested =
        format!("A = {}x{}\nall:\n\tdocker build $(A)\n", "$(strip ".repeat(5_000), ")".repeat(5_000));
    builds_with_make(&nested);
    let nested = format!(
        "on: push\njobs:\n  a:\n    runs-on: ${{{{ {}x{} }}}}\n    steps: []\n",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    one(WORKFLOW, &nested);
}

fn builds_with_make(makefile: &str) -> Builds {
    let files = [(WORKFLOW, step("make")), ("Makefile", makefile.to_owned())];
    builds(files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect())
}

#[test]
fn broken_files_are_said_and_others_are_read() {
    let files = [
        (WORKFLOW, "on: push\njobs: [\n".to_owned()),
        (".github/workflows/b.yml", step("docker build .")),
        (".github/workflows/c.yml", "just a text".to_owned()),
        (
            ".github/workflows/d.yml",
            "on: push\njobs:\n  a: {steps: {}, strategy: 3, runs-on: {}}\n  b: []\n".to_owned(),
        ),
    ];
    let builds = builds(files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect());
    assert_eq!(builds.definitions.len(), 1);
    assert_eq!(builds.problems.len(), 1);
    assert!(builds.problems[0].starts_with(".github/workflows/a.yml:"), "{}", builds.problems[0]);
}

#[test]
fn private_letters_of_ours_in_a_file_do_no_harm() {
    let text = step("docker build \u{F0200}\u{F0041}\u{F0201}");
    let builds = one(WORKFLOW, &text);
    assert_eq!(builds.definitions[0].legs, Legs::Single);
    assert!(builds.definitions[0].context.value().is_some_and(|context| context.contains('\u{FFFD}')));
}

#[cfg(feature = "cli")]
mod chosen {
    use std::path::Path;
    use std::process::{Command, Output};

    use crate::golden;

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("images/app/Dockerfile", "FROM a AS base\nARG V\nRUN x $V\nFROM base AS other\nRUN y\n");
        write(
            "Makefile",
            "PLATFORMS ?= linux/arm64\nimage:\n\tdocker build --platform $(PLATFORMS) -f images/app/Dockerfile .\n",
        );
        write(
            ".github/workflows/release.yml",
            "on: push
jobs:
  image:
    strategy: {matrix: {include: [{p: linux/amd64, r: ubuntu-latest}, {p: linux/arm64, r: ubuntu-24.04-arm}]}}
    runs-on: ${{ matrix.r }}
    steps:
      - uses: docker/build-push-action@v6
        with:
          file: images/app/Dockerfile
          target: base
          platforms: ${{ matrix.p }}
          build-args: V=${{ github.sha }}
      - run: docker buildx imagetools create -t x y
",
        );
        folder
    }

    fn xsim(folder: &Path, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xsim"))
            .args(args)
            .current_dir(folder)
            .env_remove("GITHUB_REPOSITORY")
            .output()
            .unwrap()
    }

    fn targets(output: &Output) -> Vec<String> {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let targets = report["target_platforms"].as_array().unwrap().iter();
        targets.map(|target| target.as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn a_build_takes_the_place_of_a_dockerfile() {
        let folder = repository();
        let json = ["--format", "json"];
        let output =
            xsim(folder.path(), &[&["analyze", ".github/workflows/release.yml:7"], &json[..]].concat());
        assert_eq!(targets(&output), ["linux/amd64", "linux/arm64"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let nodes = report["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2, "a machine for each leg: nothing is emulated");
        assert!(said.contains("release.yml:7 builds images/app/Dockerfile") && !said.contains('V'), "{said}");
        let output = xsim(folder.path(), &[&["analyze", "Makefile#image"], &json[..]].concat());
        assert_eq!(targets(&output), ["linux/arm64"]);
        let output = xsim(
            folder.path(),
            &[&["analyze", "Makefile#image", "--platform", "linux/s390x"], &json[..]].concat(),
        );
        assert_eq!(targets(&output), ["linux/s390x"]);
        for wrong in ["Makefile#none", ".github/workflows/release.yml:1000"] {
            let output = xsim(folder.path(), &["analyze", wrong]);
            assert_eq!(output.status.code(), Some(2));
            assert!(String::from_utf8_lossy(&output.stderr).contains("no build is defined there"));
        }
    }

    #[test]
    fn a_definition_without_more_is_listed_or_taken() {
        let folder = repository();
        let workflow = ".github/workflows/release.yml";
        let output = xsim(folder.path(), &["analyze", workflow, "--target", "base", "--format", "json"]);
        assert_eq!(targets(&output), ["linux/amd64", "linux/arm64"], "a target is asked of a build");
        let output = xsim(folder.path(), &["analyze", "Makefile"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("Makefile#TARGET"));
    }

    #[test]
    fn other_commands_take_builds_too() {
        let folder = repository();
        let output = xsim(folder.path(), &["explain", ".github/workflows/release.yml:7:3"]);
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("line 3: RUN x $V"), "{output:?}");
        let output = xsim(
            folder.path(),
            &["compare", "Makefile#image", "images/app/Dockerfile", "Makefile#image", "--format", "json"],
        );
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let builds = report["builds"].as_array().unwrap();
        assert_eq!(builds.len(), 3);
        for build in builds {
            assert_eq!(build["platforms"][0]["platform"], "linux/arm64", "the first speaks for all");
        }
    }

    #[test]
    fn all_builds_of_a_repository_are_checked_as_they_are_built() {
        let folder = repository();
        let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
        write(
            "images/app/Dockerfile",
            "ARG WHAT\nFROM alpine AS base\nFROM base AS b-1\nRUN a\nFROM b-$WHAT AS other\nRUN y\n",
        );
        write(
            ".github/workflows/release.yml",
            "on: push
jobs:
  image:
    runs-on: ubuntu-latest
    strategy: {matrix: {target: [base, other]}}
    steps:
      - run: docker build --build-arg WHAT=1 --target ${{ matrix.target }} -f images/app/Dockerfile .
  more:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -f images/app/build.docker .
",
        );
        write("images/app/build.docker", "FROM scratch\nRUNN x\n");
        let output = xsim(folder.path(), &["check", "."]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("images/app/build.docker:2"), "a file that only a definition names: {said}");
        let alone = xsim(folder.path(), &["check", "images/app/Dockerfile"]);
        assert!(String::from_utf8_lossy(&alone.stdout).contains("bad-image-reference"), "{alone:?}");
        assert!(!said.contains("bad-image-reference"), "with its argument it can be built: {said}");
    }

    #[test]
    fn arguments_on_which_the_graph_depends_are_named() {
        let folder = repository();
        let dockerfile = folder.path().join("images/app/Dockerfile");
        std::fs::write(dockerfile, "ARG V=base\nFROM a AS base\nRUN b\nFROM $V\nRUN c\n").unwrap();
        let output = xsim(folder.path(), &["analyze", ".github/workflows/release.yml:7"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("depends"), "of the stage that is built it does not: {said}");
        let workflow = folder.path().join(".github/workflows/release.yml");
        let text = std::fs::read_to_string(&workflow).unwrap().replace("          target: base\n", "");
        std::fs::write(workflow, text).unwrap();
        let output = xsim(folder.path(), &["analyze", ".github/workflows/release.yml:7"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("the graph depends on V"), "{said}");
    }

    #[test]
    fn a_folder_means_its_build_for_several_platforms() {
        let folder = repository();
        let output = xsim(folder.path(), &["analyze", ".", "--format", "json"]);
        assert_eq!(targets(&output), ["linux/amd64", "linux/arm64"]);
    }

    #[test]
    fn samples_are_reported_as_they_say() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        for (name, workflow) in [("native-runners", "release.yml:20"), ("cache-trap", "ci.yml:13")] {
            let said = |args: &[&str]| String::from_utf8(xsim(&samples, args).stdout).unwrap();
            golden::check(format!("samples/{name}/builds.txt"), &said(&["builds", name]));
            let build = format!("{name}/.github/workflows/{workflow}");
            let (file, _) = build.split_once(':').unwrap();
            golden::check(format!("samples/{name}/report.txt"), &said(&["analyze", file]));
            let picture = said(&["analyze", &build, "--format", "svg"]);
            golden::check(format!("samples/{name}/timeline.svg"), &picture);
        }
    }

    #[test]
    fn builds_are_listed() {
        let folder = repository();
        let output = xsim(folder.path(), &["builds"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.starts_with("2 image builds\n") && text.contains("argument    V=unknown: ${{ github.sha }}"),
            "{text}"
        );
        let output = xsim(folder.path(), &["builds", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["builds"].as_array().unwrap().len(), 2);
    }
}
