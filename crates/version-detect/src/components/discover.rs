//! Looking for components: folders with a manifest.

use std::path::{Path, PathBuf};

use crate::config::MOST_COMPONENTS;
use crate::error::Error;
use crate::files::Tree;
use crate::manifest::{Ecosystem, Files as _};
use crate::pattern::{Pattern, selects};

/// The most entries of folders that are looked at.
const MOST_ENTRIES: usize = 200_000;

/// The deepest folder that is looked at, counted from where the search begins.
const DEEPEST: usize = 32;

/// Folders that tools fill.
const LEFT_OUT: [&str; 7] = ["node_modules", "target", "build", "dist", "out", "vendor", "venv"];

/// A folder with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its path.
    pub(crate) path: String,
    /// Where the part begins that its pattern leaves open.
    base: usize,
}

impl Found {
    /// The folder `path` with the files `names`, where one of `patterns` takes it and a manifest is among them.
    fn of(patterns: &[Pattern], path: String, names: &[String]) -> Option<Self> {
        let pattern = selects(patterns, &path).filter(|_| !path.is_empty() && Ecosystem::has_manifest(names))?;
        Some(Self { base: pattern.base().len(), path })
    }

    /// Its path below the folder that its pattern names: `api` where `services/*` found `services/api`.
    pub(crate) fn below(&self) -> &str {
        &self.path[self.base..]
    }
}

/// Whether folders of this name are gone into.
fn is_gone_into(name: &str) -> bool {
    !name.starts_with('.') && !LEFT_OUT.contains(&name)
}

/// The folders below `root` that have a manifest and that one of `patterns` takes, by path relative to `root`, in order.
/// Symbolic links, hidden folders and those that tools fill are not gone into.
pub(crate) fn folders(tree: &Tree, root: &Path, patterns: &[Pattern]) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let mut open: Vec<(PathBuf, String, usize)> = vec![(root.to_path_buf(), String::new(), 0)];
    let mut entries = 0;
    while let Some((folder, shown, depth)) = open.pop() {
        let unreadable = |source| Error::Unreadable { file: tree.shown(&folder), source };
        let mut names = Vec::new();
        for entry in folder.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entries += 1;
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
            if kind.is_file() {
                names.push(name);
            } else if kind.is_dir() && depth < DEEPEST && is_gone_into(&name) {
                let below = if shown.is_empty() { name } else { format!("{shown}/{name}") };
                open.push((entry.path(), below, depth + 1));
            }
        }
        if entries > MOST_ENTRIES {
            return Err(Error::TooManyComponents { what: format!("more than {MOST_ENTRIES} files and folders") });
        }
        names.sort_unstable();
        found.extend(Found::of(patterns, shown, &names));
    }
    in_order(found)
}

/// The same among folders that are known, by path with the names of their files.
pub(crate) fn among(
    folders: impl IntoIterator<Item = (String, Vec<String>)>,
    patterns: &[Pattern],
) -> Result<Vec<Found>, Error> {
    let is_kept = |path: &str| path.split('/').count() <= DEEPEST && path.split('/').all(is_gone_into);
    let kept = folders.into_iter().filter(|(path, _)| is_kept(path));
    in_order(kept.filter_map(|(path, names)| Found::of(patterns, path, &names)).collect())
}

fn in_order(mut found: Vec<Found>) -> Result<Vec<Found>, Error> {
    if found.len() > MOST_COMPONENTS {
        return Err(Error::TooManyComponents { what: format!("{} folders with a manifest", found.len()) });
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}
