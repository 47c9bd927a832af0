//! Rules on workflows: their pages' examples, and what is silent.

use std::collections::BTreeMap;

use xsim::advice::{FixedWorkflow, InWorkflows, Worth, evaluate_workflows, fix_workflow, rules};
use xsim::builds::{Repo, Source, list};
use xsim::diagnostic::Rule;
use xsim::pricing::Terms;
use xsim::sim::built_in;
use xsim::workflow::Pricer;

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// What the examples build: a stage that runs much, of which the image takes a program.
const DOCKERFILE: &str = "FROM rust AS build\nRUN apt-get update && apt-get install -y clang cmake\nCOPY . .\n\
                          RUN cargo build --release\nFROM debian\nCOPY --from=build /app /app\n";

/// A bundle made once for all platforms.
const PINNED: &str = "FROM --platform=$BUILDPLATFORM node AS build\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n\
                      FROM nginx\nCOPY --from=build /dist /usr/share/nginx/html\n";

pub(super) struct Files(BTreeMap<String, String>);

impl Files {
    pub(super) fn new(workflow: &str) -> Self {
        let files = [
            (WORKFLOW, workflow),
            ("Dockerfile", DOCKERFILE),
            ("pinned.Dockerfile", PINNED),
            ("src/main.rs", ""),
        ];
        Self(files.map(|(path, text)| (path.to_owned(), text.to_owned())).into())
    }

    fn with<T>(&self, ask: impl FnOnce(&Repo<'_>, &Pricer<'_>) -> T) -> T {
        let repo = Repo::new(self, self.0.keys().cloned(), Some("owner/name".to_owned()));
        let pricer =
            Pricer::new(&repo, Terms::new(built_in("ubuntu-latest").unwrap()).without_range(), None, |_| {
                None
            });
        ask(&repo, &pricer)
    }

    pub(super) fn found(&self) -> InWorkflows {
        self.with(|repo, pricer| {
            evaluate_workflows(repo, &list(repo), pricer, Worth::default(), &str::to_owned)
        })
    }

    fn fixed(&self, only: Option<&Rule>) -> FixedWorkflow {
        let wanted = |rule: &Rule| only.is_none_or(|only| only == rule);
        let fixed = self.with(|repo, pricer| {
            fix_workflow(repo, &list(repo), WORKFLOW, pricer, Worth::default(), &wanted)
        });
        fixed.unwrap()
    }
}

impl Source for Files {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

/// The rules of what is found, with their lines.
fn codes(workflow: &str) -> Vec<(&'static str, u32)> {
    let mut codes: Vec<(&str, u32)> = Files::new(workflow)
        .found()
        .found
        .iter()
        .filter(|found| found.counts())
        .map(|found| (found.rule.code, found.line.map_or(0, |line| line.0)))
        .collect();
    codes.sort_unstable();
    codes
}

#[test]
fn examples_are_true() {
    for rule in rules::workflow_lints() {
        let doc = rule.doc.unwrap();
        let of = |text: &str| {
            let found = Files::new(text).found().found;
            found.into_iter().filter(|found| found.rule == rule).collect::<Vec<_>>()
        };
        let before = of(doc.before);
        assert!(!before.is_empty(), "{} finds nothing in its own example", rule.code);
        assert!(of(doc.after).is_empty(), "{} finds something in its own cure", rule.code);
        let has_fix = before.iter().any(|found| found.fix.is_some());
        assert_ne!(has_fix, doc.no_fix.is_some(), "{} either has a fix or says why not", rule.code);
        if has_fix {
            assert_eq!(Files::new(doc.before).fixed(Some(rule)).after, doc.after, "{}", rule.code);
        } else {
            let says = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(" less"));
            let is_told = before.iter().all(|found| found.saving.is_some() || says(&found.help));
            assert!(is_told, "{} says what it saves", rule.code);
        }
    }
}

/// A job with these steps.
fn workflow(matrix: &str, runner: &str, steps: &[&str]) -> String {
    let steps = format!("      - {}\n", steps.join("\n      - "));
    format!(
        "on: push\njobs:\n  image:\n    strategy: {{matrix: {{{matrix}}}}}\n    runs-on: {runner}\n    steps:\n{steps}"
    )
}

const BUILDX: &str = "uses: docker/setup-buildx-action@v3";
const QEMU: &str = "uses: docker/setup-qemu-action@v3";

fn build(with: &str) -> String {
    format!("uses: docker/build-push-action@v6\n        with: {{{with}}}")
}

#[test]
fn rules_are_silent_where_nothing_is_lost() {
    let gha = "cache-from: type=gha, cache-to: \"type=gha,mode=max\"";
    let both = "\"linux/amd64,linux/arm64\"";
    let silent = [
        // One builds all that the other does.
        workflow(
            "x: [1]",
            "ubuntu-latest",
            &[BUILDX, &build(&format!("load: true, {gha}")), &build(&format!("push: true, {gha}"))],
        ),
        // Only one of them runs.
        workflow(
            "x: [1]",
            "ubuntu-24.04-arm",
            &[
                BUILDX,
                &format!(
                    "if: github.event_name == 'push'\n        {}",
                    build(&format!("platforms: linux/arm64, {gha}"))
                ),
                &format!(
                    "if: github.event_name != 'push'\n        {}",
                    build(&format!("target: build, {gha}"))
                ),
            ],
        ),
        // What the scope is depends on the run.
        workflow(
            "p: [linux/amd64, linux/386]",
            "ubuntu-latest",
            &[
                BUILDX,
                &build(
                    "platforms: \"${{ matrix.p }}\", cache-to: \"type=gha,mode=max,scope=${{ github.ref }}\"",
                ),
            ],
        ),
        // Nothing is emulated: the stage cross-compiles.
        workflow(
            "x: [1]",
            "ubuntu-latest",
            &[BUILDX, &build(&format!("file: pinned.Dockerfile, platforms: {both}"))],
        ),
        // Other steps may run foreign programs.
        workflow(
            "x: [1]",
            "ubuntu-latest",
            &[QEMU, BUILDX, &build("load: true"), "run: docker run --platform linux/arm64 app"],
        ),
        // Where the Dockerfile is not known, nothing is.
        workflow(
            "x: [1]",
            "ubuntu-latest",
            &[QEMU, BUILDX, &build("file: made.Dockerfile, platforms: linux/arm64")],
        ),
        // Native machines: one build would emulate.
        workflow(
            "include: [{p: linux/amd64, r: ubuntu-latest}, {p: linux/arm64, r: ubuntu-24.04-arm}]",
            "\"${{ matrix.r }}\"",
            &[BUILDX, &build("platforms: \"${{ matrix.p }}\"")],
        ),
        // A machine of which the price is not known.
        workflow("x: [1]", "[self-hosted, linux, x64]", &[BUILDX, &build("platforms: linux/arm64")]),
    ];
    for case in silent {
        assert_eq!(codes(&case), [], "{case}");
    }
}

#[test]
fn caches_are_told_apart() {
    let gha = "cache-from: type=gha, cache-to: \"type=gha,mode=max\"";
    let cases = [
        // Two images of one job.
        workflow(
            "x: [1]",
            "ubuntu-latest",
            &[
                BUILDX,
                &build(&format!("file: Dockerfile, {gha}")),
                &build(&format!("file: pinned.Dockerfile, {gha}")),
            ],
        ),
        // One scope, though it has a name.
        workflow(
            "f: [Dockerfile, pinned.Dockerfile]",
            "ubuntu-latest",
            &[BUILDX, &build("file: \"${{ matrix.f }}\", cache-to: \"type=gha,mode=max,scope=x\"")],
        ),
        // One reference of a registry.
        workflow(
            "f: [Dockerfile, pinned.Dockerfile]",
            "ubuntu-latest",
            &[
                BUILDX,
                &build("file: \"${{ matrix.f }}\", cache-to: \"type=registry,mode=max,ref=a/b:cache\""),
            ],
        ),
    ];
    let lines = [vec![8, 10], vec![8], vec![8]];
    for (case, lines) in cases.iter().zip(lines) {
        let expected: Vec<(&str, u32)> = lines.into_iter().map(|line| ("shared-cache-scope", line)).collect();
        assert_eq!(codes(case), expected, "{case}");
    }
    let fixed = Files::new(&cases[0]).fixed(None);
    assert_eq!(
        (fixed.applied.len(), &*fixed.after),
        (0, &*fixed.before),
        "no scope fits into a flow mapping"
    );
}

#[test]
fn each_build_gets_a_scope_of_its_own() {
    let step = |file: &str| {
        format!(
            "uses: docker/build-push-action@v6\n        with:\n          file: {file}\n          cache-from: type=gha\n          cache-to: |\n            type=gha,mode=max\n"
        )
    };
    let text =
        workflow("x: [1]", "ubuntu-latest", &[BUILDX, &step("Dockerfile"), &step("pinned.Dockerfile")]);
    let fixed = Files::new(&text).fixed(None);
    let expected = text.replacen("type=gha", "type=gha,scope=image", 2);
    let (first, rest) = expected.split_at(expected.find("pinned.Dockerfile").unwrap());
    assert_eq!(fixed.after, format!("{first}{}", rest.replace("type=gha", "type=gha,scope=image-2")));
    assert!(codes(&fixed.after).is_empty());
}

#[test]
fn comments_exempt_a_step() {
    let text = workflow("x: [1]", "ubuntu-24.04-arm", &[QEMU, BUILDX, &build("platforms: linux/arm64")]);
    assert_eq!(codes(&text), [("idle-emulator", 7)]);
    let of =
        |comment: &str| text.replace(&format!("      - {QEMU}"), &format!("      {comment}\n      - {QEMU}"));
    assert_eq!(codes(&of("# xsim: ignore=idle-emulator the next job needs it")), []);
    assert_eq!(codes(&of("# xsim: ignore=native-runner")), [("idle-emulator", 8)]);
}
