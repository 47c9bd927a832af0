//! What a file may cost: each of these took minutes or gigabytes once. `tests/agreement/hostile.py` measures larger ones, in every
//! format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use xsim::bake::{MemoryFiles, Options, resolve};
use xsim::budget::{self, Limit};
use xsim::builds::{Repo, Source, list};

use super::{PLATFORMS, command, folder, text, xsim};

/// Runs a command within the processor time and memory of all tests. It ends with a result, or says which limit was exceeded.
#[track_caller]
fn ends(folder: &Path, args: &[&str]) {
    let output = xsim(folder, args);
    let said = text(&output.stderr) + &text(&output.stdout);
    let short: String = said.chars().take(500).collect();
    match output.status.code() {
        Some(0 | 1) => {}
        Some(2 | 3) => assert!(said.contains("limit") || said.contains("error"), "{args:?}: {short}"),
        other => panic!("{args:?} in {}: {other:?} {short}", folder.display()),
    }
}

/// What is made of each number.
fn each(numbers: impl Iterator<Item = usize>, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    numbers.for_each(|n| text.push_str(&line(n)));
    text
}

/// A number of lines, in which `#` stands for the line's number and `+` for the next one.
fn lines(count: usize, line: &str) -> String {
    each(0..count, |n| line.replace('#', &n.to_string()).replace('+', &(n + 1).to_string()) + "\n")
}

/// A `RUN` of a script in lines that BuildKit reads.
fn script(script: &str) -> String {
    let mut text = "FROM alpine\nRUN <<END\n".to_owned();
    for line in script.lines() {
        let parts: Vec<String> = line.as_bytes().chunks(60_000).map(super::text).collect();
        let _ = writeln!(text, "{}", parts.join("\\\n"));
    }
    text + "END\n"
}

fn copied(stages: usize) -> String {
    format!("FROM alpine\n{}", lines(stages, "COPY --from=s# /a /b#"))
}

fn dockerfiles() -> Vec<(&'static str, String)> {
    let one = |text: String| format!("FROM alpine\nRUN {text}\n");
    vec![
        ("env", one("env A=b ".repeat(8_000))),
        ("time", one("time ".repeat(12_000) + "x")),
        ("sudo", one("exec sudo nice ".repeat(4_000) + "x")),
        ("xargs", one("xargs ".repeat(10_000) + "x")),
        ("pipes", one("a|".repeat(30_000) + "a")),
        ("bars", script(&"|".repeat(240_000))),
        ("parentheses", one("(".repeat(60_000))),
        ("substitutions", one("$(".repeat(30_000))),
        ("ifs without end", script(&"if ".repeat(60_000))),
        ("ifs", script(&lines(3_000, "if a$X; then B#=1; else B#=2; fi"))),
        ("cases", script(&"case $A in a) B=$B.1;; b) B=$B.2;; *) B=$B.3;; esac\n".repeat(2_000))),
        ("functions", script(&(lines(40, "f#() { f+; f+; }") + "f40() { x; }; f0"))),
        ("loops", script(&("for i in 1 2 3 4 5 6 7 8 9; do ".repeat(40) + "x" + &"; done".repeat(40)))),
        ("doubling", script("A=ab; while true; do A=$A$A; eval \"$A\"; done")),
        ("eval", script("A='eval $A; eval $A'; eval $A")),
        ("arithmetic", script(&format!("x $(({}1)) $((9**99999999))", "(1+".repeat(30_000)))),
        (
            "braces",
            format!(
                "FROM alpine\nSHELL [\"bash\", \"-c\"]\nRUN x {} {{1..999999999}}\n",
                "{a,b}".repeat(2_000)
            ),
        ),
        ("documents", script(&(lines(2_000, "sh <<E#") + &each((0..2_000).rev(), |n| format!("E{n}\n"))))),
        ("variables", format!("FROM alpine\n{}{}", lines(1_000, "ENV V#=a"), "RUN x $V1\n".repeat(1_000))),
        ("lost", format!("FROM alpine\n{}", lines(3_000, "RUN V#=a; x"))),
        (
            "onbuild",
            format!(
                "FROM alpine AS b\n{}{}{}",
                "ONBUILD RUN x\n".repeat(400),
                lines(400, "FROM b AS s#"),
                copied(400)
            ),
        ),
        (
            "cross",
            format!(
                "FROM --platform=$BUILDPLATFORM golang AS b\n{}{}",
                lines(1_000, "FROM b AS s#\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build ./c#"),
                copied(1_000)
            ),
        ),
        ("blank", format!("FROM alpine\n{}RUN x\n", "\n".repeat(8_000_000))),
        ("found", "FROM alpine\n".to_owned() + &"RUN echo $U\nCOPY a$W b\n".repeat(2_000)),
    ]
}

#[test]
fn a_dockerfile_ends_or_is_refused() {
    for (name, file) in dockerfiles() {
        let folder = folder(&format!("work-{name}"));
        std::fs::write(folder.join("Dockerfile"), file).unwrap();
        ends(&folder, &[&["check"], &PLATFORMS[..]].concat());
    }
}

/// Thirty platforms, whose figures are those of two times fifteen.
#[test]
fn thirty_platforms_end_or_are_refused() {
    let platforms: Vec<String> = (0..30).map(|n| format!("linux/x{n}")).collect();
    let platforms = platforms.join(",");
    let wanted = ["env", "cases", "variables", "onbuild", "cross", "found"];
    for (name, file) in dockerfiles().into_iter().filter(|(name, _)| wanted.contains(name)) {
        let folder = folder(&format!("work-thirty-{name}"));
        std::fs::write(folder.join("Dockerfile"), file).unwrap();
        for args in [&["analyze", "--format", "svg"][..], &["analyze", "--format", "markdown"], &["graph"]] {
            ends(&folder, &[args, &["--platform", &platforms]].concat());
        }
    }
}

#[test]
fn patterns_end_or_are_refused() {
    for (name, file, patterns) in [
        ("stars", "COPY . /\n".to_owned(), ("**/".repeat(1_300) + "b\n").repeat(12)),
        ("letters", "COPY . /\n".to_owned(), ("*a".repeat(2_000) + "b\n").repeat(10)),
        ("many", "COPY . /\n".to_owned(), lines(20_000, "a#/**/b*c\n!f#*")),
        ("globs", lines(1_000, "COPY *a*b*c#* /"), String::new()),
        ("words", format!("COPY {} /\n", "f*1 ".repeat(10_000)), String::new()),
    ] {
        let folder = folder(&format!("work-patterns-{name}"));
        std::fs::write(folder.join("Dockerfile"), format!("FROM alpine\n{file}")).unwrap();
        std::fs::write(folder.join(".dockerignore"), patterns).unwrap();
        for n in 0..300 {
            std::fs::write(folder.join(format!("f{n}")), "x").unwrap();
        }
        ends(&folder, &[&["check", "--context", "."], &PLATFORMS[..]].concat());
    }
}

#[test]
fn settings_end_or_are_refused() {
    let node = "[[node]]\nname = \"n#\"\ncores = 4\nnative = [\"linux/amd64\"]";
    for (name, option, settings) in [
        ("nodes", "--machine", format!("name = \"m\"\n{}", lines(10_000, node))),
        ("nested", "--machine", format!("a = {}", "[".repeat(400_000))),
        (
            "numbers",
            "--machine",
            "[[node]]\nname = \"n\"\ncores = 1e308\nnative = [\"linux/amd64\"]\n".to_owned(),
        ),
        ("profile", "--profile", "# x\n".repeat(2_000_000)),
        (
            "baseline",
            "--baseline",
            format!(
                "schema = \"xsim.baseline/1\"\n{}",
                lines(20_000, "[[accepted]]\nrule = \"r#\"\ntext = \"x\"\ncount = 1")
            ),
        ),
    ] {
        let folder = folder(&format!("work-settings-{name}"));
        std::fs::write(folder.join("Dockerfile"), "FROM alpine\nRUN x\n").unwrap();
        std::fs::write(folder.join("settings.toml"), settings).unwrap();
        ends(&folder, &["check", option, "settings.toml"]);
    }
}

#[test]
fn definitions_end_or_are_refused() {
    let default = |body: &str| format!("target \"default\" {{\n{body}\n}}\n");
    for (name, file, definition) in [
        (
            "for",
            "docker-bake.hcl",
            default("tags = [for a in range(1000): join(\"\", [for b in range(1000): \"x\"])]"),
        ),
        (
            "calls",
            "docker-bake.hcl",
            format!(
                "{}function \"f40\" {{\n  params = [x]\n  result = x\n}}\n{}",
                lines(40, "function \"f#\" {\n  params = [x]\n  result = concat(f+(x), f+(x))\n}"),
                default("tags = f0([\"a\"])")
            ),
        ),
        (
            "text",
            "docker-bake.hcl",
            format!(
                "variable \"v0\" {{\n  default = \"ab\"\n}}\n{}{}",
                lines(60, "variable \"v+\" {\n  default = \"${v#}${v#}\"\n}"),
                default("args = { x = v60 }")
            ),
        ),
        (
            "inherits",
            "docker-bake.hcl",
            format!(
                "target \"t0\" {{\n  policy = [{{ filename = \"a\" }}]\n}}\n{}{}",
                lines(60, "target \"t+\" {\n  inherits = [\"t#\", \"t#\"]\n}"),
                default("inherits = [\"t60\"]")
            ),
        ),
        ("parentheses", "docker-bake.hcl", format!("x = {}", "(".repeat(200_000))),
        (
            "aliases",
            "compose.yaml",
            format!(
                "x-0: &a0 [x, x]\n{}services:\n  a: {{build: .}}\n",
                lines(40, "x-+: &a+ [*a#, *a#, *a#, *a#, *a#]")
            ),
        ),
    ] {
        let folder = folder(&format!("work-definition-{name}"));
        std::fs::write(folder.join("Dockerfile"), "FROM alpine\n").unwrap();
        std::fs::write(folder.join(file), definition).unwrap();
        for args in [&["bake"][..], &["bake", "--format", "json"]] {
            ends(&folder, args);
        }
    }
}

#[test]
fn repositories_end() {
    let job = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n";
    let for_in_for = "target \"default\" {\n  tags = [for a in range(1000): join(\"\", [for b in range(1000): \"x\"])]\n}\n";
    for (name, workflow, file, more) in [
        (
            "bake",
            format!("{job}{}", lines(3, "    - run: docker buildx bake t#")),
            "docker-bake.hcl",
            for_in_for.to_owned(),
        ),
        (
            "make",
            format!("{job}    - run: make\n"),
            "Makefile",
            format!("all: t0\n{}t60:\n\tdocker build .\n", lines(60, "t#:\n\t$(MAKE) t+\n\t$(MAKE) t+")),
        ),
        (
            "script",
            format!("{job}    - run: ./build.sh\n"),
            "build.sh",
            format!("{}f60() {{ docker build .; }}\nf0\n", lines(60, "f#() { f+; f+; }")),
        ),
        (
            "aliases",
            format!(
                "x: &a0 [x, x]\n{}{job}    - run: docker build .\n",
                lines(40, "y+: &a+ [*a#, *a#, *a#, *a#, *a#]")
            ),
            "a",
            String::new(),
        ),
        (
            "matrix",
            job.replace(
                "    steps",
                &format!(
                    "    strategy:\n      matrix: {{a: [{0}], b: [{0}], c: [{0}]}}\n    steps",
                    "1, ".repeat(256)
                ),
            ) + "    - run: docker build .\n",
            "a",
            String::new(),
        ),
    ] {
        let folder = folder(&format!("work-repository-{name}"));
        std::fs::create_dir_all(folder.join(".github/workflows")).unwrap();
        std::fs::write(folder.join(".github/workflows/a.yml"), workflow).unwrap();
        std::fs::write(folder.join(file), more).unwrap();
        std::fs::write(folder.join("Dockerfile"), "FROM alpine\n").unwrap();
        for args in [&["builds"][..], &["analyze"]] {
            ends(&folder, args);
        }
    }
}

#[test]
fn logs_end() {
    let vertex = "{\"vertexes\":[{\"digest\":\"sha256:d#\",\"name\":\"[a #/9] RUN gcc x#\",\"inputs\":[\"sha256:d+\"],\"started\":\"2026-01-01T00:00:00Z\",\"completed\":\"2026-01-01T00:00:09Z\"}]}";
    for (name, log) in [
        ("steps", lines(5_000, vertex)),
        ("plain", each(1..5_000, |n| format!("#{n} [a 1/9] RUN gcc x{n}\n#{n} 0.1 out\n#{n} DONE 1.0s\n"))),
        ("long", "#1 [1/1] RUN x\n#1 0.1 ".to_owned() + &"x".repeat(20_000_000)),
        ("nested", "{\"vertexes\":".to_owned() + &"[".repeat(1_000_000)),
    ] {
        let folder = folder(&format!("work-log-{name}"));
        std::fs::write(folder.join("log"), log).unwrap();
        std::fs::write(folder.join("other"), "#1 [1/2] RUN gcc x\n#1 DONE 3.0s\n").unwrap();
        ends(&folder, &["observe", "log", "other"]);
        ends(&folder, &["calibrate", "--log", "log", "other", "--output", "profile.toml"]);
    }
}

/// A log that takes more than its limit is said to, and the others are reported.
#[test]
fn a_log_beyond_its_limit_is_refused() {
    let folder = folder("work-log-limit");
    std::fs::write(folder.join("log"), "#1 [1/2] RUN gcc x\n".to_owned() + &"#1 1.0 x\n".repeat(1_000_000))
        .unwrap();
    std::fs::write(folder.join("other"), "#1 [1/2] RUN cc other\n#1 DONE 3.0s\n").unwrap();
    for args in [
        &["observe", "log", "other", "--timeout", "1ms"][..],
        &["calibrate", "--log", "log", "other", "--timeout", "1ms"],
    ] {
        let output = command(&folder, args).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        assert!(
            text(&output.stderr).contains("error[limit-exceeded]: reading logs exceeds"),
            "{}",
            text(&output.stderr)
        );
        assert!((text(&output.stdout) + &text(&output.stderr)).contains("other"));
    }
}

/// Definitions and what calls them draw on the budget of the run, however many there are.
#[test]
fn definitions_draw_on_the_budget() {
    let definition = "target \"default\" {\n  tags = [for a in range(1000): join(\"\", [for b in range(100): \"x\"])]\n}\n";
    let workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: docker buildx bake\n";
    let files = Memory(BTreeMap::from([
        ("docker-bake.hcl".to_owned(), definition.to_owned()),
        (".github/workflows/a.yml".to_owned(), workflow.to_owned()),
    ]));
    let _run = budget::start(Limit::Work(100_000));
    let memory =
        MemoryFiles(files.0.iter().map(|(path, text)| (path.clone(), text.clone().into())).collect());
    let error = resolve(&memory, &Options::default()).unwrap_err();
    assert!(
        error.message.contains("evaluating definitions of builds exceeds the limit"),
        "{}",
        error.message
    );
    let listed = list(&Repo::new(&files, files.0.keys().cloned(), None));
    assert!(
        listed.problems.iter().any(|problem| problem.ends_with("the list is not complete")),
        "{listed:?}"
    );
}

struct Memory(BTreeMap<String, String>);

impl Source for Memory {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}
