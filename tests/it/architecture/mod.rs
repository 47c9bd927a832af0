//! Holds what `docs/architecture.md` says about the code: the order of its layers, who may speak to the outside world,
//! and the size of its files.

mod paths;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

use paths::paths;
use tokens::tokens;

/// The modules at the top of `src`, in the order of the way through. Each may use those of its own group and of the
/// groups before it.
const ORDER: &[&[&str]] = &[
    &["architectures", "source", "symbols", "diagnostic", "ids", "units", "work", "budget", "yaml"],
    &["dockerfile", "bake"],
    &["model"],
    &["context", "shell"],
    &["builds"],
    &["graph"],
    &["cost"],
    &["sim"],
    &["ingest", "calibrate"],
    &["analysis", "pricing", "explore", "timeline", "sharing", "workflow"],
    &["observe"],
    &["translate"],
    &["advice", "compare"],
    &["policy"],
    &["scan"],
    &["report"],
    &["cli"],
    &["main"],
];

/// Modules beside the way through: what they may use, and who may use them.
const BESIDE: &[(&str, &[&str], &[&str])] = &[(
    "translate",
    &["source", "symbols", "diagnostic", "ids", "units", "model"],
    &["advice", "compare", "report", "cli", "main"],
)];

/// The modules that speak to the outside world: arguments, environment, terminal, exit codes.
const OUTSIDE: &[&str] = &["cli", "main"];

/// Crates, paths and macros that only [`OUTSIDE`] may use. A path also covers what lies in it.
const OUTSIDE_ONLY: &[&[&str]] = &[
    &["clap"],
    &["clap_complete"],
    &["clap_mangen"],
    &["std", "env"],
    &["std", "process"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["std", "io", "stderr"],
    &["io", "stdin"],
    &["io", "stdout"],
    &["io", "stderr"],
    &["println!"],
    &["print!"],
    &["eprintln!"],
    &["eprint!"],
];

/// Lines a source file may have, its unit tests included.
const MAX_LINES: usize = 500;

/// The group of a module in [`ORDER`].
fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|group| group.contains(&module))
}

/// Why `user` may not use `used`, if it may not.
fn objection(user: &str, used: &str) -> Option<String> {
    if user == used {
        return None;
    }
    let Some(place) = rank(used) else {
        return Some(format!("crate::{used} is no layer; name the module that {used} lives in"));
    };
    let beside = BESIDE.iter().any(|&(module, uses, users)| {
        module == user && !uses.contains(&used) || module == used && !users.contains(&user)
    });
    (beside || rank(user).is_none_or(|own| own < place))
        .then(|| format!("layer {user} may not use layer {used}"))
}

/// Whether a path leads to what is banned; a macro may be called by a path, too.
fn reaches(path: &[&str], banned: &[&str]) -> bool {
    path.starts_with(banned) || banned[0].ends_with('!') && path.ends_with(banned)
}

/// Every breach of the rules in one file, as `file:line: what`.
fn breaches(file: &str, source: &str) -> Vec<String> {
    let module: Vec<&str> = file
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .split('/')
        .filter(|&part| part != "mod")
        .collect();
    let layer = module[0];
    if layer == "lib" {
        // Declares the layers and stands above them all.
        return Vec::new();
    }
    if rank(layer).is_none() {
        return vec![format!("{file}:1: {layer} is in no layer; give it a place in the order")];
    }
    let mut breaches = Vec::new();
    for path in paths(&tokens(source), &module) {
        let complaint = match path.segments[..] {
            ["crate", used, ..] if layer != "main" => objection(layer, used),
            _ => (!OUTSIDE.contains(&layer)
                && OUTSIDE_ONLY.iter().any(|banned| reaches(&path.segments, banned)))
            .then(|| format!("layer {layer} may not use {}", path.segments.join("::"))),
        };
        breaches.extend(complaint.map(|complaint| format!("{file}:{}: {complaint}", path.line)));
    }
    breaches
}

/// The source files below `src`, with `/` between folders on every system.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry of it").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name: Vec<_> = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .iter()
                    .map(|part| part.to_string_lossy())
                    .collect();
                files.push((name.join("/"), fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn dependencies_point_one_way() {
    let breaches: Vec<String> = sources().iter().flat_map(|(file, source)| breaches(file, source)).collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn files_are_small() {
    let large: Vec<String> = sources()
        .iter()
        .map(|(file, source)| (file, source.lines().count()))
        .filter(|&(_, lines)| lines > MAX_LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines, more than {MAX_LINES}; split it by subject"))
        .collect();
    assert!(large.is_empty(), "\n{}\n", large.join("\n"));
}

#[test]
fn the_documentation_has_the_same_order() {
    let groups: Vec<String> = ORDER.iter().map(|group| group.join(", ")).collect();
    let order = groups.join(" ▸ ");
    let page = include_str!("../../../docs/architecture.md");
    let words: Vec<&str> = page.split_whitespace().collect();
    assert!(words.join(" ").contains(&order), "docs/architecture.md does not say {order}");
}

/// A checker that finds nothing may also be one that looks at nothing.
#[test]
fn the_checker_finds_breaches() {
    #[track_caller]
    fn case(file: &str, source: &str, expected: &[&str]) {
        assert_eq!(breaches(file, source), expected);
    }
    case("src/model/stage.rs", "use crate::dockerfile::ast::From;\nuse crate::model::scope;", &[]);
    case(
        "src/model/stage.rs",
        "//! Like [`crate::graph`].\nuse crate::graph::Vertex; // crate::cli\n",
        &["src/model/stage.rs:2: layer model may not use layer graph"],
    );
    case(
        "src/dockerfile/mod.rs",
        "use crate::{\n    source::Span,\n    report::Format,\n};",
        &["src/dockerfile/mod.rs:3: layer dockerfile may not use layer report"],
    );
    case(
        "src/graph/build.rs",
        "fn f() {\n  super::super::cli::run();\n}",
        &["src/graph/build.rs:2: layer graph may not use layer cli"],
    );
    case(
        "src/analysis.rs",
        "mod tests {\n  use super::super::report;\n}",
        &["src/analysis.rs:2: layer analysis may not use layer report"],
    );
    case("src/calibrate/mod.rs", "use crate::ingest::Log;", &[]);
    case("src/advice/mod.rs", "use crate::translate::Toolchain;", &[]);
    case(
        "src/graph/mod.rs",
        "use crate::translate::Toolchain;",
        &["src/graph/mod.rs:1: layer graph may not use layer translate"],
    );
    case(
        "src/translate/mod.rs",
        "use crate::model;\nuse crate::dockerfile;",
        &["src/translate/mod.rs:2: layer translate may not use layer dockerfile"],
    );
    case(
        "src/report/text.rs",
        "use std::{env, fmt};\nfn f() { println!(\"{}\", std::process::id()); }\nuse clap::Parser;",
        &[
            "src/report/text.rs:1: layer report may not use std::env",
            "src/report/text.rs:2: layer report may not use println!",
            "src/report/text.rs:2: layer report may not use std::process::id",
            "src/report/text.rs:3: layer report may not use clap::Parser",
        ],
    );
    case("src/report/text.rs", "let version = env!(\"CARGO_PKG_VERSION\");", &[]);
    case("src/cli/mod.rs", "use clap::Parser;\nuse std::env;\nfn f() { eprintln!() }", &[]);
    case("src/main.rs", "use std::process::ExitCode;\nuse xsim::cli;", &[]);
    case(
        "src/sim/mod.rs",
        "use crate::Graph;",
        &["src/sim/mod.rs:1: crate::Graph is no layer; name the module that Graph lives in"],
    );
    case(
        "src/cost/mod.rs",
        "fn f() { std::println!() }",
        &["src/cost/mod.rs:1: layer cost may not use std::println!"],
    );
    case("src/utils.rs", "", &["src/utils.rs:1: utils is in no layer; give it a place in the order"]);
}
