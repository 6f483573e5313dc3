//! Comparing lists.

use std::collections::{BTreeMap, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Scope, unchanged, value};
use crate::node::Node;
use crate::sealed::Sealed;

/// Lists with more pairs than this are compared by index: a search for what they have in common would take too long.
const MOST_PAIRS: usize = 4_000_000;

/// The changed elements in their order, with the number of unchanged ones between them.
pub(super) fn compare(before: &[Sealed], after: &[Sealed], scope: &Scope<'_>) -> Vec<Node> {
    if before.len().saturating_mul(after.len()) > MOST_PAIRS {
        return elements_by_index(before, after, scope);
    }
    let operations = capture_diff_slices(Algorithm::Myers, before, after);
    // A pair of elements is one removed and one added.
    let pairs = before.iter().zip(after).filter(|(before, after)| before != after).count();
    let by_index = before.len() == after.len() && 2 * pairs <= changed(&operations) && !is_reordered(before, after);
    if by_index {
        elements_by_index(before, after, scope)
    } else {
        elements_in_common(before, after, &operations, scope)
    }
}

/// How many elements are removed or added.
fn changed(operations: &[DiffOp]) -> usize {
    let counts = operations.iter().map(|operation| match operation {
        DiffOp::Equal { .. } => 0,
        changed => changed.old_range().len() + changed.new_range().len(),
    });
    counts.sum()
}

fn is_reordered(before: &[Sealed], after: &[Sealed]) -> bool {
    let mut counts: BTreeMap<&Sealed, isize> = BTreeMap::new();
    for item in before {
        *counts.entry(item).or_default() += 1;
    }
    for item in after {
        *counts.entry(item).or_default() -= 1;
    }
    counts.values().all(|count| *count == 0)
}

fn elements_by_index(before: &[Sealed], after: &[Sealed], scope: &Scope<'_>) -> Vec<Node> {
    let mut elements = Elements::default();
    for index in 0..before.len().max(after.len()) {
        elements.pair(before.get(index), after.get(index), index, scope);
    }
    elements.finish()
}

fn elements_in_common(before: &[Sealed], after: &[Sealed], operations: &[DiffOp], scope: &Scope<'_>) -> Vec<Node> {
    let mut elements = Elements::default();
    for operation in operations {
        match *operation {
            DiffOp::Equal { old_index, len, .. } => elements.same(&before[old_index..old_index + len]),
            DiffOp::Delete { old_index, old_len, .. } => {
                (old_index..old_index + old_len).for_each(|index| elements.removed(&before[index], index, scope));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                (new_index..new_index + new_len).for_each(|index| elements.added(&after[index], index, scope));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let old = &before[old_index..old_index + old_len];
                let new = &after[new_index..new_index + new_len];
                replaced(&mut elements, (old, old_index), (new, new_index), scope);
            }
        }
    }
    elements.finish()
}

/// Objects are paired in their order; other values are removed and added.
fn replaced<'a>(
    elements: &mut Elements<'a>,
    (old, old_start): (&'a [Sealed], usize),
    (new, start): (&'a [Sealed], usize),
    scope: &Scope<'_>,
) {
    let paired = old.iter().zip(new).take_while(|pair| matches!(pair, (Sealed::Map(_), Sealed::Map(_)))).count();
    for (offset, (old, new)) in old.iter().zip(new).take(paired).enumerate() {
        elements.pair(Some(old), Some(new), start + offset, scope);
    }
    for (offset, item) in old[paired..].iter().enumerate() {
        elements.removed(item, old_start + paired + offset, scope);
    }
    for (offset, item) in new[paired..].iter().enumerate() {
        elements.added(item, start + paired + offset, scope);
    }
}

/// The elements so far, and the unchanged ones whose display is not decided yet.
#[derive(Default)]
struct Elements<'a> {
    nodes: Vec<Node>,
    waiting: Vec<&'a Sealed>,
    /// What was removed, and what was added.
    removed: Vec<Moved<'a>>,
    added: Vec<Moved<'a>>,
}

/// An element that may be found again elsewhere in the list.
struct Moved<'a> {
    item: &'a Sealed,
    /// Its index in its list.
    index: usize,
    /// The place of its node.
    node: usize,
}

impl<'a> Elements<'a> {
    /// Adds a pair; gives the place of its node, where both differ.
    fn pair(
        &mut self,
        before: Option<&'a Sealed>,
        after: Option<&'a Sealed>,
        index: usize,
        scope: &Scope<'_>,
    ) -> Option<usize> {
        // Inside a list null is an element.
        let scope = Scope { null_is_absent: false, ..scope.index(index) };
        let Some(node) = value(None, before, after, &scope) else {
            self.waiting.extend(after);
            return None;
        };
        self.flush(Edge::Both);
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    fn removed(&mut self, item: &'a Sealed, index: usize, scope: &Scope<'_>) {
        let node = self.pair(Some(item), None, index, scope);
        self.removed.extend(node.map(|node| Moved { item, index, node }));
    }

    fn added(&mut self, item: &'a Sealed, index: usize, scope: &Scope<'_>) {
        let node = self.pair(None, Some(item), index, scope);
        self.added.extend(node.map(|node| Moved { item, index, node }));
    }

    /// Says of each element that is removed here and added there that it is the same one.
    fn note_moves(&mut self) {
        let mut places: BTreeMap<&Sealed, VecDeque<&Moved<'a>>> = BTreeMap::new();
        for added in &self.added {
            places.entry(added.item).or_default().push_back(added);
        }
        for removed in &self.removed {
            if let Some(added) = places.get_mut(removed.item).and_then(VecDeque::pop_front) {
                self.nodes[removed.node].note.get_or_insert_with(|| format!("moves to [{}]", added.index));
                self.nodes[added.node].note.get_or_insert_with(|| format!("was at [{}]", removed.index));
            }
        }
    }

    fn same(&mut self, items: &'a [Sealed]) {
        self.waiting.extend(items);
    }

    /// Shows the neighbors of changes and counts the unchanged elements between them.
    fn flush(&mut self, edge: Edge) {
        let waiting = std::mem::take(&mut self.waiting);
        let end = waiting.len();
        let is_shown = |index: usize, item: &Sealed| {
            let after_a_change = !self.nodes.is_empty() && index == 0;
            let before_a_change = edge == Edge::Both && index + 1 == end;
            // A line that says "1 hidden" is no shorter than the element.
            let alone = self.nodes.is_empty() && end == 2 && edge == Edge::Both;
            is_short(item) && (after_a_change || before_a_change || alone)
        };
        let shown: Vec<bool> = waiting.iter().enumerate().map(|(index, item)| is_shown(index, item)).collect();
        let mut hidden = 0;
        for (item, shown) in waiting.into_iter().zip(shown) {
            if shown {
                self.hide(&mut hidden);
                self.nodes.push(unchanged(None, item));
            } else {
                hidden += 1;
            }
        }
        self.hide(&mut hidden);
    }

    fn hide(&mut self, count: &mut usize) {
        if *count > 0 {
            self.nodes.push(Node::hidden(std::mem::take(count)));
        }
    }

    fn finish(mut self) -> Vec<Node> {
        self.flush(Edge::Before);
        self.note_moves();
        self.nodes
    }
}

/// On which side of a run of unchanged elements changes are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Before,
    Both,
}

fn is_short(item: &Sealed) -> bool {
    match item {
        Sealed::Null | Sealed::Bool(_) | Sealed::Number(_) | Sealed::Secret(_) | Sealed::Unknown { .. } => true,
        Sealed::Text(text) => text.len() <= 80 && !text.contains('\n'),
        Sealed::List(_) | Sealed::Map(_) => false,
    }
}
