//! What the commands of a step run that stands elsewhere: in makefiles, scripts and manifests of the context, and in branches
//! whose condition the variables of the step decide.

use std::borrow::Cow;

use crate::analysis::{Asked, View};
use crate::budget::{Part, spend};
use crate::cost::programs::subcommand;
use crate::cost::{Class, classify};
use crate::shell::interpret::{Start, World, interpret};
use crate::shell::{Reached, Repeats, SimpleCommand, is_shell, known_commands};

/// Scripts are followed through so many others.
const MAX_DEPTH: u32 = 6;

/// Commands of a step beyond this many are not followed.
const MAX_COMMANDS: usize = 2_000;

/// Arguments of a script beyond this many are not handed on within it.
const MAX_ARGUMENTS: usize = 64;

/// What is at hand to follow a step's commands.
pub(super) struct Follower<'f> {
    /// The files of the context as the step sees them.
    pub(super) view: Option<View<'f>>,
    /// Its environment.
    pub(super) environment: Vec<(String, String)>,
}

impl Follower<'_> {
    /// The commands of a step, with what they run after each: what runs others only starts them then. `folder` is where the step
    /// starts, and each list of followed commands begins and ends with a `cd`.
    pub(super) fn follow(
        &self,
        commands: Vec<SimpleCommand<'static>>,
        folder: &str,
    ) -> Vec<SimpleCommand<'static>> {
        let mut all = Vec::with_capacity(commands.len());
        self.add(commands, folder, 0, &mut all);
        all
    }

    fn add(
        &self,
        commands: Vec<SimpleCommand<'static>>,
        folder: &str,
        depth: u32,
        all: &mut Vec<SimpleCommand<'static>>,
    ) {
        let mut folder = folder.to_owned();
        for command in commands {
            let mut command = self.named(command);
            if command.name == "cd" {
                folder = entered(&folder, command.args.first().map_or("", |to| to));
            }
            let is_open = depth < MAX_DEPTH && all.len() < MAX_COMMANDS && !command.wraps;
            let found = if is_open { self.found(&command, &folder) } else { None };
            let Some(inner) = found else {
                all.push(command);
                continue;
            };
            command.wraps = !inner.is_besides;
            let (repeats, reached) = (command.repeats, command.reached);
            all.push(command);
            let from = all.len();
            all.push(cd(&folder));
            self.add(inner.commands, &folder, depth + 1, all);
            all.push(cd(&folder));
            let given = passed(&all[from - 1]);
            for inner in &mut all[from..] {
                let own = std::mem::take(&mut inner.assignments);
                inner.assignments = given.iter().cloned().chain(own).collect();
                inner.repeats = times(inner.repeats, repeats);
                if reached == Reached::Perhaps {
                    inner.reached = reached;
                }
            }
        }
    }

    /// A command by the name of what it runs, where a variable tells that, or where a project has its own copy of a tool.
    fn named(&self, mut command: SimpleCommand<'static>) -> SimpleCommand<'static> {
        if is_variable(&command) {
            let words = known(&command.name, &self.environment);
            let mut words = words.split_ascii_whitespace().filter(|_| !words.contains('\0'));
            if let Some(name) = words.next() {
                command.args.splice(0..0, words.map(|word| Cow::Owned(word.to_owned())));
                command.name = Cow::Owned(name.to_owned());
            }
        }
        if runs_yarn(&command) {
            command.args.remove(0);
            command.name = Cow::Borrowed("yarn");
        } else if is_yarn(&command.name) {
            command.name = Cow::Borrowed("yarn");
        }
        command
    }

    /// What a command runs; `None` where that is not known.
    fn found(&self, command: &SimpleCommand<'static>, folder: &str) -> Option<Inner> {
        let view = self.view.as_ref()?;
        let name = command.base_name();
        if let Some(path) = script(command) {
            let path = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
            let text = view.read(&path).filter(|text| is_of_shell(text))?;
            let given = given(command);
            let commands = self.read(text)?.into_iter().filter_map(|inner| with_arguments(inner, given));
            return Some(Inner { commands: commands.collect(), is_besides: false });
        }
        let asked = Asked {
            program: name.to_owned(),
            arguments: command.args.iter().map(|arg| known(arg, &self.environment)).collect(),
            dir: folder.to_owned(),
            environment: self.environment.clone(),
        };
        let mut commands = Vec::new();
        for followed in view.scripts(&asked) {
            commands.extend(self.read(&followed.script)?);
            // The next line starts where the first did.
            commands.push(cd(folder));
        }
        if commands.is_empty() {
            return None;
        }
        let classes = || commands.iter().map(classify);
        // A makefile that does nothing by itself is put in place of another by what configures the project.
        let is_whole = matches!(name, "make" | "gmake") && subcommand(command).is_none();
        if is_whole && classes().all(|class| matches!(class, Class::Builtin | Class::Files | Class::Text)) {
            return None;
        }
        let is_besides = classify(command) == Class::NpmInstall;
        // A build of which only part is understood is better known by the size of the project.
        let is_clear = is_besides || classes().any(decides) || !classes().any(hides);
        is_clear.then_some(Inner { commands, is_besides })
    }

    /// The commands of a script, with programs whose names a variable may replace; `None` beyond the budget.
    fn read(&self, script: &str) -> Option<Vec<SimpleCommand<'static>>> {
        /// Work of reading a byte of a script.
        const BYTE: u64 = 4;
        let is_paid = spend(Part::Shell, BYTE * script.len() as u64);
        let own = |command: &SimpleCommand<'static>| SimpleCommand {
            name: match command.name.strip_prefix("${").filter(|rest| rest.contains('-')) {
                Some(_) => Cow::Owned(known(&command.name, &self.environment)),
                None => command.name.clone(),
            },
            span: None,
            ..command.clone()
        };
        is_paid.then(|| known_commands(script).iter().map(own).collect())
    }
}

/// Whether what a command runs has another name than it is called by.
pub(super) fn is_renamed(command: &SimpleCommand<'_>) -> bool {
    is_variable(command) || runs_yarn(command) || is_yarn(&command.name)
}

/// Whether a variable tells what a command runs.
fn is_variable(command: &SimpleCommand<'_>) -> bool {
    command.name.starts_with('$') && !command.name.starts_with("$(")
}

/// Whether a file is a project's own copy of Yarn, as Yarn itself names it: `.yarn/releases/yarn-4.1.0.cjs`.
fn is_yarn(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.strip_prefix("yarn-").and_then(|version| version.rsplit_once('.'));
    matches!(end, Some((_, "cjs" | "js")))
}

/// Whether a command has Node.js run such a copy.
fn runs_yarn(command: &SimpleCommand<'_>) -> bool {
    command.base_name() == "node" && command.args.first().is_some_and(|script| is_yarn(script))
}

/// The variables that a command gives to what it runs: its own, and those that `make` takes as arguments.
fn passed(command: &SimpleCommand<'static>) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
    let as_argument = |arg: &Cow<'static, str>| {
        let (name, value) = arg.split_once('=')?;
        Some((Cow::Owned(name.to_owned()), Cow::Owned(value.to_owned())))
    };
    let is_make = matches!(command.base_name(), "make" | "gmake");
    let arguments = command.args.iter().filter(|_| is_make).filter_map(as_argument);
    command.assignments.iter().cloned().chain(arguments).collect()
}

/// What a command runs.
struct Inner {
    commands: Vec<SimpleCommand<'static>>,
    /// The command works itself too, as `npm ci` does before the scripts of a package.
    is_besides: bool,
}

/// Whether a class tells what a script is for: what it compiles, installs or tests.
const fn decides(class: Class) -> bool {
    matches!(class, Class::Git | Class::Download | Class::AptInstall | Class::Apk | Class::Dnf)
        || class.grows_with_project()
            && !matches!(class, Class::Make | Class::Configure | Class::CCompile | Class::CxxCompile)
}

/// Whether a class hides work that is not seen.
const fn hides(class: Class) -> bool {
    class.grows_with_project()
        || matches!(
            class,
            Class::Unknown | Class::Script | Class::Node | Class::Python | Class::Interpreter | Class::Jvm
        )
}

/// The script that a command names: `./build.sh`, `sh build.sh`, `bash -e build.sh`, `. ./env.sh`.
fn script<'c>(command: &'c SimpleCommand<'_>) -> Option<&'c str> {
    let name = command.base_name();
    if is_shell(name) || name == "source" || name == "." {
        return command.args.iter().map(|arg| &**arg).find(|arg| !arg.starts_with(['-', '+']));
    }
    let is_wrapper = matches!(name, "gradlew" | "mvnw" | "configure");
    (command.name.contains('/') && !is_wrapper).then_some(&*command.name)
}

/// The arguments of the script that a command runs; none where they are many.
fn given<'c>(command: &'c SimpleCommand<'static>) -> &'c [Cow<'static, str>] {
    let by_shell = is_shell(command.base_name()) || matches!(command.base_name(), "." | "source");
    let at = command.args.iter().position(|arg| by_shell && !arg.starts_with(['-', '+']));
    let given = &command.args[at.map_or(0, |at| at + 1)..];
    if given.len() > MAX_ARGUMENTS { &[] } else { given }
}

/// A command of a script with the arguments that `"$@"` stands for; `None` where it is nothing but them, and there are none.
fn with_arguments(
    mut command: SimpleCommand<'static>,
    given: &[Cow<'static, str>],
) -> Option<SimpleCommand<'static>> {
    let is_all = |word: &str| matches!(word, "$@" | "${@}");
    if let Some(at) = command.args.iter().position(|arg| is_all(arg)) {
        command.args.splice(at..=at, given.iter().cloned());
    }
    if is_all(&command.name) {
        let (name, rest) = given.split_first()?;
        command.args.splice(0..0, rest.iter().cloned());
        command.name.clone_from(name);
    }
    Some(command)
}

/// Whether a shell reads a text, by its first line; a text without `#!` is read by the shell that starts it.
fn is_of_shell(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("#!").is_none_or(|line| line.split([' ', '/']).any(is_shell))
}

/// A word as far as it is known: variables of the environment for what they stand for, for each other one what stands in its place where it
/// is not set (`${CC:-gcc}`), else a NUL.
fn known(word: &str, environment: &[(String, String)]) -> String {
    let mut parts = word.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or((braced, "")),
            None => {
                part.split_at(part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len()))
            }
        };
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let default = name.split_once('-').map(|(name, text)| (name.trim_end_matches(':'), text));
        let default = default.filter(|(name, _)| is_name(name) && part.contains('}'));
        let (name, default) = default.map_or((name, None), |(name, text)| (name, Some(text)));
        let value = environment.iter().rfind(|(known, _)| known == name).map(|(_, value)| &**value);
        text.push_str(value.or(default).unwrap_or("\0"));
        text.push_str(rest);
    }
    text
}

fn cd(folder: &str) -> SimpleCommand<'static> {
    SimpleCommand {
        name: Cow::Borrowed("cd"),
        args: vec![Cow::Owned(folder.to_owned())],
        assignments: Vec::new(),
        input: None,
        repeats: Repeats::Times(1),
        reached: Reached::Always,
        wraps: false,
        span: None,
    }
}

fn entered(folder: &str, to: &str) -> String {
    if to.starts_with('/') { to.to_owned() } else { format!("{folder}/{to}") }
}

fn times(inner: Repeats, outer: Repeats) -> Repeats {
    match (inner, outer) {
        (Repeats::Times(inner), Repeats::Times(outer)) => Repeats::Times(inner.saturating_mul(outer)),
        _ => Repeats::Unknown,
    }
}

/// Leaves out the commands that stand in branches which the variables of a step rule out, and takes those that surely run for such.
/// `script` is what the spans of the commands are of.
pub(super) fn decide(
    script: &str,
    commands: &mut Vec<SimpleCommand<'static>>,
    environment: &[(String, String)],
    folder: &str,
) {
    if !commands.iter().any(|command| command.reached == Reached::Perhaps) {
        return;
    }
    let start = Start {
        environment: environment.iter().map(|(name, value)| (name.into(), (&**value).into())).collect(),
        dir: folder.into(),
        ..Start::default()
    };
    let outcome = interpret(script, start, &Image);
    if !outcome.is_complete {
        return;
    }
    commands.retain_mut(|command| {
        let Some(span) = command.span.clone().filter(|_| command.reached == Reached::Perhaps) else {
            return true;
        };
        let within = |call: &std::ops::Range<usize>| span.start <= call.start && call.end <= span.end;
        let mut calls = outcome.calls.iter().filter(|call| call.span.as_ref().is_some_and(within)).peekable();
        let runs = calls.peek().is_some();
        if runs && calls.all(|call| call.is_certain) {
            command.reached = Reached::Always;
        }
        // Builtins are no calls of programs.
        runs || classify(command) == Class::Builtin
    });
}

/// What the image sets is not known.
struct Image;

impl World for Image {
    fn is_unset(&self, _name: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn variables_decide_branches() {
        let names = |script: &str| -> String {
            let mut all: Vec<_> = commands(script)
                .into_iter()
                .map(|command| SimpleCommand { span: command.span.clone(), ..owned(&command) })
                .collect();
            decide(script, &mut all, &[("FAST".into(), "1".into())], "/");
            let word = |command: &SimpleCommand<'_>| match command.reached {
                Reached::Always => command.name.to_string(),
                Reached::Perhaps => format!("{}?", command.name),
            };
            all.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("if [ \"$FAST\" = 1 ]; then touch a; else make; fi"), "touch");
        assert_eq!(names("if [ \"$FAST\" = 0 ]; then touch a; else make; fi"), "make");
        assert_eq!(names("if [ \"$OTHER\" = 0 ]; then touch a; else make; fi"), "touch? make?");
        assert_eq!(names("[ \"$FAST\" = 1 ] && make; ls"), "make ls");
        assert_eq!(names("case $FAST in 1) make ;; *) ls ;; esac"), "make");
    }

    fn owned(command: &SimpleCommand<'_>) -> SimpleCommand<'static> {
        let text = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
        SimpleCommand {
            name: text(&command.name),
            args: command.args.iter().map(text).collect(),
            assignments: Vec::new(),
            input: None,
            span: None,
            ..*command
        }
    }

    #[test]
    fn words_are_as_known_as_their_variables() {
        let environment = [("ARCH".to_owned(), "arm64".to_owned())];
        assert_eq!(known("build-${ARCH}.$X", &environment), "build-arm64.\0");
        assert_eq!(known("plain", &environment), "plain");
        assert_eq!(known("${CC:-gcc} ${ARCH-amd64}", &environment), "gcc arm64");
        assert_eq!(known("${CC:-$X}${ARCH%-64}", &environment), "\0\0}\0");
    }
}
