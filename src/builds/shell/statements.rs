//! Statements: lists, conditions, loops, functions.

use std::rc::Rc;

use tree_sitter::Node;

use super::super::text::{is_known, unknown};
use super::{Ended, Function, MAX_DEPTH, MAX_ROUNDS, Shell, State, Var, matches};

/// Statements within statements are followed to this depth.
const MAX_NESTING: u32 = 120;

/// Whether a command succeeds, if that is known.
pub(super) type Outcome = Option<bool>;

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    (0..node.child_count()).filter_map(|at| node.child(at)).collect()
}

impl Shell<'_, '_> {
    pub(super) fn text(&self, node: Node<'_>) -> String {
        self.script.text.get(node.byte_range()).unwrap_or_default().to_owned()
    }

    /// Runs the statements that are children of a node.
    pub(super) fn statements(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let mut outcome = Some(true);
        for child in children(node) {
            if self.state.ended != Ended::No {
                break;
            }
            if child.is_named() {
                outcome = self.statement(child, nesting);
            }
        }
        outcome
    }

    pub(super) fn statement(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        if nesting > MAX_NESTING || !self.world.spend() || self.state.ended != Ended::No {
            return None;
        }
        let nesting = nesting + 1;
        match node.kind() {
            "command" => self.command(node, None),
            "variable_assignment" => {
                self.assignment(node);
                Some(true)
            }
            "variable_assignments" => self.statements(node, nesting),
            "declaration_command" => {
                self.declaration(node);
                Some(true)
            }
            "unset_command" => {
                for child in children(node).into_iter().filter(Node::is_named) {
                    let name = self.text(child);
                    self.state.vars.remove(&name);
                }
                Some(true)
            }
            "test_command" => self.test_command(node),
            "list" => self.list(node, nesting),
            "pipeline" => {
                for child in children(node).into_iter().filter(Node::is_named) {
                    self.subshell(|shell| shell.statement(child, nesting));
                }
                None
            }
            "redirected_statement" => self.redirected(node, nesting),
            "negated_command" => {
                let inner = children(node).into_iter().find(Node::is_named);
                inner.and_then(|inner| self.statement(inner, nesting)).map(|outcome| !outcome)
            }
            "subshell" => self.subshell(|shell| shell.statements(node, nesting)),
            "compound_statement" | "do_group" | "program" | "ERROR" | "else_clause" => {
                self.statements(node, nesting)
            }
            "if_statement" => self.if_statement(node, nesting),
            "case_statement" => self.case_statement(node, nesting),
            "for_statement" => self.for_statement(node, nesting),
            "c_style_for_statement" => {
                if let Some(body) = node.child_by_field_name("body") {
                    self.forget(body);
                    self.perhaps(|shell| shell.statement(body, nesting));
                }
                None
            }
            "while_statement" => self.while_statement(node, nesting),
            "function_definition" => {
                let (name, body) = (node.child_by_field_name("name"), node.child_by_field_name("body"));
                if let (Some(name), Some(body)) = (name, body) {
                    let function = Function {
                        script: Rc::clone(&self.script),
                        start: body.start_byte(),
                        end: body.end_byte(),
                    };
                    let name = self.text(name);
                    self.state.functions.insert(name, function);
                }
                Some(true)
            }
            _ => None,
        }
    }

    /// Runs something whose effects on the state do not last.
    pub(super) fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.state.clone();
        let outcome = run(self);
        self.state = before;
        outcome
    }

    /// Runs something that may not run.
    fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> Outcome) {
        let before = self.state.clone();
        run(self);
        let after = std::mem::replace(&mut self.state, before.clone());
        self.state = before.join(after);
    }

    /// `a && b`, `a || b`.
    fn list(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let parts = children(node);
        let mut named = parts.iter().filter(|child| child.is_named());
        let &first = named.next()?;
        let operator = parts.iter().find(|child| matches!(child.kind(), "&&" | "||")).map(Node::kind);
        let left = self.statement(first, nesting);
        let Some(&second) = named.next() else { return left };
        if self.state.ended != Ended::No {
            return left;
        }
        // Programs are taken to succeed; only what the shell itself decides can fail.
        match (operator, left) {
            (Some("&&"), Some(true)) | (Some("||"), Some(false)) => self.statement(second, nesting),
            (Some("&&"), Some(false)) | (Some("||"), Some(true)) => left,
            (Some("&&"), None) if !self.decides(first) => self.statement(second, nesting),
            _ => {
                self.perhaps(|shell| shell.statement(second, nesting));
                None
            }
        }
    }

    /// Whether a statement is there to decide: `[ … ]`, `command -v x`, `grep -q x`.
    fn decides(&self, node: Node<'_>) -> bool {
        const QUESTIONS: &[&str] =
            &["command", "which", "type", "hash", "grep", "egrep", "fgrep", "diff", "cmp", "pgrep", "id", "test", "["];
        match node.kind() {
            "test_command" | "negated_command" | "list" | "pipeline" => true,
            "redirected_statement" => node.child_by_field_name("body").is_some_and(|body| self.decides(body)),
            "command" => node.child_by_field_name("name").is_some_and(|name| QUESTIONS.contains(&self.text(name).as_str())),
            _ => false,
        }
    }

    fn redirected(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let body = node.child_by_field_name("body")?;
        let input = children(node)
            .into_iter()
            .find(|child| child.kind() == "file_redirect" && self.text(*child).starts_with('<'));
        let input = input.and_then(|redirect| redirect.child_by_field_name("destination"));
        let input = input.map(|word| self.word(&self.text(word)));
        if body.kind() == "command" {
            self.command(body, input.as_deref())
        } else {
            self.statement(body, nesting)
        }
    }

    fn if_statement(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let mut ways = Vec::new();
        let mut clauses: Vec<(Vec<Node<'_>>, Vec<Node<'_>>)> = vec![clause(node)];
        let mut otherwise = None;
        for child in children(node) {
            match child.kind() {
                "elif_clause" => clauses.push(clause(child)),
                "else_clause" => otherwise = Some(child),
                _ => {}
            }
        }
        for (conditions, body) in clauses {
            let mut truth = None;
            for condition in conditions {
                truth = self.statement(condition, nesting);
            }
            match truth {
                Some(false) => {}
                Some(true) => {
                    self.each(&body, nesting);
                    return self.close(ways);
                }
                None => {
                    let before = self.state.clone();
                    self.each(&body, nesting);
                    ways.push(std::mem::replace(&mut self.state, before));
                }
            }
        }
        if let Some(otherwise) = otherwise {
            self.statements(otherwise, nesting);
        }
        self.close(ways)
    }

    fn each(&mut self, nodes: &[Node<'_>], nesting: u32) {
        for node in nodes {
            self.statement(*node, nesting);
        }
    }

    /// Joins the ways that were taken with the present one.
    fn close(&mut self, ways: Vec<State>) -> Outcome {
        let none = ways.is_empty();
        for way in ways {
            let own = self.state.clone();
            self.state = own.join(way);
        }
        none.then_some(true)
    }

    fn case_statement(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let value = node.child_by_field_name("value").map(|value| self.word(&self.text(value)))?;
        let mut ways = Vec::new();
        for item in children(node).into_iter().filter(|child| child.kind() == "case_item") {
            let mut cursor = item.walk();
            let patterns: Vec<Node<'_>> = item.children_by_field_name("value", &mut cursor).collect();
            let mut truth = Some(false);
            for pattern in &patterns {
                let pattern = self.pattern(&self.text(*pattern));
                let one = (is_known(&pattern) && is_known(&value)).then(|| matches(&pattern, &value));
                let one = if pattern == "*" { Some(true) } else { one };
                truth = match (truth, one) {
                    (_, Some(true)) | (Some(true), _) => Some(true),
                    (None, _) | (_, None) => None,
                    _ => Some(false),
                };
            }
            let last = patterns.iter().map(Node::end_byte).max().unwrap_or_default();
            let body: Vec<Node<'_>> = children(item)
                .into_iter()
                .filter(|child| child.is_named() && child.start_byte() >= last)
                .collect();
            match truth {
                Some(false) => {}
                Some(true) => {
                    self.each(&body, nesting);
                    return self.close(ways);
                }
                None => {
                    let before = self.state.clone();
                    self.each(&body, nesting);
                    ways.push(std::mem::replace(&mut self.state, before));
                }
            }
        }
        self.close(ways)
    }

    fn for_statement(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let variable = node.child_by_field_name("variable").map(|name| self.text(name))?;
        let body = node.child_by_field_name("body")?;
        let mut cursor = node.walk();
        let values: Vec<Node<'_>> = node.children_by_field_name("value", &mut cursor).collect();
        let mut words = Vec::new();
        for value in &values {
            let text = self.text(*value);
            words.extend(self.listed(&text));
        }
        if values.is_empty() {
            words.clone_from(&self.state.args);
        }
        let known =
            words.len() <= MAX_ROUNDS && words.iter().all(|word| !super::super::text::may_be_words(word));
        if !known {
            self.forget(body);
            let all: Vec<String> =
                words.iter().take(3).map(|word| super::super::text::readable(word)).collect();
            self.state.set(&variable, Var::Text(unknown(&format!("${variable} of {}", all.join(" ")))));
            self.perhaps(|shell| shell.statement(body, nesting));
            return None;
        }
        for word in words {
            self.state.set(&variable, Var::Text(super::super::text::unsplit(&word)));
            self.statement(body, nesting);
            if self.state.ended == Ended::Break {
                self.state.ended = Ended::No;
            }
            if self.state.ended != Ended::No {
                break;
            }
        }
        Some(true)
    }

    fn while_statement(&mut self, node: Node<'_>, nesting: u32) -> Outcome {
        let body = node.child_by_field_name("body")?;
        let until = node.child(0).is_some_and(|word| word.kind() == "until");
        let mut cursor = node.walk();
        let conditions: Vec<Node<'_>> =
            node.children_by_field_name("condition", &mut cursor).filter(Node::is_named).collect();
        for _ in 0..MAX_ROUNDS {
            let mut truth = None;
            for condition in &conditions {
                truth = self.statement(*condition, nesting);
            }
            match truth.map(|truth| truth != until) {
                Some(false) => return Some(true),
                Some(true) => {
                    self.statement(body, nesting);
                    if self.state.ended == Ended::Break {
                        // A `break` or `continue` that is reached on some ways only leaves the loop's end open.
                        self.state.ended = Ended::No;
                        return None;
                    }
                    if self.state.ended != Ended::No {
                        return None;
                    }
                }
                None => {
                    self.forget(body);
                    self.perhaps(|shell| shell.statement(body, nesting));
                    return None;
                }
            }
        }
        self.forget(body);
        None
    }

    /// Makes what a loop sets unknown.
    fn forget(&mut self, body: Node<'_>) {
        let mut stack = vec![body];
        while let Some(node) = stack.pop() {
            if node.kind() == "variable_assignment" {
                let name = node.child_by_field_name("name").map(|name| self.text(name));
                if let Some(name) = name {
                    let name = name.split('[').next().unwrap_or_default().to_owned();
                    let value = Var::Text(unknown(&format!("${name}")));
                    self.state.vars.insert(name, value);
                }
            }
            stack.extend(children(node));
        }
    }

    /// Calls a function that the script defines.
    pub(super) fn call(&mut self, function: &Function, args: Vec<String>, at: super::Place) -> Outcome {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let own = std::mem::replace(&mut self.script, Rc::clone(&function.script));
        let own_args = std::mem::replace(&mut self.state.args, args);
        self.calls.push(at);
        self.depth += 1;
        let script = Rc::clone(&self.script);
        let body = script.tree.root_node().descendant_for_byte_range(function.start, function.end);
        let outcome = body.and_then(|body| self.statement(body, 0));
        self.depth -= 1;
        self.calls.pop();
        self.script = own;
        self.state.args = own_args;
        if self.state.ended == Ended::Return {
            self.state.ended = Ended::No;
        }
        outcome
    }
}

/// The conditions and the body of `if` or `elif`.
fn clause(node: Node<'_>) -> (Vec<Node<'_>>, Vec<Node<'_>>) {
    let (mut conditions, mut body) = (Vec::new(), Vec::new());
    let mut then = false;
    for child in children(node) {
        match child.kind() {
            "then" => then = true,
            "elif_clause" | "else_clause" | "comment" => {}
            _ if !child.is_named() => {}
            _ if then => body.push(child),
            _ => conditions.push(child),
        }
    }
    (conditions, body)
}
