//! What a step asks of a machine.
//!
//! The word between those who estimate work and those who simulate it; knows neither.

use crate::units::{Bytes, Nanos};

/// What one task asks of a machine. It passes through the parts in the order of the fields: first it waits out its
/// latency, then moves its network bytes, then its disk bytes, then computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// Time no resource shortens: a sleep, a round trip, starting a container.
    pub latency: Nanos,
    /// Bytes over the network.
    pub network: Bytes,
    /// Bytes read from and written to disk.
    pub disk: Bytes,
    /// Core-time on a reference core, natively.
    pub cpu: Nanos,
    /// How much longer the core-time is under emulation; 1 for a native step.
    pub slowdown: f64,
    /// How many cores the computation keeps busy at most. Fractions are steps that compute part of the time.
    pub cores: f64,
    /// Memory held while the task runs.
    pub memory: Bytes,
    /// Cores that the build daemon itself keeps busy during the latency, such as one that unpacks an image. They are taken
    /// from tasks that compute, up to half of all cores; the latency is none the longer.
    pub daemon: f64,
}

impl Work {
    /// No work at all.
    pub const NONE: Self = Self {
        latency: Nanos::ZERO,
        network: Bytes(0),
        disk: Bytes(0),
        cpu: Nanos::ZERO,
        slowdown: 1.0,
        cores: 1.0,
        memory: Bytes(0),
        daemon: 0.0,
    };

    /// Waiting only.
    pub const fn latency(latency: Nanos) -> Self {
        Self { latency, ..Self::NONE }
    }

    /// Computing only, natively, on up to `cores` cores.
    pub const fn cpu(cpu: Nanos, cores: f64) -> Self {
        Self { cpu, cores, ..Self::NONE }
    }

    /// Core-time including what emulation adds.
    pub fn effective_cpu(&self) -> Nanos {
        if self.slowdown > 1.0 { self.cpu * self.slowdown } else { self.cpu }
    }
}
