//! What a `CodeDeploy` deployment is doing, as a pure step function: `(state, answers) -> (state, events, end?)`.
//!
//! It follows one deployment by its id. Only that deployment's `Succeeded` is a success, and a word it does not know waits.

mod end;
mod look;
mod words;

use std::time::Duration;

use crate::codedeploy::answer::{Deployment, Lifecycle, Status, Target};
use crate::rollout::Event;
use end::Failure;
pub(crate) use end::{End, ROLLBACK_START};

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
    /// Whether somebody asked for the deployment that undoes it, whatever the deployment itself says.
    goes_back: bool,
    /// Whether it is to be known who made a deployment after ours.
    asks_newer: bool,
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

    /// The same once it was asked to be undone: `GetDeployment` may not say so.
    pub(crate) fn going_back(self) -> Self {
        Self { goes_back: true, ..self }
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
}

#[cfg(test)]
mod tests;
