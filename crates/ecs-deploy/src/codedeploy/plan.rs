//! What is done to a service that `CodeDeploy` deploys.

use std::time::Duration;

use serde::Serialize;

use crate::codedeploy::answer::Deployment;
use crate::codedeploy::api::Api;
use crate::codedeploy::appspec::AppSpec;
use crate::codedeploy::error::CodeDeployError;
use crate::codedeploy::observe::Seen;
use crate::ecs::Ecs;
use crate::inputs::{Inputs, Remedy};
use crate::names::ServiceName;
use crate::plan::{Registration, ServiceUpdate, UnderWay};
use crate::rollout::WaitUntil;

/// `CodeDeploy` undoes a deployment that failed.
const ON_FAILURE: &str = "DEPLOYMENT_FAILURE";

/// What is done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CodeDeployPlan {
    pub(crate) application: String,
    pub(crate) group: String,
    /// How the traffic moves; `None`: as the group says.
    pub(crate) config: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) begin: Begin,
    /// When `CodeDeploy` undoes the deployment; `None`: as the group says.
    pub(crate) rollback_events: Option<Vec<String>>,
    /// The minutes that the group waits by itself.
    pub(crate) waits: u64,
    /// How it is followed, where that is less than could be.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
    #[serde(skip)]
    pub(crate) appspec: AppSpec,
}

/// Whether a deployment is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Begin {
    /// The service runs what was asked for.
    Nothing,
    /// The deployment of this id does what was asked for, and is followed.
    Join(String),
    /// One is made.
    Create,
}

impl CodeDeployPlan {
    /// Decides, and leaves of `update` what `UpdateService` is told: `CodeDeploy` alone changes the task definition, and with it
    /// `UpdateService` refuses most fields
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>).
    pub(crate) fn new(
        inputs: &Inputs,
        target: &ServiceName,
        seen: &Seen,
        registration: &Registration,
        update: Option<ServiceUpdate>,
    ) -> (Option<ServiceUpdate>, Self) {
        let is_new =
            update.as_ref().is_some_and(|update| update.task_definition || update.force_new_deployment.is_some());
        let begin = begin(seen, registration, is_new);
        let update = match begin {
            Begin::Create => update.or(Some(ServiceUpdate::TASK_DEFINITION)),
            Begin::Nothing | Begin::Join(_) => update.as_ref().and_then(settings),
        };
        let on_failure = inputs.remedies.on_failure == Remedy::Rollback;
        let plan = Self {
            application: inputs.codedeploy.application(&inputs.cluster, target),
            group: inputs.codedeploy.group(&inputs.cluster, target),
            config: inputs.codedeploy.config.clone(),
            description: inputs.codedeploy.description.clone(),
            begin,
            rollback_events: on_failure.then(|| rollback_events(seen)),
            waits: seen.group.as_ref().map_or(0, |group| group.waits),
            notes: seen.notes.clone(),
            appspec: seen.appspec.clone(),
        };
        (update, plan)
    }

    /// Another deployment that is in the way of a new one.
    pub(crate) fn under_way(&self, seen: &Seen) -> Option<UnderWay> {
        let other = seen.under_way.as_ref().filter(|_| self.begin == Begin::Create)?;
        let task_definition = other.task_definition();
        Some(UnderWay { deployment: other.id.clone(), task_definition, service_deployment: None })
    }

    /// The application and the deployment group.
    pub(super) fn place(&self) -> (&str, &str) {
        (&self.application, &self.group)
    }

    /// The API for this group.
    pub(crate) fn api<'a>(&'a self, ecs: &'a Ecs) -> Api<'a> {
        Api { ecs, application: &self.application, group: &self.group }
    }

    /// How long the deployment is waited for: longer where the group waits by itself, unless `wait-timeout` says how long.
    pub(super) fn limit(&self, inputs: &Inputs, wait: Duration) -> Duration {
        if inputs.adds_waits { longer(&inputs.wait_until, wait, self.waits) } else { wait }
    }
}

/// The time and what the group itself waits, where the end is waited for.
fn longer(until: &WaitUntil, wait: Duration, minutes: u64) -> Duration {
    if *until == WaitUntil::Ready { wait } else { wait.saturating_add(Duration::from_mins(minutes)) }
}

fn begin(seen: &Seen, registration: &Registration, is_new: bool) -> Begin {
    let ours = match registration {
        Registration::Reuse(arn) => Some(seen.appspec.with(arn)),
        Registration::New => None,
    };
    let is_same = |other: &&Deployment| ours.as_ref().is_some_and(|ours| !other.is_rollback && other.deploys(ours));
    let same = seen.under_way.as_ref().filter(is_same);
    match same {
        Some(same) => Begin::Join(same.id.clone()),
        // What runs now is what is asked for, and another deployment is about to replace it.
        None if is_new || seen.under_way.is_some() => Begin::Create,
        None => Begin::Nothing,
    }
}

/// The group's own occasions, and a failure.
fn rollback_events(seen: &Seen) -> Vec<String> {
    let mut events = seen.group.as_ref().map(|group| group.rollback_events.clone()).unwrap_or_default();
    if !events.iter().any(|event| event == ON_FAILURE) {
        events.push(ON_FAILURE.to_owned());
    }
    events
}

/// What `UpdateService` takes of it; `None` when nothing is left.
pub(super) fn settings(update: &ServiceUpdate) -> Option<ServiceUpdate> {
    let left = ServiceUpdate { task_definition: false, force_new_deployment: None, volume: None, ..update.clone() };
    (!left.settings().is_empty()).then_some(left)
}

/// Refuses what `CodeDeploy` cannot do; `seen` is `None` for a service that ECS deploys itself.
pub(crate) fn can_be_deployed(
    inputs: &Inputs,
    service: &ServiceName,
    seen: Option<&Seen>,
) -> Result<(), CodeDeployError> {
    let refuse = |input, why| Err(CodeDeployError::Mismatch { service: service.to_string(), input, why });
    let Some(seen) = seen else {
        return match inputs.wait_until {
            WaitUntil::Ready => refuse("wait-until", "only a deployment of CodeDeploy is ever `ready`"),
            _ => Ok(()),
        };
    };
    if inputs.services.len() > 1 {
        return refuse("services", "services of the CODE_DEPLOY controller are deployed and taken back one in a step");
    }
    if inputs.volume.is_some() {
        return refuse(
            "service-managed-ebs-volume",
            "ECS takes no volumes for a service of the CODE_DEPLOY controller",
        );
    }
    match inputs.wait_until {
        WaitUntil::Deployed => Ok(()),
        WaitUntil::Ready => match &seen.group {
            Some(group) if group.never_waits => {
                let group = inputs.codedeploy.group(&inputs.cluster, service);
                Err(CodeDeployError::NeverReady { group })
            }
            _ => Ok(()),
        },
        WaitUntil::Stable | WaitUntil::Paused | WaitUntil::Stage(_) => {
            refuse("wait-until", "a deployment of CodeDeploy is waited for until `deployed` or `ready`")
        }
    }
}

#[cfg(test)]
mod tests;
