//! Takes the services back, all at the same time, and follows each to its end.

use actions_core::Session;
use futures::future::join_all;
use serde::Serialize;
use tokio::time::Instant;

use crate::apply::after::{is_whole, move_targets};
use crate::apply::again::{Again, outcome_of, with_error};
use crate::commands::rollback::args::Mode;
use crate::commands::rollback::by_codedeploy;
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::RollbackInputs;
use crate::commands::rollback::plan::{How, OnePlan, RollbackPlan};
use crate::commands::rollback::report::foretold;
use crate::ecs::Ecs;
use crate::names::revision_name;
use crate::next;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::rollout::{Event, Told};
use crate::service::Service;
use crate::site::{Naming, Site};

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
pub enum RollbackOutcome {
    /// Nothing was, as was asked for.
    Planned {
        /// Always empty.
        services: Vec<ServiceOutcome>,
    },
    /// The services were taken back, or not.
    Done(Outcome),
}

impl RollbackOutcome {
    /// What became of the services; `None` when nothing was done.
    pub(super) fn done(&self) -> Option<&Outcome> {
        match self {
            Self::Planned { .. } => None,
            Self::Done(outcome) => Some(outcome),
        }
    }
}

/// Does what the plan says.
pub(super) async fn apply(
    inputs: &RollbackInputs,
    plan: &RollbackPlan,
    ecs: &Ecs,
    session: &Session,
) -> Result<RollbackOutcome, RollbackError> {
    if inputs.mode == Mode::Plan {
        session.log.line("mode: plan, nothing is changed");
        return Ok(RollbackOutcome::Planned { services: Vec::new() });
    }
    for annotation in &foretold(plan) {
        session.log.annotate(annotation);
    }
    let problems = plan.obstacles();
    if !problems.is_empty() {
        return Err(RollbackError::NotReady { problems });
    }
    let naming = if plan.services.len() > 1 { Naming::Needed } else { Naming::Needless };
    let run = Run { inputs, ecs, session, start: Instant::now(), naming };
    // All are looked at before the first one is changed.
    for one in &plan.services {
        run.check_unmoved(one).await?;
    }
    let ended = join_all(plan.services.iter().map(|one| run.go_back(one))).await;
    let services = match (plan.services.as_slice(), ended) {
        ([_], mut ended) if ended.len() == 1 => vec![ended.remove(0)?],
        (plans, ended) => plans.iter().zip(ended).map(|(one, ended)| run.settled(one, ended)).collect(),
    };
    let to = plan.services.first().map_or("", |one| one.to.as_str());
    let outcome = outcome_of(to, services, run.start);
    Ok(RollbackOutcome::Done(run.finish(plan, outcome).await))
}

struct Run<'a> {
    inputs: &'a RollbackInputs,
    ecs: &'a Ecs,
    session: &'a Session,
    start: Instant,
    naming: Naming,
}

impl Run<'_> {
    /// What was planned holds only for what was seen.
    async fn check_unmoved(&self, one: &OnePlan) -> Result<(), RollbackError> {
        if matches!(one.how, How::Nothing(_)) {
            return Ok(());
        }
        let Some(before) = one.plan.services.first() else { return Ok(()) };
        let site = Site {
            ecs: self.ecs,
            session: self.session,
            cluster: &self.inputs.deploy.cluster,
            service: &before.target,
            start: self.start,
            naming: self.naming,
            run: next::Run::Rollback,
        };
        let moved = if before.codedeploy.is_some() {
            by_codedeploy::moved(site, before, &one.how).await?
        } else {
            let now = site.look(self.ecs).await?;
            // What ECS is to undo it may have begun to.
            let aims_there = now.primary().is_some_and(|primary| primary.task_definition == one.to);
            let is_undone = matches!(one.how, How::Stop { .. }) && aims_there;
            moved(&before.before, &now).filter(|_| !is_undone)
        };
        match moved {
            Some(why) => Err(RollbackError::Moved { service: one.service.clone(), why }),
            None => Ok(()),
        }
    }

    async fn go_back(&self, one: &OnePlan) -> Result<ServiceOutcome, RollbackError> {
        let again = Again {
            inputs: &self.inputs.deploy,
            plan: &one.plan,
            ecs: self.ecs,
            session: self.session,
            start: self.start,
            naming: self.naming,
            to: &one.to,
        };
        let name = revision_name(&one.to);
        let line = match &one.how {
            How::Nothing(why) => format!("{} is left as it is: {why}", one.service),
            How::Update => format!("{} goes back to {name}", one.service),
            How::Stop { .. } => format!("{} goes back to {name}: ECS rolls the deployment under way back", one.service),
            How::StopDeployment { deployment } => {
                format!("{} goes back to {name}: CodeDeploy stops deployment {deployment}", one.service)
            }
            How::Deploy { .. } => format!("{} goes back to {name}: CodeDeploy deploys it again", one.service),
        };
        let known = if matches!(one.how, How::Nothing(_)) { String::new() } else { one.known() };
        self.session.log.line(format!("{line}{known}"));
        let ended = match &one.how {
            How::Update | How::Deploy { .. } | How::Nothing(_) => again.deploy().await?,
            How::StopDeployment { deployment } => again.stop(deployment).await?,
            How::Stop { service_deployment } => again.undo(service_deployment).await?.ok_or_else(|| {
                let why = format!("the deployment of {} became complete meanwhile", revision_name(&one.from));
                RollbackError::Moved { service: one.service.clone(), why }
            })?,
        };
        Ok(as_asked(ended, &one.how, &one.to))
    }

    /// Moves rules and schedules to the revision that is restored.
    async fn finish(&self, plan: &RollbackPlan, mut outcome: Outcome) -> Outcome {
        let inputs = &self.inputs.deploy;
        if inputs.targets.is_empty() || !outcome.verdict.is_success() {
            return outcome;
        }
        let is_one = plan.services.iter().all(|one| one.to == outcome.task_definition);
        if is_one && is_whole(&outcome) {
            outcome.moved = move_targets(self.ecs, self.session, inputs, &outcome.task_definition).await;
        } else {
            let why = "`event-rules` and `schedules` are left as they are: they move when all services are back at one revision";
            outcome.warnings.push(why.to_owned());
        }
        outcome
    }

    fn settled(&self, one: &OnePlan, ended: Result<ServiceOutcome, RollbackError>) -> ServiceOutcome {
        ended.unwrap_or_else(|error| {
            let own = with_error(&one.service, &one.from, &error, self.start);
            self.session.log.line(format!("{}: {}", own.service, own.reason));
            own
        })
    }
}

/// A rollback that is complete is what should happen.
fn as_asked(ended: ServiceOutcome, how: &How, to: &str) -> ServiceOutcome {
    let went_through =
        "the deployment became complete before it could be rolled back; run the step again to go back from it";
    let (verdict, reason, restored) = match (how, ended.verdict) {
        (How::Update | How::Deploy { .. }, Verdict::Deployed) => {
            (Verdict::Restored, String::new(), Some(to.to_owned()))
        }
        (How::Stop { .. } | How::StopDeployment { .. }, Verdict::RolledBack) => {
            (Verdict::Restored, String::new(), ended.restored.clone().or_else(|| Some(to.to_owned())))
        }
        (How::Stop { .. } | How::StopDeployment { .. }, Verdict::Deployed) => {
            (Verdict::Failed, went_through.to_owned(), None)
        }
        _ => return ended,
    };
    let mut events = ended.events;
    if let Some(Told { event: Event::Ended { verdict: told }, .. }) = events.last_mut() {
        *told = verdict.as_str();
    }
    ServiceOutcome { verdict, reason, restored, events, ..ended }
}

/// How the service moved; `None` when it did not.
fn moved(before: &Service, now: &Service) -> Option<String> {
    let (was, is) = (before.primary()?, now.primary());
    let Some(is) = is else { return Some("it has no PRIMARY deployment any more".to_owned()) };
    if was.id != is.id {
        let revision = revision_name(&is.task_definition);
        return Some(format!("another deployment began, of {revision}: {} in place of {}", is.id, was.id));
    }
    let (was, is) = (&before.current_service_deployment, &now.current_service_deployment);
    (was != is).then(|| "the deployment that was under way ended, or another one began".to_owned())
}
