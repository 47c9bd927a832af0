//! Text that is not in UTF-8: Windows PowerShell writes what is redirected to a file in UTF-16.

use std::io::{self, BufRead, BufReader, Read};

/// The reader, past a byte order mark and with UTF-16 made UTF-8.
pub(super) fn decoded<'r>(mut reader: impl BufRead + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
    let is_big = match reader.fill_buf()? {
        [0xff, 0xfe, ..] => false,
        [0xfe, 0xff, ..] => true,
        [0xef, 0xbb, 0xbf, ..] => {
            reader.consume(3);
            return Ok(Box::new(reader));
        }
        _ => return Ok(Box::new(reader)),
    };
    reader.consume(2);
    let text = Utf16 { reader, is_big, half: None, high: None, decoded: String::new(), given: 0 };
    Ok(Box::new(BufReader::with_capacity(1 << 16, text)))
}

/// UTF-16 as UTF-8. What is no text becomes replacement characters.
struct Utf16<R> {
    reader: R,
    is_big: bool,
    /// The first byte of a unit whose second is still to come.
    half: Option<u8>,
    /// The first unit of a pair whose second is still to come.
    high: Option<u16>,
    decoded: String,
    /// Bytes of `decoded` that were given away.
    given: usize,
}

impl<R: BufRead> Utf16<R> {
    /// Decodes what the reader has; returns whether there was anything.
    fn decode(&mut self) -> io::Result<bool> {
        let chunk = self.reader.fill_buf()?;
        let used = chunk.len();
        let bytes: Vec<u8> = self.half.take().into_iter().chain(chunk.iter().copied()).collect();
        let (pairs, rest) = bytes.as_chunks::<2>();
        self.half = rest.first().copied();
        let unit = |pair: &[u8; 2]| {
            if self.is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
        };
        let mut units: Vec<u16> = self.high.take().into_iter().chain(pairs.iter().map(unit)).collect();
        self.high = units.pop_if(|unit| used > 0 && (0xd800..0xdc00).contains(unit));
        let chars = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.decoded.clear();
        self.decoded.extend(chars);
        self.given = 0;
        self.reader.consume(used);
        Ok(used > 0 || !self.decoded.is_empty())
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && self.decode()? {}
        let left = &self.decoded.as_bytes()[self.given..];
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], piece: usize) -> String {
        let mut text = String::new();
        let reader = BufReader::with_capacity(piece, bytes);
        decoded(reader).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn marks_tell_the_encoding() {
        let written = "#1 näme 𝄞\r\n";
        let big: Vec<u8> = written.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = written.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for piece in [3, 5, 7, 100] {
            assert_eq!(text(&[&[0xfe, 0xff][..], &big].concat(), piece), written);
            assert_eq!(text(&[&[0xff, 0xfe][..], &little].concat(), piece), written);
            assert_eq!(text(&[&[0xef, 0xbb, 0xbf][..], written.as_bytes()].concat(), piece), written);
            assert_eq!(text(written.as_bytes(), piece), written);
        }
        // Half a character at the end is one that cannot be read, or nothing.
        assert_eq!(text(&[0xff, 0xfe, b'a', 0, 0x34, 0xd8, b'x'], 100), "a\u{fffd}");
    }
}
