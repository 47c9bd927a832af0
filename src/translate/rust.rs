//! Rust: the target triples, and for each the tier of support (1 and 2 come ready from `rustup target add`; for 3 the
//! standard library has to be built, with `-Z build-std`).
//!
//! `linux/arm/v6` is soft-float with glibc and hard-float with musl. That is not taste: the glibc image that a pull for
//! arm/v6 gets is Debian's armel, which has no hard-float loader, and the musl one is Alpine's armhf.

use super::target::{Arm64Version, ArmVersion, Cpu, Os, Target};
use super::{Field, FieldName};

const TARGET: FieldName = FieldName::variable("target", "CARGO_BUILD_TARGET");
const TIER: FieldName = FieldName::plain("tier");
const MUSL_TARGET: FieldName = FieldName::plain("musl-target");
const MUSL_TIER: FieldName = FieldName::plain("musl-tier");
const MSVC_TARGET: FieldName = FieldName::plain("msvc-target");
const MSVC_TIER: FieldName = FieldName::plain("msvc-tier");
const RUSTFLAGS: FieldName = FieldName::variable("rustflags", "RUSTFLAGS");

pub(super) const FIELDS: &[FieldName] =
    &[TARGET, TIER, MUSL_TARGET, MUSL_TIER, MSVC_TARGET, MSVC_TIER, RUSTFLAGS];

/// A target triple and its tier.
type Triple = (&'static str, &'static str);

pub(super) fn fields(target: Target) -> Vec<Field> {
    let (main, other) = match target.os {
        Os::Linux => {
            let (gnu, musl) = linux(target.cpu);
            (gnu, Some((MUSL_TARGET, MUSL_TIER, musl)))
        }
        Os::Windows => {
            let (gnu, msvc) = windows(target.cpu);
            (gnu, Some((MSVC_TARGET, MSVC_TIER, msvc)))
        }
        Os::Darwin => (darwin(target.cpu), None),
    };
    let mut fields = vec![TARGET.of(main.0), TIER.of(main.1)];
    if let Some((target, tier, triple)) = other {
        fields.extend([target.of(triple.0), tier.of(triple.1)]);
    }
    fields.extend(rustflags(target.cpu).map(|flags| RUSTFLAGS.of(flags)));
    fields
}

/// The triples with glibc and with musl.
const fn linux(cpu: Cpu) -> (Triple, Triple) {
    match cpu {
        Cpu::I386 => (("i686-unknown-linux-gnu", "1"), ("i686-unknown-linux-musl", "2")),
        Cpu::Amd64(_) => (("x86_64-unknown-linux-gnu", "1"), ("x86_64-unknown-linux-musl", "2")),
        Cpu::Arm(ArmVersion::V5) => {
            (("armv5te-unknown-linux-gnueabi", "2"), ("armv5te-unknown-linux-musleabi", "2"))
        }
        Cpu::Arm(ArmVersion::V6) => {
            (("arm-unknown-linux-gnueabi", "2"), ("arm-unknown-linux-musleabihf", "2"))
        }
        Cpu::Arm(ArmVersion::V7 | ArmVersion::V8) => {
            (("armv7-unknown-linux-gnueabihf", "2"), ("armv7-unknown-linux-musleabihf", "2"))
        }
        Cpu::Arm64(_) => (("aarch64-unknown-linux-gnu", "1"), ("aarch64-unknown-linux-musl", "2")),
        Cpu::Loong64 => (("loongarch64-unknown-linux-gnu", "2"), ("loongarch64-unknown-linux-musl", "2")),
        Cpu::Mips => (("mips-unknown-linux-gnu", "3"), ("mips-unknown-linux-musl", "3")),
        Cpu::MipsLe => (("mipsel-unknown-linux-gnu", "3"), ("mipsel-unknown-linux-musl", "3")),
        Cpu::Mips64 => (("mips64-unknown-linux-gnuabi64", "3"), ("mips64-unknown-linux-muslabi64", "3")),
        Cpu::Mips64Le => {
            (("mips64el-unknown-linux-gnuabi64", "3"), ("mips64el-unknown-linux-muslabi64", "3"))
        }
        Cpu::Ppc64 => (("powerpc64-unknown-linux-gnu", "2"), ("powerpc64-unknown-linux-musl", "2")),
        Cpu::Ppc64Le => (("powerpc64le-unknown-linux-gnu", "2"), ("powerpc64le-unknown-linux-musl", "2")),
        Cpu::Riscv64 => (("riscv64gc-unknown-linux-gnu", "2"), ("riscv64gc-unknown-linux-musl", "2")),
        Cpu::S390x => (("s390x-unknown-linux-gnu", "2"), ("s390x-unknown-linux-musl", "3")),
    }
}

/// The triples that build on Linux with mingw-w64 (for arm64 its LLVM edition), and with Microsoft's linker.
const fn windows(cpu: Cpu) -> (Triple, Triple) {
    if let Cpu::Arm64(_) = cpu {
        (("aarch64-pc-windows-gnullvm", "2"), ("aarch64-pc-windows-msvc", "1"))
    } else {
        (("x86_64-pc-windows-gnu", "1"), ("x86_64-pc-windows-msvc", "1"))
    }
}

const fn darwin(cpu: Cpu) -> Triple {
    if let Cpu::Arm64(_) = cpu { ("aarch64-apple-darwin", "1") } else { ("x86_64-apple-darwin", "2") }
}

/// What raises the level of the code above the triple's own.
fn rustflags(cpu: Cpu) -> Option<String> {
    match cpu {
        Cpu::Amd64(level) => level.march().map(|cpu| format!("-C target-cpu={cpu}")),
        Cpu::Arm64(Arm64Version { major: 8, minor: 0 }) => None,
        Cpu::Arm64(Arm64Version { major, minor: 0 }) => Some(format!("-C target-feature=+v{major}a")),
        Cpu::Arm64(Arm64Version { major, minor }) => Some(format!("-C target-feature=+v{major}.{minor}a")),
        _ => None,
    }
}
