use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Entry, strings};
use crate::bake::csv::fields;
use crate::bake::value::Value;

/// What becomes of a build's result.
#[derive(Debug, Clone)]
pub struct Export {
    /// `image`, `registry`, `docker`, `local`, `tar`, `oci` or `cacheonly`.
    pub kind: String,
    /// The file or folder it is written to; `-` is standard output.
    pub destination: String,
    /// All else, such as `push` and `name`.
    pub attributes: BTreeMap<String, String>,
    /// Which entry of the definition it is. Targets that inherit it share it: what is set on one holds for all.
    pub(in crate::bake) origin: usize,
}

impl PartialEq for Export {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.destination == other.destination
            && self.attributes == other.attributes
    }
}

impl Eq for Export {}

impl Entry for Export {
    fn from_text(text: &str) -> Result<Self, String> {
        let fields = fields(text)?;
        if let [field] = &fields[..]
            && field == text
            && !text.starts_with("type=")
        {
            let kind = if text == "-" { "tar" } else { "local" };
            return Ok(Self { destination: text.to_owned(), ..Self::of(kind) });
        }
        let mut export = Self::of("");
        for field in fields {
            let (key, value) = field.split_once('=').ok_or_else(|| format!("{field:?} has no value"))?;
            match key.to_lowercase().trim() {
                "type" => value.clone_into(&mut export.kind),
                "dest" => value.clone_into(&mut export.destination),
                key => {
                    export.attributes.insert(key.to_owned(), value.to_owned());
                }
            }
        }
        export.checked()
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let mut attributes = strings(value)?;
        let kind = attributes.remove("type").unwrap_or_default();
        let destination = attributes.remove("dest").unwrap_or_default();
        Self { destination, attributes, ..Self::of(&kind) }.checked()
    }
}

impl Export {
    pub(in crate::bake) fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), destination: String::new(), attributes: BTreeMap::new(), origin: 0 }
    }

    fn checked(self) -> Result<Self, String> {
        if self.kind.is_empty() { Err("an output has a type".to_owned()) } else { Ok(self) }
    }

    pub(in crate::bake) fn json(&self) -> Json {
        let mut map = super::cache::attributes(&self.attributes);
        map.insert("type".to_owned(), self.kind.clone().into());
        if !self.destination.is_empty() {
            map.insert("dest".to_owned(), self.destination.clone().into());
        }
        Json::Object(map)
    }
}
