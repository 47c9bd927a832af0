//! Every platform in every toolchain's words, against a table checked by hand and against the toolchains themselves.

use std::fmt::Write;
use std::process::Command;

use xsim::model::platform::Platform;
use xsim::translate::{PLATFORMS, Toolchain, TranslateError, translate};

/// One line for each platform and toolchain: platform, toolchain, assignments; or `-` and the reason why not.
const GOLDEN: &str = include_str!("../data/translate.tsv");

#[track_caller]
fn platform(text: &str) -> Platform {
    Platform::parse(text, &Platform::default()).unwrap()
}

/// The row of the golden table that the tables in `src/translate` make.
fn row(name: &str, toolchain: Toolchain) -> String {
    let mut row = format!("{name}\t{toolchain}\t");
    match translate(&platform(name), toolchain) {
        Ok(words) => {
            for (at, field) in words.fields.iter().enumerate() {
                let gap = if at == 0 { "" } else { "; " };
                write!(row, "{gap}{field}").unwrap();
            }
        }
        Err(TranslateError::Unsupported { reason, .. }) => write!(row, "- {reason}").unwrap(),
        Err(other) => panic!("{name} for {toolchain}: {other}"),
    }
    row
}

/// To change the table on purpose, write the rows this test prints into `data/translate.tsv` and read the difference.
#[test]
fn golden_table() {
    let rows: Vec<String> =
        PLATFORMS.iter().flat_map(|name| Toolchain::VALUES.iter().map(|&t| row(name, t))).collect();
    let expected: Vec<&str> = GOLDEN.lines().collect();
    assert_eq!(rows, expected, "rows now:\n{}\n", rows.join("\n"));
}

#[test]
fn variants_beyond_the_table() {
    let cases = [
        ("linux/arm64/v8", Toolchain::Golang, "arm64", "v8.0"),
        ("linux/arm64/v8.2", Toolchain::Golang, "arm64", "v8.2"),
        ("linux/arm64/v9", Toolchain::Golang, "arm64", "v9.0"),
        ("linux/arm64/v9", Toolchain::Gnu, "march", "armv9-a"),
        ("linux/arm64/v8.2", Toolchain::Llvm, "march", "armv8.2-a"),
        ("linux/arm64/v9.1", Toolchain::Rust, "rustflags", "-C target-feature=+v9.1a"),
        ("linux/arm", Toolchain::Debian, "arch", "armhf"),
        ("linux/aarch64", Toolchain::Uname, "machine", "aarch64"),
        ("linux/x86_64/v1", Toolchain::Docker, "platform", "linux/amd64"),
        ("freebsd/amd64", Toolchain::Docker, "directory", "freebsd_amd64"),
        ("windows(10.0.20348)/amd64", Toolchain::Docker, "platform", "windows(10.0.20348)/amd64"),
        ("windows/amd64/v3", Toolchain::Golang, "GOAMD64", "v3"),
    ];
    for (name, toolchain, field, expected) in cases {
        let words = translate(&platform(name), toolchain).unwrap();
        assert_eq!(words.field(field), Ok(expected), "{name} for {toolchain}");
    }
}

#[test]
fn a_field_without_use_is_empty() {
    let words = translate(&platform("linux/amd64"), Toolchain::Golang).unwrap();
    assert_eq!(words.field("arm"), Ok(""));
    assert_eq!(words.field("GOARM"), Ok(""));
    assert_eq!(words.field("GOAMD64"), Ok("v1"));
}

#[test]
fn errors_name_what_there_is() {
    let error = |name, toolchain| translate(&platform(name), toolchain).expect_err("no words").to_string();
    let cases = [
        (
            error("linux/arm/v5", Toolchain::Alpine),
            "alpine has no word for linux/arm/v5: Alpine's oldest arm port is armhf, for ARMv6; Debian's armel \
             runs on ARMv5; it has linux/386, linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/amd64/v4, \
             linux/arm/v6, linux/arm/v7, linux/arm/v8, linux/arm64, linux/loong64, linux/ppc64le, \
             linux/riscv64, linux/s390x",
        ),
        (
            "cobol".parse::<Toolchain>().expect_err("no such toolchain").to_string(),
            "no words for \"cobol\"; there are words for golang, rust, debian, alpine, gnu, llvm, uname, docker",
        ),
        (
            translate(&platform("linux/amd64"), Toolchain::Alpine)
                .unwrap()
                .field("libc")
                .expect_err("no such field")
                .to_string(),
            "alpine has no field \"libc\"; it has arch, triple",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error, expected);
    }
    for unknown in ["freebsd/amd64", "linux/sparc64", "linux/amd64/v9", "linux/arm64/v7", "darwin/riscv64"] {
        let error = error(unknown, Toolchain::Rust);
        assert!(error.starts_with(&format!("no toolchain's word for {unknown} is known")), "{error}");
        assert!(error.ends_with(&PLATFORMS.join(", ")), "{error}");
    }
}

#[test]
fn names_read_back() {
    for &toolchain in Toolchain::VALUES {
        assert_eq!(toolchain.to_string().parse(), Ok(toolchain));
    }
    for name in PLATFORMS {
        assert_eq!(platform(name).normalized().to_string(), *name);
    }
}

#[test]
fn every_field_is_declared() {
    for &toolchain in Toolchain::VALUES {
        for words in toolchain.platforms().filter_map(|name| translate(&platform(name), toolchain).ok()) {
            for field in &words.fields {
                assert!(toolchain.fields().contains(&field.name), "{toolchain}: {field}");
                assert!(!field.value.is_empty(), "{toolchain}: {field}");
            }
        }
    }
}

/// A triple with a slip in it would only be noticed by the person whose build then fails.
#[test]
fn rustc_knows_every_target() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-list"]).output().unwrap();
    let known = String::from_utf8(output.stdout).unwrap();
    for name in PLATFORMS {
        let words = translate(&platform(name), Toolchain::Rust).unwrap();
        for field in words.fields.iter().filter(|field| field.name.name.ends_with("target")) {
            assert!(known.lines().any(|line| line == field.value), "{name}: {field}");
        }
    }
}
