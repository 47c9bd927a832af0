use serde_json::{Map, Value as Json};

use super::secret::{fixed, member};
use crate::bake::value::{Number, Type, Value};

/// What each step of a build may use of its machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resources {
    /// `memory`, `memory-swap`, `cpuset-cpus` and `cpuset-mems` as they are written, by place in [`TEXTS`].
    texts: [Option<String>; 4],
    /// `cpu-shares`, `cpu-period` and `cpu-quota`, by place in [`NUMBERS`].
    numbers: [Option<i64>; 3],
}

const TEXTS: [&str; 4] = ["memory", "memory-swap", "cpuset-cpus", "cpuset-mems"];
const NUMBERS: [&str; 3] = ["cpu-shares", "cpu-period", "cpu-quota"];

impl Resources {
    pub(in crate::bake) fn from_value(value: &Value) -> Result<Self, String> {
        let types: Vec<(&str, Type)> = TEXTS
            .iter()
            .map(|name| (*name, Type::String))
            .chain(NUMBERS.iter().map(|name| (*name, Type::Number)))
            .collect();
        let object = fixed(value, &types)?;
        let mut resources = Self::default();
        for (name, own) in TEXTS.iter().zip(&mut resources.texts) {
            *own = member(&object, name).and_then(Value::as_str).map(str::to_owned);
        }
        for (name, own) in NUMBERS.iter().zip(&mut resources.numbers) {
            if let Some(number) = member(&object, name).and_then(Value::as_number) {
                *own = Some(Number::to_i64(number).ok_or_else(|| format!("{name} is a whole number"))?);
            }
        }
        Ok(resources)
    }

    /// One field, as `--set` writes it.
    pub(in crate::bake) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        if let Some(at) = TEXTS.iter().position(|own| *own == name)
            && let Some(own) = self.texts.get_mut(at)
        {
            *own = Some(value.to_owned());
            return Ok(());
        }
        let at = NUMBERS.iter().position(|own| *own == name);
        match at.and_then(|at| self.numbers.get_mut(at)) {
            Some(own) => {
                let number = value.parse().map_err(|_| format!("{value:?} is no whole number for {name}"))?;
                *own = Some(number);
                Ok(())
            }
            None => Err(format!("there is no resource {name:?}")),
        }
    }

    pub(in crate::bake) fn merge(&mut self, other: &Self) {
        for (own, other) in self.texts.iter_mut().zip(&other.texts) {
            if other.is_some() {
                own.clone_from(other);
            }
        }
        for (own, other) in self.numbers.iter_mut().zip(&other.numbers) {
            *own = other.or(*own);
        }
    }

    /// Memory and swap as they are written.
    pub(in crate::bake) fn memory(&self) -> (Option<&str>, Option<&str>) {
        let [memory, swap, ..] = &self.texts;
        (memory.as_deref(), swap.as_deref())
    }

    pub(in crate::bake) fn json(&self) -> Json {
        let mut map = Map::new();
        for (name, value) in TEXTS.iter().zip(&self.texts) {
            if let Some(value) = value {
                map.insert((*name).to_owned(), value.as_str().into());
            }
        }
        for (name, value) in NUMBERS.iter().zip(&self.numbers) {
            if let Some(value) = value {
                map.insert((*name).to_owned(), (*value).into());
            }
        }
        Json::Object(map)
    }
}
