//! The folder that is published: which files it holds and which of them cannot go to a bucket.
//!
//! Symbolic links are followed as long as their target lies inside the source, unless the user says otherwise. Nothing here looks at modification times.

mod error;
mod paths;

use std::collections::BTreeMap;
use std::path::{MAIN_SEPARATOR, Path};

use walkdir::{DirEntry, WalkDir};

use crate::compress::{Coding, Plain};
use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::globs::PathGlobs;
use crate::manifest::Entry;
use crate::recalled::{Recall, Recalled};
use crate::sensitive::{is_litter, is_sensitive_name, is_sensitive_path, is_source_map};

pub use error::SourceError;
pub(crate) use paths::Paths;

/// A file of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Its size in bytes.
    pub size: u64,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// What its first bytes look like.
    pub looks: Looks,
    /// Where it is below the source.
    pub place: Place,
    /// The file itself where its compression was tried. What is stored, and what size and sum are those of, is the compressed file when
    /// its sum is another one.
    pub packed: Option<Plain>,
}

impl LocalFile {
    /// How what is stored is compressed, if it is.
    pub fn packing(&self) -> Option<Coding> {
        self.packed?.packing(self.md5)
    }

    /// The sum of the file itself.
    pub(crate) fn plain(&self) -> Md5Sum {
        self.packed.map_or(self.md5, |plain| plain.md5)
    }

    /// Its path relative to the source; `stored` is the one it is stored under. A compressed copy has that of its own.
    pub fn name<'a>(&'a self, stored: &'a str) -> &'a str {
        match &self.place {
            Place::Original(path) => path,
            Place::Stored | Place::CopyOf(_) => stored,
        }
    }

    /// The path relative to the source where its content is read.
    pub fn below<'a>(&'a self, stored: &'a str) -> &'a str {
        match &self.place {
            Place::Original(path) | Place::CopyOf(path) => path,
            Place::Stored => stored,
        }
    }
}

impl Recall for LocalFile {
    /// What its first bytes look like, which the manifest does not say.
    type Rest = Looks;

    fn rest(&self, entry: &Entry) -> Option<Looks> {
        let Self { size, md5, looks, ref place, packed } = *self;
        let is_same = size == entry.size && md5 == entry.md5 && packed == entry.packed();
        Some(looks).filter(|_| is_same && *place == Place::Stored)
    }

    fn recalled(entry: &Entry, looks: Looks) -> Self {
        Self { size: entry.size, md5: entry.md5, looks, place: Place::Stored, packed: entry.packed() }
    }
}

/// Where a file is below the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At the path that it is stored under; a redirect, which has no content, is nowhere.
    Stored,
    /// At another one.
    Original(Box<str>),
    /// Nowhere: it is a compressed copy of the file at this path.
    CopyOf(Box<str>),
}

/// Why a file of the source cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It looks like a secret.
    Sensitive,
    /// It is a source map.
    SourceMap,
    /// It is a link that leads out of the source or nowhere.
    OutsideLink,
    /// It is a link, and no link is wanted.
    Link,
    /// Its name cannot be a key: not UTF-8, or with control characters.
    BadName,
    /// It is no file: a socket, a pipe, a device.
    NoFile,
}

/// What the folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The files by the path below the prefix that they are stored under, in the order of the paths' UTF-8 bytes.
    pub files: Recalled<LocalFile>,
    /// What cannot be published, by its path.
    pub refused: BTreeMap<String, Refusal>,
    /// The paths that more than one thing of the source wants to be stored under, and what these are.
    pub twins: BTreeMap<String, Vec<String>>,
}

impl Source {
    /// Adds an empty object for each redirect.
    pub(crate) fn with_redirects(mut self, redirects: &BTreeMap<String, String>) -> Self {
        for (from, to) in redirects {
            let file =
                LocalFile { size: 0, md5: Md5Sum::of(b""), looks: Looks::Plain, place: Place::Stored, packed: None };
            if let Some(other) = self.files.insert(from, file) {
                let twins = self.twins.entry(from.clone()).or_insert_with(|| vec![other.name(from).to_owned()]);
                twins.push(format!("the redirect to {to}"));
            }
        }
        self
    }
}

/// Which paths of a folder count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// Empty for all.
    pub(crate) include: PathGlobs,
    pub(crate) exclude: PathGlobs,
    pub(crate) allow_sensitive: PathGlobs,
    pub(crate) symlinks: Symlinks,
    pub(crate) source_maps: SourceMaps,
}

/// What is done with symbolic links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Symlinks {
    /// Those that stay inside the source are followed, any other is refused.
    #[default]
    Inside,
    /// They are followed, wherever they lead.
    Follow,
    /// They are refused.
    Refuse,
    /// They are left out.
    Skip,
}

impl Symlinks {
    /// Parses `inside`, `follow`, `refuse` or `skip`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "inside" => Ok(Self::Inside),
            "follow" => Ok(Self::Follow),
            "refuse" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            _ => Err("not `inside`, `follow`, `refuse` or `skip`".to_owned()),
        }
    }
}

/// Whether source maps may be published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SourceMaps {
    /// They are refused.
    #[default]
    Refuse,
    /// They may.
    Publish,
}

impl Selection {
    /// Whether the file at `path` does not count.
    pub(crate) fn skips(&self, path: &str) -> bool {
        self.exclude.contains(path) || !self.includes(path)
    }

    /// Whether the file at `path` is among those that count.
    pub(crate) fn includes(&self, path: &str) -> bool {
        self.include.is_empty() || self.include.contains(path)
    }
}

/// The files found, before they are read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Their paths relative to the source.
    pub(crate) files: Paths,
    pub(crate) refused: BTreeMap<String, Refusal>,
}

/// Fails unless `root` is a folder.
pub(crate) fn must_be_folder(root: &Path) -> Result<(), SourceError> {
    let shown = || root.display().to_string();
    let metadata = std::fs::metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => SourceError::Missing { path: shown() },
        _ => SourceError::Unreadable { path: shown(), source },
    })?;
    if !metadata.is_dir() {
        return Err(SourceError::NotFolder { path: shown() });
    }
    Ok(())
}

/// Walks the folder `root`.
pub(crate) fn walk(root: &Path, selection: &Selection) -> Result<Found, SourceError> {
    must_be_folder(root)?;
    let shown = || root.display().to_string();
    let real = root.canonicalize().map_err(|source| SourceError::Unreadable { path: shown(), source })?;
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
                    Step::Take(relative) => found.files.push(&relative),
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
    let skipped = if directory { selection.exclude.contains(&relative) } else { selection.skips(&relative) };
    if skipped || (!directory && is_litter(&entry.file_name().to_string_lossy())) {
        return Step::Skip;
    }
    if !utf8 || relative.chars().any(char::is_control) {
        return Step::Refuse(relative, Refusal::BadName);
    }
    let target = match target(entry, real, selection.symlinks) {
        Target::Seen(target) => target,
        Target::Skipped => return Step::Skip,
        Target::Refused(refusal) => return Step::Refuse(relative, refusal),
    };
    let sensitive = is_sensitive_name(&entry.file_name().to_string_lossy()) || is_sensitive_path(&target);
    if sensitive && !selection.allow_sensitive.contains(&relative) {
        return Step::Refuse(if directory { format!("{relative}/") } else { relative }, Refusal::Sensitive);
    }
    let is_map = |name: &str| !directory && selection.source_maps == SourceMaps::Refuse && is_source_map(name);
    if (is_map(&relative) || is_map(&target)) && !selection.allow_sensitive.contains(&relative) {
        return Step::Refuse(relative, Refusal::SourceMap);
    }
    if directory {
        Step::Descend
    } else if entry.file_type().is_file() {
        Step::Take(relative)
    } else {
        Step::Refuse(relative, Refusal::NoFile)
    }
}

/// What a link leads to.
enum Target {
    /// The path of its target, below the source if it lies there; empty for what is no link.
    Seen(String),
    Skipped,
    Refused(Refusal),
}

fn target(entry: &DirEntry, real: &Path, symlinks: Symlinks) -> Target {
    if !entry.path_is_symlink() {
        return Target::Seen(String::new());
    }
    match symlinks {
        Symlinks::Skip => return Target::Skipped,
        Symlinks::Refuse => return Target::Refused(Refusal::Link),
        Symlinks::Inside | Symlinks::Follow => {}
    }
    let Ok(target) = entry.path().canonicalize() else { return Target::Refused(Refusal::OutsideLink) };
    match target.strip_prefix(real) {
        Ok(inside) => Target::Seen(inside.to_string_lossy().into_owned()),
        Err(_) if symlinks == Symlinks::Follow => Target::Seen(target.to_string_lossy().into_owned()),
        Err(_) => Target::Refused(Refusal::OutsideLink),
    }
}

/// A link that leads nowhere or in a circle is refused by name; anything else that cannot be read ends the run.
fn broken(error: &walkdir::Error, root: &Path, selection: &Selection, found: &mut Found) -> Result<(), SourceError> {
    let path = error.path().unwrap_or(root);
    let (relative, _) = relative(path, root);
    let link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    if selection.skips(&relative) || (link && selection.symlinks == Symlinks::Skip) {
        return Ok(());
    }
    if link && selection.symlinks == Symlinks::Refuse {
        found.refused.insert(relative, Refusal::Link);
        return Ok(());
    }
    if link || error.loop_ancestor().is_some() {
        found.refused.insert(relative, Refusal::OutsideLink);
        return Ok(());
    }
    let kind = error.io_error().map_or(std::io::ErrorKind::Other, std::io::Error::kind);
    Err(SourceError::Unreadable {
        path: path.display().to_string(),
        source: std::io::Error::new(kind, error.to_string()),
    })
}

/// The path below `root` with forward slashes, and whether it is UTF-8.
fn relative(path: &Path, root: &Path) -> (String, bool) {
    // Most are the root's own text with names behind it.
    if let (Some(path), Some(root), '/') = (path.to_str(), root.to_str(), MAIN_SEPARATOR)
        && let Some(below) = path.strip_prefix(root.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'))
        && !below.contains("//")
    {
        return (below.to_owned(), true);
    }
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut relative = String::with_capacity(below.as_os_str().len());
    for part in below.components() {
        if !relative.is_empty() {
            relative.push('/');
        }
        relative.push_str(&part.as_os_str().to_string_lossy());
    }
    (relative, below.to_str().is_some())
}

#[cfg(test)]
mod tests;
