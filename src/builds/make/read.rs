//! Reading a makefile: conditionals, assignments, includes, rules.

use std::rc::Rc;

use super::super::path::{ROOT, join};
use super::super::site::Site;
use super::super::text::{is_known, unknown};
use super::super::world::{World, is_outside};
use super::expand::Expander;
use super::lines::{Line, lines, outside, without_comment};
use super::{Cache, MAX_DEPTH, MAX_INCLUDES, Makefile, Origin, RecipeLine, Rule, TargetVariable, Variable};

/// A conditional that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// This way is taken.
    Taken,
    /// Another way may still be taken.
    NotYet,
    /// Another way was taken.
    Done,
    /// Not known.
    Unsure,
}

/// What reading needs beside the makefile.
pub(super) struct Reading<'w, 'r> {
    pub(super) world: &'w mut World<'r>,
    pub(super) site: &'w Site,
    /// The folder in which make runs, absolute.
    pub(super) folder: String,
    pub(super) make: Makefile,
    pub(super) includes: usize,
}

impl Cache {
    /// The lines of a makefile.
    fn lines(&mut self, path: &str, text: impl FnOnce() -> Option<Rc<str>>) -> Option<Rc<Vec<Line>>> {
        if let Some(lines) = self.0.get(path) {
            return lines.clone();
        }
        let read = text().map(|text| Rc::new(lines(&text)));
        self.0.insert(path.to_owned(), read.clone());
        read
    }
}

impl Reading<'_, '_> {
    fn expand(&self, text: &str) -> String {
        Expander::new(&self.make, self.world.repo, &self.folder).expand(text)
    }

    /// Reads a file, by its path from the root of the repository.
    pub(super) fn file(&mut self, path: &str, depth: u32) {
        self.includes += 1;
        if self.includes > MAX_INCLUDES || depth > MAX_DEPTH {
            return;
        }
        let repo = self.world.repo;
        let Some(lines) = self.world.makefiles.lines(path, || repo.text(path)) else { return };
        let before =
            self.make.variables.get("MAKEFILE_LIST").map(|list| list.value.clone()).unwrap_or_default();
        let list = format!("{before} {}", join(ROOT, path));
        let list = Variable { value: list, recursive: false, origin: Origin::File, exported: false };
        self.make.variables.insert("MAKEFILE_LIST".to_owned(), list);
        self.lines(&lines, &Rc::from(path), depth);
    }

    fn lines(&mut self, lines: &[Line], file: &Rc<str>, depth: u32) {
        let mut branches: Vec<Branch> = Vec::new();
        let mut rule: Option<usize> = None;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += 1;
            let skipped = branches.iter().any(|branch| matches!(branch, Branch::NotYet | Branch::Done));
            if line.recipe && (rule.is_some() || skipped) {
                if let (Some(rule), false) = (rule, skipped) {
                    let recipe =
                        RecipeLine { text: line.text.clone(), file: Rc::clone(file), line: line.number };
                    self.make.rules[rule].recipe.push(recipe);
                }
                continue;
            }
            let text = without_comment(&line.text).trim();
            if text.is_empty() {
                continue;
            }
            if self.conditional(text, &mut branches) {
                continue;
            }
            if let Some(head) = text.strip_prefix("define ").or_else(|| text.strip_prefix("override define "))
            {
                let mut body = Vec::new();
                let mut level = 1;
                while let Some(inner) = lines.get(at) {
                    at += 1;
                    let trimmed = inner.text.trim();
                    if trimmed == "endef" || trimmed.starts_with("endef ") {
                        level -= 1;
                        if level == 0 {
                            break;
                        }
                    } else if trimmed.starts_with("define ") {
                        level += 1;
                    }
                    body.push(if inner.recipe { format!("\t{}", inner.text) } else { inner.text.clone() });
                }
                if !skipped {
                    let (name, operator) = head.trim().split_once([' ', '\t']).unwrap_or((head.trim(), "="));
                    self.assign(
                        name,
                        operator.trim(),
                        &body.join("\n"),
                        Origin::File,
                        branches.contains(&Branch::Unsure),
                    );
                }
                continue;
            }
            if skipped {
                continue;
            }
            let unsure = branches.contains(&Branch::Unsure);
            let include = ["include ", "-include ", "sinclude ", "include\t", "-include\t"];
            if let Some(rest) = include.iter().find_map(|word| text.strip_prefix(word)) {
                rule = None;
                self.include(rest, file, depth);
                continue;
            }
            rule = self.statement(text, file, line.number, unsure, rule);
        }
    }

    fn include(&mut self, rest: &str, file: &Rc<str>, depth: u32) {
        let names = self.expand(rest);
        let expander = Expander::new(&self.make, self.world.repo, &self.folder);
        let mut listed = Vec::new();
        for name in names.split_whitespace() {
            if is_known(name) && name.contains(['*', '?', '[']) {
                listed.extend(expander.wildcard(&[name.to_owned()]).split_whitespace().map(str::to_owned));
            } else {
                listed.push(name.to_owned());
            }
        }
        for name in &listed {
            if !is_known(name) {
                continue;
            }
            // Relative to the folder of make; GNU Make does not look beside the file that includes.
            let path = join(&self.folder, name);
            let Some(path) = self.site.inside(&path) else { continue };
            if self.world.repo.has_file(&path) && path.as_str() != &**file {
                self.file(&path, depth + 1);
            }
        }
    }

    /// An assignment, an export or a rule. Gives the rule to which the lines of a recipe that follow belong.
    fn statement(
        &mut self,
        text: &str,
        file: &Rc<str>,
        number: u32,
        unsure: bool,
        rule: Option<usize>,
    ) -> Option<usize> {
        let (mut rest, mut origin, mut export) = (text, Origin::File, false);
        loop {
            let (word, after) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
            match word {
                "override" => origin = Origin::Override,
                "export" => export = true,
                "private" => {}
                "unexport" | "vpath" | "undefine" => return rule,
                _ => break,
            }
            if after.is_empty() {
                self.make.export_all |= export;
                return rule;
            }
            rest = after.trim_start();
        }
        if let Some((name, operator, value)) = assignment(rest) {
            let name = self.expand(name.trim());
            self.assign(&name, operator, value.trim_start(), origin, unsure);
            if export && let Some(variable) = self.make.variables.get_mut(&name) {
                variable.exported = true;
            }
            return None;
        }
        if export {
            for name in self.expand(rest).split_whitespace() {
                if let Some(variable) = self.make.variables.get_mut(name) {
                    variable.exported = true;
                }
            }
            return None;
        }
        self.rule(rest, file, number)
    }

    fn rule(&mut self, text: &str, file: &Rc<str>, number: u32) -> Option<usize> {
        let Some(colon) = outside(text, |rest| rest[0] == b':') else {
            // `$(eval $(call define,…))` and the like may make rules; they are read as text.
            self.evaluated(text, file, number);
            return None;
        };
        let (targets, rest) = text.split_at(colon);
        let rest = rest.trim_start_matches(':').trim_start();
        let targets: Vec<String> = self.expand(targets).split_whitespace().map(str::to_owned).collect();
        if let Some((name, operator, value)) =
            assignment(rest.trim_start_matches("export ").trim_start_matches("override "))
        {
            for target in targets {
                let variable = TargetVariable {
                    target,
                    name: name.trim().to_owned(),
                    operator: operator.to_owned(),
                    value: value.trim_start().to_owned(),
                };
                self.make.target_variables.push(variable);
            }
            return None;
        }
        let (prerequisites, inline) = match outside(rest, |rest| rest[0] == b';') {
            Some(at) => (&rest[..at], Some(rest[at + 1..].trim_start())),
            None => (rest, None),
        };
        let expanded = self.expand(prerequisites);
        let (pattern, expanded) = match expanded.split_once(':') {
            Some((pattern, rest)) => (Some(pattern.trim().to_owned()), rest.to_owned()),
            None => (None, expanded),
        };
        let prerequisites: Vec<String> =
            expanded.split_whitespace().filter(|word| *word != "|").map(str::to_owned).collect();
        match targets.first().map(String::as_str) {
            Some(".ONESHELL") => self.make.one_shell = true,
            Some(first) if !first.starts_with('.') && !first.contains('%') && self.make.goal.is_none() => {
                self.make.goal = Some(first.to_owned());
            }
            _ => {}
        }
        let mut rule = Rule { targets, prerequisites, recipe: Vec::new(), pattern };
        if let Some(inline) = inline {
            rule.recipe.push(RecipeLine { text: inline.to_owned(), file: Rc::clone(file), line: number });
        }
        self.make.rules.push(rule);
        Some(self.make.rules.len() - 1)
    }

    /// A line that is nothing but references: what they make is read as lines of the makefile.
    fn evaluated(&mut self, text: &str, file: &Rc<str>, number: u32) {
        let mut expander = Expander::new(&self.make, self.world.repo, &self.folder);
        expander.evals = Some(Vec::new());
        let own = expander.expand(text);
        let evals = expander.evals.take().unwrap_or_default();
        for made in
            evals.into_iter().chain((!own.trim().is_empty() && own.contains([':', '='])).then_some(own))
        {
            if !is_known(&made) && !made.contains(['=', ':']) {
                continue;
            }
            let mut made = lines(&made);
            for line in &mut made {
                line.number = number;
            }
            if self.includes < MAX_INCLUDES {
                self.includes += 1;
                self.lines(&made, file, MAX_DEPTH);
            }
        }
    }

    /// Sets a variable. Where it is not known whether this line counts, what it changes is unknown.
    pub(super) fn assign(&mut self, name: &str, operator: &str, raw: &str, origin: Origin, unsure: bool) {
        let old = self.make.variables.get(name).cloned();
        if old.as_ref().is_some_and(|old| old.origin > origin) {
            return;
        }
        let exported = old.as_ref().is_some_and(|old| old.exported);
        let simple = |value: String| Variable { value, recursive: false, origin, exported };
        let new = match operator {
            // Whether it is set decides between that value and this one.
            "?=" if old.as_ref().is_some_and(|old| {
                old.origin == Origin::Environment && self.world.choices.may_be_empty(&old.value)
            }) =>
            {
                simple(unknown(&format!("$({name})")))
            }
            "?=" if old.is_some() => return,
            "?=" | "=" | ":::=" => Variable { value: raw.to_owned(), recursive: true, origin, exported },
            "!=" => simple(unknown(&format!("$(shell {raw})"))),
            "+=" => match &old {
                Some(old) => {
                    let more = if old.recursive { raw.to_owned() } else { self.expand(raw) };
                    let joined = if old.value.is_empty() { more } else { format!("{} {more}", old.value) };
                    Variable { value: joined, ..old.clone() }
                }
                None => Variable { value: raw.to_owned(), recursive: true, origin, exported },
            },
            _ => simple(self.expand(raw)),
        };
        let new = if unsure && old.as_ref().is_none_or(|old| old.value != new.value) {
            simple(unknown(&format!("$({name})")))
        } else {
            new
        };
        self.make.variables.insert(name.to_owned(), new);
    }

    /// `ifeq`, `else`, `endif` and the like. False if the line is none of them.
    fn conditional(&mut self, text: &str, branches: &mut Vec<Branch>) -> bool {
        let (word, rest) = match text.find([' ', '\t', '(']) {
            Some(at) => (&text[..at], text[at..].trim()),
            None => (text, ""),
        };
        match word {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let skipped = branches.iter().any(|branch| matches!(branch, Branch::NotYet | Branch::Done));
                let branch = if skipped { Branch::Done } else { self.branch(word, rest) };
                branches.push(branch);
                true
            }
            "else" => {
                let Some(last) = branches.pop() else { return true };
                let next = match last {
                    Branch::Taken | Branch::Done => Branch::Done,
                    Branch::Unsure => Branch::Unsure,
                    Branch::NotYet if rest.is_empty() => Branch::Taken,
                    Branch::NotYet => {
                        let (word, rest) = rest.split_at(rest.find([' ', '\t', '(']).unwrap_or(rest.len()));
                        self.branch(word, rest.trim())
                    }
                };
                branches.push(next);
                true
            }
            "endif" => {
                branches.pop();
                true
            }
            _ => false,
        }
    }

    fn branch(&self, word: &str, rest: &str) -> Branch {
        let truth = if word.ends_with("def") {
            let name = self.expand(rest);
            match self.make.variables.get(&name) {
                Some(variable) if is_known(&variable.value) => Some(!variable.value.is_empty()),
                None if is_known(&name) && !is_outside(&name) => Some(false),
                _ => None,
            }
        } else {
            let (left, right) = operands(rest);
            let (left, right) = (self.expand(left), self.expand(right));
            (is_known(&left) && is_known(&right)).then(|| left.trim() == right.trim())
        };
        match truth.map(|truth| truth != word.starts_with("ifn")) {
            Some(true) => Branch::Taken,
            Some(false) => Branch::NotYet,
            None => Branch::Unsure,
        }
    }
}

/// The two sides of `ifeq (a,b)` or `ifeq "a" "b"`.
fn operands(rest: &str) -> (&str, &str) {
    if let Some(inner) = rest.strip_prefix('(') {
        let inner = inner.trim_end().strip_suffix(')').unwrap_or(inner);
        return match outside(inner, |rest| rest[0] == b',') {
            Some(at) => (inner[..at].trim(), inner[at + 1..].trim()),
            None => (inner, ""),
        };
    }
    let quote = rest.chars().next().unwrap_or('"');
    let mut parts = rest.split(quote).skip(1);
    let left = parts.next().unwrap_or_default();
    let right = rest.rsplit(['"', '\'']).nth(1).unwrap_or_default();
    (left, right)
}

/// The name, the operator and the value of an assignment.
fn assignment(text: &str) -> Option<(&str, &str, &str)> {
    let at = outside(text, |rest| rest[0] == b'=' || rest[0] == b':')?;
    let rest = &text[at..];
    let colons = rest.len() - rest.trim_start_matches(':').len();
    let (name, operator, value) = if colons > 0 {
        let value = rest[colons..].strip_prefix('=')?;
        (&text[..at], &rest[..=colons], value)
    } else {
        let (name, operator) = match text[..at].chars().last() {
            Some('?' | '+' | '!') => (&text[..at - 1], &text[at - 1..=at]),
            _ => (&text[..at], "="),
        };
        (name, operator, &rest[1..])
    };
    let name = name.trim();
    (!name.is_empty() && outside(name, |rest| rest[0].is_ascii_whitespace()).is_none())
        .then_some((name, operator, value))
}

/// The makefile that make reads in a folder.
pub(super) fn default_file(world: &World<'_>, site: &Site, folder: &str) -> Option<String> {
    ["GNUmakefile", "makefile", "Makefile"].into_iter().find_map(|name| {
        let path = site.inside(&join(folder, name))?;
        world.repo.has_file(&path).then_some(path)
    })
}
