//! Debian and Ubuntu: dpkg's architecture, the multiarch triplet of library paths, the package of the cross compiler.
//!
//! `since` and `until` name the first and last Debian release that has the architecture, where bookworm (12), trixie
//! (13) and forky (14) do not all have it. `linux/arm/v6` is armel, as Debian's armhf begins at `ARMv7`.

use super::target::{ArmVersion, Cpu, Os, Target};
use super::{FieldName, Missing, Words};

const ARCH: FieldName = FieldName::plain("arch");
const MULTIARCH: FieldName = FieldName::plain("multiarch");
const GCC: FieldName = FieldName::plain("gcc");
const SINCE: FieldName = FieldName::plain("since");
const UNTIL: FieldName = FieldName::plain("until");

pub(super) const FIELDS: &[FieldName] = &[ARCH, MULTIARCH, GCC, SINCE, UNTIL];

pub(super) fn fields(target: Target) -> Words {
    if target.os != Os::Linux {
        return Err(Missing("Debian is a Linux distribution"));
    }
    let (arch, multiarch, gcc) = match target.cpu {
        Cpu::I386 => ("i386", "i386-linux-gnu", "gcc-i686-linux-gnu"),
        Cpu::Amd64(_) => ("amd64", "x86_64-linux-gnu", "gcc-x86-64-linux-gnu"),
        Cpu::Arm(ArmVersion::V5 | ArmVersion::V6) => ("armel", "arm-linux-gnueabi", "gcc-arm-linux-gnueabi"),
        Cpu::Arm(ArmVersion::V7 | ArmVersion::V8) => {
            ("armhf", "arm-linux-gnueabihf", "gcc-arm-linux-gnueabihf")
        }
        Cpu::Arm64(_) => ("arm64", "aarch64-linux-gnu", "gcc-aarch64-linux-gnu"),
        Cpu::Loong64 => ("loong64", "loongarch64-linux-gnu", "gcc-loongarch64-linux-gnu"),
        Cpu::MipsLe => ("mipsel", "mipsel-linux-gnu", "gcc-mipsel-linux-gnu"),
        Cpu::Mips64Le => ("mips64el", "mips64el-linux-gnuabi64", "gcc-mips64el-linux-gnuabi64"),
        Cpu::Ppc64Le => ("ppc64el", "powerpc64le-linux-gnu", "gcc-powerpc64le-linux-gnu"),
        Cpu::Riscv64 => ("riscv64", "riscv64-linux-gnu", "gcc-riscv64-linux-gnu"),
        Cpu::S390x => ("s390x", "s390x-linux-gnu", "gcc-s390x-linux-gnu"),
        Cpu::Mips => {
            return Err(Missing(
                "Debian dropped big-endian mips after buster; the little-endian port lasted until bookworm",
            ));
        }
        Cpu::Mips64 => {
            return Err(Missing(
                "Debian never released big-endian mips64; the little-endian port lasted until bookworm",
            ));
        }
        Cpu::Ppc64 => {
            return Err(Missing("big-endian ppc64 is in no release, only in the unofficial debian-ports"));
        }
    };
    let mut fields = vec![ARCH.of(arch), MULTIARCH.of(multiarch), GCC.of(gcc)];
    fields.extend(match target.cpu {
        Cpu::Riscv64 => Some(SINCE.of("trixie")),
        Cpu::Loong64 => Some(SINCE.of("forky")),
        Cpu::Arm(ArmVersion::V5 | ArmVersion::V6) => Some(UNTIL.of("trixie")),
        Cpu::MipsLe | Cpu::Mips64Le => Some(UNTIL.of("bookworm")),
        _ => None,
    });
    Ok(fields)
}
