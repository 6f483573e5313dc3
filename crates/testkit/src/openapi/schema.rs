//! One schema taken out of an OpenAPI 3.0 document, as JSON Schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Follows references from a JSON pointer to the pointer of what is meant; `None` when nothing is there.
pub(super) fn resolve(root: &Value, pointer: &str) -> Option<String> {
    match root.pointer(pointer)?["$ref"].as_str() {
        Some(reference) => resolve(root, reference.trim_start_matches('#')),
        None => Some(pointer.to_owned()),
    }
}

/// Copies the schema at a pointer with all schemas it refers to. Compiling the whole document instead takes seconds.
pub(super) fn extract(root: &Value, pointer: &str) -> Value {
    let mut schema = root.pointer(pointer).cloned().unwrap_or(Value::Bool(false));
    convert(&mut schema);
    let mut wanted = BTreeSet::new();
    collect(&schema, &mut wanted);
    let mut found = Map::new();
    while let Some(name) = wanted.pop_first() {
        if found.contains_key(&name) {
            continue;
        }
        let mut other = root["components"]["schemas"][&name].clone();
        convert(&mut other);
        collect(&other, &mut wanted);
        found.insert(name, other);
    }
    json!({"allOf": [schema], "components": {"schemas": found}})
}

/// Returns the JSON pointers of everything a part of the document refers to directly; examples do not count.
pub(super) fn references(part: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    follow(part, &mut found);
    found
}

fn follow(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Array(items) => items.iter().for_each(|item| follow(item, found)),
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
            found.extend(reference.filter(|pointer| !pointer.starts_with("/components/examples/")).map(str::to_owned));
            map.values().for_each(|value| follow(value, found));
        }
        _ => {}
    }
}

fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix(SCHEMAS)) {
                names.insert(name.to_owned());
            }
            map.values().for_each(|value| collect(value, names));
        }
        _ => {}
    }
}

/// Turns `nullable: true`, which JSON Schema does not know, into a choice with `null`, and drops examples, which may look like
/// schemas.
fn convert(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(convert),
        Value::Object(map) => {
            for name in ["example", "examples", "default"] {
                // A property of that name is an object, and stays.
                if map.get(name).is_some_and(|value| value.get("type").is_none()) {
                    map.remove(name);
                }
            }
            map.values_mut().for_each(convert);
            if map.get("nullable") == Some(&Value::Bool(true)) {
                map.remove("nullable");
                let inner = std::mem::take(map);
                map.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
            }
        }
        _ => {}
    }
}

/// Names the fields of a body, at any depth, that the schema at a pointer does not document. GitHub ignores such fields: a misspelt
/// one is silently lost.
pub(super) fn unknown_fields(root: &Value, pointer: &str, body: &Value) -> Vec<String> {
    let schema = root.pointer(pointer).into_iter().collect();
    let mut found = Vec::new();
    search(root, schema, body, "", &mut found);
    found
}

/// Looks for fields of `value` that none of the schemas it may have knows.
fn search(root: &Value, schemas: Vec<&Value>, value: &Value, path: &str, found: &mut Vec<String>) {
    let mut choices = Vec::new();
    for schema in schemas {
        flatten(root, schema, &mut choices);
    }
    match value {
        Value::Array(items) => {
            let kinds: Vec<&Value> = choices.iter().filter_map(|schema| schema.get("items")).collect();
            for item in items {
                search(root, kinds.clone(), item, &format!("{path}[]"), found);
            }
        }
        Value::Object(map) => {
            let is_open =
                choices.iter().any(|schema| schema.get("additionalProperties").is_some_and(|more| *more != false))
                    || choices.iter().all(|schema| schema.get("properties").is_none());
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let known: Vec<&Value> =
                    choices.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect();
                if !known.is_empty() {
                    search(root, known, value, &path, found);
                } else if !is_open {
                    found.push(format!("`{path}` is no documented field"));
                }
            }
        }
        _ => {}
    }
}

/// Takes references and choices apart.
fn flatten<'a>(root: &'a Value, schema: &'a Value, choices: &mut Vec<&'a Value>) {
    if let Some(reference) = schema["$ref"].as_str() {
        if let Some(target) = root.pointer(reference.trim_start_matches('#')) {
            flatten(root, target, choices);
        }
        return;
    }
    choices.push(schema);
    for name in ["allOf", "anyOf", "oneOf"] {
        for part in schema[name].as_array().into_iter().flatten() {
            flatten(root, part, choices);
        }
    }
}
