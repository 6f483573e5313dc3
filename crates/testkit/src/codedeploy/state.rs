//! What there is: the service's primary task set, and the deployments of its group.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::scenario::{Moment, Scenario};
use super::{APPSPEC, BACK, OURS, THEIRS, before};
use crate::ecs::revision_arn;

/// How far the time moves with each look.
const STEP: u64 = 5;
/// The second in which a story begins: what was deployed before lies in the seconds before it.
pub(super) const START: u64 = 30 * 24 * 3600;

/// The statuses that end a deployment.
const ENDS: [&str; 3] = ["Succeeded", "Failed", "Stopped"];

/// Everything.
#[derive(Debug)]
pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) second: u64,
    pub(super) primary: String,
    pub(super) desired: i64,
    pub(super) deployments: Vec<Deployment>,
    pub(super) throttled: u32,
    pub(super) created: u32,
    /// The lists that are answered before somebody deploys a revision.
    pub(super) intruder: Option<(u32, u64)>,
    /// When the story began, in seconds since 1970.
    began: u64,
}

/// A deployment.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) since: u64,
    pub(super) content: String,
    pub(super) moments: Vec<Moment>,
    pub(super) undoes: Option<String>,
    pub(super) undone_by: Option<String>,
    pub(super) input: Value,
}

impl Deployment {
    fn new(id: &str, since: u64, content: String, moments: Vec<Moment>) -> Self {
        let (undoes, undone_by) = (None, None);
        Self { id: id.to_owned(), since, content, moments, undoes, undone_by, input: json!({}) }
    }

    /// Whether it is the one whose content has this hash.
    pub(super) fn has_hash(&self, hash: &str) -> bool {
        self.hash() == hash
    }

    /// The hash of its content.
    pub(super) fn hash(&self) -> String {
        hash(&self.content)
    }

    /// The second in which it ended; `None` before.
    pub(super) fn end(&self, second: u64) -> Option<u64> {
        let moment = self.moment(second);
        ENDS.contains(&moment.status).then_some(self.since + moment.at)
    }

    /// What it is at `second`.
    pub(super) fn moment(&self, second: u64) -> Moment {
        let own = second.saturating_sub(self.since);
        let reached = self.moments.iter().rev().find(|moment| moment.at <= own).or(self.moments.first());
        reached.cloned().unwrap_or_else(|| Moment::at(0, "Created"))
    }

    pub(super) fn has_ended(&self, second: u64) -> bool {
        self.end(second).is_some()
    }

    /// The revision that it deploys.
    fn revision(&self) -> String {
        let found = self.content.split('"').find(|part| part.contains(":task-definition/"));
        found.map_or_else(before, str::to_owned)
    }
}

impl State {
    pub(super) fn new(scenario: Scenario) -> Self {
        let theirs = scenario.theirs.clone();
        let past = scenario.past.iter().map(|(revision, hours, end)| {
            let since = START - hours * 3600;
            Deployment::new(&past(*revision), since, content(&revision_arn(*revision)), vec![Moment::at(60, end)])
        });
        let mut deployments: Vec<Deployment> = past.collect();
        let good = |own: &&Deployment| own.moment(START).status == "Succeeded";
        let primary = deployments.iter().rfind(good).map_or_else(before, Deployment::revision);
        if !theirs.is_empty() {
            deployments.push(Deployment::new(THEIRS, START, content(&revision_arn(6)), theirs));
        }
        let throttled = scenario.throttled;
        Self {
            scenario,
            second: START,
            primary,
            desired: 2,
            deployments,
            throttled,
            created: 0,
            intruder: None,
            began: now(),
        }
    }

    /// Somebody looks: the time moves on.
    pub(super) fn look(&mut self) {
        self.second += STEP;
        self.undo();
        for deployment in &self.deployments {
            if deployment.moment(self.second).status == "Succeeded" {
                self.primary = deployment.revision();
            }
        }
    }

    /// Makes the deployments that undo others, and the one that takes the place of one that was stopped.
    fn undo(&mut self) {
        let second = self.second;
        let undone = self.deployments.iter().position(|own| own.moment(second).rolls_back && own.undone_by.is_none());
        if let Some(index) = undone {
            let end = if self.scenario.rollback_fails { "Failed" } else { "Succeeded" };
            let mut last = Moment::at(15, end);
            if self.scenario.rollback_fails {
                last = last.error("ECS_UPDATE_ERROR", "The rollback could not move the traffic.");
            }
            let moments = vec![Moment::at(0, "InProgress"), last];
            let mut back = Deployment::new(BACK, second, content(&self.primary), moments);
            back.undoes = Some(self.deployments[index].id.clone());
            self.deployments[index].undone_by = Some(BACK.to_owned());
            self.deployments.push(back);
        }
        let is_stopped = self.deployments.iter().any(|own| own.id == OURS && own.moment(second).status == "Stopped");
        if self.scenario.is_superseded && is_stopped && self.deployments.iter().all(|own| own.id != THEIRS) {
            let moments = vec![Moment::at(0, "InProgress")];
            self.deployments.push(Deployment::new(THEIRS, second, content(&revision_arn(9)), moments));
        }
    }

    /// Somebody lists the deployments.
    pub(super) fn listed(&mut self) {
        match self.intruder.take() {
            Some((0, revision)) => {
                let moments = vec![Moment::at(0, "InProgress")];
                self.deployments.push(Deployment::new(THEIRS, self.second, content(&revision_arn(revision)), moments));
            }
            Some((lists, revision)) => self.intruder = Some((lists - 1, revision)),
            None => {}
        }
    }

    /// A second of the story, in seconds since 1970.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    pub(super) fn time(&self, second: u64) -> Value {
        json!((self.began + second - START) as f64)
    }

    pub(super) fn deployment(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|own| own.id == id)
    }

    /// Makes a deployment; its id.
    pub(super) fn create(&mut self, input: &Value) -> String {
        self.created += 1;
        let id = if self.created == 1 { OURS.to_owned() } else { format!("d-OURS{:05}", self.created) };
        let content = input["revision"]["appSpecContent"]["content"].as_str().unwrap_or_default().to_owned();
        let rollout = self.scenario.rollout.clone();
        let mut made = Deployment::new(&id, self.second, content, rollout);
        made.input = input.clone();
        self.deployments.push(made);
        id
    }

    /// What becomes of a deployment from now on.
    pub(super) fn go_on(&mut self, id: &str, moments: &[Moment]) {
        let second = self.second;
        let Some(own) = self.deployment(id) else { return };
        let now = second.saturating_sub(own.since);
        own.moments.retain(|moment| moment.at <= now);
        own.moments.extend(moments.iter().map(|moment| Moment { at: now + moment.at, ..moment.clone() }));
    }
}

/// The time, in seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The hash of a deployment's content, as `CodeDeploy` wants it.
pub(super) fn hash(content: &str) -> String {
    crate::registry::digest(content.as_bytes()).replace("sha256:", "")
}

/// The id of the deployment of `revision` before the story.
pub(super) fn past(revision: u64) -> String {
    format!("d-PAST{revision:05}")
}

/// The content of a deployment of `revision`, as others write it.
fn content(revision: &str) -> String {
    APPSPEC.replace("<TASK_DEFINITION>", &format!("\"{revision}\""))
}
