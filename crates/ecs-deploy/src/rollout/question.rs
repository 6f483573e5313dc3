//! What a step wants to know of AWS, and what it is told.

use serde_json::Value;

use crate::service::Service;
use crate::service_deployment::{Brief, ServiceDeployment};

/// What the next step wants to know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    /// `DescribeServices`.
    Service,
    /// `DescribeServiceDeployments` of ours.
    Own {
        /// Its ARN.
        arn: String,
    },
    /// `ListServiceDeployments`.
    List {
        /// Only those made after this moment, in seconds since 1970.
        after: Option<f64>,
    },
    /// `DescribeServiceDeployments`, and `DescribeServiceRevisions` of their targets.
    Candidates {
        /// The ARNs.
        arns: Vec<String>,
    },
    /// `DescribeServiceRevisions`.
    Revision {
        /// The ARN of the service revision.
        arn: String,
    },
    /// `ListTasks` and `DescribeTasks` of the service's stopped tasks.
    StoppedTasks,
    /// The same of those that run, or are to run.
    RunningTasks,
}

impl Question {
    /// Whether it asks for tasks: a courtesy, so that no failure of it is worth a line.
    pub(crate) fn is_about_tasks(&self) -> bool {
        matches!(self, Self::StoppedTasks | Self::RunningTasks)
    }
}

/// What AWS said. A question that was not answered this time has no answer among those of the step.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there are at most three answers at a time")]
pub(crate) enum Answer {
    /// The service.
    Service(Service),
    /// Our service deployment; `None` when ECS does not find it.
    Own(Option<Box<ServiceDeployment>>),
    /// The service deployments there are.
    List(Vec<Brief>),
    /// Those of the candidates that there are.
    Candidates(Vec<Candidate>),
    /// The ARN of the service revision's task definition; empty when ECS does not find it.
    Revision(String),
    /// The service's stopped tasks.
    StoppedTasks(Vec<Value>),
    /// The service's other tasks.
    RunningTasks(Vec<Value>),
    /// The tasks cannot be read this time.
    TasksNotAnswered,
    /// The tasks may not be read.
    TasksRefused(Refusal),
    /// A question about service deployments will not be answered: a missing permission, or an ECS that has none.
    Refused(Refusal),
}

/// A service deployment that may be ours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) deployment: ServiceDeployment,
    /// The ARN of its target revision's task definition; empty when ECS does not find it.
    pub(crate) task_definition: String,
}

/// A call that is refused, and will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The IAM action.
    pub(crate) action: String,
    /// Whether a permission is missing; else ECS does not know the call or the service deployment.
    pub(crate) denied: bool,
}

impl Refusal {
    /// What would have it answered.
    pub(crate) fn way_out(&self) -> String {
        let action = &self.action;
        if self.denied {
            format!("allow the role `{action}`")
        } else {
            format!("`{action}` has no answer here: use an endpoint that has service deployments")
        }
    }

    /// What the user should know.
    pub(crate) fn notice(&self) -> String {
        let action = &self.action;
        if self.denied {
            format!("grant `{action}` to follow the service deployment; until then its `rolloutState` decides")
        } else {
            format!("`{action}` has no answer here, so the deployment's `rolloutState` decides")
        }
    }
}
