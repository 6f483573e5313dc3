//! Why a deployment did not end well: the service's events, and its stopped tasks grouped by what they died of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::service::{list, owned};
use crate::task_definition::text;

/// What is known of the cause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The service's events since the start, oldest first.
    pub(crate) events: Vec<String>,
    /// The deployment's tasks that stopped, the commonest cause first.
    pub(crate) stopped: Vec<StoppedTasks>,
    /// What could not be seen, and which permission would show it.
    pub(crate) blind_spots: Vec<String>,
}

/// Tasks that stopped for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct StoppedTasks {
    /// How many.
    pub(crate) count: usize,
    #[serde(flatten)]
    pub(crate) cause: Cause,
}

/// What tasks stopped for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Cause {
    pub(crate) stop_code: String,
    /// ECS's words, without the ids that differ from task to task.
    pub(crate) reason: String,
    /// The containers that ended badly.
    pub(crate) containers: Vec<DeadContainer>,
}

/// A container that ended badly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct DeadContainer {
    pub(crate) name: String,
    pub(crate) exit_code: Option<i64>,
    pub(crate) reason: String,
}

impl DeadContainer {
    /// `app exited with 137 (killed: out of memory, or stopped by force)`, with ECS's own words behind it.
    pub(crate) fn describe(&self) -> String {
        let ended = match self.exit_code {
            Some(code) => match meaning(code) {
                Some(meaning) => format!("{} exited with {code} ({meaning})", self.name),
                None => format!("{} exited with {code}", self.name),
            },
            None => format!("{} did not run", self.name),
        };
        if self.reason.is_empty() { ended } else { format!("{ended}: {}", self.reason) }
    }
}

impl StoppedTasks {
    /// One line: how many, why, and which containers.
    pub(crate) fn describe(&self) -> String {
        let tasks = if self.count == 1 { "1 task".to_owned() } else { format!("{} tasks", self.count) };
        let code = if self.cause.stop_code.is_empty() { String::new() } else { format!(" ({})", self.cause.stop_code) };
        let reason = if self.cause.reason.is_empty() { "no reason given" } else { &self.cause.reason };
        let containers: Vec<String> = self.cause.containers.iter().map(DeadContainer::describe).collect();
        let tail = if containers.is_empty() { String::new() } else { format!("; {}", containers.join("; ")) };
        format!("{tasks} stopped{code}: {reason}{tail}")
    }
}

/// What an exit code says: shells give 126 and 127, a signal gives 128 and its number
/// (<https://tldp.org/LDP/abs/html/exitcodes.html>).
const fn meaning(code: i64) -> Option<&'static str> {
    match code {
        126 => Some("the command cannot be executed: wrong permissions or wrong architecture"),
        127 => Some("the command was not found"),
        132 => Some("illegal instruction: built for another processor?"),
        134 => Some("aborted"),
        137 => Some("killed: out of memory, or it did not stop when it was told to"),
        139 => Some("segmentation fault"),
        143 => Some("stopped by SIGTERM"),
        _ => None,
    }
}

/// The tasks of the deployment among `tasks`, grouped; tasks that were merely scaled in are left out.
pub(crate) fn stopped(tasks: &[Value], deployment: &str, task_definition: &str) -> Vec<StoppedTasks> {
    let mut groups: BTreeMap<Cause, usize> = BTreeMap::new();
    // ECS names the deployment that started a task; other starters (an emulator's) say nothing about it.
    let ours = tasks.iter().filter(|task| match text(task, "startedBy") {
        starter if starter.starts_with("ecs-svc/") => starter == deployment,
        _ => text(task, "taskDefinitionArn") == task_definition,
    });
    for task in ours.filter(|task| !was_scaled_in(task)) {
        *groups.entry(cause(task)).or_default() += 1;
    }
    let mut stopped: Vec<StoppedTasks> =
        groups.into_iter().map(|(cause, count)| StoppedTasks { count, cause }).collect();
    stopped.sort_by_key(|group| std::cmp::Reverse(group.count));
    stopped
}

fn was_scaled_in(task: &Value) -> bool {
    text(task, "stoppedReason").starts_with("Scaling activity initiated by")
}

fn cause(task: &Value) -> Cause {
    let mut containers: Vec<DeadContainer> = list(task, "containers")
        .map(|container| DeadContainer {
            name: owned(container, "name"),
            exit_code: container["exitCode"].as_i64(),
            reason: without_ids(text(container, "reason")),
        })
        .filter(|container| container.exit_code.is_some_and(|code| code != 0) || !container.reason.is_empty())
        .collect();
    containers.sort();
    Cause { stop_code: owned(task, "stopCode"), reason: without_ids(text(task, "stoppedReason")), containers }
}

/// `text` with each task id (32 hexadecimal digits, or a UUID) as `…`, so that equal causes read equal.
fn without_ids(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(run);
        let digits = word.chars().filter(char::is_ascii_hexdigit).count();
        cleaned.push_str(if digits == 32 && matches!(word.len(), 32 | 36) { "…" } else { word });
        let other = tail.find(is_part).unwrap_or(tail.len());
        cleaned.push_str(&tail[..other]);
        rest = &tail[other..];
    }
    cleaned
}

#[cfg(test)]
mod tests;
