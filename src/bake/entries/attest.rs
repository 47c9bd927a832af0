use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{Entry, parse_bool, strings};
use crate::bake::csv::fields;
use crate::bake::value::Value;

/// An attestation that a build makes: provenance or a bill of materials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attest {
    /// `provenance` or `sbom`.
    pub kind: String,
    /// It is not made.
    pub disabled: bool,
    /// All else.
    pub attributes: BTreeMap<String, String>,
}

impl Entry for Attest {
    fn from_text(text: &str) -> Result<Self, String> {
        let mut attest = Self { kind: String::new(), disabled: false, attributes: BTreeMap::new() };
        for field in fields(text)? {
            let (key, value) = field.split_once('=').ok_or_else(|| format!("{field:?} has no value"))?;
            match key.to_lowercase().trim() {
                "type" => value.clone_into(&mut attest.kind),
                "disabled" => attest.disabled = parse_bool(value)?,
                _ => {
                    attest.attributes.insert(key.to_owned(), value.to_owned());
                }
            }
        }
        if attest.kind.is_empty() { Err("an attestation has a type".to_owned()) } else { Ok(attest) }
    }

    fn from_object(value: &Value) -> Result<Self, String> {
        let mut attributes = strings(value)?;
        let kind = attributes.remove("type").unwrap_or_default();
        let disabled = attributes.remove("disabled").map_or(Ok(false), |text| parse_bool(&text))?;
        Ok(Self { kind, disabled, attributes })
    }
}

/// The entry that the value of `--sbom` or `--provenance` stands for.
pub(in crate::bake) fn canonical(kind: &str, value: &str) -> String {
    match parse_bool(value) {
        Ok(enabled) => format!("type={kind},disabled={}", !enabled),
        Err(_) => format!("type={kind},{value}"),
    }
}

impl Attest {
    pub(in crate::bake) fn json(&self) -> Json {
        let mut map: Map<String, Json> = super::cache::attributes(&self.attributes);
        map.insert("type".to_owned(), self.kind.clone().into());
        if self.disabled {
            map.insert("disabled".to_owned(), true.into());
        }
        Json::Object(map)
    }
}
