//! The loop around the step function: look, step, pause, until the end, the deadline or a cancellation.

use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use tokio_util::sync::CancellationToken;

use crate::rollout::{End, Event, Pace, Rollout};
use crate::service::Service;

/// How following a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The deployment ended.
    Ended(End),
    /// The time was up first.
    TimedOut,
    /// The run was cancelled first.
    Cancelled,
}

/// A service that can be looked at again and again, and the time that passes meanwhile.
pub(crate) trait Watched {
    /// Reads the service.
    async fn look(&mut self) -> Result<Service, ApiError>;
    /// Lets time pass.
    async fn pause(&mut self, time: Duration);
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

/// Follows `rollout` to its end.
///
/// A look that fails for want of a connection or because AWS is busy is made again; only an answer that will not change by
/// itself (expired credentials, a missing permission) ends the wait.
pub(crate) async fn follow(
    mut rollout: Rollout,
    patience: Patience<'_>,
    watched: &mut impl Watched,
) -> Result<(Rollout, Followed), ApiError> {
    let mut pace = Pace::new(&rollout.goal().deployment);
    loop {
        let seen = tokio::select! {
            biased;
            () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
            seen = watched.look() => seen,
        };
        match seen {
            Ok(service) => {
                pace.answered();
                let step = rollout.step(&service, watched.elapsed());
                step.events.into_iter().for_each(|event| watched.tell(event));
                rollout = step.rollout;
                if let Some(end) = step.end {
                    return Ok((rollout, Followed::Ended(end)));
                }
            }
            Err(error) if passes(&error) => {
                if error.kind == ApiErrorKind::Throttled {
                    pace.throttled();
                }
                watched.tell(Event::Notice { text: format!("{error}; looking again") });
            }
            Err(error) => return Err(error),
        }
        let left = patience.limit.saturating_sub(watched.elapsed());
        if left.is_zero() {
            return Ok((rollout, Followed::TimedOut));
        }
        watched.still(&rollout.state());
        tokio::select! {
            biased;
            () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
            () = watched.pause(pace.pause().min(left)) => {}
        }
    }
}

/// Whether the call may well succeed when it is made again.
fn passes(error: &ApiError) -> bool {
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
