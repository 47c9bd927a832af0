//! `xsim builds`

use std::path::Path;

use super::args::{Builds, BuildsFormat};
use super::exit::{Exit, Failure};
use super::repository::Disk;
use super::{limit, output, workflow};
use crate::budget;
use crate::builds::list;
use crate::report::builds::{write_json, write_text};

pub(super) fn run(args: &Builds) -> Result<Exit, Failure> {
    let folder = args.folder.as_deref().unwrap_or_else(|| Path::new("."));
    let disk = Disk::open(folder)?;
    let _run = budget::start(limit::of(&args.timeout, None)?);
    let repo = disk.repo();
    let builds = list(&repo);
    let found = {
        let _run = budget::start(limit::of(&args.timeout, None)?);
        workflow::found_in(&repo, &disk, &builds)
    };
    let mut bytes = Vec::new();
    match args.format {
        BuildsFormat::Text => write_text(&builds, &found, &mut bytes),
        BuildsFormat::Json => write_json(&builds, &found, &mut bytes),
    }
    .map_err(Failure::Stream)?;
    output::write(&args.show, &output::text(&String::from_utf8_lossy(&bytes)))?;
    Ok(Exit::Done)
}
