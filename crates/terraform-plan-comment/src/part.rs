//! One root's plan for a step that shows many in one place: the reviewed plan as JSON, without its secrets.
//!
//! A part is written by a job that may have no secrets and read by one that may write, so every part is hostile: what is read is bounded,
//! made visible, and recounted. What is no part is refused with its reason, and nothing of it is shown but that. What a part says of
//! itself (its root, run and commit) is compared with what GitHub says, never believed.

mod clean;

use serde::{Deserialize, Serialize};

use crate::markdown::diff_lines;
use crate::marker::{Name, Writer};
use crate::node::{Body, Line, Node, Sign};
use crate::review::{Resource, Review};
use crate::target::is_sha;

/// No part is larger, in bytes.
pub(crate) const LARGEST: u64 = 64 * 1024 * 1024;

/// What the file is.
const FORMAT: &str = "slipway/terraform-plan-part";

/// Which form it has; a reader refuses any other.
const VERSION: u64 = 1;

/// Attributes nested deeper than this are written as the lines of their difference: readers of JSON end at some depth.
const DEEPEST: usize = 24;

/// The plan of one root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Part {
    format: String,
    version: u64,
    root: String,
    run: Option<RunId>,
    commit: Option<String>,
    review: Review,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RunId {
    id: u64,
    attempt: u64,
}

/// What every form of the file has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// A part that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contribution {
    pub(crate) root: Name,
    /// Who it says wrote it.
    pub(crate) writer: Writer,
    pub(crate) review: Review,
}

impl Part {
    /// The part of a root.
    pub(crate) fn of(root: &Name, writer: &Writer, review: &Review) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            root: root.as_str().to_owned(),
            run: writer.run.map(|(id, attempt)| RunId { id, attempt }),
            commit: writer.commit.clone(),
            review: readable(review.clone()),
        }
    }

    /// The part as a file.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Contribution {
    /// Reads a part; the error says what is wrong with it, and may hold anything.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let head: Head = serde_json::from_slice(bytes).map_err(|error| format!("it is no part: {error}"))?;
        if head.format != FORMAT {
            return Err("it is no part: another `format`".to_owned());
        }
        if head.version != VERSION {
            let version = head.version;
            return Err(format!("it has the version {version}; this action reads the version {VERSION}"));
        }
        let part: Part = serde_json::from_slice(bytes).map_err(|error| format!("it is no whole part: {error}"))?;
        let root = Name::parse(&part.root).map_err(|_| "its root has no name that can be shown".to_owned())?;
        if part.commit.as_deref().is_some_and(|commit| !is_sha(commit)) {
            return Err("its commit is no commit".to_owned());
        }
        let writer = Writer { run: part.run.map(|run| (run.id, run.attempt)), commit: part.commit };
        Ok(Self { root, writer, review: clean::review(part.review) })
    }
}

/// The review with nothing nested too deep to be read back.
fn readable(mut review: Review) -> Review {
    let deferred = review.deferred.iter_mut().map(|entry| &mut entry.resource);
    let resources = review.resources.iter_mut().chain(&mut review.drift).chain(deferred);
    for Resource { attributes, .. } in resources {
        for node in attributes {
            flatten(node, DEEPEST);
        }
    }
    review.outputs.iter_mut().filter_map(|output| output.value.as_mut()).for_each(|node| flatten(node, DEEPEST));
    review
}

fn flatten(node: &mut Node, depth: usize) {
    let (Body::Group { members, .. } | Body::TypeChange(members)) = &mut node.body else { return };
    if depth > 0 {
        for member in members {
            flatten(member, depth - 1);
        }
        return;
    }
    let unnamed = Node { name: None, note: None, forces_replacement: false, ..node.clone() };
    node.body = Body::Lines(diff_lines(&[unnamed]).iter().map(|line| signed(line)).collect());
}

/// A line of a difference, with its sign in the first column.
fn signed(line: &str) -> Line {
    let sign = match line.chars().next() {
        Some('+') => Sign::Added,
        Some('-') => Sign::Removed,
        Some('!') => Sign::Changed,
        _ => Sign::Unchanged,
    };
    Line::Text { sign, text: line.chars().skip(2).collect() }
}

#[cfg(test)]
mod tests;
