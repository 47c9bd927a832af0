//! What an image is made of, compared before and after a change of the file.
//!
//! Walks both graphs from the final vertex of each platform, side by side: the same operations in the same order, or a
//! list of [`Change`]s that says in what they differ. Names, lines and sharing do not matter; texts do.

use std::collections::BTreeMap;

use foldhash::HashSet;

use crate::advice::facts::origin::root_images;
use crate::advice::facts::text_ranges;
use crate::advice::facts::variables::with_derived;
use crate::diagnostic::Allowed;
use crate::dockerfile::Dockerfile;
use crate::graph::BuildGraph;
use crate::graph::vertex::{Action, Backing, Exec, Op, Owner, OwnerName, Source};
use crate::ids::{TargetIx, VertexIx};
use crate::symbols::Symbol;

/// A difference in what an image is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A command's environment.
    Variable {
        /// The variable.
        name: String,
        /// Its value before.
        before: Option<String>,
        /// Its value after.
        after: Option<String>,
        /// The command.
        command: String,
    },
    /// The platform of an image, or of the commands on it.
    Platform {
        /// The image's canonical reference; empty for commands on nothing.
        image: String,
    },
    /// A command's words.
    Command {
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// The name of a cache, or how it is shared.
    Cache,
    /// A copy that became a layer of its own.
    Link,
    /// Anything else.
    Other(&'static str),
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable { name, command, .. } => write!(f, "the variable {name} of {command:?}"),
            Self::Platform { image } if image.is_empty() => f.write_str("the platform of a command"),
            Self::Platform { image } => write!(f, "the platform of {image}"),
            Self::Command { before, .. } => write!(f, "the command {before:?}"),
            Self::Cache => f.write_str("a cache mount"),
            Self::Link => f.write_str("a copy, now a layer of its own"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// Compares what the images of two graphs are made of, for every target platform.
///
/// # Complexity
/// Each pair of vertices is compared once; in practice linear in the graph.
pub fn changes(before: &BuildGraph, after: &BuildGraph) -> Vec<Change> {
    let images = root_images(before);
    let mut walk =
        Walk { before, after, images, seen: HashSet::default(), open: Vec::new(), found: Vec::new() };
    if before.targets() != after.targets() {
        return vec![Change::Other("the target platforms")];
    }
    for target in (0..before.targets().len()).map(TargetIx::new) {
        walk.inputs(before.final_vertex(target), after.final_vertex(target));
    }
    walk.run();
    walk.found
}

/// What a fix may change of the images of a file.
#[derive(Debug)]
pub struct Licence<'f> {
    allowed: &'f [Allowed],
    /// The variables that may have another value.
    values: HashSet<&'f str>,
}

impl<'f> Licence<'f> {
    /// What is allowed, in a file before the change.
    pub fn new(allowed: &'f [Allowed], file: &'f Dockerfile<'f>) -> Self {
        let named = allowed.iter().filter_map(|allowed| match allowed {
            Allowed::Value(name) => Some(name.as_str()),
            _ => None,
        });
        let named: HashSet<&str> = named.collect();
        let values = if named.is_empty() { named } else { with_derived(file, named) };
        Self { allowed, values }
    }

    /// Whether it covers a change.
    pub fn allows(&self, change: &Change) -> bool {
        matches!(change, Change::Variable { name, .. } if self.values.contains(name.as_str()))
            || self.allowed.iter().any(|allowed| covers(allowed, change))
    }
}

fn covers(allowed: &Allowed, change: &Change) -> bool {
    match (allowed, change) {
        (Allowed::Loses(lost), Change::Variable { name, after: None, command, .. }) => {
            lost == name && !text_ranges::mentions(command, name)
        }
        (Allowed::Gains(gained), Change::Variable { name, before: None, .. }) => gained == name,
        (Allowed::Platform(reference), Change::Platform { image }) => reference == image,
        (Allowed::Inserts(words), Change::Command { before, after }) => after.replace(words, "") == *before,
        (Allowed::CacheName, Change::Cache)
        | (Allowed::Link, Change::Link)
        | (Allowed::Repair, Change::Other(_) | Change::Platform { .. } | Change::Command { .. }) => true,
        _ => false,
    }
}

struct Walk<'g> {
    before: &'g BuildGraph,
    after: &'g BuildGraph,
    /// The image that each vertex before began as.
    images: Vec<Option<Symbol>>,
    seen: HashSet<(VertexIx, VertexIx)>,
    open: Vec<(VertexIx, VertexIx)>,
    found: Vec<Change>,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some((before, after)) = self.open.pop() {
            self.vertex(before, after);
        }
    }

    fn found(&mut self, change: Change) {
        if !self.found.contains(&change) {
            self.found.push(change);
        }
    }

    fn inputs(&mut self, before: Option<VertexIx>, after: Option<VertexIx>) {
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) => {
                if self.seen.insert((before, after)) {
                    self.open.push((before, after));
                }
            }
            _ => self.found(Change::Other("an input")),
        }
    }

    fn same(&mut self, before: Symbol, after: Symbol, what: &'static str) {
        if self.before.text(before) != self.after.text(after) {
            self.found(Change::Other(what));
        }
    }

    fn vertex(&mut self, before: VertexIx, after: VertexIx) {
        let (graph_before, graph_after) = (self.before, self.after);
        match (&graph_before.vertex(before).op, &graph_after.vertex(after).op) {
            (Op::Source(a), Op::Source(b)) => self.source(a, b),
            (Op::Exec(a), Op::Exec(b)) => self.exec(a, b),
            (Op::File(a), Op::File(b)) => {
                self.inputs(a.base, b.base);
                self.actions(&a.actions, &b.actions);
            }
            (Op::Merge { lower, upper }, Op::Merge { lower: low, upper: up }) => {
                self.inputs(Some(*lower), Some(*low));
                self.inputs(Some(*upper), Some(*up));
            }
            (Op::File(file), Op::Merge { lower, upper }) => {
                self.found(Change::Link);
                self.inputs(file.base, Some(*lower));
                match &graph_after.vertex(*upper).op {
                    Op::File(linked) => self.actions(&file.actions, &linked.actions),
                    _ => self.found(Change::Other("an operation")),
                }
            }
            _ => self.found(Change::Other("an operation")),
        }
    }

    fn source(&mut self, a: &Source, b: &Source) {
        match (a, b) {
            (
                Source::Image { reference, platform, .. },
                Source::Image { reference: other, platform: after, .. },
            )
            | (
                Source::OciLayout { reference, platform },
                Source::OciLayout { reference: other, platform: after },
            ) => {
                self.same(*reference, *other, "an image");
                if self.before.platform(*platform) != self.after.platform(*after) {
                    let image = self.before.text(*reference).to_owned();
                    self.found(Change::Platform { image });
                }
            }
            (Source::Local(a), Source::Local(b)) => self.same(*a, *b, "a context"),
            (Source::Git(a), Source::Git(b)) if a == b => {}
            (Source::Http { url, checksum }, Source::Http { url: other, checksum: sum }) => {
                self.same(*url, *other, "a URL");
                self.same(*checksum, *sum, "a checksum");
            }
            _ => self.found(Change::Other("a source")),
        }
    }

    fn exec(&mut self, a: &Exec, b: &Exec) {
        self.inputs(a.root, b.root);
        let line = |graph: &BuildGraph, exec: &Exec| {
            exec.args.iter().map(|arg| graph.text(*arg)).collect::<Vec<_>>().join(" ")
        };
        let (before, after) = (line(self.before, a), line(self.after, b));
        self.environment(a, b, &before);
        if before != after {
            self.found(Change::Command { before, after });
        }
        self.same(a.dir, b.dir, "a working directory");
        self.same(a.user, b.user, "a user");
        if self.before.platform(a.platform) != self.after.platform(b.platform) {
            let image = a.root.and_then(|root| self.images[root.index()]);
            let image = image.map_or_else(String::new, |image| self.before.text(image).to_owned());
            self.found(Change::Platform { image });
        }
        if (a.network, a.security) != (b.network, b.security) {
            self.found(Change::Other("network or security"));
        }
        self.mounts(a, b);
    }

    fn mounts(&mut self, a: &Exec, b: &Exec) {
        if a.mounts.len() != b.mounts.len() || a.secrets.len() != b.secrets.len() {
            self.found(Change::Other("a mount"));
        }
        for (a, b) in a.mounts.iter().zip(&b.mounts) {
            self.inputs(a.input, b.input);
            self.same(a.target, b.target, "a mount");
            self.same(a.selector, b.selector, "a mount");
            match (a.backing, b.backing) {
                (Backing::Cache { id, sharing }, Backing::Cache { id: other, sharing: shared }) => {
                    if self.before.text(id) != self.after.text(other) || sharing != shared {
                        self.found(Change::Cache);
                    }
                }
                (Backing::Input, Backing::Input) if a.read_only == b.read_only => {}
                (Backing::Tmpfs { size }, Backing::Tmpfs { size: other }) if size == other => {}
                _ => self.found(Change::Other("a mount")),
            }
        }
        for (a, b) in a.secrets.iter().zip(&b.secrets) {
            self.same(a.id, b.id, "a secret");
        }
    }

    fn environment(&mut self, a: &Exec, b: &Exec, command: &str) {
        let read = |graph: &BuildGraph, exec: &Exec| -> BTreeMap<String, String> {
            let variables = graph.variables(exec.env).into_iter();
            variables.map(|v| (graph.text(v.key).to_owned(), graph.text(v.value).to_owned())).collect()
        };
        let (before, after) = (read(self.before, a), read(self.after, b));
        for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
            let (old, new) = (before.get(name), after.get(name));
            if old != new {
                self.found(Change::Variable {
                    name: name.clone(),
                    before: old.cloned(),
                    after: new.cloned(),
                    command: command.to_owned(),
                });
            }
        }
    }

    fn actions(&mut self, a: &[Action], b: &[Action]) {
        if a.len() != b.len() {
            self.found(Change::Other("the files of a copy"));
        }
        for (a, b) in a.iter().zip(b) {
            match (a, b) {
                (Action::Mkdir { path, owner, .. }, Action::Mkdir { path: other, owner: own, .. }) => {
                    self.same(*path, *other, "a directory");
                    self.owner(*owner, *own);
                }
                (Action::Mkfile { path, data, .. }, Action::Mkfile { path: other, data: text, .. }) => {
                    self.same(*path, *other, "a document");
                    self.same(*data, *text, "a document");
                }
                (Action::Copy(a), Action::Copy(b)) => {
                    self.inputs(a.source, b.source);
                    self.same(a.from, b.from, "the source of a copy");
                    self.same(a.to, b.to, "the destination of a copy");
                    self.same(a.mode, b.mode, "the mode of a copy");
                    self.owner(a.owner, b.owner);
                    let text = |graph: &BuildGraph, list: &[Symbol]| -> Vec<String> {
                        list.iter().map(|symbol| graph.text(*symbol).to_owned()).collect()
                    };
                    let patterns = |graph: &BuildGraph, pattern: Option<Symbol>| {
                        pattern.map(|pattern| graph.text(pattern).to_owned())
                    };
                    let differs = text(self.before, &a.exclude) != text(self.after, &b.exclude)
                        || patterns(self.before, a.pattern) != patterns(self.after, b.pattern)
                        || (a.unpack, a.is_lookup) != (b.unpack, b.is_lookup);
                    if differs {
                        self.found(Change::Other("the options of a copy"));
                    }
                }
                _ => self.found(Change::Other("a file action")),
            }
        }
    }

    fn owner(&mut self, a: Owner, b: Owner) {
        let text = |graph: &BuildGraph, name: Option<OwnerName>| match name {
            None => String::new(),
            Some(OwnerName::Id(id)) => id.to_string(),
            Some(OwnerName::Name(name)) => graph.text(name).to_owned(),
        };
        let of = |graph: &BuildGraph, owner: Owner| (text(graph, owner.user), text(graph, owner.group));
        if of(self.before, a) != of(self.after, b) {
            self.found(Change::Other("an owner"));
        }
    }
}
