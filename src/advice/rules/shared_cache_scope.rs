//! Caches that several builds overwrite.

use std::collections::{BTreeMap, BTreeSet};

use crate::advice::facts::workflow::WorkflowContext;
use crate::advice::workflows::scope_edits;
use crate::builds::{Definition, Place, Text};
use crate::diagnostic::{Applicability, Diagnostic, Doc, Fix, Rule};
use crate::workflow::{Overlap, covers, place};

/// The rule.
pub const RULE: Rule = Rule {
    code: "shared-cache-scope",
    summary: "several different builds of a workflow write one cache, and each overwrites what the others keep",
    doc: Some(Doc {
        what: "Finds builds of a workflow that make different things and write the same cache: `type=gha` with the same scope, \
               which is `buildkit` where none is named, or one reference of a registry.",
        why: "A cache is what one build exported. The next export under its name takes its place, so that of several builds the one \
              that ends last finds its steps again, and the others build theirs anew each time.",
        before: "on: push\njobs:\n  image:\n    strategy:\n      matrix:\n        platform: [linux/amd64, linux/arm64]\n    runs-on: ubuntu-latest\n    \
                 steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          \
                 platforms: ${{ matrix.platform }}\n          cache-from: type=gha\n          cache-to: type=gha,mode=max\n",
        after: "on: push\njobs:\n  image:\n    strategy:\n      matrix:\n        platform: [linux/amd64, linux/arm64]\n    runs-on: ubuntu-latest\n    \
                steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with:\n          \
                platforms: ${{ matrix.platform }}\n          cache-from: type=gha,scope=${{ matrix.platform }}\n          \
                cache-to: type=gha,scope=${{ matrix.platform }},mode=max\n",
        silent: "Builds of which one makes all that the others make; builds under different conditions, of which perhaps only one runs; \
                 a cache whose name is not known.",
        no_fix: None,
    }),
    ..Rule::PLAIN
};

pub(super) fn detect(context: &WorkflowContext<'_>, findings: &mut Vec<Diagnostic>) {
    let mut writers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (_, cost) in context.calls() {
        for &at in &cost.definitions {
            let caches = context.definition(at).map_or(&[][..], |definition| &definition.cache_to);
            for name in caches.iter().filter_map(place).collect::<BTreeSet<String>>() {
                writers.entry(name).or_default().push(at);
            }
        }
    }
    for (name, writers) in writers {
        let colliding = colliding(context, &writers);
        if colliding.len() < 2 {
            continue;
        }
        let places: BTreeSet<&Place> =
            colliding.iter().filter_map(|at| Some(&context.definition(*at)?.place)).collect();
        let scopes = Scopes::of(context, &colliding);
        let after = context.tried(|builds| {
            for (number, at) in colliding.iter().enumerate() {
                let Some(definition) = builds.definitions.get_mut(*at) else { continue };
                let own = |cache: &Text| {
                    let is_it = place(cache).as_ref() == Some(&name);
                    let text = cache.value().unwrap_or_default();
                    let rest = text.split(',').filter(|part| !part.trim().starts_with("scope="));
                    let rest: Vec<&str> = rest.collect();
                    if is_it {
                        Text::known(&format!("{},scope={number},ref={number}", rest.join(",")))
                    } else {
                        cache.clone()
                    }
                };
                definition.cache_from = definition.cache_from.iter().map(own).collect();
                definition.cache_to = definition.cache_to.iter().map(own).collect();
            }
        });
        let saving = context.saving_again(&after);
        let what = said(&name);
        for place in places {
            let message = format!(
                "{} different builds of this workflow write {what}, and each overwrites what the others keep",
                colliding.len()
            );
            let scope = scopes.as_ref().and_then(|scopes| scopes.at(place));
            let help = match scope {
                Some(scope) => {
                    format!("Give each a scope of its own in cache-from and cache-to: `scope={scope}`.")
                }
                None if name.starts_with("gha") => {
                    "Give each a scope of its own in cache-from and cache-to.".to_owned()
                }
                None => "Give each a reference of its own in cache-from and cache-to.".to_owned(),
            };
            let mut diagnostic = context.diagnostic(&RULE, place, message, help);
            diagnostic.saving = saving.map(Box::new);
            let edits = scope.filter(|_| name == "gha buildkit").and_then(|scope| {
                let (step, text) = context.step(place)?;
                scope_edits(&step, &text, scope)
            });
            diagnostic.fix = edits.map(|edits| {
                Box::new(Fix {
                    description: "give the cache of each build a scope of its own".to_owned(),
                    edits,
                    applicability: Applicability::Always,
                    licence: Vec::new(),
                })
            });
            if diagnostic.fix.is_none() {
                diagnostic.unfixed =
                    Some("no scope is known that is another one in each of the builds".into());
            }
            findings.push(diagnostic);
        }
    }
}

/// The cache, in words.
fn said(name: &str) -> String {
    match name.split_once(' ') {
        Some(("gha", "buildkit")) => "the cache type=gha without a scope".to_owned(),
        Some(("gha", scope)) => format!("the cache type=gha with the scope {scope}"),
        Some((_, reference)) => format!("the cache {reference}"),
        None => name.to_owned(),
    }
}

/// Those of the builds of which another one surely runs, too, and makes something else.
fn colliding(context: &WorkflowContext<'_>, writers: &[usize]) -> Vec<usize> {
    let of = |at: &usize| context.definition(*at);
    // One of each kind is enough to tell.
    let mut kinds: Vec<&Definition> = Vec::new();
    for definition in writers.iter().filter_map(of) {
        if kinds.len() < MAX_KINDS && !kinds.iter().any(|kind| is_same(kind, definition)) {
            kinds.push(definition);
        }
    }
    let collides = |at: &&usize| {
        let Some(own) = of(at) else { return false };
        kinds.iter().any(|other| {
            let holds = |whole, part| context.pricer.overlap(whole, part) == Overlap::All;
            conditions(context, own) == conditions(context, other)
                && !holds(*other, own)
                && !holds(own, *other)
        })
    };
    writers.iter().filter(collides).copied().collect()
}

/// Kinds of builds that are compared.
const MAX_KINDS: usize = 24;

fn is_same(a: &Definition, b: &Definition) -> bool {
    a.leg == b.leg && covers(a, b) && covers(b, a) && a.condition == b.condition
}

/// The conditions under which a build runs, as written.
fn conditions<'c>(context: &WorkflowContext<'c>, definition: &'c Definition) -> Vec<&'c str> {
    let mut conditions: Vec<&str> = definition.condition.as_deref().into_iter().collect();
    let leg = definition.leg.and_then(|leg| context.builds.legs.get(leg.index()));
    let mut job = leg.and_then(|leg| context.builds.jobs.get(leg.job.index()));
    while let Some(own) = job {
        conditions.extend(own.condition.as_deref());
        job = own.caller.and_then(|caller| context.builds.jobs.get(caller.index()));
    }
    conditions
}

/// A scope for each place that is another one in each of its builds.
struct Scopes(Vec<(Place, String)>);

impl Scopes {
    fn of(context: &WorkflowContext<'_>, colliding: &[usize]) -> Option<Self> {
        let mut by_place: BTreeMap<&Place, Vec<&Definition>> = BTreeMap::new();
        for definition in colliding.iter().filter_map(|at| context.definition(*at)) {
            // An action does not see the matrix of its caller.
            if !definition.via.is_empty() {
                return None;
            }
            by_place.entry(&definition.place).or_default().push(definition);
        }
        let is_one = by_place.len() == 1;
        let mut scopes: Vec<(Place, String)> = Vec::new();
        for (number, (place, definitions)) in by_place.into_iter().enumerate() {
            let varying = if definitions.len() > 1 { Some(varying(context, &definitions)?) } else { None };
            let leg = definitions.first().and_then(|first| context.builds.legs.get(first.leg?.index()))?;
            let job = &context.builds.jobs.get(leg.job.index())?.name;
            let is_taken = scopes.iter().any(|(_, scope)| scope.starts_with(job.as_str()));
            let name = if is_taken { format!("{job}-{}", number + 1) } else { job.clone() };
            let scope = match varying {
                Some(varying) if is_one => varying,
                Some(varying) => format!("{name}-{varying}"),
                None => name,
            };
            scopes.push((place.clone(), scope));
        }
        Some(Self(scopes))
    }

    fn at(&self, place: &Place) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == place).map(|(_, scope)| scope.as_str())
    }
}

/// The expression of a value of the matrix that is another one for each two builds that differ.
fn varying(context: &WorkflowContext<'_>, definitions: &[&Definition]) -> Option<String> {
    let matrices: Vec<&[(String, String)]> = definitions
        .iter()
        .map(|definition| Some(context.builds.legs.get(definition.leg?.index())?.matrix.as_slice()))
        .collect::<Option<_>>()?;
    let tells = |path: &str| {
        let value = |matrix: &[(String, String)]| {
            matrix.iter().find(|(own, _)| own == path).map(|(_, value)| value.clone())
        };
        let values: Option<Vec<String>> = matrices.iter().map(|matrix| value(matrix)).collect();
        values.is_some_and(|values| {
            let plain = |value: &String| {
                !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-:".contains(&b))
            };
            let distinct: BTreeSet<&String> = values.iter().collect();
            values.iter().all(plain) && distinct.len() == values.len()
        })
    };
    let names = matrices.first()?.iter().map(|(path, _)| path.as_str());
    let is_name = |path: &&str| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let mut names = names.filter(is_name).filter(|path| tells(path));
    names.next().map(|path| format!("${{{{ matrix.{path} }}}}"))
}
