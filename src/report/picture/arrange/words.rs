//! The words of a picture: what a box says of an instruction, its notes, names of what comes from outside.
//!
//! Knows instructions and vertices. Knows no rows and no positions.

use std::fmt::Write as _;

use foldhash::HashSet;

use super::super::view::{BoxKind, Mode, OutsideKind, OutsideView};
use crate::analysis::NodeAnalysis;
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::BuildGraph;
use crate::graph::split::{Cause, Reason};
use crate::graph::vertex::{Action, EdgeKind, Op, Source};
use crate::ids::{TargetSet, VertexIx};
use crate::model::platform::Platform;
use crate::model::reference::familiar;
use crate::report::brief::{short_digests, without_options};
use crate::report::escape::{count, visible};
use crate::report::places::Places;
use crate::source::shortened;
use crate::source::{FileLine, Line};

/// The longest text that is shown on hover, in bytes.
const MAX_WHOLE: usize = 4_000;

/// What a box says of its instruction.
pub(in crate::report::picture) struct InstructionText {
    pub(in crate::report::picture) keyword: String,
    pub(in crate::report::picture) label: String,
    pub(in crate::report::picture) whole: String,
}

/// Finds words for what an analysis knows.
pub(in crate::report::picture) struct Words<'a> {
    files: &'a [Dockerfile<'a>],
    node: &'a NodeAnalysis,
}

impl<'a> Words<'a> {
    pub(in crate::report::picture) const fn new(files: &'a [Dockerfile<'a>], node: &'a NodeAnalysis) -> Self {
        Self { files, node }
    }

    pub(in crate::report::picture) const fn graph(&self) -> &'a BuildGraph {
        &self.node.graph
    }

    /// What kind of box shows a vertex.
    pub(in crate::report::picture) fn kind(&self, vertex: VertexIx) -> BoxKind {
        match self.graph().vertex(vertex).op {
            Op::Source(_) => BoxKind::Source,
            Op::Exec(_) => BoxKind::Command,
            Op::File(_) | Op::Merge { .. } => BoxKind::Files,
        }
    }

    /// How a command runs.
    pub(in crate::report::picture) fn mode(&self, vertex: VertexIx) -> Option<Mode> {
        Mode::of(self.node, vertex)
    }

    /// The instruction at a line, as the box of `vertex` shows it.
    pub(in crate::report::picture) fn instruction(
        &self,
        at: FileLine,
        vertex: VertexIx,
        is_from: bool,
    ) -> InstructionText {
        let Some((file, instruction)) = self.at(at) else {
            let label = self.operation(vertex);
            return InstructionText { keyword: String::new(), whole: label.clone(), label };
        };
        let written = file.text.get(instruction.span.range()).unwrap_or_default();
        let lines: Vec<_> = written.lines().map(visible).collect();
        let whole = shortened(&lines.join("\n"), MAX_WHOLE);
        if is_from && !matches!(self.graph().vertex(vertex).op, Op::Source(_)) {
            let label = self.operation(vertex);
            return InstructionText { keyword: "ONBUILD".to_owned(), label, whole };
        }
        let label = if is_from { self.operation(vertex) } else { arguments(instruction) };
        let label =
            if matches!(instruction.kind, Kind::Run(_)) { without_options(&label).to_owned() } else { label };
        InstructionText {
            keyword: clean(&instruction.keyword.text.to_uppercase()),
            label: clean(&label),
            whole,
        }
    }

    fn at(&self, at: FileLine) -> Option<(&'a Dockerfile<'a>, &'a Instruction<'a>)> {
        let file = self.files.get(at.file.index())?;
        let found = file.instructions.binary_search_by_key(&at.line, |known| known.line).ok()?;
        Some((file, file.instructions.get(found)?))
    }

    /// What a vertex does, without its instruction.
    pub(in crate::report::picture) fn operation(&self, vertex: VertexIx) -> String {
        let graph = self.graph();
        let text = match &graph.vertex(vertex).op {
            Op::Source(source) => self.source(source).1,
            Op::Exec(exec) => {
                let words: Vec<&str> = exec.args.iter().map(|word| graph.text(*word)).collect();
                match words[..] {
                    [_, "-c", script] => script.to_owned(),
                    _ => words.join(" "),
                }
            }
            Op::File(file) => match file.actions.first() {
                Some(Action::Copy(copy)) => format!("{} {}", graph.text(copy.from), graph.text(copy.to)),
                Some(Action::Mkdir { path, .. } | Action::Mkfile { path, .. }) => {
                    graph.text(*path).to_owned()
                }
                None => String::new(),
            },
            Op::Merge { .. } => "link".to_owned(),
        };
        clean(&text)
    }

    /// What a source is: its kind, its short name and its full one.
    pub(in crate::report::picture) fn source(&self, source: &Source) -> (OutsideKind, String, String) {
        let graph = self.graph();
        match source {
            Source::Image { reference, platform, .. } | Source::OciLayout { reference, platform } => {
                let name = familiar(graph.text(*reference));
                let whole = format!("image {name} for {}", graph.platform(*platform));
                (OutsideKind::Image, short_digests(name).into_owned(), whole)
            }
            Source::Local(name) => {
                let name = graph.text(*name);
                let short = name.strip_prefix("context:").unwrap_or("context");
                (OutsideKind::Context, short.to_owned(), format!("files of {short}"))
            }
            Source::Git(git) => {
                let short = git.remote.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                (OutsideKind::Remote, short.to_owned(), format!("{} {}", git.remote, git.reference))
            }
            Source::Http { url, .. } => {
                let url = graph.text(*url);
                let short = url.trim_end_matches('/').rsplit('/').next().unwrap_or(url);
                (OutsideKind::Remote, short.to_owned(), url.to_owned())
            }
        }
    }

    /// What a box takes from outside the build: images of `COPY --from` and mounts, contexts, repositories, files. What
    /// earlier boxes have `pulled` is not outside.
    pub(in crate::report::picture) fn outside(
        &self,
        vertices: &[VertexIx],
        pulled: &HashSet<VertexIx>,
    ) -> Vec<OutsideView> {
        let graph = self.graph();
        let mut views: Vec<OutsideView> = Vec::new();
        for (input, edge) in vertices.iter().flat_map(|vertex| graph.inputs(*vertex)) {
            let Op::Source(source) = &graph.vertex(input).op else { continue };
            if edge == EdgeKind::Base || pulled.contains(&input) {
                continue;
            }
            let (kind, name, whole) = self.source(source);
            let shown = OutsideView { name: clean(&name), whole: clean(&whole), kind, edge, vertex: input };
            let is_same =
                |known: &OutsideView| *known == OutsideView { vertex: known.vertex, ..shown.clone() };
            if !views.iter().any(is_same) {
                views.push(shown);
            }
        }
        views
    }

    /// Where a step stands and how it runs.
    pub(in crate::report::picture) fn note(
        &self,
        line: Line,
        vertices: &[VertexIx],
        targets: TargetSet,
        twin: Option<Line>,
    ) -> String {
        let mut note = format!("line {line}");
        // A lane's head says its platform.
        let is_said = twin.is_some()
            && self.kind(vertices[0]) == BoxKind::Source
            && self.is_lane_of(targets, vertices[0]);
        let how = if is_said { String::new() } else { self.how(vertices, targets) };
        if !how.is_empty() {
            let _ = write!(note, " · {how}");
        }
        if let Some(twin) = twin {
            let _ = write!(note, " · same step as line {twin}");
        }
        clean(&note)
    }

    /// Whether a vertex runs on the platform of the only one of several targets that it works for.
    fn is_lane_of(&self, targets: TargetSet, vertex: VertexIx) -> bool {
        let graph = self.graph();
        let own = graph.vertex(vertex).op.platform().map(|platform| graph.platform(platform));
        let mut targets = targets.iter().map(|target| &graph.targets()[target.index()]);
        graph.targets().len() > 1 && targets.next() == own && targets.next().is_none()
    }

    pub(in crate::report::picture) fn how(&self, vertices: &[VertexIx], targets: TargetSet) -> String {
        let graph = self.graph();
        let main = vertices[0];
        let platform = |vertex: VertexIx| {
            graph.vertex(vertex).op.platform().map_or_else(String::new, |at| graph.platform(at).to_string())
        };
        let is_lane = |platform: Option<&Platform>| {
            let mut targets = targets.iter().map(|target| &graph.targets()[target.index()]);
            targets.next() == platform && targets.next().is_none()
        };
        match (self.mode(main), &graph.vertex(main).op) {
            (Some(Mode::Native), _) => "native".to_owned(),
            (Some(Mode::Cross), _) => {
                let to = self.node.cross_to(main);
                let is_own = is_lane(to) && graph.targets().len() > 1;
                let to = to.map_or_else(String::new, ToString::to_string);
                if is_own { "cross-builds".to_owned() } else { format!("builds for {to}") }
            }
            (Some(Mode::Mixed), _) => {
                let calls = self.node.foreign(main).iter();
                let programs: Vec<&str> = calls.map(|call| call.program.as_str()).collect();
                format!("emulates {}", programs.join(", "))
            }
            // A lane's head says its platform.
            (Some(Mode::Emulated), _) if self.is_lane_of(targets, main) => "emulated".to_owned(),
            (Some(Mode::Emulated), _) => format!("emulates {}", platform(main)),
            (Some(Mode::Unsupported), _) if self.is_lane_of(targets, main) => "cannot run".to_owned(),
            (Some(Mode::Unsupported), _) => format!("cannot run {}", platform(main)),
            (None, Op::Source(_)) => platform(main),
            (None, Op::Merge { .. }) => {
                let copy = vertices.get(1).map(|copy| graph.vertex(*copy).targets);
                let is_shared = copy.is_some_and(|copy| !copy.without(targets).is_empty());
                if is_shared { "copied once" } else { "" }.to_owned()
            }
            // The image of a COPY --from is pulled for the target's platform, which is worth seeing.
            (None, _) => match vertices.iter().skip(1).find(|other| self.kind(**other) == BoxKind::Source) {
                Some(image) if is_lane(graph.vertex(*image).op.platform().map(|at| graph.platform(at))) => {
                    if graph.targets().len() > 1 { "its own image" } else { "" }.to_owned()
                }
                Some(image) => format!("image for {}", platform(*image)),
                None => String::new(),
            },
        }
    }
}

/// Why a stage parts. Of texts that differ only what differs in them.
pub(in crate::report::picture) fn reason(reason: &Reason, places: Places<'_>) -> String {
    let Cause::Text { texts } = &reason.cause else { return clean(&places.reason(reason)) };
    let short = Reason { cause: Cause::Text { texts: differing(texts) }, ..reason.clone() };
    clean(&places.reason(&short))
}

/// Texts without the words at their beginning and end that all have in common.
fn differing(texts: &[String]) -> Vec<String> {
    let words: Vec<Vec<&str>> = texts.iter().map(|text| text.split_whitespace().collect()).collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
    let is_common = |at: &dyn Fn(&Vec<&str>) -> String| words.iter().all(|text| at(text) == at(&words[0]));
    let start = (0..shortest).take_while(|at| is_common(&|text| text[*at].to_owned())).count();
    let room = shortest - start;
    let end = (0..room).take_while(|at| is_common(&|text| text[text.len() - 1 - at].to_owned())).count();
    let part = |text: &Vec<&str>| {
        let own = text[start..text.len() - end].join(" ");
        let own = if own.is_empty() { "(nothing)".to_owned() } else { own };
        format!("{}{own}{}", if start > 0 { "… " } else { "" }, if end > 0 { " …" } else { "" })
    };
    words.iter().map(part).collect()
}

/// What is to be said of a result.
pub(in crate::report::picture) fn result(
    last: Option<VertexIx>,
    targets: TargetSet,
    is_group: bool,
) -> String {
    match (last, targets.len()) {
        (None, _) => "empty: the stage adds no files".to_owned(),
        (Some(_), 1) => "the result".to_owned(),
        (Some(_), many) => format!("the same files for {many} {}", noun(is_group)),
    }
}

/// What several targets are: platforms of a build, or outputs of several builds.
pub(in crate::report) const fn noun(is_group: bool) -> &'static str {
    if is_group { "outputs" } else { "platforms" }
}

/// A sentence on the whole build.
pub(in crate::report::picture) fn summary(node: &NodeAnalysis) -> String {
    let summary = node.summary();
    let targets = node.graph.targets().len();
    let mut text = format!("{} on {}", count(summary.instructions, "step"), node.graph.build_platform());
    if targets > 1 {
        let more = summary.instructions - summary.once;
        let noun = noun(node.graph.is_group());
        let _ = write!(text, " for {targets} {noun}: {} once, {more} more than once", summary.once);
    }
    for (number, what) in [
        (summary.emulated, "emulated"),
        (summary.mixed, "mixed"),
        (summary.crossing, "cross"),
        (summary.unsupported, "impossible"),
    ] {
        if number > 0 {
            let _ = write!(text, " · {}", count(number, &format!("{what} run")));
        }
    }
    text
}

/// What stands behind the instruction word, without flags that other parts of the picture show.
pub(in crate::report) fn arguments(instruction: &Instruction<'_>) -> String {
    let mut text = String::new();
    if let Kind::Copy(copy) | Kind::Add(copy) = &instruction.kind {
        if let Some(from) = copy.from {
            let _ = write!(text, "--from={from} ");
        }
        if copy.link {
            text.push_str("--link ");
        }
    }
    text.push_str(instruction.arguments.text);
    let is_document = matches!(&instruction.kind, Kind::Run(run) if run.only_document);
    let lines = instruction.heredocs.first().filter(|_| is_document).map(|document| document.content.text);
    if let Some(line) = lines.and_then(|lines| lines.lines().find(|line| !line.trim().is_empty())) {
        text.push(' ');
        text.push_str(line.trim());
    }
    text
}

/// The text in one line, without anything invisible.
pub(in crate::report::picture) fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    visible(&words.join(" ")).into_owned()
}
