//! An automatic platform argument that is used without being declared.

use crate::advice::facts::context::{Context, Pin};
use crate::advice::facts::text_ranges;
use crate::advice::facts::variables::{PLATFORM_ARGS, meant, variables};
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::{CommandLine, Instruction, Kind};
use crate::ids::StageIx;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "undeclared-platform-arg",
    severity: Severity::Error,
    summary: "an automatic platform argument is used where no ARG declares it, so it is empty",
    build_check: Some("UndefinedVar"),
    doc: Some(Doc {
        what: "Finds `$TARGETARCH` and its like in a stage in which no ARG, ENV or the command itself gives it a value; and names \
               that differ from them by a slip of the pen, such as `$TARGET_ARCH`.",
        why: "The automatic arguments exist in FROM lines without being declared, but not in a stage. There they \
              expand to nothing, mostly without an error: a download of the wrong file, a compile for the wrong \
              architecture.",
        before: "FROM alpine:3.22\nRUN wget -O /tool https://example.com/tool-$TARGETARCH\n",
        after: "FROM alpine:3.22\nARG TARGETARCH\nRUN wget -O /tool https://example.com/tool-$TARGETARCH\n",
        silent: "`${TARGETARCH:-…}`, which provides for its absence; a name that a base stage or the script itself sets.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &Context<'_>, findings: &mut Vec<Diagnostic>) {
    let read: Vec<&str> = variables(context.text()).filter(|name| PLATFORM_ARGS.contains(name)).collect();
    let names: Vec<&str> = PLATFORM_ARGS.into_iter().filter(|name| read.contains(name)).collect();
    for view in context.needed() {
        let (Some(first), Some(last)) = (view.body.first(), view.body.last()) else { continue };
        let text = context.slice(Span::new(first.span.start, last.span.end));
        let stage = view.index;
        for name in names.iter().filter(|name| text.contains(**name)) {
            if let Some(instruction) = first_use(context, stage, name) {
                findings.push(found(context, stage, instruction, name));
            }
            findings.extend(of_trigger(context, stage, name));
        }
    }
    findings.extend(misspelt(context));
}

/// The names that a `RUN` uses, that nothing gives a value, and that differ from an automatic argument by a slip of the pen.
fn misspelt(context: &Context<'_>) -> Vec<Diagnostic> {
    let has_value = |name: &str| {
        let mut instructions = context.file.instructions.iter();
        let by_instruction = instructions.any(|instruction| match &instruction.kind {
            Kind::Arg(args) => args.iter().any(|arg| arg.name.text == name && arg.default.is_some()),
            Kind::Env(pairs) => pairs.iter().any(|pair| pair.key.text == name),
            _ => false,
        });
        by_instruction || context.inputs.build_args.contains_key(name) || is_set(context.text(), name)
    };
    let names = context.slips().iter().copied().filter(|name| !has_value(name));
    let found = names.filter_map(|name| {
        let mut stages = context.needed();
        let (stage, instruction) = stages.find_map(|stage| {
            let mut runs = stage.body.iter().filter(|i| matches!(i.kind, Kind::Run(_)));
            Some((stage.index, runs.find(|instruction| uses(context, instruction, name))?))
        })?;
        let near = meant(name)?;
        let message = format!(
            "{name} is empty here, as far as the file tells: the automatic argument is called {near}"
        );
        let help = format!("Write `ARG {near}` in the stage, and `${near}`.");
        let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
        Some(Diagnostic { severity: Severity::Warning, ..finding })
    });
    found.collect()
}

/// A trigger that uses a name which none before it declares: it fires in a stage of another file, where nothing is declared yet.
fn of_trigger(context: &Context<'_>, stage: StageIx, name: &str) -> Option<Diagnostic> {
    let mut triggers = context.stage(stage).body.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Onbuild(onbuild) => Some((instruction, onbuild.expression)),
        _ => None,
    });
    let declares = |text: &str| {
        let mut words = text.split_whitespace();
        let is_declared = words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("ARG") || word.eq_ignore_ascii_case("ENV"));
        is_declared && words.any(|word| word.split('=').next() == Some(name))
    };
    let (instruction, _) = triggers
        .by_ref()
        .take_while(|(_, text)| !declares(text))
        .find(|(_, text)| is_read(text, name, false) && !is_set(text, name))?;
    let message = format!("{name} is empty where this trigger fires: no trigger before it declares it");
    let help = format!(
        "Write `ONBUILD ARG {name}` above it; an `ARG` of this stage is none of those that the trigger fires in."
    );
    let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
    Some(Diagnostic { severity: Severity::Warning, ..finding })
}

/// The first instruction of a stage that uses a name which nothing has declared.
fn first_use<'c>(context: &Context<'c>, stage: StageIx, name: &str) -> Option<&'c Instruction<'c>> {
    let declares = |instruction: &Instruction<'_>| match &instruction.kind {
        Kind::Arg(args) => args.iter().any(|arg| arg.name.text == name),
        Kind::Env(pairs) => pairs.iter().any(|pair| pair.key.text == name),
        _ => false,
    };
    let inherited = context.chain(stage).skip(1).any(|view| view.body.iter().any(declares));
    // A base that a variable chooses may be a stage, which hands its arguments on.
    let chosen = context.root(stage).from.base.text.contains('$');
    if inherited || chosen && context.root(stage).from.base.text.starts_with('$') {
        return None;
    }
    let body = context.stage(stage).body;
    let declared = body.iter().position(declares).unwrap_or(body.len());
    let set = |instruction: &Instruction<'_>| {
        let execs = context.execs(stage, instruction.line);
        execs.iter().any(|(_, exec, _)| context.node.graph.variable(exec.env, name).is_some())
    };
    let used = body[..declared].iter().find(|instruction| uses(context, instruction, name))?;
    let hands_on = chosen && body.iter().filter(|i| i.line <= used.line).any(set);
    (!hands_on).then_some(used)
}

fn uses(context: &Context<'_>, instruction: &Instruction<'_>, name: &str) -> bool {
    let raw = context.raw(instruction);
    if !text_ranges::mentions(raw, name) || matches!(instruction.kind, Kind::Onbuild(_) | Kind::From(_)) {
        return false;
    }
    let arguments = instruction.arguments.text;
    let in_flags =
        instruction.flags.iter().filter_map(|flag| flag.value).any(|value| is_read(value, name, false));
    let (in_arguments, all_documents) = match &instruction.kind {
        // What starts a container is expanded there, not in the build.
        Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Healthcheck | Kind::Shell(_) => return false,
        Kind::Run(_) if is_set(raw, name) => return false,
        Kind::Run(run) => {
            let read = match &run.command {
                // Without a shell nothing expands the words.
                CommandLine::Exec(words) => script(words).is_some_and(|script| is_read(script, name, true)),
                CommandLine::Shell(word) => is_read(word.text, name, true),
            };
            (read, run.only_document)
        }
        _ => (is_read(arguments, name, false), false),
    };
    let mut documents = instruction.heredocs.iter().filter(|document| document.expand || all_documents);
    in_flags || in_arguments || documents.any(|document| is_read(document.content.text, name, all_documents))
}

/// What a list of words has a shell run.
fn script<'w>(words: &[&'w str]) -> Option<&'w str> {
    let is_shell = words.first().is_some_and(|first| first.ends_with("sh"));
    let at = words.iter().position(|word| word.starts_with('-') && word.ends_with('c'));
    is_shell.then(|| words.get(at? + 1).copied()).flatten()
}

/// Whether a text reads the variable plainly: not `${NAME:-…}` and its like, not `\$NAME`, not between single quotes, not in a
/// comment of a script.
fn is_read(text: &str, name: &str, is_script: bool) -> bool {
    let (mut quoted, mut double, mut comment) = (false, false, false);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        match byte {
            b'\n' => comment = false,
            _ if comment => {}
            b'#' if is_script && !quoted && !double => {
                comment = before.is_none_or(u8::is_ascii_whitespace);
            }
            b'\'' if !double => quoted = !quoted,
            b'"' if !quoted => double = !double,
            b'$' if !quoted && before != Some(&b'\\') => {
                let rest = &text[at + 1..];
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

fn found(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>, name: &str) -> Diagnostic {
    let message = format!("{name} is empty here: no ARG of this stage declares it");
    let help = format!("Write `ARG {name}` above the first instruction of the stage that uses it.");
    let at = text_ranges::line_start(context.text(), instruction.span.start);
    let fix = Fix {
        description: format!("declare {name} above its first use"),
        edits: vec![Edit::insert(at, format!("ARG {name}\n"))],
        applicability: Applicability::OnRequest,
        licence: vec![Allowed::Value(name.to_owned()), Allowed::CacheName, Allowed::Repair],
    };
    let span = text_ranges::find_once(context.text(), instruction.span, name);
    let finding = context.diagnostic(&RULE, Some(stage), instruction, message, help);
    let severity =
        if is_harmless(context, stage, instruction, name) { Severity::Warning } else { RULE.severity };
    let finding = Diagnostic { severity, ..finding };
    finding.narrowed_to(span).fixed(Some(fix))
}

/// Whether all that an empty value does is to leave Go with what it takes by itself, in a stage where that is right.
fn is_harmless(context: &Context<'_>, stage: StageIx, instruction: &Instruction<'_>, name: &str) -> bool {
    let raw = context.raw(instruction);
    let told = ["GOOS=", "GOARCH=", "GOOS=\"", "GOARCH=\""]
        .iter()
        .flat_map(|set| [format!("{set}${name}"), format!("{set}${{{name}}}")]);
    let for_go: usize = told.map(|text| raw.matches(&*text).count()).sum();
    context.stage(stage).pin == Pin::Target && for_go > 0 && raw.matches(name).count() == for_go
}
