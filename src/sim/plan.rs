//! What is to be run: tasks, the work in them, and what they wait for.
//!
//! Owns the input of the simulator and its validity. Does not know machines: the same plan runs on any of them.

use std::fmt;

use crate::ids::index;
use crate::units::Nanos;
use crate::work::Work;

index!(
    /// A task, by its position in the plan.
    TaskIx
);
index!(
    /// A node, by its position in the machine.
    MachineNodeIx
);
index!(
    /// A lock that tasks hold one at a time, such as a cache mount with `sharing=locked`.
    LockIx
);
index!(
    /// A source of randomness, by a number that is its own: what it gives in one run depends on that number and the seed
    /// alone. Tasks that name the same stream vary together, also tasks of different plans.
    StreamIx
);

/// Whether a task needs one of the node's `max-parallelism` slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Exec, file and source vertices.
    Takes,
    /// Merges, and whatever is no vertex.
    Free,
}

/// How far the real work may lie from the expected, as the standard deviation of its logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Where the randomness comes from.
    pub stream: StreamIx,
    /// Standard deviation of the natural logarithm of the factor; 0 for certain.
    pub sigma: f64,
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What it asks of the machine.
    pub work: Work,
    /// Tasks that must end before it starts.
    pub inputs: Vec<TaskIx>,
    /// Whether it needs a slot.
    pub slot: Slot,
    /// Locks it holds while it runs. Waiting for them counts as running: the slot is already taken.
    pub locks: Vec<LockIx>,
    /// Where it runs.
    pub node: MachineNodeIx,
    /// It does not start before this instant.
    pub release: Nanos,
    /// The task whose work it does again for another platform.
    pub repeats: Option<TaskIx>,
    /// Uncertainty of all its work.
    pub work_noise: Option<Noise>,
    /// Uncertainty of all its work that it shares with others of its kind.
    pub kind_noise: Option<Noise>,
    /// Uncertainty of all its work that it shares with everything else.
    pub common_noise: Option<Noise>,
    /// Uncertainty of its slow-down. Has no effect on a native task.
    pub slowdown_noise: Option<Noise>,
}

impl Task {
    /// A task that needs a slot on the first node and nothing else.
    pub const fn new(work: Work, inputs: Vec<TaskIx>) -> Self {
        Self {
            work,
            inputs,
            slot: Slot::Takes,
            locks: Vec::new(),
            node: MachineNodeIx(0),
            release: Nanos::ZERO,
            repeats: None,
            work_noise: None,
            kind_noise: None,
            common_noise: None,
            slowdown_noise: None,
        }
    }
}

/// Sizes that a simulation needs to lay out its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// One more than the largest node used.
    pub nodes: usize,
    /// One more than the largest lock used.
    pub locks: usize,
}

/// Tasks that form no circle and whose indices all exist.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    tasks: Vec<Task>,
    /// For each task, where its dependents begin in `dependents`; one entry more than tasks.
    first_dependent: Vec<u32>,
    dependents: Vec<TaskIx>,
    order: Vec<TaskIx>,
    limits: Limits,
}

impl Plan {
    /// Checks the tasks and indexes who waits for whom.
    ///
    /// # Complexity
    ///
    /// O(|tasks| + |inputs|) time and space.
    pub fn new(mut tasks: Vec<Task>) -> Result<Self, PlanError> {
        let count = tasks.len();
        let mut limits = Limits { nodes: 1, locks: 0 };
        let mut first_dependent = vec![0_u32; count + 1];
        for (at, task) in tasks.iter_mut().enumerate() {
            check(TaskIx::new(at), task, count)?;
            task.locks.sort_unstable();
            task.locks.dedup();
            limits.include(task);
            for input in &task.inputs {
                first_dependent[input.index() + 1] += 1;
            }
        }
        for at in 0..count {
            first_dependent[at + 1] += first_dependent[at];
        }
        let mut next = first_dependent.clone();
        let mut dependents = vec![TaskIx(0); first_dependent[count] as usize];
        for (at, task) in tasks.iter().enumerate() {
            for input in &task.inputs {
                let slot = &mut next[input.index()];
                dependents[*slot as usize] = TaskIx::new(at);
                *slot += 1;
            }
        }
        let mut plan = Self { tasks, first_dependent, dependents, order: Vec::new(), limits };
        plan.order = plan.topological_order()?;
        Ok(plan)
    }

    /// The tasks.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// One task.
    pub fn task(&self, task: TaskIx) -> &Task {
        &self.tasks[task.index()]
    }

    /// Every index, in the order of the plan.
    pub fn indices(&self) -> impl Iterator<Item = TaskIx> + use<> {
        (0..self.tasks.len()).map(TaskIx::new)
    }

    /// The tasks that wait for `task`, once for each time they name it.
    pub fn dependents(&self, task: TaskIx) -> &[TaskIx] {
        let at = task.index();
        &self.dependents[self.first_dependent[at] as usize..self.first_dependent[at + 1] as usize]
    }

    /// Every task after its inputs.
    pub fn order(&self) -> &[TaskIx] {
        &self.order
    }

    /// How large the tables of a simulation must be.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The same tasks with other work, which must be as many as the tasks.
    #[must_use]
    pub fn with_work(&self, work: impl IntoIterator<Item = Work>) -> Self {
        let mut work = work.into_iter();
        self.map(|_, task| task.work = work.next().unwrap_or(task.work))
    }

    /// The same tasks, with the randomness of the work of each from the stream that `stream` tells; `None` leaves it.
    #[must_use]
    pub fn with_work_streams(&self, stream: impl Fn(TaskIx) -> Option<StreamIx>) -> Self {
        self.map(|at, task| {
            if let (Some(noise), Some(stream)) = (&mut task.work_noise, stream(at)) {
                noise.stream = stream;
            }
        })
    }

    /// The same tasks without inputs and slots, each beginning at the instant that `start` tells.
    #[must_use]
    pub fn detached(&self, start: impl Fn(TaskIx) -> Nanos) -> Self {
        let mut tasks = self.tasks.clone();
        for (at, task) in tasks.iter_mut().enumerate() {
            task.inputs.clear();
            task.slot = Slot::Free;
            task.release = start(TaskIx::new(at));
        }
        let order = self.indices().collect();
        Self {
            tasks,
            first_dependent: vec![0; self.tasks.len() + 1],
            dependents: Vec::new(),
            order,
            limits: self.limits,
        }
    }

    /// A plan with each task changed by `change`, which must leave the inputs as they are.
    pub(super) fn map(&self, mut change: impl FnMut(TaskIx, &mut Task)) -> Self {
        let mut plan = self.clone();
        plan.limits = Limits { nodes: 1, locks: 0 };
        for (at, task) in plan.tasks.iter_mut().enumerate() {
            change(TaskIx::new(at), task);
            plan.limits.include(task);
        }
        plan
    }

    fn topological_order(&self) -> Result<Vec<TaskIx>, PlanError> {
        let mut missing: Vec<u32> = self.tasks.iter().map(|task| task.inputs.len() as u32).collect();
        let mut order: Vec<TaskIx> = self.indices().filter(|task| missing[task.index()] == 0).collect();
        let mut at = 0;
        while at < order.len() {
            for &dependent in self.dependents(order[at]) {
                missing[dependent.index()] -= 1;
                if missing[dependent.index()] == 0 {
                    order.push(dependent);
                }
            }
            at += 1;
        }
        match self.indices().find(|task| missing[task.index()] > 0) {
            Some(task) => Err(PlanError::Circle { task }),
            None => Ok(order),
        }
    }
}

impl Limits {
    fn include(&mut self, task: &Task) {
        self.nodes = self.nodes.max(task.node.index() + 1);
        for lock in &task.locks {
            self.locks = self.locks.max(lock.index() + 1);
        }
    }
}

/// Refuses what would make a simulation meaningless.
fn check(at: TaskIx, task: &Task, count: usize) -> Result<(), PlanError> {
    if let Some(&input) = task.inputs.iter().find(|input| input.index() >= count) {
        return Err(PlanError::UnknownInput { task: at, input });
    }
    let Work { cores, slowdown, .. } = task.work;
    if !(cores.is_finite() && cores > 0.0 && slowdown.is_finite() && slowdown >= 1.0) {
        return Err(PlanError::BadWork { task: at });
    }
    Ok(())
}

/// Why a list of tasks is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// A task waits for one that does not exist.
    UnknownInput {
        /// Who waits.
        task: TaskIx,
        /// For what.
        input: TaskIx,
    },
    /// Usable cores are not above zero, or the slow-down is below one, or one of them is no number.
    BadWork {
        /// Whose.
        task: TaskIx,
    },
    /// Tasks wait for each other in a circle.
    Circle {
        /// One that can never start.
        task: TaskIx,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownInput { task, input } => {
                write!(f, "task {} waits for task {}, which does not exist", task.0, input.0)
            }
            Self::BadWork { task } => {
                write!(f, "usable cores of task {} must be above 0 and its slow-down at least 1", task.0)
            }
            Self::Circle { task } => write!(f, "task {} waits for itself", task.0),
        }
    }
}

impl std::error::Error for PlanError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(inputs: &[u32]) -> Task {
        Task::new(Work::NONE, inputs.iter().map(|&input| TaskIx(input)).collect())
    }

    #[test]
    fn dependents_and_order() {
        let plan = Plan::new(vec![task(&[2]), task(&[]), task(&[1]), task(&[1, 2])]).unwrap();
        assert_eq!(plan.dependents(TaskIx(1)), [TaskIx(2), TaskIx(3)]);
        assert_eq!(plan.dependents(TaskIx(2)), [TaskIx(0), TaskIx(3)]);
        assert_eq!(plan.order(), [TaskIx(1), TaskIx(2), TaskIx(0), TaskIx(3)]);
    }

    #[test]
    fn refuses_what_cannot_run() {
        assert_eq!(
            Plan::new(vec![task(&[7])]),
            Err(PlanError::UnknownInput { task: TaskIx(0), input: TaskIx(7) })
        );
        assert_eq!(
            Plan::new(vec![task(&[]), task(&[2]), task(&[1])]),
            Err(PlanError::Circle { task: TaskIx(1) })
        );
        let lazy = Task::new(Work::cpu(Nanos(1), 0.0), vec![]);
        assert_eq!(Plan::new(vec![lazy]), Err(PlanError::BadWork { task: TaskIx(0) }));
    }
}
