//! `EventBridge`: `DescribeRule`, `ListTargetsByRule`, `PutTargets`.

use actions_core::ActionError as _;
use aws_client::call::EVENTS;
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::service::list;
use crate::targets::Place;
use crate::task_definition::text;

/// All targets of a rule; an error is why they cannot be moved.
pub(super) async fn targets(ecs: &Ecs, place: &Place) -> Result<Vec<Value>, String> {
    let rule = call(ecs, place, "DescribeRule", json!({"Name": place.name})).await?;
    let manager = text(&rule, "ManagedBy");
    if !manager.is_empty() {
        return Err(format!("it belongs to {manager}, which would undo the change"));
    }
    let mut targets = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut question = json!({"Rule": place.name});
        if !next.is_null() {
            question["NextToken"] = next;
        }
        let page = call(ecs, place, "ListTargetsByRule", question).await?;
        targets.extend(list(&page, "Targets").cloned());
        next = page["NextToken"].clone();
        if next.is_null() {
            return Ok(targets);
        }
    }
}

/// Puts targets in the place of those with their ids; an error is why not.
pub(super) async fn put(ecs: &Ecs, place: &Place, targets: &[Value]) -> Result<(), String> {
    let answer = call(ecs, place, "PutTargets", json!({"Rule": place.name, "Targets": targets})).await?;
    if answer["FailedEntryCount"].as_u64() == Some(0) { Ok(()) } else { Err(refused(&answer)) }
}

async fn call(ecs: &Ecs, place: &Place, operation: &str, mut body: Value) -> Result<Value, String> {
    body["EventBusName"] = json!(place.within);
    EVENTS.call(ecs.aws(), operation, &body).await.map_err(|error| error.told())
}

/// `PutTargets` answers 200 for targets that it did not take.
fn refused(answer: &Value) -> String {
    let entry = |entry: &Value| {
        format!("target {}: {} ({})", text(entry, "TargetId"), text(entry, "ErrorMessage"), text(entry, "ErrorCode"))
    };
    let entries: Vec<String> = list(answer, "FailedEntries").map(entry).collect();
    if entries.is_empty() {
        "`events:PutTargets` does not say that it took all targets".to_owned()
    } else {
        entries.join("; ")
    }
}
