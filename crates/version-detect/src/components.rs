//! The components of a repository: which of them a change concerns, and in which order they are built. Pure.

pub(crate) mod discover;
mod graph;
pub(crate) mod local;
pub(crate) mod names;

use std::collections::{HashMap, HashSet};

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
    /// Its folder, relative to the configuration's as all paths here; empty for that one.
    pub(crate) folder: String,
    pub(crate) tag_prefix: String,
    /// What belongs to it.
    pub(crate) paths: Vec<Pattern>,
    /// The folders of projects that it is built with and that are no components, without the components in them.
    pub(crate) folders: Vec<Pattern>,
    /// The files outside that its version is read from.
    pub(crate) inherits: Vec<String>,
    /// The files outside that tell what it is built with.
    pub(crate) reads: Vec<String>,
    /// The places of those that it is built with.
    pub(crate) depends_on: Vec<usize>,
    /// Why it is not known what it is built with; `None` where it is.
    pub(crate) doubt: Option<String>,
}

/// Whether a path lies in a folder, deeper than that; the empty one holds all others.
pub(crate) fn is_inside(path: &str, folder: &str) -> bool {
    match folder {
        "" => !path.is_empty(),
        folder => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
    }
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
    /// A file that tells what it is built with.
    Reads { file: String },
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
    /// What it is built with is not known.
    NeedsNotKnown { why: String },
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
    let folders = components.iter().map(|component| component.folder.as_str()).collect();
    let mut search = Search { steps, shared, folders, found: Vec::new(), in_folders: HashMap::new() };
    let mut spread = Spread::over(components);
    for (place, (component, changes)) in components.iter().zip(changes).enumerate() {
        let Some(reason) = search.directly(component, changes, Part::Whole) else { continue };
        // What is built with a component that it lies in has nothing to do with the others there.
        let is_own = match &reason {
            Reason::Path { .. } if spread.is_asked(place) => search.directly(component, changes, Part::Own).is_some(),
            _ => true,
        };
        spread.begin(place, reason, is_own);
    }
    spread.reasons()
}

/// How changes spread to what is built with them.
struct Spread<'a> {
    components: &'a [Component],
    /// Those that are built with each, outside of it and inside.
    outside: Vec<Vec<usize>>,
    inside: Vec<Vec<usize>>,
    reasons: Vec<Option<Reason>>,
    /// Whether each changed in more than in the components inside it.
    is_own: Vec<bool>,
    open: Vec<(usize, Part)>,
}

impl<'a> Spread<'a> {
    fn over(components: &'a [Component]) -> Self {
        let (mut outside, mut inside) = (vec![Vec::new(); components.len()], vec![Vec::new(); components.len()]);
        for (place, component) in components.iter().enumerate() {
            for dependency in &component.depends_on {
                let is_inside = is_inside(&component.folder, &components[*dependency].folder);
                let dependants = if is_inside { &mut inside } else { &mut outside };
                dependants[*dependency].push(place);
            }
        }
        let (reasons, is_own) = (vec![None; components.len()], vec![false; components.len()]);
        Self { components, outside, inside, reasons, is_own, open: Vec::new() }
    }

    /// Whether it matters in which part of it a component changed.
    fn is_asked(&self, place: usize) -> bool {
        !self.inside[place].is_empty()
    }

    fn begin(&mut self, place: usize, reason: Reason, is_own: bool) {
        if self.reasons[place].is_none() {
            self.reasons[place] = Some(reason);
            self.open.push((place, Part::Whole));
        }
        if is_own && !std::mem::replace(&mut self.is_own[place], true) {
            self.open.push((place, Part::Own));
        }
    }

    fn reasons(mut self) -> Vec<Option<Reason>> {
        while let Some((place, part)) = self.open.pop() {
            let dependants = match part {
                Part::Whole => &mut self.outside,
                Part::Own => &mut self.inside,
            };
            // Each part of a component is here once.
            for dependant in std::mem::take(&mut dependants[place]) {
                let reason = Reason::DependsOn { component: self.components[place].name.clone() };
                self.begin(dependant, reason, true);
            }
        }
        self.reasons
    }
}

/// Which part of a component a change is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// What is in no component inside it.
    Own,
}

/// A search for files that patterns select.
struct Search<'a> {
    /// How many steps are left.
    steps: u64,
    /// What all components depend on.
    shared: &'a [Pattern],
    /// The folders of all components.
    folders: HashSet<&'a str>,
    /// What of these was found in which changes: most components have the same ones.
    found: Vec<(&'a Changes, First)>,
    /// The same of what is no component, by its folder.
    in_folders: HashMap<(*const Changes, &'a str), First>,
}

/// The first file that patterns select, with the pattern; the error is that it would take too long to find.
type First = Result<Option<(String, String)>, TooLong>;

#[derive(Debug, Clone, Copy)]
struct TooLong;

impl<'a> Search<'a> {
    fn directly(&mut self, component: &'a Component, changes: &'a Changes, part: Part) -> Option<Reason> {
        let files = match changes {
            Changes::Unknown { why } => return Some(Reason::NotKnown { why: why.clone() }),
            Changes::Known { files, .. } => files,
        };
        let has = |list: &[String]| list.iter().find(|file| files.binary_search(file).is_ok()).cloned();
        match self.by_pattern(component, (files, changes), part) {
            Ok(Some(reason)) => Some(reason),
            Ok(None) => {
                let inherits = || Some(Reason::Inherits { file: has(&component.inherits)? });
                let reads = || Some(Reason::Reads { file: has(&component.reads)? });
                let doubt = || Some(Reason::NeedsNotKnown { why: component.doubt.clone()? });
                inherits().or_else(reads).or_else(doubt)
            }
            Err(TooLong) => Some(Reason::NotKnown {
                why: "there are too many patterns for so many files to be compared".to_owned(),
            }),
        }
    }

    fn by_pattern(
        &mut self,
        component: &'a Component,
        (files, changes): (&[String], &'a Changes),
        part: Part,
    ) -> Result<Option<Reason>, TooLong> {
        let around = (part == Part::Own).then_some(component.folder.as_str());
        let mut own = self.first(&component.paths, files, around)?;
        for folder in &component.folders {
            if own.is_none() {
                own = self.in_folder(folder, files, changes)?;
            }
        }
        if let Some((file, pattern)) = own {
            return Ok(Some(Reason::Path { file, pattern }));
        }
        let shared = self.shared(files, changes)?;
        Ok(shared.map(|(file, pattern)| Reason::Shared { file, pattern }))
    }

    fn shared(&mut self, files: &[String], changes: &'a Changes) -> First {
        if let Some((_, found)) = self.found.iter().find(|(known, _)| std::ptr::eq(*known, changes)) {
            return found.clone();
        }
        let found = self.first(self.shared, files, None);
        self.found.push((changes, found.clone()));
        found
    }

    /// The same of a folder that is no component, which many may be built with.
    fn in_folder(&mut self, folder: &'a Pattern, files: &[String], changes: &'a Changes) -> First {
        let key = (std::ptr::from_ref(changes), folder.base());
        if let Some(found) = self.in_folders.get(&key) {
            return found.clone();
        }
        let found = self.first(std::slice::from_ref(folder), files, Some(folder.base().trim_end_matches('/')));
        self.in_folders.insert(key, found.clone());
        found
    }

    /// The first file that `patterns` select; what is in a component inside the folder `around` does not count, unless the
    /// pattern names the folder of that one.
    fn first(&mut self, patterns: &[Pattern], files: &[String], around: Option<&str>) -> First {
        for file in files {
            self.take(patterns.iter().map(|pattern| pattern.cost(file)).fold(0, u64::saturating_add))?;
            let Some(pattern) = selects(patterns, file) else { continue };
            if let Some(around) = around {
                self.take(1 + (file.len() * file.matches('/').count() / 16) as u64)?;
                let owner = self.owner(file).filter(|owner| is_inside(owner, around));
                if owner.is_some_and(|owner| !is_inside(pattern.base(), owner)) {
                    continue;
                }
            }
            return Ok(Some((file.clone(), pattern.to_string())));
        }
        Ok(None)
    }

    fn take(&mut self, steps: u64) -> Result<(), TooLong> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooLong)?;
        Ok(())
    }

    /// The folder of the component that a file is in; of several the deepest.
    fn owner<'f>(&self, file: &'f str) -> Option<&'f str> {
        let above = |folder: &&'f str| {
            Some(folder.rsplit_once('/').map_or("", |(above, _)| above)).filter(|_| !folder.is_empty())
        };
        // Of a submodule Git tells the folder itself.
        std::iter::successors(Some(file), above).find(|folder| self.folders.contains(folder))
    }
}

#[cfg(test)]
mod tests;
