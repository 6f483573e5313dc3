//! The covers that no other one beats, as far as they are not too dear.
//!
//! For each node and each number of wildcards those are kept that take fewer along, or save more, than any other one. One
//! that cannot be a part of a cover good enough is dropped ([`Bounds`]).

use std::cmp::Reverse;
use std::ops::Range;

use super::super::path::wildcard;
use super::bounds::Bounds;
use super::tree::Tree;

/// How many pairs of parts are looked at before it is taken for too much.
const MOST_PAIRS: usize = 8_000_000;

/// How many covers of a node and a number of wildcards are kept from there on.
const KEPT: usize = 16;

/// How much may still be done.
#[derive(Debug)]
pub(super) struct Work {
    pairs: usize,
    is_cut: bool,
}

impl Default for Work {
    fn default() -> Self {
        Self::of(MOST_PAIRS)
    }
}

impl Work {
    /// So many pairs of parts.
    pub(super) fn of(pairs: usize) -> Self {
        Self { pairs, is_cut: false }
    }

    /// Whether it was too much to look at everything.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether so many pairs more are too much.
    fn is_too_much(&mut self, pairs: usize) -> bool {
        let left = self.pairs.checked_sub(pairs);
        self.pairs = left.unwrap_or(0);
        let is_too_much = left.is_none() && pairs > KEPT * KEPT;
        self.is_cut |= is_too_much;
        is_too_much
    }
}

/// A cover that was found.
pub(super) struct Found {
    /// How many paths it takes along that did not change.
    pub(super) innocents: usize,
    /// How many paths it has.
    pub(super) written: usize,
    /// The nodes whose wildcards are written.
    wildcards: Vec<usize>,
    /// The items that are written as they are.
    items: Vec<usize>,
}

impl Found {
    /// The paths, sorted.
    pub(super) fn paths(&self, tree: &Tree<'_>) -> Vec<String> {
        let mut paths: Vec<String> = self.items.iter().map(|item| tree.items[*item].written()).collect();
        paths.extend(self.wildcards.iter().map(|node| wildcard(tree.text(&tree.nodes[*node]))));
        paths.sort();
        paths
    }
}

/// A way to cover a part of the tree.
#[derive(Debug, Clone, Copy)]
struct State {
    innocents: usize,
    saved: usize,
    made: Made,
}

/// What a way is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Made {
    /// The loose items of a node.
    Loose(usize),
    /// The wildcard of a node.
    Own(usize),
    /// Two ways.
    Both(usize, usize),
}

/// For each number of wildcards the ways, by what they take along and by what they save.
type Front = Vec<Range<usize>>;

/// The best cover of few enough paths, and maybe one that takes more than `most` along where there is none that does not.
pub(super) fn search(tree: &Tree<'_>, bounds: &Bounds, most: usize, work: &mut Work) -> Option<Found> {
    let mut search = Search { bounds, limit: bounds.most(most), states: Vec::new(), next: Vec::new(), work };
    let mut fronts: Vec<Front> = Vec::with_capacity(tree.nodes.len());
    for index in 0..tree.nodes.len() {
        let front = search.front(tree, index, &fronts);
        fronts.push(front);
    }
    let states = fronts.pop()?.into_iter().flatten().map(|state| search.states[state]);
    let best = states
        .filter(|state| state.saved >= bounds.saved)
        .min_by_key(|state| (state.innocents, Reverse(state.saved)))?;
    Some(search.found(tree, best))
}

struct Search<'a> {
    bounds: &'a Bounds,
    /// What a cover may cost.
    limit: i64,
    states: Vec<State>,
    /// Those of one number of wildcards, on their way.
    next: Vec<State>,
    work: &'a mut Work,
}

impl Search<'_> {
    fn front(&mut self, tree: &Tree<'_>, index: usize, fronts: &[Front]) -> Front {
        let node = &tree.nodes[index];
        let mut front = Front::new();
        if !node.is_anything && node.queries <= self.bounds.wildcards {
            self.states.push(State { innocents: 0, saved: 0, made: Made::Loose(index) });
            let here = self.states.len() - 1;
            front.resize(node.queries, here..here);
            front.push(here..here + 1);
            for child in &node.children {
                front = self.merged(&front, &fronts[*child], &self.bounds.after[*child]);
            }
        }
        let is_root = index + 1 == tree.nodes.len();
        let own = State { innocents: node.innocents, saved: node.len() - 1, made: Made::Own(index) };
        let may_own = self.bounds.wildcards > 0 && (node.is_anything || node.len() >= self.bounds.least);
        if may_own && (is_root || self.is_good(&own, self.bounds.outside[index][self.bounds.wildcards - 1])) {
            front.resize(front.len().max(2), 0..0);
            self.next.extend(self.states[front[1].clone()].iter().copied().chain([own]));
            front[1] = self.keep();
        }
        front
    }

    /// Whether a way may be a part of a cover that is good enough, when the rest of it costs so much.
    fn is_good(&self, state: &State, rest: i64) -> bool {
        self.bounds.price.of(state.innocents, state.saved) + rest <= self.limit
    }

    fn merged(&mut self, one: &Front, other: &Front, rest: &[i64]) -> Front {
        let most = self.bounds.wildcards;
        let pairs = one.iter().map(Range::len).sum::<usize>() * other.iter().map(Range::len).sum::<usize>();
        let thinned = self.work.is_too_much(pairs).then(|| (self.thinned(one), self.thinned(other)));
        let (one, other) = thinned.as_ref().map_or((one, other), |(one, other)| (one, other));
        let mut front = Front::new();
        if one.is_empty() || other.is_empty() {
            return front;
        }
        for count in 0..(one.len() + other.len()).saturating_sub(1).min(most + 1) {
            for own in count.saturating_sub(other.len() - 1)..=count.min(one.len() - 1) {
                for left in one[own].clone() {
                    for right in other[count - own].clone() {
                        let (a, b) = (&self.states[left], &self.states[right]);
                        let state = State {
                            innocents: a.innocents + b.innocents,
                            saved: a.saved + b.saved,
                            made: Made::Both(left, right),
                        };
                        if self.is_good(&state, rest[most - count]) {
                            self.next.push(state);
                        }
                    }
                }
            }
            let kept = self.keep();
            front.push(kept);
        }
        front
    }

    /// Notes those of [`Self::next`] that no other one beats.
    fn keep(&mut self) -> Range<usize> {
        let start = self.states.len();
        self.next.sort_unstable_by_key(|state| (state.innocents, Reverse(state.saved), state.made));
        let mut saved = None;
        for state in self.next.drain(..) {
            if saved.is_none_or(|saved| saved < state.saved) {
                saved = Some(state.saved);
                self.states.push(state);
            }
        }
        start..self.states.len()
    }

    /// The cheapest [`KEPT`] of each number of wildcards.
    fn thinned(&mut self, front: &Front) -> Front {
        let price = self.bounds.price;
        let mut thin = Front::new();
        for range in front {
            self.next.extend_from_slice(&self.states[range.clone()]);
            self.next.sort_by_key(|state| price.of(state.innocents, state.saved));
            self.next.truncate(KEPT);
            let kept = self.keep();
            thin.push(kept);
        }
        thin
    }

    /// What a way over everything writes.
    fn found(&self, tree: &Tree<'_>, state: State) -> Found {
        let written = tree.items.len() - state.saved;
        let mut found = Found { innocents: state.innocents, written, wildcards: Vec::new(), items: Vec::new() };
        let mut open = vec![state.made];
        while let Some(made) = open.pop() {
            match made {
                Made::Loose(node) => found.items.extend(&tree.nodes[node].loose),
                Made::Own(node) => found.wildcards.push(node),
                Made::Both(one, other) => open.extend([self.states[one].made, self.states[other].made]),
            }
        }
        found
    }
}
