//! Which of a row of numbers stay in order when as little as possible is taken out.

/// For each of `values`, a permutation, whether it is in the increasing subsequence with the greatest sum of weights.
///
/// # Arguments
/// * `weights`: one for each value; all above 0.
///
/// # Complexity
/// O(n log n) time, O(n) space.
pub(super) fn heaviest_increasing(values: &[usize], weights: &[u64]) -> Vec<bool> {
    let mut best = Fenwick(vec![(0, None); values.iter().max().map_or(0, |max| max + 1)]);
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, (value, weight)) in values.iter().zip(weights).enumerate() {
        let (sum, through) = best.below(*value);
        before.push(through);
        best.raise(*value, (sum + weight, Some(at)));
    }
    let mut chosen = vec![false; values.len()];
    let (_, mut next) = best.below(best.0.len());
    while let Some(at) = next {
        chosen[at] = true;
        next = before[at];
    }
    chosen
}

/// The greatest sum of a subsequence that ends with a value up to some limit, and where it ends: a Fenwick tree.
struct Fenwick(Vec<(u64, Option<usize>)>);

impl Fenwick {
    /// Over all values below `value`.
    fn below(&self, value: usize) -> (u64, Option<usize>) {
        let mut best = (0, None);
        let mut at = value;
        while at > 0 {
            best = self.0[at - 1].max(best);
            at &= at - 1;
        }
        best
    }

    fn raise(&mut self, value: usize, sum: (u64, Option<usize>)) {
        let mut at = value + 1;
        while at <= self.0.len() {
            self.0[at - 1] = self.0[at - 1].max(sum);
            at += at & at.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chosen(values: &[usize], weights: &[u64]) -> Vec<usize> {
        let chosen = heaviest_increasing(values, weights);
        chosen.iter().zip(values).filter(|(yes, _)| **yes).map(|(_, value)| *value).collect()
    }

    #[test]
    fn what_moved_is_taken_out() {
        assert!(chosen(&[], &[]).is_empty());
        assert_eq!(chosen(&[0, 1, 2], &[1; 3]), [0, 1, 2]);
        assert_eq!(chosen(&[3, 0, 1, 2], &[1; 4]), [0, 1, 2]);
        assert_eq!(chosen(&[0, 2, 3, 1, 4], &[1; 5]), [0, 2, 3, 4]);
        assert_eq!(chosen(&[1, 0], &[2, 1]), [1]);
        assert_eq!(chosen(&[1, 0], &[1, 2]), [0]);
    }

    proptest! {
        #[test]
        fn as_heavy_as_by_trying_all(
            values in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
            weights in prop::collection::vec(1..4_u64, 9),
        ) {
            let in_set = |set: u32| (0..9).filter(move |at| set & (1 << at) != 0);
            let weight = |set: u32| in_set(set).map(|at| weights[at]).sum::<u64>();
            let heaviest = (0_u32..1 << 9).filter(|set| in_set(*set).map(|at| values[at]).is_sorted()).map(weight).max();
            let chosen = heaviest_increasing(&values, &weights);
            let set = (0..9).filter(|at| chosen[*at]).fold(0, |set, at| set | 1 << at);
            prop_assert!(in_set(set).map(|at| values[at]).is_sorted());
            prop_assert_eq!(Some(weight(set)), heaviest);
        }
    }
}
