//! Types told from values, for a plan without schemas.

use std::collections::{BTreeMap, BTreeSet};

use super::Type;
use crate::sealed::Sealed;

/// The type of an attribute that had these values. Texts by name are taken for a map, such as tags: what looks like an
/// object of texts alone is one nearly always.
pub(crate) fn infer(values: &[&Sealed]) -> Type {
    let known = known(values);
    let maps: Vec<_> = known.iter().filter_map(|value| map(value)).collect();
    let is_text = |value: &Sealed| matches!(value, Sealed::Text(_)) || is_open(value);
    if !maps.is_empty() && maps.len() == known.len() && maps.iter().all(|map| map.values().all(is_text)) {
        return Type::Map(Box::new(Type::Text));
    }
    of(values)
}

fn of(values: &[&Sealed]) -> Type {
    let known = known(values);
    let all = |is: fn(&Sealed) -> bool| !known.is_empty() && known.iter().all(|value| is(value));
    if all(|value| matches!(value, Sealed::Text(_))) {
        Type::Text
    } else if all(|value| matches!(value, Sealed::Number(_))) {
        Type::Number
    } else if all(|value| matches!(value, Sealed::Bool(_))) {
        Type::Bool
    } else if all(|value| matches!(value, Sealed::List(_))) {
        let elements: Vec<&Sealed> = known.iter().filter_map(|value| list(value)).flatten().collect();
        Type::List(Box::new(of(&elements)))
    } else if all(|value| matches!(value, Sealed::Map(_))) {
        object(&known)
    } else {
        Type::Dynamic
    }
}

fn object(values: &[&Sealed]) -> Type {
    let maps: Vec<&BTreeMap<String, Sealed>> = values.iter().filter_map(|value| map(value)).collect();
    let keys: BTreeSet<&String> = maps.iter().flat_map(|map| map.keys()).collect();
    let attribute = |key: &String| of(&maps.iter().filter_map(|map| map.get(key)).collect::<Vec<_>>());
    Type::Object(keys.into_iter().map(|key| (key.clone(), attribute(key))).collect())
}

/// The values that tell a type.
fn known<'a>(values: &[&'a Sealed]) -> Vec<&'a Sealed> {
    values.iter().copied().filter(|value| !is_open(value)).collect()
}

/// Whether a value tells no type.
fn is_open(value: &Sealed) -> bool {
    matches!(value, Sealed::Null | Sealed::Unknown { .. } | Sealed::Secret(_))
}

fn map(value: &Sealed) -> Option<&BTreeMap<String, Sealed>> {
    match value {
        Sealed::Map(entries) => Some(entries),
        _ => None,
    }
}

fn list(value: &Sealed) -> Option<&Vec<Sealed>> {
    match value {
        Sealed::List(items) => Some(items),
        _ => None,
    }
}
