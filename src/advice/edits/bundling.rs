//! Bundling on the machine's own platform: which stages have to be pinned together for it, and whether what they give is the same
//! everywhere.

use crate::advice::edits::pinning::{family, is_portable, pin, runs, to_check};
use crate::advice::facts::context::{Context, Pin, StageView};
use crate::advice::facts::flow;
use crate::advice::facts::origin::{bases, copies_of};
use crate::advice::facts::tools;
use crate::diagnostic::{Applicability, Fix};
use crate::dockerfile::ast::Kind;
use crate::graph::vertex::CopyAction;
use crate::ids::{StageIx, TargetIx};
use crate::model::path::{base, clean};
use crate::model::resolve::Base;
use crate::shell::SimpleCommand;

/// Pins the stages that only bundle for browsers.
pub(in crate::advice) fn pin_bundle<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<Fix> {
    let (fix, own) = pin_members(context, stage)?;
    (served_as_files(context) || is_clients(context, &own)).then_some(fix)
}

/// Pins the stages that only bundle, where nothing but bundles is copied out of them: that of the step, those on the same root,
/// and those whose packages they take. Gives these stages, too.
fn pin_members<'c>(context: &Context<'c>, stage: &StageView<'c>) -> Option<(Fix, Vec<StageIx>)> {
    let members = together(context, stage)?;
    let needed = || members.iter().filter(|member| !member.reachable.is_empty());
    let known = needed().flat_map(|member| runs(member)).all(|instruction| {
        let is_known = |command: &SimpleCommand<'_>| {
            runs_node(command) || tools::writes_site(command) || is_portable(command)
        };
        context
            .commands(instruction)
            .iter()
            .all(|command| is_known(command) && !tools::packs_runtime(command))
    });
    let own: Vec<StageIx> = members.iter().map(|member| member.index).collect();
    let out = flow::taken_by_others(context, &own, &own);
    // The output of a server's build holds its modules, some of them compiled.
    let bundles = out.iter().all(|path| {
        (is_output(path) || is_text(base(path))) && !path.contains("node_modules") && !path.contains(".next")
    });
    if !known || !bundles || out.is_empty() {
        return None;
    }
    let mut fix = Fix {
        description: "bundle on the machine's own platform, once".to_owned(),
        edits: Vec::new(),
        applicability: Applicability::Always,
        licence: Vec::new(),
    };
    for root in members.iter().filter(|member| member.root == member.index) {
        let pinned = pin(context, root, "")?;
        fix.edits.extend(pinned.edits);
        fix.licence.extend(pinned.licence);
    }
    fix.licence.dedup();
    Some((fix, own))
}

/// Pins the stages that compile what a server runs, where the image has its modules from elsewhere: installed in it, or copied.
pub(in crate::advice) fn pin_beside_modules<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
) -> Option<(Vec<String>, Fix)> {
    let mut body = context.chain(context.node.graph.target_stage()).flat_map(|own| own.body);
    let has_modules = body.any(|own| match &own.kind {
        Kind::Run(_) => context.commands(own).iter().any(|command| {
            runs_node(command) && command.args.iter().any(|arg| matches!(&**arg, "install" | "ci" | "i"))
        }),
        Kind::Copy(copy) => copy.sources.iter().any(|source| source.text.contains("node_modules")),
        _ => false,
    });
    let (fix, _) = pin_members(context, stage).filter(|_| has_modules)?;
    let description = format!("{}, what a server runs", fix.description);
    let check = "that what is copied out of this stage holds no native code";
    Some(to_check(context, stage, Fix { description, ..fix }, check))
}

/// Whether a path is called as bundlers call the folder of what they make, or lies in such a folder.
pub(in crate::advice) fn is_output(path: &str) -> bool {
    const OUTPUT: [&str; 11] =
        ["dist", "build", "out", "public", "www", "static", "assets", "html", "site", "_site", "book"];
    OUTPUT.iter().any(|name| base(path) == *name || path.contains(&format!("/{name}/")))
}

/// Whether a file is one of settings or text by its name.
fn is_text(name: &str) -> bool {
    const ENDS: [&str; 12] = [
        ".json",
        ".lock",
        "-lock.yaml",
        ".conf",
        ".config.js",
        ".config.ts",
        ".config.mjs",
        ".md",
        ".txt",
        ".html",
        ".css",
        ".yml",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether all that is copied out of stages goes to a place whose name says that it is for browsers, beside a server that comes from
/// elsewhere.
fn is_clients(context: &Context<'_>, stages: &[StageIx]) -> bool {
    const CLIENTS: [&str; 8] =
        ["client", "frontend", "front-end", "webapp", "wwwroot", "public", "html", "static"];
    let graph = &context.node.graph;
    let is_client = |path: &str| path.split('/').any(|part| CLIENTS.contains(&part.to_lowercase().as_str()));
    let of_stages = |copy: &&CopyAction| {
        let source = copy.source.map(|source| &graph.vertex(source).stages);
        source.is_some_and(|owners| owners.iter().any(|owner| stages.contains(owner)))
    };
    let mut targets = graph.all_targets().iter().filter_map(|target| graph.final_vertex(target));
    targets.all(|last| {
        let copies = bases(graph, last).flat_map(|at| copies_of(graph, at));
        let mut copies = copies.filter(|copy| of_stages(copy)).peekable();
        copies.peek().is_some() && copies.all(|copy| is_client(&clean(graph.text(copy.to))))
    })
}

/// Whether the images run no Node themselves, but for a server of files: then what is copied into them is served as files.
fn served_as_files(context: &Context<'_>) -> bool {
    const SERVERS: [&str; 5] = ["serve", "http-server", "sirv", "live-server", "nginx"];
    let stage = context.node.graph.target_stage();
    let started = context.chain(stage).flat_map(|view| view.body).filter_map(|i| match &i.kind {
        Kind::Cmd(_) | Kind::Entrypoint(_) => Some(context.raw(i)),
        _ => None,
    });
    let mut words = started
        .flat_map(|text| {
            text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '/' | '.'))
        })
        .filter(|word| !word.is_empty() && !matches!(*word, "CMD" | "ENTRYPOINT" | "npx" | "exec"));
    if words.next().is_some_and(|word| SERVERS.contains(&word)) {
        return true;
    }
    let mut targets = (0..context.node.graph.targets().len()).map(TargetIx::new);
    targets.all(|target| {
        let root = context.resolved.ancestry(stage, target).last().unwrap_or(stage);
        let image = match context.resolved.base(root, target) {
            Some(Base::Scratch) => "scratch",
            Some(base) => context.resolved.image(base).unwrap_or("$"),
            None => "$",
        };
        // Words, as there is a `bun` in `ubuntu`.
        let is_node = |word: &str| word.starts_with("node") || matches!(word, "bun" | "deno");
        !image.contains('$') && !image.split(|c: char| !c.is_ascii_alphanumeric()).any(is_node)
    })
}

/// The stages that have to be pinned together with one that bundles: all on its root, and all from which they take files;
/// `None` where one of them cannot be.
fn together<'f, 'c>(context: &'f Context<'c>, stage: &StageView<'c>) -> Option<Vec<&'f StageView<'c>>> {
    let mut members = family(context, stage)?;
    let mut at = 0;
    while let Some(member) = members.get(at) {
        at += 1;
        let from = member.body.iter().flat_map(|instruction| match &instruction.kind {
            Kind::Copy(copy) => copy.from.into_iter().collect(),
            Kind::Run(run) => run.mounts.iter().filter_map(|mount| mount.from).collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        for from in from.collect::<Vec<_>>() {
            let source = context.stage(context.stage_named(from)?);
            if source.pin != Pin::Build && members.iter().all(|known| known.root != source.root) {
                members.extend(family(context, source)?);
            }
        }
    }
    Some(members)
}

/// Whether a command is one of Node's package managers or bundlers.
fn runs_node(command: &SimpleCommand<'_>) -> bool {
    matches!(
        command.base_name(),
        "npm" | "yarn" | "pnpm" | "corepack" | "bun" | "npx" | "bunx" | "ng" | "vite"
    )
}
