//! The client: one repository, one token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actions_core::{Context, Log};
use loopback::Pace;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::error::GitHubError;
use crate::retry::Retries;
use crate::transport::Transport;

/// How tokens of GitHub Apps begin, the job's own token included.
const APP_TOKEN: &str = "ghs_";

/// A client of GitHub's API for one repository: REST, and GraphQL for what REST cannot do.
#[derive(Clone)]
pub struct GitHub {
    pub(crate) octocrab: Octocrab,
    /// The API's root, `https://api.github.com` or `https://ghe.example.com/api/v3`.
    pub(crate) root: Url,
    /// The GraphQL API.
    pub(crate) graphql: Url,
    /// `owner/name`.
    pub(crate) repository: String,
    /// Whether the token is one of a GitHub App, which has no user.
    pub(crate) app_token: bool,
    pub(crate) retries: Retries,
    pub(crate) pace: Pace,
    pub(crate) log: Option<Log>,
    /// Whether the repository has answered: then a 404 is about something in it.
    seen: Arc<AtomicBool>,
}

impl GitHub {
    /// A client for the repository and the API of `context`. To be made inside a tokio runtime.
    pub fn new(context: &Context, token: &SecretString) -> Result<Self, GitHubError> {
        let repository = context.repository.clone().ok_or(GitHubError::NoRepository)?;
        if !is_repository(&repository) {
            return Err(GitHubError::InvalidRepository { repository });
        }
        let pace = Pace::towards(&context.api_url);
        let api = root(&context.api_url)?;
        let transport = Transport::new(&api, token, pace)?;
        let builder = OctocrabBuilder::new_empty().with_service(transport).with_auth(AuthState::None);
        let octocrab = match builder.build() {
            Ok(octocrab) => octocrab,
            Err(never) => match never {},
        };
        Ok(Self {
            octocrab,
            root: api,
            graphql: root(&context.graphql_url)?,
            repository,
            app_token: token.expose_secret().starts_with(APP_TOKEN),
            retries: Retries::default(),
            pace,
            log: None,
            seen: Arc::default(),
        })
    }

    /// The same client, which says in `log` when it waits, and there in the debug lines what it asks.
    #[must_use]
    pub fn log_to(mut self, log: &Log) -> Self {
        self.log = Some(log.clone());
        self
    }

    /// The same client for another repository, `owner/name`, of the same server.
    pub fn of_repository(&self, repository: &str) -> Result<Self, GitHubError> {
        if !is_repository(repository) {
            return Err(GitHubError::InvalidRepository { repository: repository.to_owned() });
        }
        Ok(Self { repository: repository.to_owned(), seen: Arc::default(), ..self.clone() })
    }

    /// The repository, `owner/name`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The path's segments of something in the repository.
    pub(crate) fn path(&self, segments: &[&str]) -> Vec<String> {
        let repository = self.repository.split('/');
        std::iter::once("repos").chain(repository).chain(segments.iter().copied()).map(str::to_owned).collect()
    }

    /// Whether the repository has answered before.
    pub(crate) fn has_seen_repository(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    /// Notes that the repository has answered.
    pub(crate) fn saw_repository(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let root = self.root.as_str();
        f.debug_struct("GitHub").field("root", &root).field("repository", &self.repository).finish_non_exhaustive()
    }
}

fn root(api_url: &str) -> Result<Url, GitHubError> {
    let url = Url::parse(api_url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| GitHubError::InvalidApiUrl { url: api_url.to_owned() })
}

/// Whether `text` is `owner/name` in the characters GitHub allows; so it can name no other path of the API.
fn is_repository(text: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

#[cfg(test)]
mod tests;
