//! The two sides of a value, with all that decides how their difference is shown.

use super::difference::Action;
use crate::entries::{Entries, keys};
use crate::paths::Paths;
use crate::sealed::{Sealed, Secret};

/// A value before and after a change.
#[derive(Debug, Clone)]
pub(super) struct Sides<'a> {
    pub(super) before: Side<'a>,
    pub(super) after: Side<'a>,
    /// Whether the value after the change is not known yet.
    pub(super) unknown: bool,
    /// Whether attributes below count as not known yet, because what holds them is not.
    pub(super) unknown_below: bool,
    /// Which paths below force a replacement.
    pub(super) forcing: Paths<'a>,
    /// Which paths below are shown; the others count as unchanged.
    pub(super) relevant: Paths<'a>,
    /// Whether an empty text is something else than null: not in types of the legacy SDK.
    pub(super) modern: bool,
}

/// One side of a value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Side<'a> {
    /// The value; `None` where it is null, not there or not known.
    pub(super) value: Option<&'a Sealed>,
    /// Whether it is written down, as null in a list is.
    pub(super) explicit: bool,
    pub(super) sensitive: bool,
}

impl<'a> Side<'a> {
    /// The side that a value of a document is; `None` where there is none. Also says whether it is unknown.
    fn of(value: Option<&'a Sealed>) -> (Self, bool) {
        let explicit = value.is_some();
        match value {
            Some(Sealed::Unknown { sensitive }) => (Self { value: None, explicit, sensitive: *sensitive }, true),
            Some(Sealed::Null) | None => (Self { value: None, explicit, sensitive: false }, false),
            Some(value @ Sealed::Secret(Secret { marked, .. })) => {
                (Self { value: Some(value), explicit, sensitive: *marked }, false)
            }
            Some(value) => (Self { value: Some(value), explicit, sensitive: false }, false),
        }
    }

    /// Whether there is nothing, not even a null that is written down.
    pub(super) fn is_missing(self) -> bool {
        self.value.is_none() && !self.explicit
    }

    /// Whether nothing of its parts is known.
    fn is_hidden(self) -> bool {
        self.sensitive || matches!(self.value, Some(Sealed::Secret(_)))
    }

    fn key(self, key: &str) -> Option<&'a Sealed> {
        self.map().and_then(|entries| entries.get(key))
    }

    /// The entries, where it is a map.
    pub(super) fn map(self) -> Option<&'a Entries<Sealed>> {
        match self.value {
            Some(Sealed::Map(entries)) => Some(entries),
            _ => None,
        }
    }

    /// The elements, where it is a list.
    pub(super) fn list(self) -> Option<&'a [Sealed]> {
        match self.value {
            Some(Sealed::List(items)) => Some(items),
            _ => None,
        }
    }

    /// The elements; none where it is no list.
    pub(super) fn items(self) -> &'a [Sealed] {
        self.list().unwrap_or_default()
    }

    /// An empty text as null.
    fn without_empty_text(self) -> Self {
        let is_empty = match self.value {
            Some(Sealed::Text(text)) => text.is_empty(),
            Some(Sealed::Secret(secret)) => secret.is_empty,
            _ => false,
        };
        if is_empty { Self { value: None, ..self } } else { self }
    }
}

impl<'a> Sides<'a> {
    /// The sides of a value of a document.
    pub(super) fn new(before: Option<&'a Sealed>, after: Option<&'a Sealed>) -> Self {
        let ((before, _), (after, unknown)) = (Side::of(before), Side::of(after));
        Self {
            before,
            after,
            unknown,
            unknown_below: false,
            forcing: Paths::none(),
            relevant: Paths::All,
            modern: false,
        }
    }

    /// The sides of a whole object or output: that one of them is there is not written down anywhere.
    pub(super) fn implicit(mut self) -> Self {
        self.before.explicit = false;
        self.after.explicit = false;
        self
    }

    /// Whether the parts of a side are not known, so that they cannot be compared.
    pub(super) fn are_hidden(&self) -> bool {
        self.before.is_hidden() || self.after.is_hidden()
    }

    pub(super) fn forces(&self) -> bool {
        self.forcing.match_here()
    }

    pub(super) fn is_relevant(&self) -> bool {
        self.relevant.match_below()
    }

    /// As if nothing changed.
    pub(super) fn unchanged(&self) -> Self {
        Self { after: self.before, unknown: false, unknown_below: false, modern: false, ..self.clone() }
    }

    /// Unchanged, unless it is relevant.
    pub(super) fn relevant_only(self) -> Self {
        if self.is_relevant() { self } else { self.unchanged() }
    }

    /// As if the value were removed.
    pub(super) fn removed(&self) -> Self {
        Self { after: Side::default(), unknown: false, unknown_below: false, modern: false, ..self.clone() }
    }

    /// As if the value were new.
    pub(super) fn created(&self) -> Self {
        Self { before: Side::default(), modern: false, ..self.clone() }
    }

    /// Without regard to what is sensitive.
    pub(super) fn open(&self) -> Self {
        let mut open = Self { modern: false, ..self.clone() };
        open.before.sensitive = false;
        open.after.sensitive = false;
        open
    }

    /// With an empty text as null, where the type may be one of the legacy SDK.
    pub(super) fn in_legacy_terms(mut self) -> Self {
        if !self.modern {
            self.before = self.before.without_empty_text();
            self.after = self.after.without_empty_text();
        }
        self
    }

    /// The entry `key` of a map or an object.
    pub(super) fn key(&self, key: &str) -> Self {
        let below = Self::new(self.before.key(key), self.after.key(key));
        Self { forcing: self.forcing.key(key), relevant: self.relevant.key(key), modern: self.modern, ..below }
    }

    /// The attribute `name` of a block or an object.
    pub(super) fn attribute(&self, name: &str) -> Self {
        let mut below = self.key(name).relevant_only().implicit();
        below.unknown |= self.unknown_below;
        below
    }

    /// The elements at these indices; `None` where there is none on that side.
    pub(super) fn element(&self, before: Option<usize>, after: Option<usize>) -> Self {
        let item = |side: Side<'a>, index: Option<usize>| side.items().get(index?);
        let index = before.or(after).unwrap_or(usize::MAX);
        Self {
            forcing: self.forcing.index(index),
            relevant: self.relevant.index(index),
            ..Self::new(item(self.before, before), item(self.after, after))
        }
    }

    /// The keys of both sides.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        keys([self.before.map(), self.after.map()].into_iter().flatten())
    }

    /// What happens to a value that is compared as a whole.
    pub(super) fn action(&self) -> Action {
        if self.before.is_missing() && !self.after.is_missing() {
            Action::Create
        } else if self.after.is_missing() && !self.before.is_missing() {
            Action::Delete
        } else if self.are_equal()
            && self.before.explicit == self.after.explicit
            && self.before.sensitive == self.after.sensitive
        {
            Action::NoOp
        } else {
            Action::Update
        }
    }

    /// What happens to something with parts, before the parts are looked at.
    pub(super) fn action_of_whole(&self) -> Action {
        Action::of_whole(self.before.value.is_some(), self.after.value.is_some())
    }

    /// Whether both sides have the same value.
    pub(super) fn are_equal(&self) -> bool {
        match (self.before.value, self.after.value) {
            (Some(before), Some(after)) => same(before, after),
            (before, after) => before.is_none() && after.is_none(),
        }
    }

    /// Whether there is no value on either side.
    pub(super) fn are_null(&self) -> bool {
        self.before.value.is_none() && self.after.value.is_none() && !self.unknown
    }
}

/// Whether two values are equal, whatever is marked as sensitive in them.
pub(super) fn same(before: &Sealed, after: &Sealed) -> bool {
    match (before, after) {
        (Sealed::Secret(before), Sealed::Secret(after)) => before.identity == after.identity,
        (Sealed::List(before), Sealed::List(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(before, after)| same(before, after))
        }
        (Sealed::Map(before), Sealed::Map(after)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(before, after)| before.0 == after.0 && same(before.1, after.1))
        }
        // What is not known yet is equal to nothing.
        (Sealed::Unknown { .. }, _) => false,
        (before, after) => before == after,
    }
}
