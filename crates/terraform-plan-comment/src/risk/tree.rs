//! Ways through a sealed value.

use crate::sealed::Sealed;

/// The entry of a map.
pub(super) fn entry<'a>(value: Option<&'a Sealed>, key: &str) -> Option<&'a Sealed> {
    match value? {
        Sealed::Map(entries) => entries.get(key),
        _ => None,
    }
}

/// An open text.
pub(super) fn text(value: Option<&Sealed>) -> Option<&str> {
    match value? {
        Sealed::Text(text) => Some(text),
        _ => None,
    }
}

/// An open boolean or text, as a word. Providers on the legacy SDK write some booleans as texts.
pub(super) fn word(value: Option<&Sealed>) -> Option<&str> {
    match value? {
        Sealed::Bool(true) => Some("true"),
        Sealed::Bool(false) => Some("false"),
        Sealed::Text(text) => Some(text),
        _ => None,
    }
}

/// An open whole number.
pub(super) fn number(value: Option<&Sealed>) -> Option<u64> {
    match value? {
        Sealed::Number(number) => number.parse().ok(),
        _ => None,
    }
}

/// The elements of a list; a single value is a list of itself, nothing is an empty one.
pub(super) fn items(value: Option<&Sealed>) -> &[Sealed] {
    match value {
        None | Some(Sealed::Null) => &[],
        Some(Sealed::List(items)) => items,
        Some(single) => std::slice::from_ref(single),
    }
}

/// Calls `see` with each value of a map below `value`, the names that lead there (list indexes left out), and the map it is in.
pub(super) fn walk<'a>(value: Option<&'a Sealed>, see: &mut dyn FnMut(&[&'a str], &'a Sealed, &'a Sealed)) {
    fn below<'a>(value: &'a Sealed, names: &mut Vec<&'a str>, see: &mut dyn FnMut(&[&'a str], &'a Sealed, &'a Sealed)) {
        match value {
            Sealed::List(items) => items.iter().for_each(|item| below(item, names, see)),
            Sealed::Map(entries) => {
                for (key, entry) in entries {
                    names.push(key);
                    see(names, entry, value);
                    below(entry, names, see);
                    names.pop();
                }
            }
            Sealed::Null
            | Sealed::Bool(_)
            | Sealed::Number(_)
            | Sealed::Text(_)
            | Sealed::Secret(_)
            | Sealed::Unknown { .. } => {}
        }
    }
    if let Some(value) = value {
        below(value, &mut Vec::new(), see);
    }
}
