//! What the answers about a task mean: `(state, answer) -> (state, events, end?)`. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::diagnosis::{exit_code, without_code};
use crate::names::last;
use crate::service::{list, owned};
use crate::task_definition::text;

/// How long ECS may not know a task that it has just started, or that it knew a moment ago.
const UNSEEN: Duration = Duration::from_mins(1);

/// Stop codes that say that a task did not end by itself, whatever its containers ended with.
const FROM_OUTSIDE: [&str; 4] = ["UserInitiated", "SpotInterruption", "TerminationNotice", "ServiceSchedulerInitiated"];

/// The state of a wait for one task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watch {
    arn: String,
    /// The containers of the task definition, and whether each is essential.
    containers: Vec<(String, bool)>,
    /// The last answer; null before the first one.
    task: Value,
    /// What the containers that ended so far gave.
    ended: BTreeMap<String, Option<i64>>,
    /// When ECS last knew the task.
    seen: Duration,
    /// Whether its containers were ever seen to run.
    ran: bool,
}

/// What ECS said of the task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Look {
    /// Its entry in `tasks`.
    Task(Value),
    /// It is not known.
    Missing,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskEvent {
    /// ECS's word for the state of the task.
    Status { task: String, status: String },
    /// A container ended.
    Exited { container: String, code: Option<i64>, has_run: bool, reason: String },
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskEnd {
    /// Every essential container ended with 0.
    Succeeded,
    /// It did not; the code is that of the container to blame, if one ran.
    Failed { reason: String, code: Option<i64> },
    /// ECS knows it no longer, so nobody can say.
    Gone,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) watch: Watch,
    pub(crate) events: Vec<TaskEvent>,
    pub(crate) end: Option<TaskEnd>,
}

impl Watch {
    /// The wait for the task `arn` of `definition`.
    pub(crate) fn new(arn: &str, definition: &Value) -> Self {
        let essential = |container: &Value| container["essential"].as_bool().unwrap_or(true);
        let containers = list(definition, "containerDefinitions")
            .map(|container| (owned(container, "name"), essential(container)))
            .collect();
        let (task, ended) = (Value::Null, BTreeMap::new());
        Self { arn: arn.to_owned(), containers, task, ended, seen: Duration::ZERO, ran: false }
    }

    /// What an answer means, `now` after the start.
    pub(crate) fn step(mut self, look: Look, now: Duration) -> Step {
        let Look::Task(task) = look else {
            let end = (now.saturating_sub(self.seen) > UNSEEN).then_some(TaskEnd::Gone);
            return Step { watch: self, events: Vec::new(), end };
        };
        self.seen = now;
        self.ran |= text(&task, "lastStatus") == "RUNNING" || !task["startedAt"].is_null();
        let events = self.news(&task);
        self.task = task;
        let end = self.has_stopped().then(|| self.end());
        Step { watch: self, events, end }
    }

    fn news(&mut self, task: &Value) -> Vec<TaskEvent> {
        let mut events = Vec::new();
        let status = text(task, "lastStatus");
        if status != text(&self.task, "lastStatus") {
            events.push(TaskEvent::Status { task: self.id().to_owned(), status: status.to_owned() });
        }
        for container in list(task, "containers").filter(|container| text(container, "lastStatus") == "STOPPED") {
            let name = owned(container, "name");
            let code = container["exitCode"].as_i64();
            let is_ours = self.containers.iter().any(|(own, _)| *own == name);
            if is_ours && self.ended.insert(name.clone(), code) != Some(code) {
                let reason = owned(container, "reason");
                events.push(TaskEvent::Exited { container: name, code, has_run: self.ran, reason });
            }
        }
        events
    }

    fn has_stopped(&self) -> bool {
        matches!(self.status(), "STOPPED" | "DELETED")
    }

    fn end(&self) -> TaskEnd {
        let bad: Vec<(&str, Option<i64>)> = self
            .containers
            .iter()
            .filter(|(_, essential)| *essential)
            .map(|(name, _)| (name.as_str(), self.code(name)))
            .filter(|(_, code)| *code != Some(0))
            .collect();
        let stop = text(&self.task, "stopCode");
        let words = text(&self.task, "stoppedReason");
        if bad.is_empty() {
            if FROM_OUTSIDE.contains(&stop) {
                let reason = format!("it was stopped before it had ended by itself ({stop}: {words})");
                return TaskEnd::Failed { reason, code: None };
            }
            return TaskEnd::Succeeded;
        }
        // What was told to stop ended because of another one.
        let blamed = bad.iter().find(|(_, code)| !matches!(code, None | Some(137 | 143)));
        let blamed = blamed.or_else(|| bad.iter().find(|(_, code)| code.is_some())).or(bad.first());
        let parts: Vec<String> = bad.iter().map(|(name, code)| self.describe(name, *code)).collect();
        let is_explained = bad.iter().any(|(_, code)| code.is_some()) && !FROM_OUTSIDE.contains(&stop);
        let reason = if is_explained || words.is_empty() { parts.join("; ") } else { with(words, &parts) };
        TaskEnd::Failed { reason, code: blamed.and_then(|(_, code)| *code) }
    }

    /// The exit code of a container in the last answer.
    fn code(&self, name: &str) -> Option<i64> {
        self.container(name).and_then(|container| container["exitCode"].as_i64())
    }

    fn container(&self, name: &str) -> Option<&Value> {
        list(&self.task, "containers").find(|container| text(container, "name") == name)
    }

    fn describe(&self, name: &str, code: Option<i64>) -> String {
        let reason = self.container(name).map_or("", |container| text(container, "reason"));
        ended(name, code, self.ran, reason)
    }

    /// An essential container that only ran beside the others and did not end with 0 when it was told to stop.
    pub(crate) fn only_told_to_stop(&self) -> Option<&str> {
        let essential = || self.containers.iter().filter(|(_, essential)| *essential).map(|(name, _)| name.as_str());
        let fine = essential().any(|name| self.code(name) == Some(0));
        let is_side = |name: &str| matches!(self.code(name), Some(137 | 143));
        let all = essential().all(|name| self.code(name) == Some(0) || is_side(name));
        essential().find(|name| fine && all && is_side(name))
    }

    /// The task's ARN.
    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// The task's id.
    pub(crate) fn id(&self) -> &str {
        last(&self.arn)
    }

    /// ECS's word for the task's state; empty before the first answer.
    pub(crate) fn status(&self) -> &str {
        text(&self.task, "lastStatus")
    }

    /// The last answer; null before the first one.
    pub(crate) fn task(&self) -> &Value {
        &self.task
    }

    /// Whether a container may have written something.
    pub(crate) fn has_run(&self) -> bool {
        matches!(self.status(), "RUNNING" | "DEACTIVATING" | "STOPPING") || self.ended.values().any(Option::is_some)
    }

    /// Whether a container has ended, so that the task is about to.
    pub(crate) fn is_ending(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Whether an essential container ended, and with which code: for the outcome.
    pub(crate) fn containers(&self) -> impl Iterator<Item = (&str, bool, Option<i64>)> {
        self.containers.iter().map(|(name, essential)| (name.as_str(), *essential, self.code(name)))
    }
}

/// ECS's words, unless the containers' own say the same.
fn with(words: &str, parts: &[String]) -> String {
    let new: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.ends_with(words)).collect();
    if new.is_empty() { words.to_owned() } else { format!("{words}; {}", new.join("; ")) }
}

/// `app exited with 1 (the program's own error): ECS's words`.
fn ended(name: &str, code: Option<i64>, has_run: bool, reason: &str) -> String {
    let meaning = code.filter(|code| *code != 0).and_then(|code| exit_code::meaning(code, reason));
    let ended = match (code, meaning) {
        (Some(code), Some(meaning)) => format!("{name} exited with {code} ({meaning})"),
        (Some(code), None) => format!("{name} exited with {code}"),
        (None, _) => format!("{name} {}", without_code(has_run)),
    };
    if reason.is_empty() { ended } else { format!("{ended}: {reason}") }
}

impl fmt::Display for TaskEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { task, status } => write!(f, "task {task}: {status}"),
            Self::Exited { container, code, has_run, reason } => {
                f.write_str(&ended(container, *code, *has_run, reason))
            }
        }
    }
}

#[cfg(test)]
mod tests;
