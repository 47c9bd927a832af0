//! What each vertex of a build costs.

use foldhash::{HashMap, HashMapExt};

use super::Terms;
use super::files::{FILE, files, pull};
use super::reads::{main_context, reads};
use crate::analysis::{Analysis, NodeAnalysis};
use crate::cost::{Estimate, Execution, Factor, Profile, Signature, estimate_run};
use crate::graph::emulate;
use crate::graph::vertex::{Backing, Exec, Op, Source};
use crate::ids::VertexIx;
use crate::shell::{SimpleCommand, known_exec_commands};
use crate::sim::Node;
use crate::symbols::Symbol;
use crate::units::{Bytes, Nanos};

/// What each vertex of each node costs, node after node.
pub(super) fn estimates(analysis: &Analysis, terms: &Terms) -> Vec<Estimate> {
    let mut estimates = Vec::new();
    for build in &analysis.nodes {
        let node = terms.machine.node(super::plan::node_of(build, &terms.machine));
        let main = main_context(build);
        let mut estimator = Estimator { build, terms, node, main, scripts: HashMap::new() };
        let all = build.graph.vertices();
        estimates.extend(all.map(|(at, vertex)| estimator.vertex(at, &vertex.op)));
    }
    estimates
}

struct Estimator<'e> {
    build: &'e NodeAnalysis,
    terms: &'e Terms,
    node: &'e Node,
    main: Option<VertexIx>,
    /// What each command line does: the same one often runs for several platforms.
    scripts: HashMap<&'e [Symbol], (Vec<SimpleCommand<'static>>, Option<Signature>)>,
}

impl<'e> Estimator<'e> {
    fn profile(&self) -> Option<&'e Profile> {
        self.terms.profile.as_ref()
    }

    fn vertex(&mut self, at: VertexIx, op: &'e Op) -> Estimate {
        match op {
            Op::Source(Source::Image { reference, platform, .. }) => {
                let platform = self.build.graph.platform(*platform).short();
                let image = self.build.graph.text(*reference);
                pull(self.profile(), image, &platform)
            }
            Op::File(file) => files(self.build, self.profile(), file, self.bytes(at)),
            Op::Source(_) => Estimate { disk: self.bytes(at), ..Estimate::fixed(FILE, 0.5) },
            Op::Merge { .. } => Estimate::fixed(Nanos::ZERO, 0.0),
            Op::Exec(exec) => self.command(at, exec),
        }
    }

    /// What a vertex sends or copies of the context, as far as that is known.
    fn bytes(&self, at: VertexIx) -> Bytes {
        let Some(context) = &self.terms.context else { return Bytes(0) };
        if Some(at) == self.main {
            // Only what some step reads is sent; files that several steps read may be counted more than once.
            let all =
                self.build.graph.vertices().flat_map(|(_, vertex)| reads(self.build, self.main, &vertex.op));
            let sum = all.map(|selection| context.files.size_of(&selection)).sum();
            return context.files.size().min(sum);
        }
        let op = &self.build.graph.vertex(at).op;
        reads(self.build, self.main, op).iter().map(|selection| context.files.size_of(selection)).sum()
    }

    fn command(&mut self, at: VertexIx, exec: &'e Exec) -> Estimate {
        let (build, profile) = (self.build, self.profile());
        let (commands, signature) = self.scripts.entry(&exec.args).or_insert_with(|| {
            let argv: Vec<&str> = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
            let commands = known_exec_commands(&argv);
            let signature = profile.map(|_| Signature::of_commands(&commands));
            (commands, signature)
        });
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
            (Some(profile), Some(signature)) => profile.run(signature, commands, execution),
            _ => estimate_run(commands, execution, None),
        };
        if let Execution::Emulated { guest: architecture, .. } = execution {
            let of_machine = || self.node.emulator(guest).and_then(|found| found.slowdown);
            if let Some(median) = self.terms.slowdowns.of(architecture).or_else(of_machine) {
                estimate.slowdown = Factor { median: median.max(1.0), sigma: 0.0 };
            }
        }
        let has_cache = exec.mounts.iter().any(|mount| matches!(mount.backing, Backing::Cache { .. }));
        if has_cache && self.terms.cache.mounts_are_full {
            estimate = with_full_caches(&estimate);
        }
        estimate
    }
}

/// A command whose cache mounts hold what an earlier run of it left: it has to do from 3 % (all was compiled before) to 60 %
/// (what it compiles has changed) of the work. Source: `mounts` of `tests/data/timing`, 0.7 s of 21 s, and a guess of the
/// other end.
fn with_full_caches(estimate: &Estimate) -> Estimate {
    const REST: f64 = 0.13;
    const SIGMA: f64 = 1.2;
    #[allow(clippy::cast_sign_loss)]
    let rest = |bytes: Bytes| Bytes((bytes.0 as f64 * REST) as u64);
    Estimate {
        cpu: estimate.cpu * REST,
        network: rest(estimate.network),
        sigma: libm::hypot(estimate.sigma, SIGMA),
        ..estimate.clone()
    }
}
