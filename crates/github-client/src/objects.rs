//! Git's own objects as they are read: commits, trees, the contents of files. [`crate::git_data`] writes them.

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

/// A commit as Git keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitCommit {
    /// Its full hash.
    pub sha: String,
    /// The hash of its tree.
    pub tree: String,
    /// Its whole message.
    pub message: String,
    /// The hashes of its parents, the first one first.
    pub parents: Vec<String>,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
    tree: Hash,
    message: String,
    parents: Vec<Hash>,
}

#[derive(Deserialize)]
struct Hash {
    sha: String,
}

/// The content of a file. Where it is too large, it is in another encoding than base64.
#[derive(Deserialize)]
struct Blob {
    content: String,
    encoding: String,
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
        let blob = self.json::<Blob>(&call).await?;
        decode(&blob).ok_or_else(|| GitHubError::UnexpectedAnswer {
            what: call.what,
            reason: "its content is no base64".to_owned(),
        })
    }

    /// The file at `path` as of a branch, a tag or a commit; `None` where there is none. Of more than 1 MB GitHub tells no content here
    /// (<https://docs.github.com/en/rest/repos/contents#get-repository-content>).
    pub async fn file(&self, path: &str, reference: &str) -> Result<Option<Vec<u8>>, GitHubError> {
        let segments: Vec<&str> = std::iter::once("contents").chain(path.split('/')).collect();
        let mut call = Call::get(format!("read the file `{path}`"), self.path(&segments), Permission::ReadContents);
        call.query.push(("ref", reference.to_owned()));
        let Some(blob) = self.find::<Blob>(&call).await? else { return Ok(None) };
        decode(&blob).map(Some).ok_or_else(|| GitHubError::UnexpectedAnswer {
            what: call.what,
            reason: "it is no file of at most 1 MB".to_owned(),
        })
    }

    /// A commit; `None` when the repository does not have it
    /// (<https://docs.github.com/en/rest/git/commits#get-a-commit-object>).
    pub async fn git_commit(&self, commit: &str) -> Result<Option<GitCommit>, GitHubError> {
        let what = format!("read the commit {commit}");
        let call = Call::get(what, self.path(&["git", "commits", commit]), Permission::ReadContents);
        let commit: Option<Commit> = unless_unknown(self.find(&call).await)?;
        Ok(commit.map(|Commit { sha, tree, message, parents }| {
            let parents = parents.into_iter().map(|parent| parent.sha).collect();
            GitCommit { sha, tree: tree.sha, message, parents }
        }))
    }
}

/// Decodes base64 that is broken into lines; `None` for anything else.
fn decode(blob: &Blob) -> Option<Vec<u8>> {
    let one_line: String = blob.content.split_ascii_whitespace().collect();
    STANDARD.decode(one_line).ok().filter(|_| blob.encoding == "base64")
}

/// GitHub says of an object that is not there 404, or 409 and 422 where it cannot be one.
pub(crate) fn unless_unknown<T>(answer: Result<Option<T>, GitHubError>) -> Result<Option<T>, GitHubError> {
    match answer {
        Err(GitHubError::Invalid { status: 409 | 422, .. }) => Ok(None),
        answer => answer,
    }
}
