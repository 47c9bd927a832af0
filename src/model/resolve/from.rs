//! What each `FROM` says once it is expanded, for each target platform, and which stage is the target.
//!
//! Knows nothing of what an image name or a stage name stands for.

use std::sync::Arc;

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{Failure, MAX_SHOWN, Model, Phase, PlatformIx, Stage};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dockerfile::ast::Word;
use crate::ids::{StageIx, TargetIx, TargetSet};
use crate::model::globals::AUTOMATIC;
use crate::model::observation::{Observation, ObservationKind};
use crate::model::platform::Platform;
use crate::model::reference;
use crate::model::scope::{GlobalScope, LookedUp};
use crate::source::Line;
use crate::source::shortened;
use crate::symbols::Symbol;

/// What a `FROM` says once it is expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FromText {
    /// An image or stage.
    pub base: Symbol,
    /// What `--platform` asks for.
    pub platform: Option<PlatformIx>,
}

/// The `FROM`s of all stages, each the same for all targets or one for each.
#[derive(Debug)]
pub(super) enum Froms {
    Uniform(FromText),
    PerTarget(Vec<FromText>),
}

impl Froms {
    pub(super) fn of(&self, target: TargetIx) -> FromText {
        match self {
            Self::Uniform(text) => *text,
            Self::PerTarget(texts) => texts[target.index()],
        }
    }
}

impl<'a> Model<'a> {
    pub(super) fn expand_froms(&mut self) -> Vec<Froms> {
        let layout = Arc::clone(&self.layout);
        let mut buffer = String::new();
        let stages = layout.stages.iter();
        stages
            .map(|stage| {
                let from = self.expand_from(stage, &mut buffer);
                self.check_name(stage);
                from
            })
            .collect()
    }

    fn expand_from(&mut self, stage: &Stage<'a>, buffer: &mut String) -> Froms {
        let mut texts = Vec::new();
        for target in (0..self.inputs.targets().len()).map(TargetIx::new) {
            let mut varies = false;
            let base = self.expand_base(buffer, stage, target, &mut varies);
            let platform = match (&base, stage.from.platform) {
                (Ok(_), Some(word)) => {
                    self.expand_platform(buffer, word, stage.instruction.line, target, &mut varies).map(Some)
                }
                _ => Ok(None),
            };
            let text = match (base, platform) {
                (Ok(base), Ok(platform)) => FromText { base, platform },
                (Err(diagnostic), _) | (_, Err(diagnostic)) => {
                    let targets = if varies { TargetSet::one(target) } else { self.inputs.all_targets() };
                    let diagnostic = diagnostic.at(stage.instruction.line);
                    self.failures.push(Failure { phase: Phase::From, targets, diagnostic });
                    FromText { base: Symbol::EMPTY, platform: None }
                }
            };
            if !varies {
                return Froms::Uniform(text);
            }
            texts.push(text);
        }
        Froms::PerTarget(texts)
    }

    /// BuildKit looks for a context of each stage's name, and reads the name as an image reference for that, also where no
    /// context is given.
    fn check_name(&mut self, stage: &Stage<'a>) {
        let Some(name) = stage.from.name else { return };
        if let Err(reason) = reference::normalize(name.text) {
            let message = format!("a stage cannot be called {:?}: {reason}", shortened(name.text, MAX_SHOWN));
            let diagnostic = Diagnostic::error(Code::BadArguments, message)
                .span(name.span)
                .at(stage.instruction.line)
                .help("a name is one word of letters and digits, with single `.`, `_` or `-` between them");
            self.fail_all(Phase::From, diagnostic);
        }
    }

    fn expand_base(
        &mut self,
        buffer: &mut String,
        stage: &Stage<'a>,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<Symbol, Diagnostic> {
        let word = stage.from.base;
        let (base, missing) = self.expand_global(buffer, word, target, varies)?;
        if !base.is_empty() {
            self.observe_missing(&missing, word, stage.instruction.line);
            return Ok(self.symbols.intern(base));
        }
        let diagnostic =
            Diagnostic::error(Code::BadImageReference, format!("the base image {:?} is blank", word.text))
                .span(word.span);
        Err(with_missing_help(diagnostic, &missing))
    }

    fn expand_platform(
        &mut self,
        buffer: &mut String,
        word: Word<'a>,
        line: Line,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<PlatformIx, Diagnostic> {
        let (text, missing) = self.expand_global(buffer, word, target, varies)?;
        self.observe_missing(&missing, word, line);
        if text.is_empty() {
            let message = format!("the platform {:?} is empty", word.text);
            let diagnostic = Diagnostic::error(Code::BadPlatform, message).span(word.span);
            return Err(with_missing_help(diagnostic, &missing));
        }
        match Platform::parse(text, &self.inputs.build_platform) {
            Ok(platform) => Ok(self.platform(platform)),
            Err(error) => {
                let diagnostic = Diagnostic::error(Code::BadPlatform, error.to_string()).span(word.span);
                Err(with_missing_help(diagnostic, &missing))
            }
        }
    }

    /// The text of `word` with global arguments, and the names that have no value.
    fn expand_global<'b>(
        &mut self,
        buffer: &'b mut String,
        word: Word<'a>,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<(&'b str, SmallVec<[SmolStr; 2]>), Diagnostic>
    where
        'a: 'b,
    {
        let looked_up = self.looked_up();
        let mut scope = GlobalScope { globals: &self.globals, symbols: &self.symbols, target, looked_up };
        let expanded = self.lexer().expand_in(buffer, word.text, &mut scope);
        *varies |= scope.varies();
        let LookedUp { missing, steps_left, .. } = scope.looked_up;
        self.steps_left = steps_left;
        match expanded {
            Ok(text) => Ok((text, missing)),
            Err(error) => Err(self.expansion_error(&error, word)),
        }
    }

    fn observe_missing(&mut self, missing: &[SmolStr], word: Word<'a>, line: Line) {
        for name in missing {
            if self.symbols.find(name).is_some_and(|name| self.globals.is_declared(name)) {
                continue;
            }
            let kind = ObservationKind::UndefinedInFrom { name: name.clone() };
            self.observe(Observation { kind, line, span: Some(word.span) });
        }
    }

    pub(super) fn find_target(&mut self) {
        let wanted = self.inputs.stage.as_deref().filter(|stage| !stage.is_empty());
        self.target = match wanted {
            None => self.layout.stages.len().checked_sub(1).map(StageIx::new),
            Some(name) => self.stage_named(&name.to_lowercase()),
        };
        if let (None, Some(name)) = (self.target, wanted) {
            let diagnostic = Diagnostic::error(Code::UnknownStage, format!("no stage is called {name:?}"));
            let names = self.layout.stages.iter().filter_map(|stage| stage.name);
            let diagnostic = match nearest(name, names.clone()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => match listed(names) {
                    Some(stages) => diagnostic.help(format!("the stages are {stages}")),
                    None => diagnostic.help("no stage has a name; give one with `FROM … AS name`"),
                },
            };
            self.fail_all(Phase::Target, diagnostic);
        }
    }

    /// The last stage of a name.
    pub fn stage_named(&self, lower: &str) -> Option<StageIx> {
        self.layout.names.get(lower).copied()
    }
}

/// Names for a sentence, at most ten; `None` where there are none.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    const MOST: usize = 10;
    let names: Vec<&str> = names.take(MOST + 1).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    let shown = names.iter().take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{shown}{more}"))
}

/// Says what a name without a value may have been meant to be.
fn with_missing_help(diagnostic: Diagnostic, missing: &[SmolStr]) -> Diagnostic {
    let Some(name) = missing.first() else { return diagnostic };
    match nearest(name, AUTOMATIC) {
        Some(near) => diagnostic.help(format!("did you mean `${near}`?")),
        None => diagnostic
            .help(format!("declare `ARG {name}=…` before the first FROM, or give --build-arg {name}=…")),
    }
}
