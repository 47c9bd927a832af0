//! Words with the variables of a run in them, and warnings about variables that are not there.

use smol_str::SmolStr;

use super::lower::{Lowering, Step};
use super::state::Run;
use crate::budget::{self, Part};
use crate::diagnostic::nearest;
use crate::dockerfile::ast::Word;
use crate::dockerfile::expand::{ExpandError, Lexer};
use crate::model::scope::{LookedUp, StageScope};
use crate::model::{Absence, Observation, ObservationKind};
use crate::source::{Line, Span};
use crate::symbols::Symbol;

/// The work of a byte of an expanded word, which is copied into what is said of its step.
const BYTE: u64 = 20;

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
                // Where that is too much, the walk ends.
                budget::spend(Part::Graph, BYTE * text.len() as u64);
                self.observe_missing(&looked_up.missing, word, run, line);
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

    pub(super) fn observe_missing(&mut self, missing: &[SmolStr], word: Word<'_>, run: &Run, line: Line) {
        for name in missing {
            let declared = self.model.symbols.find(name).is_some_and(|name| run.state.is_valueless(name));
            if declared {
                continue;
            }
            let kind = ObservationKind::Undefined { name: name.clone(), absence: self.absence(name, run) };
            self.observe(kind, word.span, line);
        }
    }

    /// Keeps an observation on the instruction that is dispatched, once for all targets.
    pub(super) fn observe(&mut self, kind: ObservationKind, span: Span, line: Line) {
        // The places of a trigger are those of its own text.
        let span = Some(span).filter(|_| !self.is_trigger);
        self.model.observe(Observation { kind, line, span });
    }

    /// Why a name has no value.
    fn absence(&self, name: &str, run: &Run) -> Absence {
        let symbol = self.model.symbols.find(name);
        if symbol.is_some_and(|symbol| self.model.globals.get(symbol).is_some()) {
            return Absence::OnlyGlobal;
        }
        let unknown_base = run.state.unknown_base;
        let valueless = run.state.valueless.iter().flat_map(|names| names.iter().copied());
        let known = valueless.chain(run.state.env.iter().map(|(key, ..)| key)).take(256);
        let known = known.map(|name| &self.model.symbols[name]);
        // Images have names like that of PATH, GOPATH for one.
        match nearest(name, known.filter(|known| !(unknown_base && *known == "PATH"))) {
            Some(near) => Absence::Near(near.into()),
            None if unknown_base => Absence::PerhapsInBase,
            None => Absence::Nowhere,
        }
    }
}
