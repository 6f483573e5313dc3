//! Trees, commits and branches as they are written: a commit without a clone, a push or a work tree.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// The mode of a plain file.
pub const PLAIN_FILE: &str = "100644";

/// A file as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewFile {
    /// Its path from the root.
    pub path: String,
    /// Its mode.
    pub mode: String,
    /// Its content. GitHub takes text only.
    pub content: String,
}

/// What became of the wish to create or to move a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetBranch {
    /// It is where it shall be now.
    Done,
    /// It was there already.
    AlreadyThere,
    /// It is somewhere else, and stays there.
    Conflict {
        /// Its commit.
        sha: String,
    },
}

#[derive(Deserialize)]
struct Reference {
    object: Hash,
}

#[derive(Deserialize)]
struct Hash {
    sha: String,
}

impl GitHub {
    /// The commit at the tip of a branch; `None` where there is no such branch.
    pub async fn branch(&self, name: &str) -> Result<Option<String>, GitHubError> {
        let path = self.path(&["git", "ref", &format!("heads/{name}")]);
        let call = Call::get(format!("read the branch `{name}`"), path, Permission::ReadContents);
        Ok(self.find::<Reference>(&call).await?.map(|reference| reference.object.sha))
    }

    /// Writes a tree that is `base` with these files; the same files give the same tree
    /// (<https://docs.github.com/en/rest/git/trees#create-a-tree>).
    pub async fn create_tree(&self, base: &str, files: &[NewFile]) -> Result<String, GitHubError> {
        let entry =
            |file: &NewFile| json!({ "path": file.path, "mode": file.mode, "type": "blob", "content": file.content });
        let entries: Vec<Value> = files.iter().map(entry).collect();
        let call =
            Call::new("write the changed files", Method::POST, self.path(&["git", "trees"]), Permission::WriteContents);
        let call = call.body(json!({ "base_tree": base, "tree": entries })).repeatable();
        self.json::<Hash>(&call).await.map(|tree| tree.sha)
    }

    /// Writes a commit that no branch has yet, in the name of the token's owner; one that nothing leads to is forgotten
    /// (<https://docs.github.com/en/rest/git/commits#create-a-commit>).
    pub async fn create_commit(&self, message: &str, tree: &str, parent: &str) -> Result<String, GitHubError> {
        let call =
            Call::new("write the commit", Method::POST, self.path(&["git", "commits"]), Permission::WriteContents);
        let call = call.body(json!({ "message": message, "tree": tree, "parents": [parent] })).repeatable();
        self.json::<Hash>(&call).await.map(|commit| commit.sha)
    }

    /// Creates the branch `name` at the commit `sha`. A branch that is there stays where it is.
    pub async fn create_branch(&self, name: &str, sha: &str) -> Result<SetBranch, GitHubError> {
        let what = format!("create the branch `{name}`");
        let call = Call::new(what, Method::POST, self.path(&["git", "refs"]), Permission::WriteContents)
            .body(json!({ "ref": format!("refs/heads/{name}"), "sha": sha }))
            .repeatable();
        self.set_branch(&call, name, sha).await
    }

    /// Moves the branch `name` to the commit `sha`, which has to follow the one it is at: it is never forced
    /// (<https://docs.github.com/en/rest/git/refs#update-a-reference>).
    pub async fn advance_branch(&self, name: &str, sha: &str) -> Result<SetBranch, GitHubError> {
        let path = self.path(&["git", "refs", &format!("heads/{name}")]);
        let call = Call::new(format!("advance the branch `{name}`"), Method::PATCH, path, Permission::WriteContents);
        self.set_branch(&call.body(json!({ "sha": sha, "force": false })), name, sha).await
    }

    async fn set_branch(&self, call: &Call, name: &str, sha: &str) -> Result<SetBranch, GitHubError> {
        let refusal = match self.send(call).await {
            Ok(_) => return Ok(SetBranch::Done),
            Err(refusal @ (GitHubError::Invalid { .. } | GitHubError::RuleViolation { .. })) => refusal,
            Err(error) => return Err(error),
        };
        match self.branch(name).await? {
            Some(there) if there == sha => Ok(SetBranch::AlreadyThere),
            // A rule may forbid what nobody else has done.
            Some(there) if matches!(refusal, GitHubError::Invalid { .. }) => Ok(SetBranch::Conflict { sha: there }),
            _ => Err(refusal),
        }
    }
}
