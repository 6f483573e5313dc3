//! Manifests: the files that hold a project's version.
//!
//! One module per ecosystem, each with two functions: `candidates` names the manifests of a folder, `resolve` finds the
//! version of one, with whatever it inherits from. They ask a [`Reader`] for files; the parsers beneath them take text and
//! give what is written in it, with line and column.

mod cache;
mod cargo;
mod dotnet;
pub(crate) mod find;
mod gradle;
mod helm;
mod maven;
pub(crate) mod needs;
mod npm;
mod place;
mod plain;
mod properties;
mod python;
mod reader;
pub(crate) mod xml;

use std::path::{Path, PathBuf};

use project_version::Family;
use serde::Serialize;

use actions_core::Location;
pub(crate) use actions_core::Place;
pub(crate) use cache::Cache;
pub(crate) use place::{Flaw, FlawKind, Lines, Written};
pub(crate) use reader::{Files, Reader};

use crate::error::{Error, location};

/// What a manifest belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ecosystem {
    /// `package.json`
    Npm,
    /// `pom.xml`
    Maven,
    /// `Cargo.toml`
    Cargo,
    /// `pyproject.toml`, `setup.cfg`, `setup.py`
    Python,
    /// `build.gradle`, `build.gradle.kts`, `gradle.properties`
    Gradle,
    /// `*.csproj`, `*.fsproj`, `*.vbproj`, `Directory.Build.props`
    #[serde(rename = "dotnet")]
    DotNet,
    /// `Chart.yaml`
    Helm,
    /// `VERSION`
    Plain,
    /// What a command says, whatever it reads.
    Command,
}

impl Ecosystem {
    /// Those with manifests, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 8] =
        [Self::Npm, Self::Maven, Self::Cargo, Self::Python, Self::Gradle, Self::DotNet, Self::Helm, Self::Plain];

    /// The output's value.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Maven => "maven",
            Self::Cargo => "cargo",
            Self::Python => "python",
            Self::Gradle => "gradle",
            Self::DotNet => "dotnet",
            Self::Helm => "helm",
            Self::Plain => "plain",
            Self::Command => "command",
        }
    }

    /// Who writes its versions.
    pub(crate) fn family(self) -> Family {
        match self {
            Self::Python => Family::Python,
            // It may read anything.
            Self::Command => Family::Either,
            Self::Npm | Self::Maven | Self::Cargo | Self::Gradle | Self::DotNet | Self::Helm | Self::Plain => {
                Family::Marked
            }
        }
    }

    /// What a manifest that was named by hand belongs to: by its name, else by its extension, else a file that holds a
    /// version and nothing else.
    pub(crate) fn of(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ["pyproject.toml", "setup.cfg", "setup.py"].contains(&name) {
            return Self::Python;
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::Npm,
            Some("xml" | "pom") => Self::Maven,
            Some("toml") => Self::Cargo,
            Some("gradle" | "kts" | "properties") => Self::Gradle,
            Some("csproj" | "fsproj" | "vbproj" | "props" | "targets") => Self::DotNet,
            Some("yaml" | "yml") => Self::Helm,
            _ => Self::Plain,
        }
    }

    /// The manifests that are asked for the version of a folder with the files `names`, when none is named.
    fn candidates(self, names: &[String]) -> Vec<&str> {
        match self {
            Self::Npm => npm::candidates(names),
            Self::Maven => maven::candidates(names),
            Self::Cargo => cargo::candidates(names),
            Self::Python => python::candidates(names),
            Self::Gradle => gradle::candidates(names),
            Self::DotNet => dotnet::candidates(names),
            Self::Helm => helm::candidates(names),
            Self::Plain => plain::candidates(names),
            Self::Command => Vec::new(),
        }
    }

    /// Whether one of the files `names` of a folder is a manifest.
    pub(crate) fn has_manifest(names: &[String]) -> bool {
        Self::ALL.iter().any(|ecosystem| !ecosystem.candidates(names).is_empty())
    }

    fn resolve(self, reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
        match self {
            Self::Npm => npm::resolve(reader, manifest),
            Self::Maven => maven::resolve(reader, manifest),
            Self::Cargo => cargo::resolve(reader, manifest),
            Self::Python => python::resolve(reader, manifest),
            Self::Gradle => gradle::resolve(reader, manifest),
            Self::DotNet => dotnet::resolve(reader, manifest),
            Self::Helm => helm::resolve(reader, manifest),
            Self::Plain => plain::resolve(reader, manifest),
            Self::Command => Ok(None),
        }
    }
}

/// A version that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The version's text.
    pub(crate) version: String,
    /// The manifest that was asked, relative to the repository's root.
    pub(crate) manifest: String,
    /// The file the version is written in: the manifest, or the one it inherits from.
    pub(crate) file: String,
    /// Where in that file.
    pub(crate) place: Place,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) origin: Origin,
    /// The snapshots that it is built with, as far as somebody asked for them.
    pub(crate) snapshots: Vec<SnapshotUse>,
    /// Those that its release does not hold on to.
    pub(crate) loose: Vec<SnapshotUse>,
    /// What was not looked at for snapshots.
    pub(crate) unseen: Vec<String>,
    /// The other manifests of the folder that say the same version.
    pub(crate) beside: Vec<(String, Ecosystem)>,
    /// Those that have none, which say what the project is built with all the same.
    pub(crate) without: Vec<(String, Ecosystem)>,
    /// What the user should know about it although it counts.
    pub(crate) remarks: Vec<String>,
    /// Every file that was read for it, the manifest first.
    pub(crate) read: Vec<String>,
}

impl Found {
    /// The same, with the snapshots that it is built with. The second says whether there was too much to look at all of it.
    pub(crate) fn with_snapshots(mut self, siblings: &mut needs::Siblings<'_>, gate: &needs::Gate<'_>) -> (Self, bool) {
        let snapshots = needs::snapshots(siblings, &self, gate);
        (self.snapshots, self.loose, self.unseen) = (snapshots.found, snapshots.loose, snapshots.unseen);
        (self, snapshots.is_cut)
    }

    /// Where the version is written; for a command, its text without a line.
    pub(crate) fn location(&self) -> Location {
        match self.ecosystem {
            Ecosystem::Command => Location::file(&self.file),
            _ => location(&self.file, self.place),
        }
    }
}

/// Where a version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is written in a file.
    Written,
    /// Nobody wrote one, and the ecosystem's tool takes this one then.
    Default,
}

/// A snapshot that a project is built with: whoever builds the same commit again may get another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotUse {
    pub(crate) kind: UseKind,
    /// `group:artifact`, or what the ecosystem calls it by.
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where its version is written.
    pub(crate) location: Location,
}

/// What a snapshot is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum UseKind {
    Parent,
    Dependency,
    Plugin,
    /// A dependency of those who work on the project, which nobody gets with a release.
    Development,
}

impl UseKind {
    /// The kind's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Dependency => "dependency",
            Self::Plugin => "plugin",
            Self::Development => "development dependency",
        }
    }
}

/// What a resolver finds: a version, and the file it is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    file: PathBuf,
    written: Written,
    origin: Origin,
    remarks: Vec<String>,
}

impl Resolved {
    /// A version that is written in `file`.
    pub(crate) fn written(file: &Path, written: Written) -> Self {
        let origin = Origin::Written;
        Self { file: file.to_path_buf(), written, origin, remarks: Vec::new() }
    }

    /// The version that the ecosystem's tool takes where `file` has none; `place` is where it could be written.
    pub(crate) fn default(file: &Path, version: &str, place: Place) -> Self {
        let written = Written { text: version.to_owned(), place };
        Self { origin: Origin::Default, ..Self::written(file, written) }
    }

    /// The same, with something that the user should know.
    pub(crate) fn with_remarks(self, remarks: impl IntoIterator<Item = String>) -> Self {
        Self { remarks: remarks.into_iter().collect(), ..self }
    }
}

/// The version of `manifest`; `None` where it has none.
pub(crate) fn resolve(files: &dyn Files, manifest: &Path, ecosystem: Ecosystem) -> Result<Option<Found>, Error> {
    let reader = Reader::new(files, ecosystem);
    let Some(resolved) = ecosystem.resolve(&reader, manifest)? else { return Ok(None) };
    let Resolved { file, written, origin, remarks } = resolved;
    Ok(Some(Found {
        version: written.text,
        manifest: files.shown(manifest),
        file: files.shown(&file),
        place: written.place,
        ecosystem,
        origin,
        snapshots: Vec::new(),
        loose: Vec::new(),
        unseen: Vec::new(),
        beside: Vec::new(),
        without: Vec::new(),
        remarks,
        read: reader.consulted(),
    }))
}

/// Those of `wanted` that are among the files `names` of a folder.
fn names_of<'a>(names: &'a [String], wanted: &[&str]) -> Vec<&'a str> {
    names.iter().map(String::as_str).filter(|name| wanted.contains(name)).collect()
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
pub(crate) mod memory;
#[cfg(test)]
mod tests;
