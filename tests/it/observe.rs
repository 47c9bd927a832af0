//! What `observe` says of logs in every form, and of the builds in `tests/data/timing`.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::calibrate::{Match, Source as Learn, calibrate, dependency_plan, matches};
use xsim::ingest::{ObservedBuild, Outcome, Record, read};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::observe::{ChangeKind, Matching, agreement, difference, matching, observe, prepared, targets};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::units::Nanos;

/// The steps of instructions in a log: outcome and seconds.
fn steps(build: &ObservedBuild) -> Vec<(String, Outcome, Option<f64>)> {
    let own = build.steps.iter().filter(|step| step.label().index.is_some());
    own.map(|step| (step.name.to_string(), step.outcome, step.duration.map(Nanos::as_secs_f64))).collect()
}

fn told(log: &str) -> Record {
    read(log.as_bytes()).unwrap_or_else(|error| panic!("{error}: {log}"))
}

/// A build of two steps as the plain printer has it.
const PLAIN: &str = "#0 building with \"default\" instance using docker driver\n\n\
    #1 [internal] load build definition from Dockerfile\n#1 transferring dockerfile: 99B done\n#1 DONE 0.0s\n\n\
    #2 [build 1/2] FROM docker.io/library/golang:1.25\n#2 DONE 4.0s\n\n\
    #3 [build 2/2] RUN go build ./...\n#3 1.204 building\n#3 DONE 20.0s\n\n\
    #4 exporting to image\n#4 exporting layers 2.0s done\n#4 pushing layers 3.0s done\n#4 DONE 5.1s\n";

/// The same as the terminal has it.
const TERMINAL: &str = "[+] Building 29.3s (6/6) FINISHED                      docker:default\n\
    \x20=> [internal] load build definition from Dockerfile              0.0s\n\
    \x20=> => transferring dockerfile: 99B                               0.0s\n\
    \x20=> [build 1/2] FROM docker.io/library/golang:1.25                4.0s\n\
    \x20=> [build 2/2] RUN go build ./...                               20.0s\n\
    \x20=> exporting to image                                            5.1s\n\
    \x20=> => exporting layers                                           2.0s\n\
    \x20=> => pushing layers                                             3.0s\n";

fn with(each: impl Fn(usize, &str) -> String) -> String {
    PLAIN.lines().enumerate().map(|(at, line)| each(at, line) + "\n").collect()
}

#[test]
fn every_form_tells_the_same_steps() {
    let wanted = steps(&told(PLAIN).builds[0]);
    assert_eq!(wanted.len(), 2);
    let instant = |at: usize| format!("2026-08-01T12:00:{:02}.0000001Z", at * 2);
    let forms = [
        ("crlf", PLAIN.replace('\n', "\r\n")),
        ("github raw", with(|at, line| format!("{} {line}", instant(at)))),
        ("github by gh", with(|at, line| format!("build (amd64)\tBuild and push\t{} {line}", instant(at)))),
        (
            "gitlab",
            format!(
                "section_start:1785585601:build\r\u{1b}[0K\n{}",
                with(|at, line| format!("{} 00O {line}", instant(at)))
            ),
        ),
        (
            "gitlab without instants",
            format!(
                "section_start:1785585601:step\r\u{1b}[0K{PLAIN}section_end:1785585699:step\r\u{1b}[0K\n"
            ),
        ),
        (
            "buildkite",
            with(|at, line| format!("\u{1b}_bk;t={}\u{7}{line}", 1_785_585_601_000_usize + at * 1000)),
        ),
        ("jenkins", with(|at, line| format!("[{}] {line}", instant(at)))),
        ("times of day", with(|at, line| format!("23:59:{:02} {line}", at * 2))),
        ("cloud build", with(|_, line| format!("Step #1 - \"build\": {line}"))),
        ("compose", with(|_, line| format!("builder  | {line}"))),
        ("colours", with(|_, line| format!("\u{1b}[36m{line}\u{1b}[0m"))),
        ("terminal", TERMINAL.to_owned()),
        (
            "terminal without its heading",
            TERMINAL.lines().skip(1).map(|line| line.to_owned() + "\n").collect(),
        ),
        ("terminal, quoted", TERMINAL.lines().map(|line| line.trim().to_owned() + "\n").collect()),
    ];
    for (form, log) in forms {
        let record = told(&log);
        assert_eq!(record.builds.len(), 1, "{form}");
        assert_eq!(steps(&record.builds[0]), wanted, "{form}");
        let export = record.builds[0].steps.iter().find(|step| &*step.name == "exporting to image");
        let parts: Vec<_> =
            export.unwrap().parts.iter().map(|part| (&*part.name, part.duration.as_secs_f64())).collect();
        assert_eq!(parts, [("exporting layers", 2.0), ("pushing layers", 3.0)], "{form}");
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(TERMINAL.as_bytes()).unwrap();
    assert_eq!(steps(&read(packed.finish().unwrap().as_slice()).unwrap().builds[0]), wanted);
}

#[test]
fn instants_of_a_ci_service_make_a_timeline() {
    let log = with(|at, line| format!("build\tstep\t2026-08-01T12:00:{:02}Z {line}", at * 3));
    let build = &told(&log).builds[0];
    assert!(build.tells_instants());
    assert!(!told(PLAIN).builds[0].tells_instants());
    assert_eq!((&*build.place, build.origin.driver.as_deref()), ("build", Some("docker")));
}

#[test]
fn jobs_of_a_log_are_builds() {
    let lines = PLAIN.lines().flat_map(|line| [format!("amd64\ts\t{line}\n"), format!("arm64\ts\t{line}\n")]);
    let builds = told(&lines.collect::<String>()).builds;
    assert_eq!(builds.iter().map(|build| &*build.place).collect::<Vec<_>>(), ["amd64", "arm64"]);
    assert_eq!(steps(&builds[0]), steps(&builds[1]));
    let twice = told(&format!("{PLAIN}\nsome other command\n{PLAIN}"));
    assert_eq!(twice.builds.len(), 2);
    let terminals = told(&format!("{TERMINAL}\n{TERMINAL}"));
    assert_eq!(terminals.builds.len(), 1, "the same drawing twice is one build");
}

#[test]
fn a_scrolled_window_is_one_build_and_tells_when_steps_ran() {
    let mut log = String::new();
    for tenth in 0..=60_u32 {
        let now = f64::from(tenth) / 10.0;
        let _ = writeln!(log, "[+] Building {now:.1}s (1/3)\n => [1/3] FROM x   {:.1}s", now.min(2.0));
        if tenth > 20 {
            let _ = writeln!(log, " => [2/3] RUN make   {:.1}s", now - 2.0);
        }
    }
    let build = &told(&log).builds[0];
    assert_eq!(build.steps.len(), 2);
    let make = &build.steps[1];
    assert_eq!(make.outcome, Outcome::Unfinished);
    assert!((make.start().unwrap().as_secs_f64() - 2.0).abs() < 0.11, "{:?}", make.start());
}

#[test]
fn what_a_failed_step_printed_last_is_kept() {
    let plain = "#1 [2/2] RUN make\n#1 0.101 cc -c a.c\n#1 0.302 a.c:1: \u{1b}[31merror\u{1b}[0m: x\n\
        #1 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n";
    let terminal = "[+] Building 0.5s (2/2) FINISHED\n => ERROR [2/2] RUN make    0.4s\n------\n > [2/2] RUN make:\n\
        0.101 cc -c a.c\n0.302 a.c:1: error: x\n------\nDockerfile:2\nERROR: failed to solve: exit code: 2\n";
    let older = terminal.replace("0.101 cc", "#9 0.101 cc").replace("0.302 a", "#9 0.302 a");
    let compose = format!("2026/08/01 12:00:00 http2: closed{}", terminal.replace("0.101 cc", "#0 0.101 cc"));
    for log in [plain, terminal, &older, &compose] {
        let record = told(log);
        let step = &record.builds[0].steps[0];
        assert_eq!((step.outcome, step.output.len()), (Outcome::Failed, 2), "{log}");
        assert!(step.output[1].ends_with("a.c:1: error: x"), "{:?}", step.output);
        assert!(step.error.as_deref().unwrap().ends_with("exit code: 2"));
    }
}

#[test]
fn absurd_times_and_packings_do_no_harm() {
    let log = "#1 [1/2] RUN a\n#1 DONE 1e300s\n#2 [2/2] RUN b\n#2 DONE -5s\n#3 RUN x\n#3 DONE NaNs\n#4 RUN y\n#4 DONE 99999999999999999999s\n";
    assert!(told(log).builds[0].steps.iter().all(|step| step.duration.is_none()));
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b'\n'; 1 << 20];
    for _ in 0..8 {
        bomb.write_all(&zeros).unwrap();
    }
    assert!(read(bomb.finish().unwrap().as_slice()).is_err(), "nothing of a build");
    assert!(read(b"PK\x03\x04 not a zip file".as_slice()).is_err());
    assert!(read(b"\x28\xb5\x2f\xfd....".as_slice()).unwrap_err().to_string().contains("zstd"));
}

/// A file of `tests/data/timing`, unpacked.
fn timing(name: &str) -> Record {
    let path = format!("{}/tests/data/timing/{name}", env!("CARGO_MANIFEST_DIR"));
    read(std::io::BufReader::new(std::fs::File::open(path).unwrap())).unwrap()
}

/// The logs of `tests/data/timing` with their builds' names.
fn timing_logs() -> Vec<(String, String)> {
    let root = format!("{}/tests/data/timing", env!("CARGO_MANIFEST_DIR"));
    let mut logs = Vec::new();
    for folder in std::fs::read_dir(root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let build = folder.file_name().to_string_lossy().into_owned();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if name.ends_with(".rawjson.gz") || name.ends_with(".plain.log.gz") {
                logs.push((build.clone(), name));
            }
        }
    }
    logs.sort();
    logs
}

/// What a log and its Dockerfile say of each other.
fn beside(build: &ObservedBuild, folder: &str, check: impl FnOnce(&Analysis, &Matching)) {
    let path = format!("{}/tests/data/timing/{folder}/Dockerfile", env!("CARGO_MANIFEST_DIR"));
    let source = Source::new("Dockerfile", std::fs::read(path).unwrap()).unwrap();
    let amd64 = Platform::linux("amd64");
    let targets = targets(build, None).into_iter().map(|name| Platform::parse(&name, &amd64).unwrap());
    let inputs = Inputs::new(amd64.clone(), &targets.collect::<Vec<_>>()).unwrap();
    let node = NodeInputs::new(inputs);
    let planned = Build::new(source, vec![node]);
    let analysis = planned.outcome().unwrap();
    check(analysis, &matching(build, &planned, analysis));
}

#[test]
fn every_measured_build_has_the_graph_that_xsim_says() {
    let logs = timing_logs();
    assert!(logs.len() > 20, "{}", logs.len());
    for (folder, log) in logs {
        let mut record = timing(&format!("{folder}/{log}"));
        if let Some(name) = log.strip_suffix(".rawjson.gz") {
            let metadata = format!("{folder}/{name}.metadata.json.gz");
            if std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/data/timing")
                .join(&metadata)
                .exists()
            {
                record.extend(timing(&metadata));
                assert_eq!(record.join(), Vec::<usize>::new(), "{folder} {log}: its metadata are its own");
            }
        }
        let build = &record.builds[0];
        beside(build, &folder, |analysis, matching| {
            assert!(!matching.is_foreign(), "{folder} {log}");
            let agreement = agreement(build, analysis, matching);
            let left: Vec<_> = agreement.disagreements().collect();
            assert!(left.is_empty() && agreement.agreed > 3, "{folder} {log}: {left:?}");
        });
    }
}

#[test]
fn the_chain_of_a_log_ends_with_it_and_has_no_gap_that_is_not_told() {
    let build = &timing("diamond/cold.rawjson.gz").builds[0];
    let small = built_in("small").unwrap();
    let observation = observe(build, &small, None);
    let path = &observation.path;
    let told: Nanos = path
        .iter()
        .filter_map(|step| observation.runs.iter().find(|run| run.step == step.step).map(|run| (step, run)))
        .map(|(step, run)| step.wait + (run.end - run.start))
        .sum();
    assert!(
        (told.as_secs_f64() - observation.makespan.as_secs_f64()).abs() < 0.1,
        "{told} {}",
        observation.makespan
    );
    assert!(build.step(path.last().unwrap().step).end() == Some(build.makespan()));
    assert!(observation.summary.emulated > observation.summary.commands * 0.7);
}

#[test]
fn inline_documents_are_matched_by_stage_and_number() {
    let build = &timing("mounts/cold.plain.log.gz").builds[0];
    let small = built_in("small").unwrap();
    let alone = matches(&prepared(build, None), &small);
    assert!(alone.contains(&Match::Inline) && !alone.contains(&Match::Place));
    beside(build, "mounts", |analysis, matching| {
        let known = prepared(build, Some((analysis, matching)));
        let found = matches(&known, &small);
        assert!(found.contains(&Match::Place) && !found.contains(&Match::Inline), "{found:?}");
        let profile = calibrate(&[Learn { name: "plain", build: &known }], &small);
        assert!(profile.runs.iter().all(|run| !run.does.starts_with("<<")), "{:?}", profile.runs);
        assert!(profile.learnt_from[0].problems.contains("contention is not known"));
        assert!(profile.runs.iter().all(|run| run.sigma >= 0.3), "unsure");
    });
}

#[test]
fn logs_that_teach_little_say_so() {
    let small = built_in("small").unwrap();
    let cut = "{\"vertexes\":[{\"digest\":\"a\",\"name\":\"[1/2] RUN x\",\"started\":\"2026-08-01T12:00:00Z\"},\
        {\"digest\":\"b\",\"name\":\"[2/2] RUN y\"}]}\n";
    assert_eq!(matches(&told(cut).builds[0], &small), [Match::Unfinished, Match::NotReached]);
    let pull = "#1 [1/2] FROM docker.io/library/x:1\n#1 DONE 0.1s\n#2 [2/2] RUN make\n#2 CACHED\n";
    let build = prepared(&told(pull).builds[0], None);
    let profile = calibrate(&[Learn { name: "cached", build: &build }], &small);
    assert!(profile.pulls.is_empty(), "an image that was there is not free to get: {:?}", profile.pulls);
    // buildx's own line is no step that never ends.
    assert!(told(PLAIN).builds[0].steps.iter().all(|step| step.outcome == Outcome::Done));
}

#[test]
fn a_lock_in_a_name_is_a_lock() {
    let log = "#1 [linux/amd64 b 1/1] RUN --mount=type=cache,target=/c,sharing=locked make a\n#1 DONE 3.0s\n\
        #2 [linux/amd64 c 1/1] RUN --mount=type=cache,target=/c,sharing=locked make b\n#2 DONE 6.0s\n";
    let build = prepared(&told(log).builds[0], None);
    let plan = dependency_plan(&build, |_| xsim::sim::Work::NONE).plan;
    let locks: Vec<_> = plan.tasks().iter().map(|task| task.locks.clone()).collect();
    assert!(locks[0].len() == 1 && locks[0] == locks[1], "{locks:?}");
}

#[test]
fn two_logs_are_compared_step_by_step() {
    let old = &told(PLAIN).builds[0];
    let new = PLAIN.replace("#2 DONE 4.0s", "#2 CACHED").replace("#3 DONE 20.0s", "#3 DONE 31.0s");
    let new = &told(&new).builds[0];
    let kinds: Vec<_> = difference(old, new).changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds[..2], [ChangeKind::Slower, ChangeKind::NowCached], "{kinds:?}");
}

#[cfg(feature = "schema")]
#[test]
fn the_documented_schema_is_current() {
    let text = serde_json::to_string_pretty(&xsim::report::observation_schema()).unwrap();
    crate::golden::check("docs/schema/observation.json", &format!("{text}\n"));
}
