//! Git's own objects: commits, trees, the contents of files. They are read, never written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// What a tree holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tree {
    /// Its files, folders and submodules.
    #[serde(rename = "tree")]
    pub entries: Vec<TreeEntry>,
    /// Whether there are more of them than GitHub gives at once: 100,000 entries or 7 MB
    /// (<https://docs.github.com/en/rest/git/trees#get-a-tree>).
    pub truncated: bool,
}

/// A file, folder or submodule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TreeEntry {
    /// Its path below the tree.
    pub path: String,
    /// Its mode as Git writes it, such as `100644`.
    pub mode: String,
    /// The id of its object.
    pub sha: String,
}

/// How far a tree is gone into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// All folders.
    All,
    /// The folder itself.
    One,
}

#[derive(Deserialize)]
struct Commit {
    parents: Vec<Parent>,
}

#[derive(Deserialize)]
struct Parent {
    sha: String,
}

#[derive(Deserialize)]
struct Blob {
    content: String,
}

#[derive(Deserialize)]
struct Comparison {
    merge_base_commit: Parent,
}

impl GitHub {
    /// The tree of a commit, or a tree by its own id; `None` when the repository does not have it.
    pub async fn tree(&self, id: &str, depth: Depth) -> Result<Option<Tree>, GitHubError> {
        let what = format!("read the files of commit {id}");
        let mut call = Call::get(what, self.path(&["git", "trees", id]), Permission::ReadContents);
        if depth == Depth::All {
            call.query.push(("recursive", "1".to_owned()));
        }
        unless_unknown(self.find(&call).await)
    }

    /// The content of a file by the id of its object, which the repository must have.
    pub async fn blob(&self, id: &str) -> Result<Vec<u8>, GitHubError> {
        let what = format!("read the file {id}");
        let call = Call::get(what, self.path(&["git", "blobs", id]), Permission::ReadContents);
        let mut content = self.json::<Blob>(&call).await?.content;
        content.retain(|character| !character.is_ascii_whitespace());
        STANDARD
            .decode(content)
            .map_err(|error| GitHubError::UnexpectedAnswer { what: call.what, reason: error.to_string() })
    }

    /// The parents of a commit, the first one first; `None` when the repository does not have it.
    pub async fn parents(&self, commit: &str) -> Result<Option<Vec<String>>, GitHubError> {
        let what = format!("read the commit {commit}");
        let call = Call::get(what, self.path(&["git", "commits", commit]), Permission::ReadContents);
        let commit: Option<Commit> = unless_unknown(self.find(&call).await)?;
        Ok(commit.map(|commit| commit.parents.into_iter().map(|parent| parent.sha).collect()))
    }

    /// The commit that two branches or commits have in common; `None` when they have none, or one of them does not exist.
    pub async fn merge_base(&self, base: &str, head: &str) -> Result<Option<String>, GitHubError> {
        let what = format!("compare {base} with {head}");
        let path = self.path(&["compare", &format!("{base}...{head}")]);
        let mut call = Call::get(what, path, Permission::ReadContents);
        call.query.push(("per_page", "1".to_owned()));
        let comparison: Option<Comparison> = unless_unknown(self.find(&call).await)?;
        Ok(comparison.map(|comparison| comparison.merge_base_commit.sha))
    }
}

/// GitHub says of an object that is not there 404, or 409 and 422 where it cannot be one.
fn unless_unknown<T>(answer: Result<Option<T>, GitHubError>) -> Result<Option<T>, GitHubError> {
    match answer {
        Err(GitHubError::Invalid { status: 409 | 422, .. }) => Ok(None),
        answer => answer,
    }
}
