//! The components of a repository: which of them a change concerns, and in which order they are built. Pure.

pub(crate) mod discover;
mod graph;
pub(crate) mod local;

use serde::Serialize;

use crate::comparison::Changes;
use crate::pattern::{Pattern, selects};

#[cfg(test)]
use graph::order;
pub(crate) use graph::{Cycle, order_with};

/// A component, as far as changes are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) name: String,
    /// Its folder, relative to the repository's root.
    pub(crate) folder: String,
    pub(crate) tag_prefix: String,
    /// What belongs to it.
    pub(crate) paths: Vec<Pattern>,
    /// The files outside that its version is read from, relative to the configuration's folder.
    pub(crate) inherits: Vec<String>,
    /// The places of those that it is built with.
    pub(crate) depends_on: Vec<usize>,
}

/// Why a component counts as changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub(crate) enum Reason {
    /// A file of its own.
    Path { file: String, pattern: String },
    /// A file that all components depend on.
    Shared { file: String, pattern: String },
    /// A file that its version is read from.
    Inherits { file: String },
    /// A component that it is built with.
    DependsOn { component: String },
    /// The run is about it alone.
    Asked,
    /// Its version has no tag yet.
    NewVersion,
    /// What changed is not known.
    NotKnown { why: String },
}

/// Why each component counts as changed; those without a reason do not. Of each kind the first reason is given.
pub(crate) fn changed(components: &[Component], shared: &[Pattern], changes: &[&Changes]) -> Vec<Option<Reason>> {
    let mut reasons: Vec<Option<Reason>> =
        components.iter().zip(changes).map(|(component, changes)| directly(component, shared, changes)).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); components.len()];
    for (place, component) in components.iter().enumerate() {
        for dependency in &component.depends_on {
            dependants[*dependency].push(place);
        }
    }
    let mut open: Vec<usize> = (0..components.len()).filter(|place| reasons[*place].is_some()).collect();
    while let Some(place) = open.pop() {
        for dependant in &dependants[place] {
            if reasons[*dependant].is_none() {
                reasons[*dependant] = Some(Reason::DependsOn { component: components[place].name.clone() });
                open.push(*dependant);
            }
        }
    }
    reasons
}

fn directly(component: &Component, shared: &[Pattern], changes: &Changes) -> Option<Reason> {
    let files = match changes {
        Changes::Unknown { why } => return Some(Reason::NotKnown { why: why.clone() }),
        Changes::Known { files, .. } => files,
    };
    let first =
        |patterns: &[Pattern]| files.iter().find_map(|file| Some((file.clone(), selects(patterns, file)?.to_string())));
    if let Some((file, pattern)) = first(&component.paths) {
        return Some(Reason::Path { file, pattern });
    }
    if let Some((file, pattern)) = first(shared) {
        return Some(Reason::Shared { file, pattern });
    }
    let file = component.inherits.iter().find(|file| files.binary_search(file).is_ok())?;
    Some(Reason::Inherits { file: file.clone() })
}

#[cfg(test)]
mod tests;
