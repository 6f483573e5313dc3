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
    /// The repository of its source branch, `owner/name`; empty where the fork is gone.
    pub head_repository: String,
    /// Its target branch.
    pub base_ref: String,
    /// `open` or `closed`.
    pub state: String,
    /// Its web page.
    pub url: String,
    /// The names of its labels.
    pub labels: Vec<String>,
}

/// A pull request within one repository, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NewPull {
    /// Its source branch.
    pub head: String,
    /// Its target branch.
    pub base: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub body: String,
}

/// What became of the wish to open a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatePull {
    /// It was opened.
    Created(PullRequest),
    /// There was an open one between the same branches.
    AlreadyThere(PullRequest),
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
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

impl From<Answered> for PullRequest {
    fn from(pull: Answered) -> Self {
        Self {
            number: pull.number,
            body: pull.body.unwrap_or_default(),
            head_sha: pull.head.sha,
            head_ref: pull.head.name,
            head_repository: pull.head.repo.map(|repository| repository.full_name).unwrap_or_default(),
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

    /// The open pull requests that come from `branch` of the repository `head` (`owner/name`), which may be a fork. GitHub filters by
    /// the owner and the branch (<https://docs.github.com/en/rest/pulls/pulls#list-pull-requests>); an owner may have several forks,
    /// so the repository is compared here.
    pub async fn open_pull_requests(&self, head: &str, branch: &str) -> Result<Vec<PullRequest>, GitHubError> {
        let owner = head.split('/').next().unwrap_or_default();
        let what = format!("find the pull request of the branch `{branch}`");
        let mut call = Call::get(what, self.path(&["pulls"]), Permission::ReadPulls).paged();
        call.query.push(("state", "open".to_owned()));
        call.query.push(("head", format!("{owner}:{branch}")));
        let pulls: Vec<Answered> = self.list(&call).await?;
        let pulls = pulls.into_iter().map(PullRequest::from);
        let is_from_there =
            |pull: &PullRequest| pull.head_repository.eq_ignore_ascii_case(head) && pull.head_ref == branch;
        Ok(pulls.filter(is_from_there).collect())
    }

    /// Opens a pull request. GitHub keeps one open between two branches and refuses a second
    /// (<https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request>).
    pub async fn create_pull(&self, pull: &NewPull) -> Result<CreatePull, GitHubError> {
        let what = format!("open a pull request from `{}` into `{}`", pull.head, pull.base);
        let call = Call::new(what, Method::POST, self.path(&["pulls"]), Permission::WritePulls);
        let body = json!({ "head": pull.head, "base": pull.base, "title": pull.title, "body": pull.body });
        let refusal = match self.json::<Answered>(&call.body(body).repeatable()).await {
            Ok(created) => return Ok(CreatePull::Created(created.into())),
            Err(refusal @ GitHubError::Invalid { .. }) => refusal,
            Err(error) => return Err(error),
        };
        let open = self.open_pull_requests(&self.repository, &pull.head).await?;
        let there = open.into_iter().find(|open| open.base_ref == pull.base);
        there.map(CreatePull::AlreadyThere).ok_or(refusal)
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
