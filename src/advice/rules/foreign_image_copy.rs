//! A tool taken from another platform's image and run in a pinned stage.

use crate::advice::facts::context::{Context, Pin};
use crate::advice::facts::flow;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::foreign::ForeignCall;
use crate::ids::StageIx;
use crate::model::path::{base, clean};
use crate::model::reference::normalize;
use crate::source::{Line, Span};

/// The rule.
pub const RULE: Rule = Rule {
    code: "foreign-image-copy",
    severity: Severity::Warning,
    summary: "a tool copied or mounted from an image is the target platform's, and runs in a stage that is not",
    doc: Some(Doc {
        what: "Finds `COPY --from=image` and `--mount=from=image` in a pinned stage that runs what it takes.",
        why: "`--from=` with an image takes the image of the *target* platform, whatever the stage is pinned to. The \
              stage splits there, and all that comes after runs once per platform; on every platform but its own the \
              tool runs under emulation, or not at all, which a script may not even notice.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\n\
                 COPY --from=qmcgaw/xcputranslate:v0.9.0 /xcputranslate /usr/local/bin/xcputranslate\nCOPY . .\n\
                 RUN go mod download\nARG TARGETPLATFORM\n\
                 RUN GOARCH=\"$(xcputranslate translate -targetplatform $TARGETPLATFORM -language golang -field arch)\" \
                 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM qmcgaw/xcputranslate:v0.9.0 AS xcputranslate\n\n\
                FROM --platform=$BUILDPLATFORM golang:1.25 AS build\n\
                COPY --from=xcputranslate /xcputranslate /usr/local/bin/xcputranslate\nCOPY . .\n\
                RUN go mod download\nARG TARGETPLATFORM\n\
                RUN GOARCH=\"$(xcputranslate translate -targetplatform $TARGETPLATFORM -language golang -field arch)\" \
                go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        silent: "Files that the stage only passes on, such as a program that it puts into the images: they have to be the \
                 target's. A tool that the image of the target platform itself is to hold.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let pinned: Vec<StageIx> = context
        .needed()
        .filter(|stage| matches!(stage.pin, Pin::Build | Pin::Constant))
        .map(|stage| stage.index)
        .collect();
    for stage in pinned {
        for instruction in context.stage(stage).body {
            for (image, span) in images(context, instruction) {
                let called = call(context, image, instruction.line);
                if let Some((call, user)) = called {
                    findings.push(found(context, stage, instruction, image, span, &call, user));
                }
            }
        }
    }
}

/// The images that an instruction takes files from, and where it says so.
fn images<'c>(context: &Context<'c>, instruction: &'c Instruction<'c>) -> Vec<(&'c str, Span)> {
    let is_image = |from: &str| {
        !from.is_empty()
            && from != "scratch"
            && from.parse::<usize>().is_err()
            && context.stage_named(from).is_none()
    };
    match &instruction.kind {
        Kind::Copy(copy) => {
            let flag = instruction.flags.iter().find(|flag| flag.name == "from");
            copy.from.filter(|from| is_image(from)).zip(flag.map(|flag| flag.span)).into_iter().collect()
        }
        Kind::Run(run) => {
            let from = |mount: &crate::dockerfile::ast::Mount<'c>| {
                mount.from.filter(|from| is_image(from)).map(|from| (from, mount.span))
            };
            run.mounts.iter().filter_map(from).collect()
        }
        _ => Vec::new(),
    }
}

/// A command that runs something which the instruction brought from the image.
fn call(context: &Context<'_>, image: &str, line: Line) -> Option<(ForeignCall, Line)> {
    let reference = normalize(image).ok()?;
    let short = crate::model::reference::familiar(&reference);
    context.node.graph.vertices().find_map(|(vertex, entry)| {
        let calls = context.node.foreign(vertex).iter();
        let mut own = calls.filter(|call| call.line == Some(line) && call.image.as_deref() == Some(short));
        own.next().map(|call| (call.clone(), entry.line().unwrap_or(line)))
    })
}

fn found(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    image: &str,
    span: Span,
    call: &ForeignCall,
    user: Line,
) -> Diagnostic {
    let message = format!(
        "{image} is taken for the target platform, and line {user} runs its {} for {} in a stage that is not",
        base(&call.program),
        call.platform.short()
    );
    let help = "Name the image in a FROM of its own, which can say its platform, and copy from that stage.";
    let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
    finding.span(span).fixed(fix(context, stage, instruction, image, span))
}

/// A stage for the image before the pinned one, and the references to it.
fn fix(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    image: &str,
    span: Span,
) -> Option<Fix> {
    let copied: Vec<String> = match &instruction.kind {
        Kind::Copy(copy) => landed(context, stage, instruction, copy)?,
        _ => Vec::new(),
    };
    // What gets into other stages or images has to stay the target's. An image that ends with this stage is the machine's
    // throughout: there it is the helper that is wrong.
    let is_own_image = context.is_in_image(stage) && context.stage(stage).pin == Pin::Build;
    let escapes = |path: &String| {
        if is_own_image { flow::is_taken(context, stage, path) } else { flow::escapes(context, stage, path) }
    };
    if copied.iter().any(escapes) || numbers_matter(context) {
        return None;
    }
    let platform = context.root(stage).from.platform?;
    let reference = normalize(image).ok()?;
    let (name, new) = match existing(context, stage, &reference, platform.text) {
        Some(name) => (name, None),
        None => (new_name(context, &reference), Some(context.root(stage).index.min(stage))),
    };
    let mut value = text_ranges::find_once(context.text(), span, &format!("from={image}"))?;
    value.start += "from=".len() as u32;
    let mut edits = vec![Edit::replace(value, &*name)];
    if new.is_some() {
        let at = text_ranges::before(context.text(), context.stage(stage).instruction);
        let flag = context.slice(platform.span);
        let flag = if flag.is_empty() { platform.text } else { flag };
        edits.push(Edit::insert(at, format!("FROM --platform={flag} {image} AS {name}\n\n")));
    }
    let description = format!("take {image} through a stage of the same platform");
    Some(Fix {
        description,
        edits,
        applicability: Applicability::Always,
        licence: vec![Allowed::Platform(reference)],
    })
}

/// Where a copy puts its files, if the text says so.
fn landed(
    context: &Context<'_>,
    stage: StageIx,
    instruction: &Instruction<'_>,
    copy: &crate::dockerfile::ast::Copy<'_>,
) -> Option<Vec<String>> {
    let to = copy.destination.text.trim_matches('"');
    if to.contains('$') {
        return None;
    }
    let absolute = if to.starts_with('/') {
        to.to_owned()
    } else {
        let dir = context
            .chain(stage)
            .flat_map(|view| {
                view.body.iter().rev().filter(|i| view.index != stage || i.line < instruction.line)
            })
            .find_map(|i| if let Kind::Workdir(path) = &i.kind { Some(path.text) } else { None });
        format!("{}/{to}", dir.filter(|dir| dir.starts_with('/') && !dir.contains('$'))?)
    };
    if !absolute.ends_with('/') {
        return Some(vec![clean(&absolute).into_owned()]);
    }
    let files = copy.sources.iter().map(|source| {
        let name = base(source.text.trim_matches('"').trim_end_matches('/'));
        clean(&format!("{absolute}{name}")).into_owned()
    });
    Some(files.collect())
}

/// Whether a copy counts stages, which a new one would shift.
fn numbers_matter(context: &Context<'_>) -> bool {
    context.stages.iter().flat_map(|stage| stage.body).any(|instruction| {
        matches!(&instruction.kind, Kind::Copy(copy) if copy.from.is_some_and(|from| from.parse::<usize>().is_ok()))
    })
}

/// An earlier stage that is nothing but this image on this platform.
fn existing(context: &Context<'_>, stage: StageIx, reference: &str, platform: &str) -> Option<String> {
    let earlier = &context.stages[..stage.index()];
    let same = earlier.iter().find(|view| {
        view.body.is_empty()
            && view.name.is_some()
            && view.from.platform.is_some_and(|word| word.text == platform)
            && normalize(view.from.base.text).is_ok_and(|other| other == *reference)
    });
    same.and_then(|view| view.name).map(str::to_owned)
}

/// A name that no stage has and no image is called by: the last part of the repository.
fn new_name(context: &Context<'_>, reference: &str) -> String {
    let repository = reference.split('@').next().unwrap_or_default();
    let last = base(repository).split(':').next().unwrap_or_default().replace(['.', '+'], "-");
    let usable = !last.is_empty()
        && last != "scratch"
        && last != "context"
        && last.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = if usable { last } else { "tool".to_owned() };
    let taken = |name: &str| {
        let bodies = context.stages.iter().flat_map(|stage| stage.body);
        context.stages.iter().any(|stage| stage.name == Some(name) || stage.from.base.text == name)
            || bodies
                .filter_map(|i| if let Kind::Copy(copy) = &i.kind { copy.from } else { None })
                .any(|f| f == name)
            || context.text().contains(&format!("from={name},"))
    };
    let names = std::iter::once(plain.clone())
        .chain(std::iter::once(format!("{plain}-tool")))
        .chain((2..).map(|number| format!("{plain}-tool-{number}")));
    names.into_iter().find(|name| !taken(name)).unwrap_or(plain)
}
