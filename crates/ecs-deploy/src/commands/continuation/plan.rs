//! All decisions: whether the hook is acted on, and which deployment is then followed.

use serde::Serialize;
use serde_json::Value;

use crate::codedeploy;
use crate::commands::continuation::args::HookAction;
use crate::commands::continuation::by_codedeploy;
use crate::commands::continuation::error::ContinueError;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::commands::continuation::observe::ContinueSnapshot;
use crate::console;
use crate::rollout::{Follow, Goal, Hook};
use crate::service::Service;
use crate::service_deployment::{ServiceDeployment, Status};

/// What will be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContinuePlan {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// The service's name.
    pub(crate) service: String,
    /// The ARN of the service deployment.
    pub(crate) service_deployment: String,
    /// The id of the hook.
    pub(crate) hook: String,
    /// What is done with it.
    pub(crate) action: HookAction,
    /// Whether it is done.
    pub(crate) step: Step,
    /// The application and the deployment group, where CodeDeploy deploys the service.
    pub(crate) group: Option<(String, String)>,
    /// The ARN of the task definition that the deployment brings.
    pub(crate) task_definition: String,
    /// The ARN of the one before; empty when that is not known.
    pub(crate) previous: String,
    /// The service's deployments in the AWS console.
    pub(crate) console: Option<String>,
    /// What the user should know before it is done.
    pub(crate) warnings: Vec<String>,
    /// What is followed.
    #[serde(skip)]
    pub(crate) goal: Goal,
    /// The service as it was seen.
    #[serde(skip)]
    pub(crate) before: Service,
}

/// Whether the hook is acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    /// ECS is asked to go on or to go back.
    Act,
    /// It is left alone: why. The deployment is followed.
    Leave(String),
    /// The same, and the deployment is complete.
    Over(String),
}

/// Decides.
pub(super) fn plan(inputs: &ContinueInputs, seen: &ContinueSnapshot) -> Result<ContinuePlan, ContinueError> {
    let service = inputs.service.to_string();
    if seen.service.controller == codedeploy::CONTROLLER {
        return of_codedeploy(inputs, seen);
    }
    let Some(present) = &seen.present else { return Err(ContinueError::NoServiceDeployment { service }) };
    let own = &present.deployment;
    let Some(hook) = own.hooks.iter().find(|hook| hook.id == inputs.hook) else {
        let awaiting = own.pauses().map(|hook| hook.id.clone()).collect();
        return Err(ContinueError::HookNotFound { hook: inputs.hook.clone(), service, awaiting });
    };
    Ok(ContinuePlan {
        cluster: inputs.cluster.to_string(),
        service,
        service_deployment: own.arn.clone(),
        hook: hook.id.clone(),
        action: inputs.action,
        step: step(own, hook),
        group: None,
        task_definition: present.task_definition.clone(),
        previous: seen.previous.clone(),
        console: seen.is_aws.then(|| console::deployments(&seen.service.arn)).flatten(),
        warnings: seen.blind_spots.clone(),
        goal: goal(inputs, seen, own, &present.task_definition),
        before: seen.service.clone(),
    })
}

/// The same of a service that CodeDeploy deploys.
fn of_codedeploy(inputs: &ContinueInputs, seen: &ContinueSnapshot) -> Result<ContinuePlan, ContinueError> {
    by_codedeploy::can_be_waited_for(inputs)?;
    let service = inputs.service.to_string();
    let Some(deployment) = &seen.deployment else {
        return Err(ContinueError::HookNotFound { hook: inputs.hook.clone(), service, awaiting: Vec::new() });
    };
    let task_definition = deployment.task_definition();
    let definition = seen.definition.as_ref().map_or(Value::Null, |known| known.definition.body());
    Ok(ContinuePlan {
        cluster: inputs.cluster.to_string(),
        service,
        service_deployment: String::new(),
        hook: deployment.id.clone(),
        action: inputs.action,
        step: by_codedeploy::step(deployment),
        group: Some((deployment.application.clone(), deployment.group.clone())),
        previous: seen.previous.clone(),
        console: seen.is_aws.then(|| console::deployments(&seen.service.arn)).flatten(),
        warnings: seen.blind_spots.clone(),
        goal: Goal { deployment: deployment.id.clone(), definition, ..Goal::default() },
        task_definition,
        before: seen.service.clone(),
    })
}

/// A hook is acted on once, and only while its deployment is under way.
pub(super) fn step(own: &ServiceDeployment, hook: &Hook) -> Step {
    let status = own.status.word();
    let why = match hook.status.as_str() {
        "AWAITING_ACTION" if own.status == Status::InProgress => return Step::Act,
        "AWAITING_ACTION" => format!("the service deployment is {status}, so the hook is left alone"),
        "TIMED_OUT" => {
            let did = if hook.timeout_action.is_empty() { "went on by itself" } else { &hook.timeout_action };
            format!("the hook expired before: ECS did {did}, and the service deployment is {status}")
        }
        word => format!("the hook was acted on before: it is {word}, and the service deployment is {status}"),
    };
    if own.status == Status::Successful { Step::Over(why) } else { Step::Leave(why) }
}

fn goal(inputs: &ContinueInputs, seen: &ContinueSnapshot, own: &ServiceDeployment, task_definition: &str) -> Goal {
    let primary = seen.service.primary();
    Goal {
        deployment: primary.map(|primary| primary.id.clone()).unwrap_or_default(),
        created: primary.and_then(|primary| primary.created),
        task_definition: task_definition.to_owned(),
        previous_task_definition: seen.previous.clone(),
        mode: Follow::Present { arn: own.arn.clone() },
        wait_until: inputs.watch.until.clone(),
        fail_fast_after: inputs.watch.fail_fast_after,
        definition: seen.definition.as_ref().map_or(Value::Null, |known| known.definition.body()),
        acted_hook: inputs.hook.clone(),
        goes_back: inputs.action == HookAction::Rollback,
        ..Goal::default()
    }
}

#[cfg(test)]
mod tests;
