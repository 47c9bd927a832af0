//! Files made to hurt: each is refused or reported, in bounded memory, and nothing of it steers a terminal.

use std::fmt::Write as _;
use std::path::Path;

use super::{PLATFORMS, folder, text, xsim};

/// Analyses a file for two platforms as JSON and as text. Both must exit alike and leave no output file where they fail.
#[track_caller]
fn analyze(name: &str, file: impl AsRef<[u8]>, options: &[&str], code: i32) -> serde_json::Value {
    let folder = folder(name);
    std::fs::write(folder.join("Dockerfile"), file).unwrap();
    analyze_in(&folder, options, code)
}

#[track_caller]
fn analyze_in(folder: &Path, options: &[&str], code: i32) -> serde_json::Value {
    let run = |format: &[&str]| {
        let args: Vec<&str> = ["analyze", "Dockerfile"]
            .iter()
            .chain(&PLATFORMS)
            .chain(options)
            .chain(format)
            .copied()
            .collect();
        let output = xsim(folder, &args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{format:?}: {}", &said[..said.len().min(500)]);
        output
    };
    let shown = run(&["--output", "report.txt"]);
    assert!(shown.stdout.is_empty());
    let report = std::fs::read(folder.join("report.txt"));
    assert_eq!(report.is_ok(), code == 0, "a failed run leaves no file");
    is_harmless(&text(&report.unwrap_or_default()));
    is_harmless(&text(&shown.stderr));
    assert_eq!(shown.stderr.is_empty(), code == 0, "{}", text(&shown.stderr));
    serde_json::from_slice(&run(&["--format", "json"]).stdout).unwrap()
}

/// The code of the problem that a report names.
fn refused(report: &serde_json::Value) -> &str {
    report["error"]["rule"].as_str().unwrap()
}

/// Fails on characters that steer a terminal: C0 but the line feed, C1, and marks of direction.
#[track_caller]
fn is_harmless(shown: &str) {
    let bad = |char: char| {
        char != '\n' && char.is_control()
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(char, '\u{2028}' | '\u{2029}')
    };
    if let Some(at) = shown.find(bad) {
        let around: String =
            shown[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{around:?} is followed by {:?}", shown[at..].chars().next());
    }
}

#[test]
fn what_buildkit_refuses_is_refused() {
    for (at, (file, code)) in [
        ("", "empty-file"),
        ("\n\n# comment\n", "empty-file"),
        ("ARG A=1\n", "no-stage"),
        ("RUN make\nFROM alpine\n", "no-stage"),
        ("FROM alpine\nRUN <<EOF\nx\n", "unterminated-heredoc"),
        ("FROM a AS a\nCOPY --from=a / /\n", "circular-stages"),
        ("FROM a AS x\nCOPY --from=y / /\nFROM b AS y\nCOPY --from=x / /\n", "circular-stages"),
        ("FROM alpine\nBOGUS\n", "unknown-instruction"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(refused(&analyze(&format!("refused-{at}"), file, &[], 3)), code, "{file:?}");
    }
    let report = analyze("target", "FROM alpine AS a\n", &["--target", "nope"], 3);
    assert_eq!(refused(&report), "unknown-stage");
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = folder("unreadable");
    for path in ["missing", ".", "missing/Dockerfile"] {
        let output = xsim(&folder, &["analyze", path, "--output", "report.txt"]);
        assert_eq!(output.status.code(), Some(4), "{path}: {}", text(&output.stderr));
        assert!(!folder.join("report.txt").exists());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("secret");
        std::fs::write(&path, "FROM alpine\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Whoever may read everything reads this as well.
        let code = if std::fs::File::open(&path).is_ok() { 0 } else { 4 };
        assert_eq!(xsim(&folder, &["analyze", "secret"]).status.code(), Some(code));
    }
}

#[test]
fn absurd_platforms_are_usage_errors() {
    let folder = folder("platforms");
    std::fs::write(folder.join("Dockerfile"), "FROM alpine\n").unwrap();
    let many: Vec<String> = (0..300).map(|n| format!("linux/a{n}")).collect();
    let long = format!("linux/{}/", "a".repeat(100_000));
    for platform in
        ["*", "linux/amd64/v1/x/y", "linux amd64", "\u{202e}", "linux/\x1b[31m", "//", &many.join(","), &long]
    {
        for option in ["--platform", "--build-platform"] {
            let output =
                xsim(&folder, &["analyze", "Dockerfile", option, platform, "--output", "report.txt"]);
            assert_eq!(output.status.code(), Some(2), "{option} {platform:.100}: {}", text(&output.stderr));
            is_harmless(&text(&output.stderr));
            assert!(!folder.join("report.txt").exists());
        }
    }
}

#[test]
fn other_bytes_than_text_are_kept_where_buildkit_keeps_them() {
    let file = b"FROM alpine\n# \xff\xfe\nLABEL a=\"\xc3\x28 \x00\"\nRUN echo \x01\x02\n";
    let report = analyze("bytes", file, &[], 0);
    assert_eq!(report["summary"]["commands"], 2);
    assert!(report["findings"].to_string().contains("invalid-utf8"));
    let name = report["vertices"].as_array().unwrap().last().unwrap()["name"].to_string();
    assert!(name.contains("\\u0001"), "{name}");
    // BuildKit cannot send them in a command.
    analyze("bytes-in-run", b"FROM alpine\nRUN echo '\xf0\x28\x8c\x28'\n", &[], 3);
    let random: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    analyze("random", random, &[], 3);
}

#[test]
fn another_encoding_is_named() {
    let file = "FROM alpine\nRUN true\n";
    let little: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = file.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = |mark: [u8; 2], rest: &[u8]| [&mark[..], rest].concat();
    for (at, bytes) in
        [marked([0xff, 0xfe], &little), marked([0xfe, 0xff], &big), little, big].into_iter().enumerate()
    {
        let report = analyze(&format!("utf16-{at}"), bytes, &[], 3);
        assert!(report["error"]["help"].as_str().unwrap().contains("UTF-8"), "{report}");
    }
}

#[test]
fn files_beyond_the_limit_are_refused_with_it() {
    let folder = folder("huge");
    let file = std::fs::File::create(folder.join("Dockerfile")).unwrap();
    file.set_len(1 << 30).unwrap();
    drop(file);
    let report = analyze_in(&folder, &[], 3);
    assert_eq!(refused(&report), "limit-exceeded");
    assert!(report["error"]["message"].as_str().unwrap().contains("67108864 bytes"), "{report}");
    std::fs::remove_file(folder.join("Dockerfile")).unwrap();
    if cfg!(target_os = "linux") {
        let output = xsim(&folder, &["analyze", "/dev/zero"]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    }
}

#[test]
fn a_line_of_fifty_megabytes() {
    let report = analyze("long-line", format!("FROM alpine\nRUN {}", "x".repeat(50_000_000)), &[], 3);
    assert_eq!(refused(&report), "line-too-long");
}

/// Lines made from a number each.
fn lines(count: usize, line: impl Fn(usize, &mut String)) -> String {
    let mut text = String::new();
    (0..count).for_each(|n| line(n, &mut text));
    text
}

#[test]
fn a_hundred_thousand_stages() {
    const STAGES: usize = 100_000;
    // What is shown of each step of a chain is many times what is shown of a stage.
    const CHAIN: usize = 20_000;
    let apart = lines(STAGES, |n, text| writeln!(text, "FROM alpine AS s{n}\nRUN x{n}").unwrap());
    let report = analyze("stages", apart, &[], 0);
    assert_eq!(report["stages"].as_array().unwrap().len(), STAGES);
    assert_eq!(report["summary"]["instructions"], 2, "only the last is needed");
    let chain = lines(CHAIN, |n, text| writeln!(text, "FROM s{n} AS s{}\nRUN x", n + 1).unwrap());
    let report = analyze("chain", format!("FROM alpine AS s0\n{chain}"), &[], 0);
    assert_eq!(report["summary"]["commands"], 2 * CHAIN);
    assert_eq!(report["critical_path"].as_array().unwrap().len(), CHAIN + 1);
}

#[test]
fn nesting_without_end() {
    const DEPTH: usize = 20_000;
    // A physical line holds 65,535 bytes.
    let part = |n: usize, text: &str| format!("{text}{}", if n % 1_000 == 500 { "\\\n" } else { "" });
    let open: String = (0..DEPTH).map(|n| part(n, "${B:-")).collect();
    let close: String = (0..DEPTH).map(|n| part(n, "}")).collect();
    let file = format!("FROM scratch\nENV A={open}deep{close}\nCOPY $A /\n");
    analyze("nested", file, &[], 0);
    analyze("nested-open", format!("FROM scratch\nENV A={open}\n"), &[], 3);
}

#[test]
fn values_that_double() {
    let file = format!("FROM alpine\nENV A=ab\n{}", "ENV A=$A$A\n".repeat(64));
    let report = analyze("doubling", file, &[], 3);
    assert_eq!(refused(&report), "limit-exceeded");
    assert!(report["error"]["message"].as_str().unwrap().contains("1048576 bytes"), "{report}");
    // Values just below the limit that differ between platforms are not quoted in full.
    let grow = "ENV A=$A$A$A$A$A$A$A$A\n".repeat(5);
    let stages = lines(20, |n, text| {
        writeln!(text, "FROM b AS s{n}\nARG TARGETARCH\nENV B=$A$TARGETARCH\nRUN x{n}").unwrap();
    });
    let copies = lines(20, |n, text| writeln!(text, "COPY --from=s{n} /a /b{n}").unwrap());
    let file = format!(
        "FROM --platform=$BUILDPLATFORM alpine AS b\nENV A=0123456789\n{grow}{stages}FROM alpine\n{copies}"
    );
    let report = analyze("wide", file, &[], 0);
    assert!(report["stages"].to_string().len() < 100_000);
}

#[test]
fn limits_on_what_a_file_repeats() {
    let report = analyze("instructions", format!("FROM a\n{}", "USER x\n".repeat(1_100_000)), &[], 3);
    assert_eq!(refused(&report), "limit-exceeded");
    assert!(report["error"]["message"].as_str().unwrap().contains("1048576 instructions"), "{report}");
    let report = analyze("problems", format!("FROM a\n{}", "x\n".repeat(500_000)), &[], 3);
    assert_eq!(refused(&report), "unknown-instruction");
    assert!(report["errors"].as_array().unwrap().len() <= 1_000);
    let missing = lines(50_000, |n, text| writeln!(text, "COPY a$X{n} /b{n}").unwrap());
    let report = analyze("warnings", format!("FROM scratch\n{missing}"), &[], 0);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1_000);
    // A thousand triggers in each of two thousand stages.
    let triggers = lines(1_000, |n, text| writeln!(text, "ONBUILD RUN x{n}").unwrap());
    let stages = lines(2_000, |n, text| writeln!(text, "FROM b AS s{n}").unwrap());
    let copies = lines(2_000, |n, text| writeln!(text, "COPY --from=s{n} /a /b{n}").unwrap());
    let file = format!("FROM a AS b\n{triggers}{stages}FROM scratch\n{copies}");
    let report = analyze("triggers", file, &[], 3);
    assert_eq!(refused(&report), "limit-exceeded");
}

/// Each of these took time or memory that grew with the square of its length.
#[test]
fn what_is_long_is_only_long() {
    const MANY: usize = 20_000;
    let platforms =
        lines(MANY, |n, text| writeln!(text, "FROM --platform=linux/a{n} alpine AS s{n}\nRUN x").unwrap());
    analyze("many-platforms", platforms, &[], 0);
    let missing = lines(MANY, |n, text| writeln!(text, "FROM alpine$X{n}").unwrap());
    analyze("many-missing", missing, &[], 0);
    let bad = lines(MANY, |n, text| writeln!(text, "FROM BAD{n}").unwrap());
    analyze("many-bad", bad, &[], 3);
    let urls = lines(MANY, |n, text| writeln!(text, "http://a/{n} \\").unwrap());
    analyze("many-urls", format!("FROM a\nADD \\\n{urls} /b/\n"), &[], 0);
    let onbuild = lines(MANY / 2, |n, text| {
        writeln!(text, "FROM alpine AS p{n}\nONBUILD COPY --from=s{n} /a /b\nFROM p{n} AS s{}", n + 1)
            .unwrap();
    });
    analyze("many-onbuild", format!("FROM alpine AS s0\n{onbuild}"), &[], 0);
    let arguments = lines(MANY / 4, |n, text| writeln!(text, "ARG A{n}=1").unwrap());
    let file = format!("FROM --platform=$BUILDPLATFORM alpine\n{arguments}ARG TARGETARCH\nRUN x\n");
    analyze("many-arguments", file, &[], 0);
    let deep = lines(MANY, |n, text| writeln!(text, "RUN x{n}").unwrap());
    let copies = lines(MANY, |n, text| writeln!(text, "COPY --from=b /usr/bin/a{n} /b{n}").unwrap());
    let file = format!("FROM alpine AS b\n{deep}FROM --platform=$BUILDPLATFORM alpine\n{copies}");
    analyze("many-copies", file, &[], 0);
    let foreign = lines(199, |n, text| writeln!(text, "COPY --from=tool{n} /t{n} /bin/").unwrap());
    let stages = lines(MANY / 4, |n, text| {
        writeln!(text, "FROM b AS s{n}\nCOPY --from=tool /u{n} /bin/\nRUN u{n}").unwrap();
    });
    let copies = lines(MANY / 4, |n, text| writeln!(text, "COPY --from=s{n} /a /b{n}").unwrap());
    let file = format!("FROM --platform=$BUILDPLATFORM alpine AS b\n{foreign}{stages}FROM alpine\n{copies}");
    analyze("many-foreign", file, &[], 0);
}

#[test]
fn nothing_of_a_file_steers_a_terminal() {
    let evil = "\x1b]0;t\x07\x1b[2J\u{9b}31m\u{202e}\u{2066}\u{200e}\u{200f}\u{61c}\u{2028}\x7f\x08";
    let files = [
        format!("FROM alpine\n# {evil}\nRUN echo {evil}\nLABEL a=\"{evil}\"\n"),
        format!("FROM alpine AS {evil}\n"),
        format!("FROM {evil}\n"),
        format!("FROM --platform={evil} alpine\n"),
        format!("FROM alpine\n{evil} x\n"),
        format!("FROM alpine\nCOPY --{evil}=1 a b\n"),
        format!("FROM alpine\nCOPY go.mod {evil}/go.sum\nCOPY a$X{evil} b\n"),
        format!("FROM alpine\nARG X=${{Y?{evil}}}\n"),
        format!(
            "FROM --platform=$BUILDPLATFORM alpine\nARG TARGETARCH\nENV A{evil}=$TARGETARCH{evil}\nRUN echo {evil}\n"
        ),
        format!("FROM --platform=$BUILDPLATFORM alpine\nARG TARGETARCH\nWORKDIR /$TARGETARCH{evil}\n"),
        format!(
            "FROM --platform=$BUILDPLATFORM alpine\nCOPY --from=tool /{evil} /bin/{evil}\nRUN '/bin/{evil}'\n"
        ),
        format!("# syntax={evil}\nFROM alpine\n"),
        format!("# check={evil}\nFROM alpine\n"),
        format!("FROM alpine\nRUN --mount=type={evil} x\nRUN --mount=from=0,target=/{evil} y\n"),
        format!("FROM alpine\nRUN <<{evil}\n"),
        format!("FROM alpine\nEXPOSE {evil}\nSTOPSIGNAL {evil}\n"),
    ];
    for (at, file) in files.iter().enumerate() {
        let folder = folder(&format!("steer-{at}"));
        std::fs::write(folder.join("Dockerfile"), file).unwrap();
        for args in [
            &["analyze", "Dockerfile"][..],
            &["explain", "Dockerfile:2"],
            &["explain", "Dockerfile:4"],
            &["graph", "Dockerfile", "--format", "dot"],
            &["graph", "Dockerfile", "--format", "mermaid"],
            &["graph", "Dockerfile", "--format", "svg"],
            &["analyze", evil.trim_matches('\0')],
            &["analyze", "Dockerfile", "--target", evil],
            &["translate", evil, "--for", "golang"],
        ] {
            let args: Vec<&str> = match args[0] {
                "translate" => args.to_vec(),
                _ => args.iter().chain(&PLATFORMS).copied().collect(),
            };
            let output = xsim(&folder, &args);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 2 | 3 | 4)), "{args:?}: {code:?} {}", text(&output.stderr));
            is_harmless(&text(&output.stdout));
            is_harmless(&text(&output.stderr));
        }
    }
}

/// What cannot stand in an argument is left out; the rest is all that steers.
const STEERS: &str = "\x1b]0;t\x07\x1b[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\x7f";

#[test]
fn nothing_of_the_arguments_steers_a_terminal() {
    let folder = folder("steer-arguments");
    std::fs::write(folder.join("Dockerfile"), "FROM alpine\nRUN x\n").unwrap();
    let option = format!("--{STEERS}");
    for args in [
        &[STEERS][..],
        &["help", STEERS],
        &["man", STEERS],
        &["completions", STEERS],
        &["translate", "linux/arm64", "--for", STEERS],
        &["translate", "linux/arm64", "--for", "golang", "--field", STEERS],
        &["explain", STEERS],
        &["analyze", "Dockerfile", &option],
        &["analyze", "Dockerfile", "--cache", STEERS],
        &["analyze", "Dockerfile", "--seed", STEERS],
        &["analyze", "Dockerfile", "--machine", STEERS],
        &["analyze", "Dockerfile", "--build-context", STEERS],
        &["fix", "Dockerfile", "--only", STEERS],
        &["check", "Dockerfile", "--fail-on", STEERS],
    ] {
        let output = xsim(&folder, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        is_harmless(&text(&output.stderr));
    }
}

#[test]
fn nothing_of_other_files_steers_a_terminal() {
    let folder = folder("steer-files");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("Dockerfile", "FROM alpine\nRUN x\n");
    let mut evil = String::new();
    for char in STEERS.chars() {
        write!(evil, "\\u{:04x}", u32::from(char)).unwrap();
    }
    let node =
        |platform: &str| format!("[[node]]\nname = \"{evil}\"\ncores = 1\nnative = [\"{platform}\"]\n");
    write("m.toml", &format!("name = \"{evil}\"\n{}{}", node("linux/amd64"), node("linux/arm64")));
    write("bad.toml", &format!("name = \"{STEERS}\"\n\"{evil}\" = 1\n"));
    let vertex = "\"started\":\"2026-01-01T00:00:00Z\",\"completed\":\"2026-01-01T00:00:09Z\"";
    write(
        "log",
        &format!("{{\"vertexes\":[{{\"digest\":\"sha256:a\",\"name\":\"[1/2] RUN '{evil}\",{vertex}}}]}}\n"),
    );
    for format in ["text", "json", "html", "svg", "markdown", "github", "sarif"] {
        let args = ["analyze", "Dockerfile", "--machine", "m.toml", "--format", format];
        let output = xsim(&folder, &[&args[..], &PLATFORMS].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        is_harmless(&text(&output.stdout));
    }
    for args in [
        &["analyze", "Dockerfile", "--machine", "bad.toml"][..],
        &["analyze", "Dockerfile", "--profile", "bad.toml"],
        &["analyze", "Dockerfile", "--config", "bad.toml"],
        &["analyze", "Dockerfile", "--baseline", "bad.toml"],
    ] {
        let output = xsim(&folder, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        is_harmless(&text(&output.stderr));
        assert!(
            text(&output.stderr).starts_with("error: bad.toml: TOML parse error at line"),
            "in lines of its own"
        );
    }
    let output = xsim(&folder, &["calibrate", "--log", "log"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    is_harmless(&text(&output.stdout));
    is_harmless(&text(&output.stderr));
    write("profile.toml", &text(&output.stdout));
    let output = xsim(&folder, &["analyze", "Dockerfile", "--profile", "profile.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
