//! What each stage is based on: another stage, an image, a named context, or nothing.

use foldhash::HashMap;

use super::from::{FromText, Froms};
use super::{Base, Failure, ImplicitImage, MAX_SHOWN, Model, Phase, PlatformIx, Resolution, SCRATCH};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::Arena;
use crate::ids::{StageIx, TargetIx, TargetSet};
use crate::model::inputs::ContextSource;
use crate::model::reference;
use crate::source::Line;
use crate::source::shortened;
use crate::symbols::Symbol;

/// How many hexadecimal digits no image may be called by: they are an image's digest.
const HEX_DIGITS: usize = 64;

impl<'a> Model<'a> {
    pub(super) fn resolve_all(&mut self, froms: &[Froms], arena: &'a Arena) {
        // Contexts and image configurations may be for one platform only.
        let each = !self.inputs.contexts.is_empty() || !self.inputs.images.is_empty();
        let uniform = !each && froms.iter().all(|from| matches!(from, Froms::Uniform(_)));
        for target in (0..self.inputs.targets().len()).map(TargetIx::new) {
            if uniform && target.0 > 0 {
                continue;
            }
            let texts: Vec<FromText> = froms.iter().map(|from| from.of(target)).collect();
            let targets = if uniform { self.inputs.all_targets() } else { TargetSet::one(target) };
            let mut known = self.resolutions.iter_mut().filter(|_| !each);
            if let Some((known, _)) = known.find(|(_, resolution)| resolution.froms == texts) {
                *known = known.union(targets);
                continue;
            }
            match self.resolve_one(texts, target, arena) {
                Ok(resolution) => self.resolutions.push((targets, resolution)),
                Err(diagnostics) => {
                    self.failures.extend(diagnostics.into_iter().map(|diagnostic| Failure {
                        phase: Phase::Images,
                        targets,
                        diagnostic,
                    }));
                }
            }
        }
    }

    fn resolve_one(
        &mut self,
        froms: Vec<FromText>,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<Resolution<'a>, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut last_is_wrong = false;
        let mut resolution = Resolution {
            bases: Vec::with_capacity(froms.len() + self.layout.images.len()),
            froms,
            reachable: Vec::new(),
            extra_images: Vec::new(),
            triggers: HashMap::default(),
        };
        let mut names: HashMap<Symbol, StageIx> = HashMap::default();
        for at in 0..self.layout.stages.len() {
            let text = resolution.froms[at];
            let name = self.layout.stages[at].name;
            let line = Some(self.layout.stages[at].instruction.line);
            let replaced = name.and_then(|name| self.context_for_name(name, text.platform, target));
            let base = match (replaced, names.get(&text.base)) {
                // What the FROM names is read as an image nevertheless, also where it is a stage.
                (Some(context), _) => self.image_reference(text.base, line).map(|_| Base::Replaced(context)),
                (None, Some(&stage)) => Ok(Base::Stage(stage)),
                (None, None) => self.image_base(text.base, text.platform, target, line),
            };
            if !matches!(base, Ok(Base::Stage(_) | Base::Scratch)) {
                last_is_wrong = base.is_err();
            }
            resolution.bases.push(base.unwrap_or_else(|problem| {
                problems.push(problem.span(self.layout.stages[at].from.base.span));
                Base::Scratch
            }));
            if let Some(name) = name {
                names.insert(self.symbols.intern(name), StageIx::new(at));
            }
        }
        for at in 0..self.layout.images.len() {
            let ImplicitImage { name, line } = self.layout.images[at];
            let base = self.image_base(name, None, target, line);
            if !matches!(base, Ok(Base::Scratch)) {
                last_is_wrong = base.is_err();
            }
            match base {
                Ok(base) => resolution.bases.push(base),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            // BuildKit looks at all images at once. Go runs what was started last first, and then the others in their order.
            if last_is_wrong {
                problems.rotate_right(1);
            }
            return Err(problems);
        }
        self.reach_target(resolution, target, arena).map_err(|problem| vec![problem])
    }

    /// Marks in a resolution, of which the bases are known, what the stage that is built needs.
    pub(super) fn reach_target(
        &mut self,
        mut resolution: Resolution<'a>,
        target: TargetIx,
        arena: &'a Arena,
    ) -> Result<Resolution<'a>, Diagnostic> {
        let states = self.reach(self.target.map(Self::state_of).into_iter().collect(), &mut resolution);
        self.fire_triggers(states, &mut resolution, target, arena)?;
        match self.empty_result(&resolution) {
            Some(problem) => Err(problem),
            None => Ok(resolution),
        }
    }

    /// The problem that the result of another build is a context and holds nothing: buildx hands on no such result.
    fn empty_result(&self, resolution: &Resolution<'_>) -> Option<Diagnostic> {
        let needed = resolution.bases.iter().zip(&resolution.reachable).filter(|(_, needed)| **needed);
        let mut contexts = needed.filter_map(|(base, _)| match base {
            Base::Context(context) | Base::Replaced(context) => self.inputs.contexts.get(*context as usize),
            Base::Stage(_) | Base::Scratch | Base::Image(_) => None,
        });
        let empty = contexts.find(|context| match context.source {
            ContextSource::Result { build, target } => {
                self.results.get(build, target).is_none_or(|result| result.root.is_none())
            }
            _ => false,
        })?;
        let message = format!("the context {:?} is the result of a build that makes no files", empty.name);
        Some(Diagnostic::error(Code::BadImageReference, message))
    }

    /// The base of a stage whose `FROM` names no stage.
    pub(super) fn image_base(
        &mut self,
        name: Symbol,
        platform: Option<PlatformIx>,
        target: TargetIx,
        line: Option<Line>,
    ) -> Result<Base, Diagnostic> {
        if self.symbols.text(name) == SCRATCH {
            return Ok(Base::Scratch);
        }
        let normal = self.image_reference(name, line)?;
        if !self.inputs.contexts.is_empty()
            && let Some(context) = self.context(reference::familiar(&normal), platform, target)
        {
            return Ok(Base::Context(context));
        }
        Ok(Base::Image(self.symbols.intern(&normal)))
    }

    /// The canonical reference of an image.
    fn image_reference(&self, name: Symbol, line: Option<Line>) -> Result<String, Diagnostic> {
        let text = self.symbols.text(name);
        reference::normalize(text).map_err(|reason| {
            let message = format!("{:?} is no image reference: {reason}", shortened(text, MAX_SHOWN));
            let diagnostic = Diagnostic::error(Code::BadImageReference, message);
            let lower = text.to_lowercase();
            let diagnostic = if self.stage_named(&lower).is_some() && lower != text {
                diagnostic.help(format!("stage names are kept in lower case: write `{lower}`"))
            } else {
                diagnostic
            };
            line.map_or(diagnostic.clone(), |line| diagnostic.at(line))
        })
    }

    /// The named context that replaces the stage `name`. An image of one of the two names that are none's can be
    /// replaced, though: BuildKit compares its canonical reference with them.
    fn context_for_name(&self, name: &str, platform: Option<PlatformIx>, target: TargetIx) -> Option<u32> {
        if self.inputs.contexts.is_empty() || name == SCRATCH || name == "context" {
            return None;
        }
        // Most names are their own short form, and no context is called by one that is none.
        if name.bytes().all(|byte| !matches!(byte, b'/' | b':' | b'@')) && name.len() != HEX_DIGITS {
            return self.context(name, platform, target);
        }
        let normal = reference::normalize(name).ok()?;
        self.context(reference::familiar(&normal), platform, target)
    }

    /// The named context for a platform if there is one, else the one for all.
    fn context(&self, name: &str, platform: Option<PlatformIx>, target: TargetIx) -> Option<u32> {
        let contexts = self.inputs.contexts.iter().enumerate().rev();
        let named = contexts.filter_map(|(at, context)| Some((at, context.name.strip_prefix(name)?)));
        let mut for_all = None;
        let mut own = None;
        for (at, rest) in named {
            if rest.is_empty() {
                for_all = for_all.or(Some(at as u32));
            } else if let Some(rest) = rest.strip_prefix("::") {
                let own = own.get_or_insert_with(|| {
                    let platform = platform.unwrap_or_else(|| self.platform_of(target));
                    self.platforms[platform.0 as usize].normalized().full()
                });
                if rest == own {
                    return Some(at as u32);
                }
            }
        }
        for_all
    }
}
