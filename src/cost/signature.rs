//! What a `RUN` does, in a form that two builds can be compared by.

use crate::shell::{SimpleCommand, commands, exec_commands};

use super::class::Class;
use super::classify::classify;
use super::run::dominant_class;

/// The commands of a `RUN` without what does not change their work: builtins, wrappers, variables set for one command,
/// quotes, flags of the instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    text: String,
    class: Class,
}

impl Signature {
    /// Of commands that were parsed already.
    pub fn of_commands(commands: &[SimpleCommand<'_>]) -> Self {
        let counts = |command: &&SimpleCommand<'_>| !command.wraps && classify(command) != Class::Builtin;
        let mut parts: Vec<String> = commands.iter().filter(counts).map(written).collect();
        if parts.is_empty() {
            parts = commands.iter().filter(|command| !command.wraps).map(written).collect();
        }
        Self { text: parts.join("; "), class: dominant_class(commands) }
    }

    /// Of a program and its arguments, as provenance tells them.
    pub fn of_argv(argv: &[impl AsRef<str>]) -> Self {
        let argv: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
        Self::of_commands(&exec_commands(&argv))
    }

    /// Of the text of an instruction, as the names of vertices tell it: `RUN --mount=type=cache,target=/c go build`.
    pub fn of_instruction(text: &str) -> Self {
        let mut script = text.trim_start();
        script = script.strip_prefix("ONBUILD ").unwrap_or(script);
        script = script.strip_prefix("RUN ").unwrap_or(script).trim_start();
        while let Some(rest) = script.strip_prefix("--").and_then(|flag| flag.split_once(char::is_whitespace))
        {
            script = rest.1.trim_start();
        }
        // BuildKit shows of a heredoc its first line only.
        if script.starts_with("<<") {
            return Self { text: script.into(), class: Class::Unknown };
        }
        Self::of_commands(&commands(script))
    }

    /// The commands, joined by semicolons.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The class with most of the work.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// How alike two steps are, from 0 to 1: the words they share among all words of either.
    pub fn similarity(&self, other: &str) -> f64 {
        let split = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let (ours, theirs) = (split(&self.text), split(other));
        let shared = shared(&ours, &theirs);
        let all = ours.len() + theirs.len() - shared;
        if all == 0 { 1.0 } else { shared as f64 / all as f64 }
    }
}

/// Elements that two sorted lists have in common.
fn shared(ours: &[String], theirs: &[String]) -> usize {
    let (mut a, mut b, mut count) = (0, 0, 0);
    while a < ours.len() && b < theirs.len() {
        match ours[a].cmp(&theirs[b]) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => (a, b, count) = (a + 1, b + 1, count + 1),
        }
    }
    count
}

/// What a file step does, in a form that two builds can be compared by: `COPY src`, `COPY --from out/app`, `WORKDIR web`.
///
/// `sources` are paths in the context or, with `foreign`, in another stage or image; the destination does not matter.
pub fn file_signature<'a>(foreign: bool, sources: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from(if foreign { "COPY --from" } else { "COPY" });
    for source in sources {
        text.push(' ');
        text.push_str(plain_path(source));
    }
    text
}

/// The same for a `WORKDIR`.
pub fn folder_signature(path: &str) -> String {
    format!("WORKDIR {}", plain_path(path))
}

/// The same for the text of an instruction, as the names of vertices tell it: `COPY --from=build /out/app /usr/bin/`.
pub fn instruction_signature(text: &str) -> String {
    let text = text.strip_prefix("LINK ").unwrap_or(text);
    let mut words = text.strip_prefix("ONBUILD ").unwrap_or(text).split_whitespace();
    let verb = words.next().unwrap_or_default();
    let (flags, paths): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("--"));
    match (verb, paths.split_last()) {
        ("COPY" | "ADD", Some((_, sources))) => {
            file_signature(flags.iter().any(|flag| flag.starts_with("--from=")), sources.iter().copied())
        }
        ("WORKDIR", Some((path, _))) => folder_signature(path),
        _ => text.to_owned(),
    }
}

/// A path without what two ways of writing it differ in.
fn plain_path(path: &str) -> &str {
    let path = path.trim_start_matches("./").trim_matches('/');
    if path.is_empty() { "." } else { path }
}

fn written(command: &SimpleCommand<'_>) -> String {
    let mut text = command.base_name().to_owned();
    for arg in &command.args {
        text.push(' ');
        text.push_str(&arg.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_change_the_work_is_left_out() {
        let plain = Signature::of_argv(&["/bin/sh", "-c", "CGO_ENABLED=0 go build -o /out ./cmd"]);
        let cross = Signature::of_instruction(
            "RUN --mount=type=cache,target=/c set -e; cd /src && GOOS=linux GOARCH=arm64 go build -o '/out' ./cmd",
        );
        assert_eq!(plain, cross);
        assert_eq!((plain.text(), plain.class()), ("go build -o /out ./cmd", Class::GoBuild));
    }

    #[test]
    fn file_steps() {
        assert_eq!(
            instruction_signature("COPY --link --from=web /web/dist/ ./public"),
            "COPY --from web/dist"
        );
        assert_eq!(file_signature(true, ["/web/dist"]), "COPY --from web/dist");
        assert_eq!(instruction_signature("ADD a.txt ./b ./"), file_signature(false, ["/a.txt", "/b"]));
        assert_eq!(instruction_signature("COPY . ."), file_signature(false, ["/"]));
        assert_eq!(instruction_signature("WORKDIR /web"), folder_signature("/web"));
    }

    #[test]
    fn likeness() {
        let build = Signature::of_instruction("RUN go build -trimpath -o /out/a ./cmd/a");
        assert!(build.similarity("go build -buildvcs=false -trimpath -o /out/a ./cmd/a") > 0.8);
        assert!(build.similarity("npm ci") < 0.1);
        assert!((build.similarity(build.text()) - 1.0).abs() < 1e-9);
    }
}
