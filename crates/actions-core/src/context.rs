//! The run's context, from the `GITHUB_*` variables
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/variables>).

use std::path::PathBuf;

use serde_json::Value;

use crate::environment::Environment;
use crate::error::{ActionError, ExitCode};

/// GitHub's payloads end at 25 MB.
const LARGEST_EVENT: u64 = 32 * 1024 * 1024;

/// What is known of the run. In a plain shell everything but the public server's URLs is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Whether this process runs in a workflow (`GITHUB_ACTIONS`).
    pub on_actions: bool,
    /// `owner/name`.
    pub repository: Option<String>,
    /// The commit that started the run; for a pull request the merge commit.
    pub sha: Option<String>,
    /// The full ref, `refs/heads/main`.
    pub git_ref: Option<String>,
    /// The short ref, `main` or `v1.0.0`.
    pub ref_name: Option<String>,
    /// The source branch of a pull request.
    pub head_ref: Option<String>,
    /// The target branch of a pull request.
    pub base_ref: Option<String>,
    /// The event's name, `push`.
    pub event_name: Option<String>,
    /// The file that holds the event's payload.
    pub event_path: Option<PathBuf>,
    /// The workflow's name.
    pub workflow: Option<String>,
    /// The job's id.
    pub job: Option<String>,
    /// The run's id.
    pub run_id: Option<String>,
    /// The run's attempt, from 1.
    pub run_attempt: Option<String>,
    /// The user who started the run.
    pub actor: Option<String>,
    /// Where the repository was checked out.
    pub workspace: Option<PathBuf>,
    /// A folder that lives as long as the job.
    pub runner_temp: Option<PathBuf>,
    /// The web server, without a slash at the end; GHES has its own.
    pub server_url: String,
    /// The REST API, without a slash at the end; GHES ends in `/api/v3`.
    pub api_url: String,
    /// The GraphQL API.
    pub graphql_url: String,
}

/// The event's payload cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ContextError {
    /// The file of `GITHUB_EVENT_PATH` cannot be read. Exit code 2.
    ///
    /// `GITHUB_EVENT_PATH` is set and its file is not there: in a container job the folder may not be mounted, in a
    /// plain shell the variable is left over.
    #[error("the event's payload `{path}` cannot be read")]
    #[diagnostic(code("context/event-unreadable"), help("GITHUB_EVENT_PATH must name the JSON file of the event"))]
    EventUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `GITHUB_EVENT_PATH` is not JSON. Exit code 2.
    ///
    /// The file that `GITHUB_EVENT_PATH` names is cut off, or is something else.
    #[error("the event's payload `{path}` is not JSON")]
    #[diagnostic(code("context/event-not-json"), help("GITHUB_EVENT_PATH must name the JSON file of the event"))]
    EventNotJson {
        /// The file.
        path: String,
        /// The reason.
        source: serde_json::Error,
    },
}

impl ActionError for ContextError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }
}

impl Context {
    /// Reads the context from `environment`.
    pub fn new(environment: &Environment) -> Self {
        let text = |name: &str| environment.get(name).map(str::to_owned);
        let url = |name: &str, default: &str| environment.get(name).unwrap_or(default).trim_end_matches('/').to_owned();
        let api_url = url("GITHUB_API_URL", "https://api.github.com");
        Self {
            on_actions: environment.is_on("GITHUB_ACTIONS"),
            repository: text("GITHUB_REPOSITORY"),
            sha: text("GITHUB_SHA"),
            git_ref: text("GITHUB_REF"),
            ref_name: text("GITHUB_REF_NAME"),
            head_ref: text("GITHUB_HEAD_REF"),
            base_ref: text("GITHUB_BASE_REF"),
            event_name: text("GITHUB_EVENT_NAME"),
            event_path: text("GITHUB_EVENT_PATH").map(PathBuf::from),
            workflow: text("GITHUB_WORKFLOW"),
            job: text("GITHUB_JOB"),
            run_id: text("GITHUB_RUN_ID"),
            run_attempt: text("GITHUB_RUN_ATTEMPT"),
            actor: text("GITHUB_ACTOR"),
            workspace: text("GITHUB_WORKSPACE").map(PathBuf::from),
            runner_temp: text("RUNNER_TEMP").map(PathBuf::from),
            server_url: url("GITHUB_SERVER_URL", "https://github.com"),
            graphql_url: url("GITHUB_GRAPHQL_URL", &graphql_beside(&api_url)),
            api_url,
        }
    }

    /// The branch the run is about: a pull request's source branch, else the pushed branch; `None` for a tag.
    pub fn branch(&self) -> Option<&str> {
        if let Some(head) = &self.head_ref {
            return Some(head);
        }
        match &self.git_ref {
            Some(full) => full.strip_prefix("refs/heads/"),
            None => self.ref_name.as_deref(),
        }
    }

    /// The web page of the run.
    pub fn run_url(&self) -> Option<String> {
        let (repository, run) = (self.repository.as_ref()?, self.run_id.as_ref()?);
        Some(format!("{}/{repository}/actions/runs/{run}", self.server_url))
    }

    /// The event's payload; `None` where there is none.
    pub fn event(&self) -> Result<Option<Value>, ContextError> {
        let Some(path) = &self.event_path else { return Ok(None) };
        let shown = || path.display().to_string();
        let text = crate::read_text_limited(path, LARGEST_EVENT)
            .map_err(|source| ContextError::EventUnreadable { path: shown(), source })?;
        serde_json::from_str(&text).map(Some).map_err(|source| ContextError::EventNotJson { path: shown(), source })
    }

    /// The number of the pull request the run is about, from the payload or from `refs/pull/N/merge`.
    pub fn pull_request(&self) -> Result<Option<u64>, ContextError> {
        let from_event = self.event()?.and_then(|event| {
            event
                .pointer("/pull_request/number")
                .or_else(|| event.pointer("/issue/pull_request").and(event.pointer("/issue/number")))?
                .as_u64()
        });
        let from_ref = || self.git_ref.as_ref()?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
        Ok(from_event.or_else(from_ref))
    }
}

/// The GraphQL API of the server whose REST API is at `api_url`: `/api/graphql` beside `/api/v3` on GitHub Enterprise Server, `/graphql` below
/// the root elsewhere (<https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint>).
fn graphql_beside(api_url: &str) -> String {
    format!("{}/graphql", api_url.strip_suffix("/v3").unwrap_or(api_url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(variables: &[(&str, &str)]) -> Context {
        Context::new(&variables.iter().copied().collect())
    }

    #[test]
    fn an_event_that_cannot_be_used_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let code = |name: &str| {
            let path = folder.path().join(name).display().to_string();
            let error = context(&[("GITHUB_EVENT_PATH", &path)]).event().unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::BadInput);
            miette::Diagnostic::code(&error).unwrap().to_string()
        };
        std::fs::write(folder.path().join("event.json"), "{\"pull_request\":").unwrap();
        assert_eq!(code("nowhere.json"), "context/event-unreadable");
        assert_eq!(code("event.json"), "context/event-not-json");
    }

    #[test]
    fn a_server_of_ones_own_is_honored() {
        let ghes = context(&[
            ("GITHUB_API_URL", "https://ghe.example/api/v3/"),
            ("GITHUB_SERVER_URL", "https://ghe.example"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_RUN_ID", "7"),
        ]);
        assert_eq!(ghes.api_url, "https://ghe.example/api/v3");
        assert_eq!(ghes.run_url().unwrap(), "https://ghe.example/o/r/actions/runs/7");
        assert_eq!(context(&[]).api_url, "https://api.github.com");
    }

    #[test]
    fn the_branch_is_the_source_of_a_pull_request_and_none_for_a_tag() {
        let pull = context(&[("GITHUB_HEAD_REF", "feature/x"), ("GITHUB_REF", "refs/pull/3/merge")]);
        assert_eq!(pull.branch(), Some("feature/x"));
        assert_eq!(pull.pull_request().unwrap(), Some(3));
        assert_eq!(context(&[("GITHUB_REF", "refs/heads/main")]).branch(), Some("main"));
        assert_eq!(context(&[("GITHUB_REF", "refs/tags/v1.0.0"), ("GITHUB_REF_NAME", "v1.0.0")]).branch(), None);
    }

    #[test]
    fn a_broken_payload_names_its_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{").unwrap();
        let error = context(&[("GITHUB_EVENT_PATH", file.path().to_str().unwrap())]).pull_request().unwrap_err();
        assert!(error.to_string().contains(file.path().to_str().unwrap()), "{error}");
    }
}
