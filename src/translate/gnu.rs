//! GNU: the triple of a cross toolchain, the prefix of its programs, and the `-march` that the triple leaves unsaid.
//!
//! Linux triples are Debian's and Ubuntu's, without a vendor: `apt-get install gcc-…` brings programs of these names.

use super::target::{ArmVersion, Cpu, Os, Target};
use super::{FieldName, Missing, Words};

const TRIPLE: FieldName = FieldName::plain("triple");
const PREFIX: FieldName = FieldName::variable("prefix", "CROSS_COMPILE");
const CC: FieldName = FieldName::variable("cc", "CC");
const MARCH: FieldName = FieldName::plain("march");

pub(super) const FIELDS: &[FieldName] = &[TRIPLE, PREFIX, CC, MARCH];

pub(super) fn fields(target: Target) -> Words {
    let triple = match target.os {
        Os::Linux => linux(target.cpu),
        Os::Windows => windows(target.cpu),
        Os::Darwin => return Err(Missing("programs for macOS are built with clang, see llvm")),
    };
    let mut fields = vec![TRIPLE.of(triple), PREFIX.of(format!("{triple}-")), CC.of(format!("{triple}-gcc"))];
    let march = match target.cpu {
        Cpu::Arm(ArmVersion::V6) => Some("armv6".into()),
        _ => target.march(),
    };
    fields.extend(march.map(|march| MARCH.of(march)));
    Ok(fields)
}

const fn linux(cpu: Cpu) -> &'static str {
    match cpu {
        Cpu::I386 => "i686-linux-gnu",
        Cpu::Amd64(_) => "x86_64-linux-gnu",
        Cpu::Arm(ArmVersion::V5 | ArmVersion::V6) => "arm-linux-gnueabi",
        Cpu::Arm(ArmVersion::V7 | ArmVersion::V8) => "arm-linux-gnueabihf",
        Cpu::Arm64(_) => "aarch64-linux-gnu",
        Cpu::Loong64 => "loongarch64-linux-gnu",
        Cpu::Mips => "mips-linux-gnu",
        Cpu::MipsLe => "mipsel-linux-gnu",
        Cpu::Mips64 => "mips64-linux-gnuabi64",
        Cpu::Mips64Le => "mips64el-linux-gnuabi64",
        Cpu::Ppc64 => "powerpc64-linux-gnu",
        Cpu::Ppc64Le => "powerpc64le-linux-gnu",
        Cpu::Riscv64 => "riscv64-linux-gnu",
        Cpu::S390x => "s390x-linux-gnu",
    }
}

const fn windows(cpu: Cpu) -> &'static str {
    if let Cpu::Arm64(_) = cpu { "aarch64-w64-mingw32" } else { "x86_64-w64-mingw32" }
}
