//! Stage names with capitals.

use super::super::context::{Context, StageView, stages};
use super::super::edit::Edit;
use super::super::finding::{Finding, Fix, When};
use super::super::place;
use super::super::rule::{Doc, Rule};
use crate::diagnostic::Severity;
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::Kind;
use crate::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    code: "case-of-stage-name",
    severity: Severity::Warning,
    summary: "a stage name has capitals, by which FROM does not find it",
    build_check: Some("StageNameCasing"),
    is_about_time: false,
    doc: Doc {
        what: "Finds `AS Name` with capitals, and every place that writes the name in another case than it is kept.",
        why: "BuildKit keeps stage names in lower case. `--from=` finds them in any case; `FROM` compares letter by \
              letter, takes what it does not find for an image, and fails.",
        before: "FROM golang:1.25 AS Build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=Build /app /app\n",
        after: "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
        silent: "Images and contexts whose names have capitals in their tags.",
        no_fix: None,
    },
    detect,
};

fn detect(context: &Context<'_>, findings: &mut Vec<Finding>) {
    search(context.file, &context.stages, findings);
}

/// The same in a file that cannot be built, where this may be why.
pub fn in_refused(file: &Dockerfile<'_>, findings: &mut Vec<Finding>) {
    if file.problems.is_empty() {
        search(file, &stages(file), findings);
    }
}

fn search(file: &Dockerfile<'_>, stages: &[StageView<'_>], findings: &mut Vec<Finding>) {
    for stage in stages {
        let Some(name) = stage.from.name else { continue };
        let written = file.text.get(name.span.range()).unwrap_or_default();
        let uses = uses(file, stages, name.text);
        if !written.bytes().any(|b| b.is_ascii_uppercase()) && uses.is_empty()
            || !written.eq_ignore_ascii_case(name.text)
        {
            continue;
        }
        let message = format!("the stage {written} is kept as {}, in lower case", name.text);
        let help = format!(
            "Write `{}` here and wherever the stage is named: FROM finds it by no other name.",
            name.text
        );
        let spans = std::iter::once(name.span).filter(|_| written != name.text).chain(uses);
        let fix = Fix {
            description: format!("write the stage's name as {}", name.text),
            edits: spans.map(|span| Edit::replace(span, name.text)).collect(),
            when: When::Always,
            licence: Vec::new(),
        };
        let finding = Finding::new(&RULE, stage.instruction.line, name.span, message, help);
        findings.push(Finding { stage: Some(stage.index), ..finding }.fixed(Some(fix)));
    }
}

/// The places that write a stage's name with capitals.
fn uses(file: &Dockerfile<'_>, stages: &[StageView<'_>], name: &str) -> Vec<Span> {
    let differs = |written: &str| written != name && written.to_lowercase() == name;
    let mut spans = Vec::new();
    let mut value = |within: Span, from: &str| {
        let found = place::find_once(file.text, within, &format!("from={from}"));
        spans.extend(found.map(|span| Span::new(span.start + "from=".len() as u32, span.end)));
    };
    for instruction in stages.iter().flat_map(|stage| stage.body) {
        match &instruction.kind {
            Kind::Copy(copy) => {
                if let Some(from) = copy.from.filter(|from| differs(from)) {
                    value(instruction.span, from);
                }
            }
            Kind::Run(run) => {
                for mount in run.mounts {
                    if let Some(from) = mount.from.filter(|from| differs(from)) {
                        value(mount.span, from);
                    }
                }
            }
            _ => {}
        }
    }
    let bases = stages.iter().map(|stage| stage.from.base).filter(|base| differs(base.text));
    spans.extend(bases.map(|base| base.span));
    spans
}
