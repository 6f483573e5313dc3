//! The clones a dry run works in: the sources it builds, and the release commit with the lock.

use std::path::{Path, PathBuf};

use crate::program::{Program, root};

/// A clone of this repository at the commit that is checked out here. What is not committed is not part of a release.
#[derive(Debug)]
pub(crate) struct Source {
    /// The clone.
    pub(crate) folder: PathBuf,
    /// The commit.
    pub(crate) commit: String,
}

impl Source {
    /// Clones the repository to `folder`, or brings an earlier clone up to date: files that did not change keep their
    /// times, so that a second build compiles only what did.
    pub(crate) fn at(folder: &Path) -> Result<Self, String> {
        let commit = git(&root(), &["rev-parse", "HEAD"])?;
        if !folder.join(".git").is_dir() {
            let target = folder.display().to_string();
            git(&root(), &["clone", "--quiet", "--no-checkout", "--shared", ".", &target])?;
        }
        git(folder, &["fetch", "--quiet", "origin", &commit])?;
        git(folder, &["checkout", "--quiet", "--force", "--detach", &commit])?;
        Ok(Self { folder: folder.to_owned(), commit })
    }

    /// The version that the sources give themselves, as a release has it: without `-SNAPSHOT`.
    pub(crate) fn version(&self) -> Result<String, String> {
        let output = Program::new(crate::program::cargo())
            .within(&self.folder)
            .args(["metadata", "--format-version", "1", "--no-deps", "--locked", "--offline"])
            .output()?;
        let metadata: serde_json::Value = serde_json::from_str(&output.stdout).map_err(|_| output.text())?;
        let version = metadata["packages"].as_array().into_iter().flatten().find_map(|package| {
            let is_ours = package["name"] == crate::program::ACTIONS[0];
            is_ours.then(|| package["version"].as_str()).flatten()
        });
        let version = version.ok_or("the sources have no version")?;
        Ok(version.trim_end_matches("-SNAPSHOT").to_owned())
    }

    /// The release commit: these sources with this lock, in a clone of its own. Returns its id.
    pub(crate) fn release_commit(&self, lock: &str, folder: &Path) -> Result<String, String> {
        let target = folder.display().to_string();
        git(&self.folder, &["clone", "--quiet", "--shared", ".", &target])?;
        let path = folder.join("release.lock");
        std::fs::write(&path, lock).map_err(|error| format!("{}: {error}", path.display()))?;
        commit_all(folder, "chore(release): pin what was built")?;
        git(folder, &["rev-parse", "HEAD"])
    }
}

/// Commits everything in `folder`.
pub(crate) fn commit_all(folder: &Path, subject: &str) -> Result<(), String> {
    git(folder, &["add", "--all"])?;
    let user = ["-c", "user.name=slipway", "-c", "user.email=slipway@example.invalid", "-c", "commit.gpgsign=false"];
    let commit = ["commit", "--quiet", "--no-verify", "--message", subject];
    git(folder, &[&user[..], &commit].concat()).map(drop)
}

/// Runs Git in `folder`; what it printed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Program::new("git").within(folder).args(arguments).output()?;
    if output.status == 0 { Ok(output.stdout.trim().to_owned()) } else { Err(format!("git: {}", output.text().trim())) }
}
