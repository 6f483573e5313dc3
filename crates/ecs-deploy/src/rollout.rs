//! What a deployment is doing, as a pure step function: `(state, answers) -> (state, events, end?)`.
//!
//! It follows one deployment, by its id, and by its service deployment where that can be read. Nothing that happens to any
//! other deployment can end it in success, and no word it does not know can.

mod classic;
mod end;
mod event;
mod fail_fast;
mod goal;
mod own;
mod pace;
mod question;
mod search;
mod seen;
mod settle;
mod wait;

pub(crate) use classic::says_rollback;
pub(crate) use end::End;
#[cfg(test)]
pub(crate) use event::TaskCounts;
pub(crate) use event::{Event, Hook, Told, moment};
pub(crate) use goal::{Counts, Follow, Goal};
pub(crate) use pace::Pace;
pub(crate) use question::{Answer, Candidate, Question, Refusal};
pub(crate) use wait::WaitUntil;

use std::time::Duration;

use serde_json::Value;

use crate::names::revision_name;
use crate::rollout::classic::Classic;
use crate::rollout::fail_fast::FailFast;
use crate::rollout::own::Own;
use crate::rollout::search::{Found, Search};
use crate::rollout::seen::Seen;
use crate::rollout::settle::Settling;
use crate::service::Service;

/// `DescribeServices` may answer from before our update; so long the old primary deployment in its answer means nothing.
const STALE_READS: Duration = Duration::from_secs(15);
/// So many reads at least must have said the same by then.
const STALE_READS_AT_LEAST: u32 = 4;
/// This many reads in a row must say that another deployment took our place.
const READS_TO_BELIEVE: u32 = 2;
/// The status of a service that ECS does not find.
pub(crate) const MISSING: &str = "MISSING";
/// How long a failed deployment may take until a rollback begins.
const ROLLBACK_START: Duration = Duration::from_secs(30);

/// What an early end says of ECS.
pub(crate) const STILL_TRYING: &str = "; ECS is still trying";

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
    mode: Mode,
    fail_fast: FailFast,
    /// Once ours is complete: whether all has come to rest.
    settling: Option<Settling>,
    /// The service as it was seen last.
    service: Option<Service>,
    /// In how many reads in a row ECS did not find it.
    missing: u32,
}

/// What decides.
#[derive(Debug, Clone, PartialEq)]
enum Mode {
    /// The deployment's `rolloutState`.
    Classic,
    /// The same, until our service deployment is found.
    Searching(Search),
    /// Our service deployment.
    Own(Box<Own>),
}

impl Rollout {
    /// The start: `before` is the service as it was seen before the update; its events are not ours.
    pub(crate) fn new(goal: Goal, before: &Service) -> Self {
        let mode = match &goal.mode {
            Follow::Classic => Mode::Classic,
            Follow::Search => Mode::Searching(Search::new(&goal)),
            Follow::Present { arn } => Mode::Own(Box::new(Own::new(arn.clone()))),
        };
        let (seen, fail_fast) = (Seen::new(before), FailFast::new(goal.fail_fast_after));
        Self { goal, seen, classic: Classic::default(), mode, fail_fast, settling: None, service: None, missing: 0 }
    }

    /// What is followed.
    pub(crate) fn goal(&self) -> &Goal {
        &self.goal
    }

    /// The service's own events since the start, oldest first.
    pub(crate) fn messages(&self) -> &[String] {
        self.seen.messages()
    }

    /// The ARN of our service deployment, once it is found.
    pub(crate) fn service_deployment_arn(&self) -> Option<&str> {
        if let Mode::Own(own) = &self.mode { Some(own.arn()) } else { None }
    }

    /// The last answer about our service deployment.
    pub(crate) fn service_deployment(&self) -> Option<&Value> {
        if let Mode::Own(own) = &self.mode { own.last().map(|last| &last.raw) } else { None }
    }

    /// The present state in one line; empty before the deployment was seen.
    pub(crate) fn state(&self) -> String {
        let counts = self.seen.counts().map(ToString::to_string).unwrap_or_default();
        let Mode::Own(own) = &self.mode else { return counts };
        let Some(last) = own.last() else { return counts };
        let stage = if last.stage.is_empty() { String::new() } else { format!(" in stage {}", last.stage) };
        let separator = if counts.is_empty() { "" } else { ", " };
        format!("{counts}{separator}service deployment {}{stage}", last.status.word())
    }

    /// Whether ours is complete, and only waited for to come to rest.
    pub(crate) fn is_settling(&self) -> bool {
        self.settling.is_some()
    }

    /// Why it is not over when the time is up.
    pub(crate) fn unfinished(&self) -> String {
        let state = self.state();
        if self.settling.is_some() {
            return format!("deployed, but not stable; last seen: {state}");
        }
        match self.failing() {
            Some(_) if self.goal.goes_back => format!("the rollback is still under way; last seen: {state}"),
            Some((reason, Some(to))) => {
                format!("failed: {reason}; the rollback to {} is still under way", revision_name(to))
            }
            Some((reason, None)) => format!("failed: {reason}; whether the service goes back is not known yet"),
            None if state.is_empty() => "last seen: it was never seen".to_owned(),
            None => format!("last seen: {state}{}", self.pause()),
        }
    }

    /// What to ask now. A round that is urgent asks only what is open.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let more = match &self.mode {
            _ if self.settling.is_some() => None,
            Mode::Classic => None,
            Mode::Searching(search) => Some(search.question(&self.goal)),
            Mode::Own(own) => Some(own.question(&self.goal)),
        };
        let tasks = self.fail_fast.question().filter(|_| self.settling.is_none());
        if self.decider_is_urgent() {
            more.into_iter().collect()
        } else if self.is_urgent() {
            tasks.into_iter().collect()
        } else {
            [Some(Question::Service), more, tasks].into_iter().flatten().collect()
        }
    }

    /// Whether something is to be asked before the next pause.
    pub(crate) fn is_urgent(&self) -> bool {
        self.decider_is_urgent() || (self.settling.is_none() && self.fail_fast.is_urgent())
    }

    fn decider_is_urgent(&self) -> bool {
        match &self.mode {
            _ if self.settling.is_some() => false,
            Mode::Classic => false,
            Mode::Searching(search) => search.is_urgent(),
            Mode::Own(own) => own.is_urgent(),
        }
    }

    /// Takes the answers of one round, given `at` after the start.
    pub(crate) fn step(mut self, answers: &[Answer], at: Duration) -> Step {
        let mut events = Vec::new();
        let service = answers.iter().find_map(|answer| match answer {
            Answer::Service(service) => Some(service),
            _ => None,
        });
        let service = service.filter(|service| self.is_believed(service));
        if let Some(service) = service {
            self.seen.look(service, &self.goal.deployment, &mut events);
            self.service = Some(service.clone());
        }
        let end = match (&mut self.settling, service) {
            (Some(settling), Some(service)) => settling.step(&self.goal, service),
            (Some(_), None) => None,
            (None, _) => {
                let end = self.decide(answers, service, at, &mut events);
                end.or_else(|| self.fails_fast(answers, at, &mut events)).and_then(|end| self.but_not_stable(end))
            }
        };
        Step { rollout: self, events, end }
    }

    /// One answer that there is no such service may be wrong.
    fn is_believed(&mut self, service: &Service) -> bool {
        self.missing = if service.status == MISSING { self.missing + 1 } else { 0 };
        self.missing == 0 || self.missing >= READS_TO_BELIEVE
    }

    /// One that is complete is not the end where it is to be stable too.
    fn but_not_stable(&mut self, end: End) -> Option<End> {
        match end {
            End::Deployed { desired } if self.goal.wait_until == WaitUntil::Stable => {
                self.settling = Some(Settling::new(desired));
                let stable = self.service.as_ref().is_some_and(|service| Settling::is_stable(&self.goal, service));
                stable.then_some(end)
            }
            end => Some(end),
        }
    }

    /// What ECS itself says goes before it: once it tells of a failure, there is nothing to be early about.
    fn fails_fast(&mut self, answers: &[Answer], at: Duration, events: &mut Vec<Event>) -> Option<End> {
        if self.failing().is_some() || self.decider_is_urgent() {
            return None;
        }
        let cause = self.fail_fast.step(&self.goal, answers, self.service.as_ref(), at, events)?;
        events.push(Event::Failing { reason: cause.clone() });
        Some(End::Failed { reason: format!("{cause}{STILL_TRYING}") })
    }

    /// What is known of a failure that has not ended yet: why, and where the service goes back to.
    fn failing(&self) -> Option<(&str, Option<&str>)> {
        match &self.mode {
            Mode::Own(own) => own.failing(),
            Mode::Classic | Mode::Searching(_) => self.classic.failing(),
        }
    }

    fn decide(
        &mut self,
        answers: &[Answer],
        service: Option<&Service>,
        at: Duration,
        events: &mut Vec<Event>,
    ) -> Option<End> {
        match std::mem::replace(&mut self.mode, Mode::Classic) {
            Mode::Classic => self.by_rollout_state(service, at, events),
            Mode::Searching(mut search) => match search.step(&self.goal, answers, at, events) {
                Found::Never => self.by_rollout_state(service, at, events),
                Found::NotYet => {
                    self.mode = Mode::Searching(search);
                    self.by_rollout_state(service, at, events)
                }
                Found::Ours(found) => {
                    let own = Box::new(Own::new(found.arn.clone()));
                    self.by_service_deployment(own, &[Answer::Own(Some(found))], service, at, events)
                }
            },
            Mode::Own(own) => {
                let Some(text) = lost(&own, answers) else {
                    return self.by_service_deployment(own, answers, service, at, events);
                };
                if self.goal.classic_suffices {
                    events.push(Event::Notice { text });
                    return self.by_rollout_state(service, at, events);
                }
                // Nothing else can tell its end: it is asked for again.
                self.mode = Mode::Own(own);
                None
            }
        }
    }

    fn by_rollout_state(&mut self, service: Option<&Service>, at: Duration, events: &mut Vec<Event>) -> Option<End> {
        let look = classic::Look { service: service?, messages: self.seen.messages(), at };
        self.classic.step(&self.goal, look, events)
    }

    fn by_service_deployment(
        &mut self,
        mut own: Box<Own>,
        answers: &[Answer],
        fresh: Option<&Service>,
        at: Duration,
        events: &mut Vec<Event>,
    ) -> Option<End> {
        let look = own::Look { goal: &self.goal, answers, fresh, service: self.service.as_ref(), at };
        let end = own.step(look, events);
        self.mode = Mode::Own(own);
        end.and_then(|end| self.counted(end, at))
    }

    /// A success counts only once the number of tasks is reached that was asked for.
    fn counted(&self, end: End, at: Duration) -> Option<End> {
        let reached = self.service.as_ref().is_none_or(|service| self.goal.counts.reached(service, at));
        (reached || !matches!(end, End::Deployed { .. })).then_some(end)
    }

    /// The pauses that wait for somebody.
    pub(crate) fn pauses(&self) -> Vec<Hook> {
        let Mode::Own(own) = &self.mode else { return Vec::new() };
        own.last().map_or_else(Vec::new, |last| last.pauses().cloned().collect())
    }

    fn pause(&self) -> String {
        let pauses = self.pauses();
        let Some(pause) = pauses.first() else { return String::new() };
        format!("; it is paused by the hook {} until somebody goes on", pause.id)
    }
}

/// Why our service deployment can no longer be read; `None` when it can.
fn lost(own: &Own, answers: &[Answer]) -> Option<String> {
    answers.iter().filter(|_| !own.is_urgent()).find_map(|answer| match answer {
        Answer::Own(None) => Some(
            "ECS does not find the service deployment any more, so the deployment's `rolloutState` decides".to_owned(),
        ),
        Answer::Refused(refusal) => Some(refusal.notice()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
