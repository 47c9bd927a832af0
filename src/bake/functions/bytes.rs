//! Buffers of bytes, encodings, and documents in strings.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Param::{Bytes, Nullable, Number as Num, String as Str};
use super::{Builtin, arg, pure, text, whole};
use crate::bake::csv;
use crate::bake::value::{Kind, Type, Value, decode, to_json};

pub(super) const TABLE: &[Builtin] = &[
    pure("base64decode", &[Str], |args| {
        let bytes = STANDARD.decode(text(args, 0).replace(['\r', '\n'], ""));
        let bytes = bytes.map_err(|_| "the text is not base64".to_owned())?;
        String::from_utf8(bytes).map(Value::string).map_err(|_| "what is decoded is not UTF-8".to_owned())
    }),
    pure("base64encode", &[Str], |args| Ok(Value::string(STANDARD.encode(text(args, 0))))),
    pure("byteslen", &[Bytes], |args| Ok(Value::int(buffer(args).len()))),
    pure("bytesslice", &[Bytes, Num, Num], |args| {
        let at = |index| usize::try_from(whole(args, index)?).map_err(|_| "a negative place".to_owned());
        let (offset, length) = (at(1)?, at(2)?);
        let part = offset.checked_add(length).and_then(|end| buffer(args).get(offset..end));
        part.map(Value::bytes).ok_or_else(|| "the buffer is shorter".to_owned())
    }),
    pure("csvdecode", &[Str], decode_csv),
    pure("jsondecode", &[Str], |args| decode(text(args, 0))),
    pure("jsonencode", &[Nullable], |args| Ok(Value::string(to_json(arg(args, 0)?)?))),
    pure("urlencode", &[Str], |args| Ok(Value::string(url_encode(text(args, 0))))),
];

fn buffer(args: &[Value]) -> &[u8] {
    match args.first().map(|value| &value.kind) {
        Some(Kind::Bytes(bytes)) => bytes,
        _ => &[],
    }
}

fn url_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'_' | b'.' | b'~' => encoded.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => encoded.push(byte.into()),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn decode_csv(args: &[Value]) -> Result<Value, String> {
    let records = csv::records(text(args, 0))?;
    let Some((headers, rows)) = records.split_first() else { return Err("the header is missing".to_owned()) };
    let mut types = BTreeMap::new();
    for name in headers {
        if types.insert(name.as_str().into(), Type::String).is_some() {
            return Err(format!("the column {name:?} is there twice"));
        }
    }
    let mut objects = Vec::new();
    for row in rows {
        if row.len() != headers.len() {
            return Err(format!("a row has {} fields and the header {}", row.len(), headers.len()));
        }
        let fields =
            headers.iter().zip(row).map(|(name, field)| (name.as_str().into(), Value::string(field)));
        objects.push(Value::object(fields.collect()));
    }
    Ok(Value::list(Type::object(types), objects))
}
