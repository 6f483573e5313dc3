//! Mistakes in the text of a `rehearsal.toml`.

use actions_core::{ActionError, ExitCode};

use crate::place::Place;

/// A mistake in the text of a `rehearsal.toml`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum FileProblem {
    /// The repository has no `rehearsal.toml`. Exit code 2.
    ///
    /// The file is not at the root of the repository that `--repo` names, or cannot be read.
    #[error("`{path}` cannot be read")]
    #[diagnostic(
        code("rehearsal/no-config"),
        help(
            "write it at the repository's root: it names the workflows to run; see the guide \"Rehearse a deployment\""
        )
    )]
    NoConfig {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// `rehearsal.toml` is not valid TOML. Exit code 2.
    ///
    /// The text breaks a rule of TOML: an open quote or bracket, a key that is there twice.
    #[error("{place}: {reason}")]
    #[diagnostic(code("rehearsal/bad-config"), help("correct this line; strings stand in quotes, tables in brackets"))]
    NotToml {
        /// Where.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// A key of `rehearsal.toml` that does not exist, most often a misspelt one. Exit code 2.
    ///
    /// The key is misspelt, stands in another table than it belongs to, or is of another version.
    ///
    /// Use the key that the message proposes, or look it up in the reference of `rehearsal.toml`.
    #[error("{place}: there is no key `{key}` in {section}")]
    #[diagnostic(code("rehearsal/unknown-key"), help("{}{section} knows: {known}", did_you_mean(*meant)))]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The table.
        section: &'static str,
        /// The key that was meant.
        meant: Option<&'static str>,
        /// The keys there are.
        known: String,
    },
    /// A table of `rehearsal.toml` lacks a key. Exit code 2.
    ///
    /// The table cannot do without it.
    #[error("{place}: {section} lacks `{key}`")]
    #[diagnostic(code("rehearsal/missing-key"), help("add `{key} = …` to {section}: {wanted}"))]
    MissingKey {
        /// Where the table begins.
        place: Place,
        /// The key.
        key: &'static str,
        /// The table.
        section: &'static str,
        /// The kind of value.
        wanted: String,
    },
    /// A key of `rehearsal.toml` has a value of another kind. Exit code 2.
    ///
    /// A text stands without quotes, a flag or a number with them, or one value where a list is read.
    #[error("{place}: `{key}` in {section} is not {wanted}")]
    #[diagnostic(code("rehearsal/wrong-value"), help("write {wanted}"))]
    WrongValue {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The table.
        section: &'static str,
        /// The kind of value.
        wanted: String,
    },
}

/// A question in front of a list of the names there are.
pub(super) fn did_you_mean(meant: Option<&str>) -> String {
    meant.map(|key| format!("did you mean `{key}`? ")).unwrap_or_default()
}

impl ActionError for FileProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NotToml { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::MissingKey { place, .. }
            | Self::WrongValue { place, .. } => Some(place.excerpt()),
            Self::NoConfig { why, .. } => Some(why.clone()),
        }
    }
}
