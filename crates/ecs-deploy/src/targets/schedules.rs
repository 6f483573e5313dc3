//! The Scheduler of `EventBridge`: `GetSchedule`, `UpdateSchedule`, which replaces the whole schedule.

use actions_core::ActionError as _;
use aws_client::call::{Rest, SCHEDULER};
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::targets::Place;

/// What `GetSchedule` answers and `UpdateSchedule` does not take, or takes in its path.
const ONLY_READ: [&str; 4] = ["Arn", "CreationDate", "LastModificationDate", "Name"];

/// A schedule as it is; an error is why it cannot be moved.
pub(super) async fn get(ecs: &Ecs, place: &Place) -> Result<Value, String> {
    let path = ["schedules", place.name.as_str()];
    let get = Rest { operation: "GetSchedule", method: "GET", path: &path, query: &[("groupName", &place.within)] };
    SCHEDULER.call(ecs.aws(), &get, &Value::Null).await.map_err(|error| error.told())
}

/// Gives a schedule another target; an error is why not.
pub(super) async fn put(ecs: &Ecs, place: &Place, schedule: Value, target: Value) -> Result<(), String> {
    let path = ["schedules", place.name.as_str()];
    let put = Rest { operation: "UpdateSchedule", method: "PUT", path: &path, query: &[] };
    let answer = SCHEDULER.call(ecs.aws(), &put, &body(schedule, place, target)).await;
    answer.map(|_| ()).map_err(|error| error.told())
}

/// The schedule as it is, with another target.
fn body(mut schedule: Value, place: &Place, target: Value) -> Value {
    schedule["Target"] = target;
    schedule["GroupName"] = json!(place.within);
    if let Some(fields) = schedule.as_object_mut() {
        fields.retain(|name, value| !ONLY_READ.contains(&name.as_str()) && !value.is_null());
    }
    schedule
}
