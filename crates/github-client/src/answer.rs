//! One answer of the API.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A rate limit that an answer announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// It ends after this time.
    Ends(Duration),
    /// It does not say when it ends.
    Unannounced,
}

#[derive(Deserialize)]
struct Problem {
    message: Option<String>,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    /// What GitHub says about a refusal: its `message` and the messages of its `errors`.
    pub(crate) fn message(&self) -> String {
        let Ok(problem) = serde_json::from_str::<Problem>(&self.body) else {
            return self.status.canonical_reason().unwrap_or("no message").to_owned();
        };
        let details = problem.errors.iter().filter_map(|error| {
            error.as_str().or_else(|| error.get("message")?.as_str()).or_else(|| error.get("code")?.as_str())
        });
        let mut parts: Vec<&str> = problem.message.iter().map(|message| message.trim()).collect();
        for detail in details {
            if !parts.iter().any(|part| part.contains(detail)) {
                parts.push(detail);
            }
        }
        if parts.is_empty() { "no message".to_owned() } else { parts.join(": ") }
    }

    /// The rate limit this answer is about, seen at `now` (seconds since 1970).
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
    pub(crate) fn limit(&self, now: u64) -> Option<Limit> {
        let limited = match self.status {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::FORBIDDEN => {
                self.number("retry-after").is_some()
                    || self.number("x-ratelimit-remaining") == Some(0)
                    || self.message().to_lowercase().contains("rate limit")
            }
            _ => false,
        };
        limited.then(|| self.limit_end(now))
    }

    fn limit_end(&self, now: u64) -> Limit {
        if let Some(seconds) = self.number("retry-after") {
            return Limit::Ends(Duration::from_secs(seconds));
        }
        match (self.number("x-ratelimit-remaining"), self.number("x-ratelimit-reset")) {
            // One second more, because the reset is told in whole seconds.
            (Some(0), Some(reset)) => Limit::Ends(Duration::from_secs(reset.saturating_sub(now).saturating_add(1))),
            _ => Limit::Unannounced,
        }
    }
}

#[cfg(test)]
mod tests;
