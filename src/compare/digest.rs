//! What a vertex does as numbers that are equal for two vertices of different builds where they do the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::graph::BuildGraph;
use crate::graph::describe::describe;
use crate::graph::vertex::{Backing, Exec, Op};

/// A vertex, told with more and more left out. Environments are left out of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    /// Operation, platform and inputs, the same of these: a vertex's identity but for the environment.
    pub(super) identity: u64,
    /// The same without platforms.
    pub(super) doing: u64,
    /// The operation with its mounts and flags, without its inputs.
    pub(super) operation: u64,
    /// The operation in words.
    pub(super) words: String,
}

/// The digests of all vertices, in their order.
///
/// # Complexity
/// Linear in vertices, edges and text.
pub(super) fn digests(graph: &BuildGraph) -> Vec<Digest> {
    let mut digests: Vec<Digest> = Vec::with_capacity(graph.len());
    for (_, vertex) in graph.vertices() {
        let op = &vertex.op;
        let words = describe(graph, op);
        let operation = hash(|state| {
            (op.kind(), &words).hash(state);
            if let Op::Exec(exec) = op {
                flags(graph, exec, state);
            }
        });
        let mut inputs = Vec::new();
        op.inputs(|input, edge| inputs.push((input, edge)));
        let of = |of: &dyn Fn(&Digest) -> u64, more: &dyn Fn(&mut DefaultHasher)| {
            hash(|state| {
                operation.hash(state);
                for (input, edge) in &inputs {
                    (edge, of(&digests[input.index()])).hash(state);
                }
                more(state);
            })
        };
        let doing = of(&|input| input.doing, &|_| {});
        let identity = of(&|input| input.identity, &|state| {
            op.platform().map(|platform| graph.platform(platform).short()).hash(state);
            if let Op::Exec(exec) = op {
                (graph.text(exec.dir), graph.text(exec.user)).hash(state);
            }
        });
        digests.push(Digest { identity, doing, operation, words });
    }
    digests
}

fn hash(fill: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut state = DefaultHasher::new();
    fill(&mut state);
    state.finish()
}

/// What a command has besides its arguments, inputs and surroundings.
fn flags(graph: &BuildGraph, exec: &Exec, state: &mut DefaultHasher) {
    for mount in &exec.mounts {
        (graph.text(mount.target), graph.text(mount.selector), mount.read_only).hash(state);
        match mount.backing {
            Backing::Input => mount.input.is_some().hash(state),
            Backing::Cache { id, sharing } => (graph.text(id), sharing).hash(state),
            Backing::Tmpfs { size } => size.hash(state),
        }
    }
    for secret in &exec.secrets {
        (secret.is_ssh, graph.text(secret.id), secret.optional).hash(state);
        for name in [secret.target, secret.env] {
            name.map(|name| graph.text(name)).hash(state);
        }
    }
    (exec.network, exec.security).hash(state);
}
