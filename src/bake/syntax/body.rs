//! Attributes and blocks, the same for HCL and JSON.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Expr, Origin};
use crate::source::{Source, Span};

/// A body: of a file or a block.
#[derive(Debug, Default)]
pub(in crate::bake) struct Body {
    pub(in crate::bake) attributes: Vec<Attribute>,
    pub(in crate::bake) blocks: Vec<Block>,
    pub(in crate::bake) span: Span,
    /// What makes the body unusable once it is asked for.
    pub(in crate::bake) faults: Vec<(String, Span)>,
    /// The file, of the body of a file in JSON.
    pub(in crate::bake) file: Option<Arc<Source>>,
}

#[derive(Debug)]
pub(in crate::bake) struct Attribute {
    pub(in crate::bake) name: SmolStr,
    pub(in crate::bake) span: Span,
    pub(in crate::bake) expr: Expr,
    pub(in crate::bake) origin: Origin,
}

#[derive(Debug)]
pub(in crate::bake) struct Block {
    pub(in crate::bake) kind: SmolStr,
    pub(in crate::bake) labels: Vec<SmolStr>,
    pub(in crate::bake) body: Body,
    /// The first label, or the kind.
    pub(in crate::bake) span: Span,
    pub(in crate::bake) origin: Origin,
}

impl Body {
    /// What makes the file unusable.
    pub(in crate::bake) fn fault(&self) -> Option<(String, Span, &Arc<Source>)> {
        let (message, span) = self.faults.first()?;
        Some((message.clone(), *span, self.file.as_ref()?))
    }

    pub(in crate::bake) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}
