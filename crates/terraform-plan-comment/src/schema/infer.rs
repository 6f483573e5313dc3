//! Types told from values, for a plan without schemas.

use super::Type;
use crate::entries::{Entries, keys};
use crate::sealed::{Kind, Sealed};

/// The type of an attribute that had these values. Texts by name are taken for a map, such as tags: what looks like an
/// object of texts alone is one nearly always.
pub(crate) fn infer(values: &[&Sealed]) -> Type {
    let known = known(values);
    let maps: Vec<_> = known.iter().filter_map(|value| map(value)).collect();
    let is_text = |value: &Sealed| value.kind() == Some(Kind::Text) || is_open(value);
    if !maps.is_empty() && maps.len() == known.len() && maps.iter().all(|map| map.values().all(is_text)) {
        return Type::Map(Box::new(Type::Text));
    }
    of(values)
}

fn of(values: &[&Sealed]) -> Type {
    let known = known(values);
    let kind = known.first().and_then(|value| value.kind());
    match kind.filter(|kind| known.iter().all(|value| value.kind() == Some(*kind))) {
        Some(Kind::Text) => Type::Text,
        Some(Kind::Number) => Type::Number,
        Some(Kind::Bool) => Type::Bool,
        Some(Kind::List) => {
            let elements: Vec<&Sealed> = known.iter().filter_map(|value| list(value)).flatten().collect();
            Type::List(Box::new(of(&elements)))
        }
        Some(Kind::Map) => object(&known),
        None => Type::Dynamic,
    }
}

fn object(values: &[&Sealed]) -> Type {
    let maps: Vec<&Entries<Sealed>> = values.iter().filter_map(|value| map(value)).collect();
    let keys = keys(maps.iter().copied());
    let attribute = |key: &str| of(&maps.iter().filter_map(|map| map.get(key)).collect::<Vec<_>>());
    Type::Object(keys.into_iter().map(|key| (key.to_owned(), attribute(key))).collect())
}

/// The values that tell a type.
fn known<'a>(values: &[&'a Sealed]) -> Vec<&'a Sealed> {
    values.iter().copied().filter(|value| !is_open(value)).collect()
}

/// Whether a value tells no type: of a hidden list or map the parts are not known.
fn is_open(value: &Sealed) -> bool {
    matches!((value.kind(), value), (None, _) | (Some(Kind::List | Kind::Map), Sealed::Secret(_)))
}

fn map(value: &Sealed) -> Option<&Entries<Sealed>> {
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
