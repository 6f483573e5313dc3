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
    /// Its tag was pushed.
    Tagged { tag: String },
    /// What changed is not known.
    NotKnown { why: String },
}

/// The most steps of patterns that are taken: what a repository's patterns and files ask for has an end. They take a second or so, and
/// are enough for 2,000 folders and 50,000 files.
const MOST_STEPS: u64 = 100_000_000;

/// Why each component counts as changed; those without a reason do not. Of each kind the first reason is given.
pub(crate) fn changed(components: &[Component], shared: &[Pattern], changes: &[&Changes]) -> Vec<Option<Reason>> {
    within(MOST_STEPS, components, shared, changes)
}

/// The same in so many steps of patterns. What is not compared then counts as changed.
fn within(steps: u64, components: &[Component], shared: &[Pattern], changes: &[&Changes]) -> Vec<Option<Reason>> {
    let mut search = Search { steps, shared, found: Vec::new() };
    let mut reasons: Vec<Option<Reason>> =
        components.iter().zip(changes).map(|(component, changes)| search.directly(component, changes)).collect();
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

/// A search for files that patterns select.
struct Search<'a> {
    /// How many steps are left.
    steps: u64,
    /// What all components depend on.
    shared: &'a [Pattern],
    /// What of these was found in which changes: most components have the same ones.
    found: Vec<(&'a Changes, First)>,
}

/// The first file that patterns select, with the pattern; the error is that it would take too long to find.
type First = Result<Option<(String, String)>, TooLong>;

#[derive(Debug, Clone, Copy)]
struct TooLong;

impl<'a> Search<'a> {
    fn directly(&mut self, component: &Component, changes: &'a Changes) -> Option<Reason> {
        let files = match changes {
            Changes::Unknown { why } => return Some(Reason::NotKnown { why: why.clone() }),
            Changes::Known { files, .. } => files,
        };
        let own = self.first(&component.paths, files).and_then(|own| {
            let own = own.map(|(file, pattern)| Reason::Path { file, pattern });
            if own.is_some() {
                return Ok(own);
            }
            let shared = self.shared(files, changes)?;
            Ok(shared.map(|(file, pattern)| Reason::Shared { file, pattern }))
        });
        match own {
            Ok(Some(reason)) => Some(reason),
            Ok(None) => {
                let file = component.inherits.iter().find(|file| files.binary_search(file).is_ok())?;
                Some(Reason::Inherits { file: file.clone() })
            }
            Err(TooLong) => Some(Reason::NotKnown {
                why: "there are too many patterns for so many files to be compared".to_owned(),
            }),
        }
    }

    fn shared(&mut self, files: &[String], changes: &'a Changes) -> First {
        if let Some((_, found)) = self.found.iter().find(|(known, _)| std::ptr::eq(*known, changes)) {
            return found.clone();
        }
        let found = self.first(self.shared, files);
        self.found.push((changes, found.clone()));
        found
    }

    fn first(&mut self, patterns: &[Pattern], files: &[String]) -> First {
        for file in files {
            let cost = patterns.iter().map(|pattern| pattern.cost(file)).fold(0, u64::saturating_add);
            self.steps = self.steps.checked_sub(cost).ok_or(TooLong)?;
            if let Some(pattern) = selects(patterns, file) {
                return Ok(Some((file.clone(), pattern.to_string())));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
