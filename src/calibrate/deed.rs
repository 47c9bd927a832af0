//! What an observed step did.

use crate::cost::{Estimate, Execution, Profile, Signature, estimate_run};
use crate::ingest::{ObservedBuild, ObservedStep, Operation, Subject};
use crate::model::platform::Platform;
use crate::shell::exec_commands;
use crate::sim::Node;
use crate::units::Nanos;

/// What a step did.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Ran a program.
    Run {
        /// Program and arguments.
        argv: Vec<String>,
        /// What it did, for comparison.
        signature: Signature,
        /// The architecture it was emulated for; `None` if it ran natively.
        emulated: Option<String>,
    },
    /// Copied or made files, by its instruction.
    File(String),
    /// Got an image.
    Pull {
        /// Reference without digest.
        image: String,
        /// Platform; empty where nothing tells it.
        platform: String,
    },
    /// BuildKit's own work, which is no step of the Dockerfile.
    Internal,
}

/// What every step of a build did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deeds(pub Vec<Deed>);

impl Deeds {
    /// Reads the steps of a build that ran on `node`.
    pub fn of(build: &ObservedBuild, node: &Node) -> Self {
        Self(build.steps.iter().map(|step| deed(step, node)).collect())
    }
}

/// What `step` did on `node`: by provenance where it was joined, else by the vertex's name.
pub fn deed(step: &ObservedStep, node: &Node) -> Deed {
    let label = step.label();
    let known = step.provenance.as_ref();
    let platform = known.and_then(|known| known.platform.as_deref()).or(label.platform).unwrap_or_default();
    match (known.map(|known| &known.operation), label.subject) {
        (Some(Operation::Exec { args, .. }), _) => Deed::Run {
            argv: args.clone(),
            signature: Signature::of_argv(args),
            emulated: emulated(platform, node),
        },
        (_, Subject::Run) => {
            let script = label.text.strip_prefix("RUN ").unwrap_or(label.text);
            Deed::Run {
                argv: vec!["/bin/sh".into(), "-c".into(), without_flags(script).into()],
                signature: Signature::of_instruction(label.text),
                emulated: emulated(platform, node),
            }
        }
        (_, Subject::From) => {
            let image = label.text.strip_prefix("FROM ").unwrap_or(label.text);
            let image = image.split_once('@').map_or(image, |(image, _)| image);
            Deed::Pull { image: image.into(), platform: platform.into() }
        }
        (_, Subject::File | Subject::Link) => Deed::File(label.text.into()),
        (_, Subject::Internal | Subject::Export | Subject::Other) => Deed::Internal,
    }
}

/// The text of a `RUN` without its `--mount=…` and the like.
fn without_flags(mut script: &str) -> &str {
    while let Some((_, rest)) =
        script.strip_prefix("--").and_then(|flag| flag.split_once(char::is_whitespace))
    {
        script = rest.trim_start();
    }
    script
}

/// The architecture of `platform` if `node` has to emulate it.
fn emulated(platform: &str, node: &Node) -> Option<String> {
    let native = node.native.first()?;
    let platform = Platform::parse(platform, native).ok()?.normalized();
    (!node.is_native(&platform)).then(|| platform.architecture.to_string())
}

impl Deed {
    /// How the step is executed on a node of the architecture `host`.
    pub fn execution<'a>(&'a self, host: &'a str) -> Execution<'a> {
        match self {
            Self::Run { emulated: Some(guest), .. } => Execution::Emulated { guest, host },
            _ => Execution::Native,
        }
    }

    /// What the step asks of a machine, by the defaults and, where there is one, a profile. File steps and pulls that
    /// nothing is known of take `otherwise`.
    pub fn estimate(&self, host: &str, profile: Option<&Profile>, otherwise: Nanos) -> Estimate {
        match self {
            Self::Run { argv, signature, .. } => {
                let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
                let execution = self.execution(host);
                let default = estimate_run(&exec_commands(&argv), execution);
                profile.map_or(default.clone(), |profile| profile.run(signature, execution, &default))
            }
            Self::File(instruction) => {
                let known = profile.and_then(|profile| profile.file(instruction));
                Estimate::fixed(known.unwrap_or(otherwise), 0.5)
            }
            Self::Pull { image, platform } => {
                let known = profile.and_then(|profile| profile.pull(image, platform));
                Estimate::fixed(known.unwrap_or(otherwise), 0.5)
            }
            Self::Internal => Estimate::fixed(Nanos::ZERO, 0.0),
        }
    }
}
