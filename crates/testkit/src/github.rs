//! A small stateful stand-in of GitHub's REST API: refs and tags, comments, pulls, commits, trees, contents, releases,
//! deployments, check runs, labels and dispatched events of a repository; and of GraphQL the mutation that hides a comment and the
//! question for the pull requests of commits.
//!
//! It answers with every property GitHub's OpenAPI document requires. With the feature `openapi`, which every test that uses
//! the stand-in has, each exchange is checked against that document: a path it does not list, a query, a request body or an answer
//! of another form fails the test when the stand-in is dropped. Where npm cannot provide the document,
//! the test says `SKIPPED` once. Requests that a fault answers are checked, the fault's answers are not. It does not implement permissions beyond
//! [`FakeGitHub::deny`], searches or webhooks.

mod checks;
mod comments;
mod commits;
#[cfg(feature = "openapi")]
mod contract;
mod deployments;
mod dispatches;
mod git_data;
mod graphql;
mod labels;
mod objects;
mod page;
mod pulls;
mod refs;
mod releases;
mod reply;
mod reviews;
mod route;
mod runs;
mod seed;
mod shapes;
mod state;
mod tags;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use state::State;
pub use state::{Commit, Pull};

use crate::fault::{Fault, Faults};
use crate::http::{Exchange, Request};
use crate::server::{Server, StartError, blocking};

/// The token which a default [`FakeGitHub`] expects.
pub const TOKEN: &str = "ghs_testkit";

/// The repository that exists by default.
pub const REPOSITORY: &str = "acme/shop";

/// A running GitHub stand-in.
#[derive(Debug)]
pub struct FakeGitHub {
    server: Server,
    state: Arc<Mutex<State>>,
    token: String,
    prefix: &'static str,
    #[cfg(feature = "openapi")]
    contract: Arc<contract::Contract>,
}

/// Sets how a [`FakeGitHub`] behaves.
#[derive(Debug)]
pub struct FakeGitHubBuilder {
    token: String,
    repositories: Vec<String>,
    prefix: &'static str,
}

impl FakeGitHub {
    /// Starts a stand-in with the repository `acme/shop`, whose `main` is at [`crate::runner::SHA`].
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Sets the behavior first.
    pub fn builder() -> FakeGitHubBuilder {
        FakeGitHubBuilder { token: TOKEN.to_owned(), repositories: Vec::new(), prefix: "" }
    }

    /// Returns the server's address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the value of `GITHUB_API_URL`.
    pub fn api_url(&self) -> String {
        format!("{}{}", self.server.url(), self.prefix)
    }

    /// Returns the value of `GITHUB_GRAPHQL_URL`. A runner sets it to GitHub's own: who changes one of the two changes both.
    pub fn graphql_url(&self) -> String {
        format!("{}{}", self.server.url(), route::graphql_path(self.prefix))
    }

    /// Returns the token requests must carry.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Refuses matching requests with 403 "Resource not accessible by integration" until the faults are cleared.
    /// The path pattern is that of [`Fault::on`].
    pub fn deny(&self, method: &str, path: &str) {
        let refusal = reply::error(403, "Resource not accessible by integration");
        self.faults().add(Fault::reply(refusal).on(method, path).always());
    }

    /// Refuses the next request because the rate limit is used up until `reset` from now.
    pub fn rate_limit(&self, reset: Duration) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let refusal = reply::error(403, "API rate limit exceeded for installation ID 1.")
            .with_header("x-ratelimit-limit", "5000")
            .with_header("x-ratelimit-remaining", "0")
            .with_header("x-ratelimit-used", "5000")
            .with_header("x-ratelimit-reset", (now + reset).as_secs().to_string());
        self.faults().add(Fault::reply(refusal));
    }

    /// Returns all refs of a repository and the object each points at.
    pub fn refs(&self, repository: &str) -> BTreeMap<String, String> {
        self.read(repository, |found| found.refs.clone())
    }

    /// Returns the commit a tag leads to, through an annotated tag object where there is one.
    pub fn tag(&self, repository: &str, name: &str) -> Option<String> {
        self.read(repository, |found| found.peel(&format!("refs/tags/{name}")))
    }

    /// Returns the message of an annotated tag; `None` for a lightweight one.
    pub fn tag_message(&self, repository: &str, name: &str) -> Option<String> {
        self.read(repository, |found| {
            let object = found.refs.get(&format!("refs/tags/{name}"))?;
            found.tag_objects.get(object).map(|tag| tag.message.clone())
        })
    }

    /// Returns the comments of an issue or pull request, oldest first.
    pub fn comments(&self, repository: &str, issue: u64) -> Vec<Value> {
        self.read(repository, |found| comments::of_issue(found, issue))
    }

    /// Returns as what a comment is hidden, such as `OUTDATED`; `None` where it is shown.
    pub fn hidden(&self, comment: u64) -> Option<String> {
        self.lock().minimized.get(&comment).cloned()
    }

    /// Returns a pull request as the API shows it.
    pub fn pull(&self, repository: &str, number: u64) -> Option<Value> {
        let state = self.lock();
        let found = state.repository(repository)?;
        Some(pulls::shape(&state.links, found, found.pulls.get(&number)?))
    }

    /// Returns the releases, oldest first.
    pub fn releases(&self, repository: &str) -> Vec<Value> {
        self.read(repository, |found| found.releases.clone())
    }

    /// Returns the id of the release that was made the latest one.
    pub fn latest_release(&self, repository: &str) -> Option<u64> {
        self.read(repository, |found| found.latest)
    }

    /// Returns the events that were sent to start workflows, oldest first.
    pub fn dispatches(&self, repository: &str) -> Vec<Value> {
        self.read(repository, |found| found.dispatches.clone())
    }

    /// Returns the files of the commit that a branch, a tag or a hash stands for, by path.
    pub fn files(&self, repository: &str, reference: &str) -> BTreeMap<String, String> {
        self.read(repository, |found| git_data::files(found, reference))
    }

    /// Returns the commit that a branch, a tag or a hash stands for.
    pub fn commit(&self, repository: &str, reference: &str) -> Option<Commit> {
        self.read(repository, |found| found.commit(reference).cloned())
    }

    /// Returns all pull requests as the API shows them, by number.
    pub fn pulls(&self, repository: &str) -> Vec<Value> {
        let state = self.lock();
        let Some(found) = state.repository(repository) else { return Vec::new() };
        found.pulls.values().map(|pull| pulls::shape(&state.links, found, pull)).collect()
    }

    /// Returns the deployments, oldest first.
    pub fn deployments(&self, repository: &str) -> Vec<Value> {
        self.read(repository, |found| found.deployments.clone())
    }

    /// Returns the statuses of a deployment, oldest first.
    pub fn deployment_statuses(&self, repository: &str, deployment: u64) -> Vec<Value> {
        self.read(repository, |found| found.deployment_statuses.get(&deployment).cloned().unwrap_or_default())
    }

    /// Returns the check runs, oldest first.
    pub fn check_runs(&self, repository: &str) -> Vec<Value> {
        self.read(repository, |found| found.check_runs.clone())
    }

    /// Returns the names of an issue's labels.
    pub fn labels(&self, repository: &str, issue: u64) -> Vec<String> {
        self.read(repository, |found| found.labels.get(&issue).cloned().unwrap_or_default())
    }

    /// Returns the recorded requests.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Returns the recorded requests with their answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.server.exchanges()
    }

    /// Declares that this test sends requests GitHub does not describe, to see them refused. Answers are checked all the same.
    #[cfg(feature = "openapi")]
    pub fn allow_bad_requests(&self) {
        self.contract.allow_bad_requests();
    }

    /// Returns and forgets what broke GitHub's description.
    #[cfg(feature = "openapi")]
    pub fn violations(&self) -> Vec<String> {
        self.contract.take()
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }

    /// Returns the faults of this server.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    fn read<T: Default>(&self, repository: &str, read: impl FnOnce(&state::Repository) -> T) -> T {
        self.lock().repository(repository).map(read).unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "openapi")]
impl Drop for FakeGitHub {
    fn drop(&mut self) {
        self.contract.assert_kept();
    }
}

impl FakeGitHubBuilder {
    /// Expects this token instead of [`TOKEN`].
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// Makes a repository (`owner/name`) exist besides [`REPOSITORY`].
    #[must_use]
    pub fn repository(mut self, name: &str) -> Self {
        self.repositories.push(name.to_owned());
        self
    }

    /// Serves below `/api/v3`, as GitHub Enterprise Server does.
    #[must_use]
    pub fn ghes(mut self) -> Self {
        self.prefix = "/api/v3";
        self
    }

    /// Starts the server.
    pub fn start(self) -> Result<FakeGitHub, StartError> {
        let Self { token, repositories, prefix } = self;
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let expected = token.clone();
        #[cfg(feature = "openapi")]
        let contract = Arc::new(contract::Contract::open());
        #[cfg(feature = "openapi")]
        let checked = Arc::clone(&contract);
        let server = Server::start_with(|address| {
            let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            state.links = shapes::Links::new(&format!("http://{address}"), prefix);
            drop(state);
            let access = route::Access { token: expected, prefix };
            blocking(move |request| {
                let reply = route::answer(&access, &mut shared.lock().unwrap_or_else(PoisonError::into_inner), request);
                #[cfg(feature = "openapi")]
                checked.exchange(request, &reply);
                reply
            })
        })?;
        #[cfg(feature = "openapi")]
        {
            let unanswered = Arc::clone(&contract);
            server.watch_faults(move |request| unanswered.request(request));
        }
        let github = FakeGitHub {
            server,
            state,
            token,
            prefix,
            #[cfg(feature = "openapi")]
            contract,
        };
        github.add_ref(REPOSITORY, "refs/heads/main", crate::runner::SHA);
        for repository in &repositories {
            github.add_repository(repository);
        }
        Ok(github)
    }
}

#[cfg(test)]
mod tests;
