//! The file system of a stage, as far as copying needs it: names, kinds, owners, and where the bytes lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most links that are followed on the way to a path.
const MOST_LINKS: usize = 40;

/// A file system. Paths have no slash in front; the root is the empty path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
    /// Bytes of all paths.
    names: usize,
}

/// A file, folder or link with its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) mode: u32,
    pub(crate) user: u64,
    pub(crate) group: u64,
    /// Seconds since 1970.
    pub(crate) modified: u64,
    /// The extended attributes that images carry: a program's capabilities, and what users set.
    pub(crate) attributes: Option<Arc<Attributes>>,
}

/// Extended attributes by their names.
pub(crate) type Attributes = BTreeMap<String, Vec<u8>>;

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Folder,
    File(Content),
    Link(String),
    /// A device or a pipe of a base image; it is never copied.
    Special,
}

/// Where a file's bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A part of a tar.
    Section {
        path: PathBuf,
        offset: u64,
        size: u64,
    },
    /// A file of the context, whose own path has no links.
    InContext {
        root: Arc<Path>,
        below: String,
        size: u64,
    },
    Text(String),
}

impl Node {
    /// A folder of root's, `rwxr-xr-x`.
    pub(crate) fn folder(modified: u64) -> Self {
        Self { kind: NodeKind::Folder, mode: 0o755, user: 0, group: 0, modified, attributes: None }
    }
}

impl Tree {
    /// The node at `path`, which is not followed if it is a link.
    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// Whether `path` is a folder.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.get(path).is_some_and(|node| node.kind == NodeKind::Folder)
    }

    /// Sets the node at `path`.
    pub(crate) fn insert(&mut self, path: String, node: Node) {
        let length = path.len();
        if self.nodes.insert(path, node).is_none() {
            self.names += length;
        }
    }

    /// How many bytes all paths have: a thousand of them may lie in as many folders each.
    pub(crate) fn names(&self) -> usize {
        self.names
    }

    /// Removes `path` and everything below it.
    pub(crate) fn remove(&mut self, path: &str) {
        self.take(path);
        self.clear(path);
    }

    /// Removes everything below `path`.
    pub(crate) fn clear(&mut self, path: &str) {
        if path.is_empty() {
            *self = Self::default();
            return;
        }
        let prefix = format!("{path}/");
        let below = self.nodes.range(prefix.clone()..).map(|(known, _)| known);
        let below: Vec<String> = below.take_while(|known| known.starts_with(&prefix)).cloned().collect();
        for known in below {
            self.take(&known);
        }
    }

    fn take(&mut self, path: &str) {
        if self.nodes.remove(path).is_some() {
            self.names -= path.len();
        }
    }

    /// All paths and nodes, each folder in front of what it holds.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// The same, taken out.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (String, Node)> {
        self.nodes.into_iter()
    }

    /// Everything below the folder `path`, with paths relative to it.
    pub(crate) fn below<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let length = prefix.len();
        self.nodes
            .range(prefix.clone()..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(move |(path, node)| (&path[length..], node))
    }

    /// The path that `path` means once links on its way are followed, as a container would: a link never leads above the
    /// root. What is not there stays as it is. `None` when links go in circles.
    pub(crate) fn resolve(&self, path: &str) -> Option<String> {
        follow(path, |path| self.get(path))
    }

    /// The same where `changes` lie over this file system.
    pub(crate) fn resolve_under(&self, changes: &Self, path: &str) -> Option<String> {
        follow(path, |path| changes.get(path).or_else(|| self.get(path)))
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

fn follow<'a>(path: &str, node: impl Fn(&str) -> Option<&'a Node>) -> Option<String> {
    let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut done: Vec<String> = Vec::new();
    let mut links = 0;
    while let Some(part) = todo.pop() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                done.pop();
                continue;
            }
            _ => done.push(part),
        }
        if let Some(Node { kind: NodeKind::Link(target), .. }) = node(&done.join("/")) {
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            done.pop();
            if target.starts_with('/') {
                done.clear();
            }
            todo.extend(target.split('/').rev().map(str::to_owned));
        }
    }
    Some(done.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(links: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, target) in links {
            let node = Node { kind: NodeKind::Link((*target).to_owned()), ..Node::folder(0) };
            tree.insert((*path).to_owned(), node);
        }
        tree
    }

    #[test]
    fn links_are_followed_inside_the_root() {
        let tree = tree(&[("bin", "usr/bin"), ("up", "../../../etc"), ("abs", "/opt")]);
        assert_eq!(tree.resolve("bin/sh").unwrap(), "usr/bin/sh");
        assert_eq!(tree.resolve("up/passwd").unwrap(), "etc/passwd");
        assert_eq!(tree.resolve("abs/x").unwrap(), "opt/x");
    }

    #[test]
    fn circles_are_found() {
        assert_eq!(tree(&[("a", "b"), ("b", "a")]).resolve("a"), None);
    }

    #[test]
    fn removing_one_after_the_other_takes_no_longer_than_it_must() {
        let mut tree = tree(&[]);
        for number in 0..200_000 {
            tree.remove(&format!("d/{number}"));
            tree.insert(format!("d/{number}"), Node::folder(0));
        }
        assert_eq!(tree.len(), 200_000);
        tree.clear("");
        assert_eq!(tree.len(), 0);
    }

    #[test]
    fn links_among_the_changes_are_followed_too() {
        let (below, changes) = (tree(&[("bin", "usr/bin")]), tree(&[("new", "/bin")]));
        assert_eq!(below.resolve_under(&changes, "new/sh").unwrap(), "usr/bin/sh");
    }

    #[test]
    fn removing_a_folder_removes_what_it_holds_and_nothing_else() {
        let mut tree = tree(&[("a", "x"), ("a/b", "x"), ("a-b", "x")]);
        tree.remove("a");
        assert_eq!(tree.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["a-b"]);
    }
}
