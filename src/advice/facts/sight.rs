//! What the script of each `RUN` calls, as its shell sees it: once for every vertex, with the variables that hold there.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::advice::facts::context::Context;
use crate::advice::facts::flow::Take;
use crate::advice::facts::made;
use crate::advice::facts::origin;
use crate::advice::facts::variables::{meant, variables};
use crate::analysis::{Asked, Files, View};
use crate::budget::{Part, spend};
use crate::dockerfile::ast::Kind;
use crate::graph::BuildGraph;
use crate::graph::emulate::exec_of;
use crate::graph::query::is_context;
use crate::graph::vertex::{Action, CopyAction, Exec, Op};
use crate::ids::VertexIx;
use crate::model::path::{base, clean};
use crate::model::platform::Platform;
use crate::shell::interpret as shell;
use crate::shell::interpret::{
    Call, Dialect, Environment, Followed, Outcome, Seen, Start, Text, World, interpret,
};
use crate::shell::is_shell;
use crate::translate::{Toolchain, translate};

/// What a `RUN` calls.
#[derive(Debug, Default)]
pub(in crate::advice) struct Sight {
    /// What came of its script.
    pub(in crate::advice) outcome: Outcome,
    /// What `go env -w` has set, up to its end.
    go: BTreeMap<SmolStr, Text>,
    /// Variables that scripts before it have set, which are lost to it.
    lost: BTreeSet<SmolStr>,
}

/// The work of a variable that a script begins with, whose memory counts more than its time.
const VARIABLE: u64 = 1_500;

/// What is known of all of them.
pub(in crate::advice) type Sights = HashMap<VertexIx, Sight>;

/// Goes through the scripts of a build.
pub(in crate::advice) fn sights(context: &Context<'_>) -> Sights {
    let graph = &context.node.graph;
    let declared = declared(context);
    let of_context = context.files.and_then(|files| Files::of(&files.scripts));
    let images = origin::root_images(graph);
    let mut sights = Sights::default();
    // A vertex comes after what it stands on.
    for (index, vertex) in graph.vertices() {
        let Some(exec) = exec_of(vertex) else { continue };
        let before = exec.root.and_then(|root| origin::bases(graph, root).find(|at| sights.contains_key(at)));
        let files = exec.root.map(|root| found_files(graph, root, before, &sights)).unwrap_or_default();
        let before = before.and_then(|at| sights.get(&at));
        let platform = context.node.nature(index).unwrap_or_else(|| graph.platform(exec.platform));
        let image = images[index.index()].map_or("", |image| graph.text(image));
        let sight = see(graph, exec, image, platform, (before, files), &declared, of_context.as_ref());
        sights.insert(index, sight);
    }
    sights
}

/// The names of arguments that the file declares anywhere, or means to: where one is not visible, it is unset.
fn declared<'c>(context: &Context<'c>) -> BTreeSet<&'c str> {
    let arguments = context.file.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(arguments) => Some(arguments.iter().map(|argument| argument.name.text)),
        _ => None,
    });
    arguments.flatten().chain(variables(context.text()).filter(|name| meant(name).is_some())).collect()
}

/// What is known of the files that a step finds: what the script before it left, and the inline documents that copies have
/// written since.
fn found_files(
    graph: &BuildGraph,
    root: VertexIx,
    before: Option<VertexIx>,
    sights: &Sights,
) -> shell::Files {
    let mut files =
        before.and_then(|at| sights.get(&at)).map_or_else(Default::default, |s| s.outcome.files.clone());
    let mut since: Vec<VertexIx> = origin::bases(graph, root).take_while(|at| Some(*at) != before).collect();
    since.reverse();
    for copy in since.into_iter().flat_map(|at| origin::copies_of(graph, at)) {
        let to = graph.text(copy.to);
        let path =
            if to.ends_with('/') { format!("{to}{}", base(graph.text(copy.from))) } else { to.to_owned() };
        let path = clean(&path);
        match document(graph, copy) {
            Some(text) => {
                Rc::make_mut(&mut files).insert((&*path).into(), Text::new(text));
            }
            None if files.contains_key(&*path) => {
                Rc::make_mut(&mut files).insert((&*path).into(), Text::unknown());
            }
            None => {}
        }
    }
    files
}

/// The inline document that a copy writes.
fn document<'g>(graph: &'g BuildGraph, copy: &CopyAction) -> Option<&'g str> {
    let Op::File(file) = &graph.vertex(copy.source?).op else { return None };
    file.actions.iter().find_map(|action| match action {
        Action::Mkfile { path, data, .. } if clean(graph.text(*path)) == clean(graph.text(copy.from)) => {
            Some(graph.text(*data))
        }
        _ => None,
    })
}

fn see(
    graph: &BuildGraph,
    exec: &Exec,
    image: &str,
    platform: &Platform,
    (before, files): (Option<&Sight>, shell::Files),
    declared: &BTreeSet<&str>,
    of_context: Option<&Files<'_>>,
) -> Sight {
    let none = BTreeMap::new();
    let empty = BTreeSet::new();
    let (go, lost) = before.map_or((&none, &empty), |before| (&before.go, &before.lost));
    let view = of_context.map(|files| files.seen_by(graph, exec, |at| is_context(graph, at)));
    let is_musl = image.contains("alpine");
    let words: Vec<&str> = exec.args.iter().map(|word| graph.text(*word)).collect();
    let own =
        script(&words).filter(|_| image.starts_with("docker.io/library/")).map(assigned).unwrap_or_default();
    let machine = Machine { platform, is_musl, go, lost, declared, own, view: view.as_ref() };
    let variables = graph.variables(exec.env);
    // All of them are kept with the script.
    if !spend(Part::Shell, VARIABLE * (variables.len() + lost.len() + go.len()) as u64) {
        return Sight::default();
    }
    let environment = variables.iter().map(|set| (graph.text(set.key).into(), graph.text(set.value).into()));
    let start = Start {
        environment: environment.collect(),
        dir: graph.text(exec.dir).into(),
        files,
        dialect: dialect(image, words.first().copied().unwrap_or_default()),
    };
    let reads_more = reads_settings(&words, &start);
    let mut outcome = match script(&words) {
        Some(script) => interpret(script, start, &machine),
        None => interpret(&quoted(&words), start, &machine),
    };
    outcome.is_complete &= !reads_more;
    let mut go = go.clone();
    for call in outcome.calls.iter().filter(|call| call.program() == "go") {
        let mut words = call.words.iter().skip(1).map(|word| &word.text);
        if words.next().and_then(Text::known) == Some("env")
            && words.next().and_then(Text::known) == Some("-w")
        {
            for word in words {
                // What cannot be read may set the one that counts.
                let (name, value) = word.with_gaps().split_once('=').unwrap_or(("GOARCH", "\0"));
                let value = if call.is_certain { Text::new(value) } else { Text::unknown() };
                go.insert(name.into(), value);
            }
        }
    }
    let lost = lost.iter().chain(outcome.lost.keys()).cloned().collect();
    Sight { outcome, go, lost }
}

/// The names that a script gives a value, but for those that images bring: paths, versions and options.
fn assigned(script: &str) -> BTreeSet<&str> {
    let is_brought = |name: &str| {
        ["PATH", "HOME", "VERSION", "LANG", "OPTS", "FLAGS", "OPTIONS"].iter().any(|end| name.ends_with(end))
    };
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let places = script.match_indices('=').filter_map(|(at, _)| {
        let name = script[..at].rsplit(|c| !is_part(c)).next().filter(|name| !name.is_empty())?;
        let before = script[..at - name.len()].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | ')' | '(' | '{')).then_some(name)
    });
    places.filter(|name| !is_brought(name)).collect()
}

/// Which shell runs a script, as far as its name and that of the image tell.
fn dialect(image: &str, shell: &str) -> Dialect {
    const DASH: [&str; 6] = ["debian", "ubuntu", "bookworm", "bullseye", "trixie", "noble"];
    if base(shell) == "bash" {
        return Dialect::Bash;
    }
    match image {
        _ if base(shell) != "sh" => Dialect::Unknown,
        image if image.contains("alpine") || image.contains("busybox") => Dialect::Ash,
        image if DASH.iter().any(|name| image.contains(name)) => Dialect::Dash,
        _ => Dialect::Unknown,
    }
}

/// Whether a shell may read settings that an earlier step wrote, before it runs its script: as one for logins, or where `BASH_ENV` names
/// them.
fn reads_settings(words: &[&str], start: &Start) -> bool {
    let options = words.iter().skip(1).take_while(|word| word.starts_with('-'));
    let is_login =
        options.clone().any(|word| *word == "--login" || !word.starts_with("--") && word.contains('l'));
    let is_named = start.environment.iter().any(|(name, _)| name == "BASH_ENV");
    let settings = ["/etc/profile", ".profile", ".bash_profile", ".bashrc", "bash.bashrc"];
    let is_written = || start.files.keys().any(|path| settings.iter().any(|name| path.contains(name)));
    is_named || is_login && is_written()
}

/// The script of a command line that is a shell's.
fn script<'w>(words: &[&'w str]) -> Option<&'w str> {
    let (program, rest) = words.split_first()?;
    let (script, options) = rest.split_last()?;
    let is_plain = options.iter().all(|option| option.starts_with('-') || *option == "pipefail");
    let takes = options.last().is_some_and(|option| option.starts_with('-') && option.ends_with('c'));
    (is_shell(program.rsplit('/').next()?) && is_plain && takes).then_some(script)
}

/// Words as a script that is nothing but them.
fn quoted(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

/// The machine that a script runs on.
struct Machine<'s> {
    platform: &'s Platform,
    /// Whether its programs are built on musl.
    is_musl: bool,
    go: &'s BTreeMap<SmolStr, Text>,
    lost: &'s BTreeSet<SmolStr>,
    declared: &'s BTreeSet<&'s str>,
    /// What the script sets itself, somewhere: the official images bring no names that others would take.
    own: BTreeSet<&'s str>,
    view: Option<&'s View<'s>>,
}

/// Go's name for an architecture.
pub(in crate::advice) fn go_name(platform: &Platform) -> Option<String> {
    Some(translate(platform, Toolchain::Golang).ok()?.field("GOARCH").ok()?.to_owned())
}

/// Node's name for an architecture.
fn node_name(platform: &Platform) -> Option<&str> {
    Some(match &*platform.architecture {
        "amd64" => "x64",
        "386" => "ia32",
        "ppc64le" => "ppc64",
        same @ ("arm64" | "arm" | "riscv64" | "s390x" | "loong64") => same,
        _ => return None,
    })
}

/// Whether a program of Node's prints its architecture and nothing else.
fn asks_node(code: &str) -> bool {
    let code = code.trim().trim_end_matches(';');
    let printed = code.strip_prefix("console.log(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(code);
    let printed = printed.replace('"', "'");
    matches!(&*printed, "process.arch" | "os.arch()" | "require('os').arch()" | "require('node:os').arch()")
}

/// Whether a program of Python's prints the architecture of the machine and nothing else.
fn asks_python(code: &str) -> bool {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(
        code.trim_end_matches(';'),
        "importplatform;print(platform.machine())"
            | "importos;print(os.uname().machine)"
            | "importos;print(os.uname()[4])"
    )
}

impl World for Machine<'_> {
    fn answer(&self, words: &[&str], environment: &Environment) -> Option<String> {
        let name = words.first()?.rsplit('/').next()?;
        let of = |toolchain, field: &str| {
            Some(translate(self.platform, toolchain).ok()?.field(field).ok()?.to_owned())
        };
        let text = match (name, words.get(1..)?) {
            ("uname", ["-m" | "-p" | "--machine"])
            | ("arch", [])
            | ("rpm", ["--eval" | "-E", "%{_arch}" | "%_arch"]) => of(Toolchain::Uname, "machine")?,
            ("uname", ["-s"] | []) => "Linux".to_owned(),
            ("dpkg", ["--print-architecture"])
            | ("dpkg-architecture", ["-qDEB_BUILD_ARCH" | "-qDEB_HOST_ARCH"]) => {
                of(Toolchain::Debian, "arch")?
            }
            ("apk", ["--print-arch"]) => of(Toolchain::Alpine, "arch")?,
            ("gcc" | "cc", ["-dumpmachine"]) if !self.is_musl => of(Toolchain::Gnu, "triple")?,
            ("rustc", ["-vV" | "-Vv"]) => {
                let triple = of(Toolchain::Rust, if self.is_musl { "musl-target" } else { "target" })?;
                format!("rustc\nhost: {triple}")
            }
            ("go", ["env", name @ ("GOHOSTARCH" | "GOARCH")]) => {
                let told = if *name == "GOARCH" { told(environment, self.go, name) } else { Told::Nothing };
                match told {
                    Told::Value(value) => value,
                    Told::Nothing => go_name(self.platform)?,
                    Told::Unknown => return None,
                }
            }
            ("go", ["env", "GOOS" | "GOHOSTOS"]) => "linux".to_owned(),
            ("node" | "nodejs", [_, code]) if asks_node(code) => node_name(self.platform)?.to_owned(),
            ("python" | "python3", ["-c", code]) if asks_python(code) => of(Toolchain::Uname, "machine")?,
            _ => return None,
        };
        Some(text + "\n")
    }

    fn read(&self, path: &str) -> Option<String> {
        if path == "/etc/apk/arch" && self.is_musl {
            return Some(
                translate(self.platform, Toolchain::Alpine).ok()?.field("arch").ok()?.to_owned() + "\n",
            );
        }
        self.view?.read(path).map(str::to_owned)
    }

    fn scripts(&self, call: &Call) -> Vec<Followed> {
        self.view.map_or_else(Vec::new, |view| view.scripts(&Asked::of(call)))
    }

    fn is_unset(&self, name: &str) -> bool {
        let of_platform = ["TARGET", "BUILD"].iter().any(|prefix| {
            // What nobody sets is what somebody meant, too: `TARGET_ARCH`.
            let rest = name.strip_prefix(prefix).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
            rest.is_some_and(|rest| matches!(rest, "PLATFORM" | "OS" | "ARCH" | "VARIANT"))
        });
        let of_go = matches!(
            name,
            "GOOS" | "GOARCH" | "GOARM" | "GOAMD64" | "CGO_ENABLED" | "GOFLAGS" | "CARGO_BUILD_TARGET"
        );
        of_platform
            || of_go
            || self.declared.contains(name)
            || self.lost.contains(name)
            || self.own.contains(name)
    }
}

/// What a program is told under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::advice) enum Told {
    /// That cannot be told.
    Unknown,
    /// Nothing.
    Nothing,
    /// This.
    Value(String),
}

impl Told {
    /// The value, where there is one.
    pub(in crate::advice) fn value(&self) -> Option<&str> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }

    fn of(text: &Text) -> Self {
        text.known().map_or(Self::Unknown, |value| Self::Value(value.to_owned()))
    }
}

/// What Go is told under a name: by its environment, else by what `go env -w` has set.
fn told(environment: &Environment, go: &BTreeMap<SmolStr, Text>, name: &str) -> Told {
    match environment.get(name) {
        Seen::Unknown => Told::Unknown,
        Seen::Is(text) if !text.is_empty() => Told::of(&text),
        _ => go.get(name).map_or(Told::Nothing, Told::of),
    }
}

impl Sight {
    /// What a call of Go is told under a name; for `make` also by its arguments, which it hands on.
    pub(in crate::advice) fn go_told(&self, call: &Call, name: &str) -> Told {
        let by_argument = made::make_told(call, name).map(|value| Told::of(&Text::new(value)));
        by_argument.unwrap_or_else(|| told(&call.environment, &self.go, name))
    }
}

/// The programs that the build installs for itself: some step runs them, or nothing is taken of where they are.
pub(in crate::advice) fn tools(context: &Context<'_>) -> Vec<String> {
    let graph = &context.node.graph;
    let all = || {
        let sights = graph.vertices().filter_map(|(vertex, _)| Some((vertex, context.sight(vertex)?)));
        sights.flat_map(|(vertex, sight)| sight.outcome.calls.iter().map(move |call| (vertex, call)))
    };
    let mut started = BTreeSet::new();
    for (_, call) in all() {
        started.insert(call.program().to_owned());
        // `cargo chef` starts cargo-chef.
        let sub = made::plain(call).next().filter(|_| call.program() == "cargo");
        started.extend(sub.map(|sub| format!("cargo-{sub}")));
    }
    let takes = || context.takes().iter().flatten();
    let is_open = takes().any(Take::may_hold_programs);
    let taken: BTreeSet<&str> = takes().map(Take::name).collect();
    let is_image =
        |vertex: VertexIx| graph.vertex(vertex).stages.iter().any(|stage| context.is_in_image(*stage));
    let mut found = BTreeSet::new();
    for (vertex, call) in all() {
        let of_others = made::installed_tool(call);
        let is_left = |name: &String| !is_open && !taken.contains(&**name) && !is_image(vertex);
        found.extend(of_others.iter().filter(|name| is_left(name)).cloned());
        let installed = of_others.into_iter().chain(made::installed_by_go(call));
        found.extend(installed.filter(|tool| started.contains(tool)));
    }
    found.into_iter().collect()
}
