//! Whether the tasks of our deployment stop again and again for one cause, before any of them was ever healthy.
//!
//! ECS's own count of failed tasks does not serve: it starts again once a task has run, and without a circuit breaker ECS goes
//! on for ever.
//!
//! Some tasks may die while others stay, which ECS mends by itself. So nothing is concluded while a task of ours has run for
//! longer than those that died; one that a load balancer is about to kill has not: it lives as long as its predecessors did.

use std::time::Duration;

use actions_core::Redactor;
use serde_json::Value;

use crate::diagnosis::{Mask, group, ours};
use crate::rollout::event::Event;
use crate::rollout::goal::Goal;
use crate::rollout::question::{Answer, Question};
use crate::service::{Service, list};
use crate::task_definition::text;

/// How often the stopped tasks are looked at, short of a poll.
const EVERY: Duration = Duration::from_secs(12);
/// A task without any health check that ran so long is as good as healthy.
const RAN: f64 = 60.0;
/// A task that runs for so much longer than those that died did is none of them.
const LONGER: f64 = 10.0;
/// So long at most a suspicion is held, for those that run to prove themselves, where it is known when they began to.
const HELD: f64 = 30.0;

/// The state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FailFast {
    /// How many tasks must have stopped for one cause.
    after: usize,
    /// When the stopped tasks were asked for last.
    looked: Duration,
    due: bool,
    /// What would end the wait, unless the tasks that run speak against it.
    suspicion: Option<Suspicion>,
    /// Since when there is one.
    suspected: Option<Duration>,
    clock: Clock,
    /// A task of ours was healthy, or the tasks may not be read: there is nothing to look for any more.
    over: bool,
    told: bool,
}

impl FailFast {
    /// Looks for `after` tasks; with 0 for none.
    pub(super) fn new(after: usize) -> Self {
        Self {
            after,
            looked: Duration::ZERO,
            due: false,
            suspicion: None,
            suspected: None,
            clock: Clock::default(),
            over: after == 0,
            told: false,
        }
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
        self.clock.note(goal.created, Duration::ZERO);
        for answer in answers {
            match answer {
                Answer::StoppedTasks(tasks) => self.look_at_stopped(&judge, tasks, at),
                Answer::RunningTasks(tasks) => {
                    if let Some(cause) = self.look_at_running(&judge, tasks, at) {
                        return self.conclude(cause, service, told);
                    }
                }
                Answer::TasksNotAnswered => {
                    self.looked = at;
                    self.suspicion = None;
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
        for task in &failed {
            self.clock.note(stopped_at(task), at);
        }
        let mask = Mask::new(&Redactor::default(), &judge.goal.definition);
        let worst = group(&failed, &judge.goal.definition, &mask).into_iter().next();
        let worst = worst.filter(|worst| worst.count >= self.after);
        self.suspicion = worst.map(|worst| {
            let alike = |task: &&&Value| {
                group(&[task], &judge.goal.definition, &mask).iter().any(|own| own.cause == worst.cause)
            };
            let life = failed.iter().filter(alike).map(|task| life(task)).fold(0.0, f64::max);
            Suspicion { cause: worst.describe(), life }
        });
        self.suspected = self.suspected.or(Some(at)).filter(|_| self.suspicion.is_some());
    }

    /// The cause, when none of those that run speaks against it, and none could for a while.
    fn look_at_running(&mut self, judge: &Judge<'_>, tasks: &[Value], at: Duration) -> Option<String> {
        let Suspicion { cause, life } = self.suspicion.take()?;
        let ours = ours(tasks, &judge.goal.deployment, &judge.goal.task_definition);
        let running: Vec<&Value> = ours.into_iter().filter(|task| text(task, "lastStatus") == "RUNNING").collect();
        for task in &running {
            self.clock.note(started_at(task), at);
        }
        let now = self.clock.at(at);
        if running.iter().any(|task| judge.is_healthy(task, now)) {
            self.over = true;
            return None;
        }
        let of_those_that_may_last = running.iter().filter(|task| text(task, "healthStatus") != "UNHEALTHY");
        let oldest = of_those_that_may_last.filter_map(|task| Some(now? - started_at(task)?)).fold(0.0, f64::max);
        if oldest > life + LONGER {
            self.suspected = None;
        }
        let held = at.saturating_sub(self.suspected?).as_secs_f64();
        // Where the deployment is older than this run, only what it saw itself tells how long a task has run.
        let wanted = if judge.goal.started { (life + LONGER).min(HELD) } else { life + LONGER };
        (oldest <= life && held >= wanted).then_some(cause)
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

/// A cause, and how long the longest-lived of the tasks ran that stopped.
#[derive(Debug, Clone, PartialEq)]
struct Suspicion {
    cause: String,
    life: f64,
}

/// The least that ECS's clock can show, in seconds since 1970: it is no earlier than any moment that ECS has told.
#[derive(Debug, Clone, Default, PartialEq)]
struct Clock {
    /// What it showed at the start at least.
    start: Option<f64>,
}

impl Clock {
    /// ECS told `moment`, `at` after the start.
    fn note(&mut self, moment: Option<f64>, at: Duration) {
        let start = moment.map(|moment| moment - at.as_secs_f64());
        self.start = self.start.into_iter().chain(start).reduce(f64::max);
    }

    fn at(&self, at: Duration) -> Option<f64> {
        self.start.map(|start| start + at.as_secs_f64())
    }
}

/// What makes a task healthy.
struct Judge<'a> {
    goal: &'a Goal,
    has_load_balancer: bool,
}

impl Judge<'_> {
    fn is_healthy(&self, task: &Value, now: Option<f64>) -> bool {
        text(task, "healthStatus") == "HEALTHY" || self.ran_unchecked(task, now)
    }

    fn was_healthy(&self, task: &Value) -> bool {
        self.is_healthy(task, stopped_at(task))
    }

    /// Nobody checked it, and it ran for a while.
    fn ran_unchecked(&self, task: &Value, until: Option<f64>) -> bool {
        let unchecked = matches!(text(task, "healthStatus"), "" | "UNKNOWN") && !self.has_load_balancer;
        let ran = until.zip(started_at(task)).map(|(until, started)| until - started);
        unchecked && ran.is_some_and(|ran| ran >= RAN)
    }
}

fn started_at(task: &Value) -> Option<f64> {
    task["startedAt"].as_f64()
}

/// How long a task ran that stopped: not at all, when it did not start.
fn life(task: &Value) -> f64 {
    stopped_at(task).zip(started_at(task)).map_or(0.0, |(stopped, started)| stopped - started)
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
