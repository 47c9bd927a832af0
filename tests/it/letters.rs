//! Letters of more than one byte, wherever they stand: nothing that reads a file may stop at one.

use std::fs;
use std::path::PathBuf;

use xsim::advice::lint;
use xsim::analysis::Build;
use xsim::source::Source;

use crate::cases::own;

/// A letter of two bytes, spaces that Go trims and ASCII does not know, and a letter of four bytes.
const LETTERS: [&str; 4] = ["é", "\u{a0}", "\u{2003}", "𝄞"];

fn dockerfiles() -> Vec<String> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with("Dockerfile") {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

#[test]
fn letters_at_the_end_of_any_line_and_word_stop_nothing() {
    let nodes = own::<serde::de::IgnoredAny>()[0].nodes();
    let texts = dockerfiles();
    assert!(texts.len() > 10);
    for text in texts {
        let ends = text.match_indices([' ', '\n']).map(|(at, _)| at).chain([text.len()]);
        for (turn, at) in ends.enumerate() {
            let changed = format!("{}{}{}", &text[..at], LETTERS[turn % LETTERS.len()], &text[at..]);
            let build = Build::new(Source::new("Dockerfile", changed.into_bytes()).unwrap(), nodes.clone());
            for finding in lint(&build) {
                let _ = finding.span.map(|span| build.source().slice(span));
            }
        }
    }
}
