//! aws-client.
