//! Events that start workflows.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::state::Repository;
use crate::http::Reply;

/// The most fields of a payload.
const MOST_FIELDS: usize = 10;

/// `POST /dispatches`.
pub(super) fn of_repository(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    if !call.is("POST") {
        return Err(reply::not_found());
    }
    let event = reply::required(&call.body, "event_type")?;
    let payload = &call.body["client_payload"];
    if payload.as_object().is_some_and(|payload| payload.len() > MOST_FIELDS) {
        return Err(reply::error(422, "No more than 10 properties are allowed; 11 were supplied."));
    }
    repository.dispatches.push(json!({"event_type": event, "client_payload": payload}));
    Ok(Reply::new(204))
}

/// `POST /actions/workflows/{workflow}/dispatches`.
pub(super) fn of_workflow(call: &Call<'_>, repository: &mut Repository, workflow: &str) -> Result<Reply, Reply> {
    let declared = repository.workflows.get(workflow).filter(|_| call.is("POST")).ok_or_else(reply::not_found)?;
    let name = reply::required(&call.body, "ref")?;
    if repository.commit(name).is_none() {
        return Err(reply::error(422, &format!("No ref found for: {name}")));
    }
    let inputs = &call.body["inputs"];
    let given = inputs.as_object().into_iter().flat_map(|inputs| inputs.keys());
    let unknown: Vec<&String> = given.filter(|name| !declared.contains(name)).collect();
    if !unknown.is_empty() {
        return Err(reply::error(
            422,
            &format!("Unexpected inputs provided: {}", Value::from(unknown.into_iter().cloned().collect::<Vec<_>>())),
        ));
    }
    repository.dispatches.push(json!({"workflow": workflow, "ref": name, "inputs": inputs}));
    Ok(Reply::new(204))
}
