//! What is said of one image build.

use super::jobs::LegIx;
use super::text::Text;

/// A line of a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The path from the root of the repository.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What does a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `docker/build-push-action`.
    BuildPushAction,
    /// `docker/bake-action`.
    BakeAction,
    /// `docker/github-builder`.
    GithubBuilder,
    /// The actions and the program of depot.
    Depot,
    /// `docker build` and `docker buildx build` on a line of a pipeline.
    BuildxCli,
    /// A recipe of Make.
    Make,
    /// A shell script.
    Script,
    /// `GoReleaser`.
    GoReleaser,
    /// Anything else: buildah, kaniko, a workflow of another repository.
    Other,
}

impl Tool {
    /// What runs the command lines of a file.
    pub(super) fn of_file(file: &str) -> Self {
        let base = file.rsplit('/').next().unwrap_or(file);
        if base.to_lowercase().contains("makefile") || super::repo::has_end(base, &["mk"]) {
            Self::Make
        } else if super::repo::is_yaml(base) || base.contains("Jenkinsfile") {
            Self::BuildxCli
        } else {
            Self::Script
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuildPushAction => "build-push-action",
            Self::BakeAction => "bake-action",
            Self::GithubBuilder => "github-builder",
            Self::Depot => "depot",
            Self::BuildxCli => "buildx cli",
            Self::Make => "make",
            Self::Script => "script",
            Self::GoReleaser => "goreleaser",
            Self::Other => "other",
        }
    }
}

/// The platforms of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platforms {
    /// These; none is that of the machine that builds.
    Known(Vec<String>),
    /// Not known before it runs: the expression, and the values it can have where these are known.
    Unknown(Text, Vec<String>),
}

/// Whether a build pushes what it makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Push {
    /// It does.
    Yes,
    /// It does not.
    #[default]
    No,
    /// That depends on the run.
    Unknown,
}

/// Where the work of a build is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// The daemon's own builder.
    Docker,
    /// A container with `BuildKit`.
    DockerContainer,
    /// Machines of a service, native for each platform.
    Cloud,
    /// A builder that is somewhere else, by `endpoint` or driver.
    Remote,
    /// buildah, podman, kaniko.
    Other,
    /// Not told by the definition.
    Unknown,
}

/// How the platforms of an image come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legs {
    /// One platform, and no other build beside it.
    Single,
    /// One build makes all platforms.
    OneBuild,
    /// A leg of a matrix for each platform, merged afterwards.
    Merged,
    /// A leg of a matrix for each platform, which stay apart.
    Apart,
    /// Not known.
    Unknown,
}

impl Legs {
    /// The words in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single platform",
            Self::OneBuild => "one build for all platforms",
            Self::Merged => "one build per platform (matrix) then merged",
            Self::Apart => "one build per platform (matrix), not merged",
            Self::Unknown => "unknown",
        }
    }
}

/// One image build as the repository defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Where it is declared.
    pub place: Place,
    /// Who calls it, the outermost first.
    pub via: Vec<Place>,
    /// What does it.
    pub tool: Tool,
    /// The Dockerfile, from the root of the repository.
    pub dockerfile: Text,
    /// The context, from the root of the repository.
    pub context: Text,
    /// The stage that is built; nothing for the last.
    pub target: Option<Text>,
    /// The platforms.
    pub platforms: Platforms,
    /// Build arguments in the order given.
    pub args: Vec<(String, Text)>,
    /// Whether there are arguments whose names are not known.
    pub more_args: bool,
    /// Named contexts.
    pub build_contexts: Vec<(String, Text)>,
    /// The target of a bake file.
    pub bake_target: Option<String>,
    /// The label of the machine that runs it, as the pipeline names it.
    pub runner: Option<Text>,
    /// Where the work is done.
    pub builder: Builder,
    /// Whether QEMU is set up by the pipeline.
    pub qemu: bool,
    /// Caches that are read.
    pub cache_from: Vec<Text>,
    /// Caches that are written.
    pub cache_to: Vec<Text>,
    /// How the platforms come together.
    pub legs: Legs,
    /// Whether the image is pushed.
    pub push: Push,
    /// What is worth knowing beside.
    pub note: String,
    /// The leg of a job that runs it, in a workflow of GitHub's.
    pub leg: Option<LegIx>,
    /// The step of that leg, from 0.
    pub step: u32,
    /// The condition of that step, as written.
    pub condition: Option<String>,
}
