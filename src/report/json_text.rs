//! Values as JSON text that is safe to show: every report in JSON is written by this.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::escape::is_unsafe;
use super::workflow::without_brackets;

/// Writes a value as one line.
///
/// # Errors
/// Those of the writer: everything that is reported has a form in JSON.
pub fn write_json(value: &impl Serialize, out: impl Write) -> io::Result<()> {
    write_with(CompactFormatter, value, out)
}

/// Writes a value as indented lines.
///
/// # Errors
/// As [`write_json`].
pub fn write_json_lines(value: &impl Serialize, out: impl Write) -> io::Result<()> {
    write_with(PrettyFormatter::new(), value, out)
}

/// A value as one line.
///
/// # Errors
/// None in practice: a text takes everything.
pub fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    text_of(CompactFormatter, value)
}

/// A value as indented lines.
///
/// # Errors
/// As [`json_line`].
pub fn json_lines(value: &impl Serialize) -> serde_json::Result<String> {
    text_of(PrettyFormatter::new(), value)
}

fn text_of(form: impl Formatter, value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    write_with(form, value, &mut bytes).map_err(serde_json::Error::io)?;
    String::from_utf8(bytes).map_err(serde_json::Error::custom)
}

fn write_with(form: impl Formatter, value: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Visible(form)))?;
    out.write_all(b"\n")
}

/// A form of JSON whose strings hold the characters that could steer a terminal or a workflow runner as escapes, so that
/// the values stay the same.
struct Visible<F>(F);

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let fragment = without_brackets(fragment, "\\u005b");
        let mut rest = &*fragment;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| is_unsafe(*char)) {
            write!(out, "{}\\u{:04x}", &rest[..at], u32::from(char))?;
            rest = &rest[at + char.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_is_an_escape_and_the_value_stays() {
        let texts = [
            "plain",
            "##[error]x\u{1b}\u{7f}",
            "\u{202e}é\"\\\n",
            "#",
            "#[",
            "::warning::x",
            "\u{2028}##a[",
            "",
        ];
        let mut lines = Vec::new();
        write_json_lines(&texts, &mut lines).unwrap();
        for text in [json_line(&texts).unwrap(), String::from_utf8(lines).unwrap()] {
            let shown = text.trim_end().replace('\n', "");
            assert!(
                !shown.chars().any(is_unsafe) && !shown.contains("##[") && !shown.contains("##a["),
                "{shown}"
            );
            assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), texts);
        }
    }
}
