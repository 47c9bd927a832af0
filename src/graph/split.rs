//! Where a stage stops being one for all platforms, and why.
//!
//! The reason for a split is the first thing in which two sibling vertices differ, followed back through their inputs
//! to the instruction that brought it in.

use foldhash::HashMap;
use smallvec::SmallVec;

use super::vertex::{Action, EdgeKind, Exec, FileOp, Op, Source};
use super::{BuildGraph, Step};
use crate::ids::{StageIx, TargetIx, TargetSet, VertexIx};
use crate::model::reference::familiar;
use crate::model::scope::OriginKind;
use crate::source::shortened;
use crate::source::{FileLine, Line};
use crate::symbols::Symbol;

/// A place where targets that shared a stage no longer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The stage.
    pub stage: StageIx,
    /// The first line of the first instruction that differs.
    pub line: Line,
    /// The groups of targets from here on; each still shares everything.
    pub groups: Vec<TargetSet>,
    /// Why.
    pub reason: Reason,
}

/// What makes two platforms' vertices differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which kind of thing.
    pub cause: Cause,
    /// The first line of the instruction that brought it in.
    pub place: Option<FileLine>,
    /// The lines between that instruction and the split, nearest to the split first.
    pub via: Vec<FileLine>,
}

/// The kinds of things that tell platforms apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The stage is on the target's platform, so every target has an image of its own.
    StagePlatform {
        /// The image.
        image: String,
    },
    /// `FROM` names another image or stage for another platform.
    Base {
        /// What it names, one for each group.
        names: Vec<String>,
    },
    /// `COPY --from=<image>` or a mount takes the target platform's image.
    CopiedImage {
        /// The image.
        image: String,
        /// It is a mount.
        is_mount: bool,
    },
    /// A variable of the environment has another value, used or not.
    Variable {
        /// Its name.
        name: String,
        /// Whether `ARG` or `ENV` gave the value.
        kind: OriginKind,
        /// The values, one for each group; empty for one that lacks the variable.
        values: Vec<String>,
    },
    /// The instruction's own text reads differently once expanded.
    Text {
        /// The texts, one for each group.
        texts: Vec<String>,
    },
    /// Builds have different build contexts.
    Context {
        /// Their folders, one for each group.
        folders: Vec<String>,
    },
    /// A command on files that came from no image runs on the target's platform.
    CommandPlatform,
}

impl Cause {
    /// The stable name in reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StagePlatform { .. } => "stage-platform",
            Self::Base { .. } => "base",
            Self::CopiedImage { .. } => "copied-image",
            Self::Variable { .. } => "variable",
            Self::Text { .. } => "text",
            Self::Context { .. } => "context",
            Self::CommandPlatform => "command-platform",
        }
    }
}

impl Reason {
    /// The line of the instruction that brought it in.
    pub fn line(&self) -> Option<Line> {
        self.place.map(|place| place.line)
    }

    /// The reason as a clause, such as `ARG TARGETARCH (line 3) differs: amd64, arm64`.
    pub fn text(&self) -> String {
        self.text_at(|place| format!("line {}", place.line))
    }

    /// The same with places in the words of `at`.
    pub fn text_at(&self, at: impl Fn(FileLine) -> String) -> String {
        let at = self.place.map_or_else(String::new, |place| format!(" ({})", at(place)));
        match &self.cause {
            Cause::StagePlatform { image } => format!("{image}{at} is pulled for each target platform"),
            Cause::Base { names } => format!("FROM{at} names {} for one platform each", names.join(", ")),
            Cause::CopiedImage { image, is_mount: false } => {
                format!("COPY --from={image}{at} takes the image of the target platform")
            }
            Cause::CopiedImage { image, is_mount: true } => {
                format!("the mount from={image}{at} takes the image of the target platform")
            }
            Cause::Variable { name, kind, values } => {
                let how = match kind {
                    OriginKind::Arg | OriginKind::GlobalArg => "ARG ",
                    OriginKind::Env => "ENV ",
                    OriginKind::BaseImage => "the base image's ",
                };
                let values: Vec<&str> =
                    values.iter().map(|v| if v.is_empty() { "(empty)" } else { v }).collect();
                format!("{how}{name}{at} is in the environment and differs: {}", values.join(", "))
            }
            Cause::Text { texts } => format!("the instruction{at} reads differently: {}", texts.join(", ")),
            Cause::Context { folders } => format!("the build contexts differ: {}", folders.join(", ")),
            Cause::CommandPlatform => {
                format!("a command{at} on files without a platform of their own runs on the target platform")
            }
        }
    }
}

/// The splits of every stage that is needed, in the order of the file.
pub fn splits(graph: &BuildGraph) -> Vec<Split> {
    let owners = owners(graph);
    let mut causes = Causes { graph, owners: &owners, known: HashMap::default() };
    let stages = (0..graph.stages().len()).map(StageIx::new);
    stages.flat_map(|stage| stage_splits(graph, stage, &mut causes)).collect()
}

/// Why vertices that an instruction at `place` became, one for some targets each, are not one.
pub fn reason(graph: &BuildGraph, siblings: Vec<VertexIx>, place: FileLine) -> Reason {
    Causes { graph, owners: &owners(graph), known: HashMap::default() }.reason(siblings, place)
}

/// The stage and line of each vertex's first step in the file; `None` for one that no instruction owns.
type Owners = [Option<(StageIx, Line)>];

fn owners(graph: &BuildGraph) -> Box<Owners> {
    let mut owners = vec![None; graph.len()];
    for step in graph.steps() {
        owners[step.vertex.index()].get_or_insert((step.stage, step.line));
    }
    owners.into()
}

fn stage_splits(graph: &BuildGraph, stage: StageIx, causes: &mut Causes<'_>) -> Vec<Split> {
    let steps = graph.stage_steps(stage);
    let needed = steps.iter().fold(TargetSet::EMPTY, |set, step| set.union(step.targets));
    let mut groups = vec![needed];
    let mut splits = Vec::new();
    for same_line in steps.chunk_by(|a, b| a.line == b.line) {
        let finer: Vec<TargetSet> = groups.iter().flat_map(|group| refine(*group, same_line)).collect();
        if finer.len() > groups.len() {
            let (old, new) = parted(&groups, &finer);
            let line = same_line[0].line;
            let firsts = new.iter().filter_map(|group| group.iter().next());
            let siblings: Vec<VertexIx> =
                firsts.filter_map(|target| differing(graph, target, same_line, old)).collect();
            let inherited = starts_split(graph, stage, line, &siblings, causes.owners);
            let reason = causes.reason(siblings, graph.place(stage, line));
            let line = if inherited { graph.stages()[stage.index()].line } else { line };
            splits.push(Split { stage, line, groups: new, reason });
            groups = finer;
        }
    }
    splits
}

/// The parts of `group` whose targets have the same steps of an instruction, in the order of their first targets.
fn refine(group: TargetSet, same_line: &[Step]) -> SmallVec<[TargetSet; 4]> {
    let mut parts: SmallVec<[TargetSet; 4]> = SmallVec::from_slice(&[group]);
    for step in same_line {
        for at in 0..parts.len() {
            let own = parts[at].intersection(step.targets);
            if !own.is_empty() && own != parts[at] {
                parts[at] = parts[at].without(own);
                parts.push(own);
            }
        }
    }
    parts.sort_by_key(|part| part.iter().next());
    parts
}

/// The first group that was parted, and its parts.
fn parted(groups: &[TargetSet], finer: &[TargetSet]) -> (TargetSet, Vec<TargetSet>) {
    for group in groups {
        let parts: Vec<TargetSet> =
            finer.iter().copied().filter(|part| !part.intersection(*group).is_empty()).collect();
        if parts.len() > 1 {
            return (*group, parts);
        }
    }
    (TargetSet::EMPTY, Vec::new())
}

/// The vertex among a target's that not all of `group` have. The image of a `COPY --from` is not what the instruction does, so it
/// comes last; a `FROM` does nothing else.
fn differing(graph: &BuildGraph, target: TargetIx, same_line: &[Step], group: TargetSet) -> Option<VertexIx> {
    let own = same_line.iter().filter(|step| step.targets.contains(target));
    let differ = own.filter(|step| !group.without(step.targets).is_empty());
    let first = differ.min_by_key(|step| matches!(graph.vertex(step.vertex).op, Op::Source(_)));
    first.map(|step| step.vertex)
}

/// Whether the stage began split, because its base stage ended so.
fn starts_split(
    graph: &BuildGraph,
    stage: StageIx,
    line: Line,
    siblings: &[VertexIx],
    owners: &Owners,
) -> bool {
    let steps = graph.stage_steps(stage);
    if steps.first().is_none_or(|first| first.line != line) || line == graph.stages()[stage.index()].line {
        return false;
    }
    let base = |vertex: VertexIx| graph.inputs(vertex).into_iter().find(|(_, kind)| *kind == EdgeKind::Base);
    let mut bases = siblings.iter().map(|vertex| base(*vertex).map(|(input, _)| input));
    let first = bases.next().flatten();
    let differ = bases.any(|other| other != first);
    differ && first.and_then(|input| owners[input.index()]).is_none_or(|(owner, _)| owner != stage)
}

/// The most characters of a value that a reason quotes.
const MAX_SHOWN: usize = 200;

/// How many of the lines that a cause came through are named.
const MAX_VIA: usize = 16;

/// Follows differences back to their causes, each stretch of the way once.
struct Causes<'g> {
    graph: &'g BuildGraph,
    owners: &'g Owners,
    /// What was found before for siblings met at a line.
    known: HashMap<(Vec<VertexIx>, Option<FileLine>), Reason>,
}

impl Causes<'_> {
    /// Why sibling vertices, met at an instruction, differ.
    fn reason(&mut self, siblings: Vec<VertexIx>, place: FileLine) -> Reason {
        let mut way: Vec<(Vec<VertexIx>, Option<FileLine>)> = Vec::new();
        let mut here = (siblings, Some(place));
        let mut is_known = false;
        // Each round goes to an input, which comes before what uses it, so this ends.
        let mut reason = loop {
            if let Some(known) = self.known.get(&here) {
                is_known = true;
                break known.clone();
            }
            match self.step(&here.0, here.1) {
                Ok(reason) => break reason,
                Err((inputs, owner)) => {
                    let next = (inputs, owner.or(here.1));
                    way.push(std::mem::replace(&mut here, next));
                }
            }
        };
        // A cause that an ARG or ENV brought in works at a later instruction, which is on the way where it is not its end.
        let works_at = here.1.filter(|place| !way.is_empty() && reason.place != Some(*place));
        if !is_known {
            self.known.insert(here, reason.clone());
        }
        if reason.via.is_empty() {
            reason.via.extend(works_at);
        }
        for here in way.into_iter().rev() {
            if reason.via.first().copied() != here.1 {
                reason.via.splice(0..0, here.1);
                reason.via.truncate(MAX_VIA);
            }
            self.known.insert(here, reason.clone());
        }
        reason
    }

    /// The cause itself, or the inputs that differ with the line that owns them.
    fn step(
        &self,
        siblings: &[VertexIx],
        at: Option<FileLine>,
    ) -> Result<Reason, (Vec<VertexIx>, Option<FileLine>)> {
        match difference(self.graph, siblings) {
            Difference::Cause(cause, line) => {
                let place = at.map(|at| FileLine { line: line.unwrap_or(at.line), ..at });
                Ok(Reason { cause, place, via: Vec::new() })
            }
            Difference::Inputs(inputs, kind) => {
                let owner = self.owners[inputs[0].index()].map(|(stage, line)| self.graph.place(stage, line));
                let is_image = matches!(self.graph.vertex(inputs[0]).op, Op::Source(_));
                let cause = if is_image { image_cause(self.graph, &inputs, kind, owner, at) } else { None };
                match cause {
                    Some(cause) => Ok(Reason { cause, place: owner.or(at), via: Vec::new() }),
                    None => Err((inputs, owner)),
                }
            }
        }
    }
}

/// An image that differs: of a stage, or of a `COPY --from` or mount.
fn image_cause(
    graph: &BuildGraph,
    images: &[VertexIx],
    kind: EdgeKind,
    owner: Option<FileLine>,
    user: Option<FileLine>,
) -> Option<Cause> {
    let name = |vertex: VertexIx| match &graph.vertex(vertex).op {
        Op::Source(Source::Image { reference, .. } | Source::OciLayout { reference, .. }) => {
            Some(familiar(graph.text(*reference)).to_owned())
        }
        _ => None,
    };
    let names: Vec<String> = images.iter().filter_map(|image| name(*image)).collect();
    let image = names.first()?.clone();
    // The image of a COPY --from is owned by that COPY; the image of a mount by nobody.
    let of_copy = kind == EdgeKind::Copy && owner == user;
    let of_mount = kind == EdgeKind::Mount && owner.is_none();
    Some(if of_copy || of_mount {
        Cause::CopiedImage { image, is_mount: of_mount }
    } else if names.iter().all(|other| *other == image) {
        Cause::StagePlatform { image }
    } else {
        Cause::Base { names }
    })
}

enum Difference {
    /// They use other inputs, in the same way.
    Inputs(Vec<VertexIx>, EdgeKind),
    /// Something of their own, brought in by an instruction.
    Cause(Cause, Option<Line>),
}

fn difference(graph: &BuildGraph, siblings: &[VertexIx]) -> Difference {
    let ops: Vec<&Op> = siblings.iter().map(|vertex| &graph.vertex(*vertex).op).collect();
    if let Some(found) = input_difference(graph, siblings) {
        return found;
    }
    if let Some(execs) =
        ops.iter().map(|op| if let Op::Exec(exec) = op { Some(&**exec) } else { None }).collect()
    {
        return exec_difference(graph, execs);
    }
    if ops.iter().all(|op| matches!(op, Op::Source(_))) {
        if let Some(folders) = ops.iter().map(|op| folder(graph, op)).collect() {
            return Difference::Cause(Cause::Context { folders }, None);
        }
        let cause = image_cause(graph, siblings, EdgeKind::Base, None, None);
        return Difference::Cause(cause.unwrap_or(Cause::Text { texts: texts(graph, &ops) }), None);
    }
    Difference::Cause(Cause::Text { texts: texts(graph, &ops) }, None)
}

/// The first input in which siblings with as many inputs differ.
fn input_difference(graph: &BuildGraph, siblings: &[VertexIx]) -> Option<Difference> {
    let inputs: Vec<Vec<(VertexIx, EdgeKind)>> = siblings
        .iter()
        .map(|vertex| {
            let mut inputs = Vec::new();
            graph.vertex(*vertex).op.inputs(|input, kind| inputs.push((input, kind)));
            inputs
        })
        .collect();
    let first = inputs.first()?;
    if inputs.iter().any(|other| other.len() != first.len()) {
        return None;
    }
    let at = (0..first.len()).find(|&at| {
        let same_kind = inputs.iter().all(|other| other[at].1 == first[at].1);
        same_kind && inputs.iter().any(|other| other[at].0 != first[at].0)
    })?;
    Some(Difference::Inputs(inputs.iter().map(|inputs| inputs[at].0).collect(), first[at].1))
}

fn exec_difference(graph: &BuildGraph, execs: Vec<&Exec>) -> Difference {
    let environments: Vec<Vec<_>> = execs.iter().map(|exec| graph.variables(exec.env)).collect();
    let values: Vec<HashMap<Symbol, Symbol>> = environments
        .iter()
        .map(|environment| environment.iter().map(|variable| (variable.key, variable.value)).collect())
        .collect();
    for variable in environments.iter().flatten() {
        let own = |values: &HashMap<Symbol, Symbol>| values.get(&variable.key).copied();
        if values.iter().any(|other| own(other) != own(&values[0])) {
            let text = |value: Symbol| shortened(graph.text(value), MAX_SHOWN);
            let cause = Cause::Variable {
                name: shortened(graph.text(variable.key), MAX_SHOWN),
                kind: variable.origin.kind,
                values: values.iter().map(|values| own(values).map_or_else(String::new, text)).collect(),
            };
            return Difference::Cause(cause, variable.origin.line);
        }
    }
    if execs.iter().any(|exec| exec.platform != execs[0].platform) {
        return Difference::Cause(Cause::CommandPlatform, None);
    }
    let ops: Vec<Op> = execs.into_iter().map(|exec| Op::Exec(Box::new(exec.clone()))).collect();
    Difference::Cause(Cause::Text { texts: texts(graph, &ops.iter().collect::<Vec<_>>()) }, None)
}

/// The folder of a build context.
fn folder(graph: &BuildGraph, op: &Op) -> Option<String> {
    let Op::Source(Source::Local(name)) = op else { return None };
    let name = graph.text(*name);
    Some(shortened(
        name.strip_prefix("context=").unwrap_or(if name == "context" { "." } else { name }),
        MAX_SHOWN,
    ))
}

/// The first text in which operations differ, one for each.
fn texts(graph: &BuildGraph, ops: &[&Op]) -> Vec<String> {
    let all: Vec<Vec<&str>> = ops.iter().map(|op| op_texts(graph, op)).collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let at = (0..longest).find(|&at| all.iter().any(|texts| texts.get(at) != all[0].get(at))).unwrap_or(0);
    all.iter().map(|texts| shortened(texts.get(at).copied().unwrap_or_default(), MAX_SHOWN)).collect()
}

fn op_texts<'g>(graph: &'g BuildGraph, op: &Op) -> Vec<&'g str> {
    match op {
        Op::Source(Source::Image { reference, .. } | Source::OciLayout { reference, .. }) => {
            vec![graph.text(*reference)]
        }
        Op::Source(Source::Local(name)) => vec![graph.text(*name)],
        Op::Source(Source::Http { url, checksum }) => vec![graph.text(*url), graph.text(*checksum)],
        Op::Source(Source::Git(_)) | Op::Merge { .. } => Vec::new(),
        Op::Exec(exec) => {
            let own = exec.args.iter().copied().chain([exec.dir, exec.user]);
            let mounts = exec.mounts.iter().flat_map(|mount| [mount.target, mount.selector]);
            own.chain(mounts).map(|text| graph.text(text)).collect()
        }
        Op::File(FileOp { actions, .. }) => {
            actions.iter().flat_map(|action| action_texts(graph, action)).collect()
        }
    }
}

fn action_texts<'g>(graph: &'g BuildGraph, action: &Action) -> Vec<&'g str> {
    match action {
        Action::Mkdir { path, .. } => vec![graph.text(*path)],
        Action::Mkfile { path, data, .. } => vec![graph.text(*path), graph.text(*data)],
        Action::Copy(copy) => {
            let pattern = copy.pattern.map(|pattern| graph.text(pattern));
            pattern
                .into_iter()
                .chain([graph.text(copy.from), graph.text(copy.to), graph.text(copy.mode)])
                .collect()
        }
    }
}
