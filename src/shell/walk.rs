//! From the tree of a script to its simple commands.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::memo::known_tree;
use super::syntax::{
    self, Command, Compound, Document, Join, Part, Redirect, RedirectKind, Script, Simple, Word,
};
use super::word::unquote;
use super::wrapper::{Inner, inner, is_assignment, runs};
use super::{MAX_COMMANDS, MAX_SCRIPT, MAX_WRAPPERS, Reached, Repeats, SimpleCommand, is_shell};

/// Scripts within scripts are followed to this depth.
const MAX_DEPTH: u32 = 8;

/// Where a command stands.
#[derive(Clone, Copy)]
struct Context {
    repeats: Repeats,
    reached: Reached,
}

const TOP: Context = Context { repeats: Repeats::Times(1), reached: Reached::Always };

impl Context {
    const fn perhaps(self) -> Self {
        Self { reached: Reached::Perhaps, ..self }
    }

    const fn repeated(self) -> Self {
        Self { repeats: Repeats::Unknown, ..self }
    }
}

/// The commands of a script.
pub(super) fn commands(script: &str) -> Vec<SimpleCommand<'_>> {
    let mut found = Vec::new();
    script_into(script, TOP, 0, true, &mut found);
    found
}

/// Adds `command` and all that it runs.
pub(super) fn unwrap_into<'a>(command: SimpleCommand<'a>, depth: u32, found: &mut Vec<SimpleCommand<'a>>) {
    let mut command = command;
    // Each wrapper repeats the words after it, so that their number is limited.
    for _ in 0..MAX_WRAPPERS {
        if found.len() >= MAX_COMMANDS {
            return;
        }
        let context = Context { repeats: command.repeats, reached: command.reached };
        match inner(&command) {
            Inner::Nothing => break,
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
    found.push(command);
}

/// The command that begins at argument `at` of `outer`, with the variables that `env` and its like set for it.
fn wrapped<'a>(outer: &SimpleCommand<'a>, at: usize) -> SimpleCommand<'a> {
    let set = outer.args[..at].iter().filter(|arg| is_assignment(arg)).filter_map(|arg| match arg {
        Cow::Borrowed(arg) => arg.split_once('=').map(|(name, value)| (name.into(), value.into())),
        Cow::Owned(arg) => {
            arg.split_once('=').map(|(name, value)| (name.to_owned().into(), value.to_owned().into()))
        }
    });
    SimpleCommand {
        name: outer.args[at].clone(),
        args: outer.args[at + 1..].to_vec(),
        assignments: outer.assignments.iter().cloned().chain(set).collect(),
        input: outer.input.clone().filter(|_| outer.base_name() != "xargs"),
        repeats: outer.repeats.of(runs(outer, at)),
        reached: outer.reached,
        wraps: false,
        span: None,
    }
}

/// A script out of another's words. Its commands borrow from the whole text only if the words do.
fn script_within<'a>(script: Cow<'a, str>, context: Context, depth: u32, found: &mut Vec<SimpleCommand<'a>>) {
    match script {
        Cow::Borrowed(script) => script_into(script, context, depth, false, found),
        Cow::Owned(script) => {
            let mut inner = Vec::new();
            script_into(&script, context, depth, false, &mut inner);
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
        span: command.span,
    }
}

fn script_into<'a>(
    script: &'a str,
    context: Context,
    depth: u32,
    is_whole: bool,
    found: &mut Vec<SimpleCommand<'a>>,
) {
    if depth > MAX_DEPTH {
        return;
    }
    let script = within_limits(script);
    if let Some(interpreter) = foreign_shebang(script) {
        found.push(simple(Cow::Borrowed(interpreter), context));
        return;
    }
    let Some(tree) = known_tree(script) else { return };
    Walk { script, is_whole, depth, documents: &tree.documents, functions: BTreeSet::new(), found }
        .list(&tree.list, context, None);
}

/// The part of a script that is read.
pub(super) fn within_limits(script: &str) -> &str {
    let mut end = MAX_SCRIPT.min(script.len());
    while !script.is_char_boundary(end) {
        end -= 1;
    }
    &script[..end]
}

/// The interpreter of a script that begins with `#!` and is not for a shell.
pub(super) fn foreign_shebang(script: &str) -> Option<&str> {
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
        span: None,
    }
}

/// A walk through one script's tree, whose depth [`syntax::MAX_NESTING`] limits.
struct Walk<'a, 'f, 't> {
    script: &'a str,
    /// Whether spans in it are spans of the text that was asked for.
    is_whole: bool,
    depth: u32,
    documents: &'t [Document],
    functions: BTreeSet<Cow<'a, str>>,
    found: &'f mut Vec<SimpleCommand<'a>>,
}

/// What feeds a command, where the text tells.
#[derive(Clone, Copy)]
enum Feed<'t> {
    Document(&'t Redirect),
    /// What `echo` says.
    Words(&'t [Word]),
}

type Input<'t> = Option<Feed<'t>>;

impl<'a, 't> Walk<'a, '_, 't> {
    fn list(&mut self, list: &'t [Command], context: Context, input: Input<'t>) {
        for command in list {
            self.command(command, context, input);
        }
    }

    fn command(&mut self, command: &'t Command, context: Context, input: Input<'t>) {
        match command {
            Command::Simple(simple) => self.simple(simple, context, input),
            Command::Pipeline { parts, .. } => {
                let mut input = input;
                for part in parts {
                    self.command(part, context, input);
                    // A document passes through `tee` and its like; what `echo` says may be changed on the way.
                    input = self.output(part).or(input.filter(|feed| matches!(feed, Feed::Document(_))));
                }
            }
            Command::AndOr { first, rest } => {
                self.command(first, context, input);
                for (join, command) in rest {
                    let context = if *join == Join::Or { context.perhaps() } else { context };
                    self.command(command, context, input);
                }
            }
            Command::Background(command) => self.command(command, context, input),
            Command::Compound { kind, redirects } => {
                let document = redirects.iter().find(|redirect| is_document(redirect));
                self.compound(kind, context, document.map(Feed::Document).or(input));
                for redirect in redirects {
                    self.redirect(redirect, context);
                }
            }
        }
    }

    fn compound(&mut self, kind: &'t Compound, context: Context, input: Input<'t>) {
        match kind {
            Compound::Group(list) | Compound::Subshell(list) => self.list(list, context, input),
            Compound::If { arms, otherwise } => {
                for (at, (condition, body)) in arms.iter().enumerate() {
                    self.list(condition, if at == 0 { context } else { context.perhaps() }, input);
                    self.list(body, context.perhaps(), input);
                }
                self.list(otherwise, context.perhaps(), input);
            }
            Compound::Case { word, items } => {
                self.word(word, context);
                for item in items {
                    item.patterns.iter().for_each(|pattern| self.word(pattern, context.perhaps()));
                    self.list(&item.body, context.perhaps(), input);
                }
            }
            Compound::For { words, body, .. } => {
                words.iter().flatten().for_each(|word| self.word(word, context));
                let times = match words {
                    _ if self.ends(body) => Repeats::Times(1),
                    Some(words) => self.iterations(words),
                    None => Repeats::Unknown,
                };
                self.list(body, Context { repeats: context.repeats.of(times), ..context }, input);
            }
            Compound::While { condition, body } => {
                // What is tried until it succeeds is taken to do so at once.
                let within = match () {
                    () if self.ends(body) => [context, context],
                    () if self.is_tried(condition) => [context, context.perhaps()],
                    () => [context.repeated(), context.repeated()],
                };
                self.list(condition, within[0], input);
                self.list(body, within[1], input);
            }
            Compound::Function { name, body } => {
                self.functions.insert(Cow::Owned(name.to_string()));
                self.list(body, context, None);
            }
            Compound::Test(words) => words.iter().for_each(|word| self.word(word, context)),
            Compound::Opaque => {}
        }
    }

    fn text(&self, span: &Range<usize>) -> &'a str {
        self.script.get(span.clone()).unwrap_or_default()
    }

    /// Whether the text tells what a word is.
    fn is_literal(&self, word: &Word) -> bool {
        !self.text(&word.span).contains(['$', '`', '*', '?', '['])
    }

    /// How many words a `for` loop goes through.
    fn iterations(&self, words: &[Word]) -> Repeats {
        if words.is_empty() || !words.iter().all(|word| self.is_literal(word)) {
            Repeats::Unknown
        } else {
            Repeats::Times(u32::try_from(words.len()).unwrap_or(u32::MAX))
        }
    }

    /// Whether a loop with this body ends as soon as something in it succeeded: `for i in 1 2 3; do npm ci && break; done`.
    fn ends(&self, body: &[Command]) -> bool {
        body.iter().any(|command| match command {
            Command::Simple(simple) => {
                let mut words = simple.words.iter().map(|word| self.text(&word.span));
                match words.next() {
                    Some("break") => true,
                    Some("exit" | "return") => words.next() == Some("0"),
                    _ => false,
                }
            }
            Command::AndOr { rest, .. } => rest
                .iter()
                .any(|(join, command)| *join == Join::And && self.ends(std::slice::from_ref(command))),
            Command::Compound { kind: Compound::Group(list) | Compound::Subshell(list), .. } => {
                self.ends(list)
            }
            Command::Compound { kind: Compound::If { arms, otherwise }, .. } => {
                arms.iter().any(|(_, body)| self.ends(body)) || self.ends(otherwise)
            }
            _ => false,
        })
    }

    /// Whether the condition of a loop is work that may fail, and neither a test nor a line that is read.
    fn is_tried(&self, condition: &[Command]) -> bool {
        const OTHERS: [&str; 6] = ["read", "[", "test", "true", ":", "shift"];
        let Some(Command::Simple(simple)) = condition.last() else { return false };
        simple.words.first().is_some_and(|word| !OTHERS.contains(&self.text(&word.span)))
    }

    /// What a command hands on through a pipe.
    fn output(&self, command: &'t Command) -> Input<'t> {
        let (redirects, words) = match command {
            Command::Simple(simple) => (&simple.redirects, &simple.words[..]),
            Command::Compound { redirects, .. } => (redirects, &[][..]),
            _ => return None,
        };
        let document = redirects.iter().find(|redirect| is_document(redirect));
        let (name, mut said) = words.split_first().map_or((None, words), |(name, said)| (Some(name), said));
        let is_option = |word: &Word| matches!(self.text(&word.span), "-n" | "-e" | "-E" | "-ne" | "-en");
        while let Some((_, rest)) = said.split_first().filter(|(first, _)| is_option(first)) {
            said = rest;
        }
        let is_said = name.is_some_and(|name| self.text(&name.span) == "echo")
            && redirects.is_empty()
            && said.iter().all(|word| self.is_literal(word) && !self.text(&word.span).contains('\\'));
        document.map(Feed::Document).or_else(|| is_said.then_some(Feed::Words(said)))
    }

    fn simple(&mut self, written: &'t Simple, context: Context, input: Input<'t>) {
        let name = written.words.first().map(|word| unquote(self.text(&word.span)));
        if let Some(name) = name.filter(|name| is_command(name) && !self.functions.contains(name)) {
            let mut command = simple(name, context);
            command.span = self.is_whole.then(|| written.span.clone());
            command.args = written.words[1..].iter().map(|word| unquote(self.text(&word.span))).collect();
            command.assignments = written
                .assignments
                .iter()
                .map(|a| (self.assigned(a), unquote(self.text(&a.value.span))))
                .collect();
            command.input = self.input(&written.redirects, input);
            unwrap_into(command, self.depth, self.found);
        }
        let values = written.assignments.iter().map(|assignment| &assignment.value);
        values.chain(&written.words).for_each(|word| self.word(word, context));
        written.redirects.iter().for_each(|redirect| self.redirect(redirect, context));
    }

    fn assigned(&self, assignment: &syntax::Assignment) -> Cow<'a, str> {
        let text = self.text(&assignment.span);
        Cow::Borrowed(text.get(..assignment.name.len()).unwrap_or_default())
    }

    /// What is fed to a command: the text of its own redirection, else that of what is around it.
    fn input(&self, own: &'t [Redirect], around: Input<'t>) -> Option<Cow<'a, str>> {
        let own = own.iter().rfind(|redirect| is_document(redirect) || redirect.kind == RedirectKind::Text);
        let redirect = match own.map(Feed::Document).or(around)? {
            Feed::Document(redirect) => redirect,
            Feed::Words(words) => {
                let words: Vec<_> = words.iter().map(|word| unquote(self.text(&word.span))).collect();
                return Some(Cow::Owned(words.join(" ")));
            }
        };
        match redirect.kind {
            RedirectKind::Document(number) => {
                self.documents.get(number).map(|document| Cow::Borrowed(self.text(&document.span)))
            }
            _ => Some(unquote(self.text(&redirect.target.span))),
        }
    }

    fn redirect(&mut self, redirect: &'t Redirect, context: Context) {
        match redirect.kind {
            RedirectKind::Document(number) => {
                if let Some(document) = self.documents.get(number) {
                    self.word(&document.body, context);
                }
            }
            _ => self.word(&redirect.target, context),
        }
    }

    /// The commands within a word.
    fn word(&mut self, word: &'t Word, context: Context) {
        for part in &word.parts {
            match part {
                Part::Output { script, .. } => self.within(script, context),
                Part::Parameter { change: Some(change), .. } => match &**change {
                    syntax::Change::Unset { word, .. } | syntax::Change::Trim { pattern: word, .. } => {
                        self.word(word, context);
                    }
                    syntax::Change::Replace { pattern, with, .. } => {
                        self.word(pattern, context);
                        self.word(with, context);
                    }
                    syntax::Change::Other => {}
                },
                _ => {}
            }
        }
    }

    /// The commands of a script within a word.
    fn within(&mut self, script: &'t Script, context: Context) {
        if let Some(text) = &script.text {
            // What stood between backticks is a text of its own.
            let mut inner = Vec::new();
            let walk = Walk {
                script: text,
                is_whole: false,
                depth: self.depth,
                documents: &script.documents,
                functions: self.functions.iter().map(|name| Cow::Owned(name.to_string())).collect(),
                found: &mut inner,
            };
            let mut walk = walk;
            walk.list(&script.list, context, None);
            self.found.extend(inner.into_iter().map(into_owned));
            return;
        }
        let around = self.documents;
        if !script.documents.is_empty() {
            self.documents = &script.documents;
        }
        self.list(&script.list, context, None);
        self.documents = around;
    }
}

fn is_document(redirect: &Redirect) -> bool {
    matches!(redirect.kind, RedirectKind::Document(_))
}

/// Whether a word begins a command and no declaration or test.
fn is_command(name: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["[", "[[", "export", "readonly", "local", "declare", "typeset", "unset", "unsetenv"];
    !OTHERS.contains(&name)
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
