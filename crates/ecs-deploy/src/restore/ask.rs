//! The loop around the decision: look, decide, do, until something is done, nothing is to be done, or there is no time left.

use std::collections::BTreeSet;

use aws_client::{ApiError, ApiErrorKind};

use crate::names::revision_name;
use crate::restore::{Case, Look, Move, Occasion, Stop, decide, displaced, unavailable};
use crate::service::Service;

/// How often a call may fail, or be refused for the moment.
const FAILURES: u32 = 4;
/// How often is looked at what is on its way.
const WAITS: u32 = 30;

/// What can be seen and done.
pub(crate) trait Hands {
    /// The service and our service deployment, as they are now.
    async fn look(&mut self) -> Result<Look, ApiError>;
    /// `StopServiceDeployment` with the stop type `ROLLBACK`.
    async fn stop(&mut self, arn: &str) -> Result<(), ApiError>;
    /// `UpdateService`; the service of its answer.
    async fn update(&mut self, to: &str) -> Result<Service, ApiError>;
    /// Lets a moment pass.
    async fn pause(&mut self);
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// The deployment is complete after all.
    Deployed,
    /// The service goes back by itself: ECS does it, or has done it.
    GoingBack {
        /// The last look.
        look: Box<Look>,
        /// Whether this run asked for it.
        asked: bool,
    },
    /// The service was given another revision.
    Updated {
        /// The service, with the new deployment.
        service: Box<Service>,
        /// The ARN of the task definition.
        to: String,
    },
    /// It was, and that took the place of somebody else's deployment.
    Displaced {
        /// What the service was given.
        to: String,
        /// The ARN of their task definition.
        theirs: String,
    },
    /// It was asked for, and whether that was received is not known: why.
    Unknown(String),
    /// Nothing: the run was cancelled first.
    Cancelled,
    /// Nothing: why.
    Not(String),
}

/// Looks and decides until something is done or nothing is to be done. Once `hurry` comes it neither looks nor waits any more.
pub(crate) async fn ask(case: &Case, hands: &mut impl Hands, hurry: impl Future<Output = ()>) -> Asked {
    let (mut failures, mut waits) = if case.occasion == Occasion::Cancel { (1, 1) } else { (FAILURES, WAITS) };
    let mut state = State { known: case.before.clone(), stop: Stop::Possible, updated: None, unanswered: None };
    state.known.insert(case.deployment.clone());
    tokio::pin!(hurry);
    loop {
        let look = tokio::select! {
            biased;
            () = &mut hurry => return state.hurried(case),
            look = hands.look() => look,
        };
        let step = match look {
            Ok(look) => state.step(case, look, hands).await,
            Err(error) => Step::Failed(error.to_string()),
        };
        let left = match &step {
            Step::Done(asked) => return asked.clone(),
            Step::Again => Some(()),
            Step::Failed(_) => failures.checked_sub(1).map(|left| failures = left),
            Step::Wait => waits.checked_sub(1).map(|left| waits = left),
        };
        match (step, left) {
            (Step::Failed(error), None) => return state.given_up(error),
            (_, None) => return state.given_up("what is on its way did not come to an end".to_owned()),
            (Step::Again, Some(())) => {}
            (_, Some(())) => tokio::select! {
                biased;
                () = &mut hurry => return state.hurried(case),
                () = hands.pause() => {}
            },
        }
    }
}

/// What one look led to.
enum Step {
    Done(Asked),
    Again,
    Wait,
    Failed(String),
}

struct State {
    /// The ids of all deployments that were seen before an update, ours among them.
    known: BTreeSet<String>,
    stop: Stop,
    /// What an update named that was not answered.
    updated: Option<String>,
    /// The error of the last change that may have been received.
    unanswered: Option<String>,
}

impl State {
    /// There is no time left.
    fn hurried(self, case: &Case) -> Asked {
        match (self.unanswered, case.occasion) {
            (Some(why), _) => Asked::Unknown(why),
            (None, Occasion::Cancel) => Asked::Not("ECS did not answer in time".to_owned()),
            (None, Occasion::Failure | Occasion::TimeOut) => Asked::Cancelled,
        }
    }

    /// There is no sense in going on.
    fn given_up(self, why: String) -> Asked {
        self.unanswered.map_or(Asked::Not(why), Asked::Unknown)
    }

    async fn step(&mut self, case: &Case, look: Look, hands: &mut impl Hands) -> Step {
        if let Some(done) = self.was_updated(case, &look.service) {
            return Step::Done(done);
        }
        self.known.extend(look.service.deployments.iter().map(|entry| entry.id.clone()));
        match decide(case, &look, &self.stop) {
            Move::Deployed => Step::Done(Asked::Deployed),
            Move::Follow => Step::Done(Asked::GoingBack { look: Box::new(look), asked: false }),
            Move::Wait => Step::Wait,
            Move::Not(why) => Step::Done(Asked::Not(why)),
            Move::Stop { arn } => self.stop(look, &arn, hands).await,
            Move::Update { to } => self.update(to, hands).await,
        }
    }

    /// Whether an update that was not answered was done all the same.
    fn was_updated(&self, case: &Case, service: &Service) -> Option<Asked> {
        let to = self.updated.as_ref()?;
        let primary = service.primary()?;
        let done = primary.id != case.deployment && primary.task_definition == *to && !self.known.contains(&primary.id);
        done.then(|| self.after_update(to.clone(), service.clone()))
    }

    async fn stop(&mut self, look: Look, arn: &str, hands: &mut impl Hands) -> Step {
        match hands.stop(arn).await {
            Ok(()) => Step::Done(Asked::GoingBack { look: Box::new(look), asked: true }),
            Err(error) => match unavailable(&error) {
                Some(why) => {
                    self.stop = Stop::Unavailable(why);
                    Step::Again
                }
                None => self.failed(&error),
            },
        }
    }

    async fn update(&mut self, to: String, hands: &mut impl Hands) -> Step {
        match hands.update(&to).await {
            Ok(service) => Step::Done(self.after_update(to, service)),
            Err(error) => match error.kind {
                ApiErrorKind::AccessDenied
                | ApiErrorKind::NotFound
                | ApiErrorKind::Expired
                | ApiErrorKind::BadCredentials
                | ApiErrorKind::Invalid => {
                    Step::Done(Asked::Not(format!("{} cannot be restored: {error}", revision_name(&to))))
                }
                ApiErrorKind::Throttled
                | ApiErrorKind::Unreachable
                | ApiErrorKind::TimedOut
                | ApiErrorKind::Service
                | ApiErrorKind::Conflict => {
                    self.updated = Some(to);
                    self.failed(&error)
                }
            },
        }
    }

    /// A change failed, and may have been received all the same.
    fn failed(&mut self, error: &ApiError) -> Step {
        if may_be_received(error) {
            self.unanswered = Some(error.to_string());
        }
        Step::Failed(error.to_string())
    }

    fn after_update(&self, to: String, service: Service) -> Asked {
        match displaced(&self.known, &service) {
            Some(theirs) => Asked::Displaced { theirs: theirs.to_owned(), to },
            None => Asked::Updated { service: Box::new(service), to },
        }
    }
}

/// Whether a change that failed may have been made all the same.
pub(crate) fn may_be_received(error: &ApiError) -> bool {
    matches!(error.kind, ApiErrorKind::TimedOut | ApiErrorKind::Unreachable | ApiErrorKind::Service)
}
