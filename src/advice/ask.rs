//! Asking every rule, and leaving out what comments in the file say to leave out.

use super::context::Context;
use super::finding::Finding;
use super::rules;
use crate::analysis::{Analysis, NodeInputs};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::DirectiveKind;
use crate::source::Line;

/// The findings in a file that can be built, in the order of its lines.
pub fn advise<'c>(file: &'c Dockerfile<'c>, nodes: &'c [NodeInputs], analysis: &'c Analysis) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (inputs, node) in nodes.iter().zip(&analysis.nodes) {
        let context = Context::new(file, node, &inputs.inputs);
        let mut own = Vec::new();
        for rule in rules::ALL {
            (rule.detect)(&context, &mut own);
        }
        for finding in own {
            let known = findings.iter().any(|f| f.rule == finding.rule && f.span == finding.span);
            if !known {
                findings.push(finding);
            }
        }
    }
    let ignored = Ignored::of(file);
    findings.retain(|finding| !ignored.covers(finding));
    findings.sort_by_key(|finding| (finding.line, rules::position(finding.rule), finding.span));
    findings
}

/// The findings in a file that cannot be built: those that need nothing but its text.
pub fn advise_refused(file: &Dockerfile<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    rules::case_of_stage_name::in_refused(file, &mut findings);
    let ignored = Ignored::of(file);
    findings.retain(|finding| !ignored.covers(finding));
    findings
}

/// What comments say to leave out.
///
/// `# xsim: ignore=RULE[,RULE] reason` covers the instruction below it; `# check=skip=NAME` covers the rules that share
/// a name with one of BuildKit's checks.
struct Ignored<'f> {
    /// The line of the instruction below a comment, and a rule.
    lines: Vec<(Line, &'f str)>,
    checks: Vec<&'f str>,
}

impl<'f> Ignored<'f> {
    fn of(file: &'f Dockerfile<'f>) -> Self {
        let mut lines = Vec::new();
        if memchr::memmem::find(file.text.as_bytes(), b"xsim:").is_some() {
            for (number, line) in (1..).zip(file.text.lines()) {
                let Some(rules) = ignore(line) else { continue };
                let below = file.instructions.iter().map(|i| i.line).find(|line| line.0 > number);
                if let Some(below) = below {
                    lines.extend(rules.map(|rule| (below, rule)));
                }
            }
        }
        let check = file.directive(DirectiveKind::Check).map_or("", |directive| directive.value.text);
        let skip = check.split(';').find_map(|option| option.trim().strip_prefix("skip="));
        let checks = skip.into_iter().flat_map(|names| names.split(',')).map(str::trim).collect();
        Self { lines, checks }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let rule = finding.rule;
        self.lines.iter().any(|(line, code)| *line == finding.line && (*code == rule.code || *code == "all"))
            || self.checks.iter().any(|name| *name == "all" && rule.build_check.is_some())
            || rule.build_check.is_some_and(|check| self.checks.contains(&check))
    }
}

/// The rules that a comment names.
fn ignore(line: &str) -> Option<impl Iterator<Item = &str>> {
    let comment = line.trim_start().strip_prefix('#')?.trim_start();
    let rest = comment.strip_prefix("xsim:")?.trim_start().strip_prefix("ignore=")?;
    Some(rest.split_whitespace().next()?.split(','))
}
