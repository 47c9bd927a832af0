//! Which instruction and which vertex of a Dockerfile each step of a log was: by the lines that provenance tells, else by the
//! step's place in its stage, which BuildKit writes into its name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::analysis::{Analysis, Build};
use crate::dockerfile::ast::Kind;
use crate::graph::vertex::{Op, Source, VertexKind};
use crate::ids::{BuildIx, FileIx, NodeIx, StageIx, VertexIx};
use crate::ingest::{Label, ObservedBuild, Subject};
use crate::model::platform::Platform;
use crate::model::resolve::Base;
use crate::source::{FileLine, Line};

/// Where a step stands in the Dockerfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The Dockerfile and the first line of its instruction there.
    pub at: FileLine,
    /// The node, by its place in the analysis, and the vertex; `None` where the graph has none left for it.
    pub vertex: Option<(NodeIx, VertexIx)>,
    /// Whether the instruction has other words in the file.
    pub is_reworded: bool,
}

/// The places of all steps of a build, in their order; `None` for what is no instruction's, or of another file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matching {
    /// By step.
    pub places: Vec<Option<Place>>,
    /// Steps of instructions for which the file has no place: the log is of another file.
    pub strangers: usize,
}

impl Matching {
    /// How many steps have a place.
    pub fn matched(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// How many steps have other words in the file.
    pub fn reworded(&self) -> usize {
        self.places.iter().flatten().filter(|place| place.is_reworded).count()
    }

    /// Whether the log is most likely not of this file.
    pub fn is_foreign(&self) -> bool {
        self.matched() == 0 || self.strangers + self.reworded() > self.matched() / 2
    }
}

/// The target platforms that a log shows: those that provenance names, else those of its steps and of what they build for.
/// The platform from which steps build for others is one only if the stage `last`, the one that is built, has it. Empty where
/// the names tell none, as in a build for one platform.
pub fn targets(build: &ObservedBuild, last: Option<&str>) -> Vec<String> {
    if !build.targets.is_empty() {
        return build.targets.iter().take(MOST_TARGETS).map(ToString::to_string).collect();
    }
    let labels: Vec<Label<'_>> = build.steps.iter().map(crate::ingest::ObservedStep::label).collect();
    let number = |stage: &str| stage.strip_prefix("stage-").and_then(|number| number.parse::<u32>().ok());
    let unnamed = labels.iter().filter_map(|label| label.stage).filter_map(number).max();
    let last = last.map(str::to_owned).or_else(|| unnamed.map(|number| format!("stage-{number}")));
    let (mut found, mut of_last, mut builders) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    // Where a step runs once for another platform and once more on the same one, the other time is for its own.
    let mut crossing = HashSet::new();
    for label in labels.iter().filter(|label| label.index.is_some()) {
        let Some(platform) = label.platform else { continue };
        if let Some(target) = label.cross_to {
            let os = platform.split('/').next().unwrap_or("linux");
            found.insert(format!("{os}/{target}"));
            builders.insert(platform.to_owned());
            crossing.insert((label.stage, label.index, platform));
        }
        if last.is_none() || label.stage == last.as_deref() {
            of_last.insert(platform.to_owned());
        }
        found.insert(platform.to_owned());
    }
    for label in labels.iter().filter(|label| label.cross_to.is_none()) {
        if let Some(platform) = label.platform
            && crossing.contains(&(label.stage, label.index, platform))
        {
            of_last.insert(platform.to_owned());
        }
    }
    found.retain(|platform| of_last.contains(platform) || !builders.contains(platform));
    found.into_iter().take(MOST_TARGETS).collect()
}

/// Target platforms that are told apart; no build has more.
const MOST_TARGETS: usize = 64;

/// Finds the places of a build's steps in a Dockerfile.
///
/// # Complexity
/// Linear in steps and vertices, and in the vertices of one instruction for each of its steps.
pub fn matching(build: &ObservedBuild, planned: &Build, analysis: &Analysis) -> Matching {
    let positions = Positions::new(planned, analysis);
    let mut free = Free::new(analysis);
    let mut matching = Matching::default();
    for step in &build.steps {
        let label = step.label();
        let Some(kind) = kind(label.subject) else {
            matching.places.push(None);
            continue;
        };
        let told = step.provenance.as_ref().and_then(|known| known.lines.first().copied());
        // Of which of several files a line of provenance is, is not kept.
        let told = told.filter(|_| planned.files().len() == 1);
        let told = told.map(|line| FileLine { file: FileIx::new(0), line: Line(line) });
        let found = told.or_else(|| positions.line(&label));
        let Some(at) = found else {
            matching.strangers += usize::from(label.index.is_some());
            matching.places.push(None);
            continue;
        };
        let is_reworded = told.is_none() && !positions.says(at, &label);
        let platform = step.provenance.as_ref().and_then(|known| known.platform.as_deref());
        let vertex = free.take(analysis, at, kind, platform.or(label.platform), &label);
        matching.places.push(Some(Place { at, vertex, is_reworded }));
    }
    matching
}

/// The kind of vertex of a step; `None` for what is no instruction's own.
pub(super) const fn kind(subject: Subject) -> Option<VertexKind> {
    match subject {
        Subject::Run => Some(VertexKind::Exec),
        Subject::From => Some(VertexKind::Source),
        Subject::File => Some(VertexKind::File),
        Subject::Link => Some(VertexKind::Merge),
        Subject::Internal | Subject::Export | Subject::Other => None,
    }
}

/// The instructions of a build's Dockerfiles by stage and number, as BuildKit counts: a base image, and what may make a step.
struct Positions<'f> {
    files: Vec<Positioned>,
    /// The Dockerfile of each build of the group; empty for a Dockerfile that is built on its own.
    builds: HashMap<&'f str, FileIx>,
    /// The first words of each instruction.
    words: HashMap<FileLine, (&'f str, &'f str)>,
    /// The places of images that steps are named after without one.
    images: HashMap<String, FileLine>,
}

/// The instructions of one Dockerfile.
struct Positioned {
    /// By stage, in lower case, and number.
    lines: HashMap<(String, u32), Line>,
    /// The one stage, if there is one only: it has no name in the log.
    single: Option<String>,
}

impl<'f> Positions<'f> {
    fn new(planned: &'f Build, analysis: &'f Analysis) -> Self {
        let builds = analysis.nodes.iter().flat_map(|node| node.graph.builds());
        let builds = builds.filter(|build| !build.name.is_empty());
        let mut positions = Self {
            files: Vec::new(),
            builds: builds.map(|build| (&*build.name, build.file)).collect(),
            words: HashMap::new(),
            images: HashMap::new(),
        };
        for file in (0..planned.files().len()).map(FileIx::new) {
            let positioned = positions.positioned(planned, file, analysis);
            positions.files.push(positioned);
        }
        for node in &analysis.nodes {
            for (_, vertex) in node.graph.vertices() {
                if let (Op::Source(Source::Image { reference, .. }), Some(at)) =
                    (&vertex.op, vertex.places.first())
                {
                    positions.images.insert(node.graph.text(*reference).to_owned(), *at);
                }
            }
        }
        positions
    }

    fn positioned(&mut self, planned: &'f Build, file: FileIx, analysis: &Analysis) -> Positioned {
        let builds = analysis.nodes.first().map_or(&[][..], |node| node.graph.builds());
        let build = builds.iter().position(|build| build.file == file).map(BuildIx::new);
        let resolved = build.and_then(|build| planned.resolved_build(NodeIx(0), build));
        let mut lines = HashMap::new();
        let (mut count, mut name, mut number) = (0_usize, String::new(), 0);
        for instruction in &planned.files()[file.index()].instructions {
            let counts = match &instruction.kind {
                Kind::From(from) => {
                    let given = from.name.as_ref();
                    name = given.map_or_else(|| format!("stage-{count}"), |name| name.text.to_lowercase());
                    let bases = resolved.map(|resolved| resolved.bases(StageIx::new(count)));
                    count += 1;
                    number = 0;
                    // A named context in place of an image counts in the total alone.
                    let is_counted = |(base, _): &(Base, _)| matches!(base, Base::Image(_));
                    bases.is_some_and(|bases| bases.iter().any(is_counted))
                }
                Kind::Add(_) | Kind::Copy(_) | Kind::Run(_) | Kind::Workdir(_) => true,
                _ => false,
            };
            if counts {
                number += 1;
                lines.insert((name.clone(), number), instruction.line);
                let words = (instruction.keyword.text, instruction.arguments.text);
                self.words.insert(FileLine { file, line: instruction.line }, words);
            }
        }
        Positioned { lines, single: (count == 1).then_some(name) }
    }

    /// The instruction of the step with a name.
    fn line(&self, label: &Label<'_>) -> Option<FileLine> {
        let Some((number, _)) = label.index else {
            let image = label.text.strip_prefix("FROM ")?;
            let image = image.split_once('@').map_or(image, |(image, _)| image);
            return self.images.get(image).copied();
        };
        // The target of a definition stands where the stage of a single-stage file would.
        let named = |name: Option<&str>| name.and_then(|name| self.builds.get(name)).copied();
        let file = named(label.build).or_else(|| named(label.stage)).unwrap_or(FileIx::new(0));
        let known = self.files.get(file.index())?;
        let of = |stage: String| known.lines.get(&(stage, number)).copied();
        let by_name = label.stage.and_then(|stage| of(stage.to_lowercase()));
        let line = by_name.or_else(|| of(known.single.clone()?))?;
        Some(FileLine { file, line })
    }

    /// Whether the instruction at a line begins as the log says: names have variables expanded, so only words before the
    /// first of them are compared.
    fn says(&self, at: FileLine, label: &Label<'_>) -> bool {
        let Some((keyword, arguments)) = self.words.get(&at) else { return true };
        let text = label.text.strip_prefix("LINK ").unwrap_or(label.text);
        let text = text.strip_prefix("ONBUILD ").unwrap_or(text);
        let Some((said, rest)) = text.split_once(char::is_whitespace) else { return true };
        if said == "FROM" {
            return keyword.eq_ignore_ascii_case("FROM");
        }
        let plain = |text: &str| -> Vec<String> {
            let words = text.split_whitespace().skip_while(|word| word.starts_with("--"));
            words.map(|word| word.trim_matches(['"', '\'']).to_owned()).take(2).collect()
        };
        let (ours, theirs) = (plain(arguments), plain(rest));
        let is_same = |(ours, theirs): (&String, &String)| {
            let end = ours.find(['$', '\\', '<', '[']).unwrap_or(ours.len());
            theirs.starts_with(&ours[..end])
                || ours.starts_with(theirs.as_str())
                || theirs.starts_with('<')
                || theirs.starts_with('[')
        };
        keyword.eq_ignore_ascii_case(said) && ours.iter().zip(&theirs).take(1).all(is_same)
    }
}

/// Vertices that no step was found for, by line and kind.
struct Free {
    by_line: BTreeMap<(FileLine, VertexKind), Vec<(NodeIx, VertexIx)>>,
}

impl Free {
    fn new(analysis: &Analysis) -> Self {
        let mut by_line: BTreeMap<(FileLine, VertexKind), Vec<(NodeIx, VertexIx)>> = BTreeMap::new();
        for (node, part) in analysis.each_node() {
            for (index, vertex) in part.graph.vertices() {
                for at in &vertex.places {
                    by_line.entry((*at, vertex.kind())).or_default().push((node, index));
                }
            }
        }
        Self { by_line }
    }

    /// The vertex of a line that fits a step best, which is taken.
    fn take(
        &mut self,
        analysis: &Analysis,
        at: FileLine,
        kind: VertexKind,
        platform: Option<&str>,
        label: &Label<'_>,
    ) -> Option<(NodeIx, VertexIx)> {
        let candidates = self.by_line.get(&(at, kind))?;
        let fit = |&(node, index): &(NodeIx, VertexIx)| {
            let part = analysis.node(node);
            let graph = &part.graph;
            let vertex = graph.vertex(index);
            let own = match &vertex.op {
                Op::Exec(exec) => Some(graph.platform(exec.platform)),
                Op::Source(Source::Image { platform, .. }) => Some(graph.platform(*platform)),
                _ => None,
            };
            let wanted = platform.and_then(|text| Platform::parse(text, graph.build_platform()).ok());
            let runs_there = match (own, &wanted) {
                (Some(own), Some(wanted)) => u8::from(own.normalized() == wanted.normalized()) * 2,
                _ => 1,
            };
            let target = label.cross_to.or_else(|| label.platform?.split_once('/').map(|(_, arch)| arch));
            let for_target = target.is_none_or(|target| {
                vertex.targets.iter().any(|at| {
                    let name = graph.targets()[at.index()].normalized().to_string();
                    name.split_once('/').is_some_and(|(_, arch)| arch == target)
                })
            });
            (runs_there, for_target)
        };
        let best = candidates
            .iter()
            .copied()
            .max_by_key(|candidate| (fit(candidate), std::cmp::Reverse(*candidate)))?;
        // A step that runs elsewhere than the vertex is none of it.
        if fit(&best).0 == 0 {
            return None;
        }
        let vertex = analysis.node(best.0).graph.vertex(best.1);
        for at in &vertex.places {
            if let Some(left) = self.by_line.get_mut(&(*at, kind)) {
                left.retain(|other| *other != best);
            }
        }
        Some(best)
    }
}
