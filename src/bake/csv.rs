//! Comma-separated values as Go reads them: fields in quotes, quotes doubled in them.

/// The records of a text, each with as many fields as it has; empty lines are none.
pub(super) fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut reader = Reader { rest: text, comma: ',', lines: true };
    loop {
        let before = reader.rest;
        reader.rest = reader.rest.trim_start_matches(['\n']);
        while let Some(rest) = reader.rest.strip_prefix("\r\n") {
            reader.rest = rest.trim_start_matches('\n');
        }
        if reader.rest.is_empty() {
            return Ok(records);
        }
        records.push(reader.record()?);
        if reader.rest.len() == before.len() {
            return Ok(records);
        }
    }
}

/// The fields of one line of text.
pub(super) fn fields(text: &str) -> Result<Vec<String>, String> {
    fields_by(text, ',')
}

/// The same with another separator.
pub(super) fn fields_by(text: &str, comma: char) -> Result<Vec<String>, String> {
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err("an empty value has no fields".to_owned());
    }
    Reader { rest: text, comma, lines: false }.record()
}

struct Reader<'a> {
    rest: &'a str,
    comma: char,
    /// A line's end ends a record.
    lines: bool,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        loop {
            let field = if self.rest.starts_with('"') { self.quoted()? } else { self.plain()? };
            fields.push(field);
            if let Some(rest) = self.rest.strip_prefix(self.comma) {
                self.rest = rest;
                continue;
            }
            if !self.lines && !self.rest.is_empty() {
                return Err("something follows a quoted field".to_owned());
            }
            self.rest =
                self.rest.strip_prefix('\r').filter(|rest| rest.starts_with('\n')).unwrap_or(self.rest);
            self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
            return Ok(fields);
        }
    }

    fn plain(&mut self) -> Result<String, String> {
        let ends = |char| char == self.comma || self.lines && char == '\n';
        let (field, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        let last = self.lines && !rest.starts_with(self.comma);
        let field = if last { field.strip_suffix('\r').unwrap_or(field) } else { field };
        if field.contains('"') {
            return Err(format!("a quote stands in the middle of {field:?}"));
        }
        self.rest = rest;
        Ok(field.to_owned())
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut field = String::new();
        let mut rest = &self.rest[1..];
        loop {
            let Some(at) = rest.find('"') else { return Err("a quoted field is not closed".to_owned()) };
            field.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.strip_prefix('"') {
                Some(more) => {
                    field.push('"');
                    rest = more;
                }
                None => break,
            }
        }
        if !rest.is_empty() && !rest.starts_with([self.comma, '\n', '\r']) {
            return Err("something follows a quoted field".to_owned());
        }
        self.rest = rest;
        Ok(field)
    }
}

#[cfg(test)]
mod tests {
    use super::{fields, records};

    #[test]
    fn fields_are_split_at_commas_outside_of_quotes() {
        for (text, expected) in [
            ("type=local,dest=out", Some(vec!["type=local", "dest=out"])),
            ("\"a,b\",c", Some(vec!["a,b", "c"])),
            ("\"a\"\"b\"", Some(vec!["a\"b"])),
            ("a,", Some(vec!["a", ""])),
            ("a\"b", None),
            ("\"a", None),
            ("", None),
        ] {
            let expected = expected.map(|fields| fields.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(fields(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn records_are_lines() {
        let read = records("a,b\r\n1,2\n\n3,\"x\ny\"\n");
        assert_eq!(read.map(|records| records.len()), Ok(3));
    }
}
