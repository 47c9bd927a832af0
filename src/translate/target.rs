//! The platforms that toolchains have words for, as closed sets: every table is a match that the compiler checks.

use crate::model::platform::Platform;

/// A platform in [`super::PLATFORMS`], or a variant of one that some toolchain tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) os: Os,
    pub(super) cpu: Cpu,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Os {
    Linux,
    Windows,
    Darwin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cpu {
    I386,
    Amd64(X86Level),
    Arm(ArmVersion),
    Arm64(Arm64Version),
    Loong64,
    Mips,
    MipsLe,
    Mips64,
    Mips64Le,
    Ppc64,
    Ppc64Le,
    Riscv64,
    S390x,
}

/// A level of the x86-64 psABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum X86Level {
    V1,
    V2,
    V3,
    V4,
}

impl X86Level {
    /// What `-march` and `-C target-cpu` call it; none for the level every compiler starts from.
    pub(super) const fn march(self) -> Option<&'static str> {
        match self {
            Self::V1 => None,
            Self::V2 => Some("x86-64-v2"),
            Self::V3 => Some("x86-64-v3"),
            Self::V4 => Some("x86-64-v4"),
        }
    }
}

/// A version of 32-bit arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArmVersion {
    V5,
    V6,
    V7,
    /// 32-bit programs on a 64-bit processor, which compilers treat as v7.
    V8,
}

/// A version of the 64-bit arm architecture, 8.0 to 9.7 as containerd knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arm64Version {
    pub(super) major: u8,
    pub(super) minor: u8,
}

impl Arm64Version {
    fn parse(variant: &str) -> Option<Self> {
        if variant.is_empty() {
            return Some(Self { major: 8, minor: 0 });
        }
        let text = variant.strip_prefix('v')?;
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        let version = Self { major: digit(major)?, minor: digit(minor)? };
        matches!((version.major, version.minor), (8, 0..=9) | (9, 0..=7)).then_some(version)
    }

    /// What `-march` calls it; none for the version every compiler starts from.
    pub(super) fn march(self) -> Option<String> {
        match self {
            Self { major: 8, minor: 0 } => None,
            Self { major, minor: 0 } => Some(format!("armv{major}-a")),
            Self { major, minor } => Some(format!("armv{major}.{minor}-a")),
        }
    }
}

fn digit(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        _ => None,
    }
}

impl Target {
    /// The target that a normalised platform names, if any table may have it.
    pub(super) fn of(platform: &Platform) -> Option<Self> {
        let os = match &*platform.os {
            "linux" => Os::Linux,
            "windows" => Os::Windows,
            "darwin" => Os::Darwin,
            _ => return None,
        };
        let cpu = match (&*platform.architecture, &*platform.variant) {
            ("386", "") => Cpu::I386,
            ("amd64", "") => Cpu::Amd64(X86Level::V1),
            ("amd64", "v2") => Cpu::Amd64(X86Level::V2),
            ("amd64", "v3") => Cpu::Amd64(X86Level::V3),
            ("amd64", "v4") => Cpu::Amd64(X86Level::V4),
            ("arm", "v5") => Cpu::Arm(ArmVersion::V5),
            ("arm", "v6") => Cpu::Arm(ArmVersion::V6),
            ("arm", "v7") => Cpu::Arm(ArmVersion::V7),
            ("arm", "v8") => Cpu::Arm(ArmVersion::V8),
            ("arm64", variant) => Cpu::Arm64(Arm64Version::parse(variant)?),
            ("loong64", "") => Cpu::Loong64,
            ("mips", "") => Cpu::Mips,
            ("mipsle", "") => Cpu::MipsLe,
            ("mips64", "") => Cpu::Mips64,
            ("mips64le", "") => Cpu::Mips64Le,
            ("ppc64", "") => Cpu::Ppc64,
            ("ppc64le", "") => Cpu::Ppc64Le,
            ("riscv64", "") => Cpu::Riscv64,
            ("s390x", "") => Cpu::S390x,
            _ => return None,
        };
        let built = os == Os::Linux || matches!(cpu, Cpu::Amd64(_) | Cpu::Arm64(_));
        built.then_some(Self { os, cpu })
    }

    /// What `-march` must say beyond the triple, where the triple alone means less than the platform.
    pub(super) fn march(self) -> Option<String> {
        match self.cpu {
            Cpu::Amd64(level) => level.march().map(Into::into),
            Cpu::Arm64(version) => version.march(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arm64_versions() {
        let cases = [
            ("", Some((8, 0))),
            ("v8.2", Some((8, 2))),
            ("v9", Some((9, 0))),
            ("v9.7", Some((9, 7))),
            ("v9.8", None),
            ("v10", None),
            ("8", None),
            ("v8.", None),
            ("v8.+1", None),
        ];
        for (variant, expected) in cases {
            let version = Arm64Version::parse(variant).map(|v| (v.major, v.minor));
            assert_eq!(version, expected, "{variant}");
        }
    }
}
