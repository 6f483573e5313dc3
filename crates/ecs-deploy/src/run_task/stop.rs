//! The end of a task that is followed no longer: it is asked to stop, so that it does not go on unseen.

use std::time::Duration;

use actions_core::ActionError as _;
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::timeout;

use crate::run_task::follow::Following;
use crate::run_task::{TaskOutcome, TaskVerdict};

/// How long stopping a task may take in a cancelled run, which has five seconds left.
const LAST_WORDS: Duration = Duration::from_secs(3);

impl Following<'_> {
    /// Asks the task to stop, and says what is known of it.
    pub(super) async fn stop(mut self, verdict: TaskVerdict) -> TaskOutcome {
        let why = if verdict == TaskVerdict::TaskCancelled { "the run was cancelled" } else { "the time was up" };
        let state = if self.watch.status().is_empty() { "not seen yet" } else { self.watch.status() }.to_owned();
        let stopped = timeout(LAST_WORDS, async {
            let stopped = self.ask_to_stop(why).await;
            if self.watch.has_run() {
                self.read_logs().await;
            }
            stopped
        })
        .await;
        let what = match stopped {
            Ok(Ok(())) => "it was asked to stop".to_owned(),
            Ok(Err(error)) if error.kind == ApiErrorKind::AccessDenied => {
                format!("it goes on: grant `{}` to have it stopped", error.iam_action())
            }
            Ok(Err(error)) => format!("it could not be stopped: {error}"),
            Err(_) => "whether it was stopped is not known".to_owned(),
        };
        self.outcome(verdict, &format!("{why} while the task was {state}; {what}"), None)
    }

    async fn ask_to_stop(&self, why: &str) -> Result<(), ApiError> {
        let reason = format!("Slipway: {why}");
        self.ecs.stop_task(self.job.cluster.as_str(), self.watch.arn(), &reason).await
    }

    /// It cannot be seen any more, so it must not go on unseen.
    pub(super) async fn lost(self, error: &ApiError) -> TaskOutcome {
        let stopped = timeout(LAST_WORDS, self.ask_to_stop("it cannot be seen any more")).await;
        let what = if matches!(stopped, Ok(Ok(()))) { "the task was asked to stop" } else { "the task goes on" };
        let is_denied = error.kind == ApiErrorKind::AccessDenied;
        let advice =
            is_denied.then(|| format!("add this statement to the role's policy:\n{}", error.policy_statement()));
        let outcome = self.outcome(TaskVerdict::LostSight, &format!("{}; {what}", error.told()), None);
        TaskOutcome { advice: advice.unwrap_or_default(), ..outcome }
    }
}
