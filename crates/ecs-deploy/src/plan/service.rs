//! What one service is told, and whether it can be told anything.

use serde::Serialize;

use crate::codedeploy::{self, CodeDeployPlan};
use crate::console;
use crate::error::Error;
use crate::history::History;
use crate::inputs::{Inputs, Propagation, Volume};
use crate::names::{ServiceName, revision_name};
use crate::observe::SeenService;
use crate::plan::Registration;
use crate::restore::Fallback;
use crate::rollout::{Candidate, Refusal, WaitUntil};
use crate::service::{RolloutState, Service};

/// What is done to one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ServicePlan {
    /// The service's name.
    pub(crate) service: String,
    /// What it is told; `None` when there is nothing to tell.
    pub(crate) update: Option<ServiceUpdate>,
    /// The ARN of what it runs now.
    pub(crate) previous: String,
    /// Its deployments in the AWS console.
    pub(crate) console: Option<String>,
    /// The service as ECS takes it: a name or an ARN.
    #[serde(skip)]
    pub(crate) target: ServiceName,
    /// The service as it was seen.
    #[serde(skip)]
    pub(crate) before: Service,
    /// Another deployment that is under way, and in the way of the update.
    pub(crate) under_way: Option<UnderWay>,
    /// The service deployments it had.
    #[serde(skip)]
    pub(crate) history: History,
    /// How CodeDeploy deploys it; `None` where ECS itself does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) codedeploy: Option<CodeDeployPlan>,
    /// What it goes back to when the deployment does not end well; `None` where nothing asks for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<Fallback>,
}

/// Another deployment that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnderWay {
    /// Its id.
    pub(crate) deployment: String,
    /// The ARN of its task definition.
    pub(crate) task_definition: String,
    /// The ARN of its service deployment, where that is known.
    pub(crate) service_deployment: Option<String>,
}

/// What `UpdateService` is told beside cluster and service: what the user gave, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceUpdate {
    /// Whether the task definition is named.
    pub(crate) task_definition: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desired_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) force_new_deployment: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) propagate_tags: Option<Propagation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enable_ecs_managed_tags: Option<bool>,
    /// The volume that ECS makes for each task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<Volume>,
}

impl ServiceUpdate {
    /// Another task definition, and nothing else.
    pub(crate) const TASK_DEFINITION: Self = Self {
        task_definition: true,
        desired_count: None,
        force_new_deployment: None,
        propagate_tags: None,
        enable_ecs_managed_tags: None,
        volume: None,
    };

    /// The inputs behind what is set beside the task definition, and stays so whatever revision runs.
    pub(crate) fn settings(&self) -> Vec<&'static str> {
        let all = [
            ("desired-count", self.desired_count.is_some()),
            ("propagate-tags", self.propagate_tags.is_some()),
            ("enable-ecs-managed-tags", self.enable_ecs_managed_tags.is_some()),
            ("service-managed-ebs-volume", self.volume.is_some()),
        ];
        all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

impl ServicePlan {
    /// Decides for the service `target` as it was seen.
    pub(super) fn new(
        inputs: &Inputs,
        target: &ServiceName,
        seen: &SeenService,
        registration: &Registration,
        is_aws: bool,
    ) -> Self {
        let before = &seen.service;
        let update = update(inputs, before, registration);
        let under_way = update.as_ref().and_then(|_| under_way(seen));
        let (update, under_way, codedeploy) = match &seen.codedeploy {
            None => (update, under_way, None),
            Some(seen) => {
                let (update, plan) = CodeDeployPlan::new(inputs, target, seen, registration, update);
                (update, plan.under_way(seen), Some(plan))
            }
        };
        Self {
            service: target.to_string(),
            update,
            under_way,
            previous: before.task_definition.clone(),
            console: is_aws.then(|| console::deployments(&before.arn)).flatten(),
            target: target.clone(),
            before: before.clone(),
            history: seen.history.clone(),
            codedeploy,
            fallback: seen.last_good.as_ref().map(|good| fallback(good, registration)),
        }
    }

    /// How it is followed, where that is less than could be. What no emulator answers needs no notice.
    pub(super) fn notice(&self) -> Option<String> {
        let of_codedeploy = self.codedeploy.as_ref().and_then(|plan| plan.notes.first()).cloned();
        let refused = self.history.refused.as_ref().filter(|refused| refused.denied);
        refused.map(Refusal::notice).or(of_codedeploy)
    }

    /// What the user should know before the service is updated.
    pub(super) fn warning(&self) -> Option<String> {
        let revision = revision_name(&self.under_way.as_ref()?.task_definition);
        Some(format!("the deployment of `{revision}` is still under way; this one takes its place"))
    }
}

/// What the service goes back to: the last good revision, unless that is what is deployed.
fn fallback(good: &Result<String, String>, registration: &Registration) -> Fallback {
    match (good, registration) {
        (Ok(arn), Registration::Reuse(own)) if arn == own => {
            Fallback::Nothing(format!("{} is what was successful last too", revision_name(arn)))
        }
        (Ok(arn), _) => Fallback::To(arn.clone()),
        (Err(why), _) => Fallback::Unknown(why.clone()),
    }
}

/// The deployment that the service is at, unless that has ended.
fn under_way(seen: &SeenService) -> Option<UnderWay> {
    let primary = seen.service.primary()?;
    let goes_on = |candidate: &&Candidate| candidate.deployment.status.goes_on();
    let present = seen.history.present.as_ref().filter(goes_on);
    (present.is_some() || primary.rollout == RolloutState::InProgress).then(|| UnderWay {
        deployment: primary.id.clone(),
        task_definition: primary.task_definition.clone(),
        service_deployment: present.map(|present| present.deployment.arn.clone()),
    })
}

/// Refuses a service that ECS itself does not deploy, and a wait that cannot end.
pub(crate) fn can_be_deployed(inputs: &Inputs, target: &ServiceName, seen: &SeenService) -> Result<(), Error> {
    let service = &seen.service;
    let name = target.to_string();
    if !matches!(service.status.as_str(), "ACTIVE" | "") {
        return Err(Error::ServiceInactive { service: name, status: service.status.clone() });
    }
    if !matches!(service.controller.as_str(), "ECS" | "" | codedeploy::CONTROLLER) {
        return Err(Error::UnsupportedController { service: name, controller: service.controller.clone() });
    }
    if service.scheduling == "DAEMON" && inputs.desired_count.is_some() {
        return Err(Error::DaemonCount { service: name });
    }
    codedeploy::can_be_deployed(inputs, target, seen.codedeploy.as_ref())?;
    match seen.codedeploy {
        Some(_) => Ok(()),
        None => can_be_followed(inputs, name, seen),
    }
}

/// ECS tells a rollout state for rolling deployments only; stages and pauses are told of service deployments only.
fn can_be_followed(inputs: &Inputs, service: String, seen: &SeenService) -> Result<(), Error> {
    let SeenService { service: before, history, .. } = seen;
    if !inputs.asks_for_history() {
        return Ok(());
    }
    let waits = inputs.wait.is_some();
    if waits && inputs.wait_until.needs_service_deployment() && before.is_rolling() {
        return Err(Error::NoStages { service });
    }
    if waits && inputs.wait_until == WaitUntil::Paused && !before.has_pause {
        return Err(Error::NoPause { service });
    }
    match &history.refused {
        Some(refused) if !before.is_rolling() => {
            let without = if waits {
                ", or write `wait-for-service-stability: false`"
            } else {
                ", or write `on-conflict: supersede`"
            };
            let (strategy, way_out) = (before.strategy.clone(), refused.way_out());
            Err(Error::CannotBeFollowed { service, strategy, way_out, without })
        }
        _ => Ok(()),
    }
}

/// What the service is told; `None` when it is as it was asked for.
fn update(inputs: &Inputs, service: &Service, registration: &Registration) -> Option<ServiceUpdate> {
    let new = match registration {
        Registration::New => true,
        Registration::Reuse(arn) => *arn != service.task_definition,
    };
    let count = inputs.desired_count.filter(|count| i64::from(*count) != service.desired);
    let tags = inputs.propagate_tags.filter(|tags| {
        let present = if service.propagate_tags.is_empty() { "NONE" } else { &service.propagate_tags };
        tags.as_str() != present
    });
    let managed = inputs.enable_ecs_managed_tags.filter(|on| *on != service.managed_tags);
    let volume = inputs.volume.as_ref().filter(|volume| !service.volumes.iter().any(|present| volume.is_in(present)));
    let others = [count.is_some(), tags.is_some(), managed.is_some(), volume.is_some()];
    let needed = new || inputs.force_new_deployment || others.contains(&true);
    needed.then_some(ServiceUpdate {
        task_definition: new,
        desired_count: inputs.desired_count,
        force_new_deployment: inputs.force_new_deployment.then_some(true),
        propagate_tags: inputs.propagate_tags,
        enable_ecs_managed_tags: inputs.enable_ecs_managed_tags,
        volume: inputs.volume.clone(),
    })
}
