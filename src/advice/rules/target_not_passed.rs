//! A compile for a platform that nobody tells the compiler.

use super::one_binary::knows_platforms;
use crate::advice::edits::cross::{Cross, cross, untold};
use crate::advice::facts::binary::Compile;
use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::advice::facts::naming;
use crate::advice::facts::origin::{bases, fits, is_overlaid};
use crate::advice::facts::sight::{Sight, Told};
use crate::advice::facts::text_ranges;
use crate::advice::facts::tools::{self, Compiler};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{CommandLine, Kind};
use crate::model::platform::Platform;
use crate::shell::interpret::{Call, Seen};
use crate::shell::syntax::{Command, Compound, parse};
use crate::translate::go_architecture;

/// The rule.
pub const RULE: Rule = Rule {
    code: "target-not-passed",
    severity: Severity::Error,
    summary: "a program for one platform is compiled for another: nothing hands the target to the compiler",
    doc: Some(Doc {
        what: "Finds a compile whose output gets into the image of a platform, but which is told another architecture or \
               none: GOARCH written out, a shell variable that is not exported, no `--target`, a C compiler for one machine by its \
               name, in `CC`, in CMake's definitions or by `--host`.",
        why: "A pinned stage with `ARG TARGETARCH` in it runs once per platform and looks like a cross-compile. Unless \
              the toolchain hears of it, each run makes the same program for the machine that builds.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                 RUN GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nCOPY . .\nARG TARGETARCH\n\
                RUN export GOARCH=$TARGETARCH; CGO_ENABLED=0 go build -o /app .\nFROM scratch\n\
                COPY --from=build /app /app\n",
        silent: "A script that may do it out of sight: a sourced file or a Makefile that is not in the given context, a wrapper such \
                 as `xx-go`, also one that another image puts in the place of the compiler.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    for compile in context.compiles() {
        // What several platforms share is the finding of one-binary-for-all-platforms.
        let graph = &context.node.graph;
        let overlaid = || is_overlaid(graph, compile.vertex) || is_wrapped(context, compile);
        let is_right = || shared(context, compile) || knows_platforms(context, compile) || overlaid();
        let own =
            context.node.nature(compile.vertex).unwrap_or_else(|| graph.platform(compile.exec.platform));
        for target in compile.targets.iter() {
            let target = &graph.targets()[target.index()];
            let Some(wrong) = wrong(context, compile, own, target) else { continue };
            let known = findings.iter().any(|f| f.rule == &RULE && f.line == Some(compile.instruction.line));
            if known || is_right() {
                break;
            }
            let message = format!("the program for {} is {}", target.short(), wrong.what);
            let Cross { help, lines, patch } =
                cross(context, compile.stage, compile.instruction, compile.compiler);
            let is_go = compile.compiler == Compiler::Go;
            let fix = if is_go { export(context, compile) } else { None };
            let is_own = is_go && fits(target, own);
            let untold = || untold(context, compile.stage, compile.instruction).filter(|_| is_own);
            let (lines, patch) = match patch {
                None => untold().map_or((lines, None), |(lines, patch)| (lines, Some(patch))),
                patch => (lines, patch),
            };
            let lines = if fix.is_some() { Vec::new() } else { lines };
            let finding = context.diagnostic(&RULE, Some(compile.stage), compile.instruction, message, help);
            let finding = Diagnostic { severity: wrong.severity, ..finding };
            findings.push(finding.with_recipe(lines).with_patch(patch).fixed(fix));
        }
    }
}

/// What is wrong with a compile, and how surely.
struct Wrong {
    what: String,
    severity: Severity,
}

impl Wrong {
    fn error(what: String) -> Self {
        Self { what, severity: Severity::Error }
    }

    fn warning(what: String) -> Self {
        Self { what, severity: Severity::Warning }
    }
}

/// What is wrong with a compile for a target, if that is known.
fn wrong(context: &Context<'_>, compile: &Compile<'_>, own: &Platform, target: &Platform) -> Option<Wrong> {
    let sight = context.sight(compile.vertex).filter(|sight| sight.outcome.is_complete)?;
    let calls: Vec<&Call> = compile.calls.iter().filter_map(|at| sight.outcome.calls.get(*at)).collect();
    if calls.is_empty()
        || calls.iter().any(|call| made::is_xx(call))
        || is_told_out_of_sight(context, compile, target)
    {
        return None;
    }
    match compile.compiler {
        Compiler::Go => told_go(sight, &calls, compile.by_make, own, target),
        Compiler::Rust if !compile.by_make => told_rust(sight, &calls, own, target),
        Compiler::Dotnet => told_dotnet(context, &calls, own, target),
        Compiler::C => told_c(&calls, own, target).map(|wrong| {
            let is_seen = !compile.is_configured && !compile.by_make;
            let severity = if is_seen { wrong.severity } else { Severity::Warning };
            Wrong { severity, ..wrong }
        }),
        Compiler::Other => told_other(&calls, own, target),
        _ => None,
    }
}

/// What is wrong with a program that a C compiler makes for `target`: under its plain name it makes those of its own machine.
fn told_c(calls: &[&Call], own: &Platform, target: &Platform) -> Option<Wrong> {
    let is_told = |word: &str| {
        word.contains('\0') || word.contains("-target") || word.starts_with("-m") || word.starts_with('@')
    };
    let told: Vec<_> = calls.iter().map(|call| made::c_told(call)).collect();
    if let Some(other) = told.iter().flatten().next() {
        let is_right = told.iter().flatten().any(|told| told == &&*target.architecture);
        let is_mixed = told.contains(&None) || (*other, &*target.architecture) == ("386", "amd64");
        return (!is_right && !is_mixed)
            .then(|| Wrong::error(format!("compiled for {other}, as the name of the compiler says")));
    }
    let plain = !fits(target, own) && !calls.iter().any(|call| call.arguments().any(is_told));
    let call = calls.first().filter(|_| plain)?;
    Some(Wrong::error(format!(
        "compiled for {}, as {} makes programs of its own machine",
        own.short(),
        call.program()
    )))
}

/// What is wrong with what another compiler makes for `target`: where nothing tells it of a machine, it takes its own.
fn told_other(calls: &[&Call], own: &Platform, target: &Platform) -> Option<Wrong> {
    const SIGNS: [&str; 12] = [
        "target",
        "triple",
        "sdk",
        "cross",
        "arch",
        "cpu",
        "platform",
        "system",
        "config",
        "toolchain",
        "host",
        "os",
    ];
    let is_told = |call: &&Call| {
        let by_word = call.arguments().any(|word| {
            let option =
                word.trim_start_matches('-').split(['=', ':']).next().unwrap_or_default().to_lowercase();
            word.contains('\0')
                || naming::architectures(word) > 0
                || word.starts_with('-') && SIGNS.iter().any(|sign| option.contains(sign))
        });
        by_word || call.environment.visible().any(|(name, _)| name.contains("TARGET_TRIPLE") || name == "CC")
    };
    let call = calls.first().filter(|_| !fits(target, own) && !calls.iter().any(is_told))?;
    let what = format!("compiled for {}, as {} gets no target", own.short(), call.program());
    Some(Wrong::warning(what))
}

/// Whether a program that is told the target may tell the compiler in turn, by a file or a setting.
fn is_told_out_of_sight(context: &Context<'_>, compile: &Compile<'_>, target: &Platform) -> bool {
    let Some(sight) = context.sight(compile.vertex) else { return true };
    let first = compile.calls.first().copied().unwrap_or_default();
    let words: Vec<&str> = naming::spellings(&target.architecture).to_vec();
    let before = sight.outcome.calls.iter().take(first);
    before.filter(|call| !call.wraps && !call.is_read).any(|call| {
        let names = call.arguments().any(|word| words.iter().any(|name| word.contains(name)));
        let is_setting = call.program() == "go" && call.arguments().next() == Some("env");
        let is_compile = made::compiler(call).is_some();
        names && !is_setting && !is_compile && tools::may_hand_on(call.program())
    })
}

/// Whether a helper was put in the place of the compiler: `xx-go --wrap`.
fn is_wrapped(context: &Context<'_>, compile: &Compile<'_>) -> bool {
    let sights = bases(&context.node.graph, compile.vertex).filter_map(|at| context.sight(at));
    let mut calls = sights.flat_map(|sight| &sight.outcome.calls);
    calls.any(|call| call.program().starts_with("xx-") && call.arguments().any(|word| word == "--wrap"))
}

fn shared(context: &Context<'_>, compile: &Compile<'_>) -> bool {
    let mut platforms = compile.targets.iter().map(|target| &context.node.graph.targets()[target.index()]);
    let targets = context.node.graph.vertex(compile.vertex).targets;
    let first = platforms.next();
    targets.len() > 1 && platforms.any(|other| first.is_some_and(|first| !fits(other, first)))
}

/// What is wrong with a Go compile for `target`, whether the script calls the compiler or has `make` do it.
fn told_go(
    sight: &Sight,
    calls: &[&Call],
    by_make: bool,
    own: &Platform,
    target: &Platform,
) -> Option<Wrong> {
    let (wanted, native) = (go_architecture(target)?, go_architecture(own)?);
    let mut reason = None;
    for call in calls {
        let told = sight.go_told(call, "GOARCH");
        let hidden = call.environment.hidden("GOARCH");
        // What a Makefile does with what it is told cannot be seen, nor what it does when it is told nothing.
        let is_silent = hidden.is_none() && told == Told::Nothing;
        if told == Told::Unknown || by_make && (is_silent || is_told_otherwise(call, wanted)) {
            return None;
        }
        let value = told.value().unwrap_or(native).to_owned();
        let is_other = value != wanted && value != "wasm" && !(value == "386" && wanted == "amd64");
        if !is_other {
            return told_level(sight, call, own, target)
                .or_else(|| told_cgo(sight, call, own, target).filter(|_| !by_make));
        }
        let why = match (&told, hidden) {
            (Told::Value(_), _) => "as GOARCH says",
            (_, Some(_)) if by_make => "as GOARCH is set but not exported to make",
            (_, Some(_)) => "as GOARCH is set but not exported",
            (_, None) => "as GOARCH is not set",
        };
        reason.get_or_insert((value, why));
    }
    let (value, why) = reason?;
    let what = format!("compiled for {value}, {why}");
    Some(if by_make { Wrong::warning(what) } else { Wrong::error(what) })
}

/// What is wrong with the C compiler of a compile that uses cgo: under its plain name it makes programs of its own machine.
fn told_cgo(sight: &Sight, call: &Call, own: &Platform, target: &Platform) -> Option<Wrong> {
    if sight.go_told(call, "CGO_ENABLED").value() != Some("1") {
        return None;
    }
    let compiler = match sight.go_told(call, "CC") {
        Told::Unknown => return None,
        Told::Nothing => "gcc".to_owned(),
        Told::Value(compiler) => compiler.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let made = match (&*compiler, made::cross_architecture(&compiler)) {
        (_, Some(architecture)) => architecture,
        ("gcc" | "cc", None) => &*own.architecture,
        _ => return None,
    };
    (made != &*target.architecture).then(|| {
        Wrong::warning(format!(
            "compiled with cgo by {compiler}, which makes programs for {made}, as CC says nothing else"
        ))
    })
}

/// Whether `make` hears of the target in another way than GOARCH: in an argument, or in a variable of the script's own.
fn is_told_otherwise(call: &Call, wanted: &str) -> bool {
    let says = |text: &str| {
        text.contains('\0')
            || naming::spellings(wanted).iter().any(|name| text.contains(name))
            || text.contains("ARCH")
    };
    let own = |name: &str| !name.starts_with("TARGET") && !name.starts_with("BUILD") && name != "GOARCH";
    let by_variable = call.environment.visible().any(|(name, value)| own(name) && says(value.with_gaps()));
    let is_of_go = |word: &&str| {
        ["GOARCH=", "GOOS=", "GOARM="].iter().any(|name| word.starts_with(name)) && !word.contains('\0')
    };
    call.arguments().filter(|word| !is_of_go(word)).any(says) || by_variable
}

/// What is wrong with the level of a compile for 32-bit arm.
///
/// Go takes 7 where it is told nothing and compiles for another machine (`internal/buildcfg`, `defaultGOARM`).
fn told_level(sight: &Sight, call: &Call, own: &Platform, target: &Platform) -> Option<Wrong> {
    let wanted: u32 = match (&*target.architecture, &*target.variant) {
        ("arm", "") => 7,
        ("arm", variant) => variant.trim_start_matches('v').parse().ok()?,
        _ => return None,
    };
    let what = match sight.go_told(call, "GOARM") {
        Told::Nothing if wanted < 7 && *own.architecture != *target.architecture => {
            format!("compiled for ARMv7, as GOARM is not set: {} needs GOARM={wanted}", target.short())
        }
        Told::Value(value) if value.starts_with('v') => {
            format!("refused by Go, as GOARM is {value}: it takes 5, 6 or 7 (`${{TARGETVARIANT#v}}`)")
        }
        Told::Value(value) => {
            let level: u32 = value.split(',').next()?.parse().ok()?;
            if level <= wanted {
                return None;
            }
            format!("compiled for ARMv{level}, as GOARM says: {} needs GOARM={wanted}", target.short())
        }
        _ => return None,
    };
    Some(Wrong::warning(what))
}

/// What is wrong with a Rust compile for `target`.
fn told_rust(sight: &Sight, calls: &[&Call], own: &Platform, target: &Platform) -> Option<Wrong> {
    if sight.outcome.files.keys().any(|path| path.contains(".cargo/config")) {
        return None;
    }
    let mut wrong = None;
    for call in calls {
        let by_variable = match call.environment.get("CARGO_BUILD_TARGET") {
            Seen::Unset => None,
            Seen::Is(text) if text.is_empty() => None,
            Seen::Is(text) => Some(text.known()?.to_owned()),
            Seen::Unknown => return None,
        };
        let told = made::option(call, &["--target"]).map(str::to_owned).or(by_variable);
        match told {
            Some(told) if told.contains('\0') => return None,
            Some(told) => match made::of_triple(&told) {
                Some(architecture) if architecture == &*target.architecture => return None,
                Some(_) => {
                    wrong = wrong
                        .or_else(|| Some(Wrong::error(format!("compiled for {told}, as --target says"))));
                }
                // Other targets are for other things, such as browsers.
                None => return None,
            },
            None if fits(target, own) || call.arguments().any(|word| word.contains('\0')) => return None,
            None => {
                wrong = wrong.or_else(|| {
                    Some(Wrong::error(format!("compiled for {}, as cargo gets no --target", own.short())))
                });
            }
        }
    }
    wrong
}

/// What is wrong with a program that .NET publishes for `target`.
fn told_dotnet(context: &Context<'_>, calls: &[&Call], own: &Platform, target: &Platform) -> Option<Wrong> {
    if is_started_by_dotnet(context) {
        return None;
    }
    for call in calls {
        let told = made::dotnet_told(call);
        let architecture = match told.as_deref() {
            None if fits(target, own) => return None,
            None => &*own.architecture,
            Some("x64" | "amd64" | "x86_64") => "amd64",
            Some("arm64" | "aarch64") => "arm64",
            Some("arm") => "arm",
            Some("x86") => "386",
            Some(_) => return None,
        };
        if architecture == &*target.architecture {
            return None;
        }
    }
    let call = calls.first()?;
    let what = match made::dotnet_told(call) {
        Some(told) => format!("published for {told}"),
        None => format!(
            "published for {}, as .NET gets neither an architecture nor a runtime identifier",
            own.short()
        ),
    };
    Some(Wrong::error(what))
}

/// Whether what the image starts is `dotnet`, which runs libraries of every platform.
pub(super) fn is_started_by_dotnet(context: &Context<'_>) -> bool {
    let target = context.node.graph.target_stage();
    let starts =
        context.chain(target).flat_map(|view| view.body).filter_map(|instruction| match &instruction.kind {
            Kind::Entrypoint(_) | Kind::Cmd(_) => Some(context.raw(instruction)),
            _ => None,
        });
    starts.into_iter().any(|text| text.contains("dotnet"))
}

/// Exports what the script sets, where that is all that is missing: every assignment of a variable that Go reads becomes an
/// `export` of it, and all else stays.
fn export(context: &Context<'_>, compile: &Compile<'_>) -> Option<Fix> {
    const NAMES: [&str; 5] = ["GOOS", "GOARCH", "GOARM", "GOAMD64", "GO386"];
    let Kind::Run(run) = &compile.instruction.kind else { return None };
    let CommandLine::Shell(word) = &run.command else { return None };
    if !compile.instruction.heredocs.is_empty() {
        return None;
    }
    let script = parse(word.text);
    let mut places = Vec::new();
    assignments(&script.list, &NAMES, &mut places);
    let sight = context.sight(compile.vertex)?;
    let hidden = compile
        .calls
        .iter()
        .filter_map(|at| sight.outcome.calls.get(*at))
        .any(|call| call.environment.hidden("GOARCH").is_some());
    if !hidden || places.is_empty() {
        return None;
    }
    let edits: Option<Vec<Edit>> = places
        .iter()
        .map(|at| Some(Edit::insert(text_ranges::in_file(context.text(), word, *at)?, "export ")))
        .collect();
    Some(Fix {
        description: "export what the script sets, so that the compiler hears of it".to_owned(),
        edits: edits?,
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Repair],
    })
}

/// Where statements begin that do nothing but assign, one of `names` among it.
fn assignments(list: &[Command], names: &[&str], places: &mut Vec<usize>) {
    for command in list {
        match command {
            Command::Simple(simple)
                if simple.words.is_empty()
                    && simple.redirects.is_empty()
                    && simple.assignments.iter().any(|assignment| names.contains(&&*assignment.name)) =>
            {
                places.push(simple.span.start);
            }
            Command::AndOr { first, rest } => {
                assignments(std::slice::from_ref(first), names, places);
                for (_, command) in rest {
                    assignments(std::slice::from_ref(command), names, places);
                }
            }
            Command::Compound { kind, .. } => match kind {
                Compound::Group(list) => assignments(list, names, places),
                Compound::If { arms, otherwise } => {
                    for (_, body) in arms {
                        assignments(body, names, places);
                    }
                    assignments(otherwise, names, places);
                }
                Compound::Case { items, .. } => {
                    for item in items {
                        assignments(&item.body, names, places);
                    }
                }
                Compound::For { body, .. } => assignments(body, names, places),
                _ => {}
            },
            _ => {}
        }
    }
}
