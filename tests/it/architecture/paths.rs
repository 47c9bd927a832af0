//! Tokens to paths: every name that a file uses, as the crate's root would spell it.

use super::tokens::Token;

/// A path as used, with `self` and `super` resolved; it begins with `crate` if it leads into this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path<'s> {
    pub(crate) segments: Vec<&'s str>,
    pub(crate) line: usize,
}

/// Every path in `tokens`, the code of the module `module`.
pub(crate) fn paths<'s>(tokens: &[Token<'s>], module: &[&'s str]) -> Vec<Path<'s>> {
    let mut walk =
        Walk { tokens, at: 0, module: module.to_vec(), inline: Vec::new(), depth: 0, found: Vec::new() };
    walk.file();
    walk.found
}

struct Walk<'t, 's> {
    tokens: &'t [Token<'s>],
    at: usize,
    /// The module of the code at hand, inline modules included.
    module: Vec<&'s str>,
    /// The depth of braces at which each inline module ends.
    inline: Vec<usize>,
    depth: usize,
    found: Vec<Path<'s>>,
}

impl<'s> Walk<'_, 's> {
    fn file(&mut self) {
        while let Some(text) = self.peek(0) {
            match text {
                "mod" if self.peek(2) == Some("{") => {
                    self.module.extend(self.peek(1));
                    self.inline.push(self.depth);
                    self.depth += 1;
                    self.at += 3;
                }
                "{" => {
                    self.depth += 1;
                    self.at += 1;
                }
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.inline.last() == Some(&self.depth) {
                        self.inline.pop();
                        self.module.pop();
                    }
                    self.at += 1;
                }
                // Not the captures of an `impl Trait`: `use<'a>`.
                "use" if self.peek(1) != Some("<") => {
                    self.at += 1;
                    self.tree(Vec::new());
                }
                _ if is_name(text) => self.path(),
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<&'s str> {
        self.tokens.get(self.at + ahead).map(|token| token.text)
    }

    /// A path in an expression, a type or an attribute.
    fn path(&mut self) {
        let line = self.tokens[self.at].line;
        let mut segments = Vec::new();
        while let Some(name) = self.peek(0).filter(|text| is_name(text)) {
            segments.push(name);
            self.at += 1;
            if self.peek(0) != Some("::") {
                break;
            }
            self.at += 1;
        }
        self.push(segments, line);
    }

    /// What follows `use`, or a branch of it, on top of `prefix`.
    fn tree(&mut self, mut prefix: Vec<&'s str>) {
        let mut line = self.tokens.get(self.at).map_or(0, |token| token.line);
        while let Some(text) = self.peek(0) {
            match text {
                "{" => {
                    self.at += 1;
                    while !matches!(self.peek(0), Some("}") | None) {
                        self.tree(prefix.clone());
                        if self.peek(0) == Some(",") {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "," | "}" | ";" => break,
                // A new name for the path changes nothing about where it leads.
                "as" => self.at += 2,
                "::" => self.at += 1,
                _ => {
                    line = self.tokens[self.at].line;
                    prefix.push(text);
                    self.at += 1;
                }
            }
        }
        self.push(prefix, line);
    }

    fn push(&mut self, segments: Vec<&'s str>, line: usize) {
        let mut module = self.module.clone();
        let inside = match segments.first() {
            Some(&"crate") => {
                module.clear();
                1
            }
            Some(&"self") => 1,
            Some(&"super") => {
                let ups = segments.iter().take_while(|&&segment| segment == "super").count();
                module.truncate(module.len().saturating_sub(ups));
                ups
            }
            _ => {
                self.found.push(Path { segments, line });
                return;
            }
        };
        let absolute = ["crate"].into_iter().chain(module).chain(segments[inside..].iter().copied());
        self.found.push(Path { segments: absolute.collect(), line });
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[test]
fn paths_are_absolute() {
    let source = "
        use std::{fmt, io::{self, Write as _}};
        use crate::{model::platform::Platform, units};
        use super::*;
        fn f() { super::super::graph::build(); self::g::<crate::ids::StageIx>(); }
        mod tests { use super::*; fn h() { super::f(); } }
        fn k() { super::x() }
        fn l<'a>() -> impl Sized + use<'a> { let y = super::y(); y }
    ";
    let tokens = super::tokens::tokens(source);
    let found: Vec<String> =
        paths(&tokens, &["cost", "priors"]).iter().map(|path| path.segments.join("::")).collect();
    for expected in [
        "std::fmt",
        "std::io::self",
        "std::io::Write",
        "crate::model::platform::Platform",
        "crate::units",
        "crate::cost::*",
        "crate::graph::build",
        "crate::cost::priors::g",
        "crate::ids::StageIx",
        "crate::cost::priors::*",
        "crate::cost::priors::f",
        "crate::cost::x",
        "crate::cost::y",
    ] {
        assert!(found.iter().any(|path| path == expected), "{expected} not in {found:?}");
    }
}
