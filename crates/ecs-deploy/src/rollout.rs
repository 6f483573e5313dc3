//! What a deployment is doing, as a pure step function: `(state, observation) -> (state, notes, end?)`.
//!
//! It follows one deployment, by its id, over the `rolloutState` that `DescribeServices` tells. Nothing that happens to any
//! other deployment can end it in success, and no word it does not know can.

mod pace;

pub(crate) use pace::Pace;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::names::revision_name;
use crate::service::{Deployment, RolloutState, Service};

/// `DescribeServices` may answer from before our update; so long the old primary deployment in its answer means nothing.
const STALE_READS: Duration = Duration::from_secs(15);
/// This many reads in a row must say that another deployment took our place.
const READS_TO_BELIEVE: u32 = 2;
/// How long a failed deployment may take to be replaced by the one it is rolled back to.
const ROLLBACK_START: Duration = Duration::from_secs(30);
/// How long a rollback is followed to tell what was restored.
const ROLLBACK_END: Duration = Duration::from_mins(3);

/// What is followed, and what was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Goal {
    /// The id of our deployment.
    pub(crate) deployment: String,
    /// The ARN of the task definition it brings.
    pub(crate) task_definition: String,
    /// The primary deployment before the update; equal to ours when the update started none.
    pub(crate) previous_deployment: String,
    /// The ARN of the task definition before the update.
    pub(crate) previous_task_definition: String,
    /// Whether the number of running tasks must be reached too: the update set it without starting a deployment.
    pub(crate) counts: Counts,
}

/// Whether the number of running tasks decides, beside the rollout state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The rollout state alone decides.
    #[default]
    DoNotMatter,
    /// As many tasks as desired must run. The number that was asked for tells an answer from before the update.
    MustMatch {
        /// The number that was asked for.
        asked: i64,
    },
}

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It is complete.
    Deployed {
        /// How many tasks the service is to run; with 0, none was tried.
        desired: i64,
    },
    /// It failed, and nothing was restored.
    Failed {
        /// What ECS says about it.
        reason: String,
    },
    /// It failed, and the service went back.
    RolledBack {
        /// What ECS says about it.
        reason: String,
        /// The ARN of the task definition that was restored.
        restored: String,
        /// Whether the rollback was seen complete.
        complete: bool,
    },
    /// Another deployment took its place.
    Superseded {
        /// The ARN of the other deployment's task definition.
        by: String,
    },
}

/// What one step gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The next state.
    pub(crate) rollout: Rollout,
    /// What is new, one line each.
    pub(crate) notes: Vec<String>,
    /// The end, when it has come.
    pub(crate) end: Option<End>,
}

/// The state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rollout {
    goal: Goal,
    phase: Phase,
    known_events: BTreeSet<String>,
    /// The service's events since the start, oldest first.
    events: Vec<String>,
    /// The last line about counts, so that it is written on change only.
    last: String,
    /// Reads in a row in which another deployment had our place, and since when.
    displaced: Option<(u32, Duration)>,
    /// Reads in a row in which the counts fit while ECS told no rollout state.
    settled: u32,
    failed_tasks: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Rolling,
    /// It has failed; a rollback is expected or under way.
    Failed {
        reason: String,
        since: Duration,
    },
}

impl Rollout {
    /// The start: `before` is the service as it was seen before the update; its events are not ours.
    pub(crate) fn new(goal: Goal, before: &Service) -> Self {
        Self {
            goal,
            phase: Phase::Rolling,
            known_events: before.events.iter().map(|event| event.id.clone()).collect(),
            events: Vec::new(),
            last: String::new(),
            displaced: None,
            settled: 0,
            failed_tasks: 0,
        }
    }

    /// What is followed.
    pub(crate) fn goal(&self) -> &Goal {
        &self.goal
    }

    /// The service's events since the start, oldest first.
    pub(crate) fn events(&self) -> &[String] {
        &self.events
    }

    /// The last line about our deployment.
    pub(crate) fn last(&self) -> &str {
        &self.last
    }

    /// Takes one observation, made `elapsed` after the start.
    pub(crate) fn step(mut self, service: &Service, elapsed: Duration) -> Step {
        let mut notes = self.new_events(service);
        notes.extend(self.changed_counts(service));
        let end = match self.phase.clone() {
            Phase::Rolling => self.rolling(service, elapsed, &mut notes),
            Phase::Failed { reason, since } => self.failed(service, elapsed, &reason, since),
        };
        Step { rollout: self, notes, end }
    }

    fn rolling(&mut self, service: &Service, elapsed: Duration, notes: &mut Vec<String>) -> Option<End> {
        if !matches!(service.status.as_str(), "ACTIVE" | "") {
            return Some(End::Failed { reason: format!("the service is {}", service.status) });
        }
        let Some(ours) = service.deployment(&self.goal.deployment) else {
            return self.without_our_place(service, elapsed, notes);
        };
        if ours.rollout == RolloutState::Failed {
            return self.begin_failed(service, elapsed, ours.reason.clone(), notes);
        }
        if !ours.is_primary() {
            return self.without_our_place(service, elapsed, notes);
        }
        self.displaced = None;
        self.as_primary(service, ours, elapsed)
    }

    /// Our deployment is what the service aims at, and it has not failed.
    fn as_primary(&mut self, service: &Service, ours: &Deployment, elapsed: Duration) -> Option<End> {
        let fits = ours.running == ours.desired && ours.pending == 0 && ours.failed <= self.failed_tasks;
        self.failed_tasks = ours.failed;
        let complete = match &ours.rollout {
            RolloutState::Completed => true,
            RolloutState::Absent => {
                self.settled = if fits { self.settled + 1 } else { 0 };
                self.settled >= READS_TO_BELIEVE
            }
            // Counts that fit mean nothing while alarms are still watched.
            RolloutState::InProgress | RolloutState::Failed | RolloutState::Unknown(_) => false,
        };
        let counted = match self.goal.counts {
            Counts::DoNotMatter => true,
            // Later another number is somebody else's doing: a scaling policy's.
            Counts::MustMatch { asked } => {
                service.running == service.desired && (service.desired == asked || elapsed >= STALE_READS)
            }
        };
        (complete && counted).then_some(End::Deployed { desired: service.desired })
    }

    /// Another deployment has our place, or the answer is stale.
    fn without_our_place(&mut self, service: &Service, elapsed: Duration, notes: &mut Vec<String>) -> Option<End> {
        let (reads, since) = self.displaced.unwrap_or((0, elapsed));
        self.displaced = Some((reads + 1, since));
        let other = service.primary()?;
        let unseen = service.deployment(&self.goal.deployment).is_none();
        let may_be_stale = unseen && other.id == self.goal.previous_deployment && !says_rollback(other);
        let believed = reads + 1 >= READS_TO_BELIEVE && (!may_be_stale || elapsed.saturating_sub(since) >= STALE_READS);
        if !believed {
            return None;
        }
        if self.is_rollback(other) {
            return self.begin_failed(service, elapsed, other.reason.clone(), notes);
        }
        Some(End::Superseded { by: other.task_definition.clone() })
    }

    fn begin_failed(
        &mut self,
        service: &Service,
        elapsed: Duration,
        reason: String,
        notes: &mut Vec<String>,
    ) -> Option<End> {
        let reason = if reason.is_empty() { self.reason_from_events() } else { reason };
        notes.push(format!("deployment {} failed: {reason}", self.goal.deployment));
        self.phase = Phase::Failed { reason: reason.clone(), since: elapsed };
        self.failed(service, elapsed, &reason, elapsed)
    }

    /// It has failed: looks for what is restored.
    fn failed(&self, service: &Service, elapsed: Duration, reason: &str, since: Duration) -> Option<End> {
        let waited = elapsed.saturating_sub(since);
        let reason = reason.to_owned();
        let other = service.primary().filter(|primary| primary.id != self.goal.deployment);
        let Some(other) = other.filter(|other| self.is_rollback(other)) else {
            let expected = service.rolls_back && other.is_none() && waited < ROLLBACK_START;
            return (!expected).then_some(End::Failed { reason });
        };
        match other.rollout {
            RolloutState::Failed => {
                Some(End::Failed { reason: format!("{reason}; the rollback failed too: {}", other.reason) })
            }
            RolloutState::Completed => {
                Some(End::RolledBack { reason, restored: other.task_definition.clone(), complete: true })
            }
            RolloutState::Absent | RolloutState::InProgress | RolloutState::Unknown(_) => (waited >= ROLLBACK_END)
                .then(|| End::RolledBack { reason, restored: other.task_definition.clone(), complete: false }),
        }
    }

    /// Whether `other` restores what was there before.
    fn is_rollback(&self, other: &Deployment) -> bool {
        let restores = other.task_definition == self.goal.previous_task_definition
            && self.goal.task_definition != self.goal.previous_task_definition;
        restores || says_rollback(other)
    }

    /// The last event that tells of a failure of our deployment.
    fn reason_from_events(&self) -> String {
        let ours = |event: &&String| event.contains(&self.goal.deployment) && event.contains("fail");
        self.events.iter().rev().find(ours).map_or_else(|| "ECS gives no reason".to_owned(), Clone::clone)
    }

    fn new_events(&mut self, service: &Service) -> Vec<String> {
        let mut new = Vec::new();
        for event in service.events.iter().rev() {
            if self.known_events.insert(event.id.clone()) {
                new.push(event.message.clone());
            }
        }
        self.events.extend(new.iter().cloned());
        new
    }

    fn changed_counts(&mut self, service: &Service) -> Option<String> {
        let ours = service.deployment(&self.goal.deployment)?;
        let line = format!(
            "{}: {}, {} of {} running, {} pending, {} failed",
            revision_name(&ours.task_definition),
            ours.rollout.word(),
            ours.running,
            ours.desired,
            ours.pending,
            ours.failed
        );
        let changed = line != self.last;
        self.last.clone_from(&line);
        changed.then_some(line)
    }
}

/// ECS names the deployment it rolls back to in the reason of the new primary deployment
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>).
fn says_rollback(deployment: &Deployment) -> bool {
    deployment.reason.to_ascii_lowercase().contains("rolling back")
}

#[cfg(test)]
mod tests;
