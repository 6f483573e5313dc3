//! Starting workflows. Both calls may start one twice when they are sent twice, so neither is repeated by itself.

use http::Method;
use serde_json::{Map, Value, json};

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

impl GitHub {
    /// Starts the workflow in the file `workflow` of `.github/workflows` on the branch or tag `git_ref`. GitHub refuses an input that the
    /// workflow does not declare (<https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>).
    pub async fn dispatch_workflow(
        &self,
        workflow: &str,
        git_ref: &str,
        inputs: &Map<String, Value>,
    ) -> Result<(), GitHubError> {
        let path = self.path(&["actions", "workflows", workflow, "dispatches"]);
        let what = format!("start the workflow `{workflow}` at `{git_ref}`");
        let call = Call::new(what, Method::POST, path, Permission::WriteActions);
        self.send(&call.body(json!({ "ref": git_ref, "inputs": inputs }))).await.map(|_| ())
    }

    /// Sends the event `repository_dispatch` of the type `event` with a payload of at most ten fields
    /// (<https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>).
    pub async fn repository_dispatch(&self, event: &str, payload: &Map<String, Value>) -> Result<(), GitHubError> {
        let what = format!("send the event `{event}` to `{}`", self.repository());
        let call = Call::new(what, Method::POST, self.path(&["dispatches"]), Permission::WriteContents);
        self.send(&call.body(json!({ "event_type": event, "client_payload": payload }))).await.map(|_| ())
    }
}
