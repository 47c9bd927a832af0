//! `xsim translate`

use std::fmt::Write as _;

use super::args::Translate;
use super::exit::{Exit, Failure};
use super::load::platform;
use super::output;
use crate::translate::{Toolchain, translate};

pub(super) fn run(args: &Translate) -> Result<Exit, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let platform = platform(&args.platform, &super::load::host_platform())?;
    let toolchain: Toolchain = args.toolchain.parse().map_err(|error| usage(&error))?;
    let translation = translate(&platform, toolchain).map_err(|error| usage(&error))?;
    let mut text = String::new();
    match &args.field {
        Some(name) => {
            let value = translation.field(name).map_err(|error| usage(&error))?;
            let _ = writeln!(text, "{value}");
        }
        None => translation.fields.iter().for_each(|field| {
            let _ = writeln!(text, "{field}");
        }),
    }
    output::print(text.as_bytes())?;
    Ok(Exit::Done)
}
