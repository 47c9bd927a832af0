//! From the parser's tree to simple commands.
//!
//! Walks with a stack of its own: the nesting of a script is limited by memory, not by the thread's stack.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::num::NonZeroU16;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use super::grammar::{self, Grammar, grammar};
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

pub(super) fn into_owned<'a>(command: SimpleCommand<'_>) -> SimpleCommand<'a> {
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
    if let Some(tree) = parse(script) {
        let root = tree.root_node();
        let walk = Walk {
            script,
            depth,
            grammar: grammar(),
            cursor: root.walk(),
            functions: BTreeSet::new(),
            found,
        };
        walk.run(root, context);
    }
}

/// The tree of a script within the limits.
pub(super) fn tree(script: &str) -> Option<Tree> {
    parse(within_limits(script))
}

fn parse(script: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.get_or_insert_with(grammar::parser).parse(script, None))
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
struct Walk<'a, 'f, 't> {
    script: &'a str,
    depth: u32,
    grammar: &'static Grammar,
    /// Goes through the children of one node at a time: making one allocates.
    cursor: TreeCursor<'t>,
    functions: BTreeSet<Cow<'a, str>>,
    found: &'f mut Vec<SimpleCommand<'a>>,
}

/// A node of the tree, and the field of its parent that it fills, if any.
type Child<'t> = (Node<'t>, Option<NonZeroU16>);

impl<'a, 't> Walk<'a, '_, 't> {
    fn run(mut self, root: Node<'t>, context: Context) {
        let mut stack = vec![(root, Place { context, heredoc: None })];
        let mut children = Vec::new();
        while let Some((node, place)) = stack.pop() {
            if self.found.len() >= MAX_COMMANDS {
                return;
            }
            self.children(node, &mut children);
            let kind = node.kind_id();
            if kind == self.grammar.command {
                self.command(&children, place);
            } else if kind == self.grammar.function_definition {
                let name = in_field(&children, self.grammar.name);
                self.functions.extend(name.map(|name| unquote(self.text(name))));
            }
            let first = stack.len();
            self.push_children(node, place, &children, &mut stack);
            stack[first..].reverse();
        }
    }

    /// The children of a node with the fields they fill, into `children`.
    fn children(&mut self, node: Node<'t>, children: &mut Vec<Child<'t>>) {
        children.clear();
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            children.push((self.cursor.node(), self.cursor.field_id()));
            more = self.cursor.goto_next_sibling();
        }
    }

    fn push_children(
        &self,
        node: Node<'t>,
        place: Place<'t>,
        children: &[Child<'t>],
        stack: &mut Vec<(Node<'t>, Place<'t>)>,
    ) {
        let grammar = self.grammar;
        let kind = node.kind_id();
        let heredoc = if kind == grammar.redirected_statement {
            let mut redirects = children.iter().filter(|child| child.1 == Some(grammar.redirect));
            redirects.find(|child| child.0.kind_id() == grammar.heredoc_redirect).map(|child| child.0)
        } else if kind == grammar.heredoc_redirect {
            Some(node)
        } else if kind == grammar.pipeline || kind == grammar.command {
            place.heredoc
        } else {
            None
        };
        let mut after_or = false;
        for &(child, field) in children {
            if child.child_count() > 0 {
                let mut context = self.within(kind, children, field, place.context);
                if after_or {
                    context.reached = Reached::Perhaps;
                }
                stack.push((child, Place { context, heredoc }));
            }
            after_or = child.kind_id() == grammar.or;
        }
    }

    fn text(&self, node: Node<'_>) -> &'a str {
        self.script.get(node.byte_range()).unwrap_or_default()
    }

    /// The context of the child in `field` of a node of `kind` with these children.
    fn within(
        &self,
        kind: u16,
        children: &[Child<'t>],
        field: Option<NonZeroU16>,
        context: Context,
    ) -> Context {
        let grammar = self.grammar;
        if (kind == grammar.if_statement || kind == grammar.elif_clause) && field != Some(grammar.condition)
            || kind == grammar.else_clause
            || kind == grammar.case_item
        {
            Context { reached: Reached::Perhaps, ..context }
        } else if kind == grammar.for_statement && field == Some(grammar.body) {
            Context { repeats: context.repeats.of(self.iterations(children)), ..context }
        } else if kind == grammar.while_statement || kind == grammar.c_style_for_statement {
            Context { repeats: Repeats::Unknown, ..context }
        } else {
            context
        }
    }

    /// How many words a `for` loop goes through.
    fn iterations(&self, children: &[Child<'t>]) -> Repeats {
        let mut times = 0;
        for &(value, _) in children.iter().filter(|child| child.1 == Some(self.grammar.value)) {
            let literal = self.grammar.literals.contains(&value.kind_id())
                && !self.text(value).contains(['$', '`', '*', '?', '[']);
            if !literal {
                return Repeats::Unknown;
            }
            times += 1;
        }
        if times == 0 { Repeats::Unknown } else { Repeats::Times(times) }
    }

    fn command(&mut self, children: &[Child<'t>], place: Place<'t>) {
        let grammar = self.grammar;
        let Some(name) = in_field(children, grammar.name).map(|name| unquote(self.text(name))) else {
            return;
        };
        if self.functions.contains(&name) {
            return;
        }
        let mut command = simple(name, place.context);
        for &(child, field) in children {
            let (text, kind) = (self.text(child), child.kind_id());
            if field == Some(grammar.argument) {
                command.args.push(unquote(text));
            } else if kind == grammar.variable_assignment {
                let assignment = text.split_once('=');
                let pair = assignment.map(|(name, value)| (Cow::Borrowed(name), unquote(value)));
                command.assignments.extend(pair);
            } else if kind == grammar.herestring_redirect {
                command.input = Some(unquote(text.trim_start_matches('<').trim()));
            }
        }
        if command.input.is_none() {
            command.input = place.heredoc.and_then(|redirect| self.body(redirect));
        }
        unwrap_into(command, self.depth, self.found);
    }

    fn body(&mut self, redirect: Node<'t>) -> Option<Cow<'a, str>> {
        let mut children = Vec::new();
        self.children(redirect, &mut children);
        let body = children.iter().find(|child| child.0.kind_id() == self.grammar.heredoc_body)?;
        Some(Cow::Borrowed(self.text(body.0)))
    }
}

/// The first child in a field.
fn in_field<'t>(children: &[Child<'t>], field: NonZeroU16) -> Option<Node<'t>> {
    children.iter().find(|child| child.1 == Some(field)).map(|child| child.0)
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
