//! Platforms: what `--platform` and `FROM --platform` may say, and when two of them are the same.
//!
//! Follows containerd's `platforms` package (`platforms.go`, `database.go`, `compare.go`), which BuildKit uses.
//! Knows nothing of stages or builds.

use std::borrow::Cow;
use std::fmt;

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::architectures::{ARCHITECTURES, SYSTEMS};
use crate::diagnostic::nearest;

/// An operating system, a processor architecture and its variant, as image manifests name them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Platform {
    pub(crate) os: SmolStr,
    pub(crate) architecture: SmolStr,
    pub(crate) variant: SmolStr,
    pub(crate) os_version: SmolStr,
    pub(crate) os_features: Vec<SmolStr>,
}

impl Platform {
    /// Linux on an architecture in BuildKit's words, such as `amd64`.
    pub fn linux(architecture: &str) -> Self {
        Self { os: "linux".into(), architecture: architecture.into(), ..Self::default() }
    }

    /// `linux`, `windows`, …; never empty.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// `amd64`, `arm64`, …
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// `v7` and the like; empty where the architecture has none.
    pub fn variant(&self) -> &str {
        &self.variant
    }

    /// A Windows build such as `10.0.20348`; empty nearly always.
    pub fn os_version(&self) -> &str {
        &self.os_version
    }

    /// Features an operating system must have; none nearly always.
    pub fn os_features(&self) -> impl ExactSizeIterator<Item = &str> {
        self.os_features.iter().map(SmolStr::as_str)
    }

    /// Parses a specifier such as `linux/arm/v7`, completing a lone operating system or architecture from `host`.
    ///
    /// The result is not normalised: `linux/arm64/v8` keeps its variant, and BuildKit tells it from `linux/arm64`.
    pub fn parse(text: &str, host: &Self) -> Result<Self, PlatformError> {
        let error = |reason| Err(PlatformError { specifier: text.into(), reason });
        if text.bytes().any(|byte| byte == b'*') {
            return error("wildcards are not supported");
        }
        let parts: SmallVec<[&str; 4]> = text.splitn(4, '/').collect();
        let Some(mut platform) = parse_os(parts[0]) else {
            return error(
                "the operating system may hold letters, digits, '-' and '_', then a version in parentheses",
            );
        };
        let component = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        };
        if !parts[1..].iter().all(|part| component(part)) {
            return error("each component may hold letters, digits, '.', '-' and '_' only");
        }
        match parts[..] {
            [_] if is_known_os(&platform.os) => {
                platform.architecture.clone_from(&host.architecture);
                if &*platform.architecture == "arm" && &*host.variant != "v7" {
                    platform.variant.clone_from(&host.variant);
                }
            }
            [only] => {
                platform.be(only, "");
                platform.drop_default_arm_variant();
                if !is_known_arch(&platform.architecture) {
                    return error("neither an operating system nor an architecture that is known");
                }
                platform.os.clone_from(&host.os);
            }
            [_, arch] => {
                platform.be(arch, "");
                platform.drop_default_arm_variant();
            }
            [_, arch, variant] => {
                platform.be(arch, variant);
                if &*platform.architecture == "arm64" && platform.variant.is_empty() {
                    platform.variant = "v8".into();
                }
            }
            _ => return error("more than operating system, architecture and variant"),
        }
        Ok(platform)
    }

    fn drop_default_arm_variant(&mut self) {
        if &*self.architecture == "arm" && &*self.variant == "v7" {
            self.variant = "".into();
        }
    }

    /// Takes an architecture and a variant, in their canonical form.
    fn be(&mut self, architecture: &str, variant: &str) {
        let (architecture, variant) = normal_arch(architecture, variant);
        (self.architecture, self.variant) = (architecture.into(), variant.into());
    }

    /// The canonical form: `arm64/v8` and `arm64` are one, `arm` means `arm/v7`.
    #[must_use]
    pub fn normalized(&self) -> Self {
        self.clone().into_normalized()
    }

    /// As [`Platform::normalized`], of a platform that is no longer needed.
    #[must_use]
    pub fn into_normalized(mut self) -> Self {
        self.os = normalize_os(&self.os);
        let (architecture, variant) = normal_arch(&self.architecture, &self.variant);
        if (&*architecture, &*variant) != (&*self.architecture, &*self.variant) {
            (self.architecture, self.variant) = (architecture.into(), variant.into());
        }
        self.os_features.sort();
        self.os_features.dedup();
        self
    }

    /// `os/architecture[/variant]`, without an OS version.
    pub fn short(&self) -> String {
        let length = self.os.len() + self.architecture.len() + self.variant.len() + 2;
        let mut text = String::with_capacity(length);
        text.push_str(&self.os);
        for part in [&self.architecture, &self.variant] {
            if !part.is_empty() {
                text.push('/');
                text.push_str(part);
            }
        }
        text
    }

    /// As it is displayed.
    pub(crate) fn full(&self) -> String {
        if self.is_plain() { self.short() } else { self.to_string() }
    }

    /// Whether nothing follows the name of the operating system.
    fn is_plain(&self) -> bool {
        self.os_version.is_empty() && self.os_features.is_empty()
    }

    /// Whether a processor of this platform runs programs of `guest` itself, by containerd's rule (`Only`).
    ///
    /// amd64 runs 386 and lower levels of itself; arm64 runs 32-bit arm (the caller says where a CPU cannot); arm runs
    /// lower versions of itself.
    pub fn runs(&self, guest: &Self) -> bool {
        if self.os != guest.os && normalize_os(&self.os) != normalize_os(&guest.os) {
            return false;
        }
        let (host, host_variant) = normal_arch(&self.architecture, &self.variant);
        let (guest, variant) = normal_arch(&guest.architecture, &guest.variant);
        match (&*host, &*guest) {
            ("amd64", "amd64") => level(&variant, 1) <= level(&host_variant, 1),
            ("amd64", "386") | ("arm64", "arm") => true,
            ("arm64", "arm64") => arm64_level(&variant) <= arm64_level(&host_variant),
            ("arm", "arm") => level(&variant, 7) <= level(&host_variant, 7),
            (own, other) => own == other && host_variant == variant,
        }
    }
}

/// Parses the first component: `os`, or `os(version+feature+feature)`.
fn parse_os(text: &str) -> Option<Platform> {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let (name, options) = text.split_at(text.bytes().take_while(|&b| is_letter(b)).count());
    if name.is_empty() {
        return None;
    }
    let platform = Platform { os: normalize_os(name), ..Platform::default() };
    if options.is_empty() {
        return Some(platform);
    }
    let options = options.strip_prefix('(')?.strip_suffix(')')?;
    if !options.bytes().all(|b| is_letter(b) || matches!(b, b'.' | b'%' | b'+')) {
        return None;
    }
    let mut options = options.split('+');
    let os_version = unescape(options.next().unwrap_or_default())?;
    let os_features =
        options.map(|raw| if raw.is_empty() { None } else { unescape(raw) }).collect::<Option<_>>()?;
    Some(Platform { os_version, os_features, ..platform })
}

/// Undoes percent-encoding, as containerd does for OS versions and features.
fn unescape(text: &str) -> Option<SmolStr> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (rest.next()?, rest.next()?);
            let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
            bytes.push(digit(high)? << 4 | digit(low)?);
        } else {
            bytes.push(byte);
        }
    }
    Some(SmolStr::new(String::from_utf8_lossy(&bytes)))
}

/// The number in a variant such as `v3`, or `default` where there is none.
fn level(variant: &str, default: u32) -> u32 {
    variant.strip_prefix('v').unwrap_or(variant).parse().unwrap_or(default)
}

/// arm64 variants in the order in which each runs the ones before it: v8.0 … v8.9, then v9 on top of v8.5.
fn arm64_level(variant: &str) -> (u32, u32) {
    let text = variant.strip_prefix('v').unwrap_or(variant);
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    (major.parse().unwrap_or(8), minor.parse().unwrap_or(0))
}

fn normalize_os(os: &str) -> SmolStr {
    let os = lower(os);
    if os == "macos" { SmolStr::new_static("darwin") } else { SmolStr::new(os) }
}

fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) }
}

/// The canonical architecture and variant.
fn normal_arch<'t>(arch: &'t str, variant: &'t str) -> (Cow<'t, str>, Cow<'t, str>) {
    let (arch, variant) = (lower(arch), lower(variant));
    let known = |arch: &'static str, variant: &'static str| (arch.into(), variant.into());
    match (&*arch, &*variant) {
        ("i386", _) => known("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => known("amd64", ""),
        ("x86_64" | "x86-64", _) => ("amd64".into(), variant),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => known("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => known("arm64", "v9"),
        ("aarch64", _) => ("arm64".into(), variant),
        ("armhf", _) | ("arm", "" | "7") => known("arm", "v7"),
        ("armel", _) | ("arm", "6") => known("arm", "v6"),
        ("arm", "5") => known("arm", "v5"),
        ("arm", "8") => known("arm", "v8"),
        _ => (arch, variant),
    }
}

fn is_known_os(os: &str) -> bool {
    SYSTEMS.contains(&os)
}

fn is_known_arch(architecture: &str) -> bool {
    ARCHITECTURES.contains(&architecture)
}

impl Platform {
    /// Why a platform is probably not what was meant: nothing runs on it that is known. `None` where it is known.
    pub fn doubt(&self) -> Option<String> {
        let (what, name, known) = if !is_known_os(&self.os) {
            ("operating system", &self.os, &SYSTEMS[..])
        } else if !is_known_arch(&self.architecture) {
            ("architecture", &self.architecture, &ARCHITECTURES[..])
        } else {
            return None;
        };
        let near = nearest(name, known.iter().copied());
        let meant = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        Some(format!("{self}: no {what} is called {name:?}{meant}"))
    }
}

impl fmt::Display for Platform {
    /// As containerd's `FormatAll`: `windows(10.0.20348)/amd64`, `linux/arm/v7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_plain() {
            return f.write_str(&self.short());
        }
        let mut features = self.os_features.clone();
        features.sort();
        features.dedup();
        write!(f, "{}({}", self.os, self.os_version)?;
        for feature in &features {
            write!(f, "+{feature}")?;
        }
        f.write_str(")")?;
        for part in [&self.architecture, &self.variant] {
            if !part.is_empty() {
                write!(f, "/{part}")?;
            }
        }
        Ok(())
    }
}

/// A platform specifier that containerd refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformError {
    /// What was given.
    pub specifier: Box<str>,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a platform: {}", self.specifier, self.reason)
    }
}

impl std::error::Error for PlatformError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Platform {
        Platform::linux("amd64")
    }

    #[track_caller]
    fn parsed(text: &str) -> Platform {
        Platform::parse(text, &host()).unwrap()
    }

    #[test]
    fn specifiers() {
        let cases = [
            ("linux/amd64", "linux/amd64", "linux/amd64"),
            ("linux/arm64/v8", "linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm/v7", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6", "linux/arm/v6"),
            ("armhf", "linux/arm", "linux/arm/v7"),
            ("armel", "linux/arm/v6", "linux/arm/v6"),
            ("aarch64", "linux/arm64", "linux/arm64"),
            ("linux", "linux/amd64", "linux/amd64"),
            ("macos/x86_64", "darwin/amd64", "darwin/amd64"),
            ("Linux/AMD64/v1", "linux/amd64", "linux/amd64"),
            ("linux/i386", "linux/386", "linux/386"),
            ("windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64"),
            ("linux/arm64/v9.0", "linux/arm64/v9", "linux/arm64/v9"),
            ("wasi/wasm", "wasi/wasm", "wasi/wasm"),
        ];
        for (text, plain, normal) in cases {
            let platform = parsed(text);
            assert_eq!(platform.to_string(), plain, "{text}");
            assert_eq!(platform.normalized().to_string(), normal, "{text}");
        }
    }

    #[test]
    fn refused_specifiers() {
        for text in
            ["", "*", "linux/*", "a/b/c/d", "linux/", "nonsense", "linux/amd 64", "/amd64", "linux/arm/"]
        {
            assert!(Platform::parse(text, &host()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_processor_runs_itself() {
        let cases = [
            ("linux/amd64", "linux/386", true),
            ("linux/amd64", "linux/amd64/v2", false),
            ("linux/amd64/v3", "linux/amd64/v2", true),
            ("linux/arm64", "linux/arm/v7", true),
            ("linux/arm64", "linux/arm/v5", true),
            ("linux/arm64", "linux/arm64/v9", false),
            ("linux/arm64/v9", "linux/arm64", true),
            ("linux/arm/v7", "linux/arm/v6", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux/riscv64", "linux/riscv64", true),
            ("linux/amd64", "linux/arm64", false),
        ];
        for (host, guest, runs) in cases {
            assert_eq!(parsed(host).runs(&parsed(guest)), runs, "{host} runs {guest}");
        }
    }
}
