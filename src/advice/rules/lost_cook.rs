//! Dependencies that cargo-chef compiles for another build than the one that follows.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::budget::{Part, spend};
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::shell::interpret::Call;

/// The rule.
pub const RULE: Rule = Rule {
    code: "cook-for-another-build",
    severity: Severity::Warning,
    summary: "cargo-chef compiles dependencies for another target or profile than the build that follows",
    is_about_time: true,
    doc: Some(Doc {
        what: "Finds `cargo chef cook` that is told another `--target` or profile than every `cargo build` after it.",
        why: "cargo keeps what it compiles in a folder for each target and profile. What was cooked for the machine, or \
              without `--release`, the build does not find: it compiles all dependencies once more, and the layer that was \
              meant to save that saves nothing.",
        before: "FROM rust:1.90 AS build\nRUN cargo install cargo-chef\nCOPY recipe.json .\n\
                 RUN cargo chef cook --release --recipe-path recipe.json\nCOPY . .\n\
                 RUN cargo build --release --target aarch64-unknown-linux-gnu\n",
        after: "FROM rust:1.90 AS build\nRUN cargo install cargo-chef\nCOPY recipe.json .\n\
                RUN cargo chef cook --release --target aarch64-unknown-linux-gnu --recipe-path recipe.json\nCOPY . .\n\
                RUN cargo build --release --target aarch64-unknown-linux-gnu\n",
        silent: "A target that settings or the environment name, or that is not known; a build of which one part finds what was \
                 cooked.",
        no_fix: Some("which of the two was meant, the author knows."),
    }),
    ..Rule::PLAIN
};

/// What a call of cargo compiles for.
#[derive(Debug, PartialEq, Eq)]
struct Kitchen {
    target: Option<String>,
    profile: String,
}

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if !context.text().contains("chef cook") {
        return;
    }
    for stage in context.needed() {
        for (at, instruction) in stage.body.iter().enumerate() {
            let cooked = calls(context, stage, instruction).into_iter().find(|call| is_cook(call));
            let Some(cooked) = cooked.and_then(kitchen) else { continue };
            let later = stage.body[at + 1..].iter().flat_map(|later| calls(context, stage, later));
            let builds: Vec<&Call> = later.filter(|call| is_build(call)).collect();
            let mut kitchens = Vec::new();
            for build in &builds {
                // The helper names the target by itself.
                let Some(kitchen) = kitchen(build) else { break };
                kitchens.push(kitchen);
            }
            let (Some(first), true) = (kitchens.first(), kitchens.len() == builds.len()) else { continue };
            if kitchens.contains(&cooked) {
                continue;
            }
            let what = if first.target == cooked.target {
                format!("the profile {} is cooked, and {} is built", cooked.profile, first.profile)
            } else {
                let name =
                    |kitchen: &Kitchen| kitchen.target.clone().unwrap_or_else(|| "the machine".to_owned());
                format!("dependencies are cooked for {}, and the build is for {}", name(&cooked), name(first))
            };
            let message = format!("{what}: all of them are compiled once more");
            let help = "Give `cargo chef cook` the same `--target` and profile as the build.";
            found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
}

/// The work of looking at a step, which each cook before it does.
const STEP: u64 = 50;

/// The calls of a step, for the first target that needs it.
fn calls<'k>(
    context: &'k Context<'_>,
    stage: &StageView<'_>,
    instruction: &Instruction<'_>,
) -> Vec<&'k Call> {
    if !matches!(instruction.kind, Kind::Run(_)) || !spend(Part::Findings, STEP) {
        return Vec::new();
    }
    let first = context.execs(stage.index, instruction.line).into_iter().next();
    let sight = first.and_then(|(vertex, ..)| context.sight(vertex));
    sight.map_or_else(Vec::new, |sight| sight.outcome.calls.iter().collect())
}

fn is_cook(call: &Call) -> bool {
    let mut words = made::plain(call);
    call.program() == "cargo" && words.next() == Some("chef") && words.next() == Some("cook")
}

fn is_build(call: &Call) -> bool {
    matches!(call.program(), "cargo" | "xx-cargo")
        && matches!(made::plain(call).next(), Some("build" | "b" | "zigbuild" | "install"))
        && made::installed_tool(call).is_none()
}

/// What a call compiles for; `None` where that is not known.
fn kitchen(call: &Call) -> Option<Kitchen> {
    let by_variable = call.environment.get("CARGO_BUILD_TARGET");
    let by_variable = Some(by_variable.known()?.to_owned()).filter(|target| !target.is_empty());
    let target = made::option(call, &["--target"]).map(str::to_owned).or(by_variable);
    // The helper names the target by itself.
    let target = if made::is_xx(call) { Some("the platform's".to_owned()) } else { target };
    if call.arguments().any(|word| word.contains('\0')) && target.is_none()
        || target.as_ref().is_some_and(|target| target.contains('\0'))
    {
        return None;
    }
    let has = |words: &[&str]| call.arguments().any(|word| words.contains(&word));
    let profile = match made::option(call, &["--profile"]) {
        Some(name) if name.contains('\0') => return None,
        Some(name) => name.to_owned(),
        None if has(&["--release", "-r"]) || made::plain(call).next() == Some("install") => {
            "release".to_owned()
        }
        None => "dev".to_owned(),
    };
    Some(Kitchen { target, profile })
}
