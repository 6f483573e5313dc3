//! Another deployment that is in the way: `CodeDeploy` takes one at a time for a group.

use std::time::Duration;

use aws_client::ApiError;

use crate::apply::Way;
use crate::codedeploy::apply::{Deploying, place};
use crate::codedeploy::course::{Course, Until};
use crate::codedeploy::follow::{Followed, Watch};
use crate::codedeploy::plan::CodeDeployPlan;
use crate::ended::Ended;
use crate::error::{ConflictError, Error};
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::Verdict;
use crate::plan::{ServicePlan, UnderWay};
use crate::site::Site;

/// How long another deployment is waited for where ours is not.
const LIMIT: Duration = Duration::from_mins(30);

impl Deploying<'_> {
    /// Makes room: what is under way is stopped and undone. One that undoes another itself is not stopped half-way. The end of this run,
    /// where it is cancelled meanwhile.
    pub(super) async fn free(&self) -> Result<Option<Ended>, Error> {
        let Some(other) = &self.plan.under_way else { return Ok(None) };
        let (api, id) = (self.code.api(self.site.ecs), &other.deployment);
        let course = Course::new(id, Until::Deployed, place(self.site));
        let is_stopped = !api.deployment(id).await?.is_rollback;
        let course = if is_stopped {
            self.site.session.log.line(format!("stopping deployment {id}, which is under way"));
            api.stop(id).await.or_else(has_ended)?;
            course.going_back()
        } else {
            course
        };
        match end_of(course, self.site, self.code, (other, self.inputs)).await? {
            Followed::Ended(_) => Ok(None),
            Followed::Cancelled if is_stopped => {
                let reason = format!("no deployment was made; deployment {id}, which was in the way, was stopped");
                Ok(Some(Ended::new(Verdict::Cancelled, reason)))
            }
            Followed::Cancelled => Ok(Some(Ended::new(Verdict::Cancelled, "no deployment was made"))),
            Followed::TimedOut if is_stopped => {
                let service = self.plan.service.clone();
                Err(ConflictError::StillUndone { service, deployment: id.clone() }.into())
            }
            Followed::TimedOut => Err(still_under_way(self.plan, other)),
        }
    }
}

/// Waits until another deployment has ended, and the one that undoes it.
pub(crate) async fn wait_for_other(
    site: Site<'_>,
    plan: &ServicePlan,
    code: &CodeDeployPlan,
    inputs: &Inputs,
) -> Result<Way, Error> {
    let Some(other) = &plan.under_way else { return Ok(Way::Free) };
    let course = Course::new(&other.deployment, Until::Deployed, place(site));
    match end_of(course, site, code, (other, inputs)).await? {
        Followed::Ended(_) => Ok(Way::Free),
        Followed::Cancelled => Ok(Way::Cancelled),
        Followed::TimedOut => Err(still_under_way(plan, other)),
    }
}

async fn end_of(
    course: Course,
    site: Site<'_>,
    code: &CodeDeployPlan,
    (other, inputs): (&UnderWay, &Inputs),
) -> Result<Followed, Error> {
    let mut watch = Watch::new(site, code.place(), &other.deployment, Vec::new());
    let limit = inputs.wait.map_or(LIMIT, |wait| code.limit(inputs, wait));
    let (_, followed) = Box::pin(watch.follow(course, limit)).await?;
    Ok(followed)
}

fn still_under_way(plan: &ServicePlan, other: &UnderWay) -> Error {
    let (service, revision) = (plan.service.clone(), revision_name(&other.task_definition).to_owned());
    ConflictError::UnderWay { service, revision, waited: true }.into()
}

/// What has ended already needs no stopping.
pub(super) fn has_ended(error: ApiError) -> Result<(), ApiError> {
    if error.code.as_deref() == Some("DeploymentAlreadyCompletedException") { Ok(()) } else { Err(error) }
}
