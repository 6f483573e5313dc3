//! Asks AWS for what a diagnosis needs, within a time limit: what could not be seen costs one line, and never the verdict.

use std::future::Future;
use std::time::Duration;

use actions_core::Session;
use aws_client::{ApiError, ApiErrorKind};
use futures::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::logs::{LogTail, Route, Stream, route, stream};
use super::redact::Mask;
use super::{Diagnosis, Triggers, group, health, living, ours};
use crate::ecs::{Ecs, Tasks};
use crate::names::last;
use crate::task_definition::text;

/// How long it may take in all.
const LIMIT: Duration = Duration::from_secs(20);
/// How long it may take in a cancelled run, which has five seconds left.
const LIMIT_WHEN_CANCELLED: Duration = Duration::from_secs(3);
/// How long a log stream that is not there yet is waited for.
const LATE_STREAM: Duration = Duration::from_secs(2);
/// How many groups of stopped tasks are told; what differs in each task would fill any page.
const GROUPS: usize = 20;
/// How many of the service's newest events are told.
const EVENTS: usize = 100;
/// How many log streams are read, at most.
const STREAMS: usize = 12;

/// What is to be diagnosed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) cluster: &'a str,
    pub(crate) service: &'a str,
    /// The id of our deployment.
    pub(crate) deployment: &'a str,
    /// The ARN of the task definition it brings.
    pub(crate) task_definition: &'a str,
    /// The task definition itself.
    pub(crate) definition: &'a Value,
    /// The service's events since the start, oldest first.
    pub(crate) events: &'a [String],
    /// The last answer about its service deployment, if there was one.
    pub(crate) service_deployment: Option<&'a Value>,
}

/// Gathers what is known of the cause.
pub(crate) async fn gather(subject: Subject<'_>, ecs: &Ecs, session: &Session) -> Diagnosis {
    let limit = if session.cancel.is_cancelled() { LIMIT_WHEN_CANCELLED } else { LIMIT };
    let deadline = Instant::now() + limit;
    let mask = Mask::new(session.log.redactor(), subject.definition);
    let mut asking = Asking { subject, ecs, session, deadline, mask, diagnosis: Diagnosis::default() };
    asking.take_what_is_known();
    asking.tasks().await;
    asking.diagnosis
}

struct Asking<'a> {
    subject: Subject<'a>,
    ecs: &'a Ecs,
    session: &'a Session,
    deadline: Instant,
    mask: Mask,
    diagnosis: Diagnosis,
}

/// Why something could not be seen.
enum Blind {
    Refused(ApiError),
    OutOfTime,
}

impl Asking<'_> {
    /// Needs no call.
    fn take_what_is_known(&mut self) {
        let surplus = self.subject.events.len().saturating_sub(EVENTS);
        let events: Vec<String> =
            self.subject.events.iter().skip(surplus).map(|event| self.mask.clean(event)).collect();
        self.diagnosis.targets = health::of_targets(&events);
        self.diagnosis.events = events;
        let triggers = self.subject.service_deployment.map(Triggers::from_answer).unwrap_or_default();
        self.diagnosis.triggers = triggers;
    }

    async fn tasks(&mut self) {
        let Some(stopped) = self.ours(Tasks::Stopped, "why tasks stopped").await else { return };
        let tasks: Vec<&Value> = stopped.iter().collect();
        let mut groups = group(&tasks, self.subject.definition, &self.mask);
        groups.truncate(GROUPS);
        self.diagnosis.stopped = groups;
        if tasks.is_empty() {
            let Some(living) = self.ours(Tasks::Running, "what state its tasks are in").await else { return };
            self.diagnosis.living = living::group(&living.iter().collect::<Vec<_>>());
        }
        self.logs(&tasks).await;
    }

    /// The deployment's tasks, the newest first; `None` when they cannot be seen, which is noted.
    async fn ours(&mut self, which: Tasks, what: &str) -> Option<Vec<Value>> {
        let Subject { cluster, service, deployment, task_definition, .. } = self.subject;
        let asked = self.in_time(self.ecs.tasks(cluster, service, which)).await;
        match asked {
            Ok(tasks) => Some(ours(&tasks, deployment, task_definition).into_iter().cloned().collect()),
            Err(blind) => {
                self.note(&blind, what);
                None
            }
        }
    }

    /// The last lines of the failing containers.
    async fn logs(&mut self, tasks: &[&Value]) {
        let (streams, elsewhere) = self.streams(tasks);
        let asked = streams.iter().map(|stream| self.log(stream));
        let answers = join_all(asked).await;
        self.diagnosis.blind_spots.extend(elsewhere);
        for (stream, answer) in streams.iter().zip(answers) {
            let what = format!("what {} wrote", stream.container);
            match answer {
                Ok(Some(tail)) if !tail.lines.is_empty() => self.diagnosis.logs.push(tail),
                Ok(Some(_)) => self.blind(format!("{} wrote nothing in task {}", stream.container, stream.task)),
                Ok(None) => self.blind(format!("{what} is not known: its log group has no stream `{}`", stream.name)),
                Err(blind) => self.note(&blind, &what),
            }
        }
    }

    /// The streams of the failing containers, and where the other ones write.
    fn streams(&self, tasks: &[&Value]) -> (Vec<Stream>, Vec<String>) {
        let mut streams: Vec<Stream> = Vec::new();
        let mut elsewhere = Vec::new();
        for group in &self.diagnosis.stopped {
            // A container that never ran has written nothing.
            for container in group.cause.containers.iter().filter(|container| container.exit_code.is_some()) {
                let place = match route(self.subject.definition, &container.name) {
                    Route::CloudWatch(place) => place,
                    Route::Elsewhere(line) => {
                        let line = self.mask.clean(&line);
                        if !elsewhere.contains(&line) {
                            elsewhere.push(line);
                        }
                        continue;
                    }
                };
                let examples =
                    tasks.iter().filter(|task| group.tasks.iter().any(|id| id == last(text(task, "taskArn"))));
                streams.extend(examples.filter_map(|task| stream(place.clone(), &container.name, task)));
            }
        }
        streams.truncate(STREAMS);
        (streams, elsewhere)
    }

    /// The tail of one stream; `None` when it is not there. A stream may come a moment after its container.
    async fn log(&self, stream: &Stream) -> Result<Option<LogTail>, Blind> {
        let mut question = stream.question();
        for is_last in [false, true] {
            match self.in_time(self.ecs.log_events(stream.group.region.as_deref(), &question)).await {
                Ok(answer) => match stream.question_before(&answer).filter(|_| !is_last) {
                    Some(before) => question = before,
                    None => return Ok(Some(stream.tail(&answer, &self.mask))),
                },
                Err(Blind::Refused(error)) if error.kind == ApiErrorKind::NotFound => {
                    if is_last {
                        return Ok(None);
                    }
                    self.in_time(async {
                        tokio::time::sleep(self.ecs.pace.of(LATE_STREAM)).await;
                        Ok(())
                    })
                    .await?;
                }
                Err(blind) => return Err(blind),
            }
        }
        Ok(None)
    }

    /// What a call answers before the time is up, or the run is cancelled.
    async fn in_time<T>(&self, call: impl Future<Output = Result<T, ApiError>>) -> Result<T, Blind> {
        let was_cancelled = self.session.cancel.is_cancelled();
        tokio::select! {
            answer = timeout_at(self.deadline, call) => match answer {
                Ok(answer) => answer.map_err(Blind::Refused),
                Err(_) => Err(Blind::OutOfTime),
            },
            () = self.session.cancel.cancelled(), if !was_cancelled => Err(Blind::OutOfTime),
        }
    }

    fn note(&mut self, blind: &Blind, what: &str) {
        let line = match blind {
            Blind::Refused(error) if error.kind == ApiErrorKind::AccessDenied => {
                format!("grant `{}` to see {what}", error.iam_action())
            }
            Blind::Refused(error) => format!("{what} is not known: {error}"),
            Blind::OutOfTime => format!("{what} was not answered in time"),
        };
        let line = self.mask.clean(&line);
        self.blind(line);
    }

    fn blind(&mut self, line: String) {
        if !self.diagnosis.blind_spots.contains(&line) {
            self.diagnosis.blind_spots.push(line);
        }
    }
}
