//! From what was read to what is registered.

use serde_json::{Map, Value};

use super::{DESCRIBE_ONLY, text};

/// The fields as they are registered: without what only a describe tells, without nulls, without tags that only AWS may
/// set. An empty list of tags is left out, as the official action does
/// (<https://github.com/aws-actions/amazon-ecs-deploy-task-definition/pull/52>).
pub(super) fn of(mut fields: Map<String, Value>) -> Map<String, Value> {
    for name in DESCRIBE_ONLY {
        fields.shift_remove(name);
    }
    if let Some(Value::Array(tags)) = fields.get_mut("tags") {
        tags.retain(|tag| !text(tag, "key").starts_with("aws:"));
        if tags.is_empty() {
            fields.shift_remove("tags");
        }
    }
    let mut fields: Map<String, Value> =
        fields.into_iter().filter_map(|(name, value)| Some((name, without_nulls(value)?))).collect();
    give_values(&mut fields);
    fields
}

/// Gives the empty text to variables, and to properties of App Mesh's proxy, that have no value: of an entry without one ECS keeps
/// nothing (<https://github.com/aws-actions/amazon-ecs-deploy-task-definition/pull/224>).
fn give_values(fields: &mut Map<String, Value>) {
    let containers = fields.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    containers.into_iter().flatten().for_each(|container| of_all(container, "environment"));
    if let Some(proxy) = fields.get_mut("proxyConfiguration").filter(|proxy| text(proxy, "type") == "APPMESH") {
        of_all(proxy, "properties");
    }
}

/// The same for one list of pairs.
fn of_all(owner: &mut Value, list: &str) {
    let pairs = owner.get_mut(list).and_then(Value::as_array_mut);
    for pair in pairs.into_iter().flatten().filter_map(Value::as_object_mut) {
        pair.entry("value").or_insert_with(|| Value::from(""));
    }
}

/// `value` without the members of objects that are null. An element of a list is never dropped: that would move the others.
fn without_nulls(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(fields) => Some(Value::Object(
            fields.into_iter().filter_map(|(name, value)| Some((name, without_nulls(value)?))).collect(),
        )),
        Value::Array(items) => {
            Some(Value::Array(items.into_iter().map(|item| without_nulls(item).unwrap_or(Value::Null)).collect()))
        }
        other => Some(other),
    }
}
