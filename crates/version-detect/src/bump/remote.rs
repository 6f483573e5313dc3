//! The files of a commit on GitHub, as the readers of manifests want them: read when they are asked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use github_client::{Depth, GitHub};

use super::error::BumpError;
use crate::error::Error;
use crate::manifest::Files;

/// The largest file that is read, as on disk.
const LARGEST: usize = 4 * 1024 * 1024;

/// How many files are read for one version: the poms of a very large build.
const MOST_FILES: usize = 2000;

/// The mode of a symbolic link.
const LINK: &str = "120000";

/// A tree of files below the root `/`. The readers know no waiting: what they ask for and is not there yet is noted, and they are
/// asked again when it has been read.
#[derive(Debug, Default)]
pub(crate) struct Remote {
    entries: BTreeMap<PathBuf, Entry>,
    contents: BTreeMap<PathBuf, Vec<u8>>,
    missing: RefCell<BTreeSet<PathBuf>>,
}

#[derive(Debug)]
struct Entry {
    mode: String,
    sha: String,
}

impl Remote {
    /// The files of a commit.
    pub(crate) async fn of(github: &GitHub, commit: &str) -> Result<Self, BumpError> {
        let tree = github.tree(commit, Depth::All).await?;
        let tree = tree.filter(|tree| !tree.truncated).ok_or(BumpError::TooManyFiles)?;
        let is_file = |mode: &str| mode.starts_with("100") || mode == LINK;
        let files = tree.entries.into_iter().filter(|entry| is_file(&entry.mode));
        let entries = files.map(|entry| (Path::new("/").join(entry.path), Entry { mode: entry.mode, sha: entry.sha }));
        Ok(Self { entries: entries.collect(), ..Self::default() })
    }

    /// What `read` gives once everything is there that it asks for.
    pub(crate) async fn read<T>(
        &mut self,
        github: &GitHub,
        read: impl Fn(&Self) -> Result<T, Error>,
    ) -> Result<T, BumpError> {
        loop {
            let result = read(self);
            let missing = self.missing.take();
            if missing.is_empty() {
                return Ok(result?);
            }
            for path in missing {
                self.fetch(github, path).await?;
            }
        }
    }

    async fn fetch(&mut self, github: &GitHub, path: PathBuf) -> Result<(), BumpError> {
        let Some(entry) = self.entries.get(&path) else { return Ok(()) };
        if self.contents.len() >= MOST_FILES {
            return Err(BumpError::TooManyFiles);
        }
        let content = github.blob(&entry.sha).await?;
        if content.len() > LARGEST {
            return Err(Error::TooLarge { file: self.shown(&path) }.into());
        }
        self.contents.insert(path, content);
        Ok(())
    }

    /// The text of a file; `None` where it is none.
    pub(crate) fn text(&self, path: &Path) -> Result<Option<String>, Error> {
        let Some(real) = self.locate(path)? else { return Ok(None) };
        Ok(String::from_utf8(self.bytes(&real)?).ok())
    }

    /// The mode of a file.
    pub(crate) fn mode(&self, path: &Path) -> Option<&str> {
        self.entries.get(path).map(|entry| entry.mode.as_str())
    }

    /// The folders below `root`, by path relative to it, each with the names of its files.
    pub(crate) fn folders(&self, root: &Path) -> BTreeMap<String, Vec<String>> {
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in self.entries.iter().filter(|(_, entry)| entry.mode != LINK).map(|(path, _)| path) {
            let below = path.strip_prefix(root).ok().and_then(|path| path.to_str());
            if let Some((folder, name)) = below.and_then(|path| path.rsplit_once('/')) {
                folders.entry(folder.to_owned()).or_default().push(name.to_owned());
            }
        }
        folders
    }

    /// The files called `name` below `folder`.
    pub(crate) fn called<'a>(&'a self, name: &'a str, folder: &'a Path) -> impl Iterator<Item = &'a Path> {
        let files = self.entries.keys().map(PathBuf::as_path);
        files.filter(move |path| path.starts_with(folder) && path.file_name().is_some_and(|found| found == name))
    }
}

impl Files for Remote {
    fn root(&self) -> &Path {
        Path::new("/")
    }

    fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        let mut real = PathBuf::from("/");
        for part in path.components() {
            match part {
                Component::ParentDir if real.parent().is_none() => {
                    return Err(Error::OutsideRepository { file: self.shown(path) });
                }
                Component::ParentDir => {
                    real.pop();
                }
                Component::Normal(name) => real.push(name),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        // Where a link leads is in its content; no manifest needs that.
        let is_file = self.entries.get(&real).is_some_and(|entry| entry.mode != LINK);
        Ok(is_file.then_some(real))
    }

    fn is_folder(&self, path: &Path) -> bool {
        let mut real = PathBuf::from("/");
        for part in path.components() {
            match part {
                Component::ParentDir => {
                    real.pop();
                }
                Component::Normal(name) => real.push(name),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let below = self.entries.range(real.clone()..).map(|(file, _)| file);
        below.take_while(|file| file.starts_with(&real)).any(|file| *file != real)
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let name = |file: &PathBuf| Some(file.strip_prefix(folder).ok()?.iter().next()?.to_str()?.to_owned());
        let names: BTreeSet<String> = self.entries.keys().filter_map(name).collect();
        Ok(names.into_iter().collect())
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        self.contents.get(path).cloned().ok_or_else(|| {
            self.missing.borrow_mut().insert(path.to_path_buf());
            Error::ManifestMissing { file: self.shown(path), near: String::new() }
        })
    }
}
