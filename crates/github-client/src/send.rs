//! Sending a call: address, retries, pauses, pages.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::request::Builder;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;
use url::Url;

use crate::answer::Answer;
use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;
use crate::pages::next_page;
use crate::refusal::explain;
use crate::retry::{Attempt, Pause, Progress};

/// The most pages of one list: 100,000 items. A list that never ends is a broken server.
const MAX_PAGES: usize = 1000;

/// The most that one answer may hold. The longest real one, a hundred comments of the greatest length, has some 30 MiB.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The most that all pages of a list may hold.
const LONGEST_LIST: usize = 4 * LONGEST_ANSWER;

/// Pauses from this length on are worth a line in the log.
const NOTEWORTHY: Duration = Duration::from_secs(2);

/// Why there is no answer.
enum NoAnswer {
    /// There was no connection; the text says why.
    NotSent(String),
    /// The connection broke; the text says why.
    Broken(String),
    /// It took too long.
    TimedOut,
    /// The call itself cannot be made, or its answer cannot be read; the text says why.
    Impossible(String),
}

impl GitHub {
    /// Sends `call` and reads the JSON of its answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T, GitHubError> {
        parse(call, &self.send(call).await?)
    }

    /// The same at another address than that of its path.
    pub(crate) async fn json_from<T: DeserializeOwned>(&self, call: &Call, url: &Url) -> Result<T, GitHubError> {
        parse(call, &self.send_to(call, url).await?)
    }

    /// Sends `call` and reads the items of all its pages.
    pub(crate) async fn list<T: DeserializeOwned>(&self, call: &Call) -> Result<Vec<T>, GitHubError> {
        let mut answer = self.send(call).await?;
        let mut items: Vec<T> = parse(call, &answer)?;
        let mut length = answer.body.len();
        let mut asked = HashSet::from([self.address(call)]);
        while asked.len() < MAX_PAGES && length < LONGEST_LIST {
            let Some(next) = next_page(&answer) else { return Ok(items) };
            let url = self.root.join(&next).map_err(|error| unexpected(call, &error))?;
            if url.origin() != self.root.origin() {
                return Err(unexpected(call, &"the next page is on another server"));
            }
            if !asked.insert(url.clone()) {
                return Err(unexpected(call, &"its pages lead in a circle"));
            }
            answer = self.send_to(call, &url).await?;
            length += answer.body.len();
            items.extend(parse::<Vec<T>>(call, &answer)?);
        }
        Err(unexpected(call, &"the list has no end"))
    }

    /// Sends `call`; every answer but a success is an error.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, GitHubError> {
        self.send_to(call, &self.address(call)).await
    }

    /// Sends `call`; a 404 about something in a repository that is there is `None`.
    pub(crate) async fn find<T: DeserializeOwned>(&self, call: &Call) -> Result<Option<T>, GitHubError> {
        match self.json(call).await {
            Ok(found) => Ok(Some(found)),
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(GitHubError::RepositoryNotFound { .. }) => {
                let repository = Call::get(call.what.clone(), self.path(&[]), Permission::ReadContents);
                self.send(&repository).await.map(|_| None)
            }
            Err(error) => Err(error),
        }
    }

    fn address(&self, call: &Call) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
    }

    async fn send_to(&self, call: &Call, url: &Url) -> Result<Answer, GitHubError> {
        let mut waited = Duration::ZERO;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let result = self.send_once(call, url).await;
            let now = now();
            let seen = match &result {
                Ok(answer) if answer.status.is_success() => {
                    self.saw_repository();
                    return result.map_err(|reason| no_answer_from(call, url, reason));
                }
                Ok(answer) => Some(Attempt::Refused(answer)),
                Err(NoAnswer::NotSent(_)) => Some(Attempt::NotSent),
                Err(NoAnswer::Broken(_) | NoAnswer::TimedOut) => Some(Attempt::Broken),
                Err(NoAnswer::Impossible(_)) => None,
            };
            let progress = Progress { attempt, waited, now };
            let Some(pause) = seen.and_then(|seen| self.retries.pause(seen, call.repeat, progress)) else {
                return match result {
                    Ok(answer) => Err(explain(call, &answer, &self.repository, self.has_seen_repository(), now)),
                    Err(reason) => Err(no_answer_from(call, url, reason)),
                };
            };
            waited += self.sleep(call, pause).await;
        }
    }

    /// Pauses, and returns the time that counts as waiting for a rate limit.
    async fn sleep(&self, call: &Call, pause: Pause) -> Duration {
        let (length, reason, counted) = match pause {
            Pause::Backoff(length) => (length, "GitHub is not well", Duration::ZERO),
            Pause::Limited(length) => (length, "GitHub's rate limit is used up", length),
        };
        if let Some(log) = &self.log
            && length >= NOTEWORTHY
        {
            log.line(format!("{reason}: waiting {} s to {}", length.as_secs(), call.what));
        }
        tokio::time::sleep(self.pace.of(length)).await;
        counted
    }

    async fn send_once(&self, call: &Call, url: &Url) -> Result<Answer, NoAnswer> {
        let builder: Builder = Request::builder().method(call.method.clone()).uri(url.as_str());
        let request = self
            .octocrab
            .build_request(builder, call.body.as_ref())
            .map_err(|error| NoAnswer::Impossible(error.to_string()))?;
        let response = self.octocrab.execute(request).await.map_err(|error| no_answer(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response).await?;
        let answer = Answer { status, headers, body };
        if let Some(log) = &self.log {
            let id = answer.header("x-github-request-id").unwrap_or("-");
            log.debug(format!("{} {} -> {} (request {id})", call.method, url.path(), status.as_u16()));
        }
        Ok(answer)
    }
}

/// The error of a call that `url` does not answer.
fn no_answer_from(call: &Call, url: &Url, reason: NoAnswer) -> GitHubError {
    let (what, server) = (call.what.clone(), url.host_str().unwrap_or_default().to_owned());
    match reason {
        NoAnswer::NotSent(reason) | NoAnswer::Broken(reason) => GitHubError::Unreachable { what, server, reason },
        NoAnswer::TimedOut => GitHubError::TimedOut { what, server, changes: call.permission.writes() },
        NoAnswer::Impossible(reason) => GitHubError::UnexpectedAnswer { what, reason },
    }
}

/// Reads a body of at most [`LONGEST_ANSWER`] bytes. A compressed one, which we never ask for, is not unpacked.
async fn read(response: Response<BoxBody<Bytes, octocrab::Error>>) -> Result<String, NoAnswer> {
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        return Err(NoAnswer::Impossible(format!("it is compressed ({})", encoding.to_str().unwrap_or("?"))));
    }
    let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
    let body = body.map_err(|error| match error.downcast::<octocrab::Error>() {
        Ok(error) => no_answer(&error),
        Err(_) => NoAnswer::Impossible(format!("it has more than {LONGEST_ANSWER} bytes")),
    })?;
    String::from_utf8(body.to_bytes().into()).map_err(|_| NoAnswer::Impossible("it is no UTF-8".to_owned()))
}

/// Sorts a transport error by what is known of the call.
fn no_answer(error: &octocrab::Error) -> NoAnswer {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut innermost = String::new();
    let mut kind = None;
    while let Some(current) = cause {
        if let (None, Some(found)) = (&kind, current.downcast_ref::<reqwest::Error>()) {
            kind = Some((found.is_connect(), found.is_timeout()));
        }
        innermost = current.to_string();
        cause = current.source();
    }
    match kind {
        Some((true, _)) => NoAnswer::NotSent(innermost),
        Some((false, true)) => NoAnswer::TimedOut,
        _ => NoAnswer::Broken(innermost),
    }
}

fn parse<T: DeserializeOwned>(call: &Call, answer: &Answer) -> Result<T, GitHubError> {
    serde_json::from_str(&answer.body).map_err(|error| unexpected(call, &error))
}

fn unexpected(call: &Call, reason: &dyn std::fmt::Display) -> GitHubError {
    GitHubError::UnexpectedAnswer { what: call.what.clone(), reason: reason.to_string() }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
