//! OWNERSHIP: whose a file is. What may have made what stands at a path after a step, and on which vertex, the latest first: one
//! walk, asked by all rules about files of the wrong architecture.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use foldhash::HashMap;

use crate::advice::facts::binary::{self, CompileStep};
use crate::advice::facts::context::Context;
use crate::advice::facts::origin::{self, Arrival, Waypoint};
use crate::advice::facts::packages::{self, Packages};
use crate::advice::facts::sight::Sight;
use crate::graph::vertex::{Op, Source};
use crate::ids::VertexIx;

/// What may have made a file.
#[derive(Debug, Clone)]
pub(in crate::advice) struct Owner<'c> {
    /// The command that did, or the source that it came with. Its platform is the file's, where nothing says another.
    pub(in crate::advice) vertex: VertexIx,
    /// What it is.
    pub(in crate::advice) maker: Maker<'c>,
}

/// What a file was made by.
#[derive(Debug, Clone)]
pub(in crate::advice) enum Maker<'c> {
    /// A compiler: the step, and which of its calls, as far as its script is followed.
    Compiler(Rc<CompileStep<'c>>, Vec<usize>),
    /// A package manager of a language.
    Packages(Rc<Packages>),
    /// A command of which no more is known; perhaps it has nothing to do with the file.
    Command,
    /// The one who made an image that it came with.
    Image,
    /// The build context, a repository or a URL.
    Outside,
}

/// What may have made a file, the latest first.
pub(in crate::advice) type Owners<'c> = Rc<[Owner<'c>]>;

/// A script: where its instruction begins, and what was seen of it.
type Script = (u32, *const Sight);

/// What is known of the owners of files, each asked for once.
#[derive(Debug, Default)]
pub(in crate::advice) struct Ownership<'c> {
    may_compile: OnceCell<bool>,
    may_install: OnceCell<bool>,
    arrivals: OnceCell<Vec<Arrival>>,
    steps: RefCell<HashMap<Script, Option<Rc<CompileStep<'c>>>>>,
    packages: RefCell<HashMap<VertexIx, Rc<[Rc<Packages>]>>>,
    owners: RefCell<HashMap<(VertexIx, String), Owners<'c>>>,
}

impl<'c> Context<'c> {
    /// What copies put into the images that are sound otherwise, each place once.
    pub(in crate::advice) fn arrivals(&self) -> &[Arrival] {
        self.ownership.arrivals.get_or_init(|| origin::arrivals(self))
    }

    /// Whether the file may install packages of a language at all.
    pub(in crate::advice) fn may_install(&self) -> bool {
        *self.ownership.may_install.get_or_init(|| packages::may_install(self.text()))
    }

    /// What may have made what stands at a path of a vertex, the latest first.
    pub(in crate::advice) fn owners(&self, vertex: VertexIx, path: &str) -> Owners<'c> {
        let key = (vertex, path.to_owned());
        let known = self.ownership.owners.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let mut owners = Vec::new();
            origin::follow(&self.node.graph, vertex, path, &mut |way| self.own(way, &mut owners));
            let owners: Owners<'c> = owners.into();
            self.ownership.owners.borrow_mut().insert(key, Rc::clone(&owners));
            owners
        })
    }

    /// The owners that a vertex on the way of a file stands for.
    fn own(&self, way: &Waypoint<'_>, owners: &mut Vec<Owner<'c>>) {
        let vertex = way.vertex;
        let mut own = |maker| owners.push(Owner { vertex, maker });
        match &self.node.graph.vertex(vertex).op {
            Op::Source(Source::Image { .. } | Source::OciLayout { .. }) => own(Maker::Image),
            Op::Exec(_) => {
                if let Some(step) = self.step(vertex)
                    && let Some(calls) = binary::product(self, &step, way)
                {
                    own(Maker::Compiler(step, calls));
                }
                for packages in &*self.packages(vertex) {
                    if packages::holds(self, packages, way) {
                        own(Maker::Packages(Rc::clone(packages)));
                    }
                }
                own(Maker::Command);
            }
            _ => own(Maker::Outside),
        }
    }

    /// The compile that a vertex is, if it is one.
    fn step(&self, vertex: VertexIx) -> Option<Rc<CompileStep<'c>>> {
        if !*self.ownership.may_compile.get_or_init(|| binary::may_compile(self.text())) {
            return None;
        }
        let (stage, instruction) = binary::run_at(self, vertex)?;
        let script = (instruction.span.start, std::ptr::from_ref(self.sight(vertex)?));
        let known = self.ownership.steps.borrow().get(&script).cloned();
        let step = known.unwrap_or_else(|| {
            let step = binary::compile_at(self, stage, instruction, vertex).map(Rc::new);
            self.ownership.steps.borrow_mut().insert(script, step.clone());
            step
        });
        step.filter(|step| !step.is_told(self, vertex))
    }

    /// What the package managers leave that a vertex calls.
    fn packages(&self, vertex: VertexIx) -> Rc<[Rc<Packages>]> {
        if !self.may_install() {
            return Rc::default();
        }
        let known = self.ownership.packages.borrow().get(&vertex).cloned();
        known.unwrap_or_else(|| {
            let left: Rc<[_]> = packages::left_by(self, vertex).into_iter().map(Rc::new).collect();
            self.ownership.packages.borrow_mut().insert(vertex, Rc::clone(&left));
            left
        })
    }
}
