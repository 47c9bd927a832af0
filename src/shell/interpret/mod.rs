//! Which programs a script can run, with which arguments and which environment.
//!
//! Goes through a script as a shell does, with values that may be unknown in part: where a condition is not known both ways are
//! gone, and what differs after them is unknown. Runs nothing, reads nothing but what [`World`] answers, and ends: work is counted
//! in [`MAX_WORK`], and what lies beyond is said to be so.

mod builtin;
mod condition;
mod expand;
mod filter;
mod pattern;
mod program;
mod run;
mod state;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::rc::Rc;

use smol_str::SmolStr;

use self::state::{Exported, Flow, State, Status, Variable, Variables};
pub use self::text::{MAX_TEXT, Text};
use super::memo::known_tree;
use super::{Reached, Repeats, SimpleCommand, last_part};

/// Steps that are gone through in one script, each some bytes of text or a variable that is looked at.
pub const MAX_WORK: usize = 400_000;

/// Functions, and scripts within scripts, are followed to this depth.
pub const MAX_CALLS: u32 = 12;

/// Loops over words that are known are gone through so many times.
pub const MAX_ROUNDS: usize = 100;

/// What a script meets outside of itself.
pub trait World {
    /// What a program prints that only tells of the machine, as `uname -m` does.
    fn answer(&self, words: &[&str], environment: &Environment) -> Option<String> {
        let _ = (words, environment);
        None
    }

    /// What a file says that no script wrote.
    fn read(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }

    /// The scripts that a program finds in files and runs, as `make` and `npm run` do, in their order. `words` and the
    /// environment may hold gaps.
    fn scripts(&self, call: &Call) -> Vec<Followed> {
        let _ = call;
        Vec::new()
    }

    /// Whether a variable that nothing here sets is surely unset.
    fn is_unset(&self, name: &str) -> bool {
        let _ = name;
        true
    }
}

/// A script that a program finds in a file.
#[derive(Debug, Clone)]
pub struct Followed {
    /// What it says, a NUL for each part that is not known.
    pub script: String,
    /// Variables that the program adds to its environment, or changes.
    pub environment: Vec<(SmolStr, Text)>,
}

/// What a script starts with.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The environment.
    pub environment: Environment,
    /// The working directory.
    pub dir: Text,
    /// What earlier scripts wrote: [`Outcome::files`].
    pub files: Files,
    /// The shell.
    pub dialect: Dialect,
}

/// What a shell makes of what POSIX leaves open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// That cannot be told: what they differ in is unknown.
    #[default]
    Unknown,
    /// Debian's and Ubuntu's `sh`.
    Dash,
    /// Alpine's and `BusyBox`'s `sh`.
    Ash,
    /// bash by its own name.
    Bash,
}

/// What is known of files that scripts wrote, by path.
pub type Files = Rc<BTreeMap<SmolStr, Text>>;

/// A program that is run.
#[derive(Debug, Clone)]
pub struct Call {
    /// The program and its arguments.
    pub words: Words,
    /// Its environment.
    pub environment: Environment,
    /// The command's place in the script; `None` where it is made up as the script runs.
    pub span: Option<Range<usize>>,
    /// Whether it surely runs.
    pub is_certain: bool,
    /// Whether it runs more than once, or not as often as it is written.
    pub is_repeated: bool,
    /// Whether another program runs it: `env`, `sudo`, `xargs`.
    pub is_inner: bool,
    /// Whether it runs the next call.
    pub wraps: bool,
    /// The folder it runs in.
    pub dir: Text,
    /// Whether its output is read by the script, or goes to a file.
    pub is_read: bool,
}

/// The words of a call, which it shares with the one that wraps it: the last of `env A=1 env A=2 …` has as many as all have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    all: Rc<[Field]>,
    from: usize,
}

impl Words {
    /// The words without so many of the first.
    fn after(&self, count: usize) -> Self {
        Self { all: Rc::clone(&self.all), from: (self.from + count).min(self.all.len()) }
    }
}

impl From<Vec<Field>> for Words {
    fn from(fields: Vec<Field>) -> Self {
        Self { all: fields.into(), from: 0 }
    }
}

impl Deref for Words {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        self.all.get(self.from..).unwrap_or_default()
    }
}

/// A word of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it says.
    pub text: Text,
    /// Where the word it comes from stands in the script.
    pub span: Option<Range<usize>>,
}

impl Call {
    /// The program's name without folders; empty where it is not known.
    pub fn program(&self) -> &str {
        let name = last_part(self.words.first().map_or("", |word| word.text.with_gaps()));
        // Of `$JAVA_HOME/bin/jlink` it is only the folder that is not known.
        if name.bytes().any(|byte| byte == 0) { "" } else { name }
    }

    /// The call as a command of its own, with a NUL for each part that is not known.
    pub fn command(&self) -> SimpleCommand<'_> {
        let words = self.words.iter().map(|word| Cow::Borrowed(word.text.with_gaps()));
        SimpleCommand {
            name: words.clone().next().unwrap_or_default(),
            args: words.skip(1).collect(),
            assignments: Vec::new(),
            input: None,
            repeats: Repeats::Times(1),
            reached: Reached::Always,
            wraps: self.wraps,
            span: None,
        }
    }

    /// Its arguments, a NUL for each part that is not known.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(|word| word.text.with_gaps())
    }
}

/// The environment of a call.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: Rc<Variables>,
    unseen: bool,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Set(SmolStr, Text),
    Unset(SmolStr),
    /// None of what was set before is seen.
    Clear,
    /// What was set before may be seen.
    Blur,
}

/// What a program finds under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Unset,
    /// A value, of which parts may not be known.
    Is(Text),
    /// That cannot be told.
    Unknown,
}

impl Seen {
    /// The value that is surely seen; that of a variable that is not set is empty.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Unset => Some(""),
            Self::Is(text) => text.known(),
            Self::Unknown => None,
        }
    }
}

impl FromIterator<(SmolStr, Text)> for Environment {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Text)>>(all: I) -> Self {
        let variables = all.into_iter().map(|(name, value)| {
            let variable = Variable { value: Some(value), exported: Exported::Yes };
            (name, variable)
        });
        Self { variables: Rc::new(variables.collect()), ..Self::default() }
    }
}

impl Environment {
    /// How many variables it has, those that are not seen included.
    pub fn len(&self) -> usize {
        self.variables.len() + self.changes.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a shell that is started with it begins with.
    fn seen(&self) -> Rc<Variables> {
        if self.changes.is_empty() && self.variables.values().all(|variable| variable.told().is_some()) {
            return Rc::clone(&self.variables);
        }
        let seen = self.visible().map(|(name, value)| {
            (name.into(), Variable { value: Some(value.clone()), exported: Exported::Yes })
        });
        Rc::new(seen.collect())
    }

    /// What the program finds under a name.
    pub fn get(&self, name: &str) -> Seen {
        match self.look(name) {
            Look::Unset => Seen::Unset,
            Look::Is(value) => Seen::Is(value.clone()),
            Look::Unknown => Seen::Unknown,
        }
    }

    fn look(&self, name: &str) -> Look<'_> {
        let mut blurred = false;
        for change in self.changes.iter().rev() {
            match change {
                Change::Set(known, value) if known == name => return Look::Is(value),
                Change::Unset(known) if known == name => return Look::Unset,
                Change::Clear => return Look::Unset,
                Change::Blur => blurred = true,
                _ => {}
            }
        }
        match self.variables.get(name) {
            _ if blurred => Look::Unknown,
            Some(Variable { exported: Exported::Perhaps, .. }) => Look::Unknown,
            None if self.unseen => Look::Unknown,
            None => Look::Unset,
            Some(variable) => variable.told().map_or(Look::Unset, Look::Is),
        }
    }

    /// A value that the script has under a name without telling its programs.
    pub fn hidden(&self, name: &str) -> Option<&Text> {
        match self.variables.get(name) {
            Some(Variable { value: Some(value), exported: Exported::No })
                if matches!(self.look(name), Look::Unset) =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// The variables that are surely seen, with their values.
    pub fn visible(&self) -> impl Iterator<Item = (&str, &Text)> {
        let of_shell = self.variables.iter().map(|(name, variable)| {
            // Mostly nothing stands before the program.
            let is_as_set = self.changes.is_empty();
            (name, if is_as_set { variable.told().map_or(Look::Unset, Look::Is) } else { self.look(name) })
        });
        let set = self.changes.iter().filter_map(|change| match change {
            Change::Set(name, _) => Some((name, self.look(name))),
            _ => None,
        });
        of_shell.chain(set).filter_map(|(name, found)| match found {
            Look::Is(value) => Some((&**name, value)),
            _ => None,
        })
    }
}

/// [`Seen`], where it stands.
enum Look<'e> {
    Unset,
    Is(&'e Text),
    Unknown,
}

/// What came of a script.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The programs, in the order of the text.
    pub calls: Vec<Call>,
    /// What is known of files after it.
    pub files: Files,
    /// Variables that it set: they are lost to other scripts.
    pub lost: BTreeMap<SmolStr, Text>,
    /// Whether all of it was gone through.
    pub is_complete: bool,
    /// Whether it surely ends with an error: by `exit`, or by a test that comes last and does not hold.
    pub fails: bool,
}

/// Goes through a script.
///
/// # Example
///
/// ```
/// use xsim::shell::interpret::{interpret, Seen, Start, World};
///
/// struct Nowhere;
/// impl World for Nowhere {}
///
/// let environment = [("TARGETARCH".into(), "arm64".into())].into_iter().collect();
/// let start = Start { environment, ..Start::default() };
/// let script = "case $TARGETARCH in arm64) GOARCH=arm64 ;; esac; go build; export GOARCH; go vet";
/// let calls = interpret(script, start, &Nowhere).calls;
/// assert_eq!(calls[0].environment.get("GOARCH"), Seen::Unset);
/// assert_eq!(calls[1].environment.get("GOARCH"), Seen::Is("arm64".into()));
/// ```
pub fn interpret(script: &str, start: Start, world: &dyn World) -> Outcome {
    let script = super::walk::within_limits(script);
    let mut state = State {
        variables: start.environment.seen(),
        functions: Rc::default(),
        files: start.files,
        arguments: Rc::new([]),
        exports_all: false,
        unseen: false,
        dir: start.dir,
        status: Status::Zero,
        flow: Flow::On,
        doubt: false,
        output: Text::default(),
        input: None,
    };
    let first = Rc::clone(&state.variables);
    let mut run = run::Run::new(world, start.dialect);
    let tree = match super::walk::foreign_shebang(script) {
        Some(_) => None,
        None => known_tree(script),
    };
    let Some(tree) = tree else {
        let (calls, files) = (Vec::new(), state.files);
        return Outcome { calls, files, ..Outcome::default() };
    };
    run.list(&tree.list, &mut state, &tree);
    let kept =
        |name: &SmolStr, variable: &Variable| first.get(name).is_some_and(|old| old.value == variable.value);
    let set = state.variables.iter().filter(|_| !Rc::ptr_eq(&first, &state.variables));
    let changed = set.filter(|(name, variable)| !kept(name, variable));
    let lost = changed.filter_map(|(name, variable)| Some((name.clone(), variable.value.clone()?))).collect();
    let fails = state.status == Status::Failed && !state.doubt;
    Outcome { lost, calls: run.calls, files: state.files, is_complete: !run.beyond, fails }
}
