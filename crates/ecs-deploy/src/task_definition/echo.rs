//! What was sent and did not come back: fields that the service does not know and dropped without a word.

use serde_json::Value;

/// The paths of `sent` that `echoed` does not have, and that held something. Both are canonical, so API defaults do not count;
/// neither does what is empty, because ECS answers with or without it as it likes.
pub(super) fn lost(sent: &Value, echoed: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    walk("", sent, echoed, &mut paths);
    paths
}

fn walk(path: &str, sent: &Value, echoed: &Value, paths: &mut Vec<String>) {
    match (sent, echoed) {
        (Value::Object(sent), Value::Object(echoed)) => {
            for (name, value) in sent {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                inner(path, value, echoed.get(name), paths);
            }
        }
        (Value::Array(sent), Value::Array(echoed)) => {
            for (index, value) in sent.iter().enumerate() {
                inner(format!("{path}[{index}]"), value, echoed.get(index), paths);
            }
        }
        _ => {}
    }
}

fn inner(path: String, sent: &Value, echoed: Option<&Value>, paths: &mut Vec<String>) {
    match echoed {
        Some(echoed) => walk(&path, sent, echoed, paths),
        None if is_empty(sent) => {}
        None => paths.push(path),
    }
}

/// Whether a value says nothing: null, false, zero, no text, nothing but such values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !*value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}
