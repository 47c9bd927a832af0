//! Which stages a build needs, and what each is based on, for every target platform.
//!
//! Follows the phases of BuildKit's `dockerfile2llb/convert.go` up to the dispatch of instructions. What no target
//! platform can change is done once: [`Resolution`]s are shared by the targets for which every `FROM` reads the same.

mod again;
mod bases;
mod from;
mod link;
mod onbuild;
mod reach;
mod shared;

pub(crate) use self::again::Earlier;
pub use self::from::FromText;
pub use self::shared::KnownConfig;
pub(crate) use self::shared::{BuildResult, Results, Tables};

use std::sync::Arc;

use foldhash::HashMap;
use smallvec::SmallVec;

use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{From, Instruction, Kind, Word};
use crate::dockerfile::expand::{ExpandError, Lexer};
use crate::dockerfile::{Arena, Dockerfile};
use crate::ids::{StageIx, TargetIx, TargetSet};
use crate::model::globals;
use crate::model::inputs::{ContextSource, Inputs};
use crate::model::observation::Observation;
use crate::model::platform::Platform;
use crate::model::scope::{Globals, LookedUp};
use crate::source::Line;
use crate::source::shortened;
use crate::symbols::{Symbol, Symbols};

/// How many observations are kept.
pub const MAX_OBSERVATIONS: usize = 1000;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link<'a> {
    /// Nothing but the build context.
    #[default]
    None,
    /// `COPY --from`.
    Copy(StateIx),
    /// The mounts of a `RUN`, in order.
    Mounts(&'a [StateIx]),
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
    /// What each stage's `FROM` says.
    pub froms: Vec<FromText>,
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
    pub link: Link<'a>,
}

/// What a file says of stages, which is the same for all builds of it.
#[derive(Debug, Clone)]
pub struct Layout<'a> {
    /// The stages.
    pub stages: Vec<Stage<'a>>,
    /// The last stage of each name.
    pub(in crate::model) names: Names<'a>,
    /// What each instruction of the file takes files from.
    pub links: Vec<Link<'a>>,
    /// Images that are named by `--from` only.
    pub images: Vec<ImplicitImage>,
}

/// The meaning of a Dockerfile in one build, up to the instructions themselves.
#[derive(Debug)]
pub struct Model<'a> {
    /// The file.
    pub file: &'a Dockerfile<'a>,
    /// The inputs.
    pub inputs: &'a Inputs,
    /// All strings; those of the builds before this one, which one daemon runs together with it, included.
    pub symbols: Symbols,
    /// Platforms that `FROM` lines ask for, and the targets.
    pub platforms: Vec<Platform>,
    /// Where the platforms after the first few are.
    more_platforms: HashMap<Platform, PlatformIx>,
    /// The platform of each target.
    targets: SmallVec<[PlatformIx; 4]>,
    /// What other builds came to whose results are contexts of this one.
    pub(crate) results: Results,
    /// `--build-arg`, as far as it still holds.
    pub build_args: HashMap<Symbol, Symbol>,
    /// Global arguments.
    pub globals: Globals,
    /// What the file says, whatever is built of it.
    pub layout: Arc<Layout<'a>>,
    /// The stage to build.
    pub target: Option<StageIx>,
    /// Resolutions, each for some targets.
    pub resolutions: Vec<(TargetSet, Resolution<'a>)>,
    /// What cannot be built.
    pub failures: Vec<Failure>,
    /// What may not be meant.
    pub observations: Vec<Observation>,
    /// Steps that pattern matches may still take.
    pub steps_left: usize,
}

/// A model in the making.
pub(super) type Resolver<'a> = Model<'a>;

impl<'a> Model<'a> {
    /// A model that holds nothing yet but the stages as written.
    pub(in crate::model) fn new(file: &'a Dockerfile<'a>, inputs: &'a Inputs, tables: Tables) -> Self {
        let stages = stages(file);
        let Tables { mut symbols, platforms, more_platforms } = tables;
        let build_args = inputs
            .build_args
            .iter()
            .map(|(key, value)| (symbols.intern(key), symbols.intern(value)))
            .collect();
        let mut model = Model {
            file,
            inputs,
            symbols,
            platforms,
            more_platforms,
            targets: SmallVec::new(),
            results: Results::default(),
            build_args,
            globals: Globals::default(),
            layout: Arc::new(Layout { names: names(&stages), stages, links: Vec::new(), images: Vec::new() }),
            target: None,
            resolutions: Vec::new(),
            failures: Vec::new(),
            observations: Vec::new(),
            steps_left: MAX_PATTERN_STEPS,
        };
        model.targets = inputs.targets().iter().map(|target| model.platform(target.clone())).collect();
        model
    }

    /// Takes the tables out, for the next build or for the graph.
    pub(crate) fn take_tables(&mut self) -> Tables {
        let symbols = std::mem::take(&mut self.symbols);
        let platforms = std::mem::take(&mut self.platforms);
        Tables { symbols, platforms, more_platforms: std::mem::take(&mut self.more_platforms) }
    }

    /// The platform of a target.
    pub fn platform_of(&self, target: TargetIx) -> PlatformIx {
        self.targets.get(target.index()).copied().unwrap_or(PlatformIx(0))
    }
}

impl<'a> Model<'a> {
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
        Diagnostic::error(code, format!("`{}` cannot be expanded: {error}", shortened(word.text, MAX_SHOWN)))
            .span(word.span)
    }

    /// The number of `platform` in the table.
    pub fn platform(&mut self, platform: Platform) -> PlatformIx {
        const FEW: usize = 64;
        let few = &self.platforms[..self.platforms.len().min(FEW)];
        if let Some(at) = few.iter().position(|known| *known == platform) {
            return PlatformIx(at as u32);
        }
        let next = PlatformIx(self.platforms.len() as u32);
        if self.platforms.len() >= FEW {
            let known = *self.more_platforms.entry(platform.clone()).or_insert(next);
            if known != next {
                return known;
            }
        }
        self.platforms.push(platform);
        next
    }

    /// The canonical form of a platform in the table. The targets have it.
    pub fn normalized(&mut self, platform: PlatformIx) -> PlatformIx {
        if self.targets.contains(&platform) {
            return platform;
        }
        let normal = self.platforms[platform.0 as usize].normalized();
        self.platform(normal)
    }

    /// The configuration given for the image that a base is, on a platform.
    pub fn known_image(&self, base: Base, platform: PlatformIx) -> Option<KnownConfig<'a>> {
        let reference = match base {
            Base::Image(_) if self.inputs.images.is_empty() => return None,
            Base::Image(reference) => self.symbols.text(reference),
            Base::Context(context) | Base::Replaced(context) => match context_source(self.inputs, context) {
                ContextSource::Image(reference) => reference,
                ContextSource::Result { build, target } => {
                    return Some(KnownConfig::Result(Arc::clone(&self.results.get(*build, *target)?.config)));
                }
                _ => return None,
            },
            Base::Stage(_) | Base::Scratch => return None,
        };
        let known = self.inputs.known_image(reference, &self.platforms[platform.0 as usize])?;
        Some(KnownConfig::Given(&known.config))
    }

    /// Keeps an observation, once for all targets.
    pub(crate) fn observe(&mut self, observation: Observation) {
        // The targets meet the same of a word one after the other.
        let known = self.observations.iter().rev().take(64).any(|known| *known == observation);
        if !known && self.observations.len() < MAX_OBSERVATIONS {
            self.observations.push(observation);
        }
    }

    pub(crate) fn fail_all(&mut self, phase: Phase, diagnostic: Diagnostic) {
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
        let at = (state.0 as usize).checked_sub(self.layout.stages.len())?;
        match at.checked_sub(self.layout.images.len()) {
            None => self.layout.images.get(at),
            Some(extra) => resolution.extra_images.get(extra),
        }
    }
}

/// Resolves a file that parsed without problems.
///
/// Never fails: [`Model::failures`] says which targets cannot be built, and why. The arena holds what is read on the way:
/// triggers of images, and the lists that instructions take files from.
///
/// # Arguments
/// * `earlier`: a build of the same file for which the words stood for the same, if there was one.
pub(crate) fn resolve<'a>(
    file: &'a Dockerfile<'a>,
    inputs: &'a Inputs,
    arena: &'a Arena,
    tables: Tables,
    results: Results,
    earlier: Option<Earlier<'_, 'a>>,
) -> Model<'a> {
    if let Some(earlier) = earlier {
        return earlier.resolve(inputs, arena, tables, results);
    }
    let mut model = Model::new(file, inputs, tables);
    model.results = results;
    globals::evaluate(&mut model);
    let froms = model.expand_froms();
    model.find_target();
    model.link_all(arena);
    if model.failures.is_empty() {
        model.find_circle();
    }
    if model.failures.is_empty() {
        model.resolve_all(&froms, arena);
    }
    model
}

fn stages<'a>(file: &'a Dockerfile<'a>) -> Vec<Stage<'a>> {
    let starts = file.instructions.iter().enumerate().filter_map(|(at, instruction)| {
        let Kind::From(from) = instruction.kind else { return None };
        Some((at, instruction, from))
    });
    let ends = starts.clone().skip(1).map(|(at, ..)| at).chain([file.instructions.len()]);
    let mut stages = Vec::with_capacity(starts.clone().count());
    stages.extend(starts.zip(ends).map(|((start, instruction, from), end)| {
        let body = &file.instructions[start + 1..end];
        Stage { name: from.name.map(|name| name.text), from, instruction, body, first: start + 1 }
    }));
    stages
}

/// The last stage of each name.
type Names<'a> = HashMap<&'a str, StageIx>;

fn names<'a>(stages: &[Stage<'a>]) -> Names<'a> {
    stages.iter().enumerate().filter_map(|(at, stage)| Some((stage.name?, StageIx::new(at)))).collect()
}

const SCRATCH: &str = "scratch";

/// How many characters of a name or a reference an error shows.
const MAX_SHOWN: usize = 60;

/// The source of a named context.
pub fn context_source(inputs: &Inputs, context: u32) -> &ContextSource {
    &inputs.contexts[context as usize].source
}
