//! The work of installing packages of Python, by how many they are and how large their wheels.

use super::command::{named, requirements};
use super::known::Known;
use super::programs::Scale;
use super::size::Sized;
use super::wheels::brought;
use crate::context::{ManifestKind, Named};
use crate::shell::SimpleCommand;

/// Core-seconds for nothing, for each package, for each megabyte of wheels up to [`MOSTLY_SCRIPTS`], and beyond.
///
/// Source: the fitted half of `tests/data/projects`, what is installed by name: flask, 7 packages of 0.6 MB, 1.5; boto3, 7 of 16 MB, 4.4; pandas, 4
/// of 28 MB, 8; jupyterlab, 80 of 50 MB, 15; streamlit, 34 of 117 MB, 18. Beyond it is a guess: libraries are unpacked, but not compiled to
/// bytecode.
const BASE: f64 = 0.4;
const PACKAGE: f64 = 0.09;
const MEGABYTE: f64 = 0.25;
const MORE_MEGABYTE: f64 = 0.05;
const MOSTLY_SCRIPTS: f64 = 60.0;

/// Seconds that pip waits for each package: it asks for one after another, other installers for many at once.
///
/// Source: a guess; in `tests/data/published` pip takes 34 s longer than uv for 46 packages (`open-terminal`) and 147 s for 64 (`oioioi`), of which
/// computing is a part.
const WAIT: f64 = 0.2;

/// The spread of the logarithm of that where all packages are told, and where those that others bring are guessed.
const SIGMA: f64 = 0.4;
const SIGMA_OF_LIST: f64 = 0.6;

/// Megabytes of a package that is not in the table: those of which only few are.
const SMALL: f64 = 0.3;

/// Packages that a line of `requirements.txt` brings, itself included: some lists name all of them, others only what is used.
///
/// Source: a guess; of the fitted half of `tests/data/projects` what is installed by one name brings 6 to 95 packages, 14 in the middle.
const REQUIREMENT_BRINGS: f64 = 1.6;

/// Packages that one brings which is in no table, itself included. Source: a guess; those that bring more than six are in the table.
const UNKNOWN_BRINGS: f64 = 4.0;

/// The spread of the logarithm where only such are named.
const SIGMA_OF_UNKNOWN: f64 = 1.0;

/// Megabytes of what brings the libraries of CUDA, and of the same without them, which the index of `PyTorch` has.
const WITH_CUDA: f64 = 1_500.0;
const WITHOUT_CUDA: f64 = 230.0;

/// Sub-commands of installers.
const VERBS: [&str; 8] = ["pip", "install", "download", "wheel", "tool", "add", "sync", "inject"];

/// What an installer has to do for the list that it finds at `place`, where `scale` says that it reads one, and for the packages that
/// it names. `None` where neither tells.
pub(super) fn python(
    command: &SimpleCommand<'_>,
    scale: Scale,
    known: &Known<'_>,
    place: &str,
) -> Option<Sized> {
    let architecture = known.system.architecture;
    let by_name: Vec<Named> = match command.base_name() {
        "conda" | "mamba" | "micromamba" => Vec::new(),
        _ => named(command)
            .filter(|word| !VERBS.contains(word) && word.rsplit_once('.').is_none_or(|(_, end)| end != "whl"))
            .map(|word| Named { name: word.into(), built: None })
            .collect(),
    };
    let found = known.project.filter(|_| scale == Scale::Requirements).and_then(|project| {
        let kind = project.python(place)?;
        Some((kind, project.packages(kind, place)?, project.names(kind, place), project))
    });
    // Without what they need: the project alone, or what is named.
    let is_alone = command.args.iter().any(|arg| arg == "--no-deps") && requirements(command).is_none();
    let found = found.filter(|_| !is_alone);
    let of_list = found.map_or(&[][..], |(_, _, names, _)| names);
    let is_without_cuda = command.args.iter().any(|arg| arg.contains("/whl/cpu") || arg.ends_with("+cpu"));
    let (mut most, mut own, mut packages, mut told) = (0.0_f64, 0.0, 0.0_f64, 0.0);
    for package in of_list.iter().chain(&by_name) {
        if let Some(brings) = brought(&package.name, architecture) {
            let is_large = is_without_cuda && brings.megabytes > WITH_CUDA;
            let (all, itself) = if is_large { (WITHOUT_CUDA, 0.0) } else { (brings.megabytes, brings.own) };
            (most, own) = (most.max(all), own + itself);
            packages = packages.max(brings.packages);
            told += 1.0;
        }
    }
    let lines = match found {
        Some((ManifestKind::PythonLock, lines, ..)) => f64::from(lines),
        Some((_, lines, ..)) => f64::from(lines) * REQUIREMENT_BRINGS,
        None if is_alone => by_name.len().max(1) as f64,
        // A list that is not known is a usual project's.
        None if scale == Scale::Requirements || by_name.is_empty() => return None,
        None => told + UNKNOWN_BRINGS * (by_name.len() as f64 - told),
    };
    // What the largest brings is mostly what the others bring, too.
    let packages = packages.max(lines);
    let megabytes = most.max(own + SMALL * (packages - told));
    let cpu = BASE
        + PACKAGE * packages
        + MEGABYTE * megabytes.min(MOSTLY_SCRIPTS)
        + MORE_MEGABYTE * (megabytes - MOSTLY_SCRIPTS).max(0.0);
    let size = format!("{megabytes:.0} MB of wheels");
    Some(Sized {
        cpu,
        dependencies: 0.0,
        network: Some(megabytes),
        wait: if command.base_name().starts_with("pip") { WAIT * packages } else { 0.0 },
        serial: None,
        sigma: match found {
            Some(_) => SIGMA_OF_LIST,
            None if told == 0.0 => SIGMA_OF_UNKNOWN,
            None => SIGMA,
        },
        rests_on: match found {
            Some((kind, .., project)) => format!("{}, {size}", project.describe(&[kind], &[], place)),
            None => size,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::project::Project;
    use super::*;
    use crate::shell::commands;

    #[test]
    fn large_packages_take_longer() {
        let project = Project::default().with_packages(ManifestKind::Requirements, 20);
        let known = Known { project: Some(&project), ..Known::default() };
        let of = |script, scale| python(&commands(script)[0], scale, &known, "/src");
        let cpu = |script| of(script, Scale::Fixed).unwrap().cpu;
        assert!(cpu("pip install torch") > 10.0 * cpu("pip install black"));
        assert!(cpu("pip install pandas flask") >= cpu("pip install pandas"));
        assert!(cpu("pip install no-such-thing") < cpu("pip install flask"));
        assert_eq!(of("pip install git+https://example.com/x", Scale::Fixed), None);
        assert_eq!(of("conda install pandas", Scale::Fixed), None);
        let unknown = &commands("pip install --prefix=/install -r requirements.txt")[0];
        assert_eq!(python(unknown, Scale::Requirements, &Known::default(), "/src"), None);
        let list = of("pip install -r requirements.txt", Scale::Requirements).unwrap();
        let more = of("pip install -r requirements.txt torch", Scale::Requirements).unwrap();
        assert!(list.cpu < 20.0 && more.cpu > 3.0 * list.cpu);
        assert!(more.rests_on.starts_with("20 Python packages, "), "{}", more.rests_on);
        let at_once = of("uv pip install -r requirements.txt", Scale::Requirements).unwrap();
        let torch = of("pip install torch", Scale::Requirements).unwrap().network;
        let for_cpus = "pip install torch --index-url https://download.pytorch.org/whl/cpu";
        assert!(of(for_cpus, Scale::Requirements).unwrap().network < torch.map(|megabytes| megabytes / 4.0));
        assert!(list.wait > 4.0 && at_once.wait == 0.0);
    }
}
