//! What well-known programs print, where that follows from what they are given.

use super::text::Text;

/// What `echo` prints.
pub(super) fn echo(words: &[Text]) -> Text {
    let mut words = words;
    let mut ends = true;
    while let Some(option) =
        words.first().and_then(Text::known).filter(|word| matches!(*word, "-n" | "-e" | "-ne" | "-en"))
    {
        ends &= !option.contains('n');
        words = &words[1..];
    }
    let mut out = Text::default();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            out = out.and(&Text::new(" "));
        }
        // Shells differ in whether they read escapes.
        let text = if word.with_gaps().contains('\\') { Text::unknown() } else { word.clone() };
        out = out.and(&text);
    }
    if ends { out.and(&Text::new("\n")) } else { out }
}

/// What `printf` prints.
pub(super) fn printf(words: &[Text]) -> Text {
    let Some((format, mut values)) = words.split_first() else { return Text::default() };
    let Some(format) = format.known() else { return Text::unknown() };
    let mut out = Text::default();
    loop {
        let mut taken = 0;
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let piece = match c {
                '%' => match chars.next() {
                    Some('%') => Text::new("%"),
                    Some('s' | 'b' | 'd') => {
                        let value = values.get(taken).cloned().unwrap_or_default();
                        taken += 1;
                        value
                    }
                    _ => return Text::unknown(),
                },
                '\\' => match chars.next() {
                    Some('n') => Text::new("\n"),
                    Some('t') => Text::new("\t"),
                    Some('\\') => Text::new("\\"),
                    Some('"') => Text::new("\""),
                    _ => return Text::unknown(),
                },
                c => Text::new(c.encode_utf8(&mut [0; 4])),
            };
            out = out.and(&piece);
        }
        values = values.get(taken..).unwrap_or_default();
        if taken == 0 || values.is_empty() {
            return out;
        }
    }
}

/// What a program makes of its input; `None` where it is no filter that is followed.
pub(super) fn filtered(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    match program {
        "cut" => cut(arguments, input),
        "tr" => translated(arguments, input),
        "sed" => substituted(arguments, input),
        "awk" => field(arguments, input),
        "grep" => matching(arguments, input),
        "head" | "tail" | "sort" | "uniq" if input.lines().count() <= 1 => Some(input.to_owned()),
        "cat" if arguments.is_empty() || arguments == ["-"] => Some(input.to_owned()),
        _ => None,
    }
}

fn lines(input: &str, change: impl FnMut(&str) -> String) -> String {
    let mut out = input.lines().map(change).collect::<Vec<_>>().join("\n");
    if input.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn option<'a>(arguments: &[&'a str], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument.starts_with(name))?;
    let rest = arguments[at].strip_prefix(name)?;
    if rest.is_empty() { arguments.get(at + 1).copied() } else { Some(rest) }
}

fn cut(arguments: &[&str], input: &str) -> Option<String> {
    let (from, to) = {
        let wanted = option(arguments, "-f").or_else(|| option(arguments, "-c"))?;
        let (from, to) = wanted.split_once('-').unwrap_or((wanted, wanted));
        let from: usize = if from.is_empty() { 1 } else { from.parse().ok()? };
        let to: usize = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
        (from.checked_sub(1)?, to)
    };
    if option(arguments, "-c").is_some() {
        return Some(lines(input, |line| line.chars().skip(from).take(to.saturating_sub(from)).collect()));
    }
    let delimiter = option(arguments, "-d").unwrap_or("\t");
    if delimiter.is_empty() {
        return None;
    }
    let silent = arguments.contains(&"-s");
    Some(lines(input, |line| {
        if !line.contains(delimiter) {
            return if silent { String::new() } else { line.to_owned() };
        }
        let fields: Vec<&str> = line.split(delimiter).skip(from).take(to.saturating_sub(from)).collect();
        fields.join(delimiter)
    }))
}

fn translated(arguments: &[&str], input: &str) -> Option<String> {
    let class = |set: &str| match set {
        "[:upper:]" | "A-Z" | "[A-Z]" => Some(('A'..='Z').collect::<Vec<char>>()),
        "[:lower:]" | "a-z" | "[a-z]" => Some(('a'..='z').collect()),
        "\\n" => Some(vec!['\n']),
        set if set.contains(['[', '\\']) || set.len() > 2 && set[1..set.len() - 1].contains('-') => None,
        set => Some(set.chars().collect()),
    };
    match arguments {
        ["-d", set] => {
            let set = class(set)?;
            Some(input.chars().filter(|c| !set.contains(c)).collect())
        }
        [from, to] if !from.starts_with('-') => {
            let (from, to) = (class(from)?, class(to)?);
            let last = *to.last()?;
            let change = |c: char| match from.iter().position(|known| *known == c) {
                Some(at) => to.get(at).copied().unwrap_or(last),
                None => c,
            };
            Some(input.chars().map(change).collect())
        }
        _ => None,
    }
}

/// `s/a/b/` of plain text, also several.
fn substituted(arguments: &[&str], input: &str) -> Option<String> {
    let mut text = input.to_owned();
    let mut scripts = 0;
    // `sed -n 's/a/b/p'` prints the lines that it changes.
    if let ["-n", script] = arguments {
        let script = script.strip_suffix('p')?;
        let from = script.strip_prefix("s/")?.split('/').next()?;
        return substituted(&[script], &matching(&[from], input)?);
    }
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let script = match *argument {
            "-e" => arguments.next()?,
            "-r" | "-E" => continue,
            script if !script.starts_with('-') && scripts == 0 => script,
            _ => return None,
        };
        for part in script.split(';') {
            let part = part.trim();
            let sign = part.strip_prefix('s')?.chars().next()?;
            let mut pieces = part[1 + sign.len_utf8()..].split(sign);
            let (from, to, flags) = (pieces.next()?, pieces.next()?, pieces.next()?);
            if from.is_empty()
                || from.contains(['*', '[', '\\', '(', '+', '?', '|'])
                || to.contains(['\\', '&'])
            {
                return None;
            }
            let (starts, ends) = (from.starts_with('^'), from.ends_with('$'));
            let from = from.trim_start_matches('^').trim_end_matches('$');
            // A dot stands for any character; where it would only match itself, nothing changes.
            if from.contains('.') {
                return None;
            }
            text = lines(&text, |line| match (starts, ends) {
                (true, true) => {
                    if line == from {
                        to.to_owned()
                    } else {
                        line.to_owned()
                    }
                }
                (true, false) => {
                    line.strip_prefix(from).map_or_else(|| line.to_owned(), |rest| format!("{to}{rest}"))
                }
                (false, true) => {
                    line.strip_suffix(from).map_or_else(|| line.to_owned(), |rest| format!("{rest}{to}"))
                }
                _ if flags.contains('g') => line.replace(from, to),
                _ => line.replacen(from, to, 1),
            });
        }
        scripts += 1;
    }
    (scripts > 0).then_some(text)
}

/// The lines that hold a plain text, or begin with it; `None` where none does, with which a script may end.
fn matching(arguments: &[&str], input: &str) -> Option<String> {
    let [pattern] = arguments else { return None };
    if pattern.is_empty() || pattern.contains(['*', '[', '\\', '(', '+', '?', '|', '.', '$', '-']) {
        return None;
    }
    let is_hit = |line: &&str| match pattern.strip_prefix('^') {
        Some(start) => line.starts_with(start),
        None => line.contains(pattern),
    };
    let hits: Vec<&str> = input.lines().filter(is_hit).collect();
    (!hits.is_empty()).then(|| hits.join("\n") + "\n")
}

/// `awk -F/ '{print $2}'`, also `$NF`, the last field.
fn field(arguments: &[&str], input: &str) -> Option<String> {
    let separator = option(arguments, "-F");
    let program = arguments.last()?.trim();
    let wanted = program.strip_prefix("{print $").or_else(|| program.strip_prefix("{ print $"))?;
    let wanted = wanted.trim_end_matches(['}', ' ', ';']);
    let number: Option<usize> = if wanted == "NF" { None } else { Some(wanted.parse().ok()?) };
    if number == Some(0) || separator.is_some_and(|separator| separator.len() != 1) {
        return None;
    }
    let field = |mut fields: Box<dyn Iterator<Item = &str> + '_>| {
        let found = match number {
            Some(number) => fields.nth(number - 1),
            None => fields.last(),
        };
        found.unwrap_or_default().to_owned()
    };
    Some(lines(input, |line| match separator {
        Some(separator) => field(Box::new(line.split(separator))),
        None => field(Box::new(line.split_whitespace())),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        let cases: [(&str, &[&str], &str, Option<&str>); 17] = [
            ("cut", &["-d", "/", "-f", "2"], "linux/arm64\n", Some("arm64\n")),
            ("cut", &["-d/", "-f2-"], "linux/arm/v7\n", Some("arm/v7\n")),
            ("cut", &["-c2-"], "v7\n", Some("7\n")),
            ("tr", &["-d", "v"], "v7\n", Some("7\n")),
            ("tr", &["/", "-"], "linux/arm64\n", Some("linux-arm64\n")),
            ("tr", &["[:lower:]", "[:upper:]"], "arm\n", Some("ARM\n")),
            ("sed", &["s/x86_64/amd64/"], "x86_64\n", Some("amd64\n")),
            ("sed", &["-e", "s/amd64/x64/", "-e", "s/arm64/arm/"], "arm64\n", Some("arm\n")),
            ("sed", &["s/x86_64/amd64/;s/aarch64/arm64/"], "aarch64\n", Some("arm64\n")),
            ("sed", &["s/[a-z]*//"], "aarch64\n", None),
            ("sed", &["-n", "s/^host: //p"], "rustc 1.90\nhost: x\n", Some("x\n")),
            ("sed", &["-n", "p"], "x\n", None),
            ("grep", &["host"], "rustc 1.90\nhost: x\n", Some("host: x\n")),
            ("grep", &["-v", "host"], "host: x\n", None),
            ("awk", &["-F/", "{print $2}"], "linux/arm64\n", Some("arm64\n")),
            ("awk", &["-F-", "{ print $NF }"], "musl-linux-arm64\n", Some("arm64\n")),
            ("rev", &[], "x\n", None),
        ];
        for (program, arguments, input, wanted) in cases {
            assert_eq!(filtered(program, arguments, input).as_deref(), wanted, "{program} {arguments:?}");
        }
    }
}
