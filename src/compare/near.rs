//! Texts of two lists that are nearly the same.
//!
//! Two texts are compared only where they share a rare word, and each with few others, so that the work is linear in the
//! lists however they are made.

use foldhash::{HashMap, HashMapExt};

/// How alike two texts are at least, by the share of pairs of letters that they have in common.
pub(super) const LEAST_LIKENESS: f64 = 0.55;

/// Words of a text that are looked at.
const WORDS: usize = 24;
/// A word that is in more texts of one list is not rare.
const RARE: usize = 4;
/// Texts of the other list that a text is compared with at most.
const CANDIDATES: usize = 4;
/// Bytes of a text that are compared.
const BYTES: usize = 512;

/// Pairs of nearly equal texts, each text in one pair at most, and how many were compared. Swapping the lists swaps the pairs.
///
/// # Complexity
/// At most `WORDS × RARE` shared words and `2 × CANDIDATES` comparisons of `BYTES` for each text.
pub(super) fn near(ours: &[&str], theirs: &[&str]) -> (Vec<(usize, usize)>, usize) {
    let candidates = candidates(ours, theirs);
    let compared = candidates.len();
    let mut scored: Vec<(f64, usize, usize)> =
        candidates.into_iter().map(|(our, their)| (likeness(ours[our], theirs[their]), our, their)).collect();
    scored.retain(|(score, ..)| *score >= LEAST_LIKENESS);
    // Pairs that exclude each other share a text, so the sum of their places tells them apart, from either side.
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1 + a.2).cmp(&(b.1 + b.2))));
    let (mut taken, mut given) = (vec![false; ours.len()], vec![false; theirs.len()]);
    let mut pairs = Vec::new();
    for (_, our, their) in scored {
        if !taken[our] && !given[their] {
            (taken[our], given[their]) = (true, true);
            pairs.push((our, their));
        }
    }
    pairs.sort_unstable();
    (pairs, compared)
}

/// How alike two texts are, from 0 to 1: Sørensen and Dice's coefficient of their pairs of letters.
pub(super) fn likeness(ours: &str, theirs: &str) -> f64 {
    strsim::sorensen_dice(head(ours), head(theirs))
}

fn head(text: &str) -> &str {
    let end = (0..=BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// Pairs that share the most rare words: for each text of either list the best few.
fn candidates(ours: &[&str], theirs: &[&str]) -> Vec<(usize, usize)> {
    let mut shared: Vec<(usize, usize)> = Vec::new();
    let known = index(theirs);
    let mut own: Vec<(&str, Vec<usize>)> = index(ours).into_iter().collect();
    own.sort_unstable();
    for (word, places) in own {
        let Some(others) = known.get(word) else { continue };
        if places.len() <= RARE && others.len() <= RARE {
            shared.extend(places.iter().flat_map(|our| others.iter().map(|their| (*our, *their))));
        }
    }
    shared.sort_unstable();
    let mut counted: Vec<(usize, usize, usize)> =
        shared.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0].0, same[0].1)).collect();
    let mut best: Vec<(usize, usize)> = Vec::new();
    for side in 0..2 {
        let own = |pair: &(usize, usize, usize)| if side == 0 { pair.1 } else { pair.2 };
        counted.sort_by_key(|pair| (own(pair), std::cmp::Reverse(pair.0), pair.1 + pair.2));
        for of_one in counted.chunk_by(|a, b| own(a) == own(b)) {
            best.extend(of_one.iter().take(CANDIDATES).map(|pair| (pair.1, pair.2)));
        }
    }
    best.sort_unstable();
    best.dedup();
    best
}

/// The texts that each word is in.
fn index<'t>(texts: &[&'t str]) -> HashMap<&'t str, Vec<usize>> {
    let mut index: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, text) in texts.iter().enumerate() {
        let words = text.split(|char: char| char.is_whitespace() || "/=:,;@\"'$(){}[]".contains(char));
        for word in words.filter(|word| word.len() > 1).take(WORDS) {
            let places = index.entry(word).or_default();
            // One more than is rare tells that it is not.
            if places.last() != Some(&at) && places.len() <= RARE {
                places.push(at);
            }
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn near_texts_find_each_other() {
        let ours = ["go build -o /out/a ./cmd/a", "go build -o /out/b ./cmd/b", "npm ci"];
        let theirs =
            ["make all", "go build -trimpath -o /out/b ./cmd/b", "go build -trimpath -o /out/a ./cmd/a"];
        assert_eq!(near(&ours, &theirs).0, [(0, 2), (1, 1)]);
    }

    proptest! {
        #[test]
        fn swapping_the_lists_swaps_the_pairs(
            ours in prop::collection::vec("[ab]{2,3}( [ab]{2,3}){0,4}", 0..12),
            theirs in prop::collection::vec("[ab]{2,3}( [ab]{2,3}){0,4}", 0..12),
        ) {
            let (ours, theirs): (Vec<&str>, Vec<&str>) =
                (ours.iter().map(String::as_str).collect(), theirs.iter().map(String::as_str).collect());
            let mut mirrored: Vec<_> = near(&theirs, &ours).0.into_iter().map(|(a, b)| (b, a)).collect();
            mirrored.sort_unstable();
            prop_assert_eq!(near(&ours, &theirs).0, mirrored);
        }
    }

    #[test]
    fn the_work_is_bounded_by_the_number_of_texts() {
        let list = |side: &str| -> Vec<String> {
            (0..5000).map(|n| format!("run some{} word{} here{} {side}", n / 4, n / 3, n % 1250)).collect()
        };
        let (ours, theirs) = (list("one"), list("two"));
        let refs = |list: &[String]| -> (usize, usize) {
            let texts: Vec<&str> = list.iter().map(String::as_str).collect();
            let others: Vec<&str> = theirs.iter().map(String::as_str).collect();
            (near(&texts, &others).1, texts.len())
        };
        let (compared, texts) = refs(&ours);
        assert!(compared > texts && compared <= 2 * CANDIDATES * texts, "{compared}");
    }
}
