//! What each vertex of a build costs.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};

use super::Terms;
use super::before::{Before, Finder};
use super::contexts::KnownContext;
use super::files::{FILE, files, pull};
use super::follow::{Follower, decide, is_renamed};
use super::reads::reads;
use super::told;
use crate::analysis::{Analysis, Files, NodeAnalysis, View};
use crate::context::{Context, Selection};
use crate::cost::wheels::System;
use crate::cost::{
    Done, Estimate, Execution, Factor, Known, Profile, Rest, Signature, done_by, estimate_run,
    rest_with_caches,
};
use crate::graph::emulate;
use crate::graph::query::contexts;
use crate::graph::vertex::{Backing, Exec, Op, Source};
use crate::ids::VertexIx;
use crate::shell::{Reached, SimpleCommand, known_commands, known_exec_commands, script_of};
use crate::sim::Node;
use crate::symbols::Symbol;
use crate::units::{Bytes, Nanos};

/// What each vertex of each node costs, node after node.
pub(super) fn estimates(analysis: &Analysis, terms: &Terms) -> Vec<Estimate> {
    let mut estimates = Vec::new();
    for build in &analysis.nodes {
        let node = terms.machine.node(super::plan::node_of(build, &terms.machine));
        let all = || contexts(&build.graph);
        let is_alone = all().count() == 1;
        let known = |sender| terms.contexts.sent(build, sender);
        // What nobody showed of the only context, the Dockerfile may tell.
        let told = all().find(|sender| is_alone && known(*sender).is_none());
        let told =
            told.and_then(|sender| told::told(build, sender)).map(|told| KnownContext::new(told.into()));
        let sent = all().filter_map(|sender| Some((sender, known(sender).or(told.as_deref())?)));
        // Of a definition of thousands of contexts few are known, and only those are asked for at each vertex.
        let (senders, known): (Vec<VertexIx>, Vec<&KnownContext>) = sent.unzip();
        let mut finder = Finder::new(build, &senders, &known, is_alone);
        let mut estimator = Estimator {
            build,
            terms,
            node,
            senders: &senders,
            known: &known,
            scripts: HashMap::new(),
            commands: Vec::new(),
            copied: Rc::default(),
        };
        for (at, vertex) in build.graph.vertices() {
            let before = finder.before(&vertex.op);
            estimates.push(estimator.vertex(at, &vertex.op, &before));
            let done = estimator.done(&vertex.op, &before);
            finder.note(before.after(done));
        }
    }
    estimates
}

struct Estimator<'e> {
    build: &'e NodeAnalysis,
    terms: &'e Terms,
    node: &'e Node,
    /// What sends the contexts that are known, ascending.
    senders: &'e [VertexIx],
    /// Those contexts, in the same order.
    known: &'e [&'e KnownContext],
    /// What each command line says: the same one often runs for several platforms.
    scripts: HashMap<&'e [Symbol], (Vec<SimpleCommand<'static>>, Option<Signature>)>,
    /// What the step runs that is looked at.
    commands: Vec<SimpleCommand<'static>>,
    /// Where it has files of the context.
    copied: Rc<[(String, String)]>,
}

impl<'e> Estimator<'e> {
    fn profile(&self) -> Option<&'e Profile> {
        self.terms.profile.as_ref()
    }

    fn vertex(&mut self, at: VertexIx, op: &'e Op, before: &Before) -> Estimate {
        match op {
            Op::Source(Source::Image { reference, platform, .. }) => {
                let platform = self.build.graph.platform(*platform).short();
                let image = self.build.graph.text(*reference);
                pull(self.profile(), image, &platform)
            }
            Op::File(file) => files(self.build, self.profile(), file, self.bytes(at)),
            Op::Source(_) => Estimate { disk: self.bytes(at), ..Estimate::fixed(FILE, 0.5) },
            Op::Merge { .. } => Estimate::fixed(Nanos::ZERO, 0.0),
            Op::Exec(exec) => self.command(at, exec, before),
        }
    }

    /// What a vertex sends or copies of the context, as far as that is known.
    fn bytes(&self, at: VertexIx) -> Bytes {
        let size_of = |(sender, selection): &(VertexIx, Selection)| {
            let context = self.context(*sender);
            context.map_or(Bytes(0), |context| context.files.size_of(selection))
        };
        let graph = &self.build.graph;
        if let Some(context) = self.context(at) {
            // Only what some step reads is sent; files that several steps read may be counted more than once.
            let all = graph.vertices().flat_map(|(_, vertex)| reads(self.build, &[at], &vertex.op));
            return context.files.size().min(all.map(|read| size_of(&read)).sum());
        }
        reads(self.build, self.senders, &graph.vertex(at).op).iter().map(size_of).sum()
    }

    /// What steps may run of the context whose project a file system holds, and what sends it.
    fn files(&self, before: &Before) -> Option<(VertexIx, Files<'e>)> {
        let at = before.of()?;
        Some((*self.senders.get(at)?, Files::of(self.known.get(at)?.context())?))
    }

    /// What is known of what a vertex sends.
    fn context(&self, sender: VertexIx) -> Option<&'e Context> {
        Some(self.known.get(self.senders.binary_search(&sender).ok()?)?.context())
    }

    /// What a command leaves for those that come after it on its file system.
    fn done(&self, op: &'e Op, before: &Before) -> Vec<Done> {
        let Op::Exec(exec) = op else { return Vec::new() };
        let variables = self.variables(exec);
        done_by(&self.commands, &self.known(exec, before, &variables, &self.copied))
    }

    /// The variables of a step that tell what it compiles for and what it installs.
    fn variables(&self, exec: &Exec) -> Vec<(&'e str, &'e str)> {
        const NAMES: [&str; 9] = [
            "GOOS",
            "GOARCH",
            "GOARM",
            "CARGO_BUILD_TARGET",
            "TARGETOS",
            "TARGETARCH",
            "TARGETVARIANT",
            "TARGETPLATFORM",
            "NODE_ENV",
        ];
        let graph = &self.build.graph;
        let all = graph.variables(exec.env).into_iter();
        let all = all.map(|set| (graph.text(set.key), graph.text(set.value)));
        all.filter(|(name, _)| NAMES.contains(name)).collect()
    }

    fn known<'k>(
        &self,
        exec: &Exec,
        before: &'k Before,
        variables: &'k [(&'k str, &'k str)],
        copied: &'k [(String, String)],
    ) -> Known<'k>
    where
        'e: 'k,
    {
        let image = before.image().map_or("", |image| self.build.graph.text(image));
        let architecture = &*self.build.graph.platform(exec.platform).architecture;
        Known {
            profile: self.profile(),
            has_context: !self.terms.contexts.is_empty(),
            project: before.project(),
            done: before.done(),
            folder: self.build.graph.text(exec.dir),
            copied,
            image,
            system: System { is_musl: image.contains("alpine"), architecture },
            variables,
        }
    }

    fn command(&mut self, at: VertexIx, exec: &'e Exec, before: &Before) -> Estimate {
        let (build, profile) = (self.build, self.profile());
        let variables = self.variables(exec);
        let files = self.files(before);
        let view =
            files.as_ref().map(|(sender, files)| files.seen_by(&build.graph, exec, |at| at == *sender));
        let copied: Rc<[(String, String)]> = view.as_ref().map_or(&[][..], View::places).into();
        self.copied = Rc::clone(&copied);
        let known = self.known(exec, before, &variables, &copied);
        let argv: Vec<&str> = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
        let (written, signature) = self.scripts.entry(&exec.args).or_insert_with(|| {
            let commands = known_exec_commands(&argv);
            let signature = profile.map(|_| Signature::of_commands(&commands));
            (commands, signature)
        });
        self.commands = run_by(build, exec, view, written, &argv);
        let commands = &self.commands;
        let host = &*build.host.platform.architecture;
        let guest = build.guest(at).unwrap_or_else(|| build.graph.platform(exec.platform));
        let foreign = build.foreign(at);
        let programs: Vec<&str> = foreign.iter().map(|call| call.program.as_str()).collect();
        let execution = match (build.execution(at), foreign.first()) {
            (Some(emulate::Execution::Emulated), _) => {
                Execution::Emulated { guest: &guest.architecture, host }
            }
            (Some(emulate::Execution::Mixed), Some(call)) => {
                Execution::Mixed { guest: &call.platform.architecture, host, programs: &programs }
            }
            _ => Execution::Native,
        };
        let mut estimate = match (profile, signature) {
            (Some(profile), Some(signature)) => profile.run(signature, commands, execution, &known),
            _ => estimate_run(commands, execution, &known),
        };
        if let Execution::Emulated { guest: architecture, .. } = execution {
            let of_machine = || self.node.emulator(guest).and_then(|found| found.slowdown);
            if let Some(median) = self.terms.slowdowns.of(architecture).or_else(of_machine) {
                estimate.slowdown = Factor { median: median.max(1.0), sigma: 0.0 };
            }
        }
        if self.terms.cache.mounts_are_full {
            let caches = exec.mounts.iter().filter(|mount| matches!(mount.backing, Backing::Cache { .. }));
            let folders: Vec<&str> = caches.map(|mount| build.graph.text(mount.target)).collect();
            if !folders.is_empty() {
                let variables = build.graph.variables(exec.env);
                let variable = |name: &str| {
                    let set = variables.iter().rfind(|set| build.graph.text(set.key) == name);
                    set.map(|set| build.graph.text(set.value).to_owned())
                };
                estimate =
                    with_full_caches(&estimate, rest_with_caches(commands, &folders, variable, &known));
            }
        }
        estimate
    }
}

/// What a step runs: the commands as written, less those that its variables rule out, with what they run of the context.
fn run_by(
    build: &NodeAnalysis,
    exec: &Exec,
    view: Option<View<'_>>,
    written: &[SimpleCommand<'static>],
    argv: &[&str],
) -> Vec<SimpleCommand<'static>> {
    let branches = written.iter().any(|command| command.reached == Reached::Perhaps);
    if !branches && view.is_none() && !written.iter().any(is_renamed) {
        return written.to_vec();
    }
    let variables = build.graph.variables(exec.env);
    let text = |symbol| build.graph.text(symbol).to_owned();
    let environment: Vec<(String, String)> =
        variables.iter().map(|set| (text(set.key), text(set.value))).collect();
    let folder = build.graph.text(exec.dir);
    let mut commands = written.to_vec();
    if let Some(script) = script_of(argv).filter(|_| branches) {
        // The first is the shell itself; the places of the others are known from the script alone.
        let mut inner = known_commands(&script).to_vec();
        decide(&script, &mut inner, &environment, folder);
        commands.truncate(1);
        commands.extend(inner);
    }
    Follower { view, environment }.follow(commands, folder)
}

/// A command of whose work the cache mounts leave a rest. How far that may be off grows with what they spare: they leave from
/// 3 % (all was compiled before) to 60 % (what it compiles has changed). Source: `mounts` of `tests/data/timing`, 0.7 s of
/// 21 s, and a guess of the other end.
fn with_full_caches(estimate: &Estimate, rest: Rest) -> Estimate {
    const SIGMA: f64 = 1.2;
    #[allow(clippy::cast_sign_loss)]
    let network = Bytes((estimate.network.0 as f64 * rest.network) as u64);
    Estimate {
        cpu: estimate.cpu * rest.work,
        network,
        sigma: libm::hypot(estimate.sigma, SIGMA * (1.0 - rest.work)),
        ..estimate.clone()
    }
}
