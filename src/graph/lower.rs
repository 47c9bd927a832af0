//! From stages to vertices, for all target platforms at once.
//!
//! A stage is walked in [`Run`]s: groups of targets whose state is the same. An instruction that reads something that
//! differs inside a group (a platform argument, a source stage that has split) parts the group; everything else is done
//! once for all its targets. So the work is that of the distinct steps, not of the targets.

use std::rc::Rc;

use super::intern::{Interner, PlaceIx};
use super::state::{Run, State};
use super::vertex::{Op, Source};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dockerfile::ast::{Instruction, Kind, Word};
use crate::dockerfile::expand::{ExpandError, Lexer};
use crate::ids::{StageIx, TargetIx, TargetSet};
use crate::model::inputs::{ContextSource, ImageConfig};
use crate::model::path::PathRules;
use crate::model::resolve::{Base, Failure, Link, Model, Phase, PlatformIx, StateIx};
use crate::model::scope::{EnvLog, GlobalValue, LookedUp, Origin, OriginKind, StageScope};
use crate::source::Line;
use crate::symbols::Symbol;

/// The most bytes that all strings of a build may take together.
pub const MAX_TEXT: usize = 256 << 20;

/// The `PATH` of an image that has none (BuildKit `util/system/path.go`).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A graph in the making.
pub(super) struct Lowering<'m, 'a, 'i> {
    pub(super) model: &'m mut Model<'a, 'i>,
    pub(super) interner: Interner,
    pub(super) log: EnvLog,
    /// What each stage became, for each group of targets.
    pub(super) results: Vec<Vec<Run>>,
    /// Images named by `--from` only that are already places.
    images: Vec<(StateIx, TargetIx, Option<PlaceIx>)>,
    context: Option<PlaceIx>,
    /// Targets that cannot be built.
    failed: TargetSet,
    pub(super) stage: StageIx,
    /// The lexer for the file's words.
    pub(super) lexer: Lexer,
}

/// The place and problem of an instruction that cannot be dispatched.
pub(super) type Step<T> = Result<T, Diagnostic>;

impl<'m, 'a, 'i> Lowering<'m, 'a, 'i> {
    pub(super) fn new(model: &'m mut Model<'a, 'i>) -> Self {
        let lexer = model.lexer();
        Self {
            results: Vec::with_capacity(model.stages.len()),
            model,
            interner: Interner::default(),
            log: EnvLog::default(),
            images: Vec::new(),
            context: None,
            failed: TargetSet::EMPTY,
            stage: StageIx(0),
            lexer,
        }
    }

    /// Walks every stage that is needed, in the order of the file.
    pub(super) fn run(&mut self) {
        for stage in (0..self.model.stages.len()).map(StageIx::new) {
            self.stage = stage;
            let mut done = Vec::new();
            for (run, resolution) in self.starts() {
                if self.model.symbols.bytes() > MAX_TEXT {
                    let message = format!("the expanded strings exceed the limit of {MAX_TEXT} bytes");
                    self.model.fail_all(Phase::Dispatch, Diagnostic::error(Code::LimitExceeded, message));
                    return;
                }
                self.walk(run, resolution, &mut done);
            }
            self.results.push(done);
        }
    }

    /// The stage's first states, each with its resolution.
    fn starts(&mut self) -> Vec<(Run, usize)> {
        let mut starts: Vec<(Start, TargetSet, usize)> = Vec::new();
        for at in 0..self.model.resolutions.len() {
            let (targets, resolution) = &self.model.resolutions[at];
            if !resolution.reachable[self.stage.index()] {
                continue;
            }
            let base = resolution.bases[self.stage.index()];
            let platform = resolution.platforms[self.stage.index()];
            for target in targets.without(self.failed).iter() {
                let start = match base {
                    Base::Stage(stage) => match self.run_of(stage, target) {
                        Some(run) => Start::Stage(stage, run),
                        None => continue,
                    },
                    // A stage on scratch has the target's platform, whatever its FROM says.
                    Base::Scratch => Start::Base(base, PlatformIx(target.0)),
                    _ => Start::Base(base, platform.unwrap_or(PlatformIx(target.0))),
                };
                match starts.iter_mut().find(|(known, _, of)| *known == start && *of == at) {
                    Some((_, targets, _)) => *targets = targets.union(TargetSet::one(target)),
                    None => starts.push((start, TargetSet::one(target), at)),
                }
            }
        }
        starts
            .into_iter()
            .filter_map(|(start, targets, resolution)| {
                let state = match start {
                    Start::Stage(stage, run) => {
                        let mut state = self.results[stage.index()][run].state.clone();
                        state.enter_stage(&mut self.log);
                        state
                    }
                    Start::Base(base, platform) => self.begin(base, platform, targets)?,
                };
                Some((Run { targets, state }, resolution))
            })
            .collect()
    }

    /// Which run of a finished stage holds `target`.
    fn run_of(&self, stage: StageIx, target: TargetIx) -> Option<usize> {
        self.results.get(stage.index())?.iter().position(|run| run.targets.contains(target))
    }

    /// The state of a stage that begins with no other stage.
    fn begin(&mut self, base: Base, platform: PlatformIx, targets: TargetSet) -> Option<State> {
        let line = self.model.stages[self.stage.index()].instruction.line;
        let owner = Some((self.stage, line));
        let mut state = self.empty_state(platform);
        let mut config = None;
        match base {
            Base::Stage(_) => return None,
            Base::Scratch => {}
            Base::Image(reference) => {
                let known = self.model.known_image(reference, &self.model.platforms[platform.0 as usize]);
                config = Some(known.map(|known| known.config.clone()).unwrap_or_default());
                state.unknown_base = known.is_none();
                let platform = self.detected(platform, config.as_ref());
                state.platform = platform;
                if !config.as_ref().is_some_and(|config| config.is_empty) {
                    let op = Op::Source(Source::Image { reference, platform });
                    state.root = Some(self.interner.place(op, [], owner));
                    state.exec_platform = Some(self.normalized(platform));
                }
            }
            Base::Context(context) | Base::Replaced(context) => {
                config = self.begin_context(context, platform, &mut state);
                if matches!(base, Base::Context(_)) {
                    state.exec_platform = Some(self.normalized(platform));
                }
            }
        }
        let is_image = !matches!(base, Base::Scratch);
        let result = self.apply_config(&mut state, config, is_image);
        if let Err(reason) = result {
            let message = format!("the working directory of the base image is refused: {reason}");
            self.fail(targets, Diagnostic::error(Code::BadValue, message).at(line));
            return None;
        }
        Some(state)
    }

    fn empty_state(&mut self, platform: PlatformIx) -> State {
        let root = self.model.symbols.intern("/");
        State {
            root: None,
            env: Rc::default(),
            config_env: Rc::default(),
            valueless: Rc::default(),
            dir: root,
            working_dir: Symbol::EMPTY,
            user: Symbol::EMPTY,
            shell: Rc::from([]),
            platform,
            exec_platform: None,
            is_windows: PathRules::of_os(&self.model.platforms[platform.0 as usize].os) == PathRules::Windows,
            unknown_base: false,
        }
    }

    fn normalized(&mut self, platform: PlatformIx) -> PlatformIx {
        let normal = self.model.platforms[platform.0 as usize].normalized();
        self.model.platform(normal)
    }

    /// Without `--platform`, an image of another platform than the builder's decides.
    fn detected(&mut self, platform: PlatformIx, config: Option<&ImageConfig>) -> PlatformIx {
        let explicit = self
            .model
            .resolutions
            .first()
            .is_some_and(|(_, resolution)| resolution.platforms[self.stage.index()].is_some());
        let own = config.and_then(|config| config.platform.clone());
        match own {
            Some(own) if self.model.inputs.implicit_target && !explicit => {
                let build = &self.model.inputs.build_platform;
                let same = own.os == build.os && own.architecture == build.architecture;
                if same { self.model.platform(build.clone()) } else { platform }
            }
            _ => platform,
        }
    }

    /// A named context in place of an image or stage; its configuration where it is an image.
    fn begin_context(
        &mut self,
        context: u32,
        platform: PlatformIx,
        state: &mut State,
    ) -> Option<ImageConfig> {
        let symbols = &mut self.model.symbols;
        let (op, reference) = match &self.model.inputs.contexts[context as usize].source {
            ContextSource::Scratch => return None,
            ContextSource::Image(reference) => {
                let reference = symbols.intern(reference);
                (Op::Source(Source::Image { reference, platform }), Some(reference))
            }
            ContextSource::OciLayout(layout) => {
                (Op::Source(Source::OciLayout { reference: symbols.intern(layout), platform }), None)
            }
            ContextSource::Local(path) => {
                (Op::Source(Source::Local(symbols.intern(&format!("context:{path}")))), None)
            }
            ContextSource::Git(git) => (Op::Source(Source::Git(Box::new(git.clone()))), None),
            ContextSource::Http(url) => {
                (Op::Source(Source::Http { url: symbols.intern(url), checksum: Symbol::EMPTY }), None)
            }
        };
        let is_image = matches!(op, Op::Source(Source::Image { .. } | Source::OciLayout { .. }));
        state.root = Some(self.interner.place(op, [], None));
        if is_image {
            state.exec_platform = Some(self.normalized(platform));
            state.unknown_base = true;
        }
        let known =
            reference.and_then(|r| self.model.known_image(r, &self.model.platforms[platform.0 as usize]));
        known.map(|known| known.config.clone())
    }

    fn apply_config(
        &mut self,
        state: &mut State,
        config: Option<ImageConfig>,
        is_image: bool,
    ) -> Result<(), &'static str> {
        let config = config.unwrap_or_default();
        let origin = Origin { kind: OriginKind::BaseImage, line: None };
        let path = self.model.symbols.intern("PATH");
        let mut has_path = false;
        for (key, value) in &config.env {
            let (key, value) = (self.model.symbols.intern(key), self.model.symbols.intern(value));
            has_path |= key == path;
            Rc::make_mut(&mut state.config_env).replace(key, value, origin);
        }
        if !has_path && !state.is_windows {
            let value = self.model.symbols.intern(DEFAULT_PATH);
            Rc::make_mut(&mut state.config_env).replace(path, value, origin);
        }
        let working_dir = if is_image { config.working_dir.as_str() } else { "/" };
        if !working_dir.is_empty() {
            state.enter_dir(working_dir, &mut self.model.symbols)?;
        }
        state.user = self.model.symbols.intern(&config.user);
        state.shell = config.shell.iter().map(|word| self.model.symbols.intern(word)).collect();
        state.enter_stage(&mut self.log);
        Ok(())
    }

    /// Walks a stage from its beginning, parting the run where its targets part.
    fn walk(&mut self, run: Run, resolution: usize, done: &mut Vec<Run>) {
        let (_, resolved) = &self.model.resolutions[resolution];
        if matches!(resolved.bases[self.stage.index()], Base::Replaced(_)) {
            done.push(run);
            return;
        }
        let triggers = resolved.triggers.get(&self.stage).cloned().unwrap_or_default();
        let stage = self.model.stages[self.stage.index()];
        let mut open = vec![(run, 0)];
        while let Some((mut run, mut at)) = open.pop() {
            loop {
                let (instruction, link, line) = match (triggers.get(at), at.checked_sub(triggers.len())) {
                    (Some(trigger), _) => (trigger.instruction, trigger.link.clone(), stage.instruction.line),
                    (None, Some(own)) if own < stage.body.len() => {
                        let instruction = &stage.body[own];
                        (instruction, self.model.links[stage.first + own].clone(), instruction.line)
                    }
                    _ => {
                        done.push(run);
                        break;
                    }
                };
                if run.targets.len() > 1 {
                    for targets in self.parts(instruction, &link, &run, resolution) {
                        let state = run.state.clone();
                        run.targets = run.targets.without(targets);
                        open.push((Run { targets, state }, at));
                    }
                }
                if let Err(diagnostic) = self.dispatch(instruction, &link, line, &mut run, resolution) {
                    let span = diagnostic.span.filter(|_| at >= triggers.len());
                    self.fail(run.targets, Diagnostic { span, ..diagnostic }.at(line));
                    break;
                }
                at += 1;
            }
        }
    }

    fn fail(&mut self, targets: TargetSet, diagnostic: Diagnostic) {
        self.failed = self.failed.union(targets);
        self.model.failures.push(Failure { phase: Phase::Dispatch, targets, diagnostic });
    }

    /// The groups, all but the first target's, into which an instruction parts a run.
    fn parts(
        &self,
        instruction: &Instruction<'_>,
        link: &Link,
        run: &Run,
        resolution: usize,
    ) -> Vec<TargetSet> {
        match (&instruction.kind, link) {
            (Kind::Arg(args), _) => {
                let differing: Vec<&Vec<Symbol>> = args
                    .iter()
                    .filter(|arg| arg.default.is_none())
                    .filter_map(|arg| self.model.symbols.find(arg.name.text))
                    .filter(|name| !self.model.build_args.contains_key(name))
                    .filter_map(|name| match self.model.globals.get(name) {
                        Some(GlobalValue::PerTarget(values)) => Some(values),
                        _ => None,
                    })
                    .collect();
                if differing.is_empty() {
                    return Vec::new();
                }
                part(run.targets, |target| {
                    differing.iter().map(|values| values[target.index()]).collect::<Vec<_>>()
                })
            }
            (_, Link::Copy(state)) => part(run.targets, |target| self.key_of(*state, target, resolution)),
            (_, Link::Mounts(states)) => part(run.targets, |target| {
                states.iter().map(|state| self.key_of(*state, target, resolution)).collect::<Vec<_>>()
            }),
            (Kind::Run(_), Link::None) if run.state.exec_platform.is_none() => {
                part(run.targets, |target| target)
            }
            _ => Vec::new(),
        }
    }

    /// Equal for two targets only where a source is the same for both.
    fn key_of(&self, state: StateIx, target: TargetIx, resolution: usize) -> (u32, Option<PlaceIx>) {
        match self.model.stages.get(state.0 as usize) {
            Some(_) => {
                let run = self.run_of(StageIx(state.0), target);
                (u32::MAX, run.and_then(|run| self.results[state.0 as usize][run].state.root))
            }
            None => match self.model.resolutions[resolution].1.bases[state.0 as usize] {
                Base::Scratch => (u32::MAX, None),
                _ => (target.0, None),
            },
        }
    }

    /// The file system of a stage or image, for a run whose targets agree on it.
    ///
    /// The error is the verb's object: what must come earlier in the file.
    pub(super) fn source(
        &mut self,
        state: StateIx,
        run: &Run,
        resolution: usize,
    ) -> Result<Option<PlaceIx>, StageIx> {
        let Some(target) = run.targets.iter().next() else { return Ok(None) };
        if (state.0 as usize) < self.model.stages.len() {
            let stage = StageIx(state.0);
            if stage == self.stage {
                // Only a trigger can name its own stage: it sees what the stage is so far.
                return Ok(run.state.root);
            }
            let base = self.model.resolutions[resolution].1.bases[stage.index()];
            return match self.run_of(stage, target) {
                Some(run) => Ok(self.results[stage.index()][run].state.root),
                None => match base {
                    Base::Replaced(context) => {
                        let explicit = self.model.resolutions[resolution].1.platforms[stage.index()];
                        let platform = explicit.unwrap_or(PlatformIx(target.0));
                        let mut state = self.empty_state(platform);
                        self.begin_context(context, platform, &mut state);
                        Ok(state.root)
                    }
                    _ => Err(stage),
                },
            };
        }
        if let Some((.., place)) = self.images.iter().find(|(known, of, _)| *known == state && *of == target)
        {
            return Ok(*place);
        }
        let resolved = &self.model.resolutions[resolution].1;
        let line = self.model.image_of(resolved, state).and_then(|image| image.line);
        let owner = line.map(|line| (self.stage, line));
        let platform = PlatformIx(target.0);
        let place = match resolved.bases[state.0 as usize] {
            Base::Image(reference) => {
                let known = self.model.known_image(reference, &self.model.platforms[platform.0 as usize]);
                let is_empty = known.is_some_and(|known| known.config.is_empty);
                let op = Op::Source(Source::Image { reference, platform });
                if is_empty { None } else { Some(self.interner.place(op, [], owner)) }
            }
            Base::Context(context) | Base::Replaced(context) => {
                let mut state = self.empty_state(platform);
                self.begin_context(context, platform, &mut state);
                state.root
            }
            Base::Scratch | Base::Stage(_) => None,
        };
        self.images.push((state, target, place));
        Ok(place)
    }

    /// The build context.
    pub(super) fn context(&mut self) -> PlaceIx {
        if let Some(context) = self.context {
            return context;
        }
        let name = self.model.symbols.intern("context");
        let place = self.interner.place(Op::Source(Source::Local(name)), [], None);
        self.context = Some(place);
        place
    }

    /// The stage's name for messages.
    pub(super) fn stage_name(&self, stage: StageIx) -> String {
        let name = self.model.stages.get(stage.index()).and_then(|stage| stage.name);
        name.map_or_else(|| format!("number {}", stage.0), |name| format!("{name:?}"))
    }

    /// Expands a word with the variables of a run.
    pub(super) fn expand(&mut self, word: Word<'_>, run: &Run, line: Line) -> Step<Symbol> {
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
        let (expanded, looked_up) =
            self.in_scope(run, |scope| lexer.expand(word.text, scope).map(|text| text.into_owned()));
        match expanded {
            Ok(text) => {
                self.warn_of_missing(&looked_up.missing, word, run, line);
                Ok(self.model.symbols.intern(&text))
            }
            Err(error) => Err(self.model.expansion_error(&error, word)),
        }
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

    pub(super) fn warn_of_missing(&mut self, missing: &[String], word: Word<'_>, run: &Run, line: Line) {
        for name in missing {
            let declared =
                self.model.symbols.find(name).is_some_and(|name| run.state.valueless.contains(&name));
            if declared {
                continue;
            }
            let message = format!("nothing here defines {name}, so it is empty");
            let diagnostic = Diagnostic::warning(Code::UndefinedVariable, message).span(word.span).at(line);
            let diagnostic = diagnostic.help(self.missing_help(name, run));
            let known = self.model.warnings.iter().rev().take(64).any(|warning| *warning == diagnostic);
            if !known {
                self.model.warnings.push(diagnostic);
            }
        }
    }

    fn missing_help(&self, name: &str, run: &Run) -> String {
        let symbol = self.model.symbols.find(name);
        if symbol.is_some_and(|symbol| self.model.globals.get(symbol).is_some()) {
            return format!(
                "declare `ARG {name}` in this stage: a global argument is not seen here without it"
            );
        }
        let known: Vec<&str> =
            run.state.env.iter().map(|(key, ..)| &self.model.symbols[key]).take(256).collect();
        match nearest(name, known) {
            Some(near) => format!("did you mean `${near}`?"),
            None if run.state.unknown_base => "it is set by the base image, if at all".to_owned(),
            None => format!("declare it with `ARG {name}` or `ENV {name}=…`"),
        }
    }
}

/// How a stage begins; equal starts give equal states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// As a run of another stage ended.
    Stage(StageIx, usize),
    /// On an image, a context or nothing, on a platform.
    Base(Base, PlatformIx),
}

/// The groups of equal keys, without the group of the first target.
fn part<K: PartialEq>(targets: TargetSet, key: impl Fn(TargetIx) -> K) -> Vec<TargetSet> {
    let mut groups: Vec<(K, TargetSet)> = Vec::new();
    for target in targets.iter() {
        let key = key(target);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => *group = group.union(TargetSet::one(target)),
            None => groups.push((key, TargetSet::one(target))),
        }
    }
    groups.into_iter().skip(1).map(|(_, group)| group).collect()
}
