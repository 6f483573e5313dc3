//! The service deployments there were before: whether they can be read, and which is the present one.

use aws_client::ApiError;

use crate::ecs::Ecs;
use crate::follow::lasting;
use crate::rollout::{Candidate, Refusal};
use crate::service::Service;
use crate::service_deployment::Brief;

/// What was seen of a service's service deployments.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct History {
    /// Those there were.
    pub(crate) known: Vec<Brief>,
    /// The one that the service names as its present one, or else the newest.
    pub(crate) present: Option<Candidate>,
    /// The first of the three calls that was refused.
    pub(crate) refused: Option<Refusal>,
}

/// Tries the calls that follow a service deployment: all read only, and none of them strictly needed.
///
/// # Errors
/// A call that failed and may succeed when it is made again: nothing is decided on what was not seen.
pub(crate) async fn history(ecs: &Ecs, cluster: &str, service: &str, seen: &Service) -> Result<History, ApiError> {
    let mut history = History::default();
    match ecs.list_service_deployments(cluster, service, None).await {
        Ok(known) => history.known = known,
        Err(error) => history.refused = Some(lasting(error)?),
    }
    let current = Some(seen.current_service_deployment.clone()).filter(|arn| !arn.is_empty());
    let arn = current.or_else(|| newest(&history.known));
    if let (None, Some(arn)) = (&history.refused, arn) {
        match ecs.candidates(&[arn]).await {
            Ok(found) => history.present = found.into_iter().next(),
            Err(error) => history.refused = Some(lasting(error)?),
        }
    }
    Ok(history)
}

/// The ARN of the one that was made last.
pub(crate) fn newest(known: &[Brief]) -> Option<String> {
    let newest = known.iter().max_by(|a, b| a.created.partial_cmp(&b.created).unwrap_or(std::cmp::Ordering::Equal));
    newest.map(|newest| newest.arn.clone())
}
