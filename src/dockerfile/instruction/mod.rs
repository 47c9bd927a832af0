//! From a joined line to a typed instruction: which instruction, which form, which arguments.
//!
//! Problems are sorted into BuildKit's phases here: a malformed `ENV` or a JSON array of something else than strings is
//! found while the file is cut up, everything else when the instruction is typed.

mod copy;
mod healthcheck;
mod run;
mod simple;

use self::healthcheck::health_command;
use super::arena::Arena;
use super::ast::{Flag, Heredoc, Keyword, Kind, Word};
use super::flags;
use super::json::{self, Json};
use super::lines::Logical;
use super::parser::{Parser, Phase};
use super::specs;
use super::words;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Line;

/// A line cut into keyword, flags and arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'a> {
    pub(super) keyword: &'a str,
    which: Option<Keyword>,
    pub(super) flags: &'a [Flag<'a>],
    pub(super) arguments: &'a str,
    json: Json<'a>,
    /// The words of `ARG`, `ENV` and `LABEL`.
    words: &'a [&'a str],
    /// What an `ONBUILD` triggers.
    inner: Option<&'a Raw<'a>>,
}

impl Raw<'_> {
    /// Whether `<<` in the line may open an inline document.
    pub(super) fn takes_heredocs(&self) -> bool {
        let raw = self.inner.unwrap_or(self);
        matches!(raw.which, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
            && !matches!(raw.json, Json::Strings(_))
    }
}

/// Cuts a joined line up.
pub(super) fn split<'a>(arena: &'a Arena, line: &Logical<'a>, escape: u8) -> Raw<'a> {
    split_text(arena, line, line.text, escape, true)
}

fn split_text<'a>(arena: &'a Arena, line: &Logical<'a>, text: &'a str, escape: u8, outer: bool) -> Raw<'a> {
    let (keyword, rest) = words::split_first(words::trim(text));
    let (flags, arguments) =
        rest.map_or((&[][..], &text[..0]), |rest| flags::extract(arena, line, rest, escape));
    let arguments = words::trim(arguments);
    let which = Keyword::parse(keyword);
    let json = match which {
        Some(
            Keyword::Add
            | Keyword::Copy
            | Keyword::Volume
            | Keyword::Run
            | Keyword::Cmd
            | Keyword::Entrypoint
            | Keyword::Shell,
        ) => json::array(arena, arguments),
        Some(Keyword::Healthcheck) => json::array(arena, health_command(arguments).1),
        _ => Json::Not,
    };
    let words = match which {
        Some(Keyword::Arg | Keyword::Env | Keyword::Label) => arena.list(&words::quoted(arguments, escape)),
        _ => &[],
    };
    let inner = (outer && which == Some(Keyword::Onbuild) && !arguments.is_empty())
        .then(|| arena.node(split_text(arena, line, arguments, escape, false)));
    Raw { keyword, which, flags, arguments, json, words, inner }
}

/// What typing an instruction needs.
struct Builder<'p, 'a, 'l> {
    parser: &'p mut Parser<'a>,
    raw: &'l Raw<'a>,
    line: &'l Logical<'a>,
    heredocs: &'a [Heredoc<'a>],
    first_line: Line,
}

/// Types an instruction, its inline documents having been read.
pub(super) fn build<'a>(
    parser: &mut Parser<'a>,
    raw: &Raw<'a>,
    line: &Logical<'a>,
    heredocs: &'a [Heredoc<'a>],
    first_line: Line,
) -> Kind<'a> {
    let mut builder = Builder { parser, raw, line, heredocs, first_line };
    builder.syntax_problems(raw);
    builder.kind()
}

impl<'a> Builder<'_, 'a, '_> {
    fn problem(&mut self, phase: Phase, diagnostic: Diagnostic) {
        let span = diagnostic.span.unwrap_or_else(|| self.line.span(self.line.text));
        self.parser.problem(phase, diagnostic.span(span).at(self.first_line));
    }

    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.problem(Phase::Instructions, diagnostic);
    }

    fn bad_arguments(&mut self, message: impl Into<String>) {
        self.refuse(Diagnostic::error(Code::BadArguments, message));
    }

    fn word(&self, text: &'a str) -> Word<'a> {
        self.line.word(text)
    }

    /// Problems found while the file is cut up, before any instruction is typed.
    ///
    /// BuildKit cuts up what an `ONBUILD` triggers too, although it refuses an `ONBUILD` in there later.
    fn syntax_problems(&mut self, raw: &Raw<'a>) {
        self.own_syntax_problems(raw);
        let Some(inner) = raw.inner else { return };
        if inner.which != Some(Keyword::Onbuild) {
            return self.own_syntax_problems(inner);
        }
        let escape = self.parser.escape();
        let mut rest = inner.arguments;
        loop {
            let nested = split_text(self.parser.arena, self.line, rest, escape, false);
            if nested.which != Some(Keyword::Onbuild) {
                return self.own_syntax_problems(&nested);
            }
            rest = nested.arguments;
        }
    }

    fn own_syntax_problems(&mut self, raw: &Raw<'a>) {
        if matches!(raw.json, Json::NotStrings) {
            let message = "an array in JSON form must hold strings only";
            let diagnostic =
                Diagnostic::error(Code::BadArguments, message).span(self.line.span(raw.arguments));
            self.problem(Phase::Syntax, diagnostic);
        }
        if matches!(raw.which, Some(Keyword::Env | Keyword::Label)) {
            self.pair_problems(raw);
        }
    }

    fn pair_problems(&mut self, raw: &Raw<'a>) {
        let keyword = raw.which.map_or("", Keyword::as_str);
        let Some((first, rest)) = raw.words.split_first() else { return };
        if !first.contains('=') {
            if words::split_first(raw.arguments).1.is_none() {
                let diagnostic =
                    Diagnostic::error(Code::BadArguments, format!("{keyword} needs a name and a value"))
                        .span(self.line.span(first))
                        .help(format!("write `{keyword} {first}=value`"));
                self.problem(Phase::Syntax, diagnostic);
            }
            return;
        }
        for word in rest.iter().filter(|word| !word.contains('=')) {
            let diagnostic =
                Diagnostic::error(Code::BadArguments, format!("{word:?} is not of the form name=value"))
                    .span(self.line.span(word))
                    .help("quote a value that holds spaces");
            self.problem(Phase::Syntax, diagnostic);
        }
    }

    fn kind(&mut self) -> Kind<'a> {
        let Some(keyword) = self.raw.which else {
            self.unknown();
            return Kind::Invalid;
        };
        self.check_flags(keyword);
        match keyword {
            Keyword::From => self.from(),
            Keyword::Arg => self.arg(),
            Keyword::Env => Kind::Env(self.pairs(keyword)),
            Keyword::Label => Kind::Label(self.pairs(keyword)),
            Keyword::Run => self.run(),
            Keyword::Copy => self.copy(keyword).map_or(Kind::Invalid, Kind::Copy),
            Keyword::Add => self.copy(keyword).map_or(Kind::Invalid, Kind::Add),
            Keyword::Workdir => Kind::Workdir(self.single(keyword)),
            Keyword::User => Kind::User(self.single(keyword)),
            Keyword::StopSignal => Kind::StopSignal(self.single(keyword)),
            Keyword::Maintainer => Kind::Maintainer(self.single(keyword)),
            Keyword::Shell => self.shell(),
            Keyword::Expose => self.expose(),
            Keyword::Volume => self.volume(),
            Keyword::Onbuild => self.onbuild(),
            Keyword::Cmd => Kind::Cmd(self.command()),
            Keyword::Entrypoint => Kind::Entrypoint(self.command()),
            Keyword::Healthcheck => self.healthcheck(),
        }
    }

    fn unknown(&mut self) {
        let keyword = self.raw.keyword;
        let diagnostic =
            Diagnostic::error(Code::UnknownInstruction, format!("{keyword:?} is not an instruction"))
                .span(self.line.span(keyword));
        let near = nearest(keyword, Keyword::VALUES.iter().map(|keyword| keyword.as_str()));
        self.refuse(match near {
            _ if keyword.contains('\0') => diagnostic.help("the file seems to be UTF-16: save it as UTF-8"),
            Some(near) => diagnostic.help(format!("write `{near}`")),
            None => diagnostic
                .help("a line that belongs to the instruction above needs a `\\` at the end of that one"),
        });
    }

    /// `ARG`, `STOPSIGNAL` and `HEALTHCHECK NONE` never look at their flags.
    fn check_flags(&mut self, keyword: Keyword) {
        let no_check = keyword == Keyword::Healthcheck
            && health_command(self.raw.arguments).0.eq_ignore_ascii_case("none");
        let Some(spec) = specs::of(keyword).filter(|_| !no_check) else { return };
        for problem in flags::check(keyword.as_str(), self.raw.flags, spec) {
            self.refuse(problem);
        }
    }

    fn refuse_flag(&mut self, name: &str, message: String) {
        let span = flags::find(self.raw.flags, name)
            .map_or_else(|| self.line.span(self.line.text), |flag| flag.span);
        self.refuse(Diagnostic::error(Code::BadFlag, message).span(span));
    }
}
