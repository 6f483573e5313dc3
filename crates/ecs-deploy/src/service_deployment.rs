//! A service deployment as `DescribeServiceDeployments` tells it, read out of the raw answer
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>).

use serde::Serialize;
use serde_json::Value;

use crate::diagnosis::{Breaker, Triggers};
use crate::rollout::Hook;
use crate::service::{list, owned};
use crate::task_definition::text;

/// What was seen of a service deployment at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ServiceDeployment {
    pub(crate) arn: String,
    pub(crate) status: Status,
    /// ECS's words about the status; empty without any.
    pub(crate) reason: String,
    /// ECS's word for the stage; empty without one: a rolling deployment has none.
    pub(crate) stage: String,
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<f64>,
    /// The ARN of the service revision it brings.
    pub(crate) target: String,
    /// How many tasks of that revision are wanted.
    pub(crate) requested: i64,
    /// The part of the production traffic that the revision gets, in per cent.
    pub(crate) production: Option<f64>,
    /// The part of the test traffic that the revision gets, in per cent.
    pub(crate) test: Option<f64>,
    /// Why it is rolled back, and to which service revision.
    pub(crate) rollback: Option<Rollback>,
    /// `TRIGGERED`, `MONITORING`, `MONITORING_COMPLETE` or `DISABLED`; empty without alarms.
    pub(crate) alarms: String,
    /// What went off.
    pub(crate) triggers: Triggers,
    pub(crate) hooks: Vec<Hook>,
    /// The whole answer.
    pub(crate) raw: Value,
}

/// How far a service deployment is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) enum Status {
    /// It waits for its turn.
    #[default]
    Pending,
    /// It is under way.
    InProgress,
    /// It is complete.
    Successful,
    /// It is being stopped.
    StopRequested,
    /// It was stopped: by somebody, or because another one took its place.
    Stopped,
    /// A rollback was asked for, and may still not come.
    RollbackRequested,
    /// The service goes back.
    RollbackInProgress,
    /// The service went back.
    RollbackSuccessful,
    /// The service could not go back.
    RollbackFailed,
    /// A word that is newer than this program.
    Unknown(String),
}

/// A rollback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rollback {
    pub(crate) reason: String,
    /// The ARN of the service revision it goes to; empty when it is not told.
    pub(crate) revision: String,
}

/// An entry of `ListServiceDeployments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Brief {
    pub(crate) arn: String,
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<f64>,
    /// The ARN of the service revision it brings.
    pub(crate) target: String,
    #[serde(skip)]
    pub(crate) status: Status,
    /// When it ended, in seconds since 1970.
    pub(crate) finished: Option<f64>,
}

impl ServiceDeployment {
    /// Reads one element of `serviceDeployments`.
    pub(crate) fn from_answer(answer: &Value) -> Self {
        let target = &answer["targetServiceRevision"];
        let rollback = &answer["rollback"];
        Self {
            arn: owned(answer, "serviceDeploymentArn"),
            status: Status::parse(text(answer, "status")),
            reason: owned(answer, "statusReason"),
            stage: owned(answer, "lifecycleStage"),
            created: answer["createdAt"].as_f64(),
            target: owned(target, "arn"),
            requested: whole(target, "requestedTaskCount"),
            production: target["requestedProductionTrafficWeight"].as_f64(),
            test: target["requestedTestTrafficWeight"].as_f64(),
            rollback: rollback.is_object().then(|| Rollback {
                reason: owned(rollback, "reason"),
                revision: owned(rollback, "serviceRevisionArn"),
            }),
            alarms: owned(&answer["alarms"], "status"),
            triggers: Triggers::from_answer(answer),
            hooks: list(answer, "lifecycleHookDetails").map(hook).collect(),
            raw: answer.clone(),
        }
    }

    /// Whether the circuit breaker or an alarm has gone off.
    pub(crate) fn is_triggered(&self) -> bool {
        self.alarms == "TRIGGERED" || self.triggers.breaker.as_ref().is_some_and(Breaker::is_triggered)
    }

    /// Why it fails, in all of ECS's words, each once; empty when ECS says nothing.
    pub(crate) fn why(&self) -> String {
        let mut parts = vec![self.reason.clone()];
        parts.extend(self.rollback.as_ref().map(|rollback| rollback.reason.clone()));
        let breaker = self.triggers.breaker.clone().filter(Breaker::is_triggered);
        parts.extend(Triggers { breaker, ..self.triggers.clone() }.lines());
        let mut said: Vec<String> = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            if !said.contains(&part) {
                said.push(part);
            }
        }
        said.join("; ")
    }

    /// The pauses that wait for somebody to go on or to go back.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = &Hook> {
        let waits = |hook: &&Hook| hook.target_type == "PAUSE" && hook.status == "AWAITING_ACTION";
        self.hooks.iter().filter(waits)
    }
}

impl Status {
    fn parse(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "IN_PROGRESS" => Self::InProgress,
            "SUCCESSFUL" => Self::Successful,
            "STOP_REQUESTED" => Self::StopRequested,
            "STOPPED" => Self::Stopped,
            "ROLLBACK_REQUESTED" => Self::RollbackRequested,
            "ROLLBACK_IN_PROGRESS" => Self::RollbackInProgress,
            "ROLLBACK_SUCCESSFUL" => Self::RollbackSuccessful,
            "ROLLBACK_FAILED" => Self::RollbackFailed,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether it has not ended yet, as far as is known.
    pub(crate) fn goes_on(&self) -> bool {
        !matches!(
            self,
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed | Self::Unknown(_)
        )
    }

    /// The word as ECS writes it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::Unknown(word) => word,
        }
    }
}

impl Brief {
    /// When it ended, in seconds since 1970; where that is not told, when it was made.
    pub(crate) fn ended(&self) -> f64 {
        self.finished.or(self.created).unwrap_or_default()
    }

    /// Reads one element of `serviceDeployments`.
    pub(crate) fn from_answer(answer: &Value) -> Self {
        Self {
            arn: owned(answer, "serviceDeploymentArn"),
            created: answer["createdAt"].as_f64(),
            target: owned(answer, "targetServiceRevisionArn"),
            status: Status::parse(text(answer, "status")),
            finished: answer["finishedAt"].as_f64(),
        }
    }
}

fn hook(answer: &Value) -> Hook {
    Hook {
        id: owned(answer, "hookId"),
        target_type: owned(answer, "targetType"),
        target: owned(answer, "targetArn"),
        status: owned(answer, "status"),
        expires_at: answer["expiresAt"].as_f64(),
        timeout_action: owned(answer, "timeoutAction"),
    }
}

fn whole(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_default()
}

#[cfg(test)]
mod tests;
