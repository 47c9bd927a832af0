//! References: `$(NAME)`, `${NAME:a=b}`, `$(function …)`.

use super::super::text::{is_known, unknown};
use super::{MAX_NESTING, MAX_TEXT, Makefile};
use crate::builds::repo::Repo;

/// What references are looked up in.
pub(super) struct Expander<'m> {
    pub(super) make: &'m Makefile,
    pub(super) repo: &'m Repo<'m>,
    /// The folder in which make runs, absolute.
    pub(super) folder: &'m str,
    /// Parameters of `call`, loop variables and automatic variables, the innermost last.
    pub(super) locals: Vec<(String, String)>,
    /// Variables whose values are being expanded.
    pub(super) open: Vec<String>,
    pub(super) nesting: u32,
    /// References that may still be followed: nested ones could otherwise double forever.
    pub(super) budget: u32,
    /// What `eval` was given, if that is asked for.
    pub(super) evals: Option<Vec<String>>,
}

/// References that one text may lead to.
const BUDGET: u32 = 20_000;

impl<'m> Expander<'m> {
    pub(super) fn new(make: &'m Makefile, repo: &'m Repo<'m>, folder: &'m str) -> Self {
        Self {
            make,
            repo,
            folder,
            locals: Vec::new(),
            open: Vec::new(),
            nesting: 0,
            budget: BUDGET,
            evals: None,
        }
    }

    /// A text with its references replaced.
    pub(super) fn expand(&mut self, text: &str) -> String {
        if !text.contains('$') {
            return text.to_owned();
        }
        if self.nesting > MAX_NESTING || self.budget == 0 {
            return unknown(text);
        }
        self.nesting += 1;
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let Some(first) = after.chars().next() else {
                rest = "";
                break;
            };
            match first {
                '$' => {
                    out.push('$');
                    rest = &after[1..];
                }
                '(' | '{' => {
                    let end = closing(after);
                    let inner = after.get(1..end.saturating_sub(1)).unwrap_or_default();
                    self.budget = self.budget.saturating_sub(1);
                    out.push_str(&self.reference(inner));
                    rest = &after[end..];
                }
                other => {
                    let length = other.len_utf8();
                    out.push_str(&self.variable(&after[..length]));
                    rest = &after[length..];
                }
            }
            if out.len() > MAX_TEXT {
                self.nesting -= 1;
                return unknown(text);
            }
        }
        out.push_str(rest);
        self.nesting -= 1;
        out
    }

    fn reference(&mut self, inner: &str) -> String {
        let name_end = inner.find([' ', '\t', ',']).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(name_end);
        if !rest.is_empty() && super::functions::NAMES.contains(&name) {
            return self.function(name, rest.trim_start());
        }
        let inner = self.expand(inner);
        // `$(NAME:a=b)`
        if let Some((name, substitution)) = inner.split_once(':')
            && let Some((from, to)) = substitution.split_once('=')
        {
            let value = self.variable(name);
            let (from, to) = if from.contains('%') {
                (from.to_owned(), to.to_owned())
            } else {
                (format!("%{from}"), format!("%{to}"))
            };
            return super::functions::patsubst(&from, &to, &value);
        }
        self.variable(&inner)
    }

    /// The value of a variable.
    pub(super) fn variable(&mut self, name: &str) -> String {
        if let Some((_, value)) = self.locals.iter().rev().find(|(own, _)| own == name) {
            return value.clone();
        }
        if !is_known(name) {
            return unknown(&format!("$({name})"));
        }
        match self.make.variables.get(name) {
            Some(variable) if variable.recursive => {
                if self.open.iter().any(|open| open == name) {
                    return unknown(&format!("$({name})"));
                }
                self.open.push(name.to_owned());
                let value = self.expand(&variable.value);
                self.open.pop();
                value
            }
            Some(variable) => variable.value.clone(),
            None => match name {
                "MAKE" => "make".to_owned(),
                "CURDIR" => self.folder.to_owned(),
                "SHELL" => "/bin/sh".to_owned(),
                "," => ",".to_owned(),
                _ if crate::builds::world::is_outside(name) => unknown(&format!("$({name})")),
                _ => String::new(),
            },
        }
    }
}

/// The byte after the bracket that closes the first one.
pub(super) fn closing(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (open, close) = if bytes.first() == Some(&b'(') { (b'(', b')') } else { (b'{', b'}') };
    let mut depth = 0_usize;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}
