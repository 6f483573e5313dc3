//! The client against a stateful stand-in of GitHub.
#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod bombs;
mod comments;
mod contract;
mod git_data;
mod history;
mod objects;
mod policies;
mod releases;
mod tags;

use actions_core::{CancellationToken, Context};
use github_client::{CreateTag, GitHub, GitHubError, NewTag};
use testkit::FakeGitHub;

const REPOSITORY: &str = "acme/shop";
const SHA: &str = testkit::runner::SHA;
const OTHER: &str = "badc0de0badc0de0badc0de0badc0de0badc0de0";

/// A client of `server` with `token`.
fn client_with(server: &FakeGitHub, token: &str) -> GitHub {
    let variables = [("GITHUB_REPOSITORY", REPOSITORY.to_owned()), ("GITHUB_API_URL", server.api_url())];
    GitHub::new(&Context::new(&variables.into_iter().collect()), &token.into()).unwrap()
}

/// A client of `server`.
fn client(server: &FakeGitHub) -> GitHub {
    client_with(server, server.token())
}

/// A tag without an object of its own.
fn lightweight<'a>(name: &'a str, sha: &'a str) -> NewTag<'a> {
    NewTag { name, sha, message: None }
}

/// Creates a tag in a run that nobody cancels.
async fn create(github: &GitHub, tag: NewTag<'_>) -> Result<CreateTag, GitHubError> {
    github.create_tag(tag, &CancellationToken::new()).await
}

/// The requests `server` got, each as `GET /path`.
fn lines(server: &FakeGitHub) -> Vec<String> {
    server.requests().iter().map(testkit::http::Request::line).collect()
}
