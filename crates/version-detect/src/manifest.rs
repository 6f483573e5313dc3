//! Manifests: the files that hold a project's version.
//!
//! The parsers below take text and give what is written in it, with line and column. They read no file.

pub(crate) mod cargo;
pub(crate) mod find;
pub(crate) mod maven;
pub(crate) mod maven_config;
pub(crate) mod npm;
mod place;
pub(crate) mod plain;

use std::path::Path;

use serde::Serialize;

pub(crate) use actions_core::Place;
pub(crate) use place::{Flaw, FlawKind, Written};

/// What a manifest belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ecosystem {
    /// `package.json`
    Npm,
    /// `pom.xml`
    Maven,
    /// `Cargo.toml`
    Cargo,
    /// `VERSION`
    Plain,
}

/// The manifests that are looked for, in this order.
pub(crate) const KNOWN: [(&str, Ecosystem); 4] = [
    ("package.json", Ecosystem::Npm),
    ("pom.xml", Ecosystem::Maven),
    ("Cargo.toml", Ecosystem::Cargo),
    ("VERSION", Ecosystem::Plain),
];

impl Ecosystem {
    /// The output's value.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Maven => "maven",
            Self::Cargo => "cargo",
            Self::Plain => "plain",
        }
    }

    /// What a manifest that was named by hand belongs to: by its name, else by its extension, else a file that holds a
    /// version and nothing else.
    pub(crate) fn of(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) {
            return *known;
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::Npm,
            Some("xml" | "pom") => Self::Maven,
            Some("toml") => Self::Cargo,
            _ => Self::Plain,
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
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
