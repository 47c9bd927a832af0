//! A program of the target's that a stage of another platform runs.

use crate::advice::facts::context::{Context, Pin, StageView};
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::naming::{foreign, runs};
use crate::advice::facts::origin::{is_below, is_overlaid};
use crate::advice::facts::sight::Sight;
use crate::advice::facts::tools::Compiler;
use crate::budget::{Part, spend};
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::{TargetIx, VertexIx};
use crate::model::path::base;
use crate::model::platform::Platform;
use crate::shell::interpret::{Call, Seen};

/// The rule.
pub const RULE: Rule = Rule {
    code: "foreign-program-run",
    summary: "a pinned stage runs a program that it fetched or compiled for the target",
    doc: Some(Doc {
        what: "Finds programs that a stage of one platform downloads under another's name or compiles for it, and runs: also `go run`, \
               `go test` and `cargo run` where the compiler is told the target, and what `go install` puts into a folder of the target's.",
        why: "The machine does not run it: the step ends with `exec format error`, or runs the program under emulation where an emulator \
              is there. For the machine's own platform all is well, so it is found late.",
        before: "FROM --platform=$BUILDPLATFORM alpine:3.22 AS settings\nARG TARGETARCH\n\
                 RUN wget -O /bin/yq https://example.com/yq_linux_$TARGETARCH && chmod +x /bin/yq\nCOPY app.yaml .\n\
                 RUN yq .port app.yaml > /port\nFROM alpine:3.22\nCOPY --from=settings /port /port\n",
        after: "FROM --platform=$BUILDPLATFORM alpine:3.22 AS settings\nARG BUILDARCH\n\
                RUN wget -O /bin/yq https://example.com/yq_linux_$BUILDARCH && chmod +x /bin/yq\nCOPY app.yaml .\n\
                RUN yq .port app.yaml > /port\nFROM alpine:3.22\nCOPY --from=settings /port /port\n",
        silent: "A program that is only passed on; one that perhaps runs; what `make`, a script or `go generate` runs out of sight.",
        no_fix: Some(
            "whether the machine's own program is meant, or the stage is to be the target's, the author knows.",
        ),
    }),
    ..Rule::PLAIN
};

/// How many calls are looked at after the one that brings a program.
const MOST_LATER: usize = 250;

/// The work of looking whether a call runs a program.
const CALL: u64 = 400;

/// Words without which no step makes or fetches a program for another platform.
const WORDS: [&str; 5] = ["://", "GOARCH", "CARGO_BUILD_TARGET", "--target", "-linux-"];

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if !WORDS.iter().any(|word| context.text().contains(word)) {
        return;
    }
    for stage in context.needed().filter(|stage| matches!(stage.pin, Pin::Build | Pin::Constant)) {
        for (at, instruction) in stage.body.iter().enumerate() {
            let raw = context.raw(instruction);
            if !matches!(instruction.kind, Kind::Run(_)) {
                continue;
            }
            let named = context.vertices(stage.index, instruction.line).find_map(|(vertex, targets)| {
                let later = Later { context, stage, at, target: targets.iter().next()? };
                run_here(&later, raw, vertex)
            });
            let Some(run) = named else { continue };
            let known = found.iter().any(|f| f.rule == &RULE && f.line == Some(instruction.line));
            if !known {
                found.push(run.diagnostic(context, stage, instruction));
            }
        }
    }
}

/// A program for another platform, and what goes wrong with it.
struct Found {
    message: String,
    help: &'static str,
}

impl Found {
    fn diagnostic(self, context: &Context<'_>, stage: &StageView<'_>, at: &Instruction<'_>) -> Diagnostic {
        context.diagnostic(&RULE, Some(stage.index), at, self.message, self.help)
    }
}

/// The steps of a stage from an instruction on, as a target has them.
struct Later<'k, 'c> {
    context: &'k Context<'c>,
    stage: &'k StageView<'c>,
    at: usize,
    target: TargetIx,
}

impl<'k> Later<'k, '_> {
    /// The calls of the steps after the instruction.
    fn calls(&self) -> impl Iterator<Item = &'k Call> {
        let (context, stage, target) = (self.context, self.stage, self.target);
        let instructions = stage.body[self.at + 1..].iter();
        let vertices = instructions.flat_map(move |i| context.vertices(stage.index, i.line));
        let own = vertices.filter(move |(_, targets)| targets.contains(target));
        own.filter_map(move |(vertex, _)| context.sight(vertex)).flat_map(|sight| &sight.outcome.calls)
    }
}

fn run_here(later: &Later<'_, '_>, raw: &str, vertex: VertexIx) -> Option<Found> {
    let context = later.context;
    let own = context.node.nature(vertex)?;
    let sight = context.sight(vertex)?;
    let calls = &sight.outcome.calls;
    let may_fetch = ["://", "curl", "wget"].iter().any(|word| raw.contains(word));
    let wraps = || is_overlaid(&context.node.graph, vertex);
    let mut certain = calls.iter().enumerate().filter(|(_, call)| call.is_certain && !made::is_xx(call));
    certain.find_map(|(at, call)| {
        let after = || calls[at + 1..].iter().chain(later.calls());
        if let Some(program) = may_fetch.then(|| fetched(call, own)).flatten() {
            return program.run(own, &mut after());
        }
        let architecture = told(sight, call, own).filter(|_| !wraps())?;
        runs_at_once(call, &architecture, own)
            .or_else(|| compiled(call, architecture)?.run(own, &mut after()))
    })
}

/// A program that a call makes or fetches for a platform that the machine does not run.
struct Program<'c> {
    name: &'c str,
    architecture: String,
    places: Vec<Place>,
    /// Whether what lies at the places may be called otherwise: it is unpacked there.
    is_unpacked: bool,
    /// Whether it is not where its name is looked for: `go install` for another platform.
    is_aside: bool,
}

/// What a call fetches under the name of another platform's.
fn fetched<'c>(call: &'c Call, own: &Platform) -> Option<Program<'c>> {
    let (urls, place) = made::fetched(call)?;
    let (url, said) = urls.iter().find_map(|url| Some((*url, foreign(url, own)?)))?;
    let file = url.split(['?', '#']).next()?.rsplit('/').next()?;
    let is_archive = [".tar", ".tgz", ".txz", ".zip", ".tbz"].iter().any(|end| file.contains(end));
    // A folder that it is put into has it under its own name.
    let place = place.and_then(|place| match place {
        Place::At(folder) if !is_archive && !is_file_of(call, &folder) => {
            Some(Place::At(format!("{}/{file}", folder.trim_end_matches('/'))))
        }
        Place::At(path) => Some(Place::At(path)),
        Place::Anywhere => None,
    });
    let places: Vec<Place> = place.into_iter().collect();
    let architecture = said.architecture.to_owned();
    (is_archive || !places.is_empty()).then_some(Program {
        name: file,
        architecture,
        places,
        is_unpacked: is_archive,
        is_aside: false,
    })
}

/// Whether a path is that of a file which a call is told to write, and not of a folder.
fn is_file_of(call: &Call, path: &str) -> bool {
    let folders = ["-P", "--directory-prefix", "--output-dir"];
    let words: Vec<&str> = call.arguments().collect();
    let before = |at: usize| at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    words.iter().enumerate().any(|(at, word)| {
        !folders.contains(&before(at))
            && !word.contains("://")
            && made::path_of(call, word).as_deref() == Some(path)
    })
}

/// The architecture that a compiler is told, in Docker's words, where the machine does not run it.
fn told(sight: &Sight, call: &Call, own: &Platform) -> Option<String> {
    let architecture = match call.program() {
        "go" => sight.go_told(call, "GOARCH").value()?.to_owned(),
        "cargo" => {
            let by_variable = || call.environment.get("CARGO_BUILD_TARGET").known().map(str::to_owned);
            let triple = made::option(call, &["--target"]).map(str::to_owned).or_else(by_variable)?;
            made::of_triple(&triple)?.to_owned()
        }
        _ if made::compiler(call) == Some(Compiler::C) => made::c_told(call)?.to_owned(),
        _ => return None,
    };
    let is_known = !architecture.is_empty() && architecture != "wasm";
    (is_known && !runs(own, &architecture)).then_some(architecture)
}

/// What a call compiles and runs itself, or refuses to.
fn runs_at_once(call: &Call, architecture: &str, own: &Platform) -> Option<Found> {
    let first = made::plain(call).next()?;
    let has = |names: &[&str]| call.arguments().any(|word| names.iter().any(|name| word.starts_with(name)));
    let is_run = match (call.program(), first) {
        ("go", "run") => !has(&["-exec"]),
        ("go", "test") => !has(&["-exec", "-c", "-n"]),
        ("cargo", "run" | "test" | "r" | "t") => {
            !has(&["--no-run"]) && !call.environment.visible().any(|(name, _)| name.ends_with("_RUNNER"))
        }
        _ => false,
    };
    let machine = own.short();
    if is_run {
        let message = format!(
            "{} {first} compiles for {architecture} and runs what it made, on {machine}",
            call.program()
        );
        let help = "Leave the target out where the build runs the program itself, and set it before the compile of what the images \
                    get.";
        return Some(Found { message, help });
    }
    // `cmd/go/internal/load`: what would go into $GOBIN/linux_arm64 has no place.
    let has_place = !matches!(call.environment.get("GOBIN"), Seen::Unset);
    let is_set = matches!(call.environment.get("GOBIN"), Seen::Is(text) if !text.is_empty());
    (call.program() == "go" && first == "install" && has_place && is_set).then(|| Found {
        message: format!("go install refuses to compile for {architecture} on {machine}, as GOBIN is set"),
        help: "Write `go build -o` in place of `go install`, or unset GOBIN: then the program is in a folder of the target's.",
    })
}

/// What a call compiles for another platform.
fn compiled(call: &Call, architecture: String) -> Option<Program<'_>> {
    let first = made::plain(call).next();
    if call.program() == "go" && first == Some("install") {
        let package = made::plain(call).skip(1).last()?;
        return Some(Program {
            name: package,
            architecture,
            places: Vec::new(),
            is_unpacked: false,
            is_aside: true,
        });
    }
    made::compiler(call)?;
    let places: Vec<Place> = made::outputs(call);
    Some(Program { name: "", architecture, places, is_unpacked: false, is_aside: false })
}

impl Program<'_> {
    /// The first call that runs it.
    fn run(mut self, own: &Platform, later: &mut dyn Iterator<Item = &Call>) -> Option<Found> {
        for call in later.take(MOST_LATER).take_while(|_| spend(Part::Findings, CALL)) {
            if call.is_certain && self.is_run_by(call) {
                let program = call.words.first()?.text.with_gaps();
                let (architecture, machine) = (&self.architecture, own.short());
                let message = if self.is_aside {
                    format!(
                        "{program} is installed for {architecture}, in a folder of its own, and run on {machine}, where it is not found"
                    )
                } else {
                    format!("{program} is for {architecture}, and is run on {machine}")
                };
                let help = "Take the machine's own program where the build runs it (`ARG BUILDARCH`; compilers without the target), and \
                            the target's where it gets into the image.";
                return Some(Found { message, help });
            }
            if self.is_unpacked {
                self.places.extend(made::unpacked_to(call).filter(|_| call.is_certain));
            }
            made::moves(&mut self.places, call);
        }
        None
    }

    /// Whether a call starts the program.
    fn is_run_by(&self, call: &Call) -> bool {
        let Some(word) = call.words.first().map(|word| word.text.with_gaps()) else { return false };
        if word.contains('\0') || word.is_empty() {
            return false;
        }
        if self.is_aside {
            return !word.contains('/') && made::installed_tool_name(self.name) == Some(word);
        }
        let is_one = |path: &str| {
            let exact = self.places.iter().any(|place| matches!(place, Place::At(at) if at == path));
            let inside = || {
                self.places
                    .iter()
                    .any(|place| matches!(place, Place::At(at) if at != "/" && is_below(path, at)))
            };
            let is_called = || {
                let is_kept = |place: &Place| matches!(place, Place::At(at) if base(at) == base(path));
                if self.is_unpacked { self.is_called(base(path)) } else { self.places.iter().any(is_kept) }
            };
            exact || inside() && is_called()
        };
        if word.contains('/') {
            return made::path_of(call, word).is_some_and(|path| is_one(&path));
        }
        let Seen::Is(path) = call.environment.get("PATH") else { return false };
        path.with_gaps().split(':').any(|folder| is_one(&format!("{}/{word}", folder.trim_end_matches('/'))))
    }

    /// Whether the archive is called after a program: `golangci-lint-1.64-linux-arm64.tar.gz`.
    fn is_called(&self, program: &str) -> bool {
        let rest = self.name.strip_prefix(program);
        program.len() > 1 && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    }
}
