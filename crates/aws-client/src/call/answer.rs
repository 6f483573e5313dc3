//! What a service answered: JSON, or an error with a code.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::request_id::apply_request_id;
use serde_json::Value;

use super::query::read_xml;
use super::xml::{Element, legible};

/// What an answer is read as.
pub(super) trait Answer: fmt::Debug + Send + Sync + Sized + 'static {
    /// How many bytes of it are read at most.
    const LARGEST: usize;

    /// Reads an answer that is no refusal.
    fn parse(response: &HttpResponse, body: &[u8]) -> Result<Self, String>;
}

/// An empty body is `Null`; XML is told as JSON.
impl Answer for Value {
    /// Four times what any of these services answers at most (`GetLogEvents`: 1 MB of events, each with its own JSON).
    const LARGEST: usize = 4 * 1024 * 1024;

    fn parse(response: &HttpResponse, body: &[u8]) -> Result<Self, String> {
        if body.is_empty() {
            return Ok(Self::Null);
        }
        if is_xml(response) {
            return read_xml(body).map_err(|error| format!("the answer is not XML: {error}"));
        }
        serde_json::from_slice(body).map_err(|error| format!("the answer is not JSON: {error}"))
    }
}

impl Answer for Element {
    /// `CloudFront` repeats the 3,000 paths of an invalidation, each of at most 4,000 characters.
    const LARGEST: usize = 16 * 1024 * 1024;

    fn parse(_: &HttpResponse, body: &[u8]) -> Result<Self, String> {
        Self::parse(body).map_err(|error| format!("the answer is not XML: {error}"))
    }
}

/// An answer as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The `ETag` header; empty text where there is none.
    pub etag: String,
    /// The body.
    pub body: String,
}

impl Answer for Text {
    const LARGEST: usize = <Element as Answer>::LARGEST;

    fn parse(response: &HttpResponse, body: &[u8]) -> Result<Self, String> {
        let body = std::str::from_utf8(body).map_err(|error| format!("the answer is not UTF-8: {error}"))?.to_owned();
        Ok(Self { etag: response.headers().get("etag").unwrap_or_default().to_owned(), body })
    }
}

/// A service's refusal.
#[derive(Debug)]
pub struct Fault(ErrorMetadata);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl ProvideErrorMetadata for Fault {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Reads an answer.
pub(super) fn read<T: Answer>(response: &HttpResponse) -> Result<T, OrchestratorError<Fault>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(fault(response, body)));
    }
    T::parse(response, body).map_err(OrchestratorError::other)
}

fn is_xml(response: &HttpResponse) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    ["text/xml", "application/xml"].iter().any(|xml| kind.starts_with(xml))
}

/// The code stands in a header or in the body, with a namespace before it or an address behind it
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>).
pub(crate) fn fault(response: &HttpResponse, body: &[u8]) -> Fault {
    let body: Value = if is_xml(response) || body.starts_with(b"<") {
        // It may repeat what the request named, which is not always what XML can carry.
        read_xml(body).or_else(|_| read_xml(legible(body).as_bytes())).map(inner_error).unwrap_or_default()
    } else {
        serde_json::from_slice(body).unwrap_or_default()
    };
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(*name)?.as_str());
    let header = response.headers().get("x-amzn-errortype");
    let mut builder = ErrorMetadata::builder();
    if let Some(code) = header.or_else(|| text(&["__type", "code", "Code"])).map(bare).filter(|code| !code.is_empty()) {
        builder = builder.code(code);
    }
    if let Some(message) = text(&["message", "Message", "errorMessage"]) {
        builder = builder.message(message);
    }
    Fault(apply_request_id(builder, response.headers()).build())
}

/// An answer in XML is the error, or holds it.
fn inner_error(mut body: Value) -> Value {
    match body.get_mut("Error") {
        Some(error) => error.take(),
        None => body,
    }
}

/// `aws.protocoltests#FooError:http://...` is `FooError`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn codes_lose_their_namespace_and_their_address() {
        for code in ["FooError", "aws.x#FooError", "FooError:http://a.b/", "aws.x#FooError:http://a.b/#c"] {
            assert_eq!(bare(code), "FooError", "{code}");
        }
    }
}
