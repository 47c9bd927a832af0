//! Files of variables: `.env` and those of `env_file`.

use std::collections::BTreeMap;

use super::template::{Lookup, substitute};

/// Reads the variables of a file into `variables`; `lookup` goes before them where values refer to others.
pub(super) fn parse(
    text: &str,
    variables: &mut BTreeMap<String, String>,
    lookup: Lookup<'_>,
) -> Result<(), String> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(());
        }
        if rest.starts_with('#') {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        // What such a file holds is often secret: an error tells the line, not its words.
        let wrong =
            |why: &str| format!("line {}: {why}", 1 + text[..text.len() - rest.len()].matches('\n').count());
        let (key, inherited, after) = name(rest).map_err(wrong)?;
        if key.contains(' ') {
            return Err(wrong("the name has a space"));
        }
        if inherited {
            if let Some(value) = lookup(key) {
                variables.insert(key.to_owned(), value);
            }
            rest = after;
            continue;
        }
        let (value, after) = value(after, variables, lookup).map_err(wrong)?;
        variables.insert(key.to_owned(), value);
        rest = after;
    }
}

fn is_space(char: char) -> bool {
    matches!(char, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// The name at the start, whether its line ends without a value, and what follows.
fn name(text: &str) -> Result<(&str, bool, &str), &'static str> {
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
    let text = exported.map_or(text, |rest| rest.trim_start_matches(is_space));
    for (at, char) in text.char_indices() {
        match char {
            '=' | ':' | '\n' => {
                let after = text[at + 1..].trim_start_matches(is_space);
                return Ok((text[..at].trim_end(), char == '\n', after));
            }
            '_' | '.' | '-' | '[' | ']' => {}
            char if is_space(char) || char.is_alphanumeric() => {}
            _ => return Err("a character has no place in the name of a variable"),
        }
    }
    // Nothing ends the name: the text is taken from its start once more, as the value of no name.
    Ok(("", false, text))
}

fn value<'a>(
    text: &'a str,
    variables: &BTreeMap<String, String>,
    lookup: Lookup<'_>,
) -> Result<(String, &'a str), &'static str> {
    let find = |name: &str| lookup(name).or_else(|| variables.get(name).cloned());
    let substitute = |text: &str| substitute(text, &find).map_err(|_| "the value cannot be substituted");
    let Some(quote) = text.chars().next().filter(|char| matches!(char, '"' | '\'')) else {
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let line = line.split_once(" #").map_or(line, |(line, _)| line).trim_end();
        return Ok((substitute(line)?, rest));
    };
    let mut content = String::new();
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        if char != quote {
            if !escaped && char == '\\' {
                escaped = true;
                continue;
            }
            if std::mem::take(&mut escaped) {
                content.push('\\');
            }
            content.push(char);
            continue;
        }
        if std::mem::take(&mut escaped) {
            content.push(char);
            continue;
        }
        let content = if quote == '"' { substitute(&escapes(&content))? } else { content };
        return Ok((content, &text[at + 1..]));
    }
    Err("a quoted value is not closed")
}

/// Escapes of double quotes.
fn escapes(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '\\' {
            result.push(char);
            continue;
        }
        let replaced = match chars.peek() {
            Some('a') => "\u{7}",
            Some('b') => "\u{8}",
            Some('f') => "\u{c}",
            Some('n') => "\n",
            Some('r') => "\r",
            Some('t') => "\t",
            Some('v') => "\u{b}",
            Some('"') => "\"",
            Some('\\') => "\\",
            Some('$') => "$$",
            _ => {
                result.push('\\');
                continue;
            }
        };
        result.push_str(replaced);
        chars.next();
    }
    result
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::parse;

    #[test]
    fn files_of_variables() {
        let text = "# c\nexport A=1\nB = \"x\\n${A}\" \nC='$A'\nD: d # e\nFROM\nE=${B:-1}\n";
        let mut variables = BTreeMap::new();
        let lookup = |name: &str| (name == "FROM").then(|| "outside".to_owned());
        assert_eq!(parse(text, &mut variables, &lookup), Ok(()));
        for (name, value) in
            [("A", "1"), ("B", "x\n1"), ("C", "$A"), ("D", "d"), ("FROM", "outside"), ("E", "x\n1")]
        {
            assert_eq!(variables.get(name).map(String::as_str), Some(value), "{name}");
        }
        for text in ["A B=1", "A*=1", "A='x"] {
            assert!(parse(text, &mut BTreeMap::new(), &|_| None).is_err(), "{text}");
        }
    }
}
