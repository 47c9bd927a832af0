//! From arguments to what an analysis needs: the file's bytes and checked inputs.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::args::BuildArgs;
use super::exit::Failure;
use crate::analysis::NodeInputs;
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Refusal;
use crate::graph::emulate::Host;
use crate::ids::TargetSet;
use crate::model::inputs::{Inputs, KnownImage, NamedContext};
use crate::model::platform::Platform;
use crate::source::{MAX_BYTES, Source};

/// The largest image configuration that is read.
const MAX_IMAGE_CONFIG: u64 = 16 << 20;

/// A Dockerfile, or why it is not even read.
pub(super) enum Loaded {
    Source(Source),
    TooLarge(Source, Box<Refusal>),
}

/// Reads a Dockerfile: a path, a folder that holds one, or `-`.
pub(super) fn source(path: &Path) -> Result<Loaded, Failure> {
    if path == Path::new("-") {
        let bytes = read_limited(io::stdin().lock(), MAX_BYTES as u64).map_err(Failure::Stream)?;
        return loaded("Dockerfile".to_owned(), bytes);
    }
    let path = resolve(path);
    let file = File::open(&path).map_err(|error| Failure::File(path.clone(), error))?;
    let bytes = read_limited(file, MAX_BYTES as u64).map_err(|error| Failure::File(path.clone(), error))?;
    loaded(path.to_string_lossy().into_owned(), bytes)
}

/// The file that a path means: itself, or the Dockerfile of a folder.
pub(super) fn resolve(path: &Path) -> PathBuf {
    if path.is_dir() { in_folder(path) } else { path.to_owned() }
}

/// The Dockerfile of a folder, in either case, as docker looks for it.
fn in_folder(folder: &Path) -> PathBuf {
    let usual = folder.join("Dockerfile");
    let lower = folder.join("dockerfile");
    if !usual.exists() && lower.exists() { lower } else { usual }
}

/// At most one byte more than `limit`, so that exceeding it is seen without reading on.
fn read_limited(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn loaded(name: String, bytes: Vec<u8>) -> Result<Loaded, Failure> {
    if let Ok(source) = Source::new(name.clone(), bytes) {
        return Ok(Loaded::Source(source));
    }
    let message = format!("the file exceeds the limit of {MAX_BYTES} bytes");
    let error = Diagnostic::error(Code::LimitExceeded, message);
    let refusal = Refusal { error, targets: TargetSet::EMPTY, others: Vec::new() };
    let empty = Source::new(name, Vec::new()).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Loaded::TooLarge(empty, Box::new(refusal)))
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
    Platform { os: "linux".into(), architecture: architecture.into(), ..Platform::default() }.normalized()
}

/// Checks what the arguments say of the build.
pub(super) fn nodes(build: &BuildArgs) -> Result<Vec<NodeInputs>, Failure> {
    let host = host_platform();
    let build_platform = match &build.node {
        Some(text) => platform(text, &host)?,
        None => host,
    };
    let given = build.platform.iter().filter(|text| !text.is_empty());
    let targets: Vec<Platform> =
        given.map(|text| platform(text.trim(), &build_platform)).collect::<Result<_, _>>()?;
    let mut inputs =
        Inputs::new(build_platform.clone(), &targets).map_err(|error| Failure::Usage(error.to_string()))?;
    inputs.stage.clone_from(&build.target);
    for text in &build.arguments {
        if let Some((name, value)) = build_arg(text)? {
            inputs.build_args.insert(name, value);
        }
    }
    for text in &build.contexts {
        inputs.contexts.push(NamedContext::parse(text).map_err(|error| Failure::Usage(error.to_string()))?);
    }
    for text in &build.image_config {
        inputs.images.extend(image_config(text, &build_platform)?);
    }
    Ok(vec![NodeInputs { name: None, host: Host::new(build_platform), inputs }])
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
    KnownImage::parse(image, &json, host).map_err(|error| Failure::Usage(error.to_string()))
}
