//! From a joined line to a typed instruction: which instruction, which form, which arguments.
//!
//! Problems are sorted into BuildKit's phases here: a malformed `ENV` or a JSON array of something else than strings is
//! found while the file is cut up, everything else when the instruction is typed.

use super::ast::{
    Arg, CommandLine, Copy, Document, Flag, From, Heredoc, Keyword, Kind, Mount, MountOption, Network,
    Onbuild, Pair, Run, Security, Word,
};
use super::flags::{self, Spec, Takes};
use super::json::{self, Json};
use super::lines::Logical;
use super::parser::{Arena, Parser, Phase, parse_trigger};
use super::{csv, duration, heredoc, words};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::{Line, Span};

/// A line cut into keyword, flags and arguments.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    pub(super) keyword: &'a str,
    which: Option<Keyword>,
    pub(super) flags: Vec<Flag<'a>>,
    pub(super) arguments: &'a str,
    json: Json<'a>,
    /// What an `ONBUILD` triggers.
    inner: Option<Box<Raw<'a>>>,
}

impl Raw<'_> {
    /// Whether `<<` in the line may open an inline document.
    pub(super) fn takes_heredocs(&self) -> bool {
        let raw = self.inner.as_deref().unwrap_or(self);
        matches!(raw.which, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
            && !matches!(raw.json, Json::Strings(_))
    }
}

/// Cuts a joined line up.
pub(super) fn split<'a>(arena: &'a Arena, line: &Logical<'a>, escape: u8) -> Raw<'a> {
    split_text(arena, line, line.text, escape, true)
}

fn split_text<'a>(arena: &'a Arena, line: &Logical<'a>, text: &'a str, escape: u8, outer: bool) -> Raw<'a> {
    let (keyword, rest) = words::split_first(text.trim());
    let (flags, arguments) =
        rest.map_or((Vec::new(), &text[..0]), |rest| flags::extract(arena, line, rest, escape));
    let arguments = arguments.trim();
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
    let inner = (outer && which == Some(Keyword::Onbuild) && !arguments.is_empty())
        .then(|| Box::new(split_text(arena, line, arguments, escape, false)));
    Raw { keyword, which, flags, arguments, json, inner }
}

/// The word after `HEALTHCHECK`, and the command after it.
fn health_command(arguments: &str) -> (&str, &str) {
    let (kind, command) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
    (kind, command.trim_start())
}

/// What typing an instruction needs.
struct Builder<'p, 'a, 'l> {
    parser: &'p mut Parser<'a>,
    raw: &'l Raw<'a>,
    line: &'l Logical<'a>,
    heredocs: &'l [Heredoc<'a>],
    first_line: Line,
}

/// Types an instruction, its inline documents having been read.
pub(super) fn build<'a>(
    parser: &mut Parser<'a>,
    raw: &Raw<'a>,
    line: &Logical<'a>,
    heredocs: &[Heredoc<'a>],
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
    fn syntax_problems(&mut self, raw: &Raw<'a>) {
        if matches!(raw.json, Json::NotStrings) {
            let message = "an array in JSON form must hold strings only";
            let diagnostic =
                Diagnostic::error(Code::BadArguments, message).span(self.line.span(raw.arguments));
            self.problem(Phase::Syntax, diagnostic);
        }
        if matches!(raw.which, Some(Keyword::Env | Keyword::Label)) {
            self.pair_problems(raw);
        }
        if let Some(inner) = &raw.inner {
            self.syntax_problems(inner);
        }
    }

    fn pair_problems(&mut self, raw: &Raw<'a>) {
        let keyword = raw.which.map_or("", Keyword::as_str);
        let found = words::quoted(raw.arguments, self.parser.escape().char());
        let Some((first, rest)) = found.split_first() else { return };
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
            Keyword::Expose => Kind::Expose(self.list(keyword)),
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
            Some(near) => diagnostic.help(format!("write `{near}`")),
            None => diagnostic
                .help("a line that belongs to the instruction above needs a `\\` at the end of that one"),
        });
    }

    /// `ARG`, `STOPSIGNAL` and `HEALTHCHECK NONE` never look at their flags.
    fn check_flags(&mut self, keyword: Keyword) {
        let no_check = keyword == Keyword::Healthcheck
            && health_command(self.raw.arguments).0.eq_ignore_ascii_case("none");
        let Some(spec) = spec(keyword).filter(|_| !no_check) else { return };
        for problem in flags::check(keyword.as_str(), &self.raw.flags, spec) {
            self.refuse(problem);
        }
    }

    fn from(&mut self) -> Kind<'a> {
        let words: Vec<&str> = words::plain(self.raw.arguments).collect();
        let name = match words[..] {
            [_] => None,
            [_, middle, name] if middle.eq_ignore_ascii_case("as") => {
                let lower = name.to_lowercase();
                if !is_stage_name(&lower) {
                    let message = format!(
                        "{name:?} cannot name a stage: a letter, then letters, digits, `-`, `_` and `.`"
                    );
                    let diagnostic =
                        Diagnostic::error(Code::BadArguments, message).span(self.line.span(name));
                    self.refuse(diagnostic);
                }
                let text = if lower == name { name } else { self.parser.arena.keep(&lower) };
                Some(Word { text, span: self.line.span(name) })
            }
            _ => {
                self.bad_arguments("FROM takes an image, or an image, `AS` and a name");
                None
            }
        };
        let Some(&base) = words.first() else { return Kind::Invalid };
        let platform =
            flags::find(&self.raw.flags, "platform").filter(|flag| flag.value.is_some_and(|v| !v.is_empty()));
        let platform =
            platform.map(|flag| Word { text: flag.value.unwrap_or_default(), span: flags::value_span(flag) });
        Kind::From(From { base: self.word(base), name, platform })
    }

    fn arg(&mut self) -> Kind<'a> {
        let found = words::quoted(self.raw.arguments, self.parser.escape().char());
        if found.is_empty() {
            self.at_least_one(Keyword::Arg);
        }
        let mut args = Vec::with_capacity(found.len());
        for word in found {
            let (name, default) =
                word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            if name.is_empty() {
                self.blank_name(Keyword::Arg);
            }
            args.push(Arg { name: self.word(name), default: default.map(|text| self.word(text)) });
        }
        Kind::Arg(args)
    }

    fn pairs(&mut self, keyword: Keyword) -> Vec<Pair<'a>> {
        let found = words::quoted(self.raw.arguments, self.parser.escape().char());
        let Some(first) = found.first() else {
            self.at_least_one(keyword);
            return Vec::new();
        };
        if !first.contains('=') {
            let (key, value) = words::split_first(self.raw.arguments);
            return value
                .map(|value| Pair { key: self.word(key), value: self.word(value) })
                .into_iter()
                .collect();
        }
        let mut pairs = Vec::with_capacity(found.len());
        for (key, value) in found.into_iter().filter_map(|word| word.split_once('=')) {
            if key.is_empty() {
                self.blank_name(keyword);
            }
            pairs.push(Pair { key: self.word(key), value: self.word(value) });
        }
        pairs
    }

    fn at_least_one(&mut self, keyword: Keyword) {
        self.bad_arguments(format!("{keyword} needs at least one argument"));
    }

    fn blank_name(&mut self, keyword: Keyword) {
        self.bad_arguments(format!("{keyword} cannot set a variable without a name"));
    }

    /// The one argument of an instruction that takes the rest of its line.
    fn single(&mut self, keyword: Keyword) -> Word<'a> {
        if self.raw.arguments.is_empty() {
            self.bad_arguments(format!("{keyword} needs exactly one argument"));
        }
        self.word(self.raw.arguments)
    }

    /// The arguments of an instruction that takes a list, in either form.
    fn items(&self) -> Vec<Word<'a>> {
        match &self.raw.json {
            Json::Strings(strings) => strings.iter().map(|text| self.word(text)).collect(),
            _ => words::plain(self.raw.arguments).map(|text| self.word(text)).collect(),
        }
    }

    fn list(&mut self, keyword: Keyword) -> Vec<Word<'a>> {
        let items = self.items();
        if items.is_empty() {
            self.at_least_one(keyword);
        }
        items
    }

    fn volume(&mut self) -> Kind<'a> {
        let mut volumes = self.list(Keyword::Volume);
        for volume in &mut volumes {
            volume.text = volume.text.trim();
        }
        if volumes.iter().any(|volume| volume.text.is_empty()) {
            self.bad_arguments("VOLUME cannot be given an empty path");
        }
        Kind::Volume(volumes)
    }

    fn command(&self) -> CommandLine<'a> {
        match &self.raw.json {
            Json::Strings(strings) => CommandLine::Exec(strings.clone()),
            _ => CommandLine::Shell(self.word(self.raw.arguments)),
        }
    }

    fn shell(&mut self) -> Kind<'a> {
        match self.command() {
            CommandLine::Exec(words) if !words.is_empty() => Kind::Shell(words),
            CommandLine::Shell(line) if !line.text.is_empty() => {
                let diagnostic =
                    Diagnostic::error(Code::BadArguments, "SHELL takes its arguments in JSON form only")
                        .span(line.span)
                        .help("write `SHELL [\"/bin/bash\", \"-c\"]`");
                self.refuse(diagnostic);
                Kind::Invalid
            }
            _ => {
                self.at_least_one(Keyword::Shell);
                Kind::Invalid
            }
        }
    }

    fn healthcheck(&mut self) -> Kind<'a> {
        let (kind, command) = health_command(self.raw.arguments);
        match kind.to_uppercase().as_str() {
            "" => self.at_least_one(Keyword::Healthcheck),
            "NONE" if command.is_empty() => {}
            "NONE" => self.bad_arguments("HEALTHCHECK NONE takes no arguments"),
            "CMD" => {
                let empty =
                    matches!(&self.raw.json, Json::Strings(words) if words.is_empty()) || command.is_empty();
                if empty {
                    self.bad_arguments("a command must follow HEALTHCHECK CMD");
                }
                self.health_flags();
            }
            _ => {
                let message = format!("HEALTHCHECK takes CMD or NONE, not {kind:?}");
                let diagnostic = Diagnostic::error(Code::BadArguments, message).span(self.line.span(kind));
                self.refuse(diagnostic);
            }
        }
        Kind::Healthcheck
    }

    fn health_flags(&mut self) {
        const MILLISECOND: i128 = 1_000_000;
        for name in ["interval", "timeout", "start-period", "start-interval"] {
            let text = flags::text(&self.raw.flags, name);
            let fine = text.is_empty()
                || duration::parse(text).is_some_and(|nanos| nanos == 0 || nanos >= MILLISECOND);
            if !fine {
                let message =
                    format!("--{name} takes a duration such as 30s, of at least a millisecond, not {text:?}");
                self.refuse_flag(name, message);
            }
        }
        let retries = flags::text(&self.raw.flags, "retries");
        if !retries.is_empty() && !retries.parse::<i32>().is_ok_and(|retries| retries >= 0) {
            self.refuse_flag("retries", format!("--retries takes a whole number from 0, not {retries:?}"));
        }
    }

    fn refuse_flag(&mut self, name: &str, message: String) {
        let span = flags::find(&self.raw.flags, name)
            .map_or_else(|| self.line.span(self.line.text), |flag| flag.span);
        self.refuse(Diagnostic::error(Code::BadFlag, message).span(span));
    }

    fn run(&mut self) -> Kind<'a> {
        let mounts = self.mounts();
        let text = |name| flags::find(&self.raw.flags, name).and_then(|flag| flag.value);
        let network = match text("network") {
            None | Some("default") => Network::Default,
            Some("none") => Network::None,
            Some("host") => Network::Host,
            Some(other) => {
                self.refuse_flag("network", format!("--network takes default, none or host, not {other:?}"));
                Network::Default
            }
        };
        let security = match flags::find(&self.raw.flags, "security").and_then(|flag| flag.value) {
            None | Some("sandbox") => Security::Sandbox,
            Some("insecure") => Security::Insecure,
            Some(other) => {
                self.refuse_flag("security", format!("--security takes sandbox or insecure, not {other:?}"));
                Security::Sandbox
            }
        };
        self.devices();
        Kind::Run(Run { command: self.command(), mounts, network, security })
    }

    fn mounts(&mut self) -> Vec<Mount<'a>> {
        let mut mounts = Vec::new();
        for flag in self.raw.flags.iter().filter(|flag| flag.name == "mount") {
            let Some(value) = flag.value else { continue };
            match csv::fields(self.parser.arena, value) {
                Ok(fields) => mounts.push(self.mount(&fields, flag.span)),
                Err(reason) => {
                    let message = format!("the options of --mount are malformed: {reason}");
                    self.refuse(Diagnostic::error(Code::BadMount, message).span(flag.span));
                }
            }
        }
        mounts
    }

    fn mount(&mut self, fields: &[&'a str], span: Span) -> Mount<'a> {
        let mut from = None;
        let mut options = Vec::with_capacity(fields.len());
        for &raw in fields {
            let (key, value) = raw.split_once('=').map_or((raw, None), |(key, value)| (key, Some(value)));
            let lower = key.to_lowercase();
            let key = if lower == key { key } else { self.parser.arena.keep(&lower) };
            if key == "from"
                && let Some(value) = value
            {
                from = Some(value);
                if value.find('$').is_some_and(|at| at + 1 != value.len()) {
                    let diagnostic = Diagnostic::error(
                        Code::VariableInFrom,
                        "variables are not expanded in a mount's `from`",
                    )
                    .span(span)
                    .help("name a stage for it: `FROM image-$VARIABLE AS name`, then `from=name`");
                    self.refuse(diagnostic);
                }
            }
            options.push(MountOption { key, value, raw });
        }
        Mount { options, from, span }
    }

    /// Devices do not reach the build graph; only their form is checked.
    fn devices(&mut self) {
        for flag in self.raw.flags.iter().filter(|flag| flag.name == "device") {
            let problem = match csv::fields(self.parser.arena, flag.value.unwrap_or_default()) {
                Ok(fields) => device_problem(&fields),
                Err(reason) => Some(reason),
            };
            if let Some(reason) = problem {
                let message = format!("the options of --device are malformed: {reason}");
                self.refuse(Diagnostic::error(Code::BadFlag, message).span(flag.span));
            }
        }
    }

    fn copy(&mut self, keyword: Keyword) -> Option<Copy<'a>> {
        let mut items = self.items();
        let Some(destination) = items.pop().filter(|_| !items.is_empty()) else {
            self.bad_arguments(format!("{keyword} needs at least one source and a destination"));
            return None;
        };
        let opening = |text: &str| heredoc::opening(text).ok().flatten();
        if opening(destination.text).is_some() {
            let message = format!("{keyword} cannot copy into an inline document");
            self.refuse(Diagnostic::error(Code::BadArguments, message).span(destination.span));
        }
        let mut sources = Vec::with_capacity(items.len());
        let mut documents = Vec::new();
        for item in items {
            match if item.text.contains("<<") { opening(item.text) } else { None } {
                Some(opening) => documents.push(self.document(&opening)),
                None => sources.push(item),
            }
        }
        let flags = &self.raw.flags;
        Some(Copy {
            sources,
            documents,
            destination,
            from: flags::find(flags, "from").and_then(|flag| flag.value).filter(|from| !from.is_empty()),
            chown: flags::text(flags, "chown"),
            chmod: flags::text(flags, "chmod"),
            link: flags::switch(flags, "link").unwrap_or_default(),
            parents: flags::switch(flags, "parents").unwrap_or_default(),
            exclude: flags
                .iter()
                .filter(|flag| flag.name == "exclude")
                .filter_map(|flag| flag.value)
                .collect(),
            checksum: flags::text(flags, "checksum"),
            keep_git_dir: flags::switch(flags, "keep-git-dir"),
            unpack: flags::switch(flags, "unpack"),
        })
    }

    fn document(&self, opening: &heredoc::Opening) -> Document<'a> {
        let arena = self.parser.arena;
        let content =
            self.heredocs.iter().rfind(|heredoc| heredoc.name == opening.name).map_or("", |h| h.content.text);
        let content = if opening.chomp { arena.keep(&heredoc::chomp(content)) } else { content };
        Document { name: arena.keep(&opening.name), content, expand: opening.expand }
    }

    fn onbuild(&mut self) -> Kind<'a> {
        let Some(inner) = &self.raw.inner else {
            self.at_least_one(Keyword::Onbuild);
            return Kind::Invalid;
        };
        if let Some(Keyword::Onbuild | Keyword::Maintainer | Keyword::From) = inner.which {
            let message = format!("ONBUILD cannot trigger {}", inner.keyword.to_uppercase());
            self.refuse(Diagnostic::error(Code::BadOnbuild, message).span(self.line.span(inner.keyword)));
            return Kind::Invalid;
        }
        let expression = self.trigger_text();
        Kind::Onbuild(Onbuild { expression, trigger: parse_trigger(expression, self.parser.arena) })
    }

    /// The line without its `ONBUILD`, the inline documents appended.
    fn trigger_text(&self) -> &'a str {
        let text = self.line.text.trim_start()[Keyword::Onbuild.as_str().len()..].trim_start();
        if self.heredocs.is_empty() {
            return text;
        }
        let mut expression = String::from(text);
        for heredoc in self.heredocs {
            expression.push('\n');
            expression.push_str(heredoc.content.text);
            expression.push_str(heredoc.name);
        }
        self.parser.arena.keep(&expression)
    }
}

/// The flags of an instruction; `None` where BuildKit never looks at them.
const fn spec(keyword: Keyword) -> Option<Spec> {
    Some(match keyword {
        Keyword::From => &[("platform", Takes::Value)],
        Keyword::Run => &[
            ("mount", Takes::Values),
            ("network", Takes::Value),
            ("security", Takes::Value),
            ("device", Takes::Values),
        ],
        Keyword::Copy => &[
            ("from", Takes::Value),
            ("chown", Takes::Value),
            ("chmod", Takes::Value),
            ("link", Takes::Bool),
            ("parents", Takes::Bool),
            ("exclude", Takes::Values),
        ],
        Keyword::Add => &[
            ("chown", Takes::Value),
            ("chmod", Takes::Value),
            ("link", Takes::Bool),
            ("keep-git-dir", Takes::Bool),
            ("checksum", Takes::Value),
            ("unpack", Takes::Bool),
            ("exclude", Takes::Values),
        ],
        Keyword::Healthcheck => &[
            ("interval", Takes::Value),
            ("timeout", Takes::Value),
            ("start-period", Takes::Value),
            ("start-interval", Takes::Value),
            ("retries", Takes::Value),
        ],
        Keyword::Arg | Keyword::StopSignal => return None,
        _ => &[],
    })
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
}

fn device_problem(fields: &[&str]) -> Option<&'static str> {
    let mut named = false;
    for field in fields {
        match field.split_once('=').map(|(key, value)| (key.to_lowercase(), value)) {
            None if field.eq_ignore_ascii_case("required") => {}
            None if !named => named = true,
            None => return Some("an option is not of the form key=value"),
            Some((key, _)) if key == "name" && named => return Some("the device is named twice"),
            Some((key, _)) if key == "name" => named = true,
            Some((key, value)) if key == "required" => {
                if super::directive::parse_bool(value).is_none() {
                    return Some("`required` is neither true nor false");
                }
            }
            Some(_) if !named => named = true,
            Some(_) => return Some("an option is neither `name` nor `required`"),
        }
    }
    None
}
