//! Mistakes in the changes that a run makes before its event.

use actions_core::{ActionError, ExitCode};

/// A mistake in a change that a run makes before its event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ChangeProblem {
    /// The manifest of `bump` is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("run `{run}`: there is no manifest `{file}` to bump")]
    #[diagnostic(
        code("rehearsal/no-manifest"),
        help("name a manifest of the repository as `bump`: a Cargo.toml, package.json, pom.xml or VERSION")
    )]
    NoManifest {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A manifest has no version that can be raised. Exit code 2.
    ///
    /// The manifest takes its version from elsewhere (`version.workspace = true`), or the version has a suffix.
    #[error("run `{run}`: `{file}` has no version x.y.z to raise")]
    #[diagnostic(
        code("rehearsal/no-version"),
        help("name a Cargo.toml, package.json, pom.xml or VERSION with a plain version as `bump`")
    )]
    NoVersion {
        /// The run.
        run: String,
        /// The file.
        file: String,
    },
    /// The file of an edit is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("run `{run}`: there is no file `{file}` to edit")]
    #[diagnostic(code("rehearsal/no-edited-file"), help("correct `file` of the edit in rehearsal.toml"))]
    NoEditedFile {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// An edit does not fit the file. Exit code 2.
    ///
    /// The text is not there, or several times; `bump` and the edits before have been made already.
    #[error("run `{run}`: `{file}` does not hold the text that an edit replaces exactly once")]
    #[diagnostic(code("rehearsal/edit-does-not-fit"), help("correct `find` in rehearsal.toml; it is: {find}"))]
    EditDoesNotFit {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// The text.
        find: String,
        /// How often the text is there.
        times: usize,
    },
}

impl ActionError for ChangeProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoManifest { why, .. } | Self::NoEditedFile { why, .. } => Some(why.clone()),
            Self::EditDoesNotFit { times, .. } => Some(match times {
                0 => "the text is not there".to_owned(),
                many => format!("the text is there {many} times"),
            }),
            Self::NoVersion { .. } => None,
        }
    }
}
