//! Ways through a sealed value.

use std::rc::Rc;

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

/// One side of a change, with what is below it: a side is walked once, whatever is asked of it.
pub(super) struct Tree<'a> {
    root: Option<&'a Sealed>,
    places: Vec<Place<'a>>,
    endings: Endings,
}

/// A value of a map.
pub(super) struct Place<'a> {
    /// The names that lead to its map; list indexes are left out.
    pub(super) parents: Rc<[&'a str]>,
    pub(super) name: &'a str,
    pub(super) value: &'a Sealed,
    /// The map that it is in.
    pub(super) map: &'a Sealed,
}

impl<'a> Tree<'a> {
    pub(super) fn of(root: Option<&'a Sealed>) -> Self {
        let mut tree = Self { root, places: Vec::new(), endings: Endings::default() };
        if let Some(root) = root {
            tree.read(root, &mut Vec::new());
        }
        tree
    }

    fn read(&mut self, value: &'a Sealed, names: &mut Vec<&'a str>) {
        match value {
            Sealed::List(items) => items.iter().for_each(|item| self.read(item, names)),
            Sealed::Map(entries) => {
                let parents: Rc<[&str]> = names[..].into();
                for (name, entry) in entries {
                    self.endings.add(name);
                    self.places.push(Place { parents: Rc::clone(&parents), name, value: entry, map: value });
                    names.push(name);
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

    /// Whether there may be a place whose path ends like this: what most is asked for is nowhere.
    pub(super) fn may_have(&self, path: &str) -> bool {
        self.endings.may_have(path)
    }

    /// The same for an ending that was made before.
    pub(super) fn may_have_one(&self, ending: Ending) -> bool {
        self.endings.has(ending)
    }

    /// The places whose paths end like this: names with dots between them.
    pub(super) fn ending<'b>(&'b self, path: &'b str) -> impl Iterator<Item = &'b Place<'a>> {
        let places = if self.may_have(path) { &self.places[..] } else { &[] };
        places.iter().filter(move |place| place.ends_with(path))
    }

    /// All places.
    pub(super) fn all(&self) -> impl Iterator<Item = &Place<'a>> {
        self.places.iter()
    }
}

impl Place<'_> {
    /// The names with dots between them.
    pub(super) fn path(&self) -> String {
        self.parents.iter().copied().chain([self.name]).collect::<Vec<_>>().join(".")
    }

    fn ends_with(&self, path: &str) -> bool {
        let Some(blocks) = path.strip_suffix(self.name).filter(|_| !self.name.contains('.')) else { return false };
        let Some(blocks) = blocks.strip_suffix('.') else { return blocks.is_empty() };
        let mut parents = self.parents.iter().rev();
        blocks.rsplit('.').all(|block| parents.next() == Some(&block))
    }
}

/// The last four bytes of a name, or of a path that ends with it: a bit in one of four words. Others may have the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    word: usize,
    bit: u64,
}

impl Ending {
    pub(super) fn of(path: &str) -> Self {
        let ending = path.bytes().rev().take(4).take_while(|byte| *byte != b'.');
        let sum = ending.fold(0_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { word: sum as usize % 4, bit: 1 << (sum >> 16 & 63) }
    }
}

/// Endings of names, as a set that may have some more in it.
#[derive(Default)]
struct Endings([u64; 4]);

impl Endings {
    fn add(&mut self, name: &str) {
        let Ending { word, bit } = Ending::of(name);
        self.0[word] |= bit;
    }

    fn has(&self, Ending { word, bit }: Ending) -> bool {
        self.0[word] & bit != 0
    }

    fn may_have(&self, path: &str) -> bool {
        self.has(Ending::of(path))
    }
}
