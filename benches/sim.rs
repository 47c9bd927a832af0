//! How long the simulator takes: a build of usual size, a huge one, and a thousand samples; and the same in `SimPy`.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot be set up should stop, and say so"
)]

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::json;
use xsim::sim::{
    Machine, MonteCarlo, Noise, Plan, Simulator, StreamIx, Task, TaskIx, Work, bounds, built_in, monte_carlo,
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

/// Seconds of `runs` simulations by the same model in `SimPy`; `None` where Python or `SimPy` is not installed.
fn simpy(plan: &Plan, machine: &Machine, runs: u64) -> Option<(f64, Duration)> {
    let node = &machine.nodes[0];
    let tasks: Vec<_> = plan
        .tasks()
        .iter()
        .map(|task| {
            let work = &task.work;
            json!({
                "latency": work.latency.as_secs_f64(),
                "network": work.network.0,
                "disk": work.disk.0,
                "cpu": work.cpu.as_secs_f64() * work.slowdown / node.speed,
                "cores": work.cores,
                "inputs": task.inputs.iter().map(|input| input.0).collect::<Vec<_>>(),
            })
        })
        .collect();
    let plan = json!({
        "tasks": tasks,
        "machine": {
            "cores": node.cores, "crowding": node.crowding, "network": node.network.0, "disk": node.disk.0,
        },
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/simpy_model.py");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let mut child = Command::new(python)
        .args([script, &runs.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // A script that ended at once, for want of SimPy, does not read.
    let _ = child.stdin.take()?.write_all(plan.to_string().as_bytes());
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.split_whitespace().filter_map(|number| number.parse::<f64>().ok());
    Some((numbers.next()?, Duration::from_secs_f64(numbers.next()?)))
}

/// The same plans in `SimPy`: `PYTHON` names another Python than `python3`.
fn beside_simpy(criterion: &mut Criterion) {
    let machine = built_in("ubuntu-latest").expect("built in");
    let mut group = criterion.benchmark_group("simpy");
    group.sample_size(10);
    for stages in [5, 100] {
        let plan = build(stages);
        let Some((seconds, _)) = simpy(&plan, &machine, 1) else {
            println!("skipped: SimPy is not installed (python3 -m pip install simpy)");
            return;
        };
        let ours = Simulator::new(&plan, &machine).run().makespan().as_secs_f64();
        assert!((ours / seconds - 1.0).abs() < 1e-4, "not the same model: {ours} s and {seconds} s");
        group.bench_function(BenchmarkId::from_parameter(plan.tasks().len()), |bencher| {
            bencher.iter_custom(|runs| simpy(&plan, &machine, runs).expect("it ran before").1);
        });
    }
    group.finish();
}

fn simulate(criterion: &mut Criterion) {
    let machine = built_in("ubuntu-latest").expect("built in");
    let mut group = criterion.benchmark_group("simulate");
    for stages in [5, 100, 1000] {
        let plan = build(stages);
        let mut simulator = Simulator::new(&plan, &machine);
        group.bench_function(BenchmarkId::from_parameter(plan.tasks().len()), |bencher| {
            bencher.iter(|| black_box(&mut simulator).run().makespan());
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

criterion_group!(benches, simulate, sample, beside_simpy);
criterion_main!(benches);
