//! Inputs that a fuzzer found, as they cover the code best, and those that once went wrong: see `fuzz/`.

mod check;
mod inputs;

use std::path::PathBuf;

/// The inputs in a folder of the corpus; those of Dockerfiles lie at its top.
fn corpus(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz").join(folder);
    let mut files: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Whether an input is one of two kinds; panics where something does not hold.
type Holds = fn(&[u8]) -> bool;

/// Both answers occur among the inputs of every kind.
#[test]
fn what_is_no_dockerfile_holds_what_it_promises() {
    let kinds: [(&str, Holds); 5] = [
        ("definitions", inputs::definition),
        ("repositories", inputs::repository),
        ("scripts", inputs::script),
        ("logs", inputs::log),
        ("settings", inputs::settings),
    ];
    for (kind, holds) in kinds {
        let files = corpus(kind);
        let yes = files.iter().filter(|(_, bytes)| holds(bytes)).count();
        assert!(yes >= 5 && yes < files.len() - 3, "{kind}: {yes} of {}", files.len());
    }
}

#[test]
fn what_is_fixed_can_be_built_and_stays() {
    let fixed = corpus("").iter().filter(|(_, bytes)| check::fixes(bytes)).count();
    assert!(fixed > 5, "{fixed}");
}

/// What [`check`] says of any bytes holds, and both answers occur.
#[test]
fn reports_hold_what_they_promise() {
    let files = corpus("");
    assert!(files.len() >= 100, "only {} inputs", files.len());
    let built = files.iter().filter(|(_, bytes)| check::reports(bytes)).count();
    assert!(built > 20 && built < files.len() - 20, "{built} of {} can be built", files.len());
}

#[test]
fn every_line_can_be_explained_and_every_picture_drawn() {
    for (_, bytes) in corpus("") {
        check::explanations_and_pictures(&bytes);
    }
}

/// The program ends as the library says, in both formats, and writes where it should.
#[cfg(feature = "cli")]
#[test]
fn the_program_agrees() {
    use std::process::Command;

    for (path, bytes) in corpus("").iter().step_by(4) {
        let node = check::node(bytes);
        let targets: Vec<String> = node.inputs.targets().iter().map(ToString::to_string).collect();
        let built = check::reports(bytes);
        for format in ["text", "json"] {
            let mut program = Command::new(env!("CARGO_BIN_EXE_xsim"));
            program
                .args(["analyze", "--build-platform", "linux/amd64", "--build-arg", "VERSION=1.2"])
                .args(["--format", format])
                .arg(path);
            if !node.inputs.implicit_target {
                program.args(["--platform", &targets.join(",")]);
            }
            let output = program.output().unwrap();
            let expected = if built { 0 } else { 3 };
            assert_eq!(output.status.code(), Some(expected), "{} as {format}", path.display());
            let says = if built || format == "json" { &output.stdout } else { &output.stderr };
            assert!(!says.is_empty(), "{} as {format}", path.display());
        }
    }
}
