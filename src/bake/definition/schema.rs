//! What the top level of a definition holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::bake::error::{Error, Fault};
use crate::bake::syntax::{Attribute, Block, Body};
use crate::source::{Source, Span};

/// A `variable` block.
#[derive(Debug, Clone)]
pub(super) struct Variable<'a> {
    pub(super) ty: Option<&'a Attribute>,
    pub(super) default: Option<&'a Attribute>,
    /// Conditions with their messages.
    pub(super) validations: Vec<Validation<'a>>,
    pub(super) span: Span,
    pub(super) file: Arc<Source>,
}

#[derive(Debug, Clone)]
pub(super) struct Validation<'a> {
    pub(super) condition: Option<&'a Attribute>,
    pub(super) message: Option<&'a Attribute>,
    pub(super) span: Span,
}

/// A `function` block.
#[derive(Debug, Clone)]
pub(super) struct FunctionDef<'a> {
    pub(super) params: Option<&'a Attribute>,
    pub(super) variadic: Option<&'a Attribute>,
    pub(super) result: Option<&'a Attribute>,
    pub(super) span: Span,
    pub(super) file: Arc<Source>,
}

/// All files of a definition, sorted by what things are.
#[derive(Debug, Default)]
pub(super) struct Inputs<'a> {
    pub(super) variables: BTreeMap<SmolStr, Variable<'a>>,
    pub(super) functions: BTreeMap<SmolStr, FunctionDef<'a>>,
    pub(super) attributes: BTreeMap<SmolStr, &'a Attribute>,
    pub(super) blocks: Vec<&'a Block>,
}

fn fault(message: impl Into<String>, file: &Arc<Source>, span: Span) -> Error {
    Fault { message: message.into(), span, file: Arc::clone(file) }.into()
}

impl<'a> Inputs<'a> {
    pub(super) fn of(bodies: &'a [Body], builtin: &BTreeMap<&'static str, String>) -> Result<Self, Error> {
        let mut inputs = Self::default();
        let reserved = |name: &str| matches!(name, "group" | "target") || builtin.contains_key(name);
        for body in bodies {
            if let Some((message, span, file)) = body.fault() {
                return Err(fault(message, file, span));
            }
            for block in &body.blocks {
                let file = &block.origin.file;
                if !matches!(block.kind.as_str(), "variable" | "function" | "group" | "target") {
                    // Blocks of other kinds mean nothing and are no error.
                    continue;
                }
                let [name] = &block.labels[..] else {
                    return Err(fault(format!("a {} has one label, its name", block.kind), file, block.span));
                };
                if let Some((message, span)) = block.body.faults.first() {
                    return Err(fault(message.clone(), file, *span));
                }
                match block.kind.as_str() {
                    "variable" => {
                        let variable = variable(block)?;
                        if !reserved(name) {
                            inputs.variables.insert(name.clone(), variable);
                        }
                    }
                    "function" => {
                        let function = function(block)?;
                        if !reserved(name) {
                            inputs.functions.insert(name.clone(), function);
                        }
                    }
                    _ => inputs.blocks.push(block),
                }
            }
        }
        for body in bodies {
            inputs.add_attributes(body, &reserved)?;
        }
        Ok(inputs)
    }

    /// The attributes of a file; those of later files win.
    fn add_attributes(&mut self, body: &'a Body, reserved: &dyn Fn(&str) -> bool) -> Result<(), Error> {
        let mut own: Vec<&SmolStr> = Vec::new();
        for attribute in &body.attributes {
            if own.contains(&&attribute.name) {
                let message = format!("`{}` is set twice", attribute.name);
                return Err(fault(message, &attribute.origin.file, attribute.span));
            }
            own.push(&attribute.name);
            if !reserved(&attribute.name) {
                self.attributes.insert(attribute.name.clone(), attribute);
            }
        }
        Ok(())
    }
}

/// An attribute of a block. In JSON it may stand there twice.
pub(super) fn attribute<'a>(block: &'a Block, name: &str) -> Result<Option<&'a Attribute>, Error> {
    let mut found = block.body.attributes.iter().filter(|attribute| attribute.name == name);
    let first = found.next();
    match found.next() {
        Some(second) => Err(fault(format!("`{name}` is set twice"), &block.origin.file, second.span)),
        None => Ok(first),
    }
}

fn variable(block: &Block) -> Result<Variable<'_>, Error> {
    let file = &block.origin.file;
    if let Some(description) = attribute(block, "description")? {
        super::decode::literal_text(&description.expr, file)?;
    }
    let mut validations = Vec::new();
    for inner in block.body.blocks.iter().filter(|inner| inner.kind == "validation") {
        if !inner.labels.is_empty() {
            return Err(fault("a validation has no label", file, inner.span));
        }
        if let Some((message, span)) = inner.body.faults.first() {
            return Err(fault(message.clone(), file, *span));
        }
        let unknown =
            |attribute: &&Attribute| !matches!(attribute.name.as_str(), "condition" | "error_message");
        if let Some(other) = inner.body.attributes.iter().find(unknown) {
            return Err(fault(format!("a validation has no `{}`", other.name), file, other.span));
        }
        if let Some(other) = inner.body.blocks.first() {
            return Err(fault("a validation has no blocks", file, other.span));
        }
        validations.push(Validation {
            condition: attribute(inner, "condition")?,
            message: attribute(inner, "error_message")?,
            span: inner.span,
        });
    }
    Ok(Variable {
        ty: attribute(block, "type")?,
        default: attribute(block, "default")?,
        validations,
        span: block.span,
        file: Arc::clone(file),
    })
}

fn function(block: &Block) -> Result<FunctionDef<'_>, Error> {
    let known = ["params", "variadic_params", "result"];
    if let Some(other) = block.body.attributes.iter().find(|other| !known.contains(&other.name.as_str())) {
        return Err(fault(format!("a function has no `{}`", other.name), &block.origin.file, other.span));
    }
    if let Some(other) = block.body.blocks.first() {
        return Err(fault("a function has no blocks", &block.origin.file, other.span));
    }
    Ok(FunctionDef {
        params: attribute(block, "params")?,
        variadic: attribute(block, "variadic_params")?,
        result: attribute(block, "result")?,
        span: block.span,
        file: Arc::clone(&block.origin.file),
    })
}
