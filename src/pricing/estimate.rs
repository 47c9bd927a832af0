//! What each vertex of a build costs.

use foldhash::{HashMap, HashMapExt};

use super::Terms;
use super::files::{FILE, files, pull};
use crate::analysis::{Analysis, NodeAnalysis};
use crate::cost::{Estimate, Execution, Factor, Profile, Signature, estimate_run};
use crate::graph::emulate;
use crate::graph::vertex::{Exec, Op, Source};
use crate::ids::VertexIx;
use crate::shell::{SimpleCommand, exec_commands};
use crate::sim::Node;
use crate::symbols::Symbol;
use crate::units::Nanos;

/// What each vertex of each node costs, node after node.
pub(super) fn estimates(analysis: &Analysis, terms: &Terms) -> Vec<Estimate> {
    let mut estimates = Vec::new();
    for build in &analysis.nodes {
        let node = terms.machine.node(super::plan::node_of(build, &terms.machine));
        let mut estimator = Estimator { build, terms, node, scripts: HashMap::new() };
        let all = build.graph.vertices();
        estimates.extend(all.map(|(at, vertex)| estimator.vertex(at, &vertex.op)));
    }
    estimates
}

struct Estimator<'e> {
    build: &'e NodeAnalysis,
    terms: &'e Terms,
    node: &'e Node,
    /// What each command line does: the same one often runs for several platforms.
    scripts: HashMap<&'e [Symbol], (Vec<SimpleCommand<'e>>, Option<Signature>)>,
}

impl<'e> Estimator<'e> {
    fn profile(&self) -> Option<&'e Profile> {
        self.terms.profile.as_ref()
    }

    fn vertex(&mut self, at: VertexIx, op: &'e Op) -> Estimate {
        match op {
            Op::Source(Source::Image { reference, platform }) => {
                let platform = self.build.graph.platform(*platform).short();
                let image = self.build.graph.text(*reference);
                pull(self.profile(), image, &platform)
            }
            Op::File(file) => files(self.build, self.profile(), file),
            Op::Source(_) => Estimate::fixed(FILE, 0.5),
            Op::Merge { .. } => Estimate::fixed(Nanos::ZERO, 0.0),
            Op::Exec(exec) => self.command(at, exec),
        }
    }

    fn command(&mut self, at: VertexIx, exec: &'e Exec) -> Estimate {
        let (build, profile) = (self.build, self.profile());
        let (commands, signature) = self.scripts.entry(&exec.args).or_insert_with(|| {
            let argv: Vec<&str> = exec.args.iter().map(|&arg| build.graph.text(arg)).collect();
            let commands = exec_commands(&argv);
            let signature = profile.map(|_| Signature::of_commands(&commands));
            (commands, signature)
        });
        let host = &*build.host.platform.architecture;
        let guest = build.graph.platform(exec.platform);
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
        estimate
    }
}
