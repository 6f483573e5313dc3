//! Registers, updates, follows: the plan's steps in the plan's order; several services at the same time.

pub(crate) mod after;
pub(crate) mod again;
mod conflict;
mod gate;
mod goal;
mod one;
mod register;
mod restore;

use actions_core::Session;
use futures::future::join_all;
use tokio::time::Instant;

use crate::apply::again::{outcome_of, with_error};
pub(crate) use crate::apply::conflict::Way;
use crate::apply::one::One;
use crate::ecs::Ecs;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::plan::{Plan, ServicePlan};
use crate::report::foretold;
use crate::run_task::TaskOutcome;
use crate::site::Naming;

/// One run.
struct Run<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    ecs: &'a Ecs,
    session: &'a Session,
    start: Instant,
    naming: Naming,
}

/// The revision to deploy.
struct Revision {
    arn: String,
    registered: bool,
    warnings: Vec<String>,
}

/// Does what the plan says.
pub(crate) async fn apply(inputs: &Inputs, plan: &Plan, ecs: &Ecs, session: &Session) -> Result<Outcome, Error> {
    for annotation in &foretold(plan) {
        session.log.annotate(annotation);
    }
    if !plan.obstacles.is_empty() {
        return Err(Error::Preflight { problems: plan.obstacles.clone() });
    }
    let naming = if plan.services.len() > 1 { Naming::Needed } else { Naming::Needless };
    let run = Run { inputs, plan, ecs, session, start: Instant::now(), naming };
    if run.wait_for_others().await? == Way::Cancelled {
        return Ok(run.cancelled());
    }
    let revision = run.register().await?;
    let task = run.task(&revision).await?;
    if let Some(bad) = task.clone().filter(|task| !task.verdict.is_success()) {
        return Ok(run.blocked(revision, bad));
    }
    if plan.services.is_empty() {
        return Ok(run.finish(run.without_services(revision, task)).await);
    }
    let services = match &task {
        Some(_) => run.deploy_behind_task(&revision).await?,
        None => run.deploy(&revision).await?,
    };
    Ok(run.finish(Outcome { task, ..run.outcome(revision, services) }).await)
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
        let own = with_error(&plan.service, &plan.previous, error, self.start);
        self.session.log.line(format!("{}: {}", own.service, own.reason));
        own
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
        let outcome = outcome_of(&revision.arn, services, self.start);
        Outcome { registered: revision.registered, warnings: revision.warnings, ..outcome }
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
