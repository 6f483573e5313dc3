//! Which deployment is ours, and how it is followed.

use crate::apply::one::One;
use crate::error::Error;
use crate::rollout::{Counts, Follow, Goal};
use crate::service::{Deployment, Service};
use crate::service_deployment::Status;

impl One<'_> {
    /// Our deployment: the primary one of the update's answer, or without an update the present one.
    ///
    /// An update that names no task definition (the same revision, another desired count) leaves the one that is there. When
    /// that is not the one we saw, someone else deployed meanwhile, and their deployment must not pass for ours.
    pub(super) fn goal(&self, updated: Option<&Service>) -> Result<Goal, Error> {
        let before = &self.plan.before;
        let operation = if updated.is_some() { "UpdateService" } else { "DescribeServices" };
        let service = updated.unwrap_or(before);
        let primary = service.primary().ok_or_else(|| Error::UnexpectedAnswer {
            operation,
            why: "the service has no PRIMARY deployment".to_owned(),
        })?;
        let theirs = &primary.task_definition;
        if updated.is_some() && !theirs.is_empty() && *theirs != self.revision.arn {
            return Err(self.moved(&self.revision.arn, theirs));
        }
        let previous = before.primary().map(|deployment| deployment.id.clone()).unwrap_or_default();
        let started = updated.is_some() && self.has_started(service, primary, &previous);
        let mode = self.mode(started);
        let asked = self.run.inputs.desired_count.filter(|_| updated.is_some() && !started);
        Ok(Goal {
            deployment: primary.id.clone(),
            created: primary.created,
            task_definition: self.revision.arn.clone(),
            previous_deployment: previous,
            previous_task_definition: before.task_definition.clone(),
            counts: asked.map_or(Counts::DoNotMatter, |count| Counts::MustMatch { asked: count.into() }),
            classic_suffices: before.is_rolling() || (!started && mode == Follow::Classic),
            mode,
            known_service_deployments: self.plan.history.known.iter().map(|known| known.arn.clone()).collect(),
            named_service_deployment: Some(service.current_service_deployment.clone()).filter(|_| started),
            wait_until: self.run.inputs.wait_until.clone(),
            acted_hook: String::new(),
            fail_fast_after: self.run.inputs.fail_fast_after,
            started,
            goes_back: false,
            definition: self.run.plan.definition.body(),
        })
    }

    /// Whether the update began a deployment.
    fn has_started(&self, service: &Service, primary: &Deployment, previous: &str) -> bool {
        let named = &service.current_service_deployment;
        primary.id != previous || (!named.is_empty() && *named != self.plan.before.current_service_deployment)
    }

    /// A deployment that was there before is followed by the present service deployment, if that brings it. Of a rolling one
    /// the rollout state tells more than a service deployment that was stopped; of another one nothing else tells its end.
    /// Where ECS knows of none, the deployment is older than what ECS remembers, which is 90 days
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html>).
    fn mode(&self, started: bool) -> Follow {
        let history = &self.plan.history;
        if history.refused.is_some() {
            return Follow::Classic;
        }
        if started {
            return Follow::Search;
        }
        let ours = history.present.as_ref().filter(|present| present.task_definition == self.revision.arn);
        let useful = ours.filter(|present| {
            !self.plan.before.is_rolling()
                || !matches!(
                    present.deployment.status,
                    Status::Stopped | Status::StopRequested | Status::RollbackSuccessful | Status::RollbackFailed
                )
        });
        useful.map_or(Follow::Classic, |present| Follow::Present { arn: present.deployment.arn.clone() })
    }
}
