//! What one step asks of a machine, and how sure that is.

use crate::shell::{Repeats, SimpleCommand};
use crate::units::{Bytes, Nanos};
use crate::work::Work;

use super::class::Class;
use super::classify::classify;
use super::priors::{
    CONTAINER_START, EMULATED_START, PROCESS_START, PULL_CORES, REGISTRY_WAIT, UNPACK_RATE, prior,
};
use super::profile::Profile;
use super::slowdown::{Factor, slowdown};

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
    /// The defaults of a class.
    Default,
    /// The defaults of [`Class::Unknown`]: nothing is known.
    Unknown,
}

impl Basis {
    /// All of them, the surest first.
    pub const VALUES: &[Self] =
        &[Self::Measured, Self::Converted, Self::Similar, Self::Default, Self::Unknown];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Converted => "converted",
            Self::Similar => "similar",
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
        }
    }

    /// The getting and unpacking of an image, in a time that is known from elsewhere.
    pub const fn pull(latency: Nanos, sigma: f64) -> Self {
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

/// How many cores a computation keeps busy on average on a node with `cores`, if the part `serial` runs on one alone: the
/// speed-up of Amdahl's law.
pub fn usable_cores(serial: f64, cores: f64) -> f64 {
    let serial = serial.clamp(0.0, 1.0);
    1.0 / (serial + (1.0 - serial) / cores.max(1.0))
}

/// Estimates a `RUN` from its commands, by the defaults of their classes or what `profile` has learnt of these.
///
/// Commands follow each other, so their times add up; in a pipeline that overstates what overlaps. What the text puts in a
/// branch counts half, a loop of unknown length [`UNKNOWN_LOOP`] times.
pub fn estimate_run(
    commands: &[SimpleCommand<'_>],
    execution: Execution<'_>,
    profile: Option<&Profile>,
) -> Estimate {
    let mut sum = Sum { profile, ..Sum::default() };
    for command in commands {
        sum.add(command, execution);
    }
    sum.estimate()
}

/// How often a loop is assumed to run if the text does not tell. `chain8` of the timing data runs one 60 times.
pub const UNKNOWN_LOOP: f64 = 20.0;

/// The class that takes most of the core-time of `commands`; [`Class::Builtin`] where there are none.
pub fn dominant_class(commands: &[SimpleCommand<'_>]) -> Class {
    estimate_run(commands, Execution::Native, None).class
}

/// Costs of commands added up, in seconds.
#[derive(Default)]
struct Sum<'p> {
    profile: Option<&'p Profile>,
    cpu: f64,
    /// As executed.
    executed_cpu: f64,
    /// Core-time that only one core can do.
    serial_cpu: f64,
    variance: f64,
    slowdown_variance: f64,
    network: f64,
    latency: f64,
    memory: f64,
    largest: Option<(f64, Class)>,
    unknown: bool,
}

impl Sum<'_> {
    fn add(&mut self, command: &SimpleCommand<'_>, execution: Execution<'_>) {
        let class = classify(command);
        let prior = prior(class);
        let times = times(command);
        let items = items(class, command);
        let (multiple, sigma) = self.profile.map_or((1.0, prior.sigma), |profile| profile.class(class));
        let cpu = (prior.cpu + prior.cpu_each * items) * times * multiple;
        let factor = self.factor(class, command, execution);
        let emulated = factor.median > 1.0;
        let start = times * (PROCESS_START + if emulated { EMULATED_START } else { 0.0 });
        let builtin = class == Class::Builtin && !command.wraps;
        let start = if builtin { 0.0 } else { start };
        self.cpu += cpu + times * PROCESS_START;
        self.executed_cpu += cpu * factor.median + start;
        self.serial_cpu += cpu * serial(class, command).unwrap_or(prior.serial);
        self.variance += (cpu * sigma).powi(2);
        self.slowdown_variance += (cpu * factor.median * factor.sigma).powi(2);
        self.network += prior.network * if prior.cpu_each > 0.0 { items } else { 1.0 } * times;
        self.latency += if class == Class::Sleep { sleep(command) * times } else { prior.latency * times };
        self.memory = self.memory.max(prior.memory);
        self.unknown |= class == Class::Unknown;
        if self.largest.is_none_or(|(largest, _)| cpu > largest) {
            self.largest = Some((cpu, class));
        }
    }

    /// The slow-down of one command.
    fn factor(&self, class: Class, command: &SimpleCommand<'_>, execution: Execution<'_>) -> Factor {
        let of = |guest: &str, host: &str| {
            self.profile
                .map_or_else(|| slowdown(class, guest, host), |profile| profile.slowdown(class, guest, host))
        };
        match execution {
            Execution::Native => Factor::ONE,
            Execution::Emulated { guest, host } => of(guest, host),
            Execution::Mixed { guest, host, programs } => {
                let foreign =
                    programs.iter().any(|&program| program == command.name || program == command.base_name());
                if foreign { of(guest, host) } else { Factor::ONE }
            }
        }
    }

    fn estimate(&self) -> Estimate {
        let ratio =
            |part: f64, whole: f64, otherwise: f64| if whole > 0.0 { part / whole } else { otherwise };
        #[allow(clippy::cast_sign_loss)]
        let megabytes = |amount: f64| Bytes((amount * 1e6) as u64);
        let slowdown = Factor {
            median: ratio(self.executed_cpu, self.cpu, 1.0).max(1.0),
            sigma: ratio(self.slowdown_variance.sqrt(), self.executed_cpu, 0.0),
        };
        Estimate {
            cpu: Nanos::from_secs_f64(self.cpu),
            slowdown,
            serial: ratio(self.serial_cpu, self.cpu, 1.0).min(1.0),
            network: megabytes(self.network),
            disk: Bytes(0),
            latency: Nanos::from_secs_f64(self.latency + CONTAINER_START),
            memory: megabytes(self.memory),
            daemon: 0.0,
            sigma: ratio(self.variance.sqrt(), self.cpu + self.latency, 0.2).max(0.05),
            class: self.largest.map_or(Class::Builtin, |(_, class)| class),
            basis: if self.unknown { Basis::Unknown } else { Basis::Default },
        }
    }
}

/// How often a command is expected to run.
fn times(command: &SimpleCommand<'_>) -> f64 {
    let repeats = match command.repeats {
        Repeats::Times(times) => f64::from(times),
        Repeats::Unknown => UNKNOWN_LOOP,
    };
    match command.reached {
        crate::shell::Reached::Always => repeats,
        crate::shell::Reached::Perhaps => repeats / 2.0,
    }
}

/// Packages or files that a command names, where its class counts them.
fn items(class: Class, command: &SimpleCommand<'_>) -> f64 {
    let operands = command.args.iter().filter(|arg| !arg.starts_with('-') && !arg.starts_with('$')).count();
    match class {
        // The first is the verb.
        Class::AptInstall | Class::Apk | Class::Dnf => operands.saturating_sub(1).max(1) as f64,
        Class::CCompile | Class::CxxCompile => {
            let source = |arg: &&std::borrow::Cow<'_, str>| {
                [".c", ".cc", ".cpp", ".cxx", ".C", ".s", ".S"].iter().any(|end| arg.ends_with(end))
            };
            command.args.iter().filter(source).count().max(1) as f64
        }
        _ => 1.0,
    }
}

/// The serial part where the arguments tell it: `make` without `-j` uses one core.
fn serial(class: Class, command: &SimpleCommand<'_>) -> Option<f64> {
    let parallel = || {
        command
            .args
            .iter()
            .any(|arg| arg.starts_with("-j") || arg.starts_with("--jobs") || arg.starts_with("--parallel"))
    };
    let single =
        class == Class::Make && matches!(command.base_name(), "make" | "gmake" | "cmake") && !parallel();
    single.then_some(1.0)
}

/// The argument of `sleep` in seconds; several add up, as in coreutils.
fn sleep(command: &SimpleCommand<'_>) -> f64 {
    let seconds = |arg: &str| {
        let (number, unit) = match arg.strip_suffix(['s', 'm', 'h', 'd']) {
            Some(number) => (number, &arg[number.len()..]),
            None => (arg, "s"),
        };
        let unit = match unit {
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => 1.0,
        };
        number.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0).map_or(0.0, |n| n * unit)
    };
    command.args.iter().map(|arg| seconds(arg)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    const ARM: Execution<'static> = Execution::Emulated { guest: "arm64", host: "amd64" };

    fn run(script: &str, execution: Execution<'_>) -> Estimate {
        estimate_run(&commands(script), execution, None)
    }

    #[test]
    fn waiting_is_not_emulated() {
        let (native, emulated) = (run("sleep 1.5m && touch /a", Execution::Native), run("sleep 1.5m", ARM));
        assert!(native.latency >= Nanos(90_000_000_000) && emulated.latency >= Nanos(90_000_000_000));
        assert!(emulated.work(2.0).effective_cpu() < Nanos(100_000_000));
    }

    #[test]
    fn only_foreign_programs_of_a_mixed_step_are_slow() {
        let script = "go build ./... && stamp a";
        let mixed = Execution::Mixed { guest: "arm64", host: "amd64", programs: &["stamp"] };
        let (native, mixed, emulated) =
            (run(script, Execution::Native), run(script, mixed), run(script, ARM));
        assert!(native.slowdown.median < mixed.slowdown.median);
        assert!(mixed.slowdown.median < 2.0 && emulated.slowdown.median > 9.0);
        assert_eq!((mixed.class, mixed.basis), (Class::GoBuild, Basis::Unknown));
    }

    #[test]
    fn loops_and_packages_multiply() {
        let one = run("gcc -c a.c", Execution::Native).cpu;
        let four = run("for f in a b c d; do gcc -c $f.c; done", Execution::Native).cpu;
        assert!(four > one * 3.5 && four < one * 4.5);
        let few = run("apt-get install -y a", Execution::Native).cpu;
        assert!(run("apt-get install -y a b c d e", Execution::Native).cpu > few);
    }

    #[test]
    fn cores_that_a_step_can_use() {
        assert!((usable_cores(1.0, 16.0) - 1.0).abs() < 1e-9);
        assert!((usable_cores(0.0, 16.0) - 16.0).abs() < 1e-9);
        assert!((usable_cores(0.5, 2.0) - 4.0 / 3.0).abs() < 1e-9);
        assert!(run("make -j8", Execution::Native).work(4.0).cores > 2.0);
        assert!(run("make", Execution::Native).work(4.0).cores < 1.01);
    }
}
