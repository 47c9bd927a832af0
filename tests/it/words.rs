//! Every word expands as in BuildKit, to one text and to a list of words, or is refused for the same reason.
//!
//! The rows are those of `tests/data/words.jsonl`; `XSIM_WORDS` names further files of them, separated by colons.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use xsim::dockerfile::expand::{ExpandError, Lexer, Variables};

/// A word, the variables around it, and what BuildKit makes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    word: String,
    #[serde(default)]
    env: Environment,
    #[serde(default = "backslash")]
    escape: char,
    /// The word is the text of an inline document.
    #[serde(default)]
    document: bool,
    result: Option<String>,
    words: Option<Vec<String>>,
    error: Option<String>,
}

const fn backslash() -> char {
    '\\'
}

#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Environment(BTreeMap<String, String>);

impl Variables for &Environment {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The reason for a refusal, in the words of the table.
fn reason(error: &ExpandError) -> String {
    match error {
        ExpandError::Unclosed(_) => "unclosed".to_owned(),
        ExpandError::BadSubstitution => "substitution".to_owned(),
        ExpandError::UnsupportedModifier(_) => "modifier".to_owned(),
        ExpandError::InvalidPattern(_) => "pattern".to_owned(),
        ExpandError::Required { .. } => format!("required: {error}"),
        other => format!("another reason: {other}"),
    }
}

/// What differs from BuildKit, if anything does.
fn difference(row: &Row) -> Option<String> {
    let lexer =
        if row.document { Lexer { escape: row.escape, ..Lexer::heredoc() } } else { Lexer::new(row.escape) };
    let text = lexer.expand(&row.word, &mut &row.env).map(Cow::into_owned);
    let words = lexer.expand_words(&row.word, &mut &row.env);
    let (text, words) = (text.map_err(|e| reason(&e)), words.map_err(|e| reason(&e)));
    let expected = row.error.clone().map_or_else(|| Ok(row.result.clone().unwrap()), Err);
    let expected_words = row.error.clone().map_or_else(|| Ok(row.words.clone().unwrap()), Err);
    (text != expected || words != expected_words)
        .then(|| format!("{row:?}\n    is {text:?}, as words {words:?}"))
}

#[test]
fn every_word_expands_as_in_buildkit() {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/words.jsonl");
    let mut files = vec![own];
    files.extend(std::env::var("XSIM_WORDS").iter().flat_map(|list| list.split(':')).map(PathBuf::from));
    let text: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let rows: Vec<Row> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wrong: Vec<String> = rows.iter().filter_map(difference).collect();
    assert!(rows.len() >= 400, "only {} rows were found", rows.len());
    assert!(
        wrong.is_empty(),
        "{} of {} rows differ:\n{}",
        wrong.len(),
        rows.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

/// Where [`Lexer::is_literal`] says that nothing is to be done, nothing may be done.
#[test]
fn literal_words_stay() {
    let words = ["a", "a/b:c", "é日", "a b\tc", "<<EOF", "}{", "a=b", "*?[]", "`", "\u{a0}"];
    for word in words {
        let lexer = Lexer::new('\\');
        assert!(lexer.is_literal(word), "{word}");
        assert_eq!(lexer.expand(word, &mut &Environment::default()).unwrap(), word);
    }
    for word in ["$", "\\", "'", "\"", "a$b"] {
        assert!(!Lexer::new('\\').is_literal(word), "{word}");
    }
}
