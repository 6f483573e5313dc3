//! Check runs.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, TIME};
use super::state::Repository;
use crate::http::Reply;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", []) => create(call, repository),
        ("GET", [id]) => Ok(Reply::json(200, find(repository, id)?)),
        ("PATCH", [id]) => {
            let run = find(repository, id)?;
            apply(run, &call.body);
            Ok(Reply::json(200, run))
        }
        _ => Err(reply::not_found()),
    }
}

/// `GET /commits/{ref}/check-runs`.
pub(super) fn of_commit(call: &Call<'_>, repository: &Repository, sha: &str) -> Reply {
    let runs: Vec<Value> = repository
        .check_runs
        .iter()
        .filter(|run| run["head_sha"] == sha && call.wants("check_name", &run["name"]))
        .cloned()
        .collect();
    super::page::wrapped(&call.links.server, call.request, "check_runs", &runs)
}

fn find<'a>(repository: &'a mut Repository, id: &str) -> Result<&'a mut Value, Reply> {
    let id: u64 = id.parse().map_err(|_| reply::not_found())?;
    let wanted = |run: &&mut Value| run["id"] == id;
    repository.check_runs.iter_mut().find(wanted).ok_or_else(reply::not_found)
}

fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let name = reply::required(&call.body, "name")?;
    let sha = reply::required(&call.body, "head_sha")?;
    if !repository.has_object(sha) {
        return Err(reply::error(422, &format!("No commit found for SHA: {sha}")));
    }
    let id = repository.next_id();
    let own = format!("{}/check-runs/{id}", call.links.repository(&repository.name));
    let html = call.links.html(&repository.name);
    let mut run = json!({
        "id": id,
        "node_id": "CR_testkit",
        "url": own,
        "html_url": format!("{html}/runs/{id}"),
        "details_url": format!("{html}/runs/{id}"),
        "head_sha": sha,
        "name": name,
        "external_id": "",
        "status": "queued",
        "conclusion": null,
        "started_at": TIME,
        "completed_at": null,
        "output": {"title": null, "summary": null, "text": null, "annotations_count": 0, "annotations_url": format!("{own}/annotations")},
        "check_suite": {"id": 5},
        "app": app(call),
        "pull_requests": [],
    });
    apply(&mut run, &call.body);
    repository.check_runs.push(run.clone());
    Ok(Reply::json(201, &run))
}

fn apply(run: &mut Value, body: &Value) {
    for field in ["name", "status", "conclusion", "started_at", "completed_at", "external_id", "details_url"] {
        if !body[field].is_null() {
            run[field] = body[field].clone();
        }
    }
    for field in ["title", "summary", "text"] {
        if !body["output"][field].is_null() {
            run["output"][field] = body["output"][field].clone();
        }
    }
    if let Some(annotations) = body["output"]["annotations"].as_array() {
        let count = run["output"]["annotations_count"].as_u64().unwrap_or_default();
        run["output"]["annotations_count"] = (count + annotations.len() as u64).into();
    }
    if !body["conclusion"].is_null() {
        run["status"] = "completed".into();
        if run["completed_at"].is_null() {
            run["completed_at"] = TIME.into();
        }
    }
}

fn app(call: &Call<'_>) -> Value {
    json!({
        "id": 15368,
        "slug": "github-actions",
        "node_id": "A_testkit",
        "owner": shapes::user(call.links, "github"),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": format!("{}/features/actions", call.links.server),
        "html_url": format!("{}/apps/github-actions", call.links.server),
        "created_at": TIME,
        "updated_at": TIME,
        "permissions": {"checks": "write", "contents": "read"},
        "events": ["check_run"],
    })
}
