//! Which fields change: paths and, for images alone, values. Other values may be secrets and never leave this module.

use serde::Serialize;
use serde_json::Value;

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// Where it is: `containerDefinitions.app.environment.LOG_LEVEL`.
    pub(crate) path: String,
    /// What happens to it.
    pub(crate) kind: ChangeKind,
}

/// What happens to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChangeKind {
    /// It was not there.
    Added,
    /// It has another value.
    Changed,
    /// It is gone.
    Removed,
}

impl ChangeKind {
    /// The sign of a diff's line.
    pub(crate) const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Changed => '~',
            Self::Removed => '-',
        }
    }
}

/// The changes from one canonical form to another.
pub(super) fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk("", before, after, &mut changes);
    changes
}

fn walk(path: &str, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) if !is_item(path) => {
            for (name, value) in old {
                match new.get(name) {
                    Some(other) => walk(&join(path, name), value, other, changes),
                    None => changes.push(Change { path: join(path, name), kind: ChangeKind::Removed }),
                }
            }
            for name in new.keys().filter(|name| !old.contains_key(*name)) {
                changes.push(Change { path: join(path, name), kind: ChangeKind::Added });
            }
        }
        _ => changes.push(Change { path: path.to_owned(), kind: ChangeKind::Changed }),
    }
}

/// Whether `path` is an item such as an environment variable: its name is enough.
fn is_item(path: &str) -> bool {
    let parent = path.rsplit('.').nth(1);
    matches!(parent, Some("environment" | "secrets" | "secretOptions" | "tags"))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
