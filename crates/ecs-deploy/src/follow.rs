//! The loop around the step function: ask, step, pause, until the end, the deadline or a cancellation.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use tokio_util::sync::CancellationToken;

use crate::rollout::{Answer, End, Event, Pace, Question, Refusal, Rollout};

/// How many rounds of questions there are at most between two pauses: each urgent one settles what the one before opened.
const ROUNDS: usize = 5;

/// How following a deployment ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Followed {
    /// The wait ended by itself.
    Ended(End),
    /// The time was up first.
    TimedOut,
    /// The run was cancelled first.
    Cancelled,
}

/// A service that can be asked about again and again, and the time that passes meanwhile.
pub(crate) trait Watched {
    /// Asks AWS, each question on its own.
    async fn ask(&mut self, question: &Question) -> Result<Answer, ApiError>;
    /// Lets time pass.
    async fn pause(&mut self, time: Duration);
    /// Gets other credentials in place of those that have expired; `false` when there are none.
    async fn renew(&mut self) -> bool;
    /// The time since the start.
    fn elapsed(&self) -> Duration;
    /// Tells something new.
    fn tell(&mut self, event: Event);
    /// Tells the present state, to show that the wait goes on.
    fn still(&mut self, state: &str);
}

/// How long and until which signal a deployment is followed.
#[derive(Debug)]
pub(crate) struct Patience<'a> {
    pub(crate) limit: Duration,
    pub(crate) cancel: &'a CancellationToken,
}

/// The wait for one deployment.
struct Wait<'a, W> {
    watched: &'a mut W,
    pace: Pace,
    renewed: bool,
    /// What was told of an outage that lasts.
    told: BTreeSet<String>,
}

/// Follows `rollout` to its end.
///
/// A question that fails for want of a connection or because AWS is busy is asked again; only an answer about the service
/// that will not change by itself (a missing permission, credentials that expired and cannot be renewed) ends the wait.
///
/// # Errors
/// That answer, with what was seen until then.
pub(crate) async fn follow(
    mut rollout: Rollout,
    patience: Patience<'_>,
    watched: &mut impl Watched,
) -> Result<(Rollout, Followed), (Box<Rollout>, ApiError)> {
    let pace = Pace::new(&rollout.goal().deployment);
    let mut wait = Wait { watched, pace, renewed: false, told: BTreeSet::new() };
    loop {
        for round in 0..ROUNDS {
            if round > 0 && !rollout.is_urgent() {
                break;
            }
            let answers = tokio::select! {
                biased;
                () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
                answers = wait.ask(&rollout) => match answers {
                    Ok(answers) => answers,
                    Err(error) => return Err((Box::new(rollout), error)),
                },
            };
            let step = rollout.step(&answers, wait.watched.elapsed());
            step.events.into_iter().for_each(|event| wait.watched.tell(event));
            rollout = step.rollout;
            if let Some(end) = step.end {
                return Ok((rollout, Followed::Ended(end)));
            }
        }
        let left = patience.limit.saturating_sub(wait.watched.elapsed());
        if left.is_zero() {
            return Ok((rollout, Followed::TimedOut));
        }
        wait.watched.still(&rollout.state());
        let pause = wait.pace.pause().min(left);
        tokio::select! {
            biased;
            () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
            () = wait.watched.pause(pause) => {}
        }
    }
}

impl<W: Watched> Wait<'_, W> {
    /// One round of questions, with the answers there are.
    async fn ask(&mut self, rollout: &Rollout) -> Result<Vec<Answer>, ApiError> {
        let mut answers = Vec::new();
        let (mut throttled, mut complete) = (false, true);
        for question in rollout.questions() {
            match self.answer(&question).await {
                Ok(answer) => answers.push(answer),
                Err(error) if question.is_about_tasks() && passes(&error) => {
                    throttled |= error.kind == ApiErrorKind::Throttled;
                    answers.push(Answer::TasksNotAnswered);
                }
                Err(error) if question.is_about_tasks() => answers.push(Answer::TasksRefused(refusal(&error))),
                Err(error) if passes(&error) && (question == Question::Service || !is_unsupported(&error)) => {
                    throttled |= error.kind == ApiErrorKind::Throttled;
                    complete = false;
                    self.tell_once(&error);
                }
                Err(error) if question == Question::Service => return Err(error),
                Err(error) => answers.push(Answer::Refused(refusal(&error))),
            }
        }
        if throttled {
            self.pace.throttled();
        } else {
            self.pace.answered();
        }
        if complete {
            self.told.clear();
        }
        Ok(answers)
    }

    /// Tells the first of many failures that are alike; the heartbeat shows that the wait goes on.
    fn tell_once(&mut self, error: &ApiError) {
        if self.told.insert(format!("{} {:?}", error.operation, error.kind)) {
            self.watched.tell(Event::Notice { text: format!("{error}; looking again") });
        }
    }

    /// One answer; where the credentials have expired, with other ones, once.
    async fn answer(&mut self, question: &Question) -> Result<Answer, ApiError> {
        match self.watched.ask(question).await {
            Err(error) if error.kind == ApiErrorKind::Expired && !self.renewed => {
                self.renewed = true;
                if self.watched.renew().await { self.watched.ask(question).await } else { Err(error) }
            }
            answer => answer,
        }
    }
}

/// What ECS answers where it has no service deployments
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html>), and what emulators answer.
fn is_unsupported(error: &ApiError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    matches!(code, "UnsupportedFeatureException" | "ClientException" | "UnknownOperationException" | "NotImplemented")
}

/// What a refused call means for the search of a service deployment.
pub(crate) fn refusal(error: &ApiError) -> Refusal {
    Refusal { action: error.iam_action(), denied: error.kind == ApiErrorKind::AccessDenied }
}

/// What a call that failed says of the search, where it will fail again: a missing permission, or an endpoint that knows no such call.
///
/// # Errors
/// The error itself where it says nothing of the call: AWS is busy or cannot be reached, or the credentials are to blame.
pub(crate) fn lasting(error: ApiError) -> Result<Refusal, ApiError> {
    let of_credentials = matches!(error.kind, ApiErrorKind::Expired | ApiErrorKind::BadCredentials);
    let may_pass = passes(&error) && !is_unsupported(&error);
    if of_credentials || may_pass { Err(error) } else { Ok(refusal(&error)) }
}

/// Whether the call may well succeed when it is made again.
pub(crate) fn passes(error: &ApiError) -> bool {
    match error.kind {
        ApiErrorKind::Throttled
        | ApiErrorKind::Unreachable
        | ApiErrorKind::TimedOut
        | ApiErrorKind::Service
        | ApiErrorKind::Conflict => true,
        ApiErrorKind::AccessDenied
        | ApiErrorKind::NotFound
        | ApiErrorKind::Expired
        | ApiErrorKind::BadCredentials
        | ApiErrorKind::Invalid => false,
    }
}

#[cfg(test)]
mod tests;
