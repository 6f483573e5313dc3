//! Makes the deployment, or joins the one that does the same, and follows it.

use std::time::Duration;

use serde_json::Value;

use crate::codedeploy::course::{Course, Until};
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::Watch;
use crate::codedeploy::plan::{Begin, CodeDeployPlan, settings};
use crate::ended::Ended;
use crate::error::Error;
use crate::hurry;
use crate::inputs::Inputs;
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
        if self.code.begin == Begin::Create
            && let Some(cancelled) = self.free().await?
        {
            return Ok(self.outcome(cancelled, "", None));
        }
        let settings = self.plan.update.as_ref().and_then(settings);
        if let Some(settings) = &settings {
            let (cluster, service) = (self.site.cluster.as_str(), self.site.service.as_str());
            self.site.ecs.update(cluster, service, settings, None).await?;
            self.site.session.log.line(format!("updated service {}", self.plan.service));
        }
        // What was there already is as it was, but for what the service was just told.
        let was_there = if settings.is_some() { Verdict::Updated } else { Verdict::AlreadyDeployed };
        let started = match &self.code.begin {
            Begin::Nothing => return Ok(self.outcome(Ended::new(was_there, ""), "", None)),
            Begin::Join(id) => Started { id: id.clone(), by_us: false },
            Begin::Create => self.create().await?,
        };
        self.site.session.log.line(format!("deployment {} of group {}", started.id, self.code.group));
        let Some(wait) = self.inputs.wait else {
            let verdict = if started.by_us { Verdict::Updated } else { was_there };
            return Ok(self.outcome(Ended::new(verdict, ""), &started.id, None));
        };
        self.follow(&started, wait).await
    }

    async fn follow(&mut self, started: &Started, wait: Duration) -> Result<ServiceOutcome, Error> {
        let limit = self.code.limit(self.inputs, wait);
        let until = if self.inputs.wait_until == WaitUntil::Ready { Until::Ready } else { Until::Deployed };
        let told = std::mem::take(&mut self.told);
        let mut watch = Watch::new(self.site, self.code.place(), &started.id, told);
        let course = Course::new(&started.id, until, place(self.site));
        let (cancel, pace) = (&self.site.session.cancel, self.site.ecs.pace);
        let (followed, cancelled) = hurry::watched(cancel, async {
            let (course, followed) = Box::pin(watch.follow(course, limit)).await?;
            Ok(Box::pin(self.remedied(&mut watch, course, followed, (started, limit))).await)
        })
        .await;
        self.told = std::mem::take(&mut watch.told);
        drop(watch);
        let (course, ended) = match followed {
            Ok(followed) => followed,
            Err(answer) => return Ok(self.lost_sight(&started.id, answer)),
        };
        if ended.verdict.is_success() {
            return Ok(self.outcome(ended, &started.id, None));
        }
        if cancelled.is_some() {
            self.note(started, &ended);
        }
        let diagnosis = hurry::in_time(cancelled, pace, self.diagnose(&course)).await;
        Ok(self.outcome(ended, &started.id, diagnosis))
    }
}

/// Where the service is, as flags of a command.
pub(crate) fn place(site: Site<'_>) -> String {
    format!("--cluster={} --service={}", site.cluster, site.service)
}
