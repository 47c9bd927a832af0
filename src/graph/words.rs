//! Words with the variables of a run in them, and warnings about variables that are not there.

use smol_str::SmolStr;

use super::lower::{Lowering, Step};
use super::state::Run;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dockerfile::ast::Word;
use crate::dockerfile::expand::{ExpandError, Lexer};
use crate::model::scope::{LookedUp, StageScope};
use crate::source::Line;
use crate::symbols::Symbol;

impl Lowering<'_, '_> {
    /// Expands a word with the variables of a run.
    pub(super) fn expand(&mut self, word: Word<'_>, run: &Run, line: Line) -> Step<Symbol> {
        if word.text.is_empty() {
            return Ok(Symbol::EMPTY);
        }
        if self.lexer.is_literal(word.text) {
            return Ok(self.model.symbols.intern(word.text));
        }
        self.expand_with(self.lexer, word, run, line)
    }

    /// Expands the text of an inline document.
    pub(super) fn expand_document(&mut self, word: Word<'_>, run: &Run, line: Line) -> Step<Symbol> {
        self.expand_with(Lexer::heredoc(), word, run, line)
    }

    fn expand_with(&mut self, lexer: Lexer, word: Word<'_>, run: &Run, line: Line) -> Step<Symbol> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let (expanded, looked_up) =
            self.in_scope(run, |scope| lexer.expand_in(&mut buffer, word.text, scope));
        let symbol = match expanded {
            Ok(text) => {
                self.warn_of_missing(&looked_up.missing, word, run, line);
                Ok(self.model.symbols.intern(text))
            }
            Err(error) => Err(self.model.expansion_error(&error, word)),
        };
        self.buffer = buffer;
        symbol
    }

    /// Does something with the variables of a run, and returns what was looked up.
    pub(super) fn in_scope<T>(
        &mut self,
        run: &Run,
        act: impl FnOnce(&mut StageScope<'_>) -> Result<T, ExpandError>,
    ) -> (Result<T, ExpandError>, LookedUp) {
        let looked_up = self.model.looked_up();
        let mut scope = StageScope { env: &run.state.env, symbols: &self.model.symbols, looked_up };
        let result = act(&mut scope);
        let looked_up = scope.looked_up;
        self.model.steps_left = looked_up.steps_left;
        (result, looked_up)
    }

    pub(super) fn warn_of_missing(&mut self, missing: &[SmolStr], word: Word<'_>, run: &Run, line: Line) {
        for name in missing {
            let declared = self.model.symbols.find(name).is_some_and(|name| run.state.is_valueless(name));
            if declared {
                continue;
            }
            let diagnostic = if let Some(help) = self.missing_help(name, run) {
                let message = format!("nothing here defines {name}, so it is empty");
                Diagnostic::warning(Code::UndefinedVar, message).help(help)
            } else {
                let message = format!("{name} is set by the base image, if at all; it is taken as empty");
                let help = "say what the image sets with `--image-config IMAGE=FILE`";
                Diagnostic::note(Code::UndefinedVar, message).help(help)
            };
            self.warn(diagnostic.span(word.span), line);
        }
    }

    /// Keeps a warning on the instruction that is dispatched, once for all targets.
    pub(super) fn warn(&mut self, diagnostic: Diagnostic, line: Line) {
        // The places of a trigger are those of its own text.
        let span = diagnostic.span.filter(|_| !self.is_trigger);
        self.model.warn(Diagnostic { span, ..diagnostic }.at(line));
    }

    /// What to write instead; `None` where the base image may well define the name.
    fn missing_help(&self, name: &str, run: &Run) -> Option<String> {
        let symbol = self.model.symbols.find(name);
        if symbol.is_some_and(|symbol| self.model.globals.get(symbol).is_some()) {
            return Some(format!(
                "declare `ARG {name}` in this stage: a global argument is not seen here without it"
            ));
        }
        let unknown_base = run.state.unknown_base;
        let valueless = run.state.valueless.iter().flat_map(|names| names.iter().copied());
        let known = valueless.chain(run.state.env.iter().map(|(key, ..)| key)).take(256);
        let known = known.map(|name| &self.model.symbols[name]);
        // Images have names like that of PATH, GOPATH for one.
        match nearest(name, known.filter(|known| !(unknown_base && *known == "PATH"))) {
            Some(near) => Some(format!("did you mean `${near}`?")),
            None if unknown_base => None,
            None => Some(format!("declare it with `ARG {name}` or `ENV {name}=…`")),
        }
    }
}
