//! Commands: the shell's own, those that build images, and those that run other definitions.

use std::rc::Rc;

use super::super::definition::{Place, Tool};
use super::super::make;
use super::super::path::join;
use super::super::text::{is_known, is_wholly_unknown, may_be_words, splittable, unknown, unsplit};
use super::super::world::is_outside;
use super::condition::raw_words;
use super::statements::Outcome;
use super::{Ended, Script, Shell, State, Var};
use crate::shell::syntax::{Assignment, Simple, Word};

/// Programs that run the rest of their words, with their options that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("sudo", &["-u", "-g", "-E="]),
    ("env", &["-u", "-C"]),
    ("time", &["-f", "-o"]),
    ("nice", &["-n"]),
    ("nohup", &[]),
    ("exec", &["-a"]),
    ("command", &[]),
    ("timeout", &["-s", "-k"]),
    ("retry", &["-n", "-t", "-d", "--times", "--delay"]),
    ("stdbuf", &["-o", "-e", "-i"]),
    ("eatmydata", &[]),
    ("xvfb-run", &[]),
    ("travis_retry", &[]),
    ("travis_wait", &[]),
    ("builtin", &[]),
    ("run", &[]),
    ("then", &[]),
    ("do", &[]),
];

impl Shell<'_, '_> {
    fn assign(&mut self, assignment: &Assignment) {
        let name = assignment.name.as_str();
        let raw = self.raw(&assignment.value);
        let value = match raw.strip_prefix('(') {
            Some(list) => Var::List(self.list(list.strip_suffix(')').unwrap_or(list))),
            None => Var::Text(self.word(&raw)),
        };
        let before = if assignment.appends { self.state.remove(name) } else { None };
        let value = match (before, value) {
            (Some(Var::List(mut items)), Var::List(more)) => {
                items.extend(more);
                Var::List(items)
            }
            (Some(Var::Text(text)), Var::List(more)) => {
                let mut items = if text.is_empty() { Vec::new() } else { vec![text] };
                items.extend(more);
                Var::List(items)
            }
            (Some(Var::Text(text)), Var::Text(more)) => Var::Text(text + &more),
            (None, Var::Text(more)) if assignment.appends && is_outside(name) => {
                Var::Text(format!("{}{more}", unknown(&format!("${name}"))))
            }
            (_, value) => value,
        };
        self.state.set(name, value);
    }

    /// The items of a list in parentheses.
    fn list(&mut self, raw: &str) -> Vec<String> {
        let lines: Vec<&str> = raw.lines().map(|line| line.split(" #").next().unwrap_or(line)).collect();
        let lines = lines.into_iter().filter(|line| !line.trim_start().starts_with('#'));
        let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        match raw_words(&text) {
            Some(words) => words.iter().flat_map(|word| self.listed(word)).collect(),
            None => vec![splittable(&unknown(raw))],
        }
    }

    /// `export`, `local`, `declare`, whose words may be assignments.
    fn declare(&mut self, keyword: &str, words: &[Word]) {
        for word in words {
            let raw = self.raw(word);
            if raw.starts_with('-') {
                continue;
            }
            let (name, value) = match raw.split_once('=') {
                Some((name, value)) => (name.trim_end_matches('+').to_owned(), Some(value.to_owned())),
                None => (self.word(&raw), None),
            };
            if !is_name(&name) {
                continue;
            }
            match value {
                Some(value) => {
                    let value = match value.strip_prefix('(') {
                        Some(list) => Var::List(self.list(list.strip_suffix(')').unwrap_or(list))),
                        None => Var::Text(self.word(&value)),
                    };
                    self.state.set(&name, value);
                }
                None if keyword != "export" && keyword != "readonly" => {
                    self.state.set(&name, Var::Text(String::new()));
                }
                None => {}
            }
            if keyword == "export" {
                self.state.export(&name);
            }
        }
    }

    /// A simple command.
    pub(super) fn simple(&mut self, simple: &Simple) -> Outcome {
        if simple.words.is_empty() {
            simple.assignments.iter().for_each(|assignment| self.assign(assignment));
            return Some(true);
        }
        let first = simple.words.first().map(|word| self.raw(word)).unwrap_or_default();
        if matches!(first.as_str(), "export" | "local" | "declare" | "typeset" | "readonly") {
            self.declare(&first, &simple.words[1..]);
            return Some(true);
        }
        let mut local = Vec::new();
        for assignment in &simple.assignments {
            let name = assignment.name.to_string();
            local.push((
                name.clone(),
                self.state.vars.get(&name).cloned(),
                self.state.exported.contains(&name),
            ));
            self.assign(assignment);
            self.state.export(&name);
        }
        let words: Vec<String> = simple.words.iter().flat_map(|word| self.fields(&self.raw(word))).collect();
        let input = self.input(&simple.redirects);
        self.runs_arguments =
            first.starts_with("\"$@\"") || first.starts_with("$@") || first.starts_with("\"${@");
        let at = self.script.place(simple.span.start);
        let outcome = self.invoke(words, &at, input.as_deref());
        for (name, value, exported) in local {
            match value {
                Some(value) => self.state.set(&name, value),
                None => drop(self.state.remove(&name)),
            }
            if !exported {
                Rc::make_mut(&mut self.state.exported).remove(&name);
            }
        }
        outcome
    }

    fn invoke(&mut self, words: Vec<String>, at: &Place, input: Option<&str>) -> Outcome {
        let Some(words) = self.unwrapped(words) else { return Some(true) };
        let (Some(first), args) = (words.first(), words.get(1..).unwrap_or_default()) else { return None };
        self.print(&words);
        let name = unsplit(first);
        if let Some(function) = self.state.functions.get(&name).cloned() {
            return self.call(&function, args.to_vec(), at.clone());
        }
        match name.as_str() {
            "cd" | "pushd" => {
                self.change_folder(args);
                Some(true)
            }
            "popd" => {
                self.state.folder =
                    self.site.folders.pop().unwrap_or_else(|| format!("/{}", unknown("$PWD")));
                Some(true)
            }
            "exit" => {
                self.state.ended = Ended::Exit;
                Some(true)
            }
            "return" => {
                self.state.ended = Ended::Return;
                Some(args.first().is_none_or(|code| code == "0"))
            }
            "break" | "continue" => {
                self.state.ended = if name == "break" { Ended::Break } else { Ended::Continue };
                Some(true)
            }
            "unset" => {
                for name in args {
                    self.state.remove(name);
                }
                Some(true)
            }
            "true" | ":" | "set" | "echo" | "printf" => {
                if name == "set" {
                    self.set_arguments(args);
                }
                Some(true)
            }
            "false" => Some(false),
            "shift" => {
                let count = args.first().and_then(|count| count.parse().ok()).unwrap_or(1_usize);
                if !self.state.args.iter().any(|arg| may_be_words(arg)) {
                    let count = count.min(self.state.args.len());
                    self.state.args.drain(..count);
                }
                Some(true)
            }
            "getopts" => self.getopts(args),
            "read" => {
                let list = args.iter().any(|arg| arg.starts_with('-') && arg.contains('a'));
                for name in args.iter().filter(|arg| !arg.starts_with('-')) {
                    let text = || Var::Text(unknown(&format!("${name}")));
                    self.state.set(name, if list { Var::unknown_list(name) } else { text() });
                }
                None
            }
            "test" => self.test_words(args),
            "[" => self.test_words(args.split_last().map_or(args, |(_, rest)| rest)),
            "eval" => {
                let text = args.iter().map(|arg| unsplit(arg)).collect::<Vec<_>>().join(" ");
                self.script_text(text, at);
                None
            }
            "." | "source" => {
                self.source(args, at);
                Some(true)
            }
            "make" | "gmake" | "remake" => {
                self.make(args, at);
                None
            }
            _ if is_shell(&name) => {
                self.shell_program(args, at);
                None
            }
            _ => {
                self.program(&words, at, input);
                None
            }
        }
    }

    /// The command without programs that only run another one.
    fn unwrapped(&mut self, mut words: Vec<String>) -> Option<Vec<String>> {
        for _ in 0..8 {
            // `$SUDO docker build`: an unknown word before a known program.
            if words.len() > 1
                && may_be_words(&words[0])
                && matches!(words[1].as_str(), "docker" | "make" | "podman")
            {
                words.remove(0);
            }
            let first = words.first()?;
            let base = first.rsplit('/').next().unwrap_or(first);
            let Some((name, with_value)) = WRAPPERS.iter().find(|(name, _)| *name == base) else {
                return Some(words);
            };
            if self.state.functions.contains_key(*name) {
                return Some(words);
            }
            let mut at = 1;
            while let Some(word) = words.get(at) {
                if word.starts_with('-') && word != "-" {
                    at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
                } else if let Some((variable, value)) =
                    word.split_once('=').filter(|(n, _)| matches!(*name, "env" | "sudo") && is_name(n))
                {
                    let (variable, value) = (variable.to_owned(), unsplit(value));
                    self.state.set(&variable, Var::Text(value));
                    self.state.export(&variable);
                    at += 1;
                } else if matches!(*name, "timeout" | "retry" | "travis_wait")
                    && word.starts_with(|c: char| c.is_ascii_digit())
                {
                    at += 1;
                } else {
                    break;
                }
            }
            words.drain(..at.min(words.len()));
        }
        Some(words)
    }

    fn set_arguments(&mut self, args: &[String]) {
        if let Some(at) = args.iter().position(|arg| arg == "--") {
            self.state.args = args[at + 1..].to_vec();
        }
    }

    fn change_folder(&mut self, args: &[String]) {
        let Some(to) = args.iter().find(|arg| !arg.starts_with('-') || *arg == "-") else {
            self.state.folder = format!("/{}", unknown("$HOME"));
            return;
        };
        self.site.folders.push(self.state.folder.clone());
        self.state.folder =
            if to == "-" { format!("/{}", unknown("$OLDPWD")) } else { folder_at(&self.state.folder, to) };
    }

    fn script_text(&mut self, text: String, at: &Place) {
        let script = Script::new(text, &at.file, at.line);
        let own = std::mem::replace(&mut self.script, Rc::clone(&script));
        self.depth += 1;
        if self.depth <= super::MAX_DEPTH {
            self.statements(&script.list);
        }
        self.depth -= 1;
        self.script = own;
    }

    /// `source file`, whose state stays.
    fn source(&mut self, args: &[String], at: &Place) {
        let Some(path) = args.first().filter(|path| is_known(path)) else { return };
        let Some(path) = self.site.inside(&join(&self.state.folder, path)) else { return };
        let Some(script) = self.world.sourced(&path) else { return };
        if !self.site.begin_script(&path, args) {
            return;
        }
        let own = std::mem::replace(&mut self.script, Rc::clone(&script));
        self.site.via.push(at.clone());
        self.depth += 1;
        if self.depth <= super::MAX_DEPTH {
            self.statements(&script.list);
        }
        self.depth -= 1;
        self.site.via.pop();
        self.site.scripts.pop();
        self.script = own;
        if self.state.ended == Ended::Return {
            self.state.ended = Ended::No;
        }
    }

    /// `bash script arguments`, `sh -c text`.
    fn shell_program(&mut self, args: &[String], place: &Place) {
        let mut at = 0;
        while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
            at += 1;
            if arg.starts_with('-') && !arg.starts_with("--") && arg.contains('c') {
                if let Some(text) = args.get(at) {
                    let text = unsplit(text);
                    self.subshell(|shell| {
                        shell.state.args = args.get(at + 2..).unwrap_or_default().to_vec();
                        shell.script_text(text, place);
                        None
                    });
                }
                return;
            }
            if arg == "-o" {
                at += 1;
            }
        }
        if let Some(path) = args.get(at) {
            let path = path.clone();
            self.run_file(&path, &args[at + 1..], place);
        }
    }

    /// Runs a script of the repository, if it is one.
    pub(super) fn run_file(&mut self, path: &str, args: &[String], at: &Place) {
        if !is_known(path) {
            return;
        }
        let Some(path) = self.site.inside(&join(&self.state.folder, path)) else { return };
        let Some(script) = self.world.script(&path) else { return };
        if !self.site.begin_script(&path, args) {
            return;
        }
        let mut state = State::new(&self.state.folder, &self.state.environment());
        state.args = args.to_vec();
        self.site.via.extend(self.calls.clone());
        let pushed = self.calls.len() + 1;
        self.site.via.push(at.clone());
        let tool = std::mem::replace(&mut self.site.tool, Tool::Script);
        Shell::run(self.world, self.site, &script, state, self.depth + 1);
        self.site.tool = tool;
        self.site.scripts.pop();
        self.site.via.truncate(self.site.via.len().saturating_sub(pushed));
    }

    pub(super) fn make(&mut self, args: &[String], at: &Place) {
        let environment = self.state.environment();
        let pushed = self.calls.len() + 1;
        self.site.via.extend(self.calls.clone());
        self.site.via.push(at.clone());
        let folder = self.state.folder.clone();
        make::run(self.world, self.site, args, &folder, &environment, self.depth + 1);
        self.site.via.truncate(self.site.via.len().saturating_sub(pushed));
    }
}

/// A folder seen from another; an unknown one may be absolute.
fn folder_at(folder: &str, to: &str) -> String {
    if is_wholly_unknown(to.split('/').next().unwrap_or_default()) {
        return format!("/{}", unsplit(to));
    }
    join(folder, to)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_shell(name: &str) -> bool {
    matches!(name.rsplit('/').next().unwrap_or_default(), "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh")
}
