//! What an observed step did.

use crate::cost::{Estimate, Execution, Known, Profile, Signature, estimate_run, instruction_signature};
use crate::ingest::{ObservedBuild, ObservedStep, Operation, StepIx, Subject};
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
        /// A foreign program that it called natively, and its architecture.
        foreign: Option<(String, String)>,
    },
    /// Copied or made files, in the words of [`instruction_signature`].
    File(String),
    /// Got an image.
    Pull {
        /// Reference without digest.
        image: String,
        /// Platform; empty where nothing tells it.
        platform: String,
    },
    /// Ran an inline document, of which nothing but its beginning is known.
    Inline,
    /// BuildKit's own work, which is no step of the Dockerfile.
    Internal,
}

/// What every step of a build did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deeds(pub Vec<Deed>);

impl Deeds {
    /// Reads the steps of a build that ran on `node`.
    pub fn of(build: &ObservedBuild, node: &Node) -> Self {
        let mut deeds: Vec<Deed> = build.steps.iter().map(|step| deed(step, node)).collect();
        for (at, deed) in deeds.iter_mut().enumerate() {
            if let Deed::Run { argv, emulated: None, foreign, .. } = deed {
                *foreign = foreign_program(build, StepIx::new(at), argv, node);
            }
        }
        Self(deeds)
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
            foreign: None,
        },
        (_, Subject::Run) => {
            let script = label.text.strip_prefix("ONBUILD ").unwrap_or(label.text);
            let script = script.strip_prefix("RUN ").unwrap_or(script);
            if without_flags(script).starts_with("<<") {
                return Deed::Inline;
            }
            Deed::Run {
                argv: vec!["/bin/sh".into(), "-c".into(), without_flags(script).into()],
                signature: Signature::of_instruction(label.text),
                emulated: emulated(platform, node),
                foreign: None,
            }
        }
        (_, Subject::From) => {
            let image = label.text.strip_prefix("FROM ").unwrap_or(label.text);
            let image = image.split_once('@').map_or(image, |(image, _)| image);
            Deed::Pull { image: image.into(), platform: platform.into() }
        }
        (_, Subject::File | Subject::Link) => Deed::File(instruction_signature(label.text)),
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

/// The program of another architecture that a native step calls, and that architecture: one whose name is that of a file
/// which a step before it copied from an image or stage of another platform.
fn foreign_program(
    build: &ObservedBuild,
    step: StepIx,
    argv: &[String],
    node: &Node,
) -> Option<(String, String)> {
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let commands = exec_commands(&argv);
    let mut below = build.step(step).inputs.first().copied();
    for _ in 0..MOST_LAYERS {
        let copy = build.step(below?);
        if let (Subject::File | Subject::Link, Some(&from)) = (copy.label().subject, copy.inputs.get(1))
            && let Some(guest) = files_platform(build, from).and_then(|platform| emulated(platform, node))
        {
            let brings = |name: &str| copy.label().text.split_whitespace().any(|word| ends_with(word, name));
            if let Some(command) = commands.iter().find(|command| brings(command.base_name())) {
                return Some((command.base_name().to_owned(), guest));
            }
        }
        below = copy.inputs.first().copied();
    }
    None
}

/// Steps below another that are looked at: an image has at most 127 layers, and a forged log may hold a circle.
const MOST_LAYERS: usize = 128;

/// Whether the last part of a path is `name`.
fn ends_with(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}

/// The platform that the files of a step were made for, as far as provenance tells.
fn files_platform(build: &ObservedBuild, mut step: StepIx) -> Option<&str> {
    for _ in 0..MOST_LAYERS {
        let at = build.step(step);
        if let Some(platform) = at.provenance.as_ref().and_then(|known| known.platform.as_deref()) {
            return Some(platform);
        }
        step = at.inputs.first().copied()?;
    }
    None
}

impl Deed {
    /// How the step is executed on a node of the architecture `host`.
    pub fn execution<'a>(&'a self, host: &'a str) -> Execution<'a> {
        match self {
            Self::Run { emulated: Some(guest), .. } => Execution::Emulated { guest, host },
            _ => Execution::Native,
        }
    }

    /// What a `RUN` asks of a machine, executed as it was.
    fn run(&self, argv: &[String], signature: &Signature, host: &str, profile: Option<&Profile>) -> Estimate {
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let commands = exec_commands(&argv);
        let estimate = |execution: Execution<'_>| match profile {
            Some(profile) => profile.run(signature, &commands, execution, &Known::default()),
            None => estimate_run(&commands, execution, &Known::default()),
        };
        match self {
            Self::Run { foreign: Some((program, guest)), .. } => {
                estimate(Execution::Mixed { guest, host, programs: &[program] })
            }
            _ => estimate(self.execution(host)),
        }
    }

    /// What the step asks of a machine, by the defaults and, where there is one, a profile. File steps and pulls that
    /// nothing is known of take `otherwise`.
    pub fn estimate(&self, host: &str, profile: Option<&Profile>, otherwise: Nanos) -> Estimate {
        match self {
            Self::Run { argv, signature, .. } => self.run(argv, signature, host, profile),
            Self::File(instruction) => {
                let known = profile.and_then(|profile| profile.file(instruction));
                let seconds = known.map(|known| Nanos::from_secs_f64(known.seconds + known.wait_s));
                Estimate::fixed(seconds.unwrap_or(otherwise), 0.5)
            }
            Self::Pull { image, platform } => {
                let known = profile.and_then(|profile| profile.pull(image, platform));
                Estimate::pull(known.unwrap_or(otherwise), 0.5)
            }
            Self::Inline | Self::Internal => Estimate::fixed(Nanos::ZERO, 0.0),
        }
    }
}
