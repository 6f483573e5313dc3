//! The loop around the step function: look, step, pause, until the end, the deadline or a cancellation.

use std::time::Duration;

use actions_core::Progress;
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::rollout::{End, Pace, Rollout};
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

/// How long and until which signal a deployment is followed.
#[derive(Debug)]
pub(crate) struct Patience<'a> {
    pub(crate) limit: Duration,
    pub(crate) cancel: &'a CancellationToken,
}

/// Follows `rollout` to its end. `look` reads the service.
///
/// A look that fails for want of a connection or because AWS is busy is made again; only an answer that will not change by
/// itself (expired credentials, a missing permission) ends the wait.
pub(crate) async fn follow(
    mut rollout: Rollout,
    patience: Patience<'_>,
    progress: &Progress,
    mut look: impl AsyncFnMut() -> Result<Service, ApiError>,
) -> Result<(Rollout, Followed), ApiError> {
    let start = Instant::now();
    let mut pace = Pace::new(&rollout.goal().deployment);
    loop {
        let seen = tokio::select! {
            () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
            seen = look() => seen,
        };
        match seen {
            Ok(service) => {
                pace.answered();
                let step = rollout.step(&service, start.elapsed());
                step.notes.iter().for_each(|note| progress.change(note));
                rollout = step.rollout;
                if let Some(end) = step.end {
                    return Ok((rollout, Followed::Ended(end)));
                }
            }
            Err(error) if passes(&error) => {
                if error.kind == ApiErrorKind::Throttled {
                    pace.throttled();
                }
                progress.change(format!("{error}; looking again"));
            }
            Err(error) => return Err(error),
        }
        let left = patience.limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok((rollout, Followed::TimedOut));
        }
        progress.waiting(rollout.last());
        tokio::select! {
            () = patience.cancel.cancelled() => return Ok((rollout, Followed::Cancelled)),
            () = tokio::time::sleep(pace.pause().min(left)) => {}
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
