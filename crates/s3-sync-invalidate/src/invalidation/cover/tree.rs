//! The tree of the paths that became old, with the others counted.

use std::ops::Range;

use super::super::path::{End, Item};

/// The tree; its last node is the root, and each node stands after its children.
pub(super) struct Tree<'a> {
    pub(super) items: &'a [&'a Item],
    pub(super) nodes: Vec<Node>,
}

/// A place where the old paths branch, or below which all of them go.
pub(super) struct Node {
    /// The items that begin with its text.
    items: Range<usize>,
    /// The length of that text in bytes.
    length: usize,
    /// Whether the text itself is written with a wildcard, because more of it cannot be written.
    pub(super) is_anything: bool,
    /// Its branches that are nodes.
    pub(super) children: Vec<usize>,
    /// The items that are in none of these.
    pub(super) loose: Vec<usize>,
    /// How many of those are written with a wildcard behind a query.
    pub(super) queries: usize,
    /// How many paths that did not change begin with its text.
    pub(super) innocents: usize,
}

impl Node {
    /// How many items it has.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

impl<'a> Tree<'a> {
    /// The tree of sorted items, and of sorted paths that did not change.
    pub(super) fn new(items: &'a [&'a Item], innocents: &[String]) -> Self {
        let mut tree = Self { items, nodes: Vec::new() };
        if !items.is_empty() {
            tree.grow(0..items.len(), innocents);
        }
        tree
    }

    /// How many paths that did not change are below its root.
    pub(super) fn innocents(&self) -> usize {
        self.nodes.last().map_or(0, |root| root.innocents)
    }

    /// The text of a node.
    pub(super) fn text(&self, node: &Node) -> &'a str {
        &self.items[node.items.start].text[..node.length]
    }

    fn grow(&mut self, range: Range<usize>, innocents: &[String]) -> usize {
        let items = self.items;
        let (first, last) = (items[range.start].text.as_str(), items[range.end - 1].text.as_str());
        let length = common(first, last);
        let text = &first[..length];
        let from = innocents.partition_point(|path| path.as_str() < text);
        let below = &innocents[from..];
        let below = &below[..below.partition_point(|path| path.starts_with(text))];
        let is_own = |item: usize| items[item].text.len() == length;
        let mut node = Node {
            items: range.clone(),
            length,
            is_anything: range.clone().any(|item| is_own(item) && items[item].end == End::Anything),
            children: Vec::new(),
            loose: Vec::new(),
            queries: 0,
            innocents: below.len(),
        };
        // Below a place where nothing else lies no other wildcard is better than one there.
        let is_pure = below.is_empty() && items[range.clone()].iter().all(|item| item.end == End::Exact);
        let mut at = range.start;
        while at < range.end && !node.is_anything {
            let next = items[at].text[length..].chars().next();
            let is_same = |item: &&Item| item.text[length..].chars().next() == next;
            let end = at + items[at..range.end].iter().take_while(|item| is_same(item)).count();
            let is_branch = next.is_some() && !is_pure && (end - at > 1 || items[at].end == End::Anything);
            if is_branch {
                node.children.push(self.grow(at..end, below));
            } else {
                node.loose.extend(at..end);
            }
            at = end;
        }
        node.queries = node.loose.iter().filter(|item| items[**item].end == End::Query).count();
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

/// The length of what two texts begin with, in whole characters.
fn common(one: &str, other: &str) -> usize {
    let length = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    (0..=length).rev().find(|end| one.is_char_boundary(*end) && other.is_char_boundary(*end)).unwrap_or(0)
}
