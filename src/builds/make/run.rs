//! A call of make: its command line, its targets, their recipes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Recipe;
use super::super::definition::Tool;
use super::super::path::join;
use super::super::shell::{Script, Shell, State};
use super::super::site::{MAX_SAME, Site};
use super::super::text::{is_known, may_be_words, unsplit, with_gaps};
use super::super::world::World;
use super::expand::Expander;
use super::read::{Reading, default_file};
use super::rules::Way;
use super::{MAX_DEPTH, Makefile, Origin, RecipeLine, Variable};

/// What is given to make.
#[derive(Default)]
struct Given {
    folder: String,
    file: Option<String>,
    goals: Vec<String>,
    overrides: Vec<(String, String)>,
    dry: bool,
}

/// Options of make that take a value as a word of its own.
const WITH_VALUE: &[&str] = &["-I", "-o", "-W", "--include-dir", "--old-file", "--what-if", "-E", "--eval"];

fn given(args: &[String], folder: &str) -> Given {
    let mut given = Given { folder: folder.to_owned(), ..Given::default() };
    let mut args = args.iter().map(|arg| (may_be_words(arg), unsplit(arg)));
    while let Some((hidden, arg)) = args.next() {
        if hidden {
            continue;
        }
        let mut value = |prefix: &str| match arg.strip_prefix(prefix) {
            Some(rest) if !rest.is_empty() => Some(rest.trim_start_matches('=').to_owned()),
            _ => args.next().map(|(_, value)| value),
        };
        if arg == "-C" || arg.starts_with("-C") || arg.starts_with("--directory") {
            if let Some(to) = value(if arg.starts_with("-C") { "-C" } else { "--directory" }) {
                given.folder = join(&given.folder, &to);
            }
        } else if arg.starts_with("-f") || arg.starts_with("--file") || arg.starts_with("--makefile") {
            let prefix = if arg.starts_with("-f") {
                "-f"
            } else if arg.starts_with("--file") {
                "--file"
            } else {
                "--makefile"
            };
            given.file = value(prefix);
        } else if WITH_VALUE.contains(&arg.as_str()) {
            args.next();
        } else if arg == "-n" || arg == "--dry-run" || arg == "--just-print" || arg == "-q" {
            given.dry = true;
        } else if arg.starts_with('-') {
            // `-j 4`: the number is no goal.
        } else if let Some((name, value)) = arg.split_once('=') {
            given.overrides.push((name.trim_end_matches([':', '?', '+']).to_owned(), value.to_owned()));
        } else if !arg.chars().all(|c| c.is_ascii_digit()) {
            given.goals.push(arg);
        }
    }
    given
}

/// Follows a call of make with these arguments.
pub(in crate::builds) fn run(
    world: &mut World<'_>,
    site: &mut Site,
    args: &[String],
    folder: &str,
    environment: &BTreeMap<String, String>,
    depth: u32,
) {
    let given = given(args, folder);
    if depth > MAX_DEPTH || given.dry || !is_known(&given.folder) {
        return;
    }
    let file = match &given.file {
        Some(file) => site.inside(&join(&given.folder, file)).filter(|file| world.repo.has_file(file)),
        None => default_file(world, site, &given.folder),
    };
    let Some(file) = file else { return };
    let key = (file.clone(), format!("{:?} {:?}", given.goals, given.overrides));
    let same = site.makes.iter().filter(|(own, _)| *own == file).count();
    if site.makes.contains(&key) || same >= MAX_SAME {
        return;
    }
    let mut overrides = site.overrides.clone();
    overrides.extend(given.overrides);
    let makefile = read(world, site, &file, &given.folder, environment, &overrides);
    let outer = std::mem::replace(&mut site.overrides, overrides);
    site.makes.push(key);
    let tool = std::mem::replace(&mut site.tool, Tool::Make);
    let goals =
        if given.goals.is_empty() { makefile.goal.clone().into_iter().collect() } else { given.goals };
    let mut call =
        Call { world, site, makefile, folder: given.folder, environment, depth, done: BTreeSet::new() };
    for goal in goals {
        call.target(&goal);
    }
    site.tool = tool;
    site.makes.pop();
    site.overrides = outer;
}

fn read(
    world: &mut World<'_>,
    site: &Site,
    file: &str,
    folder: &str,
    environment: &BTreeMap<String, String>,
    overrides: &[(String, String)],
) -> Makefile {
    let mut makefile = Makefile::default();
    let plain =
        |value: &String, origin| Variable { value: value.clone(), recursive: false, origin, exported: true };
    for (name, value) in environment {
        makefile.variables.insert(name.clone(), plain(value, Origin::Environment));
    }
    for (name, value) in overrides {
        makefile.variables.insert(name.clone(), plain(value, Origin::CommandLine));
    }
    let mut reading = Reading { world, site, folder: folder.to_owned(), make: makefile, includes: 0 };
    reading.file(file, 0);
    reading.make
}

/// A call of make that runs.
struct Call<'w, 'r> {
    world: &'w mut World<'r>,
    site: &'w mut Site,
    makefile: Makefile,
    folder: String,
    environment: &'w BTreeMap<String, String>,
    depth: u32,
    done: BTreeSet<String>,
}

impl Call<'_, '_> {
    /// Makes a target and what it needs.
    fn target(&mut self, name: &str) {
        if self.world.has_enough_recipes() {
            return;
        }
        let Some(way) = self.makefile.way(name) else { return };
        if !self.done.insert(name.to_owned()) || !self.world.enter() {
            return;
        }
        self.make_by(name, &way);
        self.world.leave();
    }

    fn make_by(&mut self, name: &str, way: &Way) {
        let saved = self.set_for(name);
        for prerequisite in &way.prerequisites {
            self.target(prerequisite);
        }
        let locals = vec![
            ("@".to_owned(), name.to_owned()),
            ("<".to_owned(), way.prerequisites.first().cloned().unwrap_or_default()),
            ("^".to_owned(), way.prerequisites.join(" ")),
            ("*".to_owned(), way.stem.clone()),
        ];
        self.recipe(&way.recipe, &locals);
        for (name, variable) in saved {
            match variable {
                Some(variable) => self.makefile.variables.insert(name, variable),
                None => self.makefile.variables.remove(&name),
            };
        }
    }

    /// Sets the variables of a target; what they were before.
    fn set_for(&mut self, target: &str) -> Vec<(String, Option<Variable>)> {
        let fits = |pattern: &str| pattern == target || super::functions::stem(pattern, target).is_some();
        let own: Vec<_> =
            self.makefile.target_variables.iter().filter(|own| fits(&own.target)).cloned().collect();
        let mut saved = Vec::new();
        for variable in own {
            saved.push((variable.name.clone(), self.makefile.variables.get(&variable.name).cloned()));
            let makefile = std::mem::take(&mut self.makefile);
            let mut reading = Reading {
                world: self.world,
                site: self.site,
                folder: self.folder.clone(),
                make: makefile,
                includes: 0,
            };
            reading.assign(&variable.name, &variable.operator, &variable.value, Origin::File, false);
            self.makefile = reading.make;
        }
        saved.reverse();
        saved
    }

    fn recipe(&mut self, recipe: &[RecipeLine], locals: &[(String, String)]) {
        if recipe.is_empty() {
            return;
        }
        let environment = self.exported();
        if self.makefile.one_shell {
            let text: Vec<&str> = recipe.iter().map(|line| line.text.as_str()).collect();
            let whole = RecipeLine { text: text.join("\n"), ..recipe[0].clone() };
            self.line(&whole, locals, &environment);
            return;
        }
        for line in recipe {
            self.line(line, locals, &environment);
        }
    }

    fn line(
        &mut self,
        line: &RecipeLine,
        locals: &[(String, String)],
        environment: &BTreeMap<String, String>,
    ) {
        let mut expander = Expander::new(&self.makefile, self.world.repo, &self.folder);
        expander.locals = locals.to_vec();
        let text = expander.expand(line.text.trim_start_matches(['@', '-', '+', ' ', '\t']));
        // What a `define` stands for is a line of the recipe each, with signs of its own.
        let canned =
            line.text.trim_start_matches(['@', '-', '+', ' ', '\t']).starts_with("$(") && text.contains('\n');
        let texts: Vec<String> = if canned && !text.contains("\\\n") && !self.makefile.one_shell {
            text.lines().map(str::to_owned).collect()
        } else {
            vec![text]
        };
        for text in texts {
            let text = text.trim_start_matches(['@', '-', '+', ' ', '\t']).to_owned();
            if let Some(recipes) = &mut self.world.recipes {
                let environment =
                    environment.iter().map(|(name, value)| (name.clone(), with_gaps(value))).collect();
                recipes.push(Recipe { script: with_gaps(&text), environment });
                continue;
            }
            let script = Script::new(text, &line.file, line.line);
            let state = State::new(&self.folder, environment);
            self.site.tool = Tool::Make;
            Shell::run(self.world, self.site, &script, state, self.depth + 1);
        }
    }

    /// The environment of recipes.
    fn exported(&mut self) -> BTreeMap<String, String> {
        let mut environment = self.environment.clone();
        let names: Vec<String> = self
            .makefile
            .variables
            .iter()
            .filter(|(_, variable)| variable.exported || self.makefile.export_all)
            .map(|(name, _)| name.clone())
            .collect();
        let mut expander = Expander::new(&self.makefile, self.world.repo, &self.folder);
        for name in names {
            environment.insert(name.clone(), expander.variable(&name));
        }
        environment
    }
}
