//! Copies that could be one step for all platforms.

use crate::advice::facts::context::Context;
use crate::advice::facts::origin::is_below;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Copy, Instruction, Kind};
use crate::graph::vertex::{Action, Op};
use crate::ids::StageIx;

/// The rule.
pub const RULE: Rule = Rule {
    code: "link-would-share",
    severity: Severity::Note,
    summary: "`COPY --link` would make a copy one step for all platforms",
    doc: Some(Doc {
        what: "Finds a COPY of the same files onto the image of each platform.",
        why: "A COPY builds on what is below it, so it is another step for each platform, and runs again whenever the \
              base changes. With `--link` the copy is a layer of its own: made once, and laid over each base.",
        before: "FROM --platform=$BUILDPLATFORM node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\nFROM nginx:1.29\n\
                 COPY --from=web /dist /srv/www\n",
        after: "FROM --platform=$BUILDPLATFORM node:22 AS web\nCOPY . .\nRUN npm ci && npm run build\nFROM nginx:1.29\n\
                COPY --link --from=web /dist /srv/www\n",
        silent: "Destinations that may be links in the base image, such as /bin and /lib, which --link would replace; an \
                 owner by name, which it cannot look up; folders that an earlier step of the stage made; the build's own \
                 context, where a copy is cheap.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    if context.node.graph.targets().len() < 2 {
        return;
    }
    let stages: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in stages.into_iter().filter(|stage| context.is_in_image(*stage)) {
        for instruction in context.stage(stage).body {
            let Kind::Copy(copy) = &instruction.kind else { continue };
            if copy.from.is_none() || copy.link || !is_safe(context, stage, instruction, copy) {
                continue;
            }
            if is_repeated(context, stage, instruction) {
                let message = "the same files are copied once per platform";
                let help = "Write `COPY --link`: the copy is then one layer for all platforms, and outlives a change of \
                            the base image.";
                let fix = Fix {
                    description: "make the copy a layer of its own".to_owned(),
                    edits: vec![Edit::insert(instruction.keyword.span.end, " --link")],
                    applicability: Applicability::OnRequest,
                    licence: vec![Allowed::Link],
                };
                findings.push(
                    context.diagnostic(&RULE, Some(stage), instruction, message, help).fixed(Some(fix)),
                );
            }
        }
    }
}

/// Whether an instruction is several copies of one source.
fn is_repeated(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>) -> bool {
    let graph = &context.node.graph;
    let files: Vec<_> = context
        .vertices(stage, instruction.line)
        .filter_map(
            |(vertex, _)| if let Op::File(file) = &graph.vertex(vertex).op { Some(file) } else { None },
        )
        .collect();
    let sources = |file: &crate::graph::vertex::FileOp| -> Vec<_> {
        file.actions
            .iter()
            .map(|action| if let Action::Copy(copy) = action { copy.source } else { None })
            .collect()
    };
    files.len() > 1
        && files.iter().all(|file| file.base.is_some() && file.actions == files[0].actions)
        && sources(files[0]).iter().all(Option::is_some)
}

/// Whether a copy would put the same files at the same place with the same owners.
fn is_safe(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>, copy: &Copy<'_>) -> bool {
    const LINKS: [&str; 9] =
        ["/bin", "/sbin", "/lib", "/lib64", "/var/run", "/var/lock", "/var/mail", "/tmp", "/root"];
    let to = copy.destination.text.trim_matches('"');
    let linked = LINKS.iter().any(|folder| is_below(to.trim_end_matches('/'), folder));
    let numeric = copy.chown.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let body = context.stage(stage).body;
    let earlier = body.iter().take_while(|i| i.line < instruction.line);
    let folder = to.trim_end_matches('/');
    let made = earlier
        .filter(|i| matches!(i.kind, Kind::Run(_) | Kind::Workdir(_) | Kind::User(_)))
        .any(|i| matches!(i.kind, Kind::User(_)) || !folder.is_empty() && context.raw(i).contains(folder));
    to.starts_with('/')
        && to.len() > 1
        && !to.contains('$')
        && !linked
        && numeric
        && copy.chmod.is_empty()
        && !made
}
