//! Follows a task to its end: looks at it, and writes what its containers write.

use std::time::Duration;

use actions_core::Progress;
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::{Instant, sleep, timeout};

use crate::diagnosis::Mask;
use crate::ecs::Ecs;
use crate::follow::passes;
use crate::names::last;
use crate::rollout::Pace;
use crate::run_task::logs::Streams;
use crate::run_task::watch::{Look, TaskEnd, Watch};
use crate::run_task::{Job, TaskOutcome, TaskVerdict};

/// The pause between two looks once a container has ended.
const SOON: Duration = Duration::from_secs(2);
/// How long lines that come late are waited for after the task has stopped: at first, and at most.
const LATE_LINES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));
/// How long reading what is new in the log may take: the task is looked at meanwhile too.
const LOG: Duration = Duration::from_secs(10);

/// A task that was started.
pub(super) struct Following<'a> {
    pub(super) job: &'a Job<'a>,
    /// A look that is not answered is soon made anew.
    pub(super) ecs: Ecs,
    renewed: bool,
    pub(super) progress: Progress,
    pub(super) start: Instant,
    pub(super) streams: Streams,
    pub(super) mask: Mask,
    pub(super) watch: Watch,
}

impl<'a> Following<'a> {
    pub(super) fn new(job: &'a Job<'a>, arn: &str) -> Self {
        let mask = Mask::new(job.session.log.redactor(), &job.with_overrides());
        Self {
            job,
            ecs: job.ecs.polling(),
            renewed: false,
            progress: job.session.log.progress(&format!("task {}", last(arn)), 0),
            start: Instant::now(),
            streams: Streams::new(job.definition, mask.clone()),
            mask,
            watch: Watch::new(arn, job.definition),
        }
    }

    /// Looks until the task has ended, the time is up, or the run is cancelled.
    pub(super) async fn follow(mut self, limit: Duration) -> TaskOutcome {
        let mut pace = Pace::new(self.watch.arn());
        let cancel = self.job.session.cancel.clone();
        loop {
            let looked = tokio::select! {
                biased;
                () = cancel.cancelled() => return self.stop(TaskVerdict::TaskCancelled).await,
                looked = self.look() => looked,
            };
            match looked {
                Ok(Some(end)) => return self.ended(end).await,
                Ok(None) => pace.answered(),
                Err(error) if passes(&error) => {
                    if error.kind == ApiErrorKind::Throttled {
                        pace.throttled();
                    }
                    self.progress.change(format!("{error}; looking again"));
                }
                Err(error) => return self.lost(&error).await,
            }
            let left = limit.saturating_sub(self.elapsed());
            if left.is_zero() {
                return self.stop(TaskVerdict::TaskTimedOut).await;
            }
            self.progress.waiting(self.watch.status());
            let pause = if self.watch.is_ending() { pace.pause().min(SOON) } else { pace.pause() };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return self.stop(TaskVerdict::TaskCancelled).await,
                () = sleep(self.job.ecs.pace.of(pause.min(left))) => {}
            }
        }
    }

    /// One look at the task, and at what it wrote.
    async fn look(&mut self) -> Result<Option<TaskEnd>, ApiError> {
        let look = match self.ask().await {
            Err(error) if error.kind == ApiErrorKind::Expired && !self.renewed => {
                self.renewed = true;
                let Ok(ecs) = self.job.ecs.anew(self.job.session).await else { return Err(error) };
                self.ecs = ecs.polling();
                self.ask().await?
            }
            answer => answer?,
        };
        let end = self.take(look);
        if self.watch.has_run() {
            self.read_logs().await;
        }
        Ok(end)
    }

    async fn ask(&self) -> Result<Look, ApiError> {
        let found = self.ecs.described_task(self.job.cluster.as_str(), self.watch.arn()).await?;
        Ok(found.map_or(Look::Missing, Look::Task))
    }

    fn take(&mut self, look: Look) -> Option<TaskEnd> {
        let now = self.elapsed();
        let step = self.watch.clone().step(look, now);
        for event in step.events {
            self.progress.change(self.mask.hide(&event.to_string()));
        }
        self.watch = step.watch;
        step.end
    }

    /// Reads what is new; whether there was anything.
    pub(super) async fn read_logs(&mut self) -> bool {
        let Self { streams, ecs, watch, progress, .. } = self;
        let mut write = |line| progress.change(line);
        timeout(ecs.at_least(LOG), streams.read(ecs, watch.task(), &mut write)).await.unwrap_or(false)
    }

    /// The end, after the lines that came late.
    async fn ended(mut self, end: TaskEnd) -> TaskOutcome {
        if self.watch.has_run() && end != TaskEnd::Gone {
            self.late_lines().await;
        }
        let (verdict, reason, code) = match end {
            TaskEnd::Succeeded => (TaskVerdict::Succeeded, String::new(), Some(0)),
            TaskEnd::Failed { reason, code } => (TaskVerdict::TaskFailed, reason, code),
            TaskEnd::Gone => (
                TaskVerdict::LostSight,
                "ECS does not know the task any more, so how it ended is not known".to_owned(),
                None,
            ),
        };
        self.outcome(verdict, &reason, code)
    }

    /// `CloudWatch` shows a line some moments after it was written.
    async fn late_lines(&mut self) {
        let (pause, most) = LATE_LINES;
        let cancel = self.job.session.cancel.clone();
        let mut waited = Duration::ZERO;
        while waited < most && self.streams.can_be_read() {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                () = sleep(self.job.ecs.pace.of(pause)) => {}
            }
            waited += pause;
            if !self.read_logs().await {
                return;
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.job.ecs.pace.passed(self.start.elapsed())
    }
}
