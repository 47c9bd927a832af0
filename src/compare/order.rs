//! Which of a row of numbers stay in order when as few as possible are taken out.

/// For each of `values`, which are all different, whether it is in one longest increasing subsequence.
///
/// # Complexity
/// O(n log n) time, O(n) space.
pub(super) fn longest_increasing(values: &[usize]) -> Vec<bool> {
    // For each length, where the subsequence of that length with the smallest end has its end.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chosen = vec![false; values.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        chosen[at] = true;
        next = before[at];
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_moved_is_taken_out() {
        let chosen = |values: &[usize]| -> Vec<usize> {
            longest_increasing(values).iter().zip(values).filter(|(yes, _)| **yes).map(|(_, v)| *v).collect()
        };
        assert_eq!(chosen(&[]), []);
        assert_eq!(chosen(&[1, 2, 3]), [1, 2, 3]);
        assert_eq!(chosen(&[4, 1, 2, 3]), [1, 2, 3]);
        assert_eq!(chosen(&[1, 3, 4, 2, 5]), [1, 3, 4, 5]);
        assert_eq!(chosen(&[3, 2, 1]).len(), 1);
    }

    proptest! {
        #[test]
        fn as_long_as_by_trying_all(values in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let chosen: Vec<usize> = longest_increasing(&values)
                .iter().zip(&values).filter(|(yes, _)| **yes).map(|(_, value)| *value).collect();
            prop_assert!(chosen.is_sorted());
            let longest = (0_u32..1 << values.len())
                .filter(|set| {
                    let of_set = values.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
                    of_set.map(|(_, value)| value).is_sorted()
                })
                .map(u32::count_ones)
                .max();
            prop_assert_eq!(Some(chosen.len() as u32), longest);
        }
    }
}
