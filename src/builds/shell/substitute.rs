//! `$( … )`: known only where it asks for places in the repository.

use std::rc::Rc;

use super::super::path::{ROOT, join, parent};
use super::super::text::{is_known, unknown, unsplit};
use super::{Ended, MAX_DEPTH, Script, Shell};

impl Shell<'_, '_> {
    /// What a command substitution leaves. The builds in it count.
    pub(super) fn substitution(&mut self, inner: &str, nesting: u32) -> String {
        let hidden = unknown(&format!("$({})", inner.trim()));
        if nesting > 8 || self.depth > MAX_DEPTH || !self.world.spend() {
            return hidden;
        }
        let script = Script::new(inner.to_owned(), &self.script.file, self.script.line);
        let before = self.state.clone();
        let own = std::mem::replace(&mut self.script, Rc::clone(&script));
        let captured = self.captured.replace(String::new());
        self.depth += 1;
        self.statements(&script.list);
        self.depth -= 1;
        self.script = own;
        let output = std::mem::replace(&mut self.captured, captured);
        self.state = before;
        self.state.ended = Ended::No;
        match output {
            Some(output) if is_known(&output) && !output.is_empty() => {
                output.trim_end_matches('\n').to_owned()
            }
            _ => hidden,
        }
    }

    /// Notes what a command prints, if anyone asks for it. Commands of which nothing is known make it unknown.
    pub(super) fn print(&mut self, words: &[String]) {
        if self.captured.is_none() {
            return;
        }
        let output = self.output_of(words);
        if let Some(captured) = &mut self.captured {
            match output {
                Some(line) => captured.push_str(&line),
                None => captured.push_str(&unknown("$( )")),
            }
        }
    }

    fn output_of(&self, words: &[String]) -> Option<String> {
        output_of(&self.state.folder, words)
    }
}

/// What a command prints that only asks for places in the repository.
pub(in crate::builds) fn output_of(folder: &str, words: &[String]) -> Option<String> {
    let words: Vec<String> = words.iter().map(|word| unsplit(word)).collect();
    let (name, args) = words.split_first()?;
    let plain: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    match name.as_str() {
        "cd" | "pushd" | "popd" | "set" | "true" | ":" | "export" => Some(String::new()),
        "pwd" => Some(folder.to_owned()),
        "dirname" => {
            let path = plain.first()?;
            Some(if path.contains('/') {
                parent(path.trim_end_matches('/')).to_owned()
            } else {
                ".".to_owned()
            })
        }
        "basename" => {
            let path = plain.first()?;
            let base = path.trim_end_matches('/').rsplit('/').next()?;
            let suffix = plain.get(1).map_or("", |suffix| suffix.as_str());
            Some(base.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(base).to_owned())
        }
        "realpath" | "readlink" if args.iter().all(|arg| !arg.contains("relative")) => {
            if name == "readlink" && args.iter().all(|arg| !arg.starts_with('-')) {
                return None;
            }
            Some(join(folder, plain.last()?))
        }
        "git" if args.iter().any(|arg| arg == "--show-toplevel") => Some(ROOT.to_owned()),
        _ => None,
    }
}
