//! The values that a change changes, each at the end of its path.

use super::{Attribute, Hidden, Leaf, Step, open};
use crate::entries::{Entries, keys};
use crate::sealed::{Sealed, is_token};

/// Collects the values that count of one change.
pub(super) struct Collector<'a> {
    time: Option<&'a str>,
    path: Vec<Step>,
    found: Vec<Attribute>,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// An attribute of the object, where null is the same as absent.
    Object,
    /// Below an attribute, where it is not always.
    Attribute,
}

/// Which values are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// Those that differ.
    Changes,
    /// All: of lists that differ in length no element can be told to be the same.
    Everything,
}

impl<'a> Collector<'a> {
    pub(super) fn new(time: Option<&'a str>) -> Self {
        Self { time, path: Vec::new(), found: Vec::new() }
    }

    /// What was found, in the order of the paths.
    pub(super) fn finish(mut self) -> Vec<Attribute> {
        self.found.sort();
        self.found
    }

    /// Takes what differs between `before` and `after`.
    pub(super) fn compare(&mut self, before: Option<&Sealed>, after: Option<&Sealed>) {
        match (before, after) {
            // An object is no attribute of its own.
            (None | Some(Sealed::Null), Some(Sealed::Map(new))) => {
                self.entries(None, Some(new), Within::Object, Take::Changes);
            }
            (Some(Sealed::Map(old)), Some(Sealed::Map(new))) => {
                self.entries(Some(old), Some(new), Within::Object, Take::Changes);
            }
            _ => self.pair(before, after, Within::Object, Take::Changes),
        }
    }

    /// Takes what differs between two values that are no objects of a provider: in them null is a value, and null as a whole is none.
    pub(super) fn value(&mut self, before: Option<&Sealed>, after: Option<&Sealed>) {
        let is_there = |value: &&Sealed| **value != Sealed::Null;
        self.pair(before.filter(is_there), after.filter(is_there), Within::Attribute, Take::Changes);
    }

    fn pair(&mut self, before: Option<&Sealed>, after: Option<&Sealed>, within: Within, take: Take) {
        let is_there = |value: &&Sealed| within == Within::Attribute || **value != Sealed::Null;
        let (before, after) = (before.filter(is_there), after.filter(is_there));
        if take == Take::Changes && is_same(before, after) {
            return;
        }
        match (before, after) {
            (None, None) => {}
            // What a computed value was says nothing about what it will be, and refreshing may change it.
            (_, Some(Sealed::Unknown { .. })) => self.leaf(None, after),
            (Some(Sealed::Map(old)), Some(Sealed::Map(new))) if !(old.is_empty() || new.is_empty()) => {
                self.entries(Some(old), Some(new), Within::Attribute, take);
            }
            (Some(Sealed::List(old)), Some(Sealed::List(new))) if !(old.is_empty() || new.is_empty()) => {
                let take = if old.len() == new.len() { take } else { Take::Everything };
                self.elements(old, new, take);
            }
            (Some(old), Some(new)) if has_parts(old) || has_parts(new) => {
                self.pair(Some(old), None, within, take);
                self.pair(None, Some(new), within, take);
            }
            (Some(Sealed::Map(old)), None) if !old.is_empty() => self.entries(Some(old), None, Within::Attribute, take),
            (None, Some(Sealed::Map(new))) if !new.is_empty() => self.entries(None, Some(new), Within::Attribute, take),
            (Some(Sealed::List(old)), None) if !old.is_empty() => self.elements(old, &[], take),
            (None, Some(Sealed::List(new))) if !new.is_empty() => self.elements(&[], new, take),
            (before, after) => self.leaf(before, after),
        }
    }

    fn entries(&mut self, old: Option<&Entries<Sealed>>, new: Option<&Entries<Sealed>>, within: Within, take: Take) {
        for key in keys(old.into_iter().chain(new)) {
            self.path.push(Step::Key(open(key, self.time)));
            self.pair(old.and_then(|old| old.get(key)), new.and_then(|new| new.get(key)), within, take);
            self.path.pop();
        }
    }

    fn elements(&mut self, old: &[Sealed], new: &[Sealed], take: Take) {
        for index in 0..old.len().max(new.len()) {
            self.path.push(Step::Index(index));
            self.pair(old.get(index), new.get(index), Within::Attribute, take);
            self.path.pop();
        }
    }

    fn leaf(&mut self, before: Option<&Sealed>, after: Option<&Sealed>) {
        // An old value has the time of an earlier plan, even if both were made within one second.
        let (old, new) = (before.map(|value| Leaf::of(value, None)), after.map(|value| Leaf::of(value, self.time)));
        let hidden = match (before.map(secrets), after.map(secrets)) {
            (Some(old), Some(new)) if !(old.is_empty() || new.is_empty()) => {
                Some(if old == new { Hidden::Unchanged } else { Hidden::Changed })
            }
            _ => None,
        };
        self.found.push(Attribute { path: self.path.clone(), before: old, after: new, hidden });
    }
}

/// Whether both sides are equal, whatever their numbers are spelled like.
fn is_same(before: Option<&Sealed>, after: Option<&Sealed>) -> bool {
    match (before, after) {
        (Some(Sealed::Number(old)), Some(Sealed::Number(new))) => {
            old == new || super::number::canonical(old) == super::number::canonical(new)
        }
        (before, after) => before == after,
    }
}

fn has_parts(value: &Sealed) -> bool {
    match value {
        Sealed::List(items) => !items.is_empty(),
        Sealed::Map(entries) => !entries.is_empty(),
        _ => false,
    }
}

/// The identities of what a value without parts hides: they hold within one plan, and stay here.
fn secrets(value: &Sealed) -> Vec<u32> {
    match value {
        Sealed::Secret(secret) => vec![secret.identity],
        Sealed::Text(text) => text.chars().filter(|character| is_token(*character)).map(u32::from).collect(),
        _ => Vec::new(),
    }
}
