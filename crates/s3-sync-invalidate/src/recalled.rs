//! A map of names most of whose values the manifest remembers: of these it keeps only what the manifest does not tell.
//!
//! An unchanged site is in the source, in the bucket and in the manifest alike. A million of its files are remembered once.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::manifest::Entry;
use crate::table::{Finger, Table};

/// What an entry of the manifest may tell.
pub trait Recall: Clone {
    /// What an entry never tells.
    type Rest: Copy;

    /// What `entry` does not tell; `None` unless [`Recall::recalled`] makes exactly this of both.
    fn rest(&self, entry: &Entry) -> Option<Self::Rest>;

    /// What `entry` and `rest` tell together.
    fn recalled(entry: &Entry, rest: Self::Rest) -> Self;
}

/// Values by the path below the prefix, in the order of the paths' bytes.
// It is generic because the files of the source and the objects of the bucket are kept alike.
#[derive(Clone)]
pub struct Recalled<V: Recall> {
    known: Arc<Table<Entry>>,
    finger: Finger,
    /// By the numbers of `known`; `None` where the path has no value, or another one than `known` tells.
    rests: Vec<Option<V::Rest>>,
    /// How many of `rests` there are.
    told: usize,
    /// What `known` does not tell.
    others: Table<V>,
}

impl<V: Recall> Recalled<V> {
    /// An empty one, for values that `known` may tell.
    pub(crate) fn new(known: &Arc<Table<Entry>>) -> Self {
        Self {
            known: Arc::clone(known),
            finger: Finger::default(),
            rests: vec![None; known.numbers()],
            told: 0,
            others: Table::default(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.told + self.others.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, V>> {
        let recalled = self
            .known
            .find(name, &self.finger)
            .and_then(|(number, entry)| Some(V::recalled(entry, self.rests[number]?)));
        recalled.map(Cow::Owned).or_else(|| self.others.get(name).map(Cow::Borrowed))
    }

    /// Whether `name` is there.
    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.known.find(name, &self.finger).is_some_and(|(number, _)| self.rests[number].is_some())
            || self.others.contains_key(name)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, V>)> {
        let recalled =
            self.known.numbered().filter_map(|(number, name, entry)| Some((name, entry, self.rests[number]?)));
        let (mut recalled, mut others) = (recalled.peekable(), self.others.iter().peekable());
        std::iter::from_fn(move || {
            let is_recalled = match (recalled.peek(), others.peek()) {
                (Some((left, ..)), Some((right, _))) => left < right,
                (left, _) => left.is_some(),
            };
            if is_recalled {
                recalled.next().map(|(name, entry, rest)| (name, Cow::Owned(V::recalled(entry, rest))))
            } else {
                others.next().map(|(name, value)| (name, Cow::Borrowed(value)))
            }
        })
    }

    /// The names, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Adds a value; what had its name before is returned.
    pub(crate) fn insert(&mut self, name: &str, value: V) -> Option<V> {
        let Some((number, entry)) = self.known.find(name, &self.finger) else { return self.others.insert(name, value) };
        let before = self.rests[number].take().map(|rest| V::recalled(entry, rest));
        let is_recalled = before.is_some();
        self.rests[number] = value.rest(entry);
        let other = match self.rests[number] {
            Some(_) => self.others.remove(name),
            None => self.others.insert(name, value),
        };
        self.told += usize::from(self.rests[number].is_some());
        self.told -= usize::from(is_recalled);
        before.or(other)
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<V> {
        let recalled = self.known.find(name, &self.finger).and_then(|(number, entry)| {
            let rest = self.rests[number].take()?;
            self.told -= 1;
            Some(V::recalled(entry, rest))
        });
        recalled.or_else(|| self.others.remove(name))
    }
}

impl<V: Recall> Default for Recalled<V> {
    fn default() -> Self {
        Self::new(&Arc::default())
    }
}

impl<V: Recall + PartialEq> PartialEq for Recalled<V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<V: Recall + Eq> Eq for Recalled<V> {}

impl<V: Recall + fmt::Debug> fmt::Debug for Recalled<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: AsRef<str>, V: Recall> FromIterator<(N, V)> for Recalled<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self { others: pairs.into_iter().collect(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
