//! One compiled program in the images of several platforms.

use crate::advice::edits::cross::{Cross, cross};
use crate::advice::edits::golang;
use crate::advice::facts::binary::Compile;
use crate::advice::facts::context::Context;
use crate::advice::facts::made;
use crate::advice::facts::naming;
use crate::advice::facts::origin::fits;
use crate::advice::facts::sight::Told;
use crate::advice::facts::tools::Compiler;
use crate::advice::rules::shadowed_platform_arg;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Fix, Rule, Severity};
use crate::model::platform::Platform;
use crate::shell::interpret::{Call, Seen};

/// The rule.
pub const RULE: Rule = Rule {
    code: "one-binary-for-all-platforms",
    severity: Severity::Error,
    summary: "one compile makes the program in the images of several architectures",
    doc: Some(Doc {
        what: "Follows each copy into an image back to the step that made the file, and finds a compiler's output that \
               is one step for several architectures.",
        why: "What a compiler makes runs on one architecture. A step that several platforms share makes one file, and \
              every image gets it: all but one are broken. The build is fast, for that very reason.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\n\
                 RUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\nARG TARGETOS TARGETARCH\n\
                RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\n\
                COPY --from=build /app /app\n",
        silent: "What is the same everywhere: bundles, scripts, Java, WebAssembly; a step that names several \
                 architectures, since it loops over them itself; a tool that only the build uses.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    if context.node.graph.targets().len() < 2 {
        return;
    }
    for compile in context.compiles() {
        let platforms: Vec<&Platform> =
            compile.targets.iter().map(|target| &context.node.graph.targets()[target.index()]).collect();
        let Some(first) = platforms.first() else { continue };
        let differs =
            platforms.iter().any(|other| other.architecture != first.architecture || other.os != first.os);
        let all_fit = platforms.iter().all(|other| fits(other, first))
            || platforms.iter().all(|other| fits(first, other));
        if !differs || all_fit || knows_platforms(context, compile) {
            continue;
        }
        let names: Vec<String> = platforms.iter().map(|platform| platform.short()).collect();
        let message = format!(
            "one {} program is built here and copied into the images for {}",
            compile.compiler.as_str(),
            names.join(", ")
        );
        let Cross { help, lines, patch } =
            cross(context, compile.stage, compile.instruction, compile.compiler);
        let help = format!("{help} Line {} copies what it makes.", compile.arrival.line);
        let known = findings.iter().any(|f| f.rule == &RULE && f.line == Some(compile.instruction.line));
        if !known {
            let fix = tell(context, compile);
            let lines = if fix.is_some() { Vec::new() } else { lines };
            // Where an argument hides the target's value, what is written would be told that one.
            let hides = findings.iter().any(|f| f.rule == &shadowed_platform_arg::RULE);
            let patch = patch.filter(|_| !hides);
            let finding = context.diagnostic(&RULE, Some(compile.stage), compile.instruction, message, help);
            // What the project's own files tell the build system is not seen.
            let is_hidden = compile.is_configured || is_plain_make(context, compile);
            let severity = if is_hidden { Severity::Warning } else { RULE.severity };
            let finding = Diagnostic { severity, ..finding };
            findings.push(finding.with_recipe(lines).with_patch(patch).fixed(fix));
        }
    }
}

/// Whether `make` has C compiled, and no compiler is named.
fn is_plain_make(context: &Context<'_>, compile: &Compile<'_>) -> bool {
    let calls = context.sight(compile.vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let mut told = compile.calls.iter().filter_map(|at| calls.get(*at)).filter_map(made::c_told);
    compile.by_make && compile.compiler == Compiler::C && told.next().is_none()
}

/// Hands Go the target, where that is all it takes.
fn tell(context: &Context<'_>, compile: &Compile<'_>) -> Option<Fix> {
    if compile.compiler != Compiler::Go || compile.by_make {
        return None;
    }
    let told = golang::tell(context, &[context.stage(compile.stage)])?;
    let licence = told.licence.into_iter().chain([Allowed::Repair]).collect();
    let description = "tell Go the target, so that each image gets its own program".to_owned();
    Some(Fix { description, edits: told.edits, applicability: Applicability::OnRequest, licence })
}

/// Whether a step makes files for several platforms, or for none.
pub(super) fn knows_platforms(context: &Context<'_>, compile: &Compile<'_>) -> bool {
    let raw = context.raw(compile.instruction);
    let portable = ["wasm", "GOOS=js", "goreleaser", "gox ", "xgo ", "lipo ", "universal"];
    let of_env = |name: &str| context.node.graph.variable(compile.exec.env, name);
    let wasm =
        [of_env("GOARCH"), of_env("CARGO_BUILD_TARGET")].into_iter().flatten().any(|v| v.contains("wasm"));
    wasm || portable.iter().any(|word| raw.contains(word))
        || makes_several(context, compile).unwrap_or(naming::architectures(raw) > 1)
}

/// Whether the calls of a compile make programs for several platforms; `None` where what they are told is not known.
fn makes_several(context: &Context<'_>, compile: &Compile<'_>) -> Option<bool> {
    let sight = context.sight(compile.vertex).filter(|sight| sight.outcome.is_complete)?;
    let calls = compile.calls.iter().filter_map(|at| sight.outcome.calls.get(*at));
    let told: Vec<Told> = match compile.compiler {
        Compiler::Go => calls.map(|call| sight.go_told(call, "GOARCH")).collect(),
        Compiler::Dotnet => {
            calls.map(|call| made::dotnet_told(call).map_or(Told::Nothing, Told::Value)).collect()
        }
        Compiler::Rust => calls.map(rust_told).collect(),
        _ => return None,
    };
    let first = told.first()?;
    (!told.contains(&Told::Unknown)).then(|| told.iter().any(|other| other != first))
}

/// The target that cargo is told.
fn rust_told(call: &Call) -> Told {
    match (made::option(call, &["--target"]), call.environment.get("CARGO_BUILD_TARGET")) {
        (Some(told), _) if told.contains('\0') => Told::Unknown,
        (Some(told), _) => Told::Value(told.to_owned()),
        (None, Seen::Unset) => Told::Nothing,
        (None, Seen::Is(told)) => told.known().map_or(Told::Unknown, |told| Told::Value(told.to_owned())),
        (None, Seen::Unknown) => Told::Unknown,
    }
}
