//! What a resolver may ask of a repository: its files, by path.
//!
//! [`Files`] has three kinds: the disk ([`crate::files::Tree`]), the files of a test, and whatever else holds a tree of
//! files one day. A [`Reader`] is what resolvers see of it: texts, parsed, with their flaws turned into errors, and it
//! remembers what was read.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::{self, Cache};
use super::{Ecosystem, Flaw, FlawKind, Place};
use crate::error::Error;
use crate::files::{decode, decode_xml};

/// How many files one version may take to read; a file that is read again counts again.
const MOST_FILES: usize = 2000;

/// How many bytes they may have.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A repository's files. Every path is absolute, below the root.
pub(crate) trait Files {
    /// The repository's root.
    fn root(&self) -> &Path;

    /// `path` without symbolic links and `..`; `None` when there is no file. A path that leaves the repository is an error.
    fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error>;

    /// Whether there is a folder at `path`, in the repository.
    fn is_folder(&self, path: &Path) -> bool;

    /// The folder `path` without symbolic links, where it is one in the repository; else as it is.
    fn real_folder(&self, path: &Path) -> PathBuf {
        path.to_path_buf()
    }

    /// The names in a folder, sorted; none where there is no folder.
    fn names(&self, folder: &Path) -> Result<Vec<String>, Error>;

    /// The bytes of a file that [`Files::locate`] gave.
    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error>;

    /// The first bytes of a file, at most `length`.
    fn head(&self, path: &Path, length: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = self.bytes(path)?;
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    /// What was parsed of these files before; `None` where every file is parsed anew.
    fn cache(&self) -> Option<&Cache> {
        None
    }

    /// The path as it is shown: relative to the root, with `/` on every system.
    fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.root()).unwrap_or(path);
        let shown = relative.display().to_string();
        match shown.as_str() {
            "" => ".".to_owned(),
            _ if cfg!(windows) => shown.replace('\\', "/"),
            _ => shown,
        }
    }
}

/// The files as the resolver of one ecosystem sees them.
pub(crate) struct Reader<'a> {
    files: &'a dyn Files,
    ecosystem: Ecosystem,
    read: RefCell<Vec<PathBuf>>,
    /// How many files and bytes were read.
    taken: Cell<(usize, u64)>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing yet.
    pub(crate) fn new(files: &'a dyn Files, ecosystem: Ecosystem) -> Self {
        Self { files, ecosystem, read: RefCell::default(), taken: Cell::default() }
    }

    /// See [`Files::locate`].
    pub(crate) fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        self.files.locate(path)
    }

    /// See [`Files::is_folder`].
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        self.files.is_folder(path)
    }

    /// See [`Files::names`].
    pub(crate) fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        self.files.names(folder)
    }

    /// See [`Files::shown`].
    pub(crate) fn shown(&self, path: &Path) -> String {
        self.files.shown(path)
    }

    /// The folders from `folder`, which comes first, up to the root.
    pub(crate) fn upwards<'p>(&self, folder: &'p Path) -> impl Iterator<Item = &'p Path> + use<'a, 'p> {
        let root = self.files.root();
        folder.ancestors().take_while(move |above| above.starts_with(root))
    }

    /// The beginning of a file, as far as it is text; the version does not come from it.
    pub(crate) fn head(&self, file: &Path, length: u64) -> Result<String, Error> {
        let bytes = self.files.head(file, length)?;
        self.take(file, bytes.len() as u64)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What `parser` makes of the text of a file, which is UTF-8.
    pub(crate) fn parse<T>(&self, file: &Path, parser: impl FnOnce(&str) -> Result<T, Flaw>) -> Result<T, Error> {
        self.decoded(file, decode, parser)
    }

    /// What `parser` makes of the text of an XML file, which may say that it is in ISO-8859-1.
    pub(crate) fn parse_xml<T>(&self, file: &Path, parser: impl FnOnce(&str) -> Result<T, Flaw>) -> Result<T, Error> {
        self.decoded(file, decode_xml, parser)
    }

    /// The same as [`Reader::parse`] for a file that many manifests share, and which is parsed once for all of them: of one
    /// path each type has one parser.
    pub(crate) fn parse_shared<T: Any + Send + Sync>(
        &self,
        file: &Path,
        parser: impl FnOnce(&str) -> Result<T, Flaw>,
    ) -> Result<Arc<T>, Error> {
        self.shared(file, || self.parse(file, parser))
    }

    /// The same for an XML file.
    pub(crate) fn parse_xml_shared<T: Any + Send + Sync>(
        &self,
        file: &Path,
        parser: impl FnOnce(&str) -> Result<T, Flaw>,
    ) -> Result<Arc<T>, Error> {
        self.shared(file, || self.parse_xml(file, parser))
    }

    fn shared<T: Any + Send + Sync>(
        &self,
        file: &Path,
        parse: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Arc<T>, Error> {
        let cache = self.files.cache();
        if let Some(known) = cache.and_then(|cache| cache.get(file)) {
            self.note(file);
            self.take(file, 0)?;
            return Ok(known);
        }
        let (_, before) = self.taken.get();
        let parsed = Arc::new(parse()?);
        let is_small = self.taken.get().1 - before <= cache::LARGEST;
        if let Some(cache) = cache.filter(|_| is_small) {
            cache.put(file, &parsed);
        }
        Ok(parsed)
    }

    fn decoded<T>(
        &self,
        file: &Path,
        decode: impl FnOnce(Vec<u8>) -> Result<String, usize>,
        parser: impl FnOnce(&str) -> Result<T, Flaw>,
    ) -> Result<T, Error> {
        self.note(file);
        let bytes = self.files.bytes(file)?;
        self.take(file, bytes.len() as u64)?;
        let not_text = |line| Flaw::malformed("it is not UTF-8 text", Place { line, column: 1 });
        let parsed = decode(bytes).map_err(not_text).and_then(|text| parser(&text));
        parsed.map_err(|flaw| self.flawed(file, flaw))
    }

    /// Counts a file that was read.
    fn take(&self, file: &Path, length: u64) -> Result<(), Error> {
        let (files, bytes) = self.taken.get();
        let (files, bytes) = (files + 1, bytes + length);
        self.taken.set((files, bytes));
        if files <= MOST_FILES && bytes <= MOST_BYTES {
            return Ok(());
        }
        let read = self.read.borrow();
        let manifest = read.first().map_or_else(String::new, |first| self.shown(first));
        Err(Error::TooMuch { manifest, file: self.shown(file) })
    }

    /// How many bytes were read.
    pub(crate) fn bytes(&self) -> u64 {
        self.taken.get().1
    }

    fn note(&self, file: &Path) {
        let mut read = self.read.borrow_mut();
        if !read.iter().any(|known| known == file) {
            read.push(file.to_path_buf());
        }
    }

    /// The error that `file` has a flaw.
    pub(crate) fn flawed(&self, file: &Path, flaw: Flaw) -> Error {
        let (file, place, ecosystem) = (self.shown(file), flaw.place, self.ecosystem);
        match flaw.kind {
            FlawKind::Malformed(reason) => Error::Malformed { file, place, reason },
            FlawKind::NotText => Error::VersionNotText { file, place },
            FlawKind::Unresolved { expression, why } => Error::Unresolved { file, place, expression, why, ecosystem },
            FlawKind::NeedsGit { by } => Error::NeedsGit { file, place, by, ecosystem },
        }
    }

    /// The files that were read, in the order of their first reading.
    pub(crate) fn consulted(self) -> Vec<String> {
        let read = self.read.into_inner();
        read.iter().map(|file| self.files.shown(file)).collect()
    }
}
