//! The work of a `RUN`, added up from its commands.

use crate::budget::{Part, spend};
use crate::context::plain_path as plain;
use crate::shell::{Repeats, SimpleCommand};
use crate::units::{Bytes, Nanos};

use super::asked::Asked;
use super::bundlers::bundler;
use super::cargo::installs_own;
use super::class::Class;
use super::command::{is_of_others, items, pace, part, place, serial, sleep, targets, times, variant, what};
use super::estimate::{Basis, Estimate, Execution, Unknown, p90};
use super::fetched::{fetched, is_source};
use super::installed::{installed, lists};
use super::known::{Done, Known};
use super::made;
use super::natives::natives;
use super::priors::{CONTAINER_START, EMULATED_START, PROCESS_START, prior};
use super::programs::{Scale, operands};
use super::python::python;
use super::size::{Sized, sized};
use super::slowdown::{Factor, slowdown};

/// What a step leaves for later steps on its file system.
pub fn done_by(commands: &[SimpleCommand<'_>], known: &Known<'_>) -> Vec<Done> {
    let mut sum = Sum::new(known);
    for command in commands {
        sum.add(command, Execution::Native);
    }
    sum.done
}

/// Estimates a `RUN` from its commands, by what a profile has learnt of their classes, the size of the project, or the defaults.
///
/// Commands follow each other, so their times add up; in a pipeline that overstates what overlaps. What the text puts in a
/// branch counts half, a loop of unknown length [`UNKNOWN_LOOP`] times.
pub fn estimate_run(commands: &[SimpleCommand<'_>], execution: Execution<'_>, known: &Known<'_>) -> Estimate {
    let mut sum = Sum::new(known);
    for command in commands {
        sum.add(command, execution);
    }
    sum.estimate()
}

/// How often a loop is assumed to run if the text does not tell. `chain8` of the timing data runs one 60 times.
pub const UNKNOWN_LOOP: f64 = 20.0;

/// The same of a command whose work is the size of the project: what it does each time are parts of that, and again what they have in common.
/// Source: a guess.
const LOOP_OF_PROJECT: f64 = 2.0;

/// How much more than by default C and C++ take whose sources are not in the context but cloned or downloaded, and the spread of the logarithm.
///
/// Source: what `tests/data/published` has of such builds natively, from seconds (`su-exec`) and two minutes (`ctags`, `SDL`) to the better part of an
/// hour (`telegram-bot-api`, `GStreamer`) and four (LLVM).
const ELSEWHERE: f64 = 1.5;
const ELSEWHERE_SIGMA: f64 = 1.7;

/// The part of others' sources that is compiled where targets are named. Source: a guess, by `nsenter` of `tests/data/published`.
const TARGET: f64 = 0.4;

/// The spread of the logarithm of how long a command waits for the network. Source: a guess, by the rates that apt names in public logs, from 0.1
/// to 100 MB/s.
const WAIT_SIGMA: f64 = 0.5;

/// The class that takes most of the core-time of `commands`; [`Class::Builtin`] where there are none.
pub fn dominant_class(commands: &[SimpleCommand<'_>]) -> Class {
    estimate_run(commands, Execution::Native, &Known::default()).class
}

/// Part of the core-time that is left where the same was compiled in this folder before, and nothing tells how much of it is the
/// project's own. Source: a guess; of the projects in `tests/data/projects` a third is the project's own.
const REST: f64 = 0.35;

/// The same for what is installed or linked from what was made before: `make install` after `make`.
const REST_OF_MAKE: f64 = 0.05;

/// The part of compiling packages that one core does, and the spread of its logarithm. Source: guesses; extensions of setuptools
/// are compiled one after another, those of Meson, `CMake` and Cargo on all cores.
const COMPILE_SERIAL: f64 = 0.6;
const COMPILE_SIGMA: f64 = 0.9;

/// The work of estimating a command, which is done for every platform that runs it.
const COMMAND: u64 = 400;

/// Costs of commands added up, in seconds.
struct Sum<'k> {
    known: Known<'k>,
    /// What the commands so far have left.
    done: Vec<Done>,
    /// Whether one of them fetched something.
    fetches: bool,
    /// The sources that were fetched last, of those that are known.
    source: Option<String>,
    /// The folder they are in.
    folder: String,
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
    largest: Option<(f64, Class, String)>,
    /// How much longer what is not known may take in one build of ten, as executed.
    unknown: f64,
    /// The most of that that one program adds, and its name.
    least_known: (f64, String),
}

impl<'k> Sum<'k> {
    fn new(known: &Known<'k>) -> Self {
        Self {
            known: *known,
            done: Vec::new(),
            fetches: false,
            source: None,
            folder: known.folder.to_owned(),
            cpu: 0.0,
            executed_cpu: 0.0,
            serial_cpu: 0.0,
            variance: 0.0,
            slowdown_variance: 0.0,
            network: 0.0,
            latency: 0.0,
            memory: 0.0,
            largest: None,
            unknown: 0.0,
            least_known: (0.0, String::new()),
        }
    }

    fn add(&mut self, command: &SimpleCommand<'_>, execution: Execution<'_>) {
        if !spend(Part::Simulation, COMMAND) {
            return;
        }
        if command.name == "cd" {
            self.enter(command);
        }
        // What runs another command only starts it.
        let (class, scale) =
            if command.wraps { (Class::Builtin, Scale::Fixed) } else { what(command, &self.known) };
        let prior = prior(class);
        let mut times = times(command);
        let items = items(class, command);
        let learnt = self.known.profile.is_some_and(|profile| profile.has_learnt(class));
        let own_place = place(class, command, &self.folder);
        let place = self.known.place(&own_place);
        let sized = match self.known.project {
            _ if learnt => None,
            _ if class == Class::PipInstall => python(command, scale, &self.known, &place),
            project => {
                let asked = Asked::of(scale, command);
                project.and_then(|project| sized(scale, project, &place, &asked))
            }
        };
        if matches!(class, Class::Git | Class::Download | Class::Unpack) {
            self.fetches = true;
            let source = command.args.iter().rfind(|arg| is_source(arg));
            self.source = source.map(ToString::to_string).or(self.source.take());
        }
        let is_of_others = !learnt && is_of_others(class, scale, command);
        let may_be = is_of_others && (sized.is_none() || self.fetches);
        let source = || fetched(&own_place).or_else(|| fetched(self.source.as_deref()?));
        let others = if may_be { source() } else { None };
        let is_elsewhere = self.known.has_context && is_of_others && sized.is_none() && others.is_none();
        let (is_own, sized) = (others.is_none(), others.or(sized));
        let (multiple, sigma) = match (&sized, self.known.profile) {
            _ if is_elsewhere => (ELSEWHERE * pace(class, command, false), ELSEWHERE_SIGMA),
            (Some(sized), _) => (pace(class, command, true), sized.sigma),
            (None, Some(profile)) => profile.class(class),
            (None, None) => (pace(class, command, false), prior.sigma),
        };
        let named = matches!(class, Class::AptInstall | Class::Apk).then(|| installed(class, command));
        let targets = if class == Class::Make { targets(command) } else { 0 };
        let usual = named.map_or(prior.cpu * targets.max(1) as f64 + prior.cpu_each * items, |(cpu, _)| cpu);
        if sized.is_some() && command.repeats == Repeats::Unknown {
            times *= LOOP_OF_PROJECT / UNKNOWN_LOOP;
        }
        let natives = natives(class, command, scale != Scale::Fixed, &self.known, &place);
        let whole = sized.as_ref().map_or(usual, |sized| sized.cpu);
        let part = part(class, command, self.known.variable("NODE_ENV"));
        let rest = self.rest(class, command, sized.as_ref(), &own_place) * part;
        let made = self
            .made(class, command)
            .filter(|_| is_own && scale == Scale::C && sized.is_some())
            .unwrap_or(1.0);
        let asked = if is_own || targets == 0 { 1.0 } else { TARGET };
        let cpu = whole * rest * multiple * made * asked * times;
        let factor = self.factor(class, command, execution);
        let emulated = factor.median > 1.0;
        let start = times * (PROCESS_START + if emulated { EMULATED_START } else { 0.0 });
        let builtin = class == Class::Builtin && !command.wraps;
        let start = if builtin { 0.0 } else { start };
        self.cpu += cpu + times * PROCESS_START;
        self.executed_cpu += cpu * factor.median + start;
        let by_size = sized.as_ref().and_then(|sized| sized.serial);
        self.serial_cpu += cpu * serial(class, command).or(by_size).unwrap_or(prior.serial);
        self.variance += (cpu * sigma).powi(2);
        self.slowdown_variance += (cpu * factor.median * factor.sigma).powi(2);
        let each = match named {
            Some((_, megabytes)) => megabytes,
            None => prior.network * if prior.cpu_each > 0.0 { items } else { 1.0 },
        };
        self.network += sized.as_ref().and_then(|sized| sized.network).unwrap_or(each) * part * times;
        let lists = if class == Class::AptUpdate && !learnt { lists(self.known.image) } else { 0.0 };
        let waits = prior.latency + lists + sized.as_ref().map_or(0.0, |sized| sized.wait) * part;
        if class != Class::Sleep && !learnt {
            self.variance += (waits * times * WAIT_SIGMA).powi(2);
        }
        self.latency += if class == Class::Sleep { sleep(command) * times } else { waits * times };
        self.memory = self.memory.max(prior.memory);
        if is_elsewhere || matches!(class, Class::Unknown | Class::Script) {
            let more = cpu * factor.median * (p90(libm::hypot(sigma, factor.sigma)) - 1.0);
            self.unknown += more;
            if more > self.least_known.0 {
                self.least_known = (more, command.name.to_string());
            }
        }
        let rests_on = sized.map_or_else(String::new, |sized| sized.rests_on);
        self.is_largest(cpu, class, rests_on);
        if natives.compile > 0.0 {
            // Much of it is C: its slow-down is that of building packages, not of fetching them.
            let (class, cpu) = (Class::PythonBuild, natives.compile * times);
            let factor = self.factor(class, command, execution);
            self.cpu += cpu;
            self.executed_cpu += cpu * factor.median;
            self.serial_cpu += cpu * COMPILE_SERIAL;
            self.variance += (cpu * COMPILE_SIGMA).powi(2);
            self.slowdown_variance += (cpu * factor.median * factor.sigma).powi(2);
            self.is_largest(cpu, class, natives.describe(self.known.system));
        }
    }

    fn is_largest(&mut self, cpu: f64, class: Class, rests_on: String) {
        if self.largest.as_ref().is_none_or(|(largest, ..)| cpu > *largest) {
            self.largest = Some((cpu, class, rests_on));
        }
    }

    /// `cd x`: where the commands after it are. That a subshell ends is not seen.
    fn enter(&mut self, command: &SimpleCommand<'_>) {
        if let Some(to) = operands(command).next() {
            self.folder = if to.starts_with('/') { to.to_owned() } else { format!("{}/{to}", self.folder) };
        }
    }

    /// The part of a command's work that is left after what was done in its folder before, which it adds itself to.
    fn rest(
        &mut self,
        class: Class,
        command: &SimpleCommand<'_>,
        sized: Option<&Sized>,
        folder: &str,
    ) -> f64 {
        let keeps = match class {
            // `cargo install`, `go install tool` and `go generate` build what others wrote.
            Class::GoBuild => {
                !operands(command).any(|arg| matches!(arg, "generate" | "tool") || arg.contains('@'))
            }
            Class::CargoBuild => installs_own(command) != Some(false),
            Class::JvmBuild | Class::Make | Class::Mix | Class::Haskell | Class::Dotnet => true,
            // Of scripts whose tools are not known the second does part of what was measured of one; tools have work of their own.
            Class::NodeBuild => sized.is_some() && bundler(command).is_none(),
            Class::NpmInstall => sized.is_some(),
            _ => false,
        };
        if !keeps {
            return 1.0;
        }
        let variant = variant(class, command, &self.known);
        let done = Done { class, folder: plain(folder), variant };
        if !self.known.done.contains(&done) && !self.done.contains(&done) {
            self.done.push(done);
            return 1.0;
        }
        match sized {
            _ if class == Class::Make => REST_OF_MAKE,
            // `npm ci` begins with removing what is there, as `--force` of yarn's does.
            _ if class == Class::NpmInstall
                && command.args.iter().any(|arg| matches!(&**arg, "ci" | "clean-install" | "--force")) =>
            {
                1.0
            }
            _ if class == Class::NpmInstall => REST,
            Some(sized) if sized.dependencies > 0.0 => 1.0 - sized.dependencies / sized.cpu,
            _ => REST,
        }
    }

    /// How many times as long C takes as configured by an earlier command, which is noted where this is one; `None` where nothing is known of
    /// the project.
    fn made(&mut self, class: Class, command: &SimpleCommand<'_>) -> Option<f64> {
        if class == Class::Configure {
            let (folder, variant) = (self.folder.clone(), made::configured(command).to_owned());
            self.done.push(Done { class, folder, variant });
        }
        let mut before = self.done.iter().rev().chain(self.known.done.iter().rev());
        let configured = before.find(|done| done.class == Class::Configure);
        self.known.project.map(|project| made::times(project, configured.map(|done| &*done.variant)))
    }

    /// The slow-down of one command.
    fn factor(&self, class: Class, command: &SimpleCommand<'_>, execution: Execution<'_>) -> Factor {
        let of = |guest: &str, host: &str| {
            self.known
                .profile
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
        let unknown = Unknown {
            more: ratio(self.unknown, self.executed_cpu + self.latency, 0.0),
            program: self.least_known.1.clone(),
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
            class: self.largest.as_ref().map_or(Class::Builtin, |(_, class, _)| *class),
            basis: match &self.largest {
                _ if unknown.more >= Unknown::DECIDES => Basis::Unknown,
                Some((.., rests_on)) if !rests_on.is_empty() => Basis::Sized,
                _ => Basis::Default,
            },
            rests_on: self.largest.as_ref().map_or_else(String::new, |(.., rests_on)| rests_on.clone()),
            unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    const ARM: Execution<'static> = Execution::Emulated { guest: "arm64", host: "amd64" };

    fn run(script: &str, execution: Execution<'_>) -> Estimate {
        estimate_run(&commands(script), execution, &Known::default())
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
    fn cores_that_make_uses() {
        assert!(run("make -j8", Execution::Native).work(4.0).cores > 2.0);
        assert!(run("make", Execution::Native).work(4.0).cores < 1.01);
    }

    #[test]
    fn what_was_compiled_before_is_not_compiled_again() {
        let seconds = |script| run(script, Execution::Native).cpu.as_secs_f64();
        let once = seconds("cargo build --release --bin a");
        assert!(seconds("cargo build --release --bin a && cargo build --release --bin b") < once * 1.5);
        assert!(seconds("cd /a && cargo build -r; cd /b && cargo build -r") > once * 1.9, "two projects");
        assert!(seconds("make -j4 && make install") < seconds("make -j4") * 1.2);
        let tool = seconds("cargo install a");
        assert!(seconds("cargo install a && cargo install b") > tool * 1.9 && tool < once);
        assert!(seconds("cd /a && cargo build -r && cargo install --path .") < once * 1.5);
        assert!(seconds("go generate ./... && go build ./...") > seconds("go build ./...") * 1.9);
        let commands = commands("cargo build");
        assert!(
            seconds("go build && GOARCH=s390x go build") > seconds("go build") * 1.9,
            "nothing in common"
        );
        assert!(seconds("cargo build && cargo build --release") > once * 1.3);
        let first = Known { folder: "/src", ..Known::default() };
        let done = done_by(&commands, &first);
        let later = Known { done: &done, ..first };
        let [before, after] =
            [first, later].map(|known| estimate_run(&commands, Execution::Native, &known).cpu.as_secs_f64());
        assert!(after < before * 0.5);
    }
}
