//! What is found in builds that one daemon runs together: each build's findings, each fact once, with what a change of its
//! Dockerfile saves of the whole.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::edits::apply::apply;
use super::evaluate::evaluate;
use super::fix::verify::{State, verify};
use super::fix::{Applied, Fixed, MAX_FIXES, Wanted};
use super::lint::lint;
use super::price::{Pricer, price_of};
use crate::analysis::{Build, Request};
use crate::budget;
use crate::diagnostic::{Diagnostic, Edit, Saving, by_worth};
use crate::ids::{BuildIx, FileIx, NodeIx};
use crate::source::Source;

/// How many changes are tried on the whole, the first in the order of what they are worth alone.
const MAX_TRIED: usize = 24;

/// What is found in all builds; for a build that is alone the same as [`evaluate`].
///
/// A build is looked at with its own arguments, platforms and contexts; of results of other builds that are its contexts nothing
/// is known. A fix stands only if it does for every build of its Dockerfile.
pub fn evaluate_all(build: &Build, pricer: &Pricer) -> Vec<Diagnostic> {
    let each = alone(build);
    let mut found = together(each.iter().map(|(file, own)| (*file, evaluate(own, pricer))));
    hold_for_all(&mut found, &each, pricer);
    price_on_whole(&mut found, build, pricer);
    by_worth(&mut found);
    found
}

/// What [`lint`] finds in all builds.
pub fn lint_all(build: &Build) -> Vec<Diagnostic> {
    let mut found = together(alone(build).iter().map(|(file, own)| (*file, lint(own))));
    by_worth(&mut found);
    found
}

/// The Dockerfiles of all builds after their fixes, of which each stands for every build of its file.
pub fn fix_all(build: &Build, wanted: &Wanted, pricer: &Pricer) -> Vec<(FileIx, Fixed)> {
    let price = |build: &Build| {
        let analysis = build.outcome().ok();
        analysis.map(|analysis| price_of(analysis, pricer.timing(analysis).as_ref())).unwrap_or_default()
    };
    let before = price(build);
    let mut request = build.request().clone();
    let mut applied: Vec<(FileIx, Applied)> = Vec::new();
    let mut found = evaluate_all(build, pricer);
    while applied.len() < MAX_FIXES && budget::exceeded().is_none() {
        let now = Build::of(request.clone());
        let next = found.iter().filter(|finding| finding.counts()).find_map(|finding| {
            let fix = wanted.change(finding)?;
            let source = now.text(finding.file)?;
            let text = apply(source.text(), &fix.edits).filter(|after| after != source.text())?;
            Some((finding, fix, Source::new(source.name(), text.into_bytes()).ok()?))
        });
        let Some((finding, fix, changed)) = next else { break };
        let nothing = Saving { before, after: before };
        applied.push((
            finding.file,
            Applied {
                rule: finding.rule,
                line: finding.line,
                message: finding.message.clone(),
                description: fix.description.clone(),
                licence: fix.licence.clone(),
                saving: finding.saving.as_deref().copied().unwrap_or(nothing),
            },
        ));
        request = request.with_file(finding.file, changed);
        found = evaluate_all(&Build::of(request.clone()), pricer);
    }
    let saving = Saving { before, after: price(&Build::of(request.clone())) };
    // Of each file one build, which knows its text.
    let mut files: Vec<(FileIx, Build)> = Vec::new();
    for (file, build) in alone(&Build::of(request)) {
        if files.iter().all(|(known, _)| *known != file) {
            files.push((file, build));
        }
    }
    let fixed = files.into_iter().filter_map(|(file, after)| {
        let before = Arc::clone(build.request().files().get(file.index())?);
        let own = applied.iter().filter(|(of, _)| *of == file).map(|(_, applied)| applied.clone());
        let findings = found.iter().filter(|finding| finding.file == file).cloned().collect();
        let (applied, rejected) = (own.collect(), Vec::new());
        Some((file, Fixed { before, build: after, applied, rejected, findings, saving }))
    });
    fixed.collect()
}

/// Each build as if it were alone, with its Dockerfile; those that are the same but for their names once.
fn alone(build: &Build) -> Vec<(FileIx, Build)> {
    let request = build.request();
    let builds = request.nodes().iter().enumerate().flat_map(|(node, requested)| {
        requested.builds.iter().enumerate().map(move |(at, own)| (node, at, own.file))
    });
    let mut known: HashSet<String> = HashSet::default();
    let mut is_new = |request: &Request| {
        let own: Vec<String> = request.nodes().iter().map(|node| format!("{:?}", node.builds)).collect();
        known.insert(format!("{}{}", request.files()[0].name(), own.concat()))
    };
    builds
        .filter_map(|(node, at, file)| Some((file, request.alone(NodeIx::new(node), BuildIx::new(at))?)))
        .filter(|(_, request)| is_new(request))
        .map(|(file, request)| (file, Build::of(request)))
        .collect()
}

/// Findings of several builds, each fact once.
fn together(each: impl Iterator<Item = (FileIx, Vec<Diagnostic>)>) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut known = HashMap::default();
    for (file, found) in each {
        if budget::exceeded().is_some() {
            break;
        }
        for mut diagnostic in found {
            diagnostic.file = file;
            let identity = (file, diagnostic.rule.code, diagnostic.line, diagnostic.span);
            if let Some(&at) = known.get(&identity) {
                // One build may have no way to mend what another has.
                let kept: &mut Diagnostic = &mut all[at];
                if kept.fix.is_none() && diagnostic.fix.is_some() {
                    *kept = diagnostic;
                }
            } else {
                known.insert(identity, all.len());
                all.push(diagnostic);
            }
        }
    }
    all
}

/// Takes fixes off that do not stand for every build of their Dockerfile.
fn hold_for_all(found: &mut [Diagnostic], each: &[(FileIx, Build)], pricer: &Pricer) {
    let states: Vec<(FileIx, State)> = each
        .iter()
        .map(|(file, build)| (*file, State::of(Build::of(build.request().clone()), pricer)))
        .collect();
    for diagnostic in found.iter_mut().filter(|diagnostic| diagnostic.fix.is_some()) {
        let of_file = || states.iter().filter(|(file, _)| *file == diagnostic.file);
        if of_file().count() < 2 {
            continue;
        }
        let identity = |one: &Diagnostic| (one.rule.code, one.line, one.span);
        let rejected = of_file().find_map(|(_, state)| {
            let own = state.findings.iter().find(|one| identity(one) == identity(diagnostic));
            // A build in which the rule finds nothing still has to come out as it was.
            let fix = diagnostic.fix.as_deref()?;
            match own {
                Some(own) => verify(state, own, fix, false, pricer).err(),
                None => state.keeps(fix).err(),
            }
        });
        if let Some(why) = rejected {
            diagnostic.fix = None;
            diagnostic.saving = None;
            diagnostic.unfixed =
                Some(format!("it does not stand for every target of the file: {why}").into());
        }
    }
}

/// Says of changes what they save of the build of all targets.
fn price_on_whole(found: &mut [Diagnostic], build: &Build, pricer: &Pricer) {
    let Ok(analysis) = build.outcome() else { return };
    let before = price_of(analysis, pricer.timing(analysis).as_ref());
    let with_changes = found.iter_mut().filter(|one| one.saving.is_some());
    for diagnostic in with_changes.take(MAX_TRIED) {
        let edits: &[Edit] = diagnostic.fix.as_ref().map_or_else(|| diagnostic.trial(), |fix| &fix.edits);
        let after = build.text(diagnostic.file).and_then(|source| {
            let text = apply(source.text(), edits)?;
            let changed = Source::new(source.name(), text.into_bytes()).ok()?;
            let changed = Build::of(build.request().with_file(diagnostic.file, changed));
            let analysis = changed.outcome().ok()?;
            Some(price_of(analysis, pricer.timing(analysis).as_ref()))
        });
        diagnostic.saving = after.map(|after| Box::new(Saving { before, after }));
    }
}
