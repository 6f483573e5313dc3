//! What a call of ECR can end with.

use aws_client::ApiError;

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
