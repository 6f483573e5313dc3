//! The pull request: which one it is, and what somebody else wrote there meanwhile.

use actions_core::{ActionError, ExitCode};

/// The pull request cannot be told, or cannot be written to.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PullRequestError {
    /// There is no token to write with. Exit code 2.
    ///
    /// A comment is written through GitHub's API, and there is no token to call it with.
    #[error("there is no token to write to {place} with")]
    #[diagnostic(
        code("terraform-plan-comment/no-token"),
        help("pass `github-token: ${{{{ github.token }}}}`, set GITHUB_TOKEN in a shell, or choose `target: none`")
    )]
    NoToken {
        /// The pull request.
        place: String,
    },
    /// Several pull requests come from the branch. Exit code 2.
    ///
    /// On `workflow_run` the pull request is found by the branch of the run before, and that branch has several open ones, for
    /// different target branches.
    ///
    /// Name the one to write to in `pull-request`.
    #[error("several open pull requests come from the branch `{branch}`: {numbers}")]
    #[diagnostic(
        code("terraform-plan-comment/several-pull-requests"),
        help(
            "name the one to write to in `pull-request`, from a source that the pull request's author does not control"
        )
    )]
    Several {
        /// The branch.
        branch: String,
        /// Their numbers.
        numbers: String,
    },
    /// The pull request does not exist. Exit code 1.
    ///
    /// `pull-request` names a number that is an issue, belongs to another repository, or that the token may not see.
    #[error("there is no pull request #{number} in `{repository}`")]
    #[diagnostic(
        code("terraform-plan-comment/pull-request-not-found"),
        help("check `pull-request`, and that the token may see it (`permissions: pull-requests: write`)")
    )]
    NotFound {
        /// The number.
        number: u64,
        /// `owner/name`.
        repository: String,
    },
    /// The body of the pull request changed between reading and writing. Exit code 1.
    ///
    /// Someone saved the body while the plan was written into it, twice. Writing would have lost their words.
    #[error("the body of the pull request #{number} was changed by someone else at the same time")]
    #[diagnostic(
        code("terraform-plan-comment/body-changed"),
        help("re-run the step; give jobs that write to the same body a `concurrency:` group")
    )]
    BodyChanged {
        /// The pull request.
        number: u64,
    },
    /// The comment changed between reading and writing. Exit code 1.
    ///
    /// Another run wrote the same comment while this one did, twice. Writing would have lost what it says.
    #[error("the comment on the pull request #{number} was changed by another run at the same time")]
    #[diagnostic(
        code("terraform-plan-comment/comment-changed"),
        help("re-run the step; give jobs that write the same comment a `concurrency:` group")
    )]
    CommentChanged {
        /// The pull request.
        number: u64,
    },
}

impl ActionError for PullRequestError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoToken { .. } | Self::Several { .. } => ExitCode::BadInput,
            Self::NotFound { .. } | Self::BodyChanged { .. } | Self::CommentChanged { .. } => ExitCode::Failed,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::BodyChanged { .. } | Self::CommentChanged { .. })
    }
}
