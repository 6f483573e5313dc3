//! Labels of a pull request. GitHub keeps those of issues and pull requests in one place.

use http::Method;
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

impl GitHub {
    /// Puts a label on the pull request; what it has already stays (<https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue>).
    pub async fn add_label(&self, pull_request: u64, label: &str) -> Result<(), GitHubError> {
        let what = format!("put the label `{label}` on pull request #{pull_request}");
        let path = self.path(&["issues", &pull_request.to_string(), "labels"]);
        let call = Call::new(what, Method::POST, path, Permission::WritePulls).body(json!({ "labels": [label] }));
        // A label is there once, however often it is put.
        self.send(&call.repeatable()).await.map(|_| ())
    }

    /// Takes a label off the pull request; one that is not there is off
    /// (<https://docs.github.com/en/rest/issues/labels#remove-a-label-from-an-issue>).
    pub async fn remove_label(&self, pull_request: u64, label: &str) -> Result<(), GitHubError> {
        let what = format!("take the label `{label}` off pull request #{pull_request}");
        let path = self.path(&["issues", &pull_request.to_string(), "labels", label]);
        let call = Call::new(what, Method::DELETE, path, Permission::WritePulls);
        match self.send(&call).await {
            Ok(_) | Err(GitHubError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
