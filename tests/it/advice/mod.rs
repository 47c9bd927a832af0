//! Every rule: its page's example, its fixtures, its fix; and what fixes may do to thousands of files.

mod docs;
mod fixtures;
mod pages;
mod program;
mod property;
mod story;

use xsim::advice::{Finding, Pricer, appraise, fix};
use xsim::analysis::{Build, NodeInputs};
use xsim::graph::emulate::Host;
use xsim::model::inputs::Inputs;
use xsim::model::platform::Platform;
use xsim::pricing::Terms;
use xsim::sim::built_in;
use xsim::source::Source;

use crate::cases::platform;

/// A node of amd64 that builds for some platforms.
fn nodes(platforms: &[&str]) -> Vec<NodeInputs> {
    let targets: Vec<Platform> = platforms.iter().map(|text| platform(text)).collect();
    let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
    vec![NodeInputs { name: None, host: Host::new(platform("linux/amd64")), inputs }]
}

/// A node of amd64 that builds for itself and arm64.
fn both() -> Vec<NodeInputs> {
    nodes(&["linux/amd64", "linux/arm64"])
}

fn source(text: &str) -> Source {
    Source::new("Dockerfile", text.into()).unwrap()
}

/// The findings in a file, with what they save.
fn findings(text: &str, nodes: &[NodeInputs]) -> Vec<Finding> {
    appraise(&Build::new(source(text), nodes.to_vec()), &pricer())
}

/// A file with the fixes of one rule.
fn fixed(text: &str, rule: &str, nodes: &[NodeInputs]) -> fix::Fixed {
    let wanted = fix::Wanted { only: vec![rule.to_owned()], ..fix::Wanted::default() };
    fix::fix(&source(text), nodes, &wanted, &pricer())
}

/// Prices on GitHub's hosted runner.
fn pricer() -> Pricer {
    Pricer::new(Terms::new(built_in("ubuntu-latest").unwrap()))
}
