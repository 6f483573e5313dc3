//! A repository with a history, of which a run has the last commit alone, as `actions/checkout` leaves it.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use testkit::{FakeGitHub, FakeRunner};

use crate::{REPOSITORY, git};

/// A repository on disk.
pub(crate) struct Origin(TempDir);

impl Origin {
    /// A repository without a commit.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        git(folder.path(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    /// Commits files, of which those without a content are removed; returns the commit.
    pub(crate) fn commit(&self, files: &[(&str, Option<&str>)]) -> String {
        for (path, content) in files {
            let path = self.path().join(path);
            match content {
                Some(content) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, content).unwrap();
                }
                None => fs::remove_file(path).unwrap(),
            }
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Shows all of it on `server`.
    pub(crate) fn show(&self, server: &FakeGitHub) {
        server.show_git(REPOSITORY, self.path());
    }

    /// Checks `commit` out in the workspace of `runner`, without any other.
    pub(crate) fn check_out(&self, runner: &FakeRunner, commit: &str) {
        let folder = runner.workspace();
        git(folder, &["init", "-q"]);
        git(folder, &["fetch", "-q", "--depth", "1", &format!("file://{}", self.path().display()), commit]);
        git(folder, &["checkout", "-q", "--force", "--detach", "FETCH_HEAD"]);
    }
}

/// Every file below a work tree's `.git`, with its length, and what Git says of the work tree.
pub(crate) fn state(folder: &Path) -> (Vec<(String, u64)>, String) {
    let mut files = Vec::new();
    let mut open = vec![folder.join(".git")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.metadata().unwrap() {
                found if found.is_dir() => open.push(entry.path()),
                found => files.push((entry.path().display().to_string(), found.len())),
            }
        }
    }
    files.sort();
    (files, git(folder, &["--no-optional-locks", "status", "--porcelain"]))
}
