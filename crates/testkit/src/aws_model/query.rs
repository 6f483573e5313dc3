//! Forms of the query protocol: `Tags.member.1.Key=team`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::{Document, Kind, Member, Shape};
use super::xml;

/// What stands below a name: a value, further names, or both.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    below: BTreeMap<String, Node>,
}

/// Reads a form as the structure the model says it is.
pub(super) fn structure(document: &Document, shape: &Shape, form: Vec<(String, String)>) -> Value {
    let mut root = Node::default();
    for (name, value) in form.into_iter().filter(|(name, _)| name != "Action" && name != "Version") {
        let node = name.split('.').fold(&mut root, |node, part| node.below.entry(part.to_owned()).or_default());
        node.text = Some(value);
    }
    of_structure(document, shape, &root)
}

fn read(document: &Document, member: &Member, node: &Node) -> Value {
    let Some(shape) = document.shape(&member.shape) else {
        return untyped(node);
    };
    match shape.kind {
        Kind::Structure => of_structure(document, shape, node),
        Kind::List => of_list(document, shape, node),
        Kind::Map => of_map(document, shape, node),
        kind => match &node.text {
            Some(text) if node.below.is_empty() => xml::scalar(kind, text.clone()),
            _ => untyped(node),
        },
    }
}

fn of_structure(document: &Document, shape: &Shape, node: &Node) -> Value {
    let mut found = Map::new();
    for (wire, node) in &node.below {
        let member = shape.members.iter().find(|(name, member)| member.wire_name(name) == wire);
        match member {
            Some((name, member)) => found.insert(name.clone(), read(document, member, node)),
            None => found.insert(wire.clone(), untyped(node)),
        };
    }
    Value::Object(found)
}

/// Reads `name.member.1`, or `name.1` where the list is flattened; an empty value is an empty list.
fn of_list(document: &Document, shape: &Shape, node: &Node) -> Value {
    let Some(member) = &shape.member else {
        return untyped(node);
    };
    let items = if shape.flattened { Some(node) } else { node.below.get(member.wire_name("member")) };
    let items = items.into_iter().flat_map(numbered);
    Value::Array(items.map(|item| read(document, member, item)).collect())
}

/// Reads `name.entry.1.key` and `name.entry.1.value`.
fn of_map(document: &Document, shape: &Shape, node: &Node) -> Value {
    let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
        return untyped(node);
    };
    let entries = if shape.flattened { Some(node) } else { node.below.get("entry") };
    let pairs = entries.into_iter().flat_map(numbered).filter_map(|entry| {
        let name = entry.below.get(key.wire_name("key"))?.text.clone()?;
        Some((name, read(document, value, entry.below.get(value.wire_name("value"))?)))
    });
    Value::Object(pairs.collect())
}

/// Returns the items below a node in the order of their numbers.
fn numbered(node: &Node) -> Vec<&Node> {
    let mut items: Vec<(u32, &Node)> =
        node.below.iter().filter_map(|(name, item)| Some((name.parse().ok()?, item))).collect();
    items.sort_by_key(|(number, _)| *number);
    items.into_iter().map(|(_, item)| item).collect()
}

fn untyped(node: &Node) -> Value {
    match &node.text {
        Some(text) if node.below.is_empty() => Value::String(text.clone()),
        _ => Value::Object(node.below.iter().map(|(name, node)| (name.clone(), untyped(node))).collect()),
    }
}
