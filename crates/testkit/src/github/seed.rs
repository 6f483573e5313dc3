//! What tests and rehearsals put into the stand-in beforehand.

use std::path::Path;

use bytes::Bytes;

use super::state::{Commit, TagObject, TreeFile};
use super::{FakeGitHub, Pull, comments, git_data, objects, reviews, runs, tags};

impl FakeGitHub {
    /// Makes a repository (`owner/name`) exist.
    pub fn add_repository(&self, repository: &str) {
        self.lock().create(repository);
    }

    /// Adds a commit, or replaces its message.
    pub fn add_commit(&self, repository: &str, sha: &str, message: &str) {
        self.add_history(repository, Commit { sha: sha.to_owned(), message: message.to_owned(), ..Commit::default() });
    }

    /// Adds a commit with its parents, or replaces it. The order of adding is that of the commits' dates.
    pub fn add_history(&self, repository: &str, commit: Commit) {
        let mut state = self.lock();
        let commits = &mut state.create(repository).commits;
        commits.retain(|known| known.sha != commit.sha);
        commits.push(commit);
    }

    /// Gives a commit that is there the files of its tree.
    pub fn set_files(&self, repository: &str, sha: &str, files: &[(&str, &str)]) {
        let mut state = self.lock();
        let found = state.create(repository);
        let entry = |(path, content): &(&str, &str)| {
            let blob = git_data::store_blob(found, Bytes::from((*content).to_owned()));
            ((*path).to_owned(), TreeFile { mode: "100644".to_owned(), blob })
        };
        let files = files.iter().map(entry).collect();
        let tree = git_data::store_tree(found, files);
        for commit in found.commits.iter_mut().filter(|commit| commit.sha == sha) {
            tree.clone_into(&mut commit.tree);
        }
    }

    /// Adds a workflow that can be started by hand, with the inputs it declares.
    pub fn add_workflow(&self, repository: &str, file: &str, inputs: &[&str]) {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        self.lock().create(repository).workflows.insert(file.to_owned(), inputs);
    }

    /// Shows the commits, trees and files of the Git repository in `folder`, and its branches; its tags are not shown.
    pub fn show_git(&self, repository: &str, folder: &Path) {
        let text = |arguments: &[&str]| {
            objects::run(folder, arguments)
                .map(|output| String::from_utf8_lossy(&output).into_owned())
                .unwrap_or_default()
        };
        for line in text(&["rev-list", "--all", "--parents", "--topo-order", "--reverse"]).lines() {
            let mut hashes = line.split(' ').map(str::to_owned);
            let sha = hashes.next().unwrap_or_default();
            let message = "Change things".to_owned();
            self.add_history(repository, Commit { sha, message, parents: hashes.collect(), ..Commit::default() });
        }
        for line in text(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/"]).lines() {
            if let Some((name, sha)) = line.split_once(' ') {
                self.add_ref(repository, name, sha);
            }
        }
        self.lock().create(repository).objects = Some(folder.to_path_buf());
    }

    /// Shows at most `entries` of a tree at once, as GitHub does with its 100,000.
    pub fn truncate_trees(&self, repository: &str, entries: usize) {
        self.lock().create(repository).longest_tree = entries;
    }

    /// Points a full ref name (`refs/heads/main`) at a commit, which is added when it is unknown.
    pub fn add_ref(&self, repository: &str, git_ref: &str, sha: &str) {
        let known = self.read(repository, |found| found.has_object(sha));
        if !known {
            self.add_commit(repository, sha, "Change things");
        }
        self.lock().create(repository).refs.insert(git_ref.to_owned(), sha.to_owned());
    }

    /// Adds a lightweight tag.
    pub fn add_tag(&self, repository: &str, name: &str, sha: &str) {
        self.add_ref(repository, &format!("refs/tags/{name}"), sha);
    }

    /// Adds an annotated tag and returns the id of its tag object.
    pub fn add_annotated_tag(&self, repository: &str, name: &str, sha: &str) -> String {
        self.add_tag(repository, name, sha);
        let tag = TagObject { tag: name.to_owned(), message: name.to_owned(), object: sha.to_owned() };
        let mut state = self.lock();
        let found = state.create(repository);
        let id = tags::store(found, tag);
        found.refs.insert(format!("refs/tags/{name}"), id.clone());
        id
    }

    /// Adds or replaces a pull request.
    pub fn add_pull(&self, repository: &str, pull: Pull) {
        self.lock().create(repository).pulls.insert(pull.number, pull);
    }

    /// Adds a review of a pull request: `state` as GitHub writes it (`APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`).
    pub fn add_review(&self, repository: &str, pull: u64, login: &str, state: &str, commit: &str) {
        let mut kept = self.lock();
        kept.create(repository);
        let Some((links, found)) = kept.parts(repository) else {
            unreachable!("the repository was created above");
        };
        reviews::store(links, found, pull, login, state, commit);
    }

    /// Adds a run of a workflow, in its attempt `attempt`, for a commit.
    pub fn add_run(&self, repository: &str, id: u64, attempt: u64, workflow: u64, commit: &str) {
        let mut state = self.lock();
        state.create(repository);
        let Some((links, found)) = state.parts(repository) else {
            unreachable!("the repository was created above");
        };
        runs::store(links, found, [id, attempt, workflow], commit);
    }

    /// Adds a run of a workflow that a push to `branch` started, and that has ended with a conclusion as GitHub writes it (`success`,
    /// `failure`, `cancelled`).
    pub fn add_ended_run(
        &self,
        repository: &str,
        [id, workflow]: [u64; 2],
        commit: &str,
        branch: &str,
        conclusion: &str,
    ) {
        self.add_run(repository, id, 1, workflow, commit);
        runs::end(self.lock().create(repository), id, branch, conclusion);
    }

    /// Adds a comment of a user to an issue or pull request and returns its id.
    pub fn add_comment(&self, repository: &str, issue: u64, login: &str, body: &str) -> u64 {
        let mut state = self.lock();
        state.create(repository);
        let Some((links, found)) = state.parts(repository) else {
            unreachable!("the repository was created above");
        };
        comments::store(links, found, issue, login, body)
    }

    /// Replaces the text of a comment, as another run does.
    pub fn edit_comment(&self, repository: &str, id: u64, body: &str) {
        let mut state = self.lock();
        for comment in state.create(repository).comments.iter_mut().filter(|comment| comment["id"] == id) {
            comment["body"] = body.into();
        }
    }

    /// Adds a file to a commit, branch or tag.
    pub fn add_file(&self, repository: &str, reference: &str, path: &str, content: impl Into<Bytes>) {
        let key = (reference.to_owned(), path.to_owned());
        self.lock().create(repository).files.insert(key, content.into());
    }

    /// Adds a label to an issue or pull request.
    pub fn add_label(&self, repository: &str, issue: u64, name: &str) {
        let mut state = self.lock();
        let labels = state.create(repository).labels.entry(issue).or_default();
        if !labels.iter().any(|label| label == name) {
            labels.push(name.to_owned());
        }
    }
}
