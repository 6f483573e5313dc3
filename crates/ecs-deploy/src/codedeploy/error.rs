//! What keeps `CodeDeploy` from deploying a service.

use actions_core::{ActionError, ExitCode, Location};

/// An error of a deployment by `CodeDeploy`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CodeDeployError {
    /// The `AppSpec` file cannot be read. Exit code 2.
    ///
    /// The service is deployed by CodeDeploy, which needs an `AppSpec` file, and there is none at `codedeploy-appspec`, whose default is
    /// `appspec.yaml`.
    ///
    /// Check out the repository before this step, and name the file in `codedeploy-appspec`, relative to the working directory.
    #[error("the AppSpec file `{path}` cannot be read: {source}")]
    #[diagnostic(
        code("ecs-deploy/appspec-unreadable"),
        help("name the file in `codedeploy-appspec`; is the repository checked out?")
    )]
    AppSpecUnreadable {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The `AppSpec` file is none for ECS. Exit code 2.
    ///
    /// It is neither JSON nor YAML, or it lacks `Resources`, a resource's `Properties`, or the `TaskDefinition` in them that the revision
    /// takes the place of. Names are matched in any case.
    ///
    /// Correct the file at the place that the message names.
    #[error("the AppSpec file `{}` cannot be used: {why}", location.file)]
    #[diagnostic(
        code("ecs-deploy/appspec-invalid"),
        help("it needs `Resources`, a list whose elements have `Properties` with a `TaskDefinition`")
    )]
    AppSpecInvalid {
        /// Where.
        location: Location,
        /// What is wrong.
        why: String,
    },
    /// The application or the deployment group is not there. Exit code 2.
    ///
    /// CodeDeploy has no application or no deployment group of the name in this region of this account. Without inputs the names are those
    /// that the ECS console makes: `AppECS-CLUSTER-SERVICE` and `DgpECS-CLUSTER-SERVICE`.
    ///
    /// Set `codedeploy-application` and `codedeploy-deployment-group` to what deploys the service.
    #[error("CodeDeploy has no deployment group `{group}` of an application `{application}` here")]
    #[diagnostic(
        code("ecs-deploy/deployment-group-not-found"),
        help(
            "set `codedeploy-application` and `codedeploy-deployment-group`, and check `aws-region`; nothing was changed"
        )
    )]
    GroupNotFound {
        /// The application.
        application: String,
        /// The deployment group.
        group: String,
    },
    /// An input does not fit the service's deployment controller. Exit code 2.
    ///
    /// What CodeDeploy deploys knows no stages, pauses, volumes or several services with one `AppSpec` file, and what ECS deploys itself knows
    /// no `ready`.
    ///
    /// Remove the input that the message names, or give it another value.
    #[error("`{input}` does not fit service `{service}`: {why}")]
    #[diagnostic(code("ecs-deploy/controller-mismatch"), help("remove `{input}` or change it; nothing was changed"))]
    Mismatch {
        /// The service.
        service: String,
        /// The input.
        input: &'static str,
        /// Why.
        why: &'static str,
    },
    /// `wait-until: ready` was given, and the deployment group never waits. Exit code 2.
    ///
    /// The deployment group moves the traffic as soon as the new tasks are ready (`deploymentReadyOption` is `CONTINUE_DEPLOYMENT`), so there
    /// is no moment to wait for.
    ///
    /// Write `wait-until: deployed`, or let the deployment group wait: `deploymentReadyOption` with `STOP_DEPLOYMENT` and a time.
    #[error("`wait-until: ready` waits for a moment that deployment group `{group}` never stops at")]
    #[diagnostic(
        code("ecs-deploy/never-ready"),
        help(
            "write `wait-until: deployed`, or set the group's `deploymentReadyOption` to `STOP_DEPLOYMENT` with a time"
        )
    )]
    NeverReady {
        /// The deployment group.
        group: String,
    },
}

impl ActionError for CodeDeployError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::AppSpecInvalid { location, .. } => Some(location.clone()),
            Self::AppSpecUnreadable { .. }
            | Self::GroupNotFound { .. }
            | Self::Mismatch { .. }
            | Self::NeverReady { .. } => None,
        }
    }
}
