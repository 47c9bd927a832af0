//! Which node of a machine builds what.

use super::NodeInputs;
use crate::graph::emulate::Host;
use crate::model::inputs::Inputs;
use crate::model::platform::Platform;
use crate::sim::Machine;

/// The nodes of a machine that have something to build, each with the targets that are its own; without targets the build
/// platform is the target. `inputs` makes what a node of a platform is given for its targets.
///
/// # Errors
/// Those of `inputs`.
pub fn nodes_of<E>(
    machine: &Machine,
    build_platform: &Platform,
    targets: &[Platform],
    mut inputs: impl FnMut(&Platform, &[Platform]) -> Result<Inputs, E>,
) -> Result<Vec<NodeInputs>, E> {
    let implicit = [build_platform.clone()];
    let targets = if targets.is_empty() { &implicit[..] } else { targets };
    let mut nodes = Vec::new();
    for (at, node) in machine.nodes.iter().enumerate() {
        let own = |target: &&Platform| machine.node_for(target).index() == at;
        let own: Vec<Platform> = targets.iter().filter(own).cloned().collect();
        let native = match node.native.first() {
            Some(native) if machine.nodes.len() > 1 => native.clone(),
            _ => build_platform.clone(),
        };
        if own.is_empty() {
            continue;
        }
        let guests = node.emulators.iter().map(|emulator| emulator.guest.architecture.as_str().into());
        let host = Host { emulators: Some(guests.collect()), ..Host::new(native.clone()) };
        let name = (machine.nodes.len() > 1).then(|| node.name.clone());
        nodes.push(NodeInputs { name, host, inputs: inputs(&native, &own)? });
    }
    Ok(nodes)
}
