//! Stage names with capitals.

use foldhash::HashMap;

use crate::advice::facts::context::Written;
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Applicability, Diagnostic, Doc, Edit, Fix, Rule, Severity};
use crate::dockerfile::ast::Kind;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "stage-name-casing",
    aliases: &["case-of-stage-name"],
    severity: Severity::Warning,
    summary: "a stage name has capitals, by which FROM does not find it",
    build_check: Some("StageNameCasing"),
    doc: Some(Doc {
        what: "Finds `AS Name` with capitals, and every place that writes the name in another case than it is kept.",
        why: "BuildKit keeps stage names in lower case. `--from=` finds them in any case; `FROM` compares letter by \
              letter, takes what it does not find for an image, and fails.",
        before: "FROM golang:1.25 AS Build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=Build /app /app\n",
        after: "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        silent: "Images and contexts whose names have capitals in their tags.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(written: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let uses = uses(written);
    for stage in &written.stages {
        let Some(name) = stage.from.name else { continue };
        let as_written = written.slice(name.span);
        let uses = uses.get(name.text).map_or(&[][..], Vec::as_slice);
        let has_capitals = as_written.bytes().any(|b| b.is_ascii_uppercase());
        if !has_capitals && uses.is_empty() || !as_written.eq_ignore_ascii_case(name.text) {
            continue;
        }
        let message = format!("the stage {as_written} is kept as {}, in lower case", name.text);
        let help = format!(
            "Write `{}` here and wherever the stage is named: FROM finds it by no other name.",
            name.text
        );
        let spans =
            std::iter::once(name.span).filter(|_| as_written != name.text).chain(uses.iter().copied());
        let fix = Fix {
            description: format!("write the stage's name as {}", name.text),
            edits: spans.map(|span| Edit::replace(span, name.text)).collect(),
            applicability: Applicability::Always,
            licence: Vec::new(),
        };
        let diagnostic =
            Diagnostic::new(&RULE, message).at(stage.instruction.line).span(name.span).help(help);
        found.push(Diagnostic { stage: Some(stage.index), ..diagnostic }.fixed(Some(fix)));
    }
}

/// The places that write a name with capitals where a stage may be meant, by the name in lower case.
fn uses(written: &Written<'_>) -> HashMap<String, Vec<Span>> {
    let mut uses: HashMap<String, Vec<Span>> = HashMap::default();
    let mut add = |name: &str, span: Option<Span>| {
        let lower = name.to_lowercase();
        if lower != name {
            uses.entry(lower).or_default().extend(span);
        }
    };
    let value = |within: Span, from: &str| {
        let found = text_ranges::find_once(written.text(), within, &format!("from={from}"))?;
        Some(Span::new(found.start + "from=".len() as u32, found.end))
    };
    for instruction in written.stages.iter().flat_map(|stage| stage.body) {
        match &instruction.kind {
            Kind::Copy(copy) => {
                if let Some(from) = copy.from {
                    add(from, value(instruction.span, from));
                }
            }
            Kind::Run(run) => {
                for (mount, from) in run.mounts.iter().filter_map(|mount| Some((mount, mount.from?))) {
                    add(from, value(mount.span, from));
                }
            }
            _ => {}
        }
    }
    for base in written.stages.iter().map(|stage| stage.from.base) {
        add(base.text, Some(base.span));
    }
    uses
}
