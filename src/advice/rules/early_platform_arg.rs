//! A platform argument above steps that do not need it.

use crate::advice::facts::binary;
use crate::advice::facts::context::{Context, Pin};
use crate::advice::facts::text_ranges;
use crate::advice::facts::variables::PLATFORM_ARGS;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{Instruction, Kind};
use crate::graph::split::{Cause, Split};
use crate::ids::StageIx;
use crate::source::Line;

/// The rule.
pub const RULE: Rule = Rule {
    code: "early-platform-arg",
    severity: Severity::Warning,
    summary: "a platform argument stands above steps that do not use it, so they run once per platform",
    is_about_time: true,
    doc: Some(Doc {
        what: "Finds an ARG or ENV whose value differs between platforms above RUN steps that have no use for it.",
        why: "BuildKit takes the whole environment for part of a RUN, used or not. The first RUN below \
              `ARG TARGETARCH` is another step for each platform, and so is all that follows. Moved to just above \
              the first step that needs it, everything before runs once.",
        before: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nARG TARGETARCH\nWORKDIR /src\nCOPY go.mod ./\n\
                 RUN go mod download\nCOPY . .\nRUN GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\n\
                 COPY --from=build /app /app\n",
        after: "FROM --platform=$BUILDPLATFORM golang:1.25 AS build\nWORKDIR /src\nCOPY go.mod ./\n\
                RUN go mod download\nCOPY . .\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .\n\
                FROM scratch\nCOPY --from=build /app /app\n",
        silent: "A step that may read the variable out of sight, such as a script or `make`; a stage that splits for \
                 another reason anyway.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    for split in &context.node.splits {
        let Cause::Variable { name, .. } = &split.reason.cause else { continue };
        let Some(line) = split.reason.line().filter(|_| split.reason.via.is_empty()) else { continue };
        let Some((stage, at)) = declaration(context, line) else { continue };
        // The stage of a target's own platform is split anyway.
        if context.stage(stage).pin == Pin::Target || context.is_in_image(stage) {
            continue;
        }
        let known = findings.iter().any(|f| f.rule == &RULE && f.line == Some(line));
        if !known {
            findings.extend(found(context, split, stage, at, name));
        }
    }
}

/// The ARG or ENV on a line: its stage, and its place there.
fn declaration(context: &Context<'_>, line: Line) -> Option<(StageIx, usize)> {
    context.stages.iter().find_map(|stage| {
        let at = stage.body.iter().position(|instruction| instruction.line == line)?;
        matches!(stage.body[at].kind, Kind::Arg(_) | Kind::Env(_)).then_some((stage.index, at))
    })
}

/// The names that an ARG or ENV gives values to.
fn names<'c>(instruction: &Instruction<'c>) -> Vec<&'c str> {
    match &instruction.kind {
        Kind::Arg(args) => args.iter().map(|arg| arg.name.text).collect(),
        Kind::Env(pairs) => pairs.iter().map(|pair| pair.key.text).collect(),
        _ => Vec::new(),
    }
}

/// What has to move together: declarations, each but the first because it uses or accompanies one before it.
struct Group<'c> {
    /// Positions in the stage, ascending.
    members: Vec<usize>,
    names: Vec<&'c str>,
    /// The position of the first instruction that needs one of the names.
    need: Option<usize>,
}

/// Grows a group from the declaration at `first` until an instruction needs it that is no declaration itself.
fn group<'c>(context: &Context<'c>, stage: StageIx, first: usize) -> Group<'c> {
    let body = context.stage(stage).body;
    let mut group = Group { members: vec![first], names: names(&body[first]), need: None };
    for (at, instruction) in body.iter().enumerate().skip(first + 1) {
        let raw = context.raw(instruction);
        let mentions = group.names.iter().any(|name| text_ranges::mentions(raw, name));
        let own = names(instruction);
        let platform = matches!(instruction.kind, Kind::Arg(_)) && own.iter().all(|name| is_automatic(name));
        match instruction.kind {
            Kind::Arg(_) | Kind::Env(_) if mentions || platform => {
                group.members.push(at);
                group.names.extend(own);
            }
            _ if mentions || runs(context, stage, instruction, &group.names) => {
                group.need = Some(at);
                return group;
            }
            _ => {}
        }
    }
    group
}

fn is_automatic(name: &str) -> bool {
    PLATFORM_ARGS.contains(&name) && name.starts_with("TARGET")
}

/// Whether a RUN may look at one of the names although its text has none.
fn runs<'c>(context: &Context<'c>, stage: StageIx, instruction: &'c Instruction<'c>, names: &[&str]) -> bool {
    names.iter().any(|name| binary::may_read(context, stage, instruction, name))
}

/// Where in a stage, or in the stages based on it, one of the names is first needed.
fn needs(context: &Context<'_>, stage: StageIx, names: &[&str]) -> Vec<(StageIx, usize)> {
    let mut found = Vec::new();
    let children: Vec<StageIx> = context.children(stage).map(|child| child.index).collect();
    for child in children {
        let body = context.stage(child).body;
        let declares = |i: &Instruction<'_>| {
            matches!(i.kind, Kind::Arg(_)) && self::names(i).iter().all(|n| names.contains(n))
        };
        let need = body.iter().position(|i| {
            !declares(i)
                && (names.iter().any(|name| text_ranges::mentions(context.raw(i), name))
                    || runs(context, child, i, names))
        });
        match need {
            Some(at) => found.push((child, at)),
            None => found.extend(needs(context, child, names)),
        }
    }
    found
}

fn found(context: &Context<'_>, split: &Split, stage: StageIx, at: usize, name: &str) -> Option<Diagnostic> {
    let view = context.stage(stage);
    let group = group(context, stage, at);
    let steps = |to: usize| view.body[at..to].iter().filter(|i| matches!(i.kind, Kind::Run(_))).count();
    let idle = steps(group.need.unwrap_or(view.body.len()));
    let instruction = &view.body[at];
    if idle == 0 {
        return None;
    }
    let fix = match group.need {
        Some(need) => Some(moved(context, stage, &group, need)),
        None => lowered(context, stage, &group),
    };
    let until = group.need.map(|need| view.body[need].line);
    let message = match until {
        Some(line) => format!(
            "{name} differs between platforms from here on, but is first needed on line {line}: {idle} RUN above it \
             {} once per platform",
            if idle == 1 { "runs" } else { "run" }
        ),
        None => format!(
            "{name} differs between platforms, and nothing in this stage needs it: {idle} RUN below it \
             {} once per platform",
            if idle == 1 { "runs" } else { "run" }
        ),
    };
    let help = match until {
        Some(line) => format!(
            "Move it to just above line {line}; the stage then splits there, not on line {}.",
            split.line
        ),
        None => "Declare it in the stages that use it, just above the step that does.".to_owned(),
    };
    Some(context.diagnostic(&RULE, Some(stage), instruction, message, help).fixed(fix))
}

/// Moves a group to just above the instruction that needs it.
fn moved(context: &Context<'_>, stage: StageIx, group: &Group<'_>, need: usize) -> Fix {
    let text = context.text();
    let body = context.stage(stage).body;
    let at = text_ranges::before(text, &body[need]);
    let mut edits = Vec::new();
    let mut lines = String::new();
    // Declarations that stand right above the need stay; they are in the right order behind the others.
    let mut stays = need;
    while stays > 0 && group.members.contains(&(stays - 1)) {
        stays -= 1;
    }
    let at = if stays < need { text_ranges::line_start(text, body[stays].span.start) } else { at };
    for member in group.members.iter().filter(|member| **member < stays) {
        let instruction = &body[*member];
        lines.push_str(context.raw(instruction).trim_end_matches(['\r', '\n']));
        lines.push('\n');
        edits.push(Edit::delete(text_ranges::whole_lines(text, instruction)));
    }
    edits.push(Edit::insert(at, lines));
    Fix {
        description: format!("move {} to just above the first step that needs it", group.names.join(", ")),
        edits,
        applicability: Applicability::Always,
        licence: licence(group),
    }
}

/// Moves a group out of a base stage into the stages that need it.
fn lowered(context: &Context<'_>, stage: StageIx, group: &Group<'_>) -> Option<Fix> {
    let text = context.text();
    let body = context.stage(stage).body;
    let plain = group.members.iter().all(|member| matches!(body[*member].kind, Kind::Arg(_)));
    let places = needs(context, stage, &group.names);
    // In a stage of the images an argument less is a change nobody asked for.
    if !plain {
        return None;
    }
    let mut lines = String::new();
    for member in &group.members {
        lines.push_str(context.raw(&body[*member]).trim_end_matches(['\r', '\n']));
        lines.push('\n');
    }
    let mut edits: Vec<Edit> = group
        .members
        .iter()
        .map(|member| Edit::delete(text_ranges::whole_lines(text, &body[*member])))
        .collect();
    for (child, at) in places {
        let own = &context.stage(child).body[..at];
        let declared = group
            .names
            .iter()
            .all(|name| own.iter().any(|i| matches!(i.kind, Kind::Arg(_)) && names(i).contains(name)));
        if !declared {
            edits
                .push(Edit::insert(text_ranges::before(text, &context.stage(child).body[at]), lines.clone()));
        }
    }
    let description = format!("declare {} only where it is needed", group.names.join(", "));
    Some(Fix { description, edits, applicability: Applicability::Always, licence: licence(group) })
}

fn licence(group: &Group<'_>) -> Vec<Allowed> {
    group.names.iter().map(|name| Allowed::Loses((*name).to_owned())).collect()
}
