//! `EventBridge`: `DescribeRule`, `ListTargetsByRule`, `PutTargets`.

use aws_client::call::EVENTS;
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::service::list;
use crate::targets::edit::edit;
use crate::targets::{MoveResult, Place, told};
use crate::task_definition::text;

/// Moves the targets of one rule; an error is why not.
pub(super) async fn move_one(ecs: &Ecs, place: &Place, arn: &str) -> Result<MoveResult, String> {
    let about = |mut more: Value| {
        more["EventBusName"] = json!(place.within);
        more
    };
    let call = async |operation: &str, body: Value| {
        EVENTS.call(ecs.aws(), operation, &body).await.map_err(|error| told(&error))
    };
    let rule = call("DescribeRule", about(json!({"Name": place.name}))).await?;
    let manager = text(&rule, "ManagedBy");
    if !manager.is_empty() {
        return Err(format!("it belongs to {manager}, which would undo the change"));
    }
    let mut targets = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut question = about(json!({"Rule": place.name}));
        if !next.is_null() {
            question["NextToken"] = next;
        }
        let page = call("ListTargetsByRule", question).await?;
        targets.extend(list(&page, "Targets").cloned());
        next = page["NextToken"].clone();
        if next.is_null() {
            break;
        }
    }
    let changed = match edit(&targets, arn) {
        Ok(changed) => changed,
        Err(MoveResult::Failed(why)) => return Err(why),
        Err(nothing_to_do) => return Ok(nothing_to_do),
    };
    let count = changed.len();
    let answer = call("PutTargets", about(json!({"Rule": place.name, "Targets": changed}))).await?;
    match answer["FailedEntryCount"].as_u64() {
        Some(0) => Ok(MoveResult::Moved(count)),
        _ => Err(refused(&answer)),
    }
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
