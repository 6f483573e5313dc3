//! What the stand-in remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bytes::Bytes;
use serde_json::Value;

use super::shapes::Links;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) links: Links,
    repositories: BTreeMap<String, Repository>,
    /// The classifiers of hidden comments, by id.
    pub(super) minimized: BTreeMap<u64, String>,
}

#[derive(Debug, Default)]
pub(super) struct Repository {
    /// `owner/name`.
    pub(super) name: String,
    /// Full ref names and the object each points at: a commit or an annotated tag.
    pub(super) refs: BTreeMap<String, String>,
    pub(super) tag_objects: BTreeMap<String, TagObject>,
    pub(super) commits: Vec<Commit>,
    /// File contents by commit, branch or tag, and path.
    pub(super) files: BTreeMap<(String, String), Bytes>,
    pub(super) pulls: BTreeMap<u64, Pull>,
    pub(super) comments: Vec<Value>,
    pub(super) labels: BTreeMap<u64, Vec<String>>,
    /// The reviews of each pull request.
    pub(super) reviews: BTreeMap<u64, Vec<Value>>,
    pub(super) releases: Vec<Value>,
    pub(super) deployments: Vec<Value>,
    pub(super) deployment_statuses: BTreeMap<u64, Vec<Value>>,
    pub(super) check_runs: Vec<Value>,
    pub(super) runs: Vec<Value>,
    /// The release that is shown as the latest, where one was made it.
    pub(super) latest: Option<u64>,
    /// Contents by hash.
    pub(super) blobs: BTreeMap<String, Bytes>,
    /// The files of each tree, by path.
    pub(super) trees: BTreeMap<String, BTreeMap<String, TreeFile>>,
    /// The workflows that can be started, and the inputs each declares.
    pub(super) workflows: BTreeMap<String, Vec<String>>,
    /// The events that were sent, oldest first.
    pub(super) dispatches: Vec<Value>,
    /// The Git repository whose commits, trees and files are shown.
    pub(super) objects: Option<PathBuf>,
    /// How many entries of a tree are shown at once.
    pub(super) longest_tree: usize,
    last_id: u64,
}

/// A file of a tree: its mode and the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TreeFile {
    pub(super) mode: String,
    pub(super) blob: String,
}

/// A commit to seed.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Its hash.
    pub sha: String,
    /// Its message.
    pub message: String,
    /// The login of its author; `None` for an address that no account has.
    pub login: Option<String>,
    /// The hashes of its parents.
    pub parents: Vec<String>,
    /// The paths it changes.
    pub paths: Vec<String>,
    /// The hash of its tree; empty for the empty one.
    pub tree: String,
}

#[derive(Debug, Clone)]
pub(super) struct TagObject {
    pub(super) tag: String,
    pub(super) message: String,
    pub(super) object: String,
}

/// A pull request to seed.
#[derive(Debug, Clone)]
pub struct Pull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text; empty means that GitHub shows `null`.
    pub body: String,
    /// `open` or `closed`.
    pub state: String,
    /// The branch it comes from.
    pub head_ref: String,
    /// The repository it comes from, where that is a fork.
    pub fork: Option<String>,
    /// The commit it comes from.
    pub head_sha: String,
    /// The branch it goes to.
    pub base_ref: String,
    /// The commit it goes to.
    pub base_sha: String,
    /// The paths it changes.
    pub files: Vec<String>,
    /// The login of its author.
    pub login: String,
    /// The repository that it is in, where its commits are here too: that which this one is a fork of.
    pub upstream: Option<String>,
    /// The commits that came in by it; with any, it is merged.
    pub merged: Vec<String>,
}

impl Default for Pull {
    fn default() -> Self {
        Self {
            number: 1,
            title: "Change things".to_owned(),
            body: String::new(),
            state: "open".to_owned(),
            head_ref: "feature".to_owned(),
            fork: None,
            head_sha: crate::runner::SHA.to_owned(),
            base_ref: "main".to_owned(),
            base_sha: crate::runner::SHA.to_owned(),
            files: Vec::new(),
            login: "octocat".to_owned(),
            upstream: None,
            merged: Vec::new(),
        }
    }
}

impl State {
    /// The comments of all repositories.
    pub(super) fn comments(&self) -> impl Iterator<Item = &Value> {
        self.repositories.values().flat_map(|repository| &repository.comments)
    }

    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }

    pub(super) fn parts(&mut self, name: &str) -> Option<(&Links, &mut Repository)> {
        Some((&self.links, self.repositories.get_mut(name)?))
    }

    pub(super) fn create(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_insert_with(|| Repository {
            name: name.to_owned(),
            longest_tree: 100_000,
            ..Repository::default()
        })
    }
}

impl Repository {
    /// Gives out an identifier that no other thing of this repository has.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        1000 + self.last_id
    }

    /// Follows a full ref name through an annotated tag to the commit.
    pub(super) fn peel(&self, git_ref: &str) -> Option<String> {
        let object = self.refs.get(git_ref)?;
        Some(self.tag_objects.get(object).map_or(object, |tag| &tag.object).clone())
    }

    /// Finds the commit that a commit id, a branch or a tag stands for.
    pub(super) fn commit(&self, reference: &str) -> Option<&Commit> {
        let sha = [format!("refs/heads/{reference}"), format!("refs/tags/{reference}"), format!("refs/{reference}")]
            .iter()
            .find_map(|name| self.peel(name))
            .unwrap_or_else(|| reference.to_owned());
        self.commits.iter().find(|commit| commit.sha == sha)
    }

    /// The commits that lead to `sha`, itself among them.
    pub(super) fn ancestors(&self, sha: &str) -> BTreeSet<String> {
        let (mut found, mut open) = (BTreeSet::new(), vec![sha.to_owned()]);
        while let Some(sha) = open.pop() {
            if let Some(commit) = self.commits.iter().find(|commit| commit.sha == sha)
                && found.insert(sha)
            {
                open.extend(commit.parents.iter().cloned());
            }
        }
        found
    }

    pub(super) fn has_object(&self, sha: &str) -> bool {
        self.tag_objects.contains_key(sha) || self.commits.iter().any(|commit| commit.sha == sha)
    }
}
