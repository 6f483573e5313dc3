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
}
