//! What a deployment is doing, as a pure step function: `(state, observation) -> (state, events, end?)`.
//!
//! It follows one deployment, by its id. Nothing that happens to any other deployment can end it in success, and no word it
//! does not know can.

mod classic;
mod end;
mod event;
mod goal;
mod pace;
mod seen;

pub(crate) use end::End;
pub(crate) use event::{Event, Told};
pub(crate) use goal::{Counts, Goal};
pub(crate) use pace::Pace;

use std::time::Duration;

use crate::names::revision_name;
use crate::rollout::classic::{Classic, Look};
use crate::rollout::seen::Seen;
use crate::service::Service;

/// `DescribeServices` may answer from before our update; so long the old primary deployment in its answer means nothing.
const STALE_READS: Duration = Duration::from_secs(15);
/// This many reads in a row must say that another deployment took our place.
const READS_TO_BELIEVE: u32 = 2;
/// How long a failed deployment may take to be replaced by the one it is rolled back to.
const ROLLBACK_START: Duration = Duration::from_secs(30);

/// What one step gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// The next state.
    pub(crate) rollout: Rollout,
    /// What is new.
    pub(crate) events: Vec<Event>,
    /// The end, when it has come.
    pub(crate) end: Option<End>,
}

/// The state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rollout {
    goal: Goal,
    seen: Seen,
    classic: Classic,
}

impl Rollout {
    /// The start: `before` is the service as it was seen before the update; its events are not ours.
    pub(crate) fn new(goal: Goal, before: &Service) -> Self {
        Self { goal, seen: Seen::new(before), classic: Classic::default() }
    }

    /// What is followed.
    pub(crate) fn goal(&self) -> &Goal {
        &self.goal
    }

    /// The service's own events since the start, oldest first.
    pub(crate) fn messages(&self) -> &[String] {
        self.seen.messages()
    }

    /// The present state in one line; empty before the deployment was seen.
    pub(crate) fn state(&self) -> String {
        self.seen.counts().map(ToString::to_string).unwrap_or_default()
    }

    /// Why it is not over when the time is up.
    pub(crate) fn unfinished(&self) -> String {
        let state = self.state();
        let seen = if state.is_empty() { "it was never seen" } else { &state };
        match self.classic.failing() {
            Some((reason, Some(to))) => {
                format!("failed: {reason}; the rollback to {} is still under way", revision_name(to))
            }
            Some((reason, None)) => format!("failed: {reason}; whether it is rolled back is not known yet"),
            None => format!("last seen: {seen}"),
        }
    }

    /// Takes one observation, made `at` after the start.
    pub(crate) fn step(mut self, service: &Service, at: Duration) -> Step {
        let mut events = Vec::new();
        self.seen.look(service, &self.goal.deployment, &mut events);
        let look = Look { service, messages: self.seen.messages(), at };
        let end = self.classic.step(&self.goal, look, &mut events);
        Step { rollout: self, events, end }
    }
}

#[cfg(test)]
mod tests;
