//! Sends invalidations and waits for them.

use std::time::Duration;

use aws_client::ApiErrorKind;
use tokio::time::Instant;

use crate::cloudfront::refused;
use crate::error::Error;
use crate::invalidation::Invalidation;
use actions_core::amount::count;

use super::{Run, Sent};

/// How long CloudFront may refuse because other invalidations are still in progress.
const PATIENCE: Duration = Duration::from_mins(10);

/// The first and the longest pause between two tries.
const RETRY_PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// The first and the longest pause between two looks at an invalidation.
pub(super) const LOOK_PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(20));

/// Sends one invalidation. While others are in progress it waits and tries again; that is HTTP 400, so no client does by itself.
pub(super) async fn send(run: Run<'_>, invalidation: &Invalidation) -> Result<Sent, Error> {
    let id = &invalidation.distribution;
    let log = &run.session.log;
    let title = format!("invalidating {} of {id}", count(invalidation.paths.len(), "path"));
    run.list(&title, invalidation.paths.iter().map(String::as_str));
    let until = Instant::now() + run.clients.pace.of(PATIENCE);
    let mut pauses = Pauses::new(RETRY_PAUSES);
    loop {
        let said = match run.clients.create_invalidation(invalidation).await {
            Ok(taken) => {
                log.line(format!("{id}: invalidation {}", taken.id));
                return Ok(Sent { distribution: id.clone(), id: taken.id, completed: taken.completed });
            }
            Err(error) => error,
        };
        let busy = said.kind == ApiErrorKind::Throttled
            || matches!(said.code.as_deref(), Some("TooManyInvalidationsInProgress" | "ServiceUnavailable"));
        let pause = pauses.next();
        if !busy || Instant::now() + run.clients.pace.of(pause) > until || run.session.cancel.is_cancelled() {
            return Err(refused(id, said));
        }
        log.line(format!(
            "{id}: {}; trying again in {} s",
            said.code.as_deref().unwrap_or("CloudFront is busy"),
            pause.as_secs()
        ));
        run.pause(pause).await;
    }
}

/// Waits until all are completed, at most `limit`. Returns what the user should know when it ends before.
pub(super) async fn wait(run: Run<'_>, limit: Duration, sent: &mut [Sent]) -> Option<String> {
    if sent.iter().all(|one| one.completed) {
        return None;
    }
    let progress = run.session.log.progress("waiting for CloudFront", 0);
    let until = Instant::now() + run.clients.pace.of(limit);
    let mut pauses = Pauses::new(LOOK_PAUSES);
    loop {
        for one in sent.iter_mut().filter(|one| !one.completed) {
            match look(run, one).await {
                Ok(completed) => one.completed = completed,
                Err(error) => {
                    return Some(format!(
                        "it is not known when the invalidation of {} ends: {error}",
                        one.distribution
                    ));
                }
            }
        }
        let open: Vec<&str> = sent.iter().filter(|one| !one.completed).map(|one| one.distribution.as_str()).collect();
        if open.is_empty() {
            return None;
        }
        if Instant::now() >= until || run.session.cancel.is_cancelled() {
            return Some(format!(
                "the invalidation of {} was not completed after {} s; CloudFront completes it by itself",
                open.join(", "),
                limit.as_secs()
            ));
        }
        progress.waiting(&format!("invalidation of {} is in progress", open.join(", ")));
        run.pause_until(pauses.next(), until).await;
    }
}

async fn look(run: Run<'_>, sent: &Sent) -> Result<bool, Error> {
    let id = &sent.distribution;
    let answer = run.clients.invalidation(id, &sent.id).await;
    answer.map(|taken| taken.completed).map_err(|error| refused(id, error))
}

impl Run<'_> {
    /// Sleeps, unless the run is cancelled.
    pub(super) async fn pause(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(self.clients.pace.of(pause)) => {}
            () = self.session.cancel.cancelled() => {}
        }
    }

    /// Sleeps, at most `until` then, unless the run is cancelled.
    pub(super) async fn pause_until(&self, pause: Duration, until: Instant) {
        tokio::select! {
            () = self.pause(pause) => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }
}

/// Pauses that double up to a limit.
pub(super) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(super) fn new((first, longest): (Duration, Duration)) -> Self {
        Self { next: first, longest }
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_limit() {
        let mut pauses = Pauses::new(LOOK_PAUSES);
        let seconds: Vec<u64> = (0..6).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 20, 20]);
    }
}
