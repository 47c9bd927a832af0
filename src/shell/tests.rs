//! Scripts and the commands in them.

use proptest::prelude::*;

use super::*;

/// `name arg arg` of each command, wrappers in parentheses, `*` for a loop of unknown length, `?` for a branch.
fn shown(script: &str) -> Vec<String> {
    let show = |command: &SimpleCommand<'_>| {
        let mut words: Vec<String> =
            command.assignments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        words.push(command.name.clone().into_owned());
        words.extend(command.args.iter().map(|arg| arg.clone().into_owned()));
        let text = words.join(" ");
        let wraps = if command.wraps { format!("({text})") } else { text };
        let repeats = match command.repeats {
            Repeats::Times(1) => String::new(),
            Repeats::Times(times) => format!("{times}x "),
            Repeats::Unknown => "* ".into(),
        };
        format!("{repeats}{}{wraps}", if command.reached == Reached::Perhaps { "? " } else { "" })
    };
    commands(script).iter().map(show).collect()
}

#[track_caller]
fn case(script: &str, wanted: &[&str]) {
    assert_eq!(shown(script), wanted, "{script}");
}

#[test]
fn lists_pipes_and_groups() {
    case("a && b; c | d & e", &["a", "b", "c", "d", "e"]);
    case("(cd /x; make) && { y; }", &["cd /x", "make", "y"]);
    case("! foo || bar", &["foo", "? bar"]);
    case("cat a > b 2>&1", &["cat a"]);
    case("set -eux; \\\n  gcc a.c; \\\n  # why\n  strip a.out", &["set -eux", "gcc a.c", "strip a.out"]);
}

#[test]
fn assignments_and_declarations() {
    case("CGO_ENABLED=0 GOOS='linux' go build", &["CGO_ENABLED=0 GOOS=linux go build"]);
    case("X=$(uname -m)", &["uname -m"]);
    case("export V=`git describe` && [ -f $(pwd) ]", &["git describe", "pwd"]);
    case("make -j\"$(nproc)\"", &["make -j$(nproc)", "nproc"]);
}

#[test]
fn branches_and_loops() {
    case("if a; then b; elif c; then d; else e; fi", &["a", "? b", "? c", "? d", "? e"]);
    case("case $x in a|b) q ;; *) r;; esac", &["? q", "? r"]);
    case("for f in a b 'c d'; do gcc $f.c; done", &["3x gcc $f.c"]);
    case("for i in 1 2; do for j in 1 2 3; do x; done; done", &["6x x"]);
    case("for f in *.c; do gcc $f; done", &["* gcc $f"]);
    case("while read l; do z; done < f", &["* read l", "* z"]);
    case("for i in 1 2 3; do npm ci && break || sleep 5; done", &["npm ci", "break", "? sleep 5"]);
    case("for i in 1 2 3; do if npm ci; then exit 0; fi; sleep 5; done", &["npm ci", "? exit 0", "sleep 5"]);
    case("for i in a b c; do make $i || exit 1; done", &["3x make $i", "3x ? exit 1"]);
    case("until npm ci; do sleep 5; done", &["npm ci", "? sleep 5"]);
    case("while true; do npm ci && break; done", &["true", "npm ci", "break"]);
    case("for ((i=0;i<3;i++)); do x; done", &["* x"]);
}

#[test]
fn functions_count_where_they_are_defined() {
    case("fetch() { curl -O $1; }; fetch a; fetch b", &["curl -O $1"]);
}

#[test]
fn wrappers() {
    case("env -i A=1 go build", &["(env -i A=1 go build)", "A=1 go build"]);
    case("sudo -u app -E pip install x", &["(sudo -u app -E pip install x)", "pip install x"]);
    case("find . -name '*.c' -exec gcc {} +", &["(find . -name *.c -exec gcc {} +)", "gcc {} +"]);
    case("find . -name '*.c' -exec gcc {} ';'", &["(find . -name *.c -exec gcc {} ;)", "* gcc {} ;"]);
    case("xargs -n 1 -P4 strip", &["(xargs -n 1 -P4 strip)", "* strip"]);
    case("ls | xargs strip", &["ls", "(xargs strip)", "strip"]);
    case(
        "echo -n 'a b c' | xargs -d' ' -I@ strip @",
        &["echo -n a b c", "(xargs -d  -I@ strip @)", "3x strip @"],
    );
    case("echo a b c d e | xargs -n2 strip", &["echo a b c d e", "(xargs -n2 strip)", "3x strip"]);
    case("echo -n | xargs -n1 strip", &["echo -n", "(xargs -n1 strip)", "strip"]);
    case("echo $A | xargs -n2 strip", &["echo $A", "(xargs -n2 strip)", "* strip"]);
    case("echo a b | xargs -I{} strip {}", &["echo a b", "(xargs -I{} strip {})", "strip {}"]);
    case("time nice -n 5 make", &["(time nice -n 5 make)", "(nice -n 5 make)", "make"]);
    case("timeout -k 5 30 sleep 9", &["(timeout -k 5 30 sleep 9)", "sleep 9"]);
    case("command -v go", &["command -v go"]);
    case("exec /app", &["(exec /app)", "/app"]);
    case("ccache gcc -c a.c", &["(ccache gcc -c a.c)", "gcc -c a.c"]);
}

#[test]
fn scripts_in_arguments() {
    case("sh -c 'a && b'", &["(sh -c a && b)", "a", "b"]);
    case("bash -euxo pipefail -c \"x | y\"", &["(bash -euxo pipefail -c x | y)", "x", "y"]);
    case("bash -eou pipefail -c 'x'", &["(bash -eou pipefail -c x)", "x"]);
    case("bash -lc 'sh -c \"z\"'", &["(bash -lc sh -c \"z\")", "(sh -c z)", "z"]);
    case("su app -c 'npm ci'", &["(su app -c npm ci)", "npm ci"]);
    case("eval make all", &["(eval make all)", "make all"]);
    case("sh ./install.sh -c x", &["sh ./install.sh -c x"]);
    case("curl -fsSL https://x | bash -s -- -y", &["curl -fsSL https://x", "bash -s -- -y"]);
    case("trap 'rm -rf /tmp' EXIT", &["trap rm -rf /tmp EXIT"]);
}

#[test]
fn heredocs() {
    case("bash <<'EOF'\ngcc a.c\nEOF\nls", &["(bash)", "gcc a.c", "ls"]);
    case("cat <<\"EOF\" | sh\ngcc a.c\nEOF", &["cat", "(sh)", "gcc a.c"]);
    case("echo 'gcc a.c' | sh", &["echo gcc a.c", "(sh)", "gcc a.c"]);
    case("echo $A | sh", &["echo $A", "sh"]);
    case("cat > x <<EOF && chmod +x x\nhi $(whoami)\nEOF\n", &["cat", "whoami", "chmod +x x"]);
    assert_eq!(commands("python3 - <<EOF\nimport x\nEOF\n")[0].input.as_deref(), Some("import x\n"));
    case("#!/usr/bin/env python3\nimport os\n", &["python3"]);
    case("#!/bin/bash -e\nmake\n", &["make"]);
}

#[test]
fn broken_scripts_yield_what_can_be_made_out() {
    case("a && ( b", &["a", "b"]);
    case("", &[]);
    assert!(shown("gcc -c 'x").iter().any(|command| command.starts_with("gcc")));
}

#[test]
fn hostile_scripts_end_soon() {
    for text in ["(", "$(", "if a; then ", "{ ", "`", "\"$(", "a; ", "a || ", "<<A ", "sh -c '", "f() { "] {
        let script = text.repeat(60_000 / text.len());
        assert!(commands(&script).len() <= MAX_COMMANDS);
    }
}

proptest! {
    #[test]
    fn nothing_panics(script in "(sh -c |\\$\\(|[a-z'\"$(){};|&<>\\\\ \n=*üß-]){0,60}") {
        commands(&script);
    }
}
