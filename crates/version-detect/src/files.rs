//! Reading files of the repository, and of nothing else.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
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

/// The largest file that is remembered, in bytes.
const LARGEST_REMEMBERED: usize = 64 * 1024;

/// The most entries of a folder that are remembered.
const MOST_REMEMBERED: usize = 10_000;

/// How many entries of a folder are looked at.
const MOST_NAMES: usize = 1_000_000;

/// The repository as a bounded place to read from.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    /// The repository's root, without symbolic links.
    root: PathBuf,
    /// The project's folder, without symbolic links.
    folder: PathBuf,
    seen: RefCell<Seen>,
    cache: Cache,
}

/// What was seen of the disk, which is not asked twice: a thousand components share the folders above them.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// Folders and what they are without symbolic links.
    folders: HashMap<PathBuf, PathBuf>,
    /// What is in a folder, by its path without symbolic links.
    entries: HashMap<PathBuf, HashMap<String, FileType>>,
    /// Whether there is a folder at a path, in the repository.
    are_folders: HashMap<PathBuf, bool>,
    /// The file that was read last: what a manifest needs is read after its version.
    last: Option<(PathBuf, Vec<u8>)>,
}

impl Tree {
    fn new(root: PathBuf, folder: PathBuf) -> Self {
        Self { root, folder, seen: RefCell::default(), cache: Cache::default() }
    }

    /// The tree around `folder`: the workspace of the run, else the nearest folder above with a `.git`, else the current
    /// folder where it lies above, else the folder.
    pub(crate) fn around(folder: &Path, session: &Session) -> Result<Self, Error> {
        let shown = || folder.display().to_string();
        let missing = || Error::FolderMissing {
            folder: shown(),
            advice: "set `working-directory` to the project's folder, and check the repository out before this step"
                .to_owned(),
            location: None,
        };
        let real = folder.canonicalize().map_err(|source| match source.kind() {
            ErrorKind::NotFound => missing(),
            _ => Error::Unreadable { file: shown(), source },
        })?;
        if !real.is_dir() {
            return Err(missing());
        }
        if let Some(workspace) = &session.context.workspace {
            let workspace = workspace.canonicalize().unwrap_or_else(|_| workspace.clone());
            if !real.starts_with(&workspace) {
                return Err(Error::OutsideRepository { file: shown() });
            }
            return Ok(Self::new(workspace, real));
        }
        let repository = real.ancestors().find(|above| above.join(".git").exists()).map(Path::to_path_buf);
        let current = || std::env::current_dir().ok()?.canonicalize().ok().filter(|current| real.starts_with(current));
        let root = repository.or_else(current).unwrap_or_else(|| real.clone());
        Ok(Self::new(root, real))
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
        if path.components().count() <= DEEPEST {
            let plain = self.without_parents(path)?;
            if let (Some(folder), Some(name)) = (plain.parent(), plain.file_name()) {
                let folder = self.real_folder(folder)?;
                let listed = self.seen.borrow().listed(&folder, name);
                let real = folder.join(name);
                let kind = match listed {
                    Listed::Entry(kind) => kind,
                    Listed::Nothing => return Err(ErrorKind::NotFound.into()),
                    Listed::Unlisted => real.symlink_metadata()?.file_type(),
                };
                if !kind.is_symlink() {
                    return Ok((real, kind));
                }
            }
        }
        let real = path.canonicalize()?;
        let kind = real.metadata()?.file_type();
        Ok((real, kind))
    }

    /// The path without `..`, each of which leads up from where the path before it really is.
    fn without_parents<'p>(&self, path: &'p Path) -> std::io::Result<Cow<'p, Path>> {
        if !path.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir)) {
            return Ok(Cow::Borrowed(path));
        }
        let mut plain = PathBuf::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    plain = self.real_folder(&plain)?;
                    plain.pop();
                }
                Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
            }
        }
        Ok(Cow::Owned(plain))
    }

    fn real_folder(&self, folder: &Path) -> std::io::Result<PathBuf> {
        if let Some(known) = self.seen.borrow().folders.get(folder) {
            return Ok(known.clone());
        }
        let (real, kind) = self.real(folder)?;
        if !kind.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.seen.borrow_mut().folders.insert(folder.to_path_buf(), real.clone());
        Ok(real)
    }
}

/// What is called by a name in a folder, as far as its entries were listed.
enum Listed {
    Entry(FileType),
    Nothing,
    Unlisted,
}

impl Seen {
    /// What is called `name` in a folder. Where file systems take names that are spelled otherwise for the same, the disk is
    /// asked for what is not there.
    fn listed(&self, folder: &Path, name: &OsStr) -> Listed {
        match (self.entries.get(folder), name.to_str()) {
            (Some(entries), Some(name)) => match entries.get(name) {
                Some(kind) => Listed::Entry(*kind),
                None if cfg!(target_os = "linux") => Listed::Nothing,
                None => Listed::Unlisted,
            },
            _ => Listed::Unlisted,
        }
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
        // Of this size one call reads most manifests.
        let mut bytes = Vec::with_capacity(8 * 1024);
        File::open(path).map_err(unreadable)?.take(length).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn cache(&self) -> Option<&Cache> {
        Some(&self.cache)
    }

    fn is_folder(&self, path: &Path) -> bool {
        if let Some(known) = self.seen.borrow().are_folders.get(path) {
            return *known;
        }
        let is_folder = self.real_folder(path).is_ok_and(|real| real.starts_with(&self.root));
        self.seen.borrow_mut().are_folders.insert(path.to_path_buf(), is_folder);
        is_folder
    }

    fn real_folder(&self, path: &Path) -> PathBuf {
        let real = Self::real_folder(self, path).ok().filter(|real| real.starts_with(&self.root));
        real.unwrap_or_else(|| path.to_path_buf())
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
        let (mut names, mut kinds) = (Vec::new(), HashMap::new());
        for entry in entries.take(MOST_NAMES) {
            let entry = entry.map_err(unreadable)?;
            // A name that is no text is none of a manifest.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if kinds.len() < MOST_REMEMBERED {
                kinds.extend(entry.file_type().ok().map(|kind| (name.clone(), kind)));
            }
            names.push(name);
        }
        if kinds.len() == names.len()
            && let Ok(real) = self.real_folder(folder)
        {
            self.seen.borrow_mut().entries.insert(real, kinds);
        }
        names.sort_unstable();
        Ok(names)
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        if let Some((_, bytes)) = self.seen.borrow().last.as_ref().filter(|(last, _)| last == path) {
            return Ok(bytes.clone());
        }
        let bytes = self.head(path, LARGEST + 1)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::TooLarge { file: self.shown(path) });
        }
        if bytes.len() <= LARGEST_REMEMBERED {
            self.seen.borrow_mut().last = Some((path.to_path_buf(), bytes.clone()));
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

#[cfg(all(test, unix))]
mod tests;
