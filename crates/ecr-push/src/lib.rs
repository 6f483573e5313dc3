//! ecr-push.
