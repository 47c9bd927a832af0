//! Simple commands: assignments, functions, programs and the programs that run others.

use std::rc::Rc;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::super::MAX_WRAPPERS;
use super::super::syntax::{Assignment, Part, Script, Simple, Word, parse};
use super::super::wrapper::{Inner, inner, is_assignment, runs_others};
use super::run::Run;
use super::state::{Exported, Flow, State, Status, Variable};
use super::text::Text;
use super::{Call, Change, Dialect, Environment, Field, Followed, MAX_CALLS, filter};

/// Whether POSIX calls a builtin special.
fn is_special(name: &str) -> bool {
    const SPECIAL: [&str; 14] = [
        "set", "export", ".", ":", "eval", "exec", "readonly", "shift", "unset", "times", "trap", "return",
        "break", "continue",
    ];
    SPECIAL.contains(&name)
}

/// A path from the root.
pub(super) fn absolute(path: &Text, dir: &Text) -> Text {
    let raw = path.with_gaps();
    if raw.starts_with('/') || raw.is_empty() {
        return path.clone();
    }
    let near = raw.strip_prefix("./").unwrap_or(raw);
    let slash = if dir.with_gaps().ends_with('/') { "" } else { "/" };
    Text::new(&format!("{}{slash}{near}", dir.with_gaps()))
}

impl Run<'_> {
    pub(super) fn simple(&mut self, simple: &Simple, state: &mut State, script: &Rc<Script>) {
        let mut fields = self.words(&simple.words, state, script);
        let redirected = self.redirected(&simple.redirects, state, script);
        let input = self.input_of(&simple.redirects, state, script);
        if fields.is_empty() {
            state.status = Status::Zero;
            for assignment in &simple.assignments {
                let value = self.assigned_value(assignment, state, script);
                state.set(assignment.name.clone(), value);
            }
            if let Some(target) = redirected {
                target.write(state, &Text::default());
            }
            return;
        }
        let set = self.set_before(&simple.assignments, state, script);
        self.spend(fields.iter().map(|field| field.text.with_gaps().len() / 16 + 1).sum());
        let is_file = redirected.is_some();
        let output = redirected.as_ref().map(|_| std::mem::take(&mut state.output));
        let before = input.map(|input| state.input.replace(input));
        self.read += u32::from(is_file);
        let name = fields[0].text.clone();
        let name = name.known().unwrap_or_default();
        if let Some(function) = state.functions.get(name).cloned() {
            fields.remove(0);
            self.function(&function, fields, &set, state);
        } else if is_special(name) {
            self.keep(&set, state);
            self.builtin(name, &fields, &set, state, simple);
        } else if !self.builtin(name, &fields, &set, state, simple) {
            let span = self.span(&simple.span);
            self.program(fields, &set, span, state);
        }
        self.read -= u32::from(is_file);
        if let Some(before) = before {
            state.input = before;
        }
        if let (Some(target), Some(output)) = (redirected, output) {
            let written = std::mem::replace(&mut state.output, output);
            target.write(state, &written);
        }
    }

    /// What stands before a command: each value sees those before it.
    fn set_before(
        &mut self,
        assignments: &[Assignment],
        state: &mut State,
        script: &Rc<Script>,
    ) -> Vec<(SmolStr, Text)> {
        let mut set = Vec::with_capacity(assignments.len());
        let is_plain = |assignment: &Assignment| {
            assignment.value.parts.iter().all(|part| matches!(part, Part::Text { .. }))
        };
        let sees = assignments.iter().skip(1).any(|assignment| assignment.appends || !is_plain(assignment));
        let mut before = sees.then(|| self.fork(state));
        for assignment in assignments {
            let value = self.assigned_value(assignment, before.as_mut().unwrap_or(state), script);
            if let Some(before) = &mut before {
                let variable = Variable { value: Some(value.clone()), exported: Exported::Yes };
                before.put(assignment.name.clone(), variable);
            }
            set.push((assignment.name.clone(), value));
        }
        if let Some(before) = before {
            state.files = before.files;
        }
        set
    }

    /// What stands before a special builtin stays, but in bash.
    fn keep(&mut self, set: &[(SmolStr, Text)], state: &mut State) {
        for (name, value) in set {
            match self.dialect {
                Dialect::Bash => {}
                Dialect::Dash | Dialect::Ash => state.set(name.clone(), value.clone()),
                Dialect::Unknown => state.set(name.clone(), Text::unknown()),
            }
        }
    }

    /// The fields of a command. What a declaration assigns is one word, whatever its value.
    fn words(&mut self, words: &[Word], state: &mut State, script: &Rc<Script>) -> Vec<Field> {
        let declares = words
            .first()
            .and_then(Word::literal)
            .is_some_and(|name| matches!(&*name, "export" | "readonly" | "local" | "declare" | "typeset"));
        if !declares {
            return self.fields(words, state, script);
        }
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            let assigns =
                matches!(word.parts.first(), Some(Part::Text { text, quoted: false }) if is_assignment(text));
            if assigns {
                let text = self.joined(word, state, script);
                fields.push(Field { text, span: self.span(&word.span) });
            } else {
                fields.extend(self.fields(std::slice::from_ref(word), state, script));
            }
        }
        fields
    }

    fn assigned_value(&mut self, assignment: &Assignment, state: &mut State, script: &Rc<Script>) -> Text {
        let value = self.joined(&assignment.value, state, script);
        if assignment.appends {
            self.value(&assignment.name, state).unwrap_or_default().and(&value)
        } else {
            value
        }
    }

    fn function(
        &mut self,
        function: &super::state::Function,
        arguments: Vec<Field>,
        set: &[(SmolStr, Text)],
        state: &mut State,
    ) {
        if !self.enter() {
            return;
        }
        for (name, value) in set {
            state.put(name.clone(), Variable { value: Some(value.clone()), exported: Exported::Yes });
        }
        let texts: Vec<Text> = arguments.into_iter().map(|field| field.text).collect();
        let before = std::mem::replace(&mut state.arguments, texts.into());
        let script = Rc::clone(&function.script);
        self.list(&function.body, state, &script);
        state.arguments = before;
        if state.flow == Flow::Returned {
            state.flow = Flow::On;
        }
        self.leave();
    }

    /// The environment of a program that is run now.
    fn environment(set: &[(SmolStr, Text)], state: &State) -> Environment {
        let changes = set.iter().map(|(name, value)| Change::Set(name.clone(), value.clone())).collect();
        Environment { variables: Rc::clone(&state.variables), unseen: state.unseen, changes }
    }

    /// A program, and what it runs.
    pub(super) fn program(
        &mut self,
        fields: Vec<Field>,
        set: &[(SmolStr, Text)],
        span: Option<std::ops::Range<usize>>,
        state: &mut State,
    ) {
        state.status = Status::Assumed;
        // The environment is kept with the call: it is copied when it changes next.
        self.spend(state.variables.len());
        let mut call = Call {
            environment: Self::environment(set, state),
            words: fields.into(),
            span,
            is_certain: self.perhaps == 0 && !state.doubt,
            is_repeated: self.repeated > 0,
            is_inner: false,
            wraps: false,
            dir: state.dir.clone(),
            is_read: self.read > 0,
        };
        for _ in 0..MAX_WRAPPERS {
            let wrapped = Self::wrapped(&call);
            self.spend(call.words.len());
            match wrapped {
                Wrapped::Nothing => break,
                Wrapped::Script(text, from) => {
                    let mut environment = call.environment.clone();
                    environment.changes.extend(changes(&call));
                    let arguments = call.words.get(from..).unwrap_or_default().iter();
                    let arguments: Vec<Text> = arguments.map(|word| word.text.clone()).collect();
                    call.wraps = true;
                    let dialect = match call.program() {
                        "bash" => Dialect::Bash,
                        _ if self.dialect == Dialect::Bash => Dialect::Unknown,
                        _ => self.dialect,
                    };
                    let outer = std::mem::replace(&mut self.dialect, dialect);
                    let (perhaps, repeated) = (u32::from(!call.is_certain), u32::from(call.is_repeated));
                    self.calls.push(call);
                    self.perhaps += perhaps;
                    self.repeated += repeated;
                    self.shell(&text, arguments, &environment, state);
                    self.perhaps -= perhaps;
                    self.repeated -= repeated;
                    self.dialect = outer;
                    return;
                }
                Wrapped::Call(at) => {
                    let mut next = call.clone();
                    next.environment.changes.extend(changes(&call));
                    next.words = next.words.after(at);
                    next.is_inner = true;
                    if matches!(call.program(), "xargs" | "find") {
                        next.is_repeated = true;
                        next.is_certain = false;
                        let fed = Field { text: Text::unknown(), span: None };
                        if call.program() == "xargs" && next.words.last() != Some(&fed) {
                            next.words = next.words.iter().cloned().chain([fed]).collect::<Vec<_>>().into();
                        }
                    }
                    call.wraps = true;
                    let wrapper = std::mem::replace(&mut call, next);
                    self.calls.push(wrapper);
                }
            }
        }
        let output = self.printed(&call, state);
        state.output = state.output.and(&output);
        let followed = if self.detached < MAX_CALLS { self.followed(&call, state) } else { Vec::new() };
        if followed.is_empty() {
            return self.calls.push(call);
        }
        call.wraps = true;
        let environment = call.environment.clone();
        let arguments: Vec<Text> = call.words.iter().skip(1).map(|word| word.text.clone()).collect();
        let skipped = usize::from(super::super::is_shell(call.program()));
        self.calls.push(call);
        for Followed { script, environment: more } in followed {
            let mut environment = environment.clone();
            environment.changes.extend(more.into_iter().map(|(name, value)| Change::Set(name, value)));
            let arguments = arguments.iter().skip(skipped).cloned().collect();
            self.shell(&Text::new(&script), arguments, &environment, state);
        }
    }

    /// The scripts in files that a call runs: a file that is a shell's, or what the world knows of others.
    fn followed(&mut self, call: &Call, state: &State) -> Vec<Followed> {
        let Some(program) = call.words.first().and_then(|word| word.text.known()) else { return Vec::new() };
        let file = if super::super::is_shell(call.program()) {
            call.words.get(1).map(|word| word.text.clone()).filter(|word| !word.with_gaps().starts_with('-'))
        } else {
            program.contains('/').then(|| Text::new(program))
        };
        let Some(file) = file else { return self.world.scripts(call) };
        let text = self.content(&file, state);
        let text = text.with_gaps();
        let is_script = super::super::is_shell(call.program())
            || file.with_gaps().rsplit_once('.').is_some_and(|(_, extension)| extension == "sh")
            || text.starts_with("#!") && text.lines().next().is_some_and(|line| line.ends_with("sh"));
        if !is_script || text.trim_matches('\0').is_empty() {
            return Vec::new();
        }
        vec![Followed { script: text.to_owned(), environment: Vec::new() }]
    }

    /// What a call runs besides itself.
    fn wrapped(call: &Call) -> Wrapped {
        let Some((name, words)) = call.words.split_first() else { return Wrapped::Nothing };
        if name.text.known().is_none() || !runs_others(call.program()) {
            return Wrapped::Nothing;
        }
        let command = call.command();
        match inner(&command) {
            Inner::Nothing => Wrapped::Nothing,
            Inner::Command(at) => Wrapped::Call(at + 1),
            Inner::Script(text) => {
                let at = words.iter().position(|word| word.text.with_gaps() == text);
                // What follows the script is its name, then its arguments.
                Wrapped::Script(Text::new(&text), at.map_or(call.words.len(), |at| at + 3))
            }
        }
    }

    /// A script in a shell of its own, with what its environment tells it.
    fn shell(&mut self, text: &Text, arguments: Vec<Text>, environment: &Environment, state: &mut State) {
        if !self.enter() || !self.spend(text.with_gaps().len()) {
            return;
        }
        let script = Rc::new(parse(text.with_gaps()));
        let mut inner = self.fork(state);
        inner.unseen =
            environment.unseen || environment.changes.iter().any(|change| matches!(change, Change::Blur));
        inner.variables = environment.seen();
        inner.functions = Rc::default();
        inner.exports_all = false;
        inner.arguments = arguments.into();
        self.detached += 1;
        self.list(&script.list, &mut inner, &script);
        self.detached -= 1;
        self.leave();
        state.files = inner.files;
        state.output = inner.output;
        state.status = Status::Assumed;
    }

    /// What a call prints; it also notes what it does to files that are known.
    fn printed(&mut self, call: &Call, state: &mut State) -> Text {
        let words: Option<SmallVec<[&str; 8]>> = call.words.iter().map(|word| word.text.known()).collect();
        let Some(words) = words else { return self.unknown_output(call, state) };
        let Some((_, arguments)) = words.split_first() else { return Text::default() };
        let program = call.program();
        let plain = || arguments.iter().filter(|argument| !argument.starts_with('-'));
        let path = |path: &str| absolute(&Text::new(path), &state.dir);
        match program {
            "cat" if !arguments.is_empty() && plain().count() == arguments.len() => {
                let mut all = Text::default();
                for argument in arguments {
                    all = all.and(&self.content(&Text::new(argument), state));
                }
                return all;
            }
            "tee" => {
                let input = state.input.clone().unwrap_or_else(Text::unknown);
                let appends = arguments.iter().any(|argument| matches!(*argument, "-a" | "--append"));
                let mut files = (*state.files).clone();
                for argument in plain() {
                    let path = path(argument);
                    let Some(path) = path.known() else { continue };
                    let before = if appends {
                        files.get(path).cloned().unwrap_or_else(Text::unknown)
                    } else {
                        Text::default()
                    };
                    files.insert(path.into(), before.and(&input));
                }
                state.files = Rc::new(files);
                return input;
            }
            "rm" | "mv" | "cp" => {
                let names: Vec<Text> = plain().map(|argument| path(argument)).collect();
                let files = Rc::make_mut(&mut state.files);
                if let ([from, to], true) = (&names[..], program != "rm") {
                    let moved = from.known().and_then(|from| files.get(from).cloned());
                    if let (Some(text), Some(to)) = (moved, to.known()) {
                        files.insert(to.into(), text);
                    }
                }
                if program != "cp" {
                    for name in names.iter().take(if program == "rm" { names.len() } else { 1 }) {
                        name.known().map(|name| files.remove(name));
                    }
                }
                return Text::default();
            }
            "basename" | "dirname" => {
                if let [path] = arguments {
                    let (dir, base) = path.rsplit_once('/').unwrap_or((".", path));
                    return Text::new(&format!("{}\n", if program == "basename" { base } else { dir }));
                }
            }
            _ => {}
        }
        if let Some(answer) = self.world.answer(&words, &call.environment) {
            return Text::new(&answer);
        }
        let input = state.input.as_ref().and_then(Text::known);
        let filtered = input.and_then(|input| filter::filtered(program, arguments, input));
        match filtered {
            Some(text) => Text::new(&text),
            None => self.unknown_output(call, state),
        }
    }

    fn unknown_output(&self, call: &Call, state: &State) -> Text {
        let silent = matches!(
            call.program(),
            "mkdir" | "chmod" | "chown" | "touch" | "ln" | "sleep" | "true" | "mv" | "cp"
        );
        if silent || self.read == 0 && state.input.is_none() { Text::default() } else { Text::unknown() }
    }
}

enum Wrapped {
    Nothing,
    /// A script, and which of the words are its arguments.
    Script(Text, usize),
    /// The words from here on.
    Call(usize),
}

/// What a wrapper changes in the environment of what it runs.
fn changes(call: &Call) -> Vec<Change> {
    let mut changes = Vec::new();
    let program = call.program();
    let words: Vec<&str> = call.arguments().collect();
    match program {
        "env" => {
            let mut at = 0;
            while let Some(word) = words.get(at) {
                match *word {
                    "-i" | "-" | "--ignore-environment" => changes.push(Change::Clear),
                    "-u" | "--unset" => {
                        at += 1;
                        changes.extend(words.get(at).map(|name| Change::Unset((*name).into())));
                    }
                    "-C" | "--chdir" | "-S" | "--split-string" => at += 1,
                    word if word.starts_with('-') => {}
                    word => match word.split_once('=') {
                        Some((name, value)) => changes.push(Change::Set(name.into(), Text::new(value))),
                        None => break,
                    },
                }
                at += 1;
            }
        }
        "sudo" | "doas" => {
            let keeps = words.iter().take_while(|word| word.starts_with('-')).any(|word| {
                *word == "-E" || word.starts_with("--preserve-env") || *word == "-HE" || *word == "-EH"
            });
            if !keeps {
                changes.push(Change::Blur);
            }
            let set =
                words.iter().skip_while(|word| word.starts_with('-')).map_while(|word| word.split_once('='));
            changes.extend(set.map(|(name, value)| Change::Set(name.into(), Text::new(value))));
        }
        "su" | "runuser" | "chroot" => changes.push(Change::Blur),
        _ => {}
    }
    changes
}
