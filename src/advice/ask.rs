//! Asking every rule.

use super::context::Context;
use super::finding::Finding;
use super::rules;
use crate::analysis::{Analysis, NodeInputs};
use crate::dockerfile::Dockerfile;

/// The findings in a file that can be built, in the order of its lines; those that [comments](super::Comments) exempt
/// included.
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
    findings.sort_by_key(|finding| (finding.line, rules::position(finding.rule), finding.span));
    findings
}

/// The findings in a file that cannot be built: those that need nothing but its text.
pub fn advise_refused(file: &Dockerfile<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    rules::case_of_stage_name::in_refused(file, &mut findings);
    findings
}
