//! The logs that a command is given: read, named and joined with their provenance.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::args::Color;
use super::counter::Counted;
use super::exit::{Exit, Failure};
use super::{limit, load, output};
use crate::budget::{self, Limit};
use crate::ingest::{IngestError, ObservedBuild, Outcome, Provenance, Record, read};
use crate::report::escape::visible;

/// What the files of a command told.
pub(super) struct Told {
    /// The builds with their names.
    pub(super) builds: Vec<(String, ObservedBuild)>,
    /// Documents of provenance that are of other builds, by the names of their files.
    pub(super) unused: Vec<String>,
    /// [`Exit::Refused`] where a file takes more than its limit, which was said. There may be no builds then.
    pub(super) exit: Exit,
}

/// A log is read in pieces of this size.
const PIECE: usize = 1 << 18;

impl Told {
    /// Reads files of any form; `-` is standard input. One that is from no build is named and left out; it is an error where
    /// none tells of a build.
    pub(super) fn read(paths: &[PathBuf], limit: Limit, color: Color) -> Result<Self, Failure> {
        let names = names(paths);
        let mut record = Record::default();
        let (mut of_builds, mut of_provenance): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut exit = Exit::Done;
        for (at, path) in paths.iter().enumerate() {
            let _run = budget::start(limit);
            let told = one(path)?;
            if let Some(refusal) = limit::refusal() {
                exit = load::said_refused(path, &refusal, color).exit();
            } else if let Some(told) = told {
                of_builds.resize(of_builds.len() + told.builds.len(), at);
                of_provenance.resize(of_provenance.len() + told.provenance.len(), at);
                record.extend(told);
            }
        }
        let unused = record.join().into_iter().map(|at| names[of_provenance[at]].clone()).collect();
        if record.builds.is_empty() && exit == Exit::Done {
            return Err(no_build(paths, &record.provenance));
        }
        let count = |file: usize| of_builds.iter().filter(|of| **of == file).count();
        let counts: Vec<usize> = (0..paths.len()).map(count).collect();
        let mut seen = vec![0; paths.len()];
        let named = of_builds.into_iter().zip(record.builds).map(|(file, build)| {
            seen[file] += 1;
            let name = if counts[file] == 1 {
                names[file].clone()
            } else if build.place.is_empty() {
                format!("{} build {}", names[file], seen[file])
            } else {
                format!("{} build {}, {}", names[file], seen[file], build.place)
            };
            (name, build)
        });
        Ok(Self { builds: named.collect(), unused, exit })
    }
}

/// That no file tells the times of a build.
fn no_build(paths: &[PathBuf], provenance: &[Provenance]) -> Failure {
    let message = if provenance.is_empty() {
        "no log tells the times of a build"
    } else {
        "provenance tells what the steps of a build were, not when they ran: give its log, too"
    };
    let error = io::Error::new(io::ErrorKind::InvalidData, message);
    Failure::File(paths.first().cloned().unwrap_or_default(), error)
}

/// Reads a file; `None` for one that is from no build, which is said.
fn one(path: &Path) -> Result<Option<Record>, Failure> {
    let told = if path == Path::new("-") {
        read(BufReader::with_capacity(PIECE, Counted::new(io::stdin().lock(), "MB of logs read")))
    } else {
        let file = File::open(path).map_err(|error| Failure::File(path.to_owned(), error))?;
        read(BufReader::with_capacity(PIECE, Counted::new(file, "MB of logs read")))
    };
    match told {
        Ok(record) => Ok(Some(record)),
        Err(IngestError::Io(error)) => Err(Failure::File(path.to_owned(), error)),
        Err(_) if limit::refusal().is_some() => Ok(None),
        Err(error) => {
            let name = path.display().to_string();
            output::warn_raw(&format!("warning: {}: left out, as {error}\n", visible(&name)));
            Ok(None)
        }
    }
}

/// The one build in a file that is a log: one that tells what became of a step. `None` for any other file, and for
/// standard input, which can be read once only.
pub(super) fn build_in(path: &Path) -> Option<ObservedBuild> {
    if path == Path::new("-") {
        return None;
    }
    let _run = budget::start(limit::FINDING);
    let told = read(BufReader::with_capacity(PIECE, File::open(path).ok()?)).ok()?;
    let [build] = <[ObservedBuild; 1]>::try_from(told.builds).ok()?;
    let tells = |outcome: Outcome| !matches!(outcome, Outcome::Unfinished | Outcome::NeverStarted);
    build.steps.iter().any(|step| tells(step.outcome)).then_some(build)
}

/// The names of files, with as many of their folders as tell them apart.
pub(super) fn names(paths: &[PathBuf]) -> Vec<String> {
    let parts: Vec<Vec<String>> = paths
        .iter()
        .map(|path| path.iter().map(|part| part.to_string_lossy().into_owned()).collect())
        .collect();
    let tail = |parts: &[String], count: usize| parts[parts.len().saturating_sub(count)..].join("/");
    let deepest = parts.iter().map(Vec::len).max().unwrap_or(1);
    let distinct = |count: &usize| {
        let mut names: Vec<String> = parts.iter().map(|parts| tail(parts, *count)).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1])
    };
    let count = (1..=deepest).find(distinct).unwrap_or(1);
    let named = |parts: &Vec<String>| match tail(parts, count) {
        name if name == "-" => "standard input".to_owned(),
        name => name,
    };
    parts.iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_files_apart() {
        let named = |paths: &[&str]| names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(named(&["a/b.log"]), ["b.log"]);
        assert_eq!(
            named(&["x/a/b.log", "x/c/b.log", "d.log"]),
            ["a/b.log", "c/b.log", "x/d.log"][..2]
                .iter()
                .map(|n| (*n).to_owned())
                .chain(["d.log".to_owned()])
                .collect::<Vec<_>>()
        );
        assert_eq!(named(&["-"]), ["standard input"]);
    }
}
