//! A file that cannot be built, in the form that was asked for.

use std::io;

use super::args::Color;
use super::exit::{Exit, Failure};
use super::{limit, output};
use crate::analysis::{Analysis, Build, NodeInputs};
use crate::diagnostic::Diagnostic;
use crate::graph::Refusal;
use crate::model::platform::Platform;
use crate::report::write_diagnostics;
use crate::source::Source;

/// Writes a refusal for programs.
pub(super) type Json =
    fn(&Source, &Refusal, &[Diagnostic], &[Platform], &mut Vec<u8>) -> Result<(), io::Error>;

/// JSON goes to standard output, since a program asked for it; all else to standard error. No output file is made.
pub(super) fn refuse(
    json: Option<Json>,
    color: Color,
    source: &Source,
    refusal: &Refusal,
    found: &[Diagnostic],
    nodes: &[NodeInputs],
) -> Result<Exit, Failure> {
    match json {
        Some(json) => {
            let mut bytes = Vec::new();
            let targets = nodes.first().map_or(&[][..], |node| node.inputs.targets());
            json(source, refusal, found, targets, &mut bytes).map_err(Failure::Stream)?;
            output::print(&bytes)?;
        }
        None => say_refusal(source, refusal, found, color),
    }
    Ok(Exit::Refused)
}

/// What came of a build, which ends the command where it cannot be built.
pub(super) fn analysed(build: &Build, color: Color) -> Result<&Analysis, Failure> {
    build.outcome().map_err(|refused| {
        let source = build.text(refused.file).unwrap_or_else(|| build.source());
        said(source, &refused.refusal, color)
    })
}

/// Ends the command where there was more to do for a file than its limit allows.
pub(super) fn within_limit(source: &Source, color: Color) -> Result<(), Failure> {
    limit::refusal().map_or(Ok(()), |refusal| Err(said(source, &refusal, color)))
}

/// Says on standard error why a file cannot be built, which ends the command.
pub(super) fn said(source: &Source, refusal: &Refusal, color: Color) -> Failure {
    say_refusal(source, refusal, &[], color);
    Failure::Said(Exit::Refused)
}

/// Says on standard error why a file cannot be built.
fn say_refusal(source: &Source, refusal: &Refusal, found: &[Diagnostic], color: Color) {
    let all: Vec<&Diagnostic> = std::iter::once(&refusal.error).chain(&refusal.others).chain(found).collect();
    output::warn_raw(&write_diagnostics(source, &all, output::error_style(color)));
}
