//! Make's functions, but those that run or read something.

use super::super::path::{in_repository, join};
use super::super::text::{is_known, splittable, unknown, unsplit};
use super::expand::Expander;
use crate::builds::shell::{matches, output_of};

/// The functions of GNU Make.
pub(super) const NAMES: &[&str] = &[
    "abspath",
    "addprefix",
    "addsuffix",
    "and",
    "basename",
    "call",
    "dir",
    "error",
    "eval",
    "file",
    "filter",
    "filter-out",
    "findstring",
    "firstword",
    "flavor",
    "foreach",
    "guile",
    "if",
    "info",
    "intcmp",
    "join",
    "lastword",
    "let",
    "notdir",
    "or",
    "origin",
    "patsubst",
    "realpath",
    "shell",
    "sort",
    "strip",
    "subst",
    "suffix",
    "value",
    "warning",
    "wildcard",
    "word",
    "wordlist",
    "words",
];

impl Expander<'_> {
    /// The value of a function.
    pub(super) fn function(&mut self, name: &str, raw: &str) -> String {
        let raw_args = split_args(
            raw,
            if name == "foreach" || name == "if" || name == "subst" || name == "patsubst" {
                3
            } else if TWO.contains(&name) {
                2
            } else if ONE.contains(&name) {
                1
            } else {
                usize::MAX
            },
        );
        match name {
            "if" => return self.if_function(&raw_args),
            "or" | "and" => return self.or_and(name, &raw_args),
            "foreach" => return self.foreach(&raw_args),
            "call" => return self.call(&raw_args),
            "shell" => return self.shell(raw),
            "eval" => {
                let made = self.expand(raw);
                if let Some(evals) = &mut self.evals {
                    evals.push(made);
                }
                return String::new();
            }
            "info" | "warning" | "error" | "file" | "guile" => return String::new(),
            _ => {}
        }
        let args: Vec<String> = raw_args.iter().map(|arg| self.expand(arg)).collect();
        let arg = |at: usize| args.get(at).map(String::as_str).unwrap_or_default();
        let words = |at: usize| arg(at).split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let hidden = || unknown(&format!("$({name} {raw})"));
        let each = |at: usize, f: &dyn Fn(&str) -> String| {
            words(at)
                .iter()
                .map(|word| if is_known(word) { f(word) } else { hidden() })
                .collect::<Vec<_>>()
                .join(" ")
        };
        let known = args.iter().all(|arg| is_known(arg));
        match name {
            "strip" => words(0).join(" "),
            "subst" if known => arg(2).replace(arg(0), arg(1)),
            "patsubst" => patsubst(arg(0), arg(1), arg(2)),
            "addprefix" => {
                words(1).iter().map(|word| format!("{}{word}", arg(0))).collect::<Vec<_>>().join(" ")
            }
            "addsuffix" => {
                words(1).iter().map(|word| format!("{word}{}", arg(0))).collect::<Vec<_>>().join(" ")
            }
            "firstword" => words(0).first().cloned().unwrap_or_default(),
            "lastword" => words(0).last().cloned().unwrap_or_default(),
            "dir" => each(0, &|word| word.rfind('/').map_or("./".to_owned(), |at| word[..=at].to_owned())),
            "notdir" => each(0, &|word| word.rsplit('/').next().unwrap_or_default().to_owned()),
            "basename" => each(0, &|word| word[..suffix_at(word).unwrap_or(word.len())].to_owned()),
            "suffix" => each(0, &|word| suffix_at(word).map_or_else(String::new, |at| word[at..].to_owned())),
            "abspath" | "realpath" => {
                let folder = self.folder.to_owned();
                words(0).iter().map(|word| join(&folder, word)).collect::<Vec<_>>().join(" ")
            }
            "filter" | "filter-out" if known => {
                let patterns = words(0);
                let fits = |word: &String| {
                    patterns.iter().any(|pattern| matches(&pattern.replacen('%', "*", 1), word))
                };
                let kept: Vec<String> =
                    words(1).into_iter().filter(|word| fits(word) == (name == "filter")).collect();
                kept.join(" ")
            }
            "findstring" if known => {
                if arg(1).contains(arg(0)) {
                    arg(0).to_owned()
                } else {
                    String::new()
                }
            }
            "sort" if known => {
                let mut words = words(0);
                words.sort();
                words.dedup();
                words.join(" ")
            }
            "words" if known => words(0).len().to_string(),
            "word" if known => {
                let at = arg(0).trim().parse::<usize>().ok().and_then(|at| at.checked_sub(1));
                at.and_then(|at| words(1).get(at).cloned()).unwrap_or_default()
            }
            "wordlist" if known => {
                let number = |at: usize| arg(at).trim().parse::<usize>().unwrap_or_default();
                let (from, to) = (number(0).max(1), number(1));
                words(2)
                    .into_iter()
                    .skip(from - 1)
                    .take((to + 1).saturating_sub(from))
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            "join" if known => {
                let (a, b) = (words(0), words(1));
                let pick = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
                (0..a.len().max(b.len())).map(|at| pick(&a, at) + &pick(&b, at)).collect::<Vec<_>>().join(" ")
            }
            "wildcard" if known => self.wildcard(&words(0)),
            "value" => {
                self.make.variables.get(arg(0)).map(|variable| variable.value.clone()).unwrap_or_default()
            }
            "origin" | "flavor" => match self.make.variables.get(arg(0)) {
                None if name == "origin" => "undefined".to_owned(),
                _ => hidden(),
            },
            _ => hidden(),
        }
    }

    fn if_function(&mut self, args: &[&str]) -> String {
        let arg = |at: usize| args.get(at).copied().unwrap_or_default();
        let condition = self.expand(arg(0).trim());
        if !is_known(&condition) {
            let (yes, no) = (self.expand(arg(1)), self.expand(arg(2)));
            return if yes == no {
                yes
            } else {
                splittable(&unknown(&format!("$(if {},{},{})", arg(0), arg(1), arg(2))))
            };
        }
        self.expand(if condition.trim().is_empty() { arg(2) } else { arg(1) })
    }

    fn or_and(&mut self, name: &str, args: &[&str]) -> String {
        let mut last = String::new();
        for arg in args {
            last = self.expand(arg.trim());
            if !is_known(&last) {
                return unknown(&format!("$({name} {})", args.join(",")));
            }
            if last.is_empty() != (name == "or") {
                return last;
            }
        }
        last
    }

    fn foreach(&mut self, args: &[&str]) -> String {
        let [name, list, body] = args else { return String::new() };
        let name = self.expand(name.trim());
        let list = self.expand(list);
        let mut out = Vec::new();
        for word in list.split_whitespace().take(1_000) {
            self.locals.push((name.clone(), word.to_owned()));
            out.push(self.expand(body));
            self.locals.pop();
        }
        out.join(" ")
    }

    fn call(&mut self, args: &[&str]) -> String {
        let args: Vec<String> = args
            .iter()
            .enumerate()
            .map(|(n, arg)| self.expand(if n == 0 { arg.trim() } else { arg }))
            .collect();
        let Some(name) = args.first() else { return String::new() };
        let Some(variable) = self.make.variables.get(name) else { return String::new() };
        if self.open.iter().filter(|open| *open == name).count() > 8 {
            return unknown(&format!("$(call {name})"));
        }
        let body = variable.value.clone();
        let before = self.locals.len();
        // Parameters that are not given are empty, those of an outer call hidden.
        for at in 0..10 {
            let value = args.get(at).cloned().unwrap_or_default();
            self.locals.push((at.to_string(), value));
        }
        self.open.push(name.clone());
        let value = self.expand(&body);
        self.open.pop();
        self.locals.truncate(before);
        value
    }

    /// What a command prints is unknown, but for the folder it runs in.
    fn shell(&mut self, raw: &str) -> String {
        let command = self.expand(raw);
        let hidden = || splittable(&unknown(&format!("$(shell {raw})")));
        let command = unsplit(command.trim());
        if !is_known(&command) || command.contains(['|', ';', '&', '`', '$', '>', '<']) {
            // `cd folder && pwd`
            let to = command.strip_prefix("cd ").and_then(|rest| rest.trim_end().strip_suffix("&& pwd"));
            let to = to.map(|to| to.trim().trim_matches(['"', '\'']));
            return to.filter(|to| is_known(to)).map_or_else(hidden, |to| join(self.folder, to));
        }
        let words: Vec<String> =
            command.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect();
        output_of(self.folder, &words).filter(|output| !output.is_empty()).unwrap_or_else(hidden)
    }

    pub(super) fn wildcard(&self, patterns: &[String]) -> String {
        let mut found = Vec::new();
        for pattern in patterns {
            let Some(path) = in_repository(&join(self.folder, pattern)) else { continue };
            let levels = path.split('/').count();
            let folders = pattern.ends_with('/');
            let top: Vec<&str> = path.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
            let own = in_repository(self.folder).unwrap_or_default();
            let prefix = if own == "." { String::new() } else { format!("{own}/") };
            let top = if top.is_empty() { ".".to_owned() } else { top.join("/") };
            if self.repo.has_file(&top) && !folders {
                found.push(top.strip_prefix(&prefix).unwrap_or(&top).to_owned());
                continue;
            }
            for file in self.repo.files_under(&top) {
                let parts: Vec<&str> = file.split('/').take(levels).collect();
                let joined = parts.join("/");
                if parts.len() == levels
                    && (!folders || file.len() > joined.len())
                    && path.split('/').zip(&parts).all(|(pattern, part)| matches(pattern, part))
                {
                    let mut relative = joined.strip_prefix(&prefix).unwrap_or(&joined).to_owned();
                    relative.push_str(if folders { "/" } else { "" });
                    if found.last() != Some(&relative) && found.len() < 1_000 {
                        found.push(relative);
                    }
                }
            }
        }
        found.join(" ")
    }
}

/// Functions whose last argument may hold commas.
const ONE: &[&str] = &[
    "strip",
    "firstword",
    "lastword",
    "dir",
    "notdir",
    "basename",
    "suffix",
    "abspath",
    "realpath",
    "sort",
    "words",
    "wildcard",
    "value",
    "origin",
    "flavor",
    "shell",
];
const TWO: &[&str] = &["addprefix", "addsuffix", "filter", "filter-out", "findstring", "word", "join"];

/// The arguments of a function as written, at most `most`.
fn split_args(raw: &str, most: usize) -> Vec<&str> {
    let bytes = raw.as_bytes();
    let (mut args, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 && args.len() + 1 < most => {
                args.push(&raw[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    args.push(&raw[start..]);
    args
}

fn suffix_at(word: &str) -> Option<usize> {
    let base = word.rfind('/').map_or(0, |at| at + 1);
    word[base..].rfind('.').map(|at| base + at)
}

/// The stem for which a pattern with `%` stands in a word.
pub(super) fn stem<'w>(pattern: &str, word: &'w str) -> Option<&'w str> {
    let (head, tail) = pattern.split_once('%')?;
    word.strip_prefix(head)?.strip_suffix(tail)
}

/// `$(patsubst from,to,text)`.
pub(super) fn patsubst(from: &str, to: &str, text: &str) -> String {
    let one = |word: &str| match from.contains('%') {
        _ if !is_known(word) => unknown(word),
        true => stem(from, word).map_or_else(|| word.to_owned(), |stem| to.replacen('%', stem, 1)),
        false if from == word => to.to_owned(),
        false => word.to_owned(),
    };
    text.split_whitespace().map(one).collect::<Vec<_>>().join(" ")
}
