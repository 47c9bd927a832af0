//! Values and types of definitions: numbers, strings, collections, and conversions between them.

mod convert;
mod decimal;
mod json;
mod number;
mod types;
mod unify;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use num_bigint::BigInt;
use smol_str::SmolStr;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

pub(crate) use self::convert::convert;
pub(crate) use self::json::{decode, decode_as, to_json};
pub(crate) use self::number::Number;
pub(crate) use self::types::{Attributes, Type};
pub(crate) use self::unify::unify;

/// A value with its type.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
    /// Values in it and bytes of strings, each counted as often as it is reached.
    size: usize,
}

/// What a value holds.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Not to be known here.
    Unknown,
    Null,
    Bool(bool),
    Number(Arc<Number>),
    String(SmolStr),
    Bytes(Arc<[u8]>),
    /// Lists, tuples and sets; those in order and without duplicates.
    Sequence(Arc<Vec<Value>>),
    /// Maps and objects.
    Mapping(Arc<BTreeMap<SmolStr, Value>>),
}

impl Value {
    fn new(ty: Type, kind: Kind) -> Self {
        let size = match &kind {
            Kind::String(text) => 1 + text.len(),
            Kind::Bytes(bytes) => 1 + bytes.len(),
            Kind::Sequence(values) => {
                values.iter().fold(1, |sum: usize, value| sum.saturating_add(value.size))
            }
            Kind::Mapping(values) => values.iter().fold(1, |sum: usize, (name, value)| {
                sum.saturating_add(value.size).saturating_add(name.len())
            }),
            _ => 1,
        };
        Self { ty, kind, size }
    }

    /// How much it would be, written out.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn unknown(ty: Type) -> Self {
        Self::new(ty, Kind::Unknown)
    }

    pub(crate) fn null(ty: Type) -> Self {
        Self::new(ty, Kind::Null)
    }

    pub(crate) fn bool(value: bool) -> Self {
        Self::new(Type::Bool, Kind::Bool(value))
    }

    pub(crate) fn number(value: Number) -> Self {
        Self::new(Type::Number, Kind::Number(Arc::new(value)))
    }

    pub(crate) fn int(value: usize) -> Self {
        Self::number(Number::big(&BigInt::from(value)))
    }

    /// A string, in Unicode's form C.
    pub(crate) fn string(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let text = if text.is_ascii() || is_nfc(text) { SmolStr::new(text) } else { text.nfc().collect() };
        Self::new(Type::String, Kind::String(text))
    }

    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        Self::new(Type::Bytes, Kind::Bytes(bytes.into()))
    }

    pub(crate) fn tuple(values: Vec<Self>) -> Self {
        let ty = Type::tuple(values.iter().map(|value| value.ty.clone()));
        Self::new(ty, Kind::Sequence(Arc::new(values)))
    }

    /// A list of values that all have the type `element`.
    pub(crate) fn list(element: Type, values: Vec<Self>) -> Self {
        let element = values.first().map_or(element, |first| first.ty.clone());
        Self::new(Type::list(element), Kind::Sequence(Arc::new(values)))
    }

    /// A set of values that all have the type `element`.
    pub(crate) fn set(element: Type, mut values: Vec<Self>) -> Self {
        let element = values.first().map_or(element, |first| first.ty.clone());
        values.sort_by(order);
        values.dedup_by(|a, b| a.equals(b));
        Self::new(Type::set(element), Kind::Sequence(Arc::new(values)))
    }

    /// A map of values that all have the type `element`.
    pub(crate) fn map(element: Type, values: BTreeMap<SmolStr, Self>) -> Self {
        let element = values.values().next().map_or(element, |first| first.ty.clone());
        Self::new(Type::map(element), Kind::Mapping(Arc::new(values)))
    }

    pub(crate) fn object(values: BTreeMap<SmolStr, Self>) -> Self {
        let ty = Type::object(values.iter().map(|(name, value)| (name.clone(), value.ty.clone())));
        Self::new(ty, Kind::Mapping(Arc::new(values)))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown)
    }

    pub(crate) fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown => false,
            Kind::Sequence(values) => values.iter().all(Self::is_wholly_known),
            Kind::Mapping(values) => values.values().all(Self::is_wholly_known),
            _ => true,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple.
    pub(crate) fn elements(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Sequence(values) => Some(values),
            _ => None,
        }
    }

    /// The entries of a map or object.
    pub(crate) fn entries(&self) -> Option<&BTreeMap<SmolStr, Self>> {
        match &self.kind {
            Kind::Mapping(values) => Some(values),
            _ => None,
        }
    }

    /// Whether both have the same type and hold the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            _ if self.ty != other.ty => false,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Number(a), Kind::Number(b)) => a == b,
            (Kind::String(a), Kind::String(b)) => a == b,
            (Kind::Bytes(a), Kind::Bytes(b)) => a == b,
            (Kind::Sequence(a), Kind::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Kind::Mapping(a), Kind::Mapping(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((an, av), (bn, bv))| an == bn && av.equals(bv))
            }
            _ => false,
        }
    }
}

/// The order of a set's elements: primitives by value, nulls last.
fn order(a: &Value, b: &Value) -> Ordering {
    match (&a.kind, &b.kind) {
        (Kind::Null, Kind::Null) => Ordering::Equal,
        (Kind::Null, _) => Ordering::Greater,
        (_, Kind::Null) => Ordering::Less,
        (Kind::String(a), Kind::String(b)) => a.cmp(b),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
        (Kind::Number(a), Kind::Number(b)) => a.compare(b),
        _ => hashed(a).cmp(&hashed(b)),
    }
}

/// What go-cty orders structured elements of sets by.
fn hashed(value: &Value) -> String {
    match &value.kind {
        Kind::Unknown => "?".to_owned(),
        Kind::Null => "~".to_owned(),
        Kind::Bool(true) => "T".to_owned(),
        Kind::Bool(false) => "F".to_owned(),
        Kind::Number(number) => number.format('g', Some(10)),
        Kind::String(text) => format!("{text:?}"),
        Kind::Bytes(_) => "b".to_owned(),
        Kind::Sequence(values) => {
            let inner: String = values.iter().map(|value| hashed(value) + ";").collect();
            match value.ty {
                Type::Tuple(_) => format!("<{inner}>"),
                _ => format!("[{inner}]"),
            }
        }
        Kind::Mapping(values) => {
            if let Type::Object(_) = value.ty {
                format!("<{}>", values.values().map(|value| hashed(value) + ";").collect::<String>())
            } else {
                let entries = values.iter().map(|(name, value)| format!("{name:?}:{};", hashed(value)));
                format!("{{{}}}", entries.collect::<String>())
            }
        }
    }
}
