//! What keeps a service from being taken back.

use actions_core::{ActionError, ExitCode, Location};
use aws_client::ApiError;

use crate::error::{Error, quoted, unready};

/// An error of the action. A rollback that was tried and did not end well is no error but a verdict.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RollbackError {
    /// What `ecs-deploy` would say too.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Ecs(#[from] Error),
    /// What the service ran before cannot be read. Exit code 2.
    ///
    /// Which deployments were successful, and when, is told by the service's deployments alone, and the role may not read them; or what
    /// answers is an emulator that has none.
    ///
    /// Allow the role the action that is named (`ecs-deploy rollback --print-iam-policy` prints the whole policy), or name the revision
    /// in `to`. Nothing was changed.
    #[error("what service `{service}` ran before cannot be read")]
    #[diagnostic(
        code("ecs-rollback/history-unreadable"),
        help("allow the role `{action}`, or name the revision: `to: 41`; nothing was changed")
    )]
    HistoryUnreadable {
        /// The service.
        service: String,
        /// The IAM action.
        action: String,
    },
    /// There is nothing to go back to. Exit code 2.
    ///
    /// ECS remembers the deployments of a service for 90 days, and CodeDeploy those of a deployment group. None of them fits: no other
    /// revision was successful before the present one, the moment lies before the oldest of them, or it is still to come. Or the way back
    /// was tried, and failed.
    ///
    /// Name the revision in `to`, such as `to: 41`; the message has those that were successful. Nothing was changed.
    #[error("service `{service}` has nothing to go back to")]
    #[diagnostic(code("ecs-rollback/nothing-to-restore"), help("{}; nothing was changed", other_help(candidates)))]
    NothingToRestore {
        /// The service.
        service: String,
        /// Why.
        why: String,
        /// The newest that were successful.
        candidates: Vec<String>,
    },
    /// There is no `AppSpec` to deploy the older revision with. Exit code 2.
    ///
    /// CodeDeploy deploys the service, and a revision is taken back with the `AppSpec` of an earlier deployment of its group. There is none
    /// that can be read: the group deployed nothing yet, or its deployments name files in S3.
    ///
    /// Deploy the older revision with `ecs-deploy`: `task-definition-arn` names it, and `codedeploy-appspec` the file. Nothing was changed.
    #[error("CodeDeploy keeps no AppSpec of service `{service}` that the older revision could be deployed with")]
    #[diagnostic(
        code("ecs-rollback/no-appspec"),
        help(
            "deploy it with `ecs-deploy`: `task-definition-arn` and `codedeploy-appspec`; check `codedeploy-application` and \
             `codedeploy-deployment-group`; nothing was changed"
        )
    )]
    NoAppSpec {
        /// The service.
        service: String,
    },
    /// The revision cannot run any more. Exit code 2.
    ///
    /// The revision was deregistered (`INACTIVE`) or is being deleted (`DELETE_IN_PROGRESS`): ECS starts no task of it.
    ///
    /// Name one of the revisions that are `ACTIVE` in `to`; the message has the newest. Or register the old content again with
    /// `ecs-deploy`. Nothing was changed.
    #[error("`{revision}` is {status}, so service `{service}` cannot go back to it")]
    #[diagnostic(code("ecs-rollback/revision-inactive"), help("{}", active_help(active)))]
    RevisionInactive {
        /// The service.
        service: String,
        /// The revision.
        revision: String,
        /// Its status.
        status: String,
        /// The newest of its family that are active.
        active: Vec<String>,
    },
    /// What would be restored is of another family. Exit code 2.
    ///
    /// The service ran a task definition of another family before. Going there changes more than a version.
    ///
    /// Name that revision in `to`, with its family, if it is meant. Nothing was changed.
    #[error("service `{service}` runs `{from}`, and what it would go back to is `{to}`, of another family")]
    #[diagnostic(code("ecs-rollback/other-family"), help("write `to: {to}` if that is meant; nothing was changed"))]
    OtherFamily {
        /// The service.
        service: String,
        /// What it runs.
        from: String,
        /// What was chosen.
        to: String,
    },
    /// An image of the revision is not in its ECR repository any more. Exit code 2.
    ///
    /// The repository's lifecycle policy or somebody removed the image, so no task of the revision could start.
    ///
    /// Push the image again under the same tag, or name another revision in `to`; the message has those that were successful and whose
    /// images are there. Nothing was changed.
    #[error("`{revision}` cannot run any more: the image `{image}` of its container `{container}` is gone")]
    #[diagnostic(
        code("ecs-rollback/image-gone"),
        help("push the image again, or {}; nothing was changed", other_help(candidates))
    )]
    ImageGone {
        /// The revision.
        revision: String,
        /// The container.
        container: String,
        /// The image.
        image: String,
        /// What ECR has.
        why: String,
        /// The newest that were successful and whose images are there.
        candidates: Vec<String>,
    },
    /// Something that the revision names is not there any more, or does not fit the service. Exit code 2.
    ///
    /// The tasks would not start: AWS said for certain that a secret, a parameter, a role, a log group or a port that they need is
    /// missing, or that it does not fit what the service sends to them now. No service was changed.
    ///
    /// Create what is missing, or name another revision in `to`. `preflight: warn` goes back all the same, `preflight: off` does not look.
    #[error("{}", unready(problems))]
    #[diagnostic(
        code("ecs-rollback/not-ready"),
        help(
            "create what is missing, or name another revision in `to`; `preflight: warn` goes back all the same; nothing was changed"
        )
    )]
    NotReady {
        /// What is wrong, one text each.
        problems: Vec<String>,
    },
    /// The service was changed by somebody else between looking at it and taking it back. Exit code 1.
    ///
    /// Another deployment began, or the one under way ended, after the rollback was planned. What is right now may be another thing.
    ///
    /// Look at what the service runs now, and run the step again if it should still go back. This run did not change the service.
    #[error("service `{service}` moved while its rollback was planned")]
    #[diagnostic(
        code("ecs-rollback/moved"),
        help(
            "look at what it runs now, and run the step again if it should still go back; this run did not change it"
        )
    )]
    Moved {
        /// The service.
        service: String,
        /// What it was and what it is.
        why: String,
    },
}

/// Which revision to name instead.
fn other_help(candidates: &[String]) -> String {
    if candidates.is_empty() {
        "name another revision in `to`, such as `to: 41`".to_owned()
    } else {
        let names = quoted(candidates);
        format!("name in `to` one that was successful, and none of whose images is known to be gone: {names}")
    }
}

fn active_help(active: &[String]) -> String {
    if active.is_empty() {
        "name another revision in `to`; nothing was changed".to_owned()
    } else {
        format!("name an ACTIVE revision in `to`: {}; nothing was changed", quoted(active))
    }
}

impl From<ApiError> for RollbackError {
    fn from(error: ApiError) -> Self {
        Self::Ecs(error.into())
    }
}

impl ActionError for RollbackError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Ecs(error) => error.exit_code(),
            Self::HistoryUnreadable { .. }
            | Self::NoAppSpec { .. }
            | Self::NothingToRestore { .. }
            | Self::RevisionInactive { .. }
            | Self::OtherFamily { .. }
            | Self::ImageGone { .. }
            | Self::NotReady { .. } => ExitCode::BadInput,
            Self::Moved { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Ecs(error) => error.why(),
            Self::NothingToRestore { why, .. } | Self::ImageGone { why, .. } | Self::Moved { why, .. } => {
                Some(why.clone())
            }
            Self::NotReady { problems } => (problems.len() > 1).then(|| problems.join("\n")),
            Self::HistoryUnreadable { .. }
            | Self::NoAppSpec { .. }
            | Self::RevisionInactive { .. }
            | Self::OtherFamily { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Ecs(error) => error.location(),
            Self::HistoryUnreadable { .. }
            | Self::NoAppSpec { .. }
            | Self::NothingToRestore { .. }
            | Self::RevisionInactive { .. }
            | Self::OtherFamily { .. }
            | Self::ImageGone { .. }
            | Self::NotReady { .. }
            | Self::Moved { .. } => None,
        }
    }
}
