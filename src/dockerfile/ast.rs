//! The syntax tree. Every node borrows from the source text or the arena and knows where it stands in the file.
//!
//! Lists are slices of the arena, so that a tree costs a handful of allocations, however many words it has.
//! Nothing is expanded or resolved here: a word is what was written, with its quotes and variables.

use crate::source::{Line, Span};

/// A piece of text and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The text, as BuildKit's parser hands it on: continuation lines joined, comments between them gone.
    pub text: &'a str,
    /// Where it stands in the file.
    pub span: Span,
}

/// A `# name=value` line at the top of the file that steers parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive<'a> {
    /// Which one.
    pub kind: DirectiveKind,
    /// Its value, trimmed.
    pub value: Word<'a>,
    /// The line it stands on.
    pub line: Line,
}

/// The parser directives that BuildKit knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectiveKind {
    /// `# syntax=`: the frontend image that reads the file.
    Syntax,
    /// `# escape=`: the character that continues lines and escapes others.
    Escape,
    /// `# check=`: options of the build checks.
    Check,
}

impl DirectiveKind {
    /// The name as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Escape => "escape",
            Self::Check => "check",
        }
    }
}

/// The character that continues lines and escapes others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Escape {
    /// `\`, the default.
    #[default]
    Backslash,
    /// `` ` ``, for Windows paths.
    Backtick,
}

impl Escape {
    /// The character itself.
    pub const fn char(self) -> char {
        self.byte() as char
    }

    /// The character as a byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Backslash => b'\\',
            Self::Backtick => b'`',
        }
    }
}

/// Declares [`Keyword`] with each value's upper-case name.
macro_rules! keywords {
    ($($name:ident = $text:literal,)*) => {
        /// An instruction word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Keyword {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Keyword {
            /// All of them, in alphabetical order.
            pub const VALUES: &[Self] = &[$(Self::$name),*];

            /// The word in upper case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

keywords! {
    Add = "ADD",
    Arg = "ARG",
    Cmd = "CMD",
    Copy = "COPY",
    Entrypoint = "ENTRYPOINT",
    Env = "ENV",
    Expose = "EXPOSE",
    From = "FROM",
    Healthcheck = "HEALTHCHECK",
    Label = "LABEL",
    Maintainer = "MAINTAINER",
    Onbuild = "ONBUILD",
    Run = "RUN",
    Shell = "SHELL",
    StopSignal = "STOPSIGNAL",
    User = "USER",
    Volume = "VOLUME",
    Workdir = "WORKDIR",
}

impl Keyword {
    /// The instruction that `word` names, in whatever case.
    pub fn parse(word: &str) -> Option<Self> {
        // The first letter rules out most of them.
        let first = word.as_bytes().first()?.to_ascii_uppercase();
        Self::VALUES.iter().copied().find(|keyword| {
            let name = keyword.as_str();
            name.as_bytes()[0] == first && name.eq_ignore_ascii_case(word)
        })
    }
}

impl std::fmt::Display for Keyword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One instruction with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// The instruction word as written.
    pub keyword: Word<'a>,
    /// From the keyword to the end of the last line, heredocs included.
    pub span: Span,
    /// The first line.
    pub line: Line,
    /// The last line, heredocs included.
    pub last_line: Line,
    /// `--name=value` words in front of the arguments.
    pub flags: &'a [Flag<'a>],
    /// The instruction after its flags, joined to one line.
    pub arguments: Word<'a>,
    /// Inline documents, in the order of their openings.
    pub heredocs: &'a [Heredoc<'a>],
    /// What it is and says.
    pub kind: Kind<'a>,
}

/// A `--name` or `--name=value` in front of an instruction's arguments, quotes removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag<'a> {
    /// The name without its dashes.
    pub name: &'a str,
    /// The value, if there was a `=`.
    pub value: Option<&'a str>,
    /// Where the flag stands.
    pub span: Span,
}

/// An inline document: `<<EOF … EOF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The closing word, unquoted.
    pub name: &'a str,
    /// Whether variables inside are expanded: no part of the word was quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are removed.
    pub chomp: bool,
    /// The lines before the closing word, line ends kept.
    pub content: Word<'a>,
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `FROM [--platform=…] base [AS name]`
    From(&'a From<'a>),
    /// `ARG name[=default] …`
    Arg(&'a [Arg<'a>]),
    /// `ENV key=value …` or `ENV key value`
    Env(&'a [Pair<'a>]),
    /// `LABEL key=value …` or `LABEL key value`
    Label(&'a [Pair<'a>]),
    /// `RUN …`
    Run(&'a Run<'a>),
    /// `COPY …`
    Copy(&'a Copy<'a>),
    /// `ADD …`
    Add(&'a Copy<'a>),
    /// `WORKDIR path`
    Workdir(Word<'a>),
    /// `USER name`
    User(Word<'a>),
    /// `SHELL ["…"]`
    Shell(&'a [&'a str]),
    /// `EXPOSE port …`
    Expose(&'a [Word<'a>]),
    /// `VOLUME path …`
    Volume(&'a [Word<'a>]),
    /// `STOPSIGNAL signal`
    StopSignal(Word<'a>),
    /// `ONBUILD instruction`
    Onbuild(Onbuild<'a>),
    /// `CMD …`
    Cmd(CommandLine<'a>),
    /// `ENTRYPOINT …`
    Entrypoint(CommandLine<'a>),
    /// `HEALTHCHECK …`
    Healthcheck,
    /// `MAINTAINER name`
    Maintainer(Word<'a>),
    /// Not understood; a problem says why.
    Invalid,
}

/// `FROM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From<'a> {
    /// An image or an earlier stage, unexpanded.
    pub base: Word<'a>,
    /// The stage's name, lower-cased as BuildKit does.
    pub name: Option<Word<'a>>,
    /// The value of `--platform`, unexpanded; an empty one counts as absent.
    pub platform: Option<Word<'a>>,
}

/// One definition of an `ARG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arg<'a> {
    /// The name.
    pub name: Word<'a>,
    /// The default, unexpanded.
    pub default: Option<Word<'a>>,
}

/// One assignment of an `ENV` or `LABEL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The key, unexpanded.
    pub key: Word<'a>,
    /// The value, unexpanded.
    pub value: Word<'a>,
}

/// A command as a shell line or as a list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandLine<'a> {
    /// One line for the shell. Empty where nothing was written.
    Shell(Word<'a>),
    /// `["program", "argument"]`.
    Exec(&'a [&'a str]),
}

/// `RUN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// What to run.
    pub command: CommandLine<'a>,
    /// The line is nothing but the opening of one inline document, which then is the script.
    pub only_document: bool,
    /// `--mount` flags.
    pub mounts: &'a [Mount<'a>],
    /// `--network`.
    pub network: Network,
    /// `--security`.
    pub security: Security,
}

/// The network of a `RUN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Network {
    /// The builder's own.
    #[default]
    Default,
    /// None at all.
    None,
    /// The host's.
    Host,
}

/// The sandbox of a `RUN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// The ordinary one.
    #[default]
    Sandbox,
    /// Without restrictions.
    Insecure,
}

/// One `--mount`: its comma-separated options, uninterpreted, since their values may hold variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mount<'a> {
    /// The options in order.
    pub options: &'a [MountOption<'a>],
    /// The value of `from`, which nothing expands.
    pub from: Option<&'a str>,
    /// Where the flag stands.
    pub span: Span,
}

/// One `key=value` or `key` of a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MountOption<'a> {
    /// The key, lower-cased.
    pub key: &'a str,
    /// The value, unexpanded; `None` without a `=`.
    pub value: Option<&'a str>,
    /// The option as written.
    pub raw: &'a str,
}

/// `COPY` or `ADD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copy<'a> {
    /// Paths, globs or URLs, unexpanded.
    pub sources: &'a [Word<'a>],
    /// Inline documents among the sources.
    pub documents: &'a [Document<'a>],
    /// Where to, unexpanded.
    pub destination: Word<'a>,
    /// `--from`; only `COPY`.
    pub from: Option<&'a str>,
    /// `--chown`, unexpanded; empty where absent.
    pub chown: &'a str,
    /// `--chmod`, unexpanded; empty where absent.
    pub chmod: &'a str,
    /// `--link`
    pub link: bool,
    /// `--parents`; only `COPY`.
    pub parents: bool,
    /// `--exclude` patterns, which nothing expands.
    pub exclude: &'a [&'a str],
    /// `--checksum`, unexpanded; only `ADD`.
    pub checksum: &'a str,
    /// `--keep-git-dir`; only `ADD`.
    pub keep_git_dir: Option<bool>,
    /// `--unpack`; only `ADD`.
    pub unpack: Option<bool>,
}

/// An inline document as the source of a `COPY` or `ADD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document<'a> {
    /// The file's name: the closing word.
    pub name: &'a str,
    /// The text, tabs already removed for `<<-`, unexpanded.
    pub content: &'a str,
    /// Whether variables inside are expanded.
    pub expand: bool,
}

/// `ONBUILD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onbuild<'a> {
    /// The triggered instruction as text, inline documents appended: what BuildKit stores in the image.
    pub expression: &'a str,
    /// That text read again, as BuildKit does for each child stage.
    pub trigger: Result<&'a Instruction<'a>, Box<crate::diagnostic::Diagnostic>>,
}
