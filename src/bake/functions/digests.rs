//! Digests and identifiers.

use std::fmt::Write as _;

use md5::Digest as _;

use super::Param::{Number as Num, String as Str};
use super::{Builtin, Param, outside, pure, text, whole};
use crate::bake::value::Value;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { variadic: Some(Num), ..outside("bcrypt", &[Str], bcrypt) },
    pure("md5", &[Str], |args| Ok(hex(&md5::Md5::digest(text(args, 0).as_bytes())))),
    pure("rsadecrypt", &[Str, Str], super::rsa::decrypt),
    pure("sha1", &[Str], |args| Ok(hex(&sha1::Sha1::digest(text(args, 0).as_bytes())))),
    pure("sha256", &[Str], |args| Ok(hex(&sha2::Sha256::digest(text(args, 0).as_bytes())))),
    pure("sha512", &[Str], |args| Ok(hex(&sha2::Sha512::digest(text(args, 0).as_bytes())))),
    outside("uuidv4", NONE, |_, world| {
        // No two runs have the same; this one is of the clock alone, as nothing may depend on it.
        let digest = sha2::Sha256::digest(format!("{} {}", world.now, world.volatile.borrow().len()));
        Ok(Value::string(identifier(&digest, 4)))
    }),
    pure("uuidv5", &[Str, Str], uuid_v5),
];

const NONE: &[Param] = &[];

fn hex(bytes: &[u8]) -> Value {
    Value::string(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The hash has a random salt: what stands for it is no hash of anything.
fn bcrypt(args: &[Value], _: &crate::bake::eval::World<'_>) -> Result<Value, String> {
    const DEFAULT_COST: i64 = 10;
    let cost = match args.len() {
        1 => DEFAULT_COST,
        2 => whole(args, 1)?,
        _ => return Err("one or two arguments are required".to_owned()),
    };
    if cost > 31 {
        return Err(format!("a cost of {cost} is outside of what is allowed, 4 to 31"));
    }
    if text(args, 0).len() > 72 {
        return Err("a password has at most 72 bytes".to_owned());
    }
    let cost = if cost < 4 { DEFAULT_COST } else { cost };
    Ok(Value::string(format!("$2a${cost:02}${}", "x".repeat(53))))
}

/// The first 16 bytes of a digest as an identifier of a version.
fn identifier(digest: &[u8], version: u8) -> String {
    let mut text = String::new();
    for (index, byte) in digest.iter().take(16).enumerate() {
        let byte = match index {
            6 => byte & 0x0f | version << 4,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn uuid_v5(args: &[Value]) -> Result<Value, String> {
    let namespace = match text(args, 0) {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let namespace =
        parse_identifier(namespace).ok_or_else(|| format!("{:?} is no namespace", text(args, 0)))?;
    let mut hash = sha1::Sha1::new();
    hash.update(namespace);
    hash.update(text(args, 1));
    Ok(Value::string(identifier(&hash.finalize(), 5)))
}

/// The bytes of an identifier, with `urn:uuid:` before it, in braces, or without dashes.
fn parse_identifier(text: &str) -> Option<Vec<u8>> {
    let text = match text.len() {
        36 | 32 => text,
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => &text[9..],
        38 => text.get(1..37)?,
        _ => return None,
    };
    let dashed = text.len() == 36;
    if dashed && [8, 13, 18, 23].iter().any(|&at| text.as_bytes().get(at) != Some(&b'-')) {
        return None;
    }
    let digits: String = text.chars().filter(|&char| !(dashed && char == '-')).collect();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    (0..16).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}
