//! What a task does that `RunTask` started.

use super::death::{Ended, ended};

/// The state of the task from `at` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskMoment {
    /// Seconds after `RunTask`.
    pub at: u64,
    /// `PROVISIONING`, `PENDING`, `RUNNING`, `DEPROVISIONING` or `STOPPED`.
    pub status: &'static str,
    /// ECS's code and words once it stops.
    pub stop: Option<(&'static str, &'static str)>,
    /// The containers that ended so far.
    pub ended: Vec<Ended>,
}

impl TaskMoment {
    /// A state in which nothing has ended.
    pub fn new(at: u64, status: &'static str) -> Self {
        Self { at, status, stop: None, ended: Vec::new() }
    }

    fn stopped(at: u64, code: &'static str, words: &'static str, ended: &[Ended]) -> Self {
        Self { at, status: "STOPPED", stop: Some((code, words)), ended: ended.to_vec() }
    }
}

/// A task whose container `app` ends with one code and whose sidecar ends with another.
pub(super) fn exits(app: i32, side: i32) -> Vec<TaskMoment> {
    let log: &[&'static str] =
        if app == 0 { &["migrating", "done"] } else { &["migrating", "cannot open the database"] };
    let app = Ended { log: log.to_vec(), ..ended("app", app) };
    vec![
        TaskMoment::new(0, "PROVISIONING"),
        TaskMoment::new(5, "PENDING"),
        TaskMoment::new(10, "RUNNING"),
        TaskMoment { ended: vec![app.clone()], status: "DEPROVISIONING", ..TaskMoment::new(30, "") },
        TaskMoment::stopped(
            35,
            "EssentialContainerExited",
            "Essential container in task exited",
            &[app, ended("side", side)],
        ),
    ]
}

/// A task that never runs.
pub(super) fn does_not_start(words: &'static str) -> Vec<TaskMoment> {
    let app = Ended { name: "app", reason: words, ..Ended::default() };
    vec![
        TaskMoment::new(0, "PROVISIONING"),
        TaskMoment::new(5, "PENDING"),
        TaskMoment::stopped(15, "TaskFailedToStart", words, &[app]),
    ]
}
