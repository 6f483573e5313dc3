//! Ways through a sealed value.

use std::collections::HashMap;

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

/// Whether two values are the same, as far as anybody sees; hidden ones are, whatever hides them.
pub(super) fn is_same(one: &Sealed, other: &Sealed) -> bool {
    match (one, other) {
        (Sealed::Secret(one), Sealed::Secret(other)) => one.identity == other.identity,
        (one, other) => one == other,
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

/// One side of a change, with what is below it by the last name of its path: a side is walked once, whatever is asked of it.
pub(super) struct Tree<'a> {
    root: Option<&'a Sealed>,
    places: HashMap<&'a str, Vec<Place<'a>>>,
}

/// A value of a map.
pub(super) struct Place<'a> {
    /// The names that lead there; list indexes are left out.
    pub(super) names: Vec<&'a str>,
    pub(super) value: &'a Sealed,
    /// The map that it is in.
    pub(super) map: &'a Sealed,
}

impl<'a> Tree<'a> {
    pub(super) fn of(root: Option<&'a Sealed>) -> Self {
        let mut tree = Self { root, places: HashMap::new() };
        if let Some(root) = root {
            tree.read(root, &mut Vec::new());
        }
        tree
    }

    fn read(&mut self, value: &'a Sealed, names: &mut Vec<&'a str>) {
        match value {
            Sealed::List(items) => items.iter().for_each(|item| self.read(item, names)),
            Sealed::Map(entries) => {
                for (key, entry) in entries {
                    names.push(key);
                    let place = Place { names: names.clone(), value: entry, map: value };
                    self.places.entry(key.as_str()).or_default().push(place);
                    self.read(entry, names);
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

    /// Whether there is an object at all.
    pub(super) fn is_there(&self) -> bool {
        self.root.is_some()
    }

    /// An attribute of the object itself.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Sealed> {
        entry(self.root, name)
    }

    /// The places whose paths end like this: names with dots between them.
    pub(super) fn ending<'b>(&'b self, path: &'b str) -> impl Iterator<Item = &'b Place<'a>> {
        let (blocks, last) = path.rsplit_once('.').unwrap_or(("", path));
        let blocks: Vec<&str> = blocks.split('.').filter(|name| !name.is_empty()).collect();
        let places = self.places.get(last).into_iter().flatten();
        places.filter(move |place| place.names[..place.names.len() - 1].ends_with(&blocks))
    }

    /// All places.
    pub(super) fn all(&self) -> impl Iterator<Item = &Place<'a>> {
        self.places.values().flatten()
    }
}

impl Place<'_> {
    /// The names with dots between them.
    pub(super) fn path(&self) -> String {
        self.names.join(".")
    }
}
