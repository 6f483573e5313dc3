//! One service: updates it, follows its deployment, says how it ended.

use std::time::Duration;

use crate::apply::again::out_of_sight;
use crate::apply::restore::Remedied;
use crate::apply::{Revision, Run};
use crate::codedeploy::{CodeDeployPlan, Deploying};
use crate::ended::Ended;
use crate::error::{ConflictError, Error};
use crate::inputs::OnConflict;
use crate::names::revision_name;
use crate::next;
use crate::outcome::{ServiceOutcome, Verdict};
use crate::plan::{Registration, ServicePlan, ServiceUpdate};
use crate::restore::displaced;
use crate::rollout::{Event, Goal, Rollout, Told};
use crate::service::Service;
use crate::site::Site;

/// One service of a run.
pub(super) struct One<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) plan: &'a ServicePlan,
    pub(super) revision: &'a Revision,
}

impl<'a> One<'a> {
    pub(super) fn new(run: &'a Run<'a>, plan: &'a ServicePlan, revision: &'a Revision) -> Self {
        Self { run, plan, revision }
    }

    /// Updates the service and waits as long as was asked for.
    pub(super) async fn deploy(self) -> Result<ServiceOutcome, Error> {
        if self.run.session.cancel.is_cancelled() {
            return Ok(self.not_begun());
        }
        let mut told = Vec::new();
        if self.revision.registered {
            told.push(self.told(Event::Registered { task_definition: self.revision.arn.clone() }));
        }
        if let Some(code) = &self.plan.codedeploy {
            return self.by_codedeploy(code, told).await;
        }
        let Some(update) = &self.plan.update else { return self.wait(None, told).await };
        let updated = self.update(update).await?;
        let displaced = self.displaced(&updated).map(|theirs| format!("it {}", took_the_place_of(theirs)));
        let mut own = self.wait(Some(updated), told).await?;
        own.warnings.extend(displaced);
        Ok(own)
    }

    /// The task definition of somebody's deployment that began between the last look and the update, and is gone now.
    pub(super) fn displaced<'u>(&self, updated: &'u Service) -> Option<&'u str> {
        let known = self.plan.before.deployments.iter().map(|entry| entry.id.clone()).collect();
        displaced(&known, updated)
    }

    /// Waits as long as was asked for; `updated` is the service of the update's answer.
    pub(super) async fn wait(&self, updated: Option<Service>, mut told: Vec<Told>) -> Result<ServiceOutcome, Error> {
        let goal = self.goal(updated.as_ref())?;
        if updated.is_some() {
            told.push(self.told(Event::Updated { deployment: goal.deployment.clone() }));
        }
        match self.run.inputs.wait {
            Some(limit) => self.follow(goal, limit, told).await,
            None => Ok(self.not_waited(&goal, told)),
        }
    }

    /// The service is deployed by CodeDeploy.
    async fn by_codedeploy(&self, code: &CodeDeployPlan, told: Vec<Told>) -> Result<ServiceOutcome, Error> {
        self.check_unmoved().await?;
        Box::pin(self.deploying(code, told).run()).await
    }

    /// What CodeDeploy does with it.
    pub(super) fn deploying<'b>(&'b self, code: &'b CodeDeployPlan, told: Vec<Told>) -> Deploying<'b> {
        Deploying {
            site: self.site(),
            inputs: self.run.inputs,
            plan: self.plan,
            code,
            revision: &self.revision.arn,
            definition: self.run.plan.definition.body(),
            told,
        }
    }

    /// It went back, and in the place of a stranger's deployment.
    pub(super) fn went_back_over(&self, theirs: &str) -> ServiceOutcome {
        self.outcome(Ended::new(Verdict::Failed, format!("it {}", took_the_place_of(theirs))), Vec::new())
    }

    /// The run was cancelled first.
    pub(super) fn not_begun(&self) -> ServiceOutcome {
        self.outcome(Ended::new(Verdict::Cancelled, "the service was not updated"), Vec::new())
    }

    pub(super) async fn update(&self, update: &ServiceUpdate) -> Result<Service, Error> {
        self.check_unmoved().await?;
        let task_definition = update.task_definition.then_some(self.revision.arn.as_str());
        let answer = self.run.ecs.update(self.cluster(), self.service(), update, task_definition).await?;
        self.run.session.log.line(format!("updated service {}", self.plan.service));
        Ok(Service::from_answer(&answer))
    }

    /// What was made out of what the service ran must not undo what someone else deployed meanwhile, and whose deployments are not to be
    /// disturbed is not to be disturbed by the last one either.
    async fn check_unmoved(&self) -> Result<(), Error> {
        let was_made_from_what_runs = self.run.plan.registration == Registration::New && self.run.plan.is_from_service;
        let disturbs = self.run.inputs.on_conflict == OnConflict::Supersede;
        if disturbs && !was_made_from_what_runs {
            return Ok(());
        }
        let (before, now) = (&self.plan.before, self.site().look(self.run.ecs).await?);
        let id = |service: &Service| service.primary().map(|primary| primary.id.clone());
        if now.task_definition == before.task_definition && (disturbs || id(&now) == id(before)) {
            return Ok(());
        }
        let aims_at = now.primary().map_or(&now.task_definition, |primary| &primary.task_definition);
        Err(self.moved(&before.task_definition, aims_at))
    }

    pub(super) fn moved(&self, before: &str, now: &str) -> Error {
        ConflictError::Moved {
            service: self.plan.service.clone(),
            before: revision_name(before).to_owned(),
            now: revision_name(now).to_owned(),
        }
        .into()
    }

    fn not_waited(&self, goal: &Goal, told: Vec<Told>) -> ServiceOutcome {
        let verdict = if self.plan.update.is_some() { Verdict::Updated } else { Verdict::AlreadyDeployed };
        let mut ended = Ended::new(verdict, "");
        if let (Verdict::AlreadyDeployed, Some(primary)) = (verdict, self.plan.before.primary()) {
            ended.warnings.push(format!(
                "its deployment is {} and was not waited for, because `wait-for-service-stability` is false",
                primary.rollout.word()
            ));
        }
        ServiceOutcome { deployment: goal.deployment.clone(), ..self.outcome(ended, told) }
    }

    async fn follow(&self, goal: Goal, limit: Duration, told: Vec<Told>) -> Result<ServiceOutcome, Error> {
        let deployment = goal.deployment.clone();
        let watching = match self.site().watch(Rollout::new(goal, &self.plan.before), limit, told).await {
            Ok(watching) => watching,
            Err((rollout, lost)) => {
                let service_deployment = rollout.service_deployment_arn().unwrap_or_default().to_owned();
                let diagnosis = Some(self.site().diagnose(&rollout, &self.run.plan.definition.body()).await);
                let own = out_of_sight(self.site(), &self.plan.previous, deployment, lost);
                return Ok(ServiceOutcome { service_deployment, diagnosis, ..own });
            }
        };
        let ended = Ended::of(watching.followed.clone(), &watching.rollout, limit, self.success());
        let Remedied { rollout, ended, told, diagnosis } = Box::pin(self.remedy(watching, ended, limit)).await;
        let deployment = rollout.goal().deployment.clone();
        let service_deployment = rollout.service_deployment_arn().unwrap_or_default().to_owned();
        Ok(ServiceOutcome { deployment, service_deployment, diagnosis, ..self.outcome(ended, told) })
    }

    /// The verdict of a deployment that is complete.
    pub(super) fn success(&self) -> Verdict {
        if self.plan.update.is_none() { Verdict::AlreadyDeployed } else { Verdict::Deployed }
    }

    /// What following this service needs.
    pub(super) fn site(&self) -> Site<'a> {
        Site {
            ecs: self.run.ecs,
            session: self.run.session,
            cluster: &self.run.inputs.cluster,
            service: &self.plan.target,
            start: self.run.start,
            naming: self.run.naming,
            run: next::Run::Deployment { forced: self.run.inputs.force_new_deployment },
        }
    }

    pub(super) fn outcome(&self, ended: Ended, mut told: Vec<Told>) -> ServiceOutcome {
        told.push(self.told(Event::Ended { verdict: ended.verdict.as_str() }));
        let seconds = self.run.start.elapsed().as_secs();
        ServiceOutcome::new(&self.plan.service, &self.plan.previous, ended, told, seconds)
    }

    fn told(&self, event: Event) -> Told {
        self.site().told(event)
    }

    pub(super) fn cluster(&self) -> &str {
        self.run.inputs.cluster.as_str()
    }

    pub(super) fn service(&self) -> &str {
        self.plan.target.as_str()
    }
}

/// What became of somebody's deployment that nobody had seen.
fn took_the_place_of(theirs: &str) -> String {
    format!("took the place of another deployment, of {}, which began at that very moment", revision_name(theirs))
}
