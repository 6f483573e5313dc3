//! A diagnosis in words: the first cause, what to do about it, and all of it for the log.

use super::{Diagnosis, LivingTasks, LogTail, StoppedTasks};

/// A part of the log: a title, and lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

/// How many of the last lines of a log are told where there is little room.
const LAST_WORDS: usize = 3;

impl Diagnosis {
    /// The first cause, in one line; `None` when nothing is known.
    pub(crate) fn cause(&self) -> Option<String> {
        let triggers = &self.triggers;
        let hook = triggers.hooks.first().map(|hook| format!("hook {}: {}", hook.name, hook.status));
        let alarms =
            (!triggers.alarms.is_empty()).then(|| format!("alarms that went off: {}", triggers.alarms.join(", ")));
        let target = || self.targets.last().map(|target| format!("the load balancer's health check, {target}"));
        let unplaced = || self.events.iter().rev().find(|event| event.contains("unable to")).cloned();
        hook.or(alarms)
            .or_else(|| self.stopped.first().map(StoppedTasks::brief))
            .or_else(target)
            .or_else(unplaced)
            .or_else(|| self.living.first().map(LivingTasks::describe))
    }

    /// What to do about the first cause; `None` when nothing is known.
    pub(crate) fn advice(&self) -> Option<&str> {
        let of_group = self.stopped.first().map(|group| group.advice.as_str()).filter(|advice| !advice.is_empty());
        let of_logs = || self.logs.iter().find_map(LogTail::advice);
        let of_targets = || self.targets.last().and_then(|target| super::health::explain(target));
        of_logs().or(of_group).or_else(of_targets)
    }

    /// The cause in a few lines: what died, its last words, and what could not be seen. What ECS counted is in its own reason.
    pub(crate) fn short(&self) -> Vec<String> {
        let more = self.stopped.len().saturating_sub(1);
        let others = (more > 0)
            .then(|| format!("{more} more {}: see the step summary", if more == 1 { "cause" } else { "causes" }));
        let target = self.targets.last().filter(|_| !self.stopped.is_empty());
        let target = target.map(|target| format!("the load balancer's health check, {target}"));
        let mut lines: Vec<String> = self.cause().into_iter().chain(self.last_words()).chain(target).collect();
        lines.extend(others);
        lines.extend(self.blind_spots.iter().cloned());
        lines
    }

    /// The end of the first log: mostly it says it all.
    fn last_words(&self) -> Vec<String> {
        let Some(log) = self.logs.iter().find(|log| !log.lines.is_empty()) else { return Vec::new() };
        let spoken: Vec<&String> = log.lines.iter().filter(|line| !line.trim().is_empty()).collect();
        spoken[spoken.len().saturating_sub(LAST_WORDS)..]
            .iter()
            .map(|line| format!("{} wrote: {line}", log.container))
            .collect()
    }

    /// Everything but the events, which the log has already.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let mut stopped: Vec<String> = Vec::new();
        for group in &self.stopped {
            stopped.push(group.describe());
            stopped.extend(Some(format!("  {}", group.advice)).filter(|_| !group.advice.is_empty()));
        }
        let section = |title: &str, lines: Vec<String>| Section { title: title.to_owned(), lines };
        let mut sections = vec![
            section("what ECS counted and watched:", self.triggers.lines()),
            section("tasks of this deployment that stopped:", stopped),
            section("tasks of this deployment:", self.living.iter().map(LivingTasks::describe).collect()),
            section("what the load balancer's health check said:", self.targets.clone()),
        ];
        sections.extend(self.logs.iter().map(|log| section(&format!("{}:", log.title()), log.lines.clone())));
        sections.push(section("what could not be seen:", self.blind_spots.clone()));
        sections.retain(|section| !section.lines.is_empty());
        sections
    }
}
