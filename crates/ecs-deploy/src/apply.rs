//! Registers, updates, follows: the plan's steps in the plan's order; several services at the same time.

mod conflict;
mod gate;
mod goal;
mod one;
mod register;
mod restore;

use actions_core::{ActionError as _, ExitCode, Session};
use futures::future::join_all;
use tokio::time::Instant;

use crate::apply::conflict::Way;
use crate::apply::one::One;
use crate::ecs::Ecs;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::plan::{Plan, ServicePlan};
use crate::run_task::TaskOutcome;

/// One run.
struct Run<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    ecs: &'a Ecs,
    session: &'a Session,
    start: Instant,
}

/// The revision to deploy.
struct Revision {
    arn: String,
    registered: bool,
    warnings: Vec<String>,
}

/// Does what the plan says.
pub(crate) async fn apply(inputs: &Inputs, plan: &Plan, ecs: &Ecs, session: &Session) -> Result<Outcome, Error> {
    let run = Run { inputs, plan, ecs, session, start: Instant::now() };
    if run.wait_for_others().await? == Way::Cancelled {
        return Ok(run.cancelled());
    }
    let revision = run.register().await?;
    let task = run.task(&revision).await?;
    if let Some(bad) = task.clone().filter(|task| !task.verdict.is_success()) {
        return Ok(run.blocked(revision, bad));
    }
    if plan.services.is_empty() {
        return Ok(run.without_services(revision, task));
    }
    let services = match &task {
        Some(_) => run.deploy_behind_task(&revision).await?,
        None => run.deploy(&revision).await?,
    };
    Ok(Outcome { task, ..run.outcome(revision, services) })
}

impl Run<'_> {
    /// Deploys to all services at the same time, and waits for each.
    ///
    /// The error of the only service is the run's. Of several, one that fails keeps none of the others from its end.
    async fn deploy(&self, revision: &Revision) -> Result<Vec<ServiceOutcome>, Error> {
        let one = |service| One::new(self, service, revision).deploy();
        let [only] = self.plan.services.as_slice() else {
            let ended = join_all(self.plan.services.iter().map(one)).await;
            let services = self.plan.services.iter().zip(ended);
            return Ok(services.map(|(plan, ended)| ended.unwrap_or_else(|error| self.lost(plan, &error))).collect());
        };
        Ok(vec![one(only).await?])
    }

    /// The outcome of a service whose error must not end the others.
    fn lost(&self, plan: &ServicePlan, error: &Error) -> ServiceOutcome {
        let verdict = match error.exit_code() {
            ExitCode::TimedOut => Verdict::TimedOut,
            ExitCode::Cancelled => Verdict::Cancelled,
            ExitCode::Done | ExitCode::Failed | ExitCode::BadInput | ExitCode::RolledBack | ExitCode::Internal => {
                Verdict::Failed
            }
        };
        let why = error.why().map_or_else(String::new, |why| format!(": {why}"));
        let reason = format!("{error}{why}");
        self.session.log.line(format!("{}: {reason}", plan.service));
        ServiceOutcome {
            service: plan.service.clone(),
            verdict,
            reason,
            deployment: String::new(),
            service_deployment: String::new(),
            hooks: Vec::new(),
            previous: plan.previous.clone(),
            restored: None,
            seconds: self.start.elapsed().as_secs(),
            warnings: Vec::new(),
            events: Vec::new(),
            diagnosis: None,
        }
    }

    /// Nothing was begun.
    fn cancelled(&self) -> Outcome {
        let none = Revision { arn: String::new(), registered: false, warnings: Vec::new() };
        let one = |service| One::new(self, service, &none).not_begun();
        let services = self.plan.services.iter().map(one).collect();
        self.outcome(none, services)
    }

    fn without_services(&self, revision: Revision, task: Option<TaskOutcome>) -> Outcome {
        let registered = if revision.registered { Verdict::Registered } else { Verdict::AlreadyRegistered };
        Outcome { verdict: registered, task, ..self.outcome(revision, Vec::new()) }
    }

    /// What became of all: the verdict is the worst of them.
    fn outcome(&self, revision: Revision, services: Vec<ServiceOutcome>) -> Outcome {
        let worst = services.iter().max_by_key(|service| service.verdict.badness());
        Outcome {
            verdict: worst.map_or(Verdict::Registered, |worst| worst.verdict),
            reason: reason(&services),
            task_definition: revision.arn,
            registered: revision.registered,
            seconds: self.start.elapsed().as_secs(),
            warnings: revision.warnings,
            task: None,
            services,
        }
    }
}

/// Why it did not end well; of several services each that did not, by its name.
fn reason(services: &[ServiceOutcome]) -> String {
    if let [only] = services {
        return only.reason.clone();
    }
    let bad = services.iter().filter(|service| !service.reason.is_empty());
    let lines: Vec<String> = bad.map(|service| format!("{}: {}", service.service, service.reason)).collect();
    lines.join("; ")
}
