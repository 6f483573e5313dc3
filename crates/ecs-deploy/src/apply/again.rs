//! One service that gets a revision from before: as a deployment of it, or by undoing the one that is under way.

use actions_core::{ActionError, ExitCode, Failure, Session};
use tokio::time::Instant;

use crate::apply::one::One;
use crate::apply::{Revision, Run, reason};
use crate::ecs::Ecs;
use crate::ended::Ended;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::next::{self, Place};
use crate::outcome::{Back, Outcome, ServiceOutcome, Verdict};
use crate::plan::Plan;
use crate::rollout::{Event, Told};
use crate::site::{Lost, Naming, Site};

/// A service, and what it gets.
#[derive(Clone, Copy)]
pub(crate) struct Again<'a> {
    pub(crate) inputs: &'a Inputs,
    /// Its plan, and nobody else's.
    pub(crate) plan: &'a Plan,
    pub(crate) ecs: &'a Ecs,
    pub(crate) session: &'a Session,
    /// When the run began.
    pub(crate) start: Instant,
    pub(crate) naming: Naming,
    /// The ARN of the revision.
    pub(crate) to: &'a str,
}

impl Again<'_> {
    /// Updates the service where the plan says so, and follows the deployment to its end.
    pub(crate) async fn deploy(self) -> Result<ServiceOutcome, Error> {
        let (run, revision) = (self.run(), self.revision());
        let [plan] = self.plan.services.as_slice() else { return Err(self.unplanned()) };
        let one = One::new(&run, plan, &revision);
        let Some(update) = plan.update.as_ref().filter(|_| plan.codedeploy.is_none()) else {
            return Box::pin(one.deploy()).await;
        };
        if self.session.cancel.is_cancelled() {
            return Ok(one.not_begun());
        }
        let updated = one.update(update).await?;
        match one.displaced(&updated) {
            Some(theirs) => Ok(one.went_back_over(theirs)),
            None => Box::pin(one.wait(Some(updated), Vec::new())).await,
        }
    }

    /// Has ECS roll back the service deployment `arn`; `None` when that was complete first, so that nothing was done.
    pub(crate) async fn undo(self, arn: &str) -> Result<Option<ServiceOutcome>, Error> {
        let (run, revision) = (self.run(), self.revision());
        let [plan] = self.plan.services.as_slice() else { return Err(self.unplanned()) };
        Box::pin(One::new(&run, plan, &revision).undo(arn)).await
    }

    /// Has CodeDeploy stop the deployment with this id, and go back.
    pub(crate) async fn stop(self, deployment: &str) -> Result<ServiceOutcome, Error> {
        let (run, revision) = (self.run(), self.revision());
        let [plan] = self.plan.services.as_slice() else { return Err(self.unplanned()) };
        let one = One::new(&run, plan, &revision);
        match &plan.codedeploy {
            Some(code) if !self.session.cancel.is_cancelled() => {
                Box::pin(one.deploying(code, Vec::new()).undo(deployment)).await
            }
            _ => Ok(one.not_begun()),
        }
    }

    const fn run(&self) -> Run<'_> {
        let Self { inputs, plan, ecs, session, start, naming, .. } = *self;
        Run { inputs, plan, ecs, session, start, naming }
    }

    fn revision(&self) -> Revision {
        Revision { arn: self.to.to_owned(), registered: false, warnings: Vec::new() }
    }

    fn unplanned(&self) -> Error {
        let why = format!("the plan names {} services in place of one", self.plan.services.len());
        Error::UnexpectedAnswer { operation: "DescribeServices", why }
    }
}

/// What became of all: the verdict is the worst of them.
pub(crate) fn outcome_of(task_definition: &str, services: Vec<ServiceOutcome>, start: Instant) -> Outcome {
    let worst = services.iter().max_by_key(|service| service.verdict.badness());
    Outcome {
        verdict: worst.map_or(Verdict::Registered, |worst| worst.verdict),
        reason: reason(&services),
        task_definition: task_definition.to_owned(),
        registered: false,
        seconds: start.elapsed().as_secs(),
        warnings: Vec::new(),
        task: None,
        moved: Vec::new(),
        services,
    }
}

/// The outcome of a service whose deployment goes on unseen; `previous` is what it ran before.
pub(crate) fn out_of_sight(site: Site<'_>, previous: &str, deployment: String, lost: Lost) -> ServiceOutcome {
    let Lost { answer, told: mut events } = lost;
    let goes_back = events.iter().any(Told::is_back);
    events.push(site.told(Event::Ended { verdict: Verdict::TimedOut.as_str() }));
    let then = if goes_back {
        next::going_back(&Place::new(site.cluster.as_str(), site.service.name(), previous))
    } else {
        next::unseen(site.run)
    };
    let error = Error::LostSight { deployment: deployment.clone(), answer, then };
    let back = if goes_back { Back::Begun } else { Back::No };
    ServiceOutcome { deployment, events, back, ..with_error(site.service.name(), previous, &error, site.start) }
}

/// The outcome of a service whose error must not end the others.
pub(crate) fn with_error(service: &str, previous: &str, error: &impl ActionError, start: Instant) -> ServiceOutcome {
    let verdict = match error.exit_code() {
        ExitCode::TimedOut => Verdict::TimedOut,
        ExitCode::Cancelled => Verdict::Cancelled,
        ExitCode::Done | ExitCode::Failed | ExitCode::BadInput | ExitCode::RolledBack | ExitCode::Internal => {
            Verdict::Failed
        }
    };
    let own = ServiceOutcome::new(
        service,
        previous,
        Ended::new(verdict, error.told()),
        Vec::new(),
        start.elapsed().as_secs(),
    );
    ServiceOutcome { error: Some(Failure::from_error(error)), ..own }
}
