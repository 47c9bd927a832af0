//! The kernel: what `uname -m` prints on a machine of the platform, and under QEMU.
//!
//! A build step for a 32-bit platform that a 64-bit node runs *itself* (386 on amd64, arm on arm64) sees the node's own
//! word instead, `x86_64` or `aarch64`: BuildKit starts it without the 32-bit personality. Byte order is not in the word
//! for MIPS.

use super::target::{ArmVersion, Cpu, Os, Target};
use super::{FieldName, Missing, Words};

const MACHINE: FieldName = FieldName::plain("machine");

pub(super) const FIELDS: &[FieldName] = &[MACHINE];

pub(super) fn fields(target: Target) -> Words {
    let machine = match (target.os, target.cpu) {
        (Os::Windows, _) => return Err(Missing("Windows has no uname")),
        (Os::Darwin, Cpu::Arm64(_)) => "arm64",
        (_, Cpu::I386) => "i686",
        (_, Cpu::Amd64(_)) => "x86_64",
        (_, Cpu::Arm(ArmVersion::V5)) => "armv5tel",
        (_, Cpu::Arm(ArmVersion::V6)) => "armv6l",
        (_, Cpu::Arm(ArmVersion::V7)) => "armv7l",
        (_, Cpu::Arm(ArmVersion::V8)) => "armv8l",
        (_, Cpu::Arm64(_)) => "aarch64",
        (_, Cpu::Loong64) => "loongarch64",
        (_, Cpu::Mips | Cpu::MipsLe) => "mips",
        (_, Cpu::Mips64 | Cpu::Mips64Le) => "mips64",
        (_, Cpu::Ppc64) => "ppc64",
        (_, Cpu::Ppc64Le) => "ppc64le",
        (_, Cpu::Riscv64) => "riscv64",
        (_, Cpu::S390x) => "s390x",
    };
    Ok(vec![MACHINE.of(machine)])
}
