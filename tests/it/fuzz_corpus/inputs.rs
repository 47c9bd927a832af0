//! What holds for any bytes in the place of what is no Dockerfile: definitions, repositories, scripts, logs and settings.

use std::collections::BTreeMap;

use serde_json::Value;
use xsim::advice::InWorkflows;
use xsim::bake::{MemoryFiles, Options, resolve};
use xsim::builds::{Repo, Source, list};
use xsim::calibrate::calibrate;
use xsim::cost::Profile;
use xsim::ingest::read;
use xsim::model::platform::Platform;
use xsim::observe::{believed, observe, prepared};
use xsim::policy::{Baseline, Config};
use xsim::report::builds::{write_json, write_text};
use xsim::report::escape::visible;
use xsim::shell::interpret::{Start, Text, World, interpret};
use xsim::sim::parse_machine;

/// Longer inputs take time and find nothing new.
const MAX_BYTES: usize = 64 << 10;

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_BYTES)
}

/// A definition is resolved or refused. Each is tried as what its first byte says it is.
pub(crate) fn definition(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let name = match bytes.first() {
        Some(b'{') => "docker-bake.json",
        Some(b'#' | b'-' | b's') => "compose.yaml",
        _ => "docker-bake.hcl",
    };
    let files = MemoryFiles(BTreeMap::from([(name.to_owned(), text.into())]));
    match resolve(&files, &Options::default()) {
        Ok(resolved) => {
            let printed = resolved.to_json();
            assert_eq!(printed["target"].as_object().map_or(0, serde_json::Map::len), resolved.targets.len());
            true
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            if let Some((source, span)) = &error.place {
                assert!(span.end as usize <= source.text().len(), "{error:?}");
            }
            false
        }
    }
}

struct Files(BTreeMap<String, String>);

impl Source for Files {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

/// A repository in one text: a line `-- PATH` begins a file. What stands before the first one is a workflow.
fn files(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut path = ".github/workflows/a.yml";
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("-- ") {
            Some(name) => path = name.trim_end(),
            None => files.entry(path.to_owned()).or_insert_with(String::new).push_str(line),
        }
    }
    files
}

/// The builds of a repository are listed, and both lists can be shown. Gives whether there are any.
pub(crate) fn repository(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let files = Files(files(text));
    let repo = Repo::new(&files, files.0.keys().cloned(), Some("owner/name".to_owned()));
    let builds = list(&repo);
    for definition in &builds.definitions {
        let lines = files.0.get(&definition.place.file).map(|text| text.lines().count().max(1));
        assert!(
            lines.is_some_and(|lines| (1..=lines).contains(&(definition.place.line as usize))),
            "{definition:?}"
        );
    }
    let (mut shown, mut json) = (Vec::new(), Vec::new());
    write_text(&builds, &InWorkflows::default(), &mut shown).unwrap();
    write_json(&builds, &InWorkflows::default(), &mut json).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(shown.lines().find(|line| visible(line) != *line), None);
    let _: Value = serde_json::from_slice(&json).unwrap();
    !builds.definitions.is_empty()
}

struct Nowhere;

impl World for Nowhere {}

/// A script is gone through. Gives whether it calls any program.
pub(crate) fn script(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let environment = [("TARGETARCH".into(), "arm64".into()), ("ANY".into(), Text::unknown())];
    let environment = environment.into_iter().collect();
    let outcome = interpret(text, Start { environment, ..Start::default() }, &Nowhere);
    for call in &outcome.calls {
        let spans = call.span.iter().chain(call.words.iter().filter_map(|word| word.span.as_ref()));
        spans.for_each(|span| assert!(text.get(span.clone()).is_some(), "{call:?}"));
    }
    for command in xsim::shell::commands(text) {
        assert!(command.span.is_none_or(|span| text.get(span).is_some()));
    }
    !outcome.calls.is_empty()
}

/// A log is read, and what is learnt from it can be written and read. Gives whether it tells of a build.
pub(crate) fn log(bytes: &[u8]) -> bool {
    let Ok(record) = read(bytes) else { return false };
    let host = Platform::linux("amd64");
    for build in &record.builds {
        let belief = believed(build, &host);
        let build = prepared(build, None);
        let seen = observe(&build, &belief.machine, None);
        assert!(seen.runs.iter().all(|run| run.ready <= run.start && run.start <= run.end));
        let source = xsim::calibrate::Source { name: "log", build: &build };
        let profile = calibrate(&[source], &belief.machine).within_limits();
        let read = Profile::parse(&profile.to_toml()).unwrap();
        assert_eq!(read.to_toml(), profile.to_toml());
    }
    !record.builds.is_empty()
}

/// Settings of every kind are read or refused, and written as they were read. Gives whether they are of any kind.
pub(crate) fn settings(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let host = Platform::linux("amd64");
    let config = Config::parse(text);
    let machine = parse_machine(text, &host);
    let baseline = Baseline::parse(text);
    let profile = Profile::parse(text);
    if let Ok(profile) = &profile {
        let written = profile.clone().within_limits().to_toml();
        assert_eq!(Profile::parse(&written).unwrap().within_limits().to_toml(), written);
    }
    if let Ok(baseline) = &baseline {
        assert_eq!(Baseline::parse(&baseline.to_toml().unwrap()).unwrap().len(), baseline.len());
    }
    if let Ok(machine) = &machine {
        super::check::build_on(machine);
    }
    config.is_ok() || machine.is_ok() || baseline.is_ok() || profile.is_ok()
}
