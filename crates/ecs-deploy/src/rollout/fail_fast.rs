//! Whether the tasks of our deployment stop again and again for one cause, before any of them was ever healthy.
//!
//! ECS's own count of failed tasks does not serve: it starts again once a task has run, and without a circuit breaker ECS goes
//! on for ever.

use std::time::Duration;

use serde_json::Value;

use crate::diagnosis::{group, ours};
use crate::rollout::event::Event;
use crate::rollout::goal::Goal;
use crate::rollout::question::{Answer, Question};
use crate::service::{Service, list};
use crate::task_definition::text;

/// How often the stopped tasks are looked at, short of a poll.
const EVERY: Duration = Duration::from_secs(12);
/// A task without any health check that ran so long is as good as healthy.
const RAN: f64 = 60.0;

/// The state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FailFast {
    /// How many tasks must have stopped for one cause.
    after: usize,
    /// When the stopped tasks were looked at last.
    looked: Duration,
    due: bool,
    /// The cause that would end the wait, unless a task turns out to be healthy.
    suspicion: Option<Suspicion>,
    /// A task of ours was healthy, or the tasks may not be read: there is nothing to look for any more.
    over: bool,
    told: bool,
}

impl FailFast {
    /// Looks for `after` tasks; with 0 for none.
    pub(super) fn new(after: usize) -> Self {
        Self { after, looked: Duration::ZERO, due: false, suspicion: None, over: after == 0, told: false }
    }

    /// What to ask.
    pub(super) fn question(&self) -> Option<Question> {
        match self.suspicion {
            _ if self.over => None,
            Some(_) => Some(Question::RunningTasks),
            None => self.due.then_some(Question::StoppedTasks),
        }
    }

    /// Whether there is something to ask before the next pause.
    pub(super) fn is_urgent(&self) -> bool {
        !self.over && self.suspicion.is_some()
    }

    /// Takes one step: the reason to end the wait, once there is one.
    pub(super) fn step(
        &mut self,
        goal: &Goal,
        answers: &[Answer],
        service: Option<&Service>,
        at: Duration,
        told: &mut Vec<Event>,
    ) -> Option<String> {
        let judge = Judge { goal, has_load_balancer: service.is_none_or(|service| service.has_load_balancer) };
        for answer in answers {
            match answer {
                Answer::StoppedTasks(tasks) => self.look_at_stopped(&judge, tasks, at),
                Answer::RunningTasks(tasks) => {
                    let Some(Suspicion { cause, at }) = self.suspicion.take() else { continue };
                    if judge.running_is_healthy(tasks, at) {
                        self.over = true;
                    } else {
                        return self.conclude(cause, service, told);
                    }
                }
                Answer::TasksRefused(refusal) => {
                    self.over = true;
                    let action = &refusal.action;
                    told.push(Event::Notice {
                        text: format!("grant `{action}` to end early when tasks stop again and again"),
                    });
                }
                Answer::Service(_)
                | Answer::Own(_)
                | Answer::List(_)
                | Answer::Candidates(_)
                | Answer::Revision(_)
                | Answer::Refused(_) => {}
            }
        }
        self.due = at.saturating_sub(self.looked) >= EVERY;
        None
    }

    fn look_at_stopped(&mut self, judge: &Judge<'_>, tasks: &[Value], at: Duration) {
        self.looked = at;
        let ours = ours(tasks, &judge.goal.deployment, &judge.goal.task_definition);
        if ours.iter().any(|task| judge.was_healthy(task)) {
            self.over = true;
            return;
        }
        let failed: Vec<&Value> = ours.into_iter().filter(|task| failed_by_itself(task)).collect();
        let last = failed.iter().filter_map(|task| stopped_at(task)).fold(0.0, f64::max);
        let worst = group(&failed, &judge.goal.definition).into_iter().next();
        let worst = worst.filter(|worst| worst.count >= self.after);
        self.suspicion = worst.map(|worst| Suspicion { cause: worst.describe(), at: last });
    }

    /// Where the circuit breaker goes back by itself, its rollback is the end that counts.
    fn conclude(&mut self, cause: String, service: Option<&Service>, told: &mut Vec<Event>) -> Option<String> {
        if !service.is_some_and(|service| service.breaker_rolls_back) {
            return Some(cause);
        }
        if !std::mem::replace(&mut self.told, true) {
            told.push(Event::Notice { text: format!("{cause}; the circuit breaker is expected to go back") });
        }
        self.over = true;
        None
    }
}

/// A cause, and when the last task stopped for any, in seconds since 1970 of ECS's clock.
#[derive(Debug, Clone, PartialEq)]
struct Suspicion {
    cause: String,
    at: f64,
}

/// What makes a task healthy.
struct Judge<'a> {
    goal: &'a Goal,
    has_load_balancer: bool,
}

impl Judge<'_> {
    fn running_is_healthy(&self, tasks: &[Value], now: f64) -> bool {
        let tasks = ours(tasks, &self.goal.deployment, &self.goal.task_definition);
        tasks.iter().any(|task| {
            let until = (text(task, "lastStatus") == "RUNNING").then_some(now);
            text(task, "healthStatus") == "HEALTHY" || self.ran_unchecked(task, until)
        })
    }

    fn was_healthy(&self, task: &Value) -> bool {
        text(task, "healthStatus") == "HEALTHY" || self.ran_unchecked(task, stopped_at(task))
    }

    /// Nobody checked it, and it ran for a while.
    fn ran_unchecked(&self, task: &Value, until: Option<f64>) -> bool {
        let unchecked = matches!(text(task, "healthStatus"), "" | "UNKNOWN") && !self.has_load_balancer;
        let ran = until.zip(task["startedAt"].as_f64()).map(|(until, started)| until - started);
        unchecked && ran.is_some_and(|ran| ran >= RAN)
    }
}

fn stopped_at(task: &Value) -> Option<f64> {
    ["stoppingAt", "stoppedAt"].iter().find_map(|name| task[*name].as_f64())
}

/// Whether a task stopped for a fault of its own: not because somebody stopped it, and not for want of capacity
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>, `stopCode`).
fn failed_by_itself(task: &Value) -> bool {
    let reason = text(task, "stoppedReason").to_ascii_lowercase();
    match text(task, "stopCode") {
        "EssentialContainerExited" => true,
        "TaskFailedToStart" => !lacks_capacity(task, &reason),
        "ServiceSchedulerInitiated" => reason.contains("health check"),
        _ => false,
    }
}

fn lacks_capacity(task: &Value, reason: &str) -> bool {
    let of_containers = list(task, "containers").map(|container| text(container, "reason").to_ascii_lowercase());
    let lacks = |text: &str| text.contains("capacity") || text.contains("resource:");
    lacks(reason) || of_containers.into_iter().any(|reason| lacks(&reason))
}

#[cfg(test)]
mod tests;
