//! A service as `DescribeServices` tells it, read out of the raw answer.

use serde::Serialize;
use serde_json::Value;

use crate::preflight::Wiring;
use crate::run_task::Placement;
use crate::task_definition::text;

/// What was seen of a service at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in ECS's answer")]
pub(crate) struct Service {
    pub(crate) arn: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub(crate) status: String,
    /// The task definition's ARN.
    pub(crate) task_definition: String,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`; empty means `ECS`.
    pub(crate) controller: String,
    /// `REPLICA` or `DAEMON`.
    pub(crate) scheduling: String,
    pub(crate) desired: i64,
    pub(crate) running: i64,
    pub(crate) propagate_tags: String,
    pub(crate) managed_tags: bool,
    /// The ARN of the service deployment that ECS names as the present one; empty without one.
    pub(crate) current_service_deployment: String,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`; empty means `ROLLING`.
    pub(crate) strategy: String,
    /// Whether a circuit breaker or an alarm rolls a failed deployment back.
    pub(crate) rolls_back: bool,
    /// Whether the circuit breaker rolls a failed deployment back.
    pub(crate) breaker_rolls_back: bool,
    /// Whether a load balancer checks the tasks.
    pub(crate) has_load_balancer: bool,
    /// Whether a lifecycle hook pauses a deployment.
    pub(crate) has_pause: bool,
    /// Whether alarms are watched after the last task started.
    pub(crate) has_alarms: bool,
    /// What is sent to its tasks.
    pub(crate) wiring: Wiring,
    /// Where its tasks run.
    pub(crate) placement: Placement,
    pub(crate) deployments: Vec<Deployment>,
    /// The volumes that ECS makes for the tasks of the primary deployment.
    pub(crate) volumes: Vec<Value>,
    /// Newest first, as ECS lists them.
    pub(crate) events: Vec<ServiceEvent>,
}

/// One deployment of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<f64>,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub(crate) status: String,
    /// The task definition's ARN.
    pub(crate) task_definition: String,
    pub(crate) desired: i64,
    pub(crate) running: i64,
    pub(crate) pending: i64,
    pub(crate) failed: i64,
    pub(crate) rollout: RolloutState,
    pub(crate) reason: String,
}

/// How far a deployment's rollout is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RolloutState {
    /// ECS does not say (a service behind a Classic Load Balancer, some emulators).
    #[default]
    Absent,
    /// `IN_PROGRESS`.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`.
    Failed,
    /// A word that is newer than this program.
    Unknown(String),
}

/// One line of the service's event log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServiceEvent {
    pub(crate) id: String,
    pub(crate) message: String,
}

impl Service {
    /// Reads one element of `services`.
    pub(crate) fn from_answer(service: &Value) -> Self {
        let configuration = &service["deploymentConfiguration"];
        let on = |part: &str| configuration[part]["rollback"].as_bool().unwrap_or_default();
        Self {
            arn: owned(service, "serviceArn"),
            status: owned(service, "status"),
            task_definition: task_definition(service),
            controller: owned(&service["deploymentController"], "type"),
            scheduling: owned(service, "schedulingStrategy"),
            desired: number(service, "desiredCount"),
            running: number(service, "runningCount"),
            propagate_tags: owned(service, "propagateTags"),
            managed_tags: service["enableECSManagedTags"].as_bool().unwrap_or_default(),
            current_service_deployment: owned(service, "currentServiceDeployment"),
            strategy: owned(configuration, "strategy"),
            breaker_rolls_back: on("deploymentCircuitBreaker"),
            has_load_balancer: list(service, "loadBalancers").next().is_some(),
            has_pause: list(configuration, "lifecycleHooks").any(|hook| text(hook, "targetType") == "PAUSE"),
            has_alarms: configuration["alarms"]["enable"].as_bool().unwrap_or_default(),
            rolls_back: on("deploymentCircuitBreaker") || on("alarms"),
            wiring: Wiring::from_answer(service),
            placement: Placement::of(service),
            deployments: list(service, "deployments").map(Deployment::from_answer).collect(),
            volumes: list(service, "deployments")
                .filter(|deployment| text(deployment, "status") == "PRIMARY")
                .flat_map(|primary| list(primary, "volumeConfigurations").cloned())
                .collect(),
            events: list(service, "events")
                .map(|event| ServiceEvent { id: owned(event, "id"), message: owned(event, "message") })
                .collect(),
        }
    }

    /// The deployment the service aims at.
    pub(crate) fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.is_primary())
    }

    /// Whether tasks are replaced step by step, as far as is known.
    pub(crate) fn is_rolling(&self) -> bool {
        matches!(self.strategy.as_str(), "" | "ROLLING")
    }

    /// How many tasks of deployments other than `id` run.
    pub(crate) fn running_beside(&self, id: &str) -> i64 {
        self.deployments.iter().filter(|deployment| deployment.id != id).map(|deployment| deployment.running).sum()
    }

    /// The deployment `id`.
    pub(crate) fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.id == id)
    }
}

impl Deployment {
    fn from_answer(deployment: &Value) -> Self {
        Self {
            id: owned(deployment, "id"),
            created: deployment["createdAt"].as_f64(),
            status: owned(deployment, "status"),
            task_definition: owned(deployment, "taskDefinition"),
            desired: number(deployment, "desiredCount"),
            running: number(deployment, "runningCount"),
            pending: number(deployment, "pendingCount"),
            failed: number(deployment, "failedTasks"),
            rollout: RolloutState::parse(text(deployment, "rolloutState")),
            reason: owned(deployment, "rolloutStateReason"),
        }
    }

    /// Whether the service aims at it.
    pub(crate) fn is_primary(&self) -> bool {
        self.status == "PRIMARY"
    }
}

impl RolloutState {
    fn parse(word: &str) -> Self {
        match word {
            "" => Self::Absent,
            "IN_PROGRESS" => Self::InProgress,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// The word as ECS writes it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Absent => "no rollout state",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Unknown(word) => word,
        }
    }
}

/// What it runs: of a service that CodeDeploy deploys, what its primary task set has.
fn task_definition(service: &Value) -> String {
    let primary = list(service, "taskSets").find(|set| text(set, "status") == "PRIMARY");
    let of_set = primary.map(|set| owned(set, "taskDefinition")).filter(|arn| !arn.is_empty());
    of_set.unwrap_or_else(|| owned(service, "taskDefinition"))
}

/// The elements of a list; none when it is missing.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The text of a member, owned.
pub(crate) fn owned(value: &Value, name: &str) -> String {
    text(value, name).to_owned()
}

fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_default()
}
