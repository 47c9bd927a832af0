//! The serialised shapes of provenance: BuildKit's extension of SLSA v0.2 and v1 (`solver/llbsolver/provenance/types`).
//!
//! Owns the fields that are read and their meaning; everything else in a document is skipped while parsing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::units::{Bytes, Nanos};

use super::origin::Origin;
use super::provenance::{CacheMount, Operation, Provenance, ProvenanceStep, Usage};
use super::time::parse_rfc3339;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Predicate {
    #[serde(rename = "buildConfig")]
    pub(super) build_config: Option<BuildConfig>,
    pub(super) metadata: Option<Metadata>,
    pub(super) invocation: Option<Invocation>,
    #[serde(rename = "buildDefinition")]
    pub(super) build_definition: Option<BuildDefinition>,
    #[serde(rename = "runDetails")]
    pub(super) run_details: Option<RunDetails>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct BuildDefinition {
    #[serde(rename = "internalParameters")]
    internal: Option<InternalParameters>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InternalParameters {
    #[serde(rename = "buildConfig")]
    build_config: Option<BuildConfig>,
    #[serde(rename = "builderPlatform")]
    builder_platform: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Invocation {
    environment: Option<Environment>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Environment {
    platform: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RunDetails {
    metadata: Option<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata {
    #[serde(rename = "https://mobyproject.org/buildkit@v1#metadata", alias = "buildkit_metadata")]
    buildkit: Option<BuildKitMetadata>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BuildKitMetadata {
    source: Option<Source>,
    #[serde(rename = "sysUsage")]
    system: Option<Vec<SystemSample>>,
}

/// What the builder's own counters showed at an instant.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SystemSample {
    timestamp: String,
    #[serde(rename = "cpuStat")]
    cpu: Option<SystemCpu>,
}

/// Seconds of all cores together by what they did. Guests are counted with `user` and `nice`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SystemCpu {
    user: f64,
    nice: f64,
    system: f64,
    idle: f64,
    iowait: f64,
    irq: f64,
    softirq: f64,
    steal: f64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    locations: BTreeMap<String, Locations>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Locations {
    locations: Vec<Location>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    ranges: Vec<LineRange>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LineRange {
    start: Position,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct BuildConfig {
    #[serde(rename = "llbDefinition")]
    definition: Vec<BuildStep>,
    #[serde(rename = "digestMapping")]
    digests: BTreeMap<Box<str>, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BuildStep {
    id: String,
    op: Op,
    inputs: Vec<String>,
    #[serde(rename = "resourceUsage")]
    usage: Option<Samples>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Op {
    #[serde(rename = "Op")]
    op: OpKind,
    platform: Option<OpPlatform>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OpKind {
    exec: Option<Exec>,
    source: Option<SourceOp>,
    file: Option<IgnoredAny>,
    merge: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Exec {
    meta: Meta,
    mounts: Vec<Mount>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    args: Vec<String>,
    env: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Mount {
    #[serde(rename = "cacheOpt")]
    cache: Option<CacheOpt>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CacheOpt {
    #[serde(rename = "ID")]
    id: String,
    /// 0 shared, 1 private, 2 locked (`pb.CacheSharingOpt`).
    sharing: u8,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SourceOp {
    identifier: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OpPlatform {
    #[serde(rename = "Architecture")]
    architecture: String,
    #[serde(rename = "OS")]
    os: String,
    #[serde(rename = "Variant")]
    variant: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Samples {
    samples: Vec<Sample>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sample {
    #[serde(rename = "cpuStat")]
    cpu: Option<CpuStat>,
    #[serde(rename = "memoryStat")]
    memory: Option<MemoryStat>,
    #[serde(rename = "netStat")]
    network: Option<NetStat>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct CpuStat {
    usage_nanos: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MemoryStat {
    peak: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct NetStat {
    rx_bytes: u64,
}

impl Predicate {
    /// Adds what this document knows.
    pub(super) fn tell(self, provenance: &mut Provenance) {
        let internal = self.build_definition.and_then(|definition| definition.internal).unwrap_or_default();
        let environment = self.invocation.and_then(|invocation| invocation.environment);
        let platform = internal.builder_platform.or(environment.and_then(|known| known.platform));
        let Some(config) = self.build_config.or(internal.build_config) else { return };
        let architecture =
            platform.as_deref().and_then(|platform| platform.split('/').nth(1)).map(Into::into);
        let metadata = self.metadata.or(self.run_details.and_then(|details| details.metadata));
        let buildkit = metadata.and_then(|metadata| metadata.buildkit).unwrap_or_default();
        let samples = buildkit.system.as_deref().unwrap_or_default();
        provenance.busy.extend(busy(samples));
        provenance.origin.complete(&Origin { cores: cores(samples), architecture, ..Origin::default() });
        let source = buildkit.source;
        let locations = source.map(|source| source.locations).unwrap_or_default();
        let digests: BTreeMap<&str, &str> =
            config.digests.iter().map(|(digest, id)| (&**id, &**digest)).collect();
        for step in &config.definition {
            let Some(&digest) = digests.get(step.id.as_str()) else { continue };
            let entry = provenance.steps.entry(digest.into()).or_insert_with(|| step.read(&digests));
            entry.lines.extend(locations.get(&step.id).into_iter().flat_map(Locations::lines));
            entry.lines.sort_unstable();
            entry.lines.dedup();
        }
    }
}

impl SystemSample {
    /// The instant, the seconds that all cores counted, and those of them that they worked.
    fn read(&self) -> Option<(i64, f64, f64)> {
        let SystemCpu { user, nice, system, idle, iowait, irq, softirq, steal } = self.cpu.as_ref()?;
        let busy = user + nice + system + irq + softirq;
        Some((parse_rfc3339(&self.timestamp)?, busy + idle + iowait + steal, busy))
    }
}

/// How many cores the builder has: as many as count seconds while one passes.
fn cores(samples: &[SystemSample]) -> Option<f64> {
    /// Counters of shorter spans are too coarse.
    const LEAST_SECONDS: f64 = 0.5;
    let mut samples = samples.iter().filter_map(SystemSample::read);
    let (first, last) = (samples.next()?, samples.next_back()?);
    let seconds = last.0.saturating_sub(first.0) as f64 / 1e9;
    let cores = ((last.1 - first.1) / seconds).round();
    (seconds >= LEAST_SECONDS && (1.0..=4096.0).contains(&cores)).then_some(cores)
}

/// How many cores are busy from when on; the last instant ends it.
fn busy(samples: &[SystemSample]) -> Vec<(i64, f64)> {
    let samples: Vec<_> = samples.iter().filter_map(SystemSample::read).collect();
    let pairs = samples.windows(2).filter_map(|pair| {
        let seconds = pair[1].0.checked_sub(pair[0].0).filter(|nanos| *nanos > 0)? as f64 / 1e9;
        let cores = (pair[1].2 - pair[0].2) / seconds;
        (0.0..=4096.0).contains(&cores).then_some((pair[0].0, cores))
    });
    pairs.chain(samples.last().map(|(at, ..)| (*at, 0.0))).collect()
}

impl Locations {
    /// The first line of each instruction.
    fn lines(&self) -> impl Iterator<Item = u32> {
        self.locations
            .iter()
            .filter_map(|location| location.ranges.iter().map(|range| range.start.line).min())
    }
}

impl BuildStep {
    fn read(&self, digests: &BTreeMap<&str, &str>) -> ProvenanceStep {
        let inputs = self.inputs.iter().filter_map(|input| {
            let (id, _) = input.split_once(':')?;
            digests.get(id).map(|&digest| digest.into())
        });
        ProvenanceStep {
            operation: self.op.op.read(),
            platform: self.op.platform.as_ref().map(OpPlatform::short),
            inputs: inputs.collect(),
            lines: Vec::new(),
            usage: self.usage.as_ref().and_then(Samples::total),
        }
    }
}

impl OpKind {
    fn read(&self) -> Operation {
        match self {
            Self { exec: Some(exec), .. } => Operation::Exec {
                args: exec.meta.args.clone(),
                env: exec.meta.env.clone(),
                caches: exec
                    .mounts
                    .iter()
                    .filter_map(|mount| mount.cache.as_ref())
                    .map(CacheOpt::read)
                    .collect(),
            },
            Self { source: Some(source), .. } => Operation::Source(source.identifier.clone()),
            Self { file: Some(_), .. } => Operation::File,
            Self { merge: Some(_), .. } => Operation::Merge,
            _ => Operation::Other,
        }
    }
}

impl CacheOpt {
    fn read(&self) -> CacheMount {
        CacheMount { id: self.id.clone(), locked: self.sharing == 2 }
    }
}

impl OpPlatform {
    fn short(&self) -> Box<str> {
        let parts = [&self.os, &self.architecture, &self.variant];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("/")
            .into()
    }
}

impl Samples {
    /// The last sample of each counter: they count from the step's start.
    fn total(&self) -> Option<Usage> {
        let cpu =
            self.samples.iter().filter_map(|sample| sample.cpu.as_ref()).map(|cpu| cpu.usage_nanos).max()?;
        let memory =
            self.samples.iter().filter_map(|sample| sample.memory.as_ref()).map(|memory| memory.peak);
        let network =
            self.samples.iter().filter_map(|sample| sample.network.as_ref()).map(|net| net.rx_bytes);
        Some(Usage {
            cpu: Nanos(cpu),
            memory: Bytes(memory.max().unwrap_or(0)),
            received: Bytes(network.max().unwrap_or(0)),
        })
    }
}
