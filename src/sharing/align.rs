//! What it would save if builds that differ did not: the same request with one value for all, simulated.

use super::Repeated;
use crate::analysis::Build;
use crate::graph::BuildGraph;
use crate::graph::split::Cause;
use crate::ids::{BuildIx, NodeIx, TargetSet};
use crate::model::inputs::Inputs;
use crate::model::scope::OriginKind;
use crate::pricing::{Terms, Timing, price};
use crate::units::Nanos;

/// What the build of all targets would save; `None` where what differs is no argument and no context.
pub(super) fn saving(
    build: &Build,
    node: NodeIx,
    graph: &BuildGraph,
    repeated: &Repeated,
    timing: &Timing<'_>,
) -> Option<Nanos> {
    let all = repeated.groups.iter().fold(TargetSet::EMPTY, |all, group| all.union(*group));
    let first = repeated.groups.first()?.iter().next()?;
    let is_of = |at: BuildIx| {
        graph.builds().get(at.index()).is_some_and(|own| !own.targets.intersection(all).is_empty())
    };
    let builds = &build.nodes().get(node.index())?.builds;
    let model = graph.builds().iter().position(|own| own.targets.contains(first))?;
    let model = builds.get(model)?.inputs.clone();
    let change: Box<dyn Fn(&mut Inputs)> = match &repeated.reason.cause {
        Cause::Variable { name, kind: OriginKind::Arg | OriginKind::GlobalArg, .. } => {
            let value = model.build_args.get(name).cloned();
            Box::new(move |inputs| match &value {
                Some(value) => drop(inputs.build_args.insert(name.clone(), value.clone())),
                None => drop(inputs.build_args.remove(name)),
            })
        }
        Cause::Context { .. } => Box::new(move |inputs| inputs.context.clone_from(&model.context)),
        _ => return None,
    };
    let aligned = Build::of(build.request().with_inputs(node, |at, inputs| {
        if is_of(at) {
            change(inputs);
        }
    }));
    // Both runs with the same luck.
    let terms = Terms { deviate: Some(timing.deviate), ..timing.terms.clone() }.without_range();
    let after = price(aligned.outcome().ok()?, &terms).ok()?;
    let before = timing.trace.makespan();
    Some(Nanos(before.0.saturating_sub(after.trace.makespan().0)))
}
