//! The working clone that the workflows run in: the repository as it is on disk, in a folder of its own.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::Tool;
use crate::config::{Edit, Event, Run};
use crate::error::Error;
use crate::problem::{ChangeProblem, Problem};
use crate::tree::Tree;
use crate::version::raised;

/// The working clone.
#[derive(Debug)]
pub(crate) struct Checkout {
    folder: PathBuf,
    repository: String,
}

impl Checkout {
    /// Clones `source` into `folder`, with changes that are not committed as a commit of their own, on the branch `main`.
    pub(crate) fn clone(source: &Path, folder: &Path, repository: &str) -> Result<Self, Error> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(Error::file(folder))?;
        }
        let parent = folder.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(Error::file(parent))?;
        let text = |path: &Path| path.display().to_string();
        Tool::new("git", parent)
            .args(["clone", "--quiet", "--no-local", "--no-tags", &text(source), &text(folder)])
            .output()?;
        let checkout = Self { folder: folder.to_path_buf(), repository: repository.to_owned() };
        checkout.git(&["checkout", "--quiet", "-B", "main"])?;
        checkout.git(&["remote", "set-url", "origin", &format!("https://github.com/{repository}.git")])?;
        checkout.take_over_changes(source)?;
        Ok(checkout)
    }

    /// Puts a file of the repository beside a module as `rehearsal_override.tf`, as a commit on `main`.
    pub(crate) fn overlay(&self, file: &str, directory: &str) -> Result<(), Error> {
        let (from, to) = (self.folder.join(file), self.folder.join(directory).join("rehearsal_override.tf"));
        std::fs::copy(&from, &to).map_err(Error::file(&from))?;
        self.commit("chore: what the emulator needs")
    }

    /// The clone's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies what is changed or new in `source` and removes what was deleted there, then commits it.
    fn take_over_changes(&self, source: &Path) -> Result<(), Error> {
        // Against the last commit, not the index: what is staged counts as well.
        let changed = ["diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", "HEAD"];
        let new = ["ls-files", "-z", "--others", "--exclude-standard"];
        let names = |arguments: &[&str]| Tool::new("git", source).args(arguments).output();
        let (changed, new) = (names(&changed)?, names(&new)?);
        let tree = Tree::read(source)?;
        for name in changed.split('\0').chain(new.split('\0')).filter(|name| !name.is_empty()) {
            let (from, to) = (source.join(name), self.folder.join(name));
            if tree.file(name).is_ok() {
                if let Some(parent) = to.parent() {
                    std::fs::create_dir_all(parent).map_err(Error::file(parent))?;
                }
                std::fs::copy(&from, &to).map_err(Error::file(&from))?;
            } else if to.is_file() {
                std::fs::remove_file(&to).map_err(Error::file(&to))?;
            }
        }
        self.commit("chore: what is not committed yet")
    }

    /// Makes the changes of `run` (and of its breakage) as one commit, on the branch its event is about.
    pub(crate) fn prepare(&self, run: &Run, broken: bool) -> Result<Change, Error> {
        let base = self.head()?;
        let branch = match run.event {
            Event::Push => run.branch.clone(),
            Event::PullRequest => format!("rehearsal/{}", run.name),
        };
        self.git(&["checkout", "--quiet", "-B", &branch, "main"])?;
        let version = run.bump.as_deref().map(|manifest| self.bump(run, manifest)).transpose()?;
        let breaking = run.breakage.iter().filter(|_| broken).flat_map(|breakage| &breakage.edits);
        for edit in run.edits.iter().chain(breaking) {
            self.edit(run, edit)?;
        }
        let subject = match &version {
            Some(version) => format!("chore({}): release {version}", run.name),
            None => format!("chore({}): rehearse a change", run.name),
        };
        self.commit(&subject)?;
        let head = self.head()?;
        Ok(Change { base, head, branch, subject, version })
    }

    /// Goes back to `main` after a run; a push leaves its commit there.
    pub(crate) fn finish(&self, run: &Run, change: &Change) -> Result<(), Error> {
        let target = if run.event == Event::Push { &change.head } else { "main" };
        self.git(&["checkout", "--quiet", "--force", "-B", "main", target])
    }

    /// The event's payload, with what the actions and workflows read of it.
    pub(crate) fn event(&self, run: &Run, change: &Change) -> Value {
        let (owner, name) = self.repository.split_once('/').unwrap_or(("local", &self.repository));
        let repository = json!({
            "name": name, "full_name": self.repository, "default_branch": "main", "owner": { "login": owner },
        });
        match run.event {
            Event::Push => json!({
                "ref": format!("refs/heads/{}", change.branch), "before": change.base, "after": change.head,
                "created": false, "deleted": false, "forced": false, "repository": repository,
                "head_commit": { "id": change.head, "message": change.subject }, "pusher": { "name": owner },
            }),
            Event::PullRequest => json!({
                "action": "opened", "number": PULL_REQUEST, "repository": repository,
                "pull_request": {
                    "number": PULL_REQUEST, "title": change.subject, "body": "", "state": "open", "draft": false,
                    "head": { "ref": change.branch, "sha": change.head, "repo": repository },
                    "base": { "ref": run.branch, "sha": change.base, "repo": repository },
                },
            }),
        }
    }

    /// Raises the patch number of the version in `manifest` (and in the lockfile beside a `Cargo.toml`).
    fn bump(&self, run: &Run, manifest: &str) -> Result<String, Error> {
        let path = self.folder.join(manifest);
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let no_version =
            || Problem::from(ChangeProblem::NoVersion { run: run.name.clone(), file: manifest.to_owned() });
        let raised = raised(manifest, &text).ok_or_else(no_version)?;
        std::fs::write(&path, raised.text).map_err(Error::file(&path))?;
        let lock = path.with_file_name("Cargo.lock");
        if manifest.ends_with("Cargo.toml") && lock.is_file() {
            let folder = path.parent().unwrap_or(&self.folder);
            Tool::new("cargo", folder).args(["update", "--quiet", "--workspace", "--offline"]).output()?;
        }
        Ok(raised.version)
    }

    fn edit(&self, run: &Run, edit: &Edit) -> Result<(), Error> {
        let path = self.folder.join(&edit.file);
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let times = text.matches(&edit.find).count();
        if times != 1 {
            let (run, file, find) = (run.name.clone(), edit.file.clone(), edit.find.clone());
            return Err(Problem::from(ChangeProblem::EditDoesNotFit { run, file, find, times }).into());
        }
        std::fs::write(&path, text.replace(&edit.find, &edit.replace)).map_err(Error::file(&path))
    }

    /// The commit that is checked out.
    pub(crate) fn head(&self) -> Result<String, Error> {
        self.tool(&["rev-parse", "HEAD"]).output()
    }

    fn commit(&self, subject: &str) -> Result<(), Error> {
        self.git(&["add", "--all"])?;
        if self.tool(&["status", "--porcelain"]).output()?.is_empty() {
            return Ok(());
        }
        self.git(&["commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", subject])
    }

    fn git(&self, arguments: &[&str]) -> Result<(), Error> {
        self.tool(arguments).output().map(drop)
    }

    fn tool(&self, arguments: &[&str]) -> Tool {
        let identity = [
            "-c",
            "user.name=Slipway rehearsal",
            "-c",
            "user.email=rehearsal@localhost",
            "-c",
            "core.hooksPath=/dev/null",
        ];
        Tool::new("git", &self.folder).args(identity).args(arguments)
    }
}

/// The number of the rehearsed pull request.
pub(crate) const PULL_REQUEST: u64 = 1;

/// A commit that a run is about.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The commit before it.
    pub(crate) base: String,
    /// The commit.
    pub(crate) head: String,
    /// The branch it is on.
    pub(crate) branch: String,
    /// Its message.
    pub(crate) subject: String,
    /// The version it raises a manifest to.
    pub(crate) version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Checkout;
    use crate::command::Tool;

    #[test]
    fn the_clone_holds_what_is_staged_and_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        std::fs::create_dir(&source).unwrap();
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
            Tool::new("git", &source).args(identity).args(arguments).output().map(drop).unwrap();
        };
        let write = |name: &str, text: &str| std::fs::write(source.join(name), text).unwrap();
        git(&["init", "--quiet"]);
        for name in ["kept", "removed", "deleted", "ignored", "staged", "changed", "moved"] {
            write(name, name);
        }
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "x"]);
        git(&["rm", "--quiet", "removed"]);
        std::fs::remove_file(source.join("deleted")).unwrap();
        git(&["rm", "--quiet", "--cached", "ignored"]);
        write(".gitignore", "ignored\n");
        git(&["mv", "moved", "there"]);
        write("staged", "new text");
        write("added", "added");
        git(&["add", "staged", "added"]);
        write("changed", "new text");
        write("untracked", "untracked");
        let clone = folder.path().join("clone");
        Checkout::clone(&source, &clone, "acme/shop").unwrap();
        let held = Tool::new("git", &clone).args(["ls-files"]).output().unwrap();
        let expected = [".gitignore", "added", "changed", "kept", "staged", "there", "untracked"];
        assert_eq!(held.lines().collect::<Vec<_>>(), expected);
        for name in ["staged", "changed"] {
            assert_eq!(std::fs::read_to_string(clone.join(name)).unwrap(), "new text", "{name}");
        }
        let status = Tool::new("git", &clone).args(["status", "--porcelain"]).output().unwrap();
        assert_eq!(status, "", "everything is committed");
    }
}
