//! The conformance cases: files with what they are built for.
//!
//! `XSIM_CASES` names further files of cases, separated by colons, in the format of `tests/data/conformance/README.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use xsim::analysis::NodeInputs;
use xsim::graph::emulate::Host;
use xsim::model::inputs::{Inputs, KnownImage, NamedContext};
use xsim::model::platform::Platform;

/// One file and how it is built; `expect` is what BuildKit makes of it, for the test that looks at that.
#[derive(Deserialize)]
pub(crate) struct Case<E = serde::de::IgnoredAny> {
    pub(crate) id: String,
    pub(crate) dockerfile: String,
    pub(crate) platforms: Vec<String>,
    pub(crate) build_platform: String,
    pub(crate) target: Option<String>,
    pub(crate) build_args: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) contexts: Vec<String>,
    #[serde(default)]
    pub(crate) images: BTreeMap<String, serde_json::Value>,
    #[allow(dead_code, reason = "only the test of conformance looks at it")]
    pub(crate) expect: E,
}

/// A platform by its name.
pub(crate) fn platform(text: &str) -> Platform {
    let host = Platform::linux("amd64");
    Platform::parse(text, &host).unwrap()
}

impl<E> Case<E> {
    /// What is built.
    pub(crate) fn inputs(&self) -> Inputs {
        let targets: Vec<Platform> = self.platforms.iter().map(|text| platform(text)).collect();
        let mut inputs = Inputs::new(platform(&self.build_platform), &targets).unwrap();
        inputs.stage.clone_from(&self.target);
        inputs.build_args = self.build_args.clone().unwrap_or_default();
        inputs.contexts = self.contexts.iter().map(|text| NamedContext::parse(text).unwrap()).collect();
        for (image, config) in &self.images {
            let config = config.to_string();
            inputs.images.extend(
                KnownImage::parse(image, config.as_bytes(), &platform(&self.build_platform)).unwrap(),
            );
        }
        inputs
    }

    /// The one node that builds it.
    #[allow(dead_code, reason = "not every test that has cases analyses them")]
    pub(crate) fn nodes(&self) -> Vec<NodeInputs> {
        let host = Host::new(platform(&self.build_platform));
        vec![NodeInputs { name: None, host, inputs: self.inputs() }]
    }
}

/// Where the cases are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/conformance")
}

/// The project's own cases that are given nothing but platforms, a target and arguments.
pub(crate) fn own<E: for<'d> Deserialize<'d>>() -> Vec<Case<E>> {
    read(&["rules.jsonl", "generated.jsonl"].map(|name| folder().join(name)))
}

/// All cases.
#[allow(dead_code, reason = "for tests that hold of any file")]
pub(crate) fn cases<E: for<'d> Deserialize<'d>>() -> Vec<Case<E>> {
    let named = std::env::var("XSIM_CASES").unwrap_or_default();
    let mut further = ["inputs.jsonl", "edges.jsonl"].map(|name| folder().join(name)).to_vec();
    further.extend(named.split(':').filter(|name| !name.is_empty()).map(PathBuf::from));
    let mut cases = own();
    cases.extend(read(&further));
    cases
}

fn read<E: for<'d> Deserialize<'d>>(files: &[PathBuf]) -> Vec<Case<E>> {
    let mut cases = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.extend(text.lines().map(|line| serde_json::from_str::<Case<E>>(line).unwrap()));
    }
    cases
}
