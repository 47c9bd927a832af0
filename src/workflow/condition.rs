//! Conditions of steps that cannot hold together.

/// Whether two conditions surely exclude each other: one asks for what the other forbids.
pub(super) fn exclude(a: &str, b: &str) -> bool {
    let parts = |text| -> Vec<Test> {
        let text: &str = text;
        // What stands beside `||` may hold whatever the rest says.
        if text.contains("||") { Vec::new() } else { text.split("&&").map(test).collect() }
    };
    let (a, b) = (parts(a), parts(b));
    a.iter().any(|a| b.iter().any(|b| a.excludes(b)))
}

/// A comparison, or anything else for itself.
struct Test {
    left: String,
    /// The text that it is compared with; nothing for what counts as true.
    right: Option<String>,
    is_equal: bool,
}

impl Test {
    fn excludes(&self, other: &Self) -> bool {
        let is_text = |test: &Self| test.right.as_deref().is_some_and(|right| right.starts_with('\''));
        self.left == other.left
            && match (self.is_equal, other.is_equal) {
                (true, true) => is_text(self) && is_text(other) && self.right != other.right,
                (true, false) | (false, true) => self.right == other.right,
                (false, false) => false,
            }
    }
}

fn test(text: &str) -> Test {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}")) {
        text = inner.trim();
    }
    while let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        text = inner.trim();
    }
    let compared = text.split_once("==").map(|(left, right)| (left, right, true));
    let compared = compared.or_else(|| text.split_once("!=").map(|(left, right)| (left, right, false)));
    if let Some((left, right, is_equal)) = compared {
        return Test { left: plain(left), right: Some(right.trim().replace('"', "'")), is_equal };
    }
    Test { left: plain(text.trim_start_matches('!')), right: None, is_equal: !text.starts_with('!') }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_exclude_each_other() {
        let cases = [
            ("github.event_name == 'pull_request'", "github.event_name != 'pull_request'", true),
            ("${{ github.event_name=='push' }}", "github.event_name == 'release'", true),
            ("inputs.push", "!inputs.push", true),
            ("${{ !inputs.push }}", "${{ inputs.push }}", true),
            ("a == 'x' && b", "b && a != 'x'", true),
            ("startsWith(github.ref, 'refs/tags/')", "!startsWith(github.ref, 'refs/tags/')", true),
            ("github.event_name == 'push'", "github.ref == 'refs/heads/main'", false),
            ("a == 'x' || b", "a != 'x'", false),
            ("a != 'x'", "a != 'y'", false),
            ("a == b", "a == c", false),
            ("a", "a", false),
        ];
        for (a, b, expected) in cases {
            assert_eq!(exclude(a, b), expected, "{a} | {b}");
            assert_eq!(exclude(b, a), expected, "{b} | {a}");
        }
    }
}
