//! What was told of a service already, so that only changes are told.

use std::collections::BTreeSet;

use crate::rollout::event::{Event, TaskCounts};
use crate::service::{Deployment, RolloutState, Service};

/// What was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    known_events: BTreeSet<String>,
    /// The service's events since the start, oldest first.
    messages: Vec<String>,
    counts: Option<TaskCounts>,
    milestone: Milestone,
    /// How many tasks of other deployments ran.
    others: Option<i64>,
}

/// How far our tasks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Milestone {
    #[default]
    NoneRuns,
    OneRuns,
    AllRun,
    Alone,
    Baking,
}

impl Seen {
    /// The events of `before` are not ours.
    pub(super) fn new(before: &Service) -> Self {
        Self { known_events: before.events.iter().map(|event| event.id.clone()).collect(), ..Self::default() }
    }

    /// The service's own events since the start, oldest first.
    pub(super) fn messages(&self) -> &[String] {
        &self.messages
    }

    /// The last counts of our deployment.
    pub(super) fn counts(&self) -> Option<&TaskCounts> {
        self.counts.as_ref()
    }

    /// Notes what is new about the deployment `id`, and tells it.
    pub(super) fn look(&mut self, service: &Service, id: &str, told: &mut Vec<Event>) {
        self.look_at_events(service, told);
        let Some(ours) = service.deployment(id) else { return };
        let counts = counts(ours);
        if self.counts.as_ref() != Some(&counts) {
            self.counts = Some(counts.clone());
            told.push(Event::Counts(counts));
        }
        self.look_at_milestones(service, ours, told);
    }

    fn look_at_events(&mut self, service: &Service, told: &mut Vec<Event>) {
        for event in service.events.iter().rev() {
            if self.known_events.insert(event.id.clone()) {
                self.messages.push(event.message.clone());
                told.push(Event::Service { message: event.message.clone() });
            }
        }
    }

    fn look_at_milestones(&mut self, service: &Service, ours: &Deployment, told: &mut Vec<Event>) {
        if ours.running > 0 {
            self.reach(Milestone::OneRuns, Event::FirstTaskRunning, told);
        }
        if ours.desired == 0 || ours.running < ours.desired || ours.pending > 0 {
            return;
        }
        self.reach(Milestone::AllRun, Event::AllTasksRunning, told);
        let others = service.running_beside(&ours.id);
        if others > 0 && self.milestone < Milestone::Alone && self.others != Some(others) {
            told.push(Event::Draining { tasks: others });
        }
        if others == 0 && self.others.is_some_and(|before| before > 0) {
            self.reach(Milestone::Alone, Event::Drained, told);
        }
        self.others = Some(others);
        if others == 0 && service.has_alarms && ours.rollout == RolloutState::InProgress {
            self.reach(Milestone::Baking, Event::Baking, told);
        }
    }

    fn reach(&mut self, milestone: Milestone, event: Event, told: &mut Vec<Event>) {
        if self.milestone < milestone {
            self.milestone = milestone;
            told.push(event);
        }
    }
}

fn counts(ours: &Deployment) -> TaskCounts {
    TaskCounts {
        task_definition: ours.task_definition.clone(),
        state: ours.rollout.word().to_owned(),
        desired: ours.desired,
        running: ours.running,
        pending: ours.pending,
        failed: ours.failed,
    }
}
