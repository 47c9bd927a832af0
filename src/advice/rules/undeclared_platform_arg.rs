//! An automatic platform argument that is used without being declared.

use super::super::context::Context;
use super::super::edit::Edit;
use super::super::finding::{Allowed, Finding, Fix, When};
use super::super::metadata::variables;
use super::super::place;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::ast::{Instruction, Kind};
use crate::ids::StageIx;

/// The rule.
pub const RULE: Rule = Rule {
    code: "undeclared-platform-arg",
    severity: Severity::Error,
    summary: "an automatic platform argument is used where no ARG declares it, so it is empty",
    build_check: Some("UndefinedVar"),
    is_about_time: false,
    doc: Doc {
        what: "Finds `$TARGETARCH` and its like in a stage in which no ARG, ENV or the command itself gives it a value.",
        why: "The automatic arguments exist in FROM lines without being declared, but not in a stage. There they \
              expand to nothing, mostly without an error: a download of the wrong file, a compile for the wrong \
              architecture.",
        before: "FROM alpine:3.22\nRUN wget -O /tool https://example.com/tool-$TARGETARCH\n",
        after: "FROM alpine:3.22\nARG TARGETARCH\nRUN wget -O /tool https://example.com/tool-$TARGETARCH\n",
        silent: "`${TARGETARCH:-…}`, which provides for its absence; a name that a base stage or the script itself sets.",
    },
    detect,
};

const NAMES: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let text = context.text().as_bytes();
    if memchr::memmem::find(text, b"TARGET").is_none() && memchr::memmem::find(text, b"BUILD").is_none() {
        return;
    }
    let needed: Vec<StageIx> = context.needed().map(|stage| stage.index).collect();
    for stage in needed {
        for name in NAMES {
            if let Some(instruction) = first_use(context, stage, name) {
                findings.push(found(context, stage, instruction, name));
            }
        }
    }
}

/// The first instruction of a stage that uses a name which nothing has declared.
fn first_use<'c>(context: &Context<'c>, stage: StageIx, name: &str) -> Option<&'c Instruction<'c>> {
    let declares = |instruction: &Instruction<'_>| match &instruction.kind {
        Kind::Arg(args) => args.iter().any(|arg| arg.name.text == name),
        Kind::Env(pairs) => pairs.iter().any(|pair| pair.key.text == name),
        _ => false,
    };
    let unknown_base =
        context.root(stage).from.base.text.contains('$') && context.root(stage).from.platform.is_none();
    let inherited = context.chain(stage).skip(1).any(|view| view.body.iter().any(declares));
    if inherited || unknown_base && context.root(stage).from.base.text.starts_with('$') {
        return None;
    }
    let body = context.stage(stage).body;
    let declared = body.iter().position(declares).unwrap_or(body.len());
    body[..declared].iter().find(|instruction| uses(context, instruction, name))
}

fn uses(context: &Context<'_>, instruction: &Instruction<'_>, name: &str) -> bool {
    let raw = context.raw(instruction);
    if !place::mentions(raw, name) || matches!(instruction.kind, Kind::Onbuild(_) | Kind::From(_)) {
        return false;
    }
    match &instruction.kind {
        // What starts a container is expanded there, not in the build.
        Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Healthcheck | Kind::Shell(_) => false,
        Kind::Run(_) => is_read(raw, name) && !is_set(raw, name),
        _ => variables(raw).any(|variable| variable == name) && is_read(raw, name),
    }
}

/// Whether a text reads the variable plainly: not `${NAME:-…}` and its like, not `\$NAME`, not between single quotes.
fn is_read(raw: &str, name: &str) -> bool {
    let mut quoted = false;
    let mut double = false;
    let bytes = raw.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' if !double => quoted = !quoted,
            b'"' if !quoted => double = !double,
            b'#' if raw[..at].ends_with('\n') => {}
            b'$' if !quoted && (at == 0 || bytes[at - 1] != b'\\') => {
                let rest = &raw[at + 1..];
                let braced = rest.strip_prefix('{');
                let Some(after) = braced.unwrap_or(rest).strip_prefix(name) else { continue };
                let next = after.as_bytes().first();
                let ends = next.is_none_or(|b| *b != b'_' && !b.is_ascii_alphanumeric());
                let provided =
                    braced.is_some() && next.is_some_and(|b| matches!(b, b':' | b'-' | b'+' | b'?' | b'='));
                if ends && !provided {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether a script gives the variable a value itself.
fn is_set(raw: &str, name: &str) -> bool {
    let assigned = raw.match_indices(name).any(|(at, _)| {
        let before = raw[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_' && c != '{' && c != '$');
        before && raw[at + name.len()..].starts_with('=')
    });
    assigned || raw.contains(&format!("read {name}")) || raw.contains(&format!("for {name} in"))
}

fn found(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>, name: &str) -> Finding {
    let message = format!("{name} is empty here: no ARG of this stage declares it");
    let help = format!("Write `ARG {name}` above the first instruction of the stage that uses it.");
    let at = place::line_start(context.text(), instruction.span.start);
    let fix = Fix {
        description: format!("declare {name} above its first use"),
        edits: vec![Edit::insert(at, format!("ARG {name}\n"))],
        when: When::OnRequest,
        licence: vec![Allowed::Gains(name.to_owned()), Allowed::Repair],
    };
    let span = place::find_once(context.text(), instruction.span, name);
    let finding = context.finding(&RULE, Some(stage), instruction, message, help);
    let span = span.unwrap_or(finding.span);
    finding.at(span).fixed(Some(fix))
}
