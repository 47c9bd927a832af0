//! Blocks of targets and groups: names, matrices, and attributes as they are asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::variables::entries;
use super::{Engine, Place, Problem, decode, reference, schema};
use crate::bake::error::Error;
use crate::bake::limits::MAX_MATRIX;
use crate::bake::target::{Group, Target};
use crate::bake::value::{Type, Value, convert};

/// The attributes that blocks have.
pub(super) const TARGET: &[&str] = &[
    "annotations",
    "args",
    "attest",
    "cache-from",
    "cache-to",
    "call",
    "context",
    "contexts",
    "description",
    "dockerfile",
    "dockerfile-inline",
    "entitlements",
    "extra-hosts",
    "inherits",
    "labels",
    "network",
    "no-cache",
    "no-cache-filter",
    "output",
    "platforms",
    "policy",
    "pull",
    "resources",
    "secret",
    "shm-size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];
pub(super) const GROUP: &[&str] = &["description", "targets"];

/// What is known of a block.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The names that the matrix gives, for each expansion.
    pub(super) contexts: Vec<Vec<(SmolStr, Value)>>,
    expanded: bool,
    names: Vec<SmolStr>,
    outputs: Vec<Output>,
    done: Vec<BTreeSet<SmolStr>>,
    asked: Vec<BTreeSet<SmolStr>>,
}

/// What a block makes.
#[derive(Debug, Clone)]
pub(super) enum Output {
    Target(Box<Target>),
    Group(Group),
}

/// Names of blocks by the labels that they come from.
pub(super) type Renamed = BTreeMap<SmolStr, Vec<SmolStr>>;

impl Engine<'_> {
    /// Works out one attribute of the blocks of a name, or all.
    pub(super) fn resolve_named(
        &mut self,
        kind: &SmolStr,
        name: &SmolStr,
        wanted: Option<&SmolStr>,
    ) -> Result<(), Problem> {
        let blocks = self.by_name.get(&(kind.clone(), name.clone())).cloned().unwrap_or_default();
        for block in blocks {
            self.deeper(|engine| engine.resolve_block(block, wanted))?;
        }
        Ok(())
    }

    /// The expansions of a block's matrix, or itself.
    fn expand(&mut self, index: usize) -> Result<(), Problem> {
        let Some(block) = self.blocks.get(index).copied() else { return Ok(()) };
        if self.states.get(index).is_some_and(|state| state.expanded) {
            return Ok(());
        }
        let file = &block.origin.file;
        let mut contexts = vec![Vec::new()];
        if let Some(matrix) = attribute(block, "matrix")? {
            if block.kind == "group" {
                return Err(Problem::Plain("a group has no matrix".to_owned()));
            }
            self.load(Place::Top, &matrix.expr, file, &[], true)?;
            let value = self.value(Place::Top, &matrix.expr, file)?;
            let Some(axes) = entries(&value) else {
                return Err(Problem::Plain("a matrix is a map of lists".to_owned()));
            };
            for (name, values) in axes {
                let Some(values) = values.elements() else {
                    return Err(Problem::Plain(format!("`{name}` of the matrix is no list")));
                };
                self.bound(contexts.len().saturating_mul(values.len()))?;
                let mut more = Vec::with_capacity(contexts.len() * values.len());
                for value in values {
                    for context in &contexts {
                        let mut context: Vec<(SmolStr, Value)> = context.clone();
                        context.push((name.clone(), value.clone()));
                        more.push(context);
                    }
                }
                contexts = more;
            }
        }
        self.bound(contexts.len())?;
        self.expansions += contexts.len();
        let output = match block.kind.as_str() {
            "group" => Output::Group(Group::default()),
            _ => Output::Target(Box::default()),
        };
        if let Some(state) = self.states.get_mut(index) {
            state.outputs = vec![output; contexts.len()];
            state.done = vec![BTreeSet::new(); contexts.len()];
            state.asked = vec![BTreeSet::new(); contexts.len()];
            state.contexts = contexts;
            state.expanded = true;
        }
        Ok(())
    }

    fn bound(&self, count: usize) -> Result<(), Problem> {
        if self.expansions.saturating_add(count) > MAX_MATRIX {
            return Err(Problem::Plain(format!("more than {MAX_MATRIX} targets, which is the limit")));
        }
        Ok(())
    }

    /// Where expressions of an expansion are evaluated.
    fn place(&self, block: usize, expansion: usize) -> Place {
        let matrix = self.states.get(block).and_then(|state| state.contexts.get(expansion));
        if matrix.is_none_or(Vec::is_empty) { Place::Top } else { Place::Expansion(block, expansion) }
    }

    /// Gives every block its names.
    pub(super) fn name_blocks(&mut self) -> Result<Renamed, Error> {
        let mut by_name: BTreeMap<(SmolStr, SmolStr), Vec<usize>> = BTreeMap::new();
        let mut renamed = Renamed::new();
        for index in 0..self.blocks.len() {
            let names = self.names_of(index).map_err(|problem| self.of_block(index, problem))?;
            let Some(block) = self.blocks.get(index) else { continue };
            let label = block.labels.first().cloned().unwrap_or_default();
            for name in &names {
                by_name.entry((block.kind.clone(), name.clone())).or_default().push(index);
                if block.kind == "target" {
                    renamed.entry(label.clone()).or_default().push(name.clone());
                }
            }
            if let Some(state) = self.states.get_mut(index) {
                state.names = names;
            }
        }
        self.by_name = by_name.into_iter().collect();
        Ok(renamed)
    }

    fn names_of(&mut self, index: usize) -> Result<Vec<SmolStr>, Problem> {
        self.expand(index)?;
        let Some(block) = self.blocks.get(index).copied() else { return Ok(Vec::new()) };
        let label = block.labels.first().cloned().unwrap_or_default();
        let count = self.states.get(index).map_or(0, |state| state.contexts.len());
        let name = attribute(block, "name")?;
        if count > 0 {
            valid(&label)?;
        }
        if name.is_some() && block.kind == "group" {
            return Err(Problem::Plain("a group has no `name`; its label is its name".to_owned()));
        }
        if name.is_some() && attribute(block, "matrix")?.is_none() {
            return Err(Problem::Plain("`name` is for targets with a matrix".to_owned()));
        }
        let mut names = Vec::new();
        let mut seen = BTreeSet::new();
        for expansion in 0..count {
            let own = match name {
                None => label.clone(),
                Some(name) => {
                    let (place, file) = (self.place(index, expansion), &block.origin.file);
                    self.load(place, &name.expr, file, &[], true)?;
                    let value = self.value(place, &name.expr, file)?;
                    let text = convert(&value, &Type::String).map_err(Problem::Plain)?;
                    text.as_str()
                        .map(SmolStr::new)
                        .ok_or_else(|| Problem::Plain("a name is null".to_owned()))?
                }
            };
            valid(&own)?;
            if !seen.insert(own.clone()) {
                return Err(Problem::Plain(format!("the matrix makes two targets called {own:?}")));
            }
            names.push(own);
        }
        Ok(names)
    }

    /// Works out one attribute of a block, or all that are left.
    fn resolve_block(&mut self, index: usize, wanted: Option<&SmolStr>) -> Result<(), Problem> {
        let Some(block) = self.blocks.get(index).copied() else { return Ok(()) };
        self.globals.entry(block.kind.clone()).or_insert_with(|| Value::object(BTreeMap::new()));
        self.expand(index)?;
        let known: &[&str] = if block.kind == "group" { GROUP } else { TARGET };
        let count = self.states.get(index).map_or(0, |state| state.contexts.len());
        for expansion in 0..count {
            if let Some(wanted) = wanted {
                let Some(state) = self.states.get_mut(index) else { return Ok(()) };
                if state.done.get(expansion).is_some_and(|done| done.contains(wanted)) {
                    return Ok(());
                }
                if state.asked.get_mut(expansion).is_some_and(|asked| !asked.insert(wanted.clone())) {
                    let name = state.names.get(expansion).cloned().unwrap_or_default();
                    return Err(Problem::Plain(format!("{}.{name}.{wanted} refers to itself", block.kind)));
                }
            }
            let done = self.states.get(index).and_then(|state| state.done.get(expansion)).cloned();
            let done = done.unwrap_or_default();
            let mut attributes = Vec::new();
            for name in known {
                let asked = wanted.map_or(!done.contains(*name), |wanted| wanted == name);
                if asked && let Some(attribute) = attribute(block, name)? {
                    attributes.push(attribute);
                }
            }
            attributes.sort_by_key(|attribute| attribute.span.start);
            let file = &block.origin.file;
            let missing = block.kind == "group" && wanted.is_none_or(|wanted| wanted == "targets");
            if missing && attribute(block, "targets")?.is_none() && !done.contains("targets") {
                return Err(Problem::Plain("a group has `targets`".to_owned()));
            }
            let place = self.place(index, expansion);
            for attribute in &attributes {
                self.load(place, &attribute.expr, file, &[], true)?;
            }
            for attribute in &attributes {
                let value = self.value(place, &attribute.expr, file)?;
                let Some(state) = self.states.get_mut(index) else { return Ok(()) };
                let Some(output) = state.outputs.get_mut(expansion) else { return Ok(()) };
                decode::attribute(output, &attribute.name, &value).map_err(|error| {
                    super::of_expression(
                        Problem::Plain(format!("`{}`: {error}", attribute.name)),
                        &attribute.expr,
                        file,
                    )
                })?;
                if let Some(done) = state.done.get_mut(expansion) {
                    done.insert(attribute.name.clone());
                }
            }
            self.publish(index, expansion, wanted);
        }
        Ok(())
    }

    /// Makes what is known of a block known to expressions.
    fn publish(&mut self, index: usize, expansion: usize, wanted: Option<&SmolStr>) {
        let Some(block) = self.blocks.get(index) else { return };
        let Some(state) = self.states.get_mut(index) else { return };
        if let Some(wanted) = wanted
            && let Some(done) = state.done.get_mut(expansion)
        {
            done.insert(wanted.clone());
        }
        let label = block.labels.first().cloned().unwrap_or_default();
        let name = state.names.get(expansion).cloned().unwrap_or(label);
        let Some(output) = state.outputs.get_mut(expansion) else { return };
        match output {
            Output::Target(target) => target.name = name.to_string(),
            Output::Group(group) => group.name = name.to_string(),
        }
        let value = reference::value(output);
        let mut all = self.globals.get(&block.kind).and_then(Value::entries).cloned().unwrap_or_default();
        all.insert(name, value);
        self.globals.insert(block.kind.clone(), Value::object(all));
    }

    /// Works out all blocks, and merges those of one name.
    pub(super) fn resolve_blocks(&mut self) -> Result<(), Error> {
        let mut first = None;
        for index in 0..self.blocks.len() {
            if let Err(problem) = self.resolve_block(index, None) {
                first.get_or_insert(self.of_block(index, problem));
                continue;
            }
            let Some(block) = self.blocks.get(index).copied() else { continue };
            let outputs = self.states.get(index).map(|state| state.outputs.clone()).unwrap_or_default();
            for output in outputs {
                match output {
                    Output::Target(mut target) => {
                        reference::set_bases(&mut target, block);
                        match self.result.targets.iter_mut().find(|other| other.name == target.name) {
                            Some(other) => other.merge(&target),
                            None => self.result.targets.push(*target),
                        }
                    }
                    Output::Group(group) => {
                        match self.result.groups.iter_mut().find(|other| other.name == group.name) {
                            Some(other) => *other = group,
                            None => self.result.groups.push(group),
                        }
                    }
                }
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// Groups of what matrices expand to.
    pub(super) fn add_groups(&mut self, renamed: Renamed) {
        for (label, names) in renamed {
            let mut seen = BTreeSet::new();
            let names: Vec<String> =
                names.iter().filter(|name| seen.insert((*name).clone())).map(ToString::to_string).collect();
            if !matches!(&names[..], [only] if *only == label.as_str()) {
                self.result.groups.push(Group {
                    name: label.to_string(),
                    targets: names,
                    ..Group::default()
                });
            }
        }
    }
}

/// Names of targets and groups are of letters, digits, `_` and `-`.
pub(in crate::bake) fn is_valid_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn valid(name: &str) -> Result<(), Problem> {
    if is_valid_name(name) {
        return Ok(());
    }
    Err(Problem::Plain(format!("{name:?} is no name; names are of letters, digits, `_` and `-`")))
}

fn attribute<'a>(
    block: &'a crate::bake::syntax::Block,
    name: &str,
) -> Result<Option<&'a crate::bake::syntax::Attribute>, Problem> {
    schema::attribute(block, name).map_err(|error| match error.place {
        Some((file, span)) => {
            let file: Arc<_> = file;
            crate::bake::error::Fault { message: error.message, span, file }.into()
        }
        None => Problem::Plain(error.message),
    })
}
