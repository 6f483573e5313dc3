//! Somebody else deploys the same service.

use actions_core::{ActionError, ExitCode};

/// Another deployment of the service is in the way, or came in between.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ConflictError {
    /// Another deployment of the service is under way. Exit code 1; 4 when it was waited for.
    ///
    /// Somebody else's deployment has not ended, and `on-conflict` says not to take its place. No deployment was
    /// made.
    ///
    /// Run the step again once it has ended, or write `on-conflict: wait` or `supersede`.
    #[error("the deployment of `{revision}` to service `{service}` is still under way")]
    #[diagnostic(
        code("ecs-deploy/under-way"),
        help(
            "run the step again once it has ended; `on-conflict: wait` waits for that, `supersede` takes its place; no deployment was made"
        )
    )]
    UnderWay {
        /// The service.
        service: String,
        /// Its revision.
        revision: String,
        /// Whether it was waited for.
        waited: bool,
    },
    /// Another deployment of the service was stopped and is still being undone. Exit code 4.
    ///
    /// It was in the way, and `on-conflict: supersede` had CodeDeploy stop it; what undoes it took longer than `wait-timeout`. No deployment
    /// was made in its place.
    ///
    /// Run the step again: it waits for that and then deploys.
    #[error("deployment {deployment} of service `{service}` was stopped and is still being undone")]
    #[diagnostic(
        code("ecs-deploy/still-undone"),
        help(
            "run the step again: it waits for that and then deploys; or raise `wait-timeout`; no deployment was made"
        )
    )]
    StillUndone {
        /// The service.
        service: String,
        /// The deployment's id.
        deployment: String,
    },
    /// Other deployments of the service came one after the other. Exit code 1.
    ///
    /// Another deployment was waited for, as `on-conflict: wait` asks, and when it had ended there was yet another one.
    ///
    /// Let only one workflow at a time deploy the service (`concurrency:`), then run the step again.
    #[error("service `{service}` was deployed by somebody else again and again")]
    #[diagnostic(
        code("ecs-deploy/waited"),
        help(
            "let only one workflow at a time deploy this service (`concurrency:`), then run the step again; no deployment was made"
        )
    )]
    Waited {
        /// The service.
        service: String,
    },
    /// The service was updated by someone else between looking at it and updating it, twice in a row. Exit code 1.
    ///
    /// Another deployment changed the service between the look at it and the update, twice.
    #[error("service `{service}` was updated meanwhile: it runs `{now}` in place of `{before}`")]
    #[diagnostic(
        code("ecs-deploy/service-moved"),
        help("let only one workflow at a time deploy this service (`concurrency:`), then run the step again")
    )]
    Moved {
        /// The service.
        service: String,
        /// What it ran.
        before: String,
        /// What it runs.
        now: String,
    },
    /// The service was updated by someone else after the task was started. Exit code 1.
    ///
    /// The task before the deployment ended well, and meanwhile another deployment of the service was begun. What was decided before is
    /// out of date, and the task is not run a second time without being asked for.
    ///
    /// Let only one workflow at a time deploy the service (`concurrency:`), then run the step again: it runs the task again.
    #[error(
        "service `{service}` was updated by somebody else after the task was started: it runs `{now}` in place of `{before}`"
    )]
    #[diagnostic(
        code("ecs-deploy/moved-after-task"),
        help(
            "let only one workflow at a time deploy this service (`concurrency:`), then run the step again, which runs the task again"
        )
    )]
    MovedAfterTask {
        /// The service.
        service: String,
        /// What it ran.
        before: String,
        /// What it runs.
        now: String,
    },
}

impl ActionError for ConflictError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::UnderWay { waited: true, .. } | Self::StillUndone { .. } => ExitCode::TimedOut,
            Self::UnderWay { waited: false, .. }
            | Self::Waited { .. }
            | Self::Moved { .. }
            | Self::MovedAfterTask { .. } => ExitCode::Failed,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::Moved { .. } | Self::Waited { .. })
    }
}
