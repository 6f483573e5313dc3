//! What one side of a change hides, as the other side needs to know it.
//!
//! A mask on one side covers its path on both: what Terraform hides of a change it hides on both sides. The elements of a
//! list have no path of their own, because a change may move them. Of those each value is hidden that is hidden in some
//! element of the other side, at the same keys below it.

use std::collections::{HashMap, HashSet};

use super::Side;
use crate::json::Json;
use crate::secrets::Cover;

/// What a side hides at one path and below it.
#[derive(Debug, Default)]
pub(super) struct Hidden<'a> {
    /// Whether everything here is hidden.
    whole: bool,
    /// What is hidden here in some element of a list.
    values: HashSet<&'a Json>,
    keys: HashMap<&'a str, Self>,
    elements: Option<Box<Self>>,
}

/// What the other side hides beside a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Beside<'a> {
    Nothing,
    /// The other side at the same path.
    Path(&'a Hidden<'a>),
    /// All elements of a list of the other side.
    Elements(&'a Hidden<'a>),
}

impl<'a> Hidden<'a> {
    /// What `side` hides.
    pub(super) fn of(side: Side<'a>) -> Self {
        let mut hidden = Self::default();
        hidden.note(side, false);
        hidden
    }

    fn note(&mut self, side: Side<'a>, in_list: bool) {
        let Side { value: Some(value), mask } = side else { return };
        match (Cover::of(mask, Some(value)), mask, value) {
            (_, _, Json::Null) | (Cover::Open, ..) => {}
            (Cover::Closed, ..) if in_list => self.everything(value),
            (Cover::Closed, ..) => self.whole = true,
            (_, Some(Json::Map(flags)), Json::Map(entries)) => {
                for (key, flag) in flags {
                    let below = Side { value: entries.get(key), mask: Some(flag) };
                    self.keys.entry(key).or_default().note(below, in_list);
                }
            }
            (_, Some(Json::List(flags)), Json::List(items)) => {
                let elements = self.elements.get_or_insert_default();
                items.iter().zip(flags).for_each(|(item, flag)| {
                    elements.note(Side { value: Some(item), mask: Some(flag) }, true);
                });
            }
            (Cover::Members(_), ..) => {}
        }
    }

    /// A value of which each part is hidden.
    fn everything(&mut self, value: &'a Json) {
        if *value == Json::Null {
            return;
        }
        self.values.insert(value);
        for (key, item) in value.entries() {
            self.keys.entry(key).or_default().everything(item);
        }
        if !value.items().is_empty() {
            let elements = self.elements.get_or_insert_default();
            value.items().iter().for_each(|item| elements.everything(item));
        }
    }
}

impl Beside<'_> {
    /// Whether the other side hides this value.
    pub(super) fn hides(self, value: &Json) -> bool {
        match self {
            Self::Nothing => false,
            Self::Path(hidden) => hidden.whole,
            Self::Elements(hidden) => hidden.values.contains(value),
        }
    }

    /// The same beside the entry `key`.
    pub(super) fn key(self, key: &str) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Path(hidden) => hidden.keys.get(key).map_or(Self::Nothing, Self::Path),
            Self::Elements(hidden) => hidden.keys.get(key).map_or(Self::Nothing, Self::Elements),
        }
    }

    /// The same beside each element.
    pub(super) fn elements(self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Path(hidden) | Self::Elements(hidden) => {
                hidden.elements.as_deref().map_or(Self::Nothing, Self::Elements)
            }
        }
    }
}
