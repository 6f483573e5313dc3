//! Differences of values without a type: outputs, attributes of any type, and JSON in texts.

use super::difference::{Action, Body, Difference, Members};
use super::sides::Sides;
use super::values::{action_with, elements, hidden_action, list_pairs};
use crate::sealed::{self, Sealed};

/// What a value is compared as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Scalar(sealed::Kind),
    List,
    Map,
    /// A list or a map of which nothing is known.
    Hidden,
}

impl Kind {
    fn of(value: Option<&Sealed>) -> Self {
        let Some(kind) = value.and_then(Sealed::kind) else { return Self::Null };
        match (kind, value) {
            (sealed::Kind::List | sealed::Kind::Map, Some(Sealed::Secret(_))) => Self::Hidden,
            (sealed::Kind::List, _) => Self::List,
            (sealed::Kind::Map, _) => Self::Map,
            (scalar, _) => Self::Scalar(scalar),
        }
    }
}

/// The difference of a value of any type. What forces a replacement is not marked in it.
pub(super) fn difference(sides: &Sides<'_>) -> Difference {
    if sides.before.sensitive || sides.after.sensitive {
        return sensitive(sides);
    }
    if sides.unknown {
        return unknown(sides);
    }
    let (before, after) = (Kind::of(sides.before.value), Kind::of(sides.after.value));
    let is_deleted = after == Kind::Null && !sides.after.explicit;
    let is_created = before == Kind::Null && !sides.before.explicit;
    if before == after || is_created || is_deleted {
        return same_kind(sides, if before == Kind::Null { after } else { before });
    }
    let (old, new) = (same_kind(&sides.removed(), before), same_kind(&sides.created(), after));
    Difference::new(Action::Update, false, Body::TypeChange(Box::new(old), Box::new(new)))
}

fn same_kind(sides: &Sides<'_>, kind: Kind) -> Difference {
    match kind {
        Kind::Null | Kind::Scalar(_) | Kind::Hidden => {
            let action = match (sides.before.is_missing(), sides.after.is_missing()) {
                (true, false) => Action::Create,
                (false, true) => Action::Delete,
                _ if sides.are_equal() => Action::NoOp,
                _ => Action::Update,
            };
            Difference::new(action, false, primitive(sides))
        }
        Kind::List => {
            let pairs = list_pairs(sides, |item| matches!(item, Sealed::Map(_)));
            let elements = elements(sides, &pairs, |sides| difference(&sides));
            let whole = Action::of_whole(sides.before.list().is_some(), sides.after.list().is_some());
            Difference::new(action_with(whole, &elements), false, Body::List { elements, context: true })
        }
        Kind::Map => {
            let entry = |key: &str| (key.to_owned(), difference(&sides.key(key).relevant_only()));
            let attributes: Members = sides.keys().into_iter().map(entry).collect();
            let whole = Action::of_whole(sides.before.map().is_some(), sides.after.map().is_some());
            let action = action_with(whole, attributes.values());
            Difference::new(action, false, Body::Object { attributes, nested: false })
        }
    }
}

fn sensitive(sides: &Sides<'_>) -> Difference {
    let inner = if sides.unknown { unknown(&sides.open()).action } else { hidden_action(&sides.open()) };
    let hidden = super::values::sensitive(sides, inner, Body::Sensitive);
    Difference { forces: false, ..hidden }
}

fn unknown(sides: &Sides<'_>) -> Difference {
    let before = sides.before.value.is_some().then(|| Box::new(difference(&sides.removed())));
    let action = if before.is_some() { Action::Update } else { Action::Create };
    Difference::new(action, false, Body::Unknown(before))
}

/// The body of a value without parts. A text that holds JSON is shown by its structure.
pub(super) fn primitive(sides: &Sides<'_>) -> Body {
    let (before, after) = (sides.before.value, sides.after.value);
    let text = |value: Option<&Sealed>| match value {
        Some(Sealed::Text(text)) => Some(Some(text.clone())),
        None => Some(None),
        Some(_) => None,
    };
    if let (Some(old), Some(new)) = (text(before), text(after))
        && (old.is_some() || new.is_some())
    {
        return text_body(old, new, sides.action());
    }
    Body::Scalar(before.cloned(), after.cloned())
}

/// The body of a text.
fn text_body(before: Option<String>, after: Option<String>, action: Action) -> Body {
    let (old, new) = (before.as_deref().and_then(json), after.as_deref().and_then(json));
    match (action, old, new) {
        (Action::Update, Some(old), Some(new)) => encoded(Some(&old), Some(&new), action),
        // One side is JSON and the other is not: each is shown by itself.
        (Action::Update, None, Some(_)) | (Action::Update, Some(_), None) => Body::TypeChange(
            Box::new(Difference::new(Action::Delete, false, text_body(before, None, Action::Delete))),
            Box::new(Difference::new(Action::Create, false, text_body(None, after, Action::Create))),
        ),
        (Action::NoOp, _, Some(new)) => encoded(Some(&new), Some(&new), action),
        (Action::Create, _, Some(new)) => encoded(None, Some(&new), action),
        (Action::Delete, Some(old), _) => encoded(Some(&old), None, action),
        _ => Body::Text(before, after),
    }
}

fn encoded(before: Option<&Sealed>, after: Option<&Sealed>, action: Action) -> Body {
    let mut sides = Sides::new(before, after);
    sides.before.explicit = action != Action::Create;
    sides.after.explicit = action != Action::Delete;
    Body::Encoded(Box::new(difference(&sides)))
}

/// The JSON object or array that a text is; white space in front makes it plain text for Terraform.
fn json(text: &str) -> Option<Sealed> {
    if text.starts_with(['{', '[']) { Sealed::from_json(text) } else { None }
}
