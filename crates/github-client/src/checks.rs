//! Check runs of a commit.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// A completed check run, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckRun {
    /// Its name.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// Our own word for it, by which it is found again.
    pub external_id: String,
    /// How it ended.
    pub conclusion: Conclusion,
    /// One line.
    pub title: String,
    /// Markdown of at most 65,535 characters.
    pub summary: String,
    /// The page with more.
    pub details_url: Option<String>,
}

/// How a check run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// It lets the commit pass.
    Success,
    /// It does not.
    Failure,
}

/// A check run that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCheckRun {
    /// Its id.
    pub id: u64,
    /// Whoever wrote it's own word for it.
    pub external_id: String,
    /// `success`, `failure` or another of GitHub's words; empty where it has not ended.
    pub conclusion: String,
    /// Its line.
    pub title: String,
    /// Its Markdown.
    pub summary: String,
}

#[derive(Deserialize)]
struct Listed {
    check_runs: Vec<Answered>,
}

#[derive(Deserialize)]
struct Answered {
    id: u64,
    external_id: Option<String>,
    conclusion: Option<String>,
    #[serde(default)]
    output: Output,
}

#[derive(Default, Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
}

impl Conclusion {
    /// GitHub's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl From<Answered> for FoundCheckRun {
    fn from(run: Answered) -> Self {
        Self {
            id: run.id,
            external_id: run.external_id.unwrap_or_default(),
            conclusion: run.conclusion.unwrap_or_default(),
            title: run.output.title.unwrap_or_default(),
            summary: run.output.summary.unwrap_or_default(),
        }
    }
}

impl CheckRun {
    fn body(&self) -> Value {
        let mut body = json!({
            "name": self.name,
            "external_id": self.external_id,
            "status": "completed",
            "conclusion": self.conclusion.word(),
            "output": { "title": self.title, "summary": self.summary },
        });
        if let Some(url) = &self.details_url {
            body["details_url"] = json!(url);
        }
        body
    }
}

impl GitHub {
    /// The newest check runs of this name on the commit, one for each App
    /// (<https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>).
    pub async fn check_runs(&self, commit: &str, name: &str) -> Result<Vec<FoundCheckRun>, GitHubError> {
        let what = format!("read the check runs `{name}`");
        let path = self.path(&["commits", commit, "check-runs"]);
        let mut call = Call::get(what, path, Permission::ReadChecks).paged();
        call.query.push(("check_name", name.to_owned()));
        call.query.push(("filter", "latest".to_owned()));
        let listed: Listed = self.json(&call).await?;
        Ok(listed.check_runs.into_iter().map(FoundCheckRun::from).collect())
    }

    /// Writes a check run; only the token of an App may (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).
    pub async fn create_check_run(&self, run: &CheckRun) -> Result<u64, GitHubError> {
        let path = self.path(&["check-runs"]);
        let what = format!("write the check run `{}`", run.name);
        let mut body = run.body();
        body["head_sha"] = json!(run.commit);
        let call = Call::new(what, Method::POST, path, Permission::WriteChecks).body(body);
        self.json::<Answered>(&call).await.map(|run| run.id)
    }

    /// Replaces a check run (<https://docs.github.com/en/rest/checks/runs#update-a-check-run>).
    pub async fn update_check_run(&self, id: u64, run: &CheckRun) -> Result<u64, GitHubError> {
        let path = self.path(&["check-runs", &id.to_string()]);
        let what = format!("update the check run `{}`", run.name);
        let call = Call::new(what, Method::PATCH, path, Permission::WriteChecks).body(run.body());
        self.json::<Answered>(&call).await.map(|run| run.id)
    }
}
