//! What counts of what was found: levels, comments, baselines and gates.

use std::collections::BTreeMap;

use xsim::advice::{lint, rules};
use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::diagnostic::{Code, Diagnostic, Rule, Severity, Suppression};
use xsim::dockerfile::{Arena, parse};
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::policy::gates::{FailOn, Place, Times, limit};
use xsim::policy::{Baseline, Breach, Config, Gates, Level, Policy};
use xsim::report::{Sarif, github};
use xsim::source::{Line, Source, Span};
use xsim::units::Nanos;

const FILE: &str = "\
FROM alpine AS one
RUN a
FROM one AS two
RUN <<DOC
DOC
RUN b
";

fn rule(name: &str) -> &'static Rule {
    rules::find(name).unwrap()
}

fn at(name: &str, line: u32) -> Diagnostic {
    Diagnostic::new(rule(name), format!("something is wrong in line {line}")).at(Line(line))
}

/// Judges diagnostics of `text` and says of each whether something suppresses it.
fn suppressed(policy: &Policy, text: &str, diagnostics: &[Diagnostic]) -> Vec<Option<Suppression>> {
    let source = Source::new("Dockerfile", text.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let judged = policy.judge(&file, diagnostics.to_vec());
    judged.into_iter().map(|diagnostic| diagnostic.suppressed).collect()
}

/// What rules find in a text for two platforms: rule, line, and why it does not count.
fn found(text: &str) -> Vec<(&'static str, u32, Option<Suppression>)> {
    let source = Source::new("Dockerfile", text.into()).unwrap();
    let found = lint(&Build::new(source, vec![node()]));
    found.into_iter().map(|one| (one.rule.code, one.line.unwrap().0, one.suppressed)).collect()
}

#[test]
fn a_comment_covers_the_instruction_below_it_and_no_other() {
    let comment = |reason: &str| Some(Suppression::Comment(reason.into()));
    let text = "\
# xsim: ignore=workdir-relative-path,stage-name-casing the base image sets it
FROM scratch AS One
WORKDIR $A
# xsim: ignore=undefined-var
COPY $B <<DOC /c
# xsim: ignore=undefined-var
DOC
COPY $C /c
# xsim: ignore=all
COPY $D /d
";
    assert_eq!(
        found(text),
        [
            ("stage-name-casing", 2, comment("the base image sets it")),
            ("workdir-relative-path", 3, None),
            ("undefined-var", 3, None),
            ("undefined-var", 5, comment("")),
            ("undefined-var", 8, None),
            ("undefined-var", 10, comment("")),
        ]
    );
}

#[test]
fn a_check_that_buildkit_skips_is_skipped_here() {
    let check = Some(Suppression::Check);
    for (text, expected) in [
        ("# check=skip=StageNameCasing\nFROM scratch AS A\nCOPY $B /b\n", [check.clone(), None]),
        ("FROM scratch AS A\n# check=skip=UndefinedVar\nCOPY $B /b\n", [None, check.clone()]),
        ("FROM scratch AS A\n# check=skip=UndefinedVar\n#\nCOPY $B /b\n", [None, None]),
        ("# check=skip=all\nFROM scratch AS A\nCOPY $B /b\n", [check.clone(), check]),
    ] {
        let why: Vec<_> = found(text).into_iter().map(|(.., why)| why).collect();
        assert_eq!(why, expected, "{text}");
    }
}

#[test]
fn a_rule_is_also_known_by_the_name_it_had() {
    let old = "# xsim: ignore=case-of-stage-name\nFROM scratch AS A\nCOPY a /\n";
    assert_eq!(found(old), [("stage-name-casing", 2, Some(Suppression::Comment("".into())))]);
    let levels = BTreeMap::from([("case-of-stage-name".to_owned(), Level::Off)]);
    let policy = Policy { levels, ..Policy::default() };
    assert!(policy.is_off(rule("stage-name-casing")));
    assert_eq!(suppressed(&policy, FILE, &[at("stage-name-casing", 1)]), []);
    let baseline = "schema = \"xsim.baseline/1\"\n[[accepted]]\nrule = \"case-of-stage-name\"\ntext = \"FROM alpine AS one\"\ncount = 1\n";
    let policy = Policy { baseline: Baseline::parse(baseline).unwrap(), ..Policy::default() };
    assert_eq!(suppressed(&policy, FILE, &[at("stage-name-casing", 1)]), [Some(Suppression::Baseline)]);
}

#[test]
fn levels_replace_severities() {
    let source = Source::new("Dockerfile", FILE.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let levels = BTreeMap::from([
        ("undefined-var".to_owned(), Level::Error),
        ("mount-from-index".to_owned(), Level::Off),
    ]);
    let policy = Policy { levels, ..Policy::default() };
    let diagnostics = [at("undefined-var", 4), at("mount-from-index", 4), at("no-empty-continuation", 4)];
    let judged = policy.judge(&file, diagnostics.to_vec());
    let seen: Vec<_> = judged.iter().map(|judged| (judged.rule.code, judged.severity)).collect();
    assert_eq!(seen, [("undefined-var", Severity::Error), ("no-empty-continuation", Severity::Warning)]);
}

#[test]
fn a_baseline_accepts_what_is_there_wherever_it_moves_but_nothing_more() {
    let text = "FROM alpine\nRUN echo $X\nRUN echo $X\n";
    let source = Source::new("Dockerfile", text.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let found = [at("undefined-var", 2), at("undefined-var", 3)];
    let mut baseline = Baseline::default();
    baseline.accept(&file, &found);
    assert_eq!(baseline.len(), 2);
    let written = baseline.to_toml().unwrap();
    assert_eq!(Baseline::parse(&written).unwrap(), baseline);

    let policy = Policy { baseline, ..Policy::default() };
    let moved = "FROM alpine\n\n# Three of them now.\nRUN echo $X\nRUN echo $X\nRUN echo $X\nRUN other $X\n";
    let found: Vec<_> = (4..8).map(|line| at("undefined-var", line)).collect();
    let accepted = Some(Suppression::Baseline);
    assert_eq!(suppressed(&policy, moved, &found), [accepted.clone(), accepted, None, None]);
}

#[test]
fn a_baseline_of_another_version_is_refused() {
    assert!(Baseline::parse("schema = \"xsim.baseline/9\"\n").is_err());
    assert!(Baseline::parse("schema = \"xsim.baseline/1\"\nmore = 1\n").is_err());
    assert!(Baseline::parse("schema = \"xsim.baseline/1\"\n").unwrap().is_empty());
}

#[test]
fn configurations_say_what_is_wrong_with_them() {
    let error = Config::parse("[gates]\nfail_on = [\"error\"]\n").unwrap_err().to_string();
    assert!(error.contains("fail_on") && error.contains("fail-on"), "{error}");
    assert!(Config::parse("[rules]\nunused-stage = \"loud\"\n").is_err());
    assert_eq!(Config::parse("").unwrap(), Config::default());
}

const SPLIT: &str = "\
FROM --platform=$BUILDPLATFORM golang AS build
RUN one
ARG TARGETARCH
RUN two
FROM alpine AS runtime
RUN three
";

/// A node of amd64 that builds for itself and arm64.
fn node() -> NodeInputs {
    let amd64 = Platform::linux("amd64");
    let arm64 = Platform::linux("arm64");
    let inputs = Inputs::new(amd64.clone(), &[amd64.clone(), arm64]).unwrap();
    NodeInputs::new(inputs)
}

fn analysis(text: &str) -> Analysis {
    let source = Source::new("Dockerfile", text.as_bytes().to_vec()).unwrap();
    Build::new(source, vec![node()]).into_outcome().unwrap()
}

#[test]
fn places_of_many_files_may_be_missing() {
    let before = |may_miss_places| {
        let places = ["nowhere", "900", "runtime"].map(Place::parse).to_vec();
        Gates { no_split_before: places, may_miss_places, ..Gates::default() }.check(
            &analysis(SPLIT),
            None,
            &[],
        )
    };
    assert!(before(false).is_err());
    assert!(before(true).is_ok());
}

/// The gates that `gates` breaks, and how.
fn breaches(gates: &Gates, times: Option<Times>) -> Vec<String> {
    let text = format!("{SPLIT}COPY --from=build / /\n");
    let breaches = gates.check(&analysis(&text), times, &[]).unwrap();
    breaches.iter().map(|breach| format!("{}: {}", breach.gate, breach.message)).collect()
}

#[test]
fn splits_above_a_place_are_breaches() {
    let before = |place| Gates { no_split_before: vec![Place::parse(place)], ..Gates::default() };
    assert_eq!(breaches(&before("4"), None), [""; 0]);
    let broken = breaches(&before("Runtime"), None);
    assert_eq!(broken.len(), 1);
    assert!(broken[0].starts_with("--no-split-before: line 4 is split: ARG TARGETARCH"), "{broken:?}");
    assert_eq!(breaches(&before("6"), None).len(), 1, "the image is pulled for each platform");
    let unknown = before("runtme").check(&analysis(SPLIT), None, &[]).unwrap_err().to_string();
    assert_eq!(unknown, "no stage is called \"runtme\"; did you mean runtime?");
}

#[test]
fn times_beyond_a_limit_are_breaches() {
    let gates = Gates {
        max_time: Some(limit("20m").unwrap()),
        max_emulated: Some(limit("1m30s").unwrap()),
        ..Gates::default()
    };
    let minute = 60_000_000_000;
    let times = |total: u64, emulated: u64| {
        Some(Times { total: Nanos(total * minute), emulated: Nanos(emulated * minute) })
    };
    assert_eq!(breaches(&gates, times(20, 1)), [""; 0]);
    assert_eq!(
        breaches(&gates, times(21, 2)),
        [
            "--max-time: the build takes 21 m 00 s, more than 20 m 00 s",
            "--max-emulated: steps under emulation take 2 m 00 s, more than 1 m 30 s"
        ]
    );
    assert!(limit("soon").is_err());
    assert!(limit("-5m").is_err());
}

#[test]
fn notices_that_count_are_breaches() {
    let source = Source::new("Dockerfile", FILE.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let exempt = Diagnostic { suppressed: Some(Suppression::Check), ..at("undefined-var", 3) };
    let found = [exempt, at("undefined-var", 4), at("undefined-var", 5), at("copy-file-onto-file", 10)];
    let judged = Policy::default().judge(&file, found.to_vec());
    let fails = |text| {
        let gates = Gates { fail_on: vec![FailOn::parse(text).unwrap()], ..Gates::default() };
        let breaches = gates.check(&analysis(SPLIT), None, &judged).unwrap();
        breaches.first().map(|breach| breach.message.clone())
    };
    assert_eq!(fails("error"), None);
    assert_eq!(fails("warning").unwrap(), "undefined-var in line 4 and 2 more: something is wrong in line 4");
    assert_eq!(
        fails("copy-file-onto-file").unwrap(),
        "copy-file-onto-file in line 10: something is wrong in line 10"
    );
    assert_eq!(fails("no-empty-continuation"), None);
    let unknown = FailOn::parse("warnings").unwrap_err().to_string();
    assert_eq!(unknown, "\"warnings\" is no rule and no severity; did you mean warning?");
}

const HOSTILE: &str = "FROM a\u{1b}[31m%0A::error::x\nRUN ü::b, c\n";

fn hostile() -> Vec<Diagnostic> {
    let message = "100 % \u{1b}]0;x\u{7} \u{202e} bad\r\n::warning::no";
    vec![
        Diagnostic::error(Code::BadValue, message)
            .at(Line(1))
            .span(Span::new(5, 9))
            .label(Span::new(25, 27), "here\u{7}")
            .help("do,this: now"),
        Diagnostic { severity: Severity::Note, ..Diagnostic::new(rule("duplicate-stage-name"), "nowhere") },
        Diagnostic::new(rule("copy-file-onto-file"), "line 2").at(Line(2)),
    ]
}

#[test]
fn workflow_commands_hold_one_line_each_whatever_the_text() {
    let source = Source::new("a,b:c%\u{7}/Dockerfile", HOSTILE.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let found = hostile();
    let judged = Policy::default().judge(&file, found.clone());
    let text = github(&source, &judged, &[]);
    let expected = "\
::error file=a%2Cb%3Ac%25␇/Dockerfile,line=1,endLine=1,col=6,endColumn=10,title=xsim bad-value::100 %25 ␛]0;x␇ \u{fffd} bad%0A\\::warning::no%0Ado,this: now
::warning file=a%2Cb%3Ac%25␇/Dockerfile,line=2,endLine=2,col=1,endColumn=12,title=xsim copy-file-onto-file::line 2
::notice file=a%2Cb%3Ac%25␇/Dockerfile,title=xsim duplicate-stage-name::nowhere
";
    assert_eq!(text, expected);
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let mut schema: serde_json::Value =
        serde_json::from_str(include_str!("../data/sarif-2.1.0.schema.json")).unwrap();
    // These two patterns, as published, are no regular expressions: they have a bracket too many.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let source = Source::new("my folder/Dockerfile", HOSTILE.into()).unwrap();
    let arena = Arena::new();
    let file = parse(&source, &arena);
    let found = hostile();
    let mut baseline = Baseline::default();
    baseline.accept(&file, &found[1..2]);
    let policy = Policy { baseline, ..Policy::default() };
    let judged = policy.judge(&file, found.clone());
    let breach = Breach { gate: "--max-time", message: "too long".into() };
    let mut bytes = Vec::new();
    let mut log = Sarif::default();
    log.add(&source, &judged, &[breach]);
    log.write(rules::all(), &mut bytes).unwrap();
    let log: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    let results = &log["runs"][0]["results"];
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20folder/Dockerfile");
    assert_eq!(place["region"]["startColumn"], 6);
    assert_eq!(results[0].get("suppressions"), None, "what stops a build counts in every project");
    assert_eq!(results[1]["suppressions"][0]["kind"], "external");
    assert!(!results[0]["message"]["text"].as_str().unwrap().contains('\u{1b}'));
}
