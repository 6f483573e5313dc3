//! Few paths and wildcards that cover all that became old, and as little else as can be.
//!
//! All paths stand in a tree that branches between whole characters. A wildcard is only ever worth writing where the old
//! paths branch: anywhere above on the same branch it covers the same ones, and maybe more of the others. For each branch
//! and each number of wildcards inside it the cheapest way is known from its parts; the price is the number of paths that
//! did not change, and, worth almost nothing, the number of paths written. While those are too many they become dearer:
//! no cover of as few paths takes fewer others, but one of a few more might, where no price leads to it.

mod tree;

use std::collections::BTreeSet;

use super::path::{Item, wildcard};
use tree::{Node, Tree};

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
}

/// How many paths a wildcard must save that nothing forces.
const WORTH: usize = 4;

/// The price of a path that did not change, when one that is written costs 1: more than all of them can cost.
const INNOCENT: u128 = 1 << 32;

/// How often the price of a written path is halved between one that is too low and one that is not.
const REFINEMENTS: usize = 24;

/// The price of what cannot be done.
const NEVER: u128 = u128::MAX;

/// Covers `due` so that the fewest of `innocents` are taken, and then the fewest paths are written; `innocents` are sorted
/// and none of them is due.
pub(crate) fn cover(due: &BTreeSet<Item>, innocents: &[String], limits: Limits) -> Cover {
    let items: Vec<&Item> = due.iter().collect();
    let tree = Tree::new(&items, innocents);
    let pick = |price: u128, least: usize| Pick::new(&tree, limits.wildcards, price, least);
    let fits = |found: &Option<Pick<'_>>| found.as_ref().is_some_and(|pick| pick.paths() <= limits.paths);
    let (modest, mut best) = (pick(1, WORTH + 1), pick(1, 2));
    let innocents_of = |found: &Option<Pick<'_>>| found.as_ref().map(Pick::innocents);
    // A wildcard that saves little is written where it keeps a broad one away.
    if fits(&modest) && (!fits(&best) || innocents_of(&modest) <= innocents_of(&best)) {
        best = modest;
    } else {
        let (mut low, mut high) = (1, 1);
        while !fits(&best) && high < INNOCENT << 40 {
            // No path that did not change is worth less than all that are written.
            (low, high) = (high, (high * 2).max(INNOCENT / (items.len() as u128 + 1)));
            best = pick(high, 2);
        }
        for _ in 0..REFINEMENTS {
            let middle = low.midpoint(high);
            if middle == low {
                break;
            }
            let found = pick(middle, 2);
            if fits(&found) {
                (high, best) = (middle, found);
            } else {
                low = middle;
            }
        }
    }
    best.map_or_else(|| Cover { paths: vec![wildcard("/")], innocents: innocents.len() }, |pick| pick.cover())
}

/// The cheapest choice at one price of a written path.
struct Pick<'a> {
    tree: &'a Tree<'a>,
    most: usize,
    price: u128,
    /// For each node the cheapest way with so many wildcards, and whether with one it is the node's own.
    ways: Vec<(Vec<u128>, bool)>,
    /// The nodes whose wildcards are written.
    wildcards: Vec<usize>,
    /// The items that are written as they are.
    written: Vec<usize>,
}

impl<'a> Pick<'a> {
    /// The choice with wildcards over at least `least` items each; `None` where that cannot be.
    fn new(tree: &'a Tree<'a>, most: usize, price: u128, least: usize) -> Option<Self> {
        let mut pick = Self { tree, most, price, ways: Vec::new(), wildcards: Vec::new(), written: Vec::new() };
        for node in &tree.nodes {
            let ways = pick.ways_of(node, least);
            pick.ways.push(ways);
        }
        let root = tree.nodes.len().checked_sub(1)?;
        let (ways, _) = &pick.ways[root];
        let count = (0..ways.len()).min_by_key(|count| ways[*count]).filter(|count| ways[*count] < NEVER)?;
        pick.follow(root, count);
        Some(pick)
    }

    fn ways_of(&self, node: &Node, least: usize) -> (Vec<u128>, bool) {
        let own = INNOCENT * node.innocents as u128 + self.price;
        if node.is_anything {
            return (vec![NEVER, own], true);
        }
        let mut ways = self.parts(node).pop().unwrap_or_default();
        let is_worth = self.most > 0 && node.len() >= least;
        ways.resize(ways.len().max(1 + usize::from(is_worth)), NEVER);
        let is_own = is_worth && own < ways[1];
        if is_own {
            ways[1] = own;
        }
        (ways, is_own)
    }

    /// The ways without a wildcard of the node's own: of its loose items, of them and the first child, and so on.
    fn parts(&self, node: &Node) -> Vec<Vec<u128>> {
        let mut loose = vec![NEVER; node.queries.min(self.most + 1)];
        if node.queries <= self.most {
            loose.push(self.price * (node.loose.len() as u128));
        }
        let mut parts = vec![loose];
        for child in &node.children {
            let next = merged(&parts[parts.len() - 1], &self.ways[*child].0, self.most);
            parts.push(next);
        }
        parts
    }

    /// Notes what is written below `node` with so many wildcards.
    fn follow(&mut self, node: usize, mut count: usize) {
        let tree = self.tree;
        let here = &tree.nodes[node];
        if here.is_anything || (count == 1 && self.ways[node].1) {
            self.wildcards.push(node);
            return;
        }
        let parts = self.parts(here);
        for (place, child) in here.children.iter().enumerate().rev() {
            let (before, ways) = (&parts[place], &self.ways[*child].0);
            let whole = parts[place + 1][count];
            let split = (0..ways.len().min(count + 1))
                .find(|own| before.get(count - own).is_some_and(|rest| rest.saturating_add(ways[*own]) == whole));
            let own = split.unwrap_or_default();
            self.follow(*child, own);
            count -= own;
        }
        self.written.extend(&here.loose);
    }

    fn paths(&self) -> usize {
        self.wildcards.len() + self.written.len()
    }

    fn innocents(&self) -> usize {
        self.wildcards.iter().map(|node| self.tree.nodes[*node].innocents).sum()
    }

    fn cover(&self) -> Cover {
        let tree = self.tree;
        let mut paths: Vec<String> = self.written.iter().map(|item| tree.items[*item].written()).collect();
        paths.extend(self.wildcards.iter().map(|node| wildcard(tree.text(&tree.nodes[*node]))));
        paths.sort();
        Cover { paths, innocents: self.innocents() }
    }
}

/// The cheapest ways of two parts together, with at most `most` wildcards.
fn merged(one: &[u128], other: &[u128], most: usize) -> Vec<u128> {
    let mut ways = vec![NEVER; (one.len() + other.len()).saturating_sub(1).min(most + 1)];
    for (a, x) in one.iter().enumerate().filter(|(_, x)| **x < NEVER) {
        for (b, y) in other.iter().enumerate().take((most + 1).saturating_sub(a)).filter(|(_, y)| **y < NEVER) {
            ways[a + b] = ways[a + b].min(x + y);
        }
    }
    ways
}

#[cfg(test)]
pub(crate) mod tests;
