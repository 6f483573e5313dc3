//! Runs a task: starts it, follows it to its end, and stops it when the run is cancelled or the time is up.

use std::time::Duration;

use actions_core::{ActionError as _, Progress, Session};
use aws_client::{ApiError, ApiErrorKind};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::diagnosis::{Diagnosis, Mask, group};
use crate::ecs::Ecs;
use crate::error::Error;
use crate::follow::passes;
use crate::names::{ClusterName, last, revision_name};
use crate::rollout::Pace;
use crate::run_task::logs::Streams;
use crate::run_task::outcome::EndedContainer;
use crate::run_task::start::Started;
use crate::run_task::watch::{Look, TaskEnd, Watch};
use crate::run_task::{TaskOutcome, TaskPlan, TaskVerdict};

/// The pause between two looks once a container has ended.
const SOON: Duration = Duration::from_secs(2);
/// How long lines that come late are waited for after the task has stopped: at first, and at most.
const LATE_LINES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));
/// How long stopping a task may take in a cancelled run, which has five seconds left.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// A task to run.
pub(crate) struct Job<'a> {
    pub(crate) ecs: &'a Ecs,
    pub(crate) session: &'a Session,
    pub(crate) cluster: &'a ClusterName,
    pub(crate) plan: &'a TaskPlan,
    /// The ARN of the revision.
    pub(crate) task_definition: &'a str,
    /// The task definition itself.
    pub(crate) definition: &'a Value,
    /// How long its end is waited for; `None` means not at all.
    pub(crate) wait: Option<Duration>,
}

/// A task that was started.
struct Following<'a> {
    job: &'a Job<'a>,
    renewed: Option<Ecs>,
    progress: Progress,
    start: Instant,
    streams: Streams,
    mask: Mask,
    watch: Watch,
}

/// Runs the task.
pub(crate) async fn run(job: &Job<'_>) -> Result<TaskOutcome, Error> {
    let start = Instant::now();
    let revision = revision_name(job.task_definition);
    job.session.log.line(format!("running a task of {revision} on {}", job.plan.capacity));
    let (arn, is_cancelled) = match job.start().await? {
        Started::Task(arn) => (arn, false),
        Started::Cancelled(Ok(arn)) => (arn, true),
        Started::Unanswered(error) => return Ok(without_task(TaskVerdict::Unanswered, unanswered(&error), start)),
        Started::Cancelled(Err(reason)) => {
            return Ok(without_task(TaskVerdict::TaskCancelled, reason.to_owned(), start));
        }
    };
    let following = Following::new(job, &arn);
    following.progress.change(format!("started task {}", last(&arn)));
    match job.wait {
        _ if is_cancelled => Ok(following.stop(TaskVerdict::TaskCancelled).await),
        None => Ok(following.outcome(TaskVerdict::Started, "", None)),
        Some(limit) => Ok(Box::pin(following.follow(limit)).await),
    }
}

/// No task is known.
fn without_task(verdict: TaskVerdict, reason: String, start: Instant) -> TaskOutcome {
    TaskOutcome {
        arn: String::new(),
        verdict,
        reason,
        exit_code: None,
        containers: Vec::new(),
        seconds: start.elapsed().as_secs(),
        warnings: Vec::new(),
        advice: String::new(),
        diagnosis: None,
    }
}

impl<'a> Following<'a> {
    fn new(job: &'a Job<'a>, arn: &str) -> Self {
        let mask = Mask::new(job.session.log.redactor(), &with_overrides(job));
        Self {
            job,
            renewed: None,
            progress: job.session.log.progress(&format!("task {}", last(arn)), 0),
            start: Instant::now(),
            streams: Streams::new(job.definition, mask.clone()),
            mask,
            watch: Watch::new(arn, job.definition),
        }
    }

    /// Looks until the task has ended, the time is up, or the run is cancelled.
    async fn follow(mut self, limit: Duration) -> TaskOutcome {
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
            Err(error) if error.kind == ApiErrorKind::Expired && self.renewed.is_none() => {
                self.renewed = self.job.ecs.anew(self.job.session).await.ok();
                if self.renewed.is_some() { self.ask().await? } else { return Err(error) }
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
        let found = self.ecs().described_task(self.job.cluster.as_str(), self.watch.arn()).await?;
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

    async fn read_logs(&mut self) -> bool {
        let Self { streams, renewed, job, watch, progress, .. } = self;
        let ecs = renewed.as_ref().unwrap_or(job.ecs);
        streams.read(ecs, watch.task(), &mut |line| progress.change(line)).await
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

    /// Asks the task to stop, and says what is known of it.
    async fn stop(mut self, verdict: TaskVerdict) -> TaskOutcome {
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
        self.ecs().stop_task(self.job.cluster.as_str(), self.watch.arn(), &reason).await
    }

    /// It cannot be seen any more, so it must not go on unseen.
    async fn lost(self, error: &ApiError) -> TaskOutcome {
        let stopped = timeout(LAST_WORDS, self.ask_to_stop("it cannot be seen any more")).await;
        let what = if matches!(stopped, Ok(Ok(()))) { "the task was asked to stop" } else { "the task goes on" };
        let is_denied = error.kind == ApiErrorKind::AccessDenied;
        let advice =
            is_denied.then(|| format!("add this statement to the role's policy:\n{}", error.policy_statement()));
        let outcome = self.outcome(TaskVerdict::LostSight, &format!("{}; {what}", told(error)), None);
        TaskOutcome { advice: advice.unwrap_or_default(), ..outcome }
    }

    fn outcome(&self, verdict: TaskVerdict, reason: &str, exit_code: Option<i64>) -> TaskOutcome {
        let container = |(name, essential, code): (&str, bool, Option<i64>)| EndedContainer {
            name: name.to_owned(),
            essential,
            exit_code: code,
        };
        let mut warnings: Vec<String> = Vec::new();
        let diagnosis = (!verdict.is_success()).then(|| self.diagnosis());
        if diagnosis.is_none() {
            warnings.extend(self.streams.blind_spots.iter().filter(|line| line.starts_with("grant ")).cloned());
        }
        TaskOutcome {
            arn: self.watch.arn().to_owned(),
            verdict,
            reason: self.mask.hide(reason),
            exit_code,
            containers: self.watch.containers().map(container).collect(),
            seconds: self.start.elapsed().as_secs(),
            warnings,
            advice: String::new(),
            diagnosis,
        }
    }

    /// Why it did not end well, and what its containers wrote last.
    fn diagnosis(&self) -> Diagnosis {
        let has_stopped = !self.watch.task()["stopCode"].is_null();
        let tasks: Vec<&Value> = if has_stopped { vec![self.watch.task()] } else { Vec::new() };
        let mut stopped = group(&tasks, self.job.definition);
        for group in &mut stopped {
            group.cause.reason = self.mask.hide(&group.cause.reason);
            for container in &mut group.cause.containers {
                container.reason = self.mask.hide(&container.reason);
            }
            if let Some(side) = self.watch.only_told_to_stop() {
                group.advice = format!("mark `{side}` with `essential: false`: it only ran until the others were done");
            }
        }
        let blind_spots = self.streams.blind_spots.clone();
        Diagnosis { stopped, logs: self.streams.tails(), blind_spots, ..Diagnosis::default() }
    }

    fn ecs(&self) -> &Ecs {
        self.renewed.as_ref().unwrap_or(self.job.ecs)
    }

    fn elapsed(&self) -> Duration {
        self.job.ecs.pace.passed(self.start.elapsed())
    }
}

/// Why nothing answered: what the last try ended with says it, unless that is an answer, which an earlier try did not get.
fn unanswered(error: &ApiError) -> String {
    match error.kind {
        ApiErrorKind::TimedOut | ApiErrorKind::Unreachable | ApiErrorKind::Service => told(error),
        _ => format!("one try of `ecs:RunTask` was not answered, and the last one was refused: {}", told(error)),
    }
}

/// What failed, and how.
fn told(error: &ApiError) -> String {
    error.why().map_or_else(|| error.to_string(), |why| format!("{error}: {why}"))
}

/// The task definition with the environments that the overrides set, for what must be hidden.
fn with_overrides(job: &Job<'_>) -> Value {
    let containers = job.definition["containerDefinitions"].as_array().into_iter().flatten();
    let overrides = job.plan.request.get("overrides").and_then(|overrides| overrides["containerOverrides"].as_array());
    let all: Vec<&Value> = containers.chain(overrides.into_iter().flatten()).collect();
    json!({"containerDefinitions": all})
}
