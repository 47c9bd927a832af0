//! How much a project has checked of the system before it is built.

/// The checks that a `CMakeLists.txt` asks for: `check_include_file(…)`, `find_package(…)`, `try_compile(…)`, and one for the compiler.
pub(super) fn of_cmake(text: &str) -> usize {
    1 + text.lines().filter(|line| calls(line, &["find_", "try_", "test_big_endian"])).count()
}

/// The same of a `meson.build`: `cc.has_function(…)`, `dependency(…)`.
pub(super) fn of_meson(text: &str) -> usize {
    const ASKS: [&str; 7] =
        [".has_", ".compiles(", ".links(", ".get_supported", "dependency(", ".find_library(", ".sizeof("];
    1 + text.lines().filter(|line| ASKS.iter().any(|ask| line.contains(ask))).count()
}

/// The macros of a `configure.ac`, most of which are checks.
pub(super) fn of_autoconf(text: &str) -> usize {
    let is_macro = |line: &&str| {
        let name = line.trim_start().split(['(', '[', ' ']).next().unwrap_or_default();
        name.split_once('_').is_some_and(|(family, _)| {
            matches!(family, "AC" | "AX" | "AM" | "PKG" | "LT" | "gl") || family.len() > 3
        }) && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
    };
    text.lines().filter(is_macro).count()
}

/// Whether a line calls a command that checks something, by how its name starts or that `check` is in it.
fn calls(line: &str, starts: &[&str]) -> bool {
    let Some((name, _)) = line.split_once('(') else { return false };
    let name = name.trim().to_ascii_lowercase();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name
        && (["check", "compiler_flag"].iter().any(|word| name.contains(word))
            || starts.iter().any(|start| name.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_counted() {
        let text = "project(a)\nCHECK_INCLUDE_FILE(\"x.h\" X)\n  la_check_symbol (y)\nfind_package(Z)\n# check (\nset(check 1)\n";
        assert_eq!(of_cmake(text), 4);
        assert_eq!(of_meson("project('a')\nif cc.has_function('x')\nz = dependency('zlib')\n"), 3);
        assert_eq!(
            of_autoconf("AC_INIT([a])\n  AC_CHECK_FUNCS([b])\nif test x; then\nCURL_CHECK_Y\nA_B\n"),
            3
        );
    }
}
