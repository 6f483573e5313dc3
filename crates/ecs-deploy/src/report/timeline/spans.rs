//! From events to bars.

use std::time::Duration;

use crate::rollout::{Event, Told};

/// How many bars a service gets at most; a chart with more cannot be read.
const MOST: usize = 40;

/// A bar, or a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) from: Duration,
    pub(super) to: Duration,
}

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Done,
    /// It was still going on in the end.
    Active,
    Failed,
    Milestone,
    FailedMilestone,
}

/// The bars of one rollout, in the order of their begin.
pub(super) fn spans(events: &[Told]) -> Vec<Span> {
    let mut chart = Chart { spans: Vec::new(), open: Vec::new(), before: Duration::ZERO, failed: 0 };
    for told in events {
        chart.take(told);
        chart.before = told.at;
    }
    for (name, from) in std::mem::take(&mut chart.open) {
        chart.add(&name, Kind::Active, from, chart.before);
    }
    let mut spans = chart.spans;
    spans.sort_by_key(|span| span.from);
    spans.truncate(MOST);
    spans
}

struct Chart {
    spans: Vec<Span>,
    /// What has begun: its name, and when.
    open: Vec<(String, Duration)>,
    /// When the last event was.
    before: Duration,
    failed: i64,
}

const STARTING: &str = "tasks starting";
const RUNNING: &str = "all tasks coming up";
const DRAINING: &str = "old tasks draining";
const BAKE: &str = "bake";
const BACK: &str = "rollback";
const STAGE: &str = "stage ";

impl Chart {
    fn take(&mut self, told: &Told) {
        let at = told.at;
        match &told.event {
            Event::Registered { .. } => self.add("register", Kind::Done, self.before, at),
            Event::Updated { .. } => {
                self.add("update", Kind::Done, self.before, at);
                self.begin(STARTING, at);
            }
            Event::FirstTaskRunning => {
                self.close(STARTING, at, Kind::Done);
                self.begin(RUNNING, at);
            }
            Event::AllTasksRunning => self.close(RUNNING, at, Kind::Done),
            Event::Draining { .. } => self.begin(DRAINING, at),
            Event::Drained => self.close(DRAINING, at, Kind::Done),
            Event::Baking => self.begin(BAKE, at),
            Event::Stage { stage } => {
                self.close(STAGE, at, Kind::Done);
                self.begin(&format!("{STAGE}{stage}"), at);
            }
            Event::Counts(counts) => {
                let new = counts.failed.saturating_sub(self.failed);
                self.failed = counts.failed;
                if new > 0 {
                    let name = if new == 1 { "1 task failed".to_owned() } else { format!("{new} tasks failed") };
                    self.add(&name, Kind::FailedMilestone, at, at);
                }
            }
            Event::Failing { .. } => {
                self.close("", at, Kind::Failed);
                self.add("deployment failed", Kind::FailedMilestone, at, at);
            }
            Event::RollingBack { .. } => {
                self.close("", at, Kind::Failed);
                self.begin(BACK, at);
            }
            Event::Hook(hook) => {
                let bad = ["FAILED", "TIMED_OUT"].contains(&hook.status.as_str());
                let kind = if bad { Kind::FailedMilestone } else { Kind::Milestone };
                self.add(&format!("hook {} {}", hook.id, hook.status), kind, at, at);
            }
            Event::Ended { verdict } => self.end(verdict, at),
            Event::Lifecycle { name, status, .. } if status == "InProgress" => self.begin(name, at),
            Event::Lifecycle { name, status, .. } if status == "Failed" => {
                self.close(name, at, Kind::Failed);
                self.add(&format!("{name} failed"), Kind::FailedMilestone, at, at);
            }
            Event::Lifecycle { name, .. } => self.close(name, at, Kind::Done),
            Event::CodeDeploy { status, .. } if status == "Ready" => self.add("ready", Kind::Milestone, at, at),
            Event::CodeDeploy { .. }
            | Event::Service { .. }
            | Event::Status { .. }
            | Event::Traffic { .. }
            | Event::Notice { .. } => {}
        }
    }

    /// What is open in the end went well, went wrong, or goes on.
    fn end(&mut self, verdict: &str, at: Duration) {
        let (bars, moment) = match verdict {
            "deployed" | "already-deployed" | "updated" | "paused" | "stage-reached" | "restored" => {
                (Kind::Done, Kind::Milestone)
            }
            "timed-out" | "cancelled" => (Kind::Active, Kind::FailedMilestone),
            "rolled-back" => (Kind::Done, Kind::FailedMilestone),
            _ => (Kind::Failed, Kind::FailedMilestone),
        };
        self.close("", at, bars);
        self.add(&format!("verdict {verdict}"), moment, at, at);
    }

    fn begin(&mut self, name: &str, at: Duration) {
        if !self.open.iter().any(|(open, _)| open == name) {
            self.open.push((name.to_owned(), at));
        }
    }

    /// Ends what begins with `name`, if it has begun.
    fn close(&mut self, name: &str, at: Duration, kind: Kind) {
        let (ended, open) = std::mem::take(&mut self.open).into_iter().partition(|(open, _)| open.starts_with(name));
        self.open = open;
        for (name, from) in ended {
            self.add(&name, kind, from, at);
        }
    }

    fn add(&mut self, name: &str, kind: Kind, from: Duration, to: Duration) {
        self.spans.push(Span { name: name.to_owned(), kind, from, to: to.max(from) });
    }
}
