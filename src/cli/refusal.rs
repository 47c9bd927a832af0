//! A file that cannot be built, in the form that was asked for.

use std::io;

use super::args::Color;
use super::exit::{Exit, Failure};
use super::output;
use crate::analysis::NodeInputs;
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

/// Says on standard error why a file cannot be built.
pub(super) fn say_refusal(source: &Source, refusal: &Refusal, found: &[Diagnostic], color: Color) {
    let all: Vec<&Diagnostic> = std::iter::once(&refusal.error).chain(&refusal.others).chain(found).collect();
    output::warn_raw(&write_diagnostics(source, &all, output::error_style(color)));
}
