//! YAML as a tree that keeps where everything stands.
//!
//! Owns the limits on what a YAML file may cost: its depth, the number of its nodes, and how far aliases may blow it up.
//! Knows no file format; what a key means is for those who read one.

mod flow;
mod load;

use std::fmt;
use std::ops::Range;

pub(crate) use load::{documents, parse};

/// Nodes that one file may have, those that aliases repeat counted each time.
pub(crate) const MAX_NODES: usize = 500_000;

/// How deep sequences and mappings may lie in each other.
pub(crate) const MAX_DEPTH: usize = 100;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// The line it begins on, from 1; that of the first line of its text for a block scalar. What an alias stands for
    /// keeps the place of its anchor.
    pub line: u32,
    /// The bytes it covers, quotes included; those of a block scalar without its head.
    pub span: Range<usize>,
    /// What follows `!` in its tag, as in `!reset`; of the tags of YAML itself, as in `!!str`, their last word.
    pub tag: Option<Box<str>>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar: its text, and how it is written.
    Scalar(String, Style),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with their values, in the order of the file, merge keys (`<<`) applied.
    Mapping(Vec<(Node, Node)>),
}

/// How a scalar is written, which decides whether it may be anything but a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: may be null, a boolean or a number.
    Plain,
    /// In quotes.
    Quoted,
    /// A block with `|`, whose lines are those of the file.
    Literal,
    /// A block with `>`, whose lines are joined.
    Folded,
}

/// Why a text is not read as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, as a fragment of a sentence.
    pub message: String,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for YamlError {}

impl Node {
    /// The text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn as_mapping(&self) -> Option<&[(Self, Self)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key of a mapping; of equal keys the last counts.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.1)
    }

    /// A key of a mapping with its value.
    pub fn entry(&self, key: &str) -> Option<&(Self, Self)> {
        self.as_mapping()?.iter().rev().find(|(name, _)| name.as_str() == Some(key))
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar under a key.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::as_str)
    }

    /// The entries of a mapping whose keys are scalars.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.as_mapping().unwrap_or_default();
        entries.iter().filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    /// The items of a sequence, or the node itself if it is anything else but null: many formats take one for a list of one.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ if self.is_null() => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The texts among the items.
    pub fn texts(&self) -> Vec<&str> {
        self.items().iter().filter_map(Self::as_str).collect()
    }

    /// Whether it is null: nothing, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(text, Style::Plain) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// A boolean as YAML 1.2 has it.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar(text, Style::Plain) => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number as YAML 1.2 has it, but for infinities.
    pub fn as_number(&self) -> Option<f64> {
        match &self.value {
            Value::Scalar(text, Style::Plain) => {
                let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
                if let Some(hex) = digits.strip_prefix("0x") {
                    return u32::from_str_radix(hex, 16).ok().map(f64::from);
                }
                let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                    && digits
                        .bytes()
                        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
                if numeric { text.parse().ok() } else { None }
            }
            _ => None,
        }
    }
}
