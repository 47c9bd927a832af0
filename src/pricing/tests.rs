use super::*;
use crate::analysis::{Build, NodeInputs};
use crate::context::{Context, Files, Imports, Manifests, Scripts};
use crate::cost::Class;
use crate::graph::emulate::Host;
use crate::ids::NodeIx;
use crate::model::{inputs::Inputs, platform::Platform};
use crate::sim::built_in;
use crate::units::Bytes;

fn amd64() -> Platform {
    Platform::linux("amd64")
}

fn arm64() -> Platform {
    Platform::parse("linux/arm64", &amd64()).unwrap()
}

fn node(name: Option<&str>, host: &Platform, targets: &[Platform]) -> NodeInputs {
    let inputs = Inputs::new(host.clone(), targets).unwrap();
    NodeInputs { name: name.map(str::to_owned), host: Host::new(host.clone()), inputs }
}

fn analysis(file: &str, nodes: &[NodeInputs]) -> Analysis {
    let source = crate::source::Source::new("Dockerfile", file.as_bytes().to_vec()).unwrap();
    Build::new(source, nodes.to_vec()).into_outcome().unwrap()
}

fn emulating() -> Vec<NodeInputs> {
    vec![node(None, &amd64(), &[amd64(), arm64()])]
}

fn terms() -> Terms {
    Terms::new(built_in("small").unwrap())
}

const EMULATED: &str = "FROM golang\nCOPY . /src\nRUN go build -o /out .\n";
const CROSS: &str = "FROM --platform=$BUILDPLATFORM golang\nCOPY . /src\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /out .\n";

#[test]
fn crossing_is_faster_than_emulation() {
    let (slow, fast) = (analysis(EMULATED, &emulating()), analysis(CROSS, &emulating()));
    let terms = terms();
    let (slow, fast) = (price(&slow, &terms).unwrap(), price(&fast, &terms).unwrap());
    assert!(slow.total.p50 > fast.total.p50 * 2.0);
    assert!(slow.losses.emulation > Nanos::ZERO && fast.losses.emulation == Nanos::ZERO);
    assert!(slow.finish[1].p50 > slow.finish[0].p50 && slow.total.p10 < slow.total.p90);
    let costliest = slow.costliest(3);
    assert_eq!(slow.vertex(costliest[0]), (NodeIx(0), slow.vertex(costliest[0]).1));
    assert!(slow.emulation(costliest[0]) > slow.core_time(costliest[0]) * 0.8, "the emulated build");
}

#[test]
fn a_hand_decides() {
    let analysis = analysis(EMULATED, &emulating());
    let none = Terms { slowdowns: Slowdowns { all: Some(1.0), ..Slowdowns::default() }, ..terms() };
    assert_eq!(price(&analysis, &none).unwrap().losses.emulation, Nanos::ZERO);
}

#[test]
fn without_a_range_the_median_is_all() {
    let analysis = analysis(EMULATED, &emulating());
    let terms = terms().without_range();
    let timing = price(&analysis, &terms).unwrap();
    let once = timing.trace.makespan() + Nanos::from_secs_f64(DEFAULT_OVERHEAD_S);
    assert_eq!(timing.total, Quantiles { p10: once, p50: once, p90: once });
    assert_eq!(timing.finish[1], timing.total, "the emulated platform is done last");
}

#[test]
fn nodes_run_side_by_side_and_repeat_each_other() {
    let file = "FROM --platform=$BUILDPLATFORM golang\nRUN go build -o /out .\n";
    let pair = [node(Some("amd64"), &amd64(), &[amd64()]), node(Some("arm64"), &arm64(), &[arm64()])];
    let pair = analysis(file, &pair);
    let terms = Terms::new(built_in("native-pair").unwrap());
    let timing = price(&pair, &terms).unwrap();
    assert_eq!(timing.plan.tasks().len(), 4);
    assert_eq!(timing.finish.len(), 2);
    let life = |task| (timing.trace.span(TaskIx(task)).start, timing.trace.span(TaskIx(task)).finish);
    assert_eq!(life(1), life(3), "nothing is shared, nothing waits");
    assert_eq!(timing.plan.task(TaskIx(3)).repeats, Some(TaskIx(1)));
    assert_eq!(
        (timing.task(NodeIx(1), VertexIx(1)), timing.vertex(TaskIx(3))),
        (TaskIx(3), (NodeIx(1), VertexIx(1)))
    );
    assert_eq!(timing.losses.emulation, Nanos::ZERO);
}

#[test]
fn files_that_are_copied_by_name_tell_what_is_compiled() {
    let seconds = |file: &str| {
        let analysis = analysis(file, &[node(None, &amd64(), &[amd64()])]);
        price(&analysis, &terms()).unwrap().total.p50
    };
    let build = |copies: &str| seconds(&format!("FROM golang\n{copies}RUN go build -o /out .\n"));
    let (whole, single) = (build("COPY . .\n"), build("COPY go.mod main.go ./\n"));
    assert!(whole > single * 2.0, "{whole:?} {single:?}");
    let others = ["COPY go.mod go.sum main.go ./\n", "COPY main.go ./\nCOPY lib lib\n", "COPY *.go ./\n"];
    for others in others {
        assert!(build(others) > single * 2.0, "{others} may bring more");
    }
    let fetched = build("COPY main.go ./\nRUN git clone https://a.example/b .\n");
    assert!(fetched > single * 2.0, "sources of others");
}

#[test]
fn results_that_are_copied_are_not_made_again() {
    let last = |image: &str, command: &str, copy: &str| {
        let stage = format!("FROM {image} AS deps\nWORKDIR /app\nRUN {command}\n");
        let file = format!("{stage}FROM {image}\nWORKDIR /app\n{copy}RUN {command}\n");
        let analysis = analysis(&file, &[node(None, &amd64(), &[amd64()])]);
        let terms = terms();
        let timing = price(&analysis, &terms).unwrap();
        timing.core_time(*timing.commands.last().unwrap())
    };
    let cargo = |copy: &str| last("rust", "cargo build --release", &format!("COPY --from=deps {copy}\n"));
    let all = cargo("/etc /etc");
    for copy in ["/app/target target", "/app .", "/ /"] {
        assert!(cargo(copy) < all * 0.5, "{copy}");
    }
    for copy in ["/app/target /elsewhere/target", "/app/src src"] {
        assert!(cargo(copy) > all * 0.9, "{copy}");
    }
    // What Go compiled does not lie beside its sources.
    let go = |copy: &str| last("golang", "go build .", &format!("COPY --from=deps {copy}\n"));
    assert!(go("/root/.cache /root/.cache") < go("/app /app") * 0.5);
}

#[test]
fn copies_of_copies_do_not_grow_without_end() {
    let copies: Vec<String> =
        (0..200).map(|n| format!("FROM s{n} AS s{}\nCOPY --from=s{n} / /d{n}\n", n + 1)).collect();
    let file = format!("FROM rust AS s0\nRUN cargo build\n{}RUN cargo build\n", copies.concat());
    let analysis = analysis(&file, &[node(None, &amd64(), &[amd64()])]);
    assert!(price(&analysis, &terms()).is_ok(), "ends");
}

#[test]
fn what_is_not_known_counts_by_what_it_may_add() {
    let of = |command: &str| {
        let analysis = analysis(&format!("FROM x\nRUN {command}\n"), &[node(None, &amd64(), &[amd64()])]);
        let terms = terms();
        let timing = price(&analysis, &terms).unwrap();
        let task = timing.commands[0];
        let program = timing.estimates[task.index()].unknown.program.clone();
        (timing.not_understood() == Some(task), timing.of_basis(Basis::Unknown).count(), program)
    };
    assert_eq!(of("frobnicate --all"), (true, 1, "frobnicate".to_owned()));
    assert_eq!(of("cargo build --release && frobnicate"), (false, 0, "frobnicate".to_owned()));
    assert_eq!(of("cp a b && ./install.sh"), (true, 1, "./install.sh".to_owned()));
    assert_eq!(of("cp a b"), (false, 0, String::new()));
}

/// A context of files.
fn context(files: &[(&str, &str)]) -> Context {
    let size = |text: &str| Bytes(text.len() as u64);
    let all = files.iter().map(|(path, text)| (Box::from(*path), size(text))).collect();
    let manifests = Manifests::read(files.iter().copied());
    let (mut imports, mut scripts) = (Imports::default(), Scripts::default());
    for (path, text) in files {
        if Imports::takes(path) {
            imports.add(path, size(text).0, text);
        } else if Scripts::takes(path) {
            scripts.add(path, text);
        }
    }
    imports.complete(&manifests);
    Context { files: Files::new(all, false), manifests, imports, scripts, ..Context::default() }
}

#[test]
fn a_program_counts_by_what_it_imports_wherever_its_files_are_copied() {
    let files = [
        ("go.mod", "module a.b/c\n\ngo 1.22\n\nrequire k8s.io/client-go v1\n"),
        ("go.sum", "k8s.io/client-go v1 h1:x=\n"),
        ("Makefile", "small:\n\tgo build -o /out ./cmd/small\n"),
        ("cmd/large/main.go", "package main\nimport \"a.b/c/lib\"\n"),
        ("cmd/small/main.go", "package main\nimport \"fmt\"\n"),
        ("lib/lib.go", "package lib\nimport \"k8s.io/client-go/kubernetes\"\n"),
        ("server/go.mod", "module d.e/f\n\ngo 1.22\n\nrequire (\n\tg.h/i v1\n\tj.k/l v1\n)\n"),
        ("server/go.sum", "g.h/i v1 h1:x=\nj.k/l v1 h1:x=\n"),
        ("server/main.go", "package main\nimport \"g.h/i\"\n"),
    ];
    let contexts = Contexts::alone(context(&files), true);
    let rests_on = |copies: &str, command: &str| {
        let file = format!("FROM golang\nWORKDIR /src\n{copies}\nRUN {command}\n");
        let analysis = analysis(&file, &[node(None, &amd64(), &[amd64()])]);
        let terms = Terms { contexts: contexts.clone(), ..terms() };
        let timing = price(&analysis, &terms).unwrap();
        timing.estimates[timing.commands[0].index()].rests_on.clone()
    };
    let apart = "COPY go.mod go.sum Makefile ./\nCOPY cmd/ cmd/\nCOPY lib/lib.go lib/";
    for copies in ["COPY . .", apart, "COPY go.* Makefile ./\nCOPY cmd ./cmd\nCOPY lib lib"] {
        for command in ["go build -o /out ./cmd/small", "cd cmd/small && go build", "make small"] {
            let small = rests_on(copies, command);
            assert_eq!(small, "about 0 of 1 Go module, 1 kB of Go", "{copies}: {command}");
        }
        for command in ["go build ./cmd/large", "go build ./..."] {
            let large = rests_on(copies, command);
            assert_eq!(large, "about 1 of 1 Go module, 1 kB of Go", "{copies}: {command}");
        }
        assert_eq!(rests_on(copies, "go build $WHAT"), "1 Go module, 1 kB of Go", "{copies}");
    }
    for copies in
        ["COPY server .", "COPY server/go.mod server/go.sum ./\nCOPY lib lib\nCOPY server/main.go ."]
    {
        assert_eq!(rests_on(copies, "go build"), "about 1 of 2 Go modules, 1 kB of Go", "{copies}");
    }
    let at_root = "WORKDIR /\nCOPY go.mod go.sum ./\nCOPY cmd cmd";
    assert!(rests_on(at_root, "go build ./cmd/small").starts_with("about 0 of 1"));
}

#[test]
fn what_was_copied_by_way_of_other_stages_is_found() {
    let files = [
        ("package.json", "{\"scripts\": {\"build\": \"turbo run build\"}}"),
        (
            "apps/web/package.json",
            "{\"name\": \"web\", \"scripts\": {\"build\": \"pnpm with next build\", \"with\": \"dotenv -e .env --\"}, \"dependencies\": {\"next\": \"15\"}}",
        ),
        ("apps/web/pages/index.tsx", "export default () => null\n"),
    ];
    let contexts = Contexts::alone(context(&files), true);
    let seconds = |stages: &str, command: &str| {
        let file = format!(
            "FROM node AS all\nWORKDIR /app\nCOPY . .\nRUN turbo prune web --docker\n{stages}RUN {command}\n"
        );
        let analysis = analysis(&file, &[node(None, &amd64(), &[amd64()])]);
        let terms = Terms { contexts: contexts.clone(), ..terms() };
        let timing = price(&analysis, &terms).unwrap();
        timing.core_time(*timing.commands.last().unwrap()).as_secs_f64()
    };
    let next = seconds("", "cd apps/web && next build");
    for stages in [
        "FROM node\nWORKDIR /src\nCOPY --from=all /app/out/full/ .\n",
        "FROM node\nWORKDIR /src\nCOPY --from=all /app .\n",
        "FROM node\nWORKDIR /src\nCOPY --from=all /app/apps ./apps\nCOPY --from=all /app/package.json ./\n",
        "FROM node AS more\nCOPY --from=all / /\nFROM node\nWORKDIR /src\nCOPY --from=more /app ./\n",
    ] {
        for command in ["pnpm build --filter=web", "cd apps/web && pnpm build"] {
            let found = seconds(stages, command);
            assert!((found / next - 1.0).abs() < 0.1, "{stages}{command}: {found} {next}");
        }
    }
}

/// What the last command of a Dockerfile rests on, beside a context.
fn last(contexts: &Contexts, file: &str) -> Estimate {
    let analysis = analysis(file, &[node(None, &amd64(), &[amd64()])]);
    let terms = Terms { contexts: contexts.clone(), ..terms() };
    let timing = price(&analysis, &terms).unwrap();
    timing.estimates[timing.commands.last().unwrap().index()].clone()
}

#[test]
fn what_others_hold_is_not_the_project() {
    let lock = "{\n  \"packages\": {\n    \"\": {},\n    \"node_modules/a\": {},\n    \"node_modules/b\": {}\n  }\n}\n";
    let contexts = Contexts::alone(context(&[("package.json", "{}"), ("package-lock.json", lock)]), true);
    for (before, rests_on) in [
        ("FROM node AS all\nCOPY . /src\nFROM node\nCOPY --from=all /src /src\n", "2 npm packages"),
        ("FROM git AS all\nRUN git clone x /src\nFROM node\nCOPY --from=all /src /src\n", ""),
        ("FROM node\nCOPY --from=x/tool /bin/tool /bin/\n", ""),
    ] {
        let found = last(&contexts, &format!("{before}WORKDIR /src\nRUN npm ci\n"));
        assert_eq!(found.rests_on, rests_on, "{before}");
    }
}

#[test]
fn packages_that_are_asked_for_tell_how_many_there_are() {
    let package = "{\"dependencies\": {\"a\": \"1\"}, \"devDependencies\": {\"b\": \"1\", \"c\": \"1\"}}";
    let contexts = Contexts::alone(context(&[("server/package.json", package)]), true);
    let install = |before: &str, command: &str| {
        last(
            &contexts,
            &format!("FROM node\n{before}WORKDIR /src\nCOPY server/package.json ./\nRUN {command}\n"),
        )
    };
    let all = install("", "npm install");
    assert_eq!(all.rests_on, "3 npm packages asked for");
    let part =
        |before: &str, command: &str| install(before, command).cpu.as_secs_f64() / all.cpu.as_secs_f64();
    assert!(part("ENV NODE_ENV=production\n", "npm install") < 0.5);
    assert!(part("ENV NODE_ENV=production\n", "npm install --include=dev") > 0.9);
    assert!(part("", "npm install --only=prod") < 0.5 && part("", "npm rebuild") < 0.3);
}

#[test]
fn programs_are_known_by_what_variables_name() {
    let none = Contexts::default();
    for (before, command, class) in [
        ("ENV YARN=/opt/.yarn/releases/yarn-3.8.7.cjs\n", "\"$YARN\" install --immutable", Class::NpmInstall),
        ("", "node .yarn/releases/yarn-3.8.7.cjs build", Class::NodeBuild),
        ("ENV PIP=\"python3 -m pip\"\n", "${PIP} install x", Class::PipInstall),
        ("", "$UNSET install x", Class::Unknown),
    ] {
        assert_eq!(last(&none, &format!("FROM x\n{before}RUN {command}\n")).class, class, "{command}");
    }
}

#[test]
fn scripts_run_what_they_are_given() {
    let scripts = [
        ("run.sh", "#!/bin/sh\nset -e\nexport A=b\nexec \"$@\"\n"),
        ("in.sh", "time sh -x ./run.sh \"$@\" --release\n"),
    ];
    let contexts = Contexts::alone(context(&scripts), true);
    for command in ["./run.sh cargo build", "bash -e run.sh cargo build", "sh in.sh cargo build"] {
        let found = last(&contexts, &format!("FROM x\nCOPY . .\nRUN {command}\n"));
        assert_eq!(found.class, Class::CargoBuild, "{command}");
    }
    assert_eq!(last(&contexts, "FROM x\nCOPY . .\nRUN ./run.sh\n").class, Class::Builtin);
}

#[test]
fn of_sources_that_are_not_in_the_context_nothing_is_known() {
    let contexts = Contexts::alone(context(&[("main.go", "package main\n")]), true);
    let file = "FROM x\nRUN git clone y && cd y && make\n";
    let found = last(&contexts, file);
    assert_eq!((found.basis, &*found.unknown.program), (Basis::Unknown, "make"));
    assert_eq!(last(&Contexts::default(), file).basis, Basis::Default, "a usual project");
    for (command, source) in [
        ("curl -O https://x/nginx-1.25.tar.gz && tar xf nginx-1.25.tar.gz && cd nginx-1.25 && make", "nginx"),
        ("git clone https://x/llvm-project y && cmake -S y -B out && cmake --build out", "llvm"),
        ("curl https://x/node-v20-linux-x64.tar.xz | tar xJ && cd redis && make", "redis"),
    ] {
        let found = last(&contexts, &format!("FROM x\nRUN {command}\n"));
        assert_eq!(found.rests_on, format!("the sources of {source}"), "{command}");
    }
    let own = Contexts::alone(context(&[("redis.c", "int main() { return 0; }\n")]), true);
    let copied = last(&own, "FROM x\nCOPY . /redis\nWORKDIR /redis\nRUN make\n");
    assert_eq!(copied.rests_on, "1 kB of C");
}
