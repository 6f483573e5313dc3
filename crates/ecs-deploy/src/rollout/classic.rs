//! The verdict from `DescribeServices` alone: our deployment's place, and its `rolloutState`.
//!
//! ECS tells a rollout state for rolling deployments only
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>), so nothing here ends another kind in
//! success.

use std::time::Duration;

use crate::names::revision_name;
use crate::rollout::end::End;
use crate::rollout::event::Event;
use crate::rollout::goal::Goal;
use crate::rollout::{READS_TO_BELIEVE, ROLLBACK_START, STALE_READS, STALE_READS_AT_LEAST};
use crate::service::{Deployment, RolloutState, Service};

/// The state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Classic {
    failure: Option<Failure>,
    displaced: Option<Displaced>,
    /// Reads in a row in which the counts fit while ECS told no rollout state.
    settled: u32,
    failed_tasks: i64,
}

/// Another deployment has our place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Displaced {
    by: String,
    /// In so many reads in a row, and since when.
    reads: u32,
    since: Duration,
}

/// It has failed; a rollback is expected or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    reason: String,
    since: Duration,
    back: Option<Back>,
}

/// A rollback that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Back {
    /// The id of its deployment.
    id: String,
    /// The ARN of the task definition that it goes to.
    to: String,
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
        if !matches!(look.service.status.as_str(), "ACTIVE" | "") {
            let known = self.failure.as_ref().map_or_else(String::new, |failure| format!("{}; then ", failure.reason));
            return Some(End::Failed { reason: format!("{known}the service is {}", look.service.status) });
        }
        self.note_place(goal, look);
        match self.failure {
            None => self.rolling(goal, look, told),
            Some(_) => self.failed(goal, look, told),
        }
    }

    /// What is known of a failure that has not ended yet.
    pub(super) fn failing(&self) -> Option<(&str, Option<&str>)> {
        let failure = self.failure.as_ref()?;
        Some((&failure.reason, failure.back.as_ref().map(|back| back.to.as_str())))
    }

    /// Notes who has our place.
    fn note_place(&mut self, goal: &Goal, look: Look<'_>) {
        let other = look.service.primary().filter(|primary| primary.id != goal.deployment);
        let before = self.displaced.take();
        self.displaced = other.map(|other| match before.filter(|before| before.by == other.id) {
            Some(before) => Displaced { reads: before.reads + 1, ..before },
            None => Displaced { by: other.id.clone(), reads: 1, since: look.at },
        });
    }

    /// Whether the answers say for long enough that another deployment has our place.
    fn is_believed(&self, goal: &Goal, look: Look<'_>, other: &Deployment) -> bool {
        let Some(Displaced { reads, since, .. }) = &self.displaced else { return false };
        // A slow answer is no old one: time counts only together with the number of reads.
        let aged = look.at.saturating_sub(*since) >= STALE_READS && *reads >= STALE_READS_AT_LEAST;
        *reads >= READS_TO_BELIEVE && (aged || !self.may_be_stale(goal, look, other))
    }

    /// Whether the answer may be from before the update.
    fn may_be_stale(&self, goal: &Goal, look: Look<'_>, other: &Deployment) -> bool {
        let unseen = look.service.deployment(&goal.deployment).is_none();
        let goes_back = goal.goes_back
            || says_rollback(other)
            || self.failure.as_ref().is_some_and(|failure| failure.back.is_some());
        unseen && other.id == goal.previous_deployment && !goes_back && failure_told(goal, look.messages).is_none()
    }

    fn rolling(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        match look.service.deployment(&goal.deployment) {
            Some(ours) if ours.rollout == RolloutState::Failed => self.begin_failed(goal, look, told),
            Some(ours) if ours.is_primary() => self.as_primary(goal, look, ours),
            _ => self.without_our_place(goal, look, told),
        }
    }

    /// Our deployment is what the service aims at, and it has not failed.
    fn as_primary(&mut self, goal: &Goal, look: Look<'_>, ours: &Deployment) -> Option<End> {
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
        let counted = goal.counts.reached(look.service, look.at);
        (goal.classic_suffices && complete && counted).then_some(End::Deployed { desired: look.service.desired })
    }

    /// Another deployment has our place, or the answer is stale.
    fn without_our_place(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let other = look.service.primary()?;
        if !self.is_believed(goal, look, other) {
            return None;
        }
        // That the previous revision is back may be anybody's doing, unless ECS tells of a failure of ours or was asked for it.
        let asked = goal.goes_back && is_rollback(goal, look.messages, other);
        if asked || says_rollback(other) || failure_told(goal, look.messages).is_some() {
            return self.begin_failed(goal, look, told);
        }
        Some(End::Superseded { by: other.task_definition.clone(), deployed: false })
    }

    fn begin_failed(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let reason = why(goal, look).unwrap_or("ECS gives no reason").to_owned();
        if !goal.goes_back {
            told.push(Event::Failing { reason: reason.clone() });
        }
        self.failure = Some(Failure { reason, since: look.at, back: None });
        self.failed(goal, look, told)
    }

    /// It has failed: looks for what is restored.
    fn failed(&mut self, goal: &Goal, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        let mut failure = self.failure.clone()?;
        if let Some(reason) = own_reason(goal, look) {
            reason.clone_into(&mut failure.reason);
        }
        self.failure = Some(failure.clone());
        let Failure { reason, since, back } = failure;
        let Some(other) = look.service.primary().filter(|primary| primary.id != goal.deployment) else {
            let expected = look.service.rolls_back && look.at.saturating_sub(since) < ROLLBACK_START;
            return (!expected && back.is_none()).then_some(End::Failed { reason });
        };
        if self.may_be_stale(goal, look, other) && !self.is_believed(goal, look, other) {
            return None;
        }
        let goes_on = back.is_some_and(|back| back.id == other.id || back.to == other.task_definition);
        if !goes_on && !is_rollback(goal, look.messages, other) {
            let by = revision_name(&other.task_definition);
            let reason = format!("{reason}; then the service was updated to {by}");
            return self.is_believed(goal, look, other).then_some(End::Failed { reason });
        }
        self.goes_back(goal, other, told);
        let restored = other.task_definition.clone();
        match other.rollout {
            RolloutState::Failed => {
                Some(End::Failed { reason: format!("{reason}; the rollback failed too: {}", other.reason) })
            }
            RolloutState::Completed => Some(End::RolledBack { reason, restored }),
            RolloutState::Absent | RolloutState::InProgress | RolloutState::Unknown(_) => None,
        }
    }

    /// Remembers the rollback by its deployment's id: its reason is another one once it is complete.
    fn goes_back(&mut self, goal: &Goal, rollback: &Deployment, told: &mut Vec<Event>) {
        let Some(failure) = &mut self.failure else { return };
        let to = rollback.task_definition.clone();
        if !goal.goes_back && failure.back.as_ref().is_none_or(|back| back.to != to) {
            told.push(Event::RollingBack { to: to.clone() });
        }
        failure.back = Some(Back { id: rollback.id.clone(), to });
    }
}

/// Whether `other` is a rollback of ours, which is known to have failed.
fn is_rollback(goal: &Goal, messages: &[String], other: &Deployment) -> bool {
    let restores =
        other.task_definition == goal.previous_task_definition && goal.task_definition != goal.previous_task_definition;
    let is_named = |message: &String| message.contains("rolling back to deployment") && names(message, &other.id);
    restores || says_rollback(other) || messages.iter().any(is_named)
}

/// While a rollback is in progress, ECS says so in the reason of the deployment that is the primary one again, or anew: `ECS
/// deployment circuit breaker: rolling back to deploymentId ecs-svc/1.` Once it is complete, the reason is that of any other
/// one: `ECS deployment ecs-svc/1 completed.`
pub(crate) fn says_rollback(deployment: &Deployment) -> bool {
    deployment.reason.to_ascii_lowercase().contains("rolling back")
}

/// Why ours failed: in its own words, in those of the service's event, or in those of its rollback.
fn why<'a>(goal: &Goal, look: Look<'a>) -> Option<&'a str> {
    let of_rollback =
        || look.service.primary().filter(|primary| says_rollback(primary)).map(|primary| primary.reason.as_str());
    own_reason(goal, look).or_else(|| failure_told(goal, look.messages)).or_else(of_rollback)
}

/// The reason of our deployment, where that is seen to have failed.
fn own_reason<'a>(goal: &Goal, look: Look<'a>) -> Option<&'a str> {
    let ours = look.service.deployment(&goal.deployment)?;
    (ours.rollout == RolloutState::Failed && !ours.reason.is_empty()).then_some(ours.reason.as_str())
}

/// The last event of the service that tells of a failure of our deployment: `(service web) (deployment ecs-svc/2) deployment
/// failed: tasks failed to start.`
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>).
fn failure_told<'a>(goal: &Goal, messages: &'a [String]) -> Option<&'a str> {
    let is_ours = |message: &&String| message.contains("deployment failed") && names(message, &goal.deployment);
    messages.iter().rev().find(is_ours).map(String::as_str)
}

/// Whether a message names the deployment `id`: `(deployment ecs-svc/2)`, `deployment ecs-svc/2.`
fn names(message: &str, id: &str) -> bool {
    message.split(|c: char| c.is_whitespace() || "().,".contains(c)).any(|word| word == id)
}
