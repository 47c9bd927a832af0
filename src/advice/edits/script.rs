//! The script of a step as it is changed: by places of its own words, so that its lines and comments stay.

use std::ops::Range;

use crate::advice::facts::call_sites::{assigned_before, calls, command_end};
use crate::advice::facts::configured;
use crate::advice::facts::context::Context;
use crate::advice::facts::text_ranges;
use crate::diagnostic::Edit;
use crate::dockerfile::ast::{CommandLine, Instruction, Kind, Word};
use crate::ids::StageIx;
use crate::model::path::base;
use crate::source::Line;

/// A script and its changes.
#[derive(Debug, Clone)]
pub(in crate::advice) struct Script<'c> {
    pub(in crate::advice) instruction: &'c Instruction<'c>,
    word: Word<'c>,
    /// An inline document, whose lines end commands.
    is_document: bool,
    /// `CARGO_TARGET_DIR` of the build's environment.
    cargo_dir: Option<String>,
    edits: Vec<(Range<usize>, String)>,
}

/// The scripts of a stage that can be changed, in its order.
pub(in crate::advice) fn scripts<'c>(context: &Context<'c>, stage: StageIx) -> Vec<Script<'c>> {
    let body = context.stage(stage).body;
    body.iter().filter_map(|instruction| script(context, stage, instruction)).collect()
}

/// The script of an instruction, if it can be changed.
pub(in crate::advice) fn script<'c>(
    context: &Context<'c>,
    stage: StageIx,
    instruction: &'c Instruction<'c>,
) -> Option<Script<'c>> {
    let Kind::Run(run) = &instruction.kind else { return None };
    let CommandLine::Shell(word) = &run.command else { return None };
    let word = match instruction.heredocs {
        [] => *word,
        [only] if run.only_document => only.content,
        _ => return None,
    };
    let execs = context.execs(stage, instruction.line);
    let cargo_dir =
        execs.first().and_then(|(_, exec, _)| context.node.graph.variable(exec.env, "CARGO_TARGET_DIR"));
    let cargo_dir = cargo_dir.map(str::to_owned);
    let is_document = !instruction.heredocs.is_empty();
    Some(Script { instruction, word, is_document, cargo_dir, edits: Vec::new() })
}

impl<'c> Script<'c> {
    pub(in crate::advice) fn text(&self) -> &'c str {
        self.word.text
    }

    pub(in crate::advice) fn line(&self) -> Line {
        self.instruction.line
    }

    pub(in crate::advice) fn is_changed(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Whether a program is called.
    pub(in crate::advice) fn calls(&self, program: &str) -> bool {
        calls(self.text(), program).next().is_some()
    }

    /// Whether all that `make` is called for is to put somewhere what was made before.
    pub(in crate::advice) fn installs_only(&self) -> bool {
        let text = self.text();
        calls(text, "make").all(|call| {
            let mut words = text[call.end..command_end(text, call.end)].split_whitespace();
            words.any(|word| word.starts_with("install"))
        })
    }

    /// The changes as edits of the file; `None` where a place is not in it.
    pub(in crate::advice) fn edits(&self, file: &str) -> Option<Vec<Edit>> {
        let at = |at: usize| text_ranges::in_file(file, &self.word, at);
        let edits = self.edits.iter().map(|(range, text)| {
            let span = crate::source::Span::new(at(range.start)?, at(range.end)?);
            Some(Edit::replace(span, text.clone()))
        });
        edits.collect()
    }

    fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.edits.push((at..at, text.into()));
    }

    /// Leaves out assignments that stand before calls.
    pub(in crate::advice) fn forget(&mut self, programs: &[&str], names: &[&str]) {
        let text = self.text();
        for call in programs.iter().flat_map(|program| calls(text, program)) {
            if is_for_other_system(text, call.start) {
                continue;
            }
            // The space before each goes with it, so that lines that are continued stay so; the first word of all has none.
            let mut end = 0;
            for range in assigned_before(text, call.start).into_iter().rev() {
                let is_named =
                    text[range.clone()].split_once('=').is_some_and(|(name, _)| names.contains(&name));
                if !is_named || range.end >= call.start {
                    continue;
                }
                let leads = range.start > end && text[..range.start].ends_with(' ');
                let trails = !leads && text[range.end..].starts_with(' ');
                let whole = range.start - usize::from(leads)..range.end + usize::from(trails);
                end = whole.end;
                self.edits.push((whole, String::new()));
            }
        }
    }

    /// Tells Go something before each call that makes a product, or has another program take its place.
    ///
    /// What `go install` makes for another platform goes to a folder of that platform, or is refused where GOBIN is set. So a
    /// build takes its place, except of a package at a version, which only `go install` knows: there the programs are moved.
    pub(in crate::advice) fn go(&mut self, tools: &[String], told: &str, program: &str) {
        const MOVED: &str =
            r#" && find "$(go env GOPATH)/bin" -mindepth 2 -type f -exec mv {} "$(go env GOPATH)/bin" \;"#;
        let text = self.text();
        for call in calls(text, "go build") {
            // What is for macOS or Windows is there to be handed out: of the target it gets the architecture.
            if is_for_other_system(text, call.start) {
                let before = assigned_before(text, call.start);
                if program == "go" && !before.into_iter().any(|range| text[range].starts_with("GOARCH=")) {
                    self.insert(call.start, "GOARCH=$TARGETARCH ");
                }
                continue;
            }
            self.edits.push(if program == "go" {
                (call.start..call.start, told.to_owned())
            } else {
                (call, format!("{told}{program} build"))
            });
        }
        for call in calls(text, "go install") {
            let end = command_end(text, call.end);
            let arguments = &text[call.end..end];
            if names_tool(arguments, tools) || is_for_other_system(text, call.start) {
                continue;
            }
            // What is compiled ahead for its objects leaves no program.
            let mut plain = arguments.split_whitespace().filter(|word| !word.starts_with('-')).peekable();
            if plain.peek().is_some() && plain.all(|word| matches!(word, "std" | "cmd")) {
                self.edits.push((call.start..call.start, told.to_owned()));
                continue;
            }
            let own =
                if program == "go" { text[call.clone()].replace(" install", "") } else { program.to_owned() };
            // A package of others may be no program, of which a build would find none.
            let is_of_others = arguments.split_whitespace().any(|word| {
                let first = word.split('/').next().unwrap_or_default();
                !word.starts_with(['-', '.', '"', '\'', '$']) && word.contains('/') && first.contains('.')
            });
            if arguments.contains('@') || is_of_others {
                self.edits.push((call, format!("{told}{own} install")));
                self.insert(end, MOVED);
            } else {
                self.edits.push((call, format!(r#"{told}{own} build -o "$(go env GOPATH)/bin/""#)));
            }
        }
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
    }

    /// Has cargo compile for a target, and puts what it makes where it would be without one. Whether cargo compiles a product.
    pub(in crate::advice) fn cargo(
        &mut self,
        tools: &[String],
        prefix: &str,
        option: &str,
        folder: &str,
    ) -> bool {
        let text = self.text();
        let before = self.edits.len();
        for (words, moves) in [("cargo build", true), ("cargo install", false), ("cargo chef cook", false)] {
            for call in calls(text, words) {
                let end = command_end(text, call.end);
                let arguments = &text[call.end..end];
                if !moves && words == "cargo install" && names_tool(arguments, tools) {
                    continue;
                }
                if arguments.contains("--target ") || arguments.contains("--target=") {
                    continue;
                }
                self.edits.push((call.clone(), format!("{prefix}{words}{option}")));
                if moves {
                    let dir = self.target_dir(text, &call, arguments);
                    self.insert(end, format!(" && cp -r {dir}/{folder}/. {dir}/"));
                }
            }
        }
        self.edits.len() > before
    }

    /// The folder that cargo puts what it makes into.
    fn target_dir(&self, text: &str, call: &Range<usize>, arguments: &str) -> String {
        let option = |name: &str| {
            let words: Vec<&str> = arguments.split_whitespace().collect();
            words.iter().enumerate().find_map(|(at, word)| {
                let rest = word.strip_prefix(name)?;
                if rest.is_empty() { words.get(at + 1).copied() } else { rest.strip_prefix('=') }
            })
        };
        let assigned = assigned_before(text, call.start)
            .into_iter()
            .find_map(|range| text[range].strip_prefix("CARGO_TARGET_DIR=").map(str::to_owned));
        let beside = || option("--manifest-path").and_then(|path| path.rsplit_once('/')).map(|(dir, _)| dir);
        option("--target-dir")
            .map(str::to_owned)
            .or(assigned)
            .or_else(|| self.cargo_dir.clone())
            .unwrap_or_else(|| beside().map_or_else(|| "target".to_owned(), |dir| format!("{dir}/target")))
    }

    /// Tells a program something before each of its calls.
    pub(in crate::advice) fn tell(&mut self, program: &str, told: &str) {
        let text = self.text();
        self.edits.extend(calls(text, program).map(|call| (call.start..call.start, told.to_owned())));
    }

    /// Calls another program in place of one. Whether it is called.
    pub(in crate::advice) fn rename(&mut self, program: &str, name: &str) -> bool {
        let text = self.text();
        let before = self.edits.len();
        self.edits.extend(calls(text, program).map(|call| (call, name.to_owned())));
        self.edits.len() > before
    }

    /// Puts an option behind each call.
    pub(in crate::advice) fn add_option(&mut self, call: &str, option: &str) {
        let text = self.text();
        for call in calls(text, call) {
            let has = text[call.end..command_end(text, call.end)]
                .split_whitespace()
                .any(|word| matches!(word, "-a" | "--arch" | "-r" | "--runtime"));
            if !has {
                self.insert(call.end, option);
            }
        }
    }

    /// Puts options behind each call of a build system's that decides which compiler is used.
    pub(in crate::advice) fn configure(&mut self, program: &str, options: &str) {
        let text = self.text();
        for call in calls(text, program) {
            let arguments = text[call.end..command_end(text, call.end)].split_whitespace();
            if program == "make" || configured::configures(program, arguments) {
                self.insert(call.end, options);
            }
        }
    }

    /// Writes another text in place of a word wherever it stands, unless that is between single quotes, where nothing is expanded.
    pub(in crate::advice) fn spell(&mut self, word: &str, with: &str) {
        let text = self.text();
        let is_quoted = |at: usize| text[..at].matches('\'').count() % 2 == 1;
        let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
        if !places.iter().any(|at| is_quoted(*at)) {
            self.edits.extend(places.into_iter().map(|at| (at..at + word.len(), with.to_owned())));
        }
    }

    /// Chooses by the target platform, and does something once that is chosen, before all else.
    pub(in crate::advice) fn choose(&mut self, branches: &[String], then: Option<&str>) {
        let (end, and) = if self.is_document { ("\n", "\n") } else { (" \\\n", " \\\n && ") };
        let branches: String = branches.iter().flat_map(|branch| [branch.as_str(), end]).collect();
        let then = then.map_or_else(String::new, |then| format!("{then}{and}"));
        self.edits.insert(0, (0..0, format!("case $TARGETPLATFORM in{end}{branches}    esac{and}{then}")));
    }
}

/// Whether what stands before a call of Go names another system than Linux.
fn is_for_other_system(text: &str, call: usize) -> bool {
    assigned_before(text, call).into_iter().any(|range| {
        text[range].strip_prefix("GOOS=").is_some_and(|system| !system.contains('$') && system != "linux")
    })
}

/// Whether arguments name one of the programs that the build itself runs.
fn names_tool(arguments: &str, tools: &[String]) -> bool {
    let names = |word: &str, tool: &String| {
        word.split('@').next().is_some_and(|path| path.rsplit('/').any(|part| base(part) == tool))
    };
    arguments.split_whitespace().any(|word| tools.iter().any(|tool| names(word, tool)))
}
