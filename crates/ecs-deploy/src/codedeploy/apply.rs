//! Makes the deployment, or joins the one that does the same, and follows it.

use std::time::Duration;

use aws_client::ApiError;
use serde_json::Value;

use crate::apply::Way;
use crate::codedeploy::course::{Course, Until};
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::{Followed, Watch};
use crate::codedeploy::plan::{Begin, CodeDeployPlan, settings};
use crate::ended::Ended;
use crate::error::{ConflictError, Error};
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{ServiceOutcome, Verdict};
use crate::plan::ServicePlan;
use crate::rollout::{Told, WaitUntil};
use crate::site::Site;

/// One service that `CodeDeploy` deploys.
pub(crate) struct Deploying<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) inputs: &'a Inputs,
    pub(crate) plan: &'a ServicePlan,
    pub(crate) code: &'a CodeDeployPlan,
    /// The ARN of the revision to deploy.
    pub(crate) revision: &'a str,
    /// The task definition, for the causes of a bad end.
    pub(crate) definition: Value,
    /// What happened before.
    pub(crate) told: Vec<Told>,
}

impl Deploying<'_> {
    /// Does what the plan says.
    pub(crate) async fn run(mut self) -> Result<ServiceOutcome, Error> {
        if let Some(settings) = self.plan.update.as_ref().and_then(settings) {
            let (cluster, service) = (self.site.cluster.as_str(), self.site.service.as_str());
            self.site.ecs.update(cluster, service, &settings, None).await?;
            self.site.session.log.line(format!("updated service {}", self.plan.service));
        }
        let started = match &self.code.begin {
            Begin::Nothing => return Ok(self.outcome(Ended::new(Verdict::AlreadyDeployed, ""), "", None)),
            Begin::Join(id) => Started { id: id.clone(), by_us: false },
            Begin::Create => match self.free().await? {
                Way::Free => self.create().await?,
                Way::Cancelled => {
                    let ended = Ended::new(Verdict::Cancelled, "no deployment was made");
                    return Ok(self.outcome(ended, "", None));
                }
            },
        };
        self.site.session.log.line(format!("deployment {} of group {}", started.id, self.code.group));
        let Some(wait) = self.inputs.wait else {
            let verdict = if started.by_us { Verdict::Updated } else { Verdict::AlreadyDeployed };
            return Ok(self.outcome(Ended::new(verdict, ""), &started.id, None));
        };
        self.follow(&started, wait).await
    }

    /// Makes room where another deployment is in the way: `CodeDeploy` takes one at a time for a group.
    async fn free(&self) -> Result<Way, Error> {
        let Some(other) = &self.plan.under_way else { return Ok(Way::Free) };
        let api = self.code.api(self.site.ecs);
        // One that takes the service back is not stopped half-way.
        if !api.deployment(&other.deployment).await?.is_rollback {
            self.site.session.log.line(format!("stopping deployment {}, which is under way", other.deployment));
            api.stop(&other.deployment).await.or_else(has_ended)?;
        }
        wait_for_other(self.site, self.plan, self.code, self.inputs.wait).await
    }

    async fn follow(&mut self, started: &Started, wait: Duration) -> Result<ServiceOutcome, Error> {
        let limit = self.code.limit(self.inputs, wait);
        let until = if self.inputs.wait_until == WaitUntil::Ready { Until::Ready } else { Until::Deployed };
        let told = std::mem::take(&mut self.told);
        let mut watch = Watch::new(self.site, self.code.place(), &started.id, told);
        let course = Course::new(&started.id, until, place(self.site));
        let lost = |answer| Error::LostSight { deployment: started.id.clone(), answer };
        let (course, followed) = Box::pin(watch.follow(course, limit)).await.map_err(lost)?;
        let (course, ended) = Box::pin(self.remedied(&mut watch, course, followed, (started, limit))).await;
        self.told = std::mem::take(&mut watch.told);
        drop(watch);
        let diagnosis = if ended.verdict.is_success() { None } else { Some(self.diagnose(&course).await) };
        Ok(self.outcome(ended, &started.id, diagnosis))
    }
}

/// Waits until another deployment has ended, and the one that undoes it.
pub(crate) async fn wait_for_other(
    site: Site<'_>,
    plan: &ServicePlan,
    code: &CodeDeployPlan,
    wait: Option<Duration>,
) -> Result<Way, Error> {
    const LIMIT: Duration = Duration::from_mins(30);
    let Some(other) = &plan.under_way else { return Ok(Way::Free) };
    let mut watch = Watch::new(site, code.place(), &other.deployment, Vec::new());
    let course = Course::new(&other.deployment, Until::Deployed, place(site));
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

/// Where the service is, as flags of a command.
pub(crate) fn place(site: Site<'_>) -> String {
    format!("--cluster={} --service={}", site.cluster, site.service)
}
