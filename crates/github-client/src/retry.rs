//! When to send a call again, and after which pause. Pure.

use std::time::Duration;

use http::StatusCode;

use crate::answer::{Answer, Limit};
use crate::call::Repeat;

/// How patient the client is.
#[derive(Debug, Clone)]
pub(crate) struct Retries {
    /// How often a call is sent at most.
    pub(crate) attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub(crate) first_pause: Duration,
    /// The pause when a rate limit does not say when it ends. GitHub asks for at least a minute.
    pub(crate) unannounced_limit: Duration,
    /// The time that one call waits for rate limits at most, all pauses together.
    pub(crate) patience: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Duration::from_millis(500),
            unannounced_limit: Duration::from_mins(1),
            patience: Duration::from_mins(5),
        }
    }
}

/// What one attempt came to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempt<'a> {
    /// An answer that is no success.
    Refused(&'a Answer),
    /// No connection, so the call cannot have been executed.
    NotSent,
    /// The connection broke or timed out, so the call may have been executed.
    Broken,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// Attempts made, from 1.
    pub(crate) attempt: u32,
    /// Time spent waiting for rate limits.
    pub(crate) waited: Duration,
    /// The time, in seconds since 1970.
    pub(crate) now: u64,
}

/// A pause before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The server or the network was at fault.
    Backoff(Duration),
    /// A rate limit.
    Limited(Duration),
}

impl Retries {
    /// The pause before the next attempt; `None` when there shall be none.
    pub(crate) fn pause(&self, attempt: Attempt<'_>, repeat: Repeat, progress: Progress) -> Option<Pause> {
        if progress.attempt >= self.attempts {
            return None;
        }
        let backoff = Pause::Backoff(self.first_pause * 2_u32.pow(progress.attempt.saturating_sub(1).min(6)));
        match attempt {
            Attempt::NotSent => Some(backoff),
            Attempt::Broken => (repeat == Repeat::Safe).then_some(backoff),
            Attempt::Refused(answer) => match answer.limit(progress.now) {
                Some(limit) => self.wait_for(limit, progress.waited),
                None => may_repeat(answer.status, repeat).then_some(backoff),
            },
        }
    }

    fn wait_for(&self, limit: Limit, waited: Duration) -> Option<Pause> {
        let pause = match limit {
            Limit::Ends(pause) => pause,
            Limit::Unannounced => self.unannounced_limit,
        };
        (waited + pause <= self.patience).then_some(Pause::Limited(pause))
    }
}

/// Whether a server error may be answered with the same call once more. A 503 says that nothing was done.
fn may_repeat(status: StatusCode, repeat: Repeat) -> bool {
    status == StatusCode::SERVICE_UNAVAILABLE || (status.is_server_error() && repeat == Repeat::Safe)
}

#[cfg(test)]
mod tests;
