//! Properties that hold for every plan.

use proptest::prelude::*;

use super::*;
use crate::units::{Bytes, Nanos};

/// A machine whose cores do not slow each other down, so that times can be worked out by hand.
fn machine(cores: f64, max_parallelism: Option<u32>) -> Machine {
    let mut machine = built_in("small").unwrap();
    machine.nodes[0].cores = cores;
    machine.nodes[0].crowding = 0.0;
    machine.nodes[0].max_parallelism = max_parallelism;
    machine
}

fn crowded(cores: f64, max_parallelism: Option<u32>, crowding: f64) -> Machine {
    let mut machine = machine(cores, max_parallelism);
    machine.nodes[0].crowding = crowding;
    machine
}

fn run(plan: &Plan, machine: &Machine) -> Trace {
    Simulator::new(plan, machine).run()
}

fn work() -> impl Strategy<Value = Work> {
    let amounts = (0_u64..3_000_000_000, 0_u64..200_000_000, 0_u64..200_000_000, 0_u64..20_000_000_000);
    (amounts, 1.0_f64..20.0, 0.25_f64..8.0, prop::bool::ANY).prop_map(|(amounts, slowdown, cores, native)| {
        let (latency, network, disk, cpu) = amounts;
        Work {
            latency: Nanos(latency / 10),
            network: Bytes(network),
            disk: Bytes(disk),
            cpu: Nanos(cpu),
            slowdown: if native { 1.0 } else { slowdown },
            cores,
            memory: Bytes(1_000_000),
            daemon: if latency % 3 == 0 { 1.5 } else { 0.0 },
        }
    })
}

/// Plans in which every task may wait for earlier ones.
fn plan() -> impl Strategy<Value = Plan> {
    let task = (work(), prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0_u8..6);
    prop::collection::vec(task, 1..30).prop_map(|drawn| {
        let tasks = drawn.into_iter().enumerate().map(|(at, (work, inputs, kind))| {
            let inputs = inputs.iter().filter(|_| at > 0).map(|input| TaskIx::new(input.index(at))).collect();
            Task {
                slot: if kind == 0 { Slot::Free } else { Slot::Takes },
                locks: (1..3).filter(|&lock| u32::from(kind) == lock || kind == 3).map(LockIx).collect(),
                ..Task::new(work, inputs)
            }
        });
        Plan::new(tasks.collect()).unwrap()
    })
}

/// Plans of tasks that wait for nothing.
fn independent() -> impl Strategy<Value = Plan> {
    prop::collection::vec(work(), 1..30)
        .prop_map(|works| Plan::new(works.into_iter().map(|work| Task::new(work, vec![])).collect()).unwrap())
}

/// Rounding up to whole nanoseconds, once for each event.
fn rounding(plan: &Plan) -> Nanos {
    Nanos(10 * plan.tasks().len() as u64 * plan.tasks().len() as u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_makespan_lies_between_the_bounds(
        plan in plan(),
        cores in 1.0_f64..8.0,
        slots in 1_u32..9,
        crowding in 0.0_f64..0.5,
    ) {
        let machine = crowded(cores, (slots < 8).then_some(slots), crowding);
        let (trace, bounds) = (run(&plan, &machine), bounds(&plan, &machine));
        prop_assert!(bounds.lower <= trace.makespan() + rounding(&plan));
        prop_assert!(trace.makespan() <= bounds.serial + rounding(&plan));
        prop_assert!(bounds.lower <= bounds.serial + rounding(&plan));
    }

    #[test]
    fn every_task_runs_once_after_its_inputs(plan in plan(), slots in 1_u32..4) {
        let trace = run(&plan, &machine(2.0, Some(slots)));
        prop_assert_eq!(trace.spans().len(), plan.tasks().len());
        for (task, span) in plan.tasks().iter().zip(trace.spans()) {
            prop_assert!(span.ready <= span.start && span.start <= span.begun && span.begun <= span.finish);
            for &input in &task.inputs {
                prop_assert!(trace.span(input).finish <= span.ready);
            }
            if task.work != Work::NONE {
                prop_assert!(span.finish > span.begun);
            }
        }
    }

    #[test]
    fn busy_cores_add_up_to_the_work(plan in plan(), cores in 1.0_f64..8.0) {
        let machine = machine(cores, None);
        let trace = run(&plan, &machine);
        let ends = trace.loads().iter().skip(1).map(|load| load.at).chain([trace.makespan()]);
        let steps = trace.loads().iter().zip(ends);
        let busy: f64 = steps.map(|(load, end)| load.cores * (end - load.at).as_secs_f64()).sum();
        let work = |task: &Task| task.work.cpu.as_secs_f64() * task.work.slowdown / machine.nodes[0].speed;
        let work: f64 = plan.tasks().iter().map(work).sum();
        prop_assert!((busy - work).abs() < 1e-6 * (1.0 + work), "{} {}", busy, work);
        prop_assert!(trace.loads().iter().all(|load| load.cores <= cores));
        prop_assert!(trace.loads().last().is_none_or(|load| load.cores == 0.0));
    }

    #[test]
    fn slots_and_locks_are_never_shared(plan in plan(), slots in 1_usize..4) {
        let trace = run(&plan, &machine(4.0, Some(slots as u32)));
        let holds = |at: usize| trace.spans()[at].finish > trace.spans()[at].start;
        for (at, span) in trace.spans().iter().enumerate().filter(|&(at, _)| holds(at)) {
            let task = &plan.tasks()[at];
            let beside = |other: usize| {
                let other = &trace.spans()[other];
                other.start <= span.start && span.start < other.finish
            };
            let taken = (0..plan.tasks().len()).filter(|&other| plan.tasks()[other].slot == Slot::Takes);
            if task.slot == Slot::Takes {
                prop_assert!(taken.filter(|&other| beside(other)).count() <= slots);
            }
            for (other, other_span) in trace.spans().iter().enumerate().filter(|&(other, _)| other != at) {
                let common = plan.tasks()[other].locks.iter().any(|lock| task.locks.contains(lock));
                let apart = other_span.finish <= span.begun || span.finish <= other_span.begun;
                prop_assert!(!common || apart);
            }
        }
    }

    #[test]
    fn more_cores_never_slow_independent_tasks(
        plan in independent(),
        cores in 1.0_f64..8.0,
        more in 0.0_f64..8.0,
    ) {
        // With crowding it does not hold: what keeps further cores busy slows a task that uses few.
        let few = run(&plan, &crowded(cores, None, 0.0)).makespan();
        let many = run(&plan, &crowded(cores + more, None, 0.0)).makespan();
        prop_assert!(many <= few + rounding(&plan));
    }

    #[test]
    fn no_task_is_faster_than_alone(plan in plan(), cores in 1.0_f64..8.0, crowding in 0.0_f64..0.5) {
        let machine = crowded(cores, None, crowding);
        let trace = run(&plan, &machine);
        for (task, span) in plan.tasks().iter().zip(trace.spans()) {
            prop_assert!(trace::alone(task, &machine) <= span.finish - span.begun + Nanos(10));
        }
    }

    #[test]
    fn the_critical_path_has_no_gap(plan in plan(), slots in 1_u32..4) {
        let trace = run(&plan, &machine(2.0, Some(slots)));
        let path = trace.critical_path();
        prop_assert_eq!(path[0].from, Nanos::ZERO);
        prop_assert_eq!(path[path.len() - 1].to, trace.makespan());
        for pair in path.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert_eq!(trace.span(pair[0].task).finish, pair[0].to);
        }
    }

    #[test]
    fn a_simulator_leaves_nothing_behind(plan in plan(), other in plan()) {
        let machine = machine(2.0, Some(2));
        let mut used = Simulator::new(&plan, &machine);
        let others = other.tasks().iter().cycle().map(|task| task.work);
        let works: Vec<Work> = others.take(plan.tasks().len()).collect();
        used.makespan(&works, &[]);
        prop_assert_eq!(used.run(), run(&plan, &machine));
    }

    #[test]
    fn samples_depend_on_the_seed_alone(plan in plan(), seed in any::<u64>()) {
        let plan = plan.map(|at, task| task.work_noise = Some(Noise { stream: StreamIx(at.0 % 3), sigma: 0.4 }));
        let machine = machine(2.0, None);
        let how = |threads: usize| MonteCarlo { runs: 20, seed, threads: std::num::NonZero::new(threads) };
        let ends: Vec<_> = plan.indices().map(Some).chain([None]).collect();
        let with = |threads: usize| sample(&plan, &machine, how(threads), &ends);
        let one = with(1);
        prop_assert_eq!(&one, &with(3));
        let range = monte_carlo(&plan, &machine, how(2));
        prop_assert_eq!(range, Quantiles::of(&mut one.makespans.clone()));
        prop_assert!(range.p10 <= range.p50 && range.p50 <= range.p90);
        for (run, makespan) in one.makespans.iter().enumerate() {
            prop_assert_eq!(one.ends.iter().map(|ends| ends[run]).max(), Some(*makespan));
        }
    }
}

fn secs(secs: u64) -> Nanos {
    Nanos(secs * 1_000_000_000)
}

#[test]
fn three_builds_beside_each_other_take_three_times_as_long() {
    let build = || Task::new(Work::cpu(secs(20), 2.0), vec![]);
    let plan = Plan::new(vec![build(), build(), build()]).unwrap();
    assert_eq!(run(&plan, &machine(2.0, None)).makespan(), secs(30));
    assert_eq!(run(&plan, &machine(2.0, Some(1))).makespan(), secs(30));
}

#[test]
fn processor_sharing_of_unequal_tasks() {
    // timing/README.md: four steps of 1.07, 6.76, 9.07 and 12.05 s alone, on two cores: 2.1, 10.7, 13.0, 16.0 by hand.
    let alone = [1.07, 6.76, 9.07, 12.05];
    let tasks = alone.map(|secs| Task::new(Work::cpu(Nanos::from_secs_f64(secs), 1.0), vec![]));
    let trace = run(&Plan::new(tasks.to_vec()).unwrap(), &machine(2.0, None));
    let seen: Vec<String> =
        trace.spans().iter().map(|span| format!("{:.1}", span.finish.as_secs_f64())).collect();
    assert_eq!(seen, ["2.1", "10.7", "13.0", "16.0"]);
}

#[test]
fn the_wait_for_a_lock_is_part_of_the_duration() {
    let task = Task { locks: vec![LockIx(0)], ..Task::new(Work::latency(secs(3)), vec![]) };
    let plan = Plan::new(vec![task.clone(), task]).unwrap();
    let machine = machine(2.0, None);
    let trace = run(&plan, &machine);
    assert_eq!(trace.spans().iter().map(Span::duration).collect::<Vec<_>>(), [secs(3), secs(6)]);
    assert_eq!(trace.spans()[1].cause, Cause::Lock(TaskIx(0)));
    assert_eq!(trace.losses(&plan, &machine).locks, secs(3));
}

#[test]
fn the_daemon_takes_half_of_the_cores_at_most() {
    for pulls in [1, 3] {
        let pull = Task::new(Work { daemon: 1.0, ..Work::latency(secs(4)) }, vec![]);
        let mut tasks = vec![pull; pulls];
        tasks.push(Task::new(Work::cpu(secs(6), 2.0), vec![]));
        let trace = run(&Plan::new(tasks).unwrap(), &machine(2.0, None));
        assert_eq!(trace.makespan(), secs(5), "{pulls} pulls");
        assert_eq!(trace.spans()[0].finish, secs(4));
    }
}

#[test]
fn who_gets_a_slot_first_is_a_matter_of_chance() {
    let task = |length| Task::new(Work::latency(secs(length)), vec![]);
    let plan = Plan::new(vec![task(3), task(3), task(6)]).unwrap();
    let how = MonteCarlo { runs: 200, seed: 1, threads: None };
    let limited = monte_carlo(&plan, &machine(2.0, Some(2)), how);
    assert_eq!((limited.p10, limited.p90), (secs(6), secs(9)));
    let free = monte_carlo(&plan, &machine(2.0, None), how);
    assert_eq!((free.p10, free.p90), (secs(6), secs(6)));
}

#[test]
fn nodes_share_nothing() {
    let mut machine = built_in("native-pair").unwrap();
    for node in &mut machine.nodes {
        node.cores = 1.0;
    }
    let tasks =
        [0, 1].map(|node| Task { node: MachineNodeIx(node), ..Task::new(Work::cpu(secs(5), 4.0), vec![]) });
    assert_eq!(run(&Plan::new(tasks.to_vec()).unwrap(), &machine).makespan(), secs(5));
}

#[test]
fn peaks_count_what_runs_at_once() {
    let work = Work { memory: Bytes(5_000_000_000), ..Work::latency(secs(1)) };
    let task = |inputs| Task::new(work, inputs);
    let plan = Plan::new(vec![task(vec![]), task(vec![]), task(vec![TaskIx(0)])]).unwrap();
    let machine = machine(2.0, None);
    let peaks = run(&plan, &machine).peaks(&plan, &machine);
    assert_eq!(peaks, Peaks { tasks: 2, memory: Bytes(10_000_000_000), out_of_memory: true });
}

#[test]
fn a_long_chain_of_nothing_takes_no_stack() {
    let tasks =
        (0..200_000_u32).map(|at| Task::new(Work::NONE, at.checked_sub(1).map(TaskIx).into_iter().collect()));
    let plan = Plan::new(tasks.collect()).unwrap();
    assert_eq!(run(&plan, &machine(2.0, Some(1))).makespan(), Nanos::ZERO);
}

/// The example of `docs/simulation.md`.
#[test]
fn with_inputs_and_slots_more_cores_can_be_slower() {
    let after = |task| vec![TaskIx(task)];
    let tasks = vec![
        Task::new(Work::cpu(secs(2), 1.0), vec![]),
        Task::new(Work::cpu(secs(2), 4.0), vec![]),
        Task::new(Work::latency(secs(6)), after(0)),
        Task::new(Work::cpu(secs(4), 4.0), after(1)),
        Task::new(Work::cpu(secs(4), 1.0), vec![]),
    ];
    let plan = Plan::new(tasks).unwrap();
    let times = [2.0, 4.0].map(|cores| run(&plan, &machine(cores, Some(2))).makespan().to_string());
    assert_eq!(times, ["8.0 s", "9.3 s"]);
}
