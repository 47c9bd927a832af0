//! What one step asks of a machine, and how sure that is.

use crate::units::{Bytes, Nanos};
use crate::work::Work;

use super::class::Class;
use super::priors::{PULL_CORES, REGISTRY_WAIT, UNPACK_RATE};
use super::slowdown::Factor;

/// How a `RUN` is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution<'a> {
    /// By the processor itself, wholly.
    Native,
    /// The whole step under emulation.
    Emulated {
        /// Architecture emulated: `arm64`, `arm`, `amd64`.
        guest: &'a str,
        /// Architecture of the node.
        host: &'a str,
    },
    /// By the processor, except for some programs.
    Mixed {
        /// Architecture of the foreign programs.
        guest: &'a str,
        /// Architecture of the node.
        host: &'a str,
        /// Names or paths of the foreign programs, as commands call them.
        programs: &'a [&'a str],
    },
}

/// The estimate of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Core-time on a reference core, natively.
    pub cpu: Nanos,
    /// How much longer that is as the step is executed.
    pub slowdown: Factor,
    /// Part of the computation that only one core can do.
    pub serial: f64,
    /// Bytes over the network.
    pub network: Bytes,
    /// Bytes read from and written to disk.
    pub disk: Bytes,
    /// Time that nothing shortens.
    pub latency: Nanos,
    /// Memory held.
    pub memory: Bytes,
    /// Cores that the build daemon keeps busy meanwhile.
    pub daemon: f64,
    /// Standard deviation of the logarithm of all work.
    pub sigma: f64,
    /// The class with most of the core-time.
    pub class: Class,
    /// What the numbers rest on.
    pub basis: Basis,
    /// How the size of the project was found, where it was: "422 Go modules, 1.2 MB of Go".
    pub rests_on: String,
    /// What it runs of which nothing is known.
    pub unknown: Unknown,
}

/// The part of a step of which nothing is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unknown {
    /// By how much that may make the step longer, in one build of ten, as a part of the step's time; 0 where all is known.
    pub more: f64,
    /// The program or script with most of it, as it is called; empty where that is not known either.
    pub program: String,
}

impl Unknown {
    /// The part by which something may make all longer without being said to decide it.
    pub const DECIDES: f64 = 0.25;
}

/// What an estimate rests on, from the surest to the least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The same step was measured, executed the same way.
    Measured,
    /// The same step was measured, executed otherwise: a slow-down was multiplied or divided out.
    Converted,
    /// A similar step was measured.
    Similar,
    /// The size of the project in the build context.
    Sized,
    /// The defaults of a class.
    Default,
    /// What nothing is known of may take much of it: [`Unknown::DECIDES`].
    Unknown,
}

impl Basis {
    /// All of them, the surest first.
    pub const VALUES: &[Self] =
        &[Self::Measured, Self::Converted, Self::Similar, Self::Sized, Self::Default, Self::Unknown];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Converted => "converted",
            Self::Similar => "similar",
            Self::Sized => "sized",
            Self::Default => "default",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Estimate {
    /// A step that takes a fixed time.
    pub const fn fixed(latency: Nanos, sigma: f64) -> Self {
        Self {
            cpu: Nanos::ZERO,
            slowdown: Factor::ONE,
            serial: 1.0,
            network: Bytes(0),
            disk: Bytes(0),
            latency,
            memory: Bytes(0),
            daemon: 0.0,
            sigma,
            class: Class::Files,
            basis: Basis::Default,
            rests_on: String::new(),
            unknown: Unknown { more: 0.0, program: String::new() },
        }
    }

    /// The getting and unpacking of an image, in a time that is known from elsewhere.
    pub fn pull(latency: Nanos, sigma: f64) -> Self {
        Self { daemon: PULL_CORES, ..Self::fixed(latency, sigma) }
    }

    /// The getting and unpacking of an image of so many compressed bytes.
    pub fn image(size: Bytes, sigma: f64) -> Self {
        let latency = Nanos::from_secs_f64(REGISTRY_WAIT + size.0 as f64 / UNPACK_RATE);
        Self { network: size, ..Self::pull(latency, sigma) }
    }

    /// The work on a node with so many cores.
    pub fn work(&self, node_cores: f64) -> Work {
        Work {
            latency: self.latency,
            network: self.network,
            disk: self.disk,
            cpu: self.cpu,
            slowdown: self.slowdown.median.max(1.0),
            cores: usable_cores(self.serial, node_cores),
            memory: self.memory,
            daemon: self.daemon,
        }
    }
}

/// How many times its median what has this standard deviation of its logarithm takes at P90; P10 is the median over that.
pub fn p90(sigma: f64) -> f64 {
    libm::exp(1.2816 * sigma)
}

/// How many cores a computation keeps busy on average on a node with `cores`, if the part `serial` runs on one alone: the
/// speed-up of Amdahl's law.
pub fn usable_cores(serial: f64, cores: f64) -> f64 {
    let serial = serial.clamp(0.0, 1.0);
    1.0 / (serial + (1.0 - serial) / cores.max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_that_a_step_can_use() {
        assert!((usable_cores(1.0, 16.0) - 1.0).abs() < 1e-9);
        assert!((usable_cores(0.0, 16.0) - 16.0).abs() < 1e-9);
        assert!((usable_cores(0.5, 2.0) - 4.0 / 3.0).abs() < 1e-9);
    }
}
