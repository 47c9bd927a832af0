//! Provenance: what BuildKit says a build's steps were. Of SLSA v0.2 as buildx writes it to `--metadata-file`, of v1, and
//! of either inside an in-toto statement.
//!
//! Holds no times. Its digests are those of the log's vertices, by which the two are joined.

use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::units::{Bytes, Nanos};

use super::archive::{BYTE, Limited};
use super::origin::Origin;
use super::slsa::Predicate;
use super::{Format, IngestError};

/// The steps of a build by the digest of their operation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// What is known of each step.
    pub steps: BTreeMap<Box<str>, ProvenanceStep>,
    /// Where the build ran.
    pub origin: Origin,
    /// The target platforms, where there are several.
    pub targets: Vec<Box<str>>,
    /// Cores that were busy on the builder from an instant on, in nanoseconds since 1970, by its own counters.
    pub busy: Vec<(i64, f64)>,
}

/// What provenance tells of one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProvenanceStep {
    /// What it does.
    pub operation: Operation,
    /// `linux/arm64`; of exec and image sources only.
    pub platform: Option<Box<str>>,
    /// Digests of its inputs.
    pub inputs: Vec<Box<str>>,
    /// Lines of the Dockerfile it stands for, ascending.
    pub lines: Vec<u32>,
    /// What it used, if the build was told to capture that.
    pub usage: Option<Usage>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Operation {
    /// Runs a program.
    Exec {
        /// Program and arguments.
        args: Vec<String>,
        /// `NAME=value` each.
        env: Vec<String>,
        /// Identities of its cache mounts.
        caches: Vec<CacheMount>,
    },
    /// Gets an image, a context or another source, by its identifier.
    Source(String),
    /// Copies or makes files.
    File,
    /// Merges layers.
    Merge,
    /// None of these, such as the end of a definition.
    #[default]
    Other,
}

/// A cache that a `RUN` mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Its identity.
    pub id: String,
    /// Whether only one step may hold it at a time.
    pub locked: bool,
}

/// Resources that a step used, as its control group counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Core-time.
    pub cpu: Nanos,
    /// Most memory at once.
    pub memory: Bytes,
    /// Bytes received over the network.
    pub received: Bytes,
}

/// The most bytes of a document that are read, as it is held as a whole.
pub const MAX_DOCUMENT: u64 = 32 << 20;

/// Reads a metadata file or a provenance document.
pub(super) fn read(reader: impl BufRead) -> Result<Provenance, IngestError> {
    let reader = Limited::new(reader, BYTE, MAX_DOCUMENT);
    let document: Document = serde_json::from_reader(reader).map_err(|error| {
        if error.is_io() { std::io::Error::from(error).into() } else { IngestError::Document(error) }
    })?;
    let mut provenance = Provenance { targets: document.targets, ..Provenance::default() };
    for predicate in document.predicates {
        predicate.tell(&mut provenance);
    }
    provenance.busy.sort_by_key(|(at, _)| *at);
    provenance.busy.dedup_by_key(|(at, _)| *at);
    if provenance.steps.is_empty() { Err(IngestError::Empty(Format::Provenance)) } else { Ok(provenance) }
}

/// Whatever holds predicates: a metadata file, a statement, or a bare predicate.
#[derive(Default)]
struct Document {
    predicates: Vec<Predicate>,
    targets: Vec<Box<str>>,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a metadata file or provenance")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut document = Document::default();
        let mut bare = Predicate::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "predicate" => document.predicates.push(map.next_value()?),
                "buildConfig" => bare.build_config = map.next_value()?,
                "buildDefinition" => bare.build_definition = map.next_value()?,
                "metadata" => bare.metadata = map.next_value()?,
                "invocation" => bare.invocation = map.next_value()?,
                "runDetails" => bare.run_details = map.next_value()?,
                _ if is_provenance_key(&key) => {
                    document.predicates.push(map.next_value()?);
                    let target = key.split_once("buildx.build.provenance/").map(|(_, target)| target);
                    document.targets.extend(target.map(Into::into));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        document.predicates.push(bare);
        Ok(document)
    }
}

/// `buildx.build.provenance`, `buildx.build.provenance/linux/arm64`, and under bake with the target before it.
fn is_provenance_key(key: &str) -> bool {
    key.split_once("buildx.build.provenance")
        .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('/'))
}
