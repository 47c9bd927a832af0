//! What keeps a recipe from pinning a stage, or from having its compiler work for another machine: the result would not build, or be
//! of the wrong machine, whatever a person looks at beside it.

use crate::advice::edits::pinning::{chain_runs, compile_calls, family_of, is_assembled, runs};
use crate::advice::facts::call_sites::calls;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::flow;
use crate::advice::facts::made::{self, Place};
use crate::dockerfile::ast::Instruction;
use crate::ids::StageIx;

/// Where nothing says which distribution an image is of.
pub(super) const UNKNOWN: &str = "A compiler and the libraries of the target are packages of the image's distribution, and which that is, its \
                       name does not say: compile in a stage on Debian or Alpine, or on a native node";
/// Where the processor that compiles is the one that is compiled for.
pub(super) const TUNED: &str = "What is compiled is tuned for the processor that compiles it (`native`), which is not known of another one: leave \
                     it to a native node";
/// Where cargo hears of its target from elsewhere.
pub(super) const TOLD_ELSEWHERE: &str = "cargo compiles for a target that its settings or the base image choose: tell it the one of the platform there, \
                              or leave it to a native node";

/// Folders that hold the programs and libraries of a stage's base.
const OF_BASE: [&str; 8] = ["/", "/usr", "/lib", "/bin", "/sbin", "/usr/lib", "/usr/bin", "/usr/sbin"];

/// Whether the stage in which a stage's chain begins has to stay the target's: an image stands on it, others take all that its base
/// holds, or it installs packages that were chosen for the target.
pub(super) fn is_of_target(context: &Context<'_>, stage: StageIx) -> bool {
    let family = family_of(context, stage);
    let own: Vec<StageIx> = family.iter().map(|member| member.index).collect();
    let is_image =
        |member: &&StageView<'_>| context.is_in_image(member.index) || is_assembled(context, member);
    family.iter().any(is_image)
        || flow::taken_by_others(context, &own, &own).iter().any(|path| OF_BASE.contains(&&**path))
        || steps(context, stage).any(|step| installs_of_target(context.raw(step)))
}

/// Whether a script installs a package by its file, which it chooses by the target.
fn installs_of_target(script: &str) -> bool {
    ["dpkg -i", "dpkg --install", "rpm -i", "rpm -U"].iter().any(|word| script.contains(word))
        && (script.contains("TARGETARCH") || script.contains("TARGETPLATFORM"))
}

/// Whether something is tuned for the processor that compiles it, which a compiler for another one refuses.
pub(super) fn is_tuned(context: &Context<'_>, stage: StageIx) -> bool {
    let tunes = |step: &Instruction<'_>| {
        let raw = context.raw(step);
        ["-march=native", "-mcpu=native", "-mtune=native", "target-cpu=native"]
            .iter()
            .any(|word| raw.contains(word))
    };
    context.chain(stage).flat_map(|view| view.body).any(tunes)
}

/// Whether scripts look for what cargo makes in the folder of a target that nothing in them chooses: then its settings do.
pub(super) fn has_own_triple(context: &Context<'_>, stage: StageIx) -> bool {
    let names = |text: &str| {
        text.match_indices("target/").any(|(at, folder)| {
            let rest = &text[at + folder.len()..];
            let end = rest.find(|c: char| c != '-' && c != '_' && !c.is_ascii_alphanumeric());
            let name = &rest[..end.unwrap_or(rest.len())];
            name.matches('-').count() >= 2
        })
    };
    let is_told = |step: &Instruction<'_>| context.raw(step).contains("--target");
    steps(context, stage).any(|step| names(context.raw(step))) && !steps(context, stage).any(is_told)
}

/// Whether C is built in a stage besides what a step compiles, for its own machine: a library that the step may need.
pub(super) fn builds_c_besides(context: &Context<'_>, stage: StageIx) -> bool {
    let builds = |step: &Instruction<'_>| {
        let raw = context.raw(step);
        ["make", "cmake", "configure", "ninja"].iter().any(|program| calls(raw, program).next().is_some())
    };
    steps(context, stage).any(builds)
}

/// Whether programs are compiled in a stage for generators to call, and none of them is taken elsewhere.
pub(super) fn is_for_generators(context: &Context<'_>, stage: StageIx) -> bool {
    let family = family_of(context, stage);
    let generates =
        |member: &&StageView<'_>| runs(member).any(|step| context.raw(step).contains("go generate"));
    if !family.iter().any(generates) {
        return false;
    }
    let own: Vec<StageIx> = family.iter().map(|member| member.index).collect();
    let taken = flow::taken_by_others(context, &own, &own);
    let mut places = compile_calls(context, context.stage(stage)).flat_map(made::outputs);
    let is_taken = |place: &Place| taken.iter().any(|path| place.may_be(path));
    !places.any(|place| is_taken(&place))
}

/// The steps of a stage and of those it stands on.
fn steps<'c>(context: &Context<'c>, stage: StageIx) -> impl Iterator<Item = &'c Instruction<'c>> {
    chain_runs(context, context.stage(stage)).map(|(_, step)| step)
}
