//! Rules of `EventBridge` and schedules of its Scheduler that start tasks: they are moved to the revision that was deployed.
//!
//! Nothing is looked for: only what the inputs name is touched. It is read just before it is written, and of what was read only the
//! ARN of the task definition changes, so a field that is newer than this program survives.

mod edit;
mod inputs;
mod rules;
mod schedules;

use serde::Serialize;

pub use inputs::TargetInputs;
pub(crate) use inputs::{Place, parse};

use crate::ecs::Ecs;

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
        }
    }

    /// Whether it could not be moved.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.result, MoveResult::Failed(_))
    }
}

/// Moves all of them to the revision `arn`, one after the other; one that fails keeps none of the others from it.
pub(crate) async fn move_all(ecs: &Ecs, inputs: &TargetInputs, arn: &str) -> Vec<Moved> {
    let mut moved = Vec::new();
    for place in &inputs.rules {
        let result = rules::move_one(ecs, place, arn).await;
        moved.push(Moved { what: format!("rule {place}"), result: result.unwrap_or_else(MoveResult::Failed) });
    }
    for place in &inputs.schedules {
        let result = schedules::move_one(ecs, place, arn).await;
        moved.push(Moved { what: format!("schedule {place}"), result: result.unwrap_or_else(MoveResult::Failed) });
    }
    moved
}

/// An error of a call, with what to do about a missing permission.
fn told(error: &aws_client::ApiError) -> String {
    use actions_core::ActionError as _;
    error.why().map_or_else(|| error.to_string(), |why| format!("{error}: {why}"))
}
