//! What a `CodeDeploy` deployment is doing, as a pure step function: `(state, answers) -> (state, events, end?)`.
//!
//! It follows one deployment by its id. Only that deployment's `Succeeded` is a success, and a word it does not know waits.

use std::time::Duration;

use crate::codedeploy::answer::{Deployment, Lifecycle, Status, Target};
use crate::rollout::Event;

/// How long a deployment that failed may take until the deployment that undoes it is there.
const ROLLBACK_START: Duration = Duration::from_mins(1);

/// What is waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Until {
    /// The deployment is complete.
    #[default]
    Deployed,
    /// It waits for somebody's word.
    Ready,
}

/// What the next step wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// `GetDeployment` of ours.
    Deployment,
    /// `GetDeploymentTarget` of ours.
    Target,
    /// `GetDeployment` of the one that undoes ours.
    Rollback(String),
    /// Whether somebody made a deployment after ours.
    Newer,
}

/// What `CodeDeploy` said. A question that was not answered this time has no answer among those of the step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Deployment(Deployment),
    Target(Target),
    Rollback(Deployment),
    /// `None` when nobody did.
    Newer(Option<Deployment>),
}

/// How the wait ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// Ours is complete.
    Deployed,
    /// It waits for somebody's word, as was waited for.
    Ready,
    /// It failed or was stopped, and nothing was restored.
    Failed { reason: String },
    /// It failed or was stopped, and the service went back.
    RolledBack {
        reason: String,
        /// The ARN of the revision that was restored; empty when that is not told.
        restored: String,
    },
    /// It was stopped, and another one took its place.
    Superseded {
        /// The ARN of the other one's revision; empty when that is not told.
        by: String,
    },
}

/// The state.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Course {
    id: String,
    /// Where the service is, as flags.
    place: String,
    until: Until,
    last: Option<Deployment>,
    target: Option<Target>,
    told: Vec<Lifecycle>,
    notes: Vec<String>,
    failure: Option<Failure>,
    /// Whether it is to be known who made a deployment after ours.
    asks_newer: bool,
}

/// It failed or was stopped.
#[derive(Debug, Clone, PartialEq)]
struct Failure {
    reason: String,
    since: Duration,
    /// The last that is known of what undoes it.
    rollback: Option<Deployment>,
}

/// What one step gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) course: Course,
    pub(super) events: Vec<Event>,
    pub(super) end: Option<End>,
}

impl Course {
    /// The start; `place` is where the service is, as flags.
    pub(crate) fn new(id: &str, until: Until, place: String) -> Self {
        Self { id: id.to_owned(), until, place, ..Self::default() }
    }

    /// What to run when it waits for somebody's word.
    pub(super) fn how_to_go_on(&self) -> String {
        let Self { id, place, .. } = self;
        format!(
            "ready: the new tasks run, and the traffic moves when somebody says so: `ecs-deploy continue {place} --hook-id={id} \
             --action=continue` (or `--action=rollback`), which is the action `ecs-continue`"
        )
    }

    /// The id of the deployment.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The id of the new task set; empty while it is not known.
    pub(crate) fn task_set(&self) -> &str {
        self.target.as_ref().map_or("", |target| target.task_set.as_str())
    }

    /// The lifecycle events that failed.
    pub(super) fn failed_events(&self) -> impl Iterator<Item = &Lifecycle> {
        self.target.iter().flat_map(|target| &target.events).filter(|event| event.status == "Failed")
    }

    /// What to ask now.
    pub(super) fn questions(&self) -> Vec<Question> {
        let rollback = self.last.as_ref().filter(|_| self.failure.is_some()).map(|last| last.rollback.clone());
        match rollback.filter(|id| !id.is_empty()) {
            Some(id) => vec![Question::Rollback(id)],
            None if self.asks_newer => vec![Question::Newer],
            // The lifecycle comes second, so that an end is told with the last of it.
            None => vec![Question::Deployment, Question::Target],
        }
    }

    /// The present state in one line; empty before it was seen.
    pub(super) fn state(&self) -> String {
        let Some(last) = &self.last else { return String::new() };
        let under_way = self.target.iter().flat_map(|target| &target.events).find(|event| event.status == "InProgress");
        let event = under_way.map_or_else(String::new, |event| format!(", {}", event.name));
        format!("CodeDeploy: {}{event}", last.status.word())
    }

    /// Why it is not over when the time is up.
    pub(super) fn unfinished(&self) -> String {
        match &self.failure {
            Some(Failure { reason, rollback: Some(rollback), .. }) => {
                format!("failed: {reason}; the rollback {} is still under way", rollback.id)
            }
            Some(Failure { reason, .. }) => {
                format!("failed: {reason}; whether the service goes back is not known yet")
            }
            None if self.last.is_none() => "last seen: it was never seen".to_owned(),
            None => format!("last seen: {}", self.state()),
        }
    }

    /// Takes the answers of one round, given `at` after the start.
    pub(super) fn step(mut self, answers: &[Answer], at: Duration) -> Step {
        let mut events = Vec::new();
        for answer in answers {
            if let Answer::Target(target) = answer {
                self.look_at_target(target, &mut events);
            }
        }
        for answer in answers {
            match answer {
                Answer::Deployment(deployment) => self.look_at(deployment, at, &mut events),
                Answer::Rollback(rollback) => self.look_at_rollback(rollback, &mut events),
                Answer::Newer(_) | Answer::Target(_) => {}
            }
        }
        let end = self.end(answers, at);
        Step { course: self, events, end }
    }

    fn look_at_target(&mut self, target: &Target, events: &mut Vec<Event>) {
        let new = target.events.iter().filter(|event| event.status != "Pending" && !self.told.contains(event));
        let new: Vec<Lifecycle> = new.cloned().collect();
        events.extend(new.iter().map(|event| Event::Lifecycle {
            name: event.name.clone(),
            status: event.status.clone(),
            message: event.message.clone(),
        }));
        self.told.extend(new);
        let before = self.target.as_ref().and_then(|before| before.weight).unwrap_or_default();
        let weight = target.weight.filter(|weight| (weight - before).abs() > 0.01);
        events.extend(weight.map(|weight| Event::Traffic { production: Some(weight), test: None }));
        self.target = Some(target.clone());
    }

    fn look_at(&mut self, deployment: &Deployment, at: Duration, events: &mut Vec<Event>) {
        if self.last.as_ref().is_none_or(|last| last.status != deployment.status) {
            let (status, reason) = (deployment.status.word().to_owned(), deployment.reason.clone());
            events.push(Event::CodeDeploy { id: self.id.clone(), status, reason });
        }
        if let Status::Unknown(word) = &deployment.status {
            self.note(
                format!("the deployment is `{word}`, a word that is newer than this program; waiting on"),
                events,
            );
        }
        if deployment.status == Status::Ready && self.until == Until::Deployed {
            self.note(self.how_to_go_on(), events);
        }
        if matches!(deployment.status, Status::Failed | Status::Stopped) && self.failure.is_none() {
            let reason = self.why(deployment);
            events.push(Event::Failing { reason: reason.clone() });
            self.failure = Some(Failure { reason, since: at, rollback: None });
        }
        self.last = Some(deployment.clone());
    }

    fn look_at_rollback(&mut self, rollback: &Deployment, events: &mut Vec<Event>) {
        let Some(failure) = &mut self.failure else { return };
        if failure.rollback.is_none() {
            events.push(Event::RollingBack { to: rollback.task_definition() });
        }
        if failure.rollback.as_ref().is_none_or(|before| before.status != rollback.status) {
            let (status, reason) = (rollback.status.word().to_owned(), rollback.reason.clone());
            events.push(Event::CodeDeploy { id: rollback.id.clone(), status, reason });
        }
        failure.rollback = Some(rollback.clone());
    }

    fn end(&mut self, answers: &[Answer], at: Duration) -> Option<End> {
        let last = self.last.as_ref()?;
        match last.status {
            Status::Succeeded => Some(End::Deployed),
            Status::Ready if self.until == Until::Ready => Some(End::Ready),
            Status::Failed | Status::Stopped => self.end_of_failure(answers, at),
            _ => None,
        }
    }

    fn end_of_failure(&mut self, answers: &[Answer], at: Duration) -> Option<End> {
        let (failure, last) = (self.failure.as_ref()?, self.last.as_ref()?);
        let reason = failure.reason.clone();
        if let Some(rollback) = &failure.rollback {
            return match &rollback.status {
                Status::Succeeded => Some(End::RolledBack { reason, restored: rollback.task_definition() }),
                Status::Failed | Status::Stopped => {
                    Some(End::Failed { reason: format!("{reason}; the rollback failed too: {}", said(rollback)) })
                }
                _ => None,
            };
        }
        if !last.rollback.is_empty() {
            return None;
        }
        if last.rolls_back && at.saturating_sub(failure.since) < ROLLBACK_START {
            return None;
        }
        let newer = answers.iter().find_map(|answer| match answer {
            Answer::Newer(newer) => Some(newer),
            _ => None,
        });
        match newer {
            _ if last.status == Status::Failed => Some(End::Failed { reason }),
            Some(Some(newer)) => Some(End::Superseded { by: newer.task_definition() }),
            Some(None) => Some(End::Failed { reason }),
            None => {
                self.asks_newer = true;
                None
            }
        }
    }

    /// Whether it has failed or was stopped.
    pub(super) fn is_failing(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether it waits for somebody's word.
    pub(super) fn is_ready(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.status == Status::Ready)
    }

    /// Whether something is to be asked before the next pause.
    pub(super) fn is_urgent(&self) -> bool {
        self.asks_newer
    }

    fn why(&self, deployment: &Deployment) -> String {
        let hooks = self.failed_events().map(|event| {
            let words = if event.message.is_empty() { String::new() } else { format!(": {}", event.message) };
            format!("{} failed{words}", event.name)
        });
        std::iter::once(said(deployment)).chain(hooks).collect::<Vec<_>>().join("; ")
    }

    fn note(&mut self, text: String, events: &mut Vec<Event>) {
        if !self.notes.contains(&text) {
            events.push(Event::Notice { text: text.clone() });
            self.notes.push(text);
        }
    }
}

fn said(deployment: &Deployment) -> String {
    let word = deployment.status.word();
    if deployment.reason.is_empty() {
        format!("the deployment is {word}, and CodeDeploy gives no reason")
    } else {
        deployment.reason.clone()
    }
}

#[cfg(test)]
mod tests;
