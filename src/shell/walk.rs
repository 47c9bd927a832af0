//! From the parser's tree to simple commands.
//!
//! Walks with a stack of its own: the nesting of a script is limited by memory, not by the thread's stack.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use tree_sitter::{Node, Parser};

use super::word::unquote;
use super::wrapper::{Inner, inner, is_assignment};
use super::{MAX_COMMANDS, MAX_HEREDOCS, MAX_SCRIPT, Reached, Repeats, SimpleCommand, is_shell};

/// Scripts within scripts are followed to this depth.
const MAX_DEPTH: u32 = 8;

thread_local! {
    /// Making a parser costs more than parsing a short script.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Where a command stands.
#[derive(Clone, Copy)]
struct Context {
    repeats: Repeats,
    reached: Reached,
}

const TOP: Context = Context { repeats: Repeats::Times(1), reached: Reached::Always };

/// Where a node of the tree stands.
#[derive(Clone, Copy)]
struct Place<'t> {
    context: Context,
    /// The redirect with the heredoc that feeds it. Carried down because looking up costs a walk from the root.
    heredoc: Option<Node<'t>>,
}

/// The commands of a script.
pub(super) fn commands(script: &str) -> Vec<SimpleCommand<'_>> {
    let mut found = Vec::new();
    script_into(script, TOP, 0, &mut found);
    found
}

/// Adds `command` and all that it runs.
pub(super) fn unwrap_into<'a>(command: SimpleCommand<'a>, depth: u32, found: &mut Vec<SimpleCommand<'a>>) {
    let mut command = command;
    while found.len() < MAX_COMMANDS {
        let context = Context { repeats: command.repeats, reached: command.reached };
        match inner(&command) {
            Inner::Nothing => {
                found.push(command);
                return;
            }
            Inner::Script(script) => {
                command.wraps = true;
                found.push(command);
                script_within(script, context, depth + 1, found);
                return;
            }
            Inner::Command(at) => {
                let next = wrapped(&command, at);
                command.wraps = true;
                found.push(command);
                command = next;
            }
        }
    }
}

/// The command that begins at argument `at` of `outer`, with the variables that `env` and its like set for it.
fn wrapped<'a>(outer: &SimpleCommand<'a>, at: usize) -> SimpleCommand<'a> {
    let set = outer.args[..at].iter().filter(|arg| is_assignment(arg)).filter_map(|arg| match arg {
        Cow::Borrowed(arg) => arg.split_once('=').map(|(name, value)| (name.into(), value.into())),
        Cow::Owned(arg) => {
            arg.split_once('=').map(|(name, value)| (name.to_owned().into(), value.to_owned().into()))
        }
    });
    // `find -exec` may repeat as `xargs` does, as often as there is input.
    let many = matches!(outer.base_name(), "xargs" | "find");
    SimpleCommand {
        name: outer.args[at].clone(),
        args: outer.args[at + 1..].to_vec(),
        assignments: outer.assignments.iter().cloned().chain(set).collect(),
        input: outer.input.clone(),
        repeats: if many { Repeats::Unknown } else { outer.repeats },
        reached: outer.reached,
        wraps: false,
    }
}

/// A script out of another's words. Its commands borrow from the whole text only if the words do.
fn script_within<'a>(script: Cow<'a, str>, context: Context, depth: u32, found: &mut Vec<SimpleCommand<'a>>) {
    match script {
        Cow::Borrowed(script) => script_into(script, context, depth, found),
        Cow::Owned(script) => {
            let mut inner = Vec::new();
            script_into(&script, context, depth, &mut inner);
            found.extend(inner.into_iter().map(into_owned));
        }
    }
}

fn into_owned<'a>(command: SimpleCommand<'_>) -> SimpleCommand<'a> {
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    SimpleCommand {
        name: own(command.name),
        args: command.args.into_iter().map(own).collect(),
        assignments: command.assignments.into_iter().map(|(name, value)| (own(name), own(value))).collect(),
        input: command.input.map(own),
        repeats: command.repeats,
        reached: command.reached,
        wraps: command.wraps,
    }
}

fn script_into<'a>(script: &'a str, context: Context, depth: u32, found: &mut Vec<SimpleCommand<'a>>) {
    if depth > MAX_DEPTH {
        return;
    }
    let script = within_limits(script);
    if let Some(interpreter) = foreign_shebang(script) {
        found.push(simple(Cow::Borrowed(interpreter), context));
        return;
    }
    let tree = PARSER.with_borrow_mut(|parser| {
        let parser = parser.get_or_insert_with(bash_parser);
        parser.parse(script, None)
    });
    if let Some(tree) = tree {
        let mut walk = Walk { script, depth, functions: BTreeSet::new(), found };
        walk.run(tree.root_node(), context);
    }
}

/// The part of a script that is read.
fn within_limits(script: &str) -> &str {
    let heredocs = script.match_indices("<<").nth(MAX_HEREDOCS).map_or(script.len(), |(at, _)| at);
    let mut end = MAX_SCRIPT.min(heredocs);
    while !script.is_char_boundary(end) {
        end -= 1;
    }
    &script[..end]
}

fn bash_parser() -> Parser {
    let mut parser = Parser::new();
    // Fails for a grammar of another ABI only; then there is no tree, and no command is found.
    let set = parser.set_language(&tree_sitter_bash::LANGUAGE.into());
    debug_assert!(set.is_ok(), "the grammar and the parser go together");
    parser
}

/// The interpreter of a script that begins with `#!` and is not for a shell.
fn foreign_shebang(script: &str) -> Option<&str> {
    let line = script.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    let by_env = first.ends_with("/env");
    let program = if by_env { words.find(|word| !word.starts_with('-'))? } else { first };
    (!is_shell(program.rsplit('/').next()?)).then_some(program)
}

fn simple(name: Cow<'_, str>, context: Context) -> SimpleCommand<'_> {
    SimpleCommand {
        name,
        args: Vec::new(),
        assignments: Vec::new(),
        input: None,
        repeats: context.repeats,
        reached: context.reached,
        wraps: false,
    }
}

/// A walk through one script's tree.
struct Walk<'a, 'f> {
    script: &'a str,
    depth: u32,
    functions: BTreeSet<Cow<'a, str>>,
    found: &'f mut Vec<SimpleCommand<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn run(&mut self, root: Node<'_>, context: Context) {
        let mut stack = vec![(root, Place { context, heredoc: None })];
        while let Some((node, place)) = stack.pop() {
            if self.found.len() >= MAX_COMMANDS {
                return;
            }
            match node.kind() {
                "command" => self.command(node, place),
                "function_definition" => {
                    let name = node.child_by_field_name("name").map(|name| unquote(self.text(name)));
                    self.functions.extend(name);
                }
                _ => {}
            }
            let first = stack.len();
            self.push_children(node, place, &mut stack);
            stack[first..].reverse();
        }
    }

    fn push_children<'t>(&self, node: Node<'t>, place: Place<'t>, stack: &mut Vec<(Node<'t>, Place<'t>)>) {
        let heredoc = match node.kind() {
            "redirected_statement" => heredoc_redirect(node),
            "heredoc_redirect" => Some(node),
            "pipeline" | "command" => place.heredoc,
            _ => None,
        };
        let mut after_or = false;
        for (child, field) in children(node) {
            if child.child_count() > 0 {
                let mut context = self.within(node, field, place.context);
                if after_or {
                    context.reached = Reached::Perhaps;
                }
                stack.push((child, Place { context, heredoc }));
            }
            after_or = child.kind() == "||";
        }
    }

    fn text(&self, node: Node<'_>) -> &'a str {
        self.script.get(node.byte_range()).unwrap_or_default()
    }

    /// The context of the child of `node` in `field`.
    fn within(&self, node: Node<'_>, field: Option<&str>, context: Context) -> Context {
        let perhaps = Context { reached: Reached::Perhaps, ..context };
        match node.kind() {
            "if_statement" | "elif_clause" if field != Some("condition") => perhaps,
            "else_clause" | "case_item" => perhaps,
            "for_statement" if field == Some("body") => {
                Context { repeats: context.repeats.of(self.iterations(node)), ..context }
            }
            "while_statement" | "c_style_for_statement" => Context { repeats: Repeats::Unknown, ..context },
            _ => context,
        }
    }

    /// How many words a `for` loop goes through.
    fn iterations(&self, node: Node<'_>) -> Repeats {
        let mut cursor = node.walk();
        let mut times = 0;
        for value in node.children_by_field_name("value", &mut cursor) {
            let literal = matches!(value.kind(), "word" | "raw_string" | "number" | "string")
                && !self.text(value).contains(['$', '`', '*', '?', '[']);
            if !literal {
                return Repeats::Unknown;
            }
            times += 1;
        }
        if times == 0 { Repeats::Unknown } else { Repeats::Times(times) }
    }

    fn command(&mut self, node: Node<'_>, place: Place<'_>) {
        let Some(name) = node.child_by_field_name("name").map(|name| unquote(self.text(name))) else {
            return;
        };
        if self.functions.contains(&name) {
            return;
        }
        let mut command = simple(name, place.context);
        for (child, field) in children(node) {
            let text = self.text(child);
            match (field, child.kind()) {
                (Some("argument"), _) => command.args.push(unquote(text)),
                (_, "variable_assignment") => command
                    .assignments
                    .extend(text.split_once('=').map(|(name, value)| (Cow::Borrowed(name), unquote(value)))),
                (_, "herestring_redirect") => {
                    command.input = Some(unquote(text.trim_start_matches('<').trim()));
                }
                _ => {}
            }
        }
        if command.input.is_none() {
            command.input = place.heredoc.and_then(|redirect| self.body(redirect));
        }
        unwrap_into(command, self.depth, self.found);
    }

    fn body(&self, redirect: Node<'_>) -> Option<Cow<'a, str>> {
        let mut cursor = redirect.walk();
        let body = redirect.children(&mut cursor).find(|child| child.kind() == "heredoc_body")?;
        Some(Cow::Borrowed(self.text(body)))
    }
}

/// The children of a node with the names of the fields they fill. Constant time for each.
fn children(node: Node<'_>) -> impl Iterator<Item = (Node<'_>, Option<&'static str>)> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        let child = more.then(|| (cursor.node(), cursor.field_name()))?;
        more = cursor.goto_next_sibling();
        Some(child)
    })
}

/// The redirect of a statement that feeds it a heredoc.
fn heredoc_redirect(statement: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = statement.walk();
    statement
        .children_by_field_name("redirect", &mut cursor)
        .find(|redirect| redirect.kind() == "heredoc_redirect")
}

impl Repeats {
    /// A loop in a loop.
    fn of(self, inner: Self) -> Self {
        match (self, inner) {
            (Self::Times(outer), Self::Times(inner)) => Self::Times(outer.saturating_mul(inner)),
            _ => Self::Unknown,
        }
    }
}
