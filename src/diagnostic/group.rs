//! Many diagnostics as a person reads them: the same thing once, the worst first.

use std::cmp::Reverse;

use super::{Diagnostic, Place, Severity};
use crate::units::Nanos;

/// Puts what is worth most first: what is wrong in an image or stops a build, then what costs most time, then the rest by how
/// bad it is; else in the order they have.
pub fn by_worth(found: &mut [Diagnostic]) {
    let time = |diagnostic: &Diagnostic| {
        diagnostic.saving.as_ref().and_then(|saving| saving.time()).unwrap_or(Nanos::ZERO)
    };
    found.sort_by_key(|diagnostic| {
        (diagnostic.severity != Severity::Error, Reverse(time(diagnostic)), Reverse(diagnostic.severity))
    });
}

/// What is the very same on several lines as one diagnostic with several places. What saves something of its own stays apart,
/// and so does what does not count.
pub fn grouped(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut groups: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for diagnostic in found {
        match groups.iter_mut().find(|group| is_same(group, &diagnostic)) {
            Some(group) => add(group, diagnostic),
            None => groups.push(diagnostic),
        }
    }
    groups
}

/// Whether two diagnostics differ in nothing but where they are.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    let alone = |one: &Diagnostic| {
        one.saving.is_none() && one.labels.is_empty() && one.counts() && !one.rule.stops_build()
    };
    a.rule == b.rule
        && a.message == b.message
        && a.severity == b.severity
        && a.help == b.help
        && a.recipe == b.recipe
        && a.fix.as_ref().map(|fix| (&fix.description, fix.applicability))
            == b.fix.as_ref().map(|fix| (&fix.description, fix.applicability))
        && alone(a)
        && alone(b)
}

/// Adds the place of a diagnostic to another that is the same, and its change.
fn add(group: &mut Diagnostic, one: Diagnostic) {
    let place = Place { line: one.line, span: one.span };
    if place != (Place { line: group.line, span: group.span }) && !group.also.contains(&place) {
        group.also.push(place);
    }
    if let (Some(fix), Some(other)) = (&mut group.fix, one.fix) {
        let overlaps = |edit: &super::Edit| {
            fix.edits.iter().any(|known| edit.span.start < known.span.end && known.span.start < edit.span.end)
        };
        if !other.edits.iter().any(overlaps) {
            let new = other.edits.into_iter().filter(|edit| !fix.edits.contains(edit)).collect::<Vec<_>>();
            fix.edits.extend(new);
        }
        let new =
            other.licence.into_iter().filter(|allowed| !fix.licence.contains(allowed)).collect::<Vec<_>>();
        fix.licence.extend(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Doc, Price, Rule, Saving};
    use crate::source::Line;

    static RULE: Rule = Rule { code: "a-rule", doc: Some(DOC), ..Rule::PLAIN };
    /// With a page: what has none stops a build, and is never grouped.
    const DOC: Doc = Doc { what: "", why: "", before: "", after: "", silent: "", no_fix: None };

    fn at(line: u32, message: &str) -> Diagnostic {
        Diagnostic::new(&RULE, message).at(Line(line))
    }

    #[test]
    fn the_same_on_several_lines_is_one() {
        let groups = grouped(vec![at(1, "a"), at(2, "b"), at(3, "a"), at(4, "a"), at(3, "a")]);
        let seen: Vec<_> = groups
            .iter()
            .map(|one| {
                (
                    one.line.map(|l| l.0),
                    one.also.iter().filter_map(|p| p.line).map(|l| l.0).collect::<Vec<_>>(),
                )
            })
            .collect();
        assert_eq!(seen, [(Some(1), vec![3, 4]), (Some(2), vec![])]);
    }

    #[test]
    fn wrong_images_come_first_then_minutes() {
        let saving = |seconds: u64| {
            let price = |time| Price { makespan: Some(Nanos(time)), ..Price::default() };
            Some(Box::new(Saving {
                before: price(100_000_000_000),
                after: price(100_000_000_000 - seconds * 1_000_000_000),
            }))
        };
        let mut found = vec![
            Diagnostic { severity: Severity::Note, ..at(1, "note") },
            at(2, "warning"),
            Diagnostic { saving: saving(5), ..at(3, "5 s") },
            Diagnostic { saving: saving(50), severity: Severity::Note, ..at(4, "50 s") },
            Diagnostic { severity: Severity::Error, ..at(5, "error") },
        ];
        by_worth(&mut found);
        let order: Vec<&str> = found.iter().map(|one| &*one.message).collect();
        assert_eq!(order, ["error", "50 s", "5 s", "warning", "note"]);
    }
}
