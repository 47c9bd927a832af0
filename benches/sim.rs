//! How long the simulator takes: a build of usual size, a huge one, and a thousand samples.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up should stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use xsim::sim::{
    MonteCarlo, Noise, Plan, Simulator, StreamIx, Task, TaskIx, Work, bounds, built_in, monte_carlo,
};
use xsim::units::{Bytes, Nanos};

/// A build of `stages` stages of ten steps each: a pull, then steps that compute; every stage copies from two before it.
fn build(stages: u32) -> Plan {
    let mut tasks = Vec::new();
    for stage in 0..stages {
        for step in 0..10 {
            let at = stage * 10 + step;
            let mut inputs: Vec<TaskIx> =
                at.checked_sub(1).filter(|_| step > 0).map(TaskIx).into_iter().collect();
            if step == 5 {
                inputs.extend(
                    [1, 2]
                        .iter()
                        .filter_map(|&back| stage.checked_sub(back))
                        .map(|from| TaskIx(from * 10 + 9)),
                );
            }
            let spread = u64::from(at * 7_919 % 97 + 1);
            let work = Work {
                latency: Nanos(80_000_000),
                network: Bytes(if step == 0 { 50_000_000 } else { 0 }),
                disk: Bytes(spread * 1_000_000),
                cpu: Nanos(spread * 200_000_000),
                slowdown: if stage % 2 == 0 { 1.0 } else { 8.0 },
                cores: [1.0, 2.0, 4.0][at as usize % 3],
                memory: Bytes(100_000_000),
                daemon: 0.0,
            };
            let noise = Some(Noise { stream: StreamIx(at % 20), sigma: 0.3 });
            tasks.push(Task { work_noise: noise, slowdown_noise: noise, ..Task::new(work, inputs) });
        }
    }
    Plan::new(tasks).expect("a plan without circles")
}

fn simulate(criterion: &mut Criterion) {
    let machine = built_in("ubuntu-latest").expect("built in");
    let mut group = criterion.benchmark_group("simulate");
    for stages in [5, 1000] {
        let plan = build(stages);
        let mut simulator = Simulator::new();
        group.bench_function(BenchmarkId::from_parameter(plan.tasks().len()), |bencher| {
            bencher.iter(|| simulator.run(black_box(&plan), &machine).makespan());
        });
    }
    group.finish();
}

fn sample(criterion: &mut Criterion) {
    let machine = built_in("ubuntu-latest").expect("built in");
    let plan = build(5);
    let how = MonteCarlo { runs: 1000, seed: 1, threads: None };
    criterion.bench_function("monte_carlo/1000x50", |bencher| {
        bencher.iter(|| monte_carlo(black_box(&plan), &machine, how));
    });
    criterion.bench_function("bounds/50", |bencher| bencher.iter(|| bounds(black_box(&plan), &machine)));
}

criterion_group!(benches, simulate, sample);
criterion_main!(benches);
