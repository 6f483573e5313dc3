//! What there is: the service, its present service deployment, what it brings. Changes nothing, decides nothing.

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};

use crate::codedeploy::{self, Deployment};
use crate::commands::continuation::by_codedeploy;
use crate::commands::continuation::error::ContinueError;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::ecs::Ecs;
use crate::history::newest;
use crate::observe::{Registered, hide, registered, service};
use crate::rollout::Candidate;
use crate::service::{Service, list, owned};

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinueSnapshot {
    pub(crate) service: Service,
    /// The service deployment that the service names as its present one, or else the newest.
    pub(crate) present: Option<Candidate>,
    /// The deployment that the id names, where CodeDeploy deploys the service.
    pub(crate) deployment: Option<Deployment>,
    /// The ARN of the task definition that ran before it; empty when that is not known.
    pub(crate) previous: String,
    /// What it brings, for the causes of a bad end.
    pub(crate) definition: Option<Registered>,
    /// What could not be seen, for want of a permission that is not strictly needed.
    pub(crate) blind_spots: Vec<String>,
    /// Whether AWS itself answers, so that its console has something to show.
    pub(crate) is_aws: bool,
}

/// Observes everything the plan needs.
pub(super) async fn observe(
    inputs: &ContinueInputs,
    ecs: &Ecs,
    session: &Session,
) -> Result<ContinueSnapshot, ContinueError> {
    let service = service(&inputs.cluster, &inputs.service, ecs).await?;
    let mut blind_spots = Vec::new();
    if service.controller == codedeploy::CONTROLLER {
        return with_codedeploy(inputs, ecs, session, service).await;
    }
    let present = present(inputs, ecs, &service, &mut blind_spots).await?;
    let previous = match &present {
        Some(present) => source(ecs, present).await,
        None => String::new(),
    };
    let brought = present.as_ref().map(|present| present.task_definition.as_str()).filter(|arn| !arn.is_empty());
    let definition = match brought {
        Some(arn) => definition(ecs, arn, &mut blind_spots).await?,
        None => None,
    };
    hide(definition.iter().map(|known| &known.definition), session);
    Ok(ContinueSnapshot { service, present, deployment: None, previous, definition, blind_spots, is_aws: ecs.is_aws })
}

/// The same of a service that CodeDeploy deploys.
async fn with_codedeploy(
    inputs: &ContinueInputs,
    ecs: &Ecs,
    session: &Session,
    service: Service,
) -> Result<ContinueSnapshot, ContinueError> {
    let mut blind_spots = Vec::new();
    let deployment = by_codedeploy::observe(inputs, ecs, &mut blind_spots).await?;
    let brought = deployment.as_ref().map(Deployment::task_definition).filter(|arn| !arn.is_empty());
    let definition = match brought {
        Some(arn) => definition(ecs, &arn, &mut blind_spots).await?,
        None => None,
    };
    hide(definition.iter().map(|known| &known.definition), session);
    let previous = service.task_definition.clone();
    let is_aws = ecs.is_aws;
    Ok(ContinueSnapshot { service, present: None, deployment, previous, definition, blind_spots, is_aws })
}

/// The list is asked for in any case: following needs it where another deployment takes this one's place, and it is told beforehand
/// that it may not be read.
async fn present(
    inputs: &ContinueInputs,
    ecs: &Ecs,
    service: &Service,
    blind_spots: &mut Vec<String>,
) -> Result<Option<Candidate>, ApiError> {
    let named = Some(service.current_service_deployment.clone()).filter(|arn| !arn.is_empty());
    let known = ecs.list_service_deployments(inputs.cluster.as_str(), inputs.service.as_str(), None).await;
    let arn = match (named, known) {
        (named, Ok(known)) => named.or_else(|| newest(&known)),
        (Some(named), Err(error)) if error.kind == ApiErrorKind::AccessDenied => {
            let action = error.iam_action();
            blind_spots
                .push(format!("grant `{action}` to see which deployment takes this one's place, should one do so"));
            Some(named)
        }
        (_, Err(error)) => return Err(error),
    };
    let Some(arn) = arn else { return Ok(None) };
    Ok(ecs.candidates(&[arn]).await?.into_iter().next())
}

/// What the deployment brings: for the causes of a bad end alone, so a missing permission is no error.
async fn definition(ecs: &Ecs, arn: &str, blind_spots: &mut Vec<String>) -> Result<Option<Registered>, ContinueError> {
    match ecs.task_definition(arn).await {
        Ok(answer) => Ok(Some(registered(&answer)?)),
        Err(error) if error.kind == ApiErrorKind::AccessDenied => {
            let action = error.iam_action();
            blind_spots.push(format!("grant `{action}` to see what containers wrote, should the deployment fail"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The task definition that ran before: for the words of a rollback alone.
async fn source(ecs: &Ecs, present: &Candidate) -> String {
    let sources: Vec<String> =
        list(&present.deployment.raw, "sourceServiceRevisions").map(|source| owned(source, "arn")).collect();
    let [source] = sources.as_slice() else { return String::new() };
    let found = ecs.service_revisions(std::slice::from_ref(source)).await.unwrap_or_default();
    found.into_iter().next().map(|(_, task_definition)| task_definition).unwrap_or_default()
}
