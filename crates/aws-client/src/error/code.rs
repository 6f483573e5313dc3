//! What the error codes of AWS's services mean.

use crate::error::ApiErrorKind;

/// The kind behind a service code (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html> and the
/// services' own lists); the status decides where the code says nothing.
pub(super) fn of_code(code: &str, status: Option<u16>) -> ApiErrorKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "Forbidden"
        | "AllAccessDisabled" => ApiErrorKind::AccessDenied,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => ApiErrorKind::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "AuthFailure"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidToken" => ApiErrorKind::BadCredentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "ProvisionedThroughputExceededException" => ApiErrorKind::Throttled,
        "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted" => ApiErrorKind::Conflict,
        _ if code.contains("NotFound") || code.starts_with("NoSuch") => ApiErrorKind::NotFound,
        _ if code.contains("AlreadyExists") || code.contains("Conflict") => ApiErrorKind::Conflict,
        _ if code.starts_with("Invalid") || code.starts_with("Malformed") || code.contains("Validation") => {
            ApiErrorKind::Invalid
        }
        _ => match status {
            Some(401 | 403) => ApiErrorKind::AccessDenied,
            Some(404) => ApiErrorKind::NotFound,
            Some(409 | 412) => ApiErrorKind::Conflict,
            Some(429) => ApiErrorKind::Throttled,
            _ => ApiErrorKind::Service,
        },
    }
}
