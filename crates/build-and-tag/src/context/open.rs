//! Opening a file of the context: the one that was seen, and nothing that took its place since.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};

use crate::error::{Error, SourceError};

/// Opens the file `below` the folder `root`, which has no links in its own path. A file that has another size, or that is
/// reached through a link now, was changed since the context was looked at.
pub(crate) fn open(root: &Path, below: &str, size: u64) -> Result<File, Error> {
    let mut path = root.to_path_buf();
    path.extend(below.split('/'));
    let unreadable = |source| Error::Source(SourceError::Context { path: path.clone(), source });
    let changed = || Err(Error::Source(SourceError::Changed { path: path.clone() }));
    // Opening a pipe would wait for its other end.
    if !std::fs::symlink_metadata(&path).map_err(unreadable)?.is_file() {
        return changed();
    }
    let file = File::open(&path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    if !opened.is_file() || opened.len() != size {
        return changed();
    }
    let real = path.canonicalize().map_err(unreadable)?;
    let there = std::fs::symlink_metadata(&real).map_err(unreadable)?;
    if real != path || !is_same(&opened, &there) { changed() } else { Ok(file) }
}

/// The folder `path` without links on the way to it.
pub(crate) fn real(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::Source(SourceError::Context { path: path.to_path_buf(), source }))
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.len() == other.len() && one.modified().ok() == other.modified().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_took_the_place_of_a_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = real(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("a")).unwrap();
        std::fs::write(root.join("a/x"), "own").unwrap();
        std::fs::create_dir(root.join("elsewhere")).unwrap();
        std::fs::write(root.join("elsewhere/x"), "not").unwrap();
        let mut text = String::new();
        open(&root, "a/x", 3).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "own");
        let is_changed = || matches!(open(&root, "a/x", 3), Err(Error::Source(SourceError::Changed { .. })));
        assert!(matches!(open(&root, "a/x", 4), Err(Error::Source(SourceError::Changed { .. }))), "another size");
        std::fs::remove_file(root.join("a/x")).unwrap();
        symlink("../elsewhere/x", root.join("a/x")).unwrap();
        assert!(is_changed(), "a link in its place");
        std::fs::remove_dir_all(root.join("a")).unwrap();
        symlink("elsewhere", root.join("a")).unwrap();
        assert!(is_changed(), "a link in place of its folder");
    }
}
