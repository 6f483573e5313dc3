//! The verdict from `DescribeServices` alone: our deployment's place, and its `rolloutState`.
//!
//! ECS tells a rollout state for rolling deployments only
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>), so nothing here ends another kind in
//! success.

use std::time::Duration;

use crate::rollout::end::End;
use crate::rollout::event::Event;
use crate::rollout::goal::Goal;
use crate::rollout::{READS_TO_BELIEVE, ROLLBACK_START, STALE_READS, STALE_READS_AT_LEAST};
use crate::service::{Deployment, RolloutState, Service};

/// The state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Classic {
    failure: Option<Failure>,
    /// Reads in a row in which another deployment had our place, and since when.
    displaced: Option<(u32, Duration)>,
    /// Reads in a row in which the counts fit while ECS told no rollout state.
    settled: u32,
    failed_tasks: i64,
}

/// It has failed; a rollback is expected or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    reason: String,
    since: Duration,
    /// The ARN of the task definition that a rollback was seen to go to.
    to: Option<String>,
}

/// One look at the service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) service: &'a Service,
    /// The service's own events since the start.
    pub(super) messages: &'a [String],
    /// The time since the start.
    pub(super) at: Duration,
}

impl Classic {
    /// Takes one look.
    pub(super) fn step(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        match self.failure {
            None => self.rolling(goal, look, told),
            Some(_) => self.failed(goal, look, told),
        }
    }

    /// What is known of a failure that has not ended yet.
    pub(super) fn failing(&self) -> Option<(&str, Option<&str>)> {
        self.failure.as_ref().map(|failure| (failure.reason.as_str(), failure.to.as_deref()))
    }

    fn rolling(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let Look { service, at, .. } = look;
        if !matches!(service.status.as_str(), "ACTIVE" | "") {
            return Some(End::Failed { reason: format!("the service is {}", service.status) });
        }
        let Some(ours) = service.deployment(&goal.deployment) else {
            return self.without_our_place(goal, look, told);
        };
        if ours.rollout == RolloutState::Failed {
            return self.begin_failed(goal, look, &ours.reason, told);
        }
        if !ours.is_primary() {
            return self.without_our_place(goal, look, told);
        }
        self.displaced = None;
        self.as_primary(goal, service, ours, at)
    }

    /// Our deployment is what the service aims at, and it has not failed.
    fn as_primary(&mut self, goal: &Goal, service: &Service, ours: &Deployment, at: Duration) -> Option<End> {
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
        let counted = goal.counts.reached(service, at);
        (goal.classic_suffices && complete && counted).then_some(End::Deployed { desired: service.desired })
    }

    /// Another deployment has our place, or the answer is stale.
    fn without_our_place(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let Look { service, at, .. } = look;
        let (reads, since) = self.displaced.unwrap_or((0, at));
        self.displaced = Some((reads + 1, since));
        let other = service.primary()?;
        let unseen = service.deployment(&goal.deployment).is_none();
        let may_be_stale = unseen && other.id == goal.previous_deployment && !says_rollback(other);
        // A slow answer is no old one: time counts only together with the number of reads.
        let aged = at.saturating_sub(since) >= STALE_READS && reads + 1 >= STALE_READS_AT_LEAST;
        let believed = reads + 1 >= READS_TO_BELIEVE && (!may_be_stale || aged);
        if !believed {
            return None;
        }
        // That the previous revision is back may be anybody's doing, unless ECS tells of a failure of ours or was asked for it.
        let expected = goal.goes_back || failure_told(goal, look.messages).is_some();
        if says_rollback(other) || (expected && restores(goal, other)) {
            return self.begin_failed(goal, look, &other.reason, told);
        }
        Some(End::Superseded { by: other.task_definition.clone(), deployed: false })
    }

    fn begin_failed(&mut self, goal: &Goal, look: Look<'_>, reason: &str, told: &mut Vec<Event>) -> Option<End> {
        let reason =
            if reason.is_empty() { failure_told(goal, look.messages).unwrap_or("ECS gives no reason") } else { reason };
        if !goal.goes_back {
            told.push(Event::Failing { reason: reason.to_owned() });
        }
        self.failure = Some(Failure { reason: reason.to_owned(), since: look.at, to: None });
        self.failed(goal, look, told)
    }

    /// It has failed: looks for what is restored.
    fn failed(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let failure = self.failure.as_mut()?;
        let reason = failure.reason.clone();
        let other = look.service.primary().filter(|primary| primary.id != goal.deployment);
        let rollback = other.filter(|other| says_rollback(other) || restores(goal, other));
        let Some(rollback) = rollback else {
            let waited = look.at.saturating_sub(failure.since);
            let expected = look.service.rolls_back && other.is_none() && waited < ROLLBACK_START;
            return (!expected && failure.to.is_none()).then_some(End::Failed { reason });
        };
        let restored = rollback.task_definition.clone();
        if failure.to.as_ref() != Some(&restored) {
            if !goal.goes_back {
                told.push(Event::RollingBack { to: restored.clone() });
            }
            failure.to = Some(restored.clone());
        }
        match rollback.rollout {
            RolloutState::Failed => {
                Some(End::Failed { reason: format!("{reason}; the rollback failed too: {}", rollback.reason) })
            }
            RolloutState::Completed => Some(End::RolledBack { reason, restored }),
            RolloutState::Absent | RolloutState::InProgress | RolloutState::Unknown(_) => None,
        }
    }
}

/// Whether `other` brings back what was there before.
fn restores(goal: &Goal, other: &Deployment) -> bool {
    other.task_definition == goal.previous_task_definition && goal.task_definition != goal.previous_task_definition
}

/// ECS names the deployment it rolls back to in the reason of the new primary deployment
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>).
pub(crate) fn says_rollback(deployment: &Deployment) -> bool {
    deployment.reason.to_ascii_lowercase().contains("rolling back")
}

/// The last event of the service that tells of a failure of our deployment: `(service web) (deployment ecs-svc/2) deployment
/// failed: tasks failed to start.`
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>).
fn failure_told<'a>(goal: &Goal, messages: &'a [String]) -> Option<&'a str> {
    let ours = format!("(deployment {})", goal.deployment);
    let found = messages.iter().rev().find(|message| message.contains(&ours) && message.contains("deployment failed"));
    found.map(String::as_str)
}
