//! Options of `docker buildx bake` that are short for `--set`.

use super::csv;
use super::entries::{Entry as _, Policy, canonical_attest, parse_bool};

/// Options that stand for overrides of all targets.
#[derive(Debug, Clone, Default)]
pub struct Shorthands {
    /// `--push`
    pub push: bool,
    /// `--load`
    pub load: bool,
    /// `--call`
    pub call: Option<String>,
    /// `--no-cache`
    pub no_cache: Option<bool>,
    /// `--pull`
    pub pull: Option<bool>,
    /// `--sbom`
    pub sbom: Option<String>,
    /// `--provenance`
    pub provenance: Option<String>,
    /// `--policy`
    pub policies: Vec<String>,
}

impl Shorthands {
    /// The overrides that they stand for, and whether policies are disabled for all targets.
    ///
    /// # Errors
    ///
    /// Values that buildx does not take.
    pub fn overrides(&self) -> Result<(Vec<String>, bool), String> {
        let mut set = Vec::new();
        let mut add = |given: bool, text: String| set.extend(given.then_some(text));
        add(self.push, "*.push=true".to_owned());
        add(self.load, "*.load=true".to_owned());
        if let Some(call) = self.call.as_deref().filter(|call| !call.is_empty()) {
            let name = call_name(call)?;
            add(name != "build", format!("*.call={name}"));
        }
        for (field, value) in [("no-cache", self.no_cache), ("pull", self.pull)] {
            if let Some(value) = value {
                add(true, format!("*.{field}={value}"));
            }
        }
        for (kind, value) in [("sbom", &self.sbom), ("provenance", &self.provenance)] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                add(true, format!("*.attest={}", canonical_attest(kind, value)));
            }
        }
        let mut disabled = false;
        for text in &self.policies {
            let policy = Policy::from_text(text)?;
            if !policy.files.is_empty() || policy.reset {
                return Err("--policy takes no file and no reset; they are for the definition".to_owned());
            }
            if policy.disabled {
                if policy.strict.is_some() || policy.log_level.is_some() || self.policies.len() > 1 {
                    return Err("a disabled policy stands alone".to_owned());
                }
                disabled = true;
            } else {
                add(true, format!("*.policy+={text}"));
            }
        }
        Ok((set, disabled))
    }
}

/// What is called in place of building.
fn call_name(call: &str) -> Result<String, String> {
    let mut name = String::new();
    for field in csv::fields(call)? {
        match field.split_once('=') {
            Some(("format", _)) => {}
            Some(("ignorestatus", value)) => {
                parse_bool(value)?;
            }
            Some(_) => return Err(format!("--call has no {field:?}")),
            None if name.is_empty() => name = field,
            None => return Err(format!("--call {call:?} names two methods")),
        }
    }
    Ok(if name == "check" { "lint".to_owned() } else { name })
}
