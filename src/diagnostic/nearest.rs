//! The word that was probably meant.

/// The candidate nearest to `word`, if it is near enough to be meant: at most a third of its letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    let own = letters(word);
    // An edit changes the length by one and brings in or takes away two characters at most.
    let may_be = |candidate: &&str| {
        length.abs_diff(candidate.chars().count()) <= limit
            && (own ^ letters(candidate)).count_ones() as usize <= 2 * limit
    };
    candidates
        .into_iter()
        .filter(may_be)
        .map(|candidate| (distance(word, candidate, limit), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The characters of a word as a set of bits; several characters share one.
fn letters(word: &str) -> u32 {
    word.chars().fold(0, |set, char| set | 1 << (char.to_ascii_lowercase() as u32 % 32))
}

/// Edits (insert, delete, replace, swap neighbours) between two words, ignoring ASCII case; stops counting past `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = before.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min().is_some_and(|least| *least > limit) && last.iter().min() > Some(&limit) {
            return limit + 1;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let flags = ["platform", "from", "chown"];
        assert_eq!(nearest("platfrom", flags), Some("platform"));
        assert_eq!(nearest("form", flags), Some("from"));
        assert_eq!(nearest("xyz", flags), None);
        assert_eq!(nearest("FRM", ["FROM", "RUN"]), Some("FROM"));
    }
}
