//! The program as a user runs it: exit codes, what goes to which stream, files.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn xsim(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xsim"));
    command.args(args).env_remove("NO_COLOR").env("LANG", "C.UTF-8");
    command
}

fn run(args: &[&str], stdin: impl AsRef<[u8]>) -> Output {
    let mut child =
        xsim(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_ref());
    child.wait_with_output().unwrap()
}

#[track_caller]
pub(crate) fn exits(args: &[&str], stdin: impl AsRef<[u8]>, code: i32) -> Output {
    let output = run(args, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
    output
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name).display().to_string()
}

/// A folder of the test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const GOOD: &str = "FROM alpine\nRUN true\n";

#[test]
fn what_is_done_exits_0() {
    assert!(stdout(&exits(&["analyze", "-"], GOOD, 0)).contains("RUN true"));
    assert!(
        stdout(&exits(&["analyze", &sample("early-arg")], "", 0)).contains("rustup"),
        "a folder is enough"
    );
    assert!(stdout(&exits(&["--help"], "", 0)).contains("analyze"));
    assert!(stdout(&exits(&["--version"], "", 0)).starts_with("xsim "));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&exits(&["completions", shell], "", 0)).contains("xsim"), "{shell}");
    }
    assert!(stdout(&exits(&["man"], "", 0)).starts_with(".ie"));
    assert!(stdout(&exits(&["man", "analyze"], "", 0)).contains("analyze"));
}

#[test]
fn without_times_the_map_is_the_same() {
    let analyze = |more: &[&str]| {
        let args = [
            &["analyze", "samples/front-and-back/Dockerfile", "--platform", "linux/amd64,linux/arm64"],
            more,
        ];
        stdout(&exits(&args.concat(), "", 0))
    };
    let (all, map) = (analyze(&["--source"]), analyze(&["--source", "--no-time"]));
    // But for what findings save, which is a matter of time.
    let is_finding = |line: &str| line.starts_with("    ") || line.starts_with("  1 ");
    assert!(map.lines().all(|line| all.contains(line) || is_finding(line)), "{map}");
    assert!(all.contains("takes about") && all.contains("does it"), "{all}");
    assert!(!map.contains("takes about") && !map.contains("does it"), "{map}");
    assert!(all.contains("note[link-would-share]") && map.contains("note[link-would-share]"), "{map}");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (all, map) =
        (json(&analyze(&["--format", "json"])), json(&analyze(&["--format", "json", "--no-time"])));
    assert_eq!((&map["summary"], &map["stages"]), (&all["summary"], &all["stages"]));
    assert!(all["timing"].is_object() && map["timing"].is_null());
}

#[test]
fn a_wrong_command_line_exits_2() {
    for args in [
        &["analyze", "-", "--platform", "a b"][..],
        &["analyze", "-", "--platform", "linux/amd64,nonsense/x/y/z"],
        &["analyze", "-", "--build-platform", "*"],
        &["analyze", "-", "--nope"],
        &["analyze", "-", "--format", "yaml"],
        &["analyze", "-", "--build-arg", "=x"],
        &["analyze", "-", "--build-context", "x"],
        &["analyze", "-", "--image-config", "x"],
        &["analyze", "-", "--machine", "nope"],
        &["analyze", "-", "--machine", "native-pair", "--build-platform", "linux/amd64"],
        &["analyze", "-", "--machine", "ubuntu-latest", "--build-platform", "linux/arm64"],
        &["analyze", "-", "--max-parallelism", "0"],
        &["analyze", "-", "--cache", "tepid"],
        &["analyze", "-", "--cache", "cold", "--changed", "a"],
        &["analyze", "-", "--cached-platform", "a b"],
        &["analyze", "-", "--slowdown", "fast"],
        &["analyze", "-", "--slowdown", "arm64=0.5"],
        &["analyze", "-", "--slowdown", "=3"],
        &["analyze", "-", "--slowdown", "nan"],
        &["analyze", "-", "--no-time", "--format", "svg"],
        &["analyze", "-", "--no-time", "--format", "sarif"],
        &["analyze", "-", "--no-time", "--timeline"],
        &["analyze", "-", "--no-time", "--fail-on", "error"],
        &["analyze", "-", "--no-time", "--max-time", "1m"],
        &["compare", "-"],
        &["compare", "-", "-"],
        &["compare", "-", "-", "--format", "svg2"],
        &["compare", "-", "--machine", "nope", "-"],
        &["explain", "Dockerfile"],
        &["explain", "Dockerfile:0"],
        &["translate", "linux/arm64", "--for", "cobol"],
        &["translate", "linux/arm64", "--for", "golang", "--field", "nope"],
        &["man", "nope"],
        &["nope"],
        &[],
    ] {
        let output = exits(args, GOOD, 2);
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn what_cannot_be_built_exits_3() {
    for text in [
        "",
        "# only a comment\n",
        "ARG A=1\n",
        "RUN x\n",
        "FROM a\nRUN <<EOF\nx\n",
        "FROM a AS x\nCOPY --from=x / /\n",
        "FROM a AS x\nCOPY --from=y / /\nFROM x AS y\n",
        "FROM a\nBOGUS\n",
    ] {
        let output = exits(&["analyze", "-"], text, 3);
        assert!(output.stdout.is_empty(), "{text:?}");
        assert!(stderr(&output).contains("error["), "{text:?}: {}", stderr(&output));
        let output = exits(&["analyze", "-", "--format", "json"], text, 3);
        assert!(stdout(&output).contains(r#""error":{"#), "{text:?}");
    }
    exits(&["analyze", "-", "--target", "nope"], GOOD, 3);
    let good = sample("early-arg");
    for args in [&["compare", &good, "-"], &["compare", "-", &good]] {
        let output = exits(args, "FROM a\nBOGUS\n", 3);
        assert!(output.stdout.is_empty() && stderr(&output).contains("error["), "{args:?}");
        let output = exits(&[args[0], args[1], args[2], "--format", "json"], "FROM a\nBOGUS\n", 3);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&json["schema"], &json["file"]), (&"xsim.comparison/2".into(), &"Dockerfile".into()));
        assert_eq!(json["error"]["line"], 2);
    }
    exits(&["explain", "-:1", "--target", "nope"], GOOD, 3);
}

#[test]
fn what_cannot_be_read_or_written_exits_4() {
    let folder = folder("unreadable");
    let missing = folder.join("missing").display().to_string();
    assert!(stderr(&exits(&["analyze", &missing], "", 4)).contains("missing"));
    exits(&["analyze", &folder.display().to_string()], "", 4);
    exits(&["analyze", "-", "--output", &folder.join("no/such/folder").display().to_string()], GOOD, 4);
    exits(&["analyze", "-", "--image-config", &format!("alpine={missing}")], GOOD, 4);
}

#[test]
fn a_failed_run_leaves_no_file() {
    let folder = folder("output");
    let path = folder.join("report.json").display().to_string();
    exits(&["analyze", "-", "--format", "json", "--output", &path], "FROM a\nBOGUS\n", 3);
    exits(&["analyze", "-", "--platform", "*", "--output", &path], GOOD, 2);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let output = exits(&["analyze", "-", "--format", "json", "--output", &path], GOOD, 0);
    assert!(output.stdout.is_empty());
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(r#"{"schema":"xsim.analysis/2""#));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_pipe_gets_no_colours_unless_asked() {
    assert!(!stdout(&exits(&["analyze", "-"], GOOD, 0)).contains('\x1b'));
    assert!(stdout(&exits(&["analyze", "-", "--color", "always"], GOOD, 0)).contains('\x1b'));
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let good = sample("early-arg");
    let esc = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\u{202e}";
    for text in [
        format!("FROM alpine\n# {esc}\nRUN echo {esc}\nLABEL a=\"{esc}\"\n"),
        format!("FROM alpine AS {esc}\n"),
        format!("FROM {esc}\n"),
        format!("FROM alpine\n{esc} x\n"),
        format!("FROM alpine\nCOPY --{esc}=1 a b\n"),
        format!("FROM alpine\nARG X=${{Y?{esc}}}\n"),
        format!("FROM --platform={esc} alpine\n"),
        format!("FROM alpine\nENV A={esc}\nARG B=$NOPE{esc}\nRUN x\n"),
    ] {
        for args in [
            &["analyze", "-"][..],
            &["analyze", "-", "--color", "always"],
            &["explain", "-:3"],
            &["explain", "-:1"],
            &["compare", "-", &good],
            &["compare", &good, "-", "--format", "markdown"],
        ] {
            let output = run(args, &text);
            for stream in [stdout(&output), stderr(&output)] {
                // Colours of xsim's own are SGR sequences: an escape, `[`, digits and `;`, `m`.
                let mut rest = stream.as_str();
                while let Some((_, after)) = rest.split_once('\x1b') {
                    let sgr = after.strip_prefix('[').and_then(|after| after.split_once('m'));
                    let own =
                        sgr.is_some_and(|(codes, _)| codes.bytes().all(|b| b.is_ascii_digit() || b == b';'));
                    assert!(own && args.contains(&"always"), "{args:?} {text:?}: {stream:?}");
                    rest = sgr.unwrap().1;
                }
                assert!(!stream.contains(['\x07', '\u{9b}', '\u{202e}']), "{args:?} {text:?}: {stream:?}");
            }
        }
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let long = format!("FROM alpine\n{}", "RUN echo a long line of text to fill the pipe\n".repeat(20_000));
    let folder = folder("pipe");
    let path = folder.join("Dockerfile");
    std::fs::write(&path, long).unwrap();
    let mut child = xsim(&["analyze", &path.display().to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn inputs_are_those_of_buildx() {
    let file = "ARG BASE=alpine\nFROM $BASE AS a\nARG V\nRUN echo $V\nFROM a AS b\nCOPY . .\n";
    let json = |args: &[&str]| {
        let all: Vec<&str> = ["analyze", "-", "--format", "json"].iter().chain(args).copied().collect();
        let output = exits(&all, file, 0);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let count = |report: &serde_json::Value| report["vertices"].as_array().unwrap().len();
    let plain = json(&["--build-platform", "linux/arm64"]);
    assert_eq!(
        plain["target_platforms"],
        serde_json::json!(["linux/arm64"]),
        "the build platform is the target"
    );
    assert_eq!(count(&plain), 4);
    assert_eq!(count(&json(&["--target", "A"])), 2, "stage names are looked up in lower case");
    let two = json(&["--platform", "linux/amd64,linux/arm64", "--platform", "linux/arm64/v8"]);
    assert_eq!(two["target_platforms"], serde_json::json!(["linux/amd64", "linux/arm64"]));
    let scratch = json(&["--build-arg", "BASE=scratch", "--platform", "linux/amd64"]);
    assert_eq!(scratch["vertices"].as_array().unwrap().iter().filter(|v| v["kind"] == "source").count(), 1);
    let replaced = json(&["--build-context", "a=docker-image://busybox", "--platform", "linux/amd64"]);
    assert_eq!(count(&replaced), 3, "the context takes the place of the whole stage");
}

fn json(args: &[&str], file: &str) -> serde_json::Value {
    let all: Vec<&str> = ["analyze", "-", "--format", "json"].iter().chain(args).copied().collect();
    serde_json::from_slice(&exits(&all, file, 0).stdout).unwrap()
}

const BOTH: [&str; 2] = ["--platform", "linux/amd64,linux/arm64"];
const BUILD: &str = "FROM golang\nWORKDIR /src\nCOPY . .\nRUN go build -o /out .\n";

/// The median of a build of `BUILD` for two platforms, with more arguments.
#[track_caller]
fn median(args: &[&str]) -> f64 {
    json(&[&BOTH, args].concat(), BUILD)["timing"]["total"]["p50_s"].as_f64().unwrap()
}

#[test]
fn the_machine_decides_the_time() {
    let (small, large) = (median(&["--machine", "small"]), median(&["--machine", "large"]));
    assert!(small > large, "{small} {large}");
    assert!(median(&["--machine", "small", "--slowdown", "50"]) > small * 2.0);
    assert_eq!(
        median(&["--machine", "small", "--slowdown", "arm=50"]).to_bits(),
        small.to_bits(),
        "no step is emulated for arm"
    );
    assert_eq!(median(&["--seed", "7"]).to_bits(), median(&["--seed", "7"]).to_bits());
    let one = json(&["--machine", "small", "--max-parallelism", "1", BOTH[0], BOTH[1]], BUILD);
    assert_eq!(one["timing"]["machine"]["nodes"][0]["max_parallelism"], 1);
    assert!(one["timing"]["losses"]["slots_s"].as_f64().unwrap() > 0.0);
    assert_eq!(json(&["--machine", "host"], BUILD)["timing"]["machine"]["name"], "host");
}

#[test]
fn nodes_build_their_own_platforms() {
    let pair = json(&["--machine", "native-pair", BOTH[0], BOTH[1]], BUILD);
    assert_eq!(pair["nodes"][1]["build_platform"], "linux/arm64");
    for vertex in pair["vertices"].as_array().unwrap() {
        let targets = vertex["targets"].as_array().unwrap();
        assert_eq!(targets.len(), 1, "{vertex}");
        assert_eq!(targets[0], format!("linux/{}", vertex["node"].as_str().unwrap()));
        assert_ne!(vertex["execution"], "emulated");
    }
    assert!(pair["timing"]["losses"]["repeated_s"].as_f64().unwrap() > 0.0);
}

/// Lines of the vertices that run again, for a file in a folder with some files.
#[track_caller]
fn run_again(file: &str, more: &[&str]) -> Vec<u64> {
    let report = json(&[&BOTH, more].concat(), file);
    let vertices = report["vertices"].as_array().unwrap().iter();
    let mut lines: Vec<u64> = vertices
        .filter(|vertex| vertex["time"]["cached"] == false)
        .flat_map(|vertex| vertex["lines"].as_array().unwrap())
        .map(|line| line.as_u64().unwrap())
        .collect();
    lines.dedup();
    lines
}

#[test]
fn a_change_reruns_what_reads_it_and_what_follows() {
    let file = "FROM --platform=$BUILDPLATFORM node AS web\nCOPY package*.json ./\nRUN npm ci\nCOPY --exclude=*.md web /web\nRUN npm run build\n\
                FROM nginx\nRUN true\nRUN --mount=type=bind,source=conf,target=/c cp /c/x /etc\nCOPY --from=web /dist /dist\n";
    for (changed, lines) in [
        ("package-lock.json", &[2, 3, 4, 5, 9][..]),
        ("web/app.js", &[4, 5, 9]),
        ("web/a.md", &[]),
        ("web", &[4, 5, 9]),
        ("conf/x", &[8, 9]),
        ("conf/x,web/a.js", &[4, 5, 8, 9]),
        ("README.md", &[]),
        ("../outside", &[]),
        (".", &[2, 3, 4, 5, 8, 9]),
    ] {
        let mut found = run_again(file, &["--changed", changed]);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, lines, "{changed}");
    }
    assert!(run_again(file, &["--cache", "warm"]).is_empty());
    let mut amd64 = run_again(file, &["--cached-platform", "linux/amd64", "--build-platform", "linux/amd64"]);
    amd64.sort_unstable();
    assert_eq!(amd64, [6, 7, 8, 9], "what arm64 alone needs");
    let text = stdout(&exits(&["analyze", "-", "--changed", "conf/x", BOTH[0], BOTH[1]], file, 0));
    assert!(text.contains("changed conf/x: read by line 8"), "{text}");
    assert!(text.contains("follow from these: line 9"), "{text}");
}

#[test]
fn full_cache_mounts_are_a_scenario_of_their_own() {
    let file = "FROM rust\nCOPY . .\nRUN --mount=type=cache,target=/target cargo build --release\n";
    let total = |more: &[&str]| json(more, file)["timing"]["total"].clone();
    let (empty, full) = (total(&["--cache-mounts", "cold"]), total(&["--cache-mounts", "warm"]));
    for quantile in ["p10_s", "p50_s", "p90_s"] {
        assert!(full[quantile].as_f64() < empty[quantile].as_f64(), "{full} {empty}");
    }
    assert_eq!(total(&["--changed", "a"]), total(&["--changed", "a", "--cache-mounts", "warm"]));
}

#[test]
fn the_context_is_measured_without_what_is_ignored() {
    let folder = folder("context");
    let write = |name: &str, bytes: usize| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![b'x'; bytes]).unwrap();
    };
    write("src/a.c", 3_000_000);
    write("node_modules/deep/x.js", 50_000_000);
    write("notes.md", 10);
    std::fs::write(folder.join("Dockerfile"), "FROM gcc\nCOPY src /src\nCOPY . .\n").unwrap();
    std::fs::write(folder.join(".dockerignore"), "node_modules\n").unwrap();
    let path = folder.display().to_string();
    let report = |path: &str, more: &[&str]| -> serde_json::Value {
        let all: Vec<&str> = ["analyze", path, "--format", "json"].iter().chain(more).copied().collect();
        serde_json::from_slice(&exits(&all, "FROM gcc\nCOPY src /src\nCOPY . .\n", 0).stdout).unwrap()
    };
    let context = |report: &serde_json::Value| report["timing"]["basis"]["context"].clone();
    let whole = report(&path, &[]);
    assert_eq!(context(&whole)["files"], 4, "{}", context(&whole));
    let copy = whole["vertices"].as_array().unwrap().iter().find(|v| v["lines"][0] == 2).unwrap().clone();
    assert!(copy["time"]["duration_s"].as_f64().unwrap() > 0.035, "3 MB take longer than nothing: {copy}");
    let ignored = report(&path, &["--changed", "node_modules/deep/x.js"]);
    assert_eq!(ignored["timing"]["cache"]["changes"][0]["ignored"], true);
    std::fs::write(folder.join("Dockerfile.dockerignore"), "src\n").unwrap();
    let bytes = context(&report(&path, &[]))["bytes"].as_u64().unwrap();
    assert!((50_000_000..51_000_000).contains(&bytes), "the file's own list comes first: {bytes}");
    assert!(context(&report("-", &[])).is_null());
    assert_eq!(context(&report("-", &["--context", &path]))["files"], 5);
    exits(
        &["analyze", "-", "--context", &folder.join("none").display().to_string()],
        "FROM a\nCOPY a a\n",
        4,
    );
}

#[test]
fn a_large_context_is_measured_whole() {
    let folder = folder("large-context");
    let file = "FROM gcc\nCOPY . .\n";
    for at in 0..40 {
        let below = folder.join(format!("{at}"));
        std::fs::create_dir_all(&below).unwrap();
        (0..40).for_each(|name| std::fs::write(below.join(format!("{name}.c")), "x").unwrap());
    }
    std::fs::write(folder.join(".dockerignore"), "7/*.c\n").unwrap();
    let args = ["analyze", "-", "--format", "json", "--context", &folder.display().to_string()];
    let report: serde_json::Value = serde_json::from_slice(&exits(&args, file, 0).stdout).unwrap();
    assert_eq!(report["timing"]["basis"]["context"]["files"], 39 * 40 + 1);
}

/// A file of the timing data, unpacked into a folder.
fn unpacked(folder: &Path, name: &str) -> String {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/timing").join(format!("{name}.gz"));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(packed).unwrap()).read_to_end(&mut text).unwrap();
    let path = folder.join(name.replace('/', "-"));
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_profile_is_learnt_from_logs_and_used() {
    let folder = folder("calibrate");
    let log = unpacked(&folder, "diamond/cold.rawjson");
    let metadata = unpacked(&folder, "diamond/cold.metadata.json");
    let plain = unpacked(&folder, "diamond/cold.plain.log");
    let profile = folder.join("profile.toml").display().to_string();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/timing/diamond/Dockerfile");
    let file = file.display().to_string();
    let learn = ["calibrate", "--log", &log, "--metadata", &metadata, "--machine", "small", "-o", &profile];
    let report = stdout(&exits(&[&learn[..], &["--dockerfile", &file, BOTH[0], BOTH[1]]].concat(), "", 0));
    assert!(report.contains("matched by digest") && report.contains("BuildKit's own"), "{report}");
    assert!(report.contains("c-compile") && report.contains("arm64"), "the slow-down: {report}");
    assert!(report.contains("commands of the Dockerfile"), "{report}");
    let written = std::fs::read_to_string(&profile).unwrap();
    assert!(written.contains("schema = \"xsim.profile/1\"") && written.contains("cold.rawjson"), "{written}");

    let used = ["analyze", &file, BOTH[0], BOTH[1], "--machine", "small", "--profile", &profile];
    let report: serde_json::Value =
        serde_json::from_slice(&exits(&[&used[..], &["--format", "json"]].concat(), "", 0).stdout).unwrap();
    assert!(report["timing"]["basis"]["commands"]["measured"].as_u64() > Some(0), "{}", report["timing"]);
    assert!(stdout(&exits(&used, "", 0)).contains("rests on: a profile of diamond-cold.rawjson"));

    let output = exits(&["calibrate", "--log", &plain, &log, "--machine", "small"], "", 0);
    assert!(stdout(&output).starts_with("# A profile of xsim"), "without a file the profile is the output");
    assert!(stderr(&output).contains("matched by name"), "{}", stderr(&output));
}

#[test]
fn hostile_logs_are_told_and_left_out() {
    let folder = folder("hostile-logs");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let whole = std::fs::read(unpacked(&folder, "diamond/cold.rawjson")).unwrap();
    let cut = write("cut.rawjson", &whole[..whole.len() * 2 / 3]);
    let esc = write(
        "\u{1b}[2J.log",
        b"#5 [2/2] RUN \x1b]0;owned\x07 make\n#5 DONE 3.0s\n#6 [3/3] RUN x\n#6 ERROR: exit 1\n",
    );
    let none = write("none.log", b"nothing of a build\n\xff\xfe");
    let output = exits(&["calibrate", "--machine", "small", "--log", &cut, &esc, &none], "", 0);
    let report = stderr(&output);
    assert!(report.contains("none.log: left out"), "{report}");
    assert!(report.contains("cut short") || report.contains("unfinished"), "{report}");
    assert!(!report.contains(['\x1b', '\x07']), "{report:?}");
    assert!(!stdout(&output).contains(['\x1b', '\x07']), "{:?}", stdout(&output));
    exits(&["calibrate", "--log", &none], "", 4);
    exits(&["calibrate", "--log", &folder.join("missing").display().to_string()], "", 4);
    exits(&["calibrate"], "", 2);
}

#[test]
fn machines_and_profiles_are_files() {
    let folder = folder("machines");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let machine =
        write("ci.toml", "name = 'ci'\n[[node]]\ncores = 1\nnative = ['linux/riscv64']\nemulators = []\n");
    let report = json(&["--machine", &machine], BUILD);
    assert_eq!(report["build_platform"], "linux/riscv64");
    let report = json(&["--machine", &machine, BOTH[0], BOTH[1]], BUILD);
    assert_eq!(report["summary"]["unsupported"], 2, "the machine emulates nothing");
    let profile = "schema = 'xsim.profile/1'\nhost = 'amd64'\ncores = 2\n[[run]]\ndoes = 'go build -o /out .'\nclass = 'go-build'\ncpu_s = 500\nserial = 1\nsigma = 0.1\nseen = 1\n";
    let report = json(&["--profile", &write("p.toml", profile), "--build-platform", "linux/amd64"], BUILD);
    assert!(report["timing"]["total"]["p10_s"].as_f64().unwrap() > 300.0, "{}", report["timing"]);
    assert_eq!(report["timing"]["basis"]["commands"]["measured"], 1);
    for bad in ["", "[[node]]\ncores = 0\n"] {
        let bad = write("bad.toml", bad);
        assert!(stderr(&exits(&["analyze", "-", "--machine", &bad], GOOD, 2)).contains("bad.toml"));
        assert!(stderr(&exits(&["analyze", "-", "--profile", &bad], GOOD, 2)).contains("bad.toml"));
    }
    exits(&["analyze", "-", "--machine", &folder.join("none.toml").display().to_string()], GOOD, 4);
    exits(&["analyze", "-", "--profile", &folder.join("none.toml").display().to_string()], GOOD, 4);
}

#[test]
fn files_beside_each_other() {
    let (early, late) = (sample("early-arg"), sample("late-arg"));
    let compare = |more: &[&str], stdin: &str| {
        let args: Vec<&str> = ["compare"].iter().chain(more).copied().collect();
        exits(&args, stdin, 0)
    };
    let platforms = ["--platform", "linux/amd64,linux/arm64"];
    let text = stdout(&compare(&[&early, &late, platforms[0], platforms[1]], ""));
    assert!(text.contains("now shared") && text.contains("A and B take about the same"), "{text}");
    let markdown = stdout(&compare(&[&early, &late, "--format", "markdown"], ""));
    assert!(markdown.starts_with("**") && markdown.contains("<details>"), "{markdown}");
    let json = compare(&[&early, "-", &late, "--format", "json", "--machine", "small", "--seed", "7"], GOOD);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let files: Vec<&str> =
        json["builds"].as_array().unwrap().iter().map(|build| build["file"].as_str().unwrap()).collect();
    assert!(files[0].ends_with("Dockerfile") && files[1] == "Dockerfile" && files.len() == 3, "{files:?}");
    assert_eq!((json["machine"].as_str(), json["pairs"].as_array().map(Vec::len)), (Some("small"), Some(2)));
    let same = stdout(&compare(&[&early, &early], ""));
    assert!(same.contains("A and B are the same build"), "{same}");
}

#[test]
fn a_platform_in_a_toolchains_words() {
    let output = exits(&["translate", "linux/arm/v7", "--for", "golang"], "", 0);
    assert_eq!(stdout(&output), "GOOS=linux\nGOARCH=arm\nGOARM=7\n");
    let output = exits(&["translate", "linux/arm64", "--for", "debian", "--field", "arch"], "", 0);
    assert_eq!(stdout(&output), "arm64\n");
}
