//! The jobs of workflows: what they wait for, where they run, and what their steps do besides building.

use super::definition::Place;
use super::text::Text;
use crate::ids::index;

index!(
    /// A job, by its position in [`Builds::jobs`](super::Builds::jobs).
    JobIx
);
index!(
    /// A leg of a job, by its position in [`Builds::legs`](super::Builds::legs).
    LegIx
);

/// A job as a workflow declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The workflow that an event starts; that in which the job stands may be one that it calls.
    pub workflow: String,
    /// Where it is declared.
    pub place: Place,
    /// Its key.
    pub name: String,
    /// The job that calls the workflow in which it stands.
    pub caller: Option<JobIx>,
    /// The jobs that have to be done before it begins, beside those that its caller waits for.
    pub needs: Vec<JobIx>,
    /// How many of its legs may run at once, if that is limited.
    pub max_parallel: Option<u32>,
    /// The condition under which it runs, as written.
    pub condition: Option<String>,
    /// Why it is not known how many legs it has, if it is not: one stands for all then.
    pub open: Option<String>,
}

/// A leg of a job: its run on one machine. A job without a matrix has one, one that calls a workflow none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Its job.
    pub job: JobIx,
    /// The job as GitHub lists it: behind those that call its workflow, with the values of the matrix.
    pub name: String,
    /// The known values of its matrix, each by its path in the context `matrix`.
    pub matrix: Vec<(String, String)>,
    /// The label of the machine.
    pub runner: Option<Text>,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Where QEMU is set up, if that is a step of the job itself or of an action that it calls.
    pub emulator: Option<Place>,
    /// The workflow of another repository that it is.
    pub elsewhere: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Checks a repository out.
    Checkout,
    /// Sets QEMU up.
    Emulator,
    /// Sets a builder up.
    Builder,
    /// Logs in to a registry.
    Login,
    /// Works out tags and labels.
    Metadata,
    /// Moves an artifact.
    Artifact,
    /// Builds images.
    Build,
    /// Puts the images of several platforms together.
    Merge,
    /// Runs programs that may need an emulator, or of which that is not known.
    Programs,
    /// Anything else that surely needs no emulator.
    Other,
}

impl Step {
    /// What an action does.
    pub(super) fn of_action(name: &str) -> Self {
        match name {
            "actions/checkout" => Self::Checkout,
            "docker/setup-qemu-action" => Self::Emulator,
            "docker/setup-buildx-action"
            | "depot/setup-action"
            | "useblacksmith/setup-docker-builder"
            | "namespacelabs/nscloud-setup-buildx-action" => Self::Builder,
            "docker/login-action"
            | "aws-actions/amazon-ecr-login"
            | "aws-actions/configure-aws-credentials"
            | "google-github-actions/auth"
            | "azure/docker-login" => Self::Login,
            "docker/metadata-action" => Self::Metadata,
            "actions/upload-artifact" | "actions/download-artifact" => Self::Artifact,
            _ if name.contains("manifest") => Self::Merge,
            "actions/cache"
            | "actions/setup-node"
            | "actions/setup-go"
            | "actions/setup-python"
            | "sigstore/cosign-installer"
            | "actions/attest-build-provenance" => Self::Other,
            _ => Self::Programs,
        }
    }

    /// What the lines of a `run` do; `builds` tells whether any of them builds an image.
    pub(super) fn of_script(text: &str) -> Self {
        const MERGES: [&str; 4] =
            ["imagetools create", "manifest create", "manifest push", "manifest-tool push"];
        // What may run programs of an image or of another platform.
        const RUNS: [&str; 9] =
            ["docker", "podman", "qemu", "binfmt", "container", "make", "/", "nerdctl", "kind"];
        if MERGES.iter().any(|words| text.contains(words)) {
            Self::Merge
        } else if RUNS.iter().any(|words| text.contains(words)) {
            Self::Programs
        } else {
            Self::Other
        }
    }
}
