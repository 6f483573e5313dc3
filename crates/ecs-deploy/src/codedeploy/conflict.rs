//! Another deployment that is in the way: `CodeDeploy` takes one at a time for a group.

use std::time::Duration;

use aws_client::ApiError;

use crate::apply::Way;
use crate::codedeploy::apply::{Deploying, place};
use crate::codedeploy::course::{Course, Until};
use crate::codedeploy::follow::{Followed, Watch};
use crate::codedeploy::plan::CodeDeployPlan;
use crate::error::{ConflictError, Error};
use crate::names::revision_name;
use crate::plan::{ServicePlan, UnderWay};
use crate::site::Site;

/// How long another deployment is waited for where ours is not.
const LIMIT: Duration = Duration::from_mins(30);

impl Deploying<'_> {
    /// Makes room: what is under way is stopped and undone. One that undoes another itself is not stopped half-way.
    pub(super) async fn free(&self) -> Result<Way, Error> {
        let Some(other) = &self.plan.under_way else { return Ok(Way::Free) };
        let api = self.code.api(self.site.ecs);
        let mut course = Course::new(&other.deployment, Until::Deployed, place(self.site));
        if !api.deployment(&other.deployment).await?.is_rollback {
            self.site.session.log.line(format!("stopping deployment {}, which is under way", other.deployment));
            api.stop(&other.deployment).await.or_else(has_ended)?;
            course = course.going_back();
        }
        end_of(course, self.site, self.plan, self.code, (other, self.inputs.wait)).await
    }
}

/// Waits until another deployment has ended, and the one that undoes it.
pub(crate) async fn wait_for_other(
    site: Site<'_>,
    plan: &ServicePlan,
    code: &CodeDeployPlan,
    wait: Option<Duration>,
) -> Result<Way, Error> {
    let Some(other) = &plan.under_way else { return Ok(Way::Free) };
    let course = Course::new(&other.deployment, Until::Deployed, place(site));
    end_of(course, site, plan, code, (other, wait)).await
}

async fn end_of(
    course: Course,
    site: Site<'_>,
    plan: &ServicePlan,
    code: &CodeDeployPlan,
    (other, wait): (&UnderWay, Option<Duration>),
) -> Result<Way, Error> {
    let mut watch = Watch::new(site, code.place(), &other.deployment, Vec::new());
    let (_, followed) = Box::pin(watch.follow(course, wait.unwrap_or(LIMIT))).await?;
    match followed {
        Followed::Ended(_) => Ok(Way::Free),
        Followed::Cancelled => Ok(Way::Cancelled),
        Followed::TimedOut => {
            let (service, revision) = (plan.service.clone(), revision_name(&other.task_definition).to_owned());
            Err(ConflictError::UnderWay { service, revision, waited: true }.into())
        }
    }
}

/// What has ended already needs no stopping.
pub(super) fn has_ended(error: ApiError) -> Result<(), ApiError> {
    if error.code.as_deref() == Some("DeploymentAlreadyCompletedException") { Ok(()) } else { Err(error) }
}
