//! Values that a completion script offers though others are taken as well.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::advice::rules;
use crate::diagnostic::Severity;
use crate::sim::machine_names;

/// Any text; these are offered.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Suggested(fn() -> Vec<&'static str>);

/// Machines that have a name; a file is taken as well.
pub(in crate::cli) const MACHINES: Suggested = Suggested(|| machine_names().collect());

/// Platforms that images are mostly built for.
pub(in crate::cli) const PLATFORMS: Suggested = Suggested(|| {
    vec![
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/arm/v6",
        "linux/386",
        "linux/ppc64le",
        "linux/riscv64",
        "linux/s390x",
    ]
});

/// Rules.
pub(in crate::cli) const RULES: Suggested = Suggested(|| rules::all().map(|rule| rule.code).collect());

/// What a gate may name: severities and rules.
pub(in crate::cli) const GATES: Suggested = Suggested(|| {
    let severities = Severity::VALUES.map(Severity::as_str);
    severities.into_iter().chain(["never"]).chain(rules::all().map(|rule| rule.code)).collect()
});

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}
