//! Differences of values whose type is known.

use super::difference::{Action, Body, Difference, Members, Sensitivity};
use super::dynamic;
use super::sequence::{Pair, align, identity, pair_equal};
use super::sides::Sides;
use crate::paths::Paths;
use crate::schema::{Attribute, Nesting, Shape, Type};
use crate::sealed::Sealed;

/// The difference of a block's attribute.
pub(super) fn attribute(sides: &Sides<'_>, attribute: &Attribute) -> Difference {
    match &attribute.shape {
        Shape::Value(kind) => value(sides.clone(), kind),
        Shape::Nested(nesting, attributes) => nested(sides, *nesting, attributes),
    }
}

/// The difference of a value.
pub(super) fn value(sides: Sides<'_>, kind: &Type) -> Difference {
    let sides = sides.in_legacy_terms();
    if sides.before.sensitive || sides.after.sensitive {
        let inner = hidden_action(&sides.open().in_legacy_terms());
        return sensitive(&sides, inner, Body::Sensitive);
    }
    if sides.unknown {
        return unknown(&sides, |before| value(before, kind));
    }
    if !fits(&sides, kind) {
        return dynamic::difference(&sides);
    }
    match kind {
        Type::Dynamic => dynamic::difference(&sides),
        Type::Text | Type::Number | Type::Bool => {
            Difference { action: sides.action(), forces: sides.forces(), body: dynamic::primitive(&sides) }
        }
        Type::Object(attributes) => {
            let names = attributes.keys().map(String::as_str).chain(sides.keys());
            let kind = |name: &str| attributes.get(name).unwrap_or(&Type::Dynamic);
            object(&sides, names, |sides, name, _| value(sides, kind(name)), false)
        }
        Type::Map(element) => {
            let entries =
                sides.keys().into_iter().map(|key| (key.to_owned(), value(sides.key(key).relevant_only(), element)));
            let entries: Members = entries.collect();
            let action = action_with(
                Action::of_whole(sides.before.map().is_some(), sides.after.map().is_some()),
                entries.values(),
            );
            Difference::new(action, sides.forces(), Body::Map { entries, nested: false })
        }
        Type::List(element) => {
            let pairs = list_pairs(&sides, |_| matches!(**element, Type::Object(_)));
            let elements = elements(&sides, &pairs, |sides| value(sides, element));
            let action =
                action_with(Action::of_whole(sides.before.list().is_some(), sides.after.list().is_some()), &elements);
            Difference::new(action, sides.forces(), Body::List { elements, context: true })
        }
        Type::Tuple(kinds) => {
            let count = sides.before.items().len().max(sides.after.items().len());
            let kind = |index: usize| kinds.get(index).unwrap_or(&Type::Dynamic);
            let elements: Vec<Difference> = (0..count)
                .map(|index| value(sides.element(Some(index), Some(index)).relevant_only(), kind(index)))
                .collect();
            let action = action_with(sides.action_of_whole(), &elements);
            Difference::new(action, sides.forces(), Body::List { elements, context: true })
        }
        Type::Set(element) => {
            let elements = elements(&sides, &set_pairs(&sides), |sides| value(sides, element));
            let action = action_with(sides.action_of_whole(), &elements);
            Difference::new(action, sides.forces(), Body::Set { elements, nested: false })
        }
    }
}

/// The difference of objects that a schema describes like a block.
fn nested(
    sides: &Sides<'_>,
    nesting: Nesting,
    attributes: &std::collections::BTreeMap<String, Attribute>,
) -> Difference {
    if sides.are_hidden() {
        return sensitive(sides, hidden_action(&sides.open()), Body::Sensitive);
    }
    if sides.unknown {
        return unknown(sides, |before| nested(&Sides { unknown_below: true, ..before }, nesting, attributes));
    }
    let single = |sides: Sides<'_>| nested(&sides, Nesting::Single, attributes);
    match nesting {
        Nesting::Single | Nesting::Group => {
            let is_write_only = |name: &&str| attributes.get(*name).is_some_and(|known| known.write_only);
            let names = || attributes.keys().map(String::as_str).chain(sides.keys());
            // What happens to a write-only attribute depends on the others.
            let ordered = names().filter(|name| !is_write_only(name)).chain(names().filter(is_write_only));
            let of = |sides: Sides<'_>, name: &str, whole: Action| match attributes.get(name) {
                Some(known) if known.write_only => write_only(&sides, whole),
                Some(known) => attribute(&sides, known),
                None => value(sides, &Type::Dynamic),
            };
            object(sides, ordered, of, true)
        }
        Nesting::Map => {
            let entries: Members =
                sides.keys().into_iter().map(|key| (key.to_owned(), single(sides.key(key).relevant_only()))).collect();
            let whole = Action::of_whole(sides.before.map().is_some(), sides.after.map().is_some());
            let action = action_with(whole, entries.values());
            Difference::new(action, sides.forces(), Body::Map { entries, nested: true })
        }
        Nesting::List => {
            let elements = elements_by_index(sides, single);
            let action = action_with(sides.action_of_whole(), &elements);
            Difference::new(action, sides.forces(), Body::List { elements, context: false })
        }
        Nesting::Set => {
            let elements = elements(sides, &set_pairs(sides), single);
            let action = action_with(sides.action_of_whole(), &elements);
            Difference::new(action, sides.forces(), Body::Set { elements, nested: true })
        }
    }
}

/// The difference of an object's attributes. Those that are write-only follow what happens to the others.
fn object<'a, 'n>(
    sides: &Sides<'a>,
    names: impl Iterator<Item = &'n str>,
    of: impl Fn(Sides<'a>, &str, Action) -> Difference,
    nested: bool,
) -> Difference {
    let mut action = sides.action_of_whole();
    let mut attributes = Members::new();
    for name in names {
        if attributes.contains_key(name) {
            continue;
        }
        let below = sides.attribute(name);
        let is_null = below.are_null();
        let difference = of(below, name, action);
        let is_write_only = matches!(difference.body, Body::WriteOnly { .. });
        if difference.is_no_op() && is_null && !is_write_only {
            continue;
        }
        if !is_write_only {
            action = action.with(difference.action);
        }
        attributes.insert(name.to_owned(), difference);
    }
    Difference::new(action, sides.forces(), Body::Object { attributes, nested })
}

/// A write-only attribute does what its block does, but it is not said to change each time its block does.
pub(super) fn write_only(sides: &Sides<'_>, whole: Action) -> Difference {
    let action = if whole == Action::Update { Action::NoOp } else { whole };
    let sensitive = sides.before.sensitive || sides.after.sensitive;
    Difference::new(action, sides.forces(), Body::WriteOnly { sensitive })
}

/// A value that is sensitive on one side or both; `inner` is what happens to it.
pub(super) fn sensitive(sides: &Sides<'_>, inner: Action, body: fn(Sensitivity) -> Body) -> Difference {
    let (before, after) = (sides.before.sensitive, sides.after.sensitive);
    let is_nothing = sides.before.is_missing() && sides.after.is_missing();
    let changes_status = inner == Action::NoOp && before != after && !is_nothing;
    let action = if changes_status { Action::Update } else { inner };
    Difference::new(action, sides.forces(), body(Sensitivity { before, after, inner }))
}

/// What happens to a value that is hidden: its parts cannot be looked at.
pub(super) fn hidden_action(sides: &Sides<'_>) -> Action {
    if sides.unknown {
        return known_after(sides).action();
    }
    sides.action()
}

/// A value that is known after apply, with the difference of what was there before.
pub(super) fn unknown<'a>(sides: &Sides<'a>, of: impl Fn(Sides<'a>) -> Difference) -> Difference {
    let action = known_after(sides).action();
    let before = sides.before.value.is_some().then(|| Box::new(of(sides.removed())));
    Difference::new(action, sides.forces(), Body::Unknown(before))
}

/// The value after the change is there, though it is not known.
fn known_after<'a>(sides: &Sides<'a>) -> Sides<'a> {
    let mut sides = sides.clone();
    sides.after.explicit = true;
    sides
}

/// The elements of a list in pairs.
pub(super) fn list_pairs(sides: &Sides<'_>, is_object: impl Fn(&Sealed) -> bool) -> Vec<Pair> {
    let (before, after) = (sides.before.items(), sides.after.items());
    let identities = |items: &[Sealed], start: usize| -> Vec<String> {
        items.iter().enumerate().map(|(index, item)| identity(item, start + index)).collect()
    };
    let (old, new) = (identities(before, 0), identities(after, before.len()));
    align(&old, &new, &(|index: usize| is_object(&before[index]), |index: usize| is_object(&after[index])))
}

/// The elements of a set in pairs.
pub(super) fn set_pairs(sides: &Sides<'_>) -> Vec<Pair> {
    let is_marked = |item: &Sealed| matches!(item, Sealed::Secret(secret) if secret.marked);
    let keys = |items: &[Sealed]| -> Vec<(String, bool)> {
        items.iter().map(|item| (identity(item, 0), is_marked(item))).collect()
    };
    let after = sides.after.items();
    let unknown: std::collections::HashSet<String> =
        after.iter().filter(|item| matches!(item, Sealed::Unknown { .. })).map(|item| identity(item, 0)).collect();
    pair_equal(&keys(sides.before.items()), &keys(after), |key| !unknown.contains(&key.0))
}

/// The differences of elements in pairs. Which of them are relevant cannot be told: of a relevant list all are.
pub(super) fn elements<'a>(sides: &Sides<'a>, pairs: &[Pair], of: impl Fn(Sides<'a>) -> Difference) -> Vec<Difference> {
    let element = |(before, after): &Pair| Sides { relevant: Paths::All, ..sides.element(*before, *after) };
    pairs.iter().map(|pair| of(element(pair))).collect()
}

/// The differences of elements by index.
pub(super) fn elements_by_index<'a>(sides: &Sides<'a>, of: impl Fn(Sides<'a>) -> Difference) -> Vec<Difference> {
    let count = sides.before.items().len().max(sides.after.items().len());
    (0..count).map(|index| of(sides.element(Some(index), Some(index)).relevant_only())).collect()
}

/// The action of a whole with these parts.
pub(super) fn action_with<'a>(whole: Action, parts: impl IntoIterator<Item = &'a Difference>) -> Action {
    parts.into_iter().fold(whole, |action, part| action.with(part.action))
}

/// Whether both values are of the type: a plan of another version of the provider may have others.
fn fits(sides: &Sides<'_>, kind: &Type) -> bool {
    let fits = |value: &Sealed| {
        matches!(
            (kind, value),
            (Type::Dynamic, _)
                | (Type::Text, Sealed::Text(_) | Sealed::Secret(_))
                | (Type::Number, Sealed::Number(_) | Sealed::Secret(_))
                | (Type::Bool, Sealed::Bool(_) | Sealed::Secret(_))
                | (Type::List(_) | Type::Set(_) | Type::Tuple(_), Sealed::List(_))
                | (Type::Map(_) | Type::Object(_), Sealed::Map(_))
        )
    };
    [sides.before.value, sides.after.value].into_iter().flatten().all(fits)
}
