//! How C and C++ are compiled, as an earlier command has configured it.

use crate::shell::SimpleCommand;

use super::command::option;
use super::project::Project;

/// Core-time of a build without optimization beside one with it. Source: the fitted half of `tests/data/projects`, libssh2 and libuv.
const PLAIN: f64 = 0.6;

/// The same of libraries that libtool compiles twice, static and shared. Source: the same, jansson, jq and ogg; programs beside them are compiled
/// once.
const TWICE: f64 = 1.3;

/// What a command that configures a build decides of it, for [`times`].
pub(super) fn configured(command: &SimpleCommand<'_>) -> &'static str {
    let has = |words: &[&str]| command.args.iter().any(|arg| words.iter().any(|word| arg.contains(word)));
    let kind = || option(command, &["-DCMAKE_BUILD_TYPE"]).and_then(|value| value.rsplit('=').next());
    match command.base_name() {
        "cmake" if has(&["-O", "$"]) => "cmake",
        "cmake" if !matches!(kind(), Some("Release" | "RelWithDebInfo" | "MinSizeRel")) => "plain cmake",
        "cmake" => "cmake",
        "meson" => "meson",
        _ if has(&["able-static=no", "able-shared=no", "--disable-static", "--disable-shared"]) => "one kind",
        _ => "",
    }
}

/// How many times as long a build takes as one with optimizations, each source compiled once: by what configured it, if that is known, and the
/// project.
pub(super) fn times(project: &Project, configured: Option<&str>) -> f64 {
    match configured {
        Some("plain cmake") if !project.has_type => PLAIN,
        None | Some("") if project.is_twice => TWICE,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn what_configures_decides() {
        let of = |script| configured(&commands(script)[0]);
        assert_eq!(of("cmake -B build -DCMAKE_BUILD_TYPE=Release ."), "cmake");
        assert_eq!(of("cmake -DCMAKE_BUILD_TYPE:STRING=MinSizeRel .."), "cmake");
        assert_eq!((of("cmake .."), of("cmake .. -DCMAKE_BUILD_TYPE=Debug")), ("plain cmake", "plain cmake"));
        assert_eq!((of("cmake $FLAGS .."), of("cmake -DCMAKE_C_FLAGS=-O2 ..")), ("cmake", "cmake"));
        assert_eq!((of("./configure --prefix=/usr"), of("./configure --disable-static")), ("", "one kind"));
        let (twice, typed) =
            (Project::default().with_recipes(true, false), Project::default().with_recipes(false, true));
        assert!(times(&twice, Some("")) > 1.0 && times(&twice, None) > 1.0);
        assert_eq!((times(&twice, Some("one kind")), times(&twice, Some("cmake"))), (1.0, 1.0));
        assert!(times(&twice, Some("plain cmake")) < 1.0);
        assert!(times(&typed, Some("plain cmake")) >= 1.0);
    }
}
