//! Commits and their files, as far as the clone has them: a shallow one has those of its last commit.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{git, git_bytes};

/// The files, folders and submodules of a commit, by path from the repository's root with `/` between.
pub type Tree = BTreeMap<String, Entry>;

/// A file, folder or submodule of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its mode as Git writes it: `100644`, `100755`, `120000`, `040000`, `160000`.
    pub mode: String,
    /// The id of its object.
    pub id: String,
}

impl Entry {
    /// Whether it is a folder, which has no content of its own.
    pub fn is_folder(&self) -> bool {
        self.mode == "040000"
    }
}

/// The parents of a commit, the first one first; `None` when the clone does not have the commit. They stand in the commit,
/// so a shallow clone knows them without having them.
pub async fn parents(folder: &Path, commit: &str) -> Option<Vec<String>> {
    let text = git_bytes(folder, &["cat-file", "commit", object(commit)?]).await?;
    let text = String::from_utf8_lossy(&text);
    let header = text.lines().take_while(|line| !line.is_empty());
    Some(header.filter_map(|line| line.strip_prefix("parent ")).map(str::to_owned).collect())
}

/// The commit that two commits have in common, by their full hashes; `None` when the clone cannot tell: it lacks one of them, or is
/// shallow, so that the nearest one it knows need not be the nearest there is.
pub async fn merge_base(folder: &Path, base: &str, head: &str) -> Option<String> {
    let (base, head) = (object(base)?, object(head)?);
    let shallow = git(folder, &["rev-parse", "--is-shallow-repository"]).await;
    if shallow.as_deref() != Some("false") {
        return None;
    }
    git(folder, &["merge-base", base, head]).await
}

/// The tree of a commit; `None` when the clone does not have it. A path that is not UTF-8 has `\u{FFFD}` for what is none.
pub async fn tree(folder: &Path, commit: &str) -> Option<Tree> {
    let list = git_bytes(folder, &["ls-tree", "-r", "-t", "-z", "--full-tree", object(commit)?]).await?;
    let entries = list.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    entries.map(|line| entry(&String::from_utf8_lossy(line))).collect()
}

/// `100644 blob 0123...\tpath`
fn entry(line: &str) -> Option<(String, Entry)> {
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split(' ');
    let (mode, id) = (words.next()?.to_owned(), words.nth(1)?.to_owned());
    Some((path.to_owned(), Entry { mode, id }))
}

/// The content of a file by the id of its object; `None` when the clone does not have it.
pub async fn blob(folder: &Path, id: &str) -> Option<Vec<u8>> {
    git_bytes(folder, &["cat-file", "blob", object(id)?]).await
}

/// The files that are in one of two trees only, or differ. A file that was renamed is there under both names.
pub fn differences(base: &Tree, head: &Tree) -> Vec<String> {
    let is_changed = |(path, entry): &(&String, &Entry), other: &Tree| {
        !entry.is_folder() && other.get(*path).is_none_or(|other| other != *entry)
    };
    let mut changed: Vec<String> =
        base.iter().filter(|found| is_changed(found, head)).map(|(path, _)| path.clone()).collect();
    let added = head.iter().filter(|found| is_changed(found, base));
    changed.extend(added.map(|(path, _)| path.clone()));
    changed.sort_unstable();
    changed.dedup();
    changed
}

/// The id of an object, which is a number and no word that Git would take for something else.
fn object(id: &str) -> Option<&str> {
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id || id == "HEAD").then_some(id)
}
