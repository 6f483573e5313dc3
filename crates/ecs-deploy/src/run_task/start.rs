//! `RunTask`: one task and no second one, whatever becomes of the answers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use aws_client::ApiError;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::ecs::NotRun;
use crate::error::{Error, TaskError};
use crate::hurry;
use crate::names::revision_name;
use crate::run_task::Job;
use crate::service::{list, owned};
use crate::task_definition::text;

/// The pauses between tries where ECS has no capacity at the moment.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
    Duration::from_mins(1),
    Duration::from_mins(1),
];

/// What came of it.
pub(super) enum Started {
    /// The ARN of the task, as `RunTask` answered.
    Task(String),
    /// No answer came: a task may have been started.
    Unanswered(ApiError),
    /// The run was cancelled: the ARN of a task that was started all the same, or why none is known.
    Cancelled(Result<String, &'static str>),
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Started(String),
    /// Only a want of capacity: another try may do.
    Again(Vec<String>),
    Refused(Vec<String>),
}

impl Job<'_> {
    /// Starts the task. Where ECS has no capacity it tries again, each time as another request, for no longer than the task's end would
    /// be waited for.
    pub(super) async fn start(&self) -> Result<Started, Error> {
        let start = Instant::now();
        let mut pauses = PAUSES.into_iter();
        loop {
            let failures = match self.request().await? {
                Asked::Answered(answer) => match read(&answer) {
                    Answer::Started(arn) => return Ok(Started::Task(arn)),
                    Answer::Again(failures) => failures,
                    Answer::Refused(failures) => return Err(self.not_started(failures)),
                },
                Asked::Unanswered(answer) => return Ok(Started::Unanswered(answer)),
                Asked::Cancelled(answer) => return Ok(Started::Cancelled(answer)),
            };
            let Some(pause) = pauses.next() else { return Err(self.not_started(failures)) };
            if !self.has_time(start, pause) {
                let over = "the time was up (`wait-timeout`) before it was tried again".to_owned();
                return Err(self.not_started([failures, vec![over]].concat()));
            }
            self.session.log.line(format!("ECS has no capacity for the task ({}); trying again", failures.join("; ")));
            tokio::select! {
                biased;
                () = self.session.cancel.cancelled() => return Ok(Started::Cancelled(Err(NONE))),
                () = sleep(self.ecs.pace.of(pause)) => {}
            }
        }
    }

    /// Whether the time is not up after `pause`.
    fn has_time(&self, start: Instant, pause: Duration) -> bool {
        self.wait.is_none_or(|limit| self.ecs.pace.passed(start.elapsed()) + pause < limit)
    }

    fn not_started(&self, failures: Vec<String>) -> Error {
        TaskError::NotStarted { revision: revision_name(self.task_definition).to_owned(), failures }.into()
    }

    /// One request with a token of its own: the client's retries of it start nothing twice.
    async fn request(&self) -> Result<Asked, Error> {
        if self.session.cancel.is_cancelled() {
            return Ok(Asked::Cancelled(Err(NONE)));
        }
        let mut body = self.plan.request.clone();
        body.insert("cluster".to_owned(), json!(self.cluster.as_str()));
        body.insert("taskDefinition".to_owned(), json!(self.task_definition));
        body.insert("clientToken".to_owned(), json!(token()?));
        let body = Value::Object(body);
        let cancel = &self.session.cancel;
        match hurry::answer(cancel, self.ecs.pace, self.ecs.run_task(&body)).await {
            answer if cancel.is_cancelled() => Ok(Asked::Cancelled(cancelled(answer))),
            Some(Ok(answer)) => Ok(Asked::Answered(answer)),
            Some(Err(NotRun::Refused(error))) => Err(error.into()),
            Some(Err(NotRun::Unanswered(error))) => Ok(Asked::Unanswered(error)),
            None => Ok(Asked::Cancelled(cancelled(None))),
        }
    }
}

enum Asked {
    Answered(Value),
    Unanswered(ApiError),
    Cancelled(Result<String, &'static str>),
}

const NONE: &str = "no task was started";
const UNANSWERED: &str =
    "`ecs:RunTask` was not answered in time, so a task may have been started: look for it in the cluster";

/// What is known when the run is cancelled, of the answer where it still came.
fn cancelled(answer: Option<Result<Value, NotRun>>) -> Result<String, &'static str> {
    match answer {
        Some(Ok(answer)) => match read(&answer) {
            Answer::Started(arn) => Ok(arn),
            Answer::Again(_) | Answer::Refused(_) => Err(NONE),
        },
        Some(Err(NotRun::Refused(_))) => Err(NONE),
        Some(Err(NotRun::Unanswered(_))) | None => Err(UNANSWERED),
    }
}

/// What an answer means. ECS answers 200 for a task that it could not place.
fn read(answer: &Value) -> Answer {
    let started = list(answer, "tasks").map(|task| owned(task, "taskArn")).find(|arn| !arn.is_empty());
    if let Some(arn) = started {
        return Answer::Started(arn);
    }
    let failures: BTreeSet<String> = list(answer, "failures").map(words).collect();
    let wants_capacity =
        !failures.is_empty() && list(answer, "failures").all(|failure| is_capacity(text(failure, "reason")));
    let failures =
        if failures.is_empty() { vec!["it gave no reason".to_owned()] } else { failures.into_iter().collect() };
    if wants_capacity { Answer::Again(failures) } else { Answer::Refused(failures) }
}

/// `RESOURCE:MEMORY`, with what it is about and ECS's detail.
fn words(failure: &Value) -> String {
    let about = ["arn", "detail"].map(|name| text(failure, name)).into_iter().filter(|text| !text.is_empty());
    about.fold(owned(failure, "reason"), |words, more| format!("{words}: {more}"))
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>
fn is_capacity(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    reason.starts_with("resource:")
        || reason.contains("capacity is unavailable")
        || reason.contains("insufficient capacity")
}

/// A token nobody else has.
fn token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::UnexpectedAnswer {
        operation: "RunTask",
        why: format!("it was not asked for: the system gives no random bytes for its token ({error})"),
    })?;
    Ok(bytes.iter().fold("slipway-".to_owned(), |mut token, byte| {
        // Nothing can be written wrongly into a text.
        let _ = write!(token, "{byte:02x}");
        token
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_want_of_capacity_is_tried_again() {
        let failures = |reasons: &[&str]| {
            let failures: Vec<Value> = reasons.iter().map(|reason| json!({"reason": reason, "arn": "arn:i"})).collect();
            read(&json!({"tasks": [], "failures": failures}))
        };
        assert_eq!(
            failures(&["RESOURCE:MEMORY", "RESOURCE:MEMORY"]),
            Answer::Again(vec!["RESOURCE:MEMORY: arn:i".into()])
        );
        assert!(matches!(failures(&["Capacity is unavailable at this time."]), Answer::Again(_)));
        let mixed = failures(&["RESOURCE:CPU", "AGENT"]);
        assert_eq!(mixed, Answer::Refused(vec!["AGENT: arn:i".into(), "RESOURCE:CPU: arn:i".into()]));
        assert_eq!(failures(&[]), Answer::Refused(vec!["it gave no reason".into()]));
        assert_eq!(read(&json!({"tasks": [{"taskArn": "arn:t"}], "failures": []})), Answer::Started("arn:t".into()));
    }

    #[test]
    fn a_cancelled_run_knows_of_no_task_only_where_ecs_said_so() {
        let error = || ApiError {
            service: "ecs".to_owned(),
            operation: "RunTask".to_owned(),
            code: None,
            message: String::new(),
            resource: None,
            kind: aws_client::ApiErrorKind::Service,
            request_id: None,
        };
        let started = json!({"tasks": [{"taskArn": "arn:t"}]});
        assert_eq!(cancelled(Some(Ok(started))), Ok("arn:t".to_owned()));
        assert_eq!(cancelled(Some(Ok(json!({"tasks": [], "failures": []})))), Err(NONE));
        assert_eq!(cancelled(Some(Err(NotRun::Refused(error())))), Err(NONE));
        assert_eq!(cancelled(Some(Err(NotRun::Unanswered(error())))), Err(UNANSWERED));
        assert_eq!(cancelled(None), Err(UNANSWERED));
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let [one, two] = [token().unwrap(), token().unwrap()];
        assert!(one != two && one.len() <= 64, "{one}");
    }
}
