//! What was learnt from real builds: a file that a person can read, edit and keep.
//!
//! Owns the TOML form. [`super::transfer`] applies it to steps, [`crate::calibrate`] writes it.

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::class::Class;
use super::priors::DEFAULT_SETTLING_S;

/// The version of the form. A profile of another one is refused.
pub const SCHEMA: &str = "xsim.profile/1";

/// Everything learnt. Lists are sorted, so that equal knowledge is equal bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// [`SCHEMA`].
    pub schema: String,
    /// Architecture of the node that built, such as `amd64`.
    pub host: String,
    /// Its cores.
    pub cores: f64,
    /// Seconds that a build takes besides its steps: loading the Dockerfile, resolving images, between steps.
    #[serde(default)]
    pub overhead_s: f64,
    /// Seconds that the first step on an image takes longer after the image was unpacked in the same build.
    #[serde(default = "default_settling")]
    pub settling_s: f64,
    /// How much work the project makes, as a multiple of a usual one's; for steps that grow with it and whose class was
    /// never seen.
    #[serde(default = "usual_size")]
    pub size: f64,
    /// The logs.
    #[serde(default)]
    pub learnt_from: Vec<LearntFrom>,
    /// How much work steps of a class are, for steps that were never seen.
    #[serde(default, rename = "class")]
    pub classes: Vec<ClassEntry>,
    /// Slow-downs by class.
    #[serde(default, rename = "slowdown")]
    pub slowdowns: Vec<SlowdownEntry>,
    /// `RUN` steps.
    #[serde(default, rename = "run")]
    pub runs: Vec<RunEntry>,
    /// `COPY`, `ADD` and `WORKDIR` steps.
    #[serde(default, rename = "file")]
    pub files: Vec<FileEntry>,
    /// Base images.
    #[serde(default, rename = "pull")]
    pub pulls: Vec<PullEntry>,
}

/// A log and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearntFrom {
    /// Its file name.
    pub log: String,
    /// Steps it names.
    pub steps: usize,
    /// Steps of them that ran and were learnt from.
    pub learnt: usize,
    /// Steps of these whose command and platform provenance told; of the others the name did.
    pub by_digest: usize,
    /// How far the log, replayed with what was learnt, is from itself: 0.03 is 3 %.
    pub replay_error: f64,
    /// What could not be read of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problems: String,
}

const fn default_settling() -> f64 {
    DEFAULT_SETTLING_S
}

const fn usual_size() -> f64 {
    1.0
}

/// The work of a class, compared with the defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassEntry {
    /// Class of work.
    pub class: Class,
    /// The work of a command, as a multiple of the default: 2.0 is twice as much.
    pub work: f64,
    /// Standard deviation of its logarithm, from one step of the class to the next.
    pub sigma: f64,
    /// Number of steps it was seen in.
    pub seen: usize,
}

/// A slow-down learnt where the same commands ran natively and under emulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowdownEntry {
    /// Class of work.
    pub class: Class,
    /// Architecture emulated.
    pub guest: String,
    /// Geometric mean.
    pub factor: f64,
    /// Standard deviation of its logarithm.
    pub sigma: f64,
    /// Number of steps seen both ways.
    pub pairs: usize,
}

/// A `RUN` step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunEntry {
    /// Its commands, as [`super::Signature`] writes them.
    pub does: String,
    /// Class with most of the work.
    pub class: Class,
    /// Architecture it was emulated for; absent where it ran natively.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulated: Option<String>,
    /// Architecture of the foreign programs that a native step ran; absent where it ran none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<String>,
    /// Core-seconds as executed, emulation included, contention removed.
    pub cpu_s: f64,
    /// Seconds that no core shortens.
    #[serde(default)]
    pub latency_s: f64,
    /// Seconds between the end of its inputs and its start.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_s: f64,
    /// Part of the computation that only one core can do.
    pub serial: f64,
    /// Standard deviation of the logarithm of its time between the times it was seen.
    pub sigma: f64,
    /// How often it was seen.
    pub seen: usize,
}

/// A file step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its instruction.
    pub does: String,
    /// How long it took, on average.
    pub seconds: f64,
    /// Seconds between the end of its inputs and its start, in which BuildKit reads the files to copy for its cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_s: f64,
    /// How often it was seen.
    pub seen: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// A base image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullEntry {
    /// Its reference without digest.
    pub image: String,
    /// Its platform, `linux/arm64`; empty where the log does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// How long getting and unpacking it took, on average.
    pub seconds: f64,
    /// How often it was seen.
    pub seen: usize,
}

impl Profile {
    /// Reads a profile.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| ProfileError::Toml(error.to_string()))?;
        if profile.schema != SCHEMA {
            return Err(ProfileError::Schema(profile.schema));
        }
        profile.check()?;
        Ok(profile)
    }

    /// Writes the profile with a head that says what it is.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(HEAD);
        // Plain tables of numbers and strings always have a TOML form.
        if let Ok(body) = toml::to_string(self) {
            let _ = write!(text, "{body}");
        }
        text
    }

    /// The profile with every number where [`Profile::parse`] takes it: logs may tell of times that no build takes.
    #[must_use]
    pub fn within_limits(mut self) -> Self {
        let amount =
            |value: &mut f64| *value = if value.is_nan() { 0.0 } else { value.clamp(0.0, MAX_AMOUNT) };
        let positive =
            |value: &mut f64| *value = if value.is_nan() { 1.0 } else { value.clamp(LEAST, MAX_AMOUNT) };
        for run in &mut self.runs {
            [&mut run.cpu_s, &mut run.latency_s, &mut run.wait_s, &mut run.sigma]
                .into_iter()
                .for_each(amount);
            run.serial = if run.serial.is_nan() { 0.0 } else { run.serial.clamp(0.0, 1.0) };
        }
        for slowdown in &mut self.slowdowns {
            amount(&mut slowdown.sigma);
            positive(&mut slowdown.factor);
        }
        for entry in &mut self.classes {
            amount(&mut entry.sigma);
            positive(&mut entry.work);
        }
        self.files.iter_mut().flat_map(|file| [&mut file.seconds, &mut file.wait_s]).for_each(amount);
        self.pulls.iter_mut().map(|pull| &mut pull.seconds).for_each(amount);
        [&mut self.overhead_s, &mut self.settling_s, &mut self.cores].into_iter().for_each(amount);
        positive(&mut self.size);
        self
    }

    /// Numbers that a hand may have got wrong.
    fn check(&self) -> Result<(), ProfileError> {
        let amount = |value: f64| value.is_finite() && (0.0..=MAX_AMOUNT).contains(&value);
        let bad = |what: &str, name: &str| Err(ProfileError::Value(format!("{what} of {name:?}")));
        for run in &self.runs {
            let numbers = [run.cpu_s, run.latency_s, run.wait_s, run.sigma];
            if !numbers.into_iter().all(amount) || !(0.0..=1.0).contains(&run.serial) {
                return bad("a [[run]] number", &run.does);
            }
        }
        for slowdown in &self.slowdowns {
            if !(amount(slowdown.sigma) && slowdown.factor.is_finite() && slowdown.factor > 0.0) {
                return bad("the [[slowdown]]", slowdown.class.as_str());
            }
        }
        for entry in &self.classes {
            if !(amount(entry.sigma) && amount(entry.work) && entry.work > 0.0) {
                return bad("the [[class]]", entry.class.as_str());
            }
        }
        let wrong = |file: &&FileEntry| !amount(file.seconds) || !amount(file.wait_s);
        if let Some(file) = self.files.iter().find(wrong) {
            return bad("the [[file]] time", &file.does);
        }
        if let Some(pull) = self.pulls.iter().find(|pull| !amount(pull.seconds)) {
            return bad("the [[pull]] time", &pull.image);
        }
        let of_all = [self.overhead_s, self.settling_s, self.cores, self.size];
        if of_all.into_iter().all(amount) && self.size > 0.0 {
            Ok(())
        } else {
            bad("cores, size, overhead_s or settling_s", "the profile")
        }
    }
}

/// The largest amount of anything.
const MAX_AMOUNT: f64 = 1e9;

/// The smallest amount of what cannot be nothing.
const LEAST: f64 = 1e-9;

const HEAD: &str = "\
# A profile of xsim: times and slow-downs learnt from real builds, used with --profile.
# Times are in seconds of one core of the machine that built (`cpu_s`) or of the clock.
# Edit what you know better: an entry replaces the default of its class. docs/profile.md explains each field.

";

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is not of the form.
    Toml(String),
    /// It is of another version.
    Schema(String),
    /// A number is out of its range.
    Value(String),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toml(error) => f.write_str(error.trim_end()),
            Self::Schema(schema) => write!(f, "a profile of schema {schema:?}, not {SCHEMA:?}"),
            Self::Value(what) => write!(f, "{what} is out of range"),
        }
    }
}

impl std::error::Error for ProfileError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Signature, instruction_signature};

    #[test]
    fn what_is_within_limits_is_read() {
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, -1.0, 0.0, 1e300, 1e-300] {
            let mut wild = profile();
            wild.overhead_s = value;
            wild.cores = value;
            wild.size = value;
            for run in &mut wild.runs {
                (run.cpu_s, run.latency_s, run.wait_s, run.sigma, run.serial) =
                    (value, value, value, value, value);
            }
            for entry in &mut wild.classes {
                (entry.work, entry.sigma) = (value, value);
            }
            for entry in &mut wild.slowdowns {
                (entry.factor, entry.sigma) = (value, value);
            }
            for file in &mut wild.files {
                (file.seconds, file.wait_s) = (value, value);
            }
            for pull in &mut wild.pulls {
                pull.seconds = value;
            }
            assert!(Profile::parse(&wild.within_limits().to_toml()).is_ok(), "{value}");
        }
    }

    /// Every field of every table, and none by default: who adds a field has to name it here.
    fn profile() -> Profile {
        Profile {
            schema: SCHEMA.into(),
            host: "amd64".into(),
            cores: 2.0,
            overhead_s: 0.1,
            settling_s: 0.2,
            size: 0.9,
            learnt_from: vec![LearntFrom {
                log: "a.rawjson".into(),
                steps: 3,
                learnt: 2,
                by_digest: 1,
                replay_error: 0.01,
                problems: "cut short".into(),
            }],
            classes: vec![ClassEntry { class: Class::GoBuild, work: 1.5, sigma: 0.5, seen: 1 }],
            slowdowns: vec![SlowdownEntry {
                class: Class::CCompile,
                guest: "arm64".into(),
                factor: 11.0,
                sigma: 0.2,
                pairs: 3,
            }],
            runs: vec![RunEntry {
                does: "gcc -c \"a.c\"".into(),
                class: Class::CCompile,
                emulated: Some("arm64".into()),
                foreign: Some("arm".into()),
                cpu_s: 12.5,
                latency_s: 0.1,
                wait_s: 0.2,
                serial: 1.0,
                sigma: 0.05,
                seen: 2,
            }],
            files: vec![FileEntry { does: "COPY a b".into(), seconds: 0.1, wait_s: 0.2, seen: 1 }],
            pulls: vec![PullEntry {
                image: "alpine".into(),
                platform: "linux/amd64".into(),
                seconds: 1.5,
                seen: 1,
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = profile().to_toml();
        assert!(text.starts_with("# A profile of xsim"));
        assert_eq!(Profile::parse(&text), Ok(profile()));
    }

    /// Every key, after the table it is in.
    fn keys(text: &str) -> std::collections::BTreeSet<(&str, &str)> {
        let mut table = "";
        let mut keys = std::collections::BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("[[") {
                table = rest.split(']').next().unwrap();
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with([' ', '#'])) {
                keys.insert((table, key));
            }
        }
        keys
    }

    #[test]
    fn the_page_shows_every_field() {
        let page = include_str!("../../docs/profile.md");
        let example = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
        let parsed = Profile::parse(example).unwrap();
        assert_eq!(parsed.files[0].does, instruction_signature("COPY go.mod go.sum ./"));
        assert_eq!(parsed.runs[0].does, Signature::of_instruction("RUN cd /src && gcc -c 'a.c'").text());
        assert_eq!(keys(example), keys(&profile().to_toml()));
    }

    #[test]
    fn mistakes_of_a_hand_are_found() {
        let text = profile().to_toml();
        let cases = [
            (text.replace("profile/1", "profile/9"), "schema"),
            (text.replace("cpu_s = 12.5", "cpu_s = -1.0"), "[[run]]"),
            (text.replace("factor = 11.0", "factor = nan"), "[[slowdown]]"),
            (text.replace("c-compile", "d-compile"), "d-compile"),
            (text.replace("seen = 2", "sene = 2"), "sene"),
        ];
        for (text, part) in cases {
            let error = Profile::parse(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
