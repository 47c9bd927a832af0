//! The `--name=value` words in front of an instruction's arguments.

use bumpalo::collections::String as BumpString;
use smallvec::SmallVec;

use super::arena::Arena;
use super::ast::{Flag, Keyword};
use super::lines::Logical;
use super::specs::{self, Spec, Takes};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;

/// Cuts the flags off `text`, which begins at `offset` of the line, and returns what follows them.
///
/// BuildKit walks this part byte by byte, so a byte 0x85 or 0xA0 inside a character counts as white space.
pub(super) fn extract<'a>(
    arena: &'a Arena,
    line: &Logical<'a>,
    text: &'a str,
    escape: u8,
) -> (&'a [Flag<'a>], &'a str) {
    let mut flags = SmallVec::<[Flag<'a>; 8]>::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    loop {
        while at < bytes.len() && is_space(bytes[at]) {
            at += 1;
        }
        if !bytes[at..].starts_with(b"--") {
            return (arena.list(&flags), &text[boundary(text, at)..]);
        }
        let start = at;
        let (word, end) = word(arena, text, start, escape);
        at = end;
        if word == "--" {
            return (arena.list(&flags), &text[boundary(text, at)..]);
        }
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let span = line.span_of(text, start..boundary(text, end));
        flags.push(Flag { name: name.strip_prefix("--").unwrap_or(name), value, span });
    }
}

/// The word that starts at `start`, quotes and escapes undone, and where it ends.
fn word<'a>(arena: &'a Arena, text: &'a str, start: usize, escape: u8) -> (&'a str, usize) {
    let bytes = text.as_bytes();
    let plain = bytes[start..]
        .iter()
        .position(|&b| !b.is_ascii_graphic() || b == b'\'' || b == b'"' || b == escape)
        .map_or(text.len(), |length| start + length);
    if plain == text.len() || is_space(bytes[plain]) && bytes[plain].is_ascii() {
        return (&text[start..plain], plain);
    }
    let mut word = BumpString::from_str_in(&text[start..plain], arena.bump());
    let mut quote = None;
    let mut at = plain;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            None if is_space(byte) => break,
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
            Some(open) if byte == open => quote = None,
            _ if byte == escape => {
                at += 1;
                if let Some(&escaped) = bytes.get(at) {
                    word.push(char::from(escaped));
                }
            }
            _ => word.push(char::from(byte)),
        }
        at += 1;
    }
    (word.into_bump_str(), at.min(text.len()))
}

/// The first character boundary at or after `at`, which may be inside a character.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// Checks `flags` against what the instruction has; every problem is returned, the first being BuildKit's.
pub(super) fn check(instruction: &str, flags: &[Flag<'_>], spec: Spec) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, flag) in flags.iter().enumerate() {
        let Some(&(_, takes)) = spec.iter().find(|(name, _)| *name == flag.name) else {
            problems.push(unknown(instruction, flag, spec));
            continue;
        };
        let repeated = flags[..index].iter().any(|earlier| earlier.name == flag.name);
        let problem = if repeated && takes != Takes::Values {
            Some(format!("--{} is given twice", flag.name))
        } else {
            match (takes, flag.value) {
                (Takes::Bool, Some("")) | (Takes::Value | Takes::Values, None) => {
                    Some(format!("--{} lacks its value", flag.name))
                }
                (Takes::Bool, Some(value)) if bool_value(value).is_none() => {
                    Some(format!("--{} takes true or false, not {value:?}", flag.name))
                }
                _ => None,
            }
        };
        problems.extend(problem.map(|message| Diagnostic::error(Code::BadFlag, message).span(flag.span)));
    }
    problems
}

/// The truth value of a bool flag's text.
pub(super) fn bool_value(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// What a flag is called by other tools, and here.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("mode", "chmod"),
    ("owner", "chown"),
    ("user", "chown"),
    ("ignore", "exclude"),
    ("sha256", "checksum"),
    ("net", "network"),
    ("delay", "start-period"),
    ("gpus", "device"),
];

fn unknown(instruction: &str, flag: &Flag<'_>, spec: Spec) -> Diagnostic {
    let message = format!("{instruction} has no flag --{}", flag.name);
    let diagnostic = Diagnostic::error(Code::UnknownFlag, message).span(flag.span);
    // A published mistake: `FROM --from=${BUILDPLATFORM} image`.
    let meant_platform = instruction == "FROM" && flag.value.is_some_and(|value| value.contains("PLATFORM"));
    let near = if meant_platform {
        Some("platform")
    } else {
        let mut known = spec.iter().map(|&(name, _)| name);
        let other = OTHER_NAMES.iter().find(|(other, _)| *other == flag.name);
        nearest(flag.name, known.clone())
            .or_else(|| known.find(|name| other.is_some_and(|(_, meant)| meant == name)))
    };
    match near {
        Some(name) => {
            let value = flag.value.map_or_else(String::new, |value| format!("={value}"));
            diagnostic.help(format!("write `--{name}{value}`"))
        }
        None if spec.is_empty() => diagnostic.help(format!("{instruction} has no flags")),
        None => {
            let names: Vec<String> = spec.iter().map(|(name, _)| format!("--{name}")).collect();
            let others: Vec<&str> = others(flag.name).collect();
            let elsewhere = match others.as_slice() {
                [] => String::new(),
                others => format!("; --{} is a flag of {}", flag.name, others.join(" and ")),
            };
            diagnostic.help(format!("{instruction} has {}{elsewhere}", names.join(", ")))
        }
    }
}

/// The instructions that have a flag of this name.
fn others(name: &str) -> impl Iterator<Item = &'static str> {
    let has = move |keyword: &&Keyword| {
        specs::of(**keyword).is_some_and(|spec| spec.iter().any(|(own, _)| *own == name))
    };
    Keyword::VALUES.iter().filter(has).map(|keyword| keyword.as_str())
}

/// The span over all of `flags`, for pointing at them together.
pub(super) fn find<'f, 'a>(flags: &'f [Flag<'a>], name: &str) -> Option<&'f Flag<'a>> {
    flags.iter().find(|flag| flag.name == name)
}

/// The value of the flag `name`, or `""`.
pub(super) fn text<'a>(flags: &[Flag<'a>], name: &str) -> &'a str {
    find(flags, name).and_then(|flag| flag.value).unwrap_or_default()
}

/// Whether the bool flag `name` is given, and its value.
pub(super) fn switch(flags: &[Flag<'_>], name: &str) -> Option<bool> {
    find(flags, name).map(|flag| flag.value.is_none_or(|value| bool_value(value) == Some(true)))
}

/// The span of a flag's value.
pub(super) fn value_span(flag: &Flag<'_>) -> Span {
    let value = flag.value.map_or(0, str::len) as u32;
    let whole = flag.span.end - flag.span.start;
    // Quotes make the written flag longer than its parts; then the whole flag is meant.
    let plain = flag.name.len() as u32 + value + 3 == whole;
    if plain { Span::new(flag.span.end - value, flag.span.end) } else { flag.span }
}
