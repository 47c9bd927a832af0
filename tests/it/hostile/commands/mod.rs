//! No text that somebody else wrote becomes a command of the workflow runner in whose log it stands.

use std::path::Path;

mod others;

use super::{PLATFORMS, folder, xsim};

/// The commands that a runner of GitHub Actions knows, as its published sources register them.
const KNOWN: [&str; 16] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// What a runner would obey in a log: both forms of commands, by the rules of its sources (`ActionCommand`, of
/// `actions/runner`). A line ends at `\n`, `\r` or both, as its reader of streams sees it.
fn obeyed(log: &str) -> Option<&str> {
    let log = log.strip_prefix('\u{feff}').unwrap_or(log);
    log.split(['\n', '\r']).find(|line| command(line).is_some())
}

/// The command in a line. The first form begins the line, behind white space, and ends with `::`; the second stands anywhere
/// and ends with `]`. In both the name goes up to the first space.
fn command(line: &str) -> Option<&str> {
    let name = |info: &str| {
        let name = info.split(' ').next().unwrap_or_default();
        KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name))
    };
    let first = || name(line.trim_start().strip_prefix("::")?.split_once("::")?.0);
    let second = || name(line.split_once("##[")?.1.split_once(']')?.0);
    first().or_else(second)
}

#[test]
fn the_port_obeys_what_a_runner_obeys() {
    for (log, line) in [
        ("x\n \u{3000}::error file=a::b", Some(" \u{3000}::error file=a::b")),
        ("a\r::STOP-commands::t\r\n", Some("::STOP-commands::t")),
        ("a ##[add-mask]b", Some("a ##[add-mask]b")),
        ("a ##[error x=1]", Some("a ##[error x=1]")),
        ("a ::error::b\n::error\n::errors::b\n##[errors]\n##[error\n# #[error]", None),
    ] {
        assert_eq!(obeyed(log), line);
    }
}

/// Commands as they are, and among so many words that wrapped lines begin with them.
fn payloads() -> [String; 2] {
    let words = "word ::error::a \u{3000}::stop-commands::t ##[add-mask]b xyz".repeat(6);
    ["::stop-commands::t##[add-mask]b".to_owned(), words]
}

/// Runs a command, which may fail in any way but say nothing that a runner obeys.
#[track_caller]
fn says_no_command(folder: &Path, args: &[&str]) {
    let output = xsim(folder, args);
    let code = output.status.code();
    assert!(matches!(code, Some(0..=4)), "{args:?}: {code:?}");
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let text = String::from_utf8_lossy(bytes);
        if let Some(line) = obeyed(&text) {
            let short: String = line.chars().take(200).collect();
            panic!("{args:?} in {}: {stream} holds {short:?}", folder.display());
        }
    }
}

/// Every command and format that reads a Dockerfile, but the one that is made of commands.
fn every_format(folder: &Path, file: &str) {
    let lines = [format!("{file}:2"), format!("{file}:3"), format!("{file}:4")];
    let run = |args: &[&str]| says_no_command(folder, &[args, &PLATFORMS].concat());
    for format in ["text", "json", "html", "svg", "markdown", "sarif"] {
        run(&["analyze", file, "--format", format]);
    }
    run(&["analyze", file, "--timeline", "--tree", "--color", "always"]);
    run(&["check", file]);
    run(&["check", file, "--fail-on", "note", "--format", "sarif"]);
    for line in &lines {
        run(&["explain", line]);
    }
    for format in ["svg", "dot", "mermaid", "json"] {
        run(&["graph", file, "--format", format]);
    }
    for format in ["text", "json", "html", "svg", "markdown"] {
        run(&["compare", file, "Other", "--format", format]);
    }
    run(&["fix", file]);
    run(&["fix", file, "--color", "always"]);
}

const OTHER: &str = "FROM --platform=$BUILDPLATFORM alpine AS a\nARG TARGETARCH\nRUN make $TARGETARCH\nFROM alpine\nCOPY --from=a /x /y\n";

/// A Dockerfile for each place that its author can fill.
fn dockerfiles(evil: &str) -> Vec<String> {
    let word = evil.replace([' ', '\u{3000}'], "_");
    vec![
        format!("FROM alpine AS {word}\nRUN x\n"),
        format!("FROM {word}\nRUN x\n"),
        format!("FROM --platform={word} alpine\nRUN x\n"),
        format!("FROM alpine\n{evil}\n"),
        format!("FROM alpine\nRUN apk add git # {evil}\nCOPY a$U{word} b\n"),
        format!("FROM alpine\nRUN <<EOF\n{evil}\nEOF\nRUN <<{word}\n"),
        format!("FROM alpine\nRUN --mount=type=cache,target={word},foo={word} x\n"),
        format!("FROM alpine\nRUN --{word}=1 x\n"),
        format!("FROM alpine\nCOPY --{word}=1 a b\n"),
        format!("FROM alpine\nCOPY {word} /{word}\nADD https://{word}/{word} /\nWORKDIR {word}\n"),
        format!(
            "FROM --platform=$BUILDPLATFORM alpine\nARG TARGETARCH\nENV A='$TARGETARCH{evil}'\nRUN echo {evil}\nWORKDIR /$TARGETARCH/{word}\n"
        ),
        format!(
            "FROM --platform=$BUILDPLATFORM golang\nCOPY --from=tool/x:1 /{word} /bin/{word}\nRUN {word} {evil}\nRUN /bin/{word}\n"
        ),
        format!("FROM alpine\nARG X=${{Y?{evil}}}\nRUN x\n"),
        format!("# syntax={word}\n# check={word}\nFROM alpine\nRUN x\n"),
        format!(
            "# {evil}\nFROM alpine\n# xsim: ignore[{word}] {evil}\nRUN x\nEXPOSE {word}\nSTOPSIGNAL {word}\n"
        ),
        format!(
            "FROM alpine\nSHELL [\"{evil}\"]\nRUN x\nSHELL [\"{evil}\nHEALTHCHECK {evil}\nONBUILD {evil}\n"
        ),
        format!("FROM alpine\nRUN a\\\n{evil}\\\n {evil}\nRUN b\r{evil}\n"),
    ]
}

#[test]
fn nothing_of_a_dockerfile_is_a_command() {
    for (number, evil) in payloads().iter().enumerate() {
        for (at, file) in dockerfiles(evil).iter().enumerate() {
            let folder = folder(&format!("file-{number}-{at}"));
            std::fs::write(folder.join("Dockerfile"), file).unwrap();
            std::fs::write(folder.join("Other"), OTHER).unwrap();
            every_format(&folder, "Dockerfile");
        }
    }
}

#[cfg(unix)]
#[test]
fn nothing_of_names_is_a_command() {
    for (at, name) in ["::stop-commands::t", "##[add-mask]b", "a\n::error::b", "a\r::error::b##[error]"]
        .into_iter()
        .enumerate()
    {
        let folder = folder(&format!("name-{at}"));
        std::fs::write(folder.join(name), OTHER).unwrap();
        std::fs::write(folder.join("Other"), OTHER).unwrap();
        std::fs::write(folder.join("Dockerfile"), format!("FROM a\nCOPY . /\nCOPY {name:.20}* /\n")).unwrap();
        every_format(&folder, name);
        every_format(&folder, "Dockerfile");
        let missing = format!("{name}/missing");
        for args in [
            &["analyze", &missing][..],
            &["check", &missing, name],
            &["fix", &missing, name],
            &["analyze", "Dockerfile", "--output", &missing],
            &["analyze", "Dockerfile", "--machine", name],
            &["analyze", "Dockerfile", "--machine", &format!("{missing}.toml")],
            &["analyze", "Dockerfile", "--target", name],
            &["analyze", "Dockerfile", "--config", name],
            &["analyze", "Dockerfile", "--profile", name],
            &["analyze", "Dockerfile", "--image-config", name],
            &["explain", name],
            &["calibrate", "--log", name],
            &["translate", name, "--for", "golang"],
            &[name],
            &["fix", "Dockerfile", "--only", name],
        ] {
            says_no_command(&folder, args);
        }
        std::fs::remove_file(folder.join(name)).unwrap();
        std::fs::write(folder.join(name), "FROM a\nWRONG\n").unwrap();
        every_format(&folder, name);
    }
}

/// A difference with commands in it is broken only where no other way to write it says the same.
#[test]
fn a_difference_applies_with_commands_around_it() {
    let folder = folder("diff");
    let file = "FROM --platform=$BUILDPLATFORM golang AS b\nRUN <<EOF\n  ::stop-commands::t\nEOF\n\
                COPY --from=qmcgaw/xcputranslate:v0.9.0 /xcputranslate /bin/xcputranslate\nCOPY . .\nARG TARGETPLATFORM\n\
                RUN GOARCH=\"$(xcputranslate translate -targetplatform ${TARGETPLATFORM} -language golang -field arch)\" go build -o /o .\n\
                FROM alpine\nCOPY --from=b /o /o\n";
    std::fs::write(folder.join("Dockerfile"), file).unwrap();
    let output = xsim(&folder, &[&["fix", "Dockerfile"], &PLATFORMS[..]].concat());
    let diff = String::from_utf8(output.stdout).unwrap();
    assert!(diff.contains("\n-  ::stop-commands::t\n+  ::stop-commands::t\n"), "{diff}");
    assert_eq!(obeyed(&diff), None);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("cannot be applied"));
    let patched = patched(file, &diff);
    xsim(&folder, &[&["fix", "--write", "Dockerfile"], &PLATFORMS[..]].concat());
    assert_eq!(std::fs::read_to_string(folder.join("Dockerfile")).unwrap(), patched);
    let other = file.replace("  ::stop-commands::t", "  ##[stop-commands]t");
    std::fs::write(folder.join("Dockerfile"), other).unwrap();
    let output = xsim(&folder, &[&["fix", "Dockerfile"], &PLATFORMS[..]].concat());
    assert_eq!(obeyed(&String::from_utf8_lossy(&output.stdout)), None);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be applied"));
}

/// What a unified difference makes of a text.
fn patched(text: &str, diff: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<&str> = Vec::new();
    let mut at = 0;
    for line in diff.lines().skip(2) {
        if let Some(head) = line.strip_prefix("@@ -") {
            let start: usize = head.split([',', ' ']).next().unwrap().parse().unwrap();
            out.extend(&lines[at..start - 1]);
            at = start - 1;
        } else if let Some(added) = line.strip_prefix('+') {
            out.push(added);
        } else {
            assert_eq!(line.get(1..), Some(lines[at]));
            if line.starts_with(' ') {
                out.push(lines[at]);
            }
            at += 1;
        }
    }
    out.extend(&lines[at..]);
    out.join("\n") + "\n"
}
