//! What a step of a build is. Two steps are one vertex exactly where their [`Op`]s are equal.
//!
//! An operation holds what BuildKit's digest holds and nothing else: no names, no lines, no descriptions. Platforms are
//! part of image sources and of `RUN`, not of file operations and merges (BuildKit `client/llb/exec.go`, `source.go`,
//! `fileop.go`, `merge.go`).

use std::sync::Arc;

use smallvec::SmallVec;

use crate::dockerfile::ast::{Network, Security};
use crate::ids::{StageIx, TargetSet, VertexIx};
use crate::model::git::GitRef;
use crate::model::mount::Sharing;
use crate::model::resolve::PlatformIx;
use crate::model::scope::EnvId;
use crate::source::{FileLine, Line};
use crate::symbols::Symbol;

/// The kinds of vertices, as the report names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VertexKind {
    /// A command in a container.
    Exec,
    /// Copying, making directories and files.
    File,
    /// An image, the build context, a repository, a URL.
    Source,
    /// Layers laid over each other, for `COPY --link`.
    Merge,
}

impl VertexKind {
    /// All of them.
    pub const VALUES: &[Self] = &[Self::Exec, Self::File, Self::Source, Self::Merge];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::File => "file",
            Self::Source => "source",
            Self::Merge => "merge",
        }
    }
}

impl std::fmt::Display for VertexKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a vertex uses one of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// It builds on it.
    Base,
    /// It copies files from it.
    Copy,
    /// It sees it while it runs.
    Mount,
    /// It lays it over its base.
    Link,
}

impl EdgeKind {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Copy => "copy",
            Self::Mount => "mount",
            Self::Link => "link",
        }
    }
}

/// An operation; its equality is a vertex's identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// Files from outside.
    Source(Source),
    /// A command.
    Exec(Box<Exec>),
    /// File actions, one after another.
    File(FileOp),
    /// `upper` laid over `lower`.
    Merge {
        /// Below.
        lower: VertexIx,
        /// Above.
        upper: VertexIx,
    },
}

/// Where files come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// An image from a registry.
    Image {
        /// The canonical reference.
        reference: Symbol,
        /// The platform that is pulled, not normalised.
        platform: PlatformIx,
        /// Asked for at the registry even where it is known, as `--pull` says.
        pull: bool,
    },
    /// An image in a folder.
    OciLayout {
        /// The folder and digest.
        reference: Symbol,
        /// The platform that is taken.
        platform: PlatformIx,
    },
    /// The build context, or a folder in its place.
    Local(Symbol),
    /// A repository.
    Git(Box<GitRef>),
    /// A file behind a URL.
    Http {
        /// The URL.
        url: Symbol,
        /// The digest it must have; empty for any.
        checksum: Symbol,
    },
}

/// A `RUN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exec {
    /// The file system it starts on; `None` for an empty one.
    pub root: Option<VertexIx>,
    /// The command with its shell.
    pub args: Vec<Symbol>,
    /// All variables, used or not.
    pub env: EnvId,
    /// The working directory.
    pub dir: Symbol,
    /// The user; empty for root.
    pub user: Symbol,
    /// The platform it runs on.
    pub platform: PlatformIx,
    /// Its network.
    pub network: Network,
    /// Its sandbox.
    pub security: Security,
    /// What the build gives to all its commands, in one string: proxies, hosts, limits; empty for nothing.
    pub sandbox: Symbol,
    /// Its mounts, by target.
    pub mounts: Vec<Mount>,
    /// Secrets and agents, in order.
    pub secrets: Vec<Secret>,
}

/// A mount with files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Where.
    pub target: Symbol,
    /// Whose files; `None` for none.
    pub input: Option<VertexIx>,
    /// Which folder of the input; empty for all.
    pub selector: Symbol,
    /// Whether the step may not write.
    pub read_only: bool,
    /// What it is besides a view of the input.
    pub backing: Backing,
}

/// What stands behind a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backing {
    /// The input alone.
    Input,
    /// A cache of this name.
    Cache {
        /// The name.
        id: Symbol,
        /// How it is shared.
        sharing: Sharing,
    },
    /// Memory of at most so many bytes; 0 for no limit.
    Tmpfs {
        /// The limit.
        size: u64,
    },
}

/// A secret or an SSH agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Secret {
    /// An agent, not a secret.
    pub is_ssh: bool,
    /// Its name.
    pub id: Symbol,
    /// The file or socket.
    pub target: Option<Symbol>,
    /// The variable.
    pub env: Option<Symbol>,
    /// Whether the build goes on without it.
    pub optional: bool,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permissions.
    pub mode: u32,
}

/// File actions on a base.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileOp {
    /// What they change; `None` for an empty file system.
    pub base: Option<VertexIx>,
    /// The actions.
    pub actions: Vec<Action>,
}

/// One file action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Makes a directory and its parents.
    Mkdir {
        /// Which.
        path: Symbol,
        /// Permissions.
        mode: u32,
        /// User and group.
        owner: Owner,
        /// `SOURCE_DATE_EPOCH`; empty for none.
        time: Symbol,
    },
    /// Makes a file.
    Mkfile {
        /// Which.
        path: Symbol,
        /// Permissions.
        mode: u32,
        /// Its text.
        data: Symbol,
    },
    /// Copies.
    Copy(CopyAction),
}

/// One source of a `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CopyAction {
    /// Whose files; `None` for none.
    pub source: Option<VertexIx>,
    /// The path or pattern there.
    pub from: Symbol,
    /// With `--parents`, the pattern below `from`.
    pub pattern: Option<Symbol>,
    /// Where to.
    pub to: Symbol,
    /// `--exclude`
    pub exclude: Arc<[Symbol]>,
    /// User and group.
    pub owner: Owner,
    /// Permissions; empty to keep them.
    pub mode: Symbol,
    /// Archives are unpacked.
    pub unpack: bool,
    /// The source is a path to look up, not a file known by name: links are followed, patterns expanded.
    pub is_lookup: bool,
}

/// The owner of what an action makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Owner {
    /// The user.
    pub user: Option<OwnerName>,
    /// The group.
    pub group: Option<OwnerName>,
}

/// A user or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerName {
    /// By number.
    Id(i32),
    /// By name, looked up in the base.
    Name(Symbol),
}

/// A vertex of a build graph.
#[derive(Debug, Clone)]
pub struct Vertex {
    /// What it does.
    pub op: Op,
    pub(crate) places: SmallVec<[FileLine; 3]>,
    pub(crate) stages: SmallVec<[StageIx; 4]>,
    /// The target platforms that need it.
    pub targets: TargetSet,
}

impl Vertex {
    /// The first line of each instruction it stands for, ascending; of one file, unless builds of several run together.
    pub fn places(&self) -> &[FileLine] {
        &self.places
    }

    /// The stages of these instructions, ascending.
    pub fn stages(&self) -> &[StageIx] {
        &self.stages
    }

    /// The lines of the instructions it stands for; nothing for what no instruction owns.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line> {
        self.places.iter().map(|place| place.line)
    }

    /// The first of its lines.
    pub fn line(&self) -> Option<Line> {
        self.places.first().map(|place| place.line)
    }

    /// Its kind.
    pub fn kind(&self) -> VertexKind {
        self.op.kind()
    }
}

impl Op {
    /// Its kind.
    pub fn kind(&self) -> VertexKind {
        match self {
            Self::Source(_) => VertexKind::Source,
            Self::Exec(_) => VertexKind::Exec,
            Self::File(_) => VertexKind::File,
            Self::Merge { .. } => VertexKind::Merge,
        }
    }

    /// The platform, for image sources and commands.
    pub fn platform(&self) -> Option<PlatformIx> {
        match self {
            Self::Source(Source::Image { platform, .. } | Source::OciLayout { platform, .. }) => {
                Some(*platform)
            }
            Self::Exec(exec) => Some(exec.platform),
            _ => None,
        }
    }

    /// What its file system is made on; `None` for a source, and for what begins with nothing.
    pub fn below(&self) -> Option<VertexIx> {
        match self {
            Self::Source(_) => None,
            Self::Exec(exec) => exec.root,
            Self::File(file) => file.base,
            Self::Merge { lower, .. } => Some(*lower),
        }
    }

    /// Calls `visit` with each input and how it is used; one may come several times.
    pub fn inputs(&self, mut visit: impl FnMut(VertexIx, EdgeKind)) {
        match self {
            Self::Source(_) => {}
            Self::Exec(exec) => {
                exec.root.into_iter().for_each(|root| visit(root, EdgeKind::Base));
                exec.mounts
                    .iter()
                    .filter_map(|mount| mount.input)
                    .for_each(|input| visit(input, EdgeKind::Mount));
            }
            Self::File(file) => {
                file.base.into_iter().for_each(|base| visit(base, EdgeKind::Base));
                for action in &file.actions {
                    if let Action::Copy(CopyAction { source: Some(source), .. }) = action {
                        visit(*source, EdgeKind::Copy);
                    }
                }
            }
            Self::Merge { lower, upper } => {
                visit(*lower, EdgeKind::Base);
                visit(*upper, EdgeKind::Link);
            }
        }
    }

    /// Gives each input its number in another table.
    pub(super) fn renumber(&mut self, number: impl Fn(VertexIx) -> VertexIx) {
        let change = |input: &mut VertexIx| *input = number(*input);
        match self {
            Self::Source(_) => {}
            Self::Exec(exec) => {
                exec.root.iter_mut().for_each(change);
                exec.mounts.iter_mut().filter_map(|mount| mount.input.as_mut()).for_each(change);
            }
            Self::File(file) => {
                file.base.iter_mut().for_each(change);
                for action in &mut file.actions {
                    if let Action::Copy(copy) = action {
                        copy.source.iter_mut().for_each(change);
                    }
                }
            }
            Self::Merge { lower, upper } => {
                change(lower);
                change(upper);
            }
        }
    }
}
