//! Applying fixes: one at a time, each result analysed again, and kept only if it stands.

use foldhash::HashSet;

use super::attempt::{Rejection, State, attempt};
use super::edit::Patch;
use super::finding::{Allowed, Finding, Fix, When};
use super::price::{Pricer, Saving};
use super::rule::Rule;
use super::rules;
use crate::analysis::{Build, NodeInputs};
use crate::source::{Line, Source};

/// Fixes beyond this many are not applied to one file.
pub const MAX_FIXES: usize = 200;

/// Which fixes to apply.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The rules, by code; none for every rule. Fixes that are applied on request only need to be named here.
    pub only: Vec<String>,
    /// The rules whose fixes are not wanted unless they are named above.
    pub off: Vec<String>,
}

impl Wanted {
    fn takes(&self, finding: &Finding, fix: &Fix) -> bool {
        let is_in = |codes: &[String]| codes.iter().any(|code| code == finding.rule.code);
        let unasked = self.only.is_empty() && fix.when == When::Always && !is_in(&self.off);
        is_in(&self.only) || unasked
    }
}

/// A fix that was applied.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The rule.
    pub rule: &'static Rule,
    /// The line it was found on, when it was applied.
    pub line: Line,
    /// What was wrong. May quote the file.
    pub message: String,
    /// What was done. May quote the file.
    pub description: String,
    /// What it was allowed to change of what the images are made of.
    pub licence: Vec<Allowed>,
    /// What it saves.
    pub saving: Saving,
}

/// A fix that was not applied.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// The rule.
    pub rule: &'static Rule,
    /// The line, in the text as it is left.
    pub line: Line,
    /// Why.
    pub why: Rejection,
}

/// A file after its fixes.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
    /// What was wanted and does not stand.
    pub rejected: Vec<Rejected>,
    /// What is found in the text as it is left.
    pub findings: Vec<Finding>,
    /// What all fixes together save.
    pub saving: Saving,
}

impl Fixed {
    /// The difference to the text before.
    pub fn patch(&self, before: &str, name: &str) -> Patch {
        Patch::between(before, &self.text, name)
    }

    /// What is left that has a fix for who asks for it.
    pub fn on_request(&self) -> impl Iterator<Item = &Finding> {
        let asked = |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| fix.when == When::OnRequest);
        self.findings.iter().filter(asked)
    }

    /// Whether nothing was applied, nothing was wanted, and nothing can be asked for.
    pub fn is_nothing(&self) -> bool {
        self.applied.is_empty() && self.rejected.is_empty() && self.on_request().next().is_none()
    }
}

/// A fix that stands, for who decides.
#[derive(Debug)]
pub struct Proposal<'p> {
    /// What it is.
    pub applied: &'p Applied,
    /// The text before.
    pub before: &'p str,
    /// The text after.
    pub after: &'p str,
}

/// An answer to a [`Proposal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Apply it.
    Apply,
    /// Leave it out, and go on.
    Skip,
    /// Leave it and all others out.
    Stop,
}

/// Applies the wanted fixes that stand.
///
/// Ends: each fix that is applied makes the list of counts of findings, in the order of the rules, smaller, by the order
/// of words in a dictionary. Applied to its own result it changes nothing, since what was rejected is rejected again.
pub fn fix(source: &Source, nodes: &[NodeInputs], wanted: &Wanted, pricer: &Pricer) -> Fixed {
    fix_as_told(source, nodes, wanted, pricer, &mut |_| Answer::Apply)
}

/// As [`fix`], but every fix is put to `judge` first.
pub fn fix_as_told(
    source: &Source,
    nodes: &[NodeInputs],
    wanted: &Wanted,
    pricer: &Pricer,
    judge: &mut dyn FnMut(&Proposal<'_>) -> Answer,
) -> Fixed {
    let mut state = State::of(Build::new(source.clone(), nodes.to_vec()), pricer);
    let first = state.facts.price;
    let mut fixer = Fixer { wanted, pricer, judge, skipped: HashSet::default() };
    let (mut applied, mut rejected) = (Vec::new(), Vec::new());
    // A text whose bytes were replaced cannot be written back.
    while source.is_exact() && applied.len() < MAX_FIXES {
        rejected.clear();
        let Some((fix, next)) = fixer.step(&state, &mut rejected) else { break };
        applied.push(fix);
        state = next;
    }
    let saving = Saving { before: first, after: state.facts.price };
    Fixed { text: state.text().to_owned(), applied, rejected, findings: state.findings, saving }
}

struct Fixer<'f> {
    wanted: &'f Wanted,
    pricer: &'f Pricer,
    judge: &'f mut dyn FnMut(&Proposal<'_>) -> Answer,
    /// What was left out: rule and description.
    skipped: HashSet<(&'static str, String)>,
}

impl Fixer<'_> {
    /// The first wanted fix that stands, and the file after it.
    fn step(&mut self, state: &State, rejected: &mut Vec<Rejected>) -> Option<(Applied, State)> {
        let mut tried: HashSet<&Fix> = HashSet::default();
        let mut findings: Vec<&Finding> = state.findings.iter().collect();
        findings.sort_by_key(|finding| (rules::position(finding.rule), finding.line, finding.span));
        for finding in findings {
            let Some(fix) = finding.fix.as_ref().filter(|fix| self.wanted.takes(finding, fix)) else {
                continue;
            };
            let key = (finding.rule.code, format!("{} {}", fix.description, finding.message));
            if self.skipped.contains(&key) || !tried.insert(fix) {
                continue;
            }
            let next = match attempt(state, finding, fix, self.pricer) {
                Ok(next) => next,
                Err(why) => {
                    rejected.push(Rejected { rule: finding.rule, line: finding.line, why });
                    continue;
                }
            };
            let applied = Applied {
                rule: finding.rule,
                line: finding.line,
                message: finding.message.clone(),
                description: fix.description.clone(),
                licence: fix.licence.clone(),
                saving: Saving { before: state.facts.price, after: next.facts.price },
            };
            let proposal = Proposal { applied: &applied, before: state.text(), after: next.text() };
            match (self.judge)(&proposal) {
                Answer::Apply => return Some((applied, next)),
                Answer::Skip => {
                    self.skipped.insert(key);
                }
                Answer::Stop => return None,
            }
        }
        None
    }
}
