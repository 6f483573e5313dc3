//! The plans of many roots in one place.

use actions_core::{ActionError, ExitCode};

use crate::diff::plural;

/// There is no root to show, or one does not pass.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RootsError {
    /// There is no part. Exit code 2.
    ///
    /// None of the paths of `parts` has a file in it: no job wrote one, the artifacts were not downloaded, or into another folder.
    ///
    /// Name the roots in `expect`: then a part that did not come is said on the pull request.
    #[error("there is no part in `{parts}`")]
    #[diagnostic(
        code("terraform-plan-comment/no-parts"),
        help("download the artifacts with the parts into this folder first, and name the roots in `expect`")
    )]
    NoParts {
        /// The paths.
        parts: String,
    },
    /// A root does not pass; everything was written before. Exit code 1, also on a dry run.
    ///
    /// The plan of a root is missing, failed, or is of another commit, or it does what its `fail-on` or `fail-on-destroy` names. Each is
    /// listed under `why`. A file among the parts that is none counts too: what it was to say is not known.
    #[error("{}", not_passed(*roots, *of))]
    #[diagnostic(
        code("terraform-plan-comment/roots-not-passed"),
        help("look at the job of each root that is named, and run the ones that failed again")
    )]
    NotPassed {
        /// How many roots do not pass.
        roots: usize,
        /// How many there are.
        of: usize,
        /// Each with its reason.
        objects: String,
    },
}

impl ActionError for RootsError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoParts { .. } => ExitCode::BadInput,
            Self::NotPassed { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoParts { .. } => None,
            Self::NotPassed { objects, .. } => Some(objects.clone()),
        }
    }
}

/// What does not pass, where it is no root it is a file.
fn not_passed(roots: usize, of: usize) -> String {
    match roots {
        0 => "files among the parts are no parts that can be shown".to_owned(),
        count => {
            let (noun, verb) = (plural(of, "root"), if count == 1 { "does" } else { "do" });
            format!("{count} of {of} {noun} {verb} not pass")
        }
    }
}
