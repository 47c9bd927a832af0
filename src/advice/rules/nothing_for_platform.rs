//! A script that has nothing for a platform that is built.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::made;
use crate::advice::facts::naming;
use crate::advice::facts::variables::{PLATFORM_ARGS, variables};
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Arg, Kind};
use crate::ids::VertexIx;
use crate::model::platform::Platform;

/// The rule.
pub const RULE: Rule = Rule {
    code: "nothing-for-platform",
    summary: "a RUN has nothing for a platform that is built: its script fails there, or fetches a file without a name for it",
    doc: Some(Doc {
        what: "Finds scripts that ask for the platform and surely end with an error for one that is built, and downloads whose name \
               has an empty place for one where another architecture would stand.",
        why: "A `case` without a branch for a platform leaves its variable empty, and a test at the end of a script that does not \
              hold is an error: the build stops there, or the download is an error page.",
        before: "FROM debian:trixie\nARG TARGETARCH\nRUN case $TARGETARCH in amd64) A=x64 ;; esac; curl -fO https://example.com/tool-$A.tgz\n",
        after: "FROM debian:trixie\nARG TARGETARCH\n\
                RUN case $TARGETARCH in amd64) A=x64 ;; arm64) A=arm64 ;; esac; curl -fO https://example.com/tool-$A.tgz\n",
        silent: "A script that fails for all platforms, as far as it is seen; one of which some command or value is not known.",
        no_fix: Some("how the file for that platform is called, and whether there is one, the author knows."),
    }),
    ..Rule::PLAIN
};

/// Words of a script that asks for a platform.
const PLATFORM: [&str; 6] = ["TARGET", "ARCH", "uname", "dpkg --print", "apk --print", "arch)"];

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if !PLATFORM.iter().any(|word| context.text().contains(word)) {
        return;
    }
    for stage in context.needed() {
        for instruction in stage.body.iter().filter(|i| matches!(i.kind, Kind::Run(_))) {
            // What is empty for want of an ARG has been said.
            let is_known = found.iter().any(|known| known.line == Some(instruction.line));
            let raw = context.raw(instruction);
            if is_known || !PLATFORM.iter().any(|word| raw.contains(word)) {
                continue;
            }
            let steps: Vec<Step<'_>> = context
                .vertices(stage.index, instruction.line)
                .filter_map(|(vertex, targets)| {
                    let target = targets.iter().next()?;
                    Some((vertex, context.node.graph.targets().get(target.index())?))
                })
                .collect();
            let finding = failing(context, &steps)
                .map(|target| {
                    let message = format!("the script ends with an error for {}", target.short());
                    (message, "Add what that platform needs, or end what only others need with `|| true`, or in an `if`.")
                })
                .or_else(|| {
                    let is_left_open = waits_for_value(context, stage, raw);
                    let (url, target) = unnamed(context, &steps, is_left_open)?;
                    let message = format!("for {} no architecture is chosen: {url} is fetched", target.short());
                    Some((message, "Add a branch for that platform, and end the build for all others (`*) exit 1`)."))
                });
            if let Some((message, help)) = finding {
                found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
            }
        }
    }
}

/// A vertex of an instruction, with a target that needs it.
type Step<'c> = (VertexIx, &'c Platform);

/// The target for which a script surely ends with an error, where it does not for all.
fn failing<'c>(context: &Context<'_>, steps: &[Step<'c>]) -> Option<&'c Platform> {
    let fails = |vertex| context.sight(vertex).is_some_and(|s| s.outcome.is_complete && s.outcome.fails);
    let (failed, good): (Vec<&Step<'_>>, Vec<&Step<'_>>) =
        steps.iter().partition(|(vertex, _)| fails(*vertex));
    failed.first().filter(|_| !good.is_empty()).map(|(_, target)| *target)
}

/// Whether a script reads an argument of the project's own that has no value until somebody gives it one.
fn waits_for_value(context: &Context<'_>, stage: &StageView<'_>, script: &str) -> bool {
    let of_stages = context.chain(stage.index).flat_map(|view| view.body);
    let is_open = |arg: &Arg<'_>| {
        arg.default.is_none()
            && !PLATFORM_ARGS.contains(&arg.name.text)
            && !context.inputs.build_args.contains_key(arg.name.text)
            && variables(script).any(|name| name == arg.name.text)
    };
    of_stages.into_iter().any(|own| matches!(&own.kind, Kind::Arg(args) if args.iter().any(is_open)))
}

/// A URL that a script surely fetches for a target, with an empty place in its name.
fn unnamed<'c>(
    context: &Context<'_>,
    steps: &[Step<'c>],
    is_left_open: bool,
) -> Option<(String, &'c Platform)> {
    let all: Vec<(Vec<&str>, &Platform)> =
        steps.iter().map(|(vertex, target)| (urls(context, *vertex), *target)).collect();
    all.iter().find_map(|(own, target)| {
        let by_itself = || own.iter().find(|url| !is_left_open && has_gap(url)).copied();
        let beside = || {
            all.iter().filter(|(others, _)| others.len() == own.len()).find_map(|(others, other)| {
                // Where one has no word of its own, it is mostly amd64's.
                let is_usual = |url: &str| &*target.architecture == "amd64" && !url.ends_with(['-', '_']);
                let lacks = |url: &str, whole: &str| {
                    url.is_empty() && !whole.is_empty()
                        || !is_usual(url) && lacks_word(url, whole, &other.architecture)
                };
                own.iter().zip(others).find(|(url, whole)| lacks(url, whole)).map(|(url, _)| *url)
            })
        };
        by_itself().or_else(beside).map(|url| (url.to_owned(), *target))
    })
}

/// The URLs that a script surely fetches, all of them known; an empty one for a call that is given none.
fn urls<'c>(context: &'c Context<'_>, vertex: VertexIx) -> Vec<&'c str> {
    let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let fetching = calls.iter().filter(|call| call.is_certain && matches!(call.program(), "curl" | "wget"));
    let known = fetching.filter(|call| !call.arguments().any(|word| word.contains('\0')));
    known
        .filter_map(made::fetched)
        .flat_map(|(urls, _)| if urls.is_empty() { vec![""] } else { urls })
        .collect()
}

/// Whether a URL is another one without the word that says an architecture, and perhaps without the sign before it.
fn lacks_word(url: &str, whole: &str, architecture: &str) -> bool {
    url.len() < whole.len()
        && naming::spellings(architecture).iter().any(|word| {
            let signs = ["", "-", "_", ".", "/"].into_iter();
            signs.map(|sign| format!("{sign}{word}")).any(|word| whole.replacen(&word, "", 1) == url)
        })
}

/// Whether a name has nothing between `linux` and its ending, where other names say an architecture.
fn has_gap(url: &str) -> bool {
    const GAPS: [&str; 6] = ["linux-.", "linux_.", "linux-/", "linux_/", "linux--", "linux__"];
    let name = url.to_ascii_lowercase();
    GAPS.iter().any(|gap| name.contains(gap)) || name.ends_with("linux-") || name.ends_with("linux_")
}
