//! Runs of workflows.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, Links, TIME};
use super::state::Repository;
use crate::http::Reply;

/// `GET /actions/runs/{id}`.
pub(super) fn one(call: &Call<'_>, repository: &Repository, id: &str) -> Result<Reply, Reply> {
    let id: u64 = id.parse().map_err(|_| reply::not_found())?;
    let wanted = |run: &&Value| run["id"] == id;
    let run = repository.runs.iter().filter(|_| call.is("GET")).find(wanted).ok_or_else(reply::not_found)?;
    Ok(Reply::json(200, run))
}

/// `GET /actions/workflows/{workflow}/runs`, the newest first.
pub(super) fn of_workflow(call: &Call<'_>, repository: &Repository, workflow: &str) -> Result<Reply, Reply> {
    let workflow: u64 = workflow.parse().map_err(|_| reply::not_found())?;
    let is_wanted = |run: &&Value| {
        run["workflow_id"] == workflow
            && call.wants("branch", &run["head_branch"])
            && call.wants("event", &run["event"])
            && (call.wants("status", &run["conclusion"]) || call.wants("status", &run["status"]))
    };
    let mut runs: Vec<Value> = repository.runs.iter().filter(|_| call.is("GET")).filter(is_wanted).cloned().collect();
    if !repository.runs.iter().any(|run| run["workflow_id"] == workflow) {
        return Err(reply::not_found());
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run["id"].as_u64()));
    Ok(super::page::wrapped(&call.links.server, call.request, "workflow_runs", &runs))
}

/// Ends a run of a push to `branch`, with a conclusion as GitHub writes it (`success`, `failure`, `cancelled`).
pub(super) fn end(repository: &mut Repository, id: u64, branch: &str, conclusion: &str) {
    for run in repository.runs.iter_mut().filter(|run| run["id"] == id) {
        run["event"] = "push".into();
        run["status"] = "completed".into();
        run["conclusion"] = conclusion.into();
        run["head_branch"] = branch.into();
    }
}

/// Stores a run: its id, its attempt and its workflow's id.
pub(super) fn store(links: &Links, repository: &mut Repository, [id, attempt, workflow]: [u64; 3], commit: &str) {
    let base = links.repository(&repository.name);
    let html = links.html(&repository.name);
    let own = format!("{base}/actions/runs/{id}");
    let person = json!({"name": "Octo Cat", "email": "octocat@example.com"});
    let minimal = shapes::repository(links, &repository.name);
    repository.runs.push(json!({
        "id": id,
        "node_id": "WFR_testkit",
        "name": "plan",
        "path": ".github/workflows/plan.yml",
        "display_title": "Change things",
        "run_number": 1,
        "run_attempt": attempt,
        "event": "pull_request",
        "status": "in_progress",
        "conclusion": null,
        "workflow_id": workflow,
        "url": own,
        "html_url": format!("{html}/actions/runs/{id}"),
        "created_at": TIME,
        "updated_at": TIME,
        "pull_requests": [],
        "head_branch": "feature",
        "head_sha": commit,
        "head_commit": {
            "id": commit,
            "tree_id": commit,
            "message": "Change things",
            "timestamp": TIME,
            "author": person,
            "committer": person,
        },
        "jobs_url": format!("{own}/jobs"),
        "logs_url": format!("{own}/logs"),
        "check_suite_url": format!("{base}/check-suites/5"),
        "artifacts_url": format!("{own}/artifacts"),
        "cancel_url": format!("{own}/cancel"),
        "rerun_url": format!("{own}/rerun"),
        "workflow_url": format!("{base}/actions/workflows/{workflow}"),
        "repository": minimal,
        "head_repository": minimal,
    }));
}
