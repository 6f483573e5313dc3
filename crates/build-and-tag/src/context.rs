//! The build context: which files there are, after `.dockerignore`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::{Error, SourceError};
use crate::limits;

pub(crate) mod ignore;
pub(crate) mod open;
pub(crate) mod pattern;

use ignore::IgnoreRules;
use pattern::Steps;

/// The most links that are followed on the way to one source.
const MOST_LINKS: usize = 40;

/// The files of a context by their path below it, with `/` between the parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ContextTree {
    pub(crate) entries: BTreeMap<String, ContextEntry>,
    /// What `.dockerignore` left out.
    pub(crate) ignored: BTreeSet<String>,
}

/// What a path of the context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContextEntry {
    File {
        executable: bool,
        size: u64,
    },
    Folder,
    Link {
        target: String,
    },
    /// A socket, a pipe or a device.
    Other,
}

/// Why a path of the context cannot be a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// It, or a link on its way, leads out of the context.
    Outside,
    /// There is nothing.
    Missing,
}

impl ContextTree {
    /// Walks the folder `root`. What is `hidden` (outputs, should they lie inside) is not part of the context.
    pub(crate) fn read(root: &Path, rules: &IgnoreRules, hidden: &[PathBuf]) -> Result<Self, Error> {
        Self::read_within(Steps::default(), root, rules, hidden)
    }

    /// The same with so much work for the rules.
    fn read_within(mut work: Steps, root: &Path, rules: &IgnoreRules, hidden: &[PathBuf]) -> Result<Self, Error> {
        let mut tree = Self::default();
        let too_large = |problem: String| {
            let source = std::io::Error::new(std::io::ErrorKind::FileTooLarge, problem);
            Error::Source(SourceError::Context { path: root.to_path_buf(), source })
        };
        let mut walk = WalkDir::new(root).min_depth(1).follow_links(false).into_iter();
        while let Some(entry) = walk.next() {
            let entry = entry.map_err(|error| {
                Error::Source(SourceError::Context {
                    path: error.path().unwrap_or(root).to_path_buf(),
                    source: error.into(),
                })
            })?;
            let path = relative(root, entry.path())?;
            let is_folder = entry.file_type().is_dir();
            if hidden.iter().any(|hidden| is_output(entry.path(), hidden)) {
                if is_folder {
                    walk.skip_current_dir();
                }
                continue;
            }
            let is_ignored = rules.ignores(&path, &mut work).map_err(|too_much| {
                too_large(format!("{too_much}; write fewer and simpler rules into .dockerignore, folders first"))
            })?;
            if is_ignored {
                if is_folder && !rules.may_keep_below(&path) {
                    walk.skip_current_dir();
                }
                tree.ignored.insert(path);
                continue;
            }
            let kind = kind_of(&entry)?;
            tree.entries.insert(path, kind);
            if tree.entries.len() + tree.ignored.len() > limits::ENTRIES {
                let problem =
                    format!("it has more than {} files; leave folders out with .dockerignore", limits::ENTRIES);
                return Err(too_large(problem));
            }
        }
        tree.add_parents();
        Ok(tree)
    }

    /// A folder that was left out is there again when something below it was kept.
    fn add_parents(&mut self) {
        let paths: Vec<String> = self.entries.keys().cloned().collect();
        for path in paths {
            for parent in parents(&path) {
                self.entries.entry(parent.to_owned()).or_insert(ContextEntry::Folder);
            }
        }
    }

    /// The path that `path` means once links on its way are followed. The empty path is the context itself.
    pub(crate) fn resolve(&self, path: &str) -> Result<String, Unresolved> {
        let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut done: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    done.pop().ok_or(Unresolved::Outside)?;
                    continue;
                }
                _ => done.push(part),
            }
            let here = done.join("/");
            let Some(ContextEntry::Link { target }) = self.entries.get(&here) else {
                if self.entries.contains_key(&here) {
                    continue;
                }
                return Err(Unresolved::Missing);
            };
            links += 1;
            if target.starts_with('/') || links > MOST_LINKS {
                return Err(Unresolved::Outside);
            }
            done.pop();
            todo.extend(target.split('/').rev().map(str::to_owned));
        }
        Ok(done.join("/"))
    }

    /// Everything below the folder `path`, with paths relative to it.
    pub(crate) fn below<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a str, &'a ContextEntry)> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let entries = self.entries.range(prefix.clone()..);
        entries
            .take_while({
                let prefix = prefix.clone();
                move |(path, _)| path.starts_with(&prefix)
            })
            .map(move |(path, entry)| (&path[prefix.len()..], entry))
    }

    /// Whether `.dockerignore` left out `path` or a folder above it.
    pub(crate) fn is_ignored(&self, path: &str) -> bool {
        self.ignored.contains(path) || parents(path).any(|parent| self.ignored.contains(parent))
    }

    /// Up to three paths that look like `path`.
    pub(crate) fn similar_to(&self, path: &str) -> Vec<String> {
        let base = path.rsplit('/').next().unwrap_or(path);
        let score = |known: &str| {
            let known_base = known.rsplit('/').next().unwrap_or(known);
            strsim::jaro_winkler(path, known).max(strsim::jaro_winkler(base, known_base) * 0.95)
        };
        let mut ranked: Vec<(f64, &String)> = self.entries.keys().map(|known| (score(known), known)).collect();
        ranked.retain(|(score, _)| *score > 0.8);
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        // What is clearly less alike than the best would only distract.
        let best = ranked.first().map_or(0.0, |(score, _)| *score);
        ranked.retain(|(score, _)| best - score < 0.05);
        ranked.into_iter().take(3).map(|(_, path)| path.clone()).collect()
    }
}

/// Whether `path` is the output, or what a run that was killed left of one beside it.
fn is_output(path: &Path, output: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    path == output || (path.parent() == output.parent() && name.starts_with(oci_image::STAGING))
}

/// The folders above `path`, the outermost first.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(position, _)| &path[..position])
}

fn relative(root: &Path, path: &Path) -> Result<String, Error> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
    parts
        .map(|parts| parts.join("/"))
        .ok_or_else(|| Error::Source(SourceError::NotUtf8 { path: path.display().to_string() }))
}

fn kind_of(entry: &walkdir::DirEntry) -> Result<ContextEntry, Error> {
    let failed = |source| Error::Source(SourceError::Context { path: entry.path().to_path_buf(), source });
    let kind = entry.file_type();
    if kind.is_dir() {
        return Ok(ContextEntry::Folder);
    }
    if kind.is_symlink() {
        let target = std::fs::read_link(entry.path()).map_err(failed)?;
        let target = target
            .to_str()
            .ok_or_else(|| Error::Source(SourceError::NotUtf8 { path: entry.path().display().to_string() }))?;
        return Ok(ContextEntry::Link { target: target.to_owned() });
    }
    if !kind.is_file() {
        return Ok(ContextEntry::Other);
    }
    let metadata = entry.metadata().map_err(|error| failed(error.into()))?;
    Ok(ContextEntry::File { executable: is_executable(&metadata), size: metadata.len() })
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests;
