//! FIX: applying fixes, one at a time, each result analysed again, and kept only if it stands.
//!
//! `verify` compares the graphs (`equivalence`) and what the images are told besides files (`image_settings`).

pub mod equivalence;
mod image_settings;
pub(super) mod verify;

use std::sync::Arc;

use foldhash::HashSet;

pub use self::verify::Rejection;
use self::verify::{State, verify};
use crate::advice::edits::Patch;
use crate::advice::price::Pricer;
use crate::advice::rules;
use crate::analysis::Build;
use crate::budget;
use crate::diagnostic::{Allowed, Applicability, Diagnostic, Fix, Rule, Saving, Severity};
use crate::source::{Line, Source};

/// Fixes beyond this many are not applied to one file.
pub const MAX_FIXES: usize = 200;

/// Which fixes to apply.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The rules; none for every rule. Fixes that are applied on request only need to be named here.
    pub only: Vec<&'static Rule>,
    /// The rules whose fixes are not wanted unless they are named above.
    pub off: Vec<&'static Rule>,
    /// The rules whose recipes are written; nothing else is done then.
    pub recipes: Vec<&'static Rule>,
}

impl Wanted {
    /// The change of a finding that is wanted: its fix, or its recipe as a patch.
    pub(in crate::advice) fn change<'f>(&self, finding: &'f Diagnostic) -> Option<&'f Fix> {
        if self.recipes.is_empty() {
            return finding.fix.as_deref().filter(|fix| self.takes(finding, fix));
        }
        let recipe = finding.recipe.as_deref().filter(|_| self.recipes.contains(&finding.rule))?;
        recipe.patch.as_ref()
    }

    fn takes(&self, finding: &Diagnostic, fix: &Fix) -> bool {
        let is_in = |rules: &[&Rule]| rules.contains(&finding.rule);
        let unasked = self.only.is_empty() && fix.applicability == Applicability::Always && !is_in(&self.off);
        is_in(&self.only) || unasked
    }
}

/// A fix that was applied.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The rule.
    pub rule: &'static Rule,
    /// The line it was found on, when it was applied; `None` where it is about none.
    pub line: Option<Line>,
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
    pub line: Option<Line>,
    /// Why.
    pub why: Rejection,
}

/// A file after its fixes.
#[derive(Debug)]
pub struct Fixed {
    /// The file before.
    pub before: Arc<Source>,
    /// The build after, if only to say why it cannot be built.
    pub build: Build,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
    /// What was wanted and does not stand.
    pub rejected: Vec<Rejected>,
    /// What is found in the text as it is left.
    pub findings: Vec<Diagnostic>,
    /// What all fixes together save.
    pub saving: Saving,
}

impl Fixed {
    /// The text.
    pub fn text(&self) -> &str {
        self.build.source().text()
    }

    /// The difference to the text before.
    pub fn patch(&self) -> Patch {
        Patch::between(self.before.text(), self.text(), self.before.name())
    }

    /// What is left that has a fix for who asks for it.
    pub fn on_request(&self) -> impl Iterator<Item = &Diagnostic> {
        let asked = |finding: &&Diagnostic| {
            finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::OnRequest)
        };
        self.findings.iter().filter(asked)
    }

    /// What is left as it is, though it is at least a warning: what cannot be asked for either.
    pub fn left(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().filter(|finding| {
            let is_tried =
                |rejected: &Rejected| rejected.rule == finding.rule && rejected.line == finding.line;
            finding.counts()
                && finding.severity > Severity::Note
                && finding.fix.is_none()
                && !self.rejected.iter().any(is_tried)
        })
    }

    /// Whether nothing was applied, nothing was wanted, nothing can be asked for, and nothing is left.
    pub fn is_nothing(&self) -> bool {
        let has_more = self.on_request().next().is_some() || self.left().next().is_some();
        self.applied.is_empty() && self.rejected.is_empty() && !has_more
    }
}

/// Why a finding has no fix, in a clause.
pub fn why_unfixed(finding: &Diagnostic) -> Box<str> {
    if !finding.recipe_lines().is_empty() {
        return "the lines to write need a decision of yours".into();
    }
    let of_rule = finding.rule.doc.and_then(|doc| doc.no_fix);
    of_rule.map_or_else(
        || "nothing is known that would mend it and leave all else as it is".into(),
        |why| why.trim_end_matches('.').into(),
    )
}

/// A fix that stands, for who decides.
#[derive(Debug)]
pub struct Proposal<'p> {
    /// What it is.
    pub applied: &'p Applied,
    /// The file before.
    pub before: &'p Source,
    /// The file after.
    pub after: &'p Source,
}

impl Proposal<'_> {
    /// The difference.
    pub fn patch(&self) -> Patch {
        Patch::between(self.before.text(), self.after.text(), self.before.name())
    }
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
pub fn fix(build: Build, wanted: &Wanted, pricer: &Pricer) -> Fixed {
    fix_as_told(build, wanted, pricer, &mut |_| Answer::Apply)
}

/// As [`fix`], but every fix is put to `judge` first.
pub fn fix_as_told(
    build: Build,
    wanted: &Wanted,
    pricer: &Pricer,
    judge: &mut dyn FnMut(&Proposal<'_>) -> Answer,
) -> Fixed {
    let is_exact = build.source().is_exact();
    let before = Arc::clone(&build.request().files()[0]);
    let mut state = State::of(build, pricer);
    let first = state.measured.price;
    let mut fixer = Fixer { wanted, pricer, judge, skipped: HashSet::default() };
    let (mut applied, mut rejected) = (Vec::new(), Vec::new());
    // A text whose bytes were replaced cannot be written back.
    while is_exact && applied.len() < MAX_FIXES {
        rejected.clear();
        let Some((fix, next)) = fixer.step(&state, &mut rejected) else { break };
        applied.push(fix);
        state = next;
    }
    let saving = Saving { before: first, after: state.measured.price };
    let State { build, findings, .. } = state;
    Fixed { before, build, applied, rejected, findings, saving }
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
        let mut findings: Vec<&Diagnostic> = state.findings.iter().collect();
        findings.sort_by_key(|finding| (rules::position(finding.rule), finding.line, finding.span));
        for finding in findings {
            if budget::exceeded().is_some() {
                return None;
            }
            let fix = self.wanted.change(finding).filter(|_| finding.counts());
            let Some(fix) = fix else {
                continue;
            };
            let key = (finding.rule.code, format!("{} {}", fix.description, finding.message));
            if self.skipped.contains(&key) || !tried.insert(fix) {
                continue;
            }
            let next = match verify(state, finding, fix, !self.wanted.recipes.is_empty(), self.pricer) {
                Ok(next) => next,
                Err(why) => {
                    rejected.push(Rejected { rule: finding.rule, line: finding.line, why });
                    continue;
                }
            };
            let saving = Saving { before: state.measured.price, after: next.measured.price };
            let is_asked = !self.wanted.only.is_empty() || !self.wanted.recipes.is_empty();
            if finding.rule.is_about_time && !is_asked && !self.pricer.worth.takes(&saving) {
                rejected.push(Rejected { rule: finding.rule, line: finding.line, why: Rejection::Small });
                continue;
            }
            let applied = Applied {
                rule: finding.rule,
                line: finding.line,
                message: finding.message.clone(),
                description: fix.description.clone(),
                licence: fix.licence.clone(),
                saving,
            };
            let proposal =
                Proposal { applied: &applied, before: state.build.source(), after: next.build.source() };
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
