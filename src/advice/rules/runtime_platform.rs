//! Images whose programs are for another platform than the image says.

use crate::advice::facts::context::{Context, StageView, started};
use crate::advice::facts::origin::{bases, fits, image_platform, is_for_one_architecture, is_system};
use crate::advice::facts::text_ranges::flag_with_space;
use crate::advice::facts::tools;
use crate::advice::facts::variables::variables;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::graph::vertex::{Op, Source};
use crate::ids::{TargetIx, VertexIx};
use crate::model::platform::Platform;
use crate::model::reference::familiar;

/// The rule.
pub const RULE: Rule = Rule {
    code: "runtime-of-another-platform",
    severity: Severity::Error,
    summary: "the image of a platform is built on a base of another platform",
    build_check: Some("FromPlatformFlagConstDisallowed"),
    doc: Some(Doc {
        what: "Finds a final stage, or a stage it descends from, whose base image is not of the platform the image is for.",
        why: "The image is published for one platform and holds the shell, the libraries and the runtime of another. \
              It builds without a warning, and fails, or crawls under emulation, where it is used.",
        before: "FROM --platform=$BUILDPLATFORM alpine:3.22\nCOPY app.sh /app.sh\nENTRYPOINT [\"/app.sh\"]\n",
        after: "FROM alpine:3.22\nCOPY app.sh /app.sh\nENTRYPOINT [\"/app.sh\"]\n",
        silent: "A stage below the image; a base that the target's processor runs as it is, such as arm/v6 on arm/v7; \
                 a stage that starts nothing, which is a step to something else; a platform that an argument of the build \
                 decides; bases that hold no program, are for one architecture by name, or are a toolchain, in which \
                 people test.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    let mut wrong: Vec<(VertexIx, &Platform, &Platform)> = Vec::new();
    for (at, target) in graph.targets().iter().enumerate() {
        let Some(last) = graph.final_vertex(TargetIx::new(at)) else { continue };
        let Some(root) = bases(graph, last).last() else { continue };
        let Some(platform) = image_platform(graph, root) else { continue };
        let is_image = matches!(graph.vertex(root).op, Op::Source(Source::Image { .. }));
        if is_image && !fits(target, platform) && !wrong.iter().any(|(known, ..)| *known == root) {
            wrong.push((root, platform, target));
        }
    }
    for (root, platform, target) in wrong {
        let Op::Source(Source::Image { reference, .. }) = &graph.vertex(root).op else { continue };
        // Another stage may begin with the same image; the one that is published is meant.
        let owners = &graph.vertex(root).stages;
        let own =
            context.chain(graph.target_stage()).map(|view| view.index).find(|stage| owners.contains(stage));
        let Some(stage) = own.or(owners.first().copied()).map(|stage| context.stage(stage)) else { continue };
        let image = familiar(graph.text(*reference));
        if !starts_something(context) && !is_equipped(context) || is_meant(context, stage, image) {
            continue;
        }
        let message =
            format!("the image for {} is built on {image} for {}", target.short(), platform.short());
        let help = "Take out the flag: the stage that is published has to be of the target's platform. Pin the stages \
                    that compile instead, and copy out of them.";
        let flag = stage.instruction.flags.iter().find(|flag| flag.name == "platform");
        let fix = flag.map(|flag| Fix {
            description: "take out the flag, so that each image has its own platform".to_owned(),
            edits: vec![Edit::delete(flag_with_space(context.text(), flag.span))],
            applicability: Applicability::OnRequest,
            licence: vec![Allowed::Platform(graph.text(*reference).to_owned()), Allowed::Repair],
        });
        let finding = context.diagnostic(&RULE, Some(stage.index), stage.instruction, message, help);
        findings.push(finding.narrowed_to(flag.map(|flag| flag.span)).fixed(fix));
    }
}

/// Whether a stage is most likely meant to have the platform it has: an argument of the build decides, its base is for one
/// architecture by name, holds no program, or is a toolchain, in which people test and develop.
fn is_meant(context: &Context<'_>, stage: &StageView<'_>, image: &str) -> bool {
    let argument = stage.from.platform.is_some_and(|word| {
        variables(word.text).any(|name| !name.starts_with("BUILD") && !name.starts_with("TARGET"))
    });
    // Their tags for debugging have a shell.
    let no_program = ["distroless/static", "chainguard/static"].iter().any(|name| image.contains(name))
        && !image.contains("debug");
    let is_toolchain = || tools::of_image(image).is_some() && !starts_a_file(context);
    argument || no_program || is_for_one_architecture(image) || is_toolchain()
}

/// Whether a container of the image starts a program by its path: what was made in it, not the toolchain.
fn starts_a_file(context: &Context<'_>) -> bool {
    let chain = context.chain(context.node.graph.target_stage());
    let first = chain.flat_map(|stage| stage.body).find_map(started);
    first.is_some_and(|word| word.contains('/') && !is_system(word))
}

/// Whether the image gets packages of its distribution, and something that is chosen by the target: a box of tools, which starts a shell.
fn is_equipped(context: &Context<'_>) -> bool {
    let body = || context.chain(context.node.graph.target_stage()).flat_map(|stage| stage.body);
    let runs = || body().filter(|own| matches!(own.kind, Kind::Run(_)));
    runs().any(|own| context.commands(own).iter().any(tools::is_package_manager))
        && runs()
            .any(|own| ["TARGETPLATFORM", "TARGETARCH"].iter().any(|name| context.raw(own).contains(name)))
}

/// Whether the image says what a container of it starts or offers: else it is hardly published.
fn starts_something(context: &Context<'_>) -> bool {
    context.chain(context.node.graph.target_stage()).flat_map(|stage| stage.body).any(|instruction| {
        matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Expose(_) | Kind::Healthcheck)
    })
}
