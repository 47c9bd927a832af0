//! Which rule makes a target.

use super::functions::stem;
use super::{Makefile, RecipeLine, Rule};

/// How one target is made.
pub(super) struct Way {
    pub(super) prerequisites: Vec<String>,
    pub(super) recipe: Vec<RecipeLine>,
    /// What `%` stands for.
    pub(super) stem: String,
}

impl Makefile {
    /// The rules that make a target, explicit ones joined; a pattern's recipe where none has one.
    pub(super) fn way(&self, target: &str) -> Option<Way> {
        let mut way = Way { prerequisites: Vec::new(), recipe: Vec::new(), stem: String::new() };
        let mut found = false;
        for rule in self.rules.iter().filter(|rule| rule.targets.iter().any(|own| own == target)) {
            found = true;
            let stem = rule.pattern.as_deref().and_then(|pattern| stem(pattern, target)).unwrap_or_default();
            if !rule.recipe.is_empty() {
                way.recipe.clone_from(&rule.recipe);
                stem.clone_into(&mut way.stem);
            }
            way.prerequisites.extend(with_stem(rule, stem));
        }
        if way.recipe.is_empty() {
            // Of the patterns that fit, the one with the shortest stem.
            let patterns = self.rules.iter().filter(|rule| !rule.recipe.is_empty()).filter_map(|rule| {
                let stem = rule.targets.iter().find_map(|own| stem(own, target))?;
                Some((rule, stem))
            });
            if let Some((rule, stem)) = patterns.min_by_key(|(_, stem)| stem.len()) {
                found = true;
                way.recipe.clone_from(&rule.recipe);
                stem.clone_into(&mut way.stem);
                way.prerequisites.extend(with_stem(rule, stem));
            }
        }
        found.then_some(way)
    }
}

fn with_stem<'r>(rule: &'r Rule, stem: &'r str) -> impl Iterator<Item = String> + 'r {
    rule.prerequisites.iter().map(move |name| name.replacen('%', stem, 1))
}
