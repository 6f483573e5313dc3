//! The revision of a service's last successful deployment: what it can go back to.

use aws_client::ApiError;

use crate::ecs::Ecs;
use crate::follow::lasting;
use crate::history::History;
use crate::names::revision_name;
use crate::observe::registered;
use crate::service::{RolloutState, Service};
use crate::service_deployment::{Brief, Status};

/// The ARN of the task definition, or why there is none to go back to.
///
/// # Errors
/// A call that failed and may succeed when it is made again.
pub(crate) async fn last_good(
    ecs: &Ecs,
    service: &Service,
    history: &History,
) -> Result<Result<String, String>, ApiError> {
    let found = match newest_successful(&history.known) {
        Some(newest) => of_revision(ecs, &newest.target).await?,
        None if history.known.is_empty() => present(service, history),
        None => Err("none of its service deployments was successful".to_owned()),
    };
    Ok(match found {
        Ok(arn) => active(ecs, arn).await,
        Err(why) => Err(why),
    })
}

async fn active(ecs: &Ecs, arn: String) -> Result<String, String> {
    match ecs.task_definition(&arn).await.as_ref().map(registered) {
        Ok(Ok(known)) if known.status != "ACTIVE" => Err(format!("{} is {}", revision_name(&arn), known.status)),
        // ECS itself refuses a revision that is not active.
        _ => Ok(arn),
    }
}

/// The one that ended last of those that were successful.
pub(crate) fn newest_successful(known: &[Brief]) -> Option<&Brief> {
    let successful = known.iter().filter(|brief| brief.status == Status::Successful);
    successful.max_by(|a, b| a.ended().total_cmp(&b.ended()))
}

async fn of_revision(ecs: &Ecs, target: &str) -> Result<Result<String, String>, ApiError> {
    let found = match ecs.service_revisions(&[target.to_owned()]).await {
        Ok(found) => found,
        Err(error) => return Ok(Err(format!("grant `{}` to know what was successful last", lasting(error)?.action))),
    };
    let found = found.into_iter().find(|(own, _)| own == target).map(|(_, definition)| definition);
    Ok(found.filter(|arn| !arn.is_empty()).ok_or_else(|| "ECS does not tell what was successful last".to_owned()))
}

/// Without service deployments only what runs is known, and only whether it is complete.
fn present(service: &Service, history: &History) -> Result<String, String> {
    let primary = service.primary().filter(|primary| primary.rollout == RolloutState::Completed);
    primary.map(|primary| primary.task_definition.clone()).ok_or_else(|| match &history.refused {
        Some(refused) if refused.denied => format!("grant `{}` to know what was successful last", refused.action),
        _ => "what ran before was not complete, so nothing is known to be good".to_owned(),
    })
}
