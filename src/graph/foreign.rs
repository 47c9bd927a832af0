//! Foreign programs in native steps: files that came from an image or stage of another platform, and the commands
//! that run them.
//!
//! This is the trap of `COPY --from=<image>` in a stage on the build platform: the step is native, the program it
//! calls is not. Files are followed by path through copies, mounts and merges; commands are matched by path, or by
//! name through `PATH`. Where a whole folder is copied, what is in it is not known: then a command counts as foreign
//! where its path lies inside, or its name tells that it belongs to the image.

use std::rc::Rc;

use foldhash::HashMap;

use super::BuildGraph;
use super::emulate::{Crossing, Execution, Host, exec_of};
use super::vertex::{Action, Backing, CopyAction, Exec, Op, Source};
use crate::ids::VertexIx;
use crate::model::path::{base, clean, is_below, is_system, join};
use crate::model::platform::Platform;
use crate::model::reference::familiar;
use crate::model::resolve::PlatformIx;
use crate::model::scope::EnvReader;
use crate::shell::{SimpleCommand, known_exec_commands};
use crate::source::Line;

/// A foreign program that a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignCall {
    /// The program as the command names it.
    pub program: String,
    /// Where the file is, or the folder it is in.
    pub path: String,
    /// The platform it is for.
    pub platform: Platform,
    /// The image it came from, if it came from one.
    pub image: Option<String>,
    /// The instruction that brought it.
    pub line: Option<Line>,
}

/// The foreign programs that each native command runs; only commands that run some.
pub type ForeignCalls = HashMap<VertexIx, Vec<ForeignCall>>;

/// A file or folder of another platform.
#[derive(Debug, Clone)]
struct Foreign {
    path: String,
    is_folder: bool,
    platform: Platform,
    image: Option<String>,
    line: Option<Line>,
}

/// Finds the foreign programs that native commands run.
///
/// # Complexity
/// Linear in vertices and foreign files; a file without foreign files costs one look at each copy and mount.
pub fn foreign_calls(graph: &BuildGraph, host: &Host) -> ForeignCalls {
    let mut tracker = Tracker {
        graph,
        host,
        files: HashMap::default(),
        foreign: graph.platforms.iter().map(|platform| is_foreign(host, platform)).collect(),
        has_strangers: has_strangers(graph),
        grounds: Vec::with_capacity(graph.len()),
        crossing: Crossing::new(graph),
        paths: graph.env_reader(&["PATH"]),
    };
    let mut calls = ForeignCalls::default();
    for (index, vertex) in graph.vertices() {
        tracker.ground(index, &vertex.op);
        if let Some(found) = tracker.visit(index, &vertex.op) {
            calls.insert(index, found);
        }
    }
    calls
}

/// Whether a host cannot run the programs of a platform itself.
fn is_foreign(host: &Host, platform: &Platform) -> bool {
    !matches!(host.execution(platform), Execution::Native)
}

/// Whether a command is for a platform that some target which needs it is not for, nor the machine that builds: a stage of a constant
/// platform.
fn has_strangers(graph: &BuildGraph) -> bool {
    let own = graph.build_platform();
    // There are few platforms, and many commands.
    let is_other: Vec<bool> = graph.platforms.iter().map(|platform| !own.runs(platform)).collect();
    graph.vertices().any(|(_, vertex)| {
        let Some(exec) = exec_of(vertex).filter(|exec| is_other[exec.platform.0 as usize]) else {
            return false;
        };
        let platform = graph.platform(exec.platform);
        !vertex.targets.iter().all(|target| graph.targets()[target.index()].runs(platform))
    })
}

/// Beyond this many foreign files in one stage, further ones are not followed.
const MAX_FILES: usize = 200;

/// Foreign files, the newest first, each list going on as that of a vertex below.
#[derive(Debug)]
struct Known {
    file: Foreign,
    before: Option<Rc<Known>>,
    count: usize,
}

/// The files of a list, the newest first.
fn files(mut list: Option<&Rc<Known>>) -> impl Iterator<Item = &Foreign> {
    std::iter::from_fn(move || {
        let known = list?;
        list = known.before.as_ref();
        Some(&known.file)
    })
}

/// The image or command whose work a vertex's files are, where no copy brought them.
#[derive(Debug, Clone, Copy, Default)]
struct Ground {
    /// Of files that a build makes: the last command's.
    own: Option<VertexIx>,
    /// Of the distribution's files: the image's.
    system: Option<VertexIx>,
}

struct Tracker<'g> {
    graph: &'g BuildGraph,
    host: &'g Host,
    /// The foreign files in each vertex's file system; only vertices that have some. Most have those of their base.
    files: HashMap<VertexIx, Rc<Known>>,
    /// For each platform of the graph whether the host cannot run its programs itself.
    foreign: Vec<bool>,
    /// Whether some command is for a platform that is none of the targets', so that the host's own programs may be foreign to it.
    has_strangers: bool,
    grounds: Vec<Ground>,
    crossing: Crossing<'g>,
    paths: EnvReader<'g>,
}

impl Tracker<'_> {
    /// Notes what foreign files a vertex has, and returns the foreign programs it runs.
    fn visit(&mut self, index: VertexIx, op: &Op) -> Option<Vec<ForeignCall>> {
        let (base, new, calls) = match op {
            Op::Source(_) => return None,
            Op::Merge { lower, upper } => {
                let mut new: Vec<Foreign> = files(self.files.get(upper)).cloned().collect();
                new.reverse();
                (Some(*lower), new, None)
            }
            Op::File(file) => {
                let copies = file.actions.iter().filter_map(|action| match action {
                    Action::Copy(copy) => Some(copy),
                    _ => None,
                });
                let new = copies.filter_map(|copy| self.copied(index, copy)).collect();
                (file.base, new, None)
            }
            Op::Exec(exec) => {
                let mounted = self.mounted(index, exec);
                let known = exec.root.and_then(|root| self.files.get(&root)).cloned();
                // What is mounted hides what was copied.
                let visible = mounted.iter().rev().chain(files(known.as_ref()));
                (exec.root, Vec::new(), self.calls(exec, visible))
            }
        };
        self.note(index, base, new);
        calls.filter(|calls| !calls.is_empty())
    }

    /// Notes that a vertex has the foreign files of its base, and new ones.
    fn note(&mut self, index: VertexIx, base: Option<VertexIx>, new: Vec<Foreign>) {
        let mut list = base.and_then(|base| self.files.get(&base)).cloned();
        for file in new {
            let count = list.as_ref().map_or(1, |list| list.count + 1);
            if count > MAX_FILES {
                break;
            }
            list = Some(Rc::new(Known { file, before: list, count }));
        }
        if let Some(list) = list {
            self.files.insert(index, list);
        }
    }

    /// What a copy brings that the host cannot run itself.
    fn copied(&mut self, index: VertexIx, copy: &CopyAction) -> Option<Foreign> {
        let source = copy.source?;
        let from = self.graph.text(copy.from);
        let to = self.graph.text(copy.to);
        let (platform, image, line) = self.origin(source, from)?;
        // `COPY --from=x /tool /bin/` makes /bin/tool, and `/tool /bin/t` makes /bin/t; a folder's content goes into
        // the destination itself, but whether the source is a folder is not known.
        let into = to.ends_with('/') || to.ends_with("/.");
        let is_folder = looks_like_folder(from) || copy.pattern.is_some();
        let path = match (is_folder, into) {
            (true, _) | (false, false) => clean(to).into_owned(),
            (false, true) => join(&[to, base(from)]),
        };
        Some(Foreign {
            path,
            is_folder,
            platform,
            image,
            line: line.or_else(|| self.graph.vertex(index).line()),
        })
    }

    fn mounted(&mut self, index: VertexIx, exec: &Exec) -> Vec<Foreign> {
        let views = exec.mounts.iter().filter(|mount| mount.backing == Backing::Input);
        views
            .filter_map(|mount| {
                let (platform, image, line) = self.origin(mount.input?, self.graph.text(mount.selector))?;
                let path = self.graph.text(mount.target).to_owned();
                let line = line.or_else(|| self.graph.vertex(index).line());
                Some(Foreign { path, is_folder: true, platform, image, line })
            })
            .collect()
    }

    /// The platform of what stands at `path` in a vertex's file system, where the host cannot run it; with the image it
    /// came from and the line that brought it, where those are known.
    fn origin(&mut self, vertex: VertexIx, path: &str) -> Option<(Platform, Option<String>, Option<Line>)> {
        let known = files(self.files.get(&vertex)).find(|file| covers(file, path));
        if let Some(file) = known {
            return Some((file.platform.clone(), file.image.clone(), file.line));
        }
        let ground = self.grounds[vertex.index()];
        let platform = match &self.graph.vertex(if is_system(path) { ground.system } else { ground.own }?).op
        {
            Op::Source(
                Source::Image { reference, platform, .. } | Source::OciLayout { reference, platform },
            ) => {
                let platform = match self.graph.only_platform(*reference) {
                    Some(only) => Some(only).filter(|only| is_foreign(self.host, only)),
                    None if self.has_strangers => Some(self.graph.platform(*platform).clone()),
                    None => self.foreign(*platform),
                };
                let image = familiar(self.graph.text(*reference)).to_owned();
                return Some((platform?, Some(image), None));
            }
            Op::Exec(exec) => match self.crossing.of(exec).filter(|_| !is_system(path)) {
                Some(crossing) => Some(crossing).filter(|crossing| is_foreign(self.host, crossing)),
                None => self.foreign(exec.platform),
            },
            _ => return None,
        };
        Some((platform?, None, None))
    }

    /// Notes what a vertex's files are the work of. Its inputs come before it.
    fn ground(&mut self, index: VertexIx, op: &Op) {
        let of = |vertex: VertexIx| self.grounds[vertex.index()];
        self.grounds.push(match op {
            Op::Source(_) => Ground { own: Some(index), system: Some(index) },
            Op::Exec(exec) => {
                Ground { own: Some(index), system: exec.root.map_or(Some(index), |root| of(root).system) }
            }
            Op::File(file) => file.base.map(of).unwrap_or_default(),
            Op::Merge { lower, .. } => of(*lower),
        });
    }

    /// A platform of the graph, if the host cannot run its programs itself.
    fn foreign(&self, platform: PlatformIx) -> Option<Platform> {
        self.foreign[platform.0 as usize].then(|| self.graph.platform(platform).clone())
    }

    /// The foreign programs a native command runs.
    fn calls<'f>(
        &mut self,
        exec: &Exec,
        files: impl Iterator<Item = &'f Foreign>,
    ) -> Option<Vec<ForeignCall>> {
        let own = self.graph.platform(exec.platform);
        let is_emulated = self.foreign[exec.platform.0 as usize];
        if is_emulated && !self.has_strangers {
            return None;
        }
        // The files of the stage's own platform are known only where there are stages of strange ones.
        let files: Vec<&Foreign> = files
            .filter(|file| !self.has_strangers || !own.runs(&file.platform))
            .filter(|file| !is_emulated || file.image.is_some() && !is_foreign(self.host, &file.platform))
            .collect();
        if files.is_empty() {
            return None;
        }
        let words: Vec<&str> = exec.args.iter().map(|word| self.graph.text(*word)).collect();
        let place = Place { dir: self.graph.text(exec.dir), path: self.path_of(exec) };
        let mut calls: Vec<ForeignCall> = Vec::new();
        for command in known_exec_commands(&words) {
            let found = files.iter().find(|file| place.runs(&command, file));
            let Some(file) = found else { continue };
            if calls.iter().any(|call| call.program == command.name) {
                continue;
            }
            calls.push(ForeignCall {
                program: command.name.into_owned(),
                path: file.path.clone(),
                platform: file.platform.clone(),
                image: file.image.clone(),
                line: file.line,
            });
        }
        Some(calls)
    }

    fn path_of(&mut self, exec: &Exec) -> Vec<String> {
        let path = self.paths.read(exec.env)[0].map_or("", |path| self.graph.text(path));
        path.split(':').map(|dir| clean(dir).into_owned()).collect()
    }
}

/// Where a command looks for programs.
struct Place<'g> {
    dir: &'g str,
    path: Vec<String>,
}

impl Place<'_> {
    fn runs(&self, command: &SimpleCommand<'_>, file: &Foreign) -> bool {
        let name = &*command.name;
        if name.contains('$') || name.is_empty() {
            return false;
        }
        if name.contains('/') {
            let path = if name.starts_with('/') { clean(name).into_owned() } else { join(&[self.dir, name]) };
            return path == file.path || file.is_folder && is_below(&path, &file.path) && !is_system(&path);
        }
        let in_path = |dir: &str| self.path.iter().any(|entry| entry == dir);
        let (folder, last) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let folder = if folder.is_empty() { "/" } else { folder };
        if last == name && in_path(folder) {
            return true;
        }
        // What holds a folder of `PATH` is one, whatever it is called.
        let holds = |entry: &String| is_below(entry, &file.path) && (file.is_folder || *entry != file.path);
        (belongs_to(name, file) || last == name) && self.path.iter().any(holds)
    }
}

/// Whether a program's name tells that it belongs to the image that a folder came from: `buf-lint` to `bufbuild/buf`.
fn belongs_to(name: &str, file: &Foreign) -> bool {
    let Some(image) = &file.image else { return false };
    let repository = image.split(['@', ':']).next().unwrap_or_default();
    let short = repository.rsplit('/').next().unwrap_or_default();
    // The helpers of tonistiigi/xx are shell scripts, for whatever platform its image was pulled.
    !short.is_empty()
        && !repository.ends_with("tonistiigi/xx")
        && (name == short || name.strip_prefix(short).is_some_and(|rest| rest.starts_with('-')))
}

fn covers(file: &Foreign, path: &str) -> bool {
    file.path == clean(path) || file.is_folder && is_below(&clean(path), &file.path)
}

/// A path that names a folder rather than a file, as far as its look tells.
fn looks_like_folder(path: &str) -> bool {
    const FOLDERS: [&str; 12] =
        ["bin", "sbin", "lib", "lib64", "usr", "local", "opt", "etc", "dist", "build", "share", "libexec"];
    path == "/" || path.contains(['*', '?']) || path.ends_with('/') || FOLDERS.contains(&base(path))
}

/// Turns the execution of commands that run foreign programs into mixed.
pub fn mark_mixed(executions: &mut [Option<Execution>], calls: &ForeignCalls, graph: &BuildGraph) {
    for (index, vertex) in graph.vertices() {
        let native = executions[index.index()] == Some(Execution::Native);
        if native && exec_of(vertex).is_some() && calls.contains_key(&index) {
            executions[index.index()] = Some(Execution::Mixed);
        }
    }
}
