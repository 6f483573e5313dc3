//! The deployment's tasks that have not stopped: where none did, they are what the deployment waits for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::health::is_unhealthy;
use crate::service::{list, owned};

/// Tasks in the same state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LivingTasks {
    /// How many.
    pub(crate) count: usize,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// A state of a task.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct State {
    /// `PENDING`, `RUNNING`, ...
    pub(crate) status: String,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub(crate) health: String,
    /// The containers whose own health check fails.
    pub(crate) unhealthy: Vec<String>,
}

impl LivingTasks {
    /// One line.
    pub(crate) fn describe(&self) -> String {
        let State { status, health, unhealthy } = &self.state;
        let tasks = if self.count == 1 { "1 task is".to_owned() } else { format!("{} tasks are", self.count) };
        let health = if health.is_empty() || health == "UNKNOWN" { String::new() } else { format!(" and {health}") };
        let unhealthy = if unhealthy.is_empty() {
            String::new()
        } else {
            format!(" (the health check of {} fails)", unhealthy.join(", "))
        };
        format!("{tasks} {status}{health}{unhealthy}")
    }
}

/// `tasks`, grouped by their state: the commonest first.
pub(super) fn group(tasks: &[&Value]) -> Vec<LivingTasks> {
    let mut groups: BTreeMap<State, usize> = BTreeMap::new();
    for task in tasks {
        *groups.entry(state(task)).or_default() += 1;
    }
    let mut living: Vec<LivingTasks> = groups.into_iter().map(|(state, count)| LivingTasks { count, state }).collect();
    living.sort_by_key(|group| std::cmp::Reverse(group.count));
    living
}

fn state(task: &Value) -> State {
    let mut unhealthy: Vec<String> = list(task, "containers")
        .filter(|container| is_unhealthy(container))
        .map(|container| owned(container, "name"))
        .collect();
    unhealthy.sort();
    State { status: owned(task, "lastStatus"), health: owned(task, "healthStatus"), unhealthy }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tasks_are_counted_by_their_state() {
        let sick = json!({"lastStatus": "RUNNING", "healthStatus": "UNHEALTHY",
                          "containers": [{"name": "app", "healthStatus": "UNHEALTHY"}, {"name": "side", "healthStatus": "HEALTHY"}]});
        let pending = json!({"lastStatus": "PENDING", "healthStatus": "UNKNOWN", "containers": 3});
        let lines: Vec<String> = group(&[&sick, &pending, &sick]).iter().map(LivingTasks::describe).collect();
        assert_eq!(lines, ["2 tasks are RUNNING and UNHEALTHY (the health check of app fails)", "1 task is PENDING"]);
    }
}
