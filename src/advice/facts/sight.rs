//! What the script of each `RUN` calls, as its shell sees it: once for every vertex, with the variables that hold there.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::advice::facts::context::Context;
use crate::advice::facts::flow::Take;
use crate::advice::facts::machine::Machine;
use crate::advice::facts::made;
use crate::advice::facts::origin;
use crate::analysis::Files;
use crate::budget::{Part, spend};
use crate::dockerfile::ast::Kind;
use crate::graph::BuildGraph;
use crate::graph::emulate::exec_of;
use crate::graph::query::is_context;
use crate::graph::vertex::{Action, CopyAction, Exec, Op};
use crate::ids::VertexIx;
use crate::model::env::EnvId;
use crate::model::path::{base, clean};
use crate::model::platform::Platform;
use crate::shell::interpret as shell;
use crate::shell::interpret::{Call, Dialect, Environment, Outcome, Seen, Start, Text, interpret};
use crate::shell::is_shell;
use crate::symbols::Symbol;

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

/// What is known of each vertex. Those that are the same are one.
pub(in crate::advice) type Sights = Vec<Option<Rc<Sight>>>;

/// What a script depends on, but for the machine and the files of the context.
#[derive(PartialEq, Eq, Hash)]
struct Cause<'g> {
    args: &'g [Symbol],
    environment: EnvId,
    dir: Symbol,
    image: Option<Symbol>,
    before: Option<*const Sight>,
}

/// Goes through the scripts of a build.
pub(in crate::advice) fn sights(context: &Context<'_>) -> Sights {
    let graph = &context.node.graph;
    let of_context = context.files.and_then(Files::of);
    let mut seer = Seer { graph, declared: declared(context), of_context, environments: HashMap::default() };
    let images = origin::root_images(graph);
    let mut sights: Sights = vec![None; graph.len()];
    // Most scripts are the same for every platform.
    let mut shared: HashMap<Cause<'_>, Rc<Sight>> = HashMap::default();
    // A vertex comes after what it stands on.
    for (index, vertex) in graph.vertices() {
        let Some(exec) = exec_of(vertex) else { continue };
        let before =
            exec.root.and_then(|root| origin::bases(graph, root).find(|at| sights[at.index()].is_some()));
        let files = exec.root.map(|root| found_files(graph, root, before, &sights)).unwrap_or_default();
        let before = before.and_then(|at| sights[at.index()].as_ref());
        let image = images[index.index()];
        let cause = Cause {
            args: &exec.args,
            environment: exec.env,
            dir: exec.dir,
            image,
            before: before.map(Rc::as_ptr),
        };
        let is_alone = seer.of_context.is_some() || !has_files_of(&files, before);
        if let Some(known) = shared.get(&cause).filter(|_| !is_alone) {
            sights[index.index()] = Some(Rc::clone(known));
            continue;
        }
        let platform = context.node.nature(index).unwrap_or_else(|| graph.platform(exec.platform));
        let image = image.map_or("", |image| graph.text(image));
        let (sight, asked) = seer.see(exec, image, platform, before.map(|before| &**before), files);
        let sight = Rc::new(sight);
        if !is_alone && !asked {
            shared.insert(cause, Rc::clone(&sight));
        }
        sights[index.index()] = Some(sight);
    }
    sights
}

/// Whether a step finds the files that the script before it left, and no others that are known.
fn has_files_of(files: &shell::Files, before: Option<&Rc<Sight>>) -> bool {
    before.map_or(files.is_empty(), |before| Rc::ptr_eq(files, &before.outcome.files))
}

/// The names of arguments that the file declares anywhere, or means to: where one is not visible, it is unset.
fn declared<'c>(context: &Context<'c>) -> BTreeSet<&'c str> {
    let arguments = context.file.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(arguments) => Some(arguments.iter().map(|argument| argument.name.text)),
        _ => None,
    });
    arguments.flatten().chain(context.slips().iter().copied()).collect()
}

/// What is known of the files that a step finds: what the script before it left, and the inline documents that copies have
/// written since.
fn found_files(
    graph: &BuildGraph,
    root: VertexIx,
    before: Option<VertexIx>,
    sights: &Sights,
) -> shell::Files {
    let mut files = before
        .and_then(|at| sights.get(at.index())?.as_ref())
        .map_or_else(Default::default, |sight| sight.outcome.files.clone());
    let mut since: Vec<VertexIx> = origin::bases(graph, root).take_while(|at| Some(*at) != before).collect();
    since.reverse();
    for copy in since.into_iter().flat_map(|at| origin::copies_of(graph, at)) {
        let document = document(graph, copy);
        if document.is_none() && files.is_empty() {
            continue;
        }
        let to = graph.text(copy.to);
        let path =
            if to.ends_with('/') { format!("{to}{}", base(graph.text(copy.from))) } else { to.to_owned() };
        let path = clean(&path);
        match document {
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

/// Goes through one script after the other.
struct Seer<'c> {
    graph: &'c BuildGraph,
    declared: BTreeSet<&'c str>,
    of_context: Option<Files<'c>>,
    /// Those that scripts began with.
    environments: HashMap<EnvId, Environment>,
}

impl Seer<'_> {
    /// What the script of a command calls, and whether it asked the machine for anything.
    fn see(
        &mut self,
        exec: &Exec,
        image: &str,
        platform: &Platform,
        before: Option<&Sight>,
        files: shell::Files,
    ) -> (Sight, bool) {
        let graph = self.graph;
        let environment = self.environment(exec.env);
        let none = BTreeMap::new();
        let empty = BTreeSet::new();
        let (go, lost) = before.map_or((&none, &empty), |before| (&before.go, &before.lost));
        let view =
            self.of_context.as_ref().map(|files| files.seen_by(graph, exec, |at| is_context(graph, at)));
        let is_musl = image.contains("alpine");
        let words: Vec<&str> = exec.args.iter().map(|word| graph.text(*word)).collect();
        let script = script(&words);
        let is_official = image.starts_with("docker.io/library/");
        let machine = Machine {
            platform,
            asked: Cell::new(false),
            is_musl,
            go,
            lost,
            declared: &self.declared,
            script: script.filter(|_| is_official).unwrap_or_default(),
            assigned: OnceCell::new(),
            view: view.as_ref(),
        };
        // All of them are kept with the script.
        if !spend(Part::Shell, VARIABLE * (environment.len() + lost.len() + go.len()) as u64) {
            return (Sight::default(), true);
        }
        let start = Start {
            environment,
            dir: graph.text(exec.dir).into(),
            files,
            dialect: dialect(image, words.first().copied().unwrap_or_default()),
        };
        let reads_more = reads_settings(&words, &start);
        let mut outcome = match script {
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
        (Sight { outcome, go, lost }, machine.asked.get())
    }

    fn environment(&mut self, id: EnvId) -> Environment {
        let graph = self.graph;
        let new = || {
            let variables = graph.variables(id).into_iter();
            variables.map(|set| (graph.text(set.key).into(), graph.text(set.value).into())).collect()
        };
        self.environments.entry(id).or_insert_with(new).clone()
    }
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
    let is_named = start.environment.get("BASH_ENV") != Seen::Unset;
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
pub(super) fn told(environment: &Environment, go: &BTreeMap<SmolStr, Text>, name: &str) -> Told {
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
