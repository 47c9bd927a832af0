//! Entries of targets that are written as comma-separated values or as objects: caches, outputs, secrets and the like.

mod attest;
mod cache;
mod export;
mod policy;
mod resources;
mod secret;

use std::collections::BTreeMap;

pub use self::attest::Attest;
pub use self::cache::CacheEntry;
pub use self::export::Export;
pub use self::policy::Policy;
pub use self::resources::Resources;
pub use self::secret::{Secret, Ssh};

pub(super) use self::attest::canonical as canonical_attest;
pub(super) use self::cache::parse as parse_caches;

use super::value::{Type, Value, convert};

/// What an entry is read from: a string or an object.
pub(super) trait Entry: Sized {
    /// From comma-separated values.
    fn from_text(text: &str) -> Result<Self, String>;
    /// From an object or a map.
    fn from_object(value: &Value) -> Result<Self, String>;
}

/// The entries of a list; empty strings are none.
pub(super) fn entries<E: Entry>(value: &Value) -> Result<Vec<E>, String> {
    values(value)?
        .iter()
        .map(|value| match value.as_str() {
            Some(text) => E::from_text(text),
            None => E::from_object(value),
        })
        .collect()
}

/// The elements of a list or tuple without empty strings and what is not known.
pub(super) fn values(value: &Value) -> Result<Vec<&Value>, String> {
    if !matches!(value.ty, Type::List(_) | Type::Tuple(_)) {
        return Err(format!("a list is required, but have {}", value.ty.name()));
    }
    let elements = value.elements().unwrap_or_default();
    Ok(elements.iter().filter(|value| value.is_known() && value.as_str() != Some("")).collect())
}

/// The entries that texts write; empty texts are none.
pub(super) fn from_texts<E: Entry>(texts: &[String]) -> Result<Vec<E>, String> {
    texts.iter().filter(|text| !text.is_empty()).map(|text| E::from_text(text)).collect()
}

/// An object as strings.
fn strings(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let map = convert(value, &Type::map(Type::String))?;
    let mut strings = BTreeMap::new();
    for (name, value) in map.entries().into_iter().flatten() {
        let text = value.as_str().ok_or_else(|| format!("{name:?} is null"))?;
        strings.insert(name.to_string(), text.to_owned());
    }
    if map.is_null() {
        return Err("an entry is null".to_owned());
    }
    Ok(strings)
}

/// `true` as Go writes it.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// Takes out duplicates. The later of two is exchanged with the last entry, which changes the order, as buildx does.
/// Says how many entries stay; what is taken out is at the end.
pub(super) fn exchange_duplicates<E: PartialEq>(entries: &mut [E]) -> usize {
    let mut length = entries.len();
    for index in (0..entries.len().saturating_sub(1)).rev() {
        let found = (index + 1..length).find(|&other| entries.get(index) == entries.get(other));
        if let Some(other) = found {
            entries.swap(other, length - 1);
            length -= 1;
        }
    }
    length
}

/// Entries without those that [`exchange_duplicates`] takes out.
pub(super) fn without_duplicates<E: PartialEq>(mut entries: Vec<E>) -> Vec<E> {
    let length = exchange_duplicates(&mut entries);
    entries.truncate(length);
    entries
}

/// Entries of which the last of each key stays, where the first was.
pub(super) fn last_by_key<E, K: PartialEq>(entries: Vec<E>, key: impl Fn(&E) -> K) -> Vec<E> {
    let mut kept: Vec<E> = Vec::with_capacity(entries.len());
    for entry in entries {
        match kept.iter().position(|other| key(other) == key(&entry)) {
            Some(at) => {
                if let Some(other) = kept.get_mut(at) {
                    *other = entry;
                }
            }
            None => kept.push(entry),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::without_duplicates;

    #[test]
    fn the_later_duplicate_is_exchanged_with_the_last() {
        assert_eq!(without_duplicates(vec!["a", "b", "a", "c", "d"]), ["a", "b", "d", "c"]);
    }
}
