//! The pinned third-party tools rehearsals and tests run, installed into an untracked folder.
//!
//! Nothing is installed outside that folder. Versions and hashes come from `tools/requirements.txt` and
//! `tools/package-lock.json`, which are part of this crate's binary; where to download from is the user's own
//! configuration of pip and npm.

mod error;
mod install;
mod npm;

use std::path::{Path, PathBuf};

pub use error::ToolsError;
pub(crate) use install::write_whole;

/// Overrides the folder the tools live in.
pub const TOOLS_DIR: &str = "SLIPWAY_TOOLS_DIR";

const REQUIREMENTS: &str = include_str!("../../../tools/requirements.txt");

/// The installed tools.
#[derive(Debug, Clone)]
pub struct Tools {
    directory: PathBuf,
}

impl Tools {
    /// Installs the tools into `<repo_root>/.tools`, or the folder `SLIPWAY_TOOLS_DIR` names, unless they are there already.
    /// Processes that do so at the same time wait for each other.
    pub fn ensure(repo_root: &Path) -> Result<Self, ToolsError> {
        let directory = match std::env::var_os(TOOLS_DIR) {
            Some(directory) if !directory.is_empty() => PathBuf::from(directory),
            _ => repo_root.join(".tools"),
        };
        Self::ensure_in(&directory)
    }

    /// Installs the tools into exactly this folder unless they are there already.
    pub fn ensure_in(directory: &Path) -> Result<Self, ToolsError> {
        let directory = std::path::absolute(directory)
            .map_err(|source| ToolsError::Folder { path: directory.to_owned(), source })?;
        install::python(&directory, REQUIREMENTS, Path::new("python3"))?;
        Ok(Self { directory })
    }

    /// Installs other Python packages into a folder of their own unless they are there already, and returns the folder of their
    /// programs; `requirements` pins every one with its hashes.
    pub fn install(directory: &Path, requirements: &str) -> Result<PathBuf, ToolsError> {
        install::python(directory, requirements, Path::new("python3"))?;
        Ok(install::bin_dir(directory))
    }

    /// Installs or finds the tools of the checkout this crate was built from, for tests.
    pub fn locate() -> Result<Self, ToolsError> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.ancestors().nth(2).unwrap_or(manifest);
        Self::ensure(root)
    }

    /// Names a folder without looking into it.
    #[cfg(test)]
    pub(crate) fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Returns the pinned versions with their hashes, as pip reads them: a key for what depends on them.
    pub fn pins(&self) -> &'static str {
        REQUIREMENTS
    }

    /// Returns the folder everything is in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the folder of the programs.
    pub fn bin_dir(&self) -> PathBuf {
        install::bin_dir(&self.directory)
    }

    /// Returns the Python that has the tools' packages.
    pub fn python(&self) -> PathBuf {
        self.bin_dir().join("python")
    }

    /// Returns the workflow runner `act`.
    pub fn act(&self) -> PathBuf {
        self.bin_dir().join("act")
    }

    /// Returns the AWS emulator; [`crate::Ministack`] runs it safely.
    pub fn ministack(&self) -> PathBuf {
        self.bin_dir().join("ministack")
    }

    /// Returns the workflow auditor `zizmor`.
    pub fn zizmor(&self) -> PathBuf {
        self.bin_dir().join("zizmor")
    }

    /// Returns the workflow linter `actionlint`.
    pub fn actionlint(&self) -> PathBuf {
        self.bin_dir().join("actionlint")
    }

    /// Returns the shell script linter `shellcheck`.
    pub fn shellcheck(&self) -> PathBuf {
        self.bin_dir().join("shellcheck")
    }

    /// Returns the AWS command line.
    pub fn aws(&self) -> PathBuf {
        self.bin_dir().join("aws")
    }

    /// Returns GitHub's OpenAPI document of api.github.com, fetched through npm when it is not there yet.
    pub fn openapi_document(&self) -> Result<PathBuf, ToolsError> {
        npm::openapi_document(&self.directory)
    }
}

/// Returns the pinned versions of what npm provides, as a key for what depends on them.
#[cfg(feature = "openapi")]
pub(crate) fn openapi_pin() -> &'static str {
    npm::LOCK
}

/// Fetches GitHub's OpenAPI document without installing the Python tools, for tests.
#[cfg(feature = "openapi")]
pub(crate) fn locate_openapi_document() -> Result<PathBuf, ToolsError> {
    npm::openapi_document(&npm_folder())
}

/// Fetches the proxy `prism` without installing the Python tools, for tests.
#[cfg(feature = "openapi")]
pub(crate) fn locate_prism() -> Result<PathBuf, ToolsError> {
    npm::prism(&npm_folder())
}

#[cfg(feature = "openapi")]
fn npm_folder() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2).unwrap_or(manifest);
    let directory = std::env::var_os(TOOLS_DIR).filter(|directory| !directory.is_empty());
    directory.map_or_else(|| root.join(".tools"), PathBuf::from)
}

#[cfg(test)]
mod tests;
