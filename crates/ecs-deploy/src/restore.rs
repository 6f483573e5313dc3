//! What is done about a deployment that did not end well: ECS rolls it back, the service gets another revision, or nothing.
//!
//! [`decide`] is pure and sees fresh answers each time: before every change, and after every change that was refused or not
//! answered. `StopServiceDeployment` is bound to our own service deployment, so it can undo nobody else's; `UpdateService` is
//! not, so it comes only where the other cannot be had, and its answer is searched for whom it displaced.

mod ask;

pub(crate) use ask::{Asked, Hands, ask, may_be_received};

use std::collections::BTreeSet;

use aws_client::{ApiError, ApiErrorKind};
use serde::Serialize;

use crate::inputs::{Remedies, Remedy};
use crate::names::revision_name;
use crate::outcome::Verdict;
use crate::rollout::says_rollback;
use crate::service::{Deployment, RolloutState, Service};
use crate::service_deployment::{ServiceDeployment, Status};

/// It was asked for, and not answered.
pub(crate) const NOT_KNOWN: &str = "whether the rollback was received is not known";

/// How the deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It failed.
    Failure,
    /// It is not complete when the time is up.
    TimeOut,
    /// The run was cancelled.
    Cancel,
}

/// What does not change while it is decided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) occasion: Occasion,
    /// The id of our deployment.
    pub(crate) deployment: String,
    /// Whether this run began it.
    pub(crate) started: bool,
    /// Whether service deployments can be read.
    pub(crate) readable: bool,
    /// Whether ECS tells a rollout state for it.
    pub(crate) is_rolling: bool,
    /// What the service would get from us.
    pub(crate) fallback: Fallback,
    /// The ids of the deployments there were before ours.
    pub(crate) before: BTreeSet<String>,
}

/// The revision that the service would get back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fallback {
    /// This one, by its ARN.
    To(String),
    /// It is not known, or cannot be had; ECS itself may know better.
    Unknown(String),
    /// There is nothing to go back to, for ECS neither.
    Nothing(String),
}

/// What was seen just now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) service: Service,
    /// Our service deployment; `None` where it cannot be read or was not found.
    pub(crate) own: Option<ServiceDeployment>,
}

/// Whether `StopServiceDeployment` can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// As far as is known.
    Possible,
    /// It cannot: why.
    Unavailable(String),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    /// Nothing: it is complete after all.
    Deployed,
    /// Nothing: the service goes back already, or went back.
    Follow,
    /// Look again: something is on its way.
    Wait,
    /// `StopServiceDeployment` with the stop type `ROLLBACK`.
    Stop {
        /// The ARN of our service deployment.
        arn: String,
    },
    /// `UpdateService`.
    Update {
        /// The ARN of the task definition.
        to: String,
    },
    /// Nothing: why.
    Not(String),
}

impl Occasion {
    /// What a verdict gives occasion for, where the inputs ask for a rollback.
    pub(crate) fn of(verdict: Verdict, remedies: Remedies) -> Option<Self> {
        let (occasion, remedy) = match verdict {
            Verdict::Failed => (Self::Failure, remedies.on_failure),
            Verdict::TimedOut => (Self::TimeOut, remedies.on_timeout),
            Verdict::Cancelled => (Self::Cancel, remedies.on_cancel),
            Verdict::Deployed
            | Verdict::Restored
            | Verdict::AlreadyDeployed
            | Verdict::Registered
            | Verdict::AlreadyRegistered
            | Verdict::Updated
            | Verdict::Paused
            | Verdict::StageReached
            | Verdict::RolledBack
            | Verdict::Superseded => return None,
        };
        (remedy == Remedy::Rollback).then_some(occasion)
    }

    /// The input that asks for it.
    pub(crate) const fn input(self) -> &'static str {
        match self {
            Self::Failure => "on-failure",
            Self::TimeOut => "on-timeout",
            Self::Cancel => "on-cancel",
        }
    }
}

/// Decides.
pub(crate) fn decide(case: &Case, look: &Look, stop: &Stop) -> Move {
    if case.occasion != Occasion::Failure && !case.started {
        return Move::Not("this run did not start the deployment".to_owned());
    }
    if let Fallback::Nothing(why) = &case.fallback {
        return Move::Not(why.clone());
    }
    if !matches!(look.service.status.as_str(), "ACTIVE" | "") {
        return Move::Not(format!("the service is {}", look.service.status));
    }
    match &look.own {
        Some(own) => by_service_deployment(case, look, own, stop),
        None => by_rollout_state(case, &look.service),
    }
}

fn by_service_deployment(case: &Case, look: &Look, own: &ServiceDeployment, stop: &Stop) -> Move {
    let primary = look.service.primary();
    let is_ours = primary.is_some_and(|primary| primary.id == case.deployment);
    match &own.status {
        Status::Successful => Move::Deployed,
        Status::RollbackRequested
        | Status::RollbackInProgress
        | Status::RollbackSuccessful
        | Status::RollbackFailed => Move::Follow,
        Status::StopRequested => Move::Wait,
        Status::Stopped if !is_ours => taken(primary),
        Status::Stopped if case.occasion == Occasion::Cancel => Move::Not("it was stopped already".to_owned()),
        Status::Stopped => update(case),
        Status::Pending | Status::InProgress if case.occasion == Occasion::TimeOut && own.pauses().next().is_some() => {
            Move::Not("it is paused until somebody goes on or back".to_owned())
        }
        // The two answers are of different moments.
        Status::Pending | Status::InProgress if !is_ours => Move::Wait,
        Status::Pending | Status::InProgress => match stop {
            Stop::Possible => Move::Stop { arn: own.arn.clone() },
            // A second try has no time left.
            Stop::Unavailable(why) if case.occasion == Occasion::Cancel => Move::Not(why.clone()),
            Stop::Unavailable(_) => update(case),
        },
        Status::Unknown(word) => {
            Move::Not(format!("its service deployment is `{word}`, a word that is newer than this program"))
        }
    }
}

fn by_rollout_state(case: &Case, service: &Service) -> Move {
    let Some(primary) = service.primary() else { return taken(None) };
    if primary.id != case.deployment {
        return if says_rollback(primary) { Move::Follow } else { taken(Some(primary)) };
    }
    match &primary.rollout {
        RolloutState::Completed if case.is_rolling => Move::Deployed,
        RolloutState::Unknown(word) => {
            Move::Not(format!("its rollout state is `{word}`, a word that is newer than this program"))
        }
        RolloutState::Absent | RolloutState::InProgress | RolloutState::Completed | RolloutState::Failed => {
            if case.occasion == Occasion::Cancel && case.readable {
                return Move::Not("its service deployment was not found in time".to_owned());
            }
            update(case)
        }
    }
}

fn update(case: &Case) -> Move {
    match &case.fallback {
        Fallback::To(to) => Move::Update { to: to.clone() },
        Fallback::Unknown(why) | Fallback::Nothing(why) => Move::Not(why.clone()),
    }
}

fn taken(primary: Option<&Deployment>) -> Move {
    let by = primary.map_or("", |primary| revision_name(&primary.task_definition));
    let by = if by.is_empty() { "something else".to_owned() } else { format!("another deployment, of {by}") };
    Move::Not(format!("the service aims at {by}"))
}

/// Whose place an update took that was meant for ours: the task definition of a deployment that is neither ours nor the new one, and
/// was in none of the looks before.
pub(crate) fn displaced<'a>(known: &BTreeSet<String>, answer: &'a Service) -> Option<&'a str> {
    let stranger = answer.deployments.iter().find(|entry| !entry.is_primary() && !known.contains(&entry.id));
    stranger.map(|stranger| stranger.task_definition.as_str())
}

/// Why `StopServiceDeployment` cannot be had; `None` when the error may be of the moment.
pub(crate) fn unavailable(error: &ApiError) -> Option<String> {
    if error.kind == ApiErrorKind::AccessDenied {
        return Some(format!("grant `{}` to have ECS roll back", error.iam_action()));
    }
    let unsupported =
        matches!(error.code.as_deref(), Some("UnsupportedFeatureException" | "UnknownOperationException"));
    unsupported.then(|| format!("`{}` has no answer here", error.iam_action()))
}

#[cfg(test)]
mod tests;
