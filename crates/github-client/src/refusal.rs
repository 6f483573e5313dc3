//! From an answer that is no success to the error that explains it.

use http::StatusCode;

use crate::answer::{Answer, Limit};
use crate::call::Call;
use crate::error::GitHubError;

/// The error for `answer` to `call`. `seen` says whether the repository answered before, which tells two kinds of 404 apart.
pub(crate) fn explain(call: &Call, answer: &Answer, repository: &str, seen: bool, now: u64) -> GitHubError {
    let what = call.what.clone();
    let message = answer.message();
    let permission = call.permission.to_string();
    if let Some(limit) = answer.limit(now) {
        return GitHubError::RateLimited { what, ends: ends(limit) };
    }
    match answer.status {
        StatusCode::UNAUTHORIZED => GitHubError::Unauthorized { what, message },
        StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT if is_rule(&message) => {
            GitHubError::RuleViolation { what, message }
        }
        StatusCode::FORBIDDEN => GitHubError::Forbidden { what, permission, message },
        StatusCode::NOT_FOUND | StatusCode::GONE if seen => {
            GitHubError::NotFound { what, repository: repository.to_owned(), permission }
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            GitHubError::RepositoryNotFound { what, repository: repository.to_owned(), permission }
        }
        status if status.is_client_error() => GitHubError::Invalid { what, status: status.as_u16(), message },
        status => GitHubError::Server { what, status: status.as_u16(), message },
    }
}

/// Whether a refusal comes from a ruleset, a protected tag or a protected branch.
fn is_rule(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("rule violation")
        || message.contains("protected tag")
        || message.contains("creations being restricted")
}

fn ends(limit: Limit) -> String {
    match limit {
        Limit::Ends(pause) => format!("it ends in {} s, which is longer than a step should wait", pause.as_secs()),
        Limit::Unannounced => "GitHub does not say when it ends".to_owned(),
    }
}

#[cfg(test)]
mod tests;
