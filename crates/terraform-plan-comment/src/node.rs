//! The difference between two values, as a tree that a renderer walks: nothing in it is a secret.

use serde::{Deserialize, Serialize};

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sign {
    Added,
    Removed,
    Changed,
    Unchanged,
}

/// An attribute, a map's entry or a list's element.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Node {
    /// The attribute's name or the map's key; `None` for a list's element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) sign: Sign,
    /// Whether this change is why the resource is replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) forces_replacement: bool,
    /// What a reader should know besides the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(flatten)]
    pub(crate) body: Body,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Body {
    /// A value on one line, before and after.
    Scalar {
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// A text of several lines.
    Lines(Vec<Line>),
    /// A map, an object or a list.
    Group {
        shape: Shape,
        /// Whether it stands in a string as JSON.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        encoded: bool,
        members: Vec<Node>,
        /// What the whole group becomes, when that is no group.
        #[serde(skip_serializing_if = "Option::is_none")]
        becomes: Option<String>,
    },
    /// A value of another type: the old one removed, the new one added.
    TypeChange(Vec<Node>),
    /// This many unchanged members are not shown.
    Hidden(usize),
    /// This many members change between null and empty, which is not shown beside real changes.
    Empty(usize),
}

/// The brackets of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shape {
    Map,
    List,
}

/// A line of a text, or a run of lines that is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Line {
    Text {
        sign: Sign,
        text: String,
    },
    /// This many unchanged lines are not shown.
    Unchanged(usize),
}

impl Node {
    /// Unchanged members that are not shown.
    pub(crate) fn hidden(count: usize) -> Self {
        Self { name: None, sign: Sign::Unchanged, forces_replacement: false, note: None, body: Body::Hidden(count) }
    }

    /// Whether it or anything below it forces the replacement.
    pub(crate) fn forces(&self) -> bool {
        let below = match &self.body {
            Body::Group { members, .. } | Body::TypeChange(members) => members.iter().any(Self::forces),
            Body::Scalar { .. } | Body::Lines(_) | Body::Hidden(_) | Body::Empty(_) => false,
        };
        self.forces_replacement || below
    }

    /// Members that change between null and empty.
    pub(crate) fn empty(count: usize) -> Self {
        Self { body: Body::Empty(count), ..Self::hidden(count) }
    }
}
