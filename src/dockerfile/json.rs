//! JSON arrays of strings, as the exec forms of instructions are written.
//!
//! Strict, as Go's `encoding/json` is: whatever is not valid JSON is a shell form, not an error.

use bumpalo::collections::String as BumpString;
use smallvec::SmallVec;

use super::arena::Arena;

/// What a text that may be a JSON array of strings turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Json<'a> {
    /// Not a JSON array: the shell form.
    Not,
    /// An array with something else than strings in it, which BuildKit refuses.
    NotStrings,
    /// The strings.
    Strings(&'a [&'a str]),
}

/// Go's decoder refuses deeper nesting.
const MAX_DEPTH: u32 = 10_000;

/// Reads `text` as a JSON array of strings.
pub(super) fn array<'a>(arena: &'a Arena, text: &'a str) -> Json<'a> {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return Json::Not;
    }
    let mut cursor = Cursor { text, at: 1 };
    match cursor.elements(arena) {
        Some(result) => {
            cursor.space();
            if cursor.at == text.len() { result } else { Json::Not }
        }
        None => Json::Not,
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The elements after an opening bracket, to its closing one.
    fn elements(&mut self, arena: &'a Arena) -> Option<Json<'a>> {
        let mut strings = SmallVec::<[&'a str; 8]>::new();
        let mut only_strings = true;
        self.space();
        if self.eat(b']') {
            return Some(Json::Strings(&[]));
        }
        loop {
            self.space();
            if self.peek() == Some(b'"') {
                strings.push(self.string(arena)?);
            } else {
                only_strings = false;
                self.skip_value()?;
            }
            self.space();
            if self.eat(b']') {
                return Some(if only_strings {
                    Json::Strings(arena.list(&strings))
                } else {
                    Json::NotStrings
                });
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    /// A string with its escapes undone.
    fn string(&mut self, arena: &'a Arena) -> Option<&'a str> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(&self.text[start..self.at - 1]);
                }
                b'\\' => break,
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        let mut out = BumpString::from_str_in(&self.text[start..self.at], arena.bump());
        loop {
            let rest = &self.text[self.at..];
            let char = rest.chars().next()?;
            self.at += char.len_utf8();
            match char {
                '"' => return Some(out.into_bump_str()),
                '\\' => out.push(self.escape()?),
                '\0'..='\x1f' => return None,
                other => out.push(other),
            }
        }
    }

    /// The character after a backslash; half a surrogate pair becomes U+FFFD.
    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                    }
                    self.at = back;
                }
                char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Passes over any JSON value, without recursion.
    fn skip_value(&mut self) -> Option<()> {
        let scratch = Arena::new();
        // One entry for each open bracket: whether it is an object.
        let mut open: Vec<bool> = Vec::new();
        loop {
            self.space();
            match self.peek()? {
                b'[' | b'{' => {
                    let object = self.peek() == Some(b'{');
                    self.at += 1;
                    self.space();
                    if open.len() as u32 >= MAX_DEPTH {
                        return None;
                    }
                    if !self.eat(if object { b'}' } else { b']' }) {
                        open.push(object);
                        if object {
                            self.key(&scratch)?;
                        }
                        continue;
                    }
                }
                b'"' => drop(
                    Cursor { text: self.text, at: self.at }.string_end(&scratch).map(|end| self.at = end)?,
                ),
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => self.number()?,
            }
            loop {
                let Some(&object) = open.last() else { return Some(()) };
                self.space();
                if self.eat(if object { b'}' } else { b']' }) {
                    open.pop();
                    continue;
                }
                if !self.eat(b',') {
                    return None;
                }
                if object {
                    self.key(&scratch)?;
                }
                break;
            }
        }
    }

    fn string_end(mut self, scratch: &'a Arena) -> Option<usize> {
        self.string(scratch)?;
        Some(self.at)
    }

    fn key(&mut self, scratch: &Arena) -> Option<()> {
        self.space();
        if self.peek() != Some(b'"') {
            return None;
        }
        self.at = Cursor { text: self.text, at: self.at }.string_end(scratch)?;
        self.space();
        self.eat(b':').then_some(())
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    /// A number that fits a 64-bit float, as Go requires.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        self.text[start..self.at].parse::<f64>().ok().filter(|n| n.is_finite()).map(drop)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, strings: &[&str]) {
        assert_eq!(array(&Arena::new(), text), Json::Strings(strings), "{text}");
    }

    #[test]
    fn arrays_of_strings() {
        case("[]", &[]);
        case(" [ ] ", &[]);
        case(r#"["a", "b c"]"#, &["a", "b c"]);
        case(r#"["a\n\"\\\/\u0041"]"#, &["a\n\"\\/A"]);
        case(r#"["\ud83d\ude00", "\ud83d", "\ud83dx"]"#, &["😀", "\u{fffd}", "\u{fffd}x"]);
        case("[\u{a0}]".trim_matches(|_| false).replace('\u{a0}', "").as_str(), &[]);
    }

    #[test]
    fn everything_else_is_the_shell_form() {
        for text in [
            "a",
            "",
            "[",
            "[a]",
            "['a']",
            r#"["a",]"#,
            r#"["a"] && b"#,
            r#"["c:\dir"]"#,
            "[\"a\tb\"]",
            "[01]",
            "[1e999]",
            r#"["a" "b"]"#,
            "[,]",
            "[nul]",
            r#"[{"a"}]"#,
            r#"["\u12"]"#,
        ] {
            assert_eq!(array(&Arena::new(), text), Json::Not, "{text}");
        }
    }

    #[test]
    fn other_values_are_refused() {
        for text in [
            "[1]",
            r#"["a", 1]"#,
            r#"[["a"]]"#,
            "[null]",
            r#"[{"a": [1, {}], "b": -0.5e3}]"#,
            "[[], true, false]",
        ] {
            assert_eq!(array(&Arena::new(), text), Json::NotStrings, "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(array(&Arena::new(), &deep), Json::Not);
        let closed = format!("{}{}", "[".repeat(9_999), "]".repeat(9_999));
        assert_eq!(array(&Arena::new(), &closed), Json::NotStrings);
    }
}
