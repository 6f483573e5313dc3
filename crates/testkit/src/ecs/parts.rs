//! What a service is made of: its deployments, its service deployments, and the tasks that stopped.

use super::death::Death;
use super::role::Role;

/// An entry of `deployments`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Whose it is.
    pub role: Role,
    /// `PRIMARY` or `ACTIVE`.
    pub status: &'static str,
    /// How many tasks it is to run.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// How many start.
    pub pending: i64,
    /// How many failed.
    pub failed: i64,
    /// What its running tasks' health is: `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: &'static str,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`.
    pub rollout: &'static str,
    /// ECS's words about it.
    pub reason: String,
}

/// A service deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceDeployment {
    /// Whose it is.
    pub role: Role,
    /// `IN_PROGRESS`, `SUCCESSFUL`, ...
    pub status: &'static str,
    /// ECS's words about it.
    pub reason: String,
    /// The stage; a rolling update has none.
    pub stage: Option<&'static str>,
    /// The parts of the production traffic and of the test traffic that the new revision gets, in percent.
    pub weights: Option<(f64, f64)>,
    /// The hook that is or was waited for.
    pub hook: Option<Hook>,
    /// Why it is rolled back.
    pub rollback: Option<String>,
    /// The circuit breaker: its status and its threshold. What it counted is the deployment's number of failed tasks.
    pub breaker: Option<(&'static str, i64)>,
    /// The alarms: their status, and the names of those that were triggered.
    pub alarms: Option<(&'static str, Vec<&'static str>)>,
}

/// A hook of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its id.
    pub id: &'static str,
    /// `PAUSE` or `AWS_LAMBDA`.
    pub kind: &'static str,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `TIMED_OUT`.
    pub status: &'static str,
}

/// A task that stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Whose it was.
    pub role: Role,
    /// When, as [`super::Moment::at`]; before zero in an earlier part of the story.
    pub at: i64,
    /// What of.
    pub death: Death,
}

impl Deployment {
    /// An entry that is to run `desired` tasks and runs none.
    pub fn new(role: Role, status: &'static str, desired: i64) -> Self {
        Self {
            role,
            status,
            desired,
            running: 0,
            pending: desired,
            failed: 0,
            health: "HEALTHY",
            rollout: "IN_PROGRESS",
            reason: format!("ECS deployment {} in progress.", role.deployment()),
        }
    }
}

impl ServiceDeployment {
    /// A service deployment with nothing but a status.
    pub fn new(role: Role, status: &'static str) -> Self {
        Self {
            role,
            status,
            reason: String::new(),
            stage: None,
            weights: None,
            hook: None,
            rollback: None,
            breaker: None,
            alarms: None,
        }
    }

    /// Whether its status is one that stays.
    pub fn has_ended(&self) -> bool {
        ["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"].contains(&self.status)
    }
}
