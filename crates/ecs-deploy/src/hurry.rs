//! What a cancelled run may still do: five seconds after the signal it is ended, and a second signal ends it at once.

use std::time::Duration;

use loopback::Pace;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::ended::Ended;
use crate::site::{Naming, Site};

/// How long it goes on, half a second short of what it is given.
const LIMIT: Duration = Duration::from_millis(4500);
/// How long it waits for the answer of a change that is under way.
const LAST_ANSWER: Duration = Duration::from_secs(2);

/// The answer of a change that was begun: a cancelled run does not abandon it, and waits for it no longer than [`LAST_ANSWER`].
pub(crate) async fn answer<T>(cancel: &CancellationToken, pace: Pace, call: impl Future<Output = T>) -> Option<T> {
    let too_late = async {
        cancel.cancelled().await;
        sleep(pace.of(LAST_ANSWER)).await;
    };
    tokio::select! {
        biased;
        answer = call => Some(answer),
        () = too_late => None,
    }
}

/// What `work` gives, and the moment in which the run was cancelled, if it was.
pub(crate) async fn watched<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> (T, Option<Instant>) {
    tokio::pin!(work);
    tokio::select! {
        biased;
        () = cancel.cancelled() => {
            let at = Instant::now();
            (work.await, Some(at))
        }
        done = &mut work => (done, None),
    }
}

/// What `work` gives in a run that was cancelled at some moment, unless its time is up first.
pub(crate) async fn in_time<T>(cancelled: Option<Instant>, pace: Pace, work: impl Future<Output = T>) -> Option<T> {
    match cancelled {
        Some(at) => timeout_at(at + pace.of(LIMIT), work).await.ok(),
        None => Some(work.await),
    }
}

/// Notes the outputs of a run that may be ended before it reports. Of several services the end alone shows which one decides.
pub(crate) fn note(site: Site<'_>, ended: &Ended, known: &[(&str, &str)]) {
    if site.naming == Naming::Needed {
        return;
    }
    let own = [("verdict", ended.verdict.as_str()), ("reason", ended.reason.as_str())];
    for (name, value) in own.iter().chain(known) {
        site.session.note_output(name, *value);
    }
}
