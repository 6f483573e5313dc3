//! What can go wrong when talking to GitHub.

use actions_core::{ActionError, ExitCode};

use crate::help;

/// An error of GitHub's API, or of the way to it.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum GitHubError {
    /// The run's context names no repository. Exit code 2.
    ///
    /// `GITHUB_REPOSITORY` is not set. A runner sets it always; in a plain shell nobody does.
    #[error("the repository is not known")]
    #[diagnostic(
        code("github/no-repository"),
        help("GITHUB_REPOSITORY must hold `owner/name`; a runner sets it, in a plain shell set it yourself")
    )]
    NoRepository,
    /// The run's context names a repository that cannot be one. Exit code 2.
    ///
    /// `GITHUB_REPOSITORY` holds something else than an owner and a name, for example a whole URL.
    #[error("`{repository}` is not a repository")]
    #[diagnostic(code("github/invalid-repository"), help("GITHUB_REPOSITORY must hold `owner/name`"))]
    InvalidRepository {
        /// What was given.
        repository: String,
    },
    /// The API's address cannot be used. Exit code 2.
    ///
    /// `GITHUB_API_URL` or `GITHUB_GRAPHQL_URL` was set by hand and has no scheme or no host.
    #[error("`{url}` is not the address of an API")]
    #[diagnostic(
        code("github/invalid-api-url"),
        help(
            "GITHUB_API_URL must be an http(s) address, for example https://ghe.example.com/api/v3, and GITHUB_GRAPHQL_URL the one of GraphQL beside it"
        )
    )]
    InvalidApiUrl {
        /// What was given.
        url: String,
    },
    /// The token holds characters that no HTTP header can carry. Exit code 2.
    ///
    /// The token has a line break or other characters that no HTTP header carries: mostly a secret that was pasted with
    /// more than the token.
    #[error("the GitHub token is not a token: it holds characters that cannot be sent")]
    #[diagnostic(
        code("github/invalid-token"),
        help("pass the token alone, for example `github-token: ${{{{ github.token }}}}`")
    )]
    InvalidToken,
    /// The HTTP client cannot start. Exit code 1.
    ///
    /// The machine has no certificates to check GitHub's with: a slim container image without `ca-certificates`.
    #[error("the HTTP client for GitHub cannot start")]
    #[diagnostic(
        code("github/no-transport"),
        help("check that the machine has CA certificates (`apt-get install ca-certificates`)")
    )]
    NoTransport {
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server cannot be reached. Exit code 1.
    ///
    /// No connection could be made: no network, a proxy that is not configured, a firewall, or a wrong
    /// `GITHUB_API_URL` or `GITHUB_GRAPHQL_URL`.
    #[error("cannot {what}: `{server}` cannot be reached")]
    #[diagnostic(
        code("github/unreachable"),
        help(
            "check the network of the runner, HTTPS_PROXY, GITHUB_API_URL and GITHUB_GRAPHQL_URL; re-running the step is safe"
        )
    )]
    Unreachable {
        /// What was tried.
        what: String,
        /// The host.
        server: String,
        /// The reason.
        reason: String,
    },
    /// The server did not answer in time. Exit code 4 where something was to be changed, else 1.
    ///
    /// GitHub took the request and did not answer in time. A change may have been made or not.
    #[error("cannot {what}: `{server}` did not answer in time")]
    #[diagnostic(code("github/timed-out"), help("see https://www.githubstatus.com; re-running the step is safe"))]
    TimedOut {
        /// What was tried.
        what: String,
        /// The host.
        server: String,
        /// Whether something was to be changed.
        changes: bool,
    },
    /// The token is not valid (401). Exit code 1.
    ///
    /// The token has expired, was revoked, or belongs to another server.
    #[error("cannot {what}: GitHub does not accept the token")]
    #[diagnostic(
        code("github/unauthorized"),
        help(
            "pass a valid token, for example `github-token: ${{{{ github.token }}}}`; a job's token ends with its job, and a token of github.com is unknown to a GitHub Enterprise Server"
        )
    )]
    Unauthorized {
        /// What was tried.
        what: String,
        /// GitHub's words.
        message: String,
    },
    /// The token may not do this (403). Exit code 1.
    ///
    /// The token is valid and lacks a permission. The repository's default may be read-only, and a run of a fork never
    /// gets more.
    ///
    /// Add the line that the printed help names below `permissions:` of the job.
    #[error("cannot {what}: the token has no permission for it")]
    #[diagnostic(code("github/forbidden"), help("{}", help::forbidden(permission, message)))]
    Forbidden {
        /// What was tried.
        what: String,
        /// The line to add under `permissions:`, `contents: write`.
        permission: String,
        /// GitHub's words.
        message: String,
    },
    /// A ruleset or a protection of the repository forbids it. Exit code 1.
    ///
    /// A ruleset or a branch or tag protection of the repository does not let this token make the change.
    #[error("cannot {what}: a rule of the repository forbids it")]
    #[diagnostic(
        code("github/rule-violation"),
        help(
            "see Settings > Rules of the repository: let the workflow's token (or a GitHub App whose token you pass as `github-token`) bypass the rule"
        )
    )]
    RuleViolation {
        /// What was tried.
        what: String,
        /// GitHub's words.
        message: String,
    },
    /// The repository does not exist, or the token may not see it: GitHub answers 404 to both. Exit code 1.
    ///
    /// GitHub answers 404 both for what does not exist and for what a token may not see.
    ///
    /// Check `GITHUB_REPOSITORY`, and give the job the permission that the printed help names.
    #[error("cannot {what}: repository `{repository}` was not found, or the token may not see it")]
    #[diagnostic(code("github/repository-not-found"), help("{}", help::repository_not_found(permission)))]
    RepositoryNotFound {
        /// What was tried.
        what: String,
        /// `owner/name`.
        repository: String,
        /// The line to add under `permissions:`.
        permission: String,
    },
    /// The repository is there, but not what was asked for (404). Exit code 1.
    ///
    /// The thing was deleted, or the token may not see it: GitHub answers 404 to both.
    ///
    /// Check the number or name, and give the job the permission that the printed help names.
    #[error("cannot {what}: it was not found in `{repository}`")]
    #[diagnostic(code("github/not-found"), help("{}", help::not_found(permission)))]
    NotFound {
        /// What was tried.
        what: String,
        /// `owner/name`.
        repository: String,
        /// The line to add under `permissions:`.
        permission: String,
    },
    /// A rate limit holds for longer than we wait. Exit code 1.
    ///
    /// All requests that the token has for this hour were used, or GitHub asked to wait for longer than the step waits.
    #[error("cannot {what}: GitHub's rate limit is used up")]
    #[diagnostic(
        code("github/rate-limited"),
        help(
            "run the step again later; a job's own token has its own limit of 1000 requests an hour and repository, so check for other jobs that use the same token"
        )
    )]
    RateLimited {
        /// What was tried.
        what: String,
        /// When the limit ends, in words.
        ends: String,
    },
    /// GitHub refuses the content (400, 409, 422). Exit code 1.
    ///
    /// GitHub understood the request and does not accept its content; its own words are printed under `why`.
    ///
    /// Correct what GitHub names there, and run the step again.
    #[error("cannot {what}: GitHub does not accept it")]
    #[diagnostic(code("github/invalid"), help("fix what GitHub names above"))]
    Invalid {
        /// What was tried.
        what: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's words.
        message: String,
    },
    /// The server failed (5xx), also on every retry, or answered what no API answers. Exit code 1.
    ///
    /// GitHub failed on its side, also on every repetition.
    #[error("cannot {what}: GitHub answered {status}")]
    #[diagnostic(code("github/server"), help("see https://www.githubstatus.com; re-running the step is safe"))]
    Server {
        /// What was tried.
        what: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's words.
        message: String,
    },
    /// An answer cannot be understood. Exit code 1.
    ///
    /// The answer is no JSON, or not the JSON that the API documents: mostly a proxy's login page, or `GITHUB_API_URL`
    /// points at the web site.
    #[error("cannot {what}: the answer is not what GitHub's API answers")]
    #[diagnostic(
        code("github/unexpected-answer"),
        help("check that GITHUB_API_URL is the address of the REST API and that no proxy answers in its place")
    )]
    UnexpectedAnswer {
        /// What was tried.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl GitHubError {
    /// The HTTP status of the refusal, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { .. } => Some(401),
            Self::Forbidden { .. } => Some(403),
            Self::RepositoryNotFound { .. } | Self::NotFound { .. } => Some(404),
            Self::RateLimited { .. } => Some(429),
            Self::RuleViolation { .. } => Some(422),
            Self::Invalid { status, .. } | Self::Server { status, .. } => Some(*status),
            Self::NoRepository
            | Self::InvalidRepository { .. }
            | Self::InvalidApiUrl { .. }
            | Self::InvalidToken
            | Self::NoTransport { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::UnexpectedAnswer { .. } => None,
        }
    }
}

impl ActionError for GitHubError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRepository | Self::InvalidRepository { .. } | Self::InvalidApiUrl { .. } | Self::InvalidToken => {
                ExitCode::BadInput
            }
            Self::TimedOut { changes: true, .. } => ExitCode::TimedOut,
            Self::TimedOut { changes: false, .. }
            | Self::NoTransport { .. }
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::RuleViolation { .. }
            | Self::RepositoryNotFound { .. }
            | Self::NotFound { .. }
            | Self::RateLimited { .. }
            | Self::Invalid { .. }
            | Self::Server { .. }
            | Self::UnexpectedAnswer { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Unreachable { reason, .. } | Self::UnexpectedAnswer { reason, .. } => Some(reason.clone()),
            Self::RateLimited { ends, .. } => Some(ends.clone()),
            Self::Unauthorized { message, .. }
            | Self::Forbidden { message, .. }
            | Self::RuleViolation { message, .. }
            | Self::Invalid { message, .. }
            | Self::Server { message, .. } => Some(format!("GitHub says: {message}")),
            Self::NoTransport { source } => Some(source.to_string()),
            Self::TimedOut { changes: true, .. } => {
                Some("the call was sent, so it is not known whether it was executed".to_owned())
            }
            Self::RepositoryNotFound { .. } | Self::NotFound { .. } => {
                Some("GitHub answers 404 both for what does not exist and for what a token may not see".to_owned())
            }
            Self::NoRepository
            | Self::InvalidRepository { .. }
            | Self::InvalidApiUrl { .. }
            | Self::InvalidToken
            | Self::TimedOut { changes: false, .. } => None,
        }
    }
}
