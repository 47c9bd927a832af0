//! `xsim bake`

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::{Bake, BuildArgs, Color};
use super::exit::{Exit, Failure};
use super::refusal::analysed;
use super::{definition, limit, load, output, paths};
use crate::analysis::Build;
use crate::bake::{
    Error, Files, Kind, MAX_FILE_BYTES, Options, ReadError, Resolved, Shorthands, Stat, resolve,
};
use crate::budget;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::report::json_text::json_lines;
use crate::report::{group_json, write_diagnostics};

/// What makes a definition mean nothing.
const DEFINITION: Rule = Rule {
    code: "bake-definition",
    severity: Severity::Error,
    summary: "the definition cannot be resolved",
    ..Rule::PLAIN
};

/// Files below the working directory, and standard input as `-`.
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let other = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Other(error.to_string()),
        };
        // One byte more than is read tells that there is more.
        let limit = MAX_FILE_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        if path == "-" {
            io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| other(&error))?;
            return Ok(bytes);
        }
        paths::leads_not_out(Path::new(path)).map_err(|error| other(&error))?;
        let file = fs::File::open(path).map_err(|error| other(&error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(ReadError::Other("is a folder".to_owned()));
        }
        file.take(limit).read_to_end(&mut bytes).map_err(|error| other(&error))?;
        Ok(bytes)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let metadata = fs::metadata(path).ok()?;
        let kind = if metadata.is_dir() {
            Kind::Directory
        } else if is_socket(&metadata) {
            Kind::Socket
        } else {
            Kind::File
        };
        Some(Stat { kind, bytes: metadata.len() })
    }
}

#[cfg(unix)]
fn is_socket(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_socket()
}

#[cfg(not(unix))]
fn is_socket(_: &fs::Metadata) -> bool {
    false
}

pub(super) fn run(args: &Bake) -> Result<Exit, Failure> {
    let options = options(args)?;
    let _run = budget::start(limit::of(&args.timeout, None)?);
    let resolved = match resolve(&Disk, &options) {
        Ok(resolved) => resolved,
        Err(error) => return Ok(refused(&error, args.color)),
    };
    warn(&resolved);
    if args.format.is_some() {
        return graph(args, &resolved);
    }
    let text = json_lines(&resolved.to_json()).map_err(|error| Failure::Stream(error.into()))?;
    output::print(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The work of a vertex in the report.
const VERTEX: u64 = 2_000;

/// Writes the graph that all targets of a definition make together.
fn graph(args: &Bake, resolved: &Resolved) -> Result<Exit, Failure> {
    let typed = BuildArgs { node: args.build_platform.clone(), ..BuildArgs::default() };
    let build = Build::of(definition::request(resolved, "the definition", &typed, None)?);
    let analysis = analysed(&build, args.color)?;
    if let Some(refusal) = limit::on_report(analysis, VERTEX) {
        output::error(&refusal.error.message);
        return Ok(Exit::Refused);
    }
    let mut bytes = Vec::new();
    group_json(&build, analysis, &mut bytes).map_err(Failure::Stream)?;
    output::print(&bytes)?;
    Ok(Exit::Done)
}

/// What the arguments ask for, in this environment.
pub(super) fn options(args: &Bake) -> Result<Options, Failure> {
    let mut variables = BTreeMap::new();
    for given in args.var.iter().filter(|given| !given.is_empty()) {
        match given.split_once('=') {
            Some((name, value)) if !name.is_empty() => variables.insert(name.to_owned(), value.to_owned()),
            _ => return Err(Failure::Usage(format!("--var {given}: NAME=VALUE is expected"))),
        };
    }
    let shorthands = Shorthands {
        push: args.push,
        load: args.load,
        call: if args.check { Some("check".to_owned()) } else { args.call.clone() },
        no_cache: args.no_cache,
        pull: args.pull,
        sbom: args.sbom.clone(),
        provenance: args.provenance.clone(),
        policies: args.policy.clone(),
    };
    let (overrides, disable_policy) = shorthands.overrides().map_err(Failure::Usage)?;
    Ok(Options {
        files: args.files.clone(),
        targets: args.targets.clone(),
        set: args.set.iter().cloned().chain(overrides).collect(),
        variables,
        disable_policy,
        ..surroundings(args.build_platform.as_deref())
    })
}

/// What a definition is resolved in: this environment, now, on a node of the platform that is named, or this machine's.
pub(super) fn surroundings(node: Option<&str>) -> Options {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    Options {
        env: environment(),
        local_platform: node.map_or_else(|| load::host_platform().to_string(), str::to_owned),
        now: i64::try_from(now).unwrap_or(0),
        look_outside: true,
        ..Options::default()
    }
}

/// The variables of the environment that are text.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Says why a definition means nothing.
pub(super) fn refused(error: &Error, color: Color) -> Exit {
    match &error.place {
        Some((source, span)) => {
            let style = output::error_style(color);
            let diagnostic = Diagnostic::new(&DEFINITION, &*error.message).span(*span);
            output::warn_raw(&write_diagnostics(source, &[&diagnostic], style));
        }
        None => output::error(&error.message),
    }
    Exit::Refused
}

/// Says what of a definition is not certain.
pub(super) fn warn(resolved: &Resolved) {
    if !resolved.volatile.is_empty() {
        let names = resolved.volatile.join(", ");
        output::warn(&format!(
            "values that come from {names} change from run to run: those of this run are shown"
        ));
    }
    for (target, path) in resolved.leaving() {
        let path = Path::new(path).display();
        output::warn(&format!("target {target}: {path} leads out of this folder"));
    }
}
