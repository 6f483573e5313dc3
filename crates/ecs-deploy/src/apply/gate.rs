//! The task that is run between registering and updating.

use futures::future::try_join_all;

use crate::apply::one::One;
use crate::apply::{Revision, Run};
use crate::ended::Ended;
use crate::error::{ConflictError, Error};
use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::plan::ServicePlan;
use crate::run_task::{self, Job, TaskOutcome};

impl Run<'_> {
    /// Runs the task of the new revision, where one is asked for.
    pub(super) async fn task(&self, revision: &Revision) -> Result<Option<TaskOutcome>, Error> {
        let (Some(plan), Some(inputs)) = (&self.plan.task, &self.inputs.task) else { return Ok(None) };
        let job = Job {
            ecs: self.ecs,
            session: self.session,
            cluster: &self.inputs.cluster,
            plan,
            task_definition: &revision.arn,
            definition: &self.plan.definition.body(),
            wait: inputs.wait,
        };
        Box::pin(run_task::run(&job)).await.map(Some)
    }

    /// No service is updated, because the task did not end well.
    pub(super) fn blocked(&self, revision: Revision, task: TaskOutcome) -> Outcome {
        let verdict = task.verdict.of_deployment();
        let reason = task.reason.clone();
        let one = |plan| self.not_updated(plan, &revision, &task);
        let services = self.plan.services.iter().map(one).collect();
        Outcome { verdict, reason, task: Some(task), ..self.outcome(revision, services) }
    }

    fn not_updated(&self, plan: &ServicePlan, revision: &Revision, task: &TaskOutcome) -> ServiceOutcome {
        One::new(self, plan, revision)
            .outcome(Ended::new(task.verdict.of_deployment(), "the service was not updated"), Vec::new())
    }

    /// While the task ran, somebody else may have deployed.
    async fn check_unmoved(&self) -> Result<(), Error> {
        let updated = self.plan.services.iter().filter(|plan| plan.update.is_some());
        try_join_all(updated.map(|plan| self.check_one(plan))).await.map(|_| ())
    }

    /// Deploys after a task that was run: what was decided before it must still be so, and nothing begins anew by itself.
    pub(super) async fn deploy_behind_task(&self, revision: &Revision) -> Result<Vec<ServiceOutcome>, Error> {
        self.check_unmoved().await?;
        self.deploy(revision).await.map_err(once)
    }

    async fn check_one(&self, plan: &ServicePlan) -> Result<(), Error> {
        let none = Revision { arn: String::new(), registered: false, warnings: Vec::new() };
        let now = One::new(self, plan, &none).site().look(self.ecs).await?;
        let id = |service: &crate::service::Service| service.primary().map(|primary| primary.id.clone());
        if now.task_definition == plan.before.task_definition && id(&now) == id(&plan.before) {
            return Ok(());
        }
        Err(ConflictError::MovedAfterTask {
            service: plan.service.clone(),
            before: revision_name(&plan.before.task_definition).to_owned(),
            now: revision_name(&now.task_definition).to_owned(),
        }
        .into())
    }
}

/// A run that ran its task does not begin anew by itself.
fn once(error: Error) -> Error {
    match error {
        Error::Conflict(ConflictError::Moved { service, before, now }) => {
            ConflictError::MovedAfterTask { service, before, now }.into()
        }
        other => other,
    }
}
