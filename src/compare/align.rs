//! Which step of one build is which of another: by what steps do, the most alike first.
//!
//! One pass after another, each over the steps that are left, each by a looser likeness: the same vertex but for its
//! environment, the same doing on another platform, the same operation in a stage of the same name and then anywhere, the
//! same image with another tag, nearly the same text.

use foldhash::{HashMap, HashMapExt};

use super::near::{LEAST_LIKENESS, likeness, near};
use super::step::Step;
use crate::cost::Signature;
use crate::graph::vertex::VertexKind;

/// Steps that belong together, by their places in the lists of the two builds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Alignment {
    /// In the order of the first build.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// Aligns the steps of two builds. Swapping the builds swaps the pairs.
///
/// # Complexity
/// Linear in steps and text, up to the logarithm of a sort.
pub(super) fn align(before: &[Step], after: &[Step]) -> Alignment {
    let mut left = Left { before, after, pairs: Vec::new(), ours: all(before), theirs: all(after) };
    left.by_key(|step| Some((step.kind, step.digest.identity)));
    left.by_key(|step| Some((step.kind, step.digest.doing)));
    left.by_key(|step| Some((step.kind, step.digest.operation, &step.stage_key)));
    left.by_key(|step| Some((step.kind, step.digest.operation)));
    left.by_key(|step| Some((step.kind, &step.digest.words, &step.stage_key)));
    left.by_key(|step| Some((step.kind, &step.digest.words)));
    left.by_key(|step| Some((repository(step)?, &step.stage_key)));
    left.by_key(repository);
    left.by_text();
    left.pairs.sort_unstable();
    Alignment { pairs: left.pairs }
}

fn all(steps: &[Step]) -> Vec<usize> {
    (0..steps.len()).collect()
}

/// The steps that have no partner yet.
struct Left<'s> {
    before: &'s [Step],
    after: &'s [Step],
    pairs: Vec<(usize, usize)>,
    ours: Vec<usize>,
    theirs: Vec<usize>,
}

impl<'s> Left<'s> {
    /// Pairs steps of equal keys, the first with the first, the second with the second.
    fn by_key<K: std::hash::Hash + Eq>(&mut self, key: impl Fn(&'s Step) -> Option<K>) {
        let mut known: HashMap<K, (usize, Vec<usize>)> = HashMap::new();
        for &their in &self.theirs {
            if let Some(key) = key(&self.after[their]) {
                known.entry(key).or_default().1.push(their);
            }
        }
        let mut pairs = Vec::new();
        for &our in &self.ours {
            let Some((next, places)) = key(&self.before[our]).and_then(|key| known.get_mut(&key)) else {
                continue;
            };
            if let Some(&their) = places.get(*next) {
                *next += 1;
                pairs.push((our, their));
            }
        }
        self.take(&pairs);
    }

    /// Pairs commands, file steps and others of nearly the same text.
    fn by_text(&mut self) {
        for kind in VertexKind::VALUES {
            let of_kind = |steps: &'s [Step], left: &[usize]| -> Vec<(usize, String)> {
                let own =
                    left.iter().filter(|at| steps[**at].kind == *kind && repository(&steps[**at]).is_none());
                own.map(|at| (*at, work(&steps[*at]))).collect()
            };
            let (ours, theirs) = (of_kind(self.before, &self.ours), of_kind(self.after, &self.theirs));
            let (found, _) = near(&texts(&ours), &texts(&theirs));
            let pairs: Vec<_> =
                found.into_iter().map(|(our, their)| (ours[our].0, theirs[their].0)).collect();
            self.take(&pairs);
        }
        self.by_program();
    }

    /// Pairs what is left of a stage by the program it calls, where the texts are near: what has no rare word of its own.
    fn by_program(&mut self) {
        let before = self.pairs.len();
        let program = |step: &'s Step| {
            let text = work(step);
            let program = text.split_whitespace().next()?.to_owned();
            repository(step).is_none().then_some((step.kind, &step.stage_key, program))
        };
        self.by_key(program);
        let alike = |pair: &(usize, usize)| {
            likeness(&work(&self.before[pair.0]), &work(&self.after[pair.1])) >= LEAST_LIKENESS
        };
        let (kept, _): (Vec<_>, Vec<_>) = self.pairs.split_off(before).into_iter().partition(alike);
        self.pairs.extend(kept);
    }

    fn take(&mut self, pairs: &[(usize, usize)]) {
        let mut ours: Vec<usize> = pairs.iter().map(|pair| pair.0).collect();
        let mut theirs: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
        ours.sort_unstable();
        theirs.sort_unstable();
        self.ours.retain(|at| ours.binary_search(at).is_err());
        self.theirs.retain(|at| theirs.binary_search(at).is_err());
        self.pairs.extend(pairs);
    }
}

fn texts(list: &[(usize, String)]) -> Vec<&str> {
    list.iter().map(|(_, text)| text.as_str()).collect()
}

/// What a step does, for likeness: a command without what does not change its work, others in words.
fn work(step: &Step) -> String {
    let words = &step.digest.words;
    if step.kind != VertexKind::Exec {
        return words.clone();
    }
    let signature = Signature::of_instruction(words);
    if signature.text().is_empty() { words.clone() } else { signature.text().to_owned() }
}

/// The repository of an image.
fn repository(step: &Step) -> Option<&str> {
    let image = step.digest.words.strip_prefix("FROM ").filter(|_| step.kind == VertexKind::Source);
    image.map(without_tag)
}

/// A reference without tag and digest.
fn without_tag(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    let colon = name.rfind(':').filter(|at| !name[*at..].contains('/'));
    colon.map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_of_an_image() {
        assert_eq!(without_tag("golang:1.25"), "golang");
        assert_eq!(without_tag("localhost:5000/a"), "localhost:5000/a");
        assert_eq!(without_tag("localhost:5000/a:1@sha256:abc"), "localhost:5000/a");
    }
}
