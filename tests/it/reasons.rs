//! Where stages split and why, how steps run, which foreign programs they call: small files, each with one thing to see.

use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::source::Source;

fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

#[track_caller]
fn analysis(text: &str, platforms: &str) -> Analysis {
    let targets: Vec<Platform> = platforms.split(',').map(platform).collect();
    let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
    let node = NodeInputs::new(inputs);
    let source = Source::new("Dockerfile", text.into()).unwrap();
    let analysis = Build::new(source, vec![node])
        .into_outcome()
        .unwrap_or_else(|refused| panic!("{:?}", refused.refusal));
    analysis.nodes[0].graph.verify();
    analysis
}

const TWO: &str = "linux/amd64,linux/arm64";
const THREE: &str = "linux/amd64,linux/arm64,linux/arm/v7";

/// `stage: line groups code @line via…` for each split.
fn splits(text: &str, platforms: &str) -> Vec<String> {
    let analysis = analysis(text, platforms);
    let node = &analysis.nodes[0];
    let show = |split: &xsim::graph::split::Split| {
        let groups: Vec<String> = split
            .groups
            .iter()
            .map(|group| {
                let names = group.iter().map(|target| node.graph.targets()[target.index()].short());
                names.map(|name| name.replace("linux/", "")).collect::<Vec<_>>().join("+")
            })
            .collect();
        let line = split.reason.line().map_or_else(|| "-".to_owned(), |line| line.to_string());
        let via: Vec<String> = split.reason.via.iter().map(|at| format!(" via {}", at.line)).collect();
        let code = split.reason.cause.code();
        format!("{}: {} {} {code} @{line}{}", split.stage.0, split.line, groups.join("|"), via.concat())
    };
    node.splits.iter().map(show).collect()
}

#[track_caller]
fn case(text: &str, platforms: &str, expected: &[&str]) {
    assert_eq!(splits(text, platforms), expected, "{text}");
}

const PINNED: &str = "FROM --platform=$BUILDPLATFORM golang AS b\n";

#[test]
fn a_whole_stage_has_no_split() {
    case(&format!("{PINNED}RUN a\nCOPY . .\n"), TWO, &[]);
    case("FROM scratch\nCOPY . .\nWORKDIR /x\n", TWO, &[]);
    case("FROM alpine\nRUN a\n", "linux/amd64", &[]);
}

#[test]
fn the_target_platform_splits_at_from() {
    case("FROM alpine\nRUN a\n", TWO, &["0: 1 amd64|arm64 stage-platform @1"]);
    case("FROM x-$TARGETARCH\nRUN a\n", TWO, &["0: 1 amd64|arm64 base @1"]);
    case("FROM scratch\nCOPY . .\nRUN a\n", TWO, &["0: 3 amd64|arm64 command-platform @3"]);
}

#[test]
fn an_argument_splits_at_the_first_command_after_it() {
    case(
        &format!("{PINNED}RUN a\nARG TARGETARCH\nCOPY . .\nRUN b\nRUN c\n"),
        TWO,
        &["0: 5 amd64|arm64 variable @3"],
    );
    case(
        &format!("{PINNED}ARG TARGETARCH\nENV A=$TARGETARCH TARGETARCH=x\nRUN b\n"),
        TWO,
        &["0: 4 amd64|arm64 variable @3"],
    );
    case(&format!("{PINNED}ARG TARGETARCH\nENV TARGETARCH=x\nRUN b\n"), TWO, &[]);
    case(&format!("{PINNED}ARG BUILDARCH\nRUN b\n"), TWO, &[]);
    case(
        "ARG A=x-$TARGETARCH\nFROM --platform=$BUILDPLATFORM a\nARG A\nRUN b\n",
        TWO,
        &["0: 4 amd64|arm64 variable @3"],
    );
}

#[test]
fn a_text_splits_where_it_is_used() {
    case(
        &format!("{PINNED}ARG TARGETARCH\nCOPY bin-$TARGETARCH /x\nCOPY y /z\n"),
        TWO,
        &["0: 3 amd64|arm64 text @3"],
    );
    case(&format!("{PINNED}ARG TARGETARCH\nWORKDIR /$TARGETARCH\n"), TWO, &["0: 3 amd64|arm64 text @3"]);
}

#[test]
fn an_image_copied_or_mounted_splits() {
    case(
        &format!("{PINNED}RUN a\nCOPY --from=img /x /y\nRUN b\n"),
        TWO,
        &["0: 3 amd64|arm64 copied-image @3"],
    );
    case(
        &format!("{PINNED}RUN --mount=from=img,target=/m a\nRUN b\n"),
        TWO,
        &["0: 2 amd64|arm64 copied-image @2"],
    );
}

#[test]
fn a_split_is_followed_through_stages() {
    case(
        &format!("{PINNED}ARG TARGETARCH\nRUN a\nFROM scratch\nCOPY --from=b /o /o\n"),
        TWO,
        &["0: 3 amd64|arm64 variable @2", "1: 5 amd64|arm64 variable @2 via 5 via 3"],
    );
    case(
        &format!("{PINNED}ARG TARGETARCH\nRUN a\nFROM b AS c\nRUN d\n"),
        TWO,
        &["0: 3 amd64|arm64 variable @2", "1: 4 amd64|arm64 variable @2 via 5 via 3"],
    );
}

#[test]
fn partitions_of_more_than_two() {
    case(&format!("{PINNED}ARG TARGETVARIANT\nRUN a\n"), THREE, &["0: 3 amd64+arm64|arm/v7 variable @2"]);
    case(
        &format!("{PINNED}ARG TARGETVARIANT\nRUN a\nARG TARGETARCH\nRUN b\n"),
        THREE,
        &["0: 3 amd64+arm64|arm/v7 variable @2", "0: 5 amd64|arm64 variable @4"],
    );
}

/// `line: execution[->cross] …` for each command, in order.
fn modes(text: &str) -> Vec<String> {
    let analysis = analysis(text, TWO);
    let node = &analysis.nodes[0];
    let mut found = Vec::new();
    for (index, vertex) in node.graph.vertices() {
        let Some(execution) = node.execution(index) else { continue };
        let cross =
            node.cross_to(index).map_or_else(String::new, |platform| format!("->{}", platform.short()));
        let calls: Vec<String> = node
            .foreign(index)
            .iter()
            .map(|call| format!(" {}@{}", call.program, call.line.map_or(0, |line| line.0)))
            .collect();
        found.push(format!("{}: {execution}{cross}{}", vertex.line().unwrap(), calls.concat()));
    }
    found
}

#[test]
fn how_commands_run() {
    assert_eq!(modes("FROM alpine\nRUN a\n"), ["2: native", "2: emulated"]);
    assert_eq!(
        modes(&format!("{PINNED}RUN a\nARG TARGETPLATFORM\nRUN b\n")),
        ["2: native", "4: native", "4: native->linux/arm64"]
    );
    assert_eq!(
        modes(&format!("{PINNED}ARG TARGETPLATFORM=nonsense TARGETOS=windows\nRUN b\n")),
        ["3: native->windows/amd64"]
    );
    assert_eq!(modes("FROM --platform=windows/amd64 a\nRUN b\n"), ["2: unsupported"]);
    assert_eq!(modes("FROM --platform=linux/386 a\nRUN b\n"), ["2: native"]);
}

#[test]
fn foreign_programs_make_a_native_step_mixed() {
    let with = |copy: &str, run: &str| modes(&format!("{PINNED}{copy}\nRUN {run}\n"));
    let image = "COPY --from=img:1 /tool /usr/local/bin/tool";
    for run in ["tool x", "a && B=1 tool", "sh -c 'tool x'", "echo $(tool)", "cd /usr/local/bin && ./x; tool"]
    {
        assert_eq!(with(image, run), ["3: native", "3: mixed tool@2"], "{run}");
    }
    assert_eq!(with(image, "/usr/local/bin/tool"), ["3: native", "3: mixed /usr/local/bin/tool@2"]);
    for run in ["toolbox", "echo tool", "cat /usr/local/bin/tool", "$TOOL", "/opt/tool"] {
        assert_eq!(with(image, run), ["3: native", "3: native"], "{run}");
    }
    assert_eq!(
        with("COPY --from=img /tool /usr/local/bin/", "tool"),
        ["3: native", "3: mixed tool@2"],
        "into a folder"
    );
    assert_eq!(with("COPY --from=img /tool /opt/", "tool"), ["3: native", "3: native"], "not in PATH");
    assert_eq!(with("COPY --from=img /tool /opt/", "/opt/tool"), ["3: native", "3: mixed /opt/tool@2"]);
    assert_eq!(
        with("COPY --from=me/xx / /", "xx-go build"),
        ["3: native", "3: mixed xx-go@2"],
        "named like its image"
    );
    assert_eq!(with("COPY --from=me/xx / /", "go build"), ["3: native", "3: native"]);
    assert_eq!(
        modes(&format!("{PINNED}RUN --mount=from=img,target=/m /m/tool\n")),
        ["2: native", "2: mixed /m/tool@2"]
    );
}

#[test]
fn files_of_the_own_platform_are_not_foreign() {
    let stage = "FROM --platform=$BUILDPLATFORM img AS t\n";
    assert_eq!(
        modes(&format!("{stage}{PINNED}COPY --from=t /tool /usr/local/bin/tool\nRUN tool\n")),
        ["4: native"]
    );
    assert_eq!(
        modes(&format!("FROM img AS t\n{PINNED}COPY --from=t /tool /usr/local/bin/tool\nRUN tool\n")),
        ["4: native", "4: mixed tool@3"],
        "a stage on the target platform is as foreign as an image"
    );
    assert_eq!(
        modes(&format!(
            "FROM img AS t\nFROM scratch AS u\nCOPY --from=t /tool /t\n{PINNED}COPY --from=u /t /usr/bin/tool\nRUN tool\n"
        )),
        ["6: native", "6: mixed tool@3"],
        "followed through a stage in between"
    );
}
