use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{Entry, strings};
use crate::bake::csv::fields;
use crate::bake::value::Value;

/// Where a build takes cached results from, or where it keeps its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEntry {
    /// `registry`, `gha`, `local` and the like.
    pub kind: String,
    /// All else, such as `ref` and `mode`.
    pub attributes: BTreeMap<String, String>,
}

impl Entry for CacheEntry {
    fn from_text(text: &str) -> Result<Self, String> {
        let fields = fields(text)?;
        if let [field] = &fields[..]
            && !field.contains('=')
        {
            let attributes = BTreeMap::from([("ref".to_owned(), field.clone())]);
            return Ok(Self { kind: "registry".to_owned(), attributes });
        }
        let mut entry = Self { kind: String::new(), attributes: BTreeMap::new() };
        for field in fields {
            let (key, value) = field.split_once('=').ok_or_else(|| format!("{field:?} has no value"))?;
            match key.to_lowercase() {
                key if key == "type" => value.clone_into(&mut entry.kind),
                key => {
                    entry.attributes.insert(key, value.to_owned());
                }
            }
        }
        entry.checked()
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let mut attributes = strings(value)?;
        let kind = attributes.remove("type").unwrap_or_default();
        Self { kind, attributes }.checked()
    }
}

/// Entries of texts. A text without `=` is a list of references.
pub(in crate::bake) fn parse<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<CacheEntry>, String> {
    let mut entries = Vec::new();
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        if text.contains('=') {
            entries.push(CacheEntry::from_text(text)?);
        } else {
            for field in fields(text)? {
                entries.push(CacheEntry::from_text(&field)?);
            }
        }
    }
    Ok(entries)
}

impl CacheEntry {
    fn checked(self) -> Result<Self, String> {
        if self.kind.is_empty() { Err("a cache has a type".to_owned()) } else { Ok(self) }
    }

    pub(in crate::bake) fn json(&self) -> Json {
        let mut map = attributes(&self.attributes);
        map.insert("type".to_owned(), self.kind.clone().into());
        Json::Object(map)
    }
}

pub(super) fn attributes(from: &BTreeMap<String, String>) -> Map<String, Json> {
    from.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()
}
