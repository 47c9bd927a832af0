//! JSON documents with the places of everything in them, and keys as often as they are written.

use crate::source::Span;

use super::limits::MAX_DEPTH;

/// A value of a document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Json,
}

#[derive(Debug, Clone)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Field>),
}

/// A key of an object with its value.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) value: Node,
}

/// Reads one document; an error says where.
pub(super) fn parse(text: &str) -> Result<Node, (String, Span)> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.fault("something follows the JSON document"));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, (String, Span)>;

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    fn fault(&self, message: &str) -> (String, Span) {
        let end = (self.at + 1).min(self.text.len());
        (message.to_owned(), Span::new(self.at as u32, end as u32))
    }

    fn word(&mut self, word: &str, kind: Json) -> Read<Json> {
        if self.rest().starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(kind)
        } else {
            Err(self.fault("this is no JSON value"))
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        if depth > MAX_DEPTH {
            return Err(self.fault(&format!("nested more than {MAX_DEPTH} deep, which is the limit")));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Json::String(self.string()?),
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.fault("a JSON value is expected here")),
        };
        Ok(Node { span: self.span(start), kind })
    }

    fn digits(&mut self) -> Read<usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("a digit is expected here")) } else { Ok(self.at - start) }
    }

    fn number(&mut self) -> Read<Json> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        if self.digits()? > 1 && zero {
            return Err(self.fault("a number does not begin with a zero"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Read<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(0..=0x1f) => return Err(self.fault("this string is not closed")),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let written = self.text.get(start..self.at).unwrap_or_default();
        if !written.contains('\\') {
            return Ok(written.trim_matches('"').to_owned());
        }
        serde_json::from_str(written)
            .map_err(|_| ("this string has an escape that JSON does not know".to_owned(), self.span(start)))
    }

    fn object(&mut self, depth: usize) -> Read<Json> {
        self.at += 1;
        let mut fields = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b'}') if fields.is_empty() => break,
                Some(b'"') => {}
                _ => return Err(self.fault("a key in double quotes is expected here")),
            }
            let start = self.at;
            let name = self.string()?;
            let span = self.span(start);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.fault("a colon is expected here"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            fields.push(Field { name, span, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.fault("a comma or the end of the object is expected here")),
            }
        }
        self.at += 1;
        Ok(Json::Object(fields))
    }

    fn array(&mut self, depth: usize) -> Read<Json> {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.space();
            if self.peek() == Some(b']') && values.is_empty() {
                break;
            }
            values.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.fault("a comma or the end of the array is expected here")),
            }
        }
        self.at += 1;
        Ok(Json::Array(values))
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, parse};

    #[test]
    fn keys_are_kept_as_often_as_they_are_written() {
        let node = parse("{\"a\": 1, \"a\": [true, null, \"\\u0041\"]}");
        assert!(matches!(node.map(|node| node.kind), Ok(Json::Object(fields)) if fields.len() == 2));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", "[1,]", "{\"a\":1,}", "01", "1.", "\"a", "nul", "{} x", "{a: 1}"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
