//! What was sent and did not come back: fields that the service does not know and dropped without a word.

use serde_json::Value;

/// The paths of `sent` that `echoed` does not have. Both are canonical, so API defaults do not count.
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
                match echoed.get(name) {
                    Some(other) => walk(&path, value, other, paths),
                    None => paths.push(path),
                }
            }
        }
        (Value::Array(sent), Value::Array(echoed)) => {
            for (index, value) in sent.iter().enumerate() {
                let path = format!("{path}[{index}]");
                match echoed.get(index) {
                    Some(other) => walk(&path, value, other, paths),
                    None => paths.push(path),
                }
            }
        }
        _ => {}
    }
}
