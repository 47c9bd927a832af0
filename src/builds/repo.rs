//! The files of a repository, as far as they are read.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::text::clean;
use crate::yaml::{self, Node, YamlError};

/// Definitions longer than this many bytes are not read.
pub const MAX_FILE: u64 = 1 << 20;

/// Files of a repository beyond this many are not seen.
pub const MAX_FILES: usize = 500_000;

/// Whether a path is that of a YAML file, by the ends that pipelines look for.
pub(super) fn is_yaml(path: &str) -> bool {
    has_end(path, &["yml", "yaml"])
}

/// Whether a path ends with a dot and one of these.
pub(super) fn has_end(path: &str, ends: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| ends.contains(&end))
}

/// Gives the text of files.
pub trait Source {
    /// The text of a file of at most [`MAX_FILE`] bytes, by its path from the root of the repository. Must not lead out
    /// of the repository, be it by a link.
    fn read(&self, path: &str) -> Option<String>;
}

/// A repository.
pub struct Repo<'a> {
    source: &'a dyn Source,
    files: BTreeSet<String>,
    /// `owner/name`, if known.
    name: Option<String>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    yamls: RefCell<HashMap<String, Option<Rc<Node>>>>,
    problems: RefCell<Vec<String>>,
}

impl<'a> Repo<'a> {
    /// A repository with these files, paths from its root with `/`; `name` is its `owner/name` on GitHub.
    pub fn new(
        source: &'a dyn Source,
        files: impl IntoIterator<Item = String>,
        name: Option<String>,
    ) -> Self {
        Self {
            source,
            files: files.into_iter().take(MAX_FILES).collect(),
            name,
            texts: RefCell::default(),
            yamls: RefCell::default(),
            problems: RefCell::default(),
        }
    }

    /// The same repository with another text of a file.
    #[must_use]
    pub fn with_text(&self, path: &str, text: &str) -> Self {
        let texts = HashMap::from([(path.to_owned(), Some(Rc::from(clean(text.to_owned()))))]);
        Self {
            source: self.source,
            files: self.files.clone(),
            name: self.name.clone(),
            texts: RefCell::new(texts),
            yamls: RefCell::default(),
            problems: RefCell::default(),
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether there is a file, by its path from the root.
    pub fn has_file(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        if path == "." {
            return true;
        }
        let prefix = format!("{path}/");
        self.files.range(prefix.clone()..).next().is_some_and(|file| file.starts_with(&prefix))
    }

    /// The files in a folder and below it; `.` is the root.
    pub(super) fn files_under(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let start = prefix.clone();
        self.files.range(start..).map(String::as_str).take_while(move |file| file.starts_with(&prefix))
    }

    /// The text of a file that is read.
    pub fn text(&self, path: &str) -> Option<Rc<str>> {
        if let Some(text) = self.texts.borrow().get(path) {
            return text.clone();
        }
        let text = self.has_file(path).then(|| self.source.read(path)).flatten();
        let text = text.map(|text| Rc::from(clean(text)));
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The tree of a YAML file.
    pub fn yaml(&self, path: &str) -> Option<Rc<Node>> {
        if let Some(node) = self.yamls.borrow().get(path) {
            return node.clone();
        }
        let node = self.text(path).and_then(|text| match yaml::parse(&text) {
            Ok(node) => Some(Rc::new(node)),
            Err(YamlError { line, message }) => {
                self.problem(format!("{path}:{line}: {message}"));
                None
            }
        });
        self.yamls.borrow_mut().insert(path.to_owned(), node.clone());
        node
    }

    /// Notes what could not be read.
    pub(super) fn problem(&self, problem: String) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) && problems.len() < 100 {
            problems.push(problem);
        }
    }

    pub(super) fn take_problems(&self) -> Vec<String> {
        std::mem::take(&mut self.problems.borrow_mut())
    }
}
