//! Small Dockerfiles, each after a public report or a fault seen, of which it is known what is true: `tests/data/judgements`.
//!
//! The judge is a script, since it runs fixed scripts under a real shell with programs that only record how they are called.

use std::path::Path;
use std::process::Command;

/// Cases that are not right yet, each with the reason.
const KNOWN: &[&str] = &[
    // Whether a base that is not described has a working directory cannot be told; BuildKit's labels take it as absent.
    "mount-dot-unknown-workdir",
    // What a makefile, a script or a package's scripts of the context do is not followed.
    "make-recipe-hard",
    "make-assign-beats-env",
    "script-hard",
    "npm-run-package-json",
    // The header of a program in the context is not read.
    "ctx-elf-amd64",
    // What leaves a stage by a bind mount is not seen.
    "harm-wheels-mount",
    "mount-venv-foreign",
    // What an argument would name instead of its default is not thought of.
    "harm-variable-scratch",
    "harm-variable-scratch-buildplatform",
    // A name without a value is still a word to the rules.
    "fe-unset-options",
    // A folder of the base hides what a step writes below it.
    "onetoken-gopath",
    // A last stage on a toolchain is taken for one to test in, also where it starts a program.
    "runtime-builder-with-cmd",
    // A recipe does not move what the compiler writes elsewhere.
    "recipe-xx-cargo-path",
    "recipe-target-dir",
    // The root of the stages that bundle is not pinned for them.
    "fe-deps-both",
    // Programs for another system than the image's are to be handed out.
    "hard-all-archs-served",
    "harm-windows-exe",
    // ENV between two steps gives the value that the later one uses.
    "lost-env-between",
    // Some makers of packages, and the crash of `npm install`, are not known.
    "java-jlink-pinned",
    "py-wheels-pinned",
    "php-ext-pinned",
    "elixir-release-pinned",
    "hang-npm-node22",
    // Folders of one architecture outside of a RUN's or COPY's own words.
    "trip-libz",
    "trip-ld-path",
    // A wrapper that cannot hear of the target is trusted.
    "xx-no-targetplatform",
    // Other makers of programs than compilers and package managers, and images for one architecture that a COPY names.
    "deno-compile",
    "arch-copy-from-arch-image",
    // Where nothing tells the size of the work, it is priced at the median, far from what these took.
    "time-maven",
    "time-apt-pip",
];

#[test]
fn every_case_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/judgements");
    let judge = Command::new("python3")
        .arg(folder.join("check.py"))
        .arg(env!("CARGO_BIN_EXE_xsim"))
        .args(["cases.jsonl", "public.jsonl"].map(|cases| folder.join(cases)))
        .output()
        .expect("python3 runs the judge");
    let said = String::from_utf8_lossy(&judge.stdout);
    let totals = said.lines().last().unwrap_or_default();
    assert!(totals.starts_with("judged: "), "{said}{}", String::from_utf8_lossy(&judge.stderr));
    let is_id = |word: &&str| {
        *word != "judged" && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let wrong: Vec<&str> =
        said.lines().filter_map(|line| line.split_once(": ")).map(|(id, _)| id).filter(is_id).collect();
    let new: Vec<&&str> = wrong.iter().filter(|id| !KNOWN.contains(id)).collect();
    assert!(new.is_empty(), "{new:?}\n{said}");
}
