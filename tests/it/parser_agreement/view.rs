//! What all three parsers can tell of a file, in one form: stages, their bases, and plain copies.

use xsim::dockerfile::ast::{Copy, Kind};
use xsim::dockerfile::{Arena, parse_text};

/// A stage as a parser sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stage {
    pub(crate) base: String,
    /// In lower case, as BuildKit keeps it.
    pub(crate) name: Option<String>,
    /// The sources and the destination of each `COPY` without inline documents.
    pub(crate) copies: Vec<Vec<String>>,
}

/// The stages of a file, or that the parser refuses it.
pub(crate) type View = Result<Vec<Stage>, ()>;

/// Adds a copy to the last stage. Quotes around a word go: only `dockerfile-parser` removes them while it parses.
fn copy(stages: &mut [Stage], words: impl IntoIterator<Item = String>) {
    let plain = |word: String| {
        let inside = ['"', '\''].iter().find_map(|&quote| word.strip_prefix(quote)?.strip_suffix(quote));
        inside.map(str::to_owned).unwrap_or(word)
    };
    if let Some(stage) = stages.last_mut() {
        stage.copies.push(words.into_iter().map(plain).collect());
    }
}

/// As this project reads it.
pub(crate) fn own(text: &str) -> View {
    let arena = Arena::new();
    let file = parse_text(text, &arena);
    if !file.problems.is_empty() {
        return Err(());
    }
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in &file.instructions {
        match &instruction.kind {
            Kind::From(from) => stages.push(Stage {
                base: from.base.text.to_owned(),
                name: from.name.map(|name| name.text.to_owned()),
                copies: Vec::new(),
            }),
            Kind::Copy(Copy { sources, destination, documents: [], .. }) => {
                copy(&mut stages, sources.iter().chain([destination]).map(|word| word.text.to_owned()));
            }
            _ => {}
        }
    }
    Ok(stages)
}

/// As `dockerfile-parser` reads it.
pub(crate) fn dockerfile_parser(text: &str) -> View {
    use dockerfile_parser::{Dockerfile, Instruction};
    let file = Dockerfile::parse(text).map_err(drop)?;
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in &file.instructions {
        match instruction {
            Instruction::From(from) => stages.push(Stage {
                base: from.image.content.clone(),
                name: from.alias.as_ref().map(|name| name.content.to_lowercase()),
                copies: Vec::new(),
            }),
            Instruction::Copy(found) => {
                copy(
                    &mut stages,
                    found.sources.iter().chain([&found.destination]).map(|w| w.content.clone()),
                );
            }
            _ => {}
        }
    }
    Ok(stages)
}

/// As `parse-dockerfile` reads it.
pub(crate) fn parse_dockerfile(text: &str) -> View {
    use parse_dockerfile::{Instruction, Source};
    let file = parse_dockerfile::parse(text).map_err(drop)?;
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in &file.instructions {
        match instruction {
            Instruction::From(from) => stages.push(Stage {
                base: from.image.value.to_string(),
                name: from.as_.as_ref().map(|(_, name)| name.value.to_lowercase()),
                copies: Vec::new(),
            }),
            Instruction::Copy(found) => {
                let sources: Option<Vec<String>> = found
                    .src
                    .iter()
                    .map(|source| match source {
                        Source::Path(path) => Some(path.value.to_string()),
                        _ => None,
                    })
                    .collect();
                if let Some(sources) = sources {
                    copy(&mut stages, sources.into_iter().chain([found.dest.value.to_string()]));
                }
            }
            _ => {}
        }
    }
    Ok(stages)
}
