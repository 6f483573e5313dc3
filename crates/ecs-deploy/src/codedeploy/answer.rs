//! What `CodeDeploy` tells, read out of its answers.

use serde::Serialize;
use serde_json::Value;

use crate::codedeploy::appspec::{AppSpec, Content};
use crate::service::{list, owned};
use crate::task_definition::text;

/// A deployment at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) application: String,
    pub(crate) group: String,
    pub(crate) status: Status,
    /// Why it failed or was stopped: `CODE: words`; empty without a reason.
    pub(crate) reason: String,
    /// The deployment that undoes it; empty without one.
    pub(crate) rollback: String,
    /// Whether `CodeDeploy` undoes it by itself.
    pub(crate) rolls_back: bool,
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<f64>,
    /// When it ended, likewise.
    pub(crate) completed: Option<f64>,
    /// Whether it undoes another one.
    pub(crate) is_rollback: bool,
    /// The hash of what it deploys; empty when that is not told.
    pub(crate) hash: String,
    /// What it deploys; `None` when that was not read.
    pub(crate) appspec: Option<AppSpec>,
}

/// How far a deployment is
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) enum Status {
    #[default]
    Created,
    Queued,
    InProgress,
    Baking,
    /// The new tasks run, and somebody must say that the traffic moves.
    Ready,
    Succeeded,
    Failed,
    Stopped,
    /// A word that is newer than this program.
    Unknown(String),
}

/// The service as a deployment's target.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Target {
    pub(crate) events: Vec<Lifecycle>,
    /// The part of the production traffic that the new task set gets, in per cent.
    pub(crate) weight: Option<f64>,
    /// The id of the new task set; empty while there is none.
    pub(crate) task_set: String,
}

/// A lifecycle event of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lifecycle {
    pub(crate) name: String,
    /// `Pending`, `InProgress`, `Succeeded`, `Failed`, `Skipped` or `Unknown`.
    pub(crate) status: String,
    /// The hook's words, when it failed.
    pub(crate) message: String,
}

/// The deployment group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// Whether the traffic moves without anybody's word.
    pub(crate) never_waits: bool,
    /// The minutes that a deployment may wait for somebody's word, and before the old tasks are stopped.
    pub(crate) waits: u64,
    /// When `CodeDeploy` undoes a deployment by itself.
    pub(crate) rollback_events: Vec<String>,
}

impl Deployment {
    /// Reads `deploymentInfo`.
    pub(crate) fn from_answer(info: &Value) -> Self {
        let revision = &info["revision"];
        let hash = ["appSpecContent", "string"].iter().find_map(|kind| revision[*kind]["sha256"].as_str());
        let rollback = &info["autoRollbackConfiguration"];
        Self {
            id: owned(info, "deploymentId"),
            application: owned(info, "applicationName"),
            group: owned(info, "deploymentGroupName"),
            status: Status::parse(text(info, "status")),
            reason: reason(&info["errorInformation"]),
            rollback: owned(&info["rollbackInfo"], "rollbackDeploymentId"),
            rolls_back: rollback["enabled"].as_bool().unwrap_or_default() && list(rollback, "events").next().is_some(),
            created: info["createTime"].as_f64(),
            completed: info["completeTime"].as_f64(),
            is_rollback: text(info, "creator") == "codeDeployRollback"
                || !text(&info["rollbackInfo"], "rollbackTriggeringDeploymentId").is_empty(),
            hash: hash.unwrap_or_default().to_owned(),
            appspec: AppSpec::of_revision(revision),
        }
    }

    /// The ARN of the revision that it deploys; empty when that is not told.
    pub(crate) fn task_definition(&self) -> String {
        self.appspec.as_ref().and_then(AppSpec::revision).unwrap_or_default()
    }

    /// When it ended, or else when it was made, in seconds since 1970.
    pub(crate) fn ended(&self) -> f64 {
        self.completed.or(self.created).unwrap_or_default()
    }

    /// Whether it deploys what `content` says: the same text by its hash, or another one that says the same.
    pub(crate) fn deploys(&self, content: &Content) -> bool {
        self.hash.eq_ignore_ascii_case(content.hash()) || self.appspec.as_ref().is_some_and(|own| content.says(own))
    }
}

fn reason(error: &Value) -> String {
    match (text(error, "code"), text(error, "message")) {
        ("", message) => message.to_owned(),
        (code, "") => code.to_owned(),
        (code, message) => format!("{code}: {message}"),
    }
}

impl Status {
    fn parse(word: &str) -> Self {
        match word {
            "Created" => Self::Created,
            "Queued" => Self::Queued,
            "InProgress" => Self::InProgress,
            "Baking" => Self::Baking,
            "Ready" => Self::Ready,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            "Stopped" => Self::Stopped,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// The word as `CodeDeploy` writes it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Baking => "Baking",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
            Self::Unknown(word) => word,
        }
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

impl Target {
    /// Reads `deploymentTarget`.
    pub(crate) fn from_answer(target: &Value) -> Self {
        let ecs = &target["ecsTarget"];
        let green = list(ecs, "taskSetsInfo").find(|set| text(set, "taskSetLabel") == "Green");
        Self {
            events: list(ecs, "lifecycleEvents").map(lifecycle).collect(),
            weight: green.and_then(|set| set["trafficWeight"].as_f64()),
            // The model's own spelling.
            task_set: green.map(|set| owned(set, "identifer")).unwrap_or_default(),
        }
    }
}

fn lifecycle(event: &Value) -> Lifecycle {
    Lifecycle {
        name: owned(event, "lifecycleEventName"),
        status: owned(event, "status"),
        message: owned(&event["diagnostics"], "message"),
    }
}

impl Group {
    /// Reads `deploymentGroupInfo`.
    pub(crate) fn from_answer(group: &Value) -> Self {
        let blue_green = &group["blueGreenDeploymentConfiguration"];
        let ready = &blue_green["deploymentReadyOption"];
        let minutes = |value: &Value| value.as_u64().unwrap_or_default();
        let never_waits = text(ready, "actionOnTimeout") == "CONTINUE_DEPLOYMENT";
        let ends = &blue_green["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"];
        let rollback = &group["autoRollbackConfiguration"];
        let is_on = rollback["enabled"].as_bool().unwrap_or_default();
        let events = list(rollback, "events").filter_map(Value::as_str).map(str::to_owned);
        Self {
            never_waits,
            waits: minutes(&ready["waitTimeInMinutes"]).saturating_add(minutes(ends)),
            rollback_events: if is_on { events.collect() } else { Vec::new() },
        }
    }
}
