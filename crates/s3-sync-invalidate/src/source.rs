//! The folder that is published: which files it holds and which of them cannot go to a bucket.
//!
//! Symbolic links are followed as long as their target lies inside the source. Nothing here looks at modification times.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::error::Error;
use crate::globs::PathGlobs;
use crate::sensitive::{is_litter, is_sensitive_name, is_sensitive_path};

/// A file of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Where it is on disk.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// What its first bytes look like.
    pub looks: Looks,
}

/// Why a file of the source cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It looks like a secret.
    Sensitive,
    /// It is a link that leads out of the source or nowhere.
    OutsideLink,
    /// Its name cannot be a key: not UTF-8, or with control characters.
    BadName,
    /// It is no file: a socket, a pipe, a device.
    NoFile,
}

/// What the folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The files by their path relative to the source, in the order of the paths' UTF-8 bytes.
    pub files: BTreeMap<String, LocalFile>,
    /// What cannot be published, by its path.
    pub refused: BTreeMap<String, Refusal>,
}

/// Which paths of a folder count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) exclude: PathGlobs,
    pub(crate) allow_sensitive: PathGlobs,
}

/// The files found, before they are read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<(String, PathBuf)>,
    pub(crate) refused: BTreeMap<String, Refusal>,
}

/// Fails unless `root` is a folder.
pub(crate) fn must_be_folder(root: &Path) -> Result<(), Error> {
    let shown = || root.display().to_string();
    let metadata = std::fs::metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => Error::SourceMissing { path: shown() },
        _ => Error::Unreadable { path: shown(), source },
    })?;
    if !metadata.is_dir() {
        return Err(Error::SourceNotFolder { path: shown() });
    }
    Ok(())
}

/// Walks the folder `root`.
pub(crate) fn walk(root: &Path, selection: &Selection) -> Result<Found, Error> {
    must_be_folder(root)?;
    let shown = || root.display().to_string();
    let real = root.canonicalize().map_err(|source| Error::Unreadable { path: shown(), source })?;
    let mut found = Found::default();
    let mut entries = WalkDir::new(root).follow_links(true).min_depth(1).into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => {
                let directory = entry.file_type().is_dir();
                let step = visit(&entry, root, &real, selection);
                if directory && !matches!(step, Step::Descend) {
                    entries.skip_current_dir();
                }
                match step {
                    Step::Take(relative) => found.files.push((relative, entry.into_path())),
                    Step::Refuse(relative, refusal) => {
                        found.refused.insert(relative, refusal);
                    }
                    Step::Descend | Step::Skip => {}
                }
            }
            Err(error) => broken(&error, root, selection, &mut found)?,
        }
    }
    Ok(found)
}

enum Step {
    Take(String),
    Descend,
    Skip,
    Refuse(String, Refusal),
}

fn visit(entry: &DirEntry, root: &Path, real: &Path, selection: &Selection) -> Step {
    let directory = entry.file_type().is_dir();
    let (relative, utf8) = relative(entry.path(), root);
    if selection.exclude.contains(&relative) || (!directory && is_litter(&entry.file_name().to_string_lossy())) {
        return Step::Skip;
    }
    if !utf8 || relative.chars().any(char::is_control) {
        return Step::Refuse(relative, Refusal::BadName);
    }
    let target = if entry.path_is_symlink() {
        match entry.path().canonicalize().ok().and_then(|target| Some(target.strip_prefix(real).ok()?.to_path_buf())) {
            Some(inside) => inside.to_string_lossy().into_owned(),
            None => return Step::Refuse(relative, Refusal::OutsideLink),
        }
    } else {
        String::new()
    };
    let sensitive = is_sensitive_name(&entry.file_name().to_string_lossy()) || is_sensitive_path(&target);
    if sensitive && !selection.allow_sensitive.contains(&relative) {
        return Step::Refuse(if directory { format!("{relative}/") } else { relative }, Refusal::Sensitive);
    }
    if directory {
        Step::Descend
    } else if entry.file_type().is_file() {
        Step::Take(relative)
    } else {
        Step::Refuse(relative, Refusal::NoFile)
    }
}

/// A link that leads nowhere or in a circle is refused by name; anything else that cannot be read ends the run.
fn broken(error: &walkdir::Error, root: &Path, selection: &Selection, found: &mut Found) -> Result<(), Error> {
    let path = error.path().unwrap_or(root);
    let (relative, _) = relative(path, root);
    let link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    if selection.exclude.contains(&relative) {
        return Ok(());
    }
    if link || error.loop_ancestor().is_some() {
        found.refused.insert(relative, Refusal::OutsideLink);
        return Ok(());
    }
    let kind = error.io_error().map_or(std::io::ErrorKind::Other, std::io::Error::kind);
    Err(Error::Unreadable { path: path.display().to_string(), source: std::io::Error::new(kind, error.to_string()) })
}

/// The path below `root` with forward slashes, and whether it is UTF-8.
fn relative(path: &Path, root: &Path) -> (String, bool) {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    (parts.join("/"), below.to_str().is_some())
}

#[cfg(test)]
mod tests;
