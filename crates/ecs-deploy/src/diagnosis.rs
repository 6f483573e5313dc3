//! Why a deployment did not end well: what set it off, the service's events, its stopped tasks grouped by what they died of, what health
//! checks said, and what the failing containers wrote last.
//!
//! [`gather`] asks AWS and never fails; everything else is pure. Texts in a [`Diagnosis`] hold no secret any more.

pub(crate) mod exit_code;
mod gather;
mod health;
mod hints;
mod image_pull;
pub(crate) mod json;
mod living;
pub(crate) mod logs;
mod redact;
mod start;
mod stopped;
mod triggers;
mod words;

use serde::Serialize;
use serde_json::Value;

use crate::service::list;
use crate::task_definition::text;

pub(crate) use gather::{Subject, gather};
pub(crate) use living::LivingTasks;
pub(crate) use logs::LogTail;
pub(crate) use redact::Mask;
pub(crate) use stopped::{StoppedTasks, group, ours, without_code};
pub(crate) use triggers::{Breaker, Triggers};

/// What is known of the cause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Diagnosis {
    /// What made ECS give up.
    #[serde(flatten)]
    pub(crate) triggers: Triggers,
    /// The deployment's tasks that stopped, the commonest cause first.
    pub(crate) stopped: Vec<StoppedTasks>,
    /// Where none stopped: its tasks that are there.
    pub(crate) living: Vec<LivingTasks>,
    /// What load balancers said of its tasks.
    pub(crate) targets: Vec<String>,
    /// What the failing containers wrote last.
    pub(crate) logs: Vec<LogTail>,
    /// The service's events since the start, oldest first.
    pub(crate) events: Vec<String>,
    /// What could not be seen, and which permission would show it.
    pub(crate) blind_spots: Vec<String>,
}

/// The container `name` of a task definition.
fn container<'a>(definition: &'a Value, name: &str) -> Option<&'a Value> {
    list(definition, "containerDefinitions").find(|container| text(container, "name") == name)
}

/// `1 line`, `2 lines`.
fn lines_of(count: usize) -> String {
    if count == 1 { "line".to_owned() } else { format!("{count} lines") }
}

#[cfg(test)]
pub(crate) mod tests;
