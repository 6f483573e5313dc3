//! Answers that say they are a success and are none of S3's: a proxy or a portal between us and S3 gave them.

use aws_client::{ApiError, ApiErrorKind};

use crate::error::Error;

/// What an answer lacks that names no `ETag`. S3 names that of every object it has stored
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
pub(super) const NO_ETAG: &str = "the answer names no ETag";

/// The error for an odd answer to `operation` on `key`: what it was to do may not have happened.
pub(super) fn odd(operation: &str, key: &str, message: impl Into<String>) -> Error {
    Error::Aws(ApiError {
        service: "s3".to_owned(),
        operation: operation.to_owned(),
        code: None,
        message: message.into(),
        resource: Some(key.to_owned()),
        kind: ApiErrorKind::Service,
        request_id: None,
    })
}
