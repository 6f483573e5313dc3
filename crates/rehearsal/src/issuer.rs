//! The issuer of the jobs' OIDC tokens: what GitHub would write into each
//! (<https://docs.github.com/en/actions/reference/security/oidc>).

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};
use testkit::FakeOidc;
use testkit::http::Request;

use crate::checkout::{Change, PULL_REQUEST};
use crate::config::{Config, Event, Run};
use crate::error::Error;
use crate::permissions::{Grant, request_token, request_url};

/// The repository that tokens are about.
#[derive(Debug, Clone)]
struct Repository {
    /// `owner/name`.
    name: String,
    /// The owner's and the repository's number, where subjects name them.
    ids: Option<(String, String)>,
}

/// The run that tokens are about.
#[derive(Debug, Clone, Default)]
struct About {
    event: &'static str,
    git_ref: String,
    base: String,
    head: String,
    sha: String,
    workflow: String,
}

/// A running issuer.
#[derive(Debug)]
pub(crate) struct Issuer {
    server: FakeOidc,
    about: Arc<Mutex<About>>,
}

impl Issuer {
    /// Starts the issuer for the repository of `config`.
    pub(crate) fn start(config: &Config) -> Result<Self, Error> {
        let ids = config.oidc.ids().map(|(owner, name)| (owner.to_owned(), name.to_owned()));
        let repository = Repository { name: config.repository.clone(), ids };
        let about = Arc::new(Mutex::new(About::default()));
        let current = Arc::clone(&about);
        let server = FakeOidc::builder()
            .claims_for(move |request| {
                claims(&repository, &current.lock().unwrap_or_else(PoisonError::into_inner), request)
            })
            .start()
            .map_err(|error| Error::Server { what: "the OIDC stand-in", reason: error.to_string() })?;
        Ok(Self { server, about })
    }

    /// Says which run the tokens are about from now on.
    pub(crate) fn now(&self, run: &Run, change: &Change) {
        let pull = run.event == Event::PullRequest;
        let only_pull = |text: &str| if pull { text.to_owned() } else { String::new() };
        *self.about.lock().unwrap_or_else(PoisonError::into_inner) = About {
            event: run.event.name(),
            git_ref: if pull {
                format!("refs/pull/{PULL_REQUEST}/merge")
            } else {
                format!("refs/heads/{}", change.branch)
            },
            base: only_pull(&run.branch),
            head: only_pull(&change.branch),
            sha: change.head.clone(),
            workflow: run.workflow.clone(),
        };
    }

    /// The variables of the jobs that may have a token, for every step.
    pub(crate) fn env(&self, grants: &[Grant]) -> Vec<(String, String)> {
        vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL".to_owned(), request_url(&self.server.request_url(), grants)),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN".to_owned(), request_token(self.server.request_token(), grants)),
        ]
    }
}

/// What the token says that `request` asks for.
fn claims(repository: &Repository, about: &About, request: &Request) -> Map<String, Value> {
    let (owner, name) = repository.name.split_once('/').unwrap_or(("local", &repository.name));
    let (owner_id, id) = repository.ids.as_ref().map_or(("1", "2"), |(owner, id)| (owner, id));
    let asked = |name: &str| request.query_value(name).filter(|value| !value.is_empty());
    let environment = asked("environment");
    let full = match &repository.ids {
        Some((owner_id, id)) => format!("{owner}@{owner_id}/{name}@{id}"),
        None => repository.name.clone(),
    };
    let context = match &environment {
        Some(environment) => format!("environment:{}", environment.replace(':', "%3A")),
        None if about.event == "pull_request" => "pull_request".to_owned(),
        None => format!("ref:{}", about.git_ref),
    };
    let file = format!("{}/.github/workflows/{}@{}", repository.name, about.workflow, about.git_ref);
    let all = json!({
        "sub": format!("repo:{full}:{context}"),
        "repository": repository.name, "repository_id": id,
        "repository_owner": owner, "repository_owner_id": owner_id,
        "ref": about.git_ref, "ref_type": "branch", "sha": about.sha,
        "base_ref": about.base, "head_ref": about.head,
        "event_name": about.event, "actor": owner,
        "workflow_ref": file, "job_workflow_ref": file,
    });
    let mut claims = all.as_object().cloned().unwrap_or_default();
    if let Some(environment) = environment {
        claims.insert("environment".to_owned(), environment.into());
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(ids: Option<(&str, &str)>, event: &'static str, query: &str) -> String {
        let repository =
            Repository { name: "acme/shop".to_owned(), ids: ids.map(|(owner, id)| (owner.to_owned(), id.to_owned())) };
        let about = About { event, git_ref: "refs/heads/main".to_owned(), ..About::default() };
        let request = Request {
            method: "GET".into(),
            path: "/idtoken".into(),
            query: Some(query.to_owned()),
            headers: http::HeaderMap::new(),
            body: Vec::new().into(),
        };
        claims(&repository, &about, &request)["sub"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_subject_names_the_environment_or_else_the_ref() {
        assert_eq!(subject(None, "push", "job=a"), "repo:acme/shop:ref:refs/heads/main");
        assert_eq!(subject(None, "pull_request", "job=a&environment="), "repo:acme/shop:pull_request");
        assert_eq!(subject(None, "push", "environment=a%3Ab"), "repo:acme/shop:environment:a%3Ab");
    }

    #[test]
    fn immutable_ids_stand_behind_the_names() {
        let sub = subject(Some(("12", "34")), "push", "environment=production");
        assert_eq!(sub, "repo:acme@12/shop@34:environment:production");
    }
}
