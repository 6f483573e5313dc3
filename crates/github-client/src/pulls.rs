//! Pull requests and their descriptions.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its description; empty where there is none.
    pub body: String,
    /// The commit at the tip of its source branch.
    pub head_sha: String,
    /// Its source branch.
    pub head_ref: String,
    /// Its target branch.
    pub base_ref: String,
    /// `open` or `closed`.
    pub state: String,
    /// Its web page.
    pub url: String,
    /// The names of its labels.
    pub labels: Vec<String>,
}

#[derive(Deserialize)]
struct Answered {
    number: u64,
    body: Option<String>,
    head: Branch,
    base: Branch,
    state: String,
    html_url: String,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
}

impl From<Answered> for PullRequest {
    fn from(pull: Answered) -> Self {
        Self {
            number: pull.number,
            body: pull.body.unwrap_or_default(),
            head_sha: pull.head.sha,
            head_ref: pull.head.name,
            base_ref: pull.base.name,
            state: pull.state,
            url: pull.html_url,
            labels: pull.labels.into_iter().map(|label| label.name).collect(),
        }
    }
}

impl GitHub {
    /// The pull request `number`.
    pub async fn pull_request(&self, number: u64) -> Result<PullRequest, GitHubError> {
        let call = Call::get(format!("read pull request #{number}"), self.pull_path(number), Permission::ReadPulls);
        self.json::<Answered>(&call).await.map(Into::into)
    }

    /// The description of the pull request `number`; empty where there is none.
    pub async fn pull_body(&self, number: u64) -> Result<String, GitHubError> {
        self.pull_request(number).await.map(|pull| pull.body)
    }

    /// Replaces the description of the pull request `number`.
    pub async fn update_pull_body(&self, number: u64, body: &str) -> Result<PullRequest, GitHubError> {
        let what = format!("update the description of pull request #{number}");
        let call = Call::new(what, Method::PATCH, self.pull_path(number), Permission::WritePulls)
            .body(json!({ "body": body }));
        self.json::<Answered>(&call).await.map(Into::into)
    }

    fn pull_path(&self, number: u64) -> Vec<String> {
        self.path(&["pulls", &number.to_string()])
    }
}
