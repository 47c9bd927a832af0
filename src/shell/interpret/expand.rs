//! Words to texts: variables, quotes, what scripts print.

use std::ops::Range;
use std::rc::Rc;

use super::super::syntax::{Change, Part, Redirect, RedirectKind, Script, Word};
use super::run::Run;
use super::state::{Exported, State, Status, Variable};
use super::text::Text;
use super::{Dialect, Field, pattern};

/// Whether bash makes several words of one that has `{a,b}` or `{1..3}` outside of quotes.
fn may_be_several(word: &Word) -> bool {
    let opens = |part: &Part| matches!(part, Part::Text { text, quoted: false } if text.contains('{'));
    if !word.parts.iter().any(opens) {
        return false;
    }
    let plain = word.parts.iter().filter_map(|part| match part {
        Part::Text { text, quoted: false } => Some(&**text),
        _ => None,
    });
    let plain: String = plain.collect();
    let inner = plain.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    inner.is_some_and(|(inner, _)| inner.contains(',') || inner.contains(".."))
}

/// Bytes that are copied in a step.
const PAGE: usize = 4096;

/// A file that output goes to.
pub(super) struct Target {
    path: Text,
    appends: bool,
}

impl Target {
    /// Notes what was written.
    pub(super) fn write(self, state: &mut State, written: &Text) {
        let Some(path) = self.path.known().filter(|path| !path.starts_with("/dev/")) else { return };
        let whole = match (self.appends, state.files.get(path)) {
            (false, _) => written.clone(),
            (true, Some(before)) => before.and(written),
            (true, None) => Text::unknown().and(written),
        };
        Rc::make_mut(&mut state.files).insert(path.into(), whole);
    }
}

/// Fields as they grow.
#[derive(Default)]
struct Splitter {
    done: Vec<Text>,
    open: Option<Text>,
}

impl Splitter {
    fn add(&mut self, text: &Text) {
        self.open = Some(self.open.take().unwrap_or_default().and(text));
    }

    /// Adds what stands in no quotes: blanks in it separate.
    fn split(&mut self, text: &Text) {
        let raw = text.with_gaps();
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n');
        if raw.starts_with(is_blank) {
            self.done.extend(self.open.take());
        }
        for (at, piece) in raw.split(is_blank).filter(|piece| !piece.is_empty()).enumerate() {
            if at > 0 {
                self.done.extend(self.open.take());
            }
            self.add(&Text::new(piece));
        }
        if raw.ends_with(is_blank) {
            self.done.extend(self.open.take());
        }
    }
}

impl Run<'_> {
    /// The place of a word, where it is in the text.
    pub(super) fn span(&self, span: &Range<usize>) -> Option<Range<usize>> {
        (self.detached == 0).then(|| span.clone())
    }

    /// The fields that words become.
    pub(super) fn fields(&mut self, words: &[Word], state: &mut State, script: &Rc<Script>) -> Vec<Field> {
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            let span = self.span(&word.span);
            if matches!(self.dialect, Dialect::Bash | Dialect::Unknown) && may_be_several(word) {
                fields.push(Field { text: Text::unknown(), span });
                continue;
            }
            if let [Part::Text { text, quoted }] = &*word.parts
                && (*quoted || !text.starts_with('~'))
            {
                self.spend(text.len() / 16 + 1);
                fields.push(Field { text: text.into(), span });
                continue;
            }
            let mut splitter = Splitter::default();
            for part in &word.parts {
                self.part(part, state, script, &mut splitter);
            }
            splitter.done.extend(splitter.open.take());
            self.spend(splitter.done.len());
            fields.extend(splitter.done.into_iter().map(|text| Field { text, span: span.clone() }));
        }
        fields
    }

    /// Counts that a text is copied to grow, where that is much.
    fn grows(&mut self, text: &Text) {
        let pages = text.with_gaps().len() / PAGE;
        if pages > 0 {
            self.spend(pages);
        }
    }

    fn part(&mut self, part: &Part, state: &mut State, script: &Rc<Script>, splitter: &mut Splitter) {
        if let Some(open) = &splitter.open {
            self.grows(open);
        }
        match part {
            Part::Parameter { name, change: None, quoted: true } if name == "@" => {
                self.spend(state.arguments.len());
                for (at, argument) in state.arguments.iter().enumerate() {
                    if at > 0 {
                        splitter.done.extend(splitter.open.take());
                    }
                    splitter.add(argument);
                }
            }
            Part::Text { text, quoted: false } if text.starts_with('~') && splitter.open.is_none() => {
                let rest = &text[1..];
                let home = if rest.is_empty() || rest.starts_with('/') {
                    self.value("HOME", state).unwrap_or_else(Text::unknown)
                } else {
                    Text::new("~")
                };
                splitter.add(&home.and(&Text::new(rest)));
            }
            Part::Text { text, .. } => {
                self.spend(text.len() / 16);
                splitter.add(&text.into());
            }
            Part::Parameter { quoted: false, .. } | Part::Output { quoted: false, .. } => {
                let text = self.expanded(part, state, script);
                splitter.split(&text);
            }
            _ => {
                let text = self.expanded(part, state, script);
                splitter.add(&text);
            }
        }
    }

    /// A word as one text, as in an assignment.
    pub(super) fn joined(&mut self, word: &Word, state: &mut State, script: &Rc<Script>) -> Text {
        let mut whole = Text::default();
        for (at, part) in word.parts.iter().enumerate() {
            let text = match part {
                Part::Text { text, quoted: false } if at == 0 && (text == "~" || text.starts_with("~/")) => {
                    self.value("HOME", state).unwrap_or_else(Text::unknown).and(&Text::new(&text[1..]))
                }
                _ => self.expanded(part, state, script),
            };
            self.grows(&whole);
            whole = whole.and(&text);
        }
        whole
    }

    /// A word as a pattern, in which a backslash stands before what is quoted.
    pub(super) fn pattern(&mut self, word: &Word, state: &mut State, script: &Rc<Script>) -> Text {
        let mut whole = Text::default();
        for part in &word.parts {
            let text = self.expanded(part, state, script);
            let is_quoted = match part {
                Part::Text { quoted, .. } | Part::Parameter { quoted, .. } | Part::Output { quoted, .. } => {
                    *quoted
                }
                Part::Unknown => false,
            };
            let raw = text.with_gaps();
            whole = if is_quoted && raw.contains(['*', '?', '[', '\\']) {
                let escaped = raw.chars().flat_map(|c| {
                    let special = matches!(c, '*' | '?' | '[' | '\\');
                    special.then_some('\\').into_iter().chain([c])
                });
                whole.and(&Text::new(&escaped.collect::<String>()))
            } else {
                whole.and(&text)
            };
        }
        whole
    }

    fn expanded(&mut self, part: &Part, state: &mut State, script: &Rc<Script>) -> Text {
        match part {
            Part::Text { text, .. } => text.into(),
            Part::Parameter { name, change, .. } => {
                let value = self.value(name, state);
                match change {
                    None => value.unwrap_or_default(),
                    Some(change) => self.changed(name, value, change, state, script),
                }
            }
            Part::Output { script: inner, .. } => self.output(inner, state, script),
            Part::Unknown => Text::unknown(),
        }
    }

    /// What a variable holds; `None` where it is unset.
    pub(super) fn value(&mut self, name: &str, state: &State) -> Option<Text> {
        self.spend(1);
        let index = || name.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
        match name {
            "@" | "*" => {
                let all: Vec<&str> = state.arguments.iter().map(Text::with_gaps).collect();
                let all = all.join(" ");
                self.spend(all.len() / 16);
                Some(Text::new(&all))
            }
            "#" => Some(Text::new(&state.arguments.len().to_string())),
            "?" => match state.status {
                Status::Zero | Status::Assumed => Some(Text::new("0")),
                _ => Some(Text::unknown()),
            },
            "0" | "$" | "!" | "-" | "" | "RANDOM" | "SECONDS" | "LINENO" | "PPID" | "UID" | "EUID"
            | "HOSTNAME" => Some(Text::unknown()),
            "PWD" if !state.variables.contains_key(name) => Some(state.dir.clone()),
            _ if name.starts_with(|c: char| c.is_ascii_digit()) => {
                index().and_then(|at| state.arguments.get(at)).cloned()
            }
            _ => match state.variables.get(name) {
                Some(variable) => variable.value.clone(),
                None if state.unseen || !self.world.is_unset(name) => Some(Text::unknown()),
                None => None,
            },
        }
    }

    fn changed(
        &mut self,
        name: &str,
        value: Option<Text>,
        change: &Change,
        state: &mut State,
        script: &Rc<Script>,
    ) -> Text {
        match change {
            Change::Unset { sign, or_empty, word } => {
                let has = match &value {
                    None => Some(false),
                    Some(value) if *or_empty => value.has_any(),
                    // A value of which nothing is known may be none at all.
                    Some(value) => (*value != Text::unknown()).then_some(true),
                };
                let value = value.unwrap_or_default();
                match (sign, has) {
                    (b'+', Some(true)) => self.joined(word, state, script),
                    (b'+', Some(false)) => Text::default(),
                    (_, Some(true)) | (b'?', _) => value,
                    (sign, Some(false)) => {
                        let text = self.joined(word, state, script);
                        if *sign == b'=' {
                            state.set(name.into(), text.clone());
                        }
                        text
                    }
                    (_, None) => {
                        if *sign == b'=' {
                            let exported = Exported::Perhaps;
                            state.put(name.into(), Variable { value: Some(Text::unknown()), exported });
                        }
                        Text::unknown()
                    }
                }
            }
            Change::Trim { at_end, longest, pattern: word } => {
                let wanted = self.pattern(word, state, script);
                let value = value.unwrap_or_default();
                self.spend(value.with_gaps().len() * 4);
                match (value.known(), wanted.known()) {
                    (Some(value), Some(wanted)) => pattern::trim(value, wanted, *at_end, *longest)
                        .map_or_else(Text::unknown, |text| Text::new(&text)),
                    _ => Text::unknown(),
                }
            }
            Change::Replace { all, pattern: word, with } => {
                let wanted = self.pattern(word, state, script);
                let with = self.joined(with, state, script);
                let value = value.unwrap_or_default();
                self.spend(value.with_gaps().len());
                let literal = wanted.known().and_then(pattern::literal).filter(|literal| !literal.is_empty());
                match (value.known(), literal, with.known()) {
                    (Some(value), Some(literal), Some(with)) => {
                        let changed = if *all {
                            value.replace(&literal, with)
                        } else {
                            value.replacen(&literal, with, 1)
                        };
                        Text::new(&changed)
                    }
                    _ => Text::unknown(),
                }
            }
            Change::Other => Text::unknown(),
        }
    }

    /// What a script within a word prints.
    fn output(&mut self, inner: &Rc<Script>, state: &mut State, around: &Rc<Script>) -> Text {
        if !self.enter() {
            return Text::unknown();
        }
        // Documents of a script that is part of the text are listed with the whole of it.
        let own = if inner.text.is_some() || !inner.documents.is_empty() { inner } else { around };
        let own = Rc::clone(own);
        self.detached += u32::from(inner.text.is_some());
        self.read += 1;
        let mut shell = self.fork(state);
        shell.output = Text::default();
        self.list(&inner.list, &mut shell, &own);
        self.read -= 1;
        self.detached -= u32::from(inner.text.is_some());
        self.leave();
        state.files = shell.files;
        state.status = shell.status;
        Text::new(shell.output.with_gaps().trim_end_matches('\n'))
    }

    /// The file that output is sent to, if it is.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        state: &mut State,
        script: &Rc<Script>,
    ) -> Option<Target> {
        let sent = redirects.iter().rev().find(|redirect| {
            matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append)
                && redirect.descriptor.is_none_or(|descriptor| descriptor == 1)
        })?;
        let path = self.joined(&sent.target, state, script);
        let path = super::program::absolute(&path, &state.dir);
        Some(Target { path, appends: sent.kind == RedirectKind::Append })
    }

    /// What a redirection feeds, if one does.
    pub(super) fn input_of(
        &mut self,
        redirects: &[Redirect],
        state: &mut State,
        script: &Rc<Script>,
    ) -> Option<Text> {
        let redirect = redirects.iter().rev().find(|redirect| {
            matches!(redirect.kind, RedirectKind::Read | RedirectKind::Document(_) | RedirectKind::Text)
        })?;
        Some(match redirect.kind {
            RedirectKind::Document(number) => {
                let document = script.documents.get(number)?;
                self.joined(&document.body, state, script)
            }
            RedirectKind::Text => self.joined(&redirect.target, state, script).and(&Text::new("\n")),
            _ => {
                let path = self.joined(&redirect.target, state, script);
                self.content(&path, state)
            }
        })
    }

    /// What a file says.
    pub(super) fn content(&mut self, path: &Text, state: &State) -> Text {
        let path = super::program::absolute(path, &state.dir);
        let Some(path) = path.known() else { return Text::unknown() };
        match state.files.get(path) {
            Some(text) => text.clone(),
            None => self.world.read(path).map_or_else(Text::unknown, |text| Text::new(&text)),
        }
    }
}
