//! The global arguments of a build: what BuildKit sets itself, and the `ARG`s before the first `FROM`.
//!
//! Follows BuildKit's `dockerfile2llb/platform.go` (`defaultArgs`), `convert.go` (`buildMetaArgs`) and `epoch.go`.

use std::borrow::Cow;
use std::sync::LazyLock;

use smallvec::SmallVec;

use super::git::{self, Origin};
use super::inputs::Inputs;
use super::platform::Platform;
use super::resolve::{Failure, Phase, Resolver, Stage, Tables};
use super::scope::{GlobalScope, GlobalValue};
use super::settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::{Arg, From, Instruction, Kind};
use crate::ids::{TargetIx, TargetSet};
use crate::source::Line;
use crate::symbols::{Symbol, Symbols};

const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Evaluates all global arguments.
pub(super) fn evaluate(resolver: &mut Resolver<'_>) {
    settings::check(resolver);
    automatic(resolver);
    declared(resolver);
}

/// Evaluates all global arguments as if no build argument were given for those that the file declares.
pub(super) fn evaluate_defaults(resolver: &mut Resolver<'_>) {
    automatic(resolver);
    resolver.build_args.clear();
    declared(resolver);
}

/// The arguments that the file declares.
fn declared(resolver: &mut Resolver<'_>) {
    let instructions = resolver.file.instructions.as_slice();
    let before_stages =
        instructions.iter().take_while(|instruction| !matches!(instruction.kind, Kind::From(_)));
    for instruction in before_stages {
        if let Kind::Arg(args) = &instruction.kind {
            for arg in *args {
                define(resolver, arg, instruction.line);
            }
        }
    }
    epoch(resolver);
}

/// What every build begins with: a table that holds the names of the automatic arguments, and values that many builds give
/// them.
struct Usual {
    symbols: Symbols,
    names: [Symbol; AUTOMATIC.len()],
}

static USUAL: LazyLock<Usual> = LazyLock::new(|| {
    let mut symbols = Symbols::new();
    let names = AUTOMATIC.map(|name| symbols.intern(name));
    for value in ["linux", "amd64", "arm64", "linux/amd64", "linux/arm64", "default", EPOCH] {
        symbols.intern(value);
    }
    Usual { symbols, names }
});

/// The table of strings that a build begins with.
pub(super) fn usual_symbols() -> Symbols {
    USUAL.symbols.clone()
}

/// The arguments that BuildKit sets itself.
pub(super) const AUTOMATIC: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    TARGETSTAGE,
];

/// The argument whose value is the stage that is built.
pub(super) const TARGETSTAGE: &str = "TARGETSTAGE";

/// The value of an automatic argument.
enum Value<'v> {
    Uniform(&'v str),
    OfTarget(fn(&Platform) -> Cow<'_, str>),
}

/// Sets the arguments that BuildKit sets itself, in the order of [`AUTOMATIC`]; a `--build-arg` of the same name overrides each.
fn automatic(resolver: &mut Resolver<'_>) {
    let inputs = resolver.inputs;
    let build = &inputs.build_platform;
    let values: [Value<'_>; AUTOMATIC.len()] = [
        Value::Uniform(&build.short()),
        Value::Uniform(&build.os),
        Value::Uniform(&build.os_version),
        Value::Uniform(&build.architecture),
        Value::Uniform(&build.variant),
        Value::OfTarget(|platform| platform.full().into()),
        Value::OfTarget(|platform| (&*platform.os).into()),
        Value::OfTarget(|platform| (&*platform.os_version).into()),
        Value::OfTarget(|platform| (&*platform.architecture).into()),
        Value::OfTarget(|platform| (&*platform.variant).into()),
        Value::Uniform(target_stage(resolver)),
    ];
    for (name, value) in USUAL.names.into_iter().zip(values) {
        let given = resolver.build_args.get(&name).copied();
        let symbols = &mut resolver.symbols;
        let value = match (given, value) {
            (Some(given), _) => GlobalValue::Uniform(given),
            (None, Value::Uniform(text)) => GlobalValue::Uniform(symbols.intern(text)),
            (None, Value::OfTarget(part)) => {
                collapse(inputs.targets().iter().map(|target| symbols.intern(&part(target))).collect())
            }
        };
        resolver.globals.set(name, value);
    }
}

/// What [`TARGETSTAGE`] says where no `--build-arg` does.
fn target_stage<'a>(resolver: &Resolver<'a>) -> &'a str {
    let last = resolver.layout.stages.last().map(|stage| stage.name.unwrap_or_default());
    let asked = resolver.inputs.stage.as_deref().filter(|stage| !stage.is_empty());
    asked.or(last).filter(|stage| !stage.is_empty()).unwrap_or("default")
}

/// Sets the argument whose value is the stage that is built.
pub(super) fn set_target_stage(resolver: &mut Resolver<'_>) {
    let name = resolver.symbols.intern(TARGETSTAGE);
    if !resolver.build_args.contains_key(&name) {
        let stage = resolver.symbols.intern(target_stage(resolver));
        resolver.globals.set(name, GlobalValue::Uniform(stage));
    }
}

/// One value where all are equal.
fn collapse(values: SmallVec<[Symbol; 4]>) -> GlobalValue {
    if values.iter().all(|value| *value == values[0]) {
        GlobalValue::Uniform(values[0])
    } else {
        GlobalValue::PerTarget(values)
    }
}

/// One `ARG` before the first `FROM`. Without default and `--build-arg` it leaves what was there.
fn define(resolver: &mut Resolver<'_>, arg: &Arg<'_>, line: Line) {
    let name = resolver.symbols.intern(arg.name.text);
    if let Some(&given) = resolver.build_args.get(&name) {
        resolver.globals.set(name, GlobalValue::Uniform(given));
        return;
    }
    let Some(default) = arg.default else {
        resolver.globals.declare(name);
        return;
    };
    let lexer = resolver.lexer();
    let mut values = SmallVec::new();
    let mut buffer = String::new();
    for target in (0..resolver.inputs.targets().len()).map(TargetIx::new) {
        let looked_up = resolver.looked_up();
        let mut scope =
            GlobalScope { globals: &resolver.globals, symbols: &resolver.symbols, target, looked_up };
        let expanded = lexer.expand_in(&mut buffer, default.text, &mut scope);
        let varies = scope.varies();
        resolver.steps_left = scope.looked_up.steps_left;
        let value = match expanded {
            Ok(text) => resolver.symbols.intern(text),
            Err(error) => {
                let targets = if varies { TargetSet::one(target) } else { resolver.inputs.all_targets() };
                let diagnostic = resolver.expansion_error(&error, default).at(line);
                resolver.failures.push(Failure { phase: Phase::Globals, targets, diagnostic });
                Symbol::EMPTY
            }
        };
        if !varies {
            resolver.globals.set(name, GlobalValue::Uniform(value));
            return;
        }
        values.push(value);
    }
    resolver.globals.set(name, collapse(values));
}

/// `SOURCE_DATE_EPOCH` must be a number, `context`, or a stage that is one remote `ADD` on scratch.
fn epoch(resolver: &mut Resolver<'_>) {
    let name = resolver.symbols.intern(EPOCH);
    let global =
        resolver.globals.get(name).map(|value| value.of(TargetIx(0))).filter(|value| *value != Symbol::EMPTY);
    let Some(value) = resolver.build_args.get(&name).copied().or(global) else { return };
    let text = resolver.symbols.text(value).to_owned();
    let seconds = super::values::go_int(&text);
    if seconds.is_none() && !text.is_empty() && text != "context" {
        let problem = resolver.file.instructions.iter().enumerate().find_map(|(index, instruction)| {
            let Kind::From(from) = &instruction.kind else { return None };
            let named = from.name.is_some_and(|name| name.text.to_lowercase() == text.to_lowercase());
            named.then(|| stage_problem(resolver, index, instruction, from))
        });
        let diagnostic = match problem {
            Some(None) => None,
            Some(Some(problem)) => Some(problem),
            None => {
                Some(Diagnostic::error(Code::BadValue, format!("SOURCE_DATE_EPOCH cannot be {text:?}")).help(
                    "give seconds since 1970, `context`, or a stage that only adds a remote file to scratch",
                ))
            }
        };
        if let Some(diagnostic) = diagnostic {
            resolver.fail_all(Phase::Globals, diagnostic);
        }
    }
    if let Some(seconds) = seconds {
        let value = resolver.symbols.intern(&seconds.to_string());
        if resolver.build_args.contains_key(&name) {
            resolver.build_args.insert(name, value);
        }
        if resolver.globals.get(name).is_some() {
            resolver.globals.set(name, GlobalValue::Uniform(value));
        }
    } else {
        resolver.build_args.remove(&name);
        resolver.globals.remove(name);
    }
}

/// Why the stage at `index` cannot give the time, if it cannot.
fn stage_problem(
    resolver: &Resolver<'_>,
    index: usize,
    from: &Instruction<'_>,
    base: &From<'_>,
) -> Option<Diagnostic> {
    let refuse =
        |message: &str| Some(Diagnostic::error(Code::BadValue, message).at(from.line).span(from.span));
    if base.base.text != "scratch" {
        return refuse("the stage that gives SOURCE_DATE_EPOCH must be FROM scratch");
    }
    let rest = resolver.file.instructions[index + 1..].iter();
    let mut adds = 0;
    for instruction in rest.take_while(|instruction| !matches!(instruction.kind, Kind::From(_))) {
        match &instruction.kind {
            Kind::Arg(_) => {}
            Kind::Add(add) if add.documents.is_empty() && add.sources.len() == 1 => {
                adds += 1;
                let is_path = matches!(git::origin(add.sources[0].text), Ok(Origin::Path));
                if is_path && !add.sources[0].text.contains('$') {
                    return refuse("the stage that gives SOURCE_DATE_EPOCH must add one remote file");
                }
            }
            _ => {
                return refuse("the stage that gives SOURCE_DATE_EPOCH may hold ARG and one remote ADD only");
            }
        }
    }
    if adds == 1 { None } else { refuse("the stage that gives SOURCE_DATE_EPOCH must add one remote file") }
}

/// What each `FROM` takes its files from where no build argument is given, for the first target; nothing where that is an
/// error.
pub(crate) fn without_build_args<'a>(file: &'a Dockerfile<'a>, inputs: &'a Inputs) -> Vec<String> {
    let mut bare = Resolver::new(file, inputs, Tables::usual());
    evaluate_defaults(&mut bare);
    if !bare.failures.is_empty() {
        return Vec::new();
    }
    let expand = |stage: &Stage<'_>| {
        let looked_up = bare.looked_up();
        let (globals, symbols) = (&bare.globals, &bare.symbols);
        let mut scope = GlobalScope { globals, symbols, target: TargetIx(0), looked_up };
        bare.lexer().expand(stage.from.base.text, &mut scope).map(Cow::into_owned).ok()
    };
    // As BuildKit, which stops at the first that cannot be expanded.
    bare.layout.stages.iter().map_while(expand).collect()
}
