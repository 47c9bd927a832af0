//! The command lines that build images: those of docker, buildx, podman, buildah and depot.

use super::definition::Push;
use super::text::{is_known, is_wholly_unknown, may_be_words, readable, unknown, unsplit};

/// What a command line says of a build. Texts may have unknown pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BuildCall {
    /// `-f`; for bake all of them.
    pub(super) files: Vec<String>,
    /// What is no option: the context, or targets of bake.
    pub(super) positional: Vec<String>,
    pub(super) target: Option<String>,
    pub(super) platforms: Option<String>,
    /// The platforms between which the run decides, if these are not known.
    pub(super) one_of: Vec<String>,
    pub(super) args: Vec<(String, Option<String>)>,
    pub(super) contexts: Vec<(String, String)>,
    pub(super) cache_from: Vec<String>,
    pub(super) cache_to: Vec<String>,
    pub(super) set: Vec<String>,
    pub(super) builder: Option<String>,
    pub(super) push: Push,
    /// Words that may be options of any kind.
    pub(super) hidden: Vec<String>,
    pub(super) program: Program,
    pub(super) bake: bool,
    /// `buildx` was named.
    pub(super) buildx: bool,
    /// Bake only prints or lists.
    pub(super) dry: bool,
}

/// The program that builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Program {
    #[default]
    Docker,
    Depot,
    /// podman, buildah, nerdctl, which find Containerfiles.
    Podman,
    Kaniko,
}

/// Options that take a value, of all programs together.
const WITH_VALUE: &[&str] = &[
    "add-host",
    "allow",
    "annotation",
    "arch",
    "attest",
    "authfile",
    "build-arg",
    "build-arg-file",
    "build-context",
    "build-platform",
    "builder",
    "cache-from",
    "cache-to",
    "cache-ttl",
    "call",
    "cap-add",
    "cap-drop",
    "cert-dir",
    "cgroup-parent",
    "cpp-flag",
    "cpu-period",
    "cpu-quota",
    "cpu-shares",
    "cpuset-cpus",
    "cpuset-mems",
    "creds",
    "decryption-key",
    "device",
    "dns",
    "env",
    "file",
    "format",
    "from",
    "group-add",
    "ignorefile",
    "iidfile",
    "isolation",
    "jobs",
    "label",
    "layer-label",
    "lint-fail-on",
    "list",
    "logfile",
    "manifest",
    "memory",
    "memory-swap",
    "metadata-file",
    "network",
    "no-cache-filter",
    "org",
    "os",
    "output",
    "platform",
    "progress",
    "project",
    "policy",
    "provenance",
    "provenance-mode",
    "retry",
    "retry-delay",
    "runtime",
    "runtime-flag",
    "sbom",
    "sbom-output",
    "secret",
    "security-opt",
    "set",
    "shm-size",
    "sign-by",
    "ssh",
    "tag",
    "target",
    "timestamp",
    "token",
    "ulimit",
    "unsetenv",
    "unsetlabel",
    "userns",
    "variant",
    "volume",
    "var",
];

/// Short options that take a value.
const SHORT_WITH_VALUE: &str = "ftomcvlH";

/// Reads the words of a command. `None` if it builds no image.
pub(super) fn parse(words: &[String]) -> Option<BuildCall> {
    let (name, rest) = words.split_first()?;
    let mut call = BuildCall::default();
    let name = readable(name);
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe");
    let rest = match base {
        "docker" | "nerdctl" | "podman" | "buildah" | "depot" => rest,
        "docker-buildx" | "buildx" | "buildx-entrypoint" => {
            call.buildx = true;
            rest
        }
        "executor" if name.contains("kaniko") => return Some(kaniko(rest)),
        _ if is_engine(&words[0]) || is_wholly_unknown(&words[0]) && looks_like_build(rest) => rest,
        _ => return None,
    };
    call.program = match base {
        "depot" => Program::Depot,
        "podman" | "buildah" | "nerdctl" => Program::Podman,
        _ => Program::Docker,
    };
    let rest = subcommand(rest, base, &mut call)?;
    options(rest, &mut call);
    Some(call)
}

/// The options of kaniko's executor, which has its context in one.
fn kaniko(words: &[String]) -> BuildCall {
    let mut call = BuildCall { program: Program::Kaniko, push: Push::Yes, ..BuildCall::default() };
    let mut words = words.iter().map(|word| unsplit(word));
    let mut folder = None;
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        let mut value = || value.clone().or_else(|| words.next());
        match name.as_str() {
            "--context" | "-c" => {
                call.positional =
                    value().into_iter().map(|v| v.trim_start_matches("dir://").to_owned()).collect();
            }
            "--context-sub-path" => folder = value(),
            "--dockerfile" | "-f" => call.files = value().into_iter().collect(),
            "--target" => call.target = value(),
            "--custom-platform" | "--customPlatform" => call.platforms = value(),
            "--build-arg" => {
                if let Some(arg) = value() {
                    option("build-arg", Some(arg), &mut call);
                }
            }
            "--no-push" => call.push = Push::No,
            "--destination" | "-d" | "--cache-repo" => drop(value()),
            _ => {}
        }
    }
    if let (Some(folder), Some(context)) = (folder, call.positional.first_mut()) {
        *context = format!("{context}/{folder}");
    }
    call
}

/// A name that is unknown but is called like an engine of containers: `$(DOCKER)`, `${CONTAINER_RUNTIME}`.
fn is_engine(word: &str) -> bool {
    let name = readable(word).to_ascii_uppercase();
    is_wholly_unknown(word)
        && ["DOCKER", "PODMAN", "CONTAINER", "ENGINE", "OCI_BIN", "BUILDX"]
            .iter()
            .any(|part| name.contains(part))
}

/// Whether words can hardly be those of anything but a build of an image.
fn looks_like_build(words: &[String]) -> bool {
    let has = |options: &[&str]| {
        words.iter().any(|word| options.contains(&word.split('=').next().unwrap_or_default()))
    };
    words.first().is_some_and(|word| word == "build")
        && has(&["-t", "--tag"])
        && has(&["-f", "--file", "--platform", "--build-arg", "."])
}

/// Goes over the words before the options of `build` or `bake`.
fn subcommand<'a>(words: &'a [String], base: &str, call: &mut BuildCall) -> Option<&'a [String]> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let word = unsplit(word);
        match word.as_str() {
            "buildx" => call.buildx = true,
            "image" | "builder" => {}
            "bake" if call.buildx || base == "depot" => {
                call.bake = true;
                return Some(&words[at..]);
            }
            "build" | "b" if word == "build" || call.buildx => return Some(&words[at..]),
            "bud" if base == "buildah" => return Some(&words[at..]),
            "--builder" => {
                call.builder = words.get(at).cloned();
                at += 1;
            }
            "-c" | "--context" | "-H" | "--host" | "--config" | "-l" | "--log-level" | "--namespace"
            | "-n" | "--root" | "--storage-driver" => at += 1,
            _ if word.starts_with("--builder=") => {
                call.builder = word.split_once('=').map(|(_, b)| b.to_owned());
            }
            _ if word.starts_with('-') => {}
            // `docker $BUILDX build`, `docker ${buildx:+buildx} build`
            _ if is_wholly_unknown(&word) => {
                call.buildx |= readable(&word).to_ascii_lowercase().contains("buildx");
            }
            _ => return None,
        }
    }
    None
}

fn options(words: &[String], call: &mut BuildCall) {
    let mut words = words.iter();
    let mut only_positional = false;
    while let Some(raw) = words.next() {
        let hidden = may_be_words(raw);
        let word = unsplit(raw);
        if only_positional || word == "-" || !word.starts_with('-') {
            if hidden {
                call.hidden.push(word);
            } else if !word.is_empty() {
                call.positional.push(word);
            }
            continue;
        }
        if word == "--" {
            only_positional = true;
            continue;
        }
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let value = match value {
                Some(value) => Some(value),
                None if WITH_VALUE.contains(&name) => words.next().map(|word| unsplit(word)),
                None => None,
            };
            option(name, value, call);
            continue;
        }
        for (at, letter) in word[1..].char_indices() {
            if !SHORT_WITH_VALUE.contains(letter) {
                continue;
            }
            let rest = &word[1 + at + letter.len_utf8()..];
            let rest = rest.strip_prefix('=').unwrap_or(rest);
            let value =
                if rest.is_empty() { words.next().map(|word| unsplit(word)) } else { Some(rest.to_owned()) };
            let name = match letter {
                'f' => "file",
                't' => "tag",
                'o' => "output",
                _ => "other",
            };
            option(name, value, call);
            break;
        }
    }
}

fn option(name: &str, value: Option<String>, call: &mut BuildCall) {
    let yes = value.as_deref() != Some("false");
    match (name, value) {
        ("file", Some(value)) => call.files.push(value),
        ("target", Some(value)) => call.target = Some(value),
        ("platform", Some(value)) => {
            call.platforms = Some(match call.platforms.take() {
                Some(before) => format!("{before},{value}"),
                None => value,
            });
        }
        // Of podman and buildah.
        ("arch", Some(value)) => call.platforms = Some(format!("linux/{value}")),
        ("build-arg", Some(value)) => {
            call.args.push(match value.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (value, None),
            });
        }
        ("build-context", Some(value)) => {
            if let Some((name, value)) = value.split_once('=') {
                call.contexts.push((name.to_owned(), value.to_owned()));
            }
        }
        ("cache-from", Some(value)) => call.cache_from.push(value),
        ("cache-to", Some(value)) => call.cache_to.push(value),
        ("set", Some(value)) => call.set.push(value),
        ("builder", Some(value)) => call.builder = Some(value),
        ("push", _) => call.push = if yes { Push::Yes } else { Push::No },
        ("print" | "list" | "check", _) => call.dry = yes,
        ("output", Some(value)) if pushes(&value) => call.push = Push::Yes,
        _ => {}
    }
}

/// One call for several of which one is run: what they do not say alike is unknown.
pub(super) fn merged(mut calls: Vec<BuildCall>) -> Option<BuildCall> {
    let mut whole = calls.pop()?;
    for other in calls {
        if whole == other {
            continue;
        }
        let one = |own: &mut Option<String>, other: Option<String>| {
            if *own != other {
                let said = [own.take(), other].map(|text| text.unwrap_or_else(|| "none".to_owned()));
                *own = Some(unknown(&said.join(" | ")));
            }
        };
        let list = |own: &mut Vec<String>, other: &[String]| {
            if own.as_slice() != other {
                *own = vec![unknown(&[own.join(" "), other.join(" ")].join(" | "))];
            }
        };
        if whole.platforms != other.platforms {
            let more: Vec<String> =
                [&whole.platforms, &other.platforms].into_iter().flatten().cloned().collect();
            whole.one_of.extend(more.into_iter().filter(|list| is_known(list)));
        }
        one(&mut whole.platforms, other.platforms);
        one(&mut whole.target, other.target);
        one(&mut whole.builder, other.builder);
        list(&mut whole.files, &other.files);
        list(&mut whole.positional, &other.positional);
        list(&mut whole.set, &other.set);
        list(&mut whole.cache_from, &other.cache_from);
        list(&mut whole.cache_to, &other.cache_to);
        let count = whole.args.len();
        whole.args.retain(|(name, _)| other.args.iter().any(|(own, _)| own == name));
        let mut more = whole.args.len() < count;
        for (name, value) in other.args {
            match whole.args.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) if *own == value => {}
                Some((_, own)) => one(own, value),
                None => more = true,
            }
        }
        if more {
            whole.args.push((unknown("more arguments"), None));
        }
        whole.contexts.retain(|context| other.contexts.contains(context));
        whole.hidden.extend(other.hidden);
        whole.push = if whole.push == other.push { whole.push } else { Push::Unknown };
        whole.buildx |= other.buildx;
        if whole.program != other.program {
            whole.program = Program::Docker;
        }
    }
    Some(whole)
}

/// Whether an output goes to a registry.
pub(super) fn pushes(output: &str) -> bool {
    let has = |part: &str| output.split(',').any(|field| field.trim() == part);
    has("type=registry") || has("push=true")
}

/// Whether an option that is not known may be one of these kinds, by what its variable is called.
pub(super) struct Hidden {
    pub(super) platforms: bool,
    pub(super) target: bool,
    pub(super) file: bool,
}

impl BuildCall {
    /// What words that are not known may have said.
    pub(super) fn hidden(&self) -> Hidden {
        let mut hidden = Hidden { platforms: false, target: false, file: false };
        for word in &self.hidden {
            let name = readable(word).to_ascii_uppercase();
            let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
            if has(&["PLATFORM", "ARCH"]) {
                hidden.platforms = true;
            } else if has(&["TARGET"]) {
                hidden.target = true;
            } else if has(&[
                "ARG", "TAG", "LABEL", "CACHE", "OUTPUT", "PUSH", "SECRET", "PROGRESS", "PROXY", "NETWORK",
            ]) {
                // Of another kind.
            } else {
                hidden.platforms = true;
                hidden.target = true;
                hidden.file |= has(&["FILE"]);
            }
        }
        hidden
    }
}

#[cfg(test)]
mod tests {
    use super::super::platforms::platforms;
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_several_calls_say_alike_is_known() {
        let call = |line: &str| parse(&words(line)).expect("a build");
        let merged = merged(vec![
            call("docker build --platform linux/amd64 --build-arg A=1 --build-arg B=1 -f F ."),
            call(
                "docker buildx build --provenance false --platform linux/arm64 --build-arg A=1 --push -f F .",
            ),
        ]);
        let merged = merged.expect("some");
        assert_eq!((merged.files[0].as_str(), merged.positional[0].as_str()), ("F", "."));
        assert_eq!(merged.one_of, ["linux/arm64", "linux/amd64"]);
        assert_eq!(readable(&merged.platforms.expect("given")), "linux/arm64 | linux/amd64");
        assert_eq!(merged.args[0], ("A".to_owned(), Some("1".to_owned())));
        assert!(merged.args.len() == 2 && !is_known(&merged.args[1].0) && merged.push == Push::Unknown);
    }

    #[test]
    fn options_are_told_from_contexts() {
        let call = parse(&words(
            "docker buildx build --platform linux/amd64,arm64 -t a:b --target=x --push -f d/F --build-arg A=1 --build-arg B . --load",
        ));
        let call = call.expect("a build");
        assert_eq!(call.positional, ["."]);
        assert_eq!(call.files, ["d/F"]);
        assert_eq!(call.target.as_deref(), Some("x"));
        assert!(call.push == Push::Yes && call.buildx);
        assert_eq!(call.args, [("A".to_owned(), Some("1".to_owned())), ("B".to_owned(), None)]);
        assert_eq!(
            platforms(&call.platforms.expect("given")).expect("known"),
            ["linux/amd64", "linux/arm64"]
        );
        for other in [
            "docker run build",
            "docker push x",
            "docker",
            "make build",
            "docker compose build",
            "docker buildx create",
        ] {
            assert!(parse(&words(other)).is_none(), "{other}");
        }
        for build in [
            "docker build .",
            "docker -H x build .",
            "docker image build -qt x .",
            "buildah bud .",
            "depot build .",
            "docker-buildx build .",
        ] {
            let call = parse(&words(build)).expect("a build");
            assert_eq!(call.positional, ["."], "{build}");
        }
        assert!(
            parse(&words("docker buildx --builder b bake -f x.hcl app"))
                .is_some_and(|call| call.bake && call.positional == ["app"])
        );
    }
}
