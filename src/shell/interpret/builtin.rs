//! What a shell does itself.

use std::rc::Rc;

use smol_str::SmolStr;

use super::super::syntax::{Simple, parse};
use super::super::word::name_length;
use super::run::Run;
use super::state::{Exported, Flow, State, Status, Variable};
use super::text::Text;
use super::{Field, filter, program};

impl Run<'_> {
    /// Does what a builtin of that name does; `false` where there is none.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        fields: &[Field],
        set: &[(SmolStr, Text)],
        state: &mut State,
        simple: &Simple,
    ) -> bool {
        let arguments = || fields[1..].iter().map(|field| &field.text);
        let words = || arguments().cloned().collect::<Vec<Text>>();
        let first = arguments().next().and_then(Text::known).unwrap_or_default();
        state.status = match name {
            "false" => Status::Failed,
            "echo" => {
                state.output = state.output.and(&filter::echo(&words()));
                Status::Zero
            }
            "printf" => {
                state.output = state.output.and(&filter::printf(&words()));
                Status::Zero
            }
            "pwd" => {
                state.output = state.output.and(&state.dir).and(&Text::new("\n"));
                Status::Zero
            }
            "cd" | "pushd" => {
                let to = arguments().find(|word| !word.with_gaps().starts_with("--"));
                state.dir = match to.map(Text::with_gaps) {
                    None | Some("-") => Text::unknown(),
                    Some(to) => clean(&program::absolute(&Text::new(to), &state.dir)),
                };
                Status::Assumed
            }
            "popd" => {
                state.dir = Text::unknown();
                Status::Assumed
            }
            "[" | "test" => {
                let words = words();
                let end = words.len() - usize::from(name == "[" && !words.is_empty());
                self.bracket(&words[..end], state)
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                Self::declare(name, &words(), state);
                Status::Zero
            }
            "unset" => {
                for word in arguments().filter(|word| !word.with_gaps().starts_with('-')) {
                    match word.known() {
                        Some(name) => {
                            state.put(name.into(), Variable { value: None, exported: Exported::No });
                        }
                        None => state.blur(),
                    }
                }
                Status::Zero
            }
            "set" => {
                Self::set_options(&words(), state);
                Status::Zero
            }
            "shift" => {
                let by = first.parse().unwrap_or(1);
                state.arguments = state.arguments.iter().skip(by).cloned().collect();
                Status::Zero
            }
            "read" | "getopts" | "mapfile" | "readarray" => {
                for word in arguments().filter_map(Text::known).filter(|word| !word.starts_with('-')) {
                    if name_length(word) == word.len() {
                        state.set(word.into(), Text::unknown());
                    }
                }
                Status::Unknown
            }
            "let" => Status::Unknown,
            ":" | "true" | "umask" | "trap" | "alias" | "unalias" | "hash" | "shopt" | "wait" | "ulimit"
            | "enable" | "times" => Status::Zero,
            "type" => {
                state.output = state.output.and(&Text::unknown());
                Status::Unknown
            }
            "command" if matches!(first, "-v" | "-V") => {
                state.output = state.output.and(&Text::unknown());
                Status::Unknown
            }
            "eval" => {
                self.eval(&words(), state);
                state.status
            }
            "." | "source" => {
                self.source(&words(), state);
                state.status
            }
            "exit" => {
                state.flow = if matches!(first, "0" | "") && state.status != Status::Failed {
                    Flow::Ended
                } else {
                    Flow::Failed
                };
                let is_known = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
                match state.flow {
                    Flow::Failed if is_known => Status::Failed,
                    Flow::Failed => Status::Unknown,
                    _ => Status::Zero,
                }
            }
            "return" => {
                state.flow = Flow::Returned;
                match first {
                    "0" => Status::Zero,
                    "" => state.status,
                    _ => Status::Failed,
                }
            }
            "break" => {
                state.flow = Flow::Broken;
                Status::Zero
            }
            "continue" => {
                state.flow = Flow::Continued;
                Status::Zero
            }
            "exec" if fields.len() == 1 => Status::Zero,
            "exec" | "builtin" | "command" => {
                let rest: Vec<Field> =
                    fields[1..].iter().skip_while(|f| f.text.with_gaps().starts_with('-')).cloned().collect();
                if !rest.is_empty() {
                    let inner = rest[0].text.known().unwrap_or_default().to_owned();
                    if !self.builtin(&inner, &rest, set, state, simple) {
                        let span = self.span(&simple.span);
                        self.program(rest, set, span, state);
                    }
                }
                if name == "exec" {
                    state.flow = Flow::Ended;
                }
                state.status
            }
            _ => return false,
        };
        true
    }

    fn declare(name: &str, words: &[Text], state: &mut State) {
        let options: Vec<&str> =
            words.iter().filter_map(Text::known).take_while(|word| word.starts_with('-')).collect();
        let has = |letter: char| options.iter().any(|option| option.contains(letter));
        if has('p') {
            if name == "export" {
                // Lines that set every variable again.
                state.output = state.output.and(&Text::unknown());
            }
            return;
        }
        let exports = (name == "export" || has('x')) && !has('n');
        for word in &words[options.len()..] {
            let raw = word.with_gaps();
            let length = name_length(raw);
            if length == 0 {
                if word.known().is_none() {
                    state.blur();
                }
                continue;
            }
            let name: SmolStr = raw[..length].into();
            match raw[length..].strip_prefix('=') {
                Some(value) => state.set(name.clone(), Text::new(value)),
                None if raw.len() > length => {
                    // `+=`, an index, or a name of which a part is not known.
                    if word.known().is_none() {
                        state.blur();
                    } else {
                        state.set(name.clone(), Text::unknown());
                    }
                    continue;
                }
                None => {}
            }
            if exports {
                state.export(&name, Exported::Yes);
            } else if has('n') && !has('x') && options.iter().any(|option| option.contains('n')) {
                state.export(&name, Exported::No);
            }
        }
    }

    fn set_options(words: &[Text], state: &mut State) {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(word) = word.known() else {
                state.arguments = Rc::new([Text::unknown()]);
                return;
            };
            match word {
                "--" => {
                    state.arguments = words.cloned().collect();
                    return;
                }
                "-o" | "+o" => {
                    let option = words.next().and_then(Text::known);
                    if option == Some("allexport") {
                        state.exports_all = word == "-o";
                    }
                }
                _ if word.starts_with(['-', '+']) => {
                    if word.contains('a') {
                        state.exports_all = word.starts_with('-');
                    }
                    if word.ends_with('o') && word.len() > 2 {
                        words.next();
                    }
                }
                _ => {
                    state.arguments = std::iter::once(Text::new(word)).chain(words.cloned()).collect();
                    return;
                }
            }
        }
    }

    fn eval(&mut self, words: &[Text], state: &mut State) {
        let mut text = Text::default();
        for word in words {
            text = if text.is_empty() { word.clone() } else { text.and(&Text::new(" ")).and(word) };
        }
        if text.with_gaps().starts_with('\0') {
            // What is not known may be anything.
            state.blur();
            state.status = Status::Unknown;
            return;
        }
        self.within(&text, state);
    }

    /// A script that runs in this shell.
    fn within(&mut self, text: &Text, state: &mut State) {
        if !self.enter() || !self.spend(text.with_gaps().len()) {
            return;
        }
        let script = Rc::new(parse(text.with_gaps()));
        self.detached += 1;
        state.status = Status::Zero;
        self.list(&script.list, state, &script);
        self.detached -= 1;
        self.leave();
        if state.flow == Flow::Returned {
            state.flow = Flow::On;
        }
    }

    fn source(&mut self, words: &[Text], state: &mut State) {
        let Some(path) = words.first() else { return };
        let text = self.content(path, state);
        if text.parts().any(|part| part.contains('\n')) || text.known().is_some() {
            return self.within(&text, state);
        }
        state.status = Status::Assumed;
        let raw = path.with_gaps();
        let only: Option<&[&str]> = match raw.rsplit('/').next().unwrap_or(raw) {
            "activate" => Some(&["PATH", "VIRTUAL_ENV", "PS1"]),
            "nvm.sh" => Some(&["PATH", "NVM_DIR", "NVM_BIN", "NVM_INC"]),
            "env" if raw.ends_with("cargo/env") => Some(&["PATH"]),
            "os-release" | "lsb-release" => Some(&[
                "ID",
                "VERSION_ID",
                "VERSION_CODENAME",
                "NAME",
                "VERSION",
                "PRETTY_NAME",
                "ID_LIKE",
                "UBUNTU_CODENAME",
                "DISTRIB_ID",
                "DISTRIB_RELEASE",
                "DISTRIB_CODENAME",
            ]),
            _ => None,
        };
        match only {
            Some(names) => {
                for name in names {
                    state.put(
                        (*name).into(),
                        Variable { value: Some(Text::unknown()), exported: Exported::Perhaps },
                    );
                }
            }
            None => state.blur(),
        }
    }
}

/// A path without `.` and `..`.
fn clean(path: &Text) -> Text {
    let raw = path.with_gaps();
    if !raw.starts_with('/') || raw.contains('\0') || !raw.contains("/.") && !raw.ends_with('/') {
        return path.clone();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in raw.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Text::new(&format!("/{}", parts.join("/")))
}
