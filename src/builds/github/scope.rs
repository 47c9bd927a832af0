//! What names stand for in a workflow: the contexts of its expressions.

use std::collections::BTreeMap;

use super::super::path::{ROOT, join};
use super::expr::{Contexts, interpolate, interpolate_text};
use super::value::{OPEN, Value, from_yaml};
use crate::yaml::Node;

/// The contexts at one place of a workflow or of an action.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// `owner/name` of the repository.
    pub(super) repository: Option<String>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) matrix: Value,
    pub(super) inputs: Value,
    /// Labels of the machine.
    pub(super) runner: Vec<String>,
    /// The folder of the action, from the root of the repository.
    pub(super) action: Option<String>,
}

impl Scope {
    /// The value of a node in which expressions may stand.
    pub(super) fn value(&self, node: &Node) -> Value {
        from_yaml(node, &mut |text, _| interpolate(text, self))
    }

    /// The text of a scalar in which expressions may stand.
    pub(super) fn text(&self, node: &Node) -> String {
        node.as_str().map(|text| interpolate_text(text, self)).unwrap_or_default()
    }

    /// Adds the entries of an `env` mapping.
    pub(super) fn add_env(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        if let Some(text) = node.as_str() {
            // The whole mapping is an expression.
            if let Value::Map(entries) = interpolate(text, self) {
                self.env.extend(entries.into_iter().map(|(name, value)| (name, value.to_text())));
            }
            return;
        }
        let values: Vec<(String, String)> = node
            .entries()
            .map(|(name, value)| {
                (name.to_owned(), if value.is_null() { String::new() } else { self.text(value) })
            })
            .collect();
        self.env.extend(values);
    }

    /// Whether an `if` is false whatever happens. The repository may be a copy of the one that a condition names.
    pub(super) fn never(&self, condition: Option<&Node>) -> bool {
        let Some(text) = condition.and_then(Node::as_str) else { return false };
        let trimmed = text.trim();
        let copy = trimmed.contains("github.").then(|| Self { repository: None, ..self.clone() });
        let scope = copy.as_ref().unwrap_or(self);
        let value = if trimmed.contains("${{") {
            interpolate(trimmed, scope)
        } else {
            super::expr::evaluate(trimmed, scope)
        };
        value.truth() == Some(false)
    }

    fn github(&self) -> Value {
        let mut entries = vec![("workspace".to_owned(), Value::text(ROOT))];
        if let Some(name) = &self.repository {
            let (owner, short) = name.split_once('/').unwrap_or(("", name));
            entries.push(("repository".to_owned(), Value::text(name)));
            entries.push(("repository_owner".to_owned(), Value::text(owner)));
            let repository = Value::Map(vec![
                ("name".to_owned(), Value::text(short)),
                ("full_name".to_owned(), Value::text(name)),
                (OPEN.to_owned(), Value::Unknown("github.event.repository".to_owned())),
            ]);
            let event = Value::Map(vec![
                ("repository".to_owned(), repository),
                (OPEN.to_owned(), Value::Unknown("github.event".to_owned())),
            ]);
            entries.push(("event".to_owned(), event));
            entries.push(("server_url".to_owned(), Value::text("https://github.com")));
        }
        if let Some(action) = &self.action {
            entries.push(("action_path".to_owned(), Value::text(&join(ROOT, action))));
        }
        entries.push((OPEN.to_owned(), Value::Unknown("github".to_owned())));
        Value::Map(entries)
    }
}

impl Contexts for Scope {
    fn context(&self, name: &str) -> Value {
        match name {
            "env" => {
                let known = self.env.iter().map(|(name, value)| (name.clone(), Value::Text(value.clone())));
                // A step may have set others.
                let open = (OPEN.to_owned(), Value::Unknown("env".to_owned()));
                Value::Map(known.chain([open]).collect())
            }
            "matrix" => self.matrix.clone(),
            "inputs" => self.inputs.clone(),
            "github" => self.github(),
            "runner" => {
                let platform = native_platform(&self.runner);
                let mut entries = Vec::new();
                if let Some((os, arch)) = platform.as_deref().and_then(|platform| platform.split_once('/')) {
                    let os = match os {
                        "linux" => "Linux",
                        "windows" => "Windows",
                        _ => "macOS",
                    };
                    let arch = if arch == "arm64" { "ARM64" } else { "X64" };
                    entries.push(("os".to_owned(), Value::text(os)));
                    entries.push(("arch".to_owned(), Value::text(arch)));
                }
                entries.push((OPEN.to_owned(), Value::Unknown("runner".to_owned())));
                Value::Map(entries)
            }
            other => Value::Unknown(other.to_owned()),
        }
    }
}

/// The platform of a machine with these labels, if they tell.
pub(in crate::builds) fn native_platform(labels: &[String]) -> Option<String> {
    let labels: Vec<String> = labels.iter().map(|label| label.to_lowercase()).collect();
    let any = |part: &str| labels.iter().any(|label| label.contains(part));
    let hosted = |os: &str| labels.iter().any(|label| label.starts_with(os));
    if labels.iter().any(|label| !super::super::text::is_known(label)) {
        return None;
    }
    let arm = any("arm64")
        || any("aarch64")
        || labels.iter().any(|label| label.ends_with("-arm") || label.contains("-arm-"));
    if hosted("windows") {
        return Some(if arm { "windows/arm64" } else { "windows/amd64" }.to_owned());
    }
    if hosted("macos") {
        return Some("darwin/arm64".to_owned());
    }
    if arm {
        return Some("linux/arm64".to_owned());
    }
    (hosted("ubuntu") || any("x64") || any("amd64") || any("x86_64")).then(|| "linux/amd64".to_owned())
}
