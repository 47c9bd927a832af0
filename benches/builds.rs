//! A repository of 200 workflows and 400 Dockerfiles: listing what it builds, and finding what its workflows lose. Together with
//! checking the Dockerfiles that is to take less than a second.
//!
//! `cargo bench --all-features --bench builds`

#![allow(missing_docs, clippy::expect_used)] // criterion makes undocumented items; a bench may stop

use std::collections::BTreeMap;

use criterion::{Criterion, criterion_group, criterion_main};
use xsim::advice::{Worth, evaluate_workflows};
use xsim::builds::{Repo, Source, list};
use xsim::pricing::Terms;
use xsim::sim::built_in;
use xsim::workflow::Pricer;

struct Files(BTreeMap<String, String>);

impl Source for Files {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

fn files() -> Files {
    let mut files = BTreeMap::new();
    for at in 0..400 {
        let text = format!(
            "FROM rust AS build\nRUN apt-get update && apt-get install -y clang cmake\nCOPY Cargo.toml ./\nRUN cargo fetch # {at}\n\
             COPY . .\nRUN cargo build --release --features f{at}\nFROM debian\nRUN apt-get update && apt-get install -y curl\n\
             COPY --from=build /app /app\n"
        );
        files.insert(format!("images/{at}/Dockerfile"), text);
    }
    for at in 0..200 {
        let step = |image: usize| {
            format!(
                "      - uses: docker/build-push-action@v6\n        with:\n          context: images/{image}\n          \
                 platforms: linux/amd64,linux/arm64\n          cache-from: type=gha\n          cache-to: type=gha\n"
            )
        };
        let (first, second) = (step(2 * at), step(2 * at + 1));
        let text = format!(
            "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      \
             - uses: docker/setup-qemu-action@v3\n      - uses: docker/setup-buildx-action@v3\n{first}{second}"
        );
        files.insert(format!(".github/workflows/w{at}.yml"), text);
    }
    Files(files)
}

fn repository(c: &mut Criterion) {
    let files = files();
    let repo = || Repo::new(&files, files.0.keys().cloned(), Some("owner/name".to_owned()));
    c.bench_function("builds/list", |b| b.iter(|| list(&repo()).definitions.len()));
    c.bench_function("builds/workflows", |b| {
        b.iter(|| {
            let repo = repo();
            let builds = list(&repo);
            let machine = built_in("ubuntu-latest").expect("a machine of that name");
            let pricer = Pricer::new(&repo, Terms::new(machine), None, |_| None);
            evaluate_workflows(&repo, &builds, &pricer, Worth::default(), &str::to_owned).found.len()
        });
    });
}

criterion_group!(benches, repository);
criterion_main!(benches);
