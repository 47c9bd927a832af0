//! What rules look at: the text, its tree, its stages as written, and what the build makes of them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::rc::Rc;

use foldhash::HashMap;

use crate::advice::facts::binary::{self, Compile};
use crate::advice::facts::flow::{self, Take};
use crate::advice::facts::origin;
use crate::advice::facts::ownership::Ownership;
use crate::advice::facts::packages;
use crate::advice::facts::sight::{self, Sight, Sights};
use crate::advice::facts::variables::{meant, variable, variables};
use crate::analysis::{Analysis, Build, NodeAnalysis, NodeRequest, Resolved};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{CommandLine, From, Instruction, Kind};
use crate::graph::Step;
use crate::graph::emulate::exec_of;
use crate::graph::vertex::{Exec, VertexKind};
use crate::ids::{NodeIx, StageIx, TargetSet, VertexIx};
use crate::model::Observation;
use crate::model::inputs::Inputs;
use crate::model::resolve::Base;
use crate::pricing::Timing;
use crate::shell::interpret::Call;
use crate::shell::{Commands, known_commands, known_exec_commands};
use crate::source::{Line, Span, cut};

/// What a stage's platform is, by what its `FROM`, or that of the stage it descends from, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pin {
    /// The target's, said or not.
    Target,
    /// The node's own.
    Build,
    /// One that is written out.
    Constant,
    /// What a variable says.
    Other,
}

/// A stage as written.
#[derive(Debug, Clone)]
pub struct StageView<'c> {
    /// Its position.
    pub index: StageIx,
    /// Its name, in lower case.
    pub name: Option<&'c str>,
    /// What its `FROM` says.
    pub from: &'c From<'c>,
    /// Its `FROM`.
    pub instruction: &'c Instruction<'c>,
    /// Its instructions after the `FROM`.
    pub body: &'c [Instruction<'c>],
    /// The stage that its `FROM` names, for all targets; where the build is known, also through variables.
    pub parent: Option<StageIx>,
    /// The stages that it is based on for some target.
    pub parents: Vec<StageIx>,
    /// The stage in which its chain begins.
    pub root: StageIx,
    /// The platform it is pinned to.
    pub pin: Pin,
    /// The targets that need it.
    pub reachable: TargetSet,
}

/// A simulated build.
#[derive(Debug, Clone, Copy)]
pub struct BuildRun<'c> {
    /// How it runs.
    pub timing: &'c Timing<'c>,
    /// All nodes of it.
    pub analysis: &'c Analysis,
    /// What each node was to build.
    pub nodes: &'c [NodeRequest],
}

/// A file as written, and what is asked of it: all there is where it cannot be built.
#[derive(Debug)]
pub struct Written<'c> {
    /// The build.
    pub build: &'c Build,
    /// The tree.
    pub file: &'c Dockerfile<'c>,
    /// What was to be built.
    pub inputs: &'c Inputs,
    /// What was met on the way to the graph, as far as that went.
    pub observations: &'c [Observation],
    /// The stages as written.
    pub stages: Vec<StageView<'c>>,
    /// The last stage of each name.
    names: HashMap<&'c str, StageIx>,
}

/// What rules look at: the file, and what one node makes of it.
#[derive(Debug)]
pub struct Context<'c> {
    /// The file as written.
    pub written: Written<'c>,
    /// What one node makes of it.
    pub node: &'c NodeAnalysis,
    /// What the words of the file stand for, for each target.
    pub resolved: Resolved<'c>,
    /// How the build runs, where it was simulated.
    pub run: Option<BuildRun<'c>>,
    /// The files of the build context, where somebody named it.
    pub files: Option<&'c crate::context::Context>,
    /// The steps of each stage.
    steps: Vec<&'c [Step]>,
    scripts: RefCell<HashMap<u32, Commands>>,
    compiles: OnceCell<Vec<Compile<'c>>>,
    pub(in crate::advice) ownership: Ownership<'c>,
    in_images: OnceCell<Vec<bool>>,
    sound: OnceCell<TargetSet>,
    has_addons: OnceCell<bool>,
    slips: OnceCell<BTreeSet<&'c str>>,
    sights: OnceCell<Sights>,
    takes: OnceCell<Vec<Vec<Take>>>,
}

impl<'c> Deref for Context<'c> {
    type Target = Written<'c>;

    fn deref(&self) -> &Written<'c> {
        &self.written
    }
}

impl<'c> Written<'c> {
    /// The file of a build, as one node reads it; `None` where there is no such node.
    pub fn new(build: &'c Build, node: NodeIx) -> Option<Self> {
        let file = build.file();
        let inputs = &build.nodes().get(node.index())?.builds.first()?.inputs;
        let observations = match build.outcome() {
            Ok(analysis) => &*analysis.nodes.get(node.index())?.observations,
            Err(refused) if refused.node == node => &*refused.observations,
            Err(_) => &[],
        };
        let stages = stages(file);
        let names = stages.iter().filter_map(|stage| Some((stage.name?, stage.index))).collect();
        Some(Self { build, file, inputs, observations, stages, names })
    }

    /// The text of the file.
    pub fn text(&self) -> &'c str {
        self.file.text
    }

    /// The text in a span.
    pub fn slice(&self, span: Span) -> &'c str {
        cut(self.file.text, span)
    }

    /// An instruction as written.
    pub fn raw(&self, instruction: &Instruction<'_>) -> &'c str {
        self.slice(instruction.span)
    }

    /// A stage.
    pub fn stage(&self, stage: StageIx) -> &StageView<'c> {
        &self.stages[stage.index()]
    }

    /// The stages that some target needs.
    pub fn needed(&self) -> impl Iterator<Item = &StageView<'c>> {
        self.stages.iter().filter(|stage| !stage.reachable.is_empty())
    }

    /// A stage, the one it is based on, and so on, as far as names are written out.
    pub fn chain(&self, stage: StageIx) -> impl Iterator<Item = &StageView<'c>> {
        let mut next = Some(stage);
        std::iter::from_fn(move || {
            let view = self.stage(next?);
            next = view.parent;
            Some(view)
        })
    }

    /// The stage in which a stage's chain begins.
    pub fn root(&self, stage: StageIx) -> &StageView<'c> {
        self.stage(self.stage(stage).root)
    }

    /// The stages based on a stage, for some target.
    pub fn children(&self, stage: StageIx) -> impl Iterator<Item = &StageView<'c>> {
        self.stages.iter().filter(move |child| child.parents.contains(&stage))
    }

    /// The stage that `--from=` names; `None` for an image.
    pub fn stage_named(&self, from: &str) -> Option<StageIx> {
        if let Ok(index) = from.parse::<usize>() {
            return (index < self.stages.len()).then(|| StageIx::new(index));
        }
        self.names.get(from).or_else(|| self.names.get(&*from.to_lowercase())).copied()
    }

    /// The instruction of a stage that begins at a line; not its `FROM`.
    pub fn instruction(&self, stage: StageIx, line: Line) -> Option<&'c Instruction<'c>> {
        let body = self.stage(stage).body;
        let at = body.partition_point(|instruction| instruction.line < line);
        body.get(at).filter(|instruction| instruction.line == line)
    }

    /// The instruction that begins at a line.
    pub fn instruction_at(&self, line: Line) -> Option<&'c Instruction<'c>> {
        let all = &self.file.instructions;
        let at = all.partition_point(|instruction| instruction.line < line);
        all.get(at).filter(|instruction| instruction.line == line)
    }

    /// A diagnostic of `rule` on an instruction.
    pub fn diagnostic(
        &self,
        rule: &'static Rule,
        stage: Option<StageIx>,
        instruction: &Instruction<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let first = self.raw(instruction).lines().next().unwrap_or_default();
        let end = instruction.span.start + first.trim_end_matches(['\r', '\\', ' ', '\t']).len() as u32;
        let span = Span::new(instruction.span.start, end);
        let diagnostic = Diagnostic::new(rule, message).at(instruction.line).span(span).help(help);
        Diagnostic { stage, ..diagnostic }
    }
}

impl<'c> Context<'c> {
    /// The context of one node of a build; `None` where the build is refused or has no such node.
    pub fn new(
        build: &'c Build,
        node: NodeIx,
        run: Option<BuildRun<'c>>,
        files: Option<&'c crate::context::Context>,
    ) -> Option<Self> {
        let mut written = Written::new(build, node)?;
        let resolved = build.resolved(node)?;
        let node = build.outcome().ok()?.nodes.get(node.index())?;
        for (view, info) in written.stages.iter_mut().zip(node.graph.stages()) {
            view.reachable = info.reachable;
            let bases = resolved.bases(view.index);
            let stages = bases.iter().filter_map(|(base, _)| match base {
                Base::Stage(parent) => Some(*parent),
                _ => None,
            });
            view.parents = stages.collect();
            view.parent = view.parents.first().copied().filter(|_| bases.len() == 1);
        }
        for at in 0..written.stages.len() {
            let view = &written.stages[at];
            let root = view.parent.map_or(view.index, |parent| written.stages[parent.index()].root);
            written.stages[at].root = root;
        }
        settle_pins(&mut written.stages, node);
        let steps = written.stages.iter().map(|view| node.graph.stage_steps(view.index)).collect();
        Some(Self {
            written,
            node,
            resolved,
            run,
            files,
            steps,
            scripts: RefCell::default(),
            compiles: OnceCell::new(),
            ownership: Ownership::default(),
            in_images: OnceCell::new(),
            sound: OnceCell::new(),
            has_addons: OnceCell::new(),
            slips: OnceCell::new(),
            sights: OnceCell::new(),
            takes: OnceCell::new(),
        })
    }

    /// Whether the image of some target is this stage or descends from it.
    pub fn is_in_image(&self, stage: StageIx) -> bool {
        let in_images = self.in_images.get_or_init(|| {
            let mut in_images = vec![false; self.stages.len()];
            let target = self.node.graph.target_stage();
            let platforms = self.node.graph.all_targets().iter();
            for known in platforms.flat_map(|platform| self.resolved.ancestry(target, platform)) {
                if let Some(slot) = in_images.get_mut(known.index()) {
                    *slot = true;
                }
            }
            in_images
        });
        in_images.get(stage.index()).is_some_and(|is_in| *is_in)
    }

    /// The compiles behind the programs that copies put into images, each vertex and copy once.
    pub(in crate::advice) fn compiles(&self) -> &[Compile<'c>] {
        self.compiles.get_or_init(|| binary::compiles(self))
    }

    /// Whether the project asks for packages of npm that are code of the platform.
    pub(in crate::advice) fn has_addons(&self) -> bool {
        *self.has_addons.get_or_init(|| self.files.is_some_and(packages::has_addons))
    }

    /// What is taken from each stage.
    pub(in crate::advice) fn takes(&self) -> &[Vec<Take>] {
        self.takes.get_or_init(|| flow::takes(self))
    }

    /// What the script of a `RUN` calls; `None` for a vertex that is none.
    pub(in crate::advice) fn sight(&self, vertex: VertexIx) -> Option<&Sight> {
        self.sights.get_or_init(|| sight::sights(self)).get(vertex.index())?.as_deref()
    }

    /// What the script of an instruction calls, once for all vertices of it for which that is the same.
    pub(in crate::advice) fn sights_of(&self, stage: StageIx, line: Line) -> impl Iterator<Item = &Sight> {
        let mut last = None;
        let own = self.vertices(stage, line).filter_map(|(vertex, _)| self.sight(vertex));
        own.filter(move |sight| {
            let same = last.replace(std::ptr::from_ref(*sight));
            same != last
        })
    }

    /// The calls of the script of an instruction.
    pub(in crate::advice) fn calls(&self, stage: StageIx, line: Line) -> impl Iterator<Item = &Call> {
        self.sights_of(stage, line).flat_map(|sight| &sight.outcome.calls)
    }

    /// The targets whose images are meant to be of their platform and have a base that is: only in these is a program of another
    /// platform a mistake of its own.
    pub(in crate::advice) fn sound_targets(&self) -> TargetSet {
        *self.sound.get_or_init(|| origin::sound_targets(self))
    }

    /// The names of variables in the text that differ from an automatic argument by a slip of the pen.
    pub(in crate::advice) fn slips(&self) -> &BTreeSet<&'c str> {
        self.slips.get_or_init(|| variables(self.text()).filter(|name| meant(name).is_some()).collect())
    }

    /// The vertices that an instruction of a stage became, with the targets that need each.
    pub fn vertices(&self, stage: StageIx, line: Line) -> impl Iterator<Item = (VertexIx, TargetSet)> {
        let steps = self.steps.get(stage.index()).copied().unwrap_or_default();
        let start = steps.partition_point(|step| step.line < line);
        let own = steps[start..].iter().take_while(move |step| step.line == line);
        own.map(|step| (step.vertex, step.targets))
    }

    /// The commands of an instruction of a stage, with the targets that need each.
    pub fn execs(&self, stage: StageIx, line: Line) -> Vec<(VertexIx, &'c Exec, TargetSet)> {
        let exec = |(vertex, targets)| Some((vertex, exec_of(self.node.graph.vertex(vertex))?, targets));
        self.vertices(stage, line).filter_map(exec).collect()
    }

    /// The simple commands of a `RUN`, parsed at most once. Look at the text first: parsing costs.
    pub fn commands(&self, instruction: &'c Instruction<'c>) -> Commands {
        let known = self.scripts.borrow().get(&instruction.span.start).cloned();
        known.unwrap_or_else(|| {
            let commands = parse(instruction);
            self.scripts.borrow_mut().insert(instruction.span.start, Rc::clone(&commands));
            commands
        })
    }
}

/// The first word of what a container of an image starts, as `CMD` or `ENTRYPOINT` say.
pub(in crate::advice) fn started<'c>(instruction: &Instruction<'c>) -> Option<&'c str> {
    match instruction.kind {
        Kind::Cmd(_) | Kind::Entrypoint(_) => {
            instruction.arguments.text.split(['[', '"', ' ', ',']).find(|word| !word.is_empty())
        }
        _ => None,
    }
}

/// The first words of what containers of the image start.
pub(in crate::advice) fn starts<'k>(context: &'k Context<'_>) -> impl Iterator<Item = &'k str> {
    context.chain(context.node.graph.target_stage()).flat_map(|stage| stage.body).filter_map(started)
}

/// A base that holds a variable may have turned out to be an image.
fn settle_pins(stages: &mut [StageView<'_>], node: &NodeAnalysis) {
    for at in 0..stages.len() {
        let view = &stages[at];
        let pin = match view.parent {
            Some(parent) => stages[parent.index()].pin,
            None if view.pin == Pin::Other && view.from.platform.is_none() => {
                if is_on_image(view, node) && !view.from.base.text.contains("TARGET") {
                    Pin::Target
                } else {
                    Pin::Other
                }
            }
            None => view.pin,
        };
        stages[at].pin = pin;
    }
}

/// Whether what a stage's `FROM` names turned out to be an image.
pub(in crate::advice) fn is_on_image(view: &StageView<'_>, node: &NodeAnalysis) -> bool {
    let steps = node.graph.stage_steps(view.index).iter();
    let mut own = steps.filter(|step| step.line == view.instruction.line);
    own.any(|step| node.graph.vertex(step.vertex).kind() == VertexKind::Source)
}

/// The stages of a file with their parents and pins; `reachable` is not filled in.
pub(in crate::advice) fn stages<'c>(file: &'c Dockerfile<'c>) -> Vec<StageView<'c>> {
    let all = &file.instructions;
    let starts: Vec<usize> = (0..all.len()).filter(|&at| matches!(all[at].kind, Kind::From(_))).collect();
    let mut views: Vec<StageView<'c>> = Vec::with_capacity(starts.len());
    let mut names: HashMap<&str, StageIx> = HashMap::default();
    for (index, &start) in starts.iter().enumerate() {
        let Kind::From(from) = &all[start].kind else { continue };
        let end = starts.get(index + 1).copied().unwrap_or(all.len());
        let parent = names.get(from.base.text).copied();
        let pin = match parent {
            Some(parent) => views[parent.index()].pin,
            None => pin(from),
        };
        let index = StageIx::new(index);
        let root = parent.map_or(index, |parent| views[parent.index()].root);
        let name = from.name.map(|name| name.text);
        let (instruction, body) = (&all[start], &all[start + 1..end]);
        let (parents, reachable) = (parent.into_iter().collect(), TargetSet::EMPTY);
        views.push(StageView { index, name, from, instruction, body, parent, parents, root, pin, reachable });
        names.extend(name.map(|name| (name, index)));
    }
    views
}

fn pin(from: &From<'_>) -> Pin {
    let Some(platform) = from.platform.filter(|_| from.base.text != "scratch") else {
        return if from.base.text.contains('$') { Pin::Other } else { Pin::Target };
    };
    match variable(platform.text) {
        Some("BUILDPLATFORM") => Pin::Build,
        Some("TARGETPLATFORM") => Pin::Target,
        None if !platform.text.contains('$') => Pin::Constant,
        _ => Pin::Other,
    }
}

fn parse(instruction: &Instruction<'_>) -> Commands {
    let Kind::Run(run) = &instruction.kind else { return Commands::default() };
    match &run.command {
        CommandLine::Exec(words) => known_exec_commands(words).into(),
        CommandLine::Shell(word) if instruction.heredocs.is_empty() => known_commands(word.text),
        CommandLine::Shell(word) => {
            let own = (!run.only_document).then_some(word.text);
            let documents = instruction.heredocs.iter().map(|document| document.content.text);
            let all = own.into_iter().chain(documents).map(known_commands);
            all.flat_map(|commands| commands.to_vec()).collect()
        }
    }
}
