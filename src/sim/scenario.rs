//! What a build cache changes: which tasks run and which are taken from it.
//!
//! Knows tasks and their inputs only. Which steps a changed path touches is for the caller to say.

use crate::work::Work;

use super::plan::{Plan, Slot, Task, TaskIx};

/// The state of the build cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scenario {
    /// Empty.
    Cold,
    /// Full, except for some tasks and what follows from them.
    Warm {
        /// Tasks whose result differs from the cached one. They run, and so does all that depends on them.
        changed: Vec<TaskIx>,
        /// Tasks that run whatever the cache holds but whose result is the same, such as sending the context.
        always: Vec<TaskIx>,
    },
}

impl Scenario {
    /// For each task, whether it runs.
    pub fn runs(&self, plan: &Plan) -> Vec<bool> {
        let Self::Warm { changed, always } = self else {
            return vec![true; plan.tasks().len()];
        };
        let mut runs = vec![false; plan.tasks().len()];
        for task in changed {
            runs[task.index()] = true;
        }
        for &task in plan.order() {
            runs[task.index()] |= plan.task(task).inputs.iter().any(|input| runs[input.index()]);
        }
        // After the rest: what always runs changes nothing that depends on it.
        for task in always {
            runs[task.index()] = true;
        }
        runs
    }

    /// The plan as it is with this cache: tasks that do not run take no time, slot or lock.
    #[must_use]
    pub fn apply(&self, plan: &Plan) -> Plan {
        if *self == Self::Cold {
            return plan.clone();
        }
        let runs = self.runs(plan);
        plan.map(|at, task| {
            if runs[at.index()] {
                return;
            }
            *task = Task {
                work: Work::NONE,
                slot: Slot::Free,
                locks: Vec::new(),
                repeats: None,
                inputs: std::mem::take(&mut task.inputs),
                ..task.clone()
            };
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;
    use crate::work::Work;

    #[test]
    fn a_change_reruns_what_follows_from_it() {
        let second = Work::latency(Nanos(1));
        let task = |inputs: &[u32]| Task::new(second, inputs.iter().map(|&input| TaskIx(input)).collect());
        // context 0 -> copy 1 -> run 2, and run 3 beside them; 4 joins 2 and 3.
        let plan = Plan::new(vec![task(&[]), task(&[0]), task(&[1]), task(&[]), task(&[2, 3])]).unwrap();
        let scenario = Scenario::Warm { changed: vec![TaskIx(1)], always: vec![TaskIx(0)] };
        assert_eq!(scenario.runs(&plan), [true, true, true, false, true]);
        let warm = scenario.apply(&plan);
        assert_eq!(warm.task(TaskIx(3)).work, Work::NONE);
        assert_eq!(warm.task(TaskIx(4)).inputs, [TaskIx(2), TaskIx(3)]);
        let untouched = Scenario::Warm { changed: vec![], always: vec![] };
        assert_eq!(untouched.runs(&plan), [false; 5]);
    }
}
