//! Which service deployment is ours.
//!
//! ECS's answer to `UpdateService` may name it; else it is the one that the service names while our deployment is its primary
//! one, or in the list the one made at the moment of our deployment. It must not have been there before the update, and its
//! target revision must have our task definition.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::rollout::event::Event;
use crate::rollout::goal::Goal;
use crate::rollout::question::{Answer, Candidate, Question};
use crate::service::Service;
use crate::service_deployment::{Brief, ServiceDeployment};

/// How long our service deployment is searched for, where the rollout state decides as well.
const SEARCH: Duration = Duration::from_mins(1);
/// How far apart the moments of our deployment and its service deployment may be, in seconds.
const NEAR: f64 = 5.0;

/// The state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Search {
    since: Option<Duration>,
    /// Those that were there before the update, and those that proved not to be ours.
    others: BTreeSet<String>,
    /// Those to look at next.
    candidates: Vec<String>,
    /// Whether the candidates were named by ECS as the service's present one; else they are from the list.
    named: bool,
    told_ambiguous: bool,
}

/// What a step finds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// Nothing yet.
    NotYet,
    /// Ours, as it was seen.
    Ours(Box<ServiceDeployment>),
    /// It will not be found.
    Never,
}

impl Search {
    /// The start; `goal` tells what ECS named, and what was there before.
    pub(super) fn new(goal: &Goal) -> Self {
        let mut search = Self {
            since: None,
            others: goal.known_service_deployments.clone(),
            candidates: Vec::new(),
            named: true,
            told_ambiguous: false,
        };
        search.name(goal.named_service_deployment.as_deref().unwrap_or_default());
        search
    }

    /// What to ask: about the candidates, or for some.
    pub(super) fn question(&self, goal: &Goal) -> Question {
        if self.candidates.is_empty() {
            Question::List { after: goal.created.map(|created| created - NEAR) }
        } else {
            Question::Candidates { arns: self.candidates.clone() }
        }
    }

    /// Whether there is something to ask before the next pause.
    pub(super) fn is_urgent(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Takes one step.
    pub(super) fn step(&mut self, goal: &Goal, answers: &[Answer], at: Duration, told: &mut Vec<Event>) -> Found {
        let since = *self.since.get_or_insert(at);
        for answer in answers {
            match answer {
                Answer::Service(service) => self.look_at_service(goal, service),
                Answer::List(briefs) => self.look_at_list(goal, briefs),
                Answer::Candidates(candidates) => {
                    if let Some(ours) = self.look_at_candidates(goal, candidates, told) {
                        return Found::Ours(ours);
                    }
                }
                Answer::Own(_)
                | Answer::Revision(_)
                | Answer::StoppedTasks(_)
                | Answer::RunningTasks(_)
                | Answer::TasksNotAnswered
                | Answer::TasksRefused(_) => {}
                Answer::Refused(refusal) => {
                    told.push(Event::Notice { text: refusal.notice() });
                    return Found::Never;
                }
            }
        }
        if at.saturating_sub(since) >= SEARCH && goal.classic_suffices {
            let text = "no service deployment of ours was found, so the deployment's `rolloutState` decides".to_owned();
            told.push(Event::Notice { text });
            return Found::Never;
        }
        Found::NotYet
    }

    /// The service's present service deployment is ours only while our deployment is the primary one.
    fn look_at_service(&mut self, goal: &Goal, service: &Service) {
        if service.primary().is_some_and(|primary| primary.id == goal.deployment) {
            self.name(&service.current_service_deployment);
        }
    }

    fn name(&mut self, arn: &str) {
        if !arn.is_empty() && !self.others.contains(arn) {
            self.candidates = vec![arn.to_owned()];
            self.named = true;
        }
    }

    fn look_at_list(&mut self, goal: &Goal, briefs: &[Brief]) {
        // One that ECS named meanwhile goes before those of a list.
        if !self.candidates.is_empty() {
            return;
        }
        let near = |brief: &&Brief| match (brief.created, goal.created) {
            (Some(created), Some(ours)) => (created - ours).abs() <= NEAR,
            _ => false,
        };
        let near = briefs.iter().filter(near).filter(|brief| !self.others.contains(&brief.arn));
        self.candidates = near.map(|brief| brief.arn.clone()).collect();
        self.named = false;
    }

    fn look_at_candidates(
        &mut self,
        goal: &Goal,
        candidates: &[Candidate],
        told: &mut Vec<Event>,
    ) -> Option<Box<ServiceDeployment>> {
        let asked = std::mem::take(&mut self.candidates);
        let fits = |candidate: &&Candidate| candidate.task_definition == goal.task_definition;
        let mut fitting = candidates.iter().filter(|candidate| asked.contains(&candidate.deployment.arn)).filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(ours), None) => return Some(Box::new(ours.deployment.clone())),
            (Some(_), Some(_)) if !self.told_ambiguous => {
                self.told_ambiguous = true;
                let text =
                    "several service deployments began with ours, and ECS does not tell which one is ours".to_owned();
                told.push(Event::Notice { text });
            }
            _ => {}
        }
        // What brings something else will not be ours later.
        let other = candidates.iter().filter(|candidate| {
            !candidate.task_definition.is_empty() && candidate.task_definition != goal.task_definition
        });
        self.others.extend(other.map(|candidate| candidate.deployment.arn.clone()));
        None
    }
}
