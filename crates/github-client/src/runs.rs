//! Runs of workflows.

use serde::Deserialize;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WorkflowRun {
    /// The id of its workflow, the same for all of its runs.
    #[serde(rename = "workflow_id")]
    pub workflow: u64,
    /// The commit it runs for.
    #[serde(rename = "head_sha")]
    pub commit: String,
    /// Its newest attempt, from 1.
    #[serde(rename = "run_attempt", default = "first")]
    pub attempt: u64,
}

/// Runs of a workflow, the newest first.
#[derive(Debug, Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    head_sha: String,
}

/// How many runs are looked through for one before another.
const MOST_RUNS: &str = "50";

/// A run that says nothing of attempts has had one.
fn first() -> u64 {
    1
}

impl GitHub {
    /// A run of a workflow of this repository; `None` where there is none
    /// (<https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run>).
    pub async fn workflow_run(&self, id: u64) -> Result<Option<WorkflowRun>, GitHubError> {
        let path = self.path(&["actions", "runs", &id.to_string()]);
        self.find(&Call::get(format!("read run {id}"), path, Permission::ReadActions)).await
    }
    /// The commit of the last run of a workflow that a push to `branch` started and that succeeded, before the run `before`; `None` where
    /// there is none among the last fifty
    /// (<https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow>). Ids grow from run to run.
    pub async fn last_success(&self, workflow: u64, branch: &str, before: u64) -> Result<Option<String>, GitHubError> {
        let path = self.path(&["actions", "workflows", &workflow.to_string(), "runs"]);
        let mut call = Call::get("list the runs of this workflow", path, Permission::ReadActions);
        for (name, value) in [
            ("branch", branch),
            ("event", "push"),
            ("status", "success"),
            ("exclude_pull_requests", "true"),
            ("per_page", MOST_RUNS),
        ] {
            call.query.push((name, value.to_owned()));
        }
        let Some(runs) = self.find::<Runs>(&call).await? else { return Ok(None) };
        let last = runs.workflow_runs.into_iter().filter(|run| run.id < before).max_by_key(|run| run.id);
        Ok(last.map(|run| run.head_sha))
    }
}
