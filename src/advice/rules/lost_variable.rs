//! A script that sets variables which are gone when the next one runs.

use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::origin;
use crate::advice::facts::tools;
use crate::advice::facts::variables::{variables, without_literals};
use crate::diagnostic::{Diagnostic, Doc, Rule};
use crate::dockerfile::ast::{Instruction, Kind};

/// The rule.
pub const RULE: Rule = Rule {
    code: "lost-variable",
    summary: "a RUN sets a variable for a later one, which never sees it",
    doc: Some(Doc {
        what: "Finds a `RUN` that does nothing but set variables of its shell, one of which a later `RUN` of the stage uses; and \
               one that sets a variable by the platform and does more, where nothing else gives the later one a value.",
        why: "Each `RUN` has a shell of its own. The later one finds the variable empty, or as `ARG` or `ENV` left it: often \
              the name of a package or file for one architecture, whatever platform is built for.",
        before: "FROM alpine:3.22\nARG TARGETARCH\nRUN if [ \"$TARGETARCH\" = amd64 ]; then ARCH=x64; else ARCH=arm64; fi\n\
                 RUN wget https://example.com/tool-$ARCH.tgz\n",
        after: "FROM alpine:3.22\nARG TARGETARCH\n\
                RUN if [ \"$TARGETARCH\" = amd64 ]; then ARCH=x64; else ARCH=arm64; fi && wget https://example.com/tool-$ARCH.tgz\n",
        silent: "A script that does more than set variables, where `ARG` or `ENV` sets them, too; one that writes them into a file; \
                 a variable that the later script sets itself.",
        no_fix: Some("which of the scripts are one, the author knows."),
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for stage in context.needed() {
        for (at, instruction) in stage.body.iter().enumerate() {
            if !matches!(instruction.kind, Kind::Run(_)) || !context.raw(instruction).contains('=') {
                continue;
            }
            let execs = context.execs(stage.index, instruction.line);
            let lost = execs.iter().find_map(|(vertex, exec, _)| {
                let sight = context.sight(*vertex).filter(|sight| sight.outcome.is_complete)?;
                // What a script reads to set a variable leaves nothing either.
                let is_idle = sight.outcome.calls.iter().all(|call| call.is_read);
                let writes = exec.root.is_some_and(|root| {
                    let before = origin::bases(&context.node.graph, root);
                    let files = before.into_iter().find_map(|at| context.sight(at));
                    let known = files.map_or(0, |before| before.outcome.files.len());
                    sight.outcome.files.len() > known
                });
                let names: Vec<&str> = sight.outcome.lost.keys().map(|name| &**name).collect();
                let path = sight.outcome.lost.get("PATH").map_or("", |path| path.with_gaps());
                let is_idle = is_idle && !writes;
                let by_platform = || PLATFORM.iter().any(|word| context.raw(instruction).contains(word));
                (!names.is_empty() && (is_idle || by_platform())).then_some((names, path, is_idle))
            });
            let Some((mut names, path, is_idle)) = lost else { continue };
            let folders: Vec<&str> = path.split(':').filter(|folder| folder.len() > 1).collect();
            let user = stage.body[at + 1..].iter().take(LATER).find_map(|later| {
                names.retain(|name| !sets(later, name));
                let raw = matches!(later.kind, Kind::Run(_)).then(|| without_literals(context.raw(later)))?;
                let raw = raw.as_str();
                let is_set = |name: &str| raw.contains(&format!("{name}="));
                // What toolchains read, no script has to name.
                let reads = |name: &str| {
                    let go = matches!(name, "GOOS" | "GOARCH" | "GOARM" | "CGO_ENABLED");
                    let others = matches!(name, "CC" | "CXX" | "CARGO_BUILD_TARGET");
                    go && ["go ", "make"].iter().any(|word| raw.contains(word))
                        || others && ["cargo", "make", "go "].iter().any(|word| raw.contains(word))
                };
                let starts = |name: &str| name == "PATH" && starts_from(context, stage, later, &folders);
                let uses =
                    |name: &str| reads(name) || starts(name) || variables(raw).any(|used| used == name);
                let is_lost = |name: &str| {
                    uses(name) && !is_set(name) && (is_idle || is_nowhere(context, stage, (later, raw), name))
                };
                let name = names.iter().find(|name| is_lost(name))?;
                Some((*name, later))
            });
            let Some((name, later)) = user else { continue };
            let message = format!(
                "the variable {name} is gone when line {} uses it: each RUN has a shell of its own",
                later.line.0
            );
            let help = format!(
                "Join the two with `&&` in one RUN, or set {name} for the stage with ENV where it does not depend on the platform."
            );
            found.push(context.diagnostic(&RULE, Some(stage.index), instruction, message, help));
        }
    }
}

/// How many instructions behind a script are looked through for what it has set.
const LATER: usize = 100;

/// Words of a script that asks for a platform.
const PLATFORM: [&str; 4] = ["TARGET", "uname", "dpkg --print", "apk --print"];

/// Whether nothing in sight gives a variable that a script uses a value: a script that did other work as well, too, may have set it
/// for itself alone.
fn is_nowhere<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    (step, raw): (&'c Instruction<'c>, &str),
    name: &str,
) -> bool {
    // What images and shells set themselves.
    const USUAL: [&str; 10] =
        ["PATH", "HOME", "USER", "PWD", "SHELL", "JAVA_HOME", "GOPATH", "GOROOT", "VERSION", "CARGO_HOME"];
    let plain = [format!("${name}"), format!("${{{name}}}")];
    let is_plain = plain.iter().any(|word| raw.contains(word)) && !raw.contains(&format!("{{{name}:"));
    let sets = [
        format!("for {name} "),
        "read ".to_owned(),
        "eval ".to_owned(),
        "source ".to_owned(),
        ". ".to_owned(),
    ];
    let execs = context.execs(stage.index, step.line);
    is_plain
        && !USUAL.contains(&name)
        && !sets.iter().any(|word| raw.contains(word))
        && execs.iter().all(|(_, exec, _)| context.node.graph.variable(exec.env, name).is_none())
}

/// Whether a step calls a program by its name that lies in one of a few folders, of which it is the only one called so: `go` in
/// `/usr/local/go/bin`.
fn starts_from<'c>(
    context: &Context<'c>,
    stage: &StageView<'c>,
    step: &'c Instruction<'c>,
    folders: &[&str],
) -> bool {
    let execs = context.execs(stage.index, step.line);
    let Some((vertex, exec, _)) = execs.first() else { return false };
    let graph = &context.node.graph;
    let path = graph.variable(exec.env, "PATH").unwrap_or_default();
    let image = exec.root.and_then(|root| origin::root_images(graph).get(root.index()).copied().flatten());
    // The images of toolchains have them in their path.
    let is_brought = image.is_some_and(|image| tools::of_image(graph.text(image)).is_some());
    let calls = context.sight(*vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    !is_brought
        && calls.iter().any(|call| {
            let is_plain = call.words.first().is_some_and(|word| !word.text.with_gaps().contains('/'));
            let lies = |folder: &&&str| folder.split(['/', '.']).any(|part| part == call.program());
            is_plain
                && folders.iter().filter(lies).any(|folder| !path.split(':').any(|known| known == *folder))
        })
}

/// Whether an `ARG` or `ENV` gives a variable a value for what follows.
fn sets(instruction: &Instruction<'_>, name: &str) -> bool {
    match &instruction.kind {
        Kind::Arg(args) => args.iter().any(|arg| arg.name.text == name),
        Kind::Env(pairs) => pairs.iter().any(|pair| pair.key.text == name),
        _ => false,
    }
}
