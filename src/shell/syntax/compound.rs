//! Constructs that words of the shell's own open and close.

use std::rc::Rc;

use super::parser::Parser;
use super::{CaseItem, Command, Compound, MAX_NESTING, Part, Word};

impl Parser<'_> {
    /// The compound command that begins here, if one does.
    pub(super) fn compound(&mut self) -> Option<Compound> {
        let is_open = self.byte() == Some(b'(');
        let word = self.plain();
        let begins = is_open
            || matches!(word, "{" | "if" | "for" | "select" | "while" | "until" | "case" | "function" | "[[");
        if !begins {
            return None;
        }
        if self.depth >= MAX_NESTING {
            // What it holds is read as if it stood beside it.
            self.at += if is_open { 1 } else { word.len() };
            return Some(Compound::Opaque);
        }
        self.depth += 1;
        let kind = if is_open { self.parenthesis() } else { self.begun_by(word) };
        self.depth -= 1;
        Some(kind)
    }

    fn begun_by(&mut self, word: &str) -> Compound {
        self.at += word.len();
        match word {
            "{" => {
                let list = self.list(&["}"]);
                self.keyword("}");
                Compound::Group(list)
            }
            "if" => self.conditional(),
            "for" | "select" => self.loop_over(),
            "while" | "until" => {
                let condition = self.list(&["do"]);
                let body = self.body();
                Compound::While { condition, body }
            }
            "case" => self.case(),
            "function" => {
                self.blanks();
                let name = self.word().and_then(|word| word.literal()).unwrap_or_default();
                self.blanks();
                if self.take("(") {
                    self.blanks();
                    self.take(")");
                }
                self.function(name)
            }
            _ => self.test(),
        }
    }

    /// `( … )` or `(( … ))`.
    fn parenthesis(&mut self) -> Compound {
        if self.rest().starts_with("((")
            && let Some(end) = self.arithmetic(2)
        {
            self.at = end;
            return Compound::Opaque;
        }
        self.at += 1;
        Compound::Subshell(self.enclosed())
    }

    /// A list up to the `)` that closes what was opened, and that.
    pub(super) fn enclosed(&mut self) -> Vec<Command> {
        let cases = std::mem::take(&mut self.cases);
        self.open += 1;
        let list = self.list(&[]);
        self.open -= 1;
        self.cases = cases;
        self.take(")");
        list
    }

    fn conditional(&mut self) -> Compound {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.list(&["then", "fi", "else", "elif"]);
            self.keyword("then");
            arms.push((condition, self.list(&["elif", "else", "fi"])));
            if self.keyword("elif") {
                continue;
            }
            if self.keyword("else") {
                otherwise = self.list(&["fi"]);
            }
            self.keyword("fi");
            return Compound::If { arms, otherwise };
        }
    }

    fn loop_over(&mut self) -> Compound {
        self.blanks();
        if self.rest().starts_with("((") {
            if let Some(end) = self.arithmetic(2) {
                self.at = end;
            }
            let body = self.body();
            return Compound::For { name: "".into(), words: None, body };
        }
        let name = self.word().and_then(|word| word.literal()).unwrap_or_default();
        self.lines();
        let mut words = None;
        if self.keyword("in") {
            let list = words.insert(Vec::new());
            loop {
                self.blanks();
                match self.word() {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
        }
        Compound::For { name, words, body: self.body() }
    }

    /// `do … done`, or `{ … }`.
    fn body(&mut self) -> Vec<Command> {
        self.separators();
        if self.keyword("{") {
            let list = self.list(&["}"]);
            self.keyword("}");
            return list;
        }
        self.keyword("do");
        let list = self.list(&["done"]);
        self.keyword("done");
        list
    }

    fn case(&mut self) -> Compound {
        self.blanks();
        let word = self.word().unwrap_or_default();
        self.lines();
        self.keyword("in");
        let mut items = Vec::new();
        self.cases += 1;
        let open = std::mem::take(&mut self.open);
        loop {
            self.lines();
            if self.byte().is_none() || self.keyword("esac") {
                break;
            }
            if self.byte() == Some(b')') && open > 0 {
                break;
            }
            let start = self.at;
            items.push(self.branch());
            if self.at == start {
                self.skip();
            }
        }
        self.open = open;
        self.cases -= 1;
        Compound::Case { word, items }
    }

    fn branch(&mut self) -> CaseItem {
        self.take("(");
        let mut patterns = Vec::new();
        loop {
            self.blanks();
            patterns.extend(self.word());
            self.blanks();
            if !self.take("|") {
                break;
            }
        }
        self.take(")");
        let body = self.list(&["esac"]);
        let falls_through = self.take(";;&") || self.take(";&");
        let _ = falls_through || self.take(";;");
        CaseItem { patterns, body, falls_through }
    }

    /// A function whose name has just been read, if one is defined here.
    pub(super) fn function_after(&mut self, name: &Word) -> Option<Compound> {
        let rest = self.rest();
        let open = rest.trim_start_matches([' ', '\t']).strip_prefix('(')?;
        let after = open.trim_start_matches([' ', '\t']).strip_prefix(')')?;
        let name = name.literal()?;
        self.at += rest.len() - after.len();
        if self.depth >= MAX_NESTING {
            return Some(Compound::Opaque);
        }
        self.depth += 1;
        let function = self.function(name);
        self.depth -= 1;
        Some(function)
    }

    fn function(&mut self, name: smol_str::SmolStr) -> Compound {
        self.lines();
        let body = match self.compound() {
            Some(Compound::Group(list)) => list,
            Some(kind) => vec![Command::Compound { kind, redirects: Vec::new() }],
            None => Vec::new(),
        };
        Compound::Function { name, body: Rc::new(body) }
    }

    /// What stands between `[[` and `]]`.
    fn test(&mut self) -> Compound {
        let mut words = Vec::new();
        loop {
            self.blanks();
            let start = self.at;
            match self.byte() {
                None => break,
                Some(b'\n') => self.at += 1,
                _ if self.keyword("]]") => break,
                Some(b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b';') => {
                    let sign = self.byte();
                    while self.byte() == sign && self.at < start + 2 {
                        self.at += 1;
                    }
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    let parts = vec![Part::Text { text: text.into(), quoted: false }];
                    words.push(Word { span: start..self.at, parts });
                }
                _ => match self.word() {
                    Some(word) => words.push(word),
                    None => self.skip(),
                },
            }
        }
        Compound::Test(words)
    }

    /// Where the arithmetic ends that begins with so many bytes of `((` and what is before it: behind its `))`. `None` where
    /// the parentheses turn out to close otherwise.
    pub(super) fn arithmetic(&self, opening: usize) -> Option<usize> {
        let mut depth = 2_u32;
        let mut last = 0;
        for (at, byte) in self.rest().bytes().enumerate().skip(opening) {
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 1 {
                        last = at;
                    }
                    if depth == 0 {
                        return (at == last + 1).then_some(self.at + at + 1);
                    }
                }
                _ => {}
            }
        }
        // Left open: all that follows is in it.
        Some(self.end)
    }
}
