//! What there is: the service, its present service deployment, what it brings. Changes nothing, decides nothing.

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};

use crate::commands::continuation::error::ContinueError;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::ecs::Ecs;
use crate::history::newest;
use crate::observe::{Registered, compared, hide, service};
use crate::rollout::Candidate;
use crate::service::{Service, list, owned};

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinueSnapshot {
    pub(crate) service: Service,
    /// The service deployment that the service names as its present one, or else the newest.
    pub(crate) present: Option<Candidate>,
    /// The ARN of the task definition that ran before it; empty when that is not known.
    pub(crate) previous: String,
    /// What it brings, for the causes of a bad end.
    pub(crate) definition: Option<Registered>,
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
    let present = present(inputs, ecs, &service).await.map_err(|answer| unreadable(inputs, answer))?;
    let previous = match &present {
        Some(present) => source(ecs, present).await,
        None => String::new(),
    };
    let brought = present.as_ref().map(|present| present.task_definition.as_str()).filter(|arn| !arn.is_empty());
    let definition = match brought {
        // It is for the causes of a bad end alone: what it lacks is told then.
        Some(arn) => compared(ecs, arn, &mut Vec::new()).await?,
        None => None,
    };
    hide(definition.iter().map(|known| &known.definition), session);
    Ok(ContinueSnapshot { service, present, previous, definition, is_aws: ecs.is_aws })
}

async fn present(inputs: &ContinueInputs, ecs: &Ecs, service: &Service) -> Result<Option<Candidate>, ApiError> {
    let named = Some(service.current_service_deployment.clone()).filter(|arn| !arn.is_empty());
    let arn = match named {
        Some(arn) => Some(arn),
        None => newest(&ecs.list_service_deployments(inputs.cluster.as_str(), inputs.service.as_str(), None).await?),
    };
    let Some(arn) = arn else { return Ok(None) };
    Ok(ecs.candidates(&[arn]).await?.into_iter().next())
}

/// The task definition that ran before: for the words of a rollback alone.
async fn source(ecs: &Ecs, present: &Candidate) -> String {
    let sources: Vec<String> =
        list(&present.deployment.raw, "sourceServiceRevisions").map(|source| owned(source, "arn")).collect();
    let [source] = sources.as_slice() else { return String::new() };
    let found = ecs.service_revisions(std::slice::from_ref(source)).await.unwrap_or_default();
    found.into_iter().next().map(|(_, task_definition)| task_definition).unwrap_or_default()
}

fn unreadable(inputs: &ContinueInputs, answer: ApiError) -> ContinueError {
    if answer.kind == ApiErrorKind::AccessDenied {
        ContinueError::HooksUnreadable { service: inputs.service.to_string(), answer }
    } else {
        answer.into()
    }
}
