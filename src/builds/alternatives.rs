//! The texts that an expression spells.

/// The texts between which an expression like `${{ a && 'x' || 'y' }}` decides, as it spells them.
pub(super) fn alternatives(expression: &str) -> Option<Vec<String>> {
    let expression = expression.trim().strip_prefix("${{")?.strip_suffix("}}")?;
    let literal = |way: &str| {
        let value = split(way, "&&").pop()?.trim();
        let (text, formats) = value.strip_prefix("format(").map_or((value, false), |args| (args, true));
        let (text, rest) = text.trim().strip_prefix('\'')?.split_once('\'')?;
        (formats || rest.is_empty()).then(|| text.to_owned())
    };
    split(expression, "||").into_iter().map(literal).collect()
}

/// The parts of an expression between operators that stand neither in parentheses nor in a text.
fn split<'a>(expression: &'a str, operator: &str) -> Vec<&'a str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_u32, false);
    for (at, byte) in expression.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth == 0
                && at >= start
                && expression.as_bytes()[at..].starts_with(operator.as_bytes()) =>
            {
                parts.push(&expression[start..at]);
                start = at + operator.len();
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn expressions_spell_the_texts_that_they_decide_between() {
        for (expression, expected) in [
            ("${{ (a == 'x' || b) && '*.args.A=1' || '' }}", Some(vec!["*.args.A=1", ""])),
            (
                "${{ a && format('*.output=n={0}', b) || c && 'y.target=z' || '' }}",
                Some(vec!["*.output=n={0}", "y.target=z", ""]),
            ),
            ("${{ a && b || '' }}", None),
            ("${{ a.b }}", None),
            ("a", None),
            ("${{ 'é(' || '' ", None),
        ] {
            assert_eq!(
                alternatives(expression),
                expected.map(|texts| texts.into_iter().map(str::to_owned).collect()),
                "{expression}"
            );
        }
    }
}
