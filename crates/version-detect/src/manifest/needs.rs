//! What a project is built with, as its manifest says: other projects by name and version, and those of this repository by
//! their folder. From it come the snapshots that a release would hold, and which component is built with which.
//!
//! One module per ecosystem. A manifest alone does not say what is installed (a lock does, or a repository of artifacts): only
//! what it asks for is looked at, and what it does not tell is said.

mod cargo;
mod dotnet;
mod gradle;
mod helm;
mod looked;
mod maven;
mod npm;
mod python;
mod requirement;
mod siblings;
mod snapshots;
pub(crate) mod workspace;

use std::path::{Component, Path, PathBuf};

use super::{Ecosystem, Place, Reader, UseKind};
use crate::error::Error;

pub(crate) use looked::manifest_at;
pub(crate) use requirement::takes;
pub(crate) use siblings::Siblings;
pub(crate) use snapshots::{Gate, snapshots};

/// The most that one manifest asks for.
const MOST_NEEDS: usize = 20_000;

/// What a manifest says.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// The name by which other projects of its ecosystem ask for it, where they do so by name.
    pub(crate) name: Option<String>,
    pub(crate) all: Vec<Need>,
    /// The manifests that are built with this one, because it is the root of their build.
    pub(crate) members: Vec<PathBuf>,
    /// The manifests of this repository that it inherits from.
    pub(crate) parents: Vec<PathBuf>,
    /// What the manifest does not tell.
    pub(crate) unseen: Vec<String>,
    /// The patterns of the folders of the workspace that it is the root of; `None` where it is the root of none.
    pub(crate) workspace: Option<Vec<String>>,
    /// Further folders that it is built with: of builds that its own one runs first, and of sources that it takes in.
    pub(crate) folders: Vec<PathBuf>,
    /// Files that it is built with and that were not read.
    pub(crate) files: Vec<PathBuf>,
    /// Why that is not all that it asks for; `None` where it is.
    pub(crate) cut: Option<String>,
}

/// Something that a project is built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) kind: UseKind,
    /// As the ecosystem calls it: `group:artifact`, `@scope/name`.
    pub(crate) name: String,
    pub(crate) wanted: Wanted,
    /// The file that it is written in.
    pub(crate) file: PathBuf,
    pub(crate) place: Place,
    /// Whether it is not used itself: it says which version those take that use it.
    pub(crate) is_managed: bool,
    /// Whether its own manifest says where it is taken from, whatever the root of the workspace has.
    pub(crate) is_sourced: bool,
}

/// What of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A version, or a requirement that versions meet.
    Version(String),
    /// The project in this folder, or of this manifest.
    Path(PathBuf),
    /// The project of this repository that has the name.
    Sibling,
}

impl Needs {
    /// Whether no more is taken: nothing that people write has as much.
    fn is_full(&self) -> bool {
        self.all.len() >= MOST_NEEDS
    }

    /// How much it keeps in memory.
    fn size(&self) -> usize {
        1 + self.all.len() + self.members.len() + self.unseen.len() + self.folders.len() + self.files.len()
    }

    fn version(&mut self, kind: UseKind, name: &str, text: &str, at: (&Path, Place)) {
        self.add(kind, name, Wanted::Version(text.trim().to_owned()), at);
    }

    fn dependency(&mut self, name: &str, wanted: Wanted, at: (&Path, Place)) {
        self.add(UseKind::Dependency, name, wanted, at);
    }

    fn add(&mut self, kind: UseKind, name: &str, wanted: Wanted, (file, place): (&Path, Place)) {
        if self.is_full() {
            self.cut.get_or_insert_with(|| format!("it asks for more than {MOST_NEEDS} things"));
            return;
        }
        let (name, file) = (name.to_owned(), file.to_path_buf());
        self.all.push(Need { kind, name, wanted, file, place, is_managed: false, is_sourced: false });
    }
}

/// What `manifest` says. It is parsed anew for each call.
pub(crate) fn of(reader: &Reader<'_>, manifest: &Path, ecosystem: Ecosystem) -> Result<Needs, Error> {
    match ecosystem {
        Ecosystem::Npm => npm::needs(reader, manifest),
        Ecosystem::Maven => maven::needs(reader, manifest),
        Ecosystem::Cargo => cargo::needs(reader, manifest),
        Ecosystem::Python => python::needs(reader, manifest),
        Ecosystem::Gradle => gradle::needs(reader, manifest),
        Ecosystem::DotNet => dotnet::needs(reader, manifest),
        Ecosystem::Helm => helm::needs(reader, manifest),
        Ecosystem::Plain | Ecosystem::Command => Ok(Needs::default()),
    }
}

/// Why a manifest cannot be read, in a line.
pub(crate) fn reason(error: &Error) -> String {
    match error {
        Error::Malformed { file, place, reason } => format!("{file}, line {}: {reason}", place.line),
        other => other.to_string(),
    }
}

/// `path` below `folder`, with either separator, and without `.` and `..`.
pub(super) fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in folder.join(path.trim().replace('\\', "/")).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                joined.pop();
            }
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => joined.push(part),
        }
    }
    joined
}

/// The folder of a manifest.
pub(crate) fn folder_of(manifest: &Path) -> &Path {
    manifest.parent().unwrap_or(manifest)
}

#[cfg(test)]
mod tests;
