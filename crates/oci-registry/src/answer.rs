//! Reading answers: bodies with a limit, and error bodies as typed errors.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use image_ref::{Digest, Reference};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// The longest manifest we take; ECR's own limit, and the one the specification recommends.
pub(crate) const LONGEST_MANIFEST: usize = 4 * 1024 * 1024;

/// How much of an error body is read.
const LONGEST_PROBLEM: usize = 64 * 1024;

/// How much of a registry's words is shown.
const LONGEST_MESSAGE: usize = 500;

/// How long a body may rest.
pub(crate) const REST: Duration = Duration::from_mins(1);

/// How long a manifest, a token or an error may take as a whole.
const WHOLE: Duration = Duration::from_mins(2);

/// What a request was about, for the error that may come of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// An upload that was begun.
    Upload,
    /// A manifest.
    Manifest(&'a Reference),
    /// A blob.
    Blob(&'a Digest),
    /// The tags of a repository.
    Listing,
}

#[derive(Deserialize, Default)]
struct Problems {
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// The error an answer stands for.
pub(crate) async fn refusal(endpoint: &Endpoint, call: &Call<'_>, response: Response) -> Error {
    let status = response.status();
    let retry_after = retry_after(&response);
    let body = read(endpoint, response, LONGEST_PROBLEM).await.unwrap_or_default();
    let problem = problem(&body);
    let (registry, repository) = (endpoint.to_string(), call.repository.as_str().to_owned());
    let message = problem.message;
    match (status, problem.code.as_str(), call.subject) {
        (_, "NAME_UNKNOWN", _) => Error::NameUnknown { registry, repository },
        (_, "BLOB_UPLOAD_UNKNOWN", _)
        | (StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE, _, Subject::Upload) => {
            let problem = if message.is_empty() { format!("it answered {status}") } else { message };
            Error::UploadLost { registry, repository, problem }
        }
        (_, "TAG_INVALID", Subject::Manifest(tag)) => tag_refused(repository, tag, message),
        (_, "MANIFEST_UNKNOWN", Subject::Manifest(reference))
        | (StatusCode::NOT_FOUND, _, Subject::Manifest(reference)) => {
            Error::ManifestUnknown { registry, repository, reference: reference.to_string() }
        }
        (_, "BLOB_UNKNOWN", Subject::Blob(digest)) | (StatusCode::NOT_FOUND, "", Subject::Blob(digest)) => {
            Error::BlobUnknown { registry, repository, digest: digest.clone() }
        }
        (StatusCode::UNAUTHORIZED, ..) | (_, "UNAUTHORIZED", _) => Error::Unauthorized { registry, message },
        (StatusCode::FORBIDDEN, ..) | (_, "DENIED", _) => Error::Denied { registry, repository, message },
        (status, code, _) => Error::Service {
            registry,
            repository,
            status: status.as_u16(),
            code: code.to_owned(),
            message,
            retry_after,
        },
    }
}

/// Our tags always follow the grammar, so a tag that is refused is one that may not be taken. ECR has the one code for
/// both and tells only by its words which of them it is.
fn tag_refused(repository: String, tag: &Reference, message: String) -> Error {
    let tag = tag.to_string();
    if message.contains("immutable") || message.contains("already exists") {
        Error::TagImmutable { repository, tag, message }
    } else {
        Error::TagInvalid { repository, tag, message }
    }
}

/// The first error of a body; a body of another form gives no code, and its first line as the message.
fn problem(body: &[u8]) -> Problem {
    let parsed = serde_json::from_slice::<Problems>(body).ok().and_then(|problems| problems.errors.into_iter().next());
    let mut problem = parsed.unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        let line = text.lines().next().unwrap_or_default().trim();
        // A proxy's HTML page says nothing a person could use.
        let message = if line.starts_with('<') { String::new() } else { line.to_owned() };
        Problem { code: String::new(), message }
    });
    problem.message = problem.message.chars().take(LONGEST_MESSAGE).collect();
    problem.code = problem.code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    problem
}

fn retry_after(response: &Response) -> Option<Duration> {
    let header = response.headers().get(reqwest::header::RETRY_AFTER)?;
    wait_until(header.to_str().ok()?.trim(), SystemTime::now())
}

/// What a `Retry-After` says: seconds, or the date of the end of the wait
/// (<https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>). A date that has passed asks for no wait.
fn wait_until(text: &str, now: SystemTime) -> Option<Duration> {
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok().map(|date| date.duration_since(now).unwrap_or_default()),
    }
}

/// Reads a body of at most `limit` bytes, as a whole in [`WHOLE`].
pub(crate) async fn read(endpoint: &Endpoint, response: Response, limit: usize) -> Result<Bytes, Error> {
    let stalled = Error::Stalled { registry: endpoint.to_string(), after: WHOLE, writes: false };
    tokio::time::timeout(endpoint.pace().of(WHOLE), read_all(endpoint, response, limit)).await.unwrap_or(Err(stalled))
}

async fn read_all(endpoint: &Endpoint, mut response: Response, limit: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(piece) = next_piece(endpoint, &mut response).await? {
        if body.len() + piece.len() > limit {
            let problem = format!("a body of more than {limit} bytes");
            return Err(Error::BadAnswer { registry: endpoint.to_string(), problem });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// The next piece of a body, or an error when it rests too long.
pub(crate) async fn next_piece(endpoint: &Endpoint, response: &mut Response) -> Result<Option<Bytes>, Error> {
    match tokio::time::timeout(endpoint.pace().of(REST), response.chunk()).await {
        Ok(piece) => piece.map_err(|source| unreachable(endpoint, source)),
        Err(_) => Err(Error::Stalled { registry: endpoint.to_string(), after: REST, writes: false }),
    }
}

/// A broken connection, or a redirect that is not followed, as our error. The URL is left out: it may be a signed one.
pub(crate) fn unreachable(endpoint: &Endpoint, source: reqwest::Error) -> Error {
    if source.is_redirect() {
        let problem = std::error::Error::source(&source).map_or_else(String::new, ToString::to_string);
        return Error::BadAnswer { registry: endpoint.to_string(), problem };
    }
    Error::Unreachable { registry: endpoint.to_string(), source: source.without_url() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_specifications_form_and_anything_else() {
        let spec = problem(br#"{"errors":[{"code":"DENIED","message":"no","detail":{}}]}"#);
        assert_eq!((spec.code.as_str(), spec.message.as_str()), ("DENIED", "no"));
        let text = problem(b"upstream gone\nmore");
        assert_eq!((text.code.as_str(), text.message.as_str()), ("", "upstream gone"));
        assert_eq!(problem(b"<html><body>x</body></html>").message, "");
        assert_eq!(problem(b"").message, "");
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let wait = |text| wait_until(text, now);
        assert_eq!(wait("120"), Some(Duration::from_mins(2)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sunday, 06-Nov-94 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        for garbage in ["", "soon", "-1", "1.5", "99999999999999999999999", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(wait(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn hostile_bodies_stay_short_and_codes_stay_words() {
        let long = format!(r#"{{"errors":[{{"code":"X`\n::error::","message":"{}"}}]}}"#, "m".repeat(9000));
        let problem = problem(long.as_bytes());
        assert_eq!(problem.code, "Xerror");
        assert_eq!(problem.message.len(), LONGEST_MESSAGE);
    }
}
