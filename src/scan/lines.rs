//! Texts in lines of JSON, an object a line.

use std::io::{self, BufRead, Read as _};

use serde_json::{Map, Value};

use super::{Job, Settings};

/// The longest line that is read, in bytes.
pub const MAX_LINE: u64 = 16 << 20;

/// Lines that are worked on together, and after how many bytes no more are added: what is handed to a thread at once.
const MAX_BATCH: (usize, usize) = (32, 256 << 10);

/// Which columns of a table say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The Dockerfile.
    pub text: String,
    /// What tells it from others; without one its place in the table.
    pub key: Option<String>,
    /// Its repository.
    pub repository: Option<String>,
}

/// Some lines of a table, as they are.
#[derive(Debug)]
pub struct Batch {
    /// What each holds, or why it was not read; with its number, from 1.
    lines: Vec<(u64, Result<Vec<u8>, String>)>,
    /// Bytes of the table up to their end.
    pub end: u64,
}

/// Reads a table in batches. A reader that fails ends it, with a line that says so.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    number: u64,
    read: u64,
    is_over: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a reader.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, read: 0, is_over: false }
    }

    /// The next line without its end; `None` at the end of the table.
    fn line(&mut self) -> io::Result<Option<Result<Vec<u8>, String>>> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
        self.read += read;
        if read == MAX_LINE && line.last() != Some(&b'\n') {
            self.read += self.reader.skip_until(b'\n')? as u64;
            return Ok(Some(Err(format!("the line exceeds the limit of {MAX_LINE} bytes"))));
        }
        Ok((read > 0).then_some(Ok(line)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while !self.is_over && lines.len() < MAX_BATCH.0 && bytes < MAX_BATCH.1 {
            self.number += 1;
            match self.line() {
                Ok(Some(Ok(line))) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => {
                    bytes += line.as_ref().map_or(0, Vec::len);
                    lines.push((self.number, line));
                }
                Ok(None) => self.is_over = true,
                Err(error) => {
                    lines.push((self.number, Err(error.to_string())));
                    self.is_over = true;
                }
            }
        }
        (!lines.is_empty()).then_some(Batch { lines, end: self.read })
    }
}

impl Batch {
    /// The texts as jobs; `table` is what the table is called.
    pub fn jobs(self, table: &str, columns: &Columns, settings: &Settings) -> Vec<Job> {
        let job = |(number, line): (u64, Result<Vec<u8>, String>)| {
            let place = format!("{table}:{number}");
            let object = line.and_then(|line| {
                serde_json::from_slice::<Map<String, Value>>(&line)
                    .map_err(|error| format!("the line is no object of JSON: {error}"))
            });
            let mut object = match object {
                Ok(object) => object,
                Err(why) => return Job { file: place.clone(), place, error: Some(why), ..Job::default() },
            };
            let mut named = |name: &Option<String>| Some(word(object.remove(name.as_deref()?)?));
            let key = named(&columns.key).unwrap_or_else(|| place.clone());
            let repository = named(&columns.repository).unwrap_or_default();
            match object.remove(&columns.text) {
                Some(Value::String(text)) => {
                    Job::of_text(&repository, &key, &place, text.into_bytes(), settings)
                }
                other => {
                    let what = if other.is_some() { "is no text" } else { "is missing" };
                    let error = Some(format!("the column {:?} {what}", columns.text));
                    Job { repository, file: key, place, error, ..Job::default() }
                }
            }
        };
        self.lines.into_iter().map(job).collect()
    }
}

/// A value as a name.
fn word(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_job() {
        let long = "x".repeat(usize::try_from(MAX_LINE).unwrap() + 5);
        let table = format!(
            "{{\"content\":\"FROM a\",\"id\":7,\"repo\":\"o/r\"}}\n\n{long}\nno\n{{\"id\":\"k\",\"content\":1}}\n{{}}"
        );
        let columns =
            Columns { text: "content".into(), key: Some("id".into()), repository: Some("repo".into()) };
        let batches: Vec<Batch> = Lines::new(table.as_bytes()).collect();
        assert_eq!(batches.last().unwrap().end, table.len() as u64);
        let jobs = batches.into_iter().flat_map(|batch| batch.jobs("t", &columns, &Settings::default()));
        let said: Vec<(String, String, String, String)> = jobs
            .map(|job| {
                let text = job.text.map(|text| String::from_utf8(text).unwrap());
                (job.repository, job.file, job.place, text.or(job.error).unwrap())
            })
            .collect();
        for ((repository, file, place, text), expected) in said.iter().zip([
            ("o/r", "7", "t:1", "FROM a"),
            ("", "t:3", "t:3", "the line exceeds the limit of 16777216 bytes"),
            ("", "t:4", "t:4", "the line is no object of JSON: expected ident at line 1 column 2"),
            ("", "k", "t:5", "the column \"content\" is no text"),
            ("", "t:6", "t:6", "the column \"content\" is missing"),
        ]) {
            assert_eq!((&**repository, &**file, &**place, &**text), expected);
        }
        assert_eq!(said.len(), 5);
    }
}
