//! One sample under several scenarios, as the program reports them.

use std::process::Command;

use super::*;

/// Name of the expected report, and the options that lead to it; on `ubuntu-latest` unless they name another machine.
const SCENARIOS: &[(&str, &[&str])] = &[
    ("warm-front", &["--cache", "warm", "--changed", "web/src/main.ts"]),
    ("warm-front-empty-mounts", &["--changed", "web/src/main.ts", "--cache-mounts", "cold"]),
    ("cached-platform", &["--cached-platform", "linux/amd64"]),
    ("full-mounts", &["--cache-mounts", "warm"]),
    ("two-nodes", &["--machine", "native-pair"]),
    ("slowdown", &["--slowdown", "arm64=6"]),
];

/// Files of the build context; the Dockerfile beside them is the sample's.
const CONTEXT: &[(&str, usize)] = &[
    ("web/package.json", 1_200),
    ("web/package-lock.json", 180_000),
    ("web/src/main.ts", 9_000),
    ("go.mod", 400),
    ("go.sum", 6_000),
    ("cmd/server/main.go", 14_000),
];

#[test]
fn scenarios_of_a_sample() {
    let sample = root().join("samples/front-and-back");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios");
    let _ = std::fs::remove_dir_all(&folder);
    for (name, bytes) in CONTEXT {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![b'x'; *bytes]).unwrap();
    }
    std::fs::copy(sample.join("Dockerfile"), folder.join("Dockerfile")).unwrap();
    for (name, options) in SCENARIOS {
        let output = Command::new(env!("CARGO_BIN_EXE_xsim"))
            .current_dir(&folder)
            .args(["analyze", "Dockerfile", "--platform", "linux/amd64,linux/arm64"])
            .args(if options.contains(&"--machine") { &[][..] } else { &["--machine", "ubuntu-latest"] })
            .args(*options)
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        golden::check(sample.join(format!("scenarios/{name}.report.txt")), &text);
    }
}
