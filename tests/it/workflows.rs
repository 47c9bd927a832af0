//! What workflows cost: small repositories with what is expected of their jobs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const WORKFLOW: &str = ".github/workflows/a.yml";

/// A Dockerfile of which all but the last stage runs something, slowly.
const DOCKERFILE: &str = "FROM rust AS build\nCOPY Cargo.toml ./\nRUN cargo fetch\nCOPY . .\nRUN cargo build --release\n\
                          FROM debian\nCOPY --from=build /app /app\nRUN /app --version\n";

fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let usual = BTreeMap::from([("Dockerfile", DOCKERFILE), ("Cargo.toml", ""), ("src/main.rs", "")]);
    for (path, text) in usual.into_iter().chain(files.iter().copied()) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn xsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.args(args).current_dir(folder).env_remove("GITHUB_REPOSITORY").output().unwrap()
}

fn report(workflow: &str) -> Value {
    let report = unchecked(workflow);
    let validator = jsonschema::validator_for(&xsim::report::builds::workflow_schema()).unwrap();
    let unfit: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(unfit.is_empty(), "{unfit:?}");
    report
}

/// The same without a look at its form, which takes many times as long as a large report itself.
fn unchecked(workflow: &str) -> Value {
    let folder = repository(&[(WORKFLOW, workflow)]);
    let output = xsim(folder.path(), &["analyze", WORKFLOW, "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of what is listed.
fn names<'r>(list: &'r Value, of: impl Fn(&'r Value) -> &'r Value) -> Vec<&'r str> {
    list.as_array().unwrap().iter().map(|one| of(one).as_str().unwrap_or("-")).collect()
}

fn seconds(value: &Value) -> f64 {
    value["p50_s"].as_f64().unwrap()
}

/// A job that builds for some platforms.
fn job(name: &str, runner: &str, needs: &str, with: &str) -> String {
    format!(
        "  {name}:\n    needs: [{needs}]\n    runs-on: {runner}\n    steps:\n      - uses: actions/checkout@v4\n      \
         - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with: {{{with}}}\n"
    )
}

#[test]
fn jobs_follow_what_they_need() {
    let merge = "  merge:\n    needs: [amd64, arm64]\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker buildx imagetools create a b\n";
    let test = "  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n";
    let amd64 = job("amd64", "ubuntu-latest", "test", "context: ., platforms: linux/amd64");
    let arm64 = job("arm64", "ubuntu-24.04-arm", "", "context: ., platforms: linux/arm64");
    let report = report(&format!("on: push\njobs:\n{test}{amd64}{arm64}{merge}"));
    assert_eq!(names(&report["jobs"], |job| &job["name"]), ["amd64", "arm64", "merge"]);
    assert_eq!(names(&report["outside"], |name| name), ["test"]);
    assert_eq!(report["at_least"], false);
    let longest: Vec<u64> = report["longest"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    assert!(longest.len() == 2 && longest[1] == 2, "{longest:?}");
    let jobs = report["jobs"].as_array().unwrap();
    let total = seconds(&report["total"]["cold"]);
    let least = seconds(&jobs[longest[0] as usize]["time"]["cold"]);
    assert!(total > least && total < 1.5 * least, "{total} {least}");
    assert!(jobs[..2].iter().all(|job| job["builds"][0]["emulated"] == 0));
}

#[test]
fn emulators_are_where_they_were_set_up() {
    let build = |set_up: &str, how: &str| {
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{set_up}      - run: {how} --platform linux/arm64 .\n"
        )
    };
    let qemu = "      - uses: docker/setup-qemu-action@v3\n";
    let buildx = "      - uses: docker/setup-buildx-action@v3\n";
    let emulated =
        |set_up: &str, how: &str| report(&build(set_up, how))["jobs"][0]["builds"][0]["emulated"].as_u64();
    assert_eq!(emulated(qemu, "docker build"), Some(3));
    assert_eq!(emulated(buildx, "docker buildx build"), Some(3), "the image of the builder has emulators");
    let without = report(&build("", "docker build"));
    assert_eq!(without["at_least"], true);
    assert!(without["jobs"][0]["builds"][0]["unknown"].as_str().unwrap().contains("nothing emulates"));
}

#[test]
fn what_is_not_known_makes_the_whole_a_least() {
    let of = |runner: &str, with: &str| report(&format!("on: push\njobs:\n{}", job("a", runner, "", with)));
    let cases = [
        of("\"${{ vars.RUNNER }}\"", "context: ."),
        of("[self-hosted, gpu]", "context: ."),
        of("ubuntu-latest", "context: ., file: made.Dockerfile"),
        of("ubuntu-latest", "context: ., platforms: \"${{ github.event.inputs.p }}\""),
        report("on: push\njobs:\n  a:\n    uses: x/y/.github/workflows/docker-build.yml@v1\n"),
    ];
    for case in cases {
        assert_eq!(case["at_least"], true, "{case}");
    }
    let self_hosted = of("[self-hosted, linux, arm64]", "context: .");
    assert_eq!(self_hosted["at_least"], false);
    assert_eq!(self_hosted["jobs"][0]["builds"][0]["assumed"], "4 cores");
}

#[test]
fn caches_decide_what_runs_again() {
    let of = |cache: &str| {
        let with = format!("context: ., platforms: linux/amd64{cache}");
        let report = report(&format!("on: push\njobs:\n{}", job("a", "ubuntu-latest", "", &with)));
        let build = &report["jobs"][0]["builds"][0];
        (
            build["cache"].as_str().unwrap().to_owned(),
            seconds(&build["time"]["cold"]),
            build["time"]["again"].clone(),
        )
    };
    let (found, cold, again) = of("");
    assert_eq!((found.as_str(), seconds(&again)), ("nothing", cold));
    let (found, _, min) = of(", cache-from: type=gha, cache-to: type=gha");
    assert_eq!(found, "layers");
    let (found, _, max) = of(", cache-from: type=gha, cache-to: \"type=gha,mode=max\"");
    assert_eq!(found, "all");
    assert!(seconds(&max) < seconds(&min), "the other stage's steps are kept");
    assert!(seconds(&min) <= cold);
    let (found, _, again) = of(", cache-from: \"type=registry,ref=a:b\"");
    assert_eq!((found.as_str(), again.is_null()), ("unknown", true));
}

#[test]
fn the_last_to_write_a_cache_has_it() {
    let cached = "cache-from: type=gha, cache-to: \"type=gha,mode=max\"";
    let slow = job("slow", "ubuntu-latest", "", &format!("context: ., platforms: linux/arm64, {cached}"));
    let fast = job("fast", "ubuntu-latest", "", &format!("context: ., platforms: linux/amd64, {cached}"));
    let report = report(&format!("on: push\njobs:\n{slow}{fast}"));
    let found = names(&report["jobs"], |job| &job["builds"][0]["cache"]);
    assert_eq!(found, ["all", "overwritten"]);
}

#[test]
fn of_steps_that_exclude_each_other_one_counts() {
    let step = |condition: &str, platforms: &str| {
        format!(
            "      - uses: docker/build-push-action@v6\n        if: {condition}\n        with: {{context: ., platforms: \"{platforms}\"}}\n"
        )
    };
    let head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n";
    let time = |steps: &str| seconds(&report(&format!("{head}{steps}"))["total"]["cold"]);
    let request = step("github.event_name == 'pull_request'", "linux/amd64");
    let push = step("github.event_name != 'pull_request'", "linux/amd64,linux/arm64");
    assert!((time(&format!("{request}{push}")) - time(&push)).abs() < 1.0);
    assert!(time(&format!("{request}{}", step("always()", "linux/arm64"))) > 1.5 * time(&request));
}

#[test]
fn circles_are_said() {
    let report = report(&format!(
        "on: push\njobs:\n{}{}",
        job("a", "ubuntu-latest", "b", "context: ."),
        job("b", "ubuntu-latest", "a", "context: .")
    ));
    assert_eq!(report["circle"], true);
}

/// Jobs of many legs, made of a matrix of some axes.
fn legs(axes: usize) -> String {
    let axes: String =
        (0..axes).fold(String::new(), |text, n| text + &format!(", a{n}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"));
    format!(
        "on: push\njobs:\n  a:\n    strategy:\n      matrix: {{p: [linux/amd64]{axes}}}\n    runs-on: ubuntu-latest\n    steps:\n      \
         - uses: docker/build-push-action@v6\n        with: {{context: ., platforms: \"${{{{ matrix.p }}}}\", build-args: \"A=${{{{ matrix.a0 }}}}\", \
         cache-to: \"type=gha,mode=max\", cache-from: type=gha}}\n"
    )
}

#[test]
fn matrices_have_limits() {
    let most = unchecked(&legs(4));
    assert_eq!(most["jobs"].as_array().unwrap().len(), 10_000);
    assert_eq!(most["at_least"], false);
    let more = report(&legs(5));
    let jobs = more["jobs"].as_array().unwrap();
    assert_eq!((jobs.len(), &more["at_least"]), (1, &Value::Bool(true)), "one leg stands for all");
    assert!(jobs[0]["open"].as_str().unwrap().contains("10000"));
}

#[test]
fn workflows_that_call_each_other_end() {
    let call = "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/a.yml\n  b:\n    needs: a\n    uses: ./.github/workflows/a.yml\n";
    let folder = repository(&[(WORKFLOW, call)]);
    let output = xsim(folder.path(), &["analyze", WORKFLOW]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn paths_that_leave_the_repository_are_not_read() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("Dockerfile"), "FROM secret\nRUN x\n").unwrap();
    let file = format!("{}/Dockerfile", outside.path().display());
    for file in [&*file, "../outside/Dockerfile"] {
        let with = format!("context: ., file: {file}");
        let report = report(&format!("on: push\njobs:\n{}", job("a", "ubuntu-latest", "", &with)));
        assert_eq!(report["at_least"], true, "{report}");
        assert!(report["jobs"][0]["builds"][0].get("time").is_none());
    }
}

#[test]
fn what_a_builder_has_built_takes_no_time() {
    let step = |platforms: &str| {
        format!(
            "      - uses: docker/build-push-action@v6\n        with: {{context: ., platforms: \"{platforms}\"}}\n"
        )
    };
    let head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n";
    let time = |steps: &str| seconds(&report(&format!("{head}{steps}"))["total"]["cold"]);
    let (both, one) = (step("linux/amd64,linux/arm64"), step("linux/amd64"));
    assert!((time(&format!("{both}{one}")) - time(&both)).abs() < 1.0, "all of it was built before");
    assert!(time(&format!("{one}{both}")) > 1.02 * time(&both), "a part of it was, which is not taken off");
}

#[test]
fn every_command_says_the_same_of_a_workflow() {
    let with = "platforms: \"linux/amd64,linux/arm64\", cache-from: type=gha, cache-to: type=gha";
    let setup = "      - uses: docker/setup-qemu-action@v3\n";
    let text = format!("on: push\njobs:\n{}", job("image", "ubuntu-latest", "", with));
    let text = text.replacen(
        "      - uses: docker/setup-buildx",
        &format!("{setup}      - uses: docker/setup-buildx"),
        1,
    );
    let entry = |at| format!("[[package]]\nname = \"c{at}\"\nversion = \"1.0.0\"\n\n");
    let lock = (0..40).map(entry).collect::<Vec<String>>().concat();
    let saving = |args: &[&str], folder: &Path| {
        let said = String::from_utf8(xsim(folder, args).stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, found) = said.split_once("native-runner").unwrap_or_else(|| panic!("{args:?}: {said}"));
        let (_, saving) = found.split_once("saves ").unwrap();
        saving.split([';', ' ']).take(9).collect::<Vec<_>>().join(" ")
    };
    let usual = repository(&[(WORKFLOW, &text)]);
    let small = repository(&[(WORKFLOW, &text), ("Cargo.lock", &lock)]);
    for folder in [usual.path(), small.path()] {
        let of_list = saving(&["builds"], folder);
        assert_eq!(of_list, saving(&["analyze", WORKFLOW], folder));
        assert_eq!(of_list, saving(&["check", WORKFLOW, "--fail-on", "never"], folder));
    }
    let total = |folder: &Path| {
        let output = xsim(folder, &["analyze", WORKFLOW, "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        seconds(&report["total"]["cold"])
    };
    assert!(total(small.path()) * 1.5 < total(usual.path()), "the size of the project is not read");
}

#[test]
fn legs_that_differ_in_their_targets_repeat_what_they_share() {
    let dockerfile = |shared: &str| {
        format!(
            "FROM rust AS base\nCOPY . .\nRUN cargo build --release\n\
             FROM {shared} AS api\nRUN ./configure\nFROM {shared} AS worker\nRUN ./autogen\n"
        )
    };
    let workflow = "on: push\njobs:\n  image:\n    strategy:\n      matrix:\n        target: [api, worker]\n    runs-on: ubuntu-latest\n    \
                    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          \
                    context: .\n          target: ${{ matrix.target }}\n          platforms: linux/amd64\n";
    let found = |shared: &str| {
        let folder = repository(&[(WORKFLOW, workflow), ("Dockerfile", &dockerfile(shared))]);
        let output = xsim(folder.path(), &["check", WORKFLOW, "--fail-on", "never"]);
        String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = found("base");
    assert!(told.contains("[repeated-legs]: 2 legs build Dockerfile, and 1 command runs again"), "{told}");
    assert!(told.contains("One call of `docker buildx bake` with a target for each"), "{told}");
    let silent = found("debian");
    assert!(!silent.contains("repeated-legs"), "{silent}");
}
