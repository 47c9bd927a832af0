//! Where a definition runs: the machine, what was set up on it, and who called.

use super::definition::{Builder, Place, Tool};
use super::jobs::LegIx;
use super::path::{ROOT, in_repository, join};
use super::text::{Text, is_known, readable};

/// A script or makefile may be called so often from within itself.
pub(super) const MAX_SAME: usize = 6;

/// A tree that a job checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checkout {
    /// The folder, absolute.
    pub(super) folder: String,
    /// Why it is not the tree that is read, if it is not.
    pub(super) other: Option<String>,
}

/// The place at which something runs.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// The label of the machine.
    pub(super) runner: Option<Text>,
    pub(super) builder: Builder,
    /// The builder that `buildx create` made.
    pub(super) made_builder: Option<Builder>,
    pub(super) qemu: bool,
    /// Who called, the outermost first.
    pub(super) via: Vec<Place>,
    pub(super) tool: Tool,
    /// The leg of a job of GitHub's.
    pub(super) leg: Option<LegIx>,
    /// The number of its present step.
    pub(super) step: u32,
    /// The condition of that step, and of those that hold it.
    pub(super) condition: Option<String>,
    /// Folders that `pushd` and `cd` left.
    pub(super) folders: Vec<String>,
    pub(super) checkouts: Vec<Checkout>,
    /// Variables of Make's command line, which recursive calls inherit.
    pub(super) overrides: Vec<(String, String)>,
    /// Scripts that are being run, with their arguments: for calls that go round in circles.
    pub(super) scripts: Vec<(String, Vec<String>)>,
    /// Files of Make that are being read, with their folders: for calls that go round in circles.
    pub(super) makes: Vec<(String, String)>,
}

impl Site {
    pub(super) fn new(tool: Tool) -> Self {
        Self {
            runner: None,
            builder: Builder::Docker,
            made_builder: None,
            qemu: false,
            via: Vec::new(),
            tool,
            leg: None,
            step: 0,
            condition: None,
            folders: Vec::new(),
            checkouts: Vec::new(),
            overrides: Vec::new(),
            scripts: Vec::new(),
            makes: Vec::new(),
        }
    }

    /// An absolute path as one of the repository that is read, if it is in it.
    pub(super) fn inside(&self, path: &str) -> Option<String> {
        match self.checkout(path) {
            Some(Checkout { other: Some(_), .. }) => None,
            Some(Checkout { folder, other: None }) => {
                let rest = path.strip_prefix(folder.as_str())?.trim_start_matches('/');
                Some(if rest.is_empty() { ".".to_owned() } else { rest.to_owned() })
            }
            None => in_repository(path),
        }
    }

    /// The innermost checkout that holds a path.
    fn checkout(&self, path: &str) -> Option<&Checkout> {
        let holds = |checkout: &&Checkout| {
            path.strip_prefix(checkout.folder.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.checkouts.iter().rev().filter(holds).max_by_key(|checkout| checkout.folder.len())
    }

    /// An absolute path in words: from the root of the repository, or unknown.
    pub(super) fn located(&self, path: &str) -> Text {
        if let Some(Checkout { other: Some(why), .. }) = self.checkout(path) {
            return Text::unknown(&format!(
                "{}: {why}",
                readable(path.strip_prefix(ROOT).unwrap_or(path).trim_start_matches('/'))
            ));
        }
        match self.inside(path) {
            Some(path) => Text::of(path),
            None if !is_known(path) => Text::of(path.trim_start_matches('/')),
            None => Text::unknown(path),
        }
    }

    /// Begins to run a script, unless it runs itself in a circle.
    pub(super) fn begin_script(&mut self, path: &str, args: &[String]) -> bool {
        let same = self.scripts.iter().filter(|(own, _)| own == path);
        let circles = self.scripts.iter().any(|(own, own_args)| own == path && own_args == args);
        let may = !circles && same.count() < MAX_SAME;
        if may {
            self.scripts.push((path.to_owned(), args.to_vec()));
        }
        may
    }

    /// Notes what `actions/checkout` did.
    pub(super) fn check_out(&mut self, folder: &str, other: Option<String>) {
        let folder = join(ROOT, folder);
        self.checkouts.retain(|checkout| checkout.folder != folder);
        self.checkouts.push(Checkout { folder, other });
    }
}
