//! Caches that keep nothing of the stages that cost most.

use crate::advice::facts::workflow::WorkflowContext;
use crate::builds::Text;
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::pricing::Exported;
use crate::units::Nanos;
use crate::workflow::{attribute, mode};

/// The rule.
pub const RULE: Rule = Rule {
    code: "cache-without-stages",
    summary: "a cache keeps the layers of the image only, and what other stages run is done anew",
    is_about_time: true,
    doc: Some(Doc {
        what: "Finds a build whose cache is written with `mode=min`, which is the default, or with `type=inline`, while commands run in \
               stages that the image is not based on.",
        why: "Such a cache keeps the layers of the image. As long as nothing changes that is enough; after any change of sources the \
              steps that run need what lies below them, and of another stage nothing was kept: dependencies are fetched and compiled \
              again that have not changed. `mode=max` keeps every step.",
        before: "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: \
                 docker/build-push-action@v6\n        with:\n          cache-from: type=gha\n          cache-to: type=gha\n",
        after: "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: \
                docker/build-push-action@v6\n        with:\n          cache-from: type=gha\n          cache-to: type=gha,mode=max\n",
        silent: "A Dockerfile whose other stages run nothing that is still there after a change of sources.",
        no_fix: Some(
            "a larger cache takes longer to export, and GitHub keeps 10 GB of a repository: that is to be weighed.",
        ),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &WorkflowContext<'_>, findings: &mut Vec<Diagnostic>) {
    for (_, cost) in context.calls() {
        let Some(first) = cost.definitions.first().and_then(|at| context.definition(*at)) else { continue };
        let small = first.cache_to.iter().find(|cache| is_small(cache));
        let Some(small) = small.filter(|_| !first.cache_from.is_empty()) else { continue };
        let known = context.known(cost);
        let Ok(known) = &*known else { continue };
        let beside = known.commands_beside_layers();
        if beside == 0 || !known.runner.is_new {
            continue;
        }
        // What stages keep must be worth it in the build itself, whatever else its workflow does.
        let kept = |kept| context.pricer.again(known, kept).unwrap_or_default();
        if kept(Exported::Min).saturating_sub(kept(Exported::Max)) < LEAST {
            continue;
        }
        let is_inline = attribute(small.value().unwrap_or_default(), "type") == Some("inline");
        let after = context.tried(|builds| {
            for at in &cost.definitions {
                let caches = builds.definitions.get_mut(*at).map(|definition| &mut definition.cache_to);
                for cache in caches.into_iter().flatten() {
                    let text = cache.value().unwrap_or_default();
                    let rest: Vec<&str> =
                        text.split(',').filter(|part| !part.trim().starts_with("mode=")).collect();
                    *cache = Text::known(&format!("{},mode=max", rest.join(",")));
                }
            }
        });
        let (number, s) = (beside, if beside == 1 { "" } else { "s" });
        let message = format!(
            "{} keeps the layers of the image only, and {number} command{s} of other stages run{} anew after a change of sources",
            small.readable(),
            if beside == 1 { "s" } else { "" }
        );
        let help = if is_inline {
            "A cache of another type, such as registry, with mode=max keeps them."
        } else {
            "mode=max keeps them."
        };
        let mut diagnostic = context.diagnostic(&RULE, &first.place, message, help.to_owned());
        diagnostic.saving = context.saving_again(&after).filter(|_| !is_inline).map(Box::new);
        findings.push(diagnostic);
    }
}

/// Less is not worth a larger cache.
const LEAST: Nanos = Nanos(2_000_000_000);

/// Whether a cache keeps the layers of images only.
fn is_small(cache: &Text) -> bool {
    let Some(text) = cache.value() else { return false };
    let kind = attribute(text, "type");
    kind == Some("inline")
        || mode(cache) == Exported::Min
            && matches!(kind, Some("gha" | "registry" | "local" | "s3" | "azblob"))
}
