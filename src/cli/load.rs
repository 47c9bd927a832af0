//! From arguments to what an analysis needs: the file's bytes and checked inputs.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::{BuildArgs, Color};
use super::exit::Failure;
use super::refusal::said;
use super::{locate, output, paths};
use crate::analysis::{NodeInputs, nodes_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Refusal;
use crate::graph::emulate::Host;
use crate::ids::TargetSet;
use crate::model::inputs::{Inputs, KnownImage, NamedContext};
use crate::model::platform::Platform;
use crate::report::escape::visible;
use crate::sim::Machine;
use crate::source::{MAX_BYTES, Source, SourceError};

/// The largest image configuration that is read.
const MAX_IMAGE_CONFIG: u64 = 16 << 20;

/// A Dockerfile, or why it is not even read.
pub(super) enum Loaded {
    Source(Source),
    TooLarge(Source, Box<Refusal>),
}

impl Loaded {
    /// The Dockerfile, which ends the command where it is not read.
    pub(super) fn or_said(self, color: Color) -> Result<Source, Failure> {
        match self {
            Self::Source(source) => Ok(source),
            Self::TooLarge(source, refusal) => Err(said(&source, &refusal, color)),
        }
    }
}

/// Reads a Dockerfile: a path, a folder that holds one, or `-`.
pub(super) fn source(path: &Path) -> Result<Loaded, Failure> {
    if path == Path::new("-") {
        let bytes = read_limited(io::stdin().lock(), MAX_BYTES as u64).map_err(Failure::Stream)?;
        return loaded("Dockerfile".to_owned(), bytes);
    }
    let path = locate::dockerfile(path)?;
    paths::leads_not_out(&path).map_err(|error| Failure::File(path.clone(), error))?;
    let file = File::open(&path).map_err(|error| Failure::File(path.clone(), error))?;
    let bytes = read_limited(file, MAX_BYTES as u64).map_err(|error| Failure::File(path.clone(), error))?;
    loaded(path.to_string_lossy().into_owned(), bytes)
}

/// Refuses standard input as more than one of the files.
pub(super) fn one_standard_input(files: &[PathBuf]) -> Result<(), Failure> {
    if files.iter().filter(|file| *file == Path::new("-")).count() > 1 {
        return Err(Failure::Usage("standard input (-) can be only one of the files".to_owned()));
    }
    Ok(())
}

/// The text of a settings file of at most `limit` bytes.
pub(super) fn text(path: &Path, limit: u64) -> Result<String, Failure> {
    let read = |path: &Path| read_limited(File::open(path)?, limit);
    let bytes = read(path).map_err(|error| Failure::File(path.to_owned(), error))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::in_settings(path, &format!("it exceeds the limit of {limit} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Failure::in_settings(path, &"it is not UTF-8"))
}

/// At most one byte more than `limit`, so that exceeding it is seen without reading on.
fn read_limited(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    // Enough for a usual file, which is then read at once.
    let mut bytes = Vec::with_capacity(8192);
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn loaded(name: String, bytes: Vec<u8>) -> Result<Loaded, Failure> {
    let message = match Source::new(name.clone(), bytes) {
        Ok(source) => return Ok(Loaded::Source(source)),
        Err(SourceError::TooLarge { .. }) => format!("the file exceeds the limit of {MAX_BYTES} bytes"),
        Err(error) => error.to_string(),
    };
    let error = Diagnostic::error(Code::LimitExceeded, message);
    let refusal = Refusal { error, targets: TargetSet::EMPTY, others: Vec::new() };
    Ok(Loaded::TooLarge(empty(name)?, Box::new(refusal)))
}

/// A file of which nothing is shown.
fn empty(name: String) -> Result<Source, Failure> {
    Source::new(name, Vec::new()).map_err(|error| Failure::Usage(error.to_string()))
}

/// Says of a file that is no Dockerfile that it takes more than its limit.
pub(super) fn said_refused(path: &Path, refusal: &Refusal, color: Color) -> Failure {
    empty(path.display().to_string()).map_or_else(|failure| failure, |file| said(&file, refusal, color))
}

/// Linux on this machine's architecture: what BuildKit runs on, also inside Docker Desktop.
pub(super) fn host_platform() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        other => other,
    };
    Platform::linux(architecture).normalized()
}

/// Checks what the arguments say of the build, for each node of `machine` that has something to build. Without a machine
/// there is one node, of the build platform.
pub(super) fn nodes(build: &BuildArgs, machine: Option<&Machine>) -> Result<Vec<NodeInputs>, Failure> {
    let host = match machine.and_then(|machine| machine.nodes.first()?.native.first()) {
        Some(native) => native.clone(),
        None => host_platform(),
    };
    let build_platform = match &build.node {
        Some(text) => platform(text, &host)?,
        None => host,
    };
    let given = build.platform.iter().filter(|text| !text.is_empty());
    let targets: Vec<Platform> =
        given.map(|text| platform(text.trim(), &build_platform)).collect::<Result<_, _>>()?;
    let Some(machine) = machine else {
        let inputs = inputs(build, &build_platform, &targets)?;
        return Ok(vec![NodeInputs { name: None, host: Host::new(build_platform), inputs }]);
    };
    if build.node.is_some() && (machine.nodes.len() > 1 || !machine.nodes[0].is_native(&build_platform)) {
        let message = format!("the machine {:?} does not build on {build_platform}", machine.name);
        return Err(Failure::Usage(message));
    }
    nodes_of(machine, &build_platform, &targets, |native, own| inputs(build, native, own))
}

/// What a node of a platform is given to build.
fn inputs(build: &BuildArgs, node: &Platform, targets: &[Platform]) -> Result<Inputs, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let mut inputs = Inputs::new(node.clone(), targets).map_err(|error| usage(&error))?;
    inputs.stage.clone_from(&build.target);
    for text in &build.arguments {
        if let Some((name, value)) = build_arg(text)? {
            inputs.build_args.insert(name, value);
        }
    }
    for text in &build.contexts {
        inputs.contexts.push(NamedContext::parse(text).map_err(|error| usage(&error))?);
    }
    for text in &build.image_config {
        inputs.images.extend(image_config(text, node)?);
    }
    Ok(inputs)
}

pub(super) fn platform(text: &str, host: &Platform) -> Result<Platform, Failure> {
    Platform::parse(text, host).map_err(|error| Failure::Usage(error.to_string()))
}

/// `NAME=VALUE`, or `NAME` for a variable of the environment; one that is not set is left out, as in buildx.
fn build_arg(text: &str) -> Result<Option<(String, String)>, Failure> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, std::env::var(text).ok()),
    };
    if name.is_empty() {
        return Err(Failure::Usage(format!("--build-arg {text}: the name is missing")));
    }
    Ok(value.map(|value| (name.to_owned(), value)))
}

/// Whether it was said what a listing of configurations leaves out: several nodes and files read the same one.
static IS_SAID: AtomicBool = AtomicBool::new(false);

fn image_config(text: &str, host: &Platform) -> Result<Vec<KnownImage>, Failure> {
    let Some((image, path)) = text.split_once('=') else {
        return Err(Failure::Usage(format!("--image-config {text}: it must be of the form IMAGE=FILE")));
    };
    let path = PathBuf::from(path);
    let read = |path: &Path| read_limited(File::open(path)?, MAX_IMAGE_CONFIG);
    let json = read(&path).map_err(|error| Failure::File(path.clone(), error))?;
    if json.len() as u64 > MAX_IMAGE_CONFIG {
        return Err(Failure::Usage(format!(
            "{}: it exceeds the limit of {MAX_IMAGE_CONFIG} bytes",
            path.display()
        )));
    }
    let images = KnownImage::parse(image, &json, host).map_err(|error| Failure::Usage(error.to_string()))?;
    let is_listing = images.iter().all(|image| image.platform.is_some() && image.config.onbuild.is_empty());
    if is_listing && !IS_SAID.swap(true, Ordering::Relaxed) {
        output::warn_raw(&format!(
            "note: {}: what lists configurations by platform leaves out ONBUILD and SHELL of the image; \
             `skopeo inspect --config --raw` keeps them\n",
            visible(&path.to_string_lossy())
        ));
    }
    Ok(images)
}
