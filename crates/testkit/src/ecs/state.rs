//! What the stand-in remembers: the registered revisions, what was set going, and how far that is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::clock::Running;
use super::definition;
use super::moment::Moment;
use super::parts::ServiceDeployment;
use super::role::{FAMILY, REVISION, Role, last, revision_arn};
use super::scenario::Scenario;
use super::trouble::Troubles;
use super::unknown::Unknown;

/// The stand-in's memory.
#[derive(Debug)]
pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) clock: Running,
    pub(super) troubles: Troubles,
    pub(super) unknown: Unknown,
    /// The Unix time of the start.
    pub(super) epoch: u64,
    /// The revisions of the family, as they were registered.
    pub(super) revisions: BTreeMap<u64, Revision>,
    /// What `UpdateService` was told last.
    pub(super) update: Option<Update>,
    /// The parts of the story so far, each from a second on; the last one goes on.
    parts: Vec<(u64, Vec<Moment>)>,
    /// How many more looks are answered from before the story.
    pub(super) stale_looks: u32,
    /// The tasks of `RunTask`, each with the second it was started, its revision, and the second it was stopped from outside.
    pub(super) runs: Vec<Run>,
    /// How often a hook was acted on.
    pub(super) acted: u32,
}

/// A registered revision.
#[derive(Debug, Clone)]
pub(super) struct Revision {
    /// As it was sent, without `tags`.
    pub(super) definition: Value,
    pub(super) tags: Value,
    pub(super) is_active: bool,
}

impl Revision {
    fn older() -> Self {
        Self { definition: definition::older(), tags: json!([]), is_active: true }
    }
}

/// What the service was told to run.
#[derive(Debug, Clone)]
pub(super) struct Update {
    /// The ARN of our revision.
    pub(super) ours: String,
    /// The ARN of the revision that a later update went back to.
    pub(super) rollback: String,
}

/// A task on its own.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) started: u64,
    pub(super) revision: String,
    pub(super) started_by: Value,
    pub(super) stopped: Option<(u64, String)>,
    /// What it was asked for with.
    pub(super) request: Value,
}

impl State {
    pub(super) fn new(scenario: Scenario, clock: Running, epoch: u64) -> Self {
        let before = Moment::before(scenario.desired);
        let older = Revision::older();
        Self {
            troubles: Troubles::new(&scenario.troubles),
            unknown: Unknown::default(),
            scenario,
            clock,
            epoch,
            revisions: BTreeMap::from([(REVISION, older)]),
            update: None,
            parts: vec![(0, vec![before])],
            stale_looks: 0,
            runs: Vec::new(),
            acted: 0,
        }
    }

    /// Knows one more revision, of the same content as the one that runs before.
    pub(super) fn add_revision(&mut self, number: u64) {
        self.revisions.insert(number, Revision::older());
    }

    /// Seconds since the start.
    pub(super) fn now(&self) -> u64 {
        self.clock.now().as_secs()
    }

    /// Whether anything was set going.
    pub(super) fn has_started(&self) -> bool {
        self.update.is_some() || !self.runs.is_empty()
    }

    /// The Unix time of a second of the story.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    pub(super) fn time(&self, second: u64) -> Value {
        json!((self.epoch + second) as f64)
    }

    /// Goes on with another part of the story.
    pub(super) fn go_on(&mut self, moments: Vec<Moment>) {
        self.clock.start();
        let now = self.now();
        self.parts.push((now, moments));
    }

    /// The service as it is now.
    pub(super) fn moment(&self) -> &Moment {
        let (since, moments) = &self.parts[self.parts.len() - 1];
        let passed = self.now().saturating_sub(*since);
        moments.iter().rev().find(|moment| moment.at <= passed).unwrap_or(&moments[0])
    }

    /// The service as it is now, as the beginning of another part of the story.
    pub(super) fn anew(&self) -> Moment {
        self.moment().anew(self.now().saturating_sub(self.since()))
    }

    /// The service as reads show it: stale answers are those from before the story.
    pub(super) fn seen(&self) -> &Moment {
        let moment = self.moment();
        if moment.stale { self.first() } else { moment }
    }

    /// The service as it was before the story.
    pub(super) fn first(&self) -> &Moment {
        &self.parts[0].1[0]
    }

    /// The second in which the last part began.
    pub(super) fn since(&self) -> u64 {
        self.parts.last().map_or(0, |(since, _)| *since)
    }

    /// All that the service has told so far, oldest first, with its second.
    pub(super) fn events(&self) -> Vec<(u64, &str)> {
        let now = self.now();
        let mut events = Vec::new();
        for (index, (since, moments)) in self.parts.iter().enumerate() {
            let end = self.parts.get(index + 1).map_or(now, |(next, _)| *next);
            let passed = moments.iter().filter(|moment| since + moment.at <= end);
            events.extend(
                passed.flat_map(|moment| moment.events.iter().map(move |text| (since + moment.at, text.as_str()))),
            );
        }
        events
    }

    /// What the service had told before the story.
    pub(super) fn events_before(&self) -> Vec<(u64, &str)> {
        self.first().events.iter().map(|text| (0, text.as_str())).collect()
    }

    /// The second in which a role's deployment first was there.
    pub(super) fn created(&self, role: Role) -> u64 {
        let moments = self.parts.iter().flat_map(|(since, moments)| moments.iter().map(move |moment| (since, moment)));
        let with = |moment: &Moment| moment.deployments.iter().any(|entry| entry.role == role);
        moments.into_iter().find(|(_, moment)| with(moment)).map_or(0, |(since, moment)| since + moment.at)
    }

    /// The second in which our service deployment began to go back.
    pub(super) fn went_back(&self) -> u64 {
        let moments = self.parts.iter().flat_map(|(since, moments)| moments.iter().map(move |moment| (since, moment)));
        let goes_back = |moment: &Moment| moment.service_deployments.iter().any(|own| own.rollback.is_some());
        moments.into_iter().find(|(_, moment)| goes_back(moment)).map_or(0, |(since, moment)| since + moment.at)
    }

    /// The second in which a role's service deployment ended, if it has.
    pub(super) fn ended(&self, role: Role) -> Option<u64> {
        let now = self.now();
        let has_ended = |own: &ServiceDeployment| own.role == role && own.has_ended();
        let mut moments =
            self.parts.iter().flat_map(|(since, moments)| moments.iter().map(move |moment| (since, moment)));
        moments
            .find(|(since, moment)| **since + moment.at <= now && moment.service_deployments.iter().any(has_ended))
            .map(|(since, moment)| since + moment.at)
    }

    /// The ARN of a role's revision.
    pub(super) fn revision(&self, role: Role) -> String {
        let before = || revision_arn(REVISION);
        match role {
            Role::Before => before(),
            Role::Ours => self.update.as_ref().map_or_else(before, |update| update.ours.clone()),
            Role::Rollback => self.update.as_ref().map_or_else(before, |update| update.rollback.clone()),
            Role::Theirs => revision_arn(99),
        }
    }

    /// The number of the revision that a name means: `shop`, `shop:8`, or an ARN.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let name = last(name);
        if name == FAMILY {
            return self.revisions.iter().rev().find(|(_, revision)| revision.is_active).map(|(number, _)| *number);
        }
        let number = name.strip_prefix(FAMILY)?.strip_prefix(':')?.parse().ok()?;
        self.revisions.contains_key(&number).then_some(number)
    }

    /// The number of the revision that a name means, for new tasks: those of an `INACTIVE` one are refused, with `code`
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html>).
    pub(super) fn launched(&self, name: &str, code: &'static str) -> Result<u64, (&'static str, String)> {
        let number = self.number(name).ok_or(("ClientException", "TaskDefinition not found.".to_owned()))?;
        let is_active = self.revisions.get(&number).is_some_and(|revision| revision.is_active);
        if is_active { Ok(number) } else { Err((code, "TaskDefinition is inactive".to_owned())) }
    }

    /// Takes a task definition in; what the scenario loses is lost. Returns its number.
    pub(super) fn register(&mut self, mut definition: Value) -> u64 {
        let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags")).unwrap_or_else(|| json!([]));
        for pointer in &self.scenario.loses {
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(fields)) = definition.pointer_mut(parent) {
                fields.remove(name);
            }
        }
        let number = self.revisions.keys().next_back().map_or(REVISION, |newest| newest + 1);
        self.revisions.insert(number, Revision { definition, tags, is_active: true });
        number
    }
}
