//! Compares sealed values and builds the tree that shows their difference.
//!
//! The rules are Terraform's where they matter to a reader (null is absent, lists of equal length by index, else by longest
//! common subsequence, JSON in strings by structure); its exact text is not imitated.

mod list;
mod show;
mod text;

pub(crate) use show::{is_invisible, on_one_line, plural, show, shown};

use crate::document::Step;
use crate::entries::{Entries, keys};
use crate::node::{Body, Node, Shape, Sign};
use crate::paths::Paths;
use crate::sealed::{SENSITIVE, Sealed, Secret, reveal};

/// Attributes that say which object this is; shown though they do not change.
const IDENTIFYING: [&str; 2] = ["id", "name"];

/// JSON that stays the same is shown up to this length.
const LONGEST_SAME_JSON: usize = 120;

/// What a comparison needs to know of its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    /// Whether null is the same as absent: in resources, not in JSON.
    null_is_absent: bool,
    /// The paths below this value that force a replacement.
    forcing: Paths<'a>,
}

impl<'a> Scope<'a> {
    /// The scope of a resource's attributes.
    pub(crate) fn resource(replace_paths: &'a [Vec<Step>]) -> Self {
        Self { null_is_absent: true, forcing: Paths::only(replace_paths) }
    }

    fn json() -> Self {
        Self { null_is_absent: false, forcing: Paths::none() }
    }

    fn forces(&self) -> bool {
        self.forcing.match_here()
    }

    fn key(&self, key: &str) -> Self {
        Self { forcing: self.forcing.key(key), ..*self }
    }

    fn index(&self, index: usize) -> Self {
        Self { forcing: self.forcing.index(index), ..*self }
    }
}

/// The changed attributes of a resource, and a count of the others.
pub(crate) fn attributes(before: Option<&Sealed>, after: Option<&Sealed>, scope: &Scope<'_>) -> Vec<Node> {
    match (before, after) {
        (None | Some(Sealed::Map(_) | Sealed::Null), None | Some(Sealed::Map(_) | Sealed::Null)) => {
            let (mut nodes, hidden) = entries(entries_of(before), entries_of(after), scope, &IDENTIFYING);
            // A replaced object has many computed attributes; what forces it stands before them.
            nodes.sort_by_key(|node| !node.forces());
            if hidden > 0 {
                nodes.push(Node::hidden(hidden));
            }
            nodes
        }
        _ => value(None, before, after, scope).into_iter().collect(),
    }
}

/// The difference of one value; `None` where there is none.
pub(crate) fn value(
    name: Option<&str>,
    before: Option<&Sealed>,
    after: Option<&Sealed>,
    scope: &Scope<'_>,
) -> Option<Node> {
    let present =
        |value: Option<&'_ Sealed>| value.is_some_and(|value| !(scope.null_is_absent && *value == Sealed::Null));
    let (before, after) = (before.filter(|_| present(before)), after.filter(|_| present(after)));
    if before == after {
        return None;
    }
    let sign = match (before, after) {
        (None, _) => Sign::Added,
        (_, None) => Sign::Removed,
        _ => Sign::Changed,
    };
    let (body, note) = body(before, after, scope);
    Some(Node { name: name.map(shown_name), sign, forces_replacement: scope.forces(), note, body })
}

fn body(before: Option<&Sealed>, after: Option<&Sealed>, scope: &Scope<'_>) -> (Body, Option<String>) {
    match (before, after) {
        (Some(Sealed::Secret(old)), Some(Sealed::Secret(new))) => secret(old, new),
        (Some(Sealed::Text(old)), Some(Sealed::Text(new))) => texts(Some(old), Some(new)),
        (Some(Sealed::Text(old)), None) => texts(Some(old), None),
        (None, Some(Sealed::Text(new))) => texts(None, Some(new)),
        (Some(Sealed::Text(old)), Some(Sealed::Unknown { .. })) => (before_unknown(old, after), None),
        (Some(Sealed::Map(_)), Some(Sealed::Map(_)) | None)
        | (Some(Sealed::List(_)), Some(Sealed::List(_)) | None)
        | (None, Some(Sealed::Map(_) | Sealed::List(_))) => (group(before, after, scope), None),
        (Some(Sealed::Map(_) | Sealed::List(_)), Some(new @ (Sealed::Unknown { .. } | Sealed::Secret(_)))) => {
            (becomes(group(before, None, scope), new), None)
        }
        (Some(old), Some(new)) if is_group(old) || is_group(new) => (type_change(old, new, scope), None),
        _ => (Body::Scalar { before: before.map(show::whole), after: after.map(show::whole) }, None),
    }
}

fn is_group(value: &Sealed) -> bool {
    matches!(value, Sealed::Map(_) | Sealed::List(_))
}

fn type_change(old: &Sealed, new: &Sealed, scope: &Scope<'_>) -> Body {
    let sides = [value(None, Some(old), None, scope), value(None, None, Some(new), scope)];
    Body::TypeChange(sides.into_iter().flatten().collect())
}

/// Two secrets: what they are stays hidden, whether they are equal does not.
fn secret(old: &Secret, new: &Secret) -> (Body, Option<String>) {
    let scalar = |after: &str| Body::Scalar { before: Some(SENSITIVE.to_owned()), after: Some(after.to_owned()) };
    let marks = match (old.marked, new.marked) {
        (true, false) => Some("no longer marked as sensitive"),
        (false, true) => Some("newly marked as sensitive"),
        _ => None,
    };
    if old.identity == new.identity {
        let note = marks.map(|marks| format!("the value is unchanged, {marks}"));
        return (scalar("(sensitive value, unchanged)"), note);
    }
    (scalar("(sensitive value, changed)"), marks.map(str::to_owned))
}

fn texts(before: Option<&str>, after: Option<&str>) -> (Body, Option<String>) {
    let json = |text: Option<&str>| text.map(Sealed::from_json_text);
    match (json(before), json(after)) {
        (Some(Some(old)), Some(Some(new))) if old == new => {
            let note = "the JSON is the same; only its white space or order changes".to_owned();
            (same_json(before, after), Some(note))
        }
        (Some(Some(old)), Some(Some(new))) => (encoded(Some(&old), Some(&new)), None),
        (Some(Some(old)), None) => (encoded(Some(&old), None), None),
        (None, Some(Some(new))) => (encoded(None, Some(&new)), None),
        _ => (text::compare(before, after), text::note(before, after)),
    }
}

/// Two texts of one JSON value: both where they are short, else only how long they are.
fn same_json(before: Option<&str>, after: Option<&str>) -> Body {
    let length = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
    let (old, new) = (length(before), length(after));
    if old.max(new) <= LONGEST_SAME_JSON {
        return text::compare(before, after);
    }
    let length = if old == new { format!("{new} characters") } else { format!("{old} -> {new} characters") };
    Body::Scalar { before: None, after: Some(format!("jsonencode(…) ({length})")) }
}

fn before_unknown(old: &str, after: Option<&Sealed>) -> Body {
    match (Sealed::from_json_text(old), after) {
        (Some(json), Some(after)) => becomes(encoded(Some(&json), None), after),
        _ => Body::Scalar { before: Some(show::quote_whole(old)), after: after.map(show::whole) },
    }
}

fn encoded(before: Option<&Sealed>, after: Option<&Sealed>) -> Body {
    match group(before, after, &Scope::json()) {
        Body::Group { shape, members, becomes, .. } => Body::Group { shape, encoded: true, members, becomes },
        other => other,
    }
}

fn becomes(group: Body, after: &Sealed) -> Body {
    match group {
        Body::Group { shape, encoded, members, .. } => {
            Body::Group { shape, encoded, members, becomes: Some(show(after)) }
        }
        other => other,
    }
}

fn group(before: Option<&Sealed>, after: Option<&Sealed>, scope: &Scope<'_>) -> Body {
    match (before, after) {
        (Some(Sealed::List(old)), Some(Sealed::List(new))) => group_of(Shape::List, list::compare(old, new, scope)),
        (Some(Sealed::List(old)), None) => group_of(Shape::List, list::compare(old, &[], scope)),
        (None, Some(Sealed::List(new))) => group_of(Shape::List, list::compare(&[], new, scope)),
        (Some(Sealed::Map(_)) | None, Some(Sealed::Map(_)) | None) => {
            let (mut members, hidden) = entries(entries_of(before), entries_of(after), scope, &[]);
            if hidden > 0 {
                members.push(Node::hidden(hidden));
            }
            group_of(Shape::Map, members)
        }
        _ => Body::Scalar { before: before.map(show::whole), after: after.map(show::whole) },
    }
}

fn group_of(shape: Shape, members: Vec<Node>) -> Body {
    Body::Group { shape, encoded: false, members, becomes: None }
}

/// The changed entries of two maps in the order of their keys, and how many others there are.
fn entries(
    before: Option<&Entries<Sealed>>,
    after: Option<&Entries<Sealed>>,
    scope: &Scope<'_>,
    always: &[&str],
) -> (Vec<Node>, usize) {
    let mut nodes = Vec::new();
    let mut empty = Vec::new();
    let mut hidden = 0;
    for key in keys(before.into_iter().chain(after)) {
        let (old, new) = (before.and_then(|entries| entries.get(key)), after.and_then(|entries| entries.get(key)));
        match value(Some(key), old, new, &scope.key(key)) {
            Some(node) if scope.null_is_absent && !node.forces_replacement && are_empty(old, new) => empty.push(node),
            Some(node) => nodes.push(node),
            None => match new.or(old) {
                None => {}
                Some(Sealed::Null) if scope.null_is_absent => {}
                Some(same @ (Sealed::Text(_) | Sealed::Number(_))) if always.contains(&key) => {
                    nodes.push(unchanged(Some(key), same));
                }
                Some(_) => hidden += 1,
            },
        }
    }
    // Providers like to write null where there was an empty value; beside real changes that is noise.
    if nodes.iter().any(|node| node.sign != Sign::Unchanged) {
        nodes.extend((!empty.is_empty()).then(|| Node::empty(empty.len())));
    } else {
        nodes.extend(empty);
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
    }
    (nodes, hidden)
}

/// Whether each side is null, absent, or an empty text, list or map.
fn are_empty(old: Option<&Sealed>, new: Option<&Sealed>) -> bool {
    let is_empty = |value: Option<&Sealed>| match value {
        None | Some(Sealed::Null) => true,
        Some(Sealed::Text(text)) => text.is_empty(),
        Some(Sealed::List(items)) => items.is_empty(),
        Some(Sealed::Map(entries)) => entries.is_empty(),
        Some(Sealed::Bool(_) | Sealed::Number(_) | Sealed::Secret(_) | Sealed::Unknown { .. }) => false,
    };
    is_empty(old) && is_empty(new)
}

/// A value that is shown although it does not change.
fn unchanged(name: Option<&str>, same: &Sealed) -> Node {
    let body = Body::Scalar { before: Some(show::whole(same)), after: Some(show::whole(same)) };
    Node { name: name.map(shown_name), sign: Sign::Unchanged, forces_replacement: false, note: None, body }
}

fn entries_of(value: Option<&Sealed>) -> Option<&Entries<Sealed>> {
    match value {
        Some(Sealed::Map(entries)) => Some(entries),
        _ => None,
    }
}

/// A key as it is shown: bare where it is an identifier, else quoted.
fn shown_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) { reveal(name) } else { show::quote(name) }
}

#[cfg(test)]
mod tests;
