//! The deployment's tasks that stopped, grouped by what they died of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::exit_code::{is_out_of_memory, meaning};
use super::{Mask, health, image_pull, start};
use crate::names::last;
use crate::service::{list, owned};
use crate::task_definition::text;

/// How many tasks of a group are named: those whose logs are read.
const EXAMPLES: usize = 2;

/// Tasks that stopped for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoppedTasks {
    /// How many.
    pub(crate) count: usize,
    #[serde(flatten)]
    pub(crate) cause: Cause,
    /// What to do about it; empty when nothing is known.
    pub(crate) advice: String,
    /// The ids of the newest ones.
    pub(crate) tasks: Vec<String>,
}

/// What tasks stopped for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Cause {
    pub(crate) stop_code: String,
    /// ECS's words, without the ids that differ from task to task.
    pub(crate) reason: String,
    /// The containers that are to blame.
    pub(crate) containers: Vec<DeadContainer>,
}

/// A container that ended badly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DeadContainer {
    pub(crate) name: String,
    /// `None` when it did not run, and when what ran it is gone: its host, or its Spot capacity.
    pub(crate) exit_code: Option<i64>,
    /// Whether its task was seen to run.
    #[serde(skip)]
    pub(crate) has_run: bool,
    pub(crate) reason: String,
    /// Whether its own health check had failed.
    pub(crate) unhealthy: bool,
}

impl DeadContainer {
    /// `app exited with 137 (killed: out of memory, or it did not stop when it was told to)`, with ECS's own words behind it.
    pub(crate) fn describe(&self) -> String {
        let health = if self.unhealthy { " was UNHEALTHY and" } else { "" };
        let ended = match self.exit_code {
            Some(code) => match meaning(code, &self.reason) {
                Some(meaning) => format!("{}{health} exited with {code} ({meaning})", self.name),
                None => format!("{}{health} exited with {code}", self.name),
            },
            None => format!("{}{health} {}", self.name, without_code(self.has_run)),
        };
        if self.reason.is_empty() { ended } else { format!("{ended}: {}", self.reason) }
    }
}

/// What is known of a container without an exit code. Where the task ran it may have done its work, or a part of it
/// (<https://github.com/apache/airflow/pull/4039> shows the answer for a host that died).
pub(crate) const fn without_code(has_run: bool) -> &'static str {
    if has_run { "gave no exit code" } else { "did not run" }
}

impl StoppedTasks {
    /// One line: how many, why, and which containers.
    pub(crate) fn describe(&self) -> String {
        let tasks = if self.count == 1 { "1 task".to_owned() } else { format!("{} tasks", self.count) };
        let code = if self.cause.stop_code.is_empty() { String::new() } else { format!(" ({})", self.cause.stop_code) };
        format!("{tasks} stopped{code}: {}", self.cause.describe())
    }
}

impl StoppedTasks {
    /// What the containers died of, or ECS's words where none ran.
    pub(super) fn brief(&self) -> String {
        let tasks = if self.count == 1 { "1 task".to_owned() } else { format!("{} tasks", self.count) };
        let containers: Vec<String> = self
            .cause
            .containers
            .iter()
            .filter(|container| container.exit_code.is_some())
            .map(DeadContainer::describe)
            .collect();
        let own = containers.is_empty()
            || health::failed_load_balancer(&self.cause.reason)
            || health::failed_own_check(&self.cause.reason);
        format!("{tasks} stopped: {}", if own { self.cause.describe() } else { containers.join("; ") })
    }
}

impl Cause {
    /// ECS's words and the containers; what says the same twice is said once.
    pub(super) fn describe(&self) -> String {
        let reason = if self.reason.is_empty() { "no reason given" } else { &self.reason };
        let others =
            self.containers.iter().filter(|container| container.exit_code.is_some() || container.reason != self.reason);
        let containers: Vec<String> = others.map(DeadContainer::describe).collect();
        if containers.is_empty() { reason.to_owned() } else { format!("{reason}; {}", containers.join("; ")) }
    }
}

/// The tasks of the deployment among `tasks` but those that were merely scaled in, the newest first.
///
/// ECS names the deployment that started a task; other starters (an emulator's) say nothing about it.
pub(crate) fn ours<'a>(tasks: &'a [Value], deployment: &str, task_definition: &str) -> Vec<&'a Value> {
    let is_ours = |task: &&Value| match text(task, "startedBy") {
        starter if starter.starts_with("ecs-svc/") => starter == deployment,
        _ => text(task, "taskDefinitionArn") == task_definition,
    };
    let mut ours: Vec<&Value> = tasks.iter().filter(is_ours).filter(|task| !was_scaled_in(task)).collect();
    ours.sort_by(|a, b| stopped_at(b).total_cmp(&stopped_at(a)));
    ours
}

fn was_scaled_in(task: &Value) -> bool {
    text(task, "stoppedReason").starts_with("Scaling activity initiated by")
}

fn stopped_at(task: &Value) -> f64 {
    ["stoppedAt", "stoppingAt", "createdAt"].iter().find_map(|name| task[*name].as_f64()).unwrap_or_default()
}

/// `tasks`, the newest first, grouped: the commonest cause first, and without secrets. `definition` tells which containers are
/// essential, and may be null.
pub(crate) fn group(tasks: &[&Value], definition: &Value, mask: &Mask) -> Vec<StoppedTasks> {
    let mut groups: BTreeMap<Cause, Vec<&Value>> = BTreeMap::new();
    for task in tasks {
        groups.entry(cause(task, definition, mask)).or_default().push(task);
    }
    let name = |task: &&Value| last(text(task, "taskArn")).to_owned();
    let mut stopped: Vec<StoppedTasks> = groups
        .into_iter()
        .map(|(cause, tasks)| StoppedTasks {
            count: tasks.len(),
            advice: advice(&cause, definition),
            tasks: tasks.iter().take(EXAMPLES).map(name).filter(|id| !id.is_empty()).collect(),
            cause,
        })
        .collect();
    stopped.sort_by_key(|group| std::cmp::Reverse(group.count));
    stopped
}

fn cause(task: &Value, definition: &Value, mask: &Mask) -> Cause {
    let reason = text(task, "stoppedReason");
    let has_run = !task["startedAt"].is_null();
    let mut containers: Vec<DeadContainer> =
        list(task, "containers").map(|container| dead(container, has_run, mask)).collect();
    containers.sort();
    Cause {
        stop_code: owned(task, "stopCode"),
        reason: mask.clean(&without_ids(reason)),
        containers: to_blame(containers, reason, definition),
    }
}

fn dead(container: &Value, has_run: bool, mask: &Mask) -> DeadContainer {
    DeadContainer {
        name: owned(container, "name"),
        exit_code: container["exitCode"].as_i64(),
        has_run,
        reason: mask.clean(&without_ids(text(container, "reason"))),
        unhealthy: health::is_unhealthy(container),
    }
}

/// The containers that brought the task down: once an essential one ends, ECS stops the others, which then end with 143, or 137.
fn to_blame(containers: Vec<DeadContainer>, reason: &str, definition: &Value) -> Vec<DeadContainer> {
    let essential = |container: &DeadContainer| is_essential(definition, &container.name);
    let rank = |container: &DeadContainer| match container.exit_code {
        _ if health::failed_own_check(reason) => {
            if container.unhealthy {
                0
            } else {
                4
            }
        }
        None => {
            if container.reason.is_empty() {
                4
            } else {
                0
            }
        }
        // The load balancer's check is to blame, and the one container it may speak of ended as it was told to.
        Some(_) if health::failed_load_balancer(reason) => {
            if essential(container) {
                2
            } else {
                4
            }
        }
        Some(_) if is_out_of_memory(&container.reason) => 0,
        Some(_) if !essential(container) => 3,
        Some(0 | 137) => 1,
        Some(143) => 2,
        Some(_) => 0,
    };
    let best = containers.iter().map(&rank).min().unwrap_or(4);
    containers
        .into_iter()
        .filter(|container| rank(container) == best && best < 4)
        .filter(|container| best < 3 || container.exit_code != Some(0))
        .collect()
}

/// Containers are essential unless the definition says otherwise.
fn is_essential(definition: &Value, name: &str) -> bool {
    super::container(definition, name).is_none_or(|container| container["essential"].as_bool().unwrap_or(true))
}

fn advice(cause: &Cause, definition: &Value) -> String {
    let words = std::iter::once(cause.reason.as_str())
        .chain(cause.containers.iter().map(|container| container.reason.as_str()));
    let words: Vec<&str> = words.collect();
    if words.iter().any(|words| is_out_of_memory(words)) {
        return "raise `memory` of the task or of the container, or make the program use less".to_owned();
    }
    if health::failed_own_check(&cause.reason) {
        let unhealthy = cause.containers.first().and_then(|dead| super::container(definition, &dead.name));
        return unhealthy.map_or_else(String::new, health::own_check);
    }
    let known =
        |words: &&str| image_pull::explain(words).or_else(|| start::explain(words)).or_else(|| health::explain(words));
    words.iter().find_map(known).unwrap_or_default().to_owned()
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
