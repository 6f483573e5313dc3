//! What tasks die of.

/// Why a task stopped, and what its containers said before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Death {
    /// ECS's code, such as `EssentialContainerExited`.
    pub stop_code: &'static str,
    /// ECS's words.
    pub reason: &'static str,
    /// The containers.
    pub containers: Vec<Ended>,
}

/// A container that ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Its name in the task definition.
    pub name: &'static str,
    /// Its exit code, if it ran.
    pub exit_code: Option<i32>,
    /// ECS's words about it; empty when there are none.
    pub reason: &'static str,
    /// What it wrote to its log.
    pub log: Vec<&'static str>,
}

impl Death {
    /// Stopped by ECS because the service needs fewer tasks of its deployment.
    pub(super) fn scaled_in() -> Self {
        Self {
            stop_code: "ServiceSchedulerInitiated",
            reason: "",
            containers: vec![ended("app", 143), ended("side", 0)],
        }
    }

    /// An essential container ended with `exit_code`, after it had written `log`.
    pub fn exited(exit_code: i32, log: &[&'static str]) -> Self {
        Self {
            stop_code: "EssentialContainerExited",
            reason: "Essential container in task exited",
            containers: vec![Ended { log: log.to_vec(), ..ended("app", exit_code) }, ended("side", 143)],
        }
    }

    /// The task never ran.
    pub fn not_started(reason: &'static str) -> Self {
        Self {
            stop_code: "TaskFailedToStart",
            reason,
            containers: vec![
                Ended { name: "app", reason, ..Ended::default() },
                Ended { name: "side", ..Ended::default() },
            ],
        }
    }

    /// A load balancer's checks failed.
    pub fn unhealthy(reason: &'static str) -> Self {
        Self { stop_code: "ServiceSchedulerInitiated", reason, containers: vec![ended("app", 137), ended("side", 143)] }
    }
}

/// A container that ended with a code and without a word.
pub(super) fn ended(name: &'static str, exit_code: i32) -> Ended {
    Ended { name, exit_code: Some(exit_code), ..Ended::default() }
}
