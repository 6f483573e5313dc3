//! What can go wrong.

use actions_core::{ActionError, ExitCode, Location};
use github_client::GitHubError;

use crate::error::Error;

/// An error of `version-bump`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(crate) enum BumpError {
    /// There is no token. Exit code 2.
    ///
    /// The commit and the pull request are made through GitHub's API, which asks for a token.
    #[error("a bump needs a GitHub token")]
    #[diagnostic(
        code("version-bump/needs-token"),
        help("leave `github-token` at its default in a workflow; in a shell, set GITHUB_TOKEN")
    )]
    NeedsToken,
    /// The branch that is to be changed does not exist. Exit code 2.
    ///
    /// A repository without a branch for snapshots has nothing to bump there.
    #[error("there is no branch `{branch}`")]
    #[diagnostic(code("version-bump/no-branch"), help("set `snapshot-branch` to the branch of development"))]
    NoBranch {
        /// The branch.
        branch: String,
    },
    /// The version cannot be replaced by another text. Exit code 2.
    ///
    /// What stands in the file is not the version itself: it is put together from several parts, computed, or written in another form than
    /// the one its tool makes of it.
    #[error("the version `{version}` is not written in `{}` as it is", location.file)]
    #[diagnostic(
        code("version-bump/not-writable"),
        help("write the next version by hand, here and wherever its parts are")
    )]
    NotWritable {
        /// The version.
        version: String,
        /// Where it comes from.
        location: Location,
    },
    /// The version that was named is below the one on the branch. Exit code 2.
    ///
    /// The input `next` names a version, and the snapshot branch has a higher one: nobody who builds from it would see the new one.
    #[error("the next version `{next}` is below `{there}`, which `{branch}` has")]
    #[diagnostic(code("version-bump/not-higher"), help("set `next` to a higher version, or to `next-minor`"))]
    NotHigher {
        /// The next version.
        next: String,
        /// The version on the branch.
        there: String,
        /// The branch.
        branch: String,
        /// Where the version comes from.
        location: Location,
    },
    /// The branch of the proposal has somebody else's commits. Exit code 1.
    ///
    /// Somebody went on working on the branch of an earlier proposal, and it is out of date. A branch is never forced.
    #[error("the branch `{branch}` has a commit that is not ours: `{subject}`")]
    #[diagnostic(
        code("version-bump/branch-in-use"),
        help("merge or close its pull request and delete the branch, then run the step again")
    )]
    BranchInUse {
        /// The branch.
        branch: String,
        /// The first line of the commit's message.
        subject: String,
    },
    /// The branch of the proposal was moved while this run was at it, twice. Exit code 1.
    ///
    /// Another run makes the same proposal at the same time.
    #[error("the branch `{branch}` was moved by somebody else")]
    #[diagnostic(
        code("version-bump/branch-moved"),
        help("give the workflow a `concurrency` group and run the step again")
    )]
    BranchMoved {
        /// The branch.
        branch: String,
    },
    /// The repository has more files than can be listed or read. Exit code 1.
    ///
    /// GitHub lists at most 100,000 files, and 2,000 are read for one version.
    #[error("the repository has too many files for a bump")]
    #[diagnostic(code("version-bump/too-many-files"), help("raise the version by hand"))]
    TooManyFiles,
    /// The run was cancelled. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job between two of its steps.
    #[error("cancelled {at}")]
    #[diagnostic(code("version-bump/cancelled"), help("re-running the step is safe: it goes on where this run ended"))]
    Cancelled {
        /// When: what is done, and what is not.
        at: String,
    },
    /// The version cannot be read. Exit codes as `version-detect` has them.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Detect(#[from] Error),
    /// GitHub does not do what is needed. Exit codes as [`GitHubError`] says.
    #[error(transparent)]
    #[diagnostic(transparent)]
    GitHub(#[from] GitHubError),
}

impl ActionError for BumpError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Detect(error) => error.exit_code(),
            Self::GitHub(error) => error.exit_code(),
            Self::NeedsToken | Self::NoBranch { .. } | Self::NotWritable { .. } | Self::NotHigher { .. } => {
                ExitCode::BadInput
            }
            Self::BranchInUse { .. } | Self::BranchMoved { .. } | Self::TooManyFiles => ExitCode::Failed,
            Self::Cancelled { .. } => ExitCode::Cancelled,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Detect(error) => error.why(),
            Self::GitHub(error) => error.why(),
            _ => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Detect(error) => error.location(),
            Self::NotWritable { location, .. } | Self::NotHigher { location, .. } => Some(location.clone()),
            _ => None,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::BranchMoved { .. })
    }
}
