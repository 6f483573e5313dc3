//! Few paths and wildcards that cover all that became old, and as little else as can be.
//!
//! All paths stand in a tree that branches between whole characters. A wildcard is only ever worth writing where the old
//! paths branch: anywhere above on the same branch it covers the same ones, and maybe more of the others. What is taken
//! along is as little as can be, and then as few paths are written as can be; a wildcard that saves little is only written
//! where nothing else takes as little along.
//!
//! Each saved path gets a price in paths that did not change, so high that the cheapest cover has few enough paths, or as
//! near to it as any price leads ([`bounds`]). No cover takes fewer others along than that price says; those that take as
//! many, or a few more, are looked through one and all ([`fronts`]). Where that is too much the best of many is taken.

mod bounds;
mod fronts;
mod tree;

use std::collections::BTreeSet;

use super::path::{Item, wildcard};
use bounds::Bounds;
use fronts::{Found, Work, search};
use tree::Tree;

/// How much may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How many paths, wildcards among them.
    pub(crate) paths: usize,
    /// How many wildcards.
    pub(crate) wildcards: usize,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    /// The paths, sorted.
    pub(crate) paths: Vec<String>,
    /// How many known paths it takes that did not change.
    pub(crate) innocents: usize,
    /// Whether it is known that no other cover takes fewer, or as few with fewer paths.
    pub(crate) is_optimal: bool,
}

/// How many paths a wildcard must save that nothing forces.
pub(super) const WORTH: usize = 4;

/// Covers `due` so that the fewest of `innocents` are taken, and then the fewest paths are written; `innocents` are sorted
/// and none of them is due.
pub(crate) fn cover(due: &BTreeSet<Item>, innocents: &[String], limits: Limits) -> Cover {
    with(due, innocents, limits, Work::default())
}

fn with(due: &BTreeSet<Item>, innocents: &[String], limits: Limits, mut work: Work) -> Cover {
    let items: Vec<&Item> = due.iter().collect();
    let tree = Tree::new(&items, innocents);
    let Some(least) = least(&tree, limits, &mut work) else {
        return Cover { paths: vec![wildcard("/")], innocents: innocents.len(), is_optimal: items.is_empty() };
    };
    let modest = modest(&tree, limits, least.innocents, &mut work);
    let found = modest.unwrap_or(least);
    Cover { paths: found.paths(&tree), innocents: found.innocents, is_optimal: !work.is_cut() }
}

/// The cover that takes the fewest along, and then has the fewest paths.
fn least(tree: &Tree<'_>, limits: Limits, work: &mut Work) -> Option<Found> {
    let bounds = Bounds::new(tree, limits, 2)?;
    let mut more = 0;
    let mut best: Option<Found> = None;
    loop {
        let known = best.as_ref().map_or(usize::MAX, |best| best.innocents);
        let most = known.min(bounds.fewest + more);
        let found = search(tree, &bounds, most, work);
        best = [best, found].into_iter().flatten().min_by_key(|found| (found.innocents, found.written));
        if best.as_ref().is_none_or(|best| best.innocents <= most) {
            return best;
        }
        // What is too much to look through does not become less by another step.
        more = if work.is_cut() { tree.innocents() } else { more * 2 + 1 };
    }
}

/// The cover of the fewest paths without any wildcard that saves little, if one takes no more along than `most`.
fn modest(tree: &Tree<'_>, limits: Limits, most: usize, work: &mut Work) -> Option<Found> {
    let bounds = Bounds::new(tree, limits, WORTH + 1).filter(|bounds| bounds.fewest <= most)?;
    search(tree, &bounds, most, work).filter(|found| found.innocents <= most)
}

#[cfg(test)]
pub(crate) mod tests;
