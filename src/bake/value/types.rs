//! Types of values, as go-cty has them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Not known, or any.
    Dynamic,
    String,
    Number,
    Bool,
    /// A buffer of bytes, which only two functions take.
    Bytes,
    List(Arc<Self>),
    Set(Arc<Self>),
    Map(Arc<Self>),
    Tuple(Arc<[Self]>),
    Object(Arc<Attributes>),
}

/// The attributes of an object type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Attributes {
    pub(crate) types: BTreeMap<SmolStr, Type>,
    /// Those that a conversion may leave out.
    pub(crate) optional: BTreeSet<SmolStr>,
}

impl Type {
    pub(crate) fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    pub(crate) fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    pub(crate) fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    pub(crate) fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    pub(crate) fn object(attributes: impl IntoIterator<Item = (SmolStr, Self)>) -> Self {
        let types = attributes.into_iter().collect();
        Self::Object(Arc::new(Attributes { types, optional: BTreeSet::new() }))
    }

    pub(crate) fn is_primitive(&self) -> bool {
        matches!(self, Self::String | Self::Number | Self::Bool)
    }

    /// Lists, sets and maps.
    pub(crate) fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// Lists, sets and tuples.
    pub(crate) fn is_sequence(&self) -> bool {
        matches!(self, Self::List(_) | Self::Set(_) | Self::Tuple(_))
    }

    /// Maps and objects.
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self, Self::Map(_) | Self::Object(_))
    }

    /// The same with every attribute required.
    pub(crate) fn required(&self) -> Self {
        match self {
            Self::List(element) => Self::list(element.required()),
            Self::Set(element) => Self::set(element.required()),
            Self::Map(element) => Self::map(element.required()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::required)),
            Self::Object(object) => {
                Self::object(object.types.iter().map(|(name, ty)| (name.clone(), ty.required())))
            }
            _ => self.clone(),
        }
    }

    /// How messages call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Dynamic => "dynamic".to_owned(),
            Self::String => "string".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::List(element) => format!("list of {}", element.name()),
            Self::Set(element) => format!("set of {}", element.name()),
            Self::Map(element) => format!("map of {}", element.name()),
            Self::Tuple(_) => "tuple".to_owned(),
            Self::Object(_) => "object".to_owned(),
        }
    }
}
