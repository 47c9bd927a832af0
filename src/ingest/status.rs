//! The status blob of a `.dockerbuild` file: length-prefixed protobuf `StatusResponse` messages
//! (`api/services/control/control.proto`).
//!
//! Reads the fields of vertices and skips everything else. A message longer than [`MAX_LINE`] is skipped like a line.

use std::io::{self, Read};

use super::IngestError;
use super::build::{Assembler, Update};
use super::line::MAX_LINE;

/// Reads messages into `assembler` until the end.
pub(super) fn read(mut reader: impl Read, assembler: &mut Assembler) -> Result<(), IngestError> {
    let mut message = Vec::new();
    let mut length = [0; 4];
    loop {
        match fill(&mut reader, &mut length)? {
            0 => return Ok(()),
            4 => {}
            _ => break,
        }
        let wanted = u64::from(u32::from_le_bytes(length));
        message.clear();
        if wanted > MAX_LINE as u64 {
            assembler.problems.long_lines += 1;
            if io::copy(&mut reader.by_ref().take(wanted), &mut io::sink())? < wanted {
                break;
            }
            continue;
        }
        if (reader.by_ref().take(wanted).read_to_end(&mut message)? as u64) < wanted {
            break;
        }
        if status(&message, assembler).is_none() {
            assembler.problems.malformed += 1;
        }
    }
    assembler.problems.cut_short = true;
    Ok(())
}

/// Reads until `buffer` is full or the end comes; returns how much was read.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A field of a message.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Fixed-width, which no field of interest is.
    Other,
}

/// Takes one field off the front of `message`: its number and value. `None` where the message is malformed.
fn field<'a>(message: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let key = varint(message)?;
    let value = match key & 7 {
        0 => Field::Number(varint(message)?),
        1 => skip(message, 8)?,
        2 => {
            let length = usize::try_from(varint(message)?).ok()?;
            let (bytes, rest) = message.split_at_checked(length)?;
            *message = rest;
            Field::Bytes(bytes)
        }
        5 => skip(message, 4)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn skip<'a>(message: &mut &'a [u8], bytes: usize) -> Option<Field<'a>> {
    *message = message.get(bytes..)?;
    Some(Field::Other)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for at in 0..10 {
        let (&byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// `StatusResponse`: field 1 is `repeated Vertex vertexes`.
fn status(mut message: &[u8], assembler: &mut Assembler) -> Option<()> {
    while !message.is_empty() {
        if let (1, Field::Bytes(bytes)) = field(&mut message)? {
            vertex(bytes, assembler)?;
        }
    }
    Some(())
}

/// `Vertex`: 1 digest, 2 inputs, 3 name, 4 cached, 5 started, 6 completed, 7 error.
fn vertex(mut message: &[u8], assembler: &mut Assembler) -> Option<()> {
    let mut update = Update::default();
    let mut inputs = Vec::new();
    while !message.is_empty() {
        match field(&mut message)? {
            (1, Field::Bytes(bytes)) => update.digest = str::from_utf8(bytes).ok()?,
            (2, Field::Bytes(bytes)) => inputs.push(str::from_utf8(bytes).ok()?),
            (3, Field::Bytes(bytes)) => update.name = str::from_utf8(bytes).ok()?,
            (4, Field::Number(cached)) => update.cached = cached != 0,
            (5, Field::Bytes(bytes)) => update.started = Some(timestamp(bytes)?),
            (6, Field::Bytes(bytes)) => update.completed = Some(timestamp(bytes)?),
            (7, Field::Bytes(bytes)) => update.error = str::from_utf8(bytes).ok()?,
            _ => {}
        }
    }
    if update.digest.is_empty() {
        return None;
    }
    assembler.update(&update, inputs.into_iter());
    Some(())
}

/// `google.protobuf.Timestamp`: 1 seconds, 2 nanoseconds.
fn timestamp(mut message: &[u8]) -> Option<i64> {
    let (mut seconds, mut nanos) = (0_i64, 0_i64);
    while !message.is_empty() {
        match field(&mut message)? {
            (1, Field::Number(value)) => seconds = i64::try_from(value).ok()?,
            (2, Field::Number(value)) => nanos = i64::try_from(value).ok()?,
            _ => {}
        }
    }
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}
