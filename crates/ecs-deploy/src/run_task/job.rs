//! The task to run, and the run of it: start, follow, and what is left when it cannot even be started.

use std::time::Duration;

use actions_core::{ActionError as _, Session};
use aws_client::{ApiError, ApiErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::ecs::Ecs;
use crate::error::Error;
use crate::names::{ClusterName, last, revision_name};
use crate::run_task::follow::Following;
use crate::run_task::start::Started;
use crate::run_task::{TaskOutcome, TaskPlan, TaskVerdict};

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

impl Job<'_> {
    /// The task definition with the environments that the overrides set, for what must be hidden.
    pub(super) fn with_overrides(&self) -> Value {
        let containers = self.definition["containerDefinitions"].as_array().into_iter().flatten();
        let overrides = self.plan.request.get("overrides");
        let overrides = overrides.and_then(|overrides| overrides["containerOverrides"].as_array());
        let all: Vec<&Value> = containers.chain(overrides.into_iter().flatten()).collect();
        json!({"containerDefinitions": all})
    }
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
    job.session.note_output("run-task-arn", json!([arn]).to_string());
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

/// Why nothing answered: what the last try ended with says it, unless that is an answer, which an earlier try did not get.
fn unanswered(error: &ApiError) -> String {
    match error.kind {
        ApiErrorKind::TimedOut | ApiErrorKind::Unreachable | ApiErrorKind::Service => error.told(),
        _ => format!("one try of `ecs:RunTask` was not answered, and the last one was refused: {}", error.told()),
    }
}
