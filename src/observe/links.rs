//! What each step of a log waited for: by its inputs where digests tell them, by the graph of the Dockerfile where there is
//! one, and by the order of stages and what a `COPY` names where there is neither.

use std::collections::HashMap;

use super::matching::Matching;
use crate::analysis::Analysis;
use crate::ids::{NodeIx, VertexIx};
use crate::ingest::{Label, ObservedBuild, StepIx, Subject};

/// By what a step is known to have waited for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// The log or its provenance names the other as its input.
    Inputs,
    /// The Dockerfile does.
    Dockerfile,
    /// It comes next in its stage, or copies from the other's stage.
    Stage,
    /// It began when the other had ended; nothing else is known.
    Time,
}

impl Proof {
    /// The words for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inputs => "by the inputs that the log names",
            Self::Dockerfile => "by the inputs that the Dockerfile names",
            Self::Stage => "by the order of the stages",
            Self::Time => "by time alone",
        }
    }
}

/// For each step those that it waits for; steps that did not run are passed through.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Links {
    pub(super) of: Vec<Vec<StepIx>>,
    pub(super) proof: Option<Proof>,
}

/// Inputs of one step that are followed.
const MOST: usize = 4096;

impl Links {
    /// What is known of a build's order.
    pub(super) fn new(build: &ObservedBuild, matched: Option<(&Analysis, &Matching)>) -> Self {
        if build.steps.iter().any(|step| !step.inputs.is_empty()) {
            let inputs = build.steps.iter().map(|step| step.inputs.clone()).collect();
            return Self { of: inputs, proof: Some(Proof::Inputs) };
        }
        if let Some((analysis, matching)) = matched
            && matching.places.iter().any(Option::is_some)
        {
            return Self { of: by_graph(build, analysis, matching), proof: Some(Proof::Dockerfile) };
        }
        Self { of: by_stage(build), proof: Some(Proof::Stage) }
    }
}

/// By the edges of the graph, through vertices that the log does not name.
fn by_graph(build: &ObservedBuild, analysis: &Analysis, matching: &Matching) -> Vec<Vec<StepIx>> {
    let mut step_of: HashMap<(NodeIx, VertexIx), StepIx> = HashMap::new();
    for (at, place) in matching.places.iter().enumerate() {
        if let Some(vertex) = place.and_then(|place| place.vertex) {
            step_of.entry(vertex).or_insert(StepIx::new(at));
        }
    }
    let nearest = |(node, vertex): (NodeIx, VertexIx)| {
        let Some(part) = analysis.nodes.get(node.index()) else { return Vec::new() };
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut open: Vec<VertexIx> = part.graph.inputs(vertex).into_iter().map(|(input, _)| input).collect();
        while let Some(input) = open.pop() {
            if seen.len() >= MOST || !seen.insert(input) {
                continue;
            }
            match step_of.get(&(node, input)) {
                Some(&step) => found.push(step),
                None => open.extend(part.graph.inputs(input).into_iter().map(|(input, _)| input)),
            }
        }
        found
    };
    let links = |at: usize| {
        let place = matching.places.get(at).copied().flatten();
        place.and_then(|place| place.vertex).map(nearest).unwrap_or_default()
    };
    (0..build.steps.len()).map(links).collect()
}

/// By positions in stages, and by what `COPY --from` names.
fn by_stage(build: &ObservedBuild) -> Vec<Vec<StepIx>> {
    let labels: Vec<Label<'_>> = build.steps.iter().map(crate::ingest::ObservedStep::label).collect();
    // Of several builds at once stages may have the same name; those of other files mostly have another number of steps.
    let mut in_stage: HashMap<(&str, (u32, u32)), Vec<StepIx>> = HashMap::new();
    let mut last_of: HashMap<&str, (u32, u32)> = HashMap::new();
    for (at, label) in labels.iter().enumerate() {
        let Some(index) = label.index else { continue };
        let stage = label.stage.unwrap_or_default();
        in_stage.entry((stage, index)).or_default().push(StepIx::new(at));
        let last = last_of.entry(stage).or_default();
        *last = index.max(*last);
    }
    // Of the runs of one position those for the same platform, else all.
    let alike = |stage: &str, index: (u32, u32), own: &Label<'_>| -> Vec<StepIx> {
        let Some(steps) = in_stage.get(&(stage, index)) else { return Vec::new() };
        let same = |level: usize| -> Vec<StepIx> {
            let fits = |step: &&StepIx| {
                let other = &labels[step.index()];
                let platform = other.platform == own.platform;
                let target = other.cross_to.or(arch(other.platform)) == own.cross_to.or(arch(own.platform));
                match level {
                    0 => platform && target,
                    1 => target,
                    _ => platform,
                }
            };
            steps.iter().filter(fits).copied().take(MOST).collect()
        };
        (0..3)
            .map(same)
            .find(|found| !found.is_empty())
            .unwrap_or_else(|| steps.iter().copied().take(MOST).collect())
    };
    let links = |at: usize| {
        let own = &labels[at];
        let Some((index, of)) = own.index else { return Vec::new() };
        let stage = own.stage.unwrap_or_default();
        let before = (1..index).rev().map(|at| (at, of));
        let before = before.take(MOST).find(|before| in_stage.contains_key(&(stage, *before)));
        let mut links = before.map_or_else(Vec::new, |before| alike(stage, before, own));
        if matches!(own.subject, Subject::File | Subject::Link | Subject::Run) {
            for from in sources(own.text) {
                let name = from.to_lowercase();
                let numbered = name.parse::<u32>().ok().map(|number| format!("stage-{number}"));
                let stage = [Some(name), numbered].into_iter().flatten().find_map(|name| {
                    last_of.get_key_value(name.as_str()).map(|(stage, last)| (*stage, *last))
                });
                links.extend(stage.map_or_else(Vec::new, |(stage, last)| alike(stage, last, own)));
            }
        }
        links.retain(|link| link.index() != at);
        links
    };
    (0..labels.len()).map(links).collect()
}

/// The architecture of `linux/arm64/v8`, with its variant.
fn arch(platform: Option<&str>) -> Option<&str> {
    platform.and_then(|platform| platform.split_once('/')).map(|(_, arch)| arch)
}

/// The stages or images that an instruction names: `--from=build`, `--mount=type=bind,from=build`.
fn sources(text: &str) -> impl Iterator<Item = &str> {
    let flags = text.split_whitespace().skip(1).take_while(|word| word.starts_with("--"));
    flags.flat_map(|flag| {
        let own = flag.strip_prefix("--from=");
        let mounted = flag.strip_prefix("--mount=").into_iter();
        let mounted =
            mounted.flat_map(|options| options.split(',').filter_map(|part| part.strip_prefix("from=")));
        own.into_iter().chain(mounted)
    })
}
