//! Paths of attributes: those that force a replacement, and those that the plan depends on.

use crate::document::{Change, Document, Step};
use crate::intent::Intent;

/// Paths below a value.
#[derive(Debug, Clone)]
pub(crate) enum Paths<'a> {
    /// Every path.
    All,
    /// These paths alone.
    Some(Vec<&'a [Step]>),
    /// These paths, and all below them.
    Below(Vec<&'a [Step]>),
}

impl<'a> Paths<'a> {
    /// No path.
    pub(crate) fn none() -> Self {
        Self::Some(Vec::new())
    }

    /// These paths alone.
    pub(crate) fn only(paths: &'a [Vec<Step>]) -> Self {
        Self::Some(paths.iter().map(Vec::as_slice).collect())
    }

    /// The paths of a drifted object that the plan depends on; `None` where there are none. A plan that only refreshes, and
    /// one that does not say what it depends on, depends on all.
    pub(crate) fn relevant(document: &'a Document, change: &Change) -> Option<Self> {
        let Some(relevant) = document.relevant.as_ref().filter(|_| document.intent != Intent::RefreshOnly) else {
            return Some(Self::All);
        };
        // What names no resource is about all of them.
        let of_it = [change.address.as_str(), ""].into_iter().filter_map(|address| relevant.get(address));
        let paths: Vec<&[Step]> = of_it.flatten().map(Vec::as_slice).collect();
        (!paths.is_empty()).then_some(Self::Below(paths))
    }

    /// Whether a path ends here.
    pub(crate) fn match_here(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some(paths) | Self::Below(paths) => paths.iter().any(|path| path.is_empty()),
        }
    }

    /// Whether a path ends here or below.
    pub(crate) fn match_below(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some(paths) | Self::Below(paths) => !paths.is_empty(),
        }
    }

    fn below(&self, matches: impl Fn(&Step) -> bool) -> Self {
        let rest = |paths: &Vec<&'a [Step]>, keep_ended: bool| {
            let mut below = Vec::new();
            for path in paths {
                match path.split_first() {
                    None if keep_ended => below.push(*path),
                    Some((first, rest)) if matches(first) => below.push(rest),
                    None | Some(_) => {}
                }
            }
            below
        };
        match self {
            Self::All => Self::All,
            Self::Some(paths) => Self::Some(rest(paths, false)),
            Self::Below(paths) => Self::Below(rest(paths, true)),
        }
    }

    /// The paths below the entry `key`.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.below(|step| matches!(step, Step::Key(name) if name == key))
    }

    /// The paths below an element; Terraform also writes an index as a string.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.below(|step| match step {
            Step::Index(number) => *number == index,
            Step::Key(text) => text.parse() == Ok(index),
        })
    }
}
