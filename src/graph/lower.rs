//! From stages to vertices, for all target platforms at once.
//!
//! A stage is walked in [`Run`]s: groups of targets whose state is the same. An instruction that reads something that
//! differs inside a group (a platform argument, a source stage that has split) parts the group; everything else is done
//! once for all its targets. So the work is that of the distinct steps, not of the targets.

use std::rc::Rc;
use std::sync::Arc;

use foldhash::HashMap;
use smallvec::SmallVec;

use super::intern::{Interner, PlaceIx};
use super::state::{Run, State};
use crate::budget::{self, Part};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::dockerfile::expand::Lexer;
use crate::ids::{BuildIx, StageIx, TargetIx, TargetSet};
use crate::model::inputs::ImageConfig;
use crate::model::resolve::{Base, BuildResult, Failure, Link, Model, Phase, PlatformIx, StateIx};
use crate::model::scope::{Env, EnvLog, GlobalValue};
use crate::source::Line;
use crate::symbols::Symbol;

/// The most bytes that all strings of a build may take together.
pub const MAX_TEXT: usize = 16 << 20;

/// The most variables that stages may copy from the stages they are based on, over all stages.
pub(super) const MAX_COPIED: usize = 1 << 22;

/// The work of an instruction for one group of targets: to make its vertex, and to keep it.
const STEP: u64 = 6_000;

/// A graph in the making.
pub(super) struct Lowering<'m, 'a> {
    pub(super) model: &'m mut Model<'a>,
    pub(super) shared: Shared,
    /// Where the stages of the file begin among those of all files of the daemon.
    first_stage: u32,
    /// What the build gives to every command besides what the file says.
    pub(super) sandbox: Symbol,
    /// What each stage became, for each group of targets: the stages one after the other.
    runs: Vec<Run>,
    /// Where the runs of each stage that was walked end.
    ends: Vec<u32>,
    /// Images named by `--from` only that are already places.
    pub(super) images: HashMap<(StateIx, TargetIx), Option<PlaceIx>>,
    pub(super) context: Option<PlaceIx>,
    /// Targets that cannot be built.
    pub(super) failed: TargetSet,
    pub(super) stage: StageIx,
    /// The instruction comes from an `ONBUILD`: its spans are those of another text.
    pub(super) is_trigger: bool,
    pub(super) no_env: Rc<Env>,
    /// The lexer for the file's words.
    pub(super) lexer: Lexer,
    /// Where words are expanded.
    pub(super) buffer: String,
}

/// For each group of targets the place of its last vertex; `None` for an empty file system.
pub(super) type Roots = SmallVec<[(TargetSet, Option<PlaceIx>); 4]>;

/// What the builds of a daemon share, so that equal steps of theirs are one.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) interner: Interner,
    pub(super) log: EnvLog,
    /// The environment that an image of which nothing is known gives to itself and to a stage.
    pub(super) default_env: Option<(Rc<Env>, Rc<Env>)>,
    /// How stages begin on the result of a build, for one of its targets and a platform that is asked for.
    pub(super) begun: HashMap<(BuildIx, TargetIx, PlatformIx), State>,
}

impl Shared {
    /// For builds of so many instructions together.
    pub(super) fn with_capacity(instructions: usize) -> Self {
        Self {
            interner: Interner::with_capacity(instructions.min(1 << 12)),
            log: EnvLog::default(),
            default_env: None,
            begun: HashMap::default(),
        }
    }
}

/// The place and problem of an instruction that cannot be dispatched.
pub(super) type Step<T> = Result<T, Diagnostic>;

impl<'m, 'a> Lowering<'m, 'a> {
    pub(super) fn new(model: &'m mut Model<'a>, shared: Shared, first_stage: u32) -> Self {
        let lexer = model.lexer();
        let sandbox = model.inputs.sandbox.identity(&model.inputs.build_args);
        let sandbox = if sandbox.is_empty() { Symbol::EMPTY } else { model.symbols.intern(&sandbox) };
        Self {
            runs: Vec::with_capacity(model.layout.stages.len() + 1),
            ends: Vec::with_capacity(model.layout.stages.len()),
            model,
            shared,
            first_stage,
            sandbox,
            images: HashMap::default(),
            context: None,
            failed: TargetSet::EMPTY,
            stage: StageIx(0),
            is_trigger: false,
            no_env: Rc::default(),
            lexer,
            buffer: String::new(),
        }
    }

    /// Walks every stage that is needed, in the order of the file.
    pub(super) fn run(&mut self) {
        for stage in (0..self.model.layout.stages.len()).map(StageIx::new) {
            self.stage = stage;
            if self.model.resolutions.iter().any(|(_, resolution)| resolution.reachable[stage.index()]) {
                for (run, resolution) in self.starts() {
                    self.walk(run, resolution);
                }
            }
            self.ends.push(self.runs.len() as u32);
            if let Some(message) = self.exceeded() {
                self.model.fail_all(Phase::Dispatch, Diagnostic::error(Code::LimitExceeded, message));
                return;
            }
        }
    }

    /// The stage that is built, and for each group of targets the place of its last vertex.
    pub(super) fn roots(&self) -> Option<(StageIx, Roots)> {
        let stage = self.model.target?;
        let runs = self.runs_of(stage).iter();
        Some((stage, runs.map(|run| (run.targets, run.state.root)).collect()))
    }

    /// What a stage became, for each group of targets; nothing before it was walked.
    pub(super) fn runs_of(&self, stage: StageIx) -> &[Run] {
        let Some(end) = self.ends.get(stage.index()) else { return &[] };
        let start = stage.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.runs[start as usize..*end as usize]
    }

    /// What the build came to for each of its targets, for builds that continue it.
    pub(super) fn build_results(&self) -> Vec<BuildResult> {
        let Some(stage) = self.model.target else { return Vec::new() };
        let runs = self.runs_of(stage);
        let onbuild: Vec<String> = self.model.layout.stages[stage.index()]
            .body
            .iter()
            .filter_map(|instruction| match &instruction.kind {
                Kind::Onbuild(onbuild) => Some(onbuild.expression.to_owned()),
                _ => None,
            })
            .collect();
        let targets = (0..self.model.inputs.targets().len()).map(TargetIx::new);
        let runs = targets.filter_map(|target| runs.iter().find(|run| run.targets.contains(target)));
        runs.map(|run| self.build_result(&run.state, onbuild.clone())).collect()
    }

    fn build_result(&self, state: &State, onbuild: Vec<String>) -> BuildResult {
        let text = |symbol: Symbol| self.model.symbols.text(symbol).to_owned();
        let env = state.config_env.iter().map(|(key, value, _)| (text(key), text(value)));
        let config = ImageConfig {
            env: env.collect(),
            working_dir: text(state.working_dir),
            user: text(state.user),
            onbuild,
            shell: state.shell.iter().flat_map(|words| words.iter().copied()).map(text).collect(),
            platform: self.model.platforms.get(state.platform.0 as usize).cloned(),
            is_empty: false,
        };
        let root = state.root.map(|place| place.0);
        BuildResult { root, config: Arc::new(config), unknown_base: state.unknown_base }
    }

    /// Who owns what an instruction of the stage that is walked makes.
    pub(super) fn owned_by(&self, line: Line) -> (StageIx, Line) {
        (StageIx(self.first_stage + self.stage.0), line)
    }

    /// The limit that the build exceeds so far, if it does.
    fn exceeded(&self) -> Option<String> {
        if let Some(exceeded) = budget::exceeded() {
            return Some(exceeded.to_string());
        }
        if self.model.symbols.bytes() > MAX_TEXT {
            return Some(format!("the expanded strings exceed the limit of {MAX_TEXT} bytes"));
        }
        (self.shared.log.copied() > MAX_COPIED).then(|| {
            format!(
                "the stages hand on environments of more than {MAX_COPIED} variables, a limit of xsim's own"
            )
        })
    }

    /// Walks a stage from its beginning, parting the run where its targets part.
    fn walk(&mut self, run: Run, resolution: usize) {
        let (_, resolved) = &self.model.resolutions[resolution];
        if matches!(resolved.bases[self.stage.index()], Base::Replaced(_)) {
            self.runs.push(run);
            return;
        }
        let triggers = resolved.triggers.get(&self.stage).cloned().unwrap_or_default();
        let stage = self.model.layout.stages[self.stage.index()];
        let mut open: SmallVec<[(Run, usize); 2]> = SmallVec::new();
        open.push((run, 0));
        while let Some((mut run, mut at)) = open.pop() {
            loop {
                let (instruction, link, line) = match (triggers.get(at), at.checked_sub(triggers.len())) {
                    (Some(trigger), _) => (trigger.instruction, trigger.link, stage.instruction.line),
                    (None, Some(own)) if own < stage.body.len() => {
                        let instruction = &stage.body[own];
                        (instruction, self.model.layout.links[stage.first + own], instruction.line)
                    }
                    _ => {
                        self.runs.push(run);
                        break;
                    }
                };
                if run.targets.len() > 1 {
                    for targets in self.parts(instruction, link, &run, resolution) {
                        let state = run.state.clone();
                        run.targets = run.targets.without(targets);
                        open.push((Run { targets, state }, at));
                    }
                }
                self.is_trigger = at < triggers.len();
                budget::at(Some(line));
                if !budget::spend(Part::Graph, STEP) {
                    return;
                }
                if let Err(diagnostic) = self.dispatch(instruction, link, line, &mut run, resolution) {
                    let span = diagnostic.span.filter(|_| !self.is_trigger);
                    self.fail(run.targets, Diagnostic { span, ..diagnostic }.at(line));
                    break;
                }
                if self.exceeded().is_some() {
                    return;
                }
                at += 1;
            }
        }
    }

    pub(super) fn fail(&mut self, targets: TargetSet, diagnostic: Diagnostic) {
        self.failed = self.failed.union(targets);
        self.model.failures.push(Failure { phase: Phase::Dispatch, targets, diagnostic });
    }

    /// The groups, all but the first target's, into which an instruction parts a run.
    fn parts(
        &self,
        instruction: &Instruction<'_>,
        link: Link<'_>,
        run: &Run,
        resolution: usize,
    ) -> SmallVec<[TargetSet; 4]> {
        match (&instruction.kind, link) {
            (Kind::Arg(args), _) => {
                let differing: SmallVec<[&[Symbol]; 4]> = args
                    .iter()
                    .filter(|arg| arg.default.is_none())
                    .filter_map(|arg| self.model.symbols.find(arg.name.text))
                    .filter(|name| !self.model.build_args.contains_key(name))
                    .filter_map(|name| match self.model.globals.get(name) {
                        Some(GlobalValue::PerTarget(values)) => Some(&values[..]),
                        _ => None,
                    })
                    .collect();
                if differing.is_empty() {
                    return SmallVec::new();
                }
                part(run.targets, |target| {
                    differing.iter().map(|values| values[target.index()]).collect::<SmallVec<[_; 4]>>()
                })
            }
            (_, Link::Copy(state)) => part(run.targets, |target| self.key_of(state, target, resolution)),
            // A file system without a platform runs on the target's.
            (Kind::Run(_), _) if run.state.exec_platform.is_none() => part(run.targets, |target| target),
            (_, Link::Mounts(states)) => part(run.targets, |target| {
                states
                    .iter()
                    .map(|state| self.key_of(*state, target, resolution))
                    .collect::<SmallVec<[_; 4]>>()
            }),
            _ => SmallVec::new(),
        }
    }
}

/// The groups of equal keys, without the group of the first target.
fn part<K: PartialEq>(targets: TargetSet, key: impl Fn(TargetIx) -> K) -> SmallVec<[TargetSet; 4]> {
    let mut groups: SmallVec<[(K, TargetSet); 4]> = SmallVec::new();
    for target in targets.iter() {
        let key = key(target);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => *group = group.union(TargetSet::one(target)),
            None => groups.push((key, TargetSet::one(target))),
        }
    }
    groups.into_iter().skip(1).map(|(_, group)| group).collect()
}
