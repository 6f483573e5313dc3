//! One small signed call to a service, for callers that need an operation or two and no SDK crate of it.
//!
//! A call has everything that the SDK's have: the same credentials and connections, retries with growing pauses, time-outs, the
//! user agent, the endpoint that `AWS_ENDPOINT_URL` or `AWS_ENDPOINT_URL_SERVICE` names, and errors that map to [`ApiError`]. It knows
//! no service's types: bodies and answers are JSON as the service documents them, of the query protocol made JSON, or XML.

mod answer;
mod endpoint;
mod limit;
mod operation;
mod query;
pub(crate) mod service;
pub mod xml;

use aws_smithy_types::retry::RetryConfig;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

pub(crate) use answer::fault;
pub use answer::{Fault, Text};
pub(crate) use endpoint::{bucket_address, replaced};
pub use query::QueryService;
pub use service::{
    CLOUDFORMATION, CLOUDFRONT, CODEDEPLOY, ECR, ECR_PUBLIC, ECS, ELASTIC_LOAD_BALANCING, EVENTS, IAM, LOGS, SCHEDULER,
    SECRETS_MANAGER, SSM,
};

use crate::connect::Aws;
use crate::error::{ApiError, ApiErrorKind};
use operation::{Unsent, send};
use xml::Element;

/// What stays as it is in a path or a query (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A service, whatever it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Its name in IAM, and in signatures: `logs`.
    pub name: &'static str,
    /// Its id, for `AWS_ENDPOINT_URL_ID`: `CloudWatch Logs`.
    pub id: &'static str,
    /// The first part of its host: `logs`.
    pub host: Host,
}

/// The first part of a service's host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// `NAME`, and `NAME-fips`.
    Regular(&'static str),
    /// As [`Host::Regular`], but in us-gov regions the usual endpoint is the FIPS one too.
    FipsInGov(&'static str),
    /// `api.ecr`, and `ecr` where something special is asked for.
    Ecr,
    /// `api.ecr-public`, and `ecr-public` over IPv6.
    EcrPublic,
    /// One for all regions of a partition.
    Iam,
    /// One for all regions of a partition, and others than IAM's.
    CloudFront,
}

/// A service that takes `POST /` with the operation in `X-Amz-Target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonService {
    /// The service.
    pub service: Service,
    /// What stands before the operation: `Logs_20140328`.
    pub target_prefix: &'static str,
    /// The version of AWS JSON: `1.1`.
    pub version: &'static str,
}

/// A service whose operations are paths and methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestService {
    /// The service.
    pub service: Service,
}

/// A service whose operations are paths and methods, and whose bodies and answers are XML
/// (<https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestXmlService {
    /// The service.
    pub service: Service,
}

/// One call to a [`RestService`] or a [`RestXmlService`].
#[derive(Debug, Clone, Copy)]
pub struct Rest<'a> {
    /// The operation's name, for messages: `GetSchedule`.
    pub operation: &'a str,
    /// The method.
    pub method: &'a str,
    /// The parts of the path; they are encoded here.
    pub path: &'a [&'a str],
    /// The query; it is encoded here.
    pub query: &'a [(&'a str, &'a str)],
}

impl JsonService {
    /// Calls an operation.
    pub async fn call(&self, aws: &Aws, operation: &str, body: &Value) -> Result<Value, ApiError> {
        send(aws.config(), &self.service, operation, self.request(operation, body)).await
    }

    /// Calls an operation that must not be made twice: an answer that is lost is not waited for again.
    pub async fn call_once(&self, aws: &Aws, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let once = aws.config().to_builder().retry_config(RetryConfig::disabled()).build();
        send(&once, &self.service, operation, self.request(operation, body)).await
    }

    fn request(&self, operation: &str, body: &Value) -> Unsent {
        let headers = vec![
            ("content-type", format!("application/x-amz-json-{}", self.version)),
            ("x-amz-target", format!("{}.{operation}", self.target_prefix)),
        ];
        Unsent { method: "POST".to_owned(), path: "/".to_owned(), headers, body: body.to_string() }
    }
}

impl RestService {
    /// Calls an operation; `Null` sends no body.
    pub async fn call(&self, aws: &Aws, rest: &Rest<'_>, body: &Value) -> Result<Value, ApiError> {
        send(aws.config(), &self.service, rest.operation, rest.request(json(body))).await
    }
}

impl RestXmlService {
    /// Calls an operation with a body that is sent as it is; an empty one is none. `read` takes what the caller needs from
    /// the answer's root element, and says what is missing there: an answer that is not as the service documents it is an
    /// error of the call.
    pub async fn call<T>(
        &self,
        aws: &Aws,
        rest: &Rest<'_>,
        body: String,
        read: impl FnOnce(&Element) -> Result<T, xml::Odd>,
    ) -> Result<T, ApiError> {
        let answer: Element = send(aws.config(), &self.service, rest.operation, rest.request(xml_body(body))).await?;
        read(&answer).map_err(|odd| ApiError {
            service: self.service.name.to_owned(),
            operation: rest.operation.to_owned(),
            code: None,
            message: odd.to_string(),
            resource: None,
            kind: ApiErrorKind::Service,
            request_id: None,
        })
    }

    /// Calls an operation whose answer is taken as it is written, for callers that send it back: what they do not know stays in it.
    /// `if_match` is the `ETag` of what is to be replaced.
    pub async fn call_text(
        &self,
        aws: &Aws,
        rest: &Rest<'_>,
        if_match: Option<&str>,
        body: String,
    ) -> Result<Text, ApiError> {
        let mut request = rest.request(xml_body(body));
        request.headers.extend(if_match.map(|etag| ("if-match", etag.to_owned())));
        send(aws.config(), &self.service, rest.operation, request).await
    }
}

/// A body with its type; an empty one is none.
fn xml_body(body: String) -> Option<(&'static str, String)> {
    (!body.is_empty()).then_some(("application/xml", body))
}

/// A body with its type; `Null` is none.
fn json(body: &Value) -> Option<(&'static str, String)> {
    (!body.is_null()).then(|| ("application/json", body.to_string()))
}

impl Rest<'_> {
    fn request(&self, body: Option<(&'static str, String)>) -> Unsent {
        let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let path = self.path.iter().fold(String::new(), |path, part| path + "/" + &encoded(part));
        let query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let path = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let headers = body.iter().map(|(kind, _)| ("content-type", (*kind).to_owned())).collect();
        let body = body.map(|(_, body)| body).unwrap_or_default();
        Unsent { method: self.method.to_owned(), path, headers, body }
    }
}

#[cfg(test)]
mod tests;
