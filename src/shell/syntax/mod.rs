//! Shell text as a tree: POSIX with what bash adds and Dockerfiles use.
//!
//! Parsing never fails: what is out of place is passed over, what is left open ends with the text. Takes time linear in the text,
//! and nests to [`MAX_NESTING`]; what lies deeper is read as if it stood side by side. Every node keeps its byte span, so that
//! what is known of a command can be said and changed at its place.

mod compound;
mod parser;
mod word;

use std::ops::Range;
use std::rc::Rc;

use smol_str::SmolStr;

pub use parser::parse;

/// Constructs within constructs are told apart to this depth.
pub const MAX_NESTING: u32 = 48;

/// A script.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Its commands, one after another.
    pub list: Vec<Command>,
    /// Inline documents, in the order of their openings.
    pub documents: Vec<Document>,
    /// The text, where it is no part of the one around it: what stands between backticks, its backslashes taken off.
    pub text: Option<Box<str>>,
}

/// A command of a script.
#[derive(Debug, Clone)]
pub enum Command {
    /// A program or builtin with its words, or assignments alone.
    Simple(Simple),
    /// `a | b`, or `! a`.
    Pipeline {
        /// The commands.
        parts: Vec<Self>,
        /// Whether `!` turns its status around.
        negated: bool,
    },
    /// `a && b || c`.
    AndOr {
        /// The first.
        first: Box<Self>,
        /// The others, each with what joins it to those before.
        rest: Vec<(Join, Self)>,
    },
    /// `a &`.
    Background(Box<Self>),
    /// What begins and ends with words of the shell's own.
    Compound {
        /// Which.
        kind: Compound,
        /// Its redirections.
        redirects: Vec<Redirect>,
    },
}

/// What stands between two commands of which the second depends on the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A compound command.
#[derive(Debug, Clone)]
pub enum Compound {
    /// `{ …; }`
    Group(Vec<Command>),
    /// `( … )`
    Subshell(Vec<Command>),
    /// `if … then … elif … else … fi`
    If {
        /// Conditions and what they guard.
        arms: Vec<(Vec<Command>, Vec<Command>)>,
        /// What follows `else`.
        otherwise: Vec<Command>,
    },
    /// `case … esac`
    Case {
        /// What is looked at.
        word: Word,
        /// The branches.
        items: Vec<CaseItem>,
    },
    /// `for`, also `select`.
    For {
        /// The variable.
        name: SmolStr,
        /// The words after `in`; `None` for the arguments of the script, or for bash's counting loop.
        words: Option<Vec<Word>>,
        /// What is repeated.
        body: Vec<Command>,
    },
    /// `while` and `until`.
    While {
        /// The condition.
        condition: Vec<Command>,
        /// What is repeated.
        body: Vec<Command>,
    },
    /// A function.
    Function {
        /// Its name.
        name: SmolStr,
        /// What it runs.
        body: Rc<Vec<Command>>,
    },
    /// `[[ … ]]`, its words and operators one by one.
    Test(Vec<Word>),
    /// `(( … ))`, or what is nested too deep.
    Opaque,
}

/// A branch of a `case`.
#[derive(Debug, Clone)]
pub struct CaseItem {
    /// Its patterns.
    pub patterns: Vec<Word>,
    /// What it runs.
    pub body: Vec<Command>,
    /// Whether it goes on with another branch: `;&` or `;;&`.
    pub falls_through: bool,
}

/// A simple command.
#[derive(Debug, Clone, Default)]
pub struct Simple {
    /// From its first word to its last.
    pub span: Range<usize>,
    /// What is assigned before it.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Its redirections.
    pub redirects: Vec<Redirect>,
}

/// `name=value`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub name: SmolStr,
    /// Its value; a list in parentheses has one part that is not known.
    pub value: Word,
    /// Whether it is added to what the variable has: `+=`.
    pub appends: bool,
    /// All of it.
    pub span: Range<usize>,
}

/// A redirection.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// What it does.
    pub kind: RedirectKind,
    /// The file descriptor before it.
    pub descriptor: Option<u32>,
    /// The file, the text of a here-string, or a document's closing word.
    pub target: Word,
}

/// What a redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `>&`, `<&`, `<>`
    Other,
    /// `<<`: a document, by its number.
    Document(usize),
    /// `<<<`
    Text,
}

/// An inline document.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Where its lines stand.
    pub span: Range<usize>,
    /// What it says, as one word.
    pub body: Word,
}

/// A word as written.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// Where it stands.
    pub span: Range<usize>,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text that stands for itself; unquoted, its wildcards count.
    Text {
        /// The text.
        text: SmolStr,
        /// Whether it is quoted.
        quoted: bool,
    },
    /// A variable.
    Parameter {
        /// Its name, or one of `@*#?-$!` and digits.
        name: SmolStr,
        /// What is done with its value.
        change: Option<Box<Change>>,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// What a script prints.
    Output {
        /// The script.
        script: Rc<Script>,
        /// Whether it stands between double quotes.
        quoted: bool,
    },
    /// Arithmetic and what else is not followed.
    Unknown,
}

/// What `${name…}` does with a value.
#[derive(Debug, Clone)]
pub enum Change {
    /// `-`, `:-`, `=`, `:=`, `?`, `:?`, `+`, `:+`, with or without the colon.
    Unset {
        /// The sign.
        sign: u8,
        /// Whether an empty value counts as none.
        or_empty: bool,
        /// The word after it.
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`.
    Trim {
        /// Whether it is taken off the end.
        at_end: bool,
        /// Whether the longest match goes.
        longest: bool,
        /// What goes.
        pattern: Word,
    },
    /// `/`, `//`.
    Replace {
        /// Whether all are replaced.
        all: bool,
        /// What is replaced.
        pattern: Word,
        /// By what.
        with: Word,
    },
    /// Lengths, parts, cases of letters, lists.
    Other,
}

impl Word {
    /// The text of a word that is nothing but text.
    pub fn literal(&self) -> Option<SmolStr> {
        match &self.parts[..] {
            [] => Some(SmolStr::default()),
            [Part::Text { text, .. }] => Some(text.clone()),
            parts => {
                let mut whole = String::new();
                for part in parts {
                    let Part::Text { text, .. } = part else { return None };
                    whole.push_str(text);
                }
                Some(whole.into())
            }
        }
    }
}
