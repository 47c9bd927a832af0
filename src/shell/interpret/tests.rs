//! Scripts, and the programs that a shell would run for them.

use proptest::prelude::*;

use super::*;

struct Nowhere;

impl World for Nowhere {
    fn answer(&self, words: &[&str], _: &Environment) -> Option<String> {
        (words == ["uname", "-m"]).then(|| "x86_64\n".to_owned())
    }

    fn is_unset(&self, name: &str) -> bool {
        name != "HOME"
    }
}

fn run(script: &str) -> Outcome {
    let told =
        [("TARGETARCH", "arm64"), ("TARGETPLATFORM", "linux/arm64"), ("TARGETVARIANT", "v8"), ("MODE", "\0")];
    let environment = told.map(|(name, value)| (name.into(), value.into())).into_iter().collect();
    interpret(script, Start { environment, dir: "/src".into(), ..Start::default() }, &Nowhere)
}

/// What is run: words, then `GOARCH` as the program sees it, `?` before what runs perhaps, `_` for a gap.
fn shown(script: &str) -> Vec<String> {
    let show = |call: &Call| {
        let words: Vec<&str> = call.words.iter().map(|word| word.text.with_gaps()).collect();
        let seen = match call.environment.get("GOARCH") {
            Seen::Unset => String::new(),
            Seen::Is(value) => format!(" [{}]", value.with_gaps()),
            Seen::Unknown => " [?]".to_owned(),
        };
        let perhaps = if call.is_certain { "" } else { "? " };
        format!("{perhaps}{}{seen}", words.join(" ")).replace('\0', "_")
    };
    run(script).calls.iter().map(show).collect()
}

#[track_caller]
fn case(script: &str, wanted: &[&str]) {
    assert_eq!(shown(script), wanted, "{script}");
}

#[test]
fn variables_and_the_environment() {
    case("GOARCH=arm64 go build", &["go build [arm64]"]);
    case("GOARCH=arm64; go build", &["go build"]);
    case("export GOARCH=$TARGETARCH; go build", &["go build [arm64]"]);
    case("GOARCH=arm64; export GOARCH && go build", &["go build [arm64]"]);
    case("set -a; GOARCH=arm64; set +a; go build", &["go build [arm64]"]);
    case("set -o allexport; GOARCH=arm64; go build", &["go build [arm64]"]);
    case("GOARCH=\"${TARGETARCH:-amd64}\" go build", &["go build [arm64]"]);
    case("GOARCH=${ARCH:-amd64} go build", &["go build [amd64]"]);
    case("GOARCH=${ARCH-} X=${TARGETARCH:+y} go build ${TARGETVARIANT#v}", &["go build 8 []"]);
    case("export GOARCH=a; (GOARCH=b; go x); go y; unset GOARCH; go z", &["go x [b]", "go y [a]", "go z"]);
    case("declare -x GOARCH=a; go x; export -n GOARCH; go y", &["go x [a]", "go y"]);
    case("A='x y'; go $A \"$A\"", &["go x y x y"]);
    case("go $EMPTY a", &["go a"]);
    case("GOARCH=$MODE go a$MODE", &["go a_ [_]"]);
}

#[test]
fn branches() {
    case("case $TARGETARCH in amd64) A=x ;; arm64|arm) A=y ;; esac; go $A", &["go y"]);
    case("case $MODE in amd64) A=xa ;; *) A=xb ;; esac; go $A", &["go x_"]);
    case("if [ \"$TARGETARCH\" = arm64 ]; then export GOARCH=arm64; fi; go", &["go [arm64]"]);
    case("if [ \"$MODE\" = x ]; then export GOARCH=arm64; go a; fi; go b", &["? go a [arm64]", "go b [?]"]);
    case("[ $TARGETARCH != arm ] || export GOARCH=arm; go", &["go"]);
    case("[[ $TARGETPLATFORM == linux/* ]] && go a; [[ -z $MODE ]] && go b", &["go a", "? go b"]);
    case("test -n \"$TARGETARCH\" -a 1 -eq 1 && go", &["go"]);
    case("go a || go b; go c", &["go a", "? go b", "go c"]);
    case("[ \"$MODE\" ] || exit 1; go c", &["go c"]);
    case("false && go a; true || go b; ! false && go c", &["go c"]);
    case("case $TARGETARCH in amd64) exit 0 ;; esac; go", &["go"]);
    case("if go a; then go b; else go c; fi", &["go a", "? go b", "? go c"]);
}

#[test]
fn loops_and_functions() {
    case("for a in amd64 arm64; do GOARCH=$a go build; done", &["go build [amd64]", "go build [arm64]"]);
    case("for a in 1 2 3; do [ $a = 2 ] && break; go $a; done", &["go 1"]);
    case("for f in *.go; do go $f; done", &["? go _"]);
    case("while read l; do GOARCH=$l; go $l; done; go b", &["? go _", "go b"]);
    case(
        "b() { GOARCH=$1 go build $2; }; b arm64 x; b \"$TARGETARCH\"",
        &["go build x [arm64]", "go build [arm64]"],
    );
    case("f() { return 0; go a; }; f && go b", &["go b"]);
    case("f() { f; }; f; go b", &[]);
    case("set -- a 'b c'; go \"$@\" $#", &["go a b c 2"]);
}

#[test]
fn what_scripts_print() {
    case("go $(echo $TARGETPLATFORM | cut -d/ -f2)", &["cut -d/ -f2", "go arm64"]);
    case("go `echo a_b | tr _ -` `echo \\`echo c\\``", &["tr _ -", "go a-b c"]);
    case(
        "ARCH=$(uname -m | sed s/x86_64/amd64/); GOARCH=$ARCH go",
        &["uname -m", "sed s/x86_64/amd64/", "go [amd64]"],
    );
    case("go $(case $TARGETARCH in arm64) echo aarch64;; esac)", &["go aarch64"]);
    case("go v$(git describe)", &["git describe", "go v_"]);
    case("go $((1 + 2))", &["go _"]);
    case(
        "cat <<EOF > /x\nGOARCH=$TARGETARCH\nEOF\n. /x; go a; export GOARCH; go b",
        &["cat", "go a", "go b [arm64]"],
    );
    case(
        "echo export GOARCH=arm64 >> /y; printf 'export %s=%s\\n' GOARCH 386 > /x; . /x && go",
        &["go [386]"],
    );
    case("eval \"export GOARCH=$TARGETARCH\"; go", &["go [arm64]"]);
    case("export GOARCH=a; . /unknown; go", &["go [?]"]);
    case(". \"$HOME/.cargo/env\" && GOARCH=a go", &["go [a]"]);
}

#[test]
fn programs_that_run_others() {
    case("env -u GOARCH GOOS=x go a", &["env -u GOARCH GOOS=x go a", "go a"]);
    case(
        "export GOARCH=a; env -i go; sudo go; sudo -E go",
        &["env -i go [a]", "go", "sudo go [a]", "go [?]", "sudo -E go [a]", "go [a]"],
    );
    case("GOARCH=a time go", &["time go [a]", "go [a]"]);
    case("A=1 GOARCH=b sh -c 'go $A $1' x y", &["sh -c go $A $1 x y [b]", "go 1 y [b]"]);
    case("A=1; bash -c 'go $A'", &["bash -c go $A", "go"]);
    case("ls | xargs go -x", &["ls", "xargs go -x", "? go -x _"]);
}

#[test]
fn places_are_places_of_the_text() {
    let script = "a=1; if x; then GOARCH=$(y) \\\n  go build; fi; sh -c 'z'; `w`";
    let outcome = run(script);
    let places: Vec<Option<&str>> =
        outcome.calls.iter().map(|call| Some(&script[call.span.clone()?])).collect();
    let go = "GOARCH=$(y) \\\n  go build";
    assert_eq!(places, [Some("x"), Some("y"), Some(go), Some("sh -c 'z'"), None, Some("w"), Some("`w`")]);
    assert_eq!(outcome.lost.get("a"), Some(&Text::new("1")));
}

#[test]
fn work_is_limited() {
    let doubled = format!("A=aaaaaaaa; {} go $A", "A=$A$A; ".repeat(40));
    assert!(run(&doubled).calls.len() <= 1);
    let exports: String =
        (0..4000).flat_map(|at| ["export A".to_owned(), at.to_string(), "=1; x; ".to_owned()]).collect();
    assert!(!run(&exports).is_complete);
    let loops = format!("{} x; {}", "for i in 1 2 3 4 5 6 7 8 9; do ".repeat(20), "done; ".repeat(20));
    assert!(!run(&loops).is_complete);
}

proptest! {
    #[test]
    fn nothing_panics(script in "(sh -c |export A=|case \\$A in |esac|if |then |fi|\\$\\(|\\$\\{A|[a-z'\"$(){};|&<>\\\\ \n=*?/#%:üß-]){0,60}") {
        run(&script);
    }
}
