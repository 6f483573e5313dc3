//! Deployments and their statuses.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, TIME};
use super::state::Repository;
use crate::http::Reply;

const STATES: [&str; 7] = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", []) => create(call, repository),
        ("GET", []) => Ok(list(call, repository)),
        ("GET", [id]) => Ok(Reply::json(200, find(repository, id)?)),
        ("POST", [id, "statuses"]) => create_status(call, repository, id),
        ("GET", [id, "statuses"]) => {
            let id = number(find(repository, id)?);
            let mut statuses = repository.deployment_statuses.get(&id).cloned().unwrap_or_default();
            statuses.reverse();
            Ok(call.list(&statuses))
        }
        _ => Err(reply::not_found()),
    }
}

fn number(object: &Value) -> u64 {
    object["id"].as_u64().unwrap_or_default()
}

fn find<'a>(repository: &'a Repository, id: &str) -> Result<&'a Value, Reply> {
    let id: u64 = id.parse().map_err(|_| reply::not_found())?;
    let wanted = |deployment: &&Value| deployment["id"] == id;
    repository.deployments.iter().find(wanted).ok_or_else(reply::not_found)
}

fn list(call: &Call<'_>, repository: &Repository) -> Reply {
    let wanted = |deployment: &&Value| {
        ["sha", "ref", "task", "environment"].iter().all(|field| call.wants(field, &deployment[*field]))
    };
    let found: Vec<Value> = repository.deployments.iter().rev().filter(wanted).cloned().collect();
    call.list(&found)
}

fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let reference = reply::required(&call.body, "ref")?;
    let unknown = || reply::error(422, &format!("No ref found for: {reference}"));
    let sha = repository.commit(reference).map(|commit| commit.sha.clone()).ok_or_else(unknown)?;
    let id = repository.next_id();
    let base = call.links.repository(&repository.name);
    let own = format!("{base}/deployments/{id}");
    let text = |field: &str, default: &str| call.body[field].as_str().unwrap_or(default).to_owned();
    let payload = if call.body["payload"].is_null() { json!({}) } else { call.body["payload"].clone() };
    let deployment = json!({
        "id": id,
        "node_id": "DE_testkit",
        "url": own,
        "sha": sha,
        "ref": reference,
        "task": text("task", "deploy"),
        "environment": text("environment", "production"),
        "original_environment": text("environment", "production"),
        "description": call.body["description"],
        "payload": payload,
        "creator": shapes::user(call.links, "github-actions[bot]"),
        "statuses_url": format!("{own}/statuses"),
        "repository_url": base,
        "transient_environment": call.body["transient_environment"] == true,
        "production_environment": call.body["production_environment"] == true,
        "created_at": TIME,
        "updated_at": TIME,
    });
    repository.deployments.push(deployment.clone());
    Ok(Reply::json(201, &deployment))
}

fn create_status(call: &Call<'_>, repository: &mut Repository, deployment: &str) -> Result<Reply, Reply> {
    let state = reply::required(&call.body, "state")?;
    if !STATES.contains(&state) {
        return Err(reply::invalid("DeploymentStatus", "state", "invalid"));
    }
    let deployment = find(repository, deployment)?.clone();
    let id = repository.next_id();
    let own = deployment["url"].as_str().unwrap_or_default();
    let text = |field: &str| call.body[field].as_str().unwrap_or_default().to_owned();
    let status = json!({
        "id": id,
        "node_id": "DES_testkit",
        "url": format!("{own}/statuses/{id}"),
        "state": state,
        "creator": shapes::user(call.links, "github-actions[bot]"),
        "description": text("description"),
        "environment": deployment["environment"],
        "environment_url": text("environment_url"),
        "log_url": text("log_url"),
        "target_url": text("log_url"),
        "deployment_url": own,
        "repository_url": deployment["repository_url"],
        "created_at": TIME,
        "updated_at": TIME,
    });
    repository.deployment_statuses.entry(number(&deployment)).or_default().push(status.clone());
    Ok(Reply::json(201, &status))
}
