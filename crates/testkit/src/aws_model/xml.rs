//! XML bodies, read as the values their shapes describe.

use roxmltree::Node;
use serde_json::{Map, Value};

use super::document::{Document, Kind, Member, Shape};

/// Reads the members of a structure from a whole document, whatever its root is called; `Null` when it is no XML.
pub(super) fn document(document: &Document, shape: &Shape, text: &str) -> Value {
    match roxmltree::Document::parse(text) {
        Ok(parsed) => structure(document, shape, parsed.root_element()),
        Err(_) => Value::Null,
    }
}

/// Reads the members of a structure from the children and attributes of an element. Elements the shape does not know keep
/// their name.
pub(super) fn structure(document: &Document, shape: &Shape, element: Node<'_, '_>) -> Value {
    let mut found = Map::new();
    for (name, member) in shape.members.iter().filter(|(_, member)| member.xml_attribute) {
        let wire = member.wire_name(name).rsplit(':').next().unwrap_or_default();
        let attribute = element.attributes().find(|attribute| attribute.name() == wire);
        found.extend(attribute.map(|attribute| (name.clone(), Value::String(attribute.value().to_owned()))));
    }
    for child in element.children().filter(Node::is_element) {
        let wire = child.tag_name().name();
        let member = shape.members.iter().find(|(name, member)| wire_name(document, name, member) == wire);
        let Some((name, member)) = member else {
            found.insert(wire.to_owned(), untyped(child));
            continue;
        };
        let value = read(document, member, child);
        match (found.get_mut(name), value) {
            (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
            (Some(Value::Object(entries)), Value::Object(more)) => entries.extend(more),
            (_, value) => {
                found.insert(name.clone(), value);
            }
        }
    }
    Value::Object(found)
}

/// Turns a text into the value of a scalar; what it cannot be stays text, so that a check can name it.
pub(super) fn scalar(kind: Kind, text: String) -> Value {
    let value = match kind {
        Kind::Boolean => text.parse().ok().map(Value::Bool),
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or(Value::String(text))
}

/// Returns the element a member is found in: items of a flattened list stand there themselves, under their own name.
fn wire_name<'a>(document: &'a Document, name: &'a str, member: &'a Member) -> &'a str {
    let shape = document.shape(&member.shape);
    let item = shape.filter(|shape| shape.flattened || member.flattened).and_then(|shape| shape.member.as_ref());
    item.and_then(|item| item.location_name.as_deref()).unwrap_or_else(|| member.wire_name(name))
}

fn read(document: &Document, member: &Member, element: Node<'_, '_>) -> Value {
    let Some(shape) = document.shape(&member.shape) else {
        return untyped(element);
    };
    let is_flattened = shape.flattened || member.flattened;
    match shape.kind {
        Kind::Structure => structure(document, shape, element),
        Kind::List => list(document, shape, element, is_flattened),
        Kind::Map => map(document, shape, element, is_flattened),
        _ if element.children().any(|child| child.is_element()) => untyped(element),
        kind => scalar(kind, element.text().unwrap_or_default().to_owned()),
    }
}

fn list(document: &Document, shape: &Shape, element: Node<'_, '_>, is_flattened: bool) -> Value {
    let Some(member) = &shape.member else {
        return untyped(element);
    };
    if is_flattened {
        return Value::Array(vec![read(document, member, element)]);
    }
    let wire = member.wire_name("member");
    let children = element.children().filter(Node::is_element);
    let items = children.map(|child| {
        if child.has_tag_name(wire) || child.tag_name().name() == wire {
            read(document, member, child)
        } else {
            Value::Object([(child.tag_name().name().to_owned(), untyped(child))].into_iter().collect())
        }
    });
    Value::Array(items.collect())
}

fn map(document: &Document, shape: &Shape, element: Node<'_, '_>, is_flattened: bool) -> Value {
    let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
        return untyped(element);
    };
    let entries: Vec<Node<'_, '_>> =
        if is_flattened { vec![element] } else { element.children().filter(Node::is_element).collect() };
    let child = |entry: Node<'_, '_>, wire: &str| {
        let found = entry.children().find(|child| child.tag_name().name() == wire);
        found.map(|child| child.id()).and_then(|id| element.document().get_node(id))
    };
    let pairs = entries.into_iter().filter_map(|entry| {
        let name = child(entry, key.wire_name("key"))?.text()?.to_owned();
        Some((name, read(document, value, child(entry, value.wire_name("value"))?)))
    });
    Value::Object(pairs.collect())
}

fn untyped(element: Node<'_, '_>) -> Value {
    let children: Map<String, Value> = element
        .children()
        .filter(Node::is_element)
        .map(|child| (child.tag_name().name().to_owned(), untyped(child)))
        .collect();
    if children.is_empty() {
        Value::String(element.text().unwrap_or_default().to_owned())
    } else {
        Value::Object(children)
    }
}
