//! A repository of a test, in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::needs::Gate;
use super::reader::{Files, Reader};
use super::{Cache, Ecosystem, find, resolve};
use crate::error::Error;

/// Files by path, below the root `/`. Folders are there where a file is.
pub(crate) struct Memory {
    files: BTreeMap<PathBuf, String>,
    cache: Cache,
    /// How often a file was asked for.
    asked: RefCell<BTreeMap<PathBuf, usize>>,
}

impl Memory {
    /// The files, by paths relative to the root.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| (Path::new("/").join(path), (*text).to_owned())).collect();
        Self { files, cache: Cache::default(), asked: RefCell::default() }
    }

    /// How often the file was asked for that was asked for most.
    pub(crate) fn most_asked(&self) -> usize {
        self.asked.borrow().values().copied().max().unwrap_or_default()
    }
}

impl Files for Memory {
    fn root(&self) -> &Path {
        Path::new("/")
    }

    fn locate(&self, path: &Path) -> Result<Option<PathBuf>, Error> {
        let mut real = PathBuf::new();
        for part in path.components() {
            match part {
                Component::ParentDir if !real.pop() => {
                    return Err(Error::OutsideRepository { file: self.shown(path) });
                }
                Component::ParentDir | Component::CurDir => {}
                Component::Normal(_) | Component::RootDir | Component::Prefix(_) => real.push(part),
            }
        }
        Ok(self.files.contains_key(&real).then_some(real))
    }

    fn cache(&self) -> Option<&Cache> {
        Some(&self.cache)
    }

    fn is_folder(&self, path: &Path) -> bool {
        let inside = path.join("x");
        let parts: Vec<_> = inside.components().collect();
        let mut real = PathBuf::new();
        for part in &parts[..parts.len() - 1] {
            if *part == Component::ParentDir {
                real.pop();
            } else {
                real.push(part);
            }
        }
        self.files.keys().any(|file| *file != real && file.starts_with(&real))
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|file| Some(file.strip_prefix(folder).ok()?.iter().next()?.to_string_lossy().into_owned()))
            .collect();
        names.dedup();
        Ok(names)
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let missing = || Error::ManifestMissing { file: self.shown(path), near: String::new() };
        *self.asked.borrow_mut().entry(path.to_path_buf()).or_default() += 1;
        self.files.get(path).map(|text| text.clone().into_bytes()).ok_or_else(missing)
    }
}

/// What an error says of a manifest: `?` and what is unresolved with its reason, `git:` and what asks Git, `!` and what is
/// malformed, each with its place; other errors are their message.
fn refused(error: &Error) -> String {
    match error {
        Error::Unresolved { file, place, expression, why, .. } => {
            format!("?{expression} ({why})@{file}:{}:{}", place.line, place.column)
        }
        Error::NeedsGit { file, place, by, .. } => format!("git:{by}@{file}:{}:{}", place.line, place.column),
        Error::Malformed { file, place, reason } => format!("!{reason}@{file}:{}:{}", place.line, place.column),
        Error::VersionNotText { file, place } => format!("!not text@{file}:{}:{}", place.line, place.column),
        other => other.to_string(),
    }
}

/// What is found when `manifest` is asked: `version@file:line:column`, with `default ` before what the ecosystem's tool
/// takes for a missing version, `-` for no version, else as [`refused`] has it.
pub(crate) fn resolved(files: &[(&str, &str)], manifest: &str) -> String {
    let memory = Memory::new(files);
    let path = Path::new("/").join(manifest);
    match resolve(&memory, &path, Ecosystem::of(&path)) {
        Ok(Some(found)) => shown(&found),
        Ok(None) => "-".to_owned(),
        Err(error) => refused(&error),
    }
}

/// The same for what is found in `folder`, with the ecosystem before it.
pub(crate) fn discovered(files: &[(&str, &str)], folder: &str) -> String {
    match find::find(&Memory::new(files), &Path::new("/").join(folder), None) {
        Ok(found) => format!("{} {}", found.ecosystem.name(), shown(&found)),
        Err(error) => refused(&error),
    }
}

fn shown(found: &super::Found) -> String {
    let default = if found.origin == super::Origin::Default { "default " } else { "" };
    format!("{default}{}@{}:{}:{}", found.version, found.file, found.place.line, found.place.column)
}

/// The snapshots that `manifest` is built with: `kind name version@file:line`, behind them those that are `loose`.
pub(crate) fn snapshots(files: &[(&str, &str)], manifest: &str) -> Vec<String> {
    snapshots_with(files, manifest, (&[], &[]))
}

/// The same where snapshots of the names `allowed` may be used, and the folders `components` are released on their own.
pub(crate) fn snapshots_with(
    files: &[(&str, &str)],
    manifest: &str,
    (allowed, components): (&[&str], &[&str]),
) -> Vec<String> {
    let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
    let components = components.iter().map(|folder| Path::new("/").join(folder)).collect();
    let gate = Gate { endings: &[], allowed: &allowed, components: &components };
    let path = Path::new("/").join(manifest);
    let memory = Memory::new(files);
    let found = resolve(&memory, &path, Ecosystem::of(&path)).unwrap().unwrap();
    let snapshots = super::needs::snapshots(&mut super::needs::Siblings::new(&memory), &found, &gate);
    let shown = |mark: &'static str| {
        move |used: &super::SnapshotUse| {
            let (line, file) = (used.location.line.unwrap_or_default(), &used.location.file);
            format!("{mark}{} {} {}@{file}:{line}", used.kind.name(), used.name, used.version)
        }
    };
    let (found, loose) = (snapshots.found.iter().map(shown("")), snapshots.loose.iter().map(shown("loose ")));
    found.chain(loose).collect()
}

/// What is not looked at for snapshots.
pub(crate) fn unseen(files: &[(&str, &str)], manifest: &str) -> Vec<String> {
    let (memory, path) = (Memory::new(files), Path::new("/").join(manifest));
    let found = resolve(&memory, &path, Ecosystem::of(&path)).unwrap().unwrap();
    let gate = Gate { endings: &[], allowed: &[], components: &HashSet::new() };
    super::needs::snapshots(&mut super::needs::Siblings::new(&memory), &found, &gate).unseen
}

/// The files that are read to resolve `manifest`.
pub(crate) fn consulted(files: &[(&str, &str)], manifest: &str) -> Vec<String> {
    let path = Path::new("/").join(manifest);
    resolve(&Memory::new(files), &path, Ecosystem::of(&path)).unwrap().unwrap().read
}

#[test]
fn a_path_is_found_below_the_root_only() {
    let memory = Memory::new(&[("a/b", "1"), ("c", "2")]);
    let reader = Reader::new(&memory, Ecosystem::Plain);
    assert_eq!(reader.locate(Path::new("/a/../a/./b")).unwrap(), Some(PathBuf::from("/a/b")));
    assert_eq!(reader.locate(Path::new("/a")).unwrap(), None);
    assert!(reader.locate(Path::new("/../../a")).is_err());
    assert!(reader.is_folder(Path::new("/a")) && reader.is_folder(Path::new("/a/../a")));
    assert!(!reader.is_folder(Path::new("/c")) && !reader.is_folder(Path::new("/x")));
    assert_eq!(memory.names(Path::new("/")).unwrap(), ["a", "c"]);
    assert_eq!(reader.upwards(Path::new("/a/b")).count(), 3);
}

#[test]
fn what_many_modules_share_is_read_once() {
    let parent = "<parent><groupId>g</groupId><artifactId>p</artifactId><version>${r}</version></parent>";
    let pom = format!("<project>{parent}<artifactId>m</artifactId></project>");
    let root = "<project><groupId>g</groupId><artifactId>p</artifactId><version>${r}</version><properties><r>1.2.3</r></properties></project>";
    let package = "[package]\nname = \"m\"\nversion.workspace = true\n";
    let workspace = "[workspace]\n[workspace.package]\nversion = \"1.2.3\"\n";
    let names: Vec<String> =
        (0..200).flat_map(|n| ["pom.xml", "Cargo.toml"].map(|name| format!("m{n}/{name}"))).collect();
    let text = |name: &str| if name.ends_with("xml") { pom.clone() } else { package.to_owned() };
    let texts: Vec<(String, String)> = names.iter().map(|name| (name.clone(), text(name))).collect();
    let mut files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.extend([("pom.xml", root), ("Cargo.toml", workspace)]);
    let memory = Memory::new(&files);
    for name in &names {
        let path = Path::new("/").join(name);
        let found = resolve(&memory, &path, Ecosystem::of(&path)).unwrap().unwrap();
        assert_eq!(found.version, "1.2.3");
        assert_eq!(found.read.len(), 2, "also what was read before counts as read");
    }
    assert_eq!(memory.most_asked(), 1);
}

#[test]
fn a_version_that_is_written_beats_a_default_in_the_same_folder() {
    let unversioned = ("a/Cargo.toml", "[package]\n");
    assert_eq!(discovered(&[unversioned], "a"), "cargo default 0.0.0@a/Cargo.toml:1:1");
    assert_eq!(discovered(&[unversioned, ("a/VERSION", "1.0.0")], "a"), "plain 1.0.0@a/VERSION:1:1");
    assert_eq!(discovered(&[unversioned], ""), "`/` has no manifest with a version");
}
