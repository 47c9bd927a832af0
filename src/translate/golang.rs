//! Go: `GOOS`, `GOARCH` and the one variable that sets the architecture's level.
//!
//! The level is always said, also where it is Go's own default: defaults have moved between releases (`GOARM` was 5,
//! then 7), differ between distributions' builds of Go, and can be changed with `go env -w`. A Go that does not know
//! a variable yet ignores it.

use super::target::{Arm64Version, ArmVersion, Cpu, Os, Target, X86Level};
use super::{Field, FieldName, Missing, Words};

const OS: FieldName = FieldName::variable("os", "GOOS");
const ARCH: FieldName = FieldName::variable("arch", "GOARCH");
const I386: FieldName = FieldName::variable("386", "GO386");
const AMD64: FieldName = FieldName::variable("amd64", "GOAMD64");
const ARM: FieldName = FieldName::variable("arm", "GOARM");
const ARM64: FieldName = FieldName::variable("arm64", "GOARM64");
const MIPS: FieldName = FieldName::variable("mips", "GOMIPS");
const MIPS64: FieldName = FieldName::variable("mips64", "GOMIPS64");
const PPC64: FieldName = FieldName::variable("ppc64", "GOPPC64");
const RISCV64: FieldName = FieldName::variable("riscv64", "GORISCV64");

pub(super) const FIELDS: &[FieldName] = &[OS, ARCH, I386, AMD64, ARM, ARM64, MIPS, MIPS64, PPC64, RISCV64];

pub(super) fn fields(target: Target) -> Words {
    let os = match target.os {
        Os::Linux => "linux",
        Os::Windows => "windows",
        Os::Darwin => "darwin",
    };
    let mut fields = vec![OS.of(os), ARCH.of(arch(target.cpu))];
    fields.extend(level(target.cpu)?);
    Ok(fields)
}

/// The architecture, where Go builds for all of the processor's kind.
pub(super) fn architecture(cpu: Cpu) -> Result<&'static str, Missing> {
    level(cpu).map(|_| arch(cpu))
}

fn arch(cpu: Cpu) -> &'static str {
    match cpu {
        Cpu::I386 => "386",
        Cpu::Amd64(_) => "amd64",
        Cpu::Arm(_) => "arm",
        Cpu::Arm64(_) => "arm64",
        Cpu::Loong64 => "loong64",
        Cpu::Mips => "mips",
        Cpu::MipsLe => "mipsle",
        Cpu::Mips64 => "mips64",
        Cpu::Mips64Le => "mips64le",
        Cpu::Ppc64 => "ppc64",
        Cpu::Ppc64Le => "ppc64le",
        Cpu::Riscv64 => "riscv64",
        Cpu::S390x => "s390x",
    }
}

fn level(cpu: Cpu) -> Result<Option<Field>, Missing> {
    Ok(Some(match cpu {
        Cpu::I386 => I386.of("sse2"),
        Cpu::Amd64(level) => AMD64.of(match level {
            X86Level::V1 => "v1",
            X86Level::V2 => "v2",
            X86Level::V3 => "v3",
            X86Level::V4 => "v4",
        }),
        Cpu::Arm(version) => ARM.of(match version {
            ArmVersion::V5 => "5",
            ArmVersion::V6 => "6",
            ArmVersion::V7 | ArmVersion::V8 => "7",
        }),
        Cpu::Arm64(Arm64Version { major: 9, minor: 6.. }) => {
            return Err(Missing("GOARM64 ends at v9.5, which runs there too"));
        }
        Cpu::Arm64(Arm64Version { major, minor }) => ARM64.of(format!("v{major}.{minor}")),
        Cpu::Mips | Cpu::MipsLe => MIPS.of("hardfloat"),
        Cpu::Mips64 | Cpu::Mips64Le => MIPS64.of("hardfloat"),
        Cpu::Ppc64 | Cpu::Ppc64Le => PPC64.of("power8"),
        Cpu::Riscv64 => RISCV64.of("rva20u64"),
        Cpu::Loong64 | Cpu::S390x => return Ok(None),
    }))
}
