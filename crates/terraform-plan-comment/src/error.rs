//! What can go wrong. Each room has the codes of one subject; here they become one type.

mod binary_plan;
mod change_set;
mod companion;
mod file;
mod plan;
mod pull_request;
mod roots;
mod terraform;
mod verdict;

use actions_core::{ActionError, ContextError, ExitCode, Location};
use aws_client::{ApiError, ConnectError};
use github_client::GitHubError;

pub use binary_plan::BinaryPlanError;
pub use change_set::ChangeSetError;
pub use companion::CompanionError;
pub use file::FileError;
pub use plan::PlanError;
pub use pull_request::PullRequestError;
pub use roots::RootsError;
pub use terraform::TerraformError;
pub use verdict::VerdictError;

/// An error of `terraform-plan-comment`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// There is no plan to show. Exit code 2; 1 when its secrets are too many.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// The binary plan cannot be taken. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    BinaryPlan(#[from] BinaryPlanError),
    /// Terraform does not read the binary plan. Exit code 1; 2 when there is none, 4 when it took too long.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Terraform(#[from] TerraformError),
    /// What is read beside the plan is not what it should be. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Companion(#[from] CompanionError),
    /// The change set cannot be shown. Exit code 1; 2 when it is that of another stack, 4 when it is not there yet.
    #[error(transparent)]
    #[diagnostic(transparent)]
    ChangeSet(#[from] ChangeSetError),
    /// The plan does not pass; everything was written before. Exit code 1.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Verdict(#[from] VerdictError),
    /// The roots do not pass. Exit code 1; 2 when there is no part.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Roots(#[from] RootsError),
    /// The pull request cannot be told, or cannot be written to. Exit code 1 or 2, by the cause.
    #[error(transparent)]
    #[diagnostic(transparent)]
    PullRequest(#[from] PullRequestError),
    /// A file cannot be written. Exit code 1.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),
    /// No usable AWS configuration. Exit code 1 or 2, by the cause.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// A call to AWS failed. Exit code 1; 2 when the credentials are to blame.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// The run's event cannot be read. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Context(#[from] ContextError),
    /// GitHub refused a call. The exit code is that of the refusal.
    #[error(transparent)]
    #[diagnostic(transparent)]
    GitHub(#[from] GitHubError),
}

impl Error {
    /// The error itself, which has all that is asked of it.
    fn inner(&self) -> &dyn ActionError {
        match self {
            Self::Plan(error) => error,
            Self::BinaryPlan(error) => error,
            Self::Terraform(error) => error,
            Self::Companion(error) => error,
            Self::ChangeSet(error) => error,
            Self::Verdict(error) => error,
            Self::Roots(error) => error,
            Self::PullRequest(error) => error,
            Self::File(error) => error,
            Self::Connect(error) => error,
            Self::Aws(error) => error,
            Self::Context(error) => error,
            Self::GitHub(error) => error,
        }
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        self.inner().exit_code()
    }

    fn why(&self) -> Option<String> {
        self.inner().why()
    }

    fn location(&self) -> Option<Location> {
        self.inner().location()
    }

    fn is_stale(&self) -> bool {
        self.inner().is_stale()
    }
}

#[cfg(test)]
mod tests;
