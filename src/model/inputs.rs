//! What a build is given besides its Dockerfile: platforms, arguments, contexts, image configurations.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::git::{self, GitRef, Origin};
use super::platform::Platform;
use super::reference;
use super::sandbox::Sandbox;
use crate::ids::{BuildIx, TargetIx, TargetSet};

/// The inputs of one build on one node.
#[derive(Debug, Clone)]
pub struct Inputs {
    targets: Vec<Platform>,
    /// No `--platform` was given, so the build platform is the target.
    pub implicit_target: bool,
    /// The platform of the node that builds.
    pub build_platform: Platform,
    /// The stage to build; `None` for the last one.
    pub stage: Option<String>,
    /// `--build-arg`
    pub build_args: BTreeMap<String, String>,
    /// `--build-context`
    pub contexts: Vec<NamedContext>,
    /// What base images bring.
    pub images: Vec<KnownImage>,
    /// `--pull`: images are asked for at the registry even where they are known.
    pub pull: bool,
    /// The build context, where it has to be told from those of other builds.
    pub context: Option<LocalContext>,
    /// What all commands are given besides what the file says.
    pub sandbox: Sandbox,
    /// What is built without the cache, if anything is.
    pub no_cache: Option<NoCache>,
}

/// The stages for which nothing cached is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCache {
    /// All of them.
    All,
    /// Those of these names, whatever the case of their letters.
    Stages(Vec<String>),
}

impl NoCache {
    /// Whether a stage is among them.
    pub fn holds(&self, stage: Option<&str>) -> bool {
        match (self, stage) {
            (Self::All, _) => true,
            (Self::Stages(names), Some(stage)) => names.iter().any(|name| name.eq_ignore_ascii_case(stage)),
            (Self::Stages(_), None) => false,
        }
    }
}

/// A folder that is a build context. Two builds share it where both parts are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalContext {
    /// The folder, as it is named: BuildKit compares the names.
    pub folder: String,
    /// The patterns of the `.dockerignore` that holds for the build.
    pub ignored: String,
}

impl LocalContext {
    /// What tells it from others.
    pub(crate) fn identity(&self) -> String {
        let Self { folder, ignored } = self;
        match (folder.as_str(), ignored.trim()) {
            ("" | ".", "") => "context".to_owned(),
            (_, "") => format!("context={folder}"),
            (_, ignored) => format!("context={folder} without {ignored}"),
        }
    }
}

/// Why inputs cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// More target platforms than [`TargetSet::MAX_TARGETS`].
    TooManyTargets(usize),
    /// A `--build-context` that cannot be understood.
    Context(String),
    /// An image configuration that cannot be understood.
    ImageConfig(String),
}

impl std::fmt::Display for InputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooManyTargets(count) => {
                write!(f, "{count} target platforms exceed the limit of {}", TargetSet::MAX_TARGETS)
            }
            Self::Context(message) | Self::ImageConfig(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for InputError {}

impl Inputs {
    /// The configuration given for an image, by its canonical reference, on a platform.
    pub fn known_image(&self, reference: &str, platform: &Platform) -> Option<&KnownImage> {
        let is_for = |known: &Platform| *known == platform.normalized();
        let mut found = self.images.iter().filter(|image| image.reference == reference);
        found.find(|image| image.platform.as_ref().is_none_or(is_for))
    }

    /// A build for `targets` on a node of `build_platform`; without targets the build platform is the target.
    ///
    /// Targets are normalised and repeated ones dropped, as buildx does.
    pub fn new(build_platform: Platform, targets: &[Platform]) -> Result<Self, InputError> {
        let mut distinct: Vec<Platform> = Vec::new();
        for target in targets {
            let normal = target.normalized();
            if !distinct.contains(&normal) {
                distinct.push(normal);
            }
        }
        let implicit_target = distinct.is_empty();
        if implicit_target {
            distinct.push(build_platform.normalized());
        }
        if distinct.len() > TargetSet::MAX_TARGETS {
            return Err(InputError::TooManyTargets(distinct.len()));
        }
        Ok(Self {
            targets: distinct,
            implicit_target,
            build_platform: build_platform.into_normalized(),
            stage: None,
            build_args: BTreeMap::new(),
            contexts: Vec::new(),
            images: Vec::new(),
            pull: false,
            context: None,
            sandbox: Sandbox::default(),
            no_cache: None,
        })
    }

    /// The same inputs for other targets.
    pub fn for_targets(&self, targets: &[Platform]) -> Result<Self, InputError> {
        let Self { targets, implicit_target, .. } = Self::new(self.build_platform.clone(), targets)?;
        Ok(Self { targets, implicit_target, ..self.clone() })
    }

    /// Whether other inputs are the same but for the stage to build.
    pub(super) fn differs_in_stage_alone(&self, other: &Self) -> bool {
        let Self {
            targets,
            implicit_target,
            build_platform,
            stage: _,
            build_args,
            contexts,
            images,
            pull,
            context,
            sandbox,
            no_cache,
        } = self;
        *targets == other.targets
            && *implicit_target == other.implicit_target
            && *build_platform == other.build_platform
            && *build_args == other.build_args
            && *contexts == other.contexts
            && *images == other.images
            && *pull == other.pull
            && *context == other.context
            && *sandbox == other.sandbox
            && *no_cache == other.no_cache
    }

    /// The target platforms, normalised and distinct; at least one.
    pub fn targets(&self) -> &[Platform] {
        &self.targets
    }

    /// All target platforms as a set.
    pub fn all_targets(&self) -> TargetSet {
        TargetSet::first(self.targets.len())
    }
}

/// A `--build-context name=source`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedContext {
    /// The name, with `::platform` behind it where it is for one platform only.
    pub name: String,
    /// What takes the name's place.
    pub source: ContextSource,
}

/// What a named context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextSource {
    /// An image, by its canonical reference.
    Image(String),
    /// `docker-image://scratch`.
    Scratch,
    /// An image in a folder, by its digest.
    OciLayout(String),
    /// A folder.
    Local(String),
    /// A git repository.
    Git(GitRef),
    /// An archive behind a URL.
    Http(String),
    /// The result of another build of the same request, by its name. A [`Request`](crate::analysis::Request) turns it into
    /// [`ContextSource::Result`].
    Target(String),
    /// The result of another build that the same daemon runs, by the build's position, for one of its targets.
    Result {
        /// The build.
        build: BuildIx,
        /// One of its own targets.
        target: TargetIx,
    },
}

impl NamedContext {
    /// Parses `name=docker-image://…|oci-layout://…|https://…|git…|path`.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let error =
            |reason: &str| Err(InputError::Context(format!("`{text}` is no build context: {reason}")));
        let Some((name, value)) = text.split_once('=') else {
            return error("it must be of the form name=value");
        };
        if name.is_empty() || value.is_empty() {
            return error("name and value must not be empty");
        }
        if value.starts_with("target:") || value.starts_with("input:") {
            return error("contexts that are other targets belong to a definition of several builds");
        }
        Self::of(name, value)
    }

    /// The context `name` of a definition of several builds: as [`NamedContext::parse`] takes it, or `target:` and the name of
    /// another build.
    pub fn of(name: &str, value: &str) -> Result<Self, InputError> {
        let error = |reason: &str| {
            Err(InputError::Context(format!("`{name}={value}` is no build context: {reason}")))
        };
        let Some(name) = context_name(name) else { return error("the name is no image reference") };
        let source = if let Some(target) = value.strip_prefix("target:") {
            ContextSource::Target(target.to_owned())
        } else if let Some(image) = value.strip_prefix("docker-image://") {
            if image == "scratch" {
                ContextSource::Scratch
            } else {
                match reference::normalize(image) {
                    Ok(normal) => ContextSource::Image(normal),
                    Err(reason) => return error(&format!("the image reference is wrong, {reason}")),
                }
            }
        } else if let Some(layout) = value.strip_prefix("oci-layout://") {
            if layout.is_empty() {
                return error("the folder is missing");
            }
            ContextSource::OciLayout(layout.to_owned())
        } else {
            match git::origin(value) {
                Ok(Origin::Git(git)) => ContextSource::Git(git),
                Ok(Origin::Http) => ContextSource::Http(value.to_owned()),
                Ok(Origin::Path) => ContextSource::Local(value.to_owned()),
                Err(reason) => return error(&reason),
            }
        };
        Ok(Self { name, source })
    }
}

/// The name by which BuildKit looks for a context, as buildx shortens it.
fn context_name(text: &str) -> Option<String> {
    let (name, platform) =
        text.split_once("::").map_or((text, None), |(name, platform)| (name, Some(platform)));
    let normal = reference::normalize(name).ok()?;
    let name = reference::familiar(&normal);
    Some(platform.map_or_else(|| name.to_owned(), |platform| format!("{name}::{platform}")))
}

/// The configuration of a base image, for one platform or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownImage {
    /// The canonical reference.
    pub reference: String,
    /// The platform it holds for; `None` for every one.
    pub platform: Option<Platform>,
    /// What it brings.
    pub config: ImageConfig,
}

/// What a base image brings into a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// Environment, in order.
    pub env: Vec<(String, String)>,
    /// Working directory; empty for none.
    pub working_dir: String,
    /// User; empty for none.
    pub user: String,
    /// `ONBUILD` triggers.
    pub onbuild: Vec<String>,
    /// `SHELL`; empty for the default.
    pub shell: Vec<String>,
    /// The image's own platform, if it says.
    pub platform: Option<Platform>,
    /// The image has no layer: BuildKit takes it for scratch.
    pub is_empty: bool,
}

impl KnownImage {
    /// Reads an image configuration as a registry has it (`skopeo inspect --config --raw`, `crane config`), or an object of one
    /// for each platform, as `docker buildx imagetools inspect --format '{{json .Image}}'` prints it, which leaves out `OnBuild`
    /// and `Shell`.
    pub fn parse(image: &str, json: &[u8], host: &Platform) -> Result<Vec<Self>, InputError> {
        let error =
            |reason: String| InputError::ImageConfig(format!("the configuration of {image}: {reason}"));
        let reference = reference::normalize(image)
            .map_err(|reason| error(format!("the reference is wrong, {reason}")))?;
        let single: Result<RawImage, _> = serde_json::from_slice(json);
        if let Ok(raw) = &single
            && (raw.config.is_some() || raw.architecture.is_some() || raw.rootfs.is_some())
        {
            return Ok(vec![Self { reference, platform: None, config: raw.clone().into_config() }]);
        }
        let many: BTreeMap<String, RawImage> = serde_json::from_slice(json)
            .map_err(|reason| error(format!("it is no image configuration, {reason}")))?;
        many.into_iter()
            .map(|(platform, raw)| {
                let platform =
                    Platform::parse(&platform, host).map_err(|reason| error(reason.to_string()))?;
                let platform = Some(platform.normalized());
                Ok(Self { reference: reference.clone(), platform, config: raw.into_config() })
            })
            .collect()
    }
}

/// The parts of an OCI image configuration that steer a build.
#[derive(Debug, Clone, Deserialize)]
struct RawImage {
    architecture: Option<String>,
    os: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    config: Option<RawConfig>,
    rootfs: Option<RawRootFs>,
    #[serde(default)]
    history: Vec<RawHistory>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawConfig {
    env: Option<Vec<String>>,
    working_dir: Option<String>,
    user: Option<String>,
    on_build: Option<Vec<String>>,
    shell: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawRootFs {
    #[serde(default)]
    diff_ids: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawHistory {
    #[serde(default)]
    empty_layer: bool,
}

impl RawImage {
    fn into_config(self) -> ImageConfig {
        let platform = match (self.os, self.architecture) {
            (Some(os), Some(architecture)) => Some(Platform {
                os: os.into(),
                architecture: architecture.into(),
                variant: self.variant.unwrap_or_default().into(),
                os_version: self.os_version.unwrap_or_default().into(),
                os_features: Vec::new(),
            }),
            _ => None,
        };
        let no_layers = self.rootfs.is_some_and(|rootfs| rootfs.diff_ids.is_none_or(|ids| ids.is_empty()));
        let is_empty = no_layers && self.history.iter().all(|entry| entry.empty_layer);
        let config = self.config.unwrap_or_default();
        let env = config.env.unwrap_or_default().into_iter().map(|pair| match pair.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (pair, String::new()),
        });
        ImageConfig {
            env: env.collect(),
            working_dir: config.working_dir.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            onbuild: config.on_build.unwrap_or_default(),
            shell: config.shell.unwrap_or_default(),
            platform,
            is_empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let host = Platform::linux("amd64");
        Platform::parse(text, &host).unwrap()
    }

    #[test]
    fn targets_are_normal_and_distinct() {
        let targets = [platform("linux/arm64/v8"), platform("linux/arm64"), platform("linux/arm")];
        let inputs = Inputs::new(platform("linux/amd64"), &targets).unwrap();
        let shown: Vec<String> = inputs.targets().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["linux/arm64", "linux/arm/v7"]);
        assert!(Inputs::new(platform("linux/amd64"), &[]).unwrap().implicit_target);
    }

    #[test]
    fn contexts() {
        for (text, source) in [
            ("a=docker-image://alpine", ContextSource::Image("docker.io/library/alpine:latest".into())),
            ("a=docker-image://scratch", ContextSource::Scratch),
            ("a=../dir", ContextSource::Local("../dir".into())),
            ("a=https://host/a.tgz", ContextSource::Http("https://host/a.tgz".into())),
        ] {
            assert_eq!(NamedContext::parse(text).unwrap().source, source, "{text}");
        }
        for (text, name) in [
            ("node:latest=d", "node"),
            ("docker.io/library/node:22=d", "node:22"),
            ("index.docker.io/acme/tool=d", "acme/tool"),
            ("ghcr.io/acme/tool=d", "ghcr.io/acme/tool"),
            ("node:latest::linux/arm64=d", "node::linux/arm64"),
        ] {
            assert_eq!(NamedContext::parse(text).unwrap().name, name, "{text}");
        }
        for wrong in ["a", "=b", "a=", "A=d", "a..b=d", "a=docker-image://A", "a=target:b"] {
            assert!(NamedContext::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn image_configurations() {
        let one = br#"{"architecture":"arm64","os":"linux","config":{"Env":["A=1","B"],"WorkingDir":"/w","OnBuild":["RUN x"]},"rootfs":{"type":"layers","diff_ids":["sha256:1"]}}"#;
        let images = KnownImage::parse("alpine", one, &platform("linux/amd64")).unwrap();
        assert_eq!(images[0].config.env, [("A".into(), "1".into()), ("B".into(), String::new())]);
        assert!(!images[0].config.is_empty);
        let many = br#"{"linux/amd64":{"config":{}},"linux/arm64":{"config":{"User":"app"}}}"#;
        let images = KnownImage::parse("alpine", many, &platform("linux/amd64")).unwrap();
        assert_eq!(images.len(), 2);
        assert_eq!(images[1].config.user, "app");
        assert!(KnownImage::parse("alpine", b"[]", &platform("linux/amd64")).is_err());
    }
}
