//! The state of the service from one moment on.
//!
//! A story is written by copying: `let up = start.at(20).ours(2, 0);` is the start, twenty seconds later, with two tasks of ours.

use super::death::Death;
use super::parts::{Deployment, Hook, ServiceDeployment, Stopped};
use super::role::Role;

/// What ECS says of a deployment whose place a newer one takes.
pub(super) const REPLACED: &str = "Service deployment stopped because a new service deployment was started.";

/// What ECS tells from `at` on, until the next moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Seconds after what set the story going.
    pub at: u64,
    /// How many tasks the service is to run.
    pub desired: i64,
    /// Whether `DescribeServices` and `ListServiceDeployments` still answer from before the update.
    pub stale: bool,
    /// The entries of `deployments`, the primary one first.
    pub deployments: Vec<Deployment>,
    /// The service deployments, newest first.
    pub service_deployments: Vec<ServiceDeployment>,
    /// The tasks that stopped so far, oldest first.
    pub stopped: Vec<Stopped>,
    /// What the service tells anew at this moment.
    pub events: Vec<String>,
}

impl Moment {
    /// The service as it is before anything happens.
    pub fn before(desired: i64) -> Self {
        let mut all = Deployment::new(Role::Before, "PRIMARY", desired);
        (all.running, all.pending, all.rollout) = (desired, 0, "COMPLETED");
        all.reason = format!("ECS deployment {} completed.", Role::Before.deployment());
        Self {
            at: 0,
            desired,
            stale: false,
            deployments: vec![all],
            service_deployments: vec![ServiceDeployment::new(Role::Before, "SUCCESSFUL")],
            stopped: Vec::new(),
            events: vec![format!("(service {}) has reached a steady state.", super::role::SERVICE)],
        }
    }

    /// The service as `UpdateService` answers: a new deployment of which nothing runs yet.
    pub fn start(desired: i64) -> Self {
        let mut start = Self::before(desired);
        start.deployments[0].status = "ACTIVE";
        start.deployments.insert(0, Deployment::new(Role::Ours, "PRIMARY", desired));
        start.service_deployments.insert(0, ServiceDeployment::new(Role::Ours, "PENDING"));
        start.events.clear();
        start
    }

    /// A copy, `at` seconds after the start, with nothing new yet.
    #[must_use]
    pub fn at(&self, at: u64) -> Self {
        let mut next = Self { at, events: Vec::new(), stale: false, ..self.clone() };
        if let Some(ours) = next.service_deployment(Role::Ours)
            && ours.status == "PENDING"
        {
            ours.status = "IN_PROGRESS";
        }
        next
    }

    /// The beginning of another part of the story, `passed` seconds after that of this one.
    #[must_use]
    pub(super) fn anew(&self, passed: u64) -> Self {
        let mut next = self.at(0);
        next.stopped.iter_mut().for_each(|stopped| stopped.at -= passed.cast_signed());
        next
    }

    /// Answers from before the update.
    #[must_use]
    pub fn stale(mut self) -> Self {
        self.stale = true;
        self
    }

    /// So many of our tasks run, so many start.
    #[must_use]
    pub fn ours(self, running: i64, pending: i64) -> Self {
        self.counts(Role::Ours, running, pending)
    }

    /// So many tasks of a role run, so many start.
    #[must_use]
    pub fn counts(mut self, role: Role, running: i64, pending: i64) -> Self {
        if let Some(entry) = self.deployment(role) {
            (entry.running, entry.pending) = (running, pending);
        }
        self
    }

    /// So many of the tasks from before still run; with none left, their deployment is gone.
    #[must_use]
    pub fn old(mut self, running: i64) -> Self {
        let at = self.at.cast_signed();
        let Some(entry) = self.deployment(Role::Before) else { return self };
        let gone = entry.running - running;
        (entry.running, entry.desired) = (running, running);
        for _ in 0..gone {
            self.stopped.push(Stopped { role: Role::Before, at, death: Death::scaled_in() });
        }
        if running == 0 {
            self.deployments.retain(|entry| entry.role != Role::Before);
        }
        self
    }

    /// So many more of our tasks die.
    #[must_use]
    pub fn die(mut self, tasks: i64, death: &Death) -> Self {
        let at = self.at.cast_signed();
        if let Some(entry) = self.deployment(Role::Ours) {
            entry.failed += tasks;
            entry.health = "UNKNOWN";
        }
        for _ in 0..tasks {
            self.stopped.push(Stopped { role: Role::Ours, at, death: death.clone() });
        }
        self
    }

    /// Our entry's `rolloutState` and its reason.
    #[must_use]
    pub fn rollout(mut self, state: &'static str, reason: &str) -> Self {
        if let Some(entry) = self.deployment(Role::Ours) {
            entry.rollout = state;
            reason.clone_into(&mut entry.reason);
        }
        self
    }

    /// Our service deployment's status and its reason.
    #[must_use]
    pub fn status(self, status: &'static str, reason: &str) -> Self {
        self.with(|ours| {
            ours.status = status;
            reason.clone_into(&mut ours.reason);
        })
    }

    /// Our service deployment's stage, with the parts of production and test traffic that the new revision gets.
    #[must_use]
    pub fn stage(self, stage: &'static str, production: f64, test: f64) -> Self {
        self.with(|ours| (ours.stage, ours.weights) = (Some(stage), Some((production, test))))
    }

    /// The hook that our service deployment waits for.
    #[must_use]
    pub fn hook(self, id: &'static str, kind: &'static str, status: &'static str) -> Self {
        self.with(|ours| ours.hook = Some(Hook { id, kind, status }))
    }

    /// The circuit breaker's status and threshold.
    #[must_use]
    pub fn breaker(self, status: &'static str, threshold: i64) -> Self {
        self.with(|ours| ours.breaker = Some((status, threshold)))
    }

    /// The alarms' status, and those that were triggered.
    #[must_use]
    pub fn alarms(self, status: &'static str, triggered: &[&'static str]) -> Self {
        self.with(|ours| ours.alarms = Some((status, triggered.to_vec())))
    }

    /// Our deployment is complete.
    #[must_use]
    pub fn complete(self) -> Self {
        self.completed_by(Role::Ours)
    }

    /// The deployment of a role is complete.
    #[must_use]
    pub fn completed_by(mut self, role: Role) -> Self {
        let id = role.deployment();
        if let Some(entry) = self.deployment(role) {
            entry.rollout = "COMPLETED";
            entry.reason = format!("ECS deployment {id} completed.");
        }
        if let Some(own) = self.service_deployment(role) {
            own.status = "SUCCESSFUL";
            own.breaker = own.breaker.map(|(_, threshold)| ("MONITORING_COMPLETE", threshold));
            own.alarms = own.alarms.take().map(|(_, triggered)| ("MONITORING_COMPLETE", triggered));
        }
        self.event(format!("(service {}) (deployment {id}) deployment completed.", super::role::SERVICE))
    }

    /// ECS begins to go back to what ran before, for `why`: the deployment from before is the primary one again, under its own
    /// id, and `words` are its reason for so long.
    #[must_use]
    pub fn roll_back(mut self, why: &str, words: &str) -> Self {
        if let Some(ours) = self.deployment(Role::Ours) {
            ours.rollout = "FAILED";
            why.clone_into(&mut ours.reason);
        }
        self.back_as(Role::Before, words).with(|ours| {
            ours.status = "ROLLBACK_IN_PROGRESS";
            why.clone_into(&mut ours.reason);
            ours.rollback = Some(why.to_owned());
        })
    }

    /// The deployment of a role is the primary one, of as many tasks as run from before.
    fn back_as(mut self, role: Role, words: &str) -> Self {
        let mut back = Deployment::new(role, "PRIMARY", self.desired);
        words.clone_into(&mut back.reason);
        if let Some(position) = self.deployments.iter().position(|entry| entry.role == Role::Before) {
            let old = self.deployments.remove(position);
            (back.running, back.pending) = (old.running, self.desired - old.running);
        }
        if let Some(ours) = self.deployment(Role::Ours) {
            (ours.status, ours.desired, ours.pending) = ("ACTIVE", 0, 0);
        }
        self.deployments.insert(0, back);
        self
    }

    /// What ran before runs again, alone. The reason of its deployment is that of any other one that is complete.
    #[must_use]
    pub fn rolled_back(self) -> Self {
        self.alone().completed_by(Role::Before).with(|ours| ours.status = "ROLLBACK_SUCCESSFUL")
    }

    /// Only the tasks of the primary deployment run, all of them.
    #[must_use]
    pub(super) fn alone(mut self) -> Self {
        self.deployments.truncate(1);
        if let Some(primary) = self.deployments.first_mut() {
            (primary.running, primary.pending) = (self.desired, 0);
        }
        self
    }

    /// Somebody else updates the service.
    #[must_use]
    pub fn supersede(mut self) -> Self {
        let desired = self.desired;
        if let Some(ours) = self.deployment(Role::Ours) {
            (ours.status, ours.desired, ours.pending) = ("ACTIVE", 0, 0);
        }
        self.deployments.insert(0, Deployment::new(Role::Theirs, "PRIMARY", desired));
        self.service_deployments.insert(0, ServiceDeployment::new(Role::Theirs, "IN_PROGRESS"));
        self.status("STOPPED", REPLACED)
    }

    /// A later update takes the place of everything: what ran before it goes on running until the new tasks do.
    #[must_use]
    pub(super) fn replaced(mut self) -> Self {
        self.deployments.retain(|entry| entry.role != Role::Rollback);
        self.service_deployments.retain(|own| own.role != Role::Rollback);
        let had_ended = self.service_deployment(Role::Ours).is_none_or(|ours| ours.has_ended());
        let status = self.service_deployment(Role::Ours).map_or("", |ours| ours.status);
        let words = format!("ECS deployment {} in progress.", Role::Rollback.deployment());
        let next = self.back_as(Role::Rollback, &words);
        if had_ended { next.status(status, "") } else { next.status("STOPPED", REPLACED) }
    }

    /// The service tells something.
    #[must_use]
    pub fn event(mut self, text: impl Into<String>) -> Self {
        self.events.push(text.into());
        self
    }

    /// The entry of a role.
    pub fn deployment(&mut self, role: Role) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|entry| entry.role == role)
    }

    /// The service deployment of a role.
    pub fn service_deployment(&mut self, role: Role) -> Option<&mut ServiceDeployment> {
        self.service_deployments.iter_mut().find(|entry| entry.role == role)
    }

    fn with(mut self, change: impl FnOnce(&mut ServiceDeployment)) -> Self {
        if let Some(ours) = self.service_deployment(Role::Ours) {
            change(ours);
        }
        self
    }
}
