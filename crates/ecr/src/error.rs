//! What a call of ECR can end with.

use aws_client::{ApiError, ApiErrorKind};

use crate::public;

/// A failed call; the actions have it under codes of their own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// ECR refused, or cannot be reached.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The answer lacks what ECR always sends: mostly `AWS_ENDPOINT_URL` points at an emulator or a proxy.
    #[error("`{service}:{operation}` answered without {missing}")]
    Incomplete {
        /// The IAM prefix of the service: `ecr`.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// What is missing.
        missing: &'static str,
    },
}

/// What a registry of ECR denied, as the same error as a denied call: `operation` is the one that ECR checks for the request, `arn` the
/// repository's. Any other error is given back, and what the public registry refuses to let read: IAM knows no action for that.
pub fn denied(error: oci_registry::Error, operation: &str, arn: &str) -> Result<ApiError, oci_registry::Error> {
    let service = arn.split(':').nth(2).unwrap_or_default();
    if service == public::SERVICE && public::READS.contains(&operation) {
        return Err(error);
    }
    let oci_registry::Error::Denied { message, .. } = error else { return Err(error) };
    Ok(ApiError {
        service: service.to_owned(),
        operation: operation.to_owned(),
        code: Some("DENIED".to_owned()),
        message,
        resource: Some(arn.to_owned()),
        kind: ApiErrorKind::AccessDenied,
        request_id: None,
    })
}
