//! Writes XML so that nothing reaches it unescaped: texts and attribute values go through one place.
//!
//! Knows no elements.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use crate::report::escape::is_unsafe;
use crate::report::workflow::in_markup;

/// A document that grows.
#[derive(Debug, Default)]
pub(super) struct Xml {
    out: String,
    open: Vec<&'static str>,
    is_in_tag: bool,
}

impl Xml {
    /// Opens an element.
    pub(super) fn open(&mut self, name: &'static str) -> &mut Self {
        self.end_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.is_in_tag = true;
        self
    }

    /// Adds an attribute to the element just opened.
    pub(super) fn attr(&mut self, name: &str, value: impl Display) -> &mut Self {
        let _ = write!(self.out, " {name}=\"");
        let value = value.to_string();
        escape(&value, &mut self.out);
        self.out.push('"');
        self
    }

    /// Adds an attribute that is a length in pixels.
    pub(super) fn length(&mut self, name: &str, value: f64) -> &mut Self {
        self.attr(name, number(value))
    }

    /// Adds a text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.end_tag();
        escape(text, &mut self.out);
        self
    }

    /// Closes the element opened last.
    pub(super) fn close(&mut self) -> &mut Self {
        let Some(name) = self.open.pop() else { return self };
        if self.is_in_tag {
            self.out.push_str("/>");
            self.is_in_tag = false;
        } else {
            let _ = write!(self.out, "</{name}>");
        }
        self
    }

    /// Begins a new line, for people and for differences between versions.
    pub(super) fn line(&mut self) -> &mut Self {
        self.end_tag();
        self.out.push('\n');
        self
    }

    /// A style sheet of the project's own, which holds no markup.
    pub(super) fn style(&mut self, css: &str) -> &mut Self {
        self.open("style").end_tag();
        self.out.push_str(css);
        self.close()
    }

    /// The finished document.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out.push('\n');
        self.out
    }

    fn end_tag(&mut self) {
        if self.is_in_tag {
            self.out.push('>');
            self.is_in_tag = false;
        }
    }
}

/// A length with at most one digit behind the point.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escape(text: &str, out: &mut String) {
    let start = out.len();
    for char in text.chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            // Of these, XML cannot hold most in any way.
            _ if is_unsafe(char) => out.push('\u{fffd}'),
            _ => out.push(char),
        }
    }
    if let Cow::Owned(safe) = in_markup(&out[start..]) {
        out.truncate(start);
        out.push_str(&safe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_escaping() {
        let mut xml = Xml::default();
        xml.open("a").attr("b", "\"<'&\0").text("]]><script>\n\u{ffff}\u{9b}\u{202e}").open("c").close();
        assert_eq!(
            xml.finish(),
            "<a b=\"&quot;&lt;&#39;&amp;\u{fffd}\">]]&gt;&lt;script&gt;\n\u{fffd}\u{fffd}\u{fffd}<c/></a>\n"
        );
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(1.0, "1"), (1.26, "1.3"), (-0.01, "0"), (1234.5, "1234.5")] {
            assert_eq!(number(value), text);
        }
    }
}
