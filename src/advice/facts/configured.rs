//! C and C++ by way of build systems: what configures and what builds, and whether it is told another machine than its own.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin;
use crate::ids::VertexIx;
use crate::shell::interpret::{Call, Seen};

/// Whether a program with these arguments looks at the machine and writes how to build on it.
pub(in crate::advice) fn configures<'w>(program: &str, mut arguments: impl Iterator<Item = &'w str>) -> bool {
    const ELSE: [&str; 8] = ["--build", "--install", "-E", "-P", "--version", "--help", "--open", "-N"];
    match program {
        "cmake" => !arguments.any(|word| ELSE.contains(&word)),
        "meson" => arguments.next() == Some("setup"),
        "configure" => !arguments.any(|word| matches!(word, "--help" | "--version")),
        _ => false,
    }
}

/// Whether a program with these arguments builds what was configured before.
pub(in crate::advice) fn builds<'w>(program: &str, mut arguments: impl Iterator<Item = &'w str>) -> bool {
    match program {
        "cmake" => arguments.any(|word| word == "--build"),
        "ninja" | "samu" => !arguments.any(|word| matches!(word, "--version" | "-t")),
        "meson" => arguments.next() == Some("compile"),
        _ => false,
    }
}

/// Whether something on the way to a vertex says what machine is built for: an option, a variable, or a compiler for another one.
pub(in crate::advice) fn is_told(context: &Context<'_>, vertex: VertexIx) -> bool {
    const SIGNS: [&str; 12] = [
        "toolchain",
        "TOOLCHAIN",
        "CMAKE_SYSTEM",
        "CMAKE_C_COMPILER",
        "CMAKE_CXX_COMPILER",
        "--preset",
        "--host",
        "--cross-file",
        "-linux-gnu",
        "-linux-musl",
        "crossbuild-essential",
        "none-eabi",
    ];
    const OTHERS: [&str; 6] = ["emscripten", "emcmake", "emsdk", "mingw", "wasi", "CROSS_COMPILE"];
    let sights = origin::bases(&context.node.graph, vertex).filter_map(|at| context.sight(at));
    sights.into_iter().any(|sight| {
        !sight.outcome.is_complete
            || sight.outcome.calls.iter().any(|call| {
                let says = |word: &str| SIGNS.iter().chain(&OTHERS).any(|sign| word.contains(sign));
                let is_build = configures(call.program(), call.arguments()) || call.program() == "make";
                says(call.program())
                    || call.arguments().any(says)
                    || call.program().starts_with("xx-")
                    || is_build && (is_any_open(call) || has_own_compiler(call))
            })
    })
}

/// Whether some argument of a call may be anything, the one behind `-j` aside.
fn is_any_open(call: &Call) -> bool {
    let counts = |word: &str| matches!(word, "-j" | "-l" | "--jobs" | "--parallel");
    let words: Vec<&str> = call.arguments().collect();
    let before = std::iter::once("").chain(words.iter().copied());
    words.iter().zip(before).any(|(word, before)| is_open(word) && !counts(before))
}

/// Whether an argument may be anything: what a program prints, or a variable of which nothing is known. How many jobs run at once
/// says nothing of the machine.
fn is_open(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    word.contains('\0') && !name.starts_with("-j") && name != "--parallel" && !name.contains("VERSION")
}

/// Whether the environment names a compiler, other than by its plain name.
fn has_own_compiler(call: &Call) -> bool {
    const PLAIN: [&str; 7] = ["", "gcc", "g++", "cc", "c++", "clang", "clang++"];
    ["CC", "CXX", "CMAKE_TOOLCHAIN_FILE"].iter().any(|name| match call.environment.get(name) {
        Seen::Unset => false,
        Seen::Is(text) => text.known().is_none_or(|text| !PLAIN.contains(&text)),
        Seen::Unknown => true,
    })
}

#[cfg(test)]
mod tests {
    use super::{builds, configures};

    #[test]
    fn build_systems_are_told_by_their_words() {
        for (line, configure, build) in [
            ("cmake ..", true, false),
            ("cmake -S . -B build", true, false),
            ("cmake --build build -j4", false, true),
            ("cmake --install build", false, false),
            ("cmake --version", false, false),
            ("configure --prefix=/usr", true, false),
            ("meson setup out", true, false),
            ("meson compile -C out", false, true),
            ("ninja -C out", false, true),
            ("ninja -t clean", false, false),
            ("make", false, false),
        ] {
            let mut words = line.split(' ');
            let program = words.next().unwrap_or_default();
            assert_eq!(configures(program, words.clone()), configure, "{line}");
            assert_eq!(builds(program, words), build, "{line}");
        }
    }
}
