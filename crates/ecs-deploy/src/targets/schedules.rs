//! The Scheduler of `EventBridge`: `GetSchedule`, `UpdateSchedule`, which replaces the whole schedule.

use aws_client::call::{Rest, SCHEDULER};
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::targets::edit::edit;
use crate::targets::{MoveResult, Place, told};

/// What `GetSchedule` answers and `UpdateSchedule` does not take, or takes in its path.
const ONLY_READ: [&str; 4] = ["Arn", "CreationDate", "LastModificationDate", "Name"];

/// Moves one schedule; an error is why not.
pub(super) async fn move_one(ecs: &Ecs, place: &Place, arn: &str) -> Result<MoveResult, String> {
    let path = ["schedules", place.name.as_str()];
    let get = Rest { operation: "GetSchedule", method: "GET", path: &path, query: &[("groupName", &place.within)] };
    let schedule = SCHEDULER.call(ecs.aws(), &get, &Value::Null).await.map_err(|error| told(&error))?;
    let body = match body(schedule, place, arn) {
        Ok(body) => body,
        Err(MoveResult::Failed(why)) => return Err(why),
        Err(nothing_to_do) => return Ok(nothing_to_do),
    };
    let put = Rest { operation: "UpdateSchedule", method: "PUT", path: &path, query: &[] };
    SCHEDULER.call(ecs.aws(), &put, &body).await.map_err(|error| told(&error))?;
    Ok(MoveResult::Moved(1))
}

/// The schedule as it is, with another revision.
fn body(mut schedule: Value, place: &Place, arn: &str) -> Result<Value, MoveResult> {
    let changed = edit(std::slice::from_ref(&schedule["Target"]), arn)?;
    schedule["Target"] = changed.into_iter().next().unwrap_or_default();
    schedule["GroupName"] = json!(place.within);
    if let Some(fields) = schedule.as_object_mut() {
        fields.retain(|name, value| !ONLY_READ.contains(&name.as_str()) && !value.is_null());
    }
    Ok(schedule)
}
