//! Files of the build context as steps see them, where the context is at hand: what `make`, `npm run` and scripts run.

mod just;
mod package;
mod task;
mod workspace;

use crate::builds::{Recipe, Repo, Source, recipes};
use crate::context::{Context, Scripts};
use crate::graph::BuildGraph;
use crate::graph::layers::{bases, copies_of};
use crate::graph::vertex::{Backing, Exec};
use crate::ids::VertexIx;
use crate::model::path::{base, clean};
use crate::shell::interpret::{Call, Followed, Text};

/// What is known of the files of the context.
pub(crate) struct Files<'c> {
    context: &'c Context,
    scripts: &'c Scripts,
    reader: Reader<'c>,
}

struct Reader<'c>(&'c Scripts);

impl Source for Reader<'_> {
    fn read(&self, path: &str) -> Option<String> {
        self.0.text(path).map(str::to_owned)
    }
}

impl<'c> Files<'c> {
    /// Those of a context; `None` where nothing of it can be followed.
    pub(crate) fn of(context: &'c Context) -> Option<Self> {
        let scripts = &context.scripts;
        let is_of_use = !scripts.is_empty() || !context.imports.is_empty();
        is_of_use.then_some(Self { context, scripts, reader: Reader(scripts) })
    }

    /// Where a step sees them, of what the vertices that `sends` is true of send.
    pub(crate) fn seen_by(
        &self,
        graph: &BuildGraph,
        exec: &Exec,
        sends: impl Fn(VertexIx) -> bool,
    ) -> View<'_> {
        let mut places = Vec::new();
        for mount in exec.mounts.iter().filter(|mount| mount.backing == Backing::Input) {
            if mount.input.is_some_and(&sends) {
                let from = clean(graph.text(mount.selector)).trim_start_matches(['/', '.']).to_owned();
                places.push((clean(graph.text(mount.target)).into_owned(), from));
            }
        }
        let mut left = MOST_STAGES;
        if let Some(root) = exec.root {
            places.extend(self.copied(graph, root, &sends, &mut left));
        }
        View { files: self, places }
    }

    /// What was copied to a file system, also by way of others, of which `left` are looked at: what was copied last lies on top.
    fn copied(
        &self,
        graph: &BuildGraph,
        root: VertexIx,
        sends: &dyn Fn(VertexIx) -> bool,
        left: &mut usize,
    ) -> Vec<(String, String)> {
        let mut places = Vec::new();
        for copy in bases(graph, root).flat_map(|vertex| copies_of(graph, vertex)) {
            let Some(source) = copy.source.filter(|_| copy.pattern.is_none()) else { continue };
            let from = clean(graph.text(copy.from));
            let origins = if sends(source) {
                let from = from.trim_start_matches('/');
                vec![(String::new(), if from == "." { String::new() } else { from.to_owned() })]
            } else if let Some(others) = left.checked_sub(1) {
                *left = others;
                below(&self.copied(graph, source, sends, left), &from)
            } else {
                continue;
            };
            let to = graph.text(copy.to);
            for (inside, from) in origins {
                let is_folder = !self.context.files.is_file(&from);
                if is_folder && from.contains(['*', '?', '[']) {
                    continue;
                }
                let is_named = !is_folder && to.ends_with('/') && inside.is_empty();
                let name = if is_named { base(&from) } else { &inside };
                places.push((clean(&format!("{to}/{name}")).into_owned(), from));
            }
        }
        places
    }
}

/// What of a file system lies at a path or below it, each with its path from there.
fn below(places: &[(String, String)], path: &str) -> Vec<(String, String)> {
    /// The folders into which `turbo prune --docker` puts what it takes of the workspace.
    const PRUNED: [&str; 2] = ["out/full", "out/json"];
    let mut found = Vec::new();
    for (to, from) in places {
        if let Some(inside) = inside(to, path).filter(|inside| !inside.is_empty()) {
            found.push((inside.to_owned(), from.clone()));
        } else if let Some(rest) = inside(path, to) {
            let rest = PRUNED.iter().find_map(|pruned| rest.strip_suffix(pruned)).unwrap_or(rest);
            found.push((String::new(), format!("{from}/{rest}").trim_matches('/').to_owned()));
        }
    }
    found
}

/// What of a path lies in a folder that it is or is below of.
fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// Of file systems that one was put together from, so many are looked at.
const MOST_STAGES: usize = 16;

/// A program that is called, as far as following it needs: a NUL stands for what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    /// The program, without its folder.
    pub(crate) program: String,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// The folder it runs in.
    pub(crate) dir: String,
    /// Its environment.
    pub(crate) environment: Vec<(String, String)>,
}

impl Asked {
    /// The call that a line of plain words is, in `/src`.
    #[cfg(test)]
    fn words(line: &str) -> Self {
        let mut words = line.split(' ').map(str::to_owned);
        let program = words.next().unwrap_or_default();
        Self { program, arguments: words.collect(), dir: "/src".to_owned(), environment: Vec::new() }
    }

    /// What a call of a script asks for.
    pub(crate) fn of(call: &Call) -> Self {
        let seen = call.environment.visible();
        let environment = seen.map(|(name, value)| (name.to_owned(), value.with_gaps().to_owned()));
        Self {
            program: call.program().to_owned(),
            arguments: call.arguments().map(str::to_owned).collect(),
            dir: call.dir.with_gaps().to_owned(),
            environment: environment.collect(),
        }
    }

    /// The arguments that are no options.
    fn plain(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|word| &**word).filter(|word| !word.starts_with(['-', '+']))
    }

    /// The value of an option: `-C x`, `--dir x`, `--dir=x`.
    fn option(&self, names: &[&str]) -> Option<&str> {
        self.arguments.iter().enumerate().find_map(|(at, word)| {
            names.iter().find_map(|name| match word.strip_prefix(name)? {
                "" => self.arguments.get(at + 1).map(|value| &**value),
                rest => rest.strip_prefix('='),
            })
        })
    }

    /// A path from the root; `None` where it is not known.
    fn path(&self, path: &str) -> Option<String> {
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.dir) };
        (whole.starts_with('/') && !whole.contains('\0')).then(|| clean(&whole).into_owned())
    }
}

/// The files of the context in the file system of a step: what lies where.
#[derive(Clone)]
pub(crate) struct View<'f> {
    files: &'f Files<'f>,
    /// A path there, and the one in the context whose file or folder it is.
    places: Vec<(String, String)>,
}

impl View<'_> {
    /// The paths of the context that may be at a path, what was copied last first.
    fn origins(&self, path: &str) -> impl Iterator<Item = String> {
        let path = clean(path).into_owned();
        self.places.iter().filter_map(move |(to, from)| {
            let rest = if to == "/" { path.as_str() } else { path.strip_prefix(to.as_str())? };
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| format!("{from}/{}", rest.trim_start_matches('/')).trim_matches('/').to_owned())
        })
    }

    /// Paths there, and those in the context whose files or folders they are, what was copied last first.
    pub(crate) fn places(&self) -> &[(String, String)] {
        &self.places
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> Option<&str> {
        self.origins(path).find_map(|path| self.files.scripts.text(&path))
    }

    /// The files of a name that are there, each with its folder, of the first places.
    fn named(&self, name: &'static str) -> impl Iterator<Item = (String, &str)> {
        const MAX_PLACES: usize = 64;
        let scripts = self.files.scripts;
        self.places.iter().take(MAX_PLACES).flat_map(move |(to, from)| {
            scripts.paths().filter_map(move |path| {
                let folder = path.strip_suffix(name)?.trim_end_matches('/');
                let rest = if from.is_empty() { folder } else { folder.strip_prefix(&**from)? };
                if !(rest.is_empty() || from.is_empty() || rest.starts_with('/')) {
                    return None;
                }
                let at = format!("{to}/{}", rest.trim_start_matches('/'));
                Some((clean(&at).into_owned(), scripts.text(path)?))
            })
        })
    }

    /// The first of some files that a folder has.
    fn read_any(&self, folder: &str, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.read(&format!("{folder}/{name}")))
    }

    /// The scripts that a program finds in files and runs, in their order.
    pub(crate) fn scripts(&self, asked: &Asked) -> Vec<Followed> {
        let found = match &*asked.program {
            "make" | "gmake" => self.by_make(asked),
            "turbo" | "nx" | "lerna" | "npx" | "bunx" | "pnpx" => workspace::scripts(self, asked),
            "npm" | "pnpm" | "yarn" | "bun" | "npm-run-all" | "run-s" | "run-p" => {
                workspace::scripts(self, asked).or_else(|| package::scripts(self, asked))
            }
            "just" => just::scripts(self, asked),
            "task" | "go-task" => task::scripts(self, asked),
            _ => None,
        };
        found.unwrap_or_default()
    }

    fn by_make(&self, asked: &Asked) -> Option<Vec<Followed>> {
        const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
        let own = &*asked.dir;
        if own.contains('\0') {
            return None;
        }
        // What stands behind `-C` is from there on.
        let dir = asked
            .option(&["-C", "--directory"])
            .map_or_else(|| own.to_owned(), |to| asked.path(to).unwrap_or_default());
        let is_given = asked.option(&["-f", "--file", "--makefile"]).is_some();
        let of_file = |name: &&str| {
            let is_it = |path: &String| base(path) == *name && self.files.scripts.text(path).is_some();
            let file = format!("{dir}/{name}");
            let found = self.origins(&file).find(is_it)?;
            Some(found.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned()))
        };
        // A makefile may be copied alone.
        let folder = if is_given { self.origins(&dir).next() } else { NAMES.iter().find_map(of_file) }?;
        let mut skip = false;
        let arguments: Vec<String> = asked
            .arguments
            .iter()
            .filter(|word| {
                let is_folder = std::mem::replace(&mut skip, matches!(&***word, "-C" | "--directory"));
                !is_folder && !skip && !word.starts_with("-C") && !word.starts_with("--directory=")
            })
            .cloned()
            .collect();
        let paths = self.files.scripts.paths().map(str::to_owned);
        let repo = Repo::new(&self.files.reader, paths, None);
        let lines =
            recipes(&repo, &arguments, if folder.is_empty() { "." } else { &folder }, &asked.environment);
        let cd = if dir == *own { String::new() } else { format!("cd {dir} && ") };
        let followed = |Recipe { script, environment }| Followed {
            script: format!("{cd}{script}"),
            environment: environment.iter().map(|(name, value)| (name.into(), Text::new(value))).collect(),
        };
        Some(lines.into_iter().map(followed).collect())
    }
}

/// A script that runs in a folder, with the environment of what runs it.
fn within(folder: &str, dir: &str, script: &str) -> Followed {
    let cd = if folder == dir { String::new() } else { format!("cd {folder} && ") };
    Followed { script: format!("{cd}{script}"), environment: Vec::new() }
}

/// A text with a NUL for each `{{…}}` of a template.
fn gaps(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut known = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        known.push('\0');
        known.push_str(part.split_once("}}").map_or("", |(_, rest)| rest));
    }
    known
}
