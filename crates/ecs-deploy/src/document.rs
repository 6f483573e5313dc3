//! A JSON or YAML file, with the place of everything in it, so that a mistake is told with its line and column.
//!
//! Both formats end in the same tree, and what would be lost on the way is refused: a member that is there twice, a number
//! with more digits than can be kept. It knows nothing of task definitions.

mod json;
mod number;
mod yaml;

use std::path::Path;

use serde_json::{Map, Number, Value};

/// A document that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    root: Node,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
}

/// A place in a text; lines and columns (in characters) count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the member of this name.
    Member(String),
    /// Into the item of this number, from 0.
    Item(usize),
}

/// Why a text is no document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flawed {
    pub(crate) at: Position,
    pub(crate) flaw: Flaw,
}

/// Why a text is no document. No value of the text is quoted: it may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("{0}")]
    Syntax(String),
    #[error("`{0}` is there twice")]
    DuplicateKey(String),
    #[error("the number {0} has more digits than can be kept, so another one would be registered")]
    ChangedNumber(String),
}

#[derive(Debug, Clone, PartialEq)]
struct Node {
    at: Position,
    content: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone, PartialEq)]
struct Member {
    at: Position,
    name: String,
    node: Node,
}

impl Format {
    /// The format of a file: its extension tells, and without one whether it begins as a JSON object or list does.
    pub(crate) fn of(path: &Path, text: &str) -> Self {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("json") => Self::Json,
            Some("yaml" | "yml") => Self::Yaml,
            _ if text.trim_start().starts_with(['{', '[']) => Self::Json,
            _ => Self::Yaml,
        }
    }
}

impl Document {
    /// Reads a text; a byte order mark in front is no part of it.
    pub(crate) fn read(text: &str, format: Format) -> Result<Self, Flawed> {
        let text = text.trim_start_matches('\u{FEFF}');
        let root = match format {
            Format::Json => json::read(text)?,
            Format::Yaml => yaml::read(text)?,
        };
        Ok(Self { root })
    }

    /// The document as JSON.
    pub(crate) fn to_value(&self) -> Value {
        self.root.to_value()
    }

    /// Where a member's name or an item begins.
    pub(crate) fn position(&self, path: &[Step]) -> Option<Position> {
        let mut found = (self.root.at, &self.root);
        for step in path {
            found = match (step, &found.1.content) {
                (Step::Member(name), Content::Object(members)) => {
                    members.iter().find(|member| member.name == *name).map(|member| (member.at, &member.node))?
                }
                (Step::Item(index), Content::List(items)) => items.get(*index).map(|item| (item.at, item))?,
                _ => return None,
            };
        }
        Some(found.0)
    }
}

impl Node {
    fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Object(members) => Value::Object(
                members.iter().map(|member| (member.name.clone(), member.node.to_value())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// A member that was there before: readers of JSON and YAML keep one of the two, and not all of them the same.
fn duplicate(members: &[Member]) -> Option<Flawed> {
    let mut seen = std::collections::HashSet::new();
    let twice = members.iter().find(|member| !seen.insert(member.name.as_str()))?;
    let name = twice.name.chars().take(60).collect();
    Some(Flawed { at: twice.at, flaw: Flaw::DuplicateKey(name) })
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
