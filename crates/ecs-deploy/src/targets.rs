//! Rules of `EventBridge` and schedules of its Scheduler that start tasks: they are moved to the revision that was deployed.
//!
//! Nothing is looked for: only what the inputs name is touched. It is read just before it is written, and of what was read only the
//! ARN of the task definition changes, so a field that is newer than this program survives.

mod edit;
mod inputs;
mod rules;
mod schedules;

use std::future::Future;

use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use inputs::TargetInputs;
pub(crate) use inputs::{Place, parse};

use crate::ecs::Ecs;
use crate::hurry;
use crate::names::revision_name;
use crate::task_definition::text;
use edit::edit;

const CANCELLED: &str = "the run was cancelled";
const UNANSWERED: &str = "the run was cancelled before that was answered, so whether it was moved is not known";

/// Rules or schedules were not moved to the new revision, and the deployment went well. Exit code 1.
///
/// A rule or a schedule that the inputs name is not there, has no target of the task definition's family, belongs to another AWS
/// service, or may not be changed. The services are deployed; what is named still starts the revision that it started before.
///
/// Correct what is named for each and run the step again: what is deployed and moved already is left as it is. The role needs
/// `iam:PassRole` for the role of each target.
pub(crate) const NOT_MOVED: &str = "ecs-deploy/targets-not-moved";

/// What became of one rule or schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// `rule nightly`, `schedule billing/nightly`.
    pub(crate) what: String,
    pub(crate) result: MoveResult,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MoveResult {
    /// So many of its targets start the new revision now.
    Moved(usize),
    /// They did already.
    Already,
    /// Its targets name no revision, so they start the newest one by themselves.
    Newest,
    /// Why not.
    Failed(String),
    /// The run was cancelled first.
    Cancelled(&'static str),
}

impl Moved {
    /// One line for people.
    pub(crate) fn line(&self, revision: &str) -> String {
        let what = &self.what;
        match &self.result {
            MoveResult::Moved(1) => format!("{what}: starts {revision} from now on"),
            MoveResult::Moved(count) => format!("{what}: {count} targets start {revision} from now on"),
            MoveResult::Already => format!("{what}: starts {revision} already"),
            MoveResult::Newest => format!("{what}: names no revision, so it starts the newest one by itself"),
            MoveResult::Failed(why) => format!("{what}: not moved: {why}"),
            MoveResult::Cancelled(why) => format!("{what}: not moved, because {why}"),
        }
    }

    /// Whether it was not moved, and should have been.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.result, MoveResult::Failed(_) | MoveResult::Cancelled(_))
    }

    /// Whether the run was cancelled first.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self.result, MoveResult::Cancelled(_))
    }
}

/// Moves all of them to the revision `arn`, one after the other; one that fails keeps none of the others from it.
pub(crate) async fn move_all(ecs: &Ecs, cancel: &CancellationToken, inputs: &TargetInputs, arn: &str) -> Vec<Moved> {
    let all = Mover { ecs, cancel, arn };
    let mut moved = Vec::new();
    for place in &inputs.rules {
        let result = all.rule(place).await.unwrap_or_else(|stopped| stopped);
        moved.push(Moved { what: rule(place), result });
    }
    for place in &inputs.schedules {
        let result = all.schedule(place).await.unwrap_or_else(|stopped| stopped);
        moved.push(Moved { what: schedule_name(place), result });
    }
    moved
}

/// What [`move_all`] would do, each in one line; nothing is changed. `arn` is the new revision's, or one of its family that is none yet.
pub(crate) async fn foresee(ecs: &Ecs, inputs: &TargetInputs, arn: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for place in &inputs.rules {
        let targets = rules::targets(ecs, place).await;
        lines.push(format!("{}: {}", rule(place), targets.map_or_else(stays, |targets| would(&targets, arn))));
    }
    for place in &inputs.schedules {
        let schedule = schedules::get(ecs, place).await;
        let target = schedule.map(|schedule| schedule["Target"].clone());
        lines.push(format!("{}: {}", schedule_name(place), target.map_or_else(stays, |target| would(&[target], arn))));
    }
    lines
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_or_else` takes")]
fn stays(why: String) -> String {
    format!("would not be moved: {why}")
}

/// Which of the targets would move, from which revision.
fn would(targets: &[Value], arn: &str) -> String {
    let changed = match edit(targets, arn) {
        Ok(changed) => changed,
        Err(MoveResult::Failed(why)) => return stays(why),
        Err(MoveResult::Newest) => return "names no revision, so it starts the newest one by itself".to_owned(),
        Err(_) => return "starts the revision already".to_owned(),
    };
    let was = |id: &Value| targets.iter().find(|target| target["Id"] == *id).unwrap_or(&Value::Null);
    let line = |target: &Value| {
        let from = revision_name(text(&was(&target["Id"])["EcsParameters"], "TaskDefinitionArn")).to_owned();
        match text(target, "Id") {
            "" => format!("from {from}"),
            id => format!("target {id} from {from}"),
        }
    };
    format!("would be moved {}", changed.iter().map(line).collect::<Vec<_>>().join(", "))
}

fn rule(place: &Place) -> String {
    format!("rule {place}")
}

fn schedule_name(place: &Place) -> String {
    format!("schedule {place}")
}

/// Moves to one revision.
struct Mover<'a> {
    ecs: &'a Ecs,
    cancel: &'a CancellationToken,
    arn: &'a str,
}

impl Mover<'_> {
    async fn rule(&self, place: &Place) -> Result<MoveResult, MoveResult> {
        let targets = self.read(rules::targets(self.ecs, place)).await?;
        let changed = edit(&targets, self.arn)?;
        let count = changed.len();
        self.write(rules::put(self.ecs, place, &changed)).await?;
        Ok(MoveResult::Moved(count))
    }

    async fn schedule(&self, place: &Place) -> Result<MoveResult, MoveResult> {
        let schedule = self.read(schedules::get(self.ecs, place)).await?;
        let changed = edit(std::slice::from_ref(&schedule["Target"]), self.arn)?;
        let target = changed.into_iter().next().unwrap_or_default();
        self.write(schedules::put(self.ecs, place, schedule, target)).await?;
        Ok(MoveResult::Moved(1))
    }

    async fn read<T>(&self, call: impl Future<Output = Result<T, String>>) -> Result<T, MoveResult> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(MoveResult::Cancelled(CANCELLED)),
            answer = call => answer.map_err(MoveResult::Failed),
        }
    }

    /// What is under way when the run is cancelled may still be answered.
    async fn write(&self, call: impl Future<Output = Result<(), String>>) -> Result<(), MoveResult> {
        if self.cancel.is_cancelled() {
            return Err(MoveResult::Cancelled(CANCELLED));
        }
        let answer = hurry::answer(self.cancel, self.ecs.pace, call).await;
        answer.ok_or(MoveResult::Cancelled(UNANSWERED))?.map_err(MoveResult::Failed)
    }
}
