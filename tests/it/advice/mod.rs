//! Every rule: its page's example, its fixtures, its fix; and what fixes may do to thousands of files.

mod calls;
mod docs;
mod fixtures;
mod pages;
mod program;
mod property;
mod story;
mod workflows;

use xsim::advice::{Pricer, Worth, evaluate, fix, rules};
use xsim::analysis::{Build, NodeInputs};
use xsim::context::{Context, Files};
use xsim::diagnostic::{Diagnostic, Rule};
use xsim::model::inputs::{Inputs, KnownImage};
use xsim::model::platform::Platform;
use xsim::pricing::{Contexts, Terms};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::units::{Bytes, Nanos};

use crate::cases::platform;

/// A node of amd64 that builds for some platforms.
fn nodes(platforms: &[&str]) -> Vec<NodeInputs> {
    let targets: Vec<Platform> = platforms.iter().map(|text| platform(text)).collect();
    let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
    vec![NodeInputs::new(inputs)]
}

/// A node of amd64 that builds for itself and arm64.
fn both() -> Vec<NodeInputs> {
    nodes(&["linux/amd64", "linux/arm64"])
}

/// The nodes of [`nodes`], with what a rule is about besides the text of a file.
fn nodes_for(rule: &str, platforms: &[&str]) -> Vec<NodeInputs> {
    let mut nodes = nodes(platforms);
    let inputs = &mut nodes[0].inputs;
    match rule {
        "invalid-default-arg-in-from" => {
            inputs.build_args.insert("TAG".to_owned(), "3.22".to_owned());
        }
        "invalid-base-image-platform" => {
            let config = br#"{"os": "linux", "architecture": "s390x", "config": {}}"#;
            inputs.images = KnownImage::parse("alpine:3.22", config, &platform("linux/amd64")).unwrap();
        }
        _ => {}
    }
    nodes
}

/// A Dockerfile. U+FFFD stands for a byte that is no UTF-8.
fn source(text: &str) -> Source {
    let bytes: Vec<&[u8]> = text.split('\u{fffd}').map(str::as_bytes).collect();
    Source::new("Dockerfile", bytes.join(&b'\xff')).unwrap()
}

/// A rule.
fn rule(name: &str) -> &'static Rule {
    rules::find(name).unwrap_or_else(|| panic!("no rule is called {name}"))
}

/// The findings in a file, with what they save.
fn findings(text: &str, nodes: &[NodeInputs]) -> Vec<Diagnostic> {
    evaluate(&built(text, nodes), &pricer_for(text))
}

/// A file with the fixes of one rule.
fn fixed(text: &str, only: &str, nodes: &[NodeInputs]) -> fix::Fixed {
    let wanted = fix::Wanted { only: vec![rule(only)], ..fix::Wanted::default() };
    fix::fix(built(text, nodes), &wanted, &pricer())
}

/// A file as nodes build it.
fn built(text: &str, nodes: &[NodeInputs]) -> Build {
    Build::new(source(text), nodes.to_vec())
}

/// Any saving counts: examples are small.
const ANY: Worth = Worth { time: Nanos::ZERO, part: 0.0 };

/// Prices on GitHub's hosted runner.
fn pricer() -> Pricer {
    Pricer::new(Terms::new(built_in("ubuntu-latest").unwrap())).worth(ANY)
}

/// The same, with a build context of the empty files that a comment in the first line names: `# context: a b`.
fn pricer_for(text: &str) -> Pricer {
    let mut terms = Terms::new(built_in("ubuntu-latest").unwrap());
    if let Some(names) = text.lines().next().and_then(|line| line.strip_prefix("# context: ")) {
        let files = names.split(' ').map(|name| (name.into(), Bytes(0))).collect();
        let context = Context { files: Files::new(files, false), ..Context::default() };
        terms.contexts = Contexts::alone(context, true);
    }
    Pricer::new(terms).worth(ANY)
}
