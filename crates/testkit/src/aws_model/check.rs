//! Values against the shapes they should have.

mod text;

use std::fmt;

use serde_json::{Map, Value};

use super::document::{Document, Kind, Member, Protocol, Shape};

/// One departure from the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where: members joined by dots, `[]` for an item of a list, `{}` for a value of a map; empty for the whole.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) reason: String,
    /// Whether the model merely does not know what stands there, which a scenario may declare.
    pub(crate) is_unknown: bool,
}

impl Violation {
    pub(super) fn new(path: &str, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into(), is_unknown: false }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.reason);
        }
        write!(f, "`{}` {}", self.path, self.reason)
    }
}

/// Who made the value: AWS may leave a member `null`, a request may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

/// Checks an operation's parameters.
pub(super) fn input(document: &Document, operation: &str, parameters: &Value) -> Vec<Violation> {
    let described = document.operations.get(operation);
    let Some(shape) = described.and_then(|described| document.input(described)) else {
        return Vec::new();
    };
    let mut check = Check::new(document, Side::Request);
    check.structure(shape, parameters, "");
    check.finish()
}

pub(super) struct Check<'a> {
    document: &'a Document,
    side: Side,
    found: Vec<Violation>,
}

impl<'a> Check<'a> {
    pub(super) fn new(document: &'a Document, side: Side) -> Self {
        Self { document, side, found: Vec::new() }
    }

    /// Returns what was found, in the order of the paths.
    pub(super) fn finish(mut self) -> Vec<Violation> {
        self.found.sort_by(|one, other| one.path.cmp(&other.path));
        self.found
    }

    pub(super) fn structure(&mut self, shape: &Shape, value: &Value, path: &str) {
        if shape.document || shape.eventstream {
            return;
        }
        let Some(fields) = value.as_object() else {
            return self.report(path, format!("is {}, the model has a structure", kind(value)));
        };
        for name in &shape.required {
            if !self.is_there(fields, name) {
                self.report(&join(path, name), "is required and missing");
            }
        }
        if shape.union && fields.len() != 1 {
            self.report(path, format!("is a union of which exactly one member is set, not {}", fields.len()));
        }
        for (name, value) in fields {
            let path = join(path, name);
            match shape.members.get(name) {
                Some(member) => self.member(member, value, &path),
                None => self.found.push(Violation {
                    path,
                    reason: "is no member of the model".to_owned(),
                    is_unknown: true,
                }),
            }
        }
    }

    pub(super) fn member(&mut self, member: &Member, value: &Value, path: &str) {
        let Some(shape) = self.document.shape(&member.shape) else {
            return;
        };
        if value.is_null() && self.side == Side::Answer {
            return;
        }
        match shape.kind {
            Kind::Structure => self.structure(shape, value, path),
            Kind::List => self.list(shape, value, path),
            Kind::Map => self.map(shape, value, path),
            _ => self.scalar(shape, value, path),
        }
    }

    fn list(&mut self, shape: &Shape, value: &Value, path: &str) {
        let Some(items) = value.as_array() else {
            return self.report(path, format!("is {}, the model has a list", kind(value)));
        };
        self.size(shape, items.len(), "items", path);
        let Some(member) = &shape.member else {
            return;
        };
        for item in items {
            self.member(member, item, &format!("{path}[]"));
        }
    }

    fn map(&mut self, shape: &Shape, value: &Value, path: &str) {
        let Some(entries) = value.as_object() else {
            return self.report(path, format!("is {}, the model has a map", kind(value)));
        };
        self.size(shape, entries.len(), "entries", path);
        for (name, value) in entries {
            if let Some(key) = &shape.key {
                self.member(key, &Value::String(name.clone()), &format!("{path}{{}}"));
            }
            if let Some(member) = &shape.value {
                self.member(member, value, &format!("{path}{{}}"));
            }
        }
    }

    fn scalar(&mut self, shape: &Shape, value: &Value, path: &str) {
        let is_json = matches!(self.document.metadata.protocol, Protocol::Json | Protocol::RestJson);
        let is_right = match shape.kind {
            Kind::Boolean => value.is_boolean(),
            Kind::Integer | Kind::Long => value.is_i64() || value.is_u64(),
            Kind::Float | Kind::Double => value.is_number(),
            Kind::Timestamp if is_json => value.is_number(),
            Kind::Timestamp => value.as_str().is_some_and(text::is_timestamp),
            _ => value.is_string(),
        };
        if !is_right {
            let wanted = format!("{:?}", shape.kind).to_lowercase();
            return self.report(path, format!("is {}, the model has a {wanted}", kind(value)));
        }
        if let Some(number) = value.as_f64().filter(|_| shape.kind != Kind::Timestamp) {
            self.range(shape, number, "", path);
        }
        if let Some(given) = value.as_str().filter(|_| shape.kind == Kind::String) {
            self.text(shape, given, path);
        }
    }

    fn text(&mut self, shape: &Shape, given: &str, path: &str) {
        self.size(shape, given.chars().count(), "characters", path);
        if !shape.choices.is_empty() && !shape.choices.iter().any(|choice| choice == given) {
            self.report(path, format!("is `{given}`, the model has {}", shape.choices.join(", ")));
        }
        if let Some(pattern) = &shape.pattern
            && !text::matches(pattern, given)
        {
            self.report(path, format!("is `{given}`, which does not match `{pattern}`"));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no length comes near 2^52")]
    fn size(&mut self, shape: &Shape, size: usize, unit: &str, path: &str) {
        self.range(shape, size as f64, unit, path);
    }

    fn range(&mut self, shape: &Shape, number: f64, unit: &str, path: &str) {
        let (unit, size) = if unit.is_empty() { (String::new(), "is") } else { (format!(" {unit}"), "has") };
        if let Some(min) = shape.min.filter(|min| number < *min) {
            self.report(path, format!("{size} {number}{unit}, the model has at least {min}"));
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            self.report(path, format!("{size} {number}{unit}, the model has at most {max}"));
        }
    }

    fn is_there(&self, fields: &Map<String, Value>, name: &str) -> bool {
        fields.get(name).is_some_and(|value| self.side == Side::Request || !value.is_null())
    }

    fn report(&mut self, path: &str, reason: impl Into<String>) {
        self.found.push(Violation::new(path, reason));
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
