//! In which order jobs run, and which of them decide how long all of it takes.

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;

use crate::builds::{Job, JobIx, Leg, LegIx};
use crate::units::Nanos;

/// The jobs of a workflow with what each waits for: for each job a beginning and an end, and its legs between.
pub(super) struct Chain {
    graph: DiGraph<Option<LegIx>, ()>,
    order: Vec<NodeIndex>,
}

impl Chain {
    /// The jobs of a workflow; `None` where they need each other in a circle, which GitHub refuses.
    pub(super) fn new(workflow: &str, jobs: &[Job], legs: &[Leg]) -> Option<Self> {
        let mut graph = DiGraph::new();
        let ends: Vec<Option<(NodeIndex, NodeIndex)>> = jobs
            .iter()
            .map(|job| (job.workflow == workflow).then(|| (graph.add_node(None), graph.add_node(None))))
            .collect();
        let ends_of = |job: JobIx| ends.get(job.index()).copied().flatten();
        for (at, job) in jobs.iter().enumerate() {
            let Some((begin, end)) = ends_of(JobIx::new(at)) else { continue };
            graph.add_edge(begin, end, ());
            for (_, needed) in job.needs.iter().filter_map(|need| ends_of(*need)) {
                graph.add_edge(needed, begin, ());
            }
            if let Some((outer, done)) = job.caller.and_then(ends_of) {
                graph.add_edge(outer, begin, ());
                graph.add_edge(end, done, ());
            }
        }
        let mut runs: Vec<Vec<NodeIndex>> = vec![Vec::new(); jobs.len()];
        for (at, leg) in legs.iter().enumerate() {
            let (Some((begin, end)), Some(job)) = (ends_of(leg.job), jobs.get(leg.job.index())) else {
                continue;
            };
            let node = graph.add_node(Some(LegIx::new(at)));
            graph.add_edge(node, end, ());
            let own = &mut runs[leg.job.index()];
            // Of legs that may not all run at once each takes the place of the one so many before it.
            let before = job.max_parallel.and_then(|most| own.len().checked_sub(most as usize));
            graph.add_edge(before.and_then(|at| own.get(at).copied()).unwrap_or(begin), node, ());
            own.push(node);
        }
        let order = toposort(&graph, None).ok()?;
        Some(Self { graph, order })
    }

    /// When the last leg is done, where each takes so long, and the legs that made it so late, in their order.
    pub(super) fn longest(&self, duration: impl Fn(LegIx) -> Nanos) -> (Nanos, Vec<LegIx>) {
        let mut done = vec![(Nanos::ZERO, None); self.graph.node_count()];
        let mut last: Option<NodeIndex> = None;
        for &node in &self.order {
            let before = self.graph.edges_directed(node, Direction::Incoming).map(|edge| edge.source());
            let latest =
                before.max_by_key(|before| (done[before.index()].0, std::cmp::Reverse(before.index())));
            let begin = latest.map_or(Nanos::ZERO, |latest| done[latest.index()].0);
            let own = self.graph[node].map_or(Nanos::ZERO, &duration);
            done[node.index()] = (begin + own, latest);
            if last.is_none_or(|last| done[last.index()].0 < done[node.index()].0) {
                last = Some(node);
            }
        }
        let end = last.map_or(Nanos::ZERO, |last| done[last.index()].0);
        let mut legs = Vec::new();
        while let Some(node) = last {
            legs.extend(self.graph[node].filter(|leg| duration(*leg) > Nanos::ZERO));
            last = done[node.index()].1;
        }
        legs.reverse();
        (end, legs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::Place;

    fn job(needs: &[u32], caller: Option<u32>, max_parallel: Option<u32>) -> Job {
        Job {
            workflow: "w".into(),
            place: Place { file: "w".into(), line: 1 },
            name: String::new(),
            caller: caller.map(JobIx),
            needs: needs.iter().map(|need| JobIx(*need)).collect(),
            max_parallel,
            condition: None,
            open: None,
        }
    }

    fn leg(job: u32) -> Leg {
        Leg {
            job: JobIx(job),
            name: String::new(),
            matrix: Vec::new(),
            runner: None,
            steps: Vec::new(),
            emulator: None,
            elsewhere: None,
        }
    }

    fn longest(jobs: &[Job], legs: &[(u32, u64)]) -> Option<(u64, Vec<u32>)> {
        let own: Vec<Leg> = legs.iter().map(|(job, _)| leg(*job)).collect();
        let (end, chain) = Chain::new("w", jobs, &own)?.longest(|leg| Nanos(legs[leg.index()].1));
        Some((end.0, chain.into_iter().map(|leg| leg.0).collect()))
    }

    #[test]
    fn the_longest_chain_decides() {
        // build (two legs) -> merge; test beside them.
        let jobs = [job(&[], None, None), job(&[0], None, None), job(&[], None, None)];
        assert_eq!(longest(&jobs, &[(0, 5), (0, 7), (1, 2), (2, 8)]), Some((9, vec![1, 2])));
        assert_eq!(longest(&jobs, &[(0, 5), (0, 7), (1, 2), (2, 80)]), Some((80, vec![3])));
        // 1 calls a workflow of 2 -> 3; 4 needs the call.
        let jobs = [
            job(&[], None, None),
            job(&[0], None, None),
            job(&[], Some(1), None),
            job(&[2], Some(1), None),
            job(&[1], None, None),
        ];
        assert_eq!(longest(&jobs, &[(0, 1), (2, 10), (3, 100), (4, 1000)]), Some((1111, vec![0, 1, 2, 3])));
    }

    #[test]
    fn legs_wait_for_a_place() {
        let jobs = [job(&[], None, Some(1))];
        assert_eq!(longest(&jobs, &[(0, 1), (0, 2), (0, 3)]), Some((6, vec![0, 1, 2])));
    }

    #[test]
    fn circles_are_seen() {
        assert_eq!(longest(&[job(&[1], None, None), job(&[0], None, None)], &[(0, 1), (1, 1)]), None);
    }
}
