//! Logs as builds leave them, and logs that something happened to.

use std::fs::File;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::units::Nanos;

/// A file of `tests/data/timing`, unpacked.
fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/timing/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The one build of a file.
#[track_caller]
fn build(bytes: &[u8]) -> ObservedBuild {
    let mut builds = read(bytes).unwrap().builds;
    assert_eq!(builds.len(), 1, "one build");
    builds.remove(0)
}

#[track_caller]
fn provenance(bytes: &[u8]) -> Provenance {
    read(bytes).unwrap().provenance.remove(0)
}

fn named<'b>(build: &'b ObservedBuild, part: &str) -> &'b ObservedStep {
    build.steps.iter().find(|step| step.name.contains(part)).unwrap()
}

#[test]
fn a_real_rawjson_log() {
    let build = build(&sample("diamond/mp1.rawjson"));
    assert_eq!(build.problems, Problems::default());
    let left = named(&build, "[linux/arm64 left 1/1]");
    assert_eq!(left.outcome, Outcome::Done);
    assert!((left.duration.unwrap().as_secs_f64() - 12.048).abs() < 0.001);
    assert_eq!(left.inputs.len(), 1);
    assert!(build.step(left.inputs[0]).name.contains("base 2/2] COPY"));
    let pull = named(&build, "[linux/amd64 base 1/2] FROM");
    assert!(pull.intervals.len() > 1, "a pull has gaps");
    assert!((build.makespan().as_secs_f64() - 39.265).abs() < 0.001);
}

#[test]
fn a_plain_log_tells_the_same_durations() {
    let (raw, plain) = (build(&sample("diamond/cold.rawjson")), build(&sample("diamond/cold.plain.log")));
    assert_eq!(plain.problems, Problems::default());
    let runs = |build: &ObservedBuild| {
        let steps = build.steps.iter().filter(|step| step.executed() && step.label().subject == Subject::Run);
        let mut runs: Vec<_> = steps.map(|step| (step.name.clone(), step.duration.unwrap())).collect();
        runs.sort();
        runs
    };
    let (raw, plain) = (runs(&raw), runs(&plain));
    assert_eq!(raw.len(), 8);
    for ((raw_name, raw), (plain_name, plain)) in raw.iter().zip(&plain) {
        assert_eq!(raw_name, plain_name);
        assert!((raw.as_secs_f64() - plain.as_secs_f64()).abs() < 0.06, "{raw_name}");
    }
}

#[test]
fn provenance_joins_by_digest() {
    let mut build = build(&sample("mounts/cold.rawjson"));
    let known = provenance(&sample("mounts/cold.metadata.json"));
    assert!(build.join(&known) >= 20);
    let compile = named(&build, "[linux/amd64->arm64 build 4/4]").provenance.as_ref().unwrap();
    assert_eq!(compile.platform.as_deref(), Some("linux/amd64"));
    assert_eq!(compile.lines, [6]);
    let Operation::Exec { args, env, caches } = &compile.operation else { panic!("an exec") };
    assert!(args[2].starts_with("CGO_ENABLED=0 GOARCH=$TARGETARCH go build"));
    assert!(env.contains(&"TARGETARCH=arm64".to_owned()));
    assert_eq!(caches.len(), 2);
}

#[test]
fn both_shapes_of_provenance_tell_the_same() {
    let config = r#"{"llbDefinition":[{"id":"step0","op":{"Op":{"exec":{"meta":{"args":["x"]}}},"platform":
        {"Architecture":"arm","OS":"linux","Variant":"v7"}},"resourceUsage":{"samples":[{"cpuStat":{"usageNanos":7},
        "memoryStat":{"peak":9}},{"cpuStat":{"usageNanos":12}}]}}],"digestMapping":{"sha256:a":"step0"}}"#;
    let source = r#"{"source":{"locations":{"step0":{"locations":[{"ranges":[{"start":{"line":3}}]}]}}}}"#;
    let old = format!(
        r#"{{"buildx.build.provenance":{{"buildConfig":{config},"metadata":{{"https://mobyproject.org/buildkit@v1#metadata":{source}}}}}}}"#
    );
    let new = format!(
        r#"{{"predicateType":"https://slsa.dev/provenance/v1","predicate":{{"buildDefinition":{{"internalParameters":
        {{"buildConfig":{config}}}}},"runDetails":{{"metadata":{{"buildkit_metadata":{source}}}}}}}}}"#
    );
    let (old, new) = (provenance(old.as_bytes()), provenance(new.as_bytes()));
    assert_eq!(old, new);
    let step = &old.steps["sha256:a"];
    assert_eq!((step.platform.as_deref(), step.lines.as_slice()), (Some("linux/arm/v7"), [3].as_slice()));
    assert_eq!(
        step.usage,
        Some(Usage { cpu: Nanos(12), memory: crate::units::Bytes(9), ..Usage::default() })
    );
}

/// One line of rawjson for a vertex.
fn vertex(digest: &str, rest: &str) -> String {
    format!(r#"{{"vertexes":[{{"digest":"{digest}","name":"[build 2/3] RUN x"{rest}}}]}}"#)
}

#[test]
fn what_can_become_of_a_step() {
    let at = |second: u32| format!("2026-11-23T05:00:{second:02}Z");
    let span = |from, to| format!(r#","started":"{}","completed":"{}""#, at(from), at(to));
    let cases = [
        (String::new(), Outcome::NeverStarted, None),
        (span(1, 4), Outcome::Done, Some(3)),
        (format!(r#","started":"{}""#, at(1)), Outcome::Unfinished, None),
        (span(1, 1) + r#","cached":true"#, Outcome::Cached, Some(0)),
        (span(1, 2) + r#","error":"process \"/bin/sh\" did not complete""#, Outcome::Failed, None),
        (span(1, 2) + r#","error":"context canceled""#, Outcome::Canceled, None),
        (span(4, 1), Outcome::Done, Some(0)),
    ];
    for (rest, outcome, seconds) in cases {
        let build = build((vertex("sha256:a", &rest) + "\n").as_bytes());
        let step = &build.steps[0];
        assert_eq!(
            (step.outcome, step.duration),
            (outcome, seconds.map(|s: u64| Nanos(s * 1_000_000_000))),
            "{rest}"
        );
        assert_eq!(build.problems.clock_jumps, u64::from(rest == span(4, 1)));
    }
}

#[test]
fn repeated_vertices_are_put_together() {
    let log = [
        vertex("a", r#","started":"2026-11-23T05:00:00Z""#),
        vertex("a", r#","started":"2026-11-23T05:00:00Z","completed":"2026-11-23T05:00:02Z""#),
        vertex("a", r#","started":"2026-11-23T05:00:01Z","completed":"2026-11-23T05:00:03Z""#),
        vertex("a", r#","inputs":["b"],"started":"2026-11-23T05:00:10Z","completed":"2026-11-23T05:00:11Z""#),
    ];
    let build = build((log.join("\n") + "\n").as_bytes());
    assert_eq!(build.steps[0].intervals.len(), 2);
    assert_eq!(build.steps[0].duration, Some(Nanos(4_000_000_000)));
    assert_eq!((build.steps.len(), build.steps[1].outcome), (2, Outcome::NeverStarted));
}

#[test]
fn damaged_rawjson_tells_what_it_can() {
    let whole = sample("chain8/mp1.rawjson");
    let cut = build(&whole[..whole.len() * 2 / 3]);
    assert!(cut.problems.cut_short && cut.steps.iter().any(|step| step.outcome == Outcome::Unfinished));
    let lines: Vec<&[u8]> = whole.split_inclusive(|&b| b == b'\n').collect();
    let noisy: Vec<&[u8]> =
        lines.iter().flat_map(|&line| [b"warning: \xff not json\n".as_slice(), line]).collect();
    let noisy = read_as(Format::Lines, noisy.concat().as_slice()).unwrap().builds.remove(0);
    assert_eq!(noisy.steps, build(&whole).steps);
}

#[test]
fn several_builds_in_one_log_are_several() {
    let names = ["chain8/mp1.rawjson", "diamond/mp1.rawjson", "chain8/mp1.rawjson"];
    let three = read(names.map(sample).concat().as_slice()).unwrap().builds;
    let alone: Vec<_> = names.iter().map(|name| build(&sample(name)).steps).collect();
    assert_eq!(three.iter().map(|build| build.steps.clone()).collect::<Vec<_>>(), alone);
    let plain = sample("diamond/cold.plain.log");
    let twice = read([plain.clone(), b"\n".to_vec(), plain.clone()].concat().as_slice()).unwrap().builds;
    assert_eq!((twice.len(), &twice[0]), (2, &twice[1]));
    assert_eq!(twice[0], build(&plain));
}

#[test]
fn a_plain_log_in_a_ci_log() {
    let log = "\u{feff}2026-11-23T05:00:00.0000000Z ##[group]Build\r\n\
        2026-11-23T05:00:01.0000000Z \u{1b}[36m#1 [build 1/2] FROM x\u{1b}[0m\r\n\
        2026-11-23T05:00:03.0000000Z #1 DONE 2.0s\r\n\
        2026-11-23T05:00:03.0000000Z #2 [build 2/2] RUN y\r\n\
        2026-11-23T05:00:04.0000000Z #2 0.512 DONE 9.9s\r\n\
        2026-11-23T05:00:04.5000000Z #2 ...\r\n\
        2026-11-23T05:00:08.0000000Z #2 DONE 5.0s\r\n\
        2026-11-23T05:00:08.0000000Z #3 [build 3/3] RUN z\r\n\
        2026-11-23T05:00:09.0000000Z #3 ERROR: process \"/bin/sh -c z\" did not complete successfully: exit code: 2\r\n";
    let build = build(log.as_bytes());
    let durations: Vec<_> = build.steps.iter().map(|step| step.duration.map(Nanos::as_secs_f64)).collect();
    assert_eq!(durations, [Some(2.0), Some(5.0), None]);
    assert_eq!(build.steps[1].start(), Some(Nanos(2_000_000_000)));
    assert_eq!(build.steps[2].outcome, Outcome::Failed);
}

#[test]
fn a_trace() {
    let span = |name: &str, vertex: &str, from: u32, to: u32| {
        format!(
            r#"{{
                "Name": "{name}", "SpanContext": {{"TraceID": "1", "SpanID": "2"}}, "Parent": {{}}, "SpanKind": 1,
                "StartTime": "2026-11-23T05:00:{from:02}Z", "EndTime": "2026-11-23T05:00:{to:02}.5Z",
                "Attributes": [{{"Key": "vertex", "Value": {{"Type": "STRING", "Value": "{vertex}"}}}}],
                "Events": [{{"Name": "ExecOp started"}}], "Status": {{"Code": "Unset", "Description": ""}}
            }}
"#
        )
    };
    let trace = span("cache request: [2/2] RUN x", "sha256:a", 0, 9)
        + &span("[2/2] RUN x", "sha256:a", 2, 5)
        + r#"{"Name": "export layers", "SpanContext": {}, "Attributes": null}"#;
    let build = build(trace.as_bytes());
    assert_eq!(build.steps.len(), 1);
    assert_eq!(build.steps[0].duration, Some(Nanos(3_500_000_000)));
    let cut = read(&trace.as_bytes()[..trace.len() - 20]).unwrap().builds.remove(0);
    assert!(cut.problems.cut_short && cut.steps.len() == 1);
}

/// A protobuf field with bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        field.push(length as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    [field, bytes.to_vec()].concat()
}

/// A status blob with one vertex that takes two seconds.
fn status_blob() -> Vec<u8> {
    status_of(b"sha256:a", 3, 200)
}

/// A status blob with one vertex that begins at a second and takes two, and so many bytes besides.
fn status_of(digest: &[u8], begins: u8, besides: usize) -> Vec<u8> {
    let timestamp = |seconds: u8| vec![1 << 3, seconds, 2 << 3, 100];
    let vertex = [
        field(1, digest),
        field(3, b"[2/2] RUN x"),
        field(5, &timestamp(begins)),
        field(6, &timestamp(begins + 2)),
    ]
    .concat();
    let message = [field(1, &vertex), field(3, &vec![b'x'; besides])].concat();
    [(message.len() as u32).to_le_bytes().to_vec(), message].concat()
}

fn bundle(blobs: &[&[u8]]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (at, blob) in blobs.iter().enumerate() {
        let mut header = tar::Header::new_gnu();
        header.set_size(blob.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("blobs/sha256/{at}"), *blob).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

#[test]
fn an_exported_record() {
    let provenance =
        br#"{"predicate":{"buildConfig":{"llbDefinition":[{"id":"step0","op":{"Op":{"file":{}}}}],
        "digestMapping":{"sha256:a":"step0"}}}}"#;
    let manifest = br#"{"schemaVersion":2,"layers":[]}"#;
    let build = build(&bundle(&[manifest, provenance, &status_blob()]));
    assert_eq!(build.steps.len(), 1);
    assert_eq!(build.steps[0].duration, Some(Nanos(2_000_000_000)));
    assert_eq!(build.steps[0].provenance.as_ref().unwrap().operation, Operation::File);
}

#[test]
fn several_exported_records() {
    let provenance = |digest: &str, platform: &str| {
        format!(
            r#"{{"predicate":{{"buildConfig":{{"llbDefinition":[{{"id":"step0","op":{{"Op":{{"exec":{{"meta":{{"args":["x"]}}}}}},"platform":{{"Architecture":"{platform}","OS":"linux"}}}}}}],
            "digestMapping":{{"{digest}":"step0"}}}}}}}}"#
        )
    };
    let (first, second) = (provenance("sha256:a", "amd64"), provenance("sha256:b", "arm64"));
    // A length of 123 bytes is the sign with which JSON begins.
    let begins =
        (0..200).map(|besides| status_of(b"sha256:b", 9, besides)).find(|blob| blob[0] == b'{').unwrap();
    let blobs = [begins, second.into_bytes(), status_blob(), first.into_bytes()];
    let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    let builds = read(bundle(&blobs).as_slice()).unwrap().builds;
    let told: Vec<_> = builds
        .iter()
        .map(|build| {
            let platform = build.steps[0].provenance.as_ref().and_then(|known| known.platform.as_deref());
            (build.steps.len(), build.steps[0].digest.as_deref(), platform)
        })
        .collect();
    assert_eq!(
        told,
        [(1, Some("sha256:a"), Some("linux/amd64")), (1, Some("sha256:b"), Some("linux/arm64"))]
    );
}

#[test]
fn files_that_hold_no_build_are_refused() {
    assert!(matches!(read(b"".as_slice()), Err(IngestError::Empty(Format::Lines))));
    assert!(matches!(read(b"hello\nworld".as_slice()), Err(IngestError::Empty(Format::Lines))));
    assert!(matches!(read(b"{\"a\":1}".as_slice()), Err(IngestError::Empty(Format::Provenance))));
    assert!(matches!(read(b"{\"a\":".as_slice()), Err(IngestError::Document(_))));
    assert!(read(b"\x1f\x8bnot gzip".as_slice()).is_err());
}

proptest! {
    #[test]
    fn cut_and_changed_files_do_no_harm(cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(&status_blob()).unwrap();
        let files = [
            sample("sleep-diamond/cold.rawjson"),
            sample("sleep-diamond/cold.plain.log"),
            bundle(&[&status_blob()]),
            gz.finish().unwrap(),
        ];
        for mut file in files {
            let at = at.index(file.len());
            file[at] = byte;
            let cut = cut.index(file.len());
            for format in Format::VALUES {
                let _ = read_as(*format, &file[..cut]);
                let _ = read_as(*format, file.as_slice());
            }
        }
    }
}
