//! Where a stage stops being one for all platforms, and why.
//!
//! The reason for a split is the first thing in which two sibling vertices differ, followed back through their inputs
//! to the instruction that brought it in.

use foldhash::HashMap;

use super::BuildGraph;
use super::vertex::{Action, EdgeKind, Exec, FileOp, Op, Source};
use crate::ids::{StageIx, TargetIx, TargetSet, VertexIx};
use crate::model::reference::familiar;
use crate::model::scope::OriginKind;
use crate::source::Line;

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
    pub line: Option<Line>,
    /// The lines between that instruction and the split, nearest to the split first.
    pub via: Vec<Line>,
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
    /// A command on an empty file system runs on the target's platform.
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
            Self::CommandPlatform => "command-platform",
        }
    }
}

impl Reason {
    /// The reason as a clause, such as `ARG TARGETARCH (line 3) differs: amd64, arm64`.
    pub fn text(&self) -> String {
        let at = self.line.map_or_else(String::new, |line| format!(" (line {line})"));
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
            Cause::CommandPlatform => {
                format!("a command{at} on an empty file system runs on the target platform")
            }
        }
    }
}

/// The splits of every stage that is needed, in the order of the file.
pub fn splits(graph: &BuildGraph) -> Vec<Split> {
    let owners = owners(graph);
    (0..graph.stages().len())
        .map(StageIx::new)
        .flat_map(|stage| stage_splits(graph, stage, &owners))
        .collect()
}

/// A step's line for each vertex, the first in the file.
type Owners = HashMap<VertexIx, (StageIx, Line)>;

fn owners(graph: &BuildGraph) -> Owners {
    let mut owners = Owners::default();
    for step in graph.steps() {
        owners.entry(step.vertex).or_insert((step.stage, step.line));
    }
    owners
}

fn stage_splits(graph: &BuildGraph, stage: StageIx, owners: &Owners) -> Vec<Split> {
    let steps = graph.stage_steps(stage);
    let needed = steps.iter().fold(TargetSet::EMPTY, |set, step| set.union(step.targets));
    let mut groups = vec![needed];
    let mut splits = Vec::new();
    for same_line in steps.chunk_by(|a, b| a.line == b.line) {
        let vertices_of = |target: TargetIx| -> Vec<VertexIx> {
            same_line.iter().filter(|step| step.targets.contains(target)).map(|step| step.vertex).collect()
        };
        let finer: Vec<TargetSet> = groups.iter().flat_map(|group| refine(*group, &vertices_of)).collect();
        if finer.len() > groups.len() {
            let (old, new) = parted(&groups, &finer);
            let line = same_line[0].line;
            let siblings: Vec<VertexIx> = new
                .iter()
                .filter_map(|group| group.iter().next())
                .filter_map(|target| differing(&vertices_of(target), &vertices_of, old))
                .collect();
            let reason = reason(graph, &siblings, line, owners);
            let inherited = starts_split(graph, stage, line, &siblings, owners);
            let line = if inherited { graph.stages()[stage.index()].line } else { line };
            splits.push(Split { stage, line, groups: new, reason });
            groups = finer;
        }
    }
    splits
}

/// The parts of `group` whose targets have the same vertices.
fn refine(group: TargetSet, vertices_of: &impl Fn(TargetIx) -> Vec<VertexIx>) -> Vec<TargetSet> {
    let mut parts: Vec<(Vec<VertexIx>, TargetSet)> = Vec::new();
    for target in group.iter() {
        let vertices = vertices_of(target);
        match parts.iter_mut().find(|(known, _)| *known == vertices) {
            Some((_, part)) => *part = part.union(TargetSet::one(target)),
            None => parts.push((vertices, TargetSet::one(target))),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
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

/// The vertex among a target's that not all of `group` have.
fn differing(
    own: &[VertexIx],
    vertices_of: &impl Fn(TargetIx) -> Vec<VertexIx>,
    group: TargetSet,
) -> Option<VertexIx> {
    own.iter().copied().find(|vertex| group.iter().any(|target| !vertices_of(target).contains(vertex)))
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
    differ && first.and_then(|input| owners.get(&input)).is_none_or(|(owner, _)| *owner != stage)
}

/// Why sibling vertices differ.
fn reason(graph: &BuildGraph, siblings: &[VertexIx], line: Line, owners: &Owners) -> Reason {
    let mut siblings = siblings.to_vec();
    let mut via = Vec::new();
    let mut at = Some(line);
    // Each round goes to an input, which comes before what uses it, so this ends.
    loop {
        match difference(graph, &siblings) {
            Difference::Inputs(inputs, kind) => {
                let owner = owners.get(&inputs[0]).map(|(_, line)| *line);
                let is_image = matches!(graph.vertex(inputs[0]).op, Op::Source(_));
                if is_image && let Some(cause) = image_cause(graph, &inputs, kind, owner, at) {
                    let line = if owner.is_some() { owner } else { at };
                    return Reason { cause, line, via };
                }
                via.extend(at);
                at = owner.or(at);
                siblings = inputs;
            }
            Difference::Cause(cause, line) => return Reason { cause, line: line.or(at), via },
        }
    }
}

/// An image that differs: of a stage, or of a `COPY --from` or mount.
fn image_cause(
    graph: &BuildGraph,
    images: &[VertexIx],
    kind: EdgeKind,
    owner: Option<Line>,
    user: Option<Line>,
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
    for variable in environments.iter().flatten() {
        let value = |environment: &Vec<crate::model::scope::Assignment>| {
            environment.iter().find(|other| other.key == variable.key).map(|other| other.value)
        };
        let values: Vec<_> = environments.iter().map(value).collect();
        if values.iter().any(|other| *other != values[0]) {
            let cause = Cause::Variable {
                name: graph.text(variable.key).to_owned(),
                kind: variable.origin.kind,
                values: values
                    .iter()
                    .map(|v| v.map_or_else(String::new, |v| graph.text(v).to_owned()))
                    .collect(),
            };
            return Difference::Cause(cause, variable.origin.line);
        }
    }
    if execs.iter().any(|exec| exec.platform != execs[0].platform) && execs[0].root.is_none() {
        return Difference::Cause(Cause::CommandPlatform, None);
    }
    let ops: Vec<Op> = execs.into_iter().map(|exec| Op::Exec(Box::new(exec.clone()))).collect();
    Difference::Cause(Cause::Text { texts: texts(graph, &ops.iter().collect::<Vec<_>>()) }, None)
}

/// The first text in which operations differ, one for each.
fn texts(graph: &BuildGraph, ops: &[&Op]) -> Vec<String> {
    let all: Vec<Vec<&str>> = ops.iter().map(|op| op_texts(graph, op)).collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let at = (0..longest).find(|&at| all.iter().any(|texts| texts.get(at) != all[0].get(at))).unwrap_or(0);
    all.iter().map(|texts| texts.get(at).copied().unwrap_or_default().to_owned()).collect()
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
