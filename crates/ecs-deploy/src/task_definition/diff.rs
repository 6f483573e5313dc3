//! Which fields change: their paths, and the values of those that cannot be secrets. Other values never leave this module.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::model::{Kind, TASK_DEFINITION};

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// Where it is: `containerDefinitions.app.environment.LOG_LEVEL`.
    pub(crate) path: String,
    /// What happens to it.
    pub(crate) kind: ChangeKind,
    /// What it was, when that cannot be a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// What it becomes, when that cannot be a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
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

impl Change {
    /// One line of a diff: `~ cpu: 256 -> 512`.
    pub(crate) fn line(&self) -> String {
        let values = match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!(": {before} -> {after}"),
            (Some(value), None) | (None, Some(value)) => format!(": {value}"),
            (None, None) => String::new(),
        };
        format!("{} {}{values}", self.kind.sign(), self.path)
    }
}

/// The changes from one canonical form to another.
pub(super) fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk("", Some(TASK_DEFINITION), (Some(before), Some(after)), &mut changes);
    changes
}

/// The members of an object.
type Fields<'a> = Cow<'a, Map<String, Value>>;

/// The values before and after.
type Both<'a> = (Option<&'a Value>, Option<&'a Value>);

fn walk(path: &str, kind: Option<Kind>, (before, after): Both<'_>, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let Some((old, new)) = members(path, kind, (before, after)) else {
        changes.push(change(path, kind, before, after));
        return;
    };
    let added = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(added) {
        // A list whose items have names is an object here.
        let item = kind.and_then(Kind::item);
        let both = (old.get(name), new.get(name));
        match (item, both) {
            (Some(_), (None, _) | (_, None)) => changes.push(change(&join(path, name), item, both.0, both.1)),
            _ => walk(&join(path, name), kind.and_then(|kind| kind.member(name)).or(item), both, changes),
        }
    }
}

/// The members before and after, when it is their names that tell what changes: those of an object, or of one that is there on
/// one side only and is known.
fn members<'a>(path: &str, kind: Option<Kind>, both: Both<'a>) -> Option<(Fields<'a>, Fields<'a>)> {
    let none = || Cow::Owned(Map::new());
    match both {
        _ if is_item(path) => None,
        (Some(Value::Object(old)), Some(Value::Object(new))) => Some((Cow::Borrowed(old), Cow::Borrowed(new))),
        (Some(Value::Object(old)), None) if kind.is_some() => Some((Cow::Borrowed(old), none())),
        (None, Some(Value::Object(new))) if kind.is_some() => Some((none(), Cow::Borrowed(new))),
        _ => None,
    }
}

fn change(path: &str, kind: Option<Kind>, before: Option<&Value>, after: Option<&Value>) -> Change {
    let shown = |value: Option<&Value>| kind.zip(value).and_then(|(kind, value)| shown(path, kind, value));
    let (known_before, known_after) = (shown(before), shown(after));
    let what = match (before, after) {
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
        _ => ChangeKind::Changed,
    };
    // One value of two would be read as the other kind of line.
    let all_known = known_before.is_some() == before.is_some() && known_after.is_some() == after.is_some();
    Change {
        path: path.to_owned(),
        kind: what,
        before: known_before.filter(|_| all_known),
        after: known_after.filter(|_| all_known),
    }
}

/// `value` for people to read; `None` when it might be a secret: any text but an image, a role, a size, or one of ECS's words.
fn shown(path: &str, kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Number, Value::Number(number)) => Some(number.to_string()),
        (Kind::Boolean, Value::Bool(value)) => Some(value.to_string()),
        (Kind::Word(words), Value::String(text)) if words.contains(&text.as_str()) => Some(text.clone()),
        (Kind::Text, Value::String(text)) if is_open(path) && is_tame(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether `path` is a field of free text that is no secret. A label may have such a name too, and is deeper down.
fn is_open(path: &str) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    matches!(
        parts.as_slice(),
        ["family" | "cpu" | "memory" | "taskRoleArn" | "executionRoleArn"] | ["containerDefinitions", _, "image"]
    )
}

fn is_tame(text: &str) -> bool {
    text.len() <= 512 && text.chars().all(|c| c.is_ascii_alphanumeric() || " _./:@+=,-".contains(c))
}

/// Whether `path` is an item such as an environment variable: its name is enough.
fn is_item(path: &str) -> bool {
    let parent = path.rsplit('.').nth(1);
    matches!(parent, Some("environment" | "secrets" | "secretOptions" | "tags"))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
