//! What an AWS call answered, mapped by its service code to what a person can do about it.

mod code;
mod permission;

use std::error::Error as StdError;

use actions_core::{ActionError, ExitCode};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;

/// What kind of failure a call ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// The caller may not do this. Exit code 1.
    ///
    /// No policy of the role allows the IAM action on this resource, or a policy of the resource, a permission boundary
    /// or the organization denies it.
    ///
    /// Paste the policy statement that is printed into the role's policy. `--print-iam-policy` prints everything that
    /// the action needs for its inputs.
    AccessDenied,
    /// The named thing is not there. Exit code 1.
    ///
    /// AWS has nothing of this name in this region of this account: it was not created yet, was deleted, or belongs to
    /// another account.
    ///
    /// Check its name, `aws-region` and the account of the credentials.
    NotFound,
    /// Too many requests, after all retries. Exit code 1.
    ///
    /// All callers of the account share AWS's limits, and something else uses them up at this moment.
    ///
    /// Run the step again later; re-running is safe. Let fewer jobs deploy at the same time.
    Throttled,
    /// The credentials have expired. Exit code 2.
    ///
    /// The session of the role or of the login ended before the step did.
    ///
    /// Log in again, or give the role a longer `role-duration` (and a longer maximum session in IAM); re-running is
    /// safe.
    Expired,
    /// The credentials are missing or not valid. Exit code 2.
    ///
    /// A key was deleted or mistyped, a session token is missing, or the clock of the machine is wrong by more than
    /// five minutes.
    ///
    /// Set `role-to-assume` and `permissions: id-token: write`, or log in again; check the clock of the machine.
    BadCredentials,
    /// The world is not as the call expected: a lost race, or a thing that exists. Exit code 1.
    ///
    /// Someone else changes the same thing at the same time.
    ///
    /// Give the workflows that change it one `concurrency:` group, and run the step again.
    Conflict,
    /// The service refused the request's content. Exit code 1.
    ///
    /// A value is not one that AWS takes; AWS's own words are printed under `why`.
    ///
    /// Correct the input that AWS names there.
    Invalid,
    /// No connection to the endpoint. Exit code 1.
    ///
    /// The network, a proxy or a firewall is in the way, or the region or `AWS_ENDPOINT_URL` names a host that is not
    /// there.
    ///
    /// Check `aws-region`, `AWS_ENDPOINT_URL`, the proxy (`HTTPS_PROXY`) and the network of the runner.
    Unreachable,
    /// AWS did not answer in time. Exit code 4 when the call was to change something, so that the state is not known;
    /// else 1.
    ///
    /// The network is slow or lossy, or the service has trouble.
    ///
    /// Run the step again; re-running is safe. See the AWS Health Dashboard if it stays.
    TimedOut,
    /// The service answered with another error, after all retries. Exit code 1.
    ///
    /// AWS failed on its side, or answered with a code that has no kind of its own; code, words and request id are
    /// printed under `why`.
    ///
    /// Run the step again. If it stays, the request id helps AWS's support.
    Service,
}

/// A failed AWS call. Exit code 1; 2 when the credentials are to blame; 4 when a change got no answer in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what())]
pub struct ApiError {
    /// The IAM prefix of the service: `ecs`, `s3`.
    pub service: String,
    /// The API operation: `DescribeServices`.
    pub operation: String,
    /// The service's error code, when it answered.
    pub code: Option<String>,
    /// The service's message, or what the connection died of.
    pub message: String,
    /// The ARN or the name of what the call was about.
    pub resource: Option<String>,
    /// The kind of failure.
    pub kind: ApiErrorKind,
    /// The service's id of the request.
    pub request_id: Option<String>,
}

/// Maps the SDK's error of one call.
///
/// `resource` is the ARN (or name) of what the call was about; it goes into the policy statement to paste.
pub fn api_error<E>(
    service: &str,
    operation: &str,
    resource: impl Into<Option<String>>,
    error: &SdkError<E, HttpResponse>,
) -> ApiError
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let code = error.as_service_error().and_then(|inner| inner.code()).map(str::to_owned);
    let status = error.raw_response().map(|response| response.status().as_u16());
    let page = error.raw_response().is_some_and(|answer| is_html(answer.headers().get("content-type")));
    let message = match error.as_service_error() {
        _ if page => format!("HTTP status {}{HTML}", status.unwrap_or_default()),
        Some(inner) => inner.message().map_or_else(|| no_message(status), str::to_owned),
        None => causes(error),
    };
    // No service of AWS writes pages: below 500 something else has answered in its place.
    let kind = match status {
        Some(..500) if page => ApiErrorKind::Unreachable,
        _ => kind(error, code.as_deref(), status),
    };
    ApiError {
        service: service.to_owned(),
        operation: operation.to_owned(),
        kind,
        code,
        message,
        resource: resource.into(),
        request_id: error.as_service_error().and_then(|inner| inner.meta().request_id()).map(str::to_owned),
    }
}

/// What is said of an answer that is a page for people.
pub(crate) const HTML: &str = ", but an HTML page: likely the login page or the refusal of a proxy";

/// Whether a content type is that of a page for people.
pub(crate) fn is_html(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// An error and its causes, each once. The SDK's own display of both ends in a dump of the whole answer, which may hold
/// credentials.
pub(crate) fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.downcast_ref::<ApiError>().and_then(ActionError::why).unwrap_or_else(|| cause.to_string());
        if !texts.contains(&text) {
            texts.push(text);
        }
        next = cause.source();
    }
    texts.join(": ")
}

fn no_message(status: Option<u16>) -> String {
    status.map_or_else(|| "no message".to_owned(), |status| format!("HTTP status {status} without a message"))
}

fn kind<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>, status: Option<u16>) -> ApiErrorKind
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error {
        SdkError::TimeoutError(_) => ApiErrorKind::TimedOut,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => ApiErrorKind::TimedOut,
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) if has_credentials_error(error) => {
            ApiErrorKind::BadCredentials
        }
        SdkError::DispatchFailure(_) => ApiErrorKind::Unreachable,
        _ => code::of_code(code.unwrap_or_default(), status),
    }
}

fn has_credentials_error(error: &(dyn StdError + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(cause) = source {
        if cause.is::<CredentialsError>() {
            return true;
        }
        source = cause.source();
    }
    false
}

impl ApiError {
    /// Whether the call changes nothing, as far as its name says.
    fn only_reads(&self) -> bool {
        ["Describe", "List", "Get", "Head", "BatchGet", "BatchCheck", "Assume"]
            .iter()
            .any(|verb| self.operation.starts_with(verb))
    }

    fn what(&self) -> String {
        let of = self.resource.as_ref().map(|resource| format!(" on `{resource}`")).unwrap_or_default();
        let call = format!("{}:{}", self.service, self.operation);
        match self.kind {
            ApiErrorKind::AccessDenied => format!("access denied: `{}`{of} is not allowed", self.iam_action()),
            ApiErrorKind::NotFound => format!("`{call}`{of}: not found"),
            ApiErrorKind::Throttled => format!("`{call}`{of} was throttled by AWS, after all retries"),
            ApiErrorKind::Expired => "the AWS credentials have expired".to_owned(),
            ApiErrorKind::BadCredentials => "AWS does not accept the credentials".to_owned(),
            ApiErrorKind::Conflict => format!("`{call}`{of} met a conflict"),
            ApiErrorKind::Invalid => format!("`{call}`{of} was refused as invalid"),
            ApiErrorKind::Unreachable => format!("`{call}`{of}: AWS cannot be reached"),
            ApiErrorKind::TimedOut => format!("`{call}`{of} got no answer in time"),
            ApiErrorKind::Service => format!("`{call}`{of} failed"),
        }
    }

    fn code_name(&self) -> &'static str {
        match self.kind {
            ApiErrorKind::AccessDenied => "aws/access-denied",
            ApiErrorKind::NotFound => "aws/not-found",
            ApiErrorKind::Throttled => "aws/throttled",
            ApiErrorKind::Expired => "aws/credentials-expired",
            ApiErrorKind::BadCredentials => "aws/bad-credentials",
            ApiErrorKind::Conflict => "aws/conflict",
            ApiErrorKind::Invalid => "aws/invalid-request",
            ApiErrorKind::Unreachable => "aws/unreachable",
            ApiErrorKind::TimedOut => "aws/timed-out",
            ApiErrorKind::Service => "aws/service-error",
        }
    }

    fn advice(&self) -> String {
        match self.kind {
            ApiErrorKind::AccessDenied => {
                format!("add this statement to the role's policy:\n{}", self.policy_statement())
            }
            ApiErrorKind::NotFound => "check its name, `aws-region` and the account of the credentials".to_owned(),
            ApiErrorKind::Throttled => "run the step again later; re-running is safe".to_owned(),
            ApiErrorKind::Expired => {
                "log in again, or give the role a longer `role-duration`; re-running is safe".to_owned()
            }
            ApiErrorKind::BadCredentials => {
                "set `role-to-assume` and `permissions: id-token: write`, or log in again; check the clock of this machine"
                    .to_owned()
            }
            ApiErrorKind::Conflict => "someone else is changing the same thing; run the step again".to_owned(),
            ApiErrorKind::Invalid => "correct what the message above names".to_owned(),
            ApiErrorKind::Unreachable => {
                "check `aws-region`, AWS_ENDPOINT_URL, the proxy (HTTPS_PROXY) and the network".to_owned()
            }
            ApiErrorKind::TimedOut => "run the step again; re-running is safe".to_owned(),
            ApiErrorKind::Service => "run the step again; if it stays, the request id helps AWS's support".to_owned(),
        }
    }
}

impl miette::Diagnostic for ApiError {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code_name()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.advice()))
    }
}

impl ActionError for ApiError {
    fn exit_code(&self) -> ExitCode {
        match self.kind {
            ApiErrorKind::Expired | ApiErrorKind::BadCredentials => ExitCode::BadInput,
            ApiErrorKind::TimedOut if !self.only_reads() => ExitCode::TimedOut,
            ApiErrorKind::AccessDenied
            | ApiErrorKind::NotFound
            | ApiErrorKind::Throttled
            | ApiErrorKind::Conflict
            | ApiErrorKind::Invalid
            | ApiErrorKind::Unreachable
            | ApiErrorKind::TimedOut
            | ApiErrorKind::Service => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        let code = self.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
        let id = self.request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default();
        Some(format!("{}:{} answered {code}{}{id}", self.service, self.operation, self.message))
    }
}

#[cfg(test)]
mod tests;
