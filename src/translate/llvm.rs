//! LLVM: the triple for `clang --target`, with glibc and with musl, and the `-march` that the triple leaves unsaid.
//!
//! The two libraries differ on `linux/arm/v6` for the reason given in the Rust table.

use super::target::{ArmVersion, Cpu, Os, Target};
use super::{Field, FieldName};

const TRIPLE: FieldName = FieldName::plain("triple");
const MUSL_TRIPLE: FieldName = FieldName::plain("musl-triple");
const MSVC_TRIPLE: FieldName = FieldName::plain("msvc-triple");
const MARCH: FieldName = FieldName::plain("march");

pub(super) const FIELDS: &[FieldName] = &[TRIPLE, MUSL_TRIPLE, MSVC_TRIPLE, MARCH];

pub(super) fn fields(target: Target) -> Vec<Field> {
    let (triple, other) = match target.os {
        Os::Linux => {
            let (gnu, musl) = linux(target.cpu);
            (gnu, Some(MUSL_TRIPLE.of(musl)))
        }
        Os::Windows => {
            let (gnu, msvc) = windows(target.cpu);
            (gnu, Some(MSVC_TRIPLE.of(msvc)))
        }
        Os::Darwin => (darwin(target.cpu), None),
    };
    let mut fields = vec![TRIPLE.of(triple)];
    fields.extend(other);
    fields.extend(target.march().map(|march| MARCH.of(march)));
    fields
}

/// The triples with glibc and with musl.
const fn linux(cpu: Cpu) -> (&'static str, &'static str) {
    match cpu {
        Cpu::I386 => ("i686-unknown-linux-gnu", "i686-unknown-linux-musl"),
        Cpu::Amd64(_) => ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"),
        Cpu::Arm(ArmVersion::V5) => ("armv5te-unknown-linux-gnueabi", "armv5te-unknown-linux-musleabi"),
        Cpu::Arm(ArmVersion::V6) => ("armv6-unknown-linux-gnueabi", "armv6-unknown-linux-musleabihf"),
        Cpu::Arm(ArmVersion::V7 | ArmVersion::V8) => {
            ("armv7-unknown-linux-gnueabihf", "armv7-unknown-linux-musleabihf")
        }
        Cpu::Arm64(_) => ("aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"),
        Cpu::Loong64 => ("loongarch64-unknown-linux-gnu", "loongarch64-unknown-linux-musl"),
        Cpu::Mips => ("mips-unknown-linux-gnu", "mips-unknown-linux-musl"),
        Cpu::MipsLe => ("mipsel-unknown-linux-gnu", "mipsel-unknown-linux-musl"),
        Cpu::Mips64 => ("mips64-unknown-linux-gnuabi64", "mips64-unknown-linux-musl"),
        Cpu::Mips64Le => ("mips64el-unknown-linux-gnuabi64", "mips64el-unknown-linux-musl"),
        Cpu::Ppc64 => ("powerpc64-unknown-linux-gnu", "powerpc64-unknown-linux-musl"),
        Cpu::Ppc64Le => ("powerpc64le-unknown-linux-gnu", "powerpc64le-unknown-linux-musl"),
        Cpu::Riscv64 => ("riscv64-unknown-linux-gnu", "riscv64-unknown-linux-musl"),
        Cpu::S390x => ("s390x-unknown-linux-gnu", "s390x-unknown-linux-musl"),
    }
}

/// The triples of mingw-w64 and of Microsoft's tools.
const fn windows(cpu: Cpu) -> (&'static str, &'static str) {
    if let Cpu::Arm64(_) = cpu {
        ("aarch64-pc-windows-gnu", "aarch64-pc-windows-msvc")
    } else {
        ("x86_64-pc-windows-gnu", "x86_64-pc-windows-msvc")
    }
}

const fn darwin(cpu: Cpu) -> &'static str {
    if let Cpu::Arm64(_) = cpu { "arm64-apple-macosx" } else { "x86_64-apple-macosx" }
}
