//! What stands in for another action is copied once, and only what belongs to it: the runner copies the whole folder again for
//! each step that uses it, build products and history included.

use std::path::{Path, PathBuf};

use crate::command::Tool;
use crate::error::Error;
use crate::screen::Screen;

/// Folders that are left out where Git does not say what belongs to an action.
const LEFT_OUT: [&str; 4] = [".git", "target", "node_modules", ".terraform"];

/// How many files are copied between two signs of life.
const STEP: usize = 500;

/// The files of a folder that belong to an action.
#[derive(Debug)]
pub(crate) struct Listing {
    folder: PathBuf,
    /// Relative to the folder.
    files: Vec<PathBuf>,
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

impl Listing {
    /// Lists what Git tracks in `folder`; outside of Git, or where Git tracks nothing of it, everything but [`LEFT_OUT`].
    pub(crate) fn of(folder: &Path) -> Result<Self, Error> {
        let tracked = Tool::new("git", folder).args(["ls-files", "-z", "--cached", "--deduplicate"]).output();
        let mut files: Vec<PathBuf> = tracked
            .unwrap_or_default()
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .filter(|name| is_file(&folder.join(name)))
            .collect();
        if files.is_empty() {
            walk(folder, Path::new(""), &mut files)?;
        }
        Ok(Self { folder: folder.to_path_buf(), files })
    }

    /// Whether `file` belongs to it.
    pub(crate) fn holds(&self, file: &str) -> bool {
        self.files.iter().any(|known| known == Path::new(file))
    }

    /// Whether any action belongs to it.
    pub(crate) fn holds_an_action(&self) -> bool {
        self.files.iter().any(|file| file.file_name().is_some_and(|name| name == "action.yml" || name == "action.yaml"))
    }

    /// Copies the files, as they are now, into the folder `to`, which is made.
    pub(crate) fn copy(&self, to: &Path, action: &str, screen: &Screen) -> Result<Exported, Error> {
        let mut exported = Exported { files: 0, bytes: 0 };
        for name in &self.files {
            if exported.files.is_multiple_of(STEP) {
                screen.now(&format!("copying {action}: {} of {} files", exported.files, self.files.len()));
            }
            exported.bytes += copy(&self.folder.join(name), &to.join(name))?;
            exported.files += 1;
        }
        Ok(exported)
    }
}

/// Copies a file with its permissions, or a symbolic link as one; how many bytes it has.
fn copy(from: &Path, to: &Path) -> Result<u64, Error> {
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).map_err(Error::file(parent))?;
    }
    if from.is_symlink() {
        let target = std::fs::read_link(from).map_err(Error::file(from))?;
        std::os::unix::fs::symlink(target, to).map_err(Error::file(to))?;
        return Ok(0);
    }
    std::fs::copy(from, to).map_err(Error::file(from))
}

/// Whether there is a file or a link; a submodule is a folder.
fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())
}

fn walk(folder: &Path, below: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let here = folder.join(below);
    for entry in std::fs::read_dir(&here).map_err(Error::file(&here))? {
        let name = entry.map_err(Error::file(&here))?.file_name();
        let path = below.join(&name);
        if is_file(&folder.join(&path)) {
            files.push(path);
        } else if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
            walk(folder, &path, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(folder: &Path, arguments: &[&str]) {
        Tool::new("git", folder)
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .output()
            .map(drop)
            .unwrap();
    }

    #[test]
    fn takes_tracked_files_as_they_are_now() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for name in ["deep/action.yml", "gone", "other/README.md"] {
            write(&from, name, "old");
        }
        git(&from, &["init", "--quiet"]);
        git(&from, &["add", "--all"]);
        git(&from, &["commit", "--quiet", "--message", "x"]);
        write(&from, "deep/action.yml", "new!");
        write(&from, "target/huge", "x");
        std::fs::remove_file(from.join("gone")).unwrap();
        let listing = Listing::of(&from.join("deep")).unwrap();
        assert!(listing.holds("action.yml") && listing.holds_an_action());
        let exported = listing.copy(&to, "acme/x", &Screen::new()).unwrap();
        assert_eq!(exported, Exported { files: 1, bytes: 4 });
        assert_eq!(std::fs::read_to_string(to.join("action.yml")).unwrap(), "new!");
        let whole = Listing::of(&from).unwrap();
        assert!(!whole.holds("target/huge") && !whole.holds("gone") && whole.holds("other/README.md"));
    }

    #[test]
    fn outside_of_git_build_products_stay_behind() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        for name in ["action.yml", "node_modules/x/index.js", "target/x", "dist/index.js"] {
            write(&from, name, "x");
        }
        std::os::unix::fs::symlink("dist/index.js", from.join("link")).unwrap();
        let to = folder.path().join("to");
        let exported = Listing::of(&from).unwrap().copy(&to, "acme/x", &Screen::new()).unwrap();
        assert_eq!(exported.files, 3);
        assert!(to.join("link").is_symlink() && to.join("dist/index.js").is_file());
        assert!(!to.join("target").exists() && !to.join("node_modules").exists());
    }
}
