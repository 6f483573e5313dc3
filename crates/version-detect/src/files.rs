//! Reading files of the repository, and of nothing else.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, FileType};
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use actions_core::Session;

use crate::error::Error;
use crate::manifest::{Cache, Files};

/// The largest manifest that is read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The deepest path whose folders are remembered one by one.
const DEEPEST: usize = 64;

/// How many entries of a folder are looked at.
const MOST_NAMES: usize = 1_000_000;

/// The repository as a bounded place to read from.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    /// The repository's root, without symbolic links.
    root: PathBuf,
    /// The project's folder, without symbolic links.
    folder: PathBuf,
    /// Folders and what they are without symbolic links: a thousand components share theirs.
    known: RefCell<HashMap<PathBuf, PathBuf>>,
    cache: Cache,
}

impl Tree {
    /// The tree around `folder`: the workspace of the run, else the nearest folder above with a `.git`, else the current
    /// folder where it lies above, else the folder.
    pub(crate) fn around(folder: &Path, session: &Session) -> Result<Self, Error> {
        let shown = || folder.display().to_string();
        let real = folder.canonicalize().map_err(|source| match source.kind() {
            ErrorKind::NotFound => Error::FolderMissing { folder: shown() },
            _ => Error::Unreadable { file: shown(), source },
        })?;
        if !real.is_dir() {
            return Err(Error::FolderMissing { folder: shown() });
        }
        if let Some(workspace) = &session.context.workspace {
            let workspace = workspace.canonicalize().unwrap_or_else(|_| workspace.clone());
            if !real.starts_with(&workspace) {
                return Err(Error::OutsideRepository { file: shown() });
            }
            return Ok(Self { root: workspace, folder: real, known: RefCell::default(), cache: Cache::default() });
        }
        let repository = real.ancestors().find(|above| above.join(".git").exists()).map(Path::to_path_buf);
        let current = || std::env::current_dir().ok()?.canonicalize().ok().filter(|current| real.starts_with(current));
        let root = repository.or_else(current).unwrap_or_else(|| real.clone());
        Ok(Self { root, folder: real, known: RefCell::default(), cache: Cache::default() })
    }

    /// The project's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Tree {
    /// A path without symbolic links and `..`, and what is there: [`Path::canonicalize`], which looks at every folder
    /// above once.
    fn real(&self, path: &Path) -> std::io::Result<(PathBuf, FileType)> {
        let is_plain = |part| matches!(part, Component::Normal(_) | Component::RootDir | Component::Prefix(_));
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name())
            && path.components().all(is_plain)
            && path.components().count() <= DEEPEST
        {
            let real = self.real_folder(folder)?.join(name);
            let found = real.symlink_metadata()?;
            if !found.is_symlink() {
                return Ok((real, found.file_type()));
            }
        }
        let real = path.canonicalize()?;
        let kind = real.metadata()?.file_type();
        Ok((real, kind))
    }

    fn real_folder(&self, folder: &Path) -> std::io::Result<PathBuf> {
        if let Some(known) = self.known.borrow().get(folder) {
            return Ok(known.clone());
        }
        let (real, _) = self.real(folder)?;
        self.known.borrow_mut().insert(folder.to_path_buf(), real.clone());
        Ok(real)
    }
}

impl Files for Tree {
    fn root(&self) -> &Path {
        &self.root
    }

    fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        let (real, kind) = match self.real(path) {
            Ok(real) => real,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(source) => return Err(Error::Unreadable { file: self.shown(path), source }),
        };
        if !real.starts_with(&self.root) {
            return Err(Error::OutsideRepository { file: self.shown(path) });
        }
        Ok(kind.is_file().then_some(real))
    }

    fn head(&self, path: &Path, length: u64) -> Result<Vec<u8>, Error> {
        let unreadable = |source| Error::Unreadable { file: self.shown(path), source };
        let mut bytes = Vec::new();
        File::open(path).map_err(unreadable)?.take(length).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn cache(&self) -> Option<&Cache> {
        Some(&self.cache)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.real(path).is_ok_and(|(real, kind)| real.starts_with(&self.root) && kind.is_dir())
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let unreadable = |source| Error::Unreadable { file: self.shown(folder), source };
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            Err(source) => return Err(unreadable(source)),
        };
        let mut names = Vec::new();
        for entry in entries.take(MOST_NAMES) {
            // A name that is no text is none of a manifest.
            names.extend(entry.map_err(unreadable)?.file_name().into_string());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let bytes = self.head(path, LARGEST + 1)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::TooLarge { file: self.shown(path) });
        }
        Ok(bytes)
    }
}

/// The text of a manifest, without a byte order mark. The error is the line that is not UTF-8.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, usize> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(valid.split(|byte| *byte == b'\n').count())
        }
    }
}

/// The text of an XML document, which may say that it is in ISO-8859-1.
pub(crate) fn decode_xml(bytes: Vec<u8>) -> Result<String, usize> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
    let declaration = head.split("?>").next().unwrap_or_default();
    if declaration.starts_with("<?xml")
        && ["iso-8859-1", "latin1", "us-ascii"].iter().any(|name| declaration.contains(name))
    {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    decode(bytes)
}
