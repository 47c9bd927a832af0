//! Alpine: apk's architecture, and the triple of Alpine's own compiler.
//!
//! Alpine's armhf is `ARMv6` with hardware floating point, where Debian's is `ARMv7`.

use super::target::{ArmVersion, Cpu, Os, Target};
use super::{FieldName, Missing, Words};

const ARCH: FieldName = FieldName::plain("arch");
const TRIPLE: FieldName = FieldName::plain("triple");

pub(super) const FIELDS: &[FieldName] = &[ARCH, TRIPLE];

pub(super) fn fields(target: Target) -> Words {
    if target.os != Os::Linux {
        return Err(Missing("Alpine is a Linux distribution"));
    }
    let (arch, triple) = match target.cpu {
        Cpu::I386 => ("x86", "i586-alpine-linux-musl"),
        Cpu::Amd64(_) => ("x86_64", "x86_64-alpine-linux-musl"),
        Cpu::Arm(ArmVersion::V6) => ("armhf", "armv6-alpine-linux-musleabihf"),
        Cpu::Arm(ArmVersion::V7 | ArmVersion::V8) => ("armv7", "armv7-alpine-linux-musleabihf"),
        Cpu::Arm64(_) => ("aarch64", "aarch64-alpine-linux-musl"),
        Cpu::Loong64 => ("loongarch64", "loongarch64-alpine-linux-musl"),
        Cpu::Ppc64Le => ("ppc64le", "powerpc64le-alpine-linux-musl"),
        Cpu::Riscv64 => ("riscv64", "riscv64-alpine-linux-musl"),
        Cpu::S390x => ("s390x", "s390x-alpine-linux-musl"),
        Cpu::Arm(ArmVersion::V5) => {
            return Err(Missing(
                "Alpine's oldest arm port is armhf, for ARMv6; Debian's armel runs on ARMv5",
            ));
        }
        Cpu::Mips64 => return Err(Missing("its mips64 port ended with Alpine 3.14")),
        Cpu::Mips | Cpu::MipsLe | Cpu::Mips64Le => {
            return Err(Missing("Alpine has released packages for big-endian mips64 only, until 3.14"));
        }
        Cpu::Ppc64 => return Err(Missing("Alpine builds POWER packages little-endian only, as ppc64le")),
    };
    Ok(vec![ARCH.of(arch), TRIPLE.of(triple)])
}
