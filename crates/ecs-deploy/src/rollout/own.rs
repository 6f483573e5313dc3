//! The verdict from our service deployment: its status alone can end in success.
//!
//! What the statuses mean: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html>.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::rollout::ROLLBACK_START;
use crate::rollout::end::End;
use crate::rollout::event::{Event, Hook};
use crate::rollout::goal::Goal;
use crate::rollout::question::{Answer, Question};
use crate::rollout::wait::{Stage, WaitUntil};
use crate::service::{RolloutState, Service};
use crate::service_deployment::{Brief, ServiceDeployment, Status};

/// How often a name is asked for, when the end is known without it.
const ASKED_FOR_A_NAME: u32 = 3;

/// The state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Own {
    arn: String,
    last: Option<ServiceDeployment>,
    /// What was told, so that only changes are.
    hooks: Vec<Hook>,
    warned: BTreeSet<String>,
    /// Why it fails, once ECS says so.
    failure: Option<String>,
    /// Signs of a failure that its status does not show yet, and since when.
    signs: Option<(String, Duration)>,
    /// What is asked for before the end is known.
    open: Option<Open>,
    /// How often that was not answered.
    unanswered: u32,
    /// The ARN of the task definition that the service goes back to.
    restored: Option<String>,
}

/// What is to be known before the end can be told.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    /// It was stopped: did another one take its place?
    Newer { reason: String },
    /// Another one did: which task definition does its revision have?
    By { revision: String },
    /// The service went back: to which task definition?
    Restored { revision: String },
}

/// What one step sees beside the answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) goal: &'a Goal,
    pub(super) answers: &'a [Answer],
    /// The service as it was seen in this step: an older look proves nothing new.
    pub(super) fresh: Option<&'a Service>,
    /// The service as it was seen last.
    pub(super) service: Option<&'a Service>,
    pub(super) at: Duration,
}

impl Own {
    pub(super) fn new(arn: String) -> Self {
        Self {
            arn,
            last: None,
            hooks: Vec::new(),
            warned: BTreeSet::new(),
            failure: None,
            signs: None,
            open: None,
            unanswered: 0,
            restored: None,
        }
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// Its last state.
    pub(super) fn last(&self) -> Option<&ServiceDeployment> {
        self.last.as_ref()
    }

    /// What to ask.
    pub(super) fn question(&self, goal: &Goal) -> Question {
        match &self.open {
            None => Question::Own { arn: self.arn.clone() },
            Some(Open::Newer { .. }) => Question::List { after: self.created(goal) },
            Some(Open::By { revision } | Open::Restored { revision }) => Question::Revision { arn: revision.clone() },
        }
    }

    /// Whether there is something to ask before the next pause.
    pub(super) fn is_urgent(&self) -> bool {
        self.open.is_some()
    }

    /// What is known of a failure that has not ended yet: why, and where the service goes back to.
    pub(super) fn failing(&self) -> Option<(&str, Option<&str>)> {
        let reason = self.failure.as_ref().or(self.signs.as_ref().map(|(reason, _)| reason))?;
        Some((reason, self.restored.as_deref()))
    }

    /// Takes one step.
    pub(super) fn step(&mut self, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        if let Some(open) = self.open.take() {
            return self.settle(open, look);
        }
        let own = look.answers.iter().find_map(|answer| match answer {
            Answer::Own(Some(own)) => Some(own.as_ref()),
            _ => None,
        });
        if let Some(own) = own {
            self.tell_changes(own, told);
            self.last = Some(own.clone());
        }
        // Without an answer about it this time, the service may still show signs of a failure.
        let status = self.last.as_ref().map(|last| last.status.clone()).unwrap_or_default();
        match status {
            Status::Pending | Status::InProgress | Status::RollbackRequested => self.under_way(look, told),
            Status::Unknown(word) => {
                if self.warned.insert(word.clone()) {
                    let text = format!(
                        "the service deployment is `{word}`, a word that is newer than this program; waiting on"
                    );
                    told.push(Event::Notice { text });
                }
                self.under_way(look, told)
            }
            Status::Successful => Some(End::Deployed { desired: self.desired(look) }),
            Status::StopRequested | Status::Stopped => self.stopped(look),
            Status::RollbackInProgress => {
                self.begin_failing(look.goal, told);
                None
            }
            Status::RollbackSuccessful => {
                self.begin_failing(look.goal, told);
                self.went_back(look)
            }
            Status::RollbackFailed => Some(End::Failed { reason: self.both_reasons(look.goal) }),
        }
    }

    /// Neither done nor given up, as far as its status tells.
    fn under_way(&mut self, look: Look<'_>, told: &mut Vec<Event>) -> Option<End> {
        if let Some(signs) = self.signs_of_failure(look).filter(|_| !look.goal.goes_back) {
            let since = self.signs.as_ref().map_or(look.at, |(_, since)| *since);
            if self.signs.is_none() {
                told.push(Event::Failing { reason: signs.clone() });
            }
            self.signs = Some((signs.clone(), since));
            let waited = look.at.saturating_sub(since);
            return (waited >= ROLLBACK_START).then_some(End::Failed { reason: signs });
        }
        self.signs = None;
        self.reached(look.goal, told)
    }

    /// What is waited for short of the end.
    fn reached(&mut self, goal: &Goal, told: &mut Vec<Event>) -> Option<End> {
        let last = self.last.as_ref().filter(|last| last.status == Status::InProgress)?;
        match &goal.wait_until {
            WaitUntil::Stage(wanted) => Stage::parse(&last.stage)
                .filter(|stage| stage >= wanted)
                .map(|_| End::StageReached { stage: last.stage.clone() }),
            WaitUntil::Paused => {
                let hooks: Vec<Hook> = last.pauses().filter(|hook| hook.id != goal.acted_hook).cloned().collect();
                told.extend(hooks.iter().map(|hook| Event::Notice { text: hook.how_to_go_on(&self.arn, &last.stage) }));
                (!hooks.is_empty()).then(|| End::Paused { stage: last.stage.clone(), hooks })
            }
            WaitUntil::Deployed | WaitUntil::Stable | WaitUntil::Ready => {
                let others = last.pauses().filter(|hook| hook.id != goal.acted_hook);
                for hook in others.filter(|hook| self.warned.insert(format!("pause {}", hook.id))) {
                    told.push(Event::Notice { text: hook.how_to_go_on(&self.arn, &last.stage) });
                }
                None
            }
        }
    }

    /// What shows that it fails before its status does.
    fn signs_of_failure(&self, look: Look<'_>) -> Option<String> {
        let last = self.last.as_ref();
        if let Some(last) = last.filter(|last| last.is_triggered()) {
            return Some(or_unknown(last.why()));
        }
        let service = look.fresh?;
        if !matches!(service.status.as_str(), "ACTIVE" | "") {
            return Some(format!("the service is {}", service.status));
        }
        let ours = service.deployment(&look.goal.deployment)?;
        (ours.rollout == RolloutState::Failed).then(|| or_unknown(ours.reason.clone()))
    }

    fn begin_failing(&mut self, goal: &Goal, told: &mut Vec<Event>) {
        let Some(last) = &self.last else { return };
        let said = last.why();
        let known = self.signs.take().map(|(reason, _)| reason);
        if self.failure.is_none() {
            let reason = if said.is_empty() { or_unknown(known.clone().unwrap_or_default()) } else { said };
            if known.is_none() && !goal.goes_back {
                told.push(Event::Failing { reason: reason.clone() });
            }
            if !goal.goes_back {
                told.push(Event::RollingBack { to: self.restored.clone().unwrap_or_default() });
            }
            self.failure = Some(reason);
        }
    }

    /// A failure that was told, or is told now, explains it; else another one may have taken its place.
    fn stopped(&mut self, look: Look<'_>) -> Option<End> {
        let said = self.last.as_ref()?.why();
        let signs = self.signs.take().map(|(signs, _)| signs).or_else(|| self.signs_of_failure(look));
        let reason = match self.failure.clone().or(signs).filter(|_| !look.goal.goes_back) {
            Some(known) if said.contains(&known) => said,
            Some(known) if said.is_empty() || known.contains(&said) => known,
            Some(known) => format!("{known}; {said}"),
            None => {
                self.open = Some(Open::Newer { reason: or_unknown(said) });
                return None;
            }
        };
        Some(End::Failed { reason })
    }

    fn went_back(&mut self, look: Look<'_>) -> Option<End> {
        let rollback = self.last.as_ref().and_then(|last| last.rollback.as_ref());
        match rollback.filter(|rollback| !rollback.revision.is_empty()) {
            Some(rollback) => {
                self.open = Some(Open::Restored { revision: rollback.revision.clone() });
                None
            }
            None => Some(self.rolled_back(look, "")),
        }
    }

    fn rolled_back(&self, look: Look<'_>, restored: &str) -> End {
        let primary = look.service.and_then(Service::primary);
        let seen = primary
            .filter(|primary| primary.id != look.goal.deployment)
            .map(|primary| primary.task_definition.as_str());
        let restored = if restored.is_empty() { seen.unwrap_or(&look.goal.previous_task_definition) } else { restored };
        let reason = self.failure.clone().unwrap_or_default();
        End::RolledBack { reason: or_unknown(reason), restored: restored.to_owned() }
    }

    /// Settles what was open, with the answer, or as well as it goes without one.
    fn settle(&mut self, open: Open, look: Look<'_>) -> Option<End> {
        let answer = look
            .answers
            .iter()
            .find(|answer| matches!(answer, Answer::List(_) | Answer::Revision(_) | Answer::Refused(_)));
        if answer.is_none() && self.is_asked_again(&open) {
            self.open = Some(open);
            return None;
        }
        let revision = if let Some(Answer::Revision(found)) = answer { found.as_str() } else { "" };
        match open {
            Open::Restored { .. } => Some(self.rolled_back(look, revision)),
            Open::By { .. } => {
                let seen = look.service.and_then(Service::primary).map(|primary| primary.task_definition.as_str());
                let by = if revision.is_empty() { seen.unwrap_or_default() } else { revision };
                Some(End::Superseded { by: by.to_owned(), deployed: false })
            }
            Open::Newer { reason } => {
                let newer = if let Some(Answer::List(briefs)) = answer { self.newest(briefs) } else { None };
                if let Some(newer) = newer {
                    self.open = Some(Open::By { revision: newer });
                    return None;
                }
                let other = look
                    .service
                    .and_then(Service::primary)
                    .filter(|other| other.id != look.goal.deployment && other.id != look.goal.previous_deployment);
                Some(match other {
                    Some(other) => End::Superseded { by: other.task_definition.clone(), deployed: false },
                    None => End::Failed { reason: format!("the service deployment was stopped: {reason}") },
                })
            }
        }
    }

    /// What decides is asked for until it is answered; what only gives the end a name, some times.
    fn is_asked_again(&mut self, open: &Open) -> bool {
        self.unanswered += 1;
        match open {
            Open::Newer { .. } => true,
            Open::By { .. } | Open::Restored { .. } => self.unanswered < ASKED_FOR_A_NAME,
        }
    }

    /// The target revision of the newest service deployment made after ours.
    fn newest(&self, briefs: &[Brief]) -> Option<String> {
        let ours = self.last.as_ref().and_then(|last| last.created)?;
        let newer =
            briefs.iter().filter(|brief| brief.arn != self.arn && brief.created.is_some_and(|made| made > ours));
        newer
            .max_by(|a, b| a.created.partial_cmp(&b.created).unwrap_or(std::cmp::Ordering::Equal))
            .map(|newest| newest.target.clone())
    }

    fn created(&self, goal: &Goal) -> Option<f64> {
        self.last.as_ref().and_then(|last| last.created).or(goal.created)
    }

    fn desired(&self, look: Look<'_>) -> i64 {
        let requested = self.last.as_ref().map(|last| last.requested).unwrap_or_default();
        look.service.map_or(requested, |service| service.desired)
    }

    fn both_reasons(&self, goal: &Goal) -> String {
        let said = self.last.as_ref().map(ServiceDeployment::why).unwrap_or_default();
        match self.failure.as_ref().filter(|_| !goal.goes_back) {
            Some(first) if !said.is_empty() && *first != said => format!("{first}; the rollback failed too: {said}"),
            Some(first) => format!("{first}; the rollback failed too"),
            None if goal.goes_back => or_unknown(said),
            None => format!("{}; the rollback failed too", or_unknown(said)),
        }
    }

    fn tell_changes(&mut self, own: &ServiceDeployment, told: &mut Vec<Event>) {
        let before = self.last.as_ref();
        if before.is_none_or(|before| before.status != own.status || before.reason != own.reason) {
            told.push(Event::Status { status: own.status.word().to_owned(), reason: own.reason.clone() });
        }
        if !own.stage.is_empty() && before.is_none_or(|before| before.stage != own.stage) {
            told.push(Event::Stage { stage: own.stage.clone() });
            if own.stage == "BAKE_TIME" {
                told.push(Event::Baking);
            }
        }
        let weights = |of: &ServiceDeployment| (of.production, of.test);
        if weights(own) != (None, None) && before.is_none_or(|before| weights(before) != weights(own)) {
            told.push(Event::Traffic { production: own.production, test: own.test });
        }
        let changed = own.hooks.iter().filter(|hook| !self.hooks.contains(hook));
        told.extend(changed.map(|hook| Event::Hook(hook.clone())));
        self.hooks.clone_from(&own.hooks);
    }
}

fn or_unknown(reason: String) -> String {
    if reason.is_empty() { "ECS gives no reason".to_owned() } else { reason }
}
