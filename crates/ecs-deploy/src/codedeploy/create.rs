//! Makes the deployment, once: `CodeDeploy` has no token against making two.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use tokio::time::sleep;

use crate::codedeploy::api::Api;
use crate::codedeploy::apply::Deploying;
use crate::codedeploy::appspec::Content;
use crate::codedeploy::observe::of_group;
use crate::error::{ConflictError, Error};
use crate::follow::passes;
use crate::names::revision_name;

/// The pauses between two tries, where an answer was lost or AWS is busy.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// A deployment, and whose it is.
pub(super) struct Started {
    pub(super) id: String,
    /// Whether this run made it: no other is ever stopped for what becomes of it.
    pub(super) by_us: bool,
}

impl Deploying<'_> {
    /// Makes the deployment. After an answer that was lost the group tells whether it was heard: it has one more deployment, of what
    /// was sent, even when that has ended meanwhile.
    pub(super) async fn create(&self) -> Result<Started, Error> {
        let (api, content) = (self.code.api(self.site.ecs), self.code.appspec.with(self.revision));
        let before = api.made_lately().await.map_err(|error| of_group(error, &api))?;
        let (mut pauses, mut was_lost) = (PAUSES.into_iter(), false);
        loop {
            let error = match api.create(self.code, &content).await {
                Ok(id) if id.is_empty() => {
                    let why = "it has no `deploymentId`".to_owned();
                    return Err(Error::UnexpectedAnswer { operation: "CreateDeployment", why });
                }
                Ok(id) => return Ok(Started { id, by_us: true }),
                Err(error) => error,
            };
            let is_taken = error.code.as_deref() == Some("DeploymentLimitExceededException");
            if !is_taken && !passes(&error) {
                return Err(of_group(error, &api));
            }
            // What was throttled or refused was not heard, but an earlier try may have been.
            was_lost |= !is_taken && error.kind != ApiErrorKind::Throttled;
            if was_lost && let Some(started) = made(&api, &content, &before).await? {
                return Ok(started);
            }
            if is_taken {
                return self.taken(&api, &content).await?.ok_or_else(|| of_group(error, &api));
            }
            match pauses.next() {
                Some(pause) => sleep(self.site.ecs.pace.of(pause)).await,
                None => return Err(of_group(error, &api)),
            }
        }
    }

    /// Somebody's deployment is under way: it is joined when it deploys the same; `None` when it has ended meanwhile.
    async fn taken(&self, api: &Api<'_>, content: &Content) -> Result<Option<Started>, Error> {
        let Some(found) = api.under_way().await? else { return Ok(None) };
        let found = api.read(found.clone()).await.unwrap_or(found);
        if found.deploys(content) {
            return Ok(Some(Started { id: found.id, by_us: false }));
        }
        let (service, revision) = (self.plan.service.clone(), revision_name(&found.task_definition()).to_owned());
        Err(ConflictError::UnderWay { service, revision, waited: false }.into())
    }
}

/// The deployment of `content` that was not there `before`: ours, although nobody told so.
async fn made(api: &Api<'_>, content: &Content, before: &BTreeSet<String>) -> Result<Option<Started>, ApiError> {
    for id in api.made_lately().await?.difference(before) {
        let found = api.deployment(id).await?;
        if !found.is_rollback && found.deploys(content) {
            return Ok(Some(Started { id: found.id, by_us: true }));
        }
    }
    Ok(None)
}
