//! All decisions: where each service goes, how, and whether it can.

mod refused;

use actions_core::ActionError as _;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::rollback::args::Mode;
use crate::commands::rollback::by_codedeploy;
use crate::commands::rollback::choice::Choice;
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::RollbackInputs;
use crate::commands::rollback::observe::{RollbackSnapshot, Seen};
use crate::commands::rollback::remembered::{Remembered, remembered};
use crate::error::Error;
use crate::image_check::ImageState;
use crate::inputs::Preflight;
use crate::names::{ServiceName, revision_name};
use crate::observe::Registered;
use crate::plan::{ContainerImage, Plan, can_be_deployed};
use crate::preflight::{Finding, NotLooked};
use crate::rollout::Refusal;
use crate::service_deployment::Status;

/// What will be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollbackPlan {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// Whether it is only told.
    pub(crate) only_planned: bool,
    /// What is done to each service, in the order of the inputs.
    pub(crate) services: Vec<OnePlan>,
    /// What would be done to rules and schedules, where nothing is done.
    pub(crate) foreseen: Vec<String>,
}

/// What is done to one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OnePlan {
    /// The service's name.
    pub(crate) service: String,
    /// The ARN of what it aims at now.
    pub(crate) from: String,
    /// The ARN of what it goes back to.
    pub(crate) to: String,
    pub(crate) how: How,
    /// When it ran well there: `deployed successfully 2026-11-21 16:26 UTC`; empty when that is not known.
    pub(crate) ran_well: String,
    /// What ran later and is left out, with the reason.
    pub(crate) skipped: Vec<String>,
    /// The images, container by container.
    pub(crate) images: Vec<ContainerImage>,
    /// What the user should know before it is done.
    pub(crate) warnings: Vec<String>,
    /// What could not be seen.
    pub(crate) notices: Vec<String>,
    /// What was found of what the revision names, but for the images.
    pub(crate) preflight: Vec<Finding>,
    /// What keeps it from being done.
    pub(crate) obstacles: Vec<String>,
    /// The same as a deployment of that revision, which is what follows it.
    #[serde(skip)]
    pub(crate) plan: Plan,
}

impl OnePlan {
    /// What is known of the revision: ` (deployed successfully 2026-11-21 16:26 UTC; skipped: shop:15 was rolled back)`.
    pub(super) fn known(&self) -> String {
        let skipped = (!self.skipped.is_empty()).then(|| format!("skipped: {}", self.skipped.join(", ")));
        let parts: Vec<String> =
            [self.ran_well.clone()].into_iter().filter(|part| !part.is_empty()).chain(skipped).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
    }
}

impl RollbackPlan {
    /// What keeps the services from going back; of several each with its service.
    pub(super) fn obstacles(&self) -> Vec<String> {
        let several = self.services.len() > 1;
        let of = |one: &OnePlan, problem: &str| {
            if several { format!("{}: {problem}", one.service) } else { problem.to_owned() }
        };
        let all = self.services.iter().flat_map(|one| one.obstacles.iter().map(move |problem| of(one, problem)));
        all.collect()
    }
}

/// How a service goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum How {
    /// ECS rolls back the deployment that is under way.
    Stop {
        /// The ARN of its service deployment.
        service_deployment: String,
    },
    /// The service is given the revision.
    Update,
    /// CodeDeploy stops the deployment that is under way, and goes back from it.
    StopDeployment {
        /// Its id.
        deployment: String,
    },
    /// CodeDeploy deploys the revision again.
    Deploy {
        /// The id of the deployment that is under way, and stopped before.
        displaces: Option<String>,
    },
    /// It is there: why.
    Nothing(String),
}

/// Decides; when one service cannot go back, none does.
pub(super) fn plan(inputs: &RollbackInputs, snapshot: &RollbackSnapshot) -> Result<RollbackPlan, RollbackError> {
    let seen = inputs.deploy.services.iter().zip(&snapshot.services);
    let services: Result<Vec<OnePlan>, RollbackError> =
        seen.map(|(name, seen)| one(inputs, name, seen, snapshot.is_aws)).collect();
    let cluster = inputs.deploy.cluster.to_string();
    Ok(RollbackPlan {
        cluster,
        only_planned: inputs.mode == Mode::Plan,
        services: services?,
        foreseen: snapshot.foreseen.clone(),
    })
}

fn one(inputs: &RollbackInputs, name: &ServiceName, seen: &Seen, is_aws: bool) -> Result<OnePlan, RollbackError> {
    let service = name.to_string();
    let before = &seen.before.service;
    can_be_deployed(&inputs.deploy, name, &seen.before).map_err(always_followed)?;
    let choice = seen.choice.as_ref().map_err(|unknown| refused::nowhere(&service, &inputs.to, unknown, seen))?;
    let Some(target) = &seen.target else {
        let why = "ECS does not know the revision".to_owned();
        return Err(RollbackError::NothingToRestore { service, why, candidates: seen.candidates.clone() });
    };
    let from = seen.from.clone();
    let how = how(choice, target, seen);
    let goes = !matches!(how, How::Nothing(_));
    let known = if goes { remembered(&service, choice, &from, &seen.past) } else { Remembered::default() };
    let mut warnings: Vec<String> = known.warning.into_iter().collect();
    if goes {
        refused::refuse(&service, inputs, &from, target, seen)?;
        match refused::images(target, &how, seen) {
            Err(gone @ RollbackError::ImageGone { .. }) if inputs.deploy.preflight == Preflight::Warn => {
                warnings.push(gone.told());
            }
            looked => warnings.extend(looked?),
        }
    }
    if let How::Deploy { displaces: Some(other) } = &how {
        warnings.push(format!("{service}: deployment {other} is under way, and is stopped and undone first"));
    }
    let problems: Vec<String> = seen.preflight.iter().filter_map(Finding::problem).collect();
    let obstacles = match inputs.deploy.preflight {
        Preflight::Fail => problems,
        Preflight::Warn => {
            warnings.extend(problems);
            Vec::new()
        }
        Preflight::Off => Vec::new(),
    };
    if let Choice::Stay { doubt, .. } = choice
        && !doubt.is_empty()
    {
        warnings.push(format!("{service} was left: {doubt}"));
    }
    if how == How::Update && !before.is_rolling() {
        let strategy = &before.strategy;
        warnings.push(format!("{service} is deployed by the strategy {strategy}: its stages and hooks run again"));
    }
    let mut plan = Plan::of_existing(&inputs.deploy, name, &seen.before, target, is_aws);
    by_codedeploy::direct(&mut plan, &how, seen.before.codedeploy.as_ref());
    Ok(OnePlan {
        images: compared(target, seen.running.as_ref()),
        notices: known.notice.into_iter().chain(notices(seen)).collect(),
        ran_well: known.ran_well,
        skipped: known.skipped,
        preflight: seen.preflight.clone(),
        obstacles,
        to: target.arn.clone(),
        service,
        from,
        how,
        warnings,
        plan,
    })
}

/// No input has a rollback not followed.
fn always_followed(error: Error) -> Error {
    match error {
        Error::CannotBeFollowed { service, strategy, way_out, .. } => {
            Error::CannotBeFollowed { service, strategy, way_out, without: "" }
        }
        other => other,
    }
}

fn how(choice: &Choice, target: &Registered, seen: &Seen) -> How {
    let revision = match choice {
        Choice::Stay { why, .. } => return How::Nothing(why.clone()),
        Choice::Go { revision, .. } => revision,
    };
    if target.arn == seen.from {
        return How::Nothing(format!("it aims at {} already", revision_name(&seen.from)));
    }
    let present = seen.past.present.as_ref();
    if let Some(group) = &seen.before.codedeploy {
        return by_codedeploy::how(group, present, &target.arn);
    }
    let stops = present.filter(|present| {
        let is_source = present.source.as_ref().is_some_and(|(own, td)| own == revision && *td == target.arn);
        // One that goes back already is only waited for.
        let goes_there = matches!(present.status, Status::RollbackRequested | Status::RollbackInProgress);
        is_source && (goes_there || matches!(present.status, Status::Pending | Status::InProgress))
    });
    stops.map_or(How::Update, |present| How::Stop { service_deployment: present.arn.clone() })
}

/// What could not be seen: one line for each reason.
fn notices(seen: &Seen) -> Vec<String> {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for image in &seen.images {
        let why = match &image.state {
            ImageState::NotLooked(NotLooked::Permission(action)) => format!("grant `{action}` to do that"),
            ImageState::NotLooked(NotLooked::Because(why)) => why.clone(),
            ImageState::There | ImageState::Moved { .. } | ImageState::Gone { .. } => continue,
        };
        reasons.entry(why).or_default().push(format!("`{}`", image.container));
    }
    let images = reasons.into_iter().map(|(why, containers)| {
        format!("whether the images of {} are still there was not looked at: {why}", containers.join(", "))
    });
    let refused = seen.before.history.refused.as_ref().filter(|refused| refused.denied);
    let of_codedeploy = seen.before.codedeploy.iter().flat_map(|group| group.notes().to_vec());
    images.chain(refused.map(Refusal::notice)).chain(of_codedeploy).collect()
}

fn compared(target: &Registered, running: Option<&Registered>) -> Vec<ContainerImage> {
    let before = |name: &str| running.and_then(|running| running.definition.image(name)).map(str::to_owned);
    let containers = target.definition.containers().into_iter();
    containers
        .map(|container| ContainerImage {
            container: container.name.to_owned(),
            before: before(container.name),
            after: container.image.to_owned(),
        })
        .collect()
}
