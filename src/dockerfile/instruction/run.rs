//! `RUN`: its command, mounts, network, sandbox and devices.

use smallvec::SmallVec;

use super::super::ast::{Kind, Mount, MountOption, Network, Run, Security};
use super::super::directive::parse_bool;
use super::super::{csv, flags, heredoc, words};
use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

impl<'a> Builder<'_, 'a, '_> {
    pub(super) fn run(&mut self) -> Kind<'a> {
        let mounts = self.mounts();
        let text = |name| flags::find(self.raw.flags, name).and_then(|flag| flag.value);
        let network = match text("network") {
            None | Some("default") => Network::Default,
            Some("none") => Network::None,
            Some("host") => Network::Host,
            Some(other) => {
                self.refuse_flag("network", format!("--network takes default, none or host, not {other:?}"));
                Network::Default
            }
        };
        let security = match flags::find(self.raw.flags, "security").and_then(|flag| flag.value) {
            None | Some("sandbox") => Security::Sandbox,
            Some("insecure") => Security::Insecure,
            Some(other) => {
                self.refuse_flag("security", format!("--security takes sandbox or insecure, not {other:?}"));
                Security::Sandbox
            }
        };
        self.devices();
        let is_opening = |text| heredoc::opening(text).is_ok_and(|opening| opening.is_some());
        let only_document = !self.heredocs.is_empty() && is_opening(self.raw.arguments);
        let run = Run { command: self.command(), only_document, mounts, network, security };
        Kind::Run(self.parser.arena.node(run))
    }

    fn mounts(&mut self) -> &'a [Mount<'a>] {
        let mut mounts = SmallVec::<[Mount<'a>; 4]>::new();
        for flag in self.raw.flags.iter().filter(|flag| flag.name == "mount") {
            let Some(value) = flag.value else { continue };
            match csv::fields(self.parser.arena, value) {
                Ok(fields) => mounts.push(self.mount(&fields, flag.span)),
                Err(reason) => {
                    let message = format!("the options of --mount are malformed: {reason}");
                    self.refuse(Diagnostic::error(Code::BadMount, message).span(flag.span));
                }
            }
        }
        self.parser.arena.list(&mounts)
    }

    fn mount(&mut self, fields: &[&'a str], span: Span) -> Mount<'a> {
        let mut from = None;
        let mut options = SmallVec::<[MountOption<'a>; 8]>::new();
        for &raw in fields {
            let (key, value) = raw.split_once('=').map_or((raw, None), |(key, value)| (key, Some(value)));
            let lower = words::lower(key);
            let key = if lower == key { key } else { self.parser.arena.keep(&lower) };
            if key == "from"
                && let Some(value) = value
            {
                from = Some(value);
                if value.find('$').is_some_and(|at| at + 1 != value.len()) {
                    let diagnostic = Diagnostic::error(
                        Code::VariableInFrom,
                        "variables are not expanded in a mount's `from`",
                    )
                    .span(span)
                    .help("name a stage for it: `FROM image-$VARIABLE AS name`, then `from=name`");
                    self.refuse(diagnostic);
                }
            }
            options.push(MountOption { key, value, raw });
        }
        Mount { options: self.parser.arena.list(&options), from, span }
    }

    /// Devices do not reach the build graph; only their form is checked.
    fn devices(&mut self) {
        for flag in self.raw.flags.iter().filter(|flag| flag.name == "device") {
            let problem = match csv::fields(self.parser.arena, flag.value.unwrap_or_default()) {
                Ok(fields) => device_problem(&fields),
                Err(reason) => Some(reason),
            };
            if let Some(reason) = problem {
                let message = format!("the options of --device are malformed: {reason}");
                self.refuse(Diagnostic::error(Code::BadFlag, message).span(flag.span));
            }
        }
    }
}

fn device_problem(fields: &[&str]) -> Option<&'static str> {
    let mut named = false;
    for field in fields {
        match field.split_once('=').map(|(key, value)| (key.to_lowercase(), value)) {
            None if field.eq_ignore_ascii_case("required") => {}
            None if !named => named = true,
            None => return Some("an option is not of the form key=value"),
            Some((key, _)) if key == "name" && named => return Some("the device is named twice"),
            Some((key, _)) if key == "name" => named = true,
            Some((key, value)) if key == "required" => {
                if parse_bool(value).is_none() {
                    return Some("`required` is neither true nor false");
                }
            }
            Some(_) if !named => named = true,
            Some(_) => return Some("an option is neither `name` nor `required`"),
        }
    }
    None
}
