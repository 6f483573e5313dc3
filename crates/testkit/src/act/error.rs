//! Why a run could not be carried out. A failed job is an outcome, not an error.

use std::path::{Path, PathBuf};

use crate::process::ProcessError;

/// What can go wrong around a run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ActError {
    /// The checkout is missing.
    #[error("there is no folder `{}` to run workflows of", path.display())]
    #[diagnostic(code(act::checkout), help("pass the root of a Git checkout"))]
    Checkout {
        /// What was asked for.
        path: PathBuf,
    },
    /// The run's own files could not be written.
    #[error("cannot write `{}`", path.display())]
    #[diagnostic(code(act::files), help("make the folder writable"))]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The search path for programs cannot be put together.
    #[error("a folder in front of `PATH` holds a colon")]
    #[diagnostic(code(act::path), help("use a folder without `:` in its name"))]
    Path {
        /// What the system said.
        source: std::env::JoinPathsError,
    },
    /// The runner's process could not be started or waited for.
    #[error("the workflow runner could not be started")]
    #[diagnostic(code(act::process), help("remove the tool folder, so that it is installed anew"))]
    Process {
        /// What went wrong.
        #[from]
        source: ProcessError,
    },
}

pub(super) fn files(path: &Path, source: std::io::Error) -> ActError {
    ActError::Files { path: path.to_owned(), source }
}
