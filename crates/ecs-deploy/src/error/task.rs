//! Why a task on its own cannot be run.

use actions_core::{ActionError, ExitCode};

use super::quoted;

/// An error of running a task. A task that ran and did not end well is no error but a verdict.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TaskError {
    /// It is not known in which subnets the task is to run. Exit code 2.
    ///
    /// The task definition has the network mode `awsvpc`, so ECS wants subnets for the task. None are given, and there is no service
    /// that it could take them from.
    ///
    /// Name the service whose network the task shares, or write `run-task-subnets` (and `run-task-security-groups`).
    #[error("the task of `{family}` needs subnets, and none are known")]
    #[diagnostic(
        code("ecs-run-task/no-network"),
        help(
            "name the service whose network it shares, or write `run-task-subnets` and `run-task-security-groups`; nothing was changed"
        )
    )]
    NoNetwork {
        /// The task definition's family.
        family: String,
    },
    /// Several services have networks or capacity of their own, and it is not said whose the task gets. Exit code 2.
    ///
    /// Subnets, security groups, launch type or capacity providers of the services differ, so which of them the task shares is not for
    /// the action to guess.
    ///
    /// Name one of the services in `run-task-service`.
    #[error(
        "the services {} run in different places, and `run-task-service` does not say whose the task shares",
        quoted(services)
    )]
    #[diagnostic(
        code("ecs-run-task/different-services"),
        help("write `run-task-service: {}`, or another one of them; nothing was changed", services.first().map_or("", String::as_str))
    )]
    DifferentServices {
        /// The services.
        services: Vec<String>,
    },
    /// A container whose settings are overridden is not in the task definition. Exit code 2.
    ///
    /// `run-task-container-overrides` names a container that the task definition does not have: mostly a typing error.
    ///
    /// Name one of the containers that the printed help lists.
    #[error(
        "`run-task-container-overrides` names the container `{container}`, which the task definition does not have"
    )]
    #[diagnostic(code("ecs-run-task/unknown-container"), help("name one of {}; nothing was changed", quoted(found)))]
    UnknownContainer {
        /// The name.
        container: String,
        /// The containers there are.
        found: Vec<String>,
    },
    /// ECS started no task. Exit code 1.
    ///
    /// ECS took the request and could not place the task: no capacity, no instance with enough CPU or memory, or no agent. All reasons
    /// that it gave are printed. A want of capacity was tried again for some minutes.
    ///
    /// Correct what is named: another capacity provider or more instances, smaller `cpu` and `memory`, other subnets. No service was
    /// updated.
    #[error("ECS started no task of `{revision}`")]
    #[diagnostic(
        code("ecs-run-task/not-started"),
        help(
            "correct what is named above (capacity, size of the task, subnets), then run the step again; no service was updated"
        )
    )]
    NotStarted {
        /// The revision.
        revision: String,
        /// What ECS said, each reason once.
        failures: Vec<String>,
    },
}

impl ActionError for TaskError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoNetwork { .. } | Self::DifferentServices { .. } | Self::UnknownContainer { .. } => {
                ExitCode::BadInput
            }
            Self::NotStarted { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NotStarted { failures, .. } => Some(failures.join("\n")),
            Self::NoNetwork { .. } | Self::DifferentServices { .. } | Self::UnknownContainer { .. } => None,
        }
    }
}
