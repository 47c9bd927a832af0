//! Files of the build context as steps see them, where the context is at hand: what `make`, `npm run` and scripts run.

use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::advice::facts::origin;
use crate::builds::{Recipe, Repo, Source, recipes};
use crate::context::Scripts;
use crate::graph::BuildGraph;
use crate::graph::vertex::{Backing, Exec, Op, Source as From};
use crate::ids::VertexIx;
use crate::model::path::{base, clean};
use crate::shell::interpret::{Call, Followed, Seen, Text};
use crate::yaml;

/// What is known of the files of the context.
pub(in crate::advice) struct Files<'c> {
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
    /// Those of a build whose context somebody named.
    pub(in crate::advice) fn of(context: &Context<'c>) -> Option<Self> {
        let scripts = &context.files?.scripts;
        (!scripts.is_empty()).then_some(Self { scripts, reader: Reader(scripts) })
    }

    /// Where a step sees them.
    pub(in crate::advice) fn seen_by(&self, graph: &BuildGraph, exec: &Exec) -> View<'_> {
        let mut places = Vec::new();
        for mount in exec.mounts.iter().filter(|mount| mount.backing == Backing::Input) {
            if mount.input.is_some_and(|input| is_context(graph, input)) {
                let from = clean(graph.text(mount.selector)).trim_start_matches(['/', '.']).to_owned();
                places.push((clean(graph.text(mount.target)).into_owned(), from));
            }
        }
        // What was copied last lies on top.
        for vertex in exec.root.into_iter().flat_map(|root| origin::bases(graph, root)) {
            for copy in origin::copies_of(graph, vertex) {
                if !copy.source.is_some_and(|source| is_context(graph, source)) || copy.pattern.is_some() {
                    continue;
                }
                let from = clean(graph.text(copy.from)).trim_start_matches('/').to_owned();
                let (raw, name) = (graph.text(copy.to), base(&from));
                let is_folder = from.is_empty() || from == "." || self.scripts.text(&from).is_none();
                let to =
                    if !is_folder && raw.ends_with('/') { format!("{raw}{name}") } else { raw.to_owned() };
                let from = if from == "." { String::new() } else { from };
                places.push((clean(&to).into_owned(), from));
            }
        }
        View { files: self, places }
    }
}

fn is_context(graph: &BuildGraph, vertex: VertexIx) -> bool {
    matches!(&graph.vertex(vertex).op, Op::Source(From::Local(name)) if !graph.text(*name).starts_with("context:"))
}

/// The files of the context in the file system of a step: what lies where.
pub(in crate::advice) struct View<'f> {
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

    /// The text of a file.
    pub(in crate::advice) fn read(&self, path: &str) -> Option<&str> {
        self.origins(path).find_map(|path| self.files.scripts.text(&path))
    }

    /// The scripts that a program finds in files and runs.
    pub(in crate::advice) fn scripts(&self, call: &Call) -> Vec<Followed> {
        let found = match call.program() {
            "make" | "gmake" => self.by_make(call),
            "npm" | "pnpm" | "yarn" | "bun" => self.by_package(call).map(|script| vec![script]),
            _ => None,
        };
        found.unwrap_or_default()
    }

    fn by_make(&self, call: &Call) -> Option<Vec<Followed>> {
        const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
        let own = call.dir.known()?;
        // What stands behind `-C` is from there on.
        let dir = made::option(call, &["-C", "--directory"])
            .map_or_else(|| own.to_owned(), |to| made::path_of(call, to).unwrap_or_default());
        let is_given = made::option(call, &["-f", "--file", "--makefile"]).is_some();
        let folder = self.origins(&dir).find(|folder| {
            let has = |name: &&str| {
                self.files.scripts.text(format!("{folder}/{name}").trim_start_matches('/')).is_some()
            };
            is_given || NAMES.iter().any(has)
        })?;
        let names: Vec<String> = call.environment.names().map(str::to_owned).collect();
        let environment: Vec<(String, String)> = names
            .into_iter()
            .filter_map(|name| match call.environment.get(&name) {
                Seen::Is(text) => Some((name, text.with_gaps().to_owned())),
                _ => None,
            })
            .collect();
        let mut skip = false;
        let arguments: Vec<String> = call
            .arguments()
            .filter(|word| {
                let is_folder = std::mem::replace(&mut skip, matches!(*word, "-C" | "--directory"));
                !is_folder && !skip && !word.starts_with("-C") && !word.starts_with("--directory=")
            })
            .map(str::to_owned)
            .collect();
        let paths = self.files.scripts.paths().map(str::to_owned);
        let repo = Repo::new(&self.files.reader, paths, None);
        let lines = recipes(&repo, &arguments, if folder.is_empty() { "." } else { &folder }, &environment);
        let cd = if dir == own { String::new() } else { format!("cd {dir} && ") };
        let followed = |Recipe { script, environment }| Followed {
            script: format!("{cd}{script}"),
            environment: environment.iter().map(|(name, value)| (name.into(), Text::new(value))).collect(),
        };
        Some(lines.into_iter().map(followed).collect())
    }

    /// A script of `package.json`.
    fn by_package(&self, call: &Call) -> Option<Followed> {
        let words: Vec<&str> = made::plain(call).collect();
        let name = match (call.program(), words.as_slice()) {
            (_, ["run" | "run-script", name, ..]) => *name,
            (_, ["test" | "start", ..]) => words[0],
            ("yarn" | "pnpm", [name, ..])
                if !matches!(*name, "install" | "add" | "config" | "exec" | "dlx") =>
            {
                name
            }
            _ => return None,
        };
        let prefix = made::option(call, &["--prefix", "--cwd", "-C", "--dir"]).unwrap_or(".");
        let folder = made::path_of(call, prefix)?;
        let text = self.read(&format!("{folder}/package.json"))?;
        let node = yaml::parse(text).ok()?;
        let script = node.at(&["scripts", name])?.as_str()?.to_owned();
        Some(Followed { script, environment: Vec::new() })
    }
}
