//! Lines of a log: read one at a time, limited in length, freed of terminal escapes.

use std::io::{self, BufRead};

use super::archive::too_large;
use super::problems::Problems;
use crate::budget::{Part, spend};

/// Lines longer than this many bytes are skipped and counted. BuildKit cuts what a step prints into messages of at most
/// a few kilobytes and lists of vertices grow with the Dockerfile, so no line of a real log comes near.
pub const MAX_LINE: usize = 16 << 20;

/// The work of a line, besides that of its bytes.
const LINE: u64 = 110;

/// A line reader with one buffer.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    /// The next line without its end, or `None` at the end of the file. Counts what it skips in `problems`.
    pub(super) fn next(&mut self, problems: &mut Problems) -> io::Result<Option<&[u8]>> {
        self.buffer.clear();
        if !spend(Part::Logs, LINE) {
            return Err(too_large());
        }
        let mut overlong = false;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                problems.long_lines += u64::from(overlong);
                problems.cut_short |= overlong || !self.buffer.is_empty();
                return Ok((!self.buffer.is_empty()).then_some(&self.buffer));
            }
            let end = memchr::memchr(b'\n', chunk);
            let used = end.unwrap_or(chunk.len());
            if !overlong && self.buffer.len() + used <= MAX_LINE {
                self.buffer.extend_from_slice(&chunk[..used]);
            } else {
                overlong = true;
                self.buffer.clear();
            }
            self.reader.consume(end.map_or(used, |end| end + 1));
            match end {
                Some(_) if overlong => {
                    problems.long_lines += 1;
                    overlong = false;
                }
                Some(_) => break,
                None => {}
            }
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        Ok(Some(&self.buffer))
    }
}

/// Removes terminal escape sequences (ECMA-48 control sequences and commands) in place.
pub(super) fn strip_escapes(line: &mut String) {
    if !line.contains('\u{1b}') {
        return;
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => {
                // Parameters and intermediates end at the first byte from '@' to '~'.
                chars.by_ref().find(|c| ('@'..='~').contains(c));
            }
            // Commands to the operating system and to programs, such as Buildkite's instants.
            Some(']' | '_' | 'P' | '^' | 'X') => {
                chars.by_ref().find(|c| matches!(c, '\u{7}' | '\u{1b}'));
            }
            _ => {}
        }
    }
    *line = out;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn lines(text: &[u8], buffer: usize) -> (Vec<String>, Problems) {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, text));
        let mut problems = Problems::default();
        let mut seen = Vec::new();
        while let Some(line) = lines.next(&mut problems).unwrap() {
            seen.push(String::from_utf8_lossy(line).into_owned());
        }
        (seen, problems)
    }

    #[test]
    fn lines_do_not_depend_on_the_buffer() {
        for buffer in [1, 2, 3, 100] {
            let (seen, problems) = lines(b"ab\r\n\ncd\nend", buffer);
            assert_eq!(seen, ["ab", "", "cd", "end"]);
            assert_eq!(problems, Problems { cut_short: true, ..Problems::default() });
        }
    }

    #[test]
    fn overlong_lines_are_skipped() {
        let text = [b"a\n".to_vec(), vec![b'x'; MAX_LINE + 1], b"\nb\n".to_vec()].concat();
        let (seen, problems) = lines(&text, 1 << 16);
        assert_eq!((seen, problems.long_lines), (vec!["a".into(), "b".into()], 1));
    }

    #[test]
    fn escapes_go() {
        let cases = [
            ("\u{1b}[34m#5 DONE\u{1b}[0m", "#5 DONE"),
            ("\u{1b}]8;;http://x\u{7}link", "link"),
            ("open \u{1b}[3", "open "),
            ("ü", "ü"),
        ];
        for (line, plain) in cases {
            let mut line = line.to_string();
            strip_escapes(&mut line);
            assert_eq!(line, plain);
        }
    }
}
