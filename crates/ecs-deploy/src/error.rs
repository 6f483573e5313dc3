//! Everything that keeps a deployment from being tried, or from being followed.

mod conflict;
mod definition;
mod task;

pub use conflict::ConflictError;
pub use definition::DefinitionError;
pub use task::TaskError;

use actions_core::{ActionError, ExitCode, Location};
use aws_client::{ApiError, ConnectError};

use crate::codedeploy::CodeDeployError;

/// An error of the action. A deployment that was tried and did not end well is no error but a verdict.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// No usable AWS configuration. Exit code 2; 1 when the role cannot be assumed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// An AWS call failed. Exit code 1; 2 when the credentials are to blame.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// The task definition cannot be registered or deployed. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Definition(#[from] DefinitionError),
    /// A task on its own cannot be run. Exit code 2; 1 when ECS started none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Task(#[from] TaskError),
    /// Somebody else deploys the service too. Exit code 1; 4 when it was waited for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Conflict(#[from] ConflictError),
    /// CodeDeploy cannot deploy the service. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    CodeDeploy(#[from] CodeDeployError),
    /// The cluster does not exist. Exit code 2.
    ///
    /// ECS has no cluster of this name in this region of this account. The role of another account or a wrong region
    /// look the same.
    ///
    /// Check `cluster`, `aws-region` and the account of the role; the printed help names the clusters that are there.
    #[error("cluster `{cluster}` is not in {region}")]
    #[diagnostic(
        code("ecs-deploy/cluster-not-found"),
        help("check `cluster`, `aws-region` and the account of the credentials{}", there("clusters", known))
    )]
    ClusterNotFound {
        /// The cluster.
        cluster: String,
        /// The region.
        region: String,
        /// The clusters there are, as far as they may be listed.
        known: Vec<String>,
    },
    /// The service does not exist. Exit code 2.
    ///
    /// The cluster has no service of this name: the infrastructure was not applied yet, or the name has a typing error.
    ///
    /// Create the service with Terraform first (this action never creates one), or check `service`, `cluster` and
    /// `aws-region`; the printed help names the services that are there.
    #[error("service `{service}` is not in cluster `{cluster}` ({region})")]
    #[diagnostic(
        code("ecs-deploy/service-not-found"),
        help(
            "create it first (this action never does), or check `service`, `cluster` and `aws-region`{}",
            there("services", known)
        )
    )]
    ServiceNotFound {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
        /// The region.
        region: String,
        /// The services there are, as far as they may be listed.
        known: Vec<String>,
    },
    /// The service is being deleted or was deleted. Exit code 2.
    ///
    /// The service was deleted, or is being deleted: its status is `INACTIVE` or `DRAINING`.
    #[error("service `{service}` is {status}")]
    #[diagnostic(
        code("ecs-deploy/service-inactive"),
        help("only an ACTIVE service can be updated: create it anew, or name another one")
    )]
    ServiceInactive {
        /// The service.
        service: String,
        /// Its status.
        status: String,
    },
    /// The service is deployed neither by ECS itself nor by CodeDeploy. Exit code 2.
    ///
    /// The service was created with the external deployment controller: another program makes its task sets.
    ///
    /// Move the service to the ECS controller, whose own blue/green deployments need nothing else.
    #[error("service `{service}` is deployed by the {controller} controller")]
    #[diagnostic(
        code("ecs-deploy/unsupported-controller"),
        help(
            "its owner deploys it by task sets; move the service to the ECS controller to deploy it with this action"
        )
    )]
    UnsupportedController {
        /// The service.
        service: String,
        /// The controller's type.
        controller: String,
    },
    /// What AWS answered is no task definition, or not what was asked for. Exit code 1.
    ///
    /// The answer lacks something that ECS always sends. Mostly `AWS_ENDPOINT_URL` points at an emulator or a proxy.
    #[error("the answer of `ecs:{operation}` cannot be used")]
    #[diagnostic(
        code("ecs-deploy/unexpected-answer"),
        help("run the step again; re-running is safe. If it stays, check what answers at AWS_ENDPOINT_URL")
    )]
    UnexpectedAnswer {
        /// The operation.
        operation: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Something that the task definition names is not there, or does not fit. Exit code 2.
    ///
    /// The tasks would not start: AWS said for certain that an image, a secret, a parameter, a role, a log group or a
    /// port that they need is missing, or that it does not fit. Nothing was changed.
    ///
    /// Create what is missing, or correct its name in the task definition. `preflight: warn` deploys all the same,
    /// `preflight: off` does not look.
    #[error("{}", unready(problems))]
    #[diagnostic(
        code("ecs-deploy/preflight"),
        help("create what is missing, or correct its name; `preflight: warn` deploys all the same")
    )]
    Preflight {
        /// What is wrong, one text each.
        problems: Vec<String>,
    },
    /// `desired-count` was given for a DAEMON service. Exit code 2.
    ///
    /// A DAEMON service has as many tasks as the cluster has instances, so ECS takes no count.
    #[error("service `{service}` is a DAEMON, which runs one task on each instance")]
    #[diagnostic(code("ecs-deploy/daemon-count"), help("remove `desired-count`"))]
    DaemonCount {
        /// The service.
        service: String,
    },
    /// `wait-until` names a stage or a pause, and the service's deployments have none. Exit code 2.
    ///
    /// The service's deployment strategy is `ROLLING`, and ECS divides only blue/green, linear and canary deployments into
    /// stages.
    ///
    /// Write `wait-until: deployed`, or give the service another strategy where the service is defined.
    #[error(
        "`wait-until` names a stage or a pause, and service `{service}` is deployed by the strategy ROLLING, which has none"
    )]
    #[diagnostic(
        code("ecs-deploy/no-stages"),
        help("write `wait-until: deployed`, or give the service the strategy BLUE_GREEN, LINEAR or CANARY")
    )]
    NoStages {
        /// The service.
        service: String,
    },
    /// `wait-until: paused` was given, and no lifecycle hook pauses the service's deployments. Exit code 2.
    ///
    /// None of the service's lifecycle hooks has the target type `PAUSE`, so a deployment would go through without a pause.
    ///
    /// Add a `PAUSE` hook where the service is defined, or wait for a stage: `wait-until: stage:POST_TEST_TRAFFIC_SHIFT`.
    #[error("`wait-until` is `paused`, and service `{service}` has no PAUSE hook")]
    #[diagnostic(
        code("ecs-deploy/no-pause"),
        help("add a lifecycle hook of the type PAUSE to the service, or write `wait-until: stage:NAME`")
    )]
    NoPause {
        /// The service.
        service: String,
    },
    /// The deployment could not be followed to its end. Exit code 2.
    ///
    /// How a blue/green, linear or canary deployment ends is told by its service deployment alone, and that cannot be read.
    /// Nothing was changed.
    ///
    /// Give the role the permission that is named, or write `wait-for-service-stability: false`, with `on-conflict: supersede`.
    #[error("service `{service}` is deployed by the strategy {strategy}, whose end only its service deployment tells")]
    #[diagnostic(code("ecs-deploy/cannot-be-followed"), help("{way_out}{without}; nothing was changed"))]
    CannotBeFollowed {
        /// The service.
        service: String,
        /// Its strategy.
        strategy: String,
        /// What would have it told.
        way_out: String,
        /// What can be done without it: `, or write ..`; empty when nothing can.
        without: &'static str,
    },
    /// The deployment was started and can no longer be followed. Exit code 4.
    ///
    /// The update was accepted, and a call that follows the deployment failed: mostly the credentials expired, or a
    /// permission to read is missing.
    ///
    /// Correct what is named, then run the step again: it waits for the same deployment and changes nothing else. Where the service was
    /// seen to go back, or with `force-new-deployment`, that would deploy anew; the printed help says so.
    #[error("deployment `{deployment}` was started, and how it ends cannot be seen")]
    #[diagnostic(code("ecs-deploy/lost-sight"), help("{then}"))]
    LostSight {
        /// The deployment.
        deployment: String,
        /// The call that failed.
        answer: ApiError,
        /// What to do then.
        then: String,
    },
}

fn there(what: &str, known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; {what} there: {}", quoted(known)) }
}

/// At most twenty names in backticks.
pub(crate) fn quoted(names: &[String]) -> String {
    let mut list: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    if names.len() > 20 {
        list.push(format!("and {} more", names.len() - 20));
    }
    list.join(", ")
}

/// The first cause, which is what a list of annotations shows; the others stand below it.
pub(crate) fn unready(problems: &[String]) -> String {
    match problems {
        [] => "the tasks would not start".to_owned(),
        [only] => format!("the tasks would not start: {only}"),
        [first, others @ ..] => format!("the tasks would not start: {first} (and {} more)", others.len()),
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Connect(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Definition(error) => error.exit_code(),
            Self::Task(error) => error.exit_code(),
            Self::Conflict(error) => error.exit_code(),
            Self::CodeDeploy(error) => error.exit_code(),
            Self::ClusterNotFound { .. }
            | Self::ServiceNotFound { .. }
            | Self::ServiceInactive { .. }
            | Self::UnsupportedController { .. }
            | Self::DaemonCount { .. }
            | Self::Preflight { .. }
            | Self::NoStages { .. }
            | Self::NoPause { .. }
            | Self::CannotBeFollowed { .. } => ExitCode::BadInput,
            Self::UnexpectedAnswer { .. } => ExitCode::Failed,
            Self::LostSight { .. } => ExitCode::TimedOut,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Connect(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::Definition(error) => error.why(),
            Self::Task(error) => error.why(),
            Self::CodeDeploy(error) => error.why(),
            Self::ServiceNotFound { .. } => Some("ecs:DescribeServices returned MISSING for it".to_owned()),
            Self::ClusterNotFound { .. } => Some("ecs:DescribeServices answered ClusterNotFoundException".to_owned()),
            Self::UnexpectedAnswer { why, .. } => Some(why.clone()),
            Self::Preflight { problems } => (problems.len() > 1).then(|| problems.join("\n")),
            Self::LostSight { answer, .. } => Some(answer.told()),
            Self::ServiceInactive { .. }
            | Self::UnsupportedController { .. }
            | Self::DaemonCount { .. }
            | Self::NoStages { .. }
            | Self::NoPause { .. }
            | Self::Conflict(_)
            | Self::CannotBeFollowed { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Definition(error) => error.location(),
            Self::CodeDeploy(error) => error.location(),
            Self::Connect(_)
            | Self::Aws(_)
            | Self::ClusterNotFound { .. }
            | Self::ServiceNotFound { .. }
            | Self::ServiceInactive { .. }
            | Self::UnsupportedController { .. }
            | Self::UnexpectedAnswer { .. }
            | Self::Preflight { .. }
            | Self::DaemonCount { .. }
            | Self::NoStages { .. }
            | Self::NoPause { .. }
            | Self::CannotBeFollowed { .. }
            | Self::Task(_)
            | Self::Conflict(_)
            | Self::LostSight { .. } => None,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict(error) if error.is_stale())
    }
}
