//! Texts that are encrypted with RSA, with padding of PKCS #1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;

use super::text;
use crate::bake::value::Value;

/// The largest modulus that is calculated with, in bits.
const MAX_BITS: u64 = 8192;

/// The text that a key decrypts.
pub(super) fn decrypt(args: &[Value]) -> Result<Value, String> {
    let sealed = STANDARD
        .decode(text(args, 0).replace(['\r', '\n'], ""))
        .map_err(|_| "the encrypted text is not base64".to_owned())?;
    let (modulus, exponent) = key(text(args, 1)).ok_or("the key is no private key of PKCS #1 in PEM")?;
    let size = usize::try_from(modulus.bits().div_ceil(8)).unwrap_or(0);
    if modulus.bits() > MAX_BITS || exponent.bits() > MAX_BITS || sealed.len() > size {
        return Err("the encrypted text does not fit the key".to_owned());
    }
    let opened = BigUint::from_bytes_be(&sealed).modpow(&exponent, &modulus).to_bytes_be();
    // A leading zero is lost in the number: 2, padding, 0, text.
    let end = opened.iter().skip(1).position(|&byte| byte == 0);
    match end {
        Some(end) if opened.len() + 1 == size && opened.first() == Some(&2) && end >= 8 => {
            let plain = opened.get(end + 2..).unwrap_or_default();
            Ok(Value::string(String::from_utf8_lossy(plain)))
        }
        _ => Err("the key does not decrypt the text".to_owned()),
    }
}

/// Modulus and private exponent of a key in PEM.
fn key(pem: &str) -> Option<(BigUint, BigUint)> {
    let begin = pem.find("-----BEGIN ")?;
    let rest = &pem[begin + 11..];
    let body = &rest[rest.find("-----")? + 5..];
    let body: String = body[..body.find("-----END ")?].split_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    let mut reader = der.as_slice();
    let sequence = element(&mut reader, 0x30)?;
    let mut reader = sequence;
    let _version = element(&mut reader, 2)?;
    let modulus = BigUint::from_bytes_be(element(&mut reader, 2)?);
    let _public = element(&mut reader, 2)?;
    let exponent = BigUint::from_bytes_be(element(&mut reader, 2)?);
    (modulus.bits() > 64).then_some((modulus, exponent))
}

/// Takes one element of DER with the given tag.
fn element<'a>(reader: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (&found, rest) = reader.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let count = usize::from(first & 0x7f);
        let bytes = rest.get(..count).filter(|bytes| bytes.len() <= 4)?;
        rest = rest.get(count..)?;
        bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte))
    };
    let content = rest.get(..length).filter(|_| found == tag)?;
    *reader = rest.get(length..)?;
    Some(content)
}
