//! The repository as the rehearsal's clone will hold it: tracked files and new ones, without what Git ignores.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::command::Tool;
use crate::error::Error;
use crate::problem::CommandProblem;

/// The files of a repository.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    files: BTreeSet<String>,
}

/// The root of the Git repository that `--repo` names; the inner error says what is wrong with it.
pub(crate) fn root(repo: &Path) -> Result<PathBuf, CommandProblem> {
    let path = repo.display().to_string();
    let root = match std::fs::canonicalize(repo) {
        Ok(root) if root.is_dir() => root,
        Ok(_) => return Err(CommandProblem::NoRepository { path, why: "it is a file".to_owned() }),
        Err(error) => return Err(CommandProblem::NoRepository { path, why: error.to_string() }),
    };
    let git = |arguments: &[&str]| Tool::new("git", &root).args(arguments).output();
    let top = match git(&["rev-parse", "--show-toplevel"]) {
        Ok(top) => PathBuf::from(top),
        Err(error) => {
            let help = "name the root of a Git repository as --repo; `git init` makes one".to_owned();
            return Err(CommandProblem::NotARepository { path, why: last_words(&error), help });
        }
    };
    if std::fs::canonicalize(&top).ok().as_ref() != Some(&root) {
        let why = format!("it is a folder of the repository `{}`", top.display());
        let help = format!("name its root: --repo {}", top.display());
        return Err(CommandProblem::NotARepository { path, why, help });
    }
    if git(&["rev-parse", "--quiet", "--verify", "HEAD"]).is_err() {
        let help = "make a first commit: a workflow runs for a commit".to_owned();
        return Err(CommandProblem::NotARepository { path, why: "it has no commit yet".to_owned(), help });
    }
    Ok(root)
}

fn last_words(error: &Error) -> String {
    match error {
        Error::Command { output, .. } => output.clone(),
        other => other.to_string(),
    }
}

impl Tree {
    /// Lists the files of the repository at `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let listed = Tool::new("git", root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
            .output()?;
        let files = listed.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Self { root: root.to_path_buf(), files })
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The names of the files directly in `folder`.
    pub(crate) fn names_in(&self, folder: &str) -> Vec<&str> {
        let names = self.files.iter().filter_map(|file| file.strip_prefix(folder)?.strip_prefix('/'));
        names.filter(|name| !name.contains('/')).collect()
    }

    /// Whether a file will be in the clone; the error says why not.
    pub(crate) fn file(&self, path: &str) -> Result<(), String> {
        let name = inside(path)?;
        let there = self.root.join(&name);
        match (self.files.contains(&name), there.is_file()) {
            (true, true) => Ok(()),
            (false, true) => Err("Git ignores it, so the rehearsal's clone does not hold it".to_owned()),
            (_, false) if there.is_dir() => Err("it is a folder".to_owned()),
            (_, false) => Err("the repository has no such file".to_owned()),
        }
    }

    /// The text of a file that will be in the clone; the error says why there is none.
    pub(crate) fn text(&self, path: &str) -> Result<String, String> {
        self.file(path)?;
        std::fs::read_to_string(self.root.join(path)).map_err(|error| error.to_string())
    }

    /// Whether a folder will be in the clone; the error says why not.
    pub(crate) fn folder(&self, path: &str) -> Result<(), String> {
        let name = inside(path)?;
        let below = if name.is_empty() { String::new() } else { format!("{name}/") };
        if self.files.iter().any(|file| file.starts_with(&below)) {
            return Ok(());
        }
        let there = self.root.join(&name);
        Err(if there.is_dir() {
            "it holds no file that Git would keep".to_owned()
        } else if there.is_file() {
            "it is a file".to_owned()
        } else {
            "the repository has no such folder".to_owned()
        })
    }
}

/// A path as Git writes it; the error says that it leads out of the repository.
fn inside(path: &str) -> Result<String, String> {
    let mut names = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy()),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err("it lies outside of the repository".to_owned());
            }
        }
    }
    Ok(names.join("/"))
}
