//! Instructions without parts of their own: names, values, lists, commands, and what `ONBUILD` triggers.

use smallvec::SmallVec;

use super::super::ast::{Arg, CommandLine, From, Keyword, Kind, Onbuild, Pair, Word};
use super::super::json::Json;
use super::super::parser::parse_trigger;
use super::super::{flags, words};
use super::Builder;
use crate::diagnostic::{Code, Diagnostic};

impl<'a> Builder<'_, 'a, '_> {
    pub(super) fn from(&mut self) -> Kind<'a> {
        let words: SmallVec<[&str; 4]> = words::plain(self.raw.arguments).collect();
        let name = match words[..] {
            [_] => None,
            [_, middle, name] if middle.eq_ignore_ascii_case("as") => {
                let lower = words::lower(name);
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
            flags::find(self.raw.flags, "platform").filter(|flag| flag.value.is_some_and(|v| !v.is_empty()));
        let platform =
            platform.map(|flag| Word { text: flag.value.unwrap_or_default(), span: flags::value_span(flag) });
        Kind::From(self.parser.arena.node(From { base: self.word(base), name, platform }))
    }

    pub(super) fn arg(&mut self) -> Kind<'a> {
        let found = self.raw.words;
        if found.is_empty() {
            self.at_least_one(Keyword::Arg);
        }
        let mut args = SmallVec::<[Arg<'a>; 4]>::new();
        for &word in found {
            let (name, default) =
                word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            if name.is_empty() {
                self.blank_name(Keyword::Arg);
            }
            args.push(Arg { name: self.word(name), default: default.map(|text| self.word(text)) });
        }
        Kind::Arg(self.parser.arena.list(&args))
    }

    pub(super) fn pairs(&mut self, keyword: Keyword) -> &'a [Pair<'a>] {
        let found = self.raw.words;
        let Some(first) = found.first() else {
            self.at_least_one(keyword);
            return &[];
        };
        if !first.contains('=') {
            let (key, value) = words::split_first(self.raw.arguments);
            let pair = value.map(|value| Pair { key: self.word(key), value: self.word(value) });
            return self.parser.arena.list(pair.as_slice());
        }
        let mut pairs = SmallVec::<[Pair<'a>; 8]>::new();
        for (key, value) in found.iter().filter_map(|word| word.split_once('=')) {
            if key.is_empty() {
                self.blank_name(keyword);
            }
            pairs.push(Pair { key: self.word(key), value: self.word(value) });
        }
        self.parser.arena.list(&pairs)
    }

    pub(super) fn at_least_one(&mut self, keyword: Keyword) {
        self.bad_arguments(format!("{keyword} needs at least one argument"));
    }

    fn blank_name(&mut self, keyword: Keyword) {
        self.bad_arguments(format!("{keyword} cannot set a variable without a name"));
    }

    /// The one argument of an instruction that takes the rest of its line.
    pub(super) fn single(&mut self, keyword: Keyword) -> Word<'a> {
        if self.raw.arguments.is_empty() {
            self.bad_arguments(format!("{keyword} needs exactly one argument"));
        }
        self.word(self.raw.arguments)
    }

    /// The arguments of an instruction that takes a list, in either form.
    pub(super) fn items(&self) -> SmallVec<[Word<'a>; 8]> {
        match &self.raw.json {
            Json::Strings(strings) => strings.iter().map(|text| self.word(text)).collect(),
            _ => words::plain(self.raw.arguments).map(|text| self.word(text)).collect(),
        }
    }

    fn list(&mut self, keyword: Keyword) -> SmallVec<[Word<'a>; 8]> {
        let items = self.items();
        if items.is_empty() {
            self.at_least_one(keyword);
        }
        items
    }

    pub(super) fn expose(&mut self) -> Kind<'a> {
        let ports = self.list(Keyword::Expose);
        Kind::Expose(self.parser.arena.list(&ports))
    }

    pub(super) fn volume(&mut self) -> Kind<'a> {
        let mut volumes = self.list(Keyword::Volume);
        for volume in &mut volumes {
            volume.text = volume.text.trim();
        }
        if volumes.iter().any(|volume| volume.text.is_empty()) {
            self.bad_arguments("VOLUME cannot be given an empty path");
        }
        Kind::Volume(self.parser.arena.list(&volumes))
    }

    pub(super) fn command(&self) -> CommandLine<'a> {
        match &self.raw.json {
            Json::Strings(strings) => CommandLine::Exec(strings),
            _ => CommandLine::Shell(self.word(self.raw.arguments)),
        }
    }

    pub(super) fn shell(&mut self) -> Kind<'a> {
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

    pub(super) fn onbuild(&mut self) -> Kind<'a> {
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

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
}
