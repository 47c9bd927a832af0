//! Which stages a build needs, and what each is based on, for every target platform.
//!
//! Follows the phases of BuildKit's `dockerfile2llb/convert.go` up to the dispatch of instructions. What no target
//! platform can change is done once: [`Resolution`]s are shared by the targets for which every `FROM` reads the same.

use foldhash::HashMap;

use super::globals;
use super::inputs::{ContextSource, Inputs, KnownImage};
use super::platform::Platform;
use super::reference;
use super::scope::{GlobalScope, Globals, LookedUp};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::dockerfile::ast::{Copy, From, Instruction, Kind, Run, Word};
use crate::dockerfile::expand::{ExpandError, Lexer, NoVariables};
use crate::dockerfile::{Arena, Dockerfile, parse_trigger};
use crate::ids::{StageIx, TargetIx, TargetSet};
use crate::source::Line;
use crate::symbols::{Symbol, Symbols};

/// How many steps all pattern matches of one build may take together.
pub const MAX_PATTERN_STEPS: usize = 1 << 28;

/// The phases after parsing, in BuildKit's order; each stops at its first error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Global arguments.
    Globals,
    /// `FROM` lines are expanded.
    From,
    /// The target stage is looked up.
    Target,
    /// `--from` references, and circles among them.
    References,
    /// Image references and `ONBUILD` triggers.
    Images,
    /// The instructions of the stages that are needed.
    Dispatch,
    /// The finished graph.
    Marshal,
}

/// Why some target platforms cannot be built.
#[derive(Debug, Clone)]
pub struct Failure {
    /// When BuildKit finds it.
    pub phase: Phase,
    /// For which target platforms.
    pub targets: TargetSet,
    /// What it is.
    pub diagnostic: Diagnostic,
}

/// A stage as written.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// Its name, in lower case.
    pub name: Option<&'a str>,
    /// Its `FROM`.
    pub from: &'a From<'a>,
    /// The `FROM` as an instruction.
    pub instruction: &'a Instruction<'a>,
    /// Its instructions after the `FROM`.
    pub body: &'a [Instruction<'a>],
    /// The index of its first instruction in the file.
    pub first: usize,
}

/// Something that can be copied or mounted from: a stage, or an image that no stage names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateIx(pub u32);

/// What an instruction takes files from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Nothing but the build context.
    #[default]
    None,
    /// `COPY --from`.
    Copy(StateIx),
    /// The mounts of a `RUN`, in order.
    Mounts(Vec<StateIx>),
}

/// An image that is named by `--from` only.
#[derive(Debug, Clone, Copy)]
pub struct ImplicitImage {
    /// The name as written.
    pub name: Symbol,
    /// The instruction that owns it: a `COPY`; nobody owns the image of a mount.
    pub line: Option<Line>,
}

/// What a stage or implicit image begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base {
    /// Another stage.
    Stage(StageIx),
    /// Nothing.
    Scratch,
    /// An image, by its canonical reference.
    Image(Symbol),
    /// A named context in place of an image, by its position in the inputs.
    Context(u32),
    /// A named context in place of the whole stage.
    Replaced(u32),
}

/// A platform in the table of [`Model::platforms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformIx(pub u32);

/// What one or more target platforms build on.
#[derive(Debug, Clone)]
pub struct Resolution<'a> {
    /// The base of each stage, then of each implicit image.
    pub bases: Vec<Base>,
    /// The platform that each stage's `FROM` asks for.
    pub platforms: Vec<Option<PlatformIx>>,
    /// Which stages and implicit images are needed.
    pub reachable: Vec<bool>,
    /// Implicit images that only triggers name, after those of the model.
    pub extra_images: Vec<ImplicitImage>,
    /// The instructions that `ONBUILD` puts in front of a stage's own; only stages that have some.
    pub triggers: HashMap<StageIx, Vec<Trigger<'a>>>,
}

/// An instruction that `ONBUILD` put into a stage.
#[derive(Debug, Clone)]
pub struct Trigger<'a> {
    /// The instruction.
    pub instruction: &'a Instruction<'a>,
    /// What it takes files from.
    pub link: Link,
}

/// The meaning of a Dockerfile in one build, up to the instructions themselves.
#[derive(Debug)]
pub struct Model<'a, 'i> {
    /// The file.
    pub file: &'a Dockerfile<'a>,
    /// The inputs.
    pub inputs: &'i Inputs,
    /// All strings.
    pub symbols: Symbols,
    /// Platforms that `FROM` lines ask for, and the targets.
    pub platforms: Vec<Platform>,
    /// `--build-arg`, as far as it still holds.
    pub build_args: HashMap<Symbol, Symbol>,
    /// Global arguments.
    pub globals: Globals,
    /// The stages.
    pub stages: Vec<Stage<'a>>,
    /// What each instruction of the file takes files from.
    pub links: Vec<Link>,
    /// Images that are named by `--from` only.
    pub images: Vec<ImplicitImage>,
    /// The stage to build.
    pub target: Option<StageIx>,
    /// Resolutions, each for some targets.
    pub resolutions: Vec<(TargetSet, Resolution<'a>)>,
    /// What cannot be built.
    pub failures: Vec<Failure>,
    /// What could be meant otherwise.
    pub warnings: Vec<Diagnostic>,
    /// Steps that pattern matches may still take.
    pub steps_left: usize,
}

/// A model in the making.
pub(super) type Resolver<'a, 'i> = Model<'a, 'i>;

impl<'a> Model<'a, '_> {
    /// How words of this file are read.
    pub fn lexer(&self) -> Lexer {
        Lexer::new(self.file.escape.char())
    }

    /// An empty record of what a word looks up.
    pub fn looked_up(&self) -> LookedUp {
        LookedUp { steps_left: self.steps_left, ..LookedUp::default() }
    }

    /// The diagnostic of a failed expansion of `word`.
    pub fn expansion_error(&self, error: &ExpandError, word: Word<'_>) -> Diagnostic {
        let code = if error.is_limit() { Code::LimitExceeded } else { Code::BadExpansion };
        Diagnostic::error(code, format!("{:?} cannot be expanded: {error}", shortened(word.text)))
            .span(word.span)
    }

    /// The number of `platform` in the table.
    pub fn platform(&mut self, platform: Platform) -> PlatformIx {
        match self.platforms.iter().position(|known| *known == platform) {
            Some(at) => PlatformIx(at as u32),
            None => {
                self.platforms.push(platform);
                PlatformIx(self.platforms.len() as u32 - 1)
            }
        }
    }

    /// The configuration given for an image on a platform.
    pub fn known_image(&self, reference: Symbol, platform: &Platform) -> Option<&KnownImage> {
        let reference = self.symbols.text(reference);
        let normal = platform.normalized();
        let mut found = self.inputs.images.iter().filter(|image| image.reference == reference);
        found.find(|image| image.platform.as_ref().is_none_or(|known| *known == normal))
    }

    pub(super) fn fail_all(&mut self, phase: Phase, diagnostic: Diagnostic) {
        self.failures.push(Failure { phase, targets: self.inputs.all_targets(), diagnostic });
    }

    /// The state of stage `stage`.
    pub fn state_of(stage: StageIx) -> StateIx {
        StateIx(stage.0)
    }

    /// The implicit image behind a state, if it is one.
    pub fn image_of<'r>(
        &'r self,
        resolution: &'r Resolution<'_>,
        state: StateIx,
    ) -> Option<&'r ImplicitImage> {
        let at = (state.0 as usize).checked_sub(self.stages.len())?;
        match at.checked_sub(self.images.len()) {
            None => self.images.get(at),
            Some(extra) => resolution.extra_images.get(extra),
        }
    }
}

/// Resolves a file that parsed without problems.
///
/// Never fails: [`Model::failures`] says which targets cannot be built, and why.
pub fn resolve<'a, 'i>(file: &'a Dockerfile<'a>, inputs: &'i Inputs, arena: &'a Arena) -> Model<'a, 'i> {
    let mut symbols = Symbols::new();
    let build_args =
        inputs.build_args.iter().map(|(key, value)| (symbols.intern(key), symbols.intern(value))).collect();
    let mut model = Model {
        file,
        inputs,
        symbols,
        platforms: inputs.targets().to_vec(),
        build_args,
        globals: Globals::default(),
        stages: stages(file),
        links: Vec::new(),
        images: Vec::new(),
        target: None,
        resolutions: Vec::new(),
        failures: Vec::new(),
        warnings: Vec::new(),
        steps_left: MAX_PATTERN_STEPS,
    };
    globals::evaluate(&mut model);
    let froms = model.expand_froms();
    model.find_target();
    model.link_all();
    if model.failures.is_empty() {
        model.find_circle();
    }
    if model.failures.is_empty() {
        model.resolve_all(&froms, arena);
    }
    model
}

fn stages<'a>(file: &'a Dockerfile<'a>) -> Vec<Stage<'a>> {
    let starts: Vec<usize> = (0..file.instructions.len())
        .filter(|&at| matches!(file.instructions[at].kind, Kind::From(_)))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([file.instructions.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(&start, end)| {
            let instruction = &file.instructions[start];
            let Kind::From(from) = &instruction.kind else { return None };
            let body = &file.instructions[start + 1..end];
            Some(Stage { name: from.name.map(|name| name.text), from, instruction, body, first: start + 1 })
        })
        .collect()
}

/// What a `FROM` says once it is expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct FromText {
    base: Symbol,
    platform: Option<PlatformIx>,
}

/// The `FROM`s of all stages, each the same for all targets or one for each.
#[derive(Debug)]
enum Froms {
    Uniform(FromText),
    PerTarget(Vec<FromText>),
}

impl Froms {
    fn of(&self, target: TargetIx) -> FromText {
        match self {
            Self::Uniform(text) => *text,
            Self::PerTarget(texts) => texts[target.index()],
        }
    }
}

const SCRATCH: &str = "scratch";

impl<'a> Model<'a, '_> {
    fn expand_froms(&mut self) -> Vec<Froms> {
        let stages = std::mem::take(&mut self.stages);
        let froms = stages.iter().map(|stage| self.expand_from(stage)).collect();
        self.stages = stages;
        froms
    }

    fn expand_from(&mut self, stage: &Stage<'a>) -> Froms {
        let mut texts = Vec::new();
        for target in (0..self.inputs.targets().len()).map(TargetIx::new) {
            let mut varies = false;
            let base = self.expand_base(stage, target, &mut varies);
            let platform = match (&base, stage.from.platform) {
                (Ok(_), Some(word)) => self.expand_platform(word, target, &mut varies).map(Some),
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

    fn expand_base(
        &mut self,
        stage: &Stage<'a>,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<Symbol, Diagnostic> {
        let word = stage.from.base;
        let (base, missing) = self.expand_global(word, target, varies)?;
        if !base.is_empty() {
            self.warn_of_missing(&missing, word, stage.instruction.line);
            return Ok(self.symbols.intern(&base));
        }
        let diagnostic =
            Diagnostic::error(Code::BadImageReference, format!("the base image {:?} is blank", word.text))
                .span(word.span);
        Err(self.with_missing_help(diagnostic, &missing))
    }

    fn expand_platform(
        &mut self,
        word: Word<'a>,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<PlatformIx, Diagnostic> {
        let (text, missing) = self.expand_global(word, target, varies)?;
        if text.is_empty() {
            let message = format!("the platform {:?} is empty", word.text);
            let diagnostic = Diagnostic::error(Code::BadPlatform, message).span(word.span);
            return Err(self.with_missing_help(diagnostic, &missing));
        }
        match Platform::parse(&text, &self.inputs.build_platform) {
            Ok(platform) => Ok(self.platform(platform)),
            Err(error) => {
                let diagnostic = Diagnostic::error(Code::BadPlatform, error.to_string()).span(word.span);
                Err(self.with_missing_help(diagnostic, &missing))
            }
        }
    }

    /// The text of `word` with global arguments, and the names that have no value.
    fn expand_global(
        &mut self,
        word: Word<'a>,
        target: TargetIx,
        varies: &mut bool,
    ) -> Result<(String, Vec<String>), Diagnostic> {
        let looked_up = self.looked_up();
        let mut scope = GlobalScope { globals: &self.globals, symbols: &self.symbols, target, looked_up };
        let expanded = self.lexer().expand(word.text, &mut scope);
        *varies |= scope.varies();
        let LookedUp { missing, steps_left, .. } = scope.looked_up;
        self.steps_left = steps_left;
        match expanded {
            Ok(text) => Ok((text.into_owned(), missing)),
            Err(error) => Err(self.expansion_error(&error, word)),
        }
    }

    fn warn_of_missing(&mut self, missing: &[String], word: Word<'a>, line: Line) {
        for name in missing {
            let message = format!("no global argument is called {name}, so it is empty here");
            let diagnostic = Diagnostic::warning(Code::UndefinedVariable, message).span(word.span).at(line);
            let diagnostic = diagnostic.help(format!("declare `ARG {name}` before the first FROM"));
            if !self.warnings.contains(&diagnostic) {
                self.warnings.push(diagnostic);
            }
        }
    }

    fn with_missing_help(&self, diagnostic: Diagnostic, missing: &[String]) -> Diagnostic {
        const AUTOMATIC: [&str; 11] = [
            "BUILDPLATFORM",
            "BUILDOS",
            "BUILDOSVERSION",
            "BUILDARCH",
            "BUILDVARIANT",
            "TARGETPLATFORM",
            "TARGETOS",
            "TARGETOSVERSION",
            "TARGETARCH",
            "TARGETVARIANT",
            "TARGETSTAGE",
        ];
        let Some(name) = missing.first() else { return diagnostic };
        match nearest(name, AUTOMATIC) {
            Some(near) => diagnostic.help(format!("did you mean `${near}`?")),
            None => diagnostic
                .help(format!("declare `ARG {name}=…` before the first FROM, or give --build-arg {name}=…")),
        }
    }

    fn find_target(&mut self) {
        let wanted = self.inputs.stage.as_deref().filter(|stage| !stage.is_empty());
        self.target = match wanted {
            None => self.stages.len().checked_sub(1).map(StageIx::new),
            Some(name) => self.stage_named(&name.to_lowercase()),
        };
        if let (None, Some(name)) = (self.target, wanted) {
            let diagnostic = Diagnostic::error(Code::UnknownStage, format!("no stage is called {name:?}"));
            let names = self.stages.iter().filter_map(|stage| stage.name);
            let diagnostic = match nearest(name, names) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            };
            self.fail_all(Phase::Target, diagnostic);
        }
    }

    /// The last stage of a name.
    fn stage_named(&self, lower: &str) -> Option<StageIx> {
        self.stages.iter().rposition(|stage| stage.name == Some(lower)).map(StageIx::new)
    }
}

/// Finds the stage or image behind each `--from`.
struct Linker<'m> {
    names: HashMap<&'m str, StageIx>,
    stages: usize,
    images: Vec<ImplicitImage>,
}

impl Linker<'_> {
    fn named(&mut self, name: &str, line: Option<Line>, symbols: &mut Symbols) -> StateIx {
        match self.names.get(name.to_lowercase().as_str()) {
            Some(stage) => StateIx(stage.0),
            None => {
                self.images.push(ImplicitImage { name: symbols.intern(name), line });
                StateIx((self.stages + self.images.len() - 1) as u32)
            }
        }
    }

    fn copy(
        &mut self,
        copy: &Copy<'_>,
        line: Line,
        lexer: Lexer,
        symbols: &mut Symbols,
    ) -> Result<Link, Diagnostic> {
        let Some(from) = copy.from else { return Ok(Link::None) };
        match lexer.expand(from, &mut NoVariables) {
            Ok(same) if same == from => {}
            Ok(_) => {
                let diagnostic =
                    Diagnostic::error(Code::VariableInFrom, "variables are not expanded in --from");
                return Err(diagnostic
                    .help("name a stage for it: `FROM image-$VARIABLE AS name`, then `--from=name`"));
            }
            Err(error) => {
                return Err(Diagnostic::error(
                    Code::BadExpansion,
                    format!("--from={from:?} cannot be read: {error}"),
                ));
            }
        }
        let Some(index) = super::values::go_int(from) else {
            return Ok(Link::Copy(self.named(from, Some(line), symbols)));
        };
        let count = self.stages + self.images.len();
        match u32::try_from(index).ok().filter(|&index| (index as usize) < count) {
            Some(index) => Ok(Link::Copy(StateIx(index))),
            None => Err(Diagnostic::error(Code::UnknownStage, format!("no stage has the index {index}"))
                .help("stages are counted from 0; a name says more")),
        }
    }

    fn mounts(&mut self, run: &Run<'_>, symbols: &mut Symbols) -> Link {
        if run.mounts.is_empty() {
            return Link::None;
        }
        // A mount without `from` counts as one from scratch, which takes a place in the list of indexes.
        let from = |mount: &crate::dockerfile::ast::Mount<'_>| match mount.from {
            Some(from) if !from.is_empty() => from.to_owned(),
            _ => SCRATCH.to_owned(),
        };
        Link::Mounts(run.mounts.iter().map(|mount| self.named(&from(mount), None, symbols)).collect())
    }

    fn link(
        &mut self,
        instruction: &Instruction<'_>,
        lexer: Lexer,
        symbols: &mut Symbols,
    ) -> Result<Link, Diagnostic> {
        match &instruction.kind {
            Kind::Copy(copy) => self
                .copy(copy, instruction.line, lexer, symbols)
                .map_err(|diagnostic| diagnostic.at(instruction.line).span(instruction.arguments.span)),
            Kind::Run(run) => Ok(self.mounts(run, symbols)),
            _ => Ok(Link::None),
        }
    }
}

impl<'a> Model<'a, '_> {
    fn linker(&self, images: Vec<ImplicitImage>) -> Linker<'a> {
        let named =
            self.stages.iter().enumerate().filter_map(|(at, stage)| Some((stage.name?, StageIx::new(at))));
        Linker { names: named.collect(), stages: self.stages.len(), images }
    }

    fn link_all(&mut self) {
        let mut linker = self.linker(Vec::new());
        let lexer = self.lexer();
        let first = self.stages.first().map_or(self.file.instructions.len(), |stage| stage.first);
        let mut links = vec![Link::None; first];
        for instruction in &self.file.instructions[first..] {
            links.push(linker.link(instruction, lexer, &mut self.symbols).unwrap_or_else(|diagnostic| {
                let targets = self.inputs.all_targets();
                self.failures.push(Failure { phase: Phase::References, targets, diagnostic });
                Link::None
            }));
        }
        self.images = linker.images;
        self.links = links;
    }

    /// The stages that a stage's own instructions take files from, with the instruction that does.
    fn dependencies(&self, stage: StageIx) -> impl Iterator<Item = (StageIx, Line)> {
        let stage = &self.stages[stage.index()];
        let count = self.stages.len() as u32;
        stage.body.iter().enumerate().flat_map(move |(at, instruction)| {
            linked(&self.links[stage.first + at])
                .filter(move |state| state.0 < count)
                .map(move |state| (StageIx(state.0), instruction.line))
        })
    }

    /// Fails where stages take files from each other in a circle.
    fn find_circle(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum Visit {
            Not,
            Open,
            Done,
        }
        let mut visits = vec![Visit::Not; self.stages.len()];
        for root in (0..self.stages.len()).map(StageIx::new) {
            if visits[root.index()] != Visit::Not {
                continue;
            }
            visits[root.index()] = Visit::Open;
            let mut path = vec![(root, self.dependencies(root), None)];
            while let Some((stage, next, _)) = path.last_mut() {
                let Some((dependency, line)) = next.next() else {
                    visits[stage.index()] = Visit::Done;
                    path.pop();
                    continue;
                };
                match visits[dependency.index()] {
                    Visit::Done => {}
                    Visit::Not => {
                        visits[dependency.index()] = Visit::Open;
                        path.push((dependency, self.dependencies(dependency), Some(line)));
                    }
                    Visit::Open => {
                        let blamed = path.get(1).and_then(|(_, _, line)| *line).unwrap_or(line);
                        let name = self.stages[dependency.index()]
                            .name
                            .map_or_else(String::new, |n| format!(" {n:?}"));
                        let message =
                            format!("the stage{name} needs itself, directly or through other stages");
                        drop(path);
                        self.fail_all(
                            Phase::References,
                            Diagnostic::error(Code::CircularStages, message).at(blamed),
                        );
                        return;
                    }
                }
            }
        }
    }
}

fn linked(link: &Link) -> impl Iterator<Item = StateIx> {
    let (one, many) = match link {
        Link::None => (None, &[][..]),
        Link::Copy(state) => (Some(*state), &[][..]),
        Link::Mounts(states) => (None, states.as_slice()),
    };
    one.into_iter().chain(many.iter().copied())
}

impl<'a> Model<'a, '_> {
    fn resolve_all(&mut self, froms: &[Froms], arena: &'a Arena) {
        let mut by_text: HashMap<Vec<FromText>, usize> = HashMap::default();
        // Contexts and image configurations may be for one platform only.
        let each = !self.inputs.contexts.is_empty() || !self.inputs.images.is_empty();
        let uniform = !each && froms.iter().all(|from| matches!(from, Froms::Uniform(_)));
        for target in (0..self.inputs.targets().len()).map(TargetIx::new) {
            if uniform && target.0 > 0 {
                continue;
            }
            let texts: Vec<FromText> = froms.iter().map(|from| from.of(target)).collect();
            let targets = if uniform { self.inputs.all_targets() } else { TargetSet::one(target) };
            if let Some(&at) = by_text.get(&texts).filter(|_| !each) {
                self.resolutions[at].0 = self.resolutions[at].0.union(targets);
                continue;
            }
            match self.resolve_one(&texts, target, arena) {
                Ok(resolution) => {
                    by_text.insert(texts, self.resolutions.len());
                    self.resolutions.push((targets, resolution));
                }
                Err(diagnostic) => self.failures.push(Failure { phase: Phase::Images, targets, diagnostic }),
            }
        }
    }

    fn resolve_one(
        &mut self,
        texts: &[FromText],
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<Resolution<'a>, Diagnostic> {
        let mut resolution = Resolution {
            bases: Vec::with_capacity(texts.len() + self.images.len()),
            platforms: texts.iter().map(|text| text.platform).collect(),
            reachable: Vec::new(),
            extra_images: Vec::new(),
            triggers: HashMap::default(),
        };
        let mut names: HashMap<Symbol, StageIx> = HashMap::default();
        for (at, text) in texts.iter().enumerate() {
            let name = self.stages[at].name;
            let line = Some(self.stages[at].instruction.line);
            let replaced = name.and_then(|name| self.context_for_name(name, text.platform, target));
            let base = match (replaced, names.get(&text.base)) {
                (Some(context), _) => Base::Replaced(context),
                (None, Some(&stage)) => Base::Stage(stage),
                (None, None) => self.image_base(text.base, text.platform, target, line)?,
            };
            resolution.bases.push(base);
            if let Some(name) = name {
                names.insert(self.symbols.intern(name), StageIx::new(at));
            }
        }
        for at in 0..self.images.len() {
            let ImplicitImage { name, line } = self.images[at];
            let base = self.image_base(name, None, target, line)?;
            resolution.bases.push(base);
        }
        self.find_reachable(&mut resolution);
        while self.fire_triggers(&mut resolution, target, arena)? {
            self.find_reachable(&mut resolution);
        }
        Ok(resolution)
    }

    /// The base of a stage whose `FROM` names no stage.
    fn image_base(
        &mut self,
        name: Symbol,
        platform: Option<PlatformIx>,
        target: TargetIx,
        line: Option<Line>,
    ) -> Result<Base, Diagnostic> {
        let text = self.symbols.text(name);
        if text == SCRATCH {
            return Ok(Base::Scratch);
        }
        let normal = reference::normalize(text).map_err(|reason| {
            let message = format!("{:?} is no image reference: {reason}", shortened(text));
            let diagnostic = Diagnostic::error(Code::BadImageReference, message);
            let lower = text.to_lowercase();
            let diagnostic = if self.stage_named(&lower).is_some() && lower != text {
                diagnostic.help(format!("stage names are kept in lower case: write `{lower}`"))
            } else {
                diagnostic
            };
            line.map_or(diagnostic.clone(), |line| diagnostic.at(line))
        })?;
        if !self.inputs.contexts.is_empty()
            && let Some(context) = self.context(reference::familiar(&normal), platform, target)
        {
            return Ok(Base::Context(context));
        }
        Ok(Base::Image(self.symbols.intern(&normal)))
    }

    /// The named context that replaces the stage `name`.
    fn context_for_name(&self, name: &str, platform: Option<PlatformIx>, target: TargetIx) -> Option<u32> {
        if self.inputs.contexts.is_empty() {
            return None;
        }
        let normal = reference::normalize(name).ok()?;
        self.context(reference::familiar(&normal), platform, target)
    }

    /// The named context for a platform if there is one, else the one for all.
    fn context(&self, name: &str, platform: Option<PlatformIx>, target: TargetIx) -> Option<u32> {
        if name.eq_ignore_ascii_case(SCRATCH) || name.eq_ignore_ascii_case("context") {
            return None;
        }
        let platform = platform.map_or(target.index(), |platform| platform.0 as usize);
        let with_platform = format!("{name}::{}", self.platforms[platform].normalized());
        let find = |name: &str| self.inputs.contexts.iter().rposition(|context| context.name == name);
        find(&with_platform).or_else(|| find(name)).map(|at| at as u32)
    }

    fn find_reachable(&self, resolution: &mut Resolution<'a>) {
        let mut reachable = vec![false; resolution.bases.len()];
        let mut open: Vec<StateIx> = self.target.map(Self::state_of).into_iter().collect();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut reachable[state.0 as usize], true) {
                continue;
            }
            if let Base::Stage(base) = resolution.bases[state.0 as usize] {
                open.push(Self::state_of(base));
            }
            let Some(stage) = self.stages.get(state.0 as usize) else { continue };
            let own = &self.links[stage.first..stage.first + stage.body.len()];
            let triggers = resolution.triggers.get(&StageIx(state.0)).into_iter().flatten();
            open.extend(own.iter().chain(triggers.map(|trigger| &trigger.link)).flat_map(linked));
        }
        resolution.reachable = reachable;
    }

    /// Puts the triggers of base stages and images into the stages that need them; whether that brought new references.
    fn fire_triggers(
        &mut self,
        resolution: &mut Resolution<'a>,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<bool, Diagnostic> {
        let known = self.inputs.images.iter().any(|image| !image.config.onbuild.is_empty());
        let written =
            self.file.instructions.iter().any(|instruction| matches!(instruction.kind, Kind::Onbuild(_)));
        if !known && !written {
            return Ok(false);
        }
        let mut linker = self.linker(self.images.iter().chain(&resolution.extra_images).copied().collect());
        let mut new_references = false;
        for stage in (0..self.stages.len()).map(StageIx::new) {
            if !resolution.reachable[stage.index()] || resolution.triggers.contains_key(&stage) {
                continue;
            }
            let line = self.stages[stage.index()].instruction.line;
            let fired =
                self.fired(resolution, stage, target, arena).map_err(|diagnostic| diagnostic.at(line))?;
            let mut triggers = Vec::with_capacity(fired.len());
            for instruction in fired {
                let mut link =
                    linker.link(instruction, self.lexer(), &mut self.symbols).map_err(|d| d.at(line))?;
                if let Link::Copy(state) = link
                    && let Some(image) =
                        linker.images.get_mut((state.0 as usize).wrapping_sub(self.stages.len()))
                    && image.line == Some(instruction.line)
                {
                    image.line = Some(line);
                    link = Link::Copy(state);
                }
                new_references |= link != Link::None;
                triggers.push(Trigger { instruction, link });
            }
            resolution.triggers.insert(stage, triggers);
        }
        let known = self.images.len() + resolution.extra_images.len();
        for image in linker.images.split_off(known) {
            resolution.bases.push(self.image_base(image.name, None, target, image.line)?);
            resolution.extra_images.push(image);
        }
        Ok(new_references)
    }

    /// The instructions that the base of a stage triggers in it.
    fn fired(
        &self,
        resolution: &Resolution<'a>,
        stage: StageIx,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<Vec<&'a Instruction<'a>>, Diagnostic> {
        match resolution.bases[stage.index()] {
            Base::Stage(base) => {
                let body = self.stages[base.index()].body.iter();
                let triggers = body.filter_map(|instruction| match &instruction.kind {
                    Kind::Onbuild(onbuild) => Some(&onbuild.trigger),
                    _ => None,
                });
                let triggers = triggers.map(|trigger| match trigger {
                    Ok(instruction) => Ok(&**instruction),
                    Err(diagnostic) => Err(at_trigger((**diagnostic).clone())),
                });
                triggers.collect()
            }
            Base::Image(reference) => {
                let platform = resolution.platforms[stage.index()].map_or(target.index(), |p| p.0 as usize);
                let image = self.known_image(reference, &self.platforms[platform]);
                let texts = image.map_or(&[][..], |image| &image.config.onbuild);
                let parse = |text: &String| match parse_trigger(arena.keep(text), arena) {
                    Ok(instruction) => Ok(arena.keep_instruction(*instruction)),
                    Err(diagnostic) => Err(at_trigger(*diagnostic)),
                };
                texts.iter().map(parse).collect()
            }
            Base::Scratch | Base::Context(_) | Base::Replaced(_) => Ok(Vec::new()),
        }
    }
}

/// A problem inside a trigger: its places are those of the trigger's own text.
fn at_trigger(mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.span = None;
    diagnostic.labels.clear();
    diagnostic.message = format!("in an ONBUILD trigger of the base: {}", diagnostic.message);
    diagnostic
}

/// At most 60 characters of `text`.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// The source of a named context.
pub fn context_source(inputs: &Inputs, context: u32) -> &ContextSource {
    &inputs.contexts[context as usize].source
}
