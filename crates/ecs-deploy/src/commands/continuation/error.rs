//! What keeps a hook from being acted on.

use actions_core::{ActionError, ExitCode, Location};
use aws_client::ApiError;

use crate::error::{Error, quoted};

/// An error of the action. A deployment that was followed and did not end well is no error but a verdict.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ContinueError {
    /// What `ecs-deploy` would say too.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Ecs(#[from] Error),
    /// The service's deployment has no such hook. Exit code 2.
    ///
    /// The id is that of a hook of another deployment: each deployment's hooks have ids of their own, so one that was kept from an earlier
    /// run is of no use. Or the deployment has not come to its hook yet.
    ///
    /// Take the id from the output `hook-id` of the `ecs-deploy` step that waited with `wait-until: paused`; the message names the hooks
    /// that await an action now. Nothing was changed.
    #[error("hook `{hook}` is no hook of the present deployment of service `{service}`")]
    #[diagnostic(code("ecs-continue/hook-not-found"), help("{}", awaiting_help(awaiting)))]
    HookNotFound {
        /// The id.
        hook: String,
        /// The service.
        service: String,
        /// The hooks that await an action.
        awaiting: Vec<String>,
    },
    /// `wait-until` does not fit a service that CodeDeploy deploys. Exit code 2.
    ///
    /// A deployment of CodeDeploy has no stages and no further pauses, so there is nothing to wait for but its end.
    ///
    /// Remove `wait-until`.
    #[error("`wait-until` does not fit service `{service}`, which CodeDeploy deploys")]
    #[diagnostic(code("ecs-continue/controller-mismatch"), help("remove `wait-until`; nothing was changed"))]
    Mismatch {
        /// The service.
        service: String,
    },
    /// The service has no deployment with hooks. Exit code 2.
    ///
    /// ECS names no service deployment of the service: it was never deployed since ECS keeps them, or what answers is an emulator that has
    /// none.
    ///
    /// Check `service`, `cluster` and `aws-region`. Only a deployment that is under way can be paused.
    #[error("service `{service}` has no service deployment")]
    #[diagnostic(
        code("ecs-continue/no-service-deployment"),
        help("check `service`, `cluster` and `aws-region`; only a deployment that is under way can be paused")
    )]
    NoServiceDeployment {
        /// The service.
        service: String,
    },
}

fn awaiting_help(awaiting: &[String]) -> String {
    if awaiting.is_empty() {
        "no hook awaits an action now; nothing was changed".to_owned()
    } else {
        format!("hooks that await an action: {}; nothing was changed", quoted(awaiting))
    }
}

impl From<ApiError> for ContinueError {
    fn from(error: ApiError) -> Self {
        Self::Ecs(error.into())
    }
}

impl ActionError for ContinueError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Ecs(error) => error.exit_code(),
            Self::HookNotFound { .. } | Self::Mismatch { .. } | Self::NoServiceDeployment { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Ecs(error) => error.why(),
            Self::HookNotFound { .. } | Self::Mismatch { .. } | Self::NoServiceDeployment { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Ecs(error) => error.location(),
            Self::HookNotFound { .. } | Self::Mismatch { .. } | Self::NoServiceDeployment { .. } => None,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::Ecs(error) if error.is_stale())
    }
}
