//! A change set of `CloudFormation`'s in place of a plan.

use std::time::Duration;

use actions_core::{ActionError, ExitCode};

/// A change set cannot be shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ChangeSetError {
    /// The change set could not be made. Exit code 1.
    ///
    /// `CloudFormation` did not make the change set, for the reason that is printed under `why`, or it is being deleted. A change set that
    /// failed because nothing changes is no error: it is shown as "no changes".
    ///
    /// Correct the template or the parameters, and make the change set anew.
    #[error("the change set `{change_set}` of the stack `{stack}` cannot be shown: its status is {status}")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-failed"),
        help("correct what `why` names, and make the change set anew")
    )]
    Failed {
        /// Its name.
        change_set: String,
        /// The stack.
        stack: String,
        /// The status.
        status: String,
        /// What `CloudFormation` says of it.
        reason: String,
    },
    /// The change set is not there yet. Exit code 4.
    ///
    /// `CloudFormation` was still making the change set when `change-set-timeout` was over. Large stacks and nested ones take minutes.
    ///
    /// Raise `change-set-timeout`, or wait for the change set in the step that makes it.
    #[error("the change set `{change_set}` of the stack `{stack}` was not there within {} s: its status is {status}", limit.as_secs())]
    #[diagnostic(
        code("terraform-plan-comment/change-set-not-ready"),
        help(
            "raise `change-set-timeout`, or wait before this step: `aws cloudformation wait change-set-create-complete`"
        )
    )]
    NotReady {
        /// Its name.
        change_set: String,
        /// The stack.
        stack: String,
        /// The status.
        status: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The change set belongs to another stack. Exit code 2.
    ///
    /// The ARN in `change-set` is that of a change set of another stack than the one that `stack` names.
    ///
    /// Correct one of the two, or leave `stack` out.
    #[error("the change set `{change_set}` belongs to the stack `{stack}`, and not to `{wanted}`")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-of-another-stack"),
        help("correct `stack` or `change-set`, or leave `stack` out")
    )]
    OfAnotherStack {
        /// Its name.
        change_set: String,
        /// Its stack.
        stack: String,
        /// The stack that was named.
        wanted: String,
    },
    /// What `CloudFormation` answered is no change set. Exit code 1.
    ///
    /// The answer lacks what every change set has, its pages do not end, or it changed while it was read: somebody made a new one of the
    /// same name at that moment, or something else than `CloudFormation` answers.
    ///
    /// Run the step again, and give the change set a name of its own in each run.
    #[error("the change set `{change_set}` cannot be read: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-unreadable"),
        help("run the step again; give the change set a name of its own in each run; check AWS_ENDPOINT_URL")
    )]
    Unreadable {
        /// Its name.
        change_set: String,
        /// What is wrong.
        reason: String,
    },
}

impl ActionError for ChangeSetError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed { .. } | Self::Unreadable { .. } => ExitCode::Failed,
            Self::NotReady { .. } => ExitCode::TimedOut,
            Self::OfAnotherStack { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Failed { reason, .. } => Some(reason.clone()).filter(|reason| !reason.is_empty()),
            Self::NotReady { .. } | Self::OfAnotherStack { .. } | Self::Unreadable { .. } => None,
        }
    }
}
