//! `HEALTHCHECK`: it never reaches the build graph, so only what BuildKit refuses is looked for.

use super::super::ast::{Keyword, Kind};
use super::super::json::Json;
use super::super::{duration, flags};
use super::Builder;
use crate::diagnostic::{Code, Diagnostic};

impl<'a> Builder<'_, 'a, '_> {
    pub(super) fn healthcheck(&mut self) -> Kind<'a> {
        let (kind, command) = health_command(self.raw.arguments);
        match kind.to_uppercase().as_str() {
            "" => self.at_least_one(Keyword::Healthcheck),
            "NONE" if command.is_empty() => {}
            "NONE" => self.bad_arguments("HEALTHCHECK NONE takes no arguments"),
            "CMD" => {
                let empty =
                    matches!(&self.raw.json, Json::Strings(words) if words.is_empty()) || command.is_empty();
                if empty {
                    self.bad_arguments("a command must follow HEALTHCHECK CMD");
                }
                self.health_flags();
            }
            _ => {
                let message = format!("HEALTHCHECK takes CMD or NONE, not {kind:?}");
                let diagnostic = Diagnostic::error(Code::BadArguments, message).span(self.line.span(kind));
                self.refuse(diagnostic);
            }
        }
        Kind::Healthcheck
    }

    fn health_flags(&mut self) {
        const MILLISECOND: i128 = 1_000_000;
        for name in ["interval", "timeout", "start-period", "start-interval"] {
            let text = flags::text(self.raw.flags, name);
            let fine = text.is_empty()
                || duration::parse(text).is_some_and(|nanos| nanos == 0 || nanos >= MILLISECOND);
            if !fine {
                let message =
                    format!("--{name} takes a duration such as 30s, of at least a millisecond, not {text:?}");
                self.refuse_flag(name, message);
            }
        }
        let retries = flags::text(self.raw.flags, "retries");
        if !retries.is_empty() && !retries.parse::<i32>().is_ok_and(|retries| retries >= 0) {
            self.refuse_flag("retries", format!("--retries takes a whole number from 0, not {retries:?}"));
        }
    }
}

/// The word after `HEALTHCHECK`, and the command after it.
pub(super) fn health_command(arguments: &str) -> (&str, &str) {
    let (kind, command) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
    (kind, command.trim_start())
}
