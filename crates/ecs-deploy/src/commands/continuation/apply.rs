//! Acts on the hook, then follows the deployment.

use std::time::Duration;

use actions_core::{Failure, Session};
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::{Instant, sleep};

use crate::commands::continuation::args::HookAction;
use crate::commands::continuation::error::ContinueError;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::commands::continuation::plan::{ContinuePlan, Step, step};
use crate::ecs::Ecs;
use crate::ended::Ended;
use crate::error::Error;
use crate::follow::passes;
use crate::next;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::rollout::{Event, Rollout, Told};
use crate::site::{Lost, Naming, Site, Watching};

/// The pauses between two tries, where an answer was lost or AWS is busy.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// One run.
pub(super) struct Run<'a> {
    pub(super) inputs: &'a ContinueInputs,
    pub(super) plan: &'a ContinuePlan,
    pub(super) site: Site<'a>,
}

/// Does what the plan says.
pub(super) async fn apply(
    inputs: &ContinueInputs,
    plan: &ContinuePlan,
    ecs: &Ecs,
    session: &Session,
) -> Result<Outcome, ContinueError> {
    let site = Site {
        ecs,
        session,
        cluster: &inputs.cluster,
        service: &inputs.service,
        start: Instant::now(),
        naming: Naming::Needless,
        run: next::Run::Continuation,
    };
    let run = Run { inputs, plan, site };
    if session.cancel.is_cancelled() {
        return Ok(run.outcome(Ended::new(Verdict::Cancelled, "the hook was not acted on"), Vec::new()));
    }
    run.act().await?;
    if plan.group.is_some() { run.follow_codedeploy().await } else { run.follow().await }
}

impl Run<'_> {
    /// Says what is done with the hook, and does it.
    async fn act(&self) -> Result<(), ContinueError> {
        let log = &self.site.session.log;
        let ContinuePlan { hook, action, .. } = self.plan;
        match &self.plan.step {
            Step::Leave(why) | Step::Over(why) => log.line(format!("hook {hook}: {why}")),
            Step::Act => {
                let by_codedeploy = self.plan.group.is_some();
                let found = if by_codedeploy { self.ask_codedeploy().await? } else { self.ask().await? };
                let done = match action {
                    HookAction::Continue => "the deployment goes on",
                    HookAction::Rollback => "the service goes back",
                };
                log.line(found.map_or_else(|| format!("hook {hook}: {done}"), |why| format!("hook {hook}: {why}")));
            }
        }
        Ok(())
    }

    /// Asks ECS to go on or to go back. After a lost answer the hook tells whether it was heard: nothing is sent blindly again.
    ///
    /// What it gives is why nothing more had to be asked; `None` when ECS took it.
    async fn ask(&self) -> Result<Option<String>, ApiError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let ContinuePlan { service_deployment, hook, action, .. } = self.plan;
            let Err(error) = self.site.ecs.act_on_hook(service_deployment, hook, *action).await else {
                return Ok(None);
            };
            if matches!(error.kind, ApiErrorKind::AccessDenied | ApiErrorKind::Expired | ApiErrorKind::BadCredentials) {
                return Err(error);
            }
            if let Step::Leave(why) | Step::Over(why) = self.look_again(passes(&error)).await? {
                return Ok(Some(why));
            }
            match pauses.next().filter(|_| passes(&error)) {
                Some(pause) => sleep(self.site.ecs.pace.of(pause)).await,
                None => return Err(error),
            }
        }
    }

    /// What is to be done with the hook as it is now; one that is gone after an answer `was_lost` was acted on.
    async fn look_again(&self, was_lost: bool) -> Result<Step, ApiError> {
        let arns = std::slice::from_ref(&self.plan.service_deployment);
        let found = self.site.ecs.service_deployments(arns).await?;
        let own = found.iter().find(|own| own.arn == self.plan.service_deployment);
        let Some(own) = own else { return Ok(Step::Act) };
        Ok(match own.hooks.iter().find(|hook| hook.id == self.plan.hook) {
            Some(hook) => step(own, hook),
            None if was_lost => Step::Leave("it is gone, so it was acted on".to_owned()),
            None => Step::Act,
        })
    }

    async fn follow(&self) -> Result<Outcome, ContinueError> {
        let rollout = Rollout::new(self.plan.goal.clone(), &self.plan.before);
        let asked = (self.plan.action == HookAction::Rollback && self.plan.step == Step::Act)
            .then(|| self.site.told(Event::RollingBack { to: self.plan.previous.clone() }));
        let watching = match self.site.follow(rollout, self.inputs.watch.limit, asked.into_iter().collect()).await {
            Ok(watching) => watching,
            Err(lost) => return Ok(self.lost_sight(lost)),
        };
        let Watching { rollout, followed, told } = watching;
        let success =
            if matches!(self.plan.step, Step::Over(_)) { Verdict::AlreadyDeployed } else { Verdict::Deployed };
        let ended = Ended::of(followed, &rollout, self.inputs.watch.limit, success);
        let mut outcome = self.outcome(as_asked(ended, self.plan.action), told);
        if let (false, [own]) = (outcome.verdict.is_success(), outcome.services.as_mut_slice()) {
            own.diagnosis = Some(self.site.diagnose(&rollout, &self.plan.goal.definition).await);
        }
        Ok(outcome)
    }

    /// The deployment goes on unseen.
    pub(super) fn lost_sight(&self, Lost { answer, told }: Lost) -> Outcome {
        let then = next::unseen(next::Run::Continuation);
        let error = Error::LostSight { deployment: self.plan.goal.deployment.clone(), answer, then };
        let failure = Failure::from_error(&error);
        let reason = failure.why.as_ref().map_or_else(|| error.to_string(), |why| format!("{error}: {why}"));
        let mut outcome = self.outcome(Ended::new(Verdict::TimedOut, reason), told);
        outcome.services.iter_mut().for_each(|own| own.error = Some(failure.clone()));
        outcome
    }

    pub(super) fn outcome(&self, ended: Ended, mut told: Vec<Told>) -> Outcome {
        told.push(self.site.told(Event::Ended { verdict: ended.verdict.as_str() }));
        let seconds = self.site.start.elapsed().as_secs();
        let (verdict, reason) = (ended.verdict, ended.reason.clone());
        let own = ServiceOutcome::new(&self.plan.service, &self.plan.previous, ended, told, seconds);
        let own = ServiceOutcome {
            deployment: self.plan.goal.deployment.clone(),
            service_deployment: self.plan.service_deployment.clone(),
            ..own
        };
        Outcome {
            verdict,
            reason,
            task_definition: self.plan.task_definition.clone(),
            registered: false,
            services: vec![own],
            seconds,
            warnings: Vec::new(),
            task: None,
            moved: Vec::new(),
        }
    }
}

/// A rollback that was asked for is what should happen, and a deployment that went through then is not.
pub(super) fn as_asked(ended: Ended, action: HookAction) -> Ended {
    match (action, ended.verdict) {
        (HookAction::Rollback, Verdict::RolledBack) => {
            Ended { verdict: Verdict::Restored, reason: String::new(), ..ended }
        }
        (HookAction::Rollback, Verdict::Deployed | Verdict::AlreadyDeployed) => {
            let reason = "the deployment went through and was not rolled back; deploy the previous revision to go back";
            Ended::new(Verdict::Failed, reason)
        }
        _ => ended,
    }
}
