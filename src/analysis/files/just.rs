//! The recipes of a `justfile`.

use super::{Asked, View, gaps, within};
use crate::shell::interpret::Followed;

/// Recipes are followed through so many others.
const MAX_DEPTH: u32 = 8;

/// Recipes beyond this many are not followed.
const MAX_RECIPES: usize = 64;

/// The scripts that a call of just runs.
pub(super) fn scripts(view: &View<'_>, asked: &Asked) -> Option<Vec<Followed>> {
    let folder = asked.path(asked.option(&["-d", "--working-directory"]).unwrap_or("."))?;
    let text = view.read_any(&folder, &["justfile", "Justfile", ".justfile"])?;
    let recipes = recipes(text);
    let wanted: Vec<&str> = asked.plain().filter(|word| !word.contains('=')).collect();
    let mut order = Vec::new();
    match wanted.first() {
        None => collect(&recipes, recipes.first()?.name, 0, &mut order),
        // What is no recipe is an argument of the one before it.
        Some(_) => wanted.iter().for_each(|name| collect(&recipes, name, 0, &mut order)),
    }
    let scripts = order.into_iter().map(|recipe| within(&folder, &asked.dir, &recipe.script()));
    Some(scripts.collect())
}

struct Recipe<'t> {
    name: &'t str,
    before: Vec<&'t str>,
    after: Vec<&'t str>,
    lines: Vec<&'t str>,
}

impl Recipe<'_> {
    /// Its lines as one script, a NUL for each `{{…}}`.
    fn script(&self) -> String {
        let lines = self.lines.iter().map(|line| line.trim_start_matches(['@', '-']));
        gaps(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// The recipes of a text, in its order. Source: the grammar in just's documentation; modules and imports are not followed.
fn recipes(text: &str) -> Vec<Recipe<'_>> {
    let mut recipes: Vec<Recipe<'_>> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let (true, Some(recipe)) = (is_open, recipes.last_mut()) {
                recipe.lines.push(line.trim());
            }
            continue;
        }
        let head = line.trim_start_matches('@').split_once(':').filter(|(_, rest)| !rest.starts_with('='));
        let name = head.and_then(|(head, _)| head.split_ascii_whitespace().next());
        is_open = line.is_empty() && is_open || name.is_some() && !line.starts_with(['#', '[']);
        if let (true, Some(name), Some((_, rest))) = (is_open, name, head) {
            let (before, after) = rest.split_once("&&").unwrap_or((rest, ""));
            recipes.push(Recipe { name, before: words(before), after: words(after), lines: Vec::new() });
        }
    }
    recipes
}

/// The words of a list of recipes; `(recipe argument)` names a recipe too.
fn words(text: &str) -> Vec<&str> {
    text.split_ascii_whitespace().map(|word| word.trim_matches(['(', ')'])).collect()
}

/// A recipe with those that it needs, each once.
fn collect<'r, 't>(recipes: &'r [Recipe<'t>], name: &str, depth: u32, order: &mut Vec<&'r Recipe<'t>>) {
    let Some(recipe) = recipes.iter().find(|recipe| recipe.name == name) else { return };
    let is_there = order.iter().any(|known| known.name == name);
    if is_there || depth > MAX_DEPTH || order.len() >= MAX_RECIPES {
        return;
    }
    recipe.before.iter().for_each(|name| collect(recipes, name, depth + 1, order));
    order.push(recipe);
    recipe.after.iter().for_each(|name| collect(recipes, name, depth + 1, order));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_come_after_what_they_need() {
        let text = "set shell := [\"bash\"]\nx := \"1\"\n\n# all\nbuild mode=\"release\": fetch (gen \"a\") && check\n    @go build -tags {{mode}} ./...\n\n    echo done\nfetch:\n\tgo mod download\ngen a:\n\techo {{a}}\ncheck:\n";
        let recipes = recipes(text);
        let mut order = Vec::new();
        collect(&recipes, "build", 0, &mut order);
        let names: Vec<&str> = order.iter().map(|recipe| recipe.name).collect();
        assert_eq!(names, ["fetch", "gen", "build", "check"]);
        assert_eq!(order[2].script(), "go build -tags \0 ./...\necho done");
    }
}
